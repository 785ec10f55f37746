//! What the printer's reports say of an order's pages: the one place where reports become counts. Pure.
//!
//! A page is *printed* when the printer counted it, *not printed* when it cannot come out any more, and *not
//! certain* when it was in the printer as that failed. RFC 8011 §5.3.7: `completed` is said when all sheets are
//! stacked; §5.3.18.1: `job-impressions-completed` counts sides that were.

use crate::session::Pages;
use drivers::document_printer::{JobReport, JobState, Trouble};

/// An order in the printer.
#[derive(Clone, Debug)]
pub struct Following {
    ordered: u32,
    two_sided: bool,
    /// Pages that began within the bytes handed over; no other can come out.
    handed_over: u32,
    printed: u32,
    /// A page may lie in the paper path now.
    in_path: bool,
    /// The printer counts pages for us.
    counts: bool,
}

impl Following {
    /// An order of which `handed_over` pages are with the printer; `printed` is what is known from before.
    #[must_use]
    pub fn new(ordered: u32, two_sided: bool, handed_over: u32, printed: u32) -> Self {
        let handed_over = handed_over.min(ordered);
        Self { ordered, two_sided, handed_over, printed: printed.min(handed_over), in_path: true, counts: true }
    }

    /// Pages that came out so far.
    #[must_use]
    pub fn printed(&self) -> u32 {
        self.printed
    }

    /// Whether no page of it is with the printer.
    #[must_use]
    pub fn has_nothing(&self) -> bool {
        self.handed_over == 0
    }

    /// Takes a report; what keeps the printer from going on stands beside it.
    pub fn take(&mut self, report: &JobReport, trouble: Option<Trouble>) {
        match report.impressions_completed {
            Some(done) => self.printed = self.printed.max(done.min(self.handed_over)),
            None => self.counts = report.state == JobState::Unknown && self.counts,
        }
        self.in_path = match report.state {
            // Nothing has been pulled in.
            JobState::Pending | JobState::Held => false,
            // Between two sheets: there is none to pull in. A jam, a cover or a fault can hold one.
            JobState::Stopped => {
                !matches!(trouble, Some(Trouble::PaperOut | Trouble::TrayMissing | Trouble::OutputFull))
            }
            JobState::Processing => true,
            JobState::Canceled | JobState::Aborted | JobState::Completed | JobState::Unknown => self.in_path,
        };
    }

    /// The counts, once a report says that no more will come out.
    #[must_use]
    pub fn settled(&self, report: &JobReport) -> Option<Pages> {
        let with_errors = report.reasons.iter().any(|reason| reason.starts_with("job-completed-with-errors"));
        match report.state {
            JobState::Completed if !with_errors && self.handed_over == self.ordered => {
                Some(Pages { printed: self.ordered, ..Pages::default() })
            }
            // The printer forgot it: what it still had may have come out or not.
            JobState::Unknown => Some(self.split(self.handed_over)),
            JobState::Completed => Some(self.split(self.handed_over)),
            JobState::Canceled | JobState::Aborted if !self.counts => Some(self.split(self.handed_over)),
            JobState::Canceled | JobState::Aborted => Some(self.split(self.printed + self.sheet_in_path())),
            JobState::Pending | JobState::Held | JobState::Processing | JobState::Stopped => None,
        }
    }

    /// The counts if the printer is not heard of again.
    #[must_use]
    pub fn unheard(&self) -> Pages {
        self.split(self.handed_over)
    }

    fn sheet_in_path(&self) -> u32 {
        match (self.in_path, self.two_sided) {
            (false, _) => 0,
            (true, false) => 1,
            // Both sides of the sheet that is not counted whole.
            (true, true) => 2,
        }
    }

    /// Everything beyond `could` surely did not come out.
    fn split(&self, could: u32) -> Pages {
        let could = could.min(self.handed_over).max(self.printed);
        Pages { printed: self.printed, not_certain: could - self.printed, not_printed: self.ordered - could }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(state: JobState, done: Option<u32>) -> JobReport {
        JobReport { state, reasons: Vec::new(), impressions_completed: done, sheets_completed: None, impressions: None }
    }

    fn after(reports: &[(JobReport, Option<Trouble>)], two_sided: bool) -> Option<Pages> {
        let mut following = Following::new(5, two_sided, 5, 0);
        for (report, trouble) in reports {
            following.take(report, *trouble);
        }
        following.settled(&reports.last()?.0)
    }

    fn pages(printed: u32, not_printed: u32, not_certain: u32) -> Option<Pages> {
        Some(Pages { printed, not_printed, not_certain })
    }

    #[test]
    fn a_completed_order_is_printed_whole_even_where_the_printer_counts_no_pages() {
        assert_eq!(after(&[(report(JobState::Completed, None), None)], false), pages(5, 0, 0));
    }

    #[test]
    fn a_page_in_the_path_of_a_jam_is_not_certain_and_the_rest_is_not_printed() {
        let jam = (report(JobState::Stopped, Some(2)), Some(Trouble::Jammed));
        let end = (report(JobState::Canceled, Some(2)), None);
        assert_eq!(after(&[jam.clone(), end.clone()], false), pages(2, 2, 1));
        assert_eq!(after(&[jam, end], true), pages(2, 1, 2));
    }

    #[test]
    fn a_printer_without_paper_holds_no_page() {
        let out = (report(JobState::Stopped, Some(2)), Some(Trouble::PaperOut));
        assert_eq!(after(&[out, (report(JobState::Canceled, Some(2)), None)], false), pages(2, 3, 0));
    }

    #[test]
    fn an_order_that_never_began_is_not_printed() {
        let waiting = (report(JobState::Pending, Some(0)), None);
        assert_eq!(after(&[waiting, (report(JobState::Canceled, Some(0)), None)], false), pages(0, 5, 0));
    }

    #[test]
    fn a_printer_that_forgot_the_order_leaves_all_it_had_uncertain() {
        let running = (report(JobState::Processing, Some(3)), None);
        assert_eq!(after(&[running, (report(JobState::Unknown, None), None)], false), pages(3, 0, 2));
    }

    #[test]
    fn a_printer_that_counts_nothing_leaves_all_uncertain_when_it_ends_early() {
        let running = (report(JobState::Processing, None), None);
        assert_eq!(after(&[running, (report(JobState::Aborted, None), None)], false), pages(0, 0, 5));
    }

    #[test]
    fn pages_beyond_the_bytes_handed_over_cannot_come_out() {
        let mut following = Following::new(5, false, 2, 0);
        following.take(&report(JobState::Processing, Some(1)), None);
        assert_eq!(following.unheard(), Pages { printed: 1, not_printed: 3, not_certain: 1 });
    }

    #[test]
    fn a_running_order_is_not_settled() {
        assert_eq!(after(&[(report(JobState::Processing, Some(4)), None)], false), None);
    }
}
