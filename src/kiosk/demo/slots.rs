//! Barcode reader, camera and lights of the demo: a module and a relay board on ptys that speak their own bytes, a
//! camera whose frames are handed over where the kernel would, or the configured ones, or none.

use super::{Knobs, SIMULATOR, WorldError};
use crate::app;
use crate::config::Config;
use crate::devices::{CodeDevice, DeviceClass};
use drivers::DeviceUri;
use drivers::barcode_reader::simulator as module_simulator;
use drivers::camera::{CameraReader, simulator as camera_simulator};
use drivers::indicator::{Indicators, simulator as board_simulator};
use drivers::simulation::PtyPort;
use std::path::Path;

/// Frames a second of the simulated camera.
const FRAMES_PER_SECOND: u32 = 10;

/// The ports; they end with it.
pub(super) struct SlotDevices {
    module: PtyPort<module_simulator::Module>,
    board: PtyPort<board_simulator::Board>,
}

/// Their knobs.
#[derive(Clone)]
pub struct SlotKnobs {
    /// The barcode module's.
    pub module: module_simulator::ModuleKnobs,
    /// The camera's.
    pub camera: camera_simulator::CameraKnobs,
    /// The relay board's: lights and door.
    pub board: board_simulator::BoardKnobs,
}

impl SlotDevices {
    pub(super) fn start() -> std::io::Result<(Self, SlotKnobs)> {
        let (module, module_knobs) = module_simulator::module_on_pty()?;
        let (board, board_knobs) = board_simulator::on_pty()?;
        let (_, camera) = camera_simulator::camera_in_memory();
        camera.frames_per_second(FRAMES_PER_SECOND);
        Ok((Self { module, board }, SlotKnobs { module: module_knobs, camera, board: board_knobs }))
    }

    /// The configuration with the addresses of the simulators where it names none else.
    fn addressed(&self, config: &Config) -> Config {
        let mut config = config.clone();
        let serial = |port: &Path, baud: u32| format!("serial://{}?baud={baud}", port.display());
        if config.devices.barcode_reader == SIMULATOR {
            config.devices.barcode_reader = serial(self.module.path(), module_simulator::BAUD);
        }
        if config.devices.indicator == SIMULATOR {
            config.devices.indicator = serial(self.board.path(), board_simulator::BAUD);
        }
        config
    }

    pub(super) fn code_readers(&self, config: &Config, knobs: &Knobs) -> Result<Vec<CodeDevice>, WorldError> {
        let mut config = self.addressed(config);
        let simulated = config.devices.camera == SIMULATOR;
        if simulated {
            config.devices.camera.clear();
        }
        let mut readers = app::code_readers(&config.devices)?;
        if simulated {
            let camera = CameraReader::new(Box::new(knobs.slots.camera.clone()));
            readers.push((DeviceClass::Camera, Box::new(camera)));
        }
        Ok(readers)
    }

    pub(super) fn indicator(&self, config: &Config) -> Result<Option<Box<dyn Indicators>>, WorldError> {
        Ok(app::indicator(&self.addressed(config).devices)?)
    }

    pub(super) fn places(&self, config: &Config) -> Result<Vec<(DeviceClass, DeviceUri)>, WorldError> {
        Ok(app::places(&self.addressed(config).devices)?)
    }
}
