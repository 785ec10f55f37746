//! A screen without a display: the shipped fonts, a software window, and a clock that only the test moves.

use super::fixtures::Scene;
use image::ImageEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use kiosk::screen::Screen;
use kiosk::view::Action;
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, WindowAdapter, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, PhysicalSize, Rgb8Pixel, SharedPixelBuffer};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

struct TestPlatform {
    window: Rc<MinimalSoftwareWindow>,
    now: Rc<Cell<Duration>>,
}

impl Platform for TestPlatform {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, slint::PlatformError> {
        Ok(self.window.clone())
    }

    fn duration_since_start(&self) -> Duration {
        self.now.get()
    }
}

/// The screen under test.
pub struct Glass {
    pub screen: Screen,
    pub actions: Rc<RefCell<Vec<Action>>>,
    window: Rc<MinimalSoftwareWindow>,
    now: Rc<Cell<Duration>>,
    frame: RefCell<SharedPixelBuffer<Rgb8Pixel>>,
}

impl Glass {
    pub fn new() -> Self {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        let now = Rc::new(Cell::new(Duration::ZERO));
        slint::platform::set_platform(Box::new(TestPlatform { window: window.clone(), now: now.clone() })).unwrap();
        window.set_size(PhysicalSize::new(1080, 1920));
        let screen = Screen::new().unwrap();
        let actions = Rc::new(RefCell::new(Vec::new()));
        let heard = actions.clone();
        screen.on_action(move |action| heard.borrow_mut().push(action));
        screen.app().show().unwrap();
        window.dispatch_event(WindowEvent::WindowActiveChanged(true));
        let frame = RefCell::new(SharedPixelBuffer::new(1080, 1920));
        Self { screen, actions, window, now, frame }
    }

    pub fn turn(&self, landscape: bool) {
        let (width, height) = if landscape { (1920, 1080) } else { (1080, 1920) };
        self.window.set_size(PhysicalSize::new(width, height));
        *self.frame.borrow_mut() = SharedPixelBuffer::new(width, height);
        self.window.request_redraw();
        self.settle();
    }

    /// Shows a scene and touches what it wants touched.
    pub fn show(&self, scene: &Scene) {
        if !scene.touches.is_empty() {
            // What a scene before has opened must not stay open.
            self.screen.show(&super::fixtures::between(&scene.view));
            self.settle();
        }
        self.screen.show(&scene.view);
        self.settle();
        for label in &scene.touches {
            self.touch(label);
        }
        self.settle();
    }

    /// Lets the clock run until timers, animations and change handlers are done, drawing as it goes.
    pub fn settle(&self) {
        self.pass(12);
    }

    /// Lets the clock run for so many twentieths of a second.
    pub fn pass(&self, twentieths: u32) {
        for _ in 0..twentieths {
            self.now.set(self.now.get() + Duration::from_millis(50));
            slint::platform::update_timers_and_animations();
            self.window.draw_if_needed(|renderer| {
                let mut frame = self.frame.borrow_mut();
                let width = frame.width() as usize;
                renderer.render(frame.make_mut_slice(), width);
            });
        }
    }

    /// A finger on the middle of the element with this name, turned to if the page is longer than the screen.
    pub fn touch(&self, label: &str) {
        for _ in 0..10 {
            let place = super::checks::middle(self, label);
            let position =
                place.or_else(|| super::checks::middle(self, "向下翻")).or_else(|| super::checks::middle(self, "Down"));
            let Some(position) = position else { break };
            self.press(position);
            self.release(position);
            self.settle();
            if place.is_some() {
                return;
            }
        }
        panic!("nothing on the screen is called {label}");
    }

    pub fn press(&self, position: LogicalPosition) {
        let button = slint::platform::PointerEventButton::Left;
        self.window.dispatch_event(WindowEvent::PointerPressed { position, button });
    }

    pub fn release(&self, position: LogicalPosition) {
        let button = slint::platform::PointerEventButton::Left;
        self.window.dispatch_event(WindowEvent::PointerReleased { position, button });
        self.window.dispatch_event(WindowEvent::PointerExited);
    }

    /// The colour that was drawn there last.
    pub fn colour(&self, position: LogicalPosition) -> Rgb8Pixel {
        let frame = self.frame.borrow();
        frame.as_slice()[position.y as usize * frame.width() as usize + position.x as usize]
    }

    pub fn size(&self) -> (f32, f32) {
        let frame = self.frame.borrow();
        (frame.width() as f32, frame.height() as f32)
    }

    pub fn window(&self) -> &slint::Window {
        self.screen.app().window()
    }

    pub fn save(&self, path: &std::path::Path) {
        let frame = self.frame.borrow();
        let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        PngEncoder::new_with_quality(file, CompressionType::Fast, FilterType::Up)
            .write_image(frame.as_bytes(), frame.width(), frame.height(), image::ExtendedColorType::Rgb8)
            .unwrap();
    }
}
