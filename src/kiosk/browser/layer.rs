//! The accessible layer of one pane: the labelled elements of the screen as plain values, with numbers that
//! stay while an element stays, and the way back from a number to the element. Elements without a label are
//! part of another element or ornament, and are left out.

use crate::platform::Pane;
use i_slint_backend_testing::{AccessibleLiveness, AccessibleRole, ElementHandle};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::ControlFlow;
use zeroize::Zeroize;

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
    /// x, y, width, height in pixels of the picture.
    rect: [i32; 4],
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
        pane.element().visit_descendants(|element| {
            if let Some(mut node) = describe(&element) {
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

fn describe(element: &ElementHandle) -> Option<Node> {
    let role = role_name(element.accessible_role()?)?;
    let label = element.accessible_label().filter(|label| !label.is_empty())?;
    let (origin, size) = (element.absolute_position(), element.size());
    if size.width < 1.0 || size.height < 1.0 {
        return None;
    }
    let text = |value: Option<slint::SharedString>| value.filter(|v| !v.is_empty()).map(|v| v.to_string());
    #[allow(clippy::cast_possible_truncation)]
    let rect = [origin.x, origin.y, size.width, size.height].map(|length| length.round() as i32);
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
