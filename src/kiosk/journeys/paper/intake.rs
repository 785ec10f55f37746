//! How a file comes in: the menu of ways, the phone, the pick-up code. A way that does not work
//! now is shown with its reason where a citizen would look for it, and hidden where this terminal never has it.

use super::{Docs, Turn, want};
use crate::journeys::card_asked::{CardAsked, Heard, not_read};
use crate::journeys::slip::qr;
use crate::session::{
    CameFrom, CardEvent, CodeReaders, DocNo, Effect, PaperEvent, PaperKind, PaperWant, Sound, Surroundings,
};
use crate::view::{
    Action, Card, Control, Field, FileName, FileRow, Keyboard, Page, PaperMenu, PaperWay, QrCode, Question, Tool,
    Upload, Waiting,
};
use wire::api::PickupRequest;
use wire::catalogue::Text;
use zeroize::Zeroizing;

/// Characters of a file's name on the screen.
const NAME_CHARS: usize = 28;
/// A pick-up code's characters, dashes not counted.
const CODE_CHARS: usize = 8;
/// The same with dashes, as a line holds it.
const CODE_CHARS_MAX: u32 = 10;
/// Key of the line of the code.
const CODE_FIELD: &str = "pick_up_code";

/// What can be done with paper here.
pub(super) fn menu(around: &Surroundings) -> PaperMenu {
    PaperMenu { ways: ways(around), quota: super::preview::quota(around) }
}

pub(super) fn ways(around: &Surroundings) -> Vec<PaperWay> {
    let printer = around.pick_any(super::words::cannot_print(around).as_ref());
    let way = |id: &str, label: (&str, &str), hint: (&str, &str), reason: String| PaperWay {
        id: id.to_owned(),
        label: around.say(label.0, label.1),
        hint: around.say(hint.0, hint.1),
        reason,
    };
    let or = |reason: String| if printer.is_empty() { reason } else { printer.clone() };
    let paper = &around.can.paper;
    let mut ways = Vec::new();
    if paper.upload {
        let reason = if around.online {
            String::new()
        } else {
            around.say("网络中断，暂时不能从手机传", "The network is down; files cannot come from a phone now")
        };
        ways.push(way(
            "phone",
            ("用手机传文件", "Send a file from your phone"),
            ("扫码选文件或拍照，不用装软件", "Scan a code, choose a file or take a photo"),
            or(reason),
        ));
    }
    if paper.stick {
        ways.push(way(
            "stick",
            ("打印 U 盘里的文件", "Print from a USB stick"),
            ("只读取，不改动 U 盘", "It is only read, nothing is changed"),
            or(String::new()),
        ));
    }
    if around.online && around.can.card_reader {
        ways.push(way(
            "code",
            ("用取件码打印", "Print with a pick-up code"),
            ("窗口给您的取件码", "The code you were given at a window"),
            or(String::new()),
        ));
    }
    if paper.scan {
        ways.push(way(
            "card",
            ("复印身份证", "Copy an ID card"),
            ("正反面印在一张纸上，原大", "Both sides on one sheet, true size"),
            or(String::new()),
        ));
        ways.push(way(
            "copy",
            ("复印材料", "Copy papers"),
            ("放在玻璃板上，一页一页来", "Lay them on the glass, page by page"),
            or(String::new()),
        ));
    }
    ways
}

/// Sending from a phone.
#[derive(Debug, Default)]
pub(super) struct Phone {
    code: Option<QrCode>,
    /// Bytes of the largest file, by the hall's word.
    file_bytes_max: u64,
    failed: bool,
}

impl Phone {
    pub(super) fn event(&mut self, event: &PaperEvent) -> Turn {
        match event {
            PaperEvent::UploadOffered { link, file_bytes_max } => {
                self.code = Some(qr(link));
                self.file_bytes_max = *file_bytes_max;
                self.failed = false;
            }
            PaperEvent::UploadNotOffered => {
                self.code = None;
                self.failed = true;
            }
            _ => {}
        }
        Turn::stay()
    }

    pub(super) fn page(&self, docs: &Docs, around: &Surroundings) -> Upload {
        Upload {
            qr: self.code.clone(),
            error: if self.failed { no_phone(around) } else { String::new() },
            files: rows(docs, around),
            note: self.note(around),
        }
    }

    fn note(&self, around: &Surroundings) -> String {
        let most = self.file_bytes_max >> 20;
        if most == 0 {
            return around.say(
                "能打印 PDF、OFD、图片、文本和 Office 文件。文件只在本次使用中保留，离开即清除。",
                "PDF, OFD, pictures, text and Office files. They are kept only while you are here.",
            );
        }
        around.say(
            &format!(
                "能打印 PDF、OFD、图片、文本和 Office 文件；每个不超过 {most} MB。文件只在本次使用中保留，离开即清除。"
            ),
            &format!(
                "PDF, OFD, pictures, text and Office files, up to {most} MB each. They are kept only while you are here."
            ),
        )
    }
}

/// What is left when a phone cannot send.
fn no_phone(around: &Surroundings) -> String {
    if around.can.paper.stick {
        around.say(
            "暂时不能从手机传文件，可以用 U 盘，或到 1 号咨询台",
            "Files cannot come from a phone now; use a USB stick, or ask at desk 1",
        )
    } else {
        around.say(
            "暂时不能从手机传文件，请稍后再试，或到 1 号咨询台",
            "Files cannot come from a phone now; try again later, or ask at desk 1",
        )
    }
}

/// A pick-up code, then the card of the person it is for.
#[derive(Debug, Default)]
pub(super) struct PickUp {
    code: Zeroizing<String>,
    error: Option<Text>,
    step: PickUpStep,
}

/// Where picking up stands.
#[derive(Debug, Default)]
enum PickUpStep {
    /// The code is typed.
    #[default]
    Code,
    /// The card is awaited.
    Card(CardAsked),
    /// The hall is asked.
    Asking,
    /// It came as this document.
    Came(DocNo),
}

impl PickUp {
    pub(super) fn act(&mut self, action: Action) -> Turn {
        match (&self.step, action) {
            (PickUpStep::Code, Action::Edit { text, .. }) => {
                self.set_code(text.chars().filter(char::is_ascii_alphanumeric).take(CODE_CHARS));
                Turn::stay()
            }
            (PickUpStep::Code, Action::Next) if self.code.len() < CODE_CHARS => {
                let missing = CODE_CHARS - self.code.len();
                self.error = Some(Text {
                    zh: format!("取件码是 {CODE_CHARS} 位字母和数字，还差 {missing} 位"),
                    en: format!("The code has {CODE_CHARS} letters and digits; {missing} are missing"),
                });
                Turn::stay()
            }
            (PickUpStep::Code, Action::Next) | (PickUpStep::Card(_), Action::Use(Tool::TryAgain)) => {
                self.error = None;
                self.step = PickUpStep::Card(CardAsked::new());
                Turn::doing(vec![Effect::ReadCard])
            }
            _ => Turn::stay(),
        }
    }

    fn set_code(&mut self, plain: impl Iterator<Item = char>) {
        self.code = Zeroizing::new(plain.collect::<String>().to_uppercase());
        self.error = None;
    }

    /// A code was held before the scanner instead of being typed. Whatever is no pick-up code is not written down.
    pub(super) fn scanned(&mut self, text: &str) -> Turn {
        let plain = text.trim().replace('-', "");
        if plain.len() != CODE_CHARS || !plain.chars().all(|c| c.is_ascii_alphanumeric()) {
            self.error = Some(Text::new(
                "这个码不是取件码，请扫通知上的取件码，或输入",
                "This is not a pick-up code; scan the one on your note, or type it",
            ));
            return Turn::stay();
        }
        self.set_code(plain.chars());
        self.act(Action::Next)
    }

    /// Whether a code before the scanner is taken now.
    pub(super) fn wants_code(&self) -> bool {
        matches!(self.step, PickUpStep::Code)
    }

    pub(super) fn card(&mut self, event: CardEvent, around: &Surroundings) -> Turn {
        let PickUpStep::Card(asked) = &mut self.step else { return Turn::stay() };
        match asked.hear(event) {
            Heard::Read(card) => {
                self.step = PickUpStep::Asking;
                let person = Zeroizing::new(card.number.clone());
                let request = PickupRequest { code: self.code.to_string(), id_no: card.number.clone() };
                Turn::doing(vec![
                    Effect::StopReading,
                    Effect::Sound(Sound::CardRead),
                    want(PaperWant::CountFor(person)),
                    want(PaperWant::PickUp(request)),
                ])
            }
            Heard::Failed { helpless } => Turn::doing(not_read(helpless, "取件码", around)),
            Heard::GoesOn => Turn::stay(),
        }
    }

    /// The citizen goes back before anything came.
    pub(super) fn leave(&self) -> Vec<Effect> {
        if matches!(self.step, PickUpStep::Card(_)) { vec![Effect::StopReading] } else { Vec::new() }
    }

    fn help(&self, around: &Surroundings) -> String {
        if around.can.code_readers == CodeReaders::Work {
            around.say(
                "在窗口给您的通知上；输入，或把它的码对准亮灯的扫码窗口",
                "On the note from the window; type it, or hold its code before the lit scanner",
            )
        } else {
            around.say("在窗口给您的通知上，不分大小写", "On the note from the window; capitals do not matter")
        }
    }

    pub(super) fn came(&mut self, doc: DocNo) {
        if matches!(self.step, PickUpStep::Asking) {
            self.step = PickUpStep::Came(doc);
        }
    }

    pub(super) fn is_for(&self, doc: DocNo) -> bool {
        matches!(self.step, PickUpStep::Came(own) if own == doc)
    }

    pub(super) fn asking(&self) -> bool {
        matches!(self.step, PickUpStep::Asking | PickUpStep::Came(_))
    }

    pub(super) fn failed(&mut self, why: Text) -> Turn {
        self.step = PickUpStep::Code;
        self.error = Some(why);
        Turn::stay()
    }

    pub(super) fn page(&self, around: &Surroundings) -> Page {
        match &self.step {
            PickUpStep::Asking | PickUpStep::Came(_) => Page::Waiting(Waiting::Fetching),
            PickUpStep::Card(asked) => Page::Card(Card {
                role: around.say("收件人", "Recipient"),
                title: around.say("用取件码打印", "Print with a pick-up code"),
                state: asked.shown(around),
                other_way: String::new(),
                large_type: false,
            }),
            PickUpStep::Code => Page::Question(Question {
                title: around.say("请输入取件码", "Enter the pick-up code"),
                fields: vec![Field {
                    key: CODE_FIELD.to_owned(),
                    label: around.say("取件码", "Pick-up code"),
                    help: self.help(around),
                    error: around.pick_any(self.error.as_ref()),
                    optional: false,
                    control: Control::Line {
                        text: self.code.to_string(),
                        keyboard: Keyboard::Code,
                        max_len: CODE_CHARS_MAX,
                    },
                }],
                errors: Vec::new(),
            }),
        }
    }
}

/// The files of the phone, oldest first.
fn rows(docs: &Docs, around: &Surroundings) -> Vec<FileRow> {
    docs.iter()
        .filter(|(_, doc)| doc.kind == PaperKind::Print && doc.from == CameFrom::Hall)
        .map(|(no, doc)| FileRow { id: format!("doc:{no}"), name: doc.title(around), state: doc.shown(around) })
        .collect()
}

/// The beginning and the end of a long name, which tell files apart best.
pub(super) fn shortened(name: &str) -> FileName {
    let count = name.chars().filter(|c| !c.is_control()).count();
    let (mut short, tail) = (Zeroizing::new(String::with_capacity(name.len() + '…'.len_utf8())), NAME_CHARS / 2 - 1);
    for (place, c) in name.chars().filter(|c| !c.is_control()).enumerate() {
        if count <= NAME_CHARS || place < NAME_CHARS - tail - 1 || place >= count - tail {
            short.push(c);
        } else if place == NAME_CHARS - tail - 1 {
            short.push('…');
        }
    }
    FileName::from(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        let name = "关于办理老年人优待证的情况说明（二〇二六年十一月最终修改版本第三稿）.pdf";
        let short = shortened(name);
        assert_eq!(short.chars().count(), NAME_CHARS);
        assert!(short.starts_with("关于办理") && short.ends_with("第三稿）.pdf"), "{}", &*short);
        assert_eq!(&*shortened("a\nb.pdf"), "ab.pdf");
    }
}
