//! What the glass alone knows: the view that is drawn, the models behind its lists, the list of choices
//! that is open, and edits the session has not confirmed yet.

use super::fields::{self, Row, Setting};
use super::picker::Picker;
use super::{Edit, close_keyboard, is_next, lists, pages, same_place, typing, wheels};
use crate::view::{Control, Field, Language, Page, View};
use slint::{ComponentHandle, Model, ModelRc, SharedString, VecModel};
use std::collections::HashMap;
use std::rc::Rc;
use ui::{
    Act, App, CaseView, ChoiceView, Data, FieldKind, FieldView, FilterView, GuideLine, MaterialView, NoticeRow, Pair,
    ReviewRowView, ServiceView, TileView, Typing, WayView,
};

/// Key of the search line of the list of services.
pub const SEARCH: &str = "#search";

/// Models that stay the same objects as long as the screen lives.
#[derive(Default)]
pub struct Models {
    pub idle_notices: Rc<VecModel<NoticeRow>>,
    pub tiles: Rc<VecModel<TileView>>,
    pub filters: Rc<VecModel<FilterView>>,
    pub services: Rc<VecModel<ServiceView>>,
    pub likely: Rc<VecModel<ServiceView>>,
    pub guide_facts: Rc<VecModel<Pair>>,
    pub guide_lines: Rc<VecModel<GuideLine>>,
    pub for_whom: Rc<VecModel<WayView>>,
    pub fields: Rc<VecModel<FieldView>>,
    pub family_filters: Rc<VecModel<FilterView>>,
    pub materials: Rc<VecModel<MaterialView>>,
    pub review_rows: Rc<VecModel<ReviewRowView>>,
    pub outcome_next: Rc<VecModel<SharedString>>,
    pub erased: Rc<VecModel<SharedString>>,
    pub message_lines: Rc<VecModel<SharedString>>,
    pub notices: Rc<VecModel<NoticeRow>>,
    pub cases: Rc<VecModel<CaseView>>,
    pub picker_rows: Rc<VecModel<ChoiceView>>,
    pub paper: super::paper::Models,
}

/// See the module.
#[derive(Default)]
pub struct State {
    pub models: Models,
    /// Which family of chips is shown on the list of services; empty is none.
    pub open_family: String,
    last: Option<View>,
    rows: Vec<Row>,
    serial: i32,
    attention: i32,
    next_was_asked: bool,
    picker: Option<Picker>,
    // Texts sent to the session and not seen in a view yet, oldest first.
    unconfirmed: HashMap<String, Vec<String>>,
}

impl State {
    /// Hands the models to the screen.
    pub fn bind(&self, app: &App) {
        let (data, m) = (app.global::<Data>(), &self.models);
        data.set_idle_notices(ModelRc::from(m.idle_notices.clone()));
        data.set_tiles(ModelRc::from(m.tiles.clone()));
        data.set_filters(ModelRc::from(m.filters.clone()));
        data.set_services(ModelRc::from(m.services.clone()));
        data.set_likely(ModelRc::from(m.likely.clone()));
        data.set_guide_facts(ModelRc::from(m.guide_facts.clone()));
        data.set_guide_lines(ModelRc::from(m.guide_lines.clone()));
        data.set_for_whom(ModelRc::from(m.for_whom.clone()));
        data.set_fields(ModelRc::from(m.fields.clone()));
        data.set_family_filters(ModelRc::from(m.family_filters.clone()));
        data.set_materials(ModelRc::from(m.materials.clone()));
        data.set_review_rows(ModelRc::from(m.review_rows.clone()));
        data.set_outcome_next(ModelRc::from(m.outcome_next.clone()));
        data.set_erased(ModelRc::from(m.erased.clone()));
        data.set_message_lines(ModelRc::from(m.message_lines.clone()));
        data.set_notices(ModelRc::from(m.notices.clone()));
        data.set_cases(ModelRc::from(m.cases.clone()));
        data.set_picker_rows(ModelRc::from(m.picker_rows.clone()));
        m.paper.bind(app);
        data.set_steps(0);
    }

    /// Draws what differs from the view before.
    pub fn show(&mut self, app: &App, view: &View) {
        if self.last.as_ref() == Some(view) {
            return;
        }
        // The view before stays in place: it tells a late echo from a change by the session.
        let old = self.last.clone();
        let frame_before = old.as_ref().map(|v| &v.frame);
        if frame_before != Some(&view.frame) {
            self.frame(app, frame_before, view);
        }
        let arrived = old.as_ref().is_none_or(|old| !same_place(&old.page, &view.page));
        if arrived {
            self.picker = None;
            self.open_family.clear();
            self.unconfirmed.clear();
            self.models.fields.clear();
            self.rows.clear();
            app.global::<Data>().set_picker_open(false);
            close_keyboard(app);
            if let Some(old) = &old {
                self.forget(app, &old.page);
            }
        }
        let reset = frame_before.map(|f| (f.language, f.elder)) != Some((view.frame.language, view.frame.elder));
        if arrived || reset || old.as_ref().map(|v| &v.page) != Some(&view.page) {
            self.page(app, &view.page, view);
        }
        if old.as_ref().map(|v| &v.cover) != Some(&view.cover) {
            Self::cover(app, view.cover.as_ref());
        }
        if arrived {
            self.serial += 1;
            app.global::<Data>().set_serial(self.serial);
        }
        self.last = Some(view.clone());
        self.fill_picker(app);
    }

    /// Sets the rows of a question page, keeping what stays.
    pub fn set_fields(&mut self, app: &App, list: &[Field], setting: Setting) {
        let mut new = fields::rows(list, setting);
        for ((row, _), field) in new.iter_mut().zip(list) {
            if let Some(text) = self.local_text(field, setting) {
                row.text = text.into();
            }
        }
        let model = self.models.fields.clone();
        let old_keys: Vec<String> = self.rows.iter().map(|row| row.view.key.to_string()).collect();
        let old_keys: Vec<&str> = old_keys.iter().map(String::as_str).collect();
        let new_keys: Vec<String> = new.iter().map(|(row, _)| row.key.to_string()).collect();
        let new_keys: Vec<&str> = new_keys.iter().map(String::as_str).collect();
        for step in lists::by_key(&old_keys, &new_keys) {
            match step {
                lists::Step::Remove(place) => {
                    self.rows.remove(place);
                    model.remove(place);
                }
                lists::Step::Insert(place) => {
                    let (choices, wheels) = (Rc::new(VecModel::default()), Rc::new(VecModel::default()));
                    let view = FieldView { key: new_keys[place].into(), ..FieldView::default() };
                    self.rows.insert(place, Row { view: view.clone(), choices, wheels });
                    model.insert(place, view);
                }
            }
        }
        for (place, (mut row, choices)) in new.into_iter().enumerate() {
            let turned = fields::wheel_views(fields::keyboard(row.keyboard), &self.stored(&row), setting);
            let kept = &mut self.rows[place];
            lists::by_place(&kept.choices, choices);
            lists::by_place(&kept.wheels, turned);
            row.choices = ModelRc::from(kept.choices.clone());
            row.wheels = ModelRc::from(kept.wheels.clone());
            if kept.view != row {
                kept.view = row.clone();
                model.set_row_data(place, row);
            }
        }
        self.look_at_errors(app, list);
        let typing = app.global::<Typing>();
        let open = typing.get_key();
        if !open.is_empty() && !open.starts_with('#') && !list.iter().any(|f| f.key == open.as_str()) {
            close_keyboard(app);
        }
    }

    /// The first wrong field comes into view when 下一步 was refused.
    fn look_at_errors(&mut self, app: &App, list: &[Field]) {
        let wrong = list.iter().find(|field| !field.error.is_empty());
        if let (true, Some(field)) = (self.next_was_asked, wrong) {
            self.attention += 1;
            let data = app.global::<Data>();
            data.set_attention_key(field.key.as_str().into());
            data.set_attention(self.attention);
        }
        self.next_was_asked = false;
    }

    /// What was typed but is not confirmed yet stands above an older view.
    fn local_text(&mut self, field: &Field, setting: Setting) -> Option<String> {
        let (text, keyboard) = match &field.control {
            Control::Line { text, keyboard, .. } => (text, *keyboard),
            Control::Paragraph { text, .. } => (text, crate::view::Keyboard::Text),
            _ => return None,
        };
        let before = self.last_text(&field.key);
        self.newest(&field.key, text, before.as_deref()).map(|sent| typing::shown(keyboard, &sent, setting.english))
    }

    /// The newest text sent for a line, while a view still shows an older one of it.
    pub fn newest(&mut self, key: &str, shown: &str, before: Option<&str>) -> Option<String> {
        let waiting = self.unconfirmed.get_mut(key)?;
        match waiting.iter().position(|sent| sent == shown) {
            Some(place) => drop(waiting.drain(..=place)),
            // Neither an echo nor what stood there before: the session has set it.
            None if before != Some(shown) => waiting.clear(),
            None => {}
        }
        let newest = waiting.last().cloned();
        if newest.is_none() {
            self.unconfirmed.remove(key);
        }
        newest
    }

    /// The search text of the view before.
    pub fn last_query(&self) -> Option<String> {
        match &self.last {
            Some(View { page: Page::Services(services), .. }) => Some(services.query.clone()),
            _ => None,
        }
    }

    fn last_text(&self, key: &str) -> Option<String> {
        let Some(View { page: Page::Question(question), .. }) = &self.last else { return None };
        question.fields.iter().find(|field| field.key == key).and_then(|field| match &field.control {
            Control::Line { text, .. } | Control::Paragraph { text, .. } => Some(text.clone()),
            _ => None,
        })
    }

    /// A line was edited: what shall stand there, and what the session hears.
    pub fn typed(&mut self, app: &App, edit: &Edit) -> (String, String) {
        if edit.of_the_screen() {
            if edit.key == SEARCH {
                self.unconfirmed.entry(edit.key.clone()).or_default().push(edit.after.clone());
            }
            return (edit.after.clone(), edit.after.clone());
        }
        let english = app.global::<Data>().get_english();
        let keyboard = fields::keyboard(edit.kind);
        let max_len = u32::try_from(edit.max_len).unwrap_or(0);
        let shown = typing::after_edit(keyboard, max_len, (&edit.before, &edit.after), english);
        let stored = typing::stored(keyboard, &shown);
        if let Some(place) = self.rows.iter().position(|row| row.view.key == edit.key.as_str()) {
            let row = &mut self.rows[place].view;
            row.text = shown.as_str().into();
            self.models.fields.set_row_data(place, row.clone());
        }
        self.unconfirmed.entry(edit.key.clone()).or_default().push(stored.clone());
        (shown, stored)
    }

    /// What a line holds, as it is stored.
    fn stored(&self, row: &FieldView) -> String {
        if row.kind == FieldKind::Line {
            typing::stored(fields::keyboard(row.keyboard), &row.text)
        } else {
            String::new()
        }
    }

    /// A wheel of a date was turned: what the session hears.
    pub fn turn_wheel(&mut self, app: &App, key: &str, turn: (usize, i32)) -> Option<String> {
        let setting = Setting::of(&self.last.as_ref()?.frame);
        let place = self.rows.iter().position(|row| row.view.key == key)?;
        let keyboard = fields::keyboard(self.rows[place].view.keyboard);
        let text = wheels::after_turn(keyboard, &self.stored(&self.rows[place].view), setting.today, turn);
        let row = &mut self.rows[place];
        row.view.text = typing::shown(keyboard, &text, setting.english).into();
        row.view.set = true;
        lists::by_place(&row.wheels, fields::wheel_views(keyboard, &text, setting));
        self.models.fields.set_row_data(place, row.view.clone());
        self.unconfirmed.entry(key.to_owned()).or_default().push(text.clone());
        close_keyboard(app);
        Some(text)
    }

    /// What must be known before an act goes up.
    pub fn before_act(&mut self, app: &App, act: Act, a: &str) {
        self.next_was_asked = is_next(act);
        if is_next(act) {
            close_keyboard(app);
        }
        if act == Act::Stroke {
            // Ink stays on the glass while the session takes the stroke.
            let data = app.global::<Data>();
            let mut sign = data.get_sign();
            sign.strokes = format!("{} {a}", sign.strokes).into();
            sign.any = true;
            data.set_sign(sign);
        }
    }

    /// Opens the list of a field, or closes it.
    pub fn open_picker(&mut self, app: &App, key: Option<String>) {
        self.picker = key.map(Picker::open);
        app.global::<Data>().set_picker_query(SharedString::default());
        self.fill_picker(app);
        self.serial += 1;
        app.global::<Data>().set_serial(self.serial);
    }

    /// Shows or hides the chips of a family.
    pub fn open_family(&mut self, family: &str) {
        self.open_family = if self.open_family == family { String::new() } else { family.to_string() };
        if let Some(View { page: Page::Services(page), .. }) = &self.last {
            let chips = pages::chips(page, &self.open_family);
            lists::by_place(&self.models.filters, chips.0);
            lists::by_place(&self.models.family_filters, chips.1);
        }
    }

    /// Narrows the open list.
    pub fn search_picker(&mut self, app: &App, text: &str) {
        if let Some(picker) = &mut self.picker {
            picker.query = text.to_string();
        }
        self.fill_picker(app);
    }

    /// Goes into a section of the open list, or out of the last one.
    pub fn open_section(&mut self, app: &App, section: &str) {
        if let Some(picker) = &mut self.picker {
            if section.is_empty() {
                picker.path.pop();
            } else {
                picker.path.push(section.to_string());
            }
        }
        self.fill_picker(app);
        self.serial += 1;
        app.global::<Data>().set_serial(self.serial);
    }

    fn fill_picker(&mut self, app: &App) {
        let data = app.global::<Data>();
        let row = self.picker.as_ref().and_then(|p| self.rows.iter().find(|row| row.view.key == p.key.as_str()));
        let (Some(picker), Some(row)) = (&self.picker, row) else {
            self.models.picker_rows.clear();
            if data.get_picker_open() {
                data.set_picker_open(false);
            }
            self.picker = None;
            return;
        };
        let all: Vec<ChoiceView> = row.choices.iter().collect();
        let rows = picker.rows(&all);
        data.set_picker_path(picker.path.join(" · ").into());
        lists::by_place(&self.models.picker_rows, rows);
        data.set_picker_key(row.view.key.clone());
        data.set_picker_title(row.view.label.clone());
        data.set_picker_many(row.view.many);
        if !data.get_picker_open() {
            data.set_picker_open(true);
        }
    }

    /// Sets language and type size where they changed.
    pub fn language(app: &App, language: Language) {
        let english = language == Language::En;
        let _ = slint::select_bundled_translation(if english { "en" } else { "" });
        app.global::<ui::Theme>().set_english(english);
        app.global::<Data>().set_english(english);
    }
}
