//! Contrast of the theme's colours: text at least 7:1, other signs at least 3:1.

use std::collections::BTreeMap;

fn colours() -> BTreeMap<String, [f64; 3]> {
    let text = std::fs::read_to_string(super::root().join("ui/theme.slint")).unwrap();
    let mut out = BTreeMap::new();
    for line in text.lines() {
        let Some(rest) = line.trim().strip_prefix("out property <color> ") else { continue };
        let Some((name, value)) = rest.trim_end_matches(';').split_once(": #") else { continue };
        let part = |from: usize| f64::from(u8::from_str_radix(&value[from..from + 2], 16).unwrap()) / 255.0;
        out.insert(name.to_string(), [part(0), part(2), part(4)]);
    }
    out
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_has_seven_to_one_and_signs_have_three_to_one() {
    let colours = colours();
    let texts = [
        ("text", "page"),
        ("text", "surface"),
        ("text", "desk"),
        ("text", "tint-pressed"),
        ("quiet", "page"),
        ("quiet", "surface"),
        ("on-primary", "primary"),
        ("on-primary", "primary-pressed"),
        ("on-primary", "danger-solid"),
        ("on-primary", "night"),
        ("primary", "surface"),
        ("primary", "tint"),
        ("primary", "page"),
        ("success", "success-tint"),
        ("success", "surface"),
        ("warning", "warning-tint"),
        ("warning", "page"),
        ("warning", "surface"),
        ("danger", "danger-tint"),
        ("danger", "page"),
        ("danger", "surface"),
        ("disabled", "page"),
    ];
    let signs = [
        ("border", "surface"),
        ("border", "page"),
        ("focus-line", "focus"),
        ("primary", "track"),
        ("warning-line", "warning-tint"),
        ("danger-solid", "surface"),
        ("success", "page"),
        ("violet", "violet-tint"),
        ("light", "night-track"),
        ("ink", "surface"),
    ];
    for (pairs, least) in [(&texts[..], 7.0), (&signs[..], 3.0)] {
        for (front, back) in pairs {
            let found = contrast(colours[*front], colours[*back]);
            assert!(found >= least, "{front} on {back}: {found:.2}, needs {least}");
        }
    }
}
