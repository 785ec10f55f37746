//! Reading a service's guide: what to bring, where, how long, what it costs; the material list on paper or
//! in the phone by QR (its text, so that it works with the network down).

use super::apply::Apply;
use super::services::{can_apply_here, cannot_start};
use super::{Journey, Left, Then, Turn, slip};
use crate::content::Content;
use crate::session::effect::MaterialOrder;
use crate::session::{Effect, Event, PrintOrder, PrintResult, Surroundings};
use crate::view::{self, Action, Errand, Tool};
use std::sync::Arc;
use wire::catalogue::{Item, MaterialNeed, TimeUnit};

/// A QR code of level M in version 20 or so is what phones read easily from a screen; longer lists are cut.
const TAKE_ALONG_BYTES_MAX: usize = 600;

/// A guide being read.
#[derive(Debug)]
pub struct Guide {
    content: Arc<Content>,
    index: usize,
    take_along: bool,
    order: u32,
    printed: Option<PrintResult>,
}

impl Guide {
    pub(super) fn new(content: Arc<Content>, index: usize) -> Self {
        Self { content, index, take_along: false, order: 0, printed: None }
    }

    fn item(&self) -> &Item {
        &self.content.items()[self.index]
    }

    pub(super) fn task_name(&self, around: &Surroundings) -> String {
        around.pick(&self.item().plain_name())
    }

    pub(super) fn left(&self) -> Left {
        // One that is still printing comes out behind the citizen's back.
        let slip = self.order > 0 && !matches!(self.printed, Some(PrintResult::NotPrinted(_)));
        Left { slip, ..Left::default() }
    }

    pub(super) fn act(&mut self, action: Action, around: &Surroundings) -> Turn {
        match action {
            Action::Back => {
                Turn::to(Then::Open(Box::new(Journey::Services(super::services::Services::new(Errand::Guide)))))
            }
            Action::Next | Action::Use(Tool::Apply) if self.can_apply(around) => {
                let apply = Apply::new(self.content.clone(), self.index);
                Turn::to(Then::Open(Box::new(Journey::Apply(Box::new(apply)))))
            }
            Action::Use(Tool::TakeAlong) => {
                self.take_along = !self.take_along;
                Turn::stay()
            }
            Action::Use(Tool::PrintMaterials) if around.can.receipt_printer => {
                self.order += 1;
                self.printed = None;
                let what = PrintOrder::Materials(Box::new(self.material_order(around)));
                Turn::doing(vec![Effect::Print { order: self.order, what }])
            }
            _ => Turn::stay(),
        }
    }

    pub(super) fn event(&mut self, event: &Event, _around: &Surroundings) -> Turn {
        if let Event::Printed { order, result } = event
            && *order == self.order
        {
            self.printed = Some(result.clone());
        }
        Turn::stay()
    }

    fn can_apply(&self, around: &Surroundings) -> bool {
        // Records need the printer beside all else.
        let here = can_apply_here(self.item()) || (self.item().is_record() && around.can.paper.any());
        here && cannot_start(self.item(), around).is_empty()
    }

    pub(super) fn page(&self, around: &Surroundings) -> view::Guide {
        let item = self.item();
        view::Guide {
            title: around.pick(&item.plain_name()),
            official: item.task_name.clone(),
            facts: self.facts(around),
            sections: self.sections(around),
            can_apply: self.can_apply(around),
            can_print: around.can.receipt_printer,
            qr: self.take_along.then(|| slip::qr(&self.take_along_text(around))),
            printed: self.printed_words(around),
        }
    }

    fn printed_words(&self, around: &Surroundings) -> String {
        match &self.printed {
            None if self.order > 0 => around.say("正在打印材料清单", "Printing the list"),
            None => String::new(),
            Some(PrintResult::Printed) => around.say("材料清单已打印，请取走", "The list is printed; please take it"),
            Some(PrintResult::NotCertain) => around.say(
                "打印机中途没有应答，请看出纸口有没有清单",
                "The printer stopped answering; please look whether the list came out",
            ),
            Some(PrintResult::NotPrinted(_)) => around.say(
                "没有打印出来，可以用手机扫码带走",
                "It was not printed; you can take the list along with your phone",
            ),
        }
    }

    fn facts(&self, around: &Surroundings) -> Vec<(String, String)> {
        let item = self.item();
        let limit = match item.promise.unit {
            TimeUnit::AtOnce => around.say("当场办结", "At once"),
            TimeUnit::WorkingDays => {
                around.say(&format!("{} 个工作日", item.promise.value), &format!("{} working days", item.promise.value))
            }
            TimeUnit::NaturalDays => {
                around.say(&format!("{} 天", item.promise.value), &format!("{} days", item.promise.value))
            }
        };
        let fee =
            if item.is_fee { around.say("收费，见下", "Yes, see below") } else { around.say("不收费", "Free") };
        vec![
            (around.say("多久办好", "How long"), limit),
            (around.say("收不收费", "Fee"), fee),
            (around.say("在哪办", "Where"), self.window(around)),
            (around.say("咨询电话", "Phone"), item.guide.consult.phone.clone()),
        ]
    }

    /// Zone and window.
    fn window(&self, around: &Surroundings) -> String {
        let consult = &self.item().guide.consult;
        format!("{} {}", around.phrase(&consult.zone), consult.window)
    }

    fn sections(&self, around: &Surroundings) -> Vec<(String, Vec<String>)> {
        let guide = &self.item().guide;
        let all = |lines: &[String]| lines.iter().map(|line| around.phrase(line)).collect::<Vec<_>>();
        let mut sections = vec![
            (around.say("要带什么材料", "What to bring"), self.material_lines(around)),
            (around.say("谁能办", "Who can apply"), all(&guide.accept_condition)),
            (around.say("怎么办", "Steps"), self.steps(around)),
            (around.say("什么情况不能办", "When it cannot be done"), all(&guide.prohibition)),
            (around.say("结果怎么拿", "How you get the result"), vec![around.phrase(&guide.delivery)]),
            (around.say("依据", "Legal basis"), self.laws(around)),
            (
                around.say("常见问题", "Questions"),
                self.item().faq.iter().flat_map(|entry| [around.phrase(&entry.q), around.phrase(&entry.a)]).collect(),
            ),
            (
                around.say("不满意怎么办", "If you disagree"),
                vec![
                    format!("{} {}", guide.supervise.phone, around.phrase(&guide.supervise.window)),
                    around.phrase(&guide.remedy.review),
                    around.phrase(&guide.remedy.litigation),
                ],
            ),
        ];
        sections.retain(|(_, lines)| lines.iter().any(|line| !line.trim().is_empty()));
        sections
    }

    fn steps(&self, around: &Surroundings) -> Vec<String> {
        let line = |step: &wire::catalogue::Step| {
            let (name, limit, detail) =
                (around.phrase(&step.name), around.phrase(&step.time_limit), around.phrase(&step.detail));
            around.say(
                &format!("{}. {name}（{limit}）：{detail}", step.order),
                &format!("{}. {name} ({limit}): {detail}", step.order),
            )
        };
        self.item().guide.process.iter().map(line).collect()
    }

    fn laws(&self, around: &Surroundings) -> Vec<String> {
        let line = |law: &wire::catalogue::Law| {
            format!("{} {} {}", around.phrase(&law.name), around.phrase(&law.article), around.phrase(&law.point))
        };
        self.item().guide.by_law.iter().map(line).collect()
    }

    fn material_lines(&self, around: &Surroundings) -> Vec<String> {
        self.item()
            .materials
            .iter()
            .map(|material| {
                let need = match material.is_need {
                    MaterialNeed::Required if material.condition.is_some() => {
                        around.say("（有此情形时）", " (where it applies)")
                    }
                    MaterialNeed::Required => String::new(),
                    MaterialNeed::Optional => around.say("（可不带）", " (optional)"),
                    MaterialNeed::MayFollow => around.say("（可以申请后补）", " (may follow later)"),
                };
                format!("{}. {}{need}", material.order_num, around.pick(&material.name()))
            })
            .collect()
    }

    /// What the printed list says: as this page, with the way there and the phone for questions on the way.
    fn material_order(&self, around: &Surroundings) -> MaterialOrder {
        let guide = &self.item().guide;
        let place = [self.window(around), around.phrase(&guide.transact_addr), guide.consult.phone.clone()];
        MaterialOrder {
            service: self.task_name(around),
            lines: self.material_lines(around),
            place: place.join("\n"),
            code: self.take_along_text(around),
            english: around.english(),
        }
    }

    fn take_along_text(&self, around: &Surroundings) -> String {
        let mut text = self.task_name(around);
        for line in self.material_lines(around).into_iter().chain([self.item().guide.consult.phone.clone()]) {
            if text.len() + line.len() + 1 > TAKE_ALONG_BYTES_MAX {
                break;
            }
            text.push('\n');
            text.push_str(&line);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Moment;
    use crate::view::Language;
    use jiff::civil::{date, time};

    fn around(language: Language) -> Surroundings {
        let json = include_str!("../../../assets/catalogue/catalogue.json");
        let content = Arc::new(Content::load(json, 1).unwrap());
        let now = Moment { date: date(2026, 11, 24), time: time(10, 0, 0, 0) };
        Surroundings { language, ..Surroundings::at(content, "007", now) }
    }

    fn guide(item_id: &str, around: &Surroundings) -> Guide {
        let index = around.content.items().iter().position(|item| item.item_id == item_id).unwrap();
        Guide::new(around.content.clone(), index)
    }

    fn ordered(guide: &mut Guide, around: &Surroundings) -> MaterialOrder {
        let turn = guide.act(Action::Use(Tool::PrintMaterials), around);
        match turn.effects.into_iter().next() {
            Some(Effect::Print { what: PrintOrder::Materials(order), .. }) => *order,
            other => panic!("no list was ordered: {other:?}"),
        }
    }

    #[test]
    fn the_printed_list_numbers_each_material_once_and_says_where_to_go() {
        let around = around(Language::Zh);
        let order = ordered(&mut guide("XC-MZJ-02", &around), &around);
        let expected = [
            "1. 申请人有效身份证件",
            "2. 户口簿本人页（可以申请后补）",
            "3. 本人银行卡或社会保障卡",
            "4. 代办人身份证件及委托说明",
        ];
        assert!(order.lines.iter().zip(expected).all(|(line, expected)| line.starts_with(expected)), "{order:?}");
        assert_eq!(order.lines.len(), expected.len());
        let place: Vec<&str> = order.place.split('\n').collect();
        assert_eq!((place[0], place[2]), ("婚姻登记区 D01", "0394-0000105"));
        assert!(place[1].ends_with("2层西区"), "{place:?}");
        assert!(!order.english);
    }

    #[test]
    fn who_reads_in_english_gets_the_list_and_the_way_there_in_english() {
        let around = around(Language::En);
        let order = ordered(&mut guide("XC-MZJ-02", &around), &around);
        assert!(order.english);
        assert_eq!(order.lines[0], "1. Valid ID of the applicant");
        assert!(order.place.starts_with("Marriage registration zone D01\n2nd floor west, "), "{}", order.place);
    }

    #[test]
    fn the_code_on_paper_is_the_one_that_the_page_shows() {
        let around = around(Language::Zh);
        let mut guide = guide("XC-SCJ-03", &around);
        let order = ordered(&mut guide, &around);
        guide.act(Action::Use(Tool::TakeAlong), &around);
        assert_eq!(guide.page(&around).qr, Some(slip::qr(&order.code)));
        assert!(order.code.ends_with("0394-0000122") && order.code.contains(&order.lines[4]), "{}", order.code);
    }
}
