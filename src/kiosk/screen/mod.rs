//! Draws a [`View`] and reports [`Action`]s: the only place that knows both the session's plain values and
//! Slint's globals. It changes only what differs from the view before, and forgets a page's personal data
//! when another page comes. It decides nothing; only what the glass alone knows lives here (which list is
//! open, what was typed but not yet confirmed by the session).

mod actions;
mod draw;
mod fields;
mod fonts;
mod glyphs;
mod lists;
mod pages;
mod paper;
mod picker;
mod pictures;
mod tracking;
mod typing;
mod wheels;

use crate::view::{Action, Page, View};
use slint::ComponentHandle;
use slint::platform::WindowEvent;
use state::State;
use std::cell::RefCell;
use std::rc::Rc;
use ui::{Act, App, Backend, Data, KeyboardKind, Typing};

mod state;

/// The screen of a terminal. Lives on the thread of the event loop.
pub struct Screen {
    app: App,
    state: Rc<RefCell<State>>,
    listener: Rc<Listener>,
}

type Hears = Rc<dyn Fn(Action)>;

/// Whoever hears the actions.
#[derive(Default)]
struct Listener {
    hears: RefCell<Option<Hears>>,
}

impl Listener {
    fn tell(&self, action: Action) {
        let hears = self.hears.borrow().clone();
        if let Some(hears) = hears {
            hears(action);
        }
    }
}

impl Screen {
    /// Makes the window's content with the fonts of `assets`. The platform must be chosen before.
    pub fn new() -> Result<Self, slint::PlatformError> {
        let app = App::new()?;
        fonts::register();
        let screen = Self { app, state: Rc::default(), listener: Rc::default() };
        screen.state.borrow().bind(&screen.app);
        screen.connect();
        // The first component picks the language of the system by itself; the source is Chinese.
        let _ = slint::select_bundled_translation("");
        Ok(screen)
    }

    /// Who hears what a finger did. Called on the event loop's thread, never while a view is being drawn.
    pub fn on_action(&self, hears: impl Fn(Action) + 'static) {
        *self.listener.hears.borrow_mut() = Some(Rc::new(hears));
    }

    /// Shows a view.
    pub fn show(&self, view: &View) {
        self.state.borrow_mut().show(&self.app, view);
    }

    /// A mouse points at it, as in a browser, instead of a finger: the second tap of two is meant, too.
    pub fn by_mouse(&self) {
        self.app.global::<Data>().set_by_mouse(true);
    }

    /// The component, for the event loop, the browser view's accessible layer and tests.
    pub fn app(&self) -> &App {
        &self.app
    }

    fn connect(&self) {
        let backend = self.app.global::<Backend>();
        let (state, listener, app) = (self.state.clone(), self.listener.clone(), self.app.as_weak());
        backend.on_act(move |act, a, b| {
            if let Some(app) = app.upgrade() {
                state.borrow_mut().before_act(&app, act, &a);
            }
            if let Some(action) = actions::action(act, &a, &b) {
                listener.tell(action);
            }
        });
        let (state, listener, app) = (self.state.clone(), self.listener.clone(), self.app.as_weak());
        backend.on_typed(move |key, kind, max_len, before, after| {
            let edit =
                Edit { key: key.to_string(), kind, max_len, before: before.into(), after: after.as_str().into() };
            let Some(app) = app.upgrade() else { return after };
            let (shown, stored) = state.borrow_mut().typed(&app, &edit);
            if !edit.of_the_screen() {
                listener.tell(Action::Edit { field: edit.key, text: stored });
            }
            shown.into()
        });
        let (state, listener, app) = (self.state.clone(), self.listener.clone(), self.app.as_weak());
        backend.on_turn_wheel(move |key, wheel, by| {
            let Some(app) = app.upgrade() else { return };
            let turned = state.borrow_mut().turn_wheel(&app, &key, (usize::try_from(wheel).unwrap_or(0), by));
            if let Some(text) = turned {
                listener.tell(Action::Edit { field: key.into(), text });
            }
        });
        let app = self.app.as_weak();
        backend.on_key(move |text| {
            if let Some(app) = app.upgrade() {
                let window = app.window();
                window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
                window.dispatch_event(WindowEvent::KeyReleased { text });
            }
        });
        self.connect_picker();
    }

    fn connect_picker(&self) {
        let backend = self.app.global::<Backend>();
        let (state, listener, app) = (self.state.clone(), self.listener.clone(), self.app.as_weak());
        backend.on_open_picker(move |key| {
            if let Some(app) = app.upgrade() {
                state.borrow_mut().open_picker(&app, Some(key.to_string()));
            }
            listener.tell(Action::Touched);
        });
        let (state, app) = (self.state.clone(), self.app.as_weak());
        backend.on_search_picker(move |text| {
            if let Some(app) = app.upgrade() {
                state.borrow_mut().search_picker(&app, &text);
            }
        });
        let (state, listener, app) = (self.state.clone(), self.listener.clone(), self.app.as_weak());
        backend.on_open_section(move |section| {
            if let Some(app) = app.upgrade() {
                state.borrow_mut().open_section(&app, &section);
            }
            listener.tell(Action::Touched);
        });
        let (state, listener) = (self.state.clone(), self.listener.clone());
        backend.on_open_family(move |family| {
            state.borrow_mut().open_family(&family);
            listener.tell(Action::Touched);
        });
        let (state, listener, app) = (self.state.clone(), self.listener.clone(), self.app.as_weak());
        backend.on_close_picker(move || {
            if let Some(app) = app.upgrade() {
                state.borrow_mut().open_picker(&app, None);
            }
            listener.tell(Action::Touched);
        });
    }
}

/// One edit of a line.
struct Edit {
    key: String,
    kind: KeyboardKind,
    max_len: i32,
    before: String,
    after: String,
}

impl Edit {
    /// Lines that are no fields: the search of the service list and of a list of choices.
    fn of_the_screen(&self) -> bool {
        self.key.starts_with('#')
    }
}

/// Closes the keyboard.
fn close_keyboard(app: &App) {
    app.global::<Typing>().invoke_close();
}

/// Whether two pages are the same place for the reader, so that the scroll position may stay.
fn same_place(old: &Page, new: &Page) -> bool {
    if std::mem::discriminant(old) != std::mem::discriminant(new) {
        return false;
    }
    match (old, new) {
        (Page::Question(a), Page::Question(b)) => {
            a.title == b.title && a.fields.first().map(|f| &f.key) == b.fields.first().map(|f| &f.key)
        }
        (Page::Guide(a), Page::Guide(b)) => a.official == b.official,
        (Page::Notices(a), Page::Notices(b)) => a.open == b.open,
        (Page::Message(a), Page::Message(b)) => a.title == b.title,
        (Page::Services(a), Page::Services(b)) => a.errand == b.errand,
        (Page::Preview(a), Page::Preview(b)) => a.title == b.title && a.pages.len() == b.pages.len(),
        _ => true,
    }
}

/// Whether an act is the page's primary action.
fn is_next(act: Act) -> bool {
    act == Act::Next
}
