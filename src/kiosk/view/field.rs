//! One field of a question page. Forms are data, so a page is a flat list of these: a contact is a choice
//! (`key#kind`) and a line (`key#value`), a month range is `key#from` and `key#to`, a repeat group is a
//! [`Control::RowHead`] before the fields of each row (`children.0.c_name`) and one [`Control::AddRow`].

/// A field as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Key, unique on the page.
    pub key: String,
    /// The question in plain words.
    pub label: String,
    /// Official term or help, in small type under the label; may be empty.
    pub help: String,
    /// 选填. Required fields say nothing.
    pub optional: bool,
    /// What to do, above the field; empty when nothing is wrong.
    pub error: String,
    /// How it is answered.
    pub control: Control,
}

/// How a field is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    /// A pre-filled value shown as a fact.
    Fact {
        /// Value, already masked where it must be.
        value: String,
        /// Where it comes from.
        origin: Origin,
        /// Whether 修改 stands beside it.
        changeable: bool,
    },
    /// One line of text.
    Line {
        /// Text now, unformatted.
        text: String,
        /// Keyboard that opens.
        keyboard: Keyboard,
        /// Greatest number of characters; 0 is no limit.
        max_len: u32,
    },
    /// Several lines of text.
    Paragraph {
        /// Text now.
        text: String,
        /// Greatest number of characters; 0 is no limit.
        max_len: u32,
    },
    /// Buttons (at most six choices), one or many.
    Buttons {
        /// The choices.
        choices: Vec<Choice>,
        /// Many may be chosen.
        many: bool,
    },
    /// A searchable list (more than six choices), one or many.
    List {
        /// The choices.
        choices: Vec<Choice>,
        /// Many may be chosen.
        many: bool,
    },
    /// A statement to tick; its words are the field's label.
    Tick {
        /// Ticked.
        on: bool,
    },
    /// Head of one row of a repeat group.
    RowHead {
        /// "第 1 名".
        title: String,
    },
    /// Adds a row to the group; `false` when it is full.
    AddRow {
        /// Whether another row may be added.
        enabled: bool,
    },
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Value that is stored.
    pub value: String,
    /// Words.
    pub label: String,
    /// Section head in a list (a province; "province/city" for a county); empty otherwise.
    pub section: String,
    /// Chosen now.
    pub selected: bool,
}

/// Which on-screen keyboard a line opens, and how its text is grouped while typing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyboard {
    /// Digits only.
    Digits,
    /// Digits grouped 3-4-4.
    Mobile,
    /// Digits grouped by four.
    BankCard,
    /// Digits and a point.
    Decimal,
    /// Digits, shown as 2026年11月24日; stored `2026-11-24`, partial input as digits only.
    Date,
    /// Digits, shown as 2026年11月; stored `2026-11`.
    Month,
    /// Digits and X (an identity number), also letters for the 2017 foreigner's card.
    IdNumber,
    /// Capital letters and digits (统一社会信用代码).
    Code,
    /// Latin letters, digits and punctuation; a hardware keyboard or an input method may write Chinese.
    Text,
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Read from a card.
    Card,
    /// Typed by the citizen (level C).
    Typed,
    /// Follows from another answer.
    Derived,
}
