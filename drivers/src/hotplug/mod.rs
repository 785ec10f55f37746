//! Devices that come and go: the kernel's own messages on a `NETLINK_KOBJECT_UEVENT` socket, no udev needed, and a
//! slow look at everything as a net for what has no messages (ptys, network) and for messages that were lost.

mod uevent;

pub use uevent::{Action, Uevent};

use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    path::Path,
    time::{Duration, Instant},
};

/// Between two looks at everything.
const LOOK_EVERY_MS: u64 = 5_000;
/// Longest message of the kernel: `UEVENT_BUFFER_SIZE` is 2,048, and the path goes before it.
const MESSAGE_BYTES_MAX: usize = 8_192;
/// What the socket may hold while nobody reads: plugging in a hub with its devices is some hundred messages.
const SOCKET_BYTES: libc::c_int = 512 * 1024;
/// The kernel's own messages; group 2 is udev's.
const KERNEL_GROUP: u32 = 1;

/// Why a device should be looked at now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The kernel says that something came, went or changed.
    Event(Uevent),
    /// It is time to look at everything, or messages were lost.
    LookAtAll,
    /// The time is over and nothing happened.
    Nothing,
}

/// Hears of devices.
pub struct Hotplug {
    listener: Option<UeventListener>,
    next_look: Instant,
}

/// The socket.
pub struct UeventListener(OwnedFd);

/// What came on the socket.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A message.
    Event(Uevent),
    /// More came than the socket holds.
    Overrun,
    /// Nothing within the time.
    Nothing,
}

impl Hotplug {
    /// Listens; where the system has no such socket, only the slow look is left.
    pub fn start() -> Self {
        let every = Duration::from_millis(LOOK_EVERY_MS);
        Self { listener: UeventListener::open().ok(), next_look: Instant::now() + every }
    }

    /// Whether the kernel tells of devices here.
    pub fn has_events(&self) -> bool {
        self.listener.is_some()
    }

    /// Waits at most `timeout` for something to happen.
    pub fn next(&mut self, timeout: Duration) -> Occasion {
        let end = Instant::now() + timeout;
        loop {
            let now = Instant::now();
            if now >= self.next_look {
                self.next_look = now + Duration::from_millis(LOOK_EVERY_MS);
                return Occasion::LookAtAll;
            }
            if now > end {
                return Occasion::Nothing;
            }
            let wait = end.min(self.next_look).saturating_duration_since(now);
            let Some(listener) = &self.listener else {
                std::thread::sleep(wait.max(Duration::from_millis(1)));
                continue;
            };
            match listener.next(wait.max(Duration::from_millis(1))) {
                Ok(Heard::Event(event)) => return Occasion::Event(event),
                Ok(Heard::Overrun) => return Occasion::LookAtAll,
                Ok(Heard::Nothing) => {}
                // A socket that broke is given up; the slow look goes on.
                Err(_) => self.listener = None,
            }
        }
    }
}

impl UeventListener {
    /// Opens the socket; no right is needed.
    pub fn open() -> io::Result<Self> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: no pointers; the result is checked before it is owned.
        let fd = unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_KOBJECT_UEVENT) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: socket has just made the descriptor and nobody else owns it.
        let socket = unsafe { OwnedFd::from_raw_fd(fd) };
        // SAFETY: the option is one int at a valid address; a smaller buffer than wanted is no error.
        unsafe {
            libc::setsockopt(
                fd,
                libc::SOL_SOCKET,
                libc::SO_RCVBUF,
                std::ptr::from_ref(&SOCKET_BYTES).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            );
        }
        let address = netlink_address(KERNEL_GROUP);
        // SAFETY: a valid address of the size that is said.
        match unsafe { libc::bind(fd, (&raw const address).cast(), size_of_val(&address) as libc::socklen_t) } {
            0 => Ok(Self(socket)),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Waits at most `timeout` for a message that concerns a device; ids of nodes are looked up in sysfs.
    pub fn next(&self, timeout: Duration) -> io::Result<Heard> {
        let end = Instant::now() + timeout;
        let mut buffer = [0; MESSAGE_BYTES_MAX];
        loop {
            match self.receive(&mut buffer) {
                Ok(Some(n)) => {
                    if let Some(mut event) = Uevent::parse(&buffer[..n]) {
                        event.learn_ids(Path::new("/sys"));
                        return Ok(Heard::Event(event));
                    }
                }
                Ok(None) => {}
                Err(e) if e.raw_os_error() == Some(libc::ENOBUFS) => return Ok(Heard::Overrun),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Ok(Heard::Nothing);
                    }
                    self.wait(left)?;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// One message; `None` when it is not the kernel's, for any program may send to a netlink group that it may.
    fn receive(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let mut sender = netlink_address(0);
        let mut length = size_of_val(&sender) as libc::socklen_t;
        // SAFETY: buffer and address are valid for the lengths that are said.
        let n = unsafe {
            libc::recvfrom(
                self.0.as_raw_fd(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                0,
                (&raw mut sender).cast(),
                &raw mut length,
            )
        };
        match usize::try_from(n) {
            Ok(n) => Ok((sender.nl_pid == 0 && sender.nl_groups == KERNEL_GROUP).then_some(n)),
            Err(_) => Err(io::Error::last_os_error()),
        }
    }

    fn wait(&self, limit: Duration) -> io::Result<()> {
        let mut watched = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        let limit_ms = limit.as_micros().div_ceil(1_000).min(i32::MAX as u128) as libc::c_int;
        // SAFETY: one valid entry for the length of the call.
        if unsafe { libc::poll(&raw mut watched, 1, limit_ms) } < 0 {
            let error = io::Error::last_os_error();
            return if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) };
        }
        Ok(())
    }
}

fn netlink_address(groups: u32) -> libc::sockaddr_nl {
    // SAFETY: zeroes are a valid address of netlink.
    let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
    address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
    address.nl_groups = groups;
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_events_the_slow_look_is_left() {
        let soon = Instant::now() + Duration::from_millis(20);
        let mut hotplug = Hotplug { listener: None, next_look: soon };
        assert_eq!(hotplug.next(Duration::ZERO), Occasion::Nothing);
        assert_eq!(hotplug.next(Duration::from_secs(10)), Occasion::LookAtAll);
        assert_eq!(hotplug.next(Duration::ZERO), Occasion::Nothing, "and the next one is later");
    }

    #[test]
    fn only_the_kernel_is_listened_to() {
        let Ok(listener) = UeventListener::open() else { return };
        let sender = UeventListener::open().unwrap();
        let message = b"add@/devices/forged\0SUBSYSTEM=usb\0PRODUCT=400/c35a/100\0";
        let to = netlink_address(KERNEL_GROUP);
        // SAFETY: message and address are valid for the lengths that are said. Without the right to send to the
        // group nothing is sent, and nothing may be heard either.
        unsafe {
            libc::sendto(
                sender.0.as_raw_fd(),
                message.as_ptr().cast(),
                message.len(),
                0,
                (&raw const to).cast(),
                size_of_val(&to) as libc::socklen_t,
            );
        }
        let heard = listener.next(Duration::from_millis(20)).unwrap();
        assert!(!matches!(&heard, Heard::Event(event) if event.devpath == "/devices/forged"), "{heard:?}");
    }
}
