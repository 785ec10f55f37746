//! The browser view's half on the UI thread: carries messages to the panes and elements, hands pictures and
//! layers over.

use super::input::{self, Message};
use super::layer::Layer;
use super::shared::Shared;
use crate::platform::{Frame, Pane, Rect, Viewer};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// While things move, the elements are read this often at most.
const LAYER_INTERVAL: Duration = Duration::from_millis(50);

pub(super) struct BrowserViewer {
    shared: Arc<Shared>,
    layers: Vec<Layer>,
    visit: Option<u64>,
    stale: bool,
    read_at: Option<Instant>,
    carried_out: u64,
}

impl BrowserViewer {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, layers: Vec::new(), visit: None, stale: true, read_at: None, carried_out: 0 }
    }

    fn act(&self, message: &Message, panes: &[Pane]) {
        let element = |pane: usize, id| self.layers.get(pane).and_then(|layer| layer.element(id));
        match message {
            Message::Press(target) => {
                if let Some(element) = element(target.pane, target.id) {
                    element.invoke_accessible_default_action();
                }
            }
            Message::Set(new) => {
                if let Some(element) = element(new.pane, new.id) {
                    element.set_accessible_value(new.value.as_str());
                }
            }
            Message::Step(step) => match element(step.pane, step.id) {
                Some(element) if step.up => element.invoke_accessible_increment_action(),
                Some(element) => element.invoke_accessible_decrement_action(),
                None => {}
            },
            other => input::dispatch(other, panes),
        }
    }
}

impl Viewer for BrowserViewer {
    fn deliver(&mut self, panes: &[Pane]) {
        let messages = self.shared.take_messages();
        for message in &messages {
            self.act(message, panes);
            self.carried_out += 1;
            self.stale = true;
        }
        let visit = self.shared.visit();
        if visit != self.visit {
            (self.visit, self.stale, self.read_at) = (visit, true, None);
        }
    }

    fn drawn(&mut self, pane: usize, frame: &Frame, changed: &[Rect]) {
        self.shared.drawn(pane, frame, changed);
        self.stale = true;
    }

    fn settle(&mut self, panes: &[Pane]) -> Option<Duration> {
        if self.visit.is_none() || !self.stale {
            return None;
        }
        if let Some(early) = self.read_at.and_then(|at| LAYER_INTERVAL.checked_sub(at.elapsed()))
            && self.carried_out == 0
            && !early.is_zero()
        {
            return Some(early);
        }
        self.layers.resize_with(panes.len(), Layer::default);
        for (index, (pane, layer)) in panes.iter().zip(&mut self.layers).enumerate() {
            self.shared.publish(index, layer.read(pane));
        }
        if self.carried_out > 0 {
            self.shared.carried_out(std::mem::take(&mut self.carried_out));
        }
        (self.stale, self.read_at) = (false, Some(Instant::now()));
        None
    }
}
