//! Hears of devices that come and go, and knocks at the thread of whom it is about: the kernel's own messages where
//! there are any, and a look at all that are lost every five seconds as a net. Opens nothing itself.

use super::{DeviceClass, Health};
use drivers::hotplug::{Hotplug, Occasion, Uevent};
use drivers::{DeviceUri, Place, UsbAddress};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Longest wait for a message; so long does the end of the program take.
const LISTEN: Duration = Duration::from_millis(100);

/// One device that is looked after.
pub struct Post {
    class: DeviceClass,
    about: About,
    knock: Box<dyn Fn() + Send>,
}

/// Which messages concern a device.
enum About {
    /// Those about this device.
    Usb(UsbAddress),
    /// Those about disks: which of them is a citizen's stick, its thread sees.
    Disks,
    /// Any: it is known by a path, or by another program's name.
    Any,
    /// None: it is in the network.
    None,
}

/// The thread.
pub struct Supervisor {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Post {
    /// The device of this class at a URI; `knock` lets its thread look at it, and must not block.
    pub fn new(class: DeviceClass, uri: &DeviceUri, knock: impl Fn() + Send + 'static) -> Self {
        let about = match (uri.place.usb(), &uri.place) {
            (Some(address), _) => About::Usb(address.clone()),
            (None, Place::Tcp(..) | Place::Ipp(_) | Place::Escl(_)) => About::None,
            (None, Place::Stick(_)) => About::Disks,
            (None, _) => About::Any,
        };
        Self { class, about, knock: Box::new(knock) }
    }

    fn is_about(&self, event: &Uevent) -> bool {
        match &self.about {
            About::Usb(address) => event.is_about(address),
            About::Disks => event.subsystem == "block",
            About::Any => {
                matches!(event.subsystem.as_str(), "usb" | "tty" | "usbmisc" | "hidraw" | "input" | "video4linux")
            }
            About::None => false,
        }
    }
}

impl Supervisor {
    /// Starts to listen.
    #[must_use]
    pub fn start(posts: Vec<Post>, health: Health) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let end = ended.clone();
        let run = move || {
            let mut hotplug = Hotplug::start();
            tracing::info!(events = hotplug.has_events(), devices = posts.len(), "supervisor.listens");
            while !end.load(Ordering::Relaxed) {
                for post in concerned(&posts, &hotplug.next(LISTEN), &health) {
                    (post.knock)();
                }
            }
        };
        let thread = std::thread::Builder::new().name("supervisor".to_owned()).spawn(run).ok();
        Self { ended, thread }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whose thread is to look at its device.
fn concerned<'a>(posts: &'a [Post], occasion: &Occasion, health: &Health) -> Vec<&'a Post> {
    posts
        .iter()
        .filter(|post| match occasion {
            Occasion::Event(event) => post.is_about(event),
            Occasion::LookAtAll => health.is_lost(post.class),
            Occasion::Nothing => false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use drivers::{DeviceError, DeviceErrorKind};

    fn posts() -> Vec<Post> {
        [
            (DeviceClass::IdCardReader, "usb://0400:C35A"),
            (DeviceClass::BarcodeReader, "serial:///dev/ttyS1"),
            (DeviceClass::DocumentPrinter, "ipp://192.0.2.7"),
            (DeviceClass::Stick, "stick:?port=1-2"),
        ]
        .into_iter()
        .map(|(class, uri)| Post::new(class, &uri.parse().unwrap(), || {}))
        .collect()
    }

    fn knocked(occasion: &Occasion, health: &Health) -> Vec<DeviceClass> {
        concerned(&posts(), occasion, health).iter().map(|post| post.class).collect()
    }

    #[test]
    fn a_message_knocks_at_the_device_it_is_about_and_at_those_known_by_a_path() {
        let plugged = |product: &str| {
            let message = format!("add@/devices/usb1/1-2\0SUBSYSTEM=usb\0PRODUCT={product}\0");
            Occasion::Event(Uevent::parse(message.as_bytes()).unwrap())
        };
        let health = Health::default();
        assert_eq!(knocked(&plugged("400/c35a/100"), &health), [DeviceClass::IdCardReader, DeviceClass::BarcodeReader]);
        assert_eq!(knocked(&plugged("1d6b/2/100"), &health), [DeviceClass::BarcodeReader]);
    }

    #[test]
    fn a_message_about_a_disk_knocks_at_the_slot_of_sticks_alone() {
        let message = b"add@/devices/usb1/1-2/host6/target6:0:0/6:0:0:0/block/sdb\0SUBSYSTEM=block\0DEVNAME=sdb\0";
        let event = Occasion::Event(Uevent::parse(message).unwrap());
        assert_eq!(knocked(&event, &Health::default()), [DeviceClass::Stick]);
    }

    #[test]
    fn the_slow_look_is_at_those_that_are_lost() {
        let health = Health::default();
        assert!(knocked(&Occasion::LookAtAll, &health).is_empty());
        health.ill(DeviceClass::DocumentPrinter, &DeviceError::new(DeviceErrorKind::NotFound));
        health.ill(DeviceClass::IdCardReader, &DeviceError::new(DeviceErrorKind::Silent));
        assert_eq!(knocked(&Occasion::LookAtAll, &health), [DeviceClass::DocumentPrinter]);
        assert!(knocked(&Occasion::Nothing, &health).is_empty());
    }
}
