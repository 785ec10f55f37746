//! The writer's connection: sqlx's, and besides by SQLite's own interface, for the one transaction that a citizen
//! waits for. sqlx wakes the waiting thread with each statement's answer and copies each blob, which together cost as
//! much as the rows of a submission themselves. No other file calls SQLite past sqlx; texts are checked against the
//! schema at compile time here, too.

use std::{
    ffi::{c_char, c_int},
    ops::{Deref, DerefMut},
    ptr::{self, NonNull},
};

use libsqlite3_sys::{
    SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE, SQLITE_DONE, SQLITE_OK, SQLITE_PREPARE_PERSISTENT,
    SQLITE_ROW, SQLITE_STATIC, SQLITE_TOOBIG, SQLITE_UTF8, sqlite3, sqlite3_bind_blob64, sqlite3_bind_int64,
    sqlite3_bind_text64, sqlite3_clear_bindings, sqlite3_finalize, sqlite3_prepare_v3, sqlite3_reset, sqlite3_step,
    sqlite3_stmt,
};
use sqlx::{Connection as _, sqlite::SqliteConnection};
use thiserror::Error;

/// A connection with the statements that were run on it, which are kept prepared.
pub(super) struct Connection {
    // Before `sqlx`: a connection is closed when its statements are gone.
    prepared: Vec<(&'static str, Statement)>,
    handle: NonNull<sqlite3>,
    sqlx: SqliteConnection,
}

// SAFETY: the connection is opened with SQLITE_OPEN_FULLMUTEX, so its handle may be used from any thread.
unsafe impl Send for Connection {}

/// SQLite refused a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("SQLite code {code}")]
pub(super) struct Failed {
    /// Extended result code.
    pub(super) code: c_int,
}

impl Failed {
    /// A row with this key is there already.
    pub(super) fn is_twice(self) -> bool {
        matches!(self.code, SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE)
    }
}

/// What a `?` stands for; lent until the statement has run.
#[derive(Clone, Copy)]
pub(super) enum Value<'v> {
    Int(i64),
    Text(&'v str),
    Blob(&'v [u8]),
}

/// Runs one statement of a submission: its text, then a value for each `?`.
macro_rules! run {
    ($connection:expr, $sql:literal $(, $value:expr)*) => {{
        // Never called: sqlx checks the text and the count of values when this is compiled.
        let _ = || drop(::sqlx::query!($sql $(, $value)*));
        $connection.run($sql, &[$($crate::store::plain::Value::from(&$value)),*])
    }};
}
pub(super) use run;

impl Connection {
    /// Takes over a connection, which was opened for use from several threads.
    pub(super) async fn of(mut sqlx: SqliteConnection) -> Result<Self, sqlx::Error> {
        let handle = sqlx.lock_handle().await?.as_raw_handle();
        Ok(Self { prepared: Vec::new(), handle, sqlx })
    }

    /// Runs a statement that answers no rows. Waits for the disk on the calling thread.
    pub(super) fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), Failed> {
        let known = self.prepared.iter().position(|(text, _)| *text == sql);
        let place = match known {
            Some(place) => place,
            None => {
                self.prepared.push((sql, Statement::new(self.handle, sql)?));
                self.prepared.len() - 1
            }
        };
        self.prepared[place].1.run(values)
    }

    /// Closes it; its errors tell nothing that is not known already.
    pub(super) async fn close_quietly(self) {
        let Self { prepared, sqlx, .. } = self;
        drop(prepared);
        let _ = sqlx.close().await;
    }
}

impl Deref for Connection {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.sqlx
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.sqlx
    }
}

/// A prepared statement, which ends when it is dropped.
struct Statement(NonNull<sqlite3_stmt>);

impl Statement {
    fn new(handle: NonNull<sqlite3>, sql: &str) -> Result<Self, Failed> {
        let length = c_int::try_from(sql.len()).map_err(|_| Failed { code: SQLITE_TOOBIG })?;
        let mut statement = ptr::null_mut();
        // SAFETY: the handle is open, and SQLite reads `length` bytes of the text during the call.
        let code = unsafe {
            sqlite3_prepare_v3(
                handle.as_ptr(),
                sql.as_ptr().cast(),
                length,
                SQLITE_PREPARE_PERSISTENT,
                &mut statement,
                ptr::null_mut(),
            )
        };
        NonNull::new(statement).map(Self).ok_or(Failed { code })
    }

    fn run(&mut self, values: &[Value<'_>]) -> Result<(), Failed> {
        let bound = (1..).zip(values).try_for_each(|(place, value)| self.bind(place, *value));
        // SAFETY: the statement lives; what it was lent is alive until its bindings are cleared below.
        let code = bound.map(|()| unsafe { sqlite3_step(self.0.as_ptr()) });
        // SAFETY: as above. What `reset` answers is what `step` has said.
        unsafe {
            sqlite3_reset(self.0.as_ptr());
            sqlite3_clear_bindings(self.0.as_ptr());
        }
        match code? {
            SQLITE_DONE | SQLITE_ROW => Ok(()),
            code => Err(Failed { code }),
        }
    }

    fn bind(&mut self, place: c_int, value: Value<'_>) -> Result<(), Failed> {
        let statement = self.0.as_ptr();
        // SAFETY: the statement lives, and `run` clears the binding before what is lent here ends.
        let code = unsafe {
            match value {
                Value::Int(number) => sqlite3_bind_int64(statement, place, number),
                Value::Text(text) => {
                    let start = text.as_ptr().cast::<c_char>();
                    sqlite3_bind_text64(statement, place, start, text.len() as u64, SQLITE_STATIC(), SQLITE_UTF8 as u8)
                }
                Value::Blob(bytes) => {
                    sqlite3_bind_blob64(statement, place, bytes.as_ptr().cast(), bytes.len() as u64, SQLITE_STATIC())
                }
            }
        };
        if code == SQLITE_OK { Ok(()) } else { Err(Failed { code }) }
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: it is not used again, and its connection is still open. The code is that of the last run.
        unsafe { sqlite3_finalize(self.0.as_ptr()) };
    }
}

impl From<&i64> for Value<'_> {
    fn from(number: &i64) -> Self {
        Self::Int(*number)
    }
}

impl From<&u32> for Value<'_> {
    fn from(number: &u32) -> Self {
        Self::Int(i64::from(*number))
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Self::Text(text)
    }
}

impl<'v> From<&'v &str> for Value<'v> {
    fn from(text: &'v &str) -> Self {
        Self::Text(text)
    }
}

impl<'v> From<&'v Vec<u8>> for Value<'v> {
    fn from(bytes: &'v Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

    async fn connection() -> Connection {
        let opened = SqliteConnectOptions::new().in_memory(true).serialized(true).connect().await.unwrap();
        let mut connection = Connection::of(opened).await.unwrap();
        connection.run("create table t (n integer not null unique, s text, b blob)", &[]).unwrap();
        connection
    }

    const PUT: &str = "insert into t (n, s, b) values (?, ?, ?)";

    #[tokio::test]
    async fn what_is_written_past_sqlx_is_read_by_it() {
        let mut connection = connection().await;
        connection.run(PUT, &[Value::Int(-7), Value::Text("门"), Value::Blob(&[0, 255])]).unwrap();
        connection.run(PUT, &[Value::Int(8), Value::Text(""), Value::Blob(&[])]).unwrap();
        let rows: Vec<(i64, String, Vec<u8>)> =
            sqlx::query_as("select n, s, b from t order by n").fetch_all(&mut *connection).await.unwrap();
        assert_eq!(rows, [(-7, "门".into(), vec![0, 255]), (8, String::new(), Vec::new())]);
        connection.close_quietly().await;
    }

    #[tokio::test]
    async fn a_refused_statement_says_its_code_and_runs_again() {
        let mut connection = connection().await;
        let values = [Value::Int(1), Value::Text("a"), Value::Blob(b"b")];
        connection.run(PUT, &values).unwrap();
        assert_eq!(connection.run(PUT, &values), Err(Failed { code: 2067 }));
        assert_eq!(connection.run("insert into nothing values (1)", &[]), Err(Failed { code: 1 }));
        assert_eq!(connection.run("select n from t", &[Value::Int(1)]), Err(Failed { code: 25 }));
        connection.run(PUT, &[Value::Int(2), Value::Text("a"), Value::Blob(b"b")]).unwrap();
    }
}
