//! Driver for lights on the coils and a door switch on a discrete input of a Modbus board. Flashing is done here,
//! since coils only know on and off; a board that lost power is noticed by reading its coils back.

use super::{CabinetDoor, FlashRate, Indicators, Light, ModbusLine, modbus_frame::Request};
use crate::{DeviceError, DeviceErrorKind};
use std::time::{Duration, Instant};

/// How often coils are read back.
const READ_BACK_MS: u64 = 5_000;

/// Which wire leads where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wiring {
    /// Coils of the lights, from 0.
    pub lights: Vec<(Light, u16)>,
    /// Input of the door's switch, from 0; `None` where there is none.
    pub door_input: Option<u16>,
    /// Whether the input is on while the door is closed (a switch that the closed door presses).
    pub on_means_closed: bool,
}

impl Default for Wiring {
    /// Lights in their order from coil 0, the door's switch at input 0, pressed by the closed door.
    fn default() -> Self {
        Self { lights: Light::ALL.into_iter().zip(0..).collect(), door_input: Some(0), on_means_closed: true }
    }
}

/// The driver.
pub struct RelayBoard {
    line: ModbusLine,
    wiring: Wiring,
    /// The rate of each wired light, and what its coil was set to last; `None` when that is not known.
    lights: Vec<Lamp>,
    started: Instant,
    read_back: Option<Instant>,
}

struct Lamp {
    light: Light,
    coil: u16,
    rate: FlashRate,
    coil_is_on: Option<bool>,
}

impl RelayBoard {
    /// A board on a line, wired so; nothing is opened yet.
    pub fn new(line: ModbusLine, wiring: Wiring) -> Self {
        let lamp =
            |(light, coil): &(Light, u16)| Lamp { light: *light, coil: *coil, rate: FlashRate::Off, coil_is_on: None };
        let lights = wiring.lights.iter().map(lamp).collect();
        Self { line, wiring, lights, started: Instant::now(), read_back: None }
    }

    /// First coil and number of coils that lie from the first light to the last.
    fn row(&self) -> Option<(u16, u16)> {
        let first = self.lights.iter().map(|lamp| lamp.coil).min()?;
        let last = self.lights.iter().map(|lamp| lamp.coil).max()?;
        Some((first, last - first + 1))
    }

    /// Sets all coils that are not as they shall be: one by one, or in a row when none is known.
    fn show(&mut self) -> Result<(), DeviceError> {
        if !self.line.is_open() {
            self.lights.iter_mut().for_each(|lamp| lamp.coil_is_on = None);
        }
        let elapsed = self.started.elapsed();
        let wanted: Vec<bool> = self.lights.iter().map(|lamp| is_lit(lamp.rate, elapsed)).collect();
        if self.lights.iter().all(|lamp| lamp.coil_is_on.is_none()) {
            return self.show_all(&wanted);
        }
        for (lamp, on) in self.lights.iter_mut().zip(wanted) {
            if lamp.coil_is_on != Some(on) {
                lamp.coil_is_on = None;
                self.line.ask(&Request::WriteCoil { coil: lamp.coil, on })?;
                lamp.coil_is_on = Some(on);
            }
        }
        Ok(())
    }

    fn show_all(&mut self, wanted: &[bool]) -> Result<(), DeviceError> {
        let Some((first, count)) = self.row() else { return Ok(()) };
        let mut on = vec![false; usize::from(count)];
        for (lamp, lit) in self.lights.iter().zip(wanted) {
            on[usize::from(lamp.coil - first)] |= *lit;
        }
        self.line.ask(&Request::WriteCoils { first, on })?;
        self.lights.iter_mut().zip(wanted).for_each(|(lamp, lit)| lamp.coil_is_on = Some(*lit));
        Ok(())
    }

    /// Reads the coils; what is not as it was set has lost its power meanwhile.
    fn read_coils_back(&mut self) -> Result<(), DeviceError> {
        let Some((first, count)) = self.row() else { return Ok(()) };
        let coils = self.line.ask(&Request::ReadCoils { first, count })?;
        for lamp in &mut self.lights {
            lamp.coil_is_on = coils.get(usize::from(lamp.coil - first)).copied();
        }
        self.read_back = Some(Instant::now());
        Ok(())
    }
}

/// Whether a light of this rate shines so long after the start.
fn is_lit(rate: FlashRate, elapsed: Duration) -> bool {
    match rate.half_period() {
        None => rate == FlashRate::Continuous,
        Some(half) => (elapsed.as_millis() / half.as_millis()).is_multiple_of(2),
    }
}

impl Indicators for RelayBoard {
    fn set_light(&mut self, light: Light, rate: FlashRate) -> Result<(), DeviceError> {
        self.lights.iter_mut().filter(|lamp| lamp.light == light).for_each(|lamp| lamp.rate = rate);
        self.show()
    }

    fn keep(&mut self) -> Result<Duration, DeviceError> {
        let is_due = self.read_back.is_none_or(|at| at.elapsed() >= Duration::from_millis(READ_BACK_MS));
        if is_due && self.line.is_open() {
            self.read_coils_back()?;
        }
        self.show()?;
        let elapsed = self.started.elapsed();
        let next_change = |rate: FlashRate| {
            let half = rate.half_period()?;
            Some(half - Duration::from_millis((elapsed.as_millis() % half.as_millis()) as u64))
        };
        let changes = self.lights.iter().filter_map(|lamp| next_change(lamp.rate));
        Ok(changes.min().unwrap_or(Duration::from_millis(READ_BACK_MS)))
    }

    fn cabinet_door(&mut self) -> Result<Option<CabinetDoor>, DeviceError> {
        let Some(input) = self.wiring.door_input else { return Ok(None) };
        let inputs = self.line.ask(&Request::ReadInputs { first: input, count: 1 })?;
        let is_on = *inputs.first().ok_or_else(|| DeviceError::new(DeviceErrorKind::Garbled))?;
        let is_closed = is_on == self.wiring.on_means_closed;
        Ok(Some(if is_closed { CabinetDoor::Closed } else { CabinetDoor::Open }))
    }

    fn self_test(&mut self) -> Result<(), DeviceError> {
        self.show()?;
        self.read_coils_back()?;
        self.cabinet_door().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_what_the_standard_calls_them() {
        let lit = |rate, ms| is_lit(rate, Duration::from_millis(ms));
        assert!(lit(FlashRate::Continuous, 0) && lit(FlashRate::Continuous, 99_999));
        assert!(!lit(FlashRate::Off, 0) && !lit(FlashRate::Off, 250));
        assert!(lit(FlashRate::Quick, 0) && !lit(FlashRate::Quick, 250) && lit(FlashRate::Quick, 500));
        assert!(lit(FlashRate::Slow, 999) && !lit(FlashRate::Slow, 1_000));
    }
}
