//! A small HTTP/1.1 client for printers and scanners, own because of what no general client tells: how many bytes of
//! a document went out before a connection broke, whether an answer came while they still went, and that a device
//! which takes no more bytes is waiting and not gone. One exchange at a time; nothing is repeated by itself.

mod client;
pub mod message;
mod tls;
mod wire;

pub use client::{Exchange, HttpClient, HttpFailure, Outgoing, Patience, Quiet, Response};
pub use tls::TlsWire;
pub use wire::{Dial, TcpWire, Wire};

use crate::{DeviceError, uri::HttpAddress};

/// Opens connections to a configured address.
impl Dial for HttpAddress {
    fn dial(&self) -> Result<Box<dyn Wire>, DeviceError> {
        let tcp = TcpWire::connect(&self.host, self.port)?;
        if self.tls { Ok(Box::new(TlsWire::connect(tcp, &self.host, self.pin)?)) } else { Ok(Box::new(tcp)) }
    }

    fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}
