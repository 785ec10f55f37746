//! Everything that a session can want. Effects are data; the app loop carries them to the rim.

use super::card::HeldCard;
use super::event::Stored;
use wire::api::ProgressRequest;
use wire::catalogue::{CaptureWay, Text};
use wire::form::Answers;
use zeroize::{Zeroize, Zeroizing};

/// One thing that the session wants done.
#[derive(Debug)]
pub enum Effect {
    /// Look for a card until told to stop.
    ReadCard,
    /// Look for a card put down anew: the one that lies there now must be lifted first.
    ReadAnotherCard,
    /// Stop looking for a card.
    StopReading,
    /// The review page opens: do the sealing's slow half now.
    PrepareSealing {
        /// Number of the acting person's card, for the recovery row.
        id_no: Option<Zeroizing<String>>,
        /// The first time for this application: nothing of an earlier one may be used.
        fresh: bool,
    },
    /// Seal and store this; answer with a `StoreEvent`.
    Submit(Box<Filled>),
    /// Print this; answer with `Event::Printed`.
    Print {
        /// Number of the order.
        order: u32,
        /// What.
        what: PrintOrder,
    },
    /// Take a page for this material; answer with `Event::Captured`.
    Capture {
        /// `order_num` of the material.
        order_num: u32,
        /// Way of capture.
        way: CaptureWay,
    },
    /// Call staff; `step` says where the citizen is, without personal data.
    CallStaff {
        /// Page and service.
        step: String,
    },
    /// The call is over.
    CloseCall,
    /// Look whether this card is the one of the recovered submission.
    RecoverSlip(Box<HeldCard>),
    /// A slip of this submission came out (or the citizen left): the recovery row goes.
    SettleRecovery {
        /// Id of the submission.
        submission_id: String,
    },
    /// Read codes, or no more.
    Scan(bool),
    /// Look a case up at the hall; answer with a `LookupEvent`.
    LookUp(ProgressRequest),
    /// Something with documents, the scanner or the document printer.
    Paper(Box<super::PaperWant>),
    /// One short tone.
    Sound(Sound),
    /// The session is over: every copy outside the session is dropped and overwritten.
    Forget,
}

/// The three tones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// A card was read.
    CardRead,
    /// Take it.
    TakeIt,
    /// Something went wrong.
    Error,
}

/// What to print on the receipt printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrintOrder {
    /// The slip of a submission.
    Slip(Box<SlipOrder>),
    /// A service's material list.
    Materials(Box<MaterialOrder>),
}

/// What stands on a submission's slip. Holds no id number; the name is masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlipOrder {
    /// Numbers.
    pub stored: Stored,
    /// Official name of the service.
    pub task_name: String,
    /// Masked name of the applicant.
    pub name: String,
    /// Whether the hall's receipt is there.
    pub delivered: bool,
    /// Local date and time of the submission, in words.
    pub at: String,
    /// Licences (task type 01): the sentence about deemed acceptance.
    pub deemed: bool,
    /// No contact was given: from which day to come and ask; a slip in English names it in both languages.
    pub ask_from: Option<Text>,
    /// Where to go with questions.
    pub place: String,
    /// Outputs of the item that this terminal does not make yet, named.
    pub not_here: String,
    /// The citizen used the terminal in English.
    pub english: bool,
}

/// What stands on a service's material list, in the language of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterialOrder {
    /// Plain name of the service.
    pub service: String,
    /// One line a material, numbered as in the guide.
    pub lines: Vec<String>,
    /// Where to go.
    pub place: String,
    /// Text of the code to take along, the same as on the guide's page.
    pub code: String,
    /// The citizen used the terminal in English.
    pub english: bool,
}

/// A form filled in, before it is sealed. Overwritten when dropped.
pub struct Filled {
    /// Item and its version.
    pub item_id: String,
    /// Version of the item.
    pub task_version: u32,
    /// Form.
    pub form_id: String,
    /// Version of the form.
    pub form_version: u32,
    /// Answers, hidden fields left out.
    pub answers: Answers,
    /// Where each answer comes from: a card role, `user`, `const` or `derived`.
    pub sources: Vec<(String, String)>,
    /// Cards by role.
    pub cards: Vec<(String, HeldCard)>,
    /// Version of the consent text, and when it was agreed to (local).
    pub consent_version: String,
    /// Version of the declaration.
    pub declaration_version: String,
    /// Signature.
    pub sign: Signed,
    /// A staff card that looked at the person (assurance L2), if the item asks for it.
    pub second_factor: Option<String>,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// Materials asked to be handed in later, by `order_num`.
    pub deferred: Vec<u32>,
}

impl std::fmt::Debug for Filled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filled({} v{}, {} attachments)", self.form_id, self.form_version, self.attachments.len())
    }
}

/// How it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed {
    /// The item asks for none.
    None,
    /// Pen on the glass; the picture is an attachment.
    Pen,
    /// The card once more and a witness from the staff.
    CardAndWitness {
        /// Number of the witness's staff card.
        staff_no: String,
    },
}

/// One attachment of a submission.
pub struct Attachment {
    /// `signature`, or the material's `order_num`.
    pub field: String,
    /// Media type.
    pub media: &'static str,
    /// Bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.media, self.bytes.len())
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        for (_, source) in &mut self.sources {
            source.zeroize();
        }
    }
}
