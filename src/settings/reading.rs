//! A settings file as text, and what that text holds. What is said of a bad one never repeats what stands in it:
//! that may be an enrolment code or another secret at the wrong key, which would end up in logs.

use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Largest file that is read; the commented defaults have a few kilobytes.
const BYTES_MAX: usize = 1 << 20;

/// Why a settings file gives no text.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system does not give its bytes.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// It is larger than any settings are.
    #[error("it is larger than 1 MiB, so it is hardly a settings file")]
    TooLarge,
    /// Its bytes are no text.
    #[error("it is not text in UTF-8, save it again as UTF-8")]
    NotText,
}

/// The text of a settings file.
///
/// # Errors
/// When it cannot be read, is too large or no text.
pub fn read(path: &Path) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    // One byte more than may be tells a file that is too large, however large it is.
    File::open(path)
        .and_then(|file| file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes))
        .map_err(ReadError::Unreadable)?;
    if bytes.len() > BYTES_MAX {
        return Err(ReadError::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| ReadError::NotText)
}

/// What a text in TOML holds.
///
/// # Errors
/// Where the text is wrong, and why.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error: toml::de::Error| match error.span() {
        Some(span) => {
            let (line, column) = position(text, span.start);
            format!("line {line}, column {column}: {}", error.message())
        }
        None => error.message().to_owned(),
    })
}

/// Line and column of a byte, both from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..at.min(text.len())];
    let line = before.split(|byte| *byte == b'\n').count();
    let in_line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    (line, String::from_utf8_lossy(in_line).chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::Table;

    fn refused(bytes: &[u8]) -> ReadError {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read(file.path()).unwrap_err()
    }

    #[test]
    fn a_place_in_a_text_is_counted_from_one_in_characters() {
        let text = "a = 1\n大厅 = 2\n";
        assert_eq!((position(text, 0), position(text, 6)), ((1, 1), (2, 1)));
        assert_eq!(position(text, text.find('2').unwrap()), (2, 6));
        assert_eq!(position(text, text.len() + 9), (3, 1));
    }

    #[test]
    fn what_cannot_be_parsed_is_told_by_its_place_and_not_repeated() {
        for line in ["enrolment_code = \"8F3K-2M7Q-XD4W", "enrolment_code = 8F3K-2M7Q-XD4W", "8F3K 2M7Q XD4W = 1"] {
            let message = parse::<Table>(&format!("[hall]\n{line}\n")).unwrap_err();
            assert!(message.starts_with("line 2, column "), "{message}");
            assert!(!message.contains("8F3K") && !message.contains("XD4W"), "{message}");
        }
        let long = parse::<Table>(&format!("[keys]\nrecovery_public = \"{}\n", "5ec4e7".repeat(100_000))).unwrap_err();
        assert!(long.starts_with("line 2, column ") && long.len() < 300, "{} bytes", long.len());
        assert!(!long.contains("5ec4e7"), "{long}");
    }

    #[test]
    fn a_file_that_is_no_text_is_not_taken_for_one_that_cannot_be_read() {
        assert!(matches!(refused(b"name = \"\xB4\xF3\"\n"), ReadError::NotText));
        assert!(matches!(read(Path::new("/dev/null/none")), Err(ReadError::Unreadable(_))));
    }

    #[test]
    fn a_file_without_an_end_is_refused_at_its_first_megabyte() {
        assert!(refused(&vec![b'#'; BYTES_MAX + 1]).to_string().contains("larger than 1 MiB"));
        assert!(matches!(read(Path::new("/dev/zero")), Err(ReadError::TooLarge)));
    }
}
