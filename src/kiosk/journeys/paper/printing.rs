//! The printer works on an order: how far it is, what stops it, and what came of it, page by page. Counts
//! are the printer's own; what was in it when it failed is "not certain": said, and charged to nobody.

use super::words::pages_en;
use super::{Turn, want};
use crate::session::{Pages, PagesOrder, PaperTrouble, PaperWant, PrintStage, Surroundings};
use crate::view::{self, Action, Printed, Tool};

/// An order at the printer.
#[derive(Debug)]
pub(super) struct Run {
    order: u32,
    of: u32,
    printed: u32,
    stage: PrintStage,
    stopping: bool,
}

impl Run {
    pub(super) fn new(order: &PagesOrder) -> Self {
        let pages = u32::try_from(order.pages.len()).unwrap_or(u32::MAX);
        Self {
            order: order.order,
            of: pages.saturating_mul(order.copies),
            printed: 0,
            stage: PrintStage::Preparing { ready: 0 },
            stopping: false,
        }
    }

    pub(super) fn is(&self, order: u32) -> bool {
        self.order == order
    }

    pub(super) fn order(&self) -> u32 {
        self.order
    }

    /// What is known if the session ends now: what has not come out may still be in the printer.
    pub(super) fn so_far(&self) -> Pages {
        let rest = self.of.saturating_sub(self.printed);
        match self.stage {
            PrintStage::Preparing { .. } => Pages { not_printed: rest, ..Pages::default() },
            _ => Pages { printed: self.printed, not_certain: rest, ..Pages::default() },
        }
    }

    pub(super) fn act(&mut self, action: &Action) -> Turn {
        match action {
            Action::Use(Tool::StopPrinting) if !self.stopping => {
                self.stopping = true;
                Turn::doing(vec![want(PaperWant::StopPrinting { order: self.order })])
            }
            _ => Turn::stay(),
        }
    }

    pub(super) fn goes_on(&mut self, printed: u32, stage: PrintStage) {
        self.printed = self.printed.max(printed.min(self.of));
        self.stage = stage;
    }

    pub(super) fn page(&self, around: &Surroundings) -> view::Printing {
        let (printed, of) = (self.printed, self.of);
        let stopping = self.stopping || self.stage == PrintStage::Stopping;
        let now = match self.stage {
            _ if stopping => around.say("正在停止打印", "Stopping"),
            PrintStage::Preparing { ready } => around.say(
                &format!("正在准备第 {} 页，共 {of} 页", (ready + 1).min(of)),
                &format!("Preparing page {} of {of}", (ready + 1).min(of)),
            ),
            PrintStage::Waiting => around.say("正在等待打印机", "Waiting for the printer"),
            PrintStage::Running => around.say(
                &format!("正在打印第 {} 页，共 {of} 页", (printed + 1).min(of)),
                &format!("Printing page {} of {of}", (printed + 1).min(of)),
            ),
            PrintStage::Stopped(trouble) => super::words::trouble(trouble, around),
            PrintStage::Stopping => String::new(),
        };
        let trouble = match self.stage {
            PrintStage::Stopped(_) if !stopping => vec![
                around.say(
                    &format!("已打印 {printed} 页，还有 {} 页。", of - printed),
                    &format!("{} printed, {} left.", pages_en(printed, IS_ARE), pages_en(of - printed, IS_ARE)),
                ),
                around.say(
                    "处理好后自动继续。也可现在停止，未打印的不计入额度。",
                    "It goes on by itself once this is put right. You can also stop now; pages not printed do not count.",
                ),
            ],
            _ => Vec::new(),
        };
        view::Printing { printed, of, now, trouble, can_stop: !stopping }
    }
}

/// With a number of pages before them.
const IS_ARE: (&str, &str) = ("is", "are");
const NOT_CERTAIN: (&str, &str) = (
    "is not certain: it was in the printer when it failed. Please look at the tray; it does not count and is not \
     printed again by itself.",
    "are not certain: they were in the printer when it failed. Please look at the tray; they do not count and are not \
     printed again by themselves.",
);

/// What came of an order.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) counts: Pages,
    pub(super) why: Option<PaperTrouble>,
    /// The printer has answered for every page.
    pub(super) settled: bool,
    /// Something else may follow, as long as pages are left.
    pub(super) more: bool,
}

impl Ended {
    /// As the page says it.
    pub(super) fn page(&self, around: &Surroundings) -> Printed {
        let more = self.more && super::preview::left(around) > 0;
        Printed { more, ..outcome(self.counts, self.why, self.settled, around) }
    }
}

fn outcome(counts: Pages, why: Option<PaperTrouble>, settled: bool, around: &Surroundings) -> Printed {
    let Pages { printed, not_printed, not_certain } = counts;
    let whole = not_printed == 0 && not_certain == 0;
    let title = if whole {
        let take = if printed == 1 { "please take it" } else { "please take them" };
        around.say(&format!("{printed} 页已打印，请取走"), &format!("{} printed; {take}", pages_en(printed, IS_ARE)))
    } else if printed == 0 && not_certain == 0 {
        around.say("没有打印", "Nothing was printed")
    } else {
        around.say(
            &format!("已打印 {printed} 页，共 {} 页", counts.sum()),
            &format!("{printed} of {} printed", pages_en(counts.sum(), IS_ARE)),
        )
    };
    let mut lines = Vec::new();
    if let Some(trouble) = why {
        lines.push(super::words::trouble(trouble, around));
    }
    if not_printed > 0 {
        lines.push(around.say(
            &format!("{not_printed} 页没有打印，不计入额度。"),
            &pages_en(not_printed, ("was not printed and does not count.", "were not printed and do not count.")),
        ));
    }
    if not_certain > 0 {
        lines.push(around.say(
            &format!("{not_certain} 页不能确定：出故障时在打印机里。请看出纸口，不计入额度，也不会自动重打。"),
            &pages_en(not_certain, NOT_CERTAIN),
        ));
    }
    if !settled {
        lines.push(around.say(
            "打印机没有应答，剩下的已要求它取消。",
            "The printer does not answer; it has been told to cancel the rest.",
        ));
    }
    Printed { whole, title, lines, more: true }
}
