//! Choosing a service to apply for, a record to print, or a guide to read: search, audience, themes, departments.

use super::apply::{assurance_is_possible, pages_are_possible};
use super::guide::Guide;
use super::{Journey, Then, Turn};
use crate::pinyin;
use crate::session::Surroundings;
use crate::view::{self, Action, Errand, Filter, ServiceRow};
use wire::catalogue::{Item, Mode, OfflinePolicy};

/// The list.
#[derive(Debug)]
pub struct Services {
    errand: Errand,
    query: String,
    filter: String,
}

impl Services {
    pub(super) fn new(errand: Errand) -> Self {
        Self { errand, query: String::new(), filter: "all".to_owned() }
    }

    pub(super) fn act(&mut self, action: Action, around: &Surroundings) -> Turn {
        match action {
            Action::Search(query) => {
                self.query = query;
                Turn::stay()
            }
            Action::Filter(id) => {
                self.filter = if self.filter == id { "all".to_owned() } else { id };
                Turn::stay()
            }
            Action::OpenRow(id) => self.open(&id, around),
            Action::Back => Turn::to(Then::Home),
            _ => Turn::stay(),
        }
    }

    fn open(&self, item_id: &str, around: &Surroundings) -> Turn {
        let Some(index) = around.content.items().iter().position(|item| item.item_id == item_id) else {
            return Turn::stay();
        };
        let item = &around.content.items()[index];
        if self.errand == Errand::Guide {
            return Turn::to(Then::Open(Box::new(Journey::Guide(Guide::new(around.content.clone(), index)))));
        }
        if !cannot_start(item, around).is_empty() {
            return Turn::stay();
        }
        Turn::to(Then::Open(Box::new(Journey::application(around, index))))
    }

    pub(super) fn page(&self, around: &Surroundings) -> view::Services {
        let rows = around
            .content
            .items()
            .iter()
            .filter(|item| item.offered_on(around.now.date))
            .filter(|item| self.holds(item))
            .filter(|item| self.matches(item, around))
            .map(|item| row(item, self.errand == Errand::Guide, around))
            .collect();
        view::Services { errand: self.errand, query: self.query.clone(), filters: self.filters(around), rows }
    }

    /// Whether the item is of this list at all.
    fn holds(&self, item: &Item) -> bool {
        match self.errand {
            Errand::Apply => can_apply_here(item),
            Errand::LookUp => item.is_record(),
            Errand::Guide => true,
        }
    }

    /// Chips for what the list really holds, so that no chip leads to an empty page.
    fn filters(&self, around: &Surroundings) -> Vec<Filter> {
        let items: Vec<&Item> = around.content.items().iter().filter(|item| self.holds(item)).collect();
        let chip = |id: String, label: String| Filter { selected: id == self.filter, id, label };
        let mut chips = vec![chip("all".to_owned(), around.say("全部", "All"))];
        if items.iter().any(|item| is_for(item, "person")) {
            chips.push(chip("audience:person".to_owned(), around.say("个人", "People")));
        }
        if items.iter().any(|item| is_for(item, "organisation")) {
            chips.push(chip("audience:organisation".to_owned(), around.say("企业", "Businesses")));
        }
        for theme in &around.content.catalogue().themes {
            if items.iter().any(|item| item.themes.contains(&theme.zh)) {
                chips.push(chip(format!("theme:{}", theme.zh), around.pick(theme)));
            }
        }
        for dept in &around.content.catalogue().departments {
            if items.iter().any(|item| item.dept_id == dept.dept_id) {
                chips.push(chip(format!("dept:{}", dept.dept_id), around.pick(&dept.name())));
            }
        }
        chips
    }

    fn matches(&self, item: &Item, around: &Surroundings) -> bool {
        let chosen = match self.filter.split_once(':') {
            Some(("theme", theme)) => item.themes.iter().any(|one| one == theme),
            Some(("dept", dept)) => item.dept_id == dept,
            Some(("audience", audience)) => is_for(item, audience),
            _ => true,
        };
        let query = self.query.trim().to_lowercase();
        let says = |text: &str| text.to_lowercase().contains(&query);
        chosen
            && (pinyin::found(&item.plain_name_zh, &query)
                || pinyin::found(&item.task_name, &query)
                || [&item.title_en, &item.guide.scope].into_iter().any(|text| says(text))
                || says(&department(item, around)))
    }
}

/// One service as a row; `guide` leads to its guide, which is always there.
pub(super) fn row(item: &Item, guide: bool, around: &Surroundings) -> ServiceRow {
    ServiceRow {
        id: item.item_id.clone(),
        title: around.pick(&item.plain_name()),
        official: format!("{} · {}", item.task_name, department(item, around)),
        minutes: item.kiosk.est_minutes,
        reason: if guide { String::new() } else { cannot_start(item, around) },
    }
}

pub(super) fn department(item: &Item, around: &Surroundings) -> String {
    let department = around.content.catalogue().department(&item.dept_id);
    department.map(|dept| around.pick(&dept.name())).unwrap_or_default()
}

fn is_for(item: &Item, audience: &str) -> bool {
    let person = item.server_type.iter().any(|kind| kind == "1");
    let organisation = item.server_type.iter().any(|kind| kind != "1");
    if audience == "person" { person } else { organisation }
}

/// Whether this terminal takes applications for the item at all; the look-up and booking items have journeys
/// of their own.
pub(super) fn can_apply_here(item: &Item) -> bool {
    item.is_service_terminals
        && matches!(item.kiosk.mode, Mode::Apply | Mode::Prefill)
        && item.kiosk.offline_policy == OfflinePolicy::Queue
}

/// Why it cannot be started now; empty when it can.
pub(super) fn cannot_start(item: &Item, around: &Surroundings) -> String {
    let place = || format!("{}{}", around.phrase(&item.guide.consult.zone), item.guide.consult.window);
    if !pages_are_possible(item, &around.can) {
        return around.say(
            &format!("要交的材料本机现在拍不了，请到 {} 窗口", place()),
            &format!("This terminal cannot take pictures now; please go to window {}", item.guide.consult.window),
        );
    }
    if !assurance_is_possible(item, &around.can) {
        return around.say(
            &format!("本机不能核对本人，请到 {} 窗口", place()),
            &format!("This terminal cannot verify you in person; please go to window {}", item.guide.consult.window),
        );
    }
    if item.is_record() { crate::session::cannot_look_up(around) } else { crate::session::cannot_apply(around) }
}
