//! The dev dock: a pane beside the terminal's screen from which a developer or a test lays cards on the
//! reader, breaks the printer, cuts the network, moves the clock and restarts the terminal, and sees the slips.
//! It turns the knobs of the demo's [`World`] and knows nothing of the session.

mod command;
mod paper;
mod slots;

pub use command::{DockCommand, DockState};

use super::{Knobs, World};
use crate::platform::Pane;
use crate::session::Event;
use crate::view::View;
use paper::PaperState;
use slint::{ComponentHandle, Image, ModelRc, SharedPixelBuffer, Timer, TimerMode, VecModel};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use ui::{DockBackend, DockCard, DockData, DockPaper};

/// How often the dock looks at clock, reader and printer.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Pixels across, a slip and its margins; as high as the screen it stands beside.
const WIDTH: u32 = 592;
/// The staff card that lies in the dock.
const STAFF_CARD: &str = "S001";

/// The dock. Lives on the thread of the event loop.
pub struct Dock {
    component: ui::Dock,
    height: u32,
    _look: Timer,
}

/// What the dock turns, and what it remembers of it.
struct Turner {
    world: Arc<World>,
    restart: Box<dyn Fn()>,
    state: RefCell<DockState>,
    paper: RefCell<PaperState>,
    component: slint::Weak<ui::Dock>,
    slots: Rc<slots::Slots>,
}

impl Dock {
    /// A dock that is as high as the screen. `show` takes the views of a terminal that was started anew.
    ///
    /// # Errors
    /// When Slint refuses.
    pub fn new(
        world: Arc<World>,
        height: u32,
        show: impl Fn(View) + Clone + Send + Sync + 'static,
    ) -> Result<Self, slint::PlatformError> {
        let component = ui::Dock::new()?;
        let data = component.global::<DockData>();
        data.set_cards(cards());
        let restart = restarter(world.clone(), show, component.as_weak());
        let slots = slots::Slots::on(&component, world.knobs().clone());
        let turner = Rc::new(Turner {
            world,
            restart,
            state: RefCell::default(),
            paper: RefCell::default(),
            component: component.as_weak(),
            slots,
        });
        turner.look(true);
        let act = turner.clone();
        component.global::<DockBackend>().on_act(move |what, argument| {
            if let Some(command) = DockCommand::of(what, &argument) {
                act.carry_out(command);
            }
        });
        let paper = turner.clone();
        component.global::<DockPaper>().on_act(move |act, what| {
            paper.paper.borrow_mut().turn(paper.world.knobs(), act, &what);
            paper.look(false);
        });
        let look = Timer::default();
        look.start(TimerMode::Repeated, LOOK_EVERY, move || turner.look(false));
        Ok(Self { component, height, _look: look })
    }

    /// Its pane.
    #[must_use]
    pub fn pane(&self) -> Pane {
        Pane::new("演示台", (WIDTH, self.height), &self.component)
    }
}

impl Turner {
    fn carry_out(&self, command: DockCommand) {
        let knobs = self.world.knobs();
        let mut state = self.state.borrow_mut();
        match command {
            DockCommand::Insert(demo_id) => {
                if knobs.insert(&demo_id) {
                    state.inserted = demo_id;
                }
            }
            DockCommand::Lift => knobs.reader.lift(),
            DockCommand::LiftEarly => knobs.reader.lift_mid_read(),
            DockCommand::StaffCard => {
                self.world.with_terminal(|terminal| terminal.inlet().send(Event::StaffCard(STAFF_CARD.to_owned())));
            }
            DockCommand::Jam => {
                state.jammed = !state.jammed;
                knobs.printer.jam(state.jammed);
            }
            DockCommand::PaperOut => {
                state.paper_out = !state.paper_out;
                knobs.printer.paper_out(state.paper_out);
            }
            DockCommand::CutNetwork => {
                state.cut = !state.cut;
                let cut = state.cut;
                self.world.with_terminal(|terminal| terminal.cut_network(cut));
            }
            DockCommand::Camera => {
                state.without_camera = !state.without_camera;
                knobs.camera(!state.without_camera);
                self.world.with_terminal(|terminal| terminal.inlet().send(Event::Health));
            }
            DockCommand::Jump { seconds } => self.world.clock().jump_ms(seconds * 1000),
            DockCommand::Restart => (self.restart)(),
            DockCommand::PageFrom(file) => knobs.page_from(file),
            DockCommand::TakeSlips => drop(knobs.printer.take_slips()),
        }
        drop(state);
        self.look(false);
    }

    /// Shows what has changed since the last look, or everything.
    fn look(&self, all: bool) {
        let Some(component) = self.component.upgrade() else { return };
        self.slots.show(&component);
        let data = component.global::<DockData>();
        let knobs = self.world.knobs();
        let mut state = self.state.borrow_mut();
        let before = state.clone();
        if !knobs.reader.has_card() {
            state.inserted.clear();
        }
        let now = self.world.clock().local();
        state.clock = format!("{} {:02}:{:02}:{:02}", now.date, now.time.hour(), now.time.minute(), now.time.second());
        state.slips = knobs.printer.slip_count();
        if all || *state != before {
            data.set_inserted(state.inserted.as_str().into());
            data.set_jammed(state.jammed);
            data.set_paper_out(state.paper_out);
            data.set_cut(state.cut);
            data.set_camera(!state.without_camera);
            data.set_clock(state.clock.as_str().into());
        }
        if all || state.slips != before.slips {
            data.set_slip(last_slip(knobs));
            data.set_slips(i32::try_from(state.slips).unwrap_or(i32::MAX));
        }
        self.paper.borrow_mut().look(knobs, &component, all);
    }
}

/// Restarts the terminal on a thread of its own: it waits for the store to close.
fn restarter(
    world: Arc<World>,
    show: impl Fn(View) + Clone + Send + Sync + 'static,
    component: slint::Weak<ui::Dock>,
) -> Box<dyn Fn()> {
    let restarting = move |component: &slint::Weak<ui::Dock>, yes: bool| {
        let _ = component.upgrade_in_event_loop(move |dock| dock.global::<DockData>().set_restarting(yes));
    };
    Box::new(move || {
        restarting(&component, true);
        let (world, show, component) = (world.clone(), show.clone(), component.clone());
        let spawned = std::thread::Builder::new().name("restart".to_owned()).spawn(move || {
            if let Err(error) = world.start_terminal(show) {
                tracing::error!(%error, "dock.restart_failed");
            }
            restarting(&component, false);
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "dock.restart_failed");
        }
    })
}

/// The demo people's cards, two in a row.
fn cards() -> ModelRc<ModelRc<DockCard>> {
    let cards: Vec<_> = Knobs::cards()
        .into_iter()
        .map(|card| DockCard { id: card.demo_id.into(), name: card.name.into(), note: card.note.into() })
        .collect();
    let rows: Vec<_> = cards.chunks(2).map(|pair| ModelRc::new(VecModel::from(pair.to_vec()))).collect();
    ModelRc::new(VecModel::from(rows))
}

fn last_slip(knobs: &Knobs) -> Image {
    let Some(slip) = knobs.slips().pop() else { return Image::default() };
    let size = (u32::try_from(slip.width()), u32::try_from(slip.height()));
    let (Ok(width), Ok(height)) = size else { return Image::default() };
    let mut pixels = SharedPixelBuffer::<slint::Rgb8Pixel>::new(width, height);
    for (pixel, grey) in pixels.make_mut_slice().iter_mut().zip(slip.to_luma()) {
        *pixel = slint::Rgb8Pixel::new(grey, grey, grey);
    }
    Image::from_rgb8(pixels)
}
