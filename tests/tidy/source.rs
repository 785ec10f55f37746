//! Files as the rules read them: Rust code with comments and strings blanked out, so that a rule neither
//! trips over a comment nor is met by one, and without the parts that only tests compile.
//! Reads text; knows no rule.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the tree and its text.
pub struct File {
    /// Path from the root, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// Rust code as a rule wants it. Every blanked character is a space, so lines keep their numbers.
pub struct Rust {
    /// Without comments, without what strings hold and without `#[cfg(test)]` items.
    pub code: String,
    /// What the strings outside tests hold, with the number of the line where each begins.
    pub strings: Vec<(usize, String)>,
}

/// A function that is shipped.
pub struct Function {
    /// Its name.
    pub name: String,
    /// Line of its `fn`, counted from 1.
    pub line: usize,
    /// Lines from `fn` to the closing brace, both counted.
    pub length: usize,
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file below `folders` (or the files themselves), sorted by path; what is no UTF-8 is no text.
pub fn files(folders: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    folders.iter().for_each(|folder| walk(&root().join(folder), &mut found));
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// True for code that never ships: tests, benches, examples, build scripts.
pub fn is_for_tests(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "tests.rs" || name == "build.rs" || path.split('/').any(|part| matches!(part, "tests" | "examples"))
}

impl Rust {
    /// Reads one file.
    pub fn read(text: &str) -> Self {
        let (blanked, mut strings) = blank(text);
        let code = without_tests(blanked);
        // A string inside a `#[cfg(test)]` item has lost its quotes with the item.
        let lines: Vec<&str> = code.lines().collect();
        strings.retain(|(line, _)| lines.get(line - 1).is_some_and(|line| line.contains('"')));
        Self { code, strings }
    }

    /// The line, counted from 1, on which the byte `at` stands.
    pub fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    /// Where the word `word` stands by itself, not as a part of a longer name.
    pub fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
            let before = self.code[..at].chars().next_back();
            let after = self.code[at + word.len()..].chars().next();
            let goes_on = word.ends_with(is_of_name) && after.is_some_and(is_of_name);
            !before.is_some_and(is_of_name) && !goes_on
        })
    }

    /// All functions that have a body.
    pub fn functions(&self) -> Vec<Function> {
        self.words("fn ").filter_map(|at| self.function(at)).collect()
    }

    fn function(&self, at: usize) -> Option<Function> {
        let name: String = self.code[at + 3..].chars().take_while(|letter| is_of_name(*letter)).collect();
        let open = at + self.code[at..].find(['{', ';'])?;
        if name.is_empty() || self.code[open..].starts_with(';') {
            return None;
        }
        let close = closing(&self.code, open)?;
        let line = self.line(at);
        Some(Function { name, line, length: self.line(close) - line + 1 })
    }
}

/// The brace that closes the one at `open`.
fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in code[open..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(open + at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// True for a letter that can stand in a Rust name.
pub fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn walk(path: &Path, found: &mut Vec<File>) {
    if path.is_dir() {
        let Ok(entries) = fs::read_dir(path) else { return };
        let entries = entries.filter_map(Result::ok).map(|entry| entry.path());
        entries.filter(|path| !path.ends_with("target")).for_each(|path| walk(&path, found));
    } else if let Ok(text) = fs::read_to_string(path) {
        let path = path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/");
        found.push(File { path, text });
    }
}

/// The code with comments and the insides of strings turned to spaces, and the strings.
fn blank(text: &str) -> (String, Vec<(usize, String)>) {
    let (mut code, mut strings) = (String::with_capacity(text.len()), Vec::new());
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (length, quotes) = token(rest, code.chars().next_back());
        let (taken, left) = rest.split_at(length);
        match quotes {
            None if length == first.len_utf8() => code.push(first),
            None => code.extend(taken.chars().map(space)),
            Some(quotes) => {
                let inside = &taken[quotes..length - quotes.min(length)];
                strings.push((line, inside.to_owned()));
                code.push('"');
                code.extend(inside.chars().map(space));
                code.push('"');
            }
        }
        line += taken.matches('\n').count();
        rest = left;
    }
    (code, strings)
}

fn space(letter: char) -> char {
    if letter == '\n' { '\n' } else { ' ' }
}

/// Length of the comment, string or letter at the head of `rest`; for a string also the length of its quotes.
fn token(rest: &str, before: Option<char>) -> (usize, Option<usize>) {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (rest.find("*/").map_or(rest.len(), |end| end + 2), None);
    }
    if rest.starts_with('"') {
        return (string(rest), Some(1));
    }
    if rest.starts_with('r') && !before.is_some_and(|letter| is_of_name(letter) && letter != 'b') {
        let hashes = rest[1..].chars().take_while(|letter| *letter == '#').count();
        if rest[1 + hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let body = 2 + hashes;
            let length = rest[body..].find(&end).map_or(rest.len(), |at| body + at + end.len());
            return (length, Some(1));
        }
    }
    if rest.starts_with('\'') {
        // 'x', '\n' and '\u{4e00}' are letters; 'name is a lifetime and stays.
        let escaped = rest.starts_with("'\\");
        let end = rest.char_indices().skip(if escaped { 3 } else { 2 }).find(|(_, letter)| *letter == '\'');
        if let Some((end, _)) = end.filter(|(end, _)| escaped || rest[1..*end].chars().count() == 1) {
            return (end + 1, None);
        }
    }
    (first, None)
}

/// Length of the plain string at the head of `rest`, quotes included.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The code with each item below `#[cfg(test)]` blanked.
fn without_tests(mut code: String) -> String {
    if code.contains("#![cfg(test)]") {
        return code.chars().map(space).collect();
    }
    let mut from = 0;
    while let Some(at) = code[from..].find("#[cfg(test)]").map(|at| from + at) {
        let open = code[at..].find(['{', ';']).map_or(code.len(), |open| at + open);
        let ends_here = code[open..].starts_with(';');
        let end = if ends_here { open + 1 } else { closing(&code, open).map_or(code.len(), |close| close + 1) };
        let blanked: String = code[at..end].chars().map(space).collect();
        from = at + blanked.len();
        code.replace_range(at..end, &blanked);
    }
    code
}
