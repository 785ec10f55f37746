//! Pages of 办到哪一步了: the ways to find a case, and where what was found stands.

/// The ways to find a case. Scanner and card are waited for at once; only typing is a step of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracking {
    /// The slip's code before the scanner.
    pub scan: TrackingWay,
    /// The card on the reader.
    pub card: TrackingWay,
    /// The card lies there and is being read.
    pub reading: bool,
    /// What went wrong, and what can be done; empty otherwise.
    pub error: String,
    /// The hall answers: without it nothing can be found.
    pub online: bool,
}

/// How a way stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackingWay {
    /// It is waited for.
    Works,
    /// Its device does not work now.
    Lost,
    /// This terminal has no such device.
    Never,
}

/// What was found, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cases {
    /// One panel each.
    pub rows: Vec<CaseRow>,
}

/// One case. Holds no name and no id number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Where it stands, in the hall's word.
    pub state: String,
    /// Weight of that: done, on its way, or something is to be done.
    pub weight: CaseWeight,
    /// Name of the service.
    pub service: String,
    /// "411681-20261123-007-00012-6".
    pub number: String,
    /// "2026年11月23日提交 · 民政局".
    pub facts: String,
    /// What the citizen can do now.
    pub what_to_do: String,
    /// What the hall wrote; may be empty.
    pub notice: String,
    /// By when the hall must have decided; may be empty.
    pub due: String,
    /// Documents that wait to be printed: one line each.
    pub documents: Vec<String>,
}

/// Weight of a case's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseWeight {
    /// It goes its way.
    OnItsWay,
    /// Done.
    Done,
    /// The citizen has to do something.
    Act,
}
