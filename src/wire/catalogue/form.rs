//! A form's definition: sections of fields, cross rules, the declaration. Expressions and validators are
//! parsed here; whether they fit the fields is checked in `define`.

use serde::Deserialize;

use super::{Field, Text};
use crate::expr::Expr;

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
    pub fn fields(&self) -> impl Iterator<Item = &Field> + Clone {
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
