//! The accessible layer of one pane: the labelled elements of the screen as plain values, with numbers that
//! stay while an element stays, and the way back from a number to the element. Elements without a label are
//! part of another element or ornament, and are left out.

use crate::platform::Pane;
use i_slint_backend_testing::{AccessibleLiveness, AccessibleRole, ElementHandle};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::ControlFlow;
use zeroize::Zeroize;

/// An element that is cut to less than this many pixels is no target for a finger, and no longer in the layer.
const SEEN_MIN: i32 = 4;

/// x, y, width, height in pixels of the picture.
type Place = [i32; 4];

/// One element as the browser gets it.
#[derive(Clone, Default, PartialEq, Serialize)]
pub(super) struct Node {
    pub(super) id: u32,
    pub(super) role: &'static str,
    pub(super) label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholder: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disabled: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    readonly: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selected: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expanded: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<(f32, f32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<&'static str>,
    /// What of it can be seen.
    rect: Place,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.label.zeroize();
        for text in [&mut self.value, &mut self.description, &mut self.placeholder] {
            text.zeroize();
        }
    }
}

/// What tells one element from another of the same kind: role, label and the how-manieth it is.
type Likeness = (&'static str, String, u32);

/// The layer of a pane, on the UI thread.
#[derive(Default)]
pub(super) struct Layer {
    last_id: u32,
    known: HashMap<Likeness, u32>,
    handles: HashMap<u32, ElementHandle>,
}

impl Layer {
    /// Reads the elements that can be seen now.
    pub(super) fn read(&mut self, pane: &Pane) -> Vec<Node> {
        let (mut nodes, mut known, mut handles) = (Vec::new(), HashMap::new(), HashMap::new());
        let mut count: HashMap<(&'static str, String), u32> = HashMap::new();
        let mut rooms = Rooms::default();
        pane.element().visit_descendants(|element| {
            rooms.step();
            let place = place_of(&element);
            if is_room(&element) {
                rooms.open(place, descendants(&element));
            } else if let Some(mut node) = rooms.seen(place).and_then(|seen| describe(&element, seen)) {
                let nth = count.entry((node.role, node.label.clone())).and_modify(|n| *n += 1).or_insert(0);
                let likeness = (node.role, node.label.clone(), *nth);
                node.id = self.known.get(&likeness).copied().unwrap_or_else(|| {
                    self.last_id += 1;
                    self.last_id
                });
                known.insert(likeness, node.id);
                handles.insert(node.id, element);
                nodes.push(node);
            }
            ControlFlow::<()>::Continue(())
        });
        (self.known, self.handles) = (known, handles);
        nodes
    }

    /// The element of a number, if it is still there.
    pub(super) fn element(&self, id: u32) -> Option<&ElementHandle> {
        self.handles.get(&id).filter(|element| element.is_valid() && element.accessible_enabled() != Some(false))
    }
}

/// The scrolled rooms around the element that is being read. An element does not tell what holds it, but all that
/// a room holds is read right after it, so that counting tells where each room ends.
#[derive(Default)]
struct Rooms {
    /// Elements that were read.
    read: usize,
    /// What can be seen of each room, and how many elements are read when it ends.
    open: Vec<(Place, usize)>,
}

impl Rooms {
    /// The next element is read.
    fn step(&mut self) {
        self.read += 1;
        while self.open.last().is_some_and(|(_, end)| self.read > *end) {
            self.open.pop();
        }
    }

    /// The element that is read is itself a room that holds so many.
    fn open(&mut self, place: Place, holds: usize) {
        let seen = self.open.last().map_or(place, |(room, _)| common(*room, place));
        self.open.push((seen, self.read + holds));
    }

    /// What can be seen of an element, if that is more than a sliver.
    fn seen(&self, place: Place) -> Option<Place> {
        let Some((room, _)) = self.open.last() else { return Some(place) };
        let seen = common(*room, place);
        // What is whole may be as thin as it is.
        (seen == place || (seen[2] >= SEEN_MIN && seen[3] >= SEEN_MIN)).then_some(seen)
    }
}

/// What two places have in common; without width or height where that is nothing.
fn common([ax, ay, aw, ah]: Place, [bx, by, bw, bh]: Place) -> Place {
    let along = |a: i32, a_length: i32, b: i32, b_length: i32| {
        let start = a.max(b);
        let end = a.saturating_add(a_length).min(b.saturating_add(b_length));
        (start, end.saturating_sub(start).max(0))
    };
    let ((x, width), (y, height)) = (along(ax, aw, bx, bw), along(ay, ah, by, bh));
    [x, y, width, height]
}

#[allow(clippy::cast_possible_truncation)]
fn place_of(element: &ElementHandle) -> Place {
    let (origin, size) = (element.absolute_position(), element.size());
    [origin.x, origin.y, size.width, size.height].map(|length| length.round() as i32)
}

/// Whether it cuts and moves what it holds: the middle of a page, and the dock.
fn is_room(element: &ElementHandle) -> bool {
    element.type_name().is_some_and(|name| name == "Flickable")
}

fn descendants(element: &ElementHandle) -> usize {
    let mut count = 0;
    element.visit_descendants(|_| {
        count += 1;
        ControlFlow::<()>::Continue(())
    });
    count
}

fn describe(element: &ElementHandle, rect: Place) -> Option<Node> {
    let role = role_name(element.accessible_role()?)?;
    let label = element.accessible_label().filter(|label| !label.is_empty())?;
    if rect[2] < 1 || rect[3] < 1 {
        return None;
    }
    let text = |value: Option<slint::SharedString>| value.filter(|v| !v.is_empty()).map(|v| v.to_string());
    let is_input = role == "text-input";
    Some(Node {
        id: 0,
        role,
        label: label.to_string(),
        value: element.accessible_value().map(|v| v.to_string()).filter(|v| is_input || !v.is_empty()),
        description: text(element.accessible_description()),
        placeholder: text(element.accessible_placeholder_text()),
        disabled: element.accessible_enabled() == Some(false),
        readonly: element.accessible_read_only() == Some(true),
        checked: (element.accessible_checkable() == Some(true))
            .then(|| element.accessible_checked().unwrap_or_default()),
        selected: (element.accessible_item_selectable() == Some(true))
            .then(|| element.accessible_item_selected().unwrap_or_default()),
        expanded: (element.accessible_expandable() == Some(true))
            .then(|| element.accessible_expanded().unwrap_or_default()),
        range: element.accessible_value_minimum().zip(element.accessible_value_maximum()),
        live: element.accessible_live_region().and_then(liveness),
        rect,
    })
}

fn liveness(live: AccessibleLiveness) -> Option<&'static str> {
    match live {
        AccessibleLiveness::Polite => Some("polite"),
        AccessibleLiveness::Assertive => Some("assertive"),
        _ => None,
    }
}

fn role_name(role: AccessibleRole) -> Option<&'static str> {
    Some(match role {
        AccessibleRole::Button => "button",
        AccessibleRole::Checkbox => "checkbox",
        AccessibleRole::Combobox => "combobox",
        AccessibleRole::Groupbox => "group",
        AccessibleRole::Image => "img",
        AccessibleRole::List => "list",
        AccessibleRole::ListItem => "listitem",
        AccessibleRole::Slider => "slider",
        AccessibleRole::Spinbox => "spinbutton",
        AccessibleRole::Tab => "tab",
        AccessibleRole::TabList => "tablist",
        AccessibleRole::TabPanel => "tabpanel",
        AccessibleRole::Text => "text",
        AccessibleRole::Table => "table",
        AccessibleRole::Tree => "tree",
        AccessibleRole::ProgressIndicator => "progressbar",
        AccessibleRole::TextInput => "text-input",
        AccessibleRole::Switch => "switch",
        AccessibleRole::RadioButton => "radio",
        AccessibleRole::RadioGroup => "radiogroup",
        AccessibleRole::Banner => "banner",
        AccessibleRole::Complementary => "complementary",
        AccessibleRole::ContentInfo => "contentinfo",
        AccessibleRole::Form => "form",
        AccessibleRole::Main => "main",
        AccessibleRole::Navigation => "navigation",
        AccessibleRole::Region => "region",
        AccessibleRole::Search => "search",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Place = [0, 400, 1080, 1240];

    /// What is seen of an element in the middle of a page.
    fn seen(place: Place) -> Option<Place> {
        let mut rooms = Rooms::default();
        rooms.step();
        rooms.open(ROOM, 1);
        rooms.step();
        rooms.seen(place)
    }

    #[test]
    fn what_reaches_out_of_its_room_ends_where_the_room_ends() {
        assert_eq!(seen([56, 1595, 968, 152]), Some([56, 1595, 968, 45]));
        assert_eq!(seen([56, 300, 968, 152]), Some([56, 400, 968, 52]));
        assert_eq!(seen([56, 600, 968, 152]), Some([56, 600, 968, 152]));
    }

    #[test]
    fn a_sliver_is_left_out_but_not_what_is_thin_by_itself() {
        assert_eq!(seen([56, 1637, 968, 152]), None);
        assert_eq!(seen([56, 1700, 968, 152]), None);
        assert_eq!(seen([56, 600, 968, 2]), Some([56, 600, 968, 2]));
    }

    #[test]
    fn what_comes_after_a_room_is_not_cut_and_a_room_in_a_room_is_cut_by_both() {
        let mut rooms = Rooms::default();
        rooms.step();
        rooms.open(ROOM, 2);
        rooms.step();
        rooms.open([100, 1600, 200, 200], 1);
        rooms.step();
        assert_eq!(rooms.seen([0, 1500, 1080, 400]), Some([100, 1600, 200, 40]));
        rooms.step();
        assert_eq!(rooms.seen([0, 1700, 1080, 80]), Some([0, 1700, 1080, 80]));
    }
}
