//! The fields of a question page as rows of the screen: words, names for a screen reader (none twice on a
//! page), and how many choices stand side by side.

use super::glyphs::legible;
use super::{typing, wheels};
use crate::view::{Choice, Control, Field, Frame, Keyboard, Language, Origin};
use jiff::civil::Date;
use slint::{ModelRc, VecModel};
use std::collections::BTreeMap;
use std::rc::Rc;
use ui::{ChoiceView, FieldKind, FieldView, KeyboardKind, OriginKind, WheelView};

/// Width a choice may take in all, and what its mark and padding take of it, in pixels.
const ROW: f32 = 968.0;
const AROUND: f32 = 96.0;
const GAP: f32 = 16.0;

/// How the page is set.
#[derive(Clone, Copy)]
pub struct Setting {
    /// English page.
    pub english: bool,
    /// Large type.
    pub elder: bool,
    /// Where empty wheels of a date stand.
    pub today: Date,
}

impl Setting {
    /// How a frame sets its page.
    pub fn of(frame: &Frame) -> Self {
        Self { english: frame.language == Language::En, elder: frame.elder, today: frame.today }
    }
}

/// One row of the screen with the model of its choices, which stays when the row changes.
pub struct Row {
    /// What the screen shows.
    pub view: FieldView,
    /// The choices in `view`.
    pub choices: Rc<VecModel<ChoiceView>>,
    /// The wheels in `view`.
    pub wheels: Rc<VecModel<WheelView>>,
}

/// The wheels of a line, as the screen shows them; none where it is no date.
pub fn wheel_views(keyboard: Keyboard, stored: &str, setting: Setting) -> Vec<WheelView> {
    if !wheels::has_wheels(keyboard) {
        return Vec::new();
    }
    let wheels = wheels::wheels(keyboard, stored, setting.today, setting.english);
    let views = wheels.into_iter().map(|wheel| WheelView {
        unit: wheel.unit.into(),
        before: wheel.before.into(),
        now: wheel.now.into(),
        after: wheel.after.into(),
    });
    views.collect()
}

/// Rows for all fields.
pub fn rows(fields: &[Field], setting: Setting) -> Vec<(FieldView, Vec<ChoiceView>)> {
    let names = names(fields);
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for choice in fields.iter().flat_map(|field| choices(&field.control)) {
        *labels.entry(choice.label.as_str()).or_default() += 1;
    }
    fields
        .iter()
        .zip(&names)
        .map(|(field, name)| {
            let own = choices(&field.control);
            let rows = own.iter().map(|choice| ChoiceView {
                value: choice.value.as_str().into(),
                label: choice.label.as_str().into(),
                name: match labels.get(choice.label.as_str()) {
                    Some(1) => choice.label.as_str().into(),
                    _ => format!("{name} {}", choice.label).into(),
                },
                section: choice.section.as_str().into(),
                selected: choice.selected,
                group: false,
            });
            (view(field, name, setting), rows.collect())
        })
        .collect()
}

/// The choices of a control, if it has any.
pub fn choices(control: &Control) -> &[Choice] {
    match control {
        Control::Buttons { choices, .. } | Control::List { choices, .. } => choices,
        _ => &[],
    }
}

/// One name a field, none twice: the label, with the row's head before it where rows repeat, numbered if it must be.
fn names(fields: &[Field]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut head = String::new();
    let mut out = Vec::new();
    for field in fields {
        let row = field.key.split('.').any(|part| part.parse::<u32>().is_ok());
        let mut name = match &field.control {
            Control::RowHead { title } => {
                head.clone_from(title);
                title.clone()
            }
            _ if row && !head.is_empty() => format!("{head} {}", field.label),
            _ => field.label.clone(),
        };
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            name = format!("{name} {count}");
        }
        out.push(name);
    }
    out
}

fn view(field: &Field, name: &str, setting: Setting) -> FieldView {
    let mut view = FieldView {
        key: field.key.as_str().into(),
        label: legible(&field.label),
        name: legible(name),
        help: field.help.as_str().into(),
        optional: field.optional,
        error: legible(&field.error),
        enabled: true,
        columns: 1,
        choices: ModelRc::default(),
        ..FieldView::default()
    };
    match &field.control {
        Control::Fact { value, origin, changeable } => {
            view.kind = FieldKind::Fact;
            view.text = legible(value);
            view.changeable = *changeable;
            view.origin = match origin {
                Origin::Card => OriginKind::Card,
                Origin::Typed => OriginKind::Typed,
                Origin::Derived => OriginKind::Derived,
            };
        }
        Control::Line { text, keyboard, max_len } => {
            view.kind = FieldKind::Line;
            view.text = typing::shown(*keyboard, text, setting.english).into();
            view.keyboard = kind(*keyboard);
            view.max_len = i32::try_from(*max_len).unwrap_or(0);
            view.set = wheels::is_set(*keyboard, text);
        }
        Control::Paragraph { text, max_len } => {
            view.kind = FieldKind::Paragraph;
            view.text = text.as_str().into();
            view.keyboard = KeyboardKind::Text;
            view.max_len = i32::try_from(*max_len).unwrap_or(0);
        }
        Control::Buttons { choices, many } => {
            view.kind = FieldKind::Buttons;
            view.many = *many;
            (view.columns, view.tall) = columns(choices, setting.elder);
        }
        Control::List { choices, many } => {
            view.kind = FieldKind::List;
            view.many = *many;
            let chosen: Vec<&str> = choices.iter().filter(|c| c.selected).map(|c| c.label.as_str()).collect();
            view.chosen = chosen.join(if setting.english { ", " } else { "、" }).into();
        }
        Control::Tick { on } => {
            view.kind = FieldKind::Tick;
            view.on = *on;
        }
        Control::RowHead { title } => {
            view.kind = FieldKind::RowHead;
            view.text = legible(title);
        }
        Control::AddRow { enabled } => {
            view.kind = FieldKind::AddRow;
            view.enabled = *enabled;
        }
    }
    view
}

/// How many choices stand side by side, and whether two lines of words are needed.
fn columns(choices: &[Choice], elder: bool) -> (i32, bool) {
    let size = if elder { 48.0 } else { 34.0 };
    let widest = choices.iter().map(|choice| width(&choice.label) * size).fold(0.0, f32::max);
    let count = choices.len().max(1);
    let fits = |columns: usize| widest <= (ROW - (columns as f32 - 1.0) * GAP) / columns as f32 - AROUND;
    let most = (1..=4.min(count)).rev().find(|columns| fits(*columns));
    // Even rows: five choices in rows of three, four in rows of two where three would fit.
    let columns = most.map_or(1, |most| count.div_ceil(count.div_ceil(most)));
    (i32::try_from(columns).unwrap_or(1), most.is_none())
}

/// Width in ems, a little generous.
fn width(text: &str) -> f32 {
    text.chars().map(|c| if c.is_ascii() { 0.55 } else { 1.03 }).sum()
}

/// The screen's word for a keyboard.
pub fn kind(keyboard: Keyboard) -> KeyboardKind {
    match keyboard {
        Keyboard::Digits => KeyboardKind::Digits,
        Keyboard::Mobile => KeyboardKind::Mobile,
        Keyboard::BankCard => KeyboardKind::BankCard,
        Keyboard::Decimal => KeyboardKind::Decimal,
        Keyboard::Date => KeyboardKind::Date,
        Keyboard::Month => KeyboardKind::Month,
        Keyboard::IdNumber => KeyboardKind::IdNumber,
        Keyboard::Code => KeyboardKind::Code,
        Keyboard::Text => KeyboardKind::Text,
    }
}

/// The keyboard a screen's word means.
pub fn keyboard(kind: KeyboardKind) -> Keyboard {
    match kind {
        KeyboardKind::Digits => Keyboard::Digits,
        KeyboardKind::Mobile => Keyboard::Mobile,
        KeyboardKind::BankCard => Keyboard::BankCard,
        KeyboardKind::Decimal => Keyboard::Decimal,
        KeyboardKind::Date => Keyboard::Date,
        KeyboardKind::Month => Keyboard::Month,
        KeyboardKind::IdNumber => Keyboard::IdNumber,
        KeyboardKind::Code => Keyboard::Code,
        KeyboardKind::Text => Keyboard::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTING: Setting = Setting { english: false, elder: false, today: jiff::civil::date(2026, 11, 24) };

    fn choice(label: &str) -> Choice {
        Choice { value: label.into(), label: label.into(), section: String::new(), selected: false }
    }

    fn buttons(key: &str, label: &str, words: &[&str]) -> Field {
        Field {
            key: key.into(),
            label: label.into(),
            help: String::new(),
            optional: false,
            error: String::new(),
            control: Control::Buttons { choices: words.iter().map(|w| choice(w)).collect(), many: false },
        }
    }

    #[test]
    fn short_choices_stand_side_by_side_and_long_ones_below_each_other() {
        let set = |words: &[&str]| columns(&words.iter().map(|w| choice(w)).collect::<Vec<_>>(), false);
        assert_eq!(set(&["是", "否"]), (2, false));
        assert_eq!(set(&["手机", "座机", "家人代收", "我自己来查"]), (2, false));
        assert_eq!(set(&["一", "二", "三", "四", "五"]), (3, false));
        assert_eq!(set(&["企业职工基本养老保险", "失业保险"]), (2, false));
        assert!(set(&["劳动合同、营业执照、学籍证明任一都可以，没有的另交承诺书一份"]).1);
    }

    #[test]
    fn no_name_stands_twice_on_a_page() {
        let fields = [buttons("a", "婚姻", &["是", "否"]), buttons("b", "住房", &["是", "否"])];
        let rows = rows(&fields, SETTING);
        assert_eq!(rows[0].1[0].name, "婚姻 是");
        assert_eq!(rows[1].1[0].name, "住房 是");
        let one = super::rows(&fields[..1], SETTING);
        assert_eq!(one[0].1[0].name, "是");
    }
}
