//! The dock's part for the slots: what is held before scanner and camera, plugs pulled and put in, the cabinet's
//! door, and which lights shine.

use crate::demo::Knobs;
use drivers::barcode_reader::BarcodeReader;
use drivers::camera::GreyFrame;
use drivers::camera::simulator::camera_in_memory;
use slint::{ComponentHandle, Model, ModelRc, VecModel};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use ui::{SlotAct, SlotBackend, SlotData};
use zeroize::Zeroizing;

/// A slip's code is found in its first picture, or not at all.
const READ_SLIP: Duration = Duration::from_millis(200);

/// What was turned, as the dock remembers it.
#[derive(Default)]
struct Turned {
    shown: bool,
    reader_out: bool,
    module_out: bool,
    camera_out: bool,
    board_out: bool,
    door_open: bool,
}

/// This part of the dock.
pub(super) struct Slots {
    knobs: Knobs,
    turned: RefCell<Turned>,
    lights: Rc<VecModel<bool>>,
}

impl Slots {
    /// Hears what is turned on this dock.
    pub(super) fn on(dock: &ui::Dock, knobs: Knobs) -> Rc<Self> {
        let slots = Rc::new(Self { knobs, turned: RefCell::default(), lights: Rc::default() });
        dock.global::<SlotData>().set_lights(ModelRc::from(slots.lights.clone()));
        let (act, component) = (slots.clone(), dock.as_weak());
        dock.global::<SlotBackend>().on_act(move |what, text| {
            act.turn(what, &text);
            if let Some(component) = component.upgrade() {
                act.show(&component);
            }
        });
        slots.show(dock);
        slots
    }

    fn turn(&self, act: SlotAct, text: &str) {
        let slots = &self.knobs.slots;
        let mut turned = self.turned.borrow_mut();
        let flip = |flag: &mut bool| {
            *flag = !*flag;
            *flag
        };
        match act {
            SlotAct::ShowSlip => {
                if let Some(code) = self.last_slip().and_then(code_on) {
                    slots.module.show(code.as_bytes());
                    turned.shown = true;
                }
            }
            SlotAct::ShowSlipToCamera => {
                if let Some(slip) = self.last_slip() {
                    slots.camera.show(slip);
                    turned.shown = true;
                }
            }
            SlotAct::ShowCode => {
                slots.module.show(text.as_bytes());
                turned.shown = true;
            }
            SlotAct::TakeCodeAway => {
                slots.module.take_away();
                slots.camera.blank();
                turned.shown = false;
            }
            SlotAct::ReaderPlug if flip(&mut turned.reader_out) => self.knobs.reader.unplug(),
            SlotAct::ReaderPlug => self.knobs.reader.replug(),
            SlotAct::ModulePlug if flip(&mut turned.module_out) => slots.module.unplug(),
            SlotAct::ModulePlug => slots.module.replug(),
            SlotAct::CameraPlug => slots.camera.plug(!flip(&mut turned.camera_out)),
            SlotAct::BoardPlug if flip(&mut turned.board_out) => slots.board.unplug(),
            SlotAct::BoardPlug => slots.board.replug(),
            SlotAct::Door => slots.board.door_open(flip(&mut turned.door_open)),
        }
    }

    /// Shows what was turned and which lights shine; called at each look of the dock.
    pub(super) fn show(&self, dock: &ui::Dock) {
        let data = dock.global::<SlotData>();
        let turned = self.turned.borrow();
        data.set_shown(turned.shown);
        data.set_reader_out(turned.reader_out);
        data.set_module_out(turned.module_out);
        data.set_camera_out(turned.camera_out);
        data.set_board_out(turned.board_out);
        data.set_door_open(turned.door_open);
        let coils = self.knobs.slots.board.coils();
        if self.lights.iter().ne(coils.iter().copied()) {
            self.lights.set_vec(coils);
        }
    }

    fn last_slip(&self) -> Option<GreyFrame> {
        let slip = self.knobs.slips().pop()?;
        Some(GreyFrame { width: slip.width(), height: slip.height(), pixels: Zeroizing::new(slip.to_luma()) })
    }
}

/// Text of the code on a slip, read as a camera reads it.
fn code_on(slip: GreyFrame) -> Option<Zeroizing<String>> {
    let (mut eye, before) = camera_in_memory();
    before.show(slip);
    eye.scan(READ_SLIP).ok()??.text()
}
