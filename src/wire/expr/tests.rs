//! Expressions: what they mean, which types they refuse and where their errors point.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::*;

/// Fields by name; a name that is missing is empty.
#[derive(Default)]
struct Row(BTreeMap<&'static str, Operand<'static>>);

impl Facts for Row {
    fn operand(&self, name: &str) -> Operand<'_> {
        self.0.get(name).copied().unwrap_or(Operand::Empty)
    }
    fn birth(&self, _: &str) -> Option<Date> {
        Some(date(2008, 11, 24))
    }
    fn today(&self) -> Date {
        date(2026, 11, 24)
    }
}

fn row() -> Row {
    let number = |text| Operand::Number(Decimal::parse(text).unwrap());
    Row(BTreeMap::from([
        ("t", Operand::Text("2")),
        ("n", number("12.5")),
        ("m", number("0.1")),
        ("id", Operand::Text("x")),
        ("d", Operand::Date(date(2026, 1, 31))),
        ("yes", Operand::Flag(true)),
        ("rows", Operand::Rows(2)),
        ("month", Operand::Month(Month::parse("2026-02").unwrap())),
    ]))
}

fn type_of(name: &str) -> Option<Type> {
    Some(match name {
        "t" | "e" => Type::Text,
        "n" | "m" | "en" => Type::Number,
        "id" => Type::IdNumber,
        "d" | "ed" => Type::Date,
        "yes" | "off" => Type::Flag,
        "list" | "el" => Type::List,
        "rows" | "er" => Type::Rows,
        "month" => Type::Month,
        "contact" => Type::Opaque,
        _ => return None,
    })
}

fn parsed(text: &str) -> Expr {
    let expr = Expr::parse(text).unwrap_or_else(|error| panic!("{error}"));
    expr.check(&type_of).unwrap_or_else(|error| panic!("{error}"));
    expr
}

#[test]
fn conditions_hold_as_protocol_8_says() {
    for (text, holds) in [
        ("t=='2'", true),
        ("t!='2'", false),
        ("t in ['1','2']", true),
        ("t not in ['1','2']", false),
        ("n >= 12.5 and m < 0.2", true),
        ("n + m == 12.6", true),
        ("n - -1 > 13", true),
        ("t=='1' or yes and not off", true),
        ("not yes or t=='2'", true),
        ("not (yes and t=='2')", false),
        ("age(id, today) >= 18", true),
        ("age(id, d) >= 18", false),
        ("days(d, today) == 297", true),
        ("int(t) - 1 == 1", true),
        ("len(rows) == int(t)", true),
        ("month == month", true),
        ("today > d", true),
    ] {
        assert_eq!(parsed(text).holds(&row()), holds, "{text}");
    }
}

#[test]
fn a_comparison_with_an_empty_operand_is_false_in_a_condition() {
    for text in [
        "e=='2'",
        "e!='2'",
        "e in ['2']",
        "e not in ['2']",
        "en > 1",
        "en+1 != 3",
        "days(ed,today)!=0",
        "age(id,ed)<200",
        "int(e)!=3",
    ] {
        assert!(!parsed(text).holds(&row()), "{text}");
    }
    for text in ["not e=='2'", "len(el)==0", "len(er)==0", "not filled(e)", "not has_any(el,['1'])"] {
        // `not` binds tighter than a comparison, so the first needs its brackets.
        let text = text.replace("not e=='2'", "not (e=='2')");
        assert!(parsed(&text).holds(&row()), "{text}");
    }
}

#[test]
fn a_cross_rule_with_an_empty_operand_is_skipped() {
    for text in ["e=='2'", "t=='2' or e=='1'", "t=='9' and en > 1", "age(id,ed)>1", "days(ed,d)>=180", "int(e)==1"] {
        assert_eq!(parsed(text).rule(&row()), None, "{text}");
    }
    assert_eq!(parsed("t=='9' or filled(e)").rule(&row()), Some(false));
    assert_eq!(parsed("t=='2' or filled(e)").rule(&row()), Some(true));
    assert_eq!(parsed("len(el)==0 and not has_any(el,['1'])").rule(&row()), Some(true));
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (text, found, says) in [
        ("t = '1'", "=", "unknown operator"),
        ("t == '1' && yes", "&&", "unknown operator"),
        ("t == '1", "'1", "not closed"),
        ("agee(id, today)>1", "agee", "unknown function"),
        ("len(rows, t)==1", "len(rows, t)", "wrong number"),
        ("t == ", "", "too early"),
        ("t == '1' t", "t", "operator missing"),
        ("1 < n < 3", "<", "do not chain"),
        ("t in [1]", "1", "quoted values"),
        ("nobody=='1'", "nobody", "no such field"),
        ("n == '1'", "n == '1'", "cannot be compared"),
        ("d >= '2026-01-01'", "d >= '2026-01-01'", "cannot be compared"),
        ("t < '3'", "t < '3'", "cannot be compared like this"),
        ("contact == contact", "contact == contact", "cannot be compared"),
        ("not t == '1'", "t", "expected yes or no"),
        ("not t in ['1']", "t", "expected yes or no"),
        ("t", "t", "expected yes or no"),
        ("age(t, today) > 1", "t", "ID number"),
        ("1.2.3 > n", "1.2.3", "not a number"),
    ] {
        let error = Expr::parse(text).and_then(|expr| expr.check(&type_of)).unwrap_err();
        assert_eq!(error.found, found, "{text}");
        assert!(error.message.en.contains(says), "{text}: {}", error.message.en);
        assert_eq!(&text[error.span.clone()], found);
    }
}

#[test]
fn names_are_listed_without_today() {
    let expr = parsed("age(id, today) > 1 or t in ['a'] and filled(contact)");
    assert_eq!(expr.names().into_iter().collect::<Vec<_>>(), ["contact", "id", "t"]);
}

#[test]
fn hostile_text_never_panics() {
    let deep = ["(", "not ", "-", "len(", "["];
    for piece in deep {
        let _ = Expr::parse(&piece.repeat(400));
    }
    let _ = Expr::parse(&format!("t=='1'{}", " or t=='1'".repeat(180)));
    let _ = Expr::parse(&format!("1{}", "+1".repeat(900)));
    assert!(Expr::parse(&"a".repeat(100_000)).is_err());
    let words = [
        "t", "'2'", "==", "not", "in", "and", "(", ")", "[", "]", ",", "len", "1.5", "-", "字", "\u{0}", "'", "é=", "<",
    ];
    // A small generator, so that a failure can be repeated.
    let mut seed = 7_u64;
    let mut next = move |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 40).unwrap() % n
    };
    for _ in 0..20_000 {
        let text: String = (0..next(12)).map(|_| words[next(words.len())]).collect();
        if let Ok(expr) = Expr::parse(&text) {
            let _ = expr.check(&type_of);
            let _ = (expr.holds(&row()), expr.rule(&row()));
        }
    }
}

#[test]
fn decimals_are_exact_and_bounded() {
    assert_eq!(Decimal::parse("0.1").unwrap().to_string(), "0.1");
    assert_eq!(Decimal::parse("-3").unwrap().to_string(), "-3");
    for text in ["", ".", "1.", ".5", "1e3", "１", "1.1234567", "1234567890123456", "+1", "--1"] {
        assert_eq!(Decimal::parse(text), None, "{text}");
    }
}
