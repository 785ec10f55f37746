//! 找工作人员 (rules 8.9): from any page to a page of the hall; answered, or honestly not. And what else the hall
//! says to a session.

use super::event::{Event, HallEvent};
use super::{Effect, Place, Session, Surroundings, delays};
use crate::view::StaffCall;

/// An open staff call.
#[derive(Debug)]
pub(super) struct Call {
    state: State,
    waited_s: u32,
    /// The hall holds no open call of ours.
    closed: bool,
}

/// How it stands, in no language yet.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Calling,
    Answered { who: String, minutes: u32 },
    Unanswered,
}

impl Call {
    /// As it is shown.
    pub(super) fn shown(&self, around: &Surroundings) -> StaffCall {
        match &self.state {
            State::Calling => StaffCall::Calling,
            State::Answered { who, minutes } => StaffCall::Answered { who: who.clone(), minutes: *minutes },
            State::Unanswered => StaffCall::Unanswered { desk: around.desk() },
        }
    }

    /// For how long help is open.
    pub(super) fn open_s(&self) -> u32 {
        self.waited_s
    }
}

impl Session {
    pub(super) fn hall(&mut self, event: HallEvent) -> Vec<Effect> {
        match event {
            HallEvent::Online { staff_listens, public_url } => {
                self.around.online = true;
                self.around.staff_listens = staff_listens;
                self.around.public_url = public_url;
                Vec::new()
            }
            HallEvent::Offline => {
                self.around.online = false;
                self.around.staff_listens = false;
                self.call_unanswered();
                self.journey_event(Event::Hall(HallEvent::Offline))
            }
            HallEvent::CallAnswered { who, minutes } => {
                if let Some(call) = &mut self.call {
                    call.state = State::Answered { who, minutes };
                }
                Vec::new()
            }
            HallEvent::CallFailed => {
                self.call_unanswered();
                Vec::new()
            }
            receipt @ HallEvent::Receipt { .. } => self.journey_event(Event::Hall(receipt)),
        }
    }

    pub(super) fn call_staff(&mut self) -> Vec<Effect> {
        let step = match &self.place {
            Place::Journey(journey) => journey.step(&self.around),
            Place::Idle | Place::Farewell { .. } => "首页".to_owned(),
            Place::Home => "选择服务".to_owned(),
        };
        self.call_to(step)
    }

    /// Calls to where the citizen is, by his own touch or because something does not work.
    pub(super) fn call_to(&mut self, step: String) -> Vec<Effect> {
        if self.call.is_some() {
            return Vec::new();
        }
        if !self.around.staff_listens {
            self.call = Some(Call { state: State::Unanswered, waited_s: 0, closed: true });
            return Vec::new();
        }
        self.call = Some(Call { state: State::Calling, waited_s: 0, closed: false });
        vec![Effect::CallStaff { step }]
    }

    pub(super) fn call_second(&mut self) -> Vec<Effect> {
        if let Some(call) = &mut self.call {
            call.waited_s += 1;
            if call.state == State::Calling && call.waited_s >= delays::CALL_S {
                call.closed = true;
                self.call_unanswered();
                return vec![Effect::CloseCall];
            }
        }
        Vec::new()
    }

    pub(super) fn call_unanswered(&mut self) {
        if let Some(call) = &mut self.call
            && call.state == State::Calling
        {
            call.state = State::Unanswered;
        }
    }

    pub(super) fn close_call(&mut self) -> Vec<Effect> {
        match self.call.take() {
            Some(call) if !call.closed => vec![Effect::CloseCall],
            _ => Vec::new(),
        }
    }
}
