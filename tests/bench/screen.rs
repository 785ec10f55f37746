//! The screen on the own platform at 1080 × 1920: a key of the on-screen keyboard (p99, goal ≤ 16.7 ms), a page
//! change (goal ≤ 50 ms), and a cold start to the first frame with store and devices up (goal ≤ 300 ms), printed
//! beside Slint's own minimal window on the same platform.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "screen/cold.rs"]
mod cold;
#[path = "../screens/fixtures/mod.rs"]
#[allow(dead_code)]
mod fixtures;
#[path = "../screens/paper.rs"]
mod paper;
#[path = "../screens/tracking.rs"]
mod tracking;

use criterion::Criterion;
use i_slint_backend_testing::{AccessibleRole, ElementHandle};
use kiosk::platform::{Own, Pane};
use kiosk::screen::Screen;
use kiosk::view::{Language, View};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Key presses that the p99 is taken of.
const PRESSES: usize = 500;

/// The folder of the workspace, where the fixtures find the catalogue.
fn root() -> std::path::PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// A screen in memory whose clock the bench moves.
struct Glass {
    own: Own,
    screen: Screen,
    now: Rc<Cell<Duration>>,
}

impl Glass {
    fn new() -> Self {
        let now = Rc::new(Cell::new(Duration::ZERO));
        let clock = now.clone();
        let own = Own::install_with_clock(move || clock.get()).unwrap();
        let screen = Screen::new().unwrap();
        own.show(vec![Pane::new("screen", (1080, 1920), screen.app())], ()).unwrap();
        Self { own, screen, now }
    }

    /// Lets everything that moves arrive.
    fn settle(&self) {
        for _ in 0..20 {
            self.now.set(self.now.get() + Duration::from_millis(50));
            let _ = self.own.turn();
        }
    }

    fn page(&self, view: &View) -> Duration {
        let start = Instant::now();
        self.screen.show(view);
        assert!(self.own.turn().drew, "a new page draws");
        start.elapsed()
    }

    fn middle(&self, found: impl Fn(&ElementHandle) -> bool) -> LogicalPosition {
        let root = i_slint_backend_testing::ElementRoot::root_element(self.screen.app());
        let element = root
            .visit_descendants(|element| {
                if found(&element) {
                    return std::ops::ControlFlow::Break(element);
                }
                std::ops::ControlFlow::Continue(())
            })
            .expect("an element to touch");
        let (at, size) = (element.absolute_position(), element.size());
        LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0)
    }

    /// One touch; the time until its pictures, pressed and lifted, are drawn.
    fn touch(&self, position: LogicalPosition) -> Duration {
        let (window, button) = (self.screen.app().window(), PointerEventButton::Left);
        let start = Instant::now();
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
        let _ = self.own.turn();
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
        window.dispatch_event(WindowEvent::PointerExited);
        let _ = self.own.turn();
        let took = start.elapsed();
        self.settle();
        took
    }
}

fn keys(glass: &Glass, question: &View) {
    glass.page(question);
    glass.settle();
    let is = |role, label: &'static str| {
        move |element: &ElementHandle| {
            element.accessible_role() == Some(role)
                && (label.is_empty() || element.accessible_label().is_some_and(|name| name == label))
        }
    };
    glass.touch(glass.middle(is(AccessibleRole::TextInput, "")));
    let key = glass.middle(is(AccessibleRole::Button, "1"));
    let mut took: Vec<Duration> = (0..PRESSES).map(|_| glass.touch(key)).collect();
    took.sort();
    println!("key press: p50 {:.2?}, p99 {:.2?} (goal 16.7 ms)", took[PRESSES / 2], took[PRESSES * 99 / 100]);
}

fn main() {
    if cold::is_the_child() {
        return cold::child();
    }
    let glass = Glass::new();
    let scenes = fixtures::scenes(Language::Zh, false);
    let scene = |name: &str| scenes.iter().find(|scene| scene.name == name).map(|scene| &scene.view).unwrap();
    glass.page(scene("idle"));
    glass.settle();
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    let mut pages = ["services", "home"].into_iter().cycle();
    criterion.bench_function("page change", |bencher| {
        bencher.iter(|| pages.next().map(|page| glass.page(scene(page))));
    });
    keys(&glass, scene("question-choice"));
    cold::report();
}
