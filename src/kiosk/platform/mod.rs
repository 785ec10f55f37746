//! Where the screen is drawn: in a window where there is a display, else into memory by a Slint platform of
//! our own, from which the browser view takes its pictures. Knows no session and no page; it holds panes
//! (the terminal's screen and, in the demo, the dock beside it) and runs the event loop of the UI thread.

mod own;
mod pane;
mod queue;
mod window;

pub use own::{Frame, Own, Rect, Turn, Viewer};
pub use pane::Pane;
pub use queue::Waker;

/// What is asked of the display.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Never open a window, even where there is a display.
    pub without_window: bool,
    /// The whole screen of the machine instead of a window.
    pub fullscreen: bool,
    /// How large a window draws a pixel of the terminal; 0.5 lets an upright screen fit on a desk.
    pub window_scale: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self { without_window: false, fullscreen: false, window_scale: 0.5 }
    }
}

/// A display that was opened. Components may be made from now on, on this thread.
pub enum Display {
    /// Windows of the machine's window system.
    Window(window::Windows),
    /// Memory; somebody has to look at it.
    Own(Own),
}

/// Why there is no display.
#[derive(Debug, thiserror::Error)]
pub enum DisplayError {
    /// A platform was installed before; one process has one.
    #[error("the display was opened twice in one process")]
    OpenedTwice,
    /// Slint refused.
    #[error("the screen cannot be drawn: {0}")]
    Slint(#[from] slint::PlatformError),
}

/// Opens the display and installs Slint's platform. To be called once, on the main thread, before the first
/// component and before any other thread is started: it may correct the environment of the window system.
///
/// # Errors
/// When a platform is installed already.
pub fn open(options: Options) -> Result<Display, DisplayError> {
    if !options.without_window
        && let Some(windows) = window::open(options)
    {
        return Ok(Display::Window(windows));
    }
    Own::install().map(Display::Own)
}
