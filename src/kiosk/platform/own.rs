//! A Slint platform of our own: draws the panes into memory, runs timers, animations and jobs of other
//! threads, and tells a viewer which rectangles changed. No window system, no font and no input device of the
//! machine is used. The clock can be given, so that a test decides what time passes.

use super::queue::{Queue, Waker};
use super::{DisplayError, Pane};
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Clipboard, EventLoopProxy, Platform, WindowAdapter, WindowEvent};
use slint::{PlatformError, Rgb8Pixel};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// One picture of a running animation.
const ANIMATION_FRAME: Duration = Duration::from_millis(16);

/// Pixels of a pane.
pub struct Frame {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Row by row.
    pub pixels: Vec<Rgb8Pixel>,
}

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

/// Who looks at the panes and touches them. Called on the UI thread.
pub trait Viewer {
    /// Brings what was touched and typed since the last turn.
    fn deliver(&mut self, panes: &[Pane]);

    /// A pane was drawn; these rectangles changed.
    fn drawn(&mut self, pane: usize, frame: &Frame, changed: &[Rect]);

    /// The turn is over. When it must be called again, if nothing else happens.
    fn settle(&mut self, panes: &[Pane]) -> Option<Duration>;
}

/// Nobody looks: tests read the frames themselves.
impl Viewer for () {
    fn deliver(&mut self, _: &[Pane]) {}

    fn drawn(&mut self, _: usize, _: &Frame, _: &[Rect]) {}

    fn settle(&mut self, _: &[Pane]) -> Option<Duration> {
        None
    }
}

/// What one turn of the loop did.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The loop was asked to end.
    pub ended: bool,
    /// Something was drawn.
    pub drew: bool,
    /// When the next turn is due at the latest; `None`: when something happens.
    pub next: Option<Duration>,
}

/// The platform, as the rest of the program holds it. Lives on the UI thread.
#[derive(Clone)]
pub struct Own(Rc<Shared>);

struct Shared {
    windows: RefCell<Vec<Rc<MinimalSoftwareWindow>>>,
    stage: RefCell<Option<Stage>>,
    queue: Queue,
    clock: Box<dyn Fn() -> Duration>,
    clipboard: RefCell<Option<String>>,
    proxied: bool,
}

/// What is shown, to whom.
struct Stage {
    panes: Vec<Pane>,
    drawn: Vec<(Rc<MinimalSoftwareWindow>, Frame)>,
    viewer: Box<dyn Viewer>,
}

struct OwnPlatform(Rc<Shared>);

impl Own {
    /// Installs the platform with the machine's clock.
    ///
    /// # Errors
    /// When a platform is installed already.
    pub fn install() -> Result<Self, DisplayError> {
        let start = Instant::now();
        Self::with(Box::new(move || start.elapsed()), true)
    }

    /// Installs it for this thread alone with a clock of the caller's; other threads cannot send it jobs.
    /// For tests and benches, which drive it by [`Own::turn`].
    ///
    /// # Errors
    /// When this thread has a platform already.
    pub fn install_with_clock(clock: impl Fn() -> Duration + 'static) -> Result<Self, DisplayError> {
        Self::with(Box::new(clock), false)
    }

    fn with(clock: Box<dyn Fn() -> Duration>, proxied: bool) -> Result<Self, DisplayError> {
        let shared = Rc::new(Shared {
            windows: RefCell::default(),
            stage: RefCell::default(),
            queue: Queue::default(),
            clock,
            clipboard: RefCell::default(),
            proxied,
        });
        slint::platform::set_platform(Box::new(OwnPlatform(shared.clone()))).map_err(|_| DisplayError::OpenedTwice)?;
        Ok(Self(shared))
    }

    /// Wakes the loop from another thread.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.0.queue.waker()
    }

    /// Shows the panes to a viewer. Panes are of components that were made on this platform.
    ///
    /// # Errors
    /// When Slint refuses to show one.
    pub fn show(&self, panes: Vec<Pane>, viewer: impl Viewer + 'static) -> Result<(), DisplayError> {
        let mut drawn = Vec::with_capacity(panes.len());
        for pane in &panes {
            let windows = self.0.windows.borrow();
            let Some(window) =
                windows.iter().find(|window| std::ptr::eq(WindowAdapter::window(&***window), pane.window()))
            else {
                return Err(PlatformError::from("a pane of another platform").into());
            };
            let window = window.clone();
            drop(windows);
            let size = pane.size();
            window.set_size(size);
            pane.show()?;
            // Else nothing gets the focus and no caret is drawn.
            window.dispatch_event(WindowEvent::WindowActiveChanged(true));
            let pixels = vec![Rgb8Pixel::default(); size.width as usize * size.height as usize];
            drawn.push((window, Frame { width: size.width, height: size.height, pixels }));
        }
        *self.0.stage.borrow_mut() = Some(Stage { panes, drawn, viewer: Box::new(viewer) });
        Ok(())
    }

    /// Runs the loop until [`slint::quit_event_loop`].
    ///
    /// # Errors
    /// When Slint refuses.
    pub fn run(&self) -> Result<(), DisplayError> {
        slint::run_event_loop_until_quit()?;
        Ok(())
    }

    /// One turn of the loop: jobs, input, timers, drawing.
    #[must_use]
    pub fn turn(&self) -> Turn {
        self.0.turn()
    }

    /// Reads the pixels of a pane, counted from 0.
    pub fn read<T>(&self, pane: usize, read: impl FnOnce(&Frame) -> T) -> Option<T> {
        self.0.stage.borrow().as_ref().and_then(|stage| stage.drawn.get(pane)).map(|(_, frame)| read(frame))
    }
}

impl Shared {
    fn turn(&self) -> Turn {
        if !self.queue.run_jobs() {
            return Turn { ended: true, drew: false, next: None };
        }
        let mut stage = self.stage.borrow_mut();
        if let Some(stage) = stage.as_mut() {
            stage.viewer.deliver(&stage.panes);
        }
        slint::platform::update_timers_and_animations();
        let mut drew = false;
        let mut next = slint::platform::duration_until_next_timer_update();
        if let Some(stage) = stage.as_mut() {
            drew = stage.draw();
            let moving = stage.drawn.iter().any(|(window, _)| window.has_active_animations());
            next = sooner(next, moving.then_some(ANIMATION_FRAME));
            next = sooner(next, stage.viewer.settle(&stage.panes));
        }
        Turn { ended: false, drew, next }
    }
}

fn sooner(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Stage {
    fn draw(&mut self) -> bool {
        let mut drew = false;
        for (index, (window, frame)) in self.drawn.iter_mut().enumerate() {
            let mut changed = Vec::new();
            window.draw_if_needed(|renderer| {
                let region = renderer.render(&mut frame.pixels, frame.width as usize);
                changed.extend(region.iter().filter_map(|(origin, size)| {
                    let (x, y) = (u32::try_from(origin.x).ok()?, u32::try_from(origin.y).ok()?);
                    (size.width > 0 && size.height > 0).then_some(Rect { x, y, width: size.width, height: size.height })
                }));
            });
            if !changed.is_empty() {
                drew = true;
                self.viewer.drawn(index, frame, &changed);
            }
        }
        drew
    }
}

impl Platform for OwnPlatform {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        let mut windows = self.0.windows.borrow_mut();
        windows.retain(|window| Rc::strong_count(window) > 1);
        windows.push(window.clone());
        Ok(window)
    }

    fn run_event_loop(&self) -> Result<(), PlatformError> {
        loop {
            let turn = self.0.turn();
            if turn.ended {
                return Ok(());
            }
            self.0.queue.wait(turn.next);
        }
    }

    fn new_event_loop_proxy(&self) -> Option<Box<dyn EventLoopProxy>> {
        self.0.proxied.then(|| Box::new(self.0.queue.clone()) as Box<dyn EventLoopProxy>)
    }

    fn duration_since_start(&self) -> Duration {
        (self.0.clock)()
    }

    fn set_clipboard_text(&self, text: &str, _: Clipboard) {
        *self.0.clipboard.borrow_mut() = Some(text.to_owned());
    }

    fn clipboard_text(&self, _: Clipboard) -> Option<String> {
        self.0.clipboard.borrow().clone()
    }
}
