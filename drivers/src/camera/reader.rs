//! A camera as a reader of QR codes: the newest frame only, each within the decoder's frame budget, on the thread of
//! the device. Also hands out still pictures. Opens on first use and lets go on the first error.

use super::{FrameConnector, FrameSource, GreyFrame};
use crate::barcode_reader::{BarcodeReader, Scan};
use crate::{DeviceError, DeviceErrorKind};
use qr::{Effort, Picture};
use std::time::{Duration, Instant};

/// A camera that streams sends at least five frames a second; after this without one it is taken to hang.
const FRAME_TIMEOUT: Duration = Duration::from_secs(2);
/// A first frame after opening: cameras on USB wake for up to two seconds.
const FIRST_FRAME_TIMEOUT: Duration = Duration::from_secs(4);

/// A reader over a camera.
pub struct CameraReader {
    connector: Box<dyn FrameConnector>,
    stream: Option<Box<dyn FrameSource>>,
}

impl CameraReader {
    /// A reader over what the connector opens.
    pub fn new(connector: Box<dyn FrameConnector>) -> Self {
        Self { connector, stream: None }
    }

    /// What the camera sees now, for a document or a face laid before it.
    pub fn still(&mut self) -> Result<GreyFrame, DeviceError> {
        self.with_stream(|stream| {
            stream.discard()?;
            stream.newest(FIRST_FRAME_TIMEOUT)?.grey()
        })
    }

    /// Runs `work` on the open stream; drops the stream on an error, so that the next use opens it anew.
    fn with_stream<T>(
        &mut self,
        work: impl FnOnce(&mut dyn FrameSource) -> Result<T, DeviceError>,
    ) -> Result<T, DeviceError> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connector.open()?,
        };
        let result = work(stream.as_mut())?;
        self.stream = Some(stream);
        Ok(result)
    }
}

impl BarcodeReader for CameraReader {
    fn scan(&mut self, timeout: Duration) -> Result<Option<Scan>, DeviceError> {
        let end = Instant::now() + timeout;
        self.with_stream(|stream| {
            stream.discard()?;
            // A frame that takes longer than the call may take is no fault of the camera, unless it takes too long.
            let mut last_frame = Instant::now();
            loop {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(None);
                }
                match stream.newest(left.min(FRAME_TIMEOUT)) {
                    Ok(frame) => {
                        last_frame = Instant::now();
                        if let Some(scan) = read(&frame.grey()?) {
                            return Ok(Some(scan));
                        }
                    }
                    Err(error) if error.is_silence() && last_frame.elapsed() < FRAME_TIMEOUT => {}
                    Err(error) => return Err(error),
                }
            }
        })
    }

    fn self_test(&mut self) -> Result<(), DeviceError> {
        self.with_stream(|stream| {
            stream.discard()?;
            let frame = stream.newest(FIRST_FRAME_TIMEOUT)?.grey()?;
            if frame.width < 320 || frame.height < 240 {
                return Err(DeviceError::because(DeviceErrorKind::WrongModel, "a picture of less than 320 by 240"));
            }
            Ok(())
        })
    }

    /// Ends the stream, so that the camera's lamp is out while nobody is asked for a code.
    fn rest(&mut self) {
        self.stream = None;
    }
}

/// The code in a frame; of several the largest, which is the one that is held out.
fn read(frame: &GreyFrame) -> Option<Scan> {
    let picture = Picture { width: frame.width, height: frame.height, grey: &frame.pixels };
    let codes = qr::read(&picture, &Effort::frame());
    let area = |code: &qr::Code| {
        let [a, b, c, d] = code.corners;
        ((c.x - a.x) * (d.y - b.y) - (c.y - a.y) * (d.x - b.x)).abs()
    };
    let code = codes.into_iter().max_by(|a, b| area(a).total_cmp(&area(b)))?;
    Some(Scan::from_text(&code.text))
}
