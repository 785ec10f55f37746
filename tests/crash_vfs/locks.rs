//! What connections of one process share about a file: SQLite's five lock levels, the shared memory of
//! the write-ahead log and its eight locks. A crash loses all of it.

use std::ffi::c_void;

use libsqlite3_sys::{
    SQLITE_BUSY, SQLITE_LOCK_EXCLUSIVE, SQLITE_LOCK_NONE, SQLITE_LOCK_PENDING, SQLITE_LOCK_RESERVED,
    SQLITE_LOCK_SHARED, SQLITE_OK,
};

/// Locks and shared memory of one file. `who` is a connection's handle.
#[derive(Default)]
pub struct FileLocks {
    shared: Vec<usize>,
    reserved: Option<usize>,
    pending: Option<usize>,
    exclusive: Option<usize>,
    pub memory: SharedMemory,
}

/// The wal-index. Regions never move while someone has them mapped.
#[derive(Default)]
pub struct SharedMemory {
    regions: Vec<Box<[u64]>>,
    mapped: Vec<usize>,
    slots: [Slot; 8],
}

#[derive(Default)]
struct Slot {
    shared: Vec<usize>,
    exclusive: Option<usize>,
}

impl FileLocks {
    pub fn lock(&mut self, who: usize, level: i32) -> i32 {
        let other = |holder: Option<usize>| holder.is_some_and(|holder| holder != who);
        match level {
            SQLITE_LOCK_SHARED => {
                if other(self.pending) || other(self.exclusive) {
                    return SQLITE_BUSY;
                }
                if !self.shared.contains(&who) {
                    self.shared.push(who);
                }
            }
            SQLITE_LOCK_RESERVED => {
                if other(self.reserved) || other(self.pending) || other(self.exclusive) {
                    return SQLITE_BUSY;
                }
                self.reserved = Some(who);
            }
            SQLITE_LOCK_PENDING | SQLITE_LOCK_EXCLUSIVE => {
                if other(self.reserved) || other(self.pending) || other(self.exclusive) {
                    return SQLITE_BUSY;
                }
                self.pending = Some(who);
                if self.shared.iter().any(|holder| *holder != who) {
                    return SQLITE_BUSY;
                }
                self.exclusive = Some(who);
            }
            _ => {}
        }
        SQLITE_OK
    }

    pub fn unlock(&mut self, who: usize, level: i32) {
        for holder in [&mut self.reserved, &mut self.pending, &mut self.exclusive] {
            if *holder == Some(who) {
                *holder = None;
            }
        }
        if level == SQLITE_LOCK_NONE {
            self.shared.retain(|holder| *holder != who);
        }
    }

    pub fn is_reserved(&self) -> bool {
        self.reserved.is_some() || self.pending.is_some() || self.exclusive.is_some()
    }
}

impl SharedMemory {
    /// The address of a region; null if it is not there and not to be made.
    pub fn map(&mut self, who: usize, region: usize, bytes: usize, extend: bool) -> *mut c_void {
        if !self.mapped.contains(&who) {
            self.mapped.push(who);
        }
        if extend {
            while self.regions.len() <= region {
                self.regions.push(vec![0; bytes / 8].into());
            }
        }
        self.regions.get_mut(region).map_or(std::ptr::null_mut(), |region| region.as_mut_ptr().cast())
    }

    /// The last one out loses the memory, so that the next connection recovers the log.
    pub fn unmap(&mut self, who: usize) {
        self.mapped.retain(|holder| *holder != who);
        for slot in &mut self.slots {
            slot.release(who);
        }
        if self.mapped.is_empty() {
            self.regions.clear();
        }
    }

    pub fn lock(&mut self, who: usize, slots: std::ops::Range<usize>, exclusive: bool) -> i32 {
        let slots = &mut self.slots[slots];
        if slots.iter().any(|slot| !slot.is_free_for(who, exclusive)) {
            return SQLITE_BUSY;
        }
        for slot in slots {
            if exclusive {
                slot.exclusive = Some(who);
            } else if !slot.shared.contains(&who) {
                slot.shared.push(who);
            }
        }
        SQLITE_OK
    }

    pub fn unlock(&mut self, who: usize, slots: std::ops::Range<usize>) {
        for slot in &mut self.slots[slots] {
            slot.release(who);
        }
    }
}

impl Slot {
    fn is_free_for(&self, who: usize, exclusive: bool) -> bool {
        if self.exclusive.is_some_and(|holder| holder != who) {
            return false;
        }
        !exclusive || self.shared.iter().all(|holder| *holder == who)
    }

    fn release(&mut self, who: usize) {
        self.shared.retain(|holder| *holder != who);
        if self.exclusive == Some(who) {
            self.exclusive = None;
        }
    }
}
