//! A camera through Linux' video interface (V4L2): found by what it is on USB, streaming into memory that the kernel
//! shares. Plain ioctls, because the crates for it want libclang at build time or are kept by nobody.

use super::v4l2_abi::{
    Buffer, CAP_CAPTURE, CAP_DEVICE_CAPS, CAP_STREAMING, CAPTURE, Capability, FLAG_ERROR, Format, MMAP, Plain, Request,
    RequestBuffers, ask,
};
use super::{Frame, FrameConnector, FrameSource, PixelFormat};
use crate::transport::sysfs::{NodeClass, Sysfs};
use crate::uri::Camera;
use crate::{DeviceError, DeviceErrorKind};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Frames that the kernel fills in turn.
const BUFFERS: u32 = 4;
/// What is asked for; the camera says what it can do nearest to it. Codes are read best at this size.
const WANTED_SIZE: (u32, u32) = (1280, 720);
/// Formats in the order of what they cost to read.
const FORMATS: [(PixelFormat, &[u8; 4]); 4] = [
    (PixelFormat::Grey, b"GREY"),
    (PixelFormat::Nv12, b"NV12"),
    (PixelFormat::Yuyv, b"YUYV"),
    (PixelFormat::Mjpeg, b"MJPG"),
];
/// A frame needs no more bytes than this.
const FRAME_BYTES_MAX: usize = 64 << 20;

/// Opens the camera at an address.
pub struct V4l2Connector {
    camera: Camera,
    sysfs: Sysfs,
}

impl V4l2Connector {
    /// A connector; nothing is opened yet.
    pub fn new(camera: Camera) -> Self {
        Self { camera, sysfs: Sysfs::default() }
    }

    /// Nodes to try: a camera has several, of which one gives pictures.
    fn nodes(&self) -> Result<Vec<PathBuf>, DeviceError> {
        match &self.camera {
            Camera::Path(path) => Ok(vec![path.clone()]),
            Camera::Usb(address) => {
                Ok(self.sysfs.find(NodeClass::Video, address)?.into_iter().map(|node| node.path).collect())
            }
        }
    }
}

impl FrameConnector for V4l2Connector {
    fn open(&mut self) -> Result<Box<dyn FrameSource>, DeviceError> {
        let mut last = DeviceError::new(DeviceErrorKind::NotFound);
        for node in self.nodes()? {
            match Stream::open(&node) {
                Ok(stream) => return Ok(Box::new(stream)),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// An open camera with its buffers.
struct Stream {
    camera: File,
    format: PixelFormat,
    width: usize,
    height: usize,
    stride: usize,
    buffers: Vec<Mapping>,
}

/// Memory shared with the kernel, unmapped when dropped.
struct Mapping {
    start: *mut libc::c_void,
    length: usize,
}

// SAFETY: the mapping is owned by the one stream and only read through it.
unsafe impl Send for Mapping {}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: start and length are those that mmap gave and were unmapped nowhere else.
        unsafe { libc::munmap(self.start, self.length) };
    }
}

impl Stream {
    fn open(node: &Path) -> Result<Self, DeviceError> {
        let camera = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(node)?;
        let mut capability = Capability::zeroed();
        ask(camera.as_fd(), Request::QueryCapability, &mut capability).map_err(no_camera)?;
        let whole = capability.capabilities & CAP_DEVICE_CAPS != 0;
        let can = if whole { capability.device_caps } else { capability.capabilities };
        if can & CAP_CAPTURE == 0 || can & CAP_STREAMING == 0 {
            return Err(DeviceError::because(DeviceErrorKind::WrongModel, "the node gives no pictures"));
        }
        let (format, given) = agree(&camera)?;
        let mut stream = Self {
            camera,
            format,
            width: given.width as usize,
            height: given.height as usize,
            stride: given.bytes_per_line as usize,
            buffers: Vec::new(),
        };
        stream.map()?;
        for index in 0..stream.buffers.len() {
            stream.queue(index as u32)?;
        }
        let mut kind = CAPTURE;
        ask(stream.camera.as_fd(), Request::StreamOn, &mut kind)?;
        Ok(stream)
    }

    fn map(&mut self) -> Result<(), DeviceError> {
        let mut wanted = RequestBuffers { count: BUFFERS, kind: CAPTURE, memory: MMAP, ..RequestBuffers::zeroed() };
        ask(self.camera.as_fd(), Request::AskForBuffers, &mut wanted)?;
        for index in 0..wanted.count.min(2 * BUFFERS) {
            let mut buffer = buffer(index);
            ask(self.camera.as_fd(), Request::QueryBuffer, &mut buffer)?;
            let length = buffer.length as usize;
            if length == 0 || length > FRAME_BYTES_MAX {
                return Err(DeviceError::because(
                    DeviceErrorKind::Garbled,
                    "a frame buffer of no or of too many bytes",
                ));
            }
            // The offset of a buffer has 32 bits, the rest of its union is not set.
            let offset = (buffer.offset & 0xffff_ffff) as libc::off_t;
            // SAFETY: a new mapping at an address of the kernel's choice; the length is the buffer's.
            let start = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    length,
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_SHARED,
                    self.camera.as_raw_fd(),
                    offset,
                )
            };
            if start == libc::MAP_FAILED {
                return Err(io::Error::last_os_error().into());
            }
            self.buffers.push(Mapping { start, length });
        }
        if self.buffers.len() < 2 {
            return Err(DeviceError::because(DeviceErrorKind::Hardware, "the camera has too few frame buffers"));
        }
        Ok(())
    }

    fn queue(&self, index: u32) -> io::Result<()> {
        ask(self.camera.as_fd(), Request::Queue, &mut buffer(index))
    }

    /// The next full buffer; nothing while there is none.
    fn dequeue(&self) -> io::Result<Option<Buffer>> {
        let mut buffer = buffer(0);
        match ask(self.camera.as_fd(), Request::Dequeue, &mut buffer) {
            Ok(()) => Ok(Some(buffer)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits until a buffer is full or the time is over.
    fn wait(&self, timeout: Duration) -> Result<(), DeviceError> {
        let mut polled = libc::pollfd { fd: self.camera.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        let milliseconds = timeout.as_millis().min(60_000) as libc::c_int;
        // SAFETY: one pollfd that lives through the call.
        let count = unsafe { libc::poll(&mut polled, 1, milliseconds) };
        match count {
            0 => Err(DeviceError::new(DeviceErrorKind::Silent)),
            1.. if polled.revents & libc::POLLIN != 0 => Ok(()),
            // An unplugged camera is ready with an error and nothing to read.
            1.. => Err(DeviceError::new(DeviceErrorKind::Unplugged)),
            _ => {
                let error = io::Error::last_os_error();
                if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error.into()) }
            }
        }
    }

    fn frame(&self, buffer: &Buffer) -> Option<Frame> {
        let mapping = self.buffers.get(buffer.index as usize)?;
        let used =
            if buffer.bytes_used == 0 { mapping.length } else { (buffer.bytes_used as usize).min(mapping.length) };
        // SAFETY: the kernel has handed the buffer over and does not write it until it is queued again, which happens
        // after this copy; `used` is within the mapping.
        let bytes = unsafe { std::slice::from_raw_parts(mapping.start.cast::<u8>(), used) }.to_vec();
        let (width, height, stride) = (self.width, self.height, self.stride);
        Some(Frame { width, height, stride, format: self.format, bytes: Zeroizing::new(bytes) })
    }
}

impl FrameSource for Stream {
    fn newest(&mut self, timeout: Duration) -> Result<Frame, DeviceError> {
        let end = Instant::now() + timeout;
        loop {
            let mut newest: Option<Buffer> = None;
            while let Some(buffer) = self.dequeue()? {
                if let Some(older) = newest.replace(buffer) {
                    self.queue(older.index)?;
                }
            }
            let Some(buffer) = newest else {
                self.wait(end.saturating_duration_since(Instant::now()))?;
                continue;
            };
            let frame = if buffer.flags & FLAG_ERROR == 0 { self.frame(&buffer) } else { None };
            self.queue(buffer.index)?;
            if let Some(frame) = frame {
                return Ok(frame);
            }
        }
    }

    fn discard(&mut self) -> Result<(), DeviceError> {
        while let Some(buffer) = self.dequeue()? {
            self.queue(buffer.index)?;
        }
        Ok(())
    }
}

/// Asks for each format in turn until the camera takes one.
fn agree(camera: &File) -> Result<(PixelFormat, Format), DeviceError> {
    for (format, code) in FORMATS {
        let code = u32::from_le_bytes(*code);
        let mut wanted = Format {
            kind: CAPTURE,
            width: WANTED_SIZE.0,
            height: WANTED_SIZE.1,
            pixel_format: code,
            ..Format::zeroed()
        };
        ask(camera.as_fd(), Request::SetFormat, &mut wanted)?;
        if wanted.pixel_format == code && wanted.width > 0 && wanted.height > 0 {
            return Ok((format, wanted));
        }
    }
    Err(DeviceError::because(DeviceErrorKind::WrongModel, "the camera has none of the formats GREY, NV12, YUYV, MJPG"))
}

fn buffer(index: u32) -> Buffer {
    Buffer { index, kind: CAPTURE, memory: MMAP, ..Buffer::zeroed() }
}

/// A node that does not know the question is no camera; one that is gone is unplugged.
fn no_camera(error: io::Error) -> DeviceError {
    match error.raw_os_error() {
        Some(libc::ENOTTY | libc::EINVAL) => DeviceError::because(DeviceErrorKind::WrongModel, error),
        _ => error.into(),
    }
}
