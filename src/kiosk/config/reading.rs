//! A settings file as text and as a table. What is said of a bad one never repeats what stands in it: that may be
//! an enrolment code, which would end up in logs.

use super::ConfigError;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Largest file that is read; the commented defaults have a few kilobytes.
const BYTES_MAX: usize = 1 << 20;

/// The text of a settings file.
pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    let wrong = |message: &str| ConfigError::Wrong { path: path.to_owned(), message: message.to_owned() };
    let mut bytes = Vec::new();
    // One byte more than may be tells a file that is too large, however large it is.
    File::open(path)
        .and_then(|file| file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes))
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    if bytes.len() > BYTES_MAX {
        return Err(wrong("it is larger than 1 MiB, so it is hardly a settings file"));
    }
    String::from_utf8(bytes).map_err(|_| wrong("it is not text in UTF-8, save it again as UTF-8"))
}

/// The table that a text holds, or where it holds none and why.
pub(super) fn parse(text: &str) -> Result<toml::Table, String> {
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

    fn refused(bytes: &[u8]) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read(file.path()).unwrap_err().to_string()
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
            let message = parse(&format!("[hall]\n{line}\n")).unwrap_err();
            assert!(message.starts_with("line 2, column "), "{message}");
            assert!(!message.contains("8F3K") && !message.contains("XD4W"), "{message}");
        }
        let long = parse(&format!("[hall]\naddress = \"{}\n", "x".repeat(500_000))).unwrap_err();
        assert!(long.len() < 300, "{} bytes of message", long.len());
    }

    #[test]
    fn a_file_that_is_no_text_is_not_taken_for_one_without_rights() {
        let message = refused(b"[terminal]\nnumber = \"\xB4\xF3\"\n");
        assert!(message.contains("not text in UTF-8") && !message.contains("rights"), "{message}");
    }

    #[test]
    fn a_file_without_an_end_is_refused_at_its_first_megabyte() {
        assert!(refused(&vec![b'#'; BYTES_MAX + 1]).contains("larger than 1 MiB"));
        assert!(read(Path::new("/dev/zero")).unwrap_err().to_string().contains("larger than 1 MiB"));
    }
}
