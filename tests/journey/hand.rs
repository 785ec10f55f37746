//! A hand and an eye at the terminal's screen. What is there is read from the view that the screen shows; what is
//! done is done to elements found by their accessible label, as a screen reader would.

use super::Stage;
use i_slint_backend_testing::{AccessibleRole, ElementHandle};
use kiosk::demo::World;
use kiosk::platform::{Own, Pane};
use kiosk::screen::Screen;
use kiosk::view::{Page, View};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, SharedString};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Longest wait for a condition; only a broken terminal reaches it.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks while nothing is reported.
const LOOK: Duration = Duration::from_millis(30);

pub struct Hand {
    pub world: Arc<World>,
    pub(super) own: Own,
    pub(super) screen: Screen,
    pub(super) views: Receiver<View>,
    pub(super) view: Option<View>,
}

impl Hand {
    /// Starts the terminal of this stage on a screen of this thread.
    pub fn at(stage: &Stage) -> Self {
        let own = {
            let started = Instant::now();
            Own::install_with_clock(move || started.elapsed()).unwrap()
        };
        let screen = Screen::new().unwrap();
        let world = stage.world.clone();
        // The platform keeps the screen until the thread ends; the world must end with its test, threads and all.
        let touched = Arc::downgrade(&world);
        screen.on_action(move |action| {
            if let Some(world) = touched.upgrade() {
                world.with_terminal(|terminal| terminal.inlet().act(action));
            }
        });
        own.show(vec![Pane::new("terminal", (1080, 1920), screen.app())], ()).unwrap();
        let mut hand = Self { world, own, screen, views: channel().1, view: None };
        hand.start_terminal();
        hand
    }

    /// Starts the terminal, or restarts it.
    pub fn start_terminal(&mut self) {
        let (sender, views) = channel();
        self.world.start_terminal(move |view| drop(sender.send(view))).unwrap();
        self.views = views;
        self.view = None;
    }

    /// Cuts the network to the hall, and waits until the terminal has noticed.
    pub fn lose_the_hall(&mut self) {
        self.world.with_terminal(|terminal| terminal.cut_network(true));
        self.until("the strip", |view| view.frame.offline);
    }

    /// The view that the screen shows.
    pub fn view(&mut self) -> View {
        self.until("a first view", |_| true)
    }

    /// Waits until the view is as wanted.
    pub fn until(&mut self, what: &str, mut wanted: impl FnMut(&View) -> bool) -> View {
        let end = Instant::now() + PATIENCE;
        loop {
            while let Ok(view) = self.views.try_recv() {
                self.take(view);
            }
            let _ = self.own.turn();
            if let Some(view) = &self.view
                && wanted(view)
            {
                return view.clone();
            }
            assert!(Instant::now() < end, "waited in vain for {what}; on the screen: {:#?}", self.view);
            match self.views.recv_timeout(LOOK) {
                Ok(view) => self.take(view),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the terminal ended while waiting for {what}"),
            }
        }
    }

    /// Waits for a page.
    pub fn until_page<T>(&mut self, what: &str, mut pick: impl FnMut(&Page) -> Option<T>) -> T {
        let view = self.until(what, |view| pick(&view.page).is_some());
        pick(&view.page).unwrap()
    }

    /// Takes the views that came and draws once.
    pub fn look(&mut self) {
        while let Ok(view) = self.views.try_recv() {
            self.take(view);
        }
        let _ = self.own.turn();
    }

    pub(super) fn take(&mut self, view: View) {
        self.screen.show(&view);
        self.view = Some(view);
    }

    /// Touches the element with this label.
    pub fn touch(&mut self, label: &str) {
        self.element(label).invoke_accessible_default_action();
        let _ = self.own.turn();
    }

    /// Writes into the line with this label.
    pub fn write(&mut self, label: &str, text: &str) {
        self.element(label).set_accessible_value(text);
        let _ = self.own.turn();
    }

    /// Waits for the element with this label.
    pub fn element(&mut self, label: &str) -> ElementHandle {
        let end = Instant::now() + PATIENCE;
        loop {
            let _ = self.own.turn();
            if let Some(element) = self.find(label).or_else(|| self.scroll(|hand| hand.find(label))) {
                return element;
            }
            assert!(Instant::now() < end, "no {label:?} on the screen, only {:#?}", self.labels());
            if let Ok(view) = self.views.recv_timeout(LOOK) {
                self.take(view);
            }
        }
    }

    /// Waits until one of these is on the screen.
    pub(super) fn one_of<'a>(&mut self, labels: &[&'a str]) -> &'a str {
        let end = Instant::now() + PATIENCE;
        loop {
            let _ = self.own.turn();
            if let Some(label) = labels.iter().find(|label| self.find(label).is_some()) {
                return label;
            }
            assert!(Instant::now() < end, "none of {labels:?} on the screen, only {:#?}", self.labels());
            if let Ok(view) = self.views.recv_timeout(LOOK) {
                self.take(view);
            }
        }
    }

    /// Looks further down, then further up, by the page's own buttons, until what is looked for is there.
    pub(super) fn scroll<T>(&self, found: impl Fn(&Self) -> Option<T>) -> Option<T> {
        for way in ["向下翻", "向上翻"] {
            while let Some(button) = self.find(way) {
                let before = self.labels();
                button.invoke_accessible_default_action();
                // The page slides; its movement ends by the platform's clock.
                while self.own.turn().next.is_some_and(|next| next < Duration::from_millis(100)) {}
                if let Some(found) = found(self) {
                    return Some(found);
                }
                if self.labels() == before {
                    break;
                }
            }
        }
        None
    }

    /// All labels on the screen.
    pub fn labels(&self) -> Vec<String> {
        self.texts(|element| [element.accessible_label()])
    }

    /// All that a screen reader says of the screen: labels, values, descriptions.
    pub fn said(&self) -> Vec<String> {
        self.texts(|element| {
            [
                element.accessible_label(),
                element.accessible_value(),
                element.accessible_description(),
                element.accessible_placeholder_text(),
            ]
        })
    }

    /// These texts of every element, as far as it has them.
    fn texts<const N: usize>(&self, of: impl Fn(&ElementHandle) -> [Option<SharedString>; N]) -> Vec<String> {
        let mut texts = Vec::new();
        let root = i_slint_backend_testing::ElementRoot::root_element(self.screen.app());
        root.visit_descendants(|element| {
            texts.extend(of(&element).into_iter().flatten().map(String::from));
            std::ops::ControlFlow::<()>::Continue(())
        });
        texts
    }

    /// What can be touched or written into under a label; headings and groups of the same name are passed over.
    pub fn find(&self, label: &str) -> Option<ElementHandle> {
        let passive = [AccessibleRole::Text, AccessibleRole::Groupbox, AccessibleRole::None];
        ElementHandle::find_by_accessible_label(self.screen.app(), label).find(|element| {
            element.is_valid()
                && element.accessible_enabled().unwrap_or(true)
                && element.accessible_role().is_some_and(|role| !passive.contains(&role))
        })
    }

    /// Draws one stroke on the glass from corner to corner of the pad.
    pub fn sign(&mut self) {
        let pad = self.find("签名处").expect("a pad");
        let (at, size) = (pad.absolute_position(), pad.size());
        let point = |x: f32, y: f32| slint::LogicalPosition::new(at.x + size.width * x, at.y + size.height * y);
        let window = self.screen.app().window();
        let button = PointerEventButton::Left;
        window.dispatch_event(WindowEvent::PointerPressed { position: point(0.1, 0.3), button });
        for step in 1..=20u8 {
            let x = 0.1 + 0.035 * f32::from(step);
            let y = if step % 2 == 0 { 0.3 } else { 0.7 };
            window.dispatch_event(WindowEvent::PointerMoved { position: point(x, y) });
        }
        window.dispatch_event(WindowEvent::PointerReleased { position: point(0.8, 0.3), button });
        let _ = self.own.turn();
        self.until("the stroke", |view| matches!(&view.page, Page::Sign(sign) if !sign.strokes.is_empty()));
    }

    // ---- whole steps of a journey ----
}
