//! A card that was put down before the application began: used for whoever applies for themselves, without
//! asking for it again; the rules on expired cards and on who may apply hold for it as for any other.

use super::{Apply, ForWhom};
use crate::content::Content;
use crate::journeys::Turn;
use crate::journeys::message::Refusal;
use crate::session::{HeldCard, Surroundings};
use std::sync::Arc;
use wire::catalogue::Text;
use wire::form::Validator;

/// How an item fits a person, by the card alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Its rules turn this person away.
    No,
    /// Anybody may apply.
    Open,
    /// It has a least age, and the person is old enough.
    MadeFor,
}

/// How an item fits whoever holds this card and applies for themselves.
#[must_use]
pub fn fit(content: &Arc<Content>, index: usize, card: &HeldCard, around: &Surroundings) -> Fit {
    let mut trial = Apply::new(content.clone(), index);
    trial.for_whom = Some(ForWhom::Myself);
    let Ok(role) = trial.seat(card, trial.roles(), around) else { return Fit::No };
    let aged = trial.item().form.fields().any(|field| {
        field.card_role.as_deref() == Some(role.as_str())
            && field.validators.iter().any(|rule| matches!(rule, Validator::AgeMin(_)))
    });
    if aged { Fit::MadeFor } else { Fit::Open }
}

impl Apply {
    /// A card that was put down before; it is kept as long as the application.
    pub fn offer_card(&mut self, card: HeldCard) {
        self.offered = Some(card);
    }

    /// Whether this application holds the card of that number.
    #[must_use]
    pub fn holds_card(&self, number: &str) -> bool {
        self.cards.values().any(|card| card.number == number)
    }

    /// After 给谁办: the card that lay there first, if it is the person's own; else asks for one.
    pub(super) fn first_card(&mut self, around: &Surroundings) -> Turn {
        let own = self.for_whom == Some(ForWhom::Myself);
        let Some(card) = self.offered.clone().filter(|_| own && self.cards.is_empty()) else {
            return self.next_card(around);
        };
        if card.expired_on(around.now.date) {
            return self.turn_away(Refusal::CardExpired { look_up: self.asks_record() });
        }
        match self.seat(&card, self.roles(), around) {
            Ok(_) => self.next_card(around),
            Err(reason) => self.turn_away(Refusal::Excluded(reason)),
        }
    }

    /// Takes the card for the first of these roles whose rules let this person in (a husband is not the wife), or says
    /// what the first role's rules say.
    pub(super) fn seat(&mut self, card: &HeldCard, roles: Vec<String>, around: &Surroundings) -> Result<String, Text> {
        let mut refused = None;
        for role in roles {
            self.take_card(&role, card.clone());
            match self.excluded(&role, around) {
                None => return Ok(role),
                Some(reason) => refused = refused.or(Some(reason)),
            }
            self.drop_card(&role);
        }
        Err(refused.unwrap_or_default())
    }
}
