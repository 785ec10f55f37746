//! Says for a minute which devices come and go, as the kernel tells.

use crate::Outcome;
use drivers::hotplug::{Hotplug, Occasion};
use std::time::{Duration, Instant};

pub fn probe() -> Outcome {
    let mut hotplug = Hotplug::start();
    println!("{}", if hotplug.has_events() { "the kernel is heard" } else { "no messages of the kernel here" });
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        if let Occasion::Event(event) = hotplug.next(Duration::from_secs(1)) {
            let ids = event.ids.map(|(vendor, product)| format!("{vendor:04X}:{product:04X}")).unwrap_or_default();
            println!("{:?} {} {ids} {}", event.action, event.subsystem, event.node.unwrap_or_default());
        }
    }
    Ok(())
}
