//! The session: the pure machine in the middle. `handle(event)` changes it and returns what it wants done;
//! `view()` says what the screen shows. What every journey needs lives here once: the idle clock, the
//! warning, the staff call, language, large type, the farewell and forgetting. No I/O, no clock, no async.
//!
//! ```text
//! Idle ──touch──▶ Home ──tile──▶ Journey ──done──▶ Farewell ──15 s or touch──▶ Idle
//!   │ card          ▲ │ card ──▶  ▲ │ back                ▲
//!   └── greeting ───┴─┴───────────┘ └─ idle 120 s + 30 s ┘
//! ```

pub mod card;
pub mod effect;
mod ending;
pub mod event;
mod front;
mod guest;
mod idle;
mod lookup;
mod paper;
mod privacy;
mod recovery;
mod staff_call;
mod surroundings;

pub use card::HeldCard;
pub use effect::{Attachment, Effect, Filled, PrintOrder, Signed, SlipOrder, Sound};
pub use event::*;
pub(crate) use front::{cannot_apply, cannot_look_up, cannot_track};
pub use idle::delays;
pub use lookup::{LookupEvent, LookupProblem, TrackedCase};
pub use paper::*;
pub use surroundings::Surroundings;

use crate::content::Content;
use crate::journeys::{Journey, Left, Then, Turn};
pub use crate::view::Lights;
use crate::view::{Action, Cover, Farewell, Page, Tool, View};
use idle::{Hold, Idle};
use recovery::Recovered;
use staff_call::Call;
use std::sync::Arc;
use zeroize::Zeroizing;

/// One terminal's session with whoever stands before it.
#[derive(Debug)]
pub struct Session {
    around: Surroundings,
    place: Place,
    idle: Idle,
    call: Option<Call>,
    leave_asked: bool,
    recovered: Option<Recovered>,
    /// The card put down before any errand was chosen; of this session only.
    guest: Option<Box<HeldCard>>,
    /// What journeys of this session that are closed already left behind.
    left: Left,
    /// The reader is wanted because a page invites a card.
    watching: bool,
    /// Codes are wanted of the scanner.
    scanning: bool,
}

/// Where the session is.
#[derive(Debug)]
enum Place {
    Idle,
    Home,
    Journey(Box<Journey>),
    Farewell { left: Left, seconds: u32 },
}

impl Session {
    /// A session of terminal `terminal_no` that shows `content`, nobody standing before it.
    #[must_use]
    pub fn new(content: Arc<Content>, terminal_no: &str, now: Moment) -> Self {
        Self {
            around: Surroundings::at(content, terminal_no, now),
            place: Place::Idle,
            idle: Idle::fresh(),
            call: None,
            leave_asked: false,
            recovered: None,
            guest: None,
            left: Left::default(),
            watching: false,
            scanning: false,
        }
    }

    /// Takes one event; returns what is to be done, in order.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = self.step(event);
        self.watch_reader(&mut effects);
        self.watch_codes(&mut effects);
        effects
    }

    fn step(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Action(action) => self.act(action),
            Event::Second(now) => self.second(now),
            Event::Capabilities(can) => {
                self.around.can = can;
                Vec::new()
            }
            Event::Content(content) => {
                self.around.content = content;
                Vec::new()
            }
            Event::Hall(hall) => self.hall(hall),
            Event::Store(StoreEvent::NotOpened(why)) => {
                self.around.store_trouble = Some(why);
                Vec::new()
            }
            Event::Store(StoreEvent::Recovered(found)) => {
                self.recovered = found.map(|(time, number)| Recovered::offered(time, number));
                Vec::new()
            }
            Event::Card(card) if self.invites_card() => self.guest_card(card),
            // A code that nobody asked for starts nothing and is written nowhere.
            Event::Scanned(_) if !self.wants_code() => Vec::new(),
            other => self.journey_event(other),
        }
    }

    /// What the screen shows now.
    #[must_use]
    pub fn view(&self) -> View {
        let page = if self.masks_values() { privacy::masked(self.page()) } else { self.page() };
        View { frame: front::frame(self), page, cover: self.cover() }
    }

    /// The lights at the slots while this view of it is shown.
    #[must_use]
    pub fn lights(&self, view: &View) -> Lights {
        Lights { barcode_reader: self.scanning, ..Lights::of(view) }
    }

    /// Whether somebody stands before the terminal (updates and restarts wait while so).
    #[must_use]
    pub fn in_use(&self) -> bool {
        !matches!(self.place, Place::Idle)
    }

    fn page(&self) -> Page {
        match &self.place {
            Place::Idle => front::idle(self),
            Place::Home => Page::Home(front::home(self)),
            Place::Journey(journey) => journey.page(&self.around),
            Place::Farewell { left, seconds } => Page::Farewell(Farewell {
                card: left.card,
                slip: left.slip,
                paper: left.paper.printed > 0 || left.paper.not_certain > 0,
                erased: left.erased(&self.around),
                kept: left.kept(&self.around),
                seconds: *seconds,
            }),
        }
    }

    fn cover(&self) -> Option<Cover> {
        if let Idle::Warning(seconds) = self.idle {
            return Some(Cover::Warning { seconds, filling: self.filling() });
        }
        if let Some(call) = &self.call {
            return Some(Cover::StaffCall(call.shown(&self.around)));
        }
        self.leave_asked.then_some(Cover::LeaveAsked)
    }

    fn filling(&self) -> bool {
        matches!(&self.place, Place::Journey(journey) if journey.filling())
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        if matches!(self.idle, Idle::Warning(_)) {
            // The whole warning extends; the touch does nothing else.
            self.idle = Idle::fresh();
            return Vec::new();
        }
        self.idle = Idle::fresh();
        match action {
            Action::Touched => self.touched(),
            Action::SetLanguage(language) => {
                self.around.language = language;
                Vec::new()
            }
            Action::SetElder(elder) => {
                self.around.elder = elder;
                if let Place::Journey(journey) = &mut self.place {
                    journey.type_size_changed(&self.around);
                }
                Vec::new()
            }
            Action::CallStaff => self.call_staff(),
            Action::CloseCover => self.close_cover(),
            Action::LeaveConfirmed => self.end(),
            Action::Leave => self.leave(),
            Action::Use(Tool::RecoverSlip) => self.ask_recovery(),
            other => self.act_in_place(other),
        }
    }

    fn touched(&mut self) -> Vec<Effect> {
        match self.place {
            Place::Farewell { .. } => self.back_to_idle(),
            _ => Vec::new(),
        }
    }

    fn act_in_place(&mut self, action: Action) -> Vec<Effect> {
        match (&mut self.place, action) {
            (Place::Idle, Action::Start) => {
                self.place = Place::Home;
                Vec::new()
            }
            (Place::Idle, Action::OpenRow(notice)) => self.open(Journey::notices(Some(notice))),
            (Place::Home, Action::OpenTile(tile)) => match Journey::of_tile(&tile, &self.around) {
                Some(journey) => self.open(journey),
                None => Vec::new(),
            },
            // Whatever was done before, whoever comes next is somebody else.
            (Place::Home, Action::Back) => self.end(),
            (Place::Farewell { .. }, Action::Next) => self.back_to_idle(),
            (Place::Journey(journey), action) => {
                let turn = journey.act(action, &self.around);
                self.take(turn)
            }
            _ => Vec::new(),
        }
    }

    fn journey_event(&mut self, event: Event) -> Vec<Effect> {
        let moves_on = matches!(event, Event::StaffCard(_) | Event::Captured(_) | Event::Printed { .. })
            || matches!(&event, Event::Card(card) if card.is_act())
            || matches!(&event, Event::Paper(paper) if paper.moves_on())
            || matches!(&event, Event::Lookup(LookupEvent::Found(_)));
        match &event {
            // It is offered no more: its slip is on the way.
            Event::Store(StoreEvent::RecoveredSlip(Some(_))) => self.recovered = None,
            Event::Paper(PaperEvent::PrintEnded { counts, .. }) => self.spent(counts.printed),
            Event::Paper(PaperEvent::LeftToday(left)) => self.around.pages_left_today = Some(*left),
            _ => {}
        }
        match &mut self.place {
            Place::Journey(journey) => {
                let turn = journey.event(event, &self.around);
                if moves_on {
                    self.idle = Idle::fresh();
                }
                self.take(turn)
            }
            _ => Vec::new(),
        }
    }

    fn open(&mut self, journey: Journey) -> Vec<Effect> {
        let mut journey = Box::new(journey);
        match (&mut *journey, &self.guest) {
            (Journey::Apply(apply), Some(card)) => apply.offer_card((**card).clone()),
            (Journey::Progress(progress), Some(card)) => progress.offer_card(card),
            _ => {}
        }
        let mut turn = journey.begin(&self.around);
        if let (Journey::Paper(_), Some(card)) = (&*journey, &self.guest) {
            let number = Zeroizing::new(card.number.clone());
            turn.effects.push(Effect::Paper(Box::new(PaperWant::CountFor(number))));
        }
        self.place = Place::Journey(journey);
        self.take(turn)
    }

    /// Only what came out is charged, to the session and to the day.
    fn spent(&mut self, pages: u32) {
        self.around.pages_spent += pages;
        self.around.pages_left_today = self.around.pages_left_today.map(|left| left.saturating_sub(pages));
    }

    fn take(&mut self, turn: Turn) -> Vec<Effect> {
        let Turn { mut effects, then } = turn;
        if let Some(at) = effects.iter().position(|effect| matches!(effect, Effect::CallStaff { .. }))
            && let Effect::CallStaff { step } = effects.remove(at)
        {
            // Whoever calls, the citizen sees who comes.
            effects.extend(self.call_to(step));
        }
        if matches!(&self.place, Place::Journey(journey) if journey.offers_large_type()) {
            self.around.large_type_offered = true;
        }
        match then {
            Then::Stay => {}
            Then::Home => effects.extend(self.close_journey()),
            Then::Open(journey) => {
                effects.extend(self.close_journey());
                effects.extend(self.open(*journey));
            }
            Then::Finish => effects.extend(self.end()),
        }
        effects
    }

    fn second(&mut self, now: Moment) -> Vec<Effect> {
        self.around.now = now;
        self.recovery_second();
        let mut effects = self.call_second();
        match &mut self.place {
            Place::Idle => {
                effects.extend(self.idle_second());
                return effects;
            }
            // Whoever waits for staff still stands here.
            Place::Farewell { .. } if self.call.as_ref().is_some_and(|call| call.open_s() < delays::HELP_S_MAX) => {
                return effects;
            }
            Place::Farewell { seconds, .. } => {
                *seconds = seconds.saturating_sub(1);
                if *seconds == 0 {
                    effects.extend(self.back_to_idle());
                }
                return effects;
            }
            Place::Home => {}
            Place::Journey(journey) => {
                let turn = journey.second(&self.around);
                effects.extend(self.take(turn));
            }
        }
        let limit_s = if self.around.elder { delays::IDLE_ELDER_S } else { delays::IDLE_S };
        let hold = match (&self.call, &self.place) {
            (Some(_), _) => Hold::Help,
            (None, Place::Journey(journey)) if journey.busy() => Hold::Busy,
            _ => Hold::None,
        };
        self.idle = self.idle.second(limit_s, hold);
        if self.idle == Idle::Over {
            self.idle = Idle::fresh();
            effects.extend(self.end());
        }
        effects
    }

    fn close_cover(&mut self) -> Vec<Effect> {
        self.leave_asked = false;
        self.close_call()
    }
}

#[cfg(test)]
pub(crate) mod tests;
