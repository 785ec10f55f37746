//! The pages. One variant a page; what a page needs stands in its own struct, by what the page is for.

mod apply;
mod end;
mod front;
mod services;
mod tracking;

pub use apply::*;
pub use end::*;
pub use front::*;
pub use services::*;
pub use tracking::*;

/// The page between header and footer.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// Nobody is here.
    Idle(Idle),
    /// The first page with its tiles.
    Home(Home),
    /// Whoever put a card down first is greeted.
    Welcome(Welcome),
    /// Services to apply for, or guides to read.
    Services(Services),
    /// One service's guide.
    Guide(Guide),
    /// 给谁办.
    ForWhom(ForWhom),
    /// Put a card down.
    Card(Card),
    /// One group of questions.
    Question(Question),
    /// The list of materials.
    Materials(Materials),
    /// Everything once more.
    Review(Review),
    /// Signature on the glass.
    Sign(Sign),
    /// Something is being done that takes longer than a second.
    Waiting(Waiting),
    /// What happened.
    Outcome(Outcome),
    /// Take your card and paper; what was erased.
    Farewell(Farewell),
    /// A page with one message and at most one way on.
    Message(Message),
    /// 通知公告.
    Notices(Notices),
    /// Nothing works, or the terminal is not yet set up.
    OutOfService(OutOfService),
    /// 办到哪一步了: how to find the case.
    Tracking(Tracking),
    /// Where the cases stand.
    Cases(Cases),
    /// What can be done with paper.
    PaperMenu(super::PaperMenu),
    /// Sending files from a phone.
    Upload(super::Upload),
    /// A list of files.
    Files(super::Files),
    /// The glass of the scanner.
    Scanning(super::Scanning),
    /// Choosing what to print.
    Preview(super::Preview),
    /// The printer works.
    Printing(super::Printing),
    /// What came of it.
    Printed(super::Printed),
}
