//! Splits an expression into words. Text that holds none of our words is refused with its place.

use std::ops::Range;

use super::{Comparison, Decimal, ExprError, fault};

/// Longest expression in bytes; the longest of the catalogue has some 60.
const MAX_BYTES: usize = 2_000;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(Decimal),
    Text(String),
    Name(String),
    Compare(Comparison),
    And,
    Or,
    Not,
    In,
    Plus,
    Minus,
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
}

pub(super) type Spanned = (Token, Range<usize>);

pub(super) fn tokens(source: &str) -> Result<Vec<Spanned>, ExprError> {
    if source.len() > MAX_BYTES {
        return Err(fault(source, 0..0, "表达式过长", "the expression is too long"));
    }
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        if first.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let (token, len) = if first.is_ascii_digit() {
            number(source, at)?
        } else if first == '\'' || first == '"' {
            quoted(source, at, first)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            word(&source[at..])
        } else {
            symbol(source, at)?
        };
        out.push((token, at..at + len));
        at += len;
    }
    Ok(out)
}

fn number(source: &str, at: usize) -> Result<(Token, usize), ExprError> {
    let rest = &source[at..];
    let len = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    match Decimal::parse(&rest[..len]) {
        Some(value) => Ok((Token::Number(value), len)),
        None => Err(fault(source, at..at + len, "数字写法不对", "not a number")),
    }
}

fn quoted(source: &str, at: usize, quote: char) -> Result<(Token, usize), ExprError> {
    let rest = &source[at + 1..];
    match rest.find(quote) {
        Some(end) => Ok((Token::Text(rest[..end].to_owned()), end + 2)),
        None => Err(fault(source, at..source.len(), "引号没有成对", "the quotation mark is not closed")),
    }
}

fn word(rest: &str) -> (Token, usize) {
    let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let token = match &rest[..len] {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "in" => Token::In,
        name => Token::Name(name.to_owned()),
    };
    (token, len)
}

fn symbol(source: &str, at: usize) -> Result<(Token, usize), ExprError> {
    let rest = &source[at..];
    for (text, comparison) in [
        ("==", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ] {
        if rest.starts_with(text) {
            return Ok((Token::Compare(comparison), text.len()));
        }
    }
    let token = match rest.as_bytes().first() {
        Some(b'+') => Token::Plus,
        Some(b'-') => Token::Minus,
        Some(b'(') => Token::Open,
        Some(b')') => Token::Close,
        Some(b'[') => Token::OpenList,
        Some(b']') => Token::CloseList,
        Some(b',') => Token::Comma,
        _ => {
            let known = |c: char| c.is_whitespace() || c.is_ascii_alphanumeric() || "'\"()[],_".contains(c);
            let len = rest.find(known).filter(|n| *n > 0).unwrap_or(rest.len());
            return Err(fault(source, at..at + len, "不认识的运算符", "unknown operator"));
        }
    };
    Ok((token, 1))
}
