//! A form's definition: sections of fields, cross rules, the declaration. Expressions and validators are
//! parsed here; whether they fit the fields is checked in `define`.

use serde::{Deserialize, Deserializer};

use super::Text;
use crate::expr::{Expr, Type};
use crate::form::{ContactKind, Validator};

/// A form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Id, kept across versions.
    pub form_id: String,
    /// Version that a submission records.
    pub version: u32,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English; may be empty.
    #[serde(default)]
    pub title_en: String,
    /// Question groups, one screen each.
    pub sections: Vec<Section>,
    /// What the citizen vows.
    #[serde(default)]
    pub declaration_zh: String,
    /// The same in English; may be empty.
    #[serde(default)]
    pub declaration_en: String,
    /// Whether a signature is asked.
    #[serde(default)]
    pub signature_required: bool,
    /// Rules over several fields.
    #[serde(default)]
    pub cross_rules: Vec<CrossRule>,
}

impl Form {
    /// All fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|section| &section.fields)
    }

    /// A field by its key; `children.0.c_name` finds the column `c_name` of `children`.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        let (head, rest) = key.split_once('.').map_or((key, None), |(head, rest)| (head, Some(rest)));
        let field = self.fields().find(|field| field.key == head)?;
        match rest {
            None => Some(field),
            Some(rest) => {
                let (row, column) = rest.split_once('.')?;
                row.parse::<usize>().ok()?;
                field.columns.iter().find(|field| field.key == column)
            }
        }
    }

    /// The section that holds a field (row keys too).
    #[must_use]
    pub fn section_of(&self, key: &str) -> Option<&Section> {
        let head = key.split('.').next().unwrap_or(key);
        self.sections.iter().find(|section| section.fields.iter().any(|field| field.key == head))
    }

    /// The vow, in both languages.
    #[must_use]
    pub fn declaration(&self) -> Text {
        Text::new(&self.declaration_zh, &self.declaration_en)
    }
}

/// One question group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Id within the form.
    pub section_id: String,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    #[serde(default)]
    pub title_en: String,
    /// Its fields in order.
    pub fields: Vec<Field>,
}

impl Section {
    /// Title in one language.
    #[must_use]
    pub fn title(&self, english: bool) -> &str {
        if english && !self.title_en.is_empty() { &self.title_en } else { &self.title_zh }
    }
}

/// A rule over several fields; breaking it refuses the submission.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossRule {
    /// What must hold.
    pub rule: Expr,
    /// Fields it is about, for the screen.
    pub fields: Vec<String>,
    /// What to do, in Chinese.
    pub message_zh: String,
    /// What to do, in English.
    #[serde(default)]
    pub message_en: String,
}

/// One field, or one column of a repeat group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Key of the answer.
    pub key: String,
    /// The question in Chinese.
    pub label_zh: String,
    /// The question in English.
    #[serde(default)]
    pub label_en: String,
    /// How it is answered.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Must always be answered (while visible).
    #[serde(default)]
    pub required: bool,
    /// Where the answer comes from.
    pub source: Source,
    /// May not be changed by the citizen.
    #[serde(default)]
    pub readonly: bool,
    /// Lifts `readonly` while it holds.
    #[serde(default)]
    pub readonly_unless: Option<Expr>,
    /// Shown masked.
    #[serde(default)]
    pub sensitive: bool,
    /// Rules of the value.
    #[serde(default, rename = "validate")]
    pub validators: Vec<Validator>,
    /// Whose card fills it; see [`Field::role`].
    #[serde(default)]
    pub card_role: Option<String>,
    /// Choices written in the form.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Choices of a code table.
    #[serde(default)]
    pub options_ref: Option<String>,
    /// Fewest choices of a multiselect.
    #[serde(default)]
    pub min_select: Option<usize>,
    /// Most choices of a multiselect.
    #[serde(default)]
    pub max_select: Option<usize>,
    /// Most characters.
    #[serde(default)]
    pub max_len: Option<usize>,
    /// Fewest characters.
    #[serde(default)]
    pub min_len: Option<usize>,
    /// Answer to begin with.
    #[serde(default, deserialize_with = "scalar")]
    pub default: Option<String>,
    /// Must be answered while it holds.
    #[serde(default)]
    pub required_if: Option<Expr>,
    /// Shown while it holds.
    #[serde(default)]
    pub visible_if: Option<Expr>,
    /// Small text under the label, Chinese.
    #[serde(default)]
    pub help_zh: String,
    /// Small text under the label, English.
    #[serde(default)]
    pub help_en: String,
    /// Kinds of a contact that may be chosen.
    #[serde(default)]
    pub kinds: Vec<ContactKind>,
    /// Levels of a region: 1 province, 2 city.
    #[serde(default)]
    pub level: Option<u8>,
    /// A checkbox that must be ticked.
    #[serde(default)]
    pub must_be_true: bool,
    /// Most rows of a repeat group.
    #[serde(default)]
    pub max_rows: Option<usize>,
    /// Columns of a repeat group.
    #[serde(default)]
    pub columns: Vec<Field>,
}

impl Field {
    /// The question in one language.
    #[must_use]
    pub fn label(&self, english: bool) -> &str {
        if english && !self.label_en.is_empty() { &self.label_en } else { &self.label_zh }
    }

    /// Whose card fills it: its `card_role`, or the applicant's where a card fills it and no role is given.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        let of_card = matches!(self.source, Source::Card(_)).then_some("applicant");
        self.card_role.as_deref().or(of_card)
    }

    /// The small text under the label in one language; may be empty.
    #[must_use]
    pub fn help(&self, english: bool) -> &str {
        if english && !self.help_en.is_empty() { &self.help_en } else { &self.help_zh }
    }
}

/// A choice written in a form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Choice {
    /// Value that is stored.
    pub value: String,
    /// Words that are shown.
    #[serde(flatten)]
    pub label: Text,
}

/// Type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    Text,
    /// Several lines.
    Textarea,
    /// Number of an identity card of any kind.
    IdcardNo,
    /// 统一社会信用代码.
    Uscc,
    /// How to reach the person, or none.
    Contact,
    /// A mobile number.
    Mobile,
    /// `2026-11-24`.
    Date,
    /// `2026-11`.
    Month,
    /// Two months.
    MonthRange,
    /// A whole number.
    Integer,
    /// A number with up to six fractional digits.
    Decimal,
    /// A sum in yuan with up to two fractional digits.
    Money,
    /// One of a list.
    Select,
    /// Several of a list.
    Multiselect,
    /// One of a few.
    Radio,
    /// A statement to tick.
    Checkbox,
    /// A postal address in free words.
    Address,
    /// A code of the region table.
    Region,
    /// A bank card number.
    BankCard,
    /// Rows of columns.
    Repeat,
}

impl FieldType {
    /// Its type in expressions.
    #[must_use]
    pub fn operand(self) -> Type {
        match self {
            Self::IdcardNo => Type::IdNumber,
            Self::Date => Type::Date,
            Self::Month => Type::Month,
            Self::Integer | Self::Decimal | Self::Money => Type::Number,
            Self::Checkbox => Type::Flag,
            Self::Multiselect => Type::List,
            Self::Repeat => Type::Rows,
            Self::Contact | Self::MonthRange => Type::Opaque,
            Self::Text
            | Self::Textarea
            | Self::Uscc
            | Self::Mobile
            | Self::Select
            | Self::Radio
            | Self::Address
            | Self::Region
            | Self::BankCard => Type::Text,
        }
    }

    /// Whether its values come from a list of choices.
    #[must_use]
    pub fn has_choices(self) -> bool {
        matches!(self, Self::Select | Self::Multiselect | Self::Radio)
    }
}

/// Where an answer comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Source {
    /// Asked.
    User,
    /// Read from the card of the field's `card_role`.
    Card(CardItem),
    /// Read from an electronic licence.
    Licence(LicenceItem),
    /// 给谁办: `1` when an agent applies, else `0`.
    ForWhom,
    /// Always this value.
    Const(String),
    /// Worked out from something else; may be corrected.
    Derived(String),
}

/// What a card holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardItem {
    /// Name.
    Name,
    /// Number.
    Number,
    /// Address.
    Address,
    /// 民族.
    Ethnic,
    /// Kind of document, a code of `cert_type`.
    CertType,
    /// Day of birth.
    Birth,
    /// Sex.
    Sex,
}

/// What an electronic licence holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenceItem {
    /// Name of the organisation.
    Name,
    /// 统一社会信用代码.
    Uscc,
}

impl TryFrom<String> for Source {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if let Some(value) = text.strip_prefix("const:") {
            return Ok(Self::Const(value.to_owned()));
        }
        if let Some(value) = text.strip_prefix("derived:") {
            return Ok(Self::Derived(value.to_owned()));
        }
        Ok(match text.as_str() {
            "user" => Self::User,
            "session.for_whom" => Self::ForWhom,
            "idcard.name" => Self::Card(CardItem::Name),
            "idcard.number" => Self::Card(CardItem::Number),
            "idcard.address" => Self::Card(CardItem::Address),
            "idcard.ethnic" => Self::Card(CardItem::Ethnic),
            "idcard.cert_type" => Self::Card(CardItem::CertType),
            "idcard.birth" => Self::Card(CardItem::Birth),
            "idcard.sex" => Self::Card(CardItem::Sex),
            "elicense.name" => Self::Licence(LicenceItem::Name),
            "elicense.uscc" => Self::Licence(LicenceItem::Uscc),
            _ => return Err(format!("unknown source `{text}`")),
        })
    }
}

/// A default may be written as text, number or flag.
fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<serde_json::Value>::deserialize(deserializer)? {
        None => None,
        Some(serde_json::Value::String(text)) => Some(text),
        Some(other) => Some(other.to_string()),
    })
}
