//! Windows of the machine's window system, where there is one. winit allows one attempt a process and may
//! panic when a library is missing, so everything is looked at before it is asked.

use super::{DisplayError, Options, Pane};
use slint::CloseRequestResponse;
use std::ffi::OsString;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// Windows can be opened.
pub struct Windows {
    fullscreen: bool,
}

/// Installs Slint's winit platform, or nothing at all.
pub(super) fn open(options: Options) -> Option<Windows> {
    let found = Found::here();
    if !found.any() {
        return None;
    }
    found.correct_environment(options);
    let hook = std::panic::take_hook();
    // A missing libxkbcommon-x11 is a panic and no error; its message would only frighten.
    std::panic::set_hook(Box::new(|_| {}));
    let selected = std::panic::catch_unwind(|| {
        slint::BackendSelector::new().backend_name("winit".into()).renderer_name("software".into()).select()
    });
    std::panic::set_hook(hook);
    match selected {
        Ok(Ok(())) => return Some(Windows { fullscreen: options.fullscreen }),
        Ok(Err(error)) => tracing::info!(%error, "display.no_window"),
        Err(_) => tracing::info!("display.no_window: a library of the window system is missing"),
    }
    None
}

impl Windows {
    /// Shows the panes, each in its window, until the first of them is closed.
    ///
    /// # Errors
    /// When a window cannot be opened.
    pub fn run(self, panes: &[Pane]) -> Result<(), DisplayError> {
        for (index, pane) in panes.iter().enumerate() {
            pane.show()?;
            if index == 0 {
                pane.window().set_fullscreen(self.fullscreen);
                pane.window().on_close_requested(|| {
                    let _ = slint::quit_event_loop();
                    CloseRequestResponse::HideWindow
                });
            }
        }
        slint::run_event_loop_until_quit()?;
        Ok(())
    }
}

/// What the environment says about window systems.
struct Found {
    wayland_named: bool,
    wayland: bool,
    x11: bool,
}

impl Found {
    fn here() -> Self {
        let set = |name| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
        let socket = set("WAYLAND_DISPLAY")
            .map(|display| Path::new(&set("XDG_RUNTIME_DIR").unwrap_or_default()).join(PathBuf::from(display)));
        let wayland = set("WAYLAND_SOCKET").is_some()
            || socket.as_deref().and_then(|path| path.metadata().ok()).is_some_and(|meta| meta.file_type().is_socket());
        Self { wayland_named: socket.is_some(), wayland, x11: set("DISPLAY").is_some() }
    }

    fn any(&self) -> bool {
        self.wayland || self.x11
    }

    /// A dead WAYLAND_DISPLAY hides a working X11, and winit cannot be asked twice.
    #[allow(unsafe_code)]
    fn correct_environment(&self, options: Options) {
        // SAFETY: `platform::open` is called on the main thread before any other thread is started, so
        // nobody reads the environment meanwhile.
        unsafe {
            if self.wayland_named && !self.wayland {
                std::env::remove_var("WAYLAND_DISPLAY");
            }
            if !options.fullscreen && std::env::var_os("SLINT_SCALE_FACTOR").is_none() {
                std::env::set_var("SLINT_SCALE_FACTOR", options.window_scale.to_string());
            }
        }
    }
}
