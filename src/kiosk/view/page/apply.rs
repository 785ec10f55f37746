//! Pages of an application: for whom, cards, questions, materials, review, signature.

use crate::view::Field;
use std::sync::Arc;

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
    /// Somebody of 65 or more: large type and staff are offered beside what was read, once.
    pub large_type: bool,
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
    /// No identity card: a member of the staff looks at the person and uses the staff card. Why once more; empty
    /// at first.
    Staff(String),
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
    /// Whether pages can be laid on the scanner's glass.
    pub can_scan: bool,
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
    /// What is filled in here is the material.
    FromForm,
    /// Pages are there.
    Captured,
    /// Will be handed in later, as asked.
    Deferred,
    /// The number was entered; the card itself was not there to be read.
    NumberOnly,
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
    /// What the primary action leads to; its words differ.
    pub follows: Follows,
}

/// What follows the review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// The signature.
    Signature,
    /// The submission.
    Submission,
    /// The hall is asked for the record; nothing is submitted.
    LookUp,
}

/// One row of the review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    /// Id for [`crate::view::Action::Change`].
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
