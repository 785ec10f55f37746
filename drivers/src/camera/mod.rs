//! Cameras: as a reader of QR codes and as eyes for still pictures. Frames come from V4L2 or from the simulator, which
//! stands where the kernel hands them over; all behind that runs in tests. What is seen is kept nowhere.

mod frame;
mod reader;
pub mod simulator;
mod v4l2;
mod v4l2_abi;

pub use frame::{Frame, GreyFrame, PixelFormat};
pub use reader::CameraReader;
pub use v4l2::V4l2Connector;

use crate::DeviceError;
use crate::uri::Camera;
use std::time::Duration;

/// Opens a camera, each time anew.
pub trait FrameConnector: Send {
    /// Opens the camera and starts its stream.
    fn open(&mut self) -> Result<Box<dyn FrameSource>, DeviceError>;
}

/// A camera that streams.
pub trait FrameSource: Send {
    /// The newest frame that came since the last call; waits at most `timeout` for one. Older ones are let go.
    /// `Silent` where none comes, `Unplugged` where the camera is gone.
    fn newest(&mut self, timeout: Duration) -> Result<Frame, DeviceError>;

    /// Lets go of what was seen until now: it belongs to somebody else.
    fn discard(&mut self) -> Result<(), DeviceError>;
}

/// The camera at an address as a reader of codes; it is opened on first use.
pub fn open(camera: &Camera) -> CameraReader {
    CameraReader::new(Box::new(V4l2Connector::new(camera.clone())))
}
