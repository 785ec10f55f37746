//! Status bytes of ESC/POS printers: the real-time answers to `DLE EOT n`, which overtake what waits in the
//! printer, and the answer to `GS r 1`, which comes in the stream's order. Each kind is known by its fixed bits.

use super::{PrinterStatus, Trouble};
use crate::PaperSupply;

/// The three real-time answers to `DLE EOT 1`, `2` and `4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RealTimeStatus {
    /// `DLE EOT 1`: printer.
    pub printer: u8,
    /// `DLE EOT 2`: why it is offline.
    pub offline: u8,
    /// `DLE EOT 4`: paper sensors.
    pub paper: u8,
}

/// The answer to `GS r 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence(pub u8);

/// Bytes of an automatic status after its head.
pub(super) const AUTOMATIC_REST_BYTES: usize = 3;

/// A byte from the printer, told by its fixed bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusByte {
    /// Answer to `DLE EOT`: bits 1 and 4 set, 0 and 7 clear.
    RealTime(u8),
    /// Answer to `GS r`: bits 4 and 7 clear.
    Fence(Fence),
    /// First byte of an automatic status (bit 4 set; 0, 1 and 7 clear): three more follow.
    AutomaticHead,
    /// XON, XOFF and what else is not asked for.
    Other,
}

impl From<u8> for StatusByte {
    fn from(byte: u8) -> Self {
        match byte {
            b if b & 0x93 == 0x12 => Self::RealTime(b),
            b if b & 0x93 == 0x10 => Self::AutomaticHead,
            b if b & 0x90 == 0 => Self::Fence(Fence(b)),
            _ => Self::Other,
        }
    }
}

impl Fence {
    /// Whether the paper had ended when the fence was reached (bits 2 and 3; 0 and 1 are "near the end").
    pub fn paper_out(self) -> bool {
        self.0 & 0x0C == 0x0C
    }
}

impl RealTimeStatus {
    /// What the printer says of itself; the most particular reason wins.
    pub fn read(self) -> PrinterStatus {
        let paper_out = self.paper & 0x60 == 0x60 || self.offline & 0x20 != 0;
        let paper = match self.paper & 0x0C {
            _ if paper_out => PaperSupply::Out,
            0x0C => PaperSupply::Low,
            _ => PaperSupply::Full,
        };
        let trouble = if paper_out {
            Some(Trouble::PaperOut)
        } else if self.offline & 0x04 != 0 {
            Some(Trouble::CoverOpen)
        } else if self.offline & 0x40 != 0 {
            Some(Trouble::Jammed)
        } else if self.printer & 0x08 != 0 {
            Some(Trouble::Offline)
        } else {
            None
        };
        let paper = if trouble == Some(Trouble::Jammed) { PaperSupply::Jammed } else { paper };
        PrinterStatus { paper, trouble }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(printer: u8, offline: u8, paper: u8) -> (PaperSupply, Option<Trouble>) {
        let status = RealTimeStatus { printer, offline, paper }.read();
        (status.paper, status.trouble)
    }

    #[test]
    fn the_bytes_of_the_manual_are_read() {
        assert_eq!(read(0x12, 0x12, 0x12), (PaperSupply::Full, None));
        assert_eq!(read(0x12, 0x12, 0x1E), (PaperSupply::Low, None));
        assert_eq!(read(0x1A, 0x32, 0x72), (PaperSupply::Out, Some(Trouble::PaperOut)));
        assert_eq!(read(0x1A, 0x32, 0x7E), (PaperSupply::Out, Some(Trouble::PaperOut)));
        assert_eq!(read(0x1A, 0x16, 0x12), (PaperSupply::Full, Some(Trouble::CoverOpen)));
        assert_eq!(read(0x1A, 0x52, 0x12), (PaperSupply::Jammed, Some(Trouble::Jammed)));
        assert_eq!(read(0x1A, 0x12, 0x12), (PaperSupply::Full, Some(Trouble::Offline)));
    }

    #[test]
    fn kinds_of_bytes_are_told_apart() {
        assert_eq!(StatusByte::from(0x12), StatusByte::RealTime(0x12));
        assert_eq!(StatusByte::from(0x7E), StatusByte::RealTime(0x7E));
        assert_eq!(StatusByte::from(0x00), StatusByte::Fence(Fence(0)));
        assert_eq!(StatusByte::from(0x0F), StatusByte::Fence(Fence(0x0F)));
        assert_eq!(StatusByte::from(0x18), StatusByte::AutomaticHead);
        for other in [0x11, 0x13, 0x80, 0xFF] {
            assert_eq!(StatusByte::from(other), StatusByte::Other, "{other:02x}");
        }
    }
}
