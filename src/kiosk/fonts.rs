//! The shipped fonts, embedded once: the screen registers them with Slint, slips and documents draw with them.
//! Made by the script beside them in `assets/fonts`; knows no renderer.

/// Noto Sans CJK SC, regular weight.
pub static REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSansCJKsc-Regular.otf");
/// Noto Sans CJK SC, bold weight.
pub static BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansCJKsc-Bold.otf");

/// The text with each character that is not held written as 〈U+9814〉: what a font lacks would be drawn as nothing, and
/// a name would lose a part without a sign of it.
pub fn written(text: &str, holds: impl Fn(char) -> bool) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if holds(c) {
            written.push(c);
        } else {
            written.push_str(&format!("〈U+{:04X}〉", c as u32));
        }
    }
    written
}
