//! Materials: which apply to these answers, what the card already gives, pages taken, and 容缺 (asked to be
//! handed in later). Pictures live in the session and are overwritten with it.

use super::scan::is_paper;
use super::{Apply, Stage};
use crate::journeys::Turn;
use crate::session::{Attachment, Capabilities, Captured, Effect, Surroundings};
use crate::view::{self, Action, MaterialRow, MaterialState, Picture};
use std::collections::{BTreeMap, BTreeSet};
use wire::catalogue::{CaptureWay, Item, Material, MaterialNeed, Text};
use wire::form::material_applies;

/// Whether the card itself is all that is asked for.
fn only_card(material: &Material) -> bool {
    material.capture.capture.iter().all(|way| *way == CaptureWay::Idcard)
}

/// Whether pictures of it can be taken at all.
fn by_picture(material: &Material) -> bool {
    material.capture.capture.iter().any(|way| !matches!(way, CaptureWay::Idcard | CaptureWay::Form))
}

/// Whether pages of it can be taken or scanned on this terminal now.
fn is_possible(material: &Material, can: &Capabilities) -> bool {
    by_picture(material) && (can.capture || (is_paper(material) && can.paper.scan))
}

/// Whether everything that is asked for whatever is answered can be given here now; what a card gives or the form
/// itself needs no picture.
#[must_use]
pub fn pages_are_possible(item: &Item, can: &Capabilities) -> bool {
    let without_picture =
        |material: &Material| by_form(material) || material.capture.capture.contains(&CaptureWay::Idcard);
    item.materials
        .iter()
        .filter(|material| material.is_need == MaterialNeed::Required && material.condition.is_none())
        .all(|material| without_picture(material) || is_possible(material, can))
}

/// Names of materials, one after the other.
pub(super) fn in_one_line(names: &[Text]) -> Text {
    let all = |english: bool| names.iter().map(|name| name.pick(english)).collect::<Vec<_>>().join("、");
    Text { zh: all(false), en: all(true) }
}

/// Pages taken and requests to hand in later.
#[derive(Debug, Default)]
pub(super) struct Materials {
    pages: BTreeMap<u32, Vec<(Attachment, Picture)>>,
    deferred: BTreeSet<u32>,
}

impl Materials {
    /// Pages held, whether they are still asked for or not.
    pub(super) fn count(&self) -> usize {
        self.pages.values().map(Vec::len).sum()
    }
}

impl Apply {
    fn materials_now<'a>(&'a self, around: &'a Surroundings) -> impl Iterator<Item = &'a Material> {
        self.item()
            .materials
            .iter()
            .filter(move |material| material_applies(&self.item().form, material, &self.answers, &self.context(around)))
    }

    /// What goes along: the pages as attachments, in the order of the materials, and what is deferred; only of what
    /// these answers ask for. The rest stays held until the end, for the citizen may change back. The session keeps its
    /// own until the store has answered.
    pub(super) fn materials_along(&self, around: &Surroundings) -> (Vec<Attachment>, Vec<u32>) {
        let copy =
            |page: &Attachment| Attachment { field: page.field.clone(), media: page.media, bytes: page.bytes.clone() };
        let pages = self.materials_now(around).flat_map(|material| self.pages_of(material));
        let deferred = self.materials_now(around).map(|material| material.order_num);
        let deferred = deferred.filter(|order_num| self.materials.deferred.contains(order_num));
        (pages.map(|(page, _)| copy(page)).collect(), deferred.collect())
    }

    /// How many pages go along.
    pub(super) fn pages_along(&self, around: &Surroundings) -> usize {
        self.materials_now(around).map(|material| self.pages_of(material).len()).sum()
    }

    /// A page of its own is needed where anything beside cards and this form is asked for.
    pub(super) fn has_materials_page(&self, around: &Surroundings) -> bool {
        self.materials_now(around).any(|material| !self.settled(material))
    }

    /// Nothing can be added here: given, or its card is not there and cannot be.
    fn settled(&self, material: &Material) -> bool {
        self.given(material) || self.number_only(material)
    }

    /// What the card or the form itself gives.
    fn given(&self, material: &Material) -> bool {
        if by_form(material) {
            return true;
        }
        let capture = &material.capture.capture;
        if only_card(material) {
            return self.principal().is_some_and(|role| self.cards.contains_key(role));
        }
        // Another person's document, which that person's own card satisfies.
        capture.contains(&CaptureWay::Idcard) && self.cards.len() > 1 && self.typed_roles.is_empty()
    }

    /// The card is the material, and of its holder only the number was entered.
    fn number_only(&self, material: &Material) -> bool {
        only_card(material) && self.principal().is_some_and(|role| self.typed_roles.contains(role))
    }

    /// Materials without which nothing can be submitted, by name.
    pub(super) fn missing_materials(&self, around: &Surroundings) -> Vec<Text> {
        self.missing(around).map(Material::name).collect()
    }

    fn missing<'a>(&'a self, around: &'a Surroundings) -> impl Iterator<Item = &'a Material> {
        self.materials_now(around).filter(|material| match material.is_need {
            MaterialNeed::Required => !self.settled(material) && !self.captured_any(material),
            MaterialNeed::MayFollow => {
                !self.settled(material)
                    && !self.captured_any(material)
                    && !self.materials.deferred.contains(&material.order_num)
            }
            MaterialNeed::Optional => false,
        })
    }

    /// Why the materials are not complete, and what to do; `None` when they are.
    fn still_missing(&self, around: &Surroundings) -> Option<Text> {
        let missing: Vec<&Material> = self.missing(around).collect();
        let stuck =
            |material: &&Material| material.is_need == MaterialNeed::Required && !is_possible(material, &around.can);
        let stuck: Vec<Text> = missing.iter().copied().filter(stuck).map(Material::name).collect();
        if stuck.is_empty() {
            let names: Vec<Text> = missing.into_iter().map(Material::name).collect();
            let Text { zh, en } = in_one_line(&names);
            return (!names.is_empty()).then(|| Text {
                zh: format!("还差：{zh}。请拍下来或扫描；标着“可后补”的可以选择稍后补交。"),
                en: format!("Still missing: {en}. Please capture or scan them; some may be handed in later."),
            });
        }
        let (Text { zh, en }, consult) = (in_one_line(&stuck), &self.item().guide.consult);
        let (zone, window) = (&consult.zone, &consult.window);
        Some(Text {
            zh: format!("还差：{zh}。本机现在不能拍也不能扫描，请带着材料到 {zone}{window} 窗口。填写的内容还在。"),
            en: format!(
                "Still missing: {en}. This terminal cannot take pictures now; please bring it to window {window}. Your \
                 answers are still here."
            ),
        })
    }

    /// How many pages more it takes.
    pub(super) fn room_for_pages(&self, material: &Material) -> usize {
        (material.capture.max_pages as usize).saturating_sub(self.pages_of(material).len())
    }

    fn pages_of(&self, material: &Material) -> &[(Attachment, Picture)] {
        self.materials.pages.get(&material.order_num).map(Vec::as_slice).unwrap_or_default()
    }

    fn captured_any(&self, material: &Material) -> bool {
        !self.pages_of(material).is_empty()
    }

    fn state_of(&self, material: &Material) -> MaterialState {
        if self.captured_any(material) {
            MaterialState::Captured
        } else if by_form(material) {
            MaterialState::FromForm
        } else if self.given(material) {
            MaterialState::FromCard
        } else if self.number_only(material) {
            MaterialState::NumberOnly
        } else if self.materials.deferred.contains(&material.order_num) {
            MaterialState::Deferred
        } else {
            MaterialState::Missing
        }
    }

    pub(super) fn page_materials(&self, error: Option<&Text>, around: &Surroundings) -> view::Materials {
        let rows = self
            .materials_now(around)
            .map(|material| {
                let deferred = self.materials.deferred.contains(&material.order_num);
                MaterialRow {
                    order_num: material.order_num,
                    name: around.pick(&material.name()),
                    help: around.phrase(&material.accept_stand),
                    state: self.state_of(material),
                    can_capture: by_picture(material) && around.can.capture && self.room_for_pages(material) > 0,
                    can_scan: self.can_scan(material, around),
                    can_defer: !self.settled(material) && !deferred && material.is_need == MaterialNeed::MayFollow,
                    optional: material.is_need == MaterialNeed::Optional,
                    pages: self.pages_of(material).iter().map(|(_, small)| small.clone()).collect(),
                    max_pages: material.capture.max_pages,
                }
            })
            .collect();
        view::Materials { rows, error: around.pick_any(error) }
    }

    pub(super) fn act_materials(&mut self, action: &Action, around: &Surroundings) -> Turn {
        match action {
            // A second touch in a hurry: the button went only with the first one.
            Action::Capture(_) | Action::ScanPages(_) | Action::Next if self.awaits_page() => Turn::stay(),
            Action::Capture(order_num) => self.take_page(*order_num, around),
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
                if self.may_follow(*order_num, around) {
                    self.materials.deferred.insert(*order_num);
                }
                self.stage = Stage::Materials { error: None, waiting_for: None };
                Turn::stay()
            }
            Action::Next => {
                let error = self.still_missing(around);
                if error.is_none() {
                    return self.open_review();
                }
                self.stage = Stage::Materials { error, waiting_for: None };
                Turn::stay()
            }
            _ => Turn::stay(),
        }
    }

    fn may_follow(&self, order_num: u32, around: &Surroundings) -> bool {
        self.materials_now(around)
            .find(|material| material.order_num == order_num)
            .is_some_and(|material| material.is_need == MaterialNeed::MayFollow && !self.settled(material))
    }

    fn awaits_page(&self) -> bool {
        matches!(self.stage, Stage::Materials { waiting_for: Some(_), .. })
    }

    fn take_page(&mut self, order_num: u32, around: &Surroundings) -> Turn {
        let found = self.materials_now(around).find(|material| material.order_num == order_num);
        let Some(material) = found.filter(|material| self.room_for_pages(material) > 0) else { return Turn::stay() };
        let mut ways = material.capture.capture.iter();
        let way = ways.find(|way| **way != CaptureWay::Idcard).copied().unwrap_or(CaptureWay::DocCamera);
        self.stage = Stage::Materials { error: None, waiting_for: Some(order_num) };
        Turn::doing(vec![Effect::Capture { order_num, way }])
    }

    pub(super) fn captured(&mut self, captured: Captured) -> Turn {
        let Some((bytes, media, small)) = captured.page else {
            let error = Some(Text::new("没有拍到，请再试一次", "No picture was taken; please try again"));
            self.stage = Stage::Materials { error, waiting_for: None };
            return Turn::stay();
        };
        let order_num = captured.order_num;
        let found = self.item().materials.iter().find(|material| material.order_num == order_num);
        // One that comes too late, after others took its room, is dropped: the form takes no more.
        if found.is_some_and(|material| self.room_for_pages(material) > 0) {
            let attachment = Attachment { field: order_num.to_string(), media, bytes };
            self.materials.deferred.remove(&order_num);
            self.materials.pages.entry(order_num).or_default().push((attachment, small));
        }
        self.stage = Stage::Materials { error: None, waiting_for: None };
        Turn::stay()
    }
}

/// What is filled in here is the material.
fn by_form(material: &Material) -> bool {
    material.capture.capture.contains(&CaptureWay::Form)
}

#[cfg(test)]
#[path = "tests/capture.rs"]
pub(super) mod tests;
