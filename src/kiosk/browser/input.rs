//! What a browser may send: touches, keys, and acts on elements of the accessible layer. Everything is
//! bounded and checked here; nothing of it is ever logged.

use crate::platform::Pane;
use serde::Deserialize;
use slint::platform::{Key, PointerEventButton, WindowEvent};
use slint::{LogicalPosition, SharedString};

/// The longest message that a browser may send, in bytes: a paragraph typed at once.
pub(super) const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// One message of the browser.
#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub(super) enum Message {
    /// The batch before was drawn; the next may come.
    Seen,
    /// A finger or the mouse's button went down.
    Down(Place),
    /// It moved.
    Move(Place),
    /// It went up.
    Up(Place),
    /// The gesture was broken off.
    Leave(Where),
    /// The wheel.
    Wheel(Wheel),
    /// A key, by the name that browsers give it.
    Key(KeyStroke),
    /// The default action of an element.
    Press(Element),
    /// A new value for an element.
    Set(NewValue),
    /// One step of an element up or down.
    Step(Step),
}

#[derive(Clone, Copy, Deserialize)]
pub(super) struct Place {
    pane: usize,
    x: f32,
    y: f32,
}

#[derive(Deserialize)]
pub(super) struct Where {
    pane: usize,
}

#[derive(Deserialize)]
pub(super) struct Wheel {
    pane: usize,
    x: f32,
    y: f32,
    dx: f32,
    dy: f32,
}

#[derive(Deserialize)]
pub(super) struct KeyStroke {
    pane: usize,
    key: String,
    down: bool,
}

#[derive(Deserialize)]
pub(super) struct Element {
    pub(super) pane: usize,
    pub(super) id: u32,
}

#[derive(Deserialize)]
pub(super) struct NewValue {
    pub(super) pane: usize,
    pub(super) id: u32,
    pub(super) value: String,
}

#[derive(Deserialize)]
pub(super) struct Step {
    pub(super) pane: usize,
    pub(super) id: u32,
    pub(super) up: bool,
}

/// Sends a touch or a key to its pane. Acts on elements are the layer's business.
pub(super) fn dispatch(message: &Message, panes: &[Pane]) {
    let button = PointerEventButton::Left;
    match message {
        Message::Down(place) => at(panes, place, |position| vec![WindowEvent::PointerPressed { position, button }]),
        Message::Move(place) => at(panes, place, |position| vec![WindowEvent::PointerMoved { position }]),
        // A finger that has gone hovers nowhere.
        Message::Up(place) => {
            at(panes, place, |position| {
                vec![WindowEvent::PointerReleased { position, button }, WindowEvent::PointerExited]
            });
        }
        Message::Leave(Where { pane }) => send(panes, *pane, vec![WindowEvent::PointerExited]),
        Message::Wheel(Wheel { pane, x, y, dx, dy }) => {
            let (delta_x, delta_y) = (bounded(*dx), bounded(*dy));
            at(panes, &Place { pane: *pane, x: *x, y: *y }, |position| {
                vec![WindowEvent::PointerScrolled { position, delta_x, delta_y }]
            });
        }
        Message::Key(KeyStroke { pane, key, down }) => {
            if let Some(text) = key_text(key) {
                let event = if *down { WindowEvent::KeyPressed { text } } else { WindowEvent::KeyReleased { text } };
                send(panes, *pane, vec![event]);
            }
        }
        Message::Seen | Message::Press(_) | Message::Set(_) | Message::Step(_) => {}
    }
}

fn at(panes: &[Pane], place: &Place, events: impl FnOnce(LogicalPosition) -> Vec<WindowEvent>) {
    let Some(pane) = panes.get(place.pane) else { return };
    if !place.x.is_finite() || !place.y.is_finite() {
        return;
    }
    let size = pane.size().to_logical(pane.window().scale_factor());
    let position = LogicalPosition::new(place.x.clamp(0.0, size.width), place.y.clamp(0.0, size.height));
    send(panes, place.pane, events(position));
}

fn send(panes: &[Pane], pane: usize, events: Vec<WindowEvent>) {
    let Some(pane) = panes.get(pane) else { return };
    for event in events {
        // Slint refuses only what no element wants.
        let _ = pane.window().dispatch_event_with_result(event);
    }
}

fn bounded(delta: f32) -> f32 {
    if delta.is_finite() { delta.clamp(-10_000.0, 10_000.0) } else { 0.0 }
}

/// A browser's name of a key as Slint's text of it.
fn key_text(name: &str) -> Option<SharedString> {
    let key = match name {
        "Enter" => Key::Return,
        "Tab" => Key::Tab,
        "Backtab" => Key::Backtab,
        "Backspace" => Key::Backspace,
        "Delete" => Key::Delete,
        "Escape" => Key::Escape,
        "ArrowUp" => Key::UpArrow,
        "ArrowDown" => Key::DownArrow,
        "ArrowLeft" => Key::LeftArrow,
        "ArrowRight" => Key::RightArrow,
        "Home" => Key::Home,
        "End" => Key::End,
        "PageUp" => Key::PageUp,
        "PageDown" => Key::PageDown,
        _ => {
            let mut letters = name.chars();
            let letter = letters.next()?;
            return (letters.next().is_none() && !letter.is_control()).then(|| SharedString::from(letter));
        }
    };
    Some(SharedString::from(char::from(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_the_names_that_browsers_give_them() {
        assert_eq!(key_text("Enter").unwrap(), "\n");
        assert_eq!(key_text("7").unwrap(), "7");
        assert_eq!(key_text("项").unwrap(), "项");
        assert!(key_text("F13").is_none());
        assert!(key_text("\u{7f}").is_none());
        assert!(key_text("").is_none());
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for text in ["", "{}", r#"{"t":"format"}"#, r#"{"t":"down","pane":-1,"x":0,"y":0}"#, r#"{"t":"set","pane":0}"#]
        {
            assert!(serde_json::from_str::<Message>(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Message>(r#"{"t":"down","pane":0,"x":1.5,"y":2}"#).is_ok());
    }
}
