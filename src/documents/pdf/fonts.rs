//! Which font stands in for one that the file does not hold. Chinese official documents name STSong, SimSun,
//! FangSong_GB2312, KaiTi and friends without embedding them; without a font for them hayro draws nothing.

use crate::Fonts;
use hayro::hayro_interpret::font::{FallbackFontQuery, FontData, FontQuery};
use hayro::hayro_interpret::hayro_cmap::CidFamily;
use hayro::hayro_interpret::{InterpreterSettings, InterpreterWarning};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Parts of names, in small letters, by which a Chinese font is known where no collection is said.
const CHINESE: &[&str] = &[
    "song",
    "simsun",
    "simhei",
    "fang",
    "kai",
    "hei",
    "ming",
    "mingliu",
    "yahei",
    "dengxian",
    "noto",
    "hans",
    "gb2312",
    "gbk",
    "fz",
    "lisu",
    "youyuan",
    "non-ascii",
];
/// The same for a heavy face: 黑体 and 小标宋 head official letters.
const HEAVY: &[&str] = &["bold", "hei", "biaosong", "heavy", "black"];

/// How pages are interpreted: with these fonts, and `lacking` set when something of a page cannot be read.
pub(super) fn settings(fonts: Fonts, lacking: Arc<AtomicBool>) -> InterpreterSettings {
    InterpreterSettings {
        font_resolver: Arc::new(move |query| Some(resolve(query, fonts))),
        warning_sink: Arc::new(move |warning| {
            if matches!(warning, InterpreterWarning::UnsupportedFont | InterpreterWarning::ImageDecodeFailure) {
                lacking.store(true, Ordering::Relaxed);
            }
        }),
        ..InterpreterSettings::default()
    }
}

fn resolve(query: &FontQuery, fonts: Fonts) -> (FontData, u32) {
    match query {
        FontQuery::Standard(font) => font.get_font_data(),
        FontQuery::Fallback(font) if is_chinese(font) => (Arc::new(chinese(font, fonts)), 0),
        FontQuery::Fallback(font) => font.pick_standard_font().get_font_data(),
    }
}

/// Bold holds fewer characters: it serves the standard list and GB 2312 only, so CNS1 takes regular.
fn chinese(font: &FallbackFontQuery, fonts: Fonts) -> &'static [u8] {
    let simplified = font.character_collection.as_ref().is_none_or(|c| c.family == CidFamily::AdobeGB1);
    let heavy = font.is_bold || font.font_weight >= 600 || names(font).any(|name| holds(&name, HEAVY));
    if simplified && heavy { fonts.bold } else { fonts.regular }
}

fn is_chinese(font: &FallbackFontQuery) -> bool {
    match font.character_collection.as_ref().map(|collection| &collection.family) {
        Some(CidFamily::AdobeGB1 | CidFamily::AdobeCNS1 | CidFamily::AdobeJapan1 | CidFamily::AdobeKorea1) => true,
        // A composite font of no collection: its text comes as Unicode, if at all.
        Some(_) => true,
        None => names(font).any(|name| holds(&name, CHINESE)),
    }
}

fn names(font: &FallbackFontQuery) -> impl Iterator<Item = String> {
    [&font.post_script_name, &font.font_name, &font.font_family]
        .into_iter()
        .flatten()
        .map(|name| name.to_ascii_lowercase())
}

fn holds(name: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| name.contains(part))
}
