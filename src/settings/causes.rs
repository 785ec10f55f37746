//! What a program says of an error at its end.

use std::error::Error;

/// An error with its causes, each once: many messages quote their cause already.
pub fn said<'a>(chain: impl Iterator<Item = &'a (dyn Error + 'static)>) -> String {
    let mut words = chain.map(ToString::to_string);
    let mut said = words.next().unwrap_or_default();
    for cause in words {
        if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn a_cause_that_was_quoted_is_not_said_again() {
        let errors = ["no copy: disk full", "disk full", "error 28"].map(io::Error::other);
        let chain = errors.iter().map(|error| error as &(dyn Error + 'static));
        assert_eq!(said(chain), "no copy: disk full: error 28");
        assert_eq!(said(std::iter::empty()), "");
    }
}
