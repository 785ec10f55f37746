//! Certificates and records of the hall on A4 at 300 dpi: title, issuer, labelled facts, a table over as many pages
//! as it needs, and on each page's foot the verification code with its picture and the page's number. Laid out from
//! plain values; knows nothing of where they come from.

use super::code::Code;
use super::copy::{A4, pixels};
use super::fonts::{Fonts, Style};
use super::sheet::Sheet;
use super::text;
use drivers::receipt_printer::Bitmap;
use zeroize::Zeroize;

const TITLE: Style = Style::bold(96);
const ISSUER: Style = Style::regular(46);
const BODY: Style = Style::regular(46);
const HEAD: Style = Style::bold(44);
const SMALL: Style = Style::regular(36);
/// Room between a cell's edge and its words.
const PADDING: usize = 12;
/// Thickness of a table's lines.
const LINE: usize = 3;
/// Edges of the page, millimetres: what every printer can reach and a folder can hold.
const EDGE_MM: f32 = 22.0;
/// Height of the foot, millimetres.
const FOOT_MM: f32 = 48.0;
/// Side of the foot's code without its quiet zone, millimetres.
const CODE_MM: f32 = 26.0;
/// Width of the labels of the facts, millimetres.
const LABEL_MM: f32 = 42.0;

/// What stands on the paper. Overwritten when dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Title.
    pub title: String,
    /// Who issues it.
    pub issuer: String,
    /// Label and value.
    pub facts: Vec<(String, String)>,
    /// Heads of the table; empty without one.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// A sentence below; may be empty.
    pub remark: String,
    /// Printed on every page.
    pub verification_code: String,
    /// What the picture beside it leads to; none without a public hall.
    pub verification_url: Option<String>,
    /// "2026年11月24日 10:00".
    pub issued_at: String,
    /// "2027年2月22日".
    pub valid_through: String,
}

impl Drop for Record {
    fn drop(&mut self) {
        for (_, value) in &mut self.facts {
            value.zeroize();
        }
        for cell in self.rows.iter_mut().flatten() {
            cell.zeroize();
        }
    }
}

/// The sheets of a record, grey.
#[must_use]
pub fn sheets(record: &Record, fonts: &Fonts) -> Vec<Sheet> {
    let mut paper = Paper::new(fonts);
    paper.heading(record);
    paper.facts(&record.facts);
    paper.table(record);
    if !record.remark.is_empty() {
        paper.gap(30);
        paper.paragraph(&record.remark, BODY);
    }
    paper.finished(record)
}

/// Pages being filled from the top.
struct Paper<'a> {
    fonts: &'a Fonts,
    pages: Vec<Bitmap>,
    y: usize,
}

impl<'a> Paper<'a> {
    fn new(fonts: &'a Fonts) -> Self {
        Self { fonts, pages: vec![blank()], y: edge() }
    }

    fn page(&mut self) -> &mut Bitmap {
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    fn gap(&mut self, rows: usize) {
        self.y += rows;
    }

    /// Begins a new page where so many rows do not fit on this one; says whether it did.
    fn room_for(&mut self, rows: usize) -> bool {
        if self.y + rows <= A4.1 as usize - foot() {
            return false;
        }
        self.pages.push(blank());
        self.y = edge();
        true
    }

    fn heading(&mut self, record: &Record) {
        for (words, style, after) in [(&record.title, TITLE, 40), (&record.issuer, ISSUER, 60)] {
            for line in text::lines(words, style, inner() as f32, self.fonts) {
                let left = (A4.0 as f32 - self.fonts.width(&line, style)) / 2.0;
                self.write(&line, style, left);
                self.y += style.line_height();
            }
            self.gap(after);
        }
    }

    fn write(&mut self, line: &str, style: Style, left: f32) {
        let (fonts, y) = (self.fonts, self.y);
        fonts.draw(self.page(), line, style, (left, y));
    }

    fn paragraph(&mut self, words: &str, style: Style) {
        for line in text::lines(words, style, inner() as f32, self.fonts) {
            self.room_for(style.line_height());
            self.write(&line, style, edge() as f32);
            self.y += style.line_height();
        }
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let indent = pixels(LABEL_MM) as usize;
        for (label, value) in facts {
            let lines = text::lines(value, BODY, (inner() - indent) as f32, self.fonts);
            self.room_for(lines.len().max(1) * BODY.line_height());
            self.write(label, HEAD, edge() as f32);
            for line in lines {
                self.write(&line, BODY, (edge() + indent) as f32);
                self.y += BODY.line_height();
            }
            self.gap(10);
        }
        self.gap(30);
    }

    fn table(&mut self, record: &Record) {
        if record.columns.is_empty() {
            return;
        }
        let widths = self.column_widths(record);
        let head = self.cells(&record.columns, &widths, HEAD);
        self.row(&head, &widths, HEAD);
        for row in &record.rows {
            let cells = self.cells(row, &widths, BODY);
            if self.room_for(row_height(&cells, BODY)) {
                self.row(&head, &widths, HEAD);
            }
            self.row(&cells, &widths, BODY);
        }
    }

    /// Columns share the width by their longest words, none less than a fair part of its own.
    fn column_widths(&self, record: &Record) -> Vec<usize> {
        let longest = |column: usize| {
            let cells = record.rows.iter().filter_map(|row| row.get(column));
            let widths = cells.map(|cell| self.fonts.width(cell, BODY));
            widths.fold(self.fonts.width(&record.columns[column], HEAD), f32::max).max(1.0)
        };
        let wanted: Vec<f32> = (0..record.columns.len()).map(longest).collect();
        let fair = inner() as f32 / wanted.len() as f32 * 0.5;
        let floor: Vec<f32> = wanted.iter().map(|width| width.min(fair)).collect();
        let wanted_count = wanted.len() as f32;
        let (rest, over) = (
            inner() as f32 - floor.iter().sum::<f32>(),
            wanted.iter().zip(&floor).map(|(wanted, floor)| wanted - floor).sum::<f32>().max(1.0),
        );
        wanted
            .iter()
            .zip(&floor)
            .map(|(wanted, floor)| {
                // Nobody wants more than its floor: the rest is shared evenly.
                let share = if over <= 1.0 { rest / wanted_count } else { rest * (wanted - floor) / over };
                (floor + share) as usize
            })
            .collect()
    }

    /// Each cell's words in lines that fit its column.
    fn cells(&self, row: &[String], widths: &[usize], style: Style) -> Vec<Vec<String>> {
        let empty = String::new();
        let cell = |(column, width): (usize, &usize)| {
            let words = row.get(column).unwrap_or(&empty);
            text::lines(words, style, width.saturating_sub(2 * PADDING).max(style.em) as f32, self.fonts)
        };
        widths.iter().enumerate().map(cell).collect()
    }

    fn row(&mut self, cells: &[Vec<String>], widths: &[usize], style: Style) {
        let (height, top) = (row_height(cells, style), self.y);
        let mut left = edge();
        for (lines, width) in cells.iter().zip(widths) {
            for (place, line) in lines.iter().enumerate() {
                self.y = top + PADDING + place * style.line_height();
                self.write(line, style, (left + PADDING) as f32);
            }
            frame(self.page(), (left, top), (*width, height));
            left += width;
        }
        self.y = top + height;
    }

    fn finished(mut self, record: &Record) -> Vec<Sheet> {
        let of = self.pages.len();
        for number in 0..of {
            foot_of(&mut self.pages[number], record, (number + 1, of), self.fonts);
        }
        self.pages.iter().map(sheet).collect()
    }
}

/// Verification code, its picture, dates and the page's number.
fn foot_of(page: &mut Bitmap, record: &Record, (number, of): (usize, usize), fonts: &Fonts) {
    let top = A4.1 as usize - foot() + 30;
    let mut left = edge();
    let code = record.verification_url.as_deref().and_then(|url| Code::at_least(pixels(CODE_MM) as usize, url, foot()));
    if let Some(code) = code {
        code.draw(page, left, A4.1 as usize - foot());
        left += code.side() + 20;
    }
    let mut lines = [
        format!("验证码 {}", record.verification_code),
        format!("出具时间 {}　有效期至 {}", record.issued_at, record.valid_through),
        "扫码或在大厅网页输入验证码，可核对本件真伪。".to_owned(),
        format!("第 {number} 页　共 {of} 页"),
    ];
    if record.verification_url.is_none() {
        lines[2] = "凭验证码可在大厅窗口核对本件真伪。".to_owned();
    }
    for (place, line) in lines.iter().enumerate() {
        fonts.draw(page, line, SMALL, (left as f32, top + place * (SMALL.line_height() + 14)));
    }
}

fn row_height(cells: &[Vec<String>], style: Style) -> usize {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
    lines.max(1) * style.line_height() + 2 * PADDING
}

fn blank() -> Bitmap {
    Bitmap::new(A4.0 as usize, A4.1 as usize)
}

fn edge() -> usize {
    pixels(EDGE_MM) as usize
}

fn foot() -> usize {
    pixels(FOOT_MM) as usize
}

fn inner() -> usize {
    A4.0 as usize - 2 * edge()
}

fn frame(page: &mut Bitmap, (left, top): (usize, usize), (width, height): (usize, usize)) {
    for thick in 0..LINE {
        for x in left..=left + width {
            page.set(x, top + thick);
            page.set(x, top + height + thick);
        }
        for y in top..=top + height {
            page.set(left + thick, y);
            page.set(left + width + thick, y);
        }
    }
}

fn sheet(page: &Bitmap) -> Sheet {
    Sheet { width: A4.0, height: A4.1, channels: 1, samples: page.to_luma() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(rows: usize) -> Record {
        Record {
            title: "社会保险个人参保缴费证明".into(),
            issuer: "项城市社会保险中心".into(),
            facts: vec![("姓名".into(), "王*示".into()), ("用途".into(), "子女入学".into())],
            columns: vec!["月份".into(), "险种".into(), "单位".into(), "缴费基数".into()],
            rows: (0..rows)
                .map(|row| {
                    let employer = "项城市样板食品有限公司(演示)".to_owned();
                    vec![format!("2026-{:02}", row % 12 + 1), "企业职工基本养老保险".into(), employer, "4200.00".into()]
                })
                .collect(),
            remark: "以上为截至出具时的记录。".into(),
            verification_code: "ABCD-EFGH-JKMN".into(),
            verification_url: Some("https://hall.example/v/ABCDEFGHJKMN".into()),
            issued_at: "2026年11月24日 10:00".into(),
            valid_through: "2027年2月22日".into(),
        }
    }

    fn ink(sheet: &Sheet, rows: std::ops::Range<usize>) -> usize {
        let width = sheet.width as usize;
        sheet.samples[rows.start * width..rows.end * width].iter().filter(|tone| **tone < 128).count()
    }

    #[test]
    fn a_long_table_goes_on_over_pages_and_each_has_its_foot() {
        let fonts = Fonts::shipped().unwrap();
        let sheets = sheets(&record(60), &fonts);
        assert!(sheets.len() >= 2, "{}", sheets.len());
        let foot_from = A4.1 as usize - foot();
        for sheet in &sheets {
            assert!(ink(sheet, foot_from..A4.1 as usize) > 10_000, "code and words on the foot");
            assert!(ink(sheet, 0..edge() - LINE) == 0, "the upper edge stays white");
        }
    }

    #[test]
    fn the_code_on_the_foot_reads_as_what_it_says() {
        let fonts = Fonts::shipped().unwrap();
        let sheet = &sheets(&record(3), &fonts)[0];
        let at = |x: usize, y: usize| sheet.samples[y * sheet.width as usize + x];
        let (left, top) = (edge() - 20, A4.1 as usize - foot());
        let side = pixels(CODE_MM) as usize + 200;
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| at(left + x, top + y));
        let (_, text) = picture.detect_grids()[0].decode().unwrap();
        assert_eq!(text, "https://hall.example/v/ABCDEFGHJKMN");
    }

    #[test]
    fn words_that_do_not_fit_a_cell_break_and_stay_inside_the_page() {
        let fonts = Fonts::shipped().unwrap();
        let mut wide = record(1);
        wide.rows[0][2] = "很长的单位名称".repeat(20);
        let sheet = &sheets(&wide, &fonts)[0];
        let width = sheet.width as usize;
        let beyond = |row: &[u8]| row[width - edge() + 2 * LINE..].iter().any(|tone| *tone < 128);
        assert!(!sheet.samples.chunks_exact(width).any(beyond));
    }
}
