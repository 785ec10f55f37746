//! The yardstick: SQLite by its C interface, WAL, synchronous=FULL, one prepared insert of the sealed bytes
//! as one blob, committed by itself.

use std::{
    ffi::{CStr, CString, c_int},
    ptr,
    time::{Duration, Instant},
};

use kiosk::store::SealedSubmission;
use libsqlite3_sys::{
    SQLITE_DONE, SQLITE_OK, SQLITE_STATIC, sqlite3, sqlite3_bind_blob, sqlite3_close, sqlite3_exec, sqlite3_finalize,
    sqlite3_open, sqlite3_prepare_v2, sqlite3_reset, sqlite3_step, sqlite3_stmt,
};

/// The log as the commit finds it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// Its header is there already.
    Begun,
    /// The commit writes and syncs the header, too.
    Empty,
}

pub struct Raw {
    database: *mut sqlite3,
    insert: *mut sqlite3_stmt,
    _folder: tempfile::TempDir,
}

/// The pragmas of the store, and its page size, which is SQLite's own.
const SETUP: &CStr = c"pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;
    pragma wal_autocheckpoint = 16384; create table raw (bytes blob not null);
    create table other (n integer not null); insert into other values (0);";
/// What begins the log, if it is to be begun. SQLite writes nothing where a row stays what it was.
const BEGIN: &CStr = c"update other set n = n + 1";
/// After the clock was stopped, as the store does it after the slip.
const EMPTY: &CStr = c"pragma wal_checkpoint(truncate)";
const INSERT: &CStr = c"insert into raw (bytes) values (?)";

impl Raw {
    pub fn new(folder: tempfile::TempDir) -> Self {
        let path = CString::new(folder.path().join("raw.db").to_string_lossy().as_bytes()).unwrap();
        let (mut database, mut insert) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: all pointers are valid for the calls; errors end the bench.
        unsafe {
            check(sqlite3_open(path.as_ptr(), &mut database), SQLITE_OK);
            check(sqlite3_exec(database, SETUP.as_ptr(), None, ptr::null_mut(), ptr::null_mut()), SQLITE_OK);
            check(sqlite3_prepare_v2(database, INSERT.as_ptr(), -1, &mut insert, ptr::null_mut()), SQLITE_OK);
        }
        Self { database, insert, _folder: folder }
    }

    /// Commits all bytes of the submission.
    pub fn time_commit(&mut self, sealed: &SealedSubmission, log: Log) -> Duration {
        if log == Log::Begun {
            self.execute(BEGIN);
        }
        let bytes = all_bytes(sealed);
        let length = c_int::try_from(bytes.len()).unwrap();
        pause();
        let start = Instant::now();
        // SAFETY: `bytes` outlives the step that reads it.
        unsafe {
            check(sqlite3_bind_blob(self.insert, 1, bytes.as_ptr().cast(), length, SQLITE_STATIC()), SQLITE_OK);
            check(sqlite3_step(self.insert), SQLITE_DONE);
            check(sqlite3_reset(self.insert), SQLITE_OK);
        }
        let time = start.elapsed();
        self.execute(EMPTY);
        time
    }

    fn execute(&self, sql: &CStr) {
        // SAFETY: as in `new`.
        unsafe { check(sqlite3_exec(self.database, sql.as_ptr(), None, ptr::null_mut(), ptr::null_mut()), SQLITE_OK) };
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: both were made in `new` and are not used again.
        unsafe {
            sqlite3_finalize(self.insert);
            sqlite3_close(self.database);
        }
    }
}

/// A citizen reads before touching, so the machine has nothing to do and its caches have gone cold.
pub fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// All bytes of a submission; a signature is as long as this one.
pub fn all_bytes(sealed: &SealedSubmission) -> Vec<u8> {
    let mut bytes = [sealed.header.as_slice(), &[7; 64]].concat();
    sealed.chunks.iter().for_each(|chunk| bytes.extend(&chunk.bytes));
    bytes
}

fn check(result: c_int, expected: c_int) {
    assert_eq!(result, expected, "SQLite result");
}
