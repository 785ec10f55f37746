//! The steps of an application, done by the hand: for whom, cards, answers, materials, signature, submit, leave.

use super::hand::PATIENCE;
use super::{Golden, Hand};
use kiosk::session::Event;
use kiosk::view::{CardState, Choice, Control, Cover, Field, MaterialState, Page, Witness};
use serde_json::Value;
use std::time::Instant;

impl Hand {
    pub fn open(&mut self, item_id: &str) {
        self.until("content and a hall", |view| matches!(view.page, Page::Idle(_)) && !view.frame.offline);
        self.open_offline(item_id);
    }

    /// The same with the network down.
    pub fn open_offline(&mut self, item_id: &str) {
        self.until("the idle page", |view| matches!(view.page, Page::Idle(_)));
        self.touch("触摸屏幕开始");
        self.until_page("the first page", |page| matches!(page, Page::Home(_)).then_some(()));
        self.touch("办事申请");
        let row = self.until_page("the list", |page| match page {
            Page::Services(list) => list.rows.iter().find(|row| row.id == item_id).cloned(),
            _ => None,
        });
        self.touch(&row.title);
        self.until_page("给谁办", |page| matches!(page, Page::ForWhom(_)).then_some(()));
    }

    /// Answers "给谁办".
    pub fn for_whom(&mut self, id: &str) {
        let label = self.until_page("给谁办", |page| match page {
            Page::ForWhom(page) => page.choices.iter().find(|choice| choice.0 == id).map(|choice| choice.1.clone()),
            _ => None,
        });
        self.touch(&label);
        self.until("the page after 给谁办", |view| !matches!(view.page, Page::ForWhom(_)));
    }

    /// Lays cards down as they are asked for, until another page comes.
    pub fn cards(&mut self, golden: &Golden) {
        let roles = role_words();
        loop {
            let asked = self.until("a card page or what follows", |view| match &view.page {
                Page::Card(card) => !matches!(card.state, CardState::Reading),
                _ => true,
            });
            let Page::Card(page) = asked.page else { return };
            let role = roles.iter().find(|(_, words)| words.contains(&page.role)).map(|(role, _)| role.clone());
            match (&page.state, role) {
                (CardState::Read { .. }, _) => {
                    self.world.knobs().reader.lift();
                    self.touch("下一步");
                    let before = page.role.clone();
                    self.until("the next card or page", |view| match &view.page {
                        Page::Card(card) => card.role != before,
                        _ => true,
                    });
                }
                (_, Some(role)) if role == "staff" => self.staff_card(),
                (_, Some(role)) => self.lay_or_do_without(golden, &role),
                (state, None) => panic!("whose card is asked for? {:?} {state:?}", page.role),
            }
        }
    }

    fn lay_or_do_without(&mut self, golden: &Golden, role: &str) {
        match golden.card(role) {
            Some(demo_id) => {
                assert!(self.world.knobs().insert(demo_id));
                self.until("the card to be read", |view| match &view.page {
                    Page::Card(card) => matches!(card.state, CardState::Read { .. } | CardState::WrongCard(_)),
                    _ => true,
                });
            }
            None => {
                self.touch("他（她）没有来，或没有带证");
                self.until(
                    "the page after",
                    |view| !matches!(&view.page, Page::Card(card) if role_is(&card.role, role)),
                );
            }
        }
    }

    /// A member of staff uses the staff card.
    pub fn staff_card(&mut self) {
        let before = self.view();
        self.world.with_terminal(|terminal| terminal.inlet().send(Event::StaffCard("S001".into())));
        self.until("the staff card to be taken", |view| view.page != before.page);
    }

    /// Answers all question pages.
    pub fn answer(&mut self, golden: &Golden) {
        loop {
            let view = self.until("a page", |_| true);
            let Page::Question(_) = view.page else { return };
            self.answer_page(golden);
            // As it stands now: a choice may have brought more fields up.
            let Page::Question(page) = self.view().page else { return };
            self.next();
            self.until("the next page", |view| match &view.page {
                Page::Question(now) => {
                    let wrong: Vec<&str> =
                        now.fields.iter().map(|f| f.error.as_str()).filter(|error| !error.is_empty()).collect();
                    assert!(wrong.is_empty() && now.errors.is_empty(), "{wrong:?} {:?}", now.errors);
                    keys(&now.fields) != keys(&page.fields)
                }
                _ => true,
            });
        }
    }

    /// Answers pages until the one with this field is there; the field's label.
    pub fn answer_until(&mut self, golden: &Golden, key: &str) -> String {
        loop {
            let Page::Question(page) = self.view().page else { panic!("no page asks for {key}") };
            if let Some(field) = page.fields.iter().find(|field| field.key == key) {
                return field.label.clone();
            }
            self.answer_page(golden);
            let Page::Question(answered) = self.view().page else { panic!("no question page") };
            self.next();
            self.until("the next page", |view| match &view.page {
                Page::Question(now) => keys(&now.fields) != keys(&answered.fields),
                _ => true,
            });
        }
    }

    /// Answers the fields of one question page.
    pub fn answer_page(&mut self, golden: &Golden) {
        let mut done: Vec<String> = Vec::new();
        loop {
            let view = self.view();
            let Page::Question(page) = view.page else { panic!("no question page") };
            let Some(field) = page.fields.into_iter().find(|field| !done.contains(&field.key)) else { return };
            self.answer_field(&field, golden);
            done.push(field.key);
        }
    }

    fn answer_field(&mut self, field: &Field, golden: &Golden) {
        let value = golden.answer(&field.key);
        match &field.control {
            Control::Fact { .. } | Control::RowHead { .. } => {}
            Control::Line { .. } | Control::Paragraph { .. } => {
                let Some(text) = value.as_str().filter(|text| !text.is_empty()) else { return };
                let label = self.label_of(field);
                self.write(&label, text);
                self.until_field(field, |control| match control {
                    Control::Line { text: now, .. } | Control::Paragraph { text: now, .. } => now == text,
                    _ => false,
                });
            }
            Control::Buttons { choices, many } | Control::List { choices, many } => {
                let list = matches!(field.control, Control::List { .. });
                let wanted: Vec<Value> = value.as_array().cloned().unwrap_or_else(|| vec![value]);
                let wanted: Vec<&str> = wanted.iter().filter_map(Value::as_str).collect();
                for one in wanted {
                    let choice = choices.iter().find(|choice| choice.value == one);
                    let choice = choice.unwrap_or_else(|| panic!("{} has no choice {one:?}", field.key));
                    if choice.selected {
                        continue;
                    }
                    if list {
                        self.pick(field, choice, *many);
                    } else {
                        self.touch_choice(field, &choice.label);
                    }
                    let value = choice.value.clone();
                    self.until_field(field, |control| match control {
                        Control::Buttons { choices, .. } | Control::List { choices, .. } => {
                            choices.iter().any(|choice| choice.value == value && choice.selected)
                        }
                        _ => false,
                    });
                }
            }
            Control::Tick { on } => {
                if value == Value::Bool(true) && !on {
                    let label = self.label_of(field);
                    self.touch(&label);
                    self.until_field(field, |control| matches!(control, Control::Tick { on: true }));
                }
            }
            Control::AddRow { .. } => {
                for count in 1..=value.as_array().map_or(0, Vec::len) {
                    self.touch(&field.label);
                    let head = format!("{}.{}", field.key, count - 1);
                    self.until(
                        "the new row",
                        |view| matches!(&view.page, Page::Question(page) if page.fields.iter().any(|f| f.key == head)),
                    );
                }
            }
        }
    }

    /// Opens a list and takes a choice; a long list is gone through section by section.
    fn pick(&mut self, field: &Field, choice: &Choice, many: bool) {
        let label = self.label_of(field);
        self.touch(&label);
        let _ = self.own.turn();
        for section in choice.section.split('/').filter(|section| !section.is_empty()) {
            let is_near = self.find(&choice.label).is_some();
            if !is_near && (self.find(section).is_some() || self.scroll(|hand| hand.find(section)).is_some()) {
                self.touch(section);
                let _ = self.own.turn();
            }
        }
        self.touch(&choice.label);
        if many {
            self.touch("选好了");
        }
    }

    fn touch_choice(&mut self, field: &Field, choice: &str) {
        let _ = self.own.turn();
        let names = [format!("{} {choice}", field.label), format!("{} {choice}", self.label_of(field))];
        let here = |hand: &Self, name: &str| hand.find(name);
        let near = names.iter().map(String::as_str).chain([choice]).find(|name| here(self, name).is_some());
        let far = || names.iter().map(String::as_str).find(|name| self.scroll(|hand| here(hand, name)).is_some());
        let label = near.or_else(far).unwrap_or(choice).to_owned();
        self.touch(&label);
    }

    /// A line's name; in a repeat group the row's head stands before it.
    fn label_of(&mut self, field: &Field) -> String {
        let _ = self.own.turn();
        if self.find(&field.label).is_some() {
            return field.label.clone();
        }
        let row = field.key.split('.').nth(1).and_then(|row| row.parse::<usize>().ok());
        row.map_or_else(|| field.label.clone(), |row| format!("第 {} 名 {}", row + 1, field.label))
    }

    /// Sets a date on its wheels: opens them and turns each until it stands right.
    pub fn set_on_wheels(&mut self, name: &str, wanted: &str) {
        self.touch(&format!("拨着选{name}"));
        for (unit, part) in ["年", "月", "日"].into_iter().zip(wanted.split('-')) {
            let wanted: i32 = part.parse().unwrap();
            let label = format!("{name} {unit}");
            let stands = |hand: &mut Self| hand.element(&label).accessible_value().unwrap().parse::<i32>().unwrap();
            while stands(self) != wanted {
                let up = stands(self) < wanted;
                let wheel = self.element(&label);
                if up {
                    wheel.invoke_accessible_increment_action()
                } else {
                    wheel.invoke_accessible_decrement_action()
                }
                let _ = self.own.turn();
            }
        }
        self.touch(&format!("收起{name}的滚轮"));
    }

    fn until_field(&mut self, field: &Field, mut wanted: impl FnMut(&Control) -> bool) {
        self.until(&format!("{} to be answered", field.key), |view| match &view.page {
            Page::Question(page) => page.fields.iter().any(|now| now.key == field.key && wanted(&now.control)),
            _ => true,
        });
    }

    /// The page's primary action.
    pub fn next(&mut self) {
        // There is none as long as the slip is printed.
        let label = self.one_of(&["下一步", "下一步：签名", "提交申请", "完成", "回到首页"]);
        self.touch(label);
    }

    /// Takes the pages of the materials.
    pub fn materials(&mut self, golden: &Golden) {
        let view = self.view();
        let Page::Materials(page) = view.page else { return };
        for row in &page.rows {
            let wanted = golden.materials.iter().find(|captured| captured.order_num == row.order_num);
            if wanted.is_none() && row.can_defer {
                self.touch(&format!("没带，以后补交 · {}", row.name));
                self.until("the request to hand it in later", |view| {
                    matches!(&view.page, Page::Materials(now) if now.rows.iter().any(|now| {
                        now.order_num == row.order_num && now.state == MaterialState::Deferred
                    }))
                });
            }
            // What this form itself becomes is not captured.
            let wanted = wanted.filter(|_| row.can_capture);
            for count in 1..=wanted.map_or(0, |captured| captured.pages) {
                self.touch_material(&row.name);
                self.until("the page", |view| match &view.page {
                    Page::Materials(now) => now.rows.iter().any(|now| {
                        now.order_num == row.order_num
                            && now.pages.len() == count
                            && now.state == MaterialState::Captured
                    }),
                    _ => false,
                });
            }
        }
        self.next();
        self.until("the page after the materials", |view| !matches!(view.page, Page::Materials(_)));
    }

    fn touch_material(&mut self, name: &str) {
        let end = Instant::now() + PATIENCE;
        let tail = format!(" · {name}");
        let captures = |label: &String| {
            label.ends_with(&tail) && (label.starts_with("放上材料，拍下来") || label.starts_with("再拍一页"))
        };
        let find = |hand: &Self| hand.labels().into_iter().find(captures);
        let label = loop {
            let _ = self.own.turn();
            if let Some(label) = find(self).or_else(|| self.scroll(find)) {
                break label;
            }
            assert!(Instant::now() < end, "no way to capture {name}, only {:#?}", self.labels());
        };
        self.touch(&label);
    }

    /// Reviews, agrees, signs and submits; waits for the outcome.
    pub fn submit(&mut self, golden: &Golden) -> kiosk::view::Outcome {
        self.until("the review", |view| matches!(view.page, Page::Review(_)));
        self.touch("我已看过，以上内容属实，同意提交");
        self.until("the agreement", |view| matches!(&view.page, Page::Review(review) if review.agreed));
        self.next();
        let page = self.until("the signature or what follows", |view| !matches!(view.page, Page::Review(_))).page;
        if matches!(page, Page::Sign(_)) {
            match golden.sign.as_deref() {
                Some("card_and_witness") => self.sign_with_witness(golden),
                _ => {
                    self.sign();
                    self.next();
                }
            }
        }
        self.until_page("the outcome", |page| match page {
            Page::Outcome(outcome) => Some(outcome.clone()),
            _ => None,
        })
    }

    fn sign_with_witness(&mut self, golden: &Golden) {
        self.touch("不便签名");
        self.until(
            "the card once more",
            |view| matches!(&view.page, Page::Sign(sign) if sign.witness == Some(Witness::ApplicantCard)),
        );
        let acting = if golden.for_whom == "family" { "agent" } else { "applicant" };
        let demo_id = golden.card(acting).or_else(|| golden.cards.values().next().and_then(Value::as_str));
        assert!(self.world.knobs().insert(demo_id.expect("a card")));
        self.until(
            "the staff card to be awaited",
            |view| matches!(&view.page, Page::Sign(sign) if sign.witness == Some(Witness::StaffCard)),
        );
        self.world.knobs().reader.lift();
        self.staff_card();
    }

    /// Ends the session through the farewell.
    pub fn leave(&mut self) {
        let outcome = matches!(self.view().page, Page::Outcome(_));
        if outcome {
            self.next();
        } else {
            self.touch("退出");
            let view = self.until("the question or the end", |view| {
                view.cover.is_some() || matches!(view.page, Page::Farewell(_) | Page::Idle(_))
            });
            if view.cover == Some(Cover::LeaveAsked) {
                self.touch("退出并清除");
            }
        }
        self.until("the farewell or idle", |view| matches!(view.page, Page::Farewell(_) | Page::Idle(_)));
        self.world.knobs().reader.lift();
        if matches!(self.view().page, Page::Farewell(_)) {
            self.next();
        }
        self.until("the idle page", |view| matches!(view.page, Page::Idle(_)));
    }

    /// From idle up to the first page of questions.
    pub fn begin(&mut self, golden: &Golden) {
        self.open(&golden.item_id);
        self.for_whom(&golden.for_whom);
        self.cards(golden);
    }

    /// A whole application: everything from idle to the outcome.
    pub fn apply(&mut self, golden: &Golden) -> kiosk::view::Outcome {
        self.open(&golden.item_id);
        self.apply_from_for_whom(golden)
    }

    /// The same from the page "给谁办" on.
    pub fn apply_from_for_whom(&mut self, golden: &Golden) -> kiosk::view::Outcome {
        self.for_whom(&golden.for_whom);
        self.cards(golden);
        self.answer(golden);
        self.materials(golden);
        self.submit(golden)
    }
}

fn keys(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.key.as_str()).collect()
}

/// The roles' words on the card page.
fn role_words() -> Vec<(String, Vec<String>)> {
    let words = [
        ("agent", vec!["代办人"]),
        ("applicant", vec!["申请人", "委托人(给谁办)"]),
        ("spouse", vec!["配偶"]),
        ("w", vec!["女方"]),
        ("h", vec!["男方"]),
        ("legal", vec!["法定代表人(经营者)"]),
        ("operator", vec!["申报人"]),
        ("staff", vec!["工作人员"]),
    ];
    words.into_iter().map(|(role, words)| (role.to_owned(), words.into_iter().map(str::to_owned).collect())).collect()
}

fn role_is(words: &str, role: &str) -> bool {
    role_words().iter().any(|(known, all)| known == role && all.iter().any(|one| one == words))
}
