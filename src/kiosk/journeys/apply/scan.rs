//! A material laid on the scanner's glass: scanned page by page, or both sides of a card, looked at, and taken as
//! pages of the application beside those that a camera took. The scans themselves stay in the rim until then.

use super::{Apply, Stage};
use crate::journeys::paper::{Copying, Scanned};
use crate::journeys::{Turn, want};
use crate::session::{PaperEvent, PaperWant, Surroundings};
use crate::view::{Action, Scanning};
use wire::catalogue::{CaptureWay, Material};

/// Pages of one material on the glass.
#[derive(Debug)]
pub(super) struct Scan {
    order_num: u32,
    copying: Copying,
}

impl Scan {
    pub(super) fn busy(&self) -> bool {
        self.copying.busy()
    }

    pub(super) fn page(&self, around: &Surroundings) -> Scanning {
        Scanning { material: true, ..self.copying.page(around) }
    }
}

/// Whether it can be laid on the glass at all: a face before the camera cannot.
pub(super) fn is_paper(material: &Material) -> bool {
    material.capture.capture.contains(&CaptureWay::DocCamera)
}

impl Apply {
    /// Whether pages of it can be laid on the glass now.
    pub(super) fn can_scan(&self, material: &Material, around: &Surroundings) -> bool {
        is_paper(material) && around.can.paper.scan && self.room_for_pages(material) > 0
    }

    /// Opens the glass for a material; another person's card is laid down on both sides.
    pub(super) fn open_scan(&mut self, order_num: u32, around: &Surroundings) -> Turn {
        let found = self.item().materials.iter().find(|material| material.order_num == order_num);
        let Some(material) = found.filter(|material| self.can_scan(material, around)) else { return Turn::stay() };
        let (room, most) = (self.room_for_pages(material), material.capture.max_pages as usize);
        // Both sides of the card first; what else belongs to it are pages.
        let card = material.capture.capture.contains(&CaptureWay::Idcard) && room == most;
        let copying = Copying::of_material(card, room);
        self.stage = Stage::Scan(Scan { order_num, copying });
        Turn::stay()
    }

    pub(super) fn act_scan(&mut self, action: Action) -> Turn {
        let Stage::Scan(scan) = &mut self.stage else { return Turn::stay() };
        match scan.copying.scan_act(action) {
            Scanned::Stay(effects) => Turn::doing(effects),
            Scanned::Left(effects) => {
                self.stage = Stage::Materials { error: None, waiting_for: None };
                Turn::doing(effects)
            }
            Scanned::Finished { doc, pages } => {
                let order_num = scan.order_num;
                self.stage = Stage::Materials { error: None, waiting_for: Some(order_num) };
                Turn::doing(vec![want(PaperWant::TakeScans { doc, order_num, pages }), want(PaperWant::Drop { doc })])
            }
        }
    }

    pub(super) fn scan_event(&mut self, event: PaperEvent) -> Turn {
        if let Stage::Scan(scan) = &mut self.stage {
            scan.copying.scan_event(event);
        }
        Turn::stay()
    }
}
