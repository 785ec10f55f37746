//! Pages after something was handed over: waiting, what happened, the slip, farewell.

use super::QrCode;

/// Something takes longer than a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Storing the submission.
    Storing,
    /// Sending it to the hall.
    Sending,
    /// Fetching a document from the hall.
    Fetching,
    /// Asking the hall where a case stands.
    LookingUp,
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
}

/// Farewell.
#[derive(Clone, Debug, PartialEq)]
pub struct Farewell {
    /// A card was read: take it.
    pub card: bool,
    /// A slip was printed: take it.
    pub slip: bool,
    /// Pages were printed: take them.
    pub paper: bool,
    /// What was erased, with true counts.
    pub erased: Vec<String>,
    /// What is kept and how; may be empty.
    pub kept: String,
    /// Seconds until idle.
    pub seconds: u32,
}
