//! Pages for choosing a service and reading its guide.

use std::sync::Arc;

/// List of services.
#[derive(Clone, Debug, PartialEq)]
pub struct Services {
    /// What a touch begins.
    pub errand: Errand,
    /// Search text now.
    pub query: String,
    /// Ways of filtering with their chips: audience, themes, departments.
    pub filters: Vec<Filter>,
    /// What is left.
    pub rows: Vec<ServiceRow>,
}

/// What a service is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To apply for it.
    Apply,
    /// To look the own record up and print it.
    LookUp,
    /// To read its guide.
    Guide,
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
}

/// A QR code's modules, row by row, without quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrCode {
    /// Modules a side.
    pub size: usize,
    /// `true` is dark; `size * size` of them.
    pub modules: Arc<Vec<bool>>,
}
