//! 通知公告: the list, and one notice open.

use super::{Then, Turn};
use crate::session::Surroundings;
use crate::view::{self, Action};
use wire::catalogue::Text;

/// Reading notices.
#[derive(Debug)]
pub struct Notices {
    open: Option<String>,
}

impl Notices {
    pub(super) fn new(open: Option<String>) -> Self {
        Self { open }
    }

    pub(super) fn act(&mut self, action: Action) -> Turn {
        match action {
            Action::OpenRow(id) => {
                self.open = Some(id);
                Turn::stay()
            }
            Action::Back | Action::Next => match self.open.take() {
                Some(_) => Turn::stay(),
                None => Turn::to(Then::Home),
            },
            _ => Turn::stay(),
        }
    }

    pub(super) fn page(&self, around: &Surroundings) -> view::Notices {
        let now = || around.content.notices_on(around.now.date);
        view::Notices {
            rows: now()
                .map(|notice| {
                    (
                        notice.id.clone(),
                        around.pick(&Text::new(&notice.title_zh, &notice.title_en)),
                        around.phrase(&notice.category),
                    )
                })
                .collect(),
            open: self.open.as_ref().and_then(|id| {
                now()
                    .find(|notice| notice.id == *id)
                    .map(|n| (around.pick(&Text::new(&n.title_zh, &n.title_en)), around.phrase(&n.body_zh)))
            }),
        }
    }
}
