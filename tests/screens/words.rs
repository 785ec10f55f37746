//! The fixed wording: every phrase in the `.slint` files has an English translation, and no Chinese stands
//! in them outside `@tr`, comments and preview defaults.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn ui() -> PathBuf {
    super::root().join("ui")
}

fn slint_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // The dev dock is a tool for developers, in Chinese only.
        if path.ends_with("dock") {
            continue;
        }
        if path.is_dir() {
            slint_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "slint") {
            out.push(path);
        }
    }
}

/// String literals of one file with what stands right before each.
fn literals(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or_default();
        let mut rest = code;
        let mut before = String::new();
        while let Some(open) = rest.find('"') {
            before.push_str(&rest[..open]);
            let Some(close) = rest[open + 1..].find('"') else { break };
            let literal = rest[open + 1..open + 1 + close].to_string();
            out.push((before.clone(), literal.clone()));
            before.push_str(&literal);
            rest = &rest[open + close + 2..];
        }
    }
    out
}

fn has_han(text: &str) -> bool {
    text.chars().any(|c| ('\u{3400}'..='\u{9FFF}').contains(&c))
}

/// Every phrase of the source.
pub fn sources() -> BTreeSet<String> {
    let mut files = Vec::new();
    slint_files(&ui(), &mut files);
    let mut out = BTreeSet::new();
    for file in files {
        for (before, literal) in literals(&std::fs::read_to_string(file).unwrap()) {
            if before.trim_end().ends_with("@tr(") {
                out.insert(literal);
            }
        }
    }
    out
}

fn translations() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(ui().join("lang/en/LC_MESSAGES/ui.po")).unwrap();
    assert!(!text.contains("fuzzy"), "a fuzzy translation is shown as Chinese");
    let mut out = BTreeMap::new();
    let mut source = String::new();
    for line in text.lines() {
        let quoted = |prefix: &str| line.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('"')).map(String::from);
        if let Some(text) = quoted("msgid \"") {
            source = text;
        } else if let Some(text) = quoted("msgstr \"") {
            out.insert(source.clone(), text);
        }
    }
    out
}

#[test]
fn every_phrase_has_an_english_translation_with_the_same_gaps() {
    let translations = translations();
    let sources = sources();
    assert!(sources.len() > 100, "the phrases were not found");
    for source in &sources {
        let english = translations.get(source).unwrap_or_else(|| panic!("no translation of “{source}”"));
        assert!(!english.is_empty(), "“{source}” is not translated");
        assert!(!has_han(english), "the translation of “{source}” is Chinese: {english}");
        assert_eq!(source.matches("{}").count(), english.matches("{}").count(), "gaps of “{source}”");
    }
    for source in translations.keys().filter(|s| !s.is_empty()) {
        assert!(sources.contains(source), "“{source}” is translated but not used");
    }
}

#[test]
fn no_chinese_stands_in_the_screens_outside_of_the_translated_phrases() {
    let mut files = Vec::new();
    slint_files(&ui(), &mut files);
    for file in files.iter().filter(|f| !f.ends_with("api/data.slint")) {
        for (before, literal) in literals(&std::fs::read_to_string(file).unwrap()) {
            let translated = before.trim_end().ends_with("@tr(");
            // The button that leads back to Chinese says so in Chinese.
            let switch = literal.starts_with("中文") || literal.starts_with("EN");
            assert!(translated || switch || !has_han(&literal), "{}: “{literal}”", file.display());
        }
    }
}
