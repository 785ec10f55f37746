//! The VFS methods: paths. Time, sleep and random numbers are the stock VFS's.

use std::{
    ffi::{CStr, CString, c_char, c_int},
    ptr,
};

use libsqlite3_sys::{
    SQLITE_CANTOPEN, SQLITE_IOERR, SQLITE_OK, SQLITE_OPEN_CREATE, SQLITE_OPEN_DELETEONCLOSE, sqlite3_file,
    sqlite3_int64, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

use super::{Disk, file};

/// SQLITE_IOERR_DELETE_NOENT
const DELETE_NO_ENTRY: c_int = SQLITE_IOERR | (23 << 8);

/// Makes the disk known to SQLite. A registration stays for the whole process, as connections may.
pub fn register(disk: &Disk) {
    let name = CString::new(disk.name()).unwrap().into_raw();
    let app = Box::into_raw(Box::new(disk.clone())).cast();
    let made = Box::new(sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<file::CrashFile>() as c_int,
        mxPathname: 1024,
        pNext: ptr::null_mut(),
        zName: name,
        pAppData: app,
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(last_error),
        xCurrentTimeInt64: Some(current_time_int64),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    });
    // SAFETY: the structure, its name and the disk behind it live as long as the process.
    let result = unsafe { sqlite3_vfs_register(Box::into_raw(made), 0) };
    assert_eq!(result, SQLITE_OK, "SQLite refused the crash VFS");
}

unsafe fn disk<'a>(vfs: *mut sqlite3_vfs) -> &'a Disk {
    // SAFETY: `register` put a leaked Disk there.
    unsafe { &*(*vfs).pAppData.cast::<Disk>() }
}

unsafe fn text(path: *const c_char) -> String {
    // SAFETY: SQLite hands over a string that ends in zero.
    unsafe { CStr::from_ptr(path) }.to_string_lossy().into_owned()
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    path: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: pointers are SQLite's own, as its documentation of xOpen says.
    unsafe {
        let disk = disk(vfs);
        let no = if path.is_null() {
            disk.state().create_unnamed()
        } else {
            let path = text(path);
            let mut state = disk.state();
            if !state.paths.contains_key(&path) && flags & SQLITE_OPEN_CREATE == 0 {
                (*file).pMethods = ptr::null();
                return SQLITE_CANTOPEN;
            }
            state.open_or_create(&path)
        };
        let delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE != 0 && !path.is_null()).then(|| text(path));
        file::start(file, disk.clone(), no, delete_on_close);
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, path: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: as for `open`.
    let found = unsafe { disk(vfs).state().delete(&text(path), sync_folder != 0) };
    if found { SQLITE_OK } else { DELETE_NO_ENTRY }
}

unsafe extern "C" fn access(vfs: *mut sqlite3_vfs, path: *const c_char, _: c_int, found: *mut c_int) -> c_int {
    // SAFETY: as for `open`.
    unsafe { *found = c_int::from(disk(vfs).state().paths.contains_key(&text(path))) };
    SQLITE_OK
}

unsafe extern "C" fn full_pathname(_: *mut sqlite3_vfs, path: *const c_char, room: c_int, out: *mut c_char) -> c_int {
    // SAFETY: as for `open`; the copy is bounded by `room`, its zero included.
    unsafe {
        let bytes = CStr::from_ptr(path).to_bytes_with_nul();
        if bytes.len() > room as usize {
            return SQLITE_CANTOPEN;
        }
        ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len());
    }
    SQLITE_OK
}

fn stock() -> *mut sqlite3_vfs {
    // SAFETY: null asks for the default VFS, which is always there.
    unsafe { sqlite3_vfs_find(ptr::null()) }
}

unsafe extern "C" fn randomness(_: *mut sqlite3_vfs, bytes: c_int, out: *mut c_char) -> c_int {
    // SAFETY: handed on unchanged.
    unsafe { (*stock()).xRandomness.map_or(0, |call| call(stock(), bytes, out)) }
}

unsafe extern "C" fn sleep(_: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    // SAFETY: handed on unchanged.
    unsafe { (*stock()).xSleep.map_or(0, |call| call(stock(), microseconds)) }
}

unsafe extern "C" fn current_time(_: *mut sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: handed on unchanged.
    unsafe { (*stock()).xCurrentTime.map_or(SQLITE_IOERR, |call| call(stock(), out)) }
}

unsafe extern "C" fn current_time_int64(_: *mut sqlite3_vfs, out: *mut sqlite3_int64) -> c_int {
    // SAFETY: handed on unchanged.
    unsafe { (*stock()).xCurrentTimeInt64.map_or(SQLITE_IOERR, |call| call(stock(), out)) }
}

unsafe extern "C" fn last_error(_: *mut sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
