//! States of devices and supplies, in the words of CEN XFS4IoT, which stand beside ours.

/// How a device stands (XFS4IoT `device`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// `online`: works.
    Online,
    /// `deviceBusy`: works on something.
    Busy,
    /// `offline`: there, but does not answer.
    Offline,
    /// `noDevice`: not connected, or not configured rightly.
    NoDevice,
    /// `hardwareError`: somebody with tools must come.
    HardwareError,
    /// `userError`: somebody must do a simple thing (paper, cover).
    UserError,
}

/// Paper in a printer (XFS4IoT `paper`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperSupply {
    /// `full`: enough.
    Full,
    /// `low`: near the end.
    Low,
    /// `out`: none.
    Out,
    /// `jammed`: stuck, or the cutter is.
    Jammed,
    /// `unknown`: the printer does not say.
    Unknown,
}
