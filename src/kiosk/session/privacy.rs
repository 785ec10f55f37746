//! While help is open for long, what the page shows of a person is taken out of it (rules 8.8): the helper who
//! stands there, the picture and the accessible layer get only the page's own words. Touching on brings it back.

use super::{Session, delays};
use crate::journeys::slip;
use crate::view::{CardState, Control, Field, FileName, Page, Picture};
use std::sync::Arc;

/// Stands where a value stood.
const HIDDEN: &str = "••••";

impl Session {
    /// Help has been open for so long that personal values are taken out of the page.
    pub(super) fn masks_values(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.open_s() >= delays::MASK_AFTER_S)
    }
}

/// The page without anything of the person.
pub(super) fn masked(mut page: Page) -> Page {
    match &mut page {
        Page::Home(home) => hide(&mut home.guest),
        Page::Welcome(welcome) => hide(&mut welcome.name),
        Page::Card(card) => {
            if let CardState::Read { name, number, .. } = &mut card.state {
                hide(name);
                hide(number);
            }
        }
        Page::Question(question) => question.fields.iter_mut().for_each(hide_field),
        Page::Materials(materials) => {
            materials.rows.iter_mut().flat_map(|row| &mut row.pages).for_each(|page| *page = blank());
        }
        Page::Review(review) => {
            review.revealed = false;
            review.rows.iter_mut().for_each(|row| hide(&mut row.value));
        }
        Page::Sign(sign) => sign.strokes.clear(),
        Page::Outcome(outcome) => {
            for text in [&mut outcome.number_small, &mut outcome.number_large, &mut outcome.query_code] {
                hide(text);
            }
            outcome.qr = slip::qr("");
        }
        Page::Upload(upload) => {
            upload.qr = None;
            upload.files.iter_mut().for_each(|file| hide_name(&mut file.name));
        }
        Page::Files(files) => {
            hide_name(&mut files.title);
            files.files.iter_mut().for_each(|file| hide_name(&mut file.name));
        }
        Page::Cases(cases) => cases.rows.iter_mut().for_each(|row| {
            for text in [&mut row.service, &mut row.number, &mut row.facts, &mut row.notice, &mut row.due] {
                hide(text);
            }
            row.documents.clear();
        }),
        Page::Scanning(scanning) => scanning.pages.iter_mut().for_each(|page| *page = blank()),
        Page::Preview(preview) => {
            hide_name(&mut preview.title);
            preview.pages.iter_mut().for_each(|page| page.picture = None);
        }
        _ => {}
    }
    page
}

fn blank() -> Picture {
    Picture { width: 1, height: 1, rgb: Arc::new(vec![0xDC; 3]) }
}

fn hide(text: &mut String) {
    if !text.is_empty() {
        HIDDEN.clone_into(text);
    }
}

fn hide_name(name: &mut FileName) {
    if !name.is_empty() {
        *name = HIDDEN.into();
    }
}

fn hide_field(field: &mut Field) {
    match &mut field.control {
        Control::Fact { value, .. } => hide(value),
        Control::Line { text, .. } | Control::Paragraph { text, .. } => hide(text),
        Control::Buttons { choices, .. } | Control::List { choices, .. } => {
            choices.iter_mut().for_each(|choice| choice.selected = false);
        }
        Control::Tick { on } => *on = false,
        Control::RowHead { .. } | Control::AddRow { .. } => {}
    }
}
