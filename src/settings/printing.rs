//! The commented defaults on standard output, which may be a pipe that nobody reads to its end.

use std::io::{ErrorKind, Write};

/// The settings could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be written: send them to a file on a disk with room")]
pub struct PrintError(#[source] std::io::Error);

/// Prints a program's commented defaults.
///
/// # Errors
/// When they cannot be written; a reader that has read enough is no error.
pub fn print_defaults(defaults: &str) -> Result<(), PrintError> {
    print_into(std::io::stdout().lock(), defaults)
}

fn print_into(mut out: impl Write, defaults: &str) -> Result<(), PrintError> {
    match out.write_all(defaults.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(PrintError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;
    use std::io;

    /// Takes nothing.
    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_reader_that_has_read_enough_is_no_error_and_a_full_disk_is_one() {
        let mut out: Vec<u8> = Vec::new();
        assert!(print_into(&mut out, "a = 1\n").is_ok());
        assert_eq!(out, b"a = 1\n");
        assert!(print_into(Failing(ErrorKind::BrokenPipe), "a = 1\n").is_ok());
        let full = print_into(Failing(ErrorKind::StorageFull), "a = 1\n").unwrap_err();
        assert!(full.to_string().contains("a disk with room") && full.source().is_some(), "{full}");
    }
}
