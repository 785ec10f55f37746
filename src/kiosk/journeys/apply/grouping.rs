//! Which questions stand on one page: a section is cut into groups of at most five in the form's order
//! (facts from a card weigh little); in large type one question a page. Groups are cut from all fields of a
//! section, shown or not, so that a field which appears while answering appears on the same page.

use super::Apply;
use crate::session::Surroundings;
use wire::catalogue::{Field, FieldType, Source, Text};

/// One page of questions.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Heading of the section.
    pub(super) title: Text,
    /// Keys of its fields.
    pub(super) keys: Vec<String>,
}

/// What one page holds, by weight.
const PAGE_WEIGHT: u32 = 10;

impl Apply {
    /// The pages of this application for the type size now.
    pub(super) fn groups(&self, around: &Surroundings) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for section in &self.item().form.sections {
            let fields: Vec<&Field> = section.fields.iter().filter(|field| field.source != Source::ForWhom).collect();
            let facts = |field: &&&Field| self.is_fact(&field.key);
            let mut pages: Vec<Vec<String>> = Vec::new();
            let mut weight = PAGE_WEIGHT;
            let mut last_was_fact = false;
            for field in &fields {
                let fact = facts(&field);
                let own = if around.elder { elder_weight(fact) } else { weight_of(field, fact) };
                let breaks = around.elder && last_was_fact && !fact;
                if weight + own > PAGE_WEIGHT || breaks {
                    pages.push(Vec::new());
                    weight = 0;
                }
                weight += own;
                last_was_fact = fact;
                if let Some(page) = pages.last_mut() {
                    page.push(field.key.clone());
                }
            }
            groups.extend(
                pages.into_iter().map(|keys| Group { title: Text::new(&section.title_zh, &section.title_en), keys }),
            );
        }
        groups
    }
}

fn elder_weight(fact: bool) -> u32 {
    if fact { 2 } else { PAGE_WEIGHT }
}

fn weight_of(field: &Field, fact: bool) -> u32 {
    if fact {
        return 1;
    }
    match field.kind {
        FieldType::Repeat => PAGE_WEIGHT,
        FieldType::Contact | FieldType::Textarea | FieldType::MonthRange => 4,
        FieldType::Multiselect => 4,
        FieldType::Radio | FieldType::Select => 3,
        _ => 2,
    }
}
