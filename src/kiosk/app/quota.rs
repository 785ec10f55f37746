//! The day's free pages, carried (rules 8.7): asked for whom a card was read, reserved before anything of an order
//! leaves, told to the hall by sync once the ledger has settled it. Without a card or without the hall nobody's day is
//! charged and only the session's limit holds.

use super::App;
use super::paper::Asked;
use crate::session::{Event, PaperEvent, PaperTrouble};
use crate::store::random_uuid;
use crate::sync::{Reservation, Reserve};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Who is charged, and the id under which.
type Charged = (Uuid, Zeroizing<String>);

impl App {
    /// From now on the session's pages count for this person.
    pub(super) fn count_for(&mut self, id_no: Zeroizing<String>) {
        if let Some(sync) = &self.sync {
            sync.ask_quota(self.session_no, id_no.clone());
        }
        self.person = Some(id_no);
    }

    /// Who is charged for an order that is made now.
    pub(super) fn charged(&self) -> Option<Charged> {
        let person = self.person.as_ref().filter(|_| self.online)?;
        Some((random_uuid()?, person.clone()))
    }

    /// Reserves the order's pages if somebody is charged; else they are made ready at once.
    pub(super) fn reserve(&mut self, asked: Asked, charged: Option<Charged>) {
        let wish = charged.map(|(job_id, id_no)| {
            let (job_no, pages) = (asked.job_no, asked.ordered);
            Reserve { job_no, job_id, id_no, pages }
        });
        let asking = match (&self.sync, wish) {
            (Some(sync), Some(wish)) => sync.reserve_pages(wish),
            _ => false,
        };
        if asking {
            self.reserving = Some(asked);
        } else {
            self.make_ready(asked);
        }
    }

    /// The hall said whether an order's pages are reserved, or did not answer.
    pub(super) async fn reserved(&mut self, job_no: u64, reservation: Reservation) -> Option<Event> {
        let asked = self.reserving.take_if(|asked| asked.job_no == job_no)?;
        let current = self.is_printing(job_no);
        match reservation {
            _ if !current => self.not_sent(&asked, PaperTrouble::ByCitizen).await,
            Reservation::Refused { left } => {
                self.take(Event::Paper(PaperEvent::LeftToday(left))).await;
                self.not_sent(&asked, PaperTrouble::DayUsed).await
            }
            Reservation::Granted | Reservation::NoAnswer => {
                self.make_ready(asked);
                None
            }
        }
    }
}
