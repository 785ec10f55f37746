//! Where lines break: anywhere between Chinese characters but never before a closing mark or after an opening
//! one; Latin words and numbers stay whole where they fit on a line at all.

use super::fonts::{Fonts, Style};

/// Marks that no line may begin with.
const CLOSING: &str = "，。、；：！？）】》”’〉』」〕…—,.;:!?)]}%％·";
/// Marks that no line may end with.
const OPENING: &str = "（【《“‘〈『「〔([{";

/// The lines of a text at a width; line breaks in the text are kept.
pub(super) fn lines(text: &str, style: Style, width: f32, fonts: &Fonts) -> Vec<String> {
    text.split('\n').flat_map(|paragraph| paragraph_lines(paragraph, style, width, fonts)).collect()
}

fn paragraph_lines(text: &str, style: Style, width: f32, fonts: &Fonts) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(&fonts.writable(text)) {
        let fits = |line: &str, piece: &str| fonts.width(line, style) + fonts.width(piece.trim_end(), style) <= width;
        if !line.is_empty() && !fits(&line, &piece) {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        let piece = if line.is_empty() { piece.trim_start() } else { &piece };
        if fits(&line, piece) {
            line.push_str(piece);
            continue;
        }
        // Longer than a whole line: broken wherever it must be.
        for c in piece.chars() {
            if !line.is_empty() && fonts.width(&line, style) + fonts.advance(c, style) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The smallest pieces between which a line may break.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for c in text.chars() {
        let joins = last.is_some_and(|last| {
            CLOSING.contains(c) || OPENING.contains(last) || (is_word(last) && is_word(c)) || (c == ' ' && last != ' ')
        });
        match pieces.last_mut() {
            Some(piece) if joins => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
        last = Some(c);
    }
    pieces
}

/// Letters and digits, and what holds numbers and addresses together.
fn is_word(c: char) -> bool {
    (c.is_alphanumeric() && !is_ideograph(c)) || "-_/+#@&'’.:,".contains(c)
}

fn is_ideograph(c: char) -> bool {
    matches!(c as u32, 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, ems: f32) -> Vec<String> {
        let style = Style::regular(32);
        lines(text, style, ems * 32.0, &Fonts::shipped().unwrap())
    }

    #[test]
    fn chinese_breaks_anywhere_but_not_before_a_closing_mark() {
        assert_eq!(broken("请妥善保管本凭条", 5.0), ["请妥善保管", "本凭条"]);
        assert_eq!(broken("请妥善保管，谢谢", 5.0), ["请妥善保", "管，谢谢"]);
        assert_eq!(broken("前面四个（括号）", 5.0), ["前面四个", "（括号）"]);
    }

    #[test]
    fn words_and_numbers_stay_whole_where_they_fit() {
        assert_eq!(broken("电话0394-0000108咨询", 7.0), ["电话", "0394-0000108", "咨询"].map(str::to_owned));
        let english = broken("Submitted, not yet accepted", 6.5);
        assert!(english.iter().all(|l| !l.starts_with(' ') && !l.ends_with(' ')), "{english:?}");
        assert_eq!(english.join(" "), "Submitted, not yet accepted");
    }

    #[test]
    fn no_line_is_wider_than_the_paper_whatever_the_text() {
        let fonts = Fonts::shipped().unwrap();
        let long = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch";
        let text = format!("{long}（{long}）买买提·阿卜杜热合曼·示范，{}", "，".repeat(30));
        for em in [24, 32, 48, 76] {
            let style = Style::bold(em);
            for line in lines(&text, style, 200.0, &fonts) {
                assert!(fonts.width(&line, style) <= 200.0, "{line}");
            }
        }
    }

    #[test]
    fn nothing_is_lost_between_lines() {
        let text = "工作人员核对材料是否齐全、是否符合法定形式，符合的予以受理；是否准予，受理后审查决定。";
        for ems in 3..20 {
            assert_eq!(broken(text, ems as f32).concat(), text);
        }
    }
}
