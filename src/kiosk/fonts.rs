//! The shipped fonts, embedded once: the screen registers them with Slint, slips and documents draw with them.
//! Made by the script beside them in `assets/fonts`; knows no renderer.

/// Noto Sans CJK SC, regular weight.
pub static REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSansCJKsc-Regular.otf");
/// Noto Sans CJK SC, bold weight.
pub static BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansCJKsc-Bold.otf");
