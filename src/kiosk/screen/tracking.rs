//! Pages of a look-up as the screen's structs.

use super::glyphs::legible;
use crate::view::{CaseWeight, Cases, Tracking, TrackingWay};
use slint::{ModelRc, SharedString, VecModel};
use ui::{CaseView, ToneKind, TrackingView, WayStep};

/// The ways to find a case.
pub fn tracking(page: &Tracking) -> TrackingView {
    TrackingView {
        scan: way(page.scan),
        card: way(page.card),
        reading: page.reading,
        error: page.error.as_str().into(),
        online: page.online,
    }
}

fn way(way: TrackingWay) -> WayStep {
    match way {
        TrackingWay::Works => WayStep::Works,
        TrackingWay::Lost => WayStep::Lost,
        TrackingWay::Never => WayStep::Never,
    }
}

/// What was found.
pub fn cases(page: &Cases) -> Vec<CaseView> {
    let rows = page.rows.iter().map(|row| {
        let documents: Vec<SharedString> = row.documents.iter().map(|name| legible(name)).collect();
        CaseView {
            state: legible(&row.state),
            tone: if row.weight == CaseWeight::Act { ToneKind::Warning } else { ToneKind::Calm },
            done: row.weight == CaseWeight::Done,
            service: legible(&row.service),
            number: legible(&row.number),
            facts: legible(&row.facts),
            what_to_do: legible(&row.what_to_do),
            notice: legible(&row.notice),
            due: legible(&row.due),
            documents: ModelRc::new(VecModel::from(documents)),
        }
    });
    rows.collect()
}
