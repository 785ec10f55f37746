//! Hostile text as an expression of a form: it is parsed, checked and evaluated, or refused with a place
//! that lies within it. It never panics and never runs long.
#![no_main]

use jiff::civil::{Date, date};
use libfuzzer_sys::fuzz_target;
use wire::expr::{Decimal, Expr, Facts, Operand, Type};

struct Form;

impl Facts for Form {
    fn operand(&self, name: &str) -> Operand<'_> {
        match name.as_bytes().first() {
            Some(b'a'..=b'h') => Operand::Text("1"),
            Some(b'i'..=b'n') => Operand::Number(Decimal::whole(7)),
            Some(b'o'..=b'r') => Operand::Date(date(2026, 11, 24)),
            Some(b's' | b't') => Operand::Rows(2),
            _ => Operand::Empty,
        }
    }

    fn birth(&self, _: &str) -> Option<Date> {
        Some(date(1985, 3, 12))
    }

    fn today(&self) -> Date {
        date(2026, 11, 24)
    }
}

fn type_of(name: &str) -> Option<Type> {
    Some(match name.as_bytes().first()? {
        b'a'..=b'g' => Type::Text,
        b'h' => Type::IdNumber,
        b'i'..=b'n' => Type::Number,
        b'o'..=b'r' => Type::Date,
        b's' | b't' => Type::Rows,
        b'u' | b'v' => Type::Flag,
        b'w' => Type::List,
        _ => return None,
    })
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Expr::parse(text) {
        Ok(expr) => {
            let checked = expr.check(&type_of);
            if let Err(error) = checked {
                assert_eq!(text.get(error.span.clone()), Some(error.found.as_str()));
            }
            let _ = (expr.holds(&Form), expr.rule(&Form), expr.names());
        }
        Err(error) => assert_eq!(text.get(error.span.clone()), Some(error.found.as_str())),
    }
});
