//! The list of choices that is open: a long list with sections is gone through section by section (province, city,
//! county), or searched by words and by first letters of pinyin. Pure; only the glass knows where a finger stands in it.

use crate::pinyin;
use slint::SharedString;
use ui::ChoiceView;

/// A list with sections that is longer than this is gone through section by section.
const FLAT_MAX: usize = 40;
/// Hits of a search shown at most; more letters make them fewer.
const HITS_MAX: usize = 60;

/// The list that is open.
#[derive(Default)]
pub struct Picker {
    /// Key of its field.
    pub key: String,
    /// What is searched for.
    pub query: String,
    /// The sections gone into, outermost first.
    pub path: Vec<String>,
}

impl Picker {
    /// A list just opened.
    pub fn open(key: String) -> Self {
        Self { key, ..Self::default() }
    }

    /// What stands in the list now.
    pub fn rows(&self, all: &[ChoiceView]) -> Vec<ChoiceView> {
        let query = self.query.trim();
        if !query.is_empty() {
            let hits = all.iter().filter(|choice| {
                pinyin::found(&choice.label, query) || choice.section.split('/').any(|part| pinyin::found(part, query))
            });
            return headed(hits.take(HITS_MAX).cloned().collect());
        }
        let sectioned = all.iter().any(|choice| !choice.section.is_empty());
        if sectioned && all.len() > FLAT_MAX { self.level(all) } else { headed(all.to_vec()) }
    }

    /// One level: the sections below the path, and the choices that stand in it directly.
    fn level(&self, all: &[ChoiceView]) -> Vec<ChoiceView> {
        let mut rows: Vec<ChoiceView> = Vec::new();
        for choice in all {
            let mut parts = choice.section.split('/').filter(|part| !part.is_empty());
            if !self.path.iter().all(|gone| parts.next() == Some(gone.as_str())) {
                continue;
            }
            let Some(section) = parts.next() else {
                rows.push(ChoiceView { section: SharedString::default(), ..choice.clone() });
                continue;
            };
            match rows.iter_mut().find(|row| row.group && row.label == section) {
                Some(row) => row.selected |= choice.selected,
                None => rows.push(ChoiceView {
                    label: section.into(),
                    name: section.into(),
                    selected: choice.selected,
                    group: true,
                    ..ChoiceView::default()
                }),
            }
        }
        rows
    }
}

/// Only the first row of a section carries its head.
fn headed(mut rows: Vec<ChoiceView>) -> Vec<ChoiceView> {
    let mut section = SharedString::default();
    for row in &mut rows {
        if row.section == section {
            row.section = SharedString::default();
        } else {
            section = row.section.clone();
            row.section = section.replace('/', " · ").into();
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(section: &str, label: &str) -> ChoiceView {
        ChoiceView { section: section.into(), label: label.into(), name: label.into(), ..ChoiceView::default() }
    }

    /// Two provinces, one of them with counties, and enough others that nobody would scroll.
    fn regions() -> Vec<ChoiceView> {
        let mut all =
            vec![choice("河南省/周口市", "项城市"), choice("河南省/周口市", "太康县"), choice("河南省", "济源市")];
        all.extend((0..50).map(|place| choice("河北省", &format!("{place}号市"))));
        all
    }

    fn labels(picker: &Picker) -> Vec<String> {
        picker.rows(&regions()).iter().map(|row| row.label.to_string()).collect()
    }

    #[test]
    fn a_long_list_is_gone_through_section_by_section() {
        let mut picker = Picker::open("dest".into());
        assert_eq!(labels(&picker), ["河南省", "河北省"]);
        picker.path.push("河南省".into());
        assert_eq!(labels(&picker), ["周口市", "济源市"]);
        picker.path.push("周口市".into());
        assert_eq!(labels(&picker), ["项城市", "太康县"]);
        assert!(picker.rows(&regions()).iter().all(|row| !row.group && row.section.is_empty()));
    }

    #[test]
    fn a_search_looks_everywhere_by_words_and_by_first_letters() {
        let mut picker = Picker { query: "xcs".into(), ..Picker::open("dest".into()) };
        assert_eq!(labels(&picker), ["项城市"]);
        picker.query = "周口".into();
        assert_eq!(labels(&picker), ["项城市", "太康县"]);
        assert_eq!(picker.rows(&regions())[0].section, "河南省 · 周口市");
    }

    #[test]
    fn a_short_list_shows_all_with_its_heads() {
        let rows = Picker::open("n".into()).rows(&regions()[..3]);
        assert_eq!(rows.iter().map(|row| row.section.as_str()).collect::<Vec<_>>(), ["河南省 · 周口市", "", "河南省"]);
    }
}
