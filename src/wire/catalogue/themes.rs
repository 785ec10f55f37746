//! Themes with their English words.

use std::collections::BTreeMap;

use super::Text;

pub(super) fn themes(zh: Vec<String>, en: &BTreeMap<String, String>) -> Vec<Text> {
    zh.into_iter()
        .map(|zh| {
            let en = en.get(&zh).cloned().unwrap_or_default();
            Text { zh, en }
        })
        .collect()
}
