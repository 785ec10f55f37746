//! The signature: a pen on the glass; or, for who cannot write, the applicant's card once more and a witness
//! from the staff (rules 7.4). The picture is drawn here from the strokes, black on white.

use super::{Apply, Stage};
use crate::journeys::Turn;
use crate::journeys::card_asked::{not_read, trouble};
use crate::session::{CardEvent, Effect, Signed, Sound, Surroundings};
use crate::view::{self, Action, Tool, Witness};
use wire::catalogue::Text;
use zeroize::{Zeroize, Zeroizing};

/// Size of the pad, and of the picture, in pixels.
const PAD: (u32, u32) = (968, 480);
/// Half the width of the pen, in pixels.
const PEN_RADIUS: f32 = 3.0;
/// A dot is no signature: strokes shorter than this together are refused.
const SIGNATURE_LENGTH_MIN: f32 = 60.0;

/// A signature so far.
#[derive(Debug, Default)]
pub(super) enum Signature {
    /// Nothing yet.
    #[default]
    None,
    /// Strokes on the glass.
    Pen(Strokes),
    /// 不便签名: what is awaited.
    Witness(Witness),
    /// Card again and this staff card.
    Witnessed(String),
}

/// Strokes in pad pixels; overwritten when dropped, hidden from logs.
#[derive(Default)]
pub(super) struct Strokes(Vec<Vec<(f32, f32)>>);

impl std::fmt::Debug for Strokes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Strokes({})", self.0.len())
    }
}

impl Drop for Strokes {
    fn drop(&mut self) {
        for stroke in &mut self.0 {
            for point in stroke.iter_mut() {
                point.0.zeroize();
                point.1.zeroize();
            }
        }
    }
}

impl Signature {
    /// Whether it holds one.
    pub(super) fn given(&self) -> bool {
        match self {
            Self::None | Self::Witness(_) => false,
            Self::Pen(strokes) => strokes.length() >= SIGNATURE_LENGTH_MIN,
            Self::Witnessed(_) => true,
        }
    }

    /// How it was signed, for the submission.
    pub(super) fn signed(&self) -> Signed {
        match self {
            Self::None | Self::Witness(_) => Signed::None,
            Self::Pen(_) => Signed::Pen,
            Self::Witnessed(staff_no) => Signed::CardAndWitness { staff_no: staff_no.clone() },
        }
    }

    /// The strokes as PNG; `None` where there is no pen.
    pub(super) fn picture(&self) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Pen(strokes) => strokes.png(),
            _ => None,
        }
    }
}

impl Strokes {
    fn length(&self) -> f32 {
        let stroke = |points: &Vec<(f32, f32)>| -> f32 {
            points.windows(2).map(|pair| (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1)).sum()
        };
        self.0.iter().map(stroke).sum()
    }

    fn png(&self) -> Option<Zeroizing<Vec<u8>>> {
        let (width, height) = PAD;
        let mut paper = Zeroizing::new(vec![255u8; (width * height) as usize]);
        for stroke in &self.0 {
            for pair in stroke.windows(2) {
                draw(&mut paper, pair[0], pair[1]);
            }
            if let [dot] = stroke.as_slice() {
                draw(&mut paper, *dot, *dot);
            }
        }
        let mut png = Zeroizing::new(Vec::new());
        let encoder = image::codecs::png::PngEncoder::new(&mut *png);
        image::ImageEncoder::write_image(encoder, &paper, width, height, image::ExtendedColorType::L8).ok()?;
        Some(png)
    }
}

fn draw(paper: &mut [u8], from: (f32, f32), to: (f32, f32)) {
    let steps = (to.0 - from.0).hypot(to.1 - from.1).ceil().clamp(1.0, 4096.0);
    let (width, height) = (PAD.0 as i32, PAD.1 as i32);
    for step in 0..=steps as i32 {
        let t = step as f32 / steps;
        let (cx, cy) = (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t);
        let reach = PEN_RADIUS.ceil() as i32;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let (x, y) = (cx as i32 + dx, cy as i32 + dy);
                let inside = (dx * dx + dy * dy) as f32 <= PEN_RADIUS * PEN_RADIUS;
                if inside && (0..width).contains(&x) && (0..height).contains(&y) {
                    paper[(y * width + x) as usize] = 0;
                }
            }
        }
    }
}

impl Apply {
    pub(super) fn page_sign(&self, error: Option<&Text>, around: &Surroundings) -> view::Sign {
        view::Sign {
            strokes: match &self.signature {
                Signature::Pen(strokes) => strokes.0.clone(),
                _ => Vec::new(),
            },
            error: around.pick_any(error),
            witness: match &self.signature {
                Signature::Witness(awaited) => Some(*awaited),
                _ => None,
            },
        }
    }

    pub(super) fn act_sign(&mut self, action: Action, around: &Surroundings) -> Turn {
        match action {
            Action::Stroke(points) => {
                let finite = points.iter().all(|(x, y)| x.is_finite() && y.is_finite());
                match &mut self.signature {
                    Signature::Pen(strokes) if finite => strokes.0.push(points),
                    signature if finite => *signature = Signature::Pen(Strokes(vec![points])),
                    _ => {}
                }
                self.stage = Stage::Sign { error: None };
                Turn::stay()
            }
            Action::Use(Tool::ClearSignature) => {
                self.signature = Signature::None;
                self.stage = Stage::Sign { error: None };
                Turn::doing(vec![Effect::StopReading])
            }
            Action::Use(Tool::CannotSign) if around.can.staff_card => {
                self.signature = Signature::Witness(Witness::ApplicantCard);
                Turn::doing(vec![Effect::ReadAnotherCard])
            }
            Action::Use(Tool::CannotSign) => {
                let error = Text::new(
                    "不便签名时要有工作人员在场见证，请到旁边的窗口办理",
                    "Without a signature a member of staff must witness; please go to the window",
                );
                self.stage = Stage::Sign { error: Some(error) };
                Turn::stay()
            }
            Action::Next => self.signed(around),
            _ => Turn::stay(),
        }
    }

    /// Back to the review. A witness that was begun by mistake is forgotten; what was drawn stays.
    pub(super) fn back_from_sign(&mut self) -> Turn {
        let witness = matches!(self.signature, Signature::Witness(_));
        if witness {
            self.signature = Signature::None;
        }
        let mut turn = self.open_review();
        if witness {
            turn.effects.insert(0, Effect::StopReading);
        }
        turn
    }

    /// The acting person's card once more.
    pub(super) fn witness_card(&mut self, event: CardEvent, around: &Surroundings) -> Turn {
        let Signature::Witness(Witness::ApplicantCard) = &self.signature else { return Turn::stay() };
        let card = match event {
            CardEvent::Read(card) => card,
            other => {
                let Some(error) = trouble(&other) else {
                    self.stage = Stage::Sign { error: None };
                    return Turn::stay();
                };
                self.stage = Stage::Sign { error: Some(error) };
                let helpless = self.witness_tries.again(&other);
                return Turn::doing(not_read(helpless, self.task_name(), around));
            }
        };
        if self.acting_card().is_none_or(|held| held.number != card.number) {
            let error = Text::new(
                "这不是刚才那张证，请放申请时用的证",
                "This is not the same card; please use the card from before",
            );
            self.stage = Stage::Sign { error: Some(error) };
            return Turn::doing(vec![Effect::Sound(Sound::Error), Effect::ReadAnotherCard]);
        }
        self.signature = Signature::Witness(Witness::StaffCard);
        self.stage = Stage::Sign { error: None };
        Turn::doing(vec![Effect::StopReading, Effect::Sound(Sound::CardRead)])
    }

    /// The witness's staff card.
    pub(super) fn witness(&mut self, staff_no: String, around: &Surroundings) -> Turn {
        let Signature::Witness(Witness::StaffCard) = &self.signature else { return Turn::stay() };
        self.signature = Signature::Witnessed(staff_no);
        self.submit(around)
    }

    fn signed(&mut self, around: &Surroundings) -> Turn {
        if self.signature.given() {
            return self.submit(around);
        }
        let error = match self.signature {
            Signature::Witness(_) => Text::new("还要放证件和工作卡", "The card and the staff card are still needed"),
            _ => Text::new("请在框里写下您的名字", "Please write your name in the box"),
        };
        self.stage = Stage::Sign { error: Some(error) };
        Turn::stay()
    }
}
