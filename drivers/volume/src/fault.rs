//! Why a stick, or a file on it, is not read.

use std::io;

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The disk does not answer any more: pulled out.
    #[error("the disk is gone")]
    Gone,
    /// Nothing on it that is read here.
    #[error("the disk holds {0:?}")]
    Foreign(Foreign),
    /// The file system contradicts itself or ends too early.
    #[error("the file system is damaged")]
    Damaged,
    /// More work than is allowed for one question: a loop, or far too many entries.
    #[error("the file system asks for too much work")]
    TooMuch,
}

/// What else a stick may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// NTFS of Windows.
    Ntfs,
    /// ext2, ext3 or ext4 of Linux.
    Ext,
    /// HFS+ or APFS of macOS.
    Apple,
    /// Encrypted by BitLocker or LUKS.
    Encrypted,
    /// Nothing known, or nothing at all.
    Unknown,
}

impl Fault {
    /// As an error of reading, which libraries pass through.
    pub(crate) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// What stands behind an error of reading; what is not ours was found in the file system's own bytes.
    pub(crate) fn of_io(error: &io::Error) -> Self {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).copied().unwrap_or(Self::Damaged)
    }
}
