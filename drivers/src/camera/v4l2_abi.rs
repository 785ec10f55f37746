//! The part of Linux' video interface that a capturing camera needs (`linux/videodev2.h`, 64 bits): structures as the
//! kernel lays them, and the ioctls on them. Decides nothing.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// `V4L2_BUF_TYPE_VIDEO_CAPTURE`.
pub const CAPTURE: u32 = 1;
/// `V4L2_MEMORY_MMAP`.
pub const MMAP: u32 = 1;
/// `V4L2_CAP_VIDEO_CAPTURE`, `V4L2_CAP_STREAMING` and `V4L2_CAP_DEVICE_CAPS`.
pub const CAP_CAPTURE: u32 = 0x1;
pub const CAP_STREAMING: u32 = 0x0400_0000;
pub const CAP_DEVICE_CAPS: u32 = 0x8000_0000;
/// `V4L2_BUF_FLAG_ERROR`: the frame is damaged, the stream goes on.
pub const FLAG_ERROR: u32 = 0x40;

/// `struct v4l2_capability`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Capability {
    pub driver: [u8; 16],
    pub card: [u8; 32],
    pub bus_info: [u8; 32],
    pub version: u32,
    pub capabilities: u32,
    pub device_caps: u32,
    pub reserved: [u32; 3],
}

/// `struct v4l2_format` with `struct v4l2_pix_format` in its union of 200 bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Format {
    pub kind: u32,
    // The union holds pointers and is aligned to eight bytes.
    pub gap: u32,
    pub width: u32,
    pub height: u32,
    pub pixel_format: u32,
    pub field: u32,
    pub bytes_per_line: u32,
    pub size_image: u32,
    pub rest: [u32; 44],
}

/// `struct v4l2_requestbuffers`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RequestBuffers {
    pub count: u32,
    pub kind: u32,
    pub memory: u32,
    pub capabilities: u32,
    pub flags: u32,
}

/// `struct v4l2_buffer`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Buffer {
    pub index: u32,
    pub kind: u32,
    pub bytes_used: u32,
    pub flags: u32,
    pub field: u32,
    pub gap: u32,
    pub timestamp: [i64; 2],
    pub timecode: [u32; 4],
    pub sequence: u32,
    pub memory: u32,
    pub offset: u64,
    pub length: u32,
    pub reserved: [u32; 2],
    pub end_gap: u32,
}

/// A structure that the kernel may fill with any bytes.
///
/// # Safety
/// Only for `repr(C)` structures of integers, of the size that the kernel knows them by.
pub unsafe trait Plain: Sized {
    /// All bytes zero.
    fn zeroed() -> Self {
        // SAFETY: integers may be zero.
        unsafe { std::mem::zeroed() }
    }
}

// SAFETY: all are `repr(C)` and made of integers; their sizes are tested below.
unsafe impl Plain for Capability {}
unsafe impl Plain for Format {}
unsafe impl Plain for RequestBuffers {}
unsafe impl Plain for Buffer {}
unsafe impl Plain for u32 {}

/// A request on a structure.
#[derive(Clone, Copy)]
pub enum Request {
    QueryCapability,
    SetFormat,
    AskForBuffers,
    QueryBuffer,
    Queue,
    Dequeue,
    StreamOn,
}

impl Request {
    /// Direction (1 to the kernel, 2 from it) and number, and the size of the structure as `_IOC` packs them.
    fn code(self, size: usize) -> u32 {
        let (direction, number): (u32, u32) = match self {
            Self::QueryCapability => (2, 0),
            Self::SetFormat => (3, 5),
            Self::AskForBuffers => (3, 8),
            Self::QueryBuffer => (3, 9),
            Self::Queue => (3, 15),
            Self::Dequeue => (3, 17),
            Self::StreamOn => (1, 18),
        };
        direction << 30 | (size as u32) << 16 | u32::from(b'V') << 8 | number
    }
}

/// Asks the kernel; again where a signal came between.
pub fn ask<T: Plain>(camera: BorrowedFd, request: Request, structure: &mut T) -> io::Result<()> {
    let code = request.code(size_of::<T>());
    loop {
        // SAFETY: the structure is of the size that the request names, lives through the call, and may hold any bytes.
        let answer = unsafe { libc::ioctl(camera.as_raw_fd(), code as _, std::ptr::from_mut(structure)) };
        if answer >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_and_requests_are_the_kernels() {
        assert_eq!(Request::QueryCapability.code(size_of::<Capability>()), 0x8068_5600);
        assert_eq!(Request::SetFormat.code(size_of::<Format>()), 0xc0d0_5605);
        assert_eq!(Request::AskForBuffers.code(size_of::<RequestBuffers>()), 0xc014_5608);
        assert_eq!(Request::QueryBuffer.code(size_of::<Buffer>()), 0xc058_5609);
        assert_eq!(Request::Queue.code(size_of::<Buffer>()), 0xc058_560f);
        assert_eq!(Request::Dequeue.code(size_of::<Buffer>()), 0xc058_5611);
        assert_eq!(Request::StreamOn.code(size_of::<u32>()), 0x4004_5612);
    }
}
