//! Types of an expression: comparing different types, or asking a function for what it cannot do, is
//! a mistake in the definition and found at load.

use super::{Comparison, ExprError, Function, Kind, Node, TODAY, Type, fault};

pub(super) fn check(root: &Node, source: &str, type_of: &dyn Fn(&str) -> Option<Type>) -> Result<(), ExprError> {
    let checker = Checker { source, type_of };
    checker.expect(root, Type::Flag)
}

struct Checker<'a> {
    source: &'a str,
    type_of: &'a dyn Fn(&str) -> Option<Type>,
}

impl Checker<'_> {
    fn wrong<T>(&self, node: &Node, zh: &str, en: &str) -> Result<T, ExprError> {
        Err(fault(self.source, node.span.clone(), zh, en))
    }

    fn expect(&self, node: &Node, wanted: Type) -> Result<(), ExprError> {
        let found = self.infer(node)?;
        if found.same_as(wanted) {
            return Ok(());
        }
        let zh = format!("此处应为{}，却是{}", wanted.zh(), found.zh());
        let en = format!("expected {}, found {}", wanted.en(), found.en());
        self.wrong(node, &zh, &en)
    }

    fn infer(&self, node: &Node) -> Result<Type, ExprError> {
        match &node.kind {
            Kind::Number(_) => Ok(Type::Number),
            Kind::Text(_) => Ok(Type::Text),
            Kind::List(_) => Ok(Type::List),
            Kind::Name(name) if name == TODAY => Ok(Type::Date),
            Kind::Name(name) => match (self.type_of)(name) {
                Some(found) => Ok(found),
                None => self.wrong(node, "表单里没有这个字段", "the form has no such field"),
            },
            Kind::Call(function, arguments) => self.call(*function, arguments),
            Kind::Not(inner) => self.expect(inner, Type::Flag).map(|()| Type::Flag),
            Kind::Negative(inner) => self.expect(inner, Type::Number).map(|()| Type::Number),
            Kind::Sum(a, _, b) => {
                self.expect(a, Type::Number)?;
                self.expect(b, Type::Number)?;
                Ok(Type::Number)
            }
            Kind::Compare(a, comparison, b) => self.compare(node, a, *comparison, b),
            Kind::In { left, right, .. } => {
                self.expect(left, Type::Text)?;
                self.expect(right, Type::List)?;
                Ok(Type::Flag)
            }
            Kind::All(parts) | Kind::Any(parts) => {
                for part in parts {
                    self.expect(part, Type::Flag)?;
                }
                Ok(Type::Flag)
            }
        }
    }

    fn compare(&self, node: &Node, a: &Node, comparison: Comparison, b: &Node) -> Result<Type, ExprError> {
        let (left, right) = (self.infer(a)?, self.infer(b)?);
        if !left.same_as(right) {
            let zh = format!("不能比较{}和{}", left.zh(), right.zh());
            let en = format!("{} and {} cannot be compared", left.en(), right.en());
            return self.wrong(node, &zh, &en);
        }
        let ordered = matches!(left, Type::Number | Type::Date | Type::Month);
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let comparable = ordered || (equality && matches!(left, Type::Text | Type::IdNumber | Type::Flag));
        if comparable {
            return Ok(Type::Flag);
        }
        let zh = format!("{}不能这样比较", left.zh());
        let en = format!("{} cannot be compared like this", left.en());
        self.wrong(node, &zh, &en)
    }

    fn call(&self, function: Function, arguments: &[Node]) -> Result<Type, ExprError> {
        match (function, arguments) {
            (Function::Age, [number, day]) => {
                if !matches!(number.kind, Kind::Name(_)) || self.infer(number)? != Type::IdNumber {
                    return self.wrong(
                        number,
                        "age 的第一个参数应为证件号码字段",
                        "age wants a field with an ID number first",
                    );
                }
                self.expect(day, Type::Date)?;
                Ok(Type::Number)
            }
            (Function::Days, [from, to]) => {
                self.expect(from, Type::Date)?;
                self.expect(to, Type::Date)?;
                Ok(Type::Number)
            }
            (Function::HasAny, [list, values]) => {
                self.expect(list, Type::List)?;
                self.expect(values, Type::List)?;
                Ok(Type::Flag)
            }
            (Function::Len, [value]) => match self.infer(value)? {
                Type::List | Type::Rows | Type::Text => Ok(Type::Number),
                _ => self.wrong(value, "len 只能用于多选、列表或文字", "len wants a list, rows or text"),
            },
            (Function::Int, [value]) => match self.infer(value)? {
                Type::Text | Type::Number => Ok(Type::Number),
                _ => self.wrong(value, "int 只能用于文字或数值", "int wants text or a number"),
            },
            (Function::Filled, [value]) => {
                if !matches!(value.kind, Kind::Name(_)) {
                    return self.wrong(value, "filled 的参数应为字段", "filled wants a field");
                }
                self.infer(value).map(|_| Type::Flag)
            }
            // The parser has counted the arguments.
            _ => Ok(Type::Opaque),
        }
    }
}
