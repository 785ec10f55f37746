//! Pages of a look-up as the screen's structs.

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
        let documents: Vec<SharedString> = row.documents.iter().map(SharedString::from).collect();
        CaseView {
            state: row.state.as_str().into(),
            tone: if row.weight == CaseWeight::Act { ToneKind::Warning } else { ToneKind::Calm },
            done: row.weight == CaseWeight::Done,
            service: row.service.as_str().into(),
            number: row.number.as_str().into(),
            facts: row.facts.as_str().into(),
            what_to_do: row.what_to_do.as_str().into(),
            notice: row.notice.as_str().into(),
            due: row.due.as_str().into(),
            documents: ModelRc::new(VecModel::from(documents)),
        }
    });
    rows.collect()
}
