//! Asks a relay board, says how the door stands, and lights each light in turn.

use crate::{Order, Outcome};
use drivers::indicator::{FlashRate, Light, Wiring, open};
use std::time::Duration;

pub fn probe(order: &Order) -> Outcome {
    let mut indicators = open(&order.uri, Wiring::default())?;
    indicators.self_test()?;
    println!("door {:?}", indicators.cabinet_door()?);
    for light in Light::ALL {
        println!("{light:?}");
        indicators.set_light(light, FlashRate::Continuous)?;
        std::thread::sleep(Duration::from_secs(1));
        indicators.set_light(light, FlashRate::Off)?;
    }
    Ok(())
}
