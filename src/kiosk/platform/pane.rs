//! One component that fills a window or a picture of its own: the terminal's screen, or the dock beside it.

use i_slint_backend_testing::{ElementHandle, ElementRoot};
use slint::{ComponentHandle, PhysicalSize, PlatformError, Window};

/// A component with its name and size. Keeps the component alive.
pub struct Pane {
    name: &'static str,
    size: PhysicalSize,
    root: Box<dyn Root>,
}

/// What a pane needs of a component, whatever its type.
trait Root {
    fn window(&self) -> &Window;
    fn element(&self) -> ElementHandle;
    fn show(&self) -> Result<(), PlatformError>;
}

impl<T: ComponentHandle> Root for T {
    fn window(&self) -> &Window {
        ComponentHandle::window(self)
    }

    fn element(&self) -> ElementHandle {
        ElementRoot::root_element(self)
    }

    fn show(&self) -> Result<(), PlatformError> {
        ComponentHandle::show(self)
    }
}

impl Pane {
    /// A component under a name for a screen reader, drawn on so many pixels.
    pub fn new(name: &'static str, (width, height): (u32, u32), component: &(impl ComponentHandle + 'static)) -> Self {
        Self { name, size: PhysicalSize::new(width, height), root: Box::new(component.clone_strong()) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its pixels, across and down.
    #[must_use]
    pub fn size(&self) -> PhysicalSize {
        self.size
    }

    /// Its window, to send events to.
    #[must_use]
    pub fn window(&self) -> &Window {
        self.root.window()
    }

    /// The root of its elements.
    #[must_use]
    pub fn element(&self) -> ElementHandle {
        self.root.element()
    }

    pub(super) fn show(&self) -> Result<(), PlatformError> {
        self.root.show()
    }
}
