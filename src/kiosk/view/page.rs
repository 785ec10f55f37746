//! The pages. One variant a page; what a page needs stands in its own struct.

use super::Field;
use std::sync::Arc;

/// The page between header and footer.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// Nobody is here.
    Idle(Idle),
    /// The first page with its tiles.
    Home(Home),
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
}

/// Idle page.
#[derive(Clone, Debug, PartialEq)]
pub struct Idle {
    /// "今天 9:00—12:00、13:00—17:00", or when the hall opens next.
    pub hours: String,
    /// Whether the hall is open now.
    pub open: bool,
    /// What works now although the hall is closed; empty while open.
    pub works_now: String,
    /// Titles of notices that can be opened: id and title.
    pub notices: Vec<(String, String)>,
    /// Whether a card may be put down at once.
    pub card_reader: bool,
    /// After an unclean end: what was kept safe.
    pub recovered: Option<Recovered>,
}

/// A submission that was stored before an unclean end (protocol, custody 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// "10:42".
    pub time: String,
    /// The number's large group (terminal, serial, check).
    pub number: String,
}

/// First page.
#[derive(Clone, Debug, PartialEq)]
pub struct Home {
    /// Today's hours, or when the hall opens.
    pub hours: String,
    /// Tiles in the catalogue's order; what does not work now is not here, or greyed with its reason.
    pub tiles: Vec<Tile>,
    /// Whether a card may be put down here.
    pub card_reader: bool,
}

/// One tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Id in the catalogue's menu; chooses the icon too.
    pub id: String,
    /// A verb, from the catalogue.
    pub title: String,
    /// One line of what you get.
    pub line: String,
    /// Why it cannot be used now; empty when it can.
    pub reason: String,
}

/// List of services.
#[derive(Clone, Debug, PartialEq)]
pub struct Services {
    /// True when a touch opens the guide, false when it starts an application.
    pub guide: bool,
    /// Search text now.
    pub query: String,
    /// Ways of filtering with their chips: audience, themes, departments.
    pub filters: Vec<Filter>,
    /// What is left.
    pub rows: Vec<ServiceRow>,
}

/// A filter chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Id, with its family in front (`theme:社会保障`, `dept:rsj`, `audience:1`, `all`).
    pub id: String,
    /// Words.
    pub label: String,
    /// Chosen now.
    pub selected: bool,
}

/// A service in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRow {
    /// Item id.
    pub id: String,
    /// What people say.
    pub title: String,
    /// Official name and department, small.
    pub official: String,
    /// "约 5 分钟".
    pub minutes: u32,
    /// Why it cannot be used now; empty when it can.
    pub reason: String,
}

/// A guide.
#[derive(Clone, Debug, PartialEq)]
pub struct Guide {
    /// What people say.
    pub title: String,
    /// Official name.
    pub official: String,
    /// Facts at the top: label and value (how long, fee, where).
    pub facts: Vec<(String, String)>,
    /// Sections with their lines.
    pub sections: Vec<(String, Vec<String>)>,
    /// Whether it can be applied for here.
    pub can_apply: bool,
    /// Whether the material list can be printed now.
    pub can_print: bool,
    /// The code to take along, once asked for.
    pub qr: Option<QrCode>,
    /// What the printing came to; empty before.
    pub printed: String,
    /// True when the language of the page is English and the body has no English.
    pub chinese_only: bool,
}

/// A QR code's modules, row by row, without quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrCode {
    /// Modules a side.
    pub size: usize,
    /// `true` is dark; `size * size` of them.
    pub modules: Arc<Vec<bool>>,
}

/// 给谁办.
#[derive(Clone, Debug, PartialEq)]
pub struct ForWhom {
    /// The service.
    pub title: String,
    /// Id (`self`, `family`, `organisation`), label, hint.
    pub choices: Vec<(String, String, String)>,
    /// What else must be known before (who cannot be helped here and where to go); may be empty.
    pub note: String,
}

/// Put a card down.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Whose card, in the page's language (申请人, 代办人 …).
    pub role: String,
    /// For which service.
    pub title: String,
    /// How it stands.
    pub state: CardState,
    /// A second way, only if it works; empty otherwise.
    pub other_way: String,
}

/// How reading a card stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardState {
    /// Put it on the lit place.
    Waiting,
    /// Do not lift it.
    Reading,
    /// 身份证拿开得早了一点.
    LiftedTooEarly,
    /// It could not be read; after three times staff is offered.
    Unreadable {
        /// From 1.
        attempts: u32,
    },
    /// The reader itself does not answer.
    ReaderFault,
    /// Not the card that is asked for: why, and what to do.
    WrongCard(String),
    /// Read. Name and number by the mask, and remarks (rare character, cut name).
    Read {
        /// Masked name.
        name: String,
        /// Masked number.
        number: String,
        /// What must be said about it; may be empty.
        remark: String,
    },
}

/// One group of questions.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Heading of the group.
    pub title: String,
    /// At most five questions in standard type, one in large type.
    pub fields: Vec<Field>,
    /// Sentences for the top of the page when more than one thing is wrong.
    pub errors: Vec<String>,
}

/// The list of materials.
#[derive(Clone, Debug, PartialEq)]
pub struct Materials {
    /// One row each.
    pub rows: Vec<MaterialRow>,
    /// What is missing, said after 下一步; may be empty.
    pub error: String,
}

/// One material.
#[derive(Clone, Debug, PartialEq)]
pub struct MaterialRow {
    /// `order_num` in the item.
    pub order_num: u32,
    /// Name.
    pub name: String,
    /// What is accepted.
    pub help: String,
    /// How it stands.
    pub state: MaterialState,
    /// Whether pages can be taken here.
    pub can_capture: bool,
    /// 容缺: may be asked to be handed in later.
    pub can_defer: bool,
    /// Optional material.
    pub optional: bool,
    /// Pages taken so far, small.
    pub pages: Vec<Picture>,
    /// Most pages.
    pub max_pages: u32,
}

/// How a material stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaterialState {
    /// Nothing yet.
    Missing,
    /// Read from the card.
    FromCard,
    /// Pages are there.
    Captured,
    /// Will be handed in later, as asked.
    Deferred,
}

/// A picture in the session's memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// RGB, row by row.
    pub rgb: Arc<Vec<u8>>,
}

/// Everything once more.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// Rows in the form's order.
    pub rows: Vec<ReviewRow>,
    /// Whether values are shown in full (while 按住查看 is held).
    pub revealed: bool,
    /// The notice before submitting.
    pub notice: String,
    /// The item's own declaration.
    pub declaration: String,
    /// Privacy consent text.
    pub consent: String,
    /// Agreed to.
    pub agreed: bool,
    /// Said when 下一步 came without agreement, or a rule over several fields refuses; may be empty.
    pub error: String,
    /// Whether a signature follows (the primary action's words differ).
    pub signature_follows: bool,
}

/// One row of the review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    /// Id for [`super::Action::Change`].
    pub id: String,
    /// Label.
    pub label: String,
    /// "来自身份证", "自填"; may be empty.
    pub origin: String,
    /// Value, masked unless revealed.
    pub value: String,
    /// Whether 修改 stands beside it.
    pub changeable: bool,
}

/// Signature on the glass.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    /// Strokes so far, in pad pixels.
    pub strokes: Vec<Vec<(f32, f32)>>,
    /// Said when 下一步 came without a signature; may be empty.
    pub error: String,
    /// 不便签名 was chosen: the witness's staff card is awaited.
    pub witness: Option<Witness>,
}

/// Signing by card and witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// The applicant's card once more.
    ApplicantCard,
    /// The staff member's card.
    StaffCard,
}

/// Something takes longer than a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Storing the submission.
    Storing,
    /// Sending it to the hall.
    Sending,
}

/// What happened to the submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// True only with the hall's signed receipt: the large ✓.
    pub delivered: bool,
    /// Division and date, small: "411681-20261123".
    pub number_small: String,
    /// Terminal, serial and check, large: "007-00012-6".
    pub number_large: String,
    /// The 6-digit query code.
    pub query_code: String,
    /// The slip.
    pub slip: Slip,
    /// The code with the lookup token, for taking along without a slip.
    pub qr: QrCode,
    /// What happens next, in sentences.
    pub next: Vec<String>,
    /// Outputs of the item that this terminal does not make yet, named; may be empty.
    pub not_here: String,
}

/// The slip's state; "printed" only by the printer's own answer after the cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slip {
    /// On its way.
    Printing,
    /// It came out.
    Printed,
    /// It did not, for this reason; the number and the code are on the screen.
    NotPrinted(String),
    /// It may have come out: look, and print again if not.
    NotCertain,
    /// The terminal has no slip printer now.
    NoPrinter,
}

/// Farewell.
#[derive(Clone, Debug, PartialEq)]
pub struct Farewell {
    /// A card was read: take it.
    pub card: bool,
    /// A slip was printed: take it.
    pub slip: bool,
    /// What was erased, with true counts.
    pub erased: Vec<String>,
    /// What is kept and how; may be empty.
    pub kept: String,
    /// Seconds until idle.
    pub seconds: u32,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Weight of the message.
    pub tone: Tone,
    /// What happened.
    pub title: String,
    /// What it means and what can be done, one sentence a line.
    pub lines: Vec<String>,
    /// Words of the way on; empty when only leaving is possible.
    pub next: String,
}

/// Weight of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Calm,
    /// Something has to be done.
    Warning,
    /// Something did not work.
    Danger,
}

/// 通知公告.
#[derive(Clone, Debug, PartialEq)]
pub struct Notices {
    /// Id, title, category.
    pub rows: Vec<(String, String, String)>,
    /// The one that is open: title and body.
    pub open: Option<(String, String)>,
}

/// Nothing works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfService {
    /// Why, for a citizen.
    pub reason: String,
    /// Since when ("10:42").
    pub since: String,
    /// Where the next terminal or desk is.
    pub elsewhere: String,
    /// For the technician, small: what to do.
    pub technician: String,
}
