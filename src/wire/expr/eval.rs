//! Evaluation, total and without short cuts: every operand is looked at, because an empty one decides
//! whether a cross rule is skipped.

use std::cell::Cell;

use jiff::civil::Date;

use super::{Comparison, Decimal, Facts, Function, Kind, Node, Operand, Sign, TODAY};
use crate::calendar::whole_years;

pub(super) fn condition(root: &Node, facts: &dyn Facts) -> bool {
    let eval = Eval { facts, saw_empty: Cell::new(false) };
    eval.value(root) == Operand::Flag(true)
}

pub(super) fn rule(root: &Node, facts: &dyn Facts) -> Option<bool> {
    let eval = Eval { facts, saw_empty: Cell::new(false) };
    let held = eval.value(root) == Operand::Flag(true);
    (!eval.saw_empty.get()).then_some(held)
}

/// Natural days from one day to another.
pub(crate) fn days(from: Date, to: Date) -> i64 {
    (to - from).get_days().into()
}

struct Eval<'a> {
    facts: &'a dyn Facts,
    saw_empty: Cell<bool>,
}

impl<'a> Eval<'a> {
    fn noting<'o>(&self, operand: Operand<'o>) -> Operand<'o> {
        if operand == Operand::Empty {
            self.saw_empty.set(true);
        }
        operand
    }

    fn value(&self, node: &'a Node) -> Operand<'a> {
        match &node.kind {
            Kind::Number(value) => Operand::Number(*value),
            Kind::Text(text) => Operand::Text(text),
            Kind::List(values) => Operand::List(values),
            Kind::Name(name) => self.noting(self.name(name)),
            Kind::Call(function, arguments) => self.call(*function, arguments),
            Kind::Not(inner) => Operand::Flag(!self.flag(inner)),
            Kind::Negative(inner) => match self.value(inner) {
                Operand::Number(value) => Operand::Number(value.negated()),
                _ => Operand::Empty,
            },
            Kind::Sum(a, sign, b) => match (self.value(a), self.value(b), sign) {
                (Operand::Number(a), Operand::Number(b), Sign::Plus) => Operand::Number(a.plus(b)),
                (Operand::Number(a), Operand::Number(b), Sign::Minus) => Operand::Number(a.plus(b.negated())),
                _ => Operand::Empty,
            },
            Kind::Compare(a, comparison, b) => {
                let (a, b) = (self.value(a), self.value(b));
                Operand::Flag(compare(a, *comparison, b))
            }
            Kind::In { left, negated, right } => match (self.value(left), self.value(right)) {
                (Operand::Text(one), Operand::List(many)) => {
                    Operand::Flag(many.iter().any(|value| value == one) != *negated)
                }
                _ => Operand::Flag(false),
            },
            Kind::All(parts) => Operand::Flag(parts.iter().fold(true, |all, part| self.flag(part) & all)),
            Kind::Any(parts) => Operand::Flag(parts.iter().fold(false, |any, part| self.flag(part) | any)),
        }
    }

    fn flag(&self, node: &'a Node) -> bool {
        self.value(node) == Operand::Flag(true)
    }

    fn name(&self, name: &str) -> Operand<'a> {
        if name == TODAY { Operand::Date(self.facts.today()) } else { self.facts.operand(name) }
    }

    /// An argument of `filled`, `len` or `has_any`, where an empty field is a plain answer.
    fn quiet(&self, node: &'a Node) -> Operand<'a> {
        match &node.kind {
            Kind::Name(name) => self.name(name),
            _ => self.value(node),
        }
    }

    fn call(&self, function: Function, arguments: &'a [Node]) -> Operand<'a> {
        match (function, arguments) {
            // A box that is not ticked is no for the operators, yet nobody has filled it in.
            (Function::Filled, [value]) => {
                Operand::Flag(!matches!(self.quiet(value), Operand::Empty | Operand::Flag(false)))
            }
            (Function::Len, [value]) => Operand::Number(Decimal::whole(count(self.quiet(value)))),
            (Function::HasAny, [list, values]) => match (self.quiet(list), self.quiet(values)) {
                (Operand::List(list), Operand::List(values)) => {
                    Operand::Flag(list.iter().any(|value| values.contains(value)))
                }
                _ => Operand::Flag(false),
            },
            (Function::Int, [value]) => self.noting(match self.value(value) {
                Operand::Text(text) => Decimal::parse(text.trim()).map_or(Operand::Empty, Operand::Number),
                number @ Operand::Number(_) => number,
                _ => Operand::Empty,
            }),
            (Function::Age, [number, day]) => self.noting(self.age(number, day)),
            (Function::Days, [from, to]) => self.noting(match (self.value(from), self.value(to)) {
                (Operand::Date(from), Operand::Date(to)) => Operand::Number(Decimal::whole(days(from, to))),
                _ => Operand::Empty,
            }),
            _ => Operand::Empty,
        }
    }

    fn age(&self, number: &'a Node, day: &'a Node) -> Operand<'a> {
        let filled = self.value(number) != Operand::Empty;
        match (&number.kind, self.value(day)) {
            (Kind::Name(name), Operand::Date(day)) if filled => match self.facts.birth(name) {
                Some(birth) => Operand::Number(Decimal::whole(whole_years(birth, day))),
                None => Operand::Empty,
            },
            _ => Operand::Empty,
        }
    }
}

fn count(operand: Operand<'_>) -> i64 {
    let count = match operand {
        Operand::List(values) => values.len(),
        Operand::Rows(rows) => rows,
        Operand::Text(text) => text.chars().count(),
        _ => 0,
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn compare(a: Operand<'_>, comparison: Comparison, b: Operand<'_>) -> bool {
    let order = match (a, b) {
        (Operand::Text(a), Operand::Text(b)) => a.cmp(b),
        (Operand::Number(a), Operand::Number(b)) => a.cmp(&b),
        (Operand::Date(a), Operand::Date(b)) => a.cmp(&b),
        (Operand::Month(a), Operand::Month(b)) => a.cmp(&b),
        (Operand::Flag(a), Operand::Flag(b)) => a.cmp(&b),
        _ => return false,
    };
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}
