//! The methods of an open file, version 2: with shared memory, as the write-ahead log needs it.

use std::{
    ffi::{c_int, c_void},
    slice,
    sync::atomic::{AtomicUsize, Ordering, fence},
};

use libsqlite3_sys::{
    SQLITE_FULL, SQLITE_IOCAP_POWERSAFE_OVERWRITE, SQLITE_IOERR_FSYNC, SQLITE_IOERR_SHORT_READ, SQLITE_LOCK_NONE,
    SQLITE_NOTFOUND, SQLITE_OK, SQLITE_SHM_EXCLUSIVE, SQLITE_SHM_UNLOCK, sqlite3_file, sqlite3_int64,
    sqlite3_io_methods,
};

use super::{Disk, disk::FileNo};

/// What SQLite allocates for an open file.
#[repr(C)]
pub struct CrashFile {
    base: sqlite3_file,
    handle: *mut Handle,
}

struct Handle {
    who: usize,
    disk: Disk,
    file: FileNo,
    delete_on_close: Option<String>,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Makes `file` an open one.
///
/// # Safety
/// `file` points to `size_of::<CrashFile>()` bytes of SQLite's.
pub unsafe fn start(file: *mut sqlite3_file, disk: Disk, no: FileNo, delete_on_close: Option<String>) {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let who = NEXT.fetch_add(1, Ordering::Relaxed);
    let handle = Box::into_raw(Box::new(Handle { who, disk, file: no, delete_on_close }));
    // SAFETY: by the contract of this function.
    unsafe { file.cast::<CrashFile>().write(CrashFile { base: sqlite3_file { pMethods: &METHODS }, handle }) };
}

/// SAFETY of all methods below: SQLite calls them with a file that `start` made and `close` has not ended,
/// and with buffers of the stated length.
unsafe fn handle<'a>(file: *mut sqlite3_file) -> &'a Handle {
    // SAFETY: see above.
    unsafe { &*(*file.cast::<CrashFile>()).handle }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: see `handle`; the box is taken back once, here.
    let handle = unsafe { Box::from_raw((*file.cast::<CrashFile>()).handle) };
    let mut state = handle.disk.state();
    let locks = &mut state.files[handle.file].locks;
    locks.unlock(handle.who, SQLITE_LOCK_NONE);
    locks.memory.unmap(handle.who);
    if let Some(path) = &handle.delete_on_close {
        state.delete(path, false);
    }
    SQLITE_OK
}

unsafe extern "C" fn read(file: *mut sqlite3_file, out: *mut c_void, amount: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: see `handle`.
    let (handle, out) = unsafe { (handle(file), slice::from_raw_parts_mut(out.cast::<u8>(), amount as usize)) };
    let state = handle.disk.state();
    let content = &state.files[handle.file].bytes;
    let there = content.get(at as usize..).unwrap_or_default();
    let there = &there[..there.len().min(out.len())];
    out[..there.len()].copy_from_slice(there);
    out[there.len()..].fill(0);
    if there.len() == amount as usize { SQLITE_OK } else { SQLITE_IOERR_SHORT_READ }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, amount: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: see `handle`.
    let (handle, from) = unsafe { (handle(file), slice::from_raw_parts(from.cast::<u8>(), amount as usize)) };
    if handle.disk.state().write(handle.file, at as u64, from) { SQLITE_OK } else { SQLITE_FULL }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: see `handle`.
    let handle = unsafe { handle(file) };
    handle.disk.state().truncate(handle.file, size as u64);
    SQLITE_OK
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: see `handle`.
    let handle = unsafe { handle(file) };
    if handle.disk.state().sync(handle.file) { SQLITE_OK } else { SQLITE_IOERR_FSYNC }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, out: *mut sqlite3_int64) -> c_int {
    // SAFETY: see `handle`.
    unsafe {
        let handle = handle(file);
        *out = handle.disk.state().files[handle.file].bytes.len() as sqlite3_int64;
    }
    SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see `handle`.
    let handle = unsafe { handle(file) };
    handle.disk.state().files[handle.file].locks.lock(handle.who, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see `handle`.
    let handle = unsafe { handle(file) };
    handle.disk.state().files[handle.file].locks.unlock(handle.who, level);
    SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: see `handle`.
    unsafe {
        let handle = handle(file);
        *out = c_int::from(handle.disk.state().files[handle.file].locks.is_reserved());
    }
    SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut sqlite3_file) -> c_int {
    512
}

/// As the stock VFS says: a write leaves the bytes beside it alone. The cut keeps to that.
unsafe extern "C" fn device_characteristics(_: *mut sqlite3_file) -> c_int {
    SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: see `handle`.
    unsafe {
        let handle = handle(file);
        let memory = &mut handle.disk.state().files[handle.file].locks.memory;
        *out = memory.map(handle.who, region as usize, bytes as usize, extend != 0);
    }
    SQLITE_OK
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, n: c_int, flags: c_int) -> c_int {
    // SAFETY: see `handle`.
    let handle = unsafe { handle(file) };
    let memory = &mut handle.disk.state().files[handle.file].locks.memory;
    let slots = offset as usize..(offset + n) as usize;
    if flags & SQLITE_SHM_UNLOCK != 0 {
        memory.unlock(handle.who, slots);
        return SQLITE_OK;
    }
    memory.lock(handle.who, slots, flags & SQLITE_SHM_EXCLUSIVE != 0)
}

unsafe extern "C" fn shm_barrier(_: *mut sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, _delete: c_int) -> c_int {
    // SAFETY: see `handle`.
    let handle = unsafe { handle(file) };
    handle.disk.state().files[handle.file].locks.memory.unmap(handle.who);
    SQLITE_OK
}
