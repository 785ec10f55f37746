//! What stands on the slips: the submission's and the guide's list of materials. Words only; the drawing is the
//! page's. No id number ever stands here, names come masked, and nothing promises what the hall does not do.

use super::{Block, Fonts, Page, Style};
use drivers::receipt_printer::Bitmap;
use wire::catalogue::Text;
use zeroize::{Zeroize, ZeroizeOnDrop};

const HALL: Style = Style::bold(32);
const TITLE: Style = Style::bold(56);
const STATE: Style = Style::bold(46);
const NOTE: Style = Style::regular(30);
const LABEL: Style = Style::regular(30);
const SMALL_GROUP: Style = Style::regular(34);
const LARGE_GROUP: Style = Style::bold(78);
const QUERY_CODE: Style = Style::bold(56);
/// Names: dense characters clot below 40 dots.
const NAME: Style = Style::regular(42);
const BODY: Style = Style::regular(32);
/// A date with its weekday and the time fits on one line beside its label.
const WHEN: Style = Style::regular(30);
const ENGLISH: Style = Style::regular(26);
const KEEP: Style = Style::bold(44);

/// What a submission's slip says. Overwritten when dropped.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct SlipContent {
    /// Name of the hall.
    pub hall: String,
    /// Terminal number, three digits.
    pub terminal_no: String,
    /// Official name of the service.
    pub task_name: String,
    /// The applicant's name, masked.
    pub name: String,
    /// Division and date of the submission number ("411681-20261123").
    pub number_small: String,
    /// Terminal, serial and check ("007-00012-6").
    pub number_large: String,
    /// The six digits.
    pub query_code: String,
    /// What the QR code holds: the hall's look-up page, or number and lookup token.
    pub lookup: String,
    /// Date and time of the submission, local, in words.
    pub submitted_at: String,
    /// Whether the hall's signed receipt is there.
    pub delivered: bool,
    /// Licences (task type 01): the sentence about deemed acceptance.
    pub deemed_acceptance: bool,
    /// No contact was given: the day from which to come and ask.
    #[zeroize(skip)]
    pub ask_from: Option<Text>,
    /// Where to go with questions.
    pub place: String,
    /// Outputs that this terminal does not make, as a sentence; may be empty.
    pub not_here: String,
    /// The citizen used the terminal in English: the main sentences stand in both languages.
    pub english: bool,
}

/// What a list of materials says.
#[derive(Clone, Debug)]
pub struct MaterialList {
    /// Name of the hall.
    pub hall: String,
    /// Plain name of the service.
    pub service: String,
    /// Date of the printing, local, in words.
    pub date: String,
    /// Materials, each with its number and its remarks.
    pub lines: Vec<String>,
    /// Where to bring them, a line or several; may be empty.
    pub place: String,
    /// Text of a QR code to take along; may be empty.
    pub code: String,
    /// Both languages.
    pub english: bool,
}

/// The submission's slip as dots.
#[must_use]
pub fn submission_slip(content: &SlipContent, fonts: &Fonts) -> Bitmap {
    submission_page(content).draw(fonts)
}

/// The list of materials as dots.
#[must_use]
pub fn material_slip(list: &MaterialList, fonts: &Fonts) -> Bitmap {
    material_page(list).draw(fonts)
}

/// The submission's slip as blocks.
#[must_use]
pub fn submission_page(content: &SlipContent) -> Page {
    let mut page = Writer::new(content.english);
    page.block(Block::Centred(content.hall.clone(), HALL));
    page.block(Block::Gap(8));
    page.centred(TITLE, "申请提交凭条", "Slip of a submitted application");
    page.block(Block::Gap(12));
    page.block(Block::Framed(state(content)));
    page.block(Block::Gap(20));
    number(&mut page, content);
    if !content.lookup.is_empty() {
        page.block(Block::Code(content.lookup.clone()));
        page.centred(LABEL, "查询二维码", "Code for looking it up");
    }
    page.block(Block::Rule);
    page.pair("事项", "Service", &content.task_name, BODY);
    page.pair("申请人", "Applicant", &content.name, NAME);
    page.pair("提交时间", "Submitted", &content.submitted_at, WHEN);
    page.pair("终端", "Terminal", &content.terminal_no, BODY);
    page.block(Block::Rule);
    next_steps(&mut page, content);
    page.block(Block::Rule);
    page.centred(KEEP, "请妥善保管", "Please keep this slip safe");
    page.block(Block::Gap(8));
    page.finish()
}

fn state(content: &SlipContent) -> Vec<(String, Style)> {
    let mut lines = vec![("已提交，尚未受理".to_owned(), STATE)];
    let (zh, en) = if content.delivered {
        ("大厅已收到（收件）", "Submitted and received by the hall; not yet accepted for processing")
    } else {
        (
            "还没送到大厅：已加密存在本机，网络恢复后自动送达",
            "Submitted, not yet accepted. It has not reached the hall: it is stored on this terminal and is sent when the network is back",
        )
    };
    lines.push((zh.to_owned(), NOTE));
    if content.english {
        lines.push((en.to_owned(), ENGLISH));
    }
    lines
}

fn number(page: &mut Writer, content: &SlipContent) {
    page.centred(LABEL, "提交编号", "Submission number");
    page.block(Block::Centred(content.number_small.clone(), SMALL_GROUP));
    page.block(Block::Centred(content.number_large.clone(), LARGE_GROUP));
    if !content.query_code.is_empty() {
        page.block(Block::Gap(8));
        page.centred(LABEL, "查询码", "Query code");
        page.block(Block::Centred(spaced(&content.query_code), QUERY_CODE));
    }
}

/// Six digits in two groups of three.
fn spaced(code: &str) -> String {
    match (code.get(..3), code.get(3..)) {
        (Some(first), Some(rest)) if !rest.is_empty() => format!("{first} {rest}"),
        _ => code.to_owned(),
    }
}

fn next_steps(page: &mut Writer, content: &SlipContent) {
    page.left(Style::bold(36), "接下来", "What happens next");
    page.point(
        "工作人员核对材料是否齐全、是否符合法定形式，符合的予以受理；是否准予，受理后审查决定。",
        "Staff check whether the papers are complete and in the legal form, then accept the application; the decision follows after acceptance.",
    );
    if content.deemed_acceptance {
        page.point(
            "5 个工作日内没有一次性告知您补正的，自收到材料之日起即为受理。",
            "If nobody tells you within 5 working days, once and completely, what to correct, the application counts as accepted from the day it was received.",
        );
    }
    if let Some(day) = &content.ask_from {
        page.point(
            &format!("您没有留联系方式：请从{}起自己来查办理情况。", day.zh),
            &format!("You left no contact: please come and ask from {}.", day.en),
        );
    }
    page.point(
        "凭身份证，或提交编号后 9 位加查询码，可在任何一台终端和窗口查询。",
        "With your card, or the last 9 characters of the number and the query code, any terminal or window finds it.",
    );
    if !content.not_here.is_empty() {
        page.block(Block::Point(content.not_here.clone(), BODY));
    }
    if !content.place.is_empty() {
        page.point(&format!("咨询：{}", content.place), &format!("Questions: {}", content.place));
    }
}

/// The list of materials as blocks.
#[must_use]
pub fn material_page(list: &MaterialList) -> Page {
    let mut page = Writer::new(list.english);
    page.block(Block::Centred(list.hall.clone(), HALL));
    page.block(Block::Gap(8));
    page.centred(TITLE, "材料清单", "What to bring");
    page.block(Block::Gap(8));
    page.block(Block::Centred(list.service.clone(), STATE));
    page.block(Block::Rule);
    for line in &list.lines {
        page.block(Block::Left(line.clone(), Style::regular(34)));
        page.block(Block::Gap(10));
    }
    page.block(Block::Rule);
    page.pair("在哪办", "Where", &list.place, BODY);
    page.pair("打印日期", "Printed", &list.date, BODY);
    if !list.code.is_empty() {
        page.block(Block::Code(list.code.clone()));
        page.centred(LABEL, "手机扫码带走这份清单", "Scan to take this list along");
    }
    page.centred(BODY, "材料要求以窗口当日公布的为准", "What the window announces on the day is what counts");
    page.block(Block::Gap(8));
    page.finish()
}

/// Adds blocks, with the English beside the Chinese where it is wanted.
struct Writer {
    page: Page,
    english: bool,
}

impl Writer {
    fn new(english: bool) -> Self {
        Self { page: Page { blocks: vec![Block::Gap(16)] }, english }
    }

    fn finish(self) -> Page {
        self.page
    }

    fn block(&mut self, block: Block) {
        self.page.blocks.push(block);
    }

    fn centred(&mut self, style: Style, zh: &str, en: &str) {
        self.block(Block::Centred(zh.to_owned(), style));
        if self.english {
            self.block(Block::Centred(en.to_owned(), ENGLISH));
        }
    }

    fn left(&mut self, style: Style, zh: &str, en: &str) {
        self.block(Block::Left(zh.to_owned(), style));
        if self.english {
            self.block(Block::Left(en.to_owned(), ENGLISH));
        }
    }

    fn point(&mut self, zh: &str, en: &str) {
        self.block(Block::Point(zh.to_owned(), BODY));
        if self.english {
            self.block(Block::Under(en.to_owned(), ENGLISH));
        }
    }

    /// A labelled value; one without a value is left out.
    fn pair(&mut self, zh: &str, en: &str, value: &str, style: Style) {
        if !value.is_empty() {
            let (label, indent) = if self.english { (format!("{zh} {en}"), 268) } else { (zh.to_owned(), 150) };
            self.block(Block::Pair { label, value: value.to_owned(), style, indent });
        }
    }
}

#[cfg(test)]
mod tests;
