//! What a program can see on a screen: words that need more room than they have, words outside of what
//! holds them, targets that are small, close together or in each other's way, names that stand twice.

use super::fixtures::Scene;
use super::glass::Glass;
use kiosk::view::Language;
use slint::LogicalPosition;
use slint::private_unstable_api::re_exports::{
    AccessibleRole, AccessibleStringProperty, ComplexText, Flickable, ItemRc, LogicalRect, Orientation, SimpleText,
    WindowInner, ensure_item_tree_instantiated,
};

/// Smallest side of a target, in pixels: 15 mm.
const TARGET: f32 = 60.0;
/// Smallest gap between two targets.
const GAP: f32 = 16.0;
/// Rounding to whole pixels.
const SLACK: f32 = 1.5;

/// An item that is drawn, with where it stands in the window and what of it can be seen.
#[derive(Clone)]
struct Seen {
    item: ItemRc,
    rect: LogicalRect,
    visible: LogicalRect,
    /// What its ancestors let through.
    window: LogicalRect,
    /// Whether it lies on something that scrolls.
    scrolls: bool,
    /// What holds it, from the window or what scrolls down to its parent.
    holders: Vec<LogicalRect>,
}

/// Everything that is wrong with what is shown.
pub fn all(glass: &Glass, scene: &Scene, language: Language) -> Vec<String> {
    let seen = seen(glass);
    if std::env::var("SCREENS_DUMP").is_ok() {
        dump(&seen, scene);
    }
    let mut wrong = clipped(glass, &seen);
    wrong.extend(outside(&seen));
    wrong.extend(targets(glass, &seen));
    wrong.extend(names(&seen));
    if language == Language::En {
        wrong.extend(untranslated(&seen));
    }
    wrong
}

/// The middle of the target with this name, if a finger can reach it.
pub fn middle(glass: &Glass, name: &str) -> Option<LogicalPosition> {
    let all = seen(glass);
    let one = all.iter().find(|one| is_target(one.item.accessible_role()) && label(&one.item) == name)?;
    let middle = one.rect.center();
    one.visible.contains(middle).then(|| LogicalPosition::new(middle.x, middle.y))
}

fn seen(glass: &Glass) -> Vec<Seen> {
    let inner = WindowInner::from_pub(glass.window());
    let root = ItemRc::new_root(inner.component());
    ensure_item_tree_instantiated(root.item_tree());
    let rect = absolute(&root);
    let mut out = Vec::new();
    walk(Seen { item: root, rect, visible: rect, window: rect, scrolls: false, holders: Vec::new() }, &mut out);
    out
}

fn walk(parent: Seen, out: &mut Vec<Seen>) {
    let clips = parent.item.borrow().as_ref().clips_children();
    let flickable = parent.item.downcast::<Flickable>().is_some();
    // `visible: false` is a clip without area.
    let hidden = clips && parent.item.geometry().size.is_empty();
    let window = if clips { parent.window.intersection(&parent.rect).unwrap_or_default() } else { parent.window };
    let mut child = parent.item.first_child();
    while let Some(item) = child.take_if(|_| !hidden) {
        child = item.next_sibling();
        let rect = absolute(&item);
        let visible = rect.intersection(&window).unwrap_or_default();
        let holders = if flickable { Vec::new() } else { [parent.holders.clone(), vec![parent.rect]].concat() };
        let scrolls = parent.scrolls || flickable;
        walk(Seen { item, rect, visible, window, scrolls, holders }, out);
    }
    out.push(parent);
}

fn absolute(item: &ItemRc) -> LogicalRect {
    let geometry = item.geometry();
    LogicalRect::new(item.map_to_window(geometry.origin), geometry.size)
}

fn words(item: &ItemRc) -> Option<String> {
    let text = item
        .downcast::<SimpleText>()
        .map(|t| t.as_pin_ref().text())
        .or_else(|| item.downcast::<ComplexText>().map(|t| t.as_pin_ref().text()))?;
    (!text.is_empty()).then(|| text.to_string())
}

fn start(text: &str) -> String {
    text.chars().take(24).collect()
}

/// Words that need more room than their own rectangle.
fn clipped(glass: &Glass, seen: &[Seen]) -> Vec<String> {
    let adapter = WindowInner::from_pub(glass.window()).window_adapter();
    let mut wrong = Vec::new();
    for one in seen {
        let Some(text) = words(&one.item) else { continue };
        let need =
            |orientation, across| one.item.borrow().as_ref().layout_info(orientation, across, &adapter, &one.item).min;
        let wide = need(Orientation::Horizontal, -1.0);
        if wide > one.rect.width() + SLACK {
            wrong.push(format!("“{}” is {wide:.0} wide in {:.0}", start(&text), one.rect.width()));
        }
        let high = need(Orientation::Vertical, one.rect.width());
        if high > one.rect.height() + SLACK {
            wrong.push(format!("“{}” is {high:.0} high in {:.0}", start(&text), one.rect.height()));
        }
    }
    wrong
}

/// Words outside of what holds them.
fn outside(seen: &[Seen]) -> Vec<String> {
    let mut wrong = Vec::new();
    for one in seen {
        let Some(text) = words(&one.item) else { continue };
        for holder in &one.holders {
            let within = one.rect.min_x() + SLACK >= holder.min_x()
                && one.rect.max_x() <= holder.max_x() + SLACK
                && one.rect.min_y() + SLACK >= holder.min_y()
                && one.rect.max_y() <= holder.max_y() + SLACK;
            if !holder.is_empty() && !within {
                wrong.push(format!("“{}” stands out of what holds it: {:?} of {holder:?}", start(&text), one.rect));
                break;
            }
        }
    }
    wrong
}

fn is_target(role: AccessibleRole) -> bool {
    matches!(
        role,
        AccessibleRole::Button
            | AccessibleRole::RadioButton
            | AccessibleRole::Checkbox
            | AccessibleRole::Combobox
            | AccessibleRole::TextInput
            | AccessibleRole::ListItem
    )
}

fn label(item: &ItemRc) -> String {
    item.accessible_string_property(AccessibleStringProperty::Label).unwrap_or_default().to_string()
}

fn targets(glass: &Glass, seen: &[Seen]) -> Vec<String> {
    let (width, height) = glass.size();
    let mut wrong = Vec::new();
    let all: Vec<&Seen> = seen.iter().filter(|one| is_target(one.item.accessible_role())).collect();
    for (place, one) in all.iter().enumerate() {
        let name = label(&one.item);
        if name.is_empty() {
            wrong.push(format!("a target without a name at {:?}", one.rect));
        }
        let input = one.item.accessible_role() == AccessibleRole::TextInput;
        if !input && (one.rect.width() < TARGET || one.rect.height() < TARGET) {
            wrong.push(format!("“{name}” is {:.0} × {:.0}", one.rect.width(), one.rect.height()));
        }
        let right = one.rect.max_x() > width + SLACK || one.rect.min_x() < -SLACK;
        let below = !one.scrolls && (one.rect.max_y() > height + SLACK || one.rect.min_y() < -SLACK);
        if right || below {
            wrong.push(format!("“{name}” is off the screen: {:?}", one.rect));
        }
        for other in &all[place + 1..] {
            // What scrolls is compared where it really lies; what is hidden touches nobody.
            let (a, b) =
                if one.scrolls && other.scrolls { (one.rect, other.rect) } else { (one.visible, other.visible) };
            if a.is_empty() || b.is_empty() || a.contains_rect(&b) || b.contains_rect(&a) {
                continue;
            }
            if a.inflate(GAP - SLACK, GAP - SLACK).intersects(&b) {
                wrong.push(format!("“{name}” and “{}” are too close: {a:?} {b:?}", label(&other.item)));
            }
        }
    }
    wrong
}

/// Names that stand twice.
fn names(seen: &[Seen]) -> Vec<String> {
    let mut all: Vec<String> = seen
        .iter()
        .filter(|one| one.item.accessible_role() != AccessibleRole::None)
        .map(|one| label(&one.item))
        .filter(|name| !name.is_empty())
        .collect();
    all.sort();
    let mut twice: Vec<&String> = all.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    twice.dedup();
    twice.into_iter().map(|name| format!("“{}” is the name of two things", start(name))).collect()
}

/// Words of the Chinese source on an English screen.
fn untranslated(seen: &[Seen]) -> Vec<String> {
    let source = super::words::sources();
    let mut wrong = Vec::new();
    for one in seen {
        for text in [words(&one.item), Some(label(&one.item))].into_iter().flatten() {
            if source.contains(&text) {
                wrong.push(format!("“{text}” is not translated"));
            }
        }
    }
    wrong
}

/// The tree with its rectangles, for finding out why.
fn dump(seen: &[Seen], scene: &Scene) {
    println!("== {}", scene.name);
    for one in seen {
        let depth = one.holders.len();
        let names = one.item.element_type_names_and_ids(0).unwrap_or_default();
        let names: Vec<String> = names.iter().map(|(kind, id)| format!("{kind}#{id}")).collect();
        let r = one.rect;
        println!(
            "{:depth$}{} [{:.0} {:.0} {:.0}×{:.0}] {}",
            "",
            names.join(" "),
            r.min_x(),
            r.min_y(),
            r.width(),
            r.height(),
            words(&one.item).map(|t| start(&t)).unwrap_or_default()
        );
    }
}
