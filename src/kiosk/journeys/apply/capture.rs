//! Materials: which apply to these answers, what the card already gives, pages taken, and 容缺 (asked to be
//! handed in later). Pictures live in the session and are overwritten with it.

use super::{Apply, Stage};
use crate::journeys::Turn;
use crate::session::{Attachment, Captured, Effect, Surroundings};
use crate::view::{self, Action, MaterialRow, MaterialState, Picture};
use std::collections::{BTreeMap, BTreeSet};
use wire::catalogue::{CaptureWay, Material, MaterialNeed};
use wire::form::material_applies;

/// Whether pictures of it can be taken at all.
fn by_picture(material: &Material) -> bool {
    material.capture.capture.iter().any(|way| !matches!(way, CaptureWay::Idcard | CaptureWay::Form))
}

/// Pages taken and requests to hand in later.
#[derive(Debug, Default)]
pub(super) struct Materials {
    pages: BTreeMap<u32, Vec<(Attachment, Picture)>>,
    deferred: BTreeSet<u32>,
}

impl Materials {
    /// Pages held.
    pub(super) fn count(&self) -> usize {
        self.pages.values().map(Vec::len).sum()
    }

    /// The pages as attachments, in the order of the materials; and what is deferred. The session keeps its own
    /// until the store has answered.
    pub(super) fn copies(&self) -> (Vec<Attachment>, Vec<u32>) {
        let copy =
            |page: &Attachment| Attachment { field: page.field.clone(), media: page.media, bytes: page.bytes.clone() };
        let pages = self.pages.values().flatten().map(|(page, _)| copy(page)).collect();
        (pages, self.deferred.iter().copied().collect())
    }
}

impl Apply {
    fn materials_now<'a>(&'a self, around: &'a Surroundings) -> impl Iterator<Item = &'a Material> {
        self.item()
            .materials
            .iter()
            .filter(move |material| material_applies(&self.item().form, material, &self.answers, &self.context(around)))
    }

    /// A page of its own is needed where anything beside cards and this form is asked for.
    pub(super) fn has_materials_page(&self, around: &Surroundings) -> bool {
        self.materials_now(around).any(|material| !self.given(material))
    }

    /// What the card or the form itself gives.
    fn given(&self, material: &Material) -> bool {
        let capture = &material.capture.capture;
        if capture.contains(&CaptureWay::Form) {
            return true;
        }
        let only_card = capture.iter().all(|way| *way == CaptureWay::Idcard);
        if only_card {
            return !self.cards.is_empty();
        }
        // Another person's document, which that person's own card satisfies.
        capture.contains(&CaptureWay::Idcard) && self.cards.len() > 1 && self.typed_roles.is_empty()
    }

    /// Materials without which nothing can be submitted, by name.
    pub(super) fn missing_materials(&self, around: &Surroundings) -> Vec<String> {
        self.materials_now(around)
            .filter(|material| match material.is_need {
                MaterialNeed::Required => !self.given(material) && !self.captured_any(material),
                MaterialNeed::MayFollow => {
                    !self.given(material)
                        && !self.captured_any(material)
                        && !self.materials.deferred.contains(&material.order_num)
                }
                MaterialNeed::Optional => false,
            })
            .map(|material| around.pick(&material.name()))
            .collect()
    }

    /// How many pages more it takes.
    pub(super) fn room_for_pages(&self, material: &Material) -> usize {
        let held = self.materials.pages.get(&material.order_num).map_or(0, Vec::len);
        (material.capture.max_pages as usize).saturating_sub(held)
    }

    fn captured_any(&self, material: &Material) -> bool {
        self.materials.pages.get(&material.order_num).is_some_and(|pages| !pages.is_empty())
    }

    pub(super) fn page_materials(&self, error: &str, around: &Surroundings) -> view::Materials {
        let rows = self
            .materials_now(around)
            .map(|material| {
                let given = self.given(material);
                let pages = self.materials.pages.get(&material.order_num);
                let deferred = self.materials.deferred.contains(&material.order_num);
                MaterialRow {
                    order_num: material.order_num,
                    name: around.pick(&material.name()),
                    help: around.phrase(&material.accept_stand),
                    state: if pages.is_some_and(|pages| !pages.is_empty()) {
                        MaterialState::Captured
                    } else if given {
                        MaterialState::FromCard
                    } else if deferred {
                        MaterialState::Deferred
                    } else {
                        MaterialState::Missing
                    },
                    can_capture: by_picture(material) && around.can.capture && self.room_for_pages(material) > 0,
                    can_scan: self.can_scan(material, around),
                    can_defer: !given && !deferred && material.is_need == MaterialNeed::MayFollow,
                    optional: material.is_need == MaterialNeed::Optional,
                    pages: pages
                        .map(|pages| pages.iter().map(|(_, small)| small.clone()).collect())
                        .unwrap_or_default(),
                    max_pages: material.capture.max_pages,
                }
            })
            .collect();
        view::Materials { rows, error: error.to_owned() }
    }

    pub(super) fn act_materials(&mut self, action: &Action, around: &Surroundings) -> Turn {
        match action {
            Action::Capture(order_num) => {
                let way = self
                    .item()
                    .materials
                    .iter()
                    .find(|material| material.order_num == *order_num)
                    .and_then(|material| material.capture.capture.iter().find(|way| **way != CaptureWay::Idcard))
                    .copied()
                    .unwrap_or(CaptureWay::DocCamera);
                self.stage = Stage::Materials { error: String::new(), waiting_for: Some(*order_num) };
                Turn::doing(vec![Effect::Capture { order_num: *order_num, way }])
            }
            Action::ScanPages(order_num) => self.open_scan(*order_num, around),
            Action::RemovePage { order_num, page } => {
                if let Some(pages) = self.materials.pages.get_mut(order_num)
                    && *page < pages.len()
                {
                    pages.remove(*page);
                }
                Turn::stay()
            }
            Action::Defer(order_num) => {
                self.materials.deferred.insert(*order_num);
                self.stage = Stage::Materials { error: String::new(), waiting_for: None };
                Turn::stay()
            }
            Action::Next => {
                let missing = self.missing_materials(around);
                if missing.is_empty() {
                    return self.open_review();
                }
                let names = missing.join("、");
                let error = around.say(
                    &format!("还差：{names}。请拍下来或扫描；标着“可后补”的可以选择稍后补交。"),
                    &format!("Still missing: {names}. Please capture or scan them; some may be handed in later."),
                );
                self.stage = Stage::Materials { error, waiting_for: None };
                Turn::stay()
            }
            _ => Turn::stay(),
        }
    }

    pub(super) fn captured(&mut self, captured: Captured, around: &Surroundings) -> Turn {
        let Some((bytes, media, small)) = captured.page else {
            let error = around.say("没有拍到，请再试一次", "No picture was taken; please try again");
            self.stage = Stage::Materials { error, waiting_for: None };
            return Turn::stay();
        };
        let attachment = Attachment { field: captured.order_num.to_string(), media, bytes };
        self.materials.deferred.remove(&captured.order_num);
        self.materials.pages.entry(captured.order_num).or_default().push((attachment, small));
        self.stage = Stage::Materials { error: String::new(), waiting_for: None };
        Turn::stay()
    }
}
