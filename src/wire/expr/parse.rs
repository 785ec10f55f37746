//! From words to a tree. `not` binds tighter than `in` and comparison, then `and`, then `or`;
//! `not in` is one operator; comparisons do not chain. Depth is bounded, so hostile text cannot
//! exhaust the stack.

use std::ops::Range;

use super::token::{Spanned, Token, tokens};
use super::{ExprError, Function, Kind, Node, Sign, fault};

/// Deepest nesting of brackets, `not` and signs.
const MAX_DEPTH: usize = 32;
/// Most operands in one run of `+`, `-`; such a run nests to the left.
const MAX_RUN: usize = 64;

pub(super) fn parse(source: &str) -> Result<Node, ExprError> {
    let tokens = tokens(source)?;
    let mut parser = Parser { source, tokens, at: 0, depth: 0 };
    let root = parser.any()?;
    match parser.tokens.get(parser.at) {
        None => Ok(root),
        Some((_, span)) => {
            Err(fault(source, span.clone(), "此处多余或缺少运算符", "unexpected here; is an operator missing?"))
        }
    }
}

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Spanned>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn next_is(&mut self, token: &Token) -> bool {
        let hit = self.peek() == Some(token);
        self.at += usize::from(hit);
        hit
    }

    fn here(&self) -> Range<usize> {
        let end = self.source.len();
        self.tokens.get(self.at).map_or(end..end, |(_, span)| span.clone())
    }

    fn wrong(&self, zh: &str, en: &str) -> ExprError {
        fault(self.source, self.here(), zh, en)
    }

    fn any(&mut self) -> Result<Node, ExprError> {
        self.run(&Token::Or, Self::all, Kind::Any)
    }

    fn all(&mut self) -> Result<Node, ExprError> {
        self.run(&Token::And, Self::comparison, Kind::All)
    }

    fn run(
        &mut self,
        word: &Token,
        part: fn(&mut Self) -> Result<Node, ExprError>,
        join: fn(Vec<Node>) -> Kind,
    ) -> Result<Node, ExprError> {
        let first = part(self)?;
        if self.peek() != Some(word) {
            return Ok(first);
        }
        let start = first.span.start;
        let mut parts = vec![first];
        while self.next_is(word) {
            parts.push(part(self)?);
        }
        let end = parts.last().map_or(start, |last| last.span.end);
        Ok(Node { kind: join(parts), span: start..end })
    }

    fn comparison(&mut self) -> Result<Node, ExprError> {
        let left = self.sum()?;
        let comparison = match self.peek() {
            Some(Token::Compare(comparison)) => *comparison,
            Some(Token::In) => return self.membership(left, false),
            Some(Token::Not) if matches!(self.tokens.get(self.at + 1), Some((Token::In, _))) => {
                self.at += 1;
                return self.membership(left, true);
            }
            _ => return Ok(left),
        };
        self.at += 1;
        let right = self.sum()?;
        if matches!(self.peek(), Some(Token::Compare(_) | Token::In)) {
            return Err(self.wrong("比较不能连写，请用 and 连接", "comparisons do not chain; join them with `and`"));
        }
        let span = left.span.start..right.span.end;
        Ok(Node { kind: Kind::Compare(Box::new(left), comparison, Box::new(right)), span })
    }

    fn membership(&mut self, left: Node, negated: bool) -> Result<Node, ExprError> {
        self.at += 1;
        let right = self.sum()?;
        let span = left.span.start..right.span.end;
        Ok(Node { kind: Kind::In { left: Box::new(left), negated, right: Box::new(right) }, span })
    }

    fn sum(&mut self) -> Result<Node, ExprError> {
        let mut left = self.unary()?;
        for _ in 0..MAX_RUN {
            let sign = match self.peek() {
                Some(Token::Plus) => Sign::Plus,
                Some(Token::Minus) => Sign::Minus,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.unary()?;
            let span = left.span.start..right.span.end;
            left = Node { kind: Kind::Sum(Box::new(left), sign, Box::new(right)), span };
        }
        Err(self.wrong("加减项过多", "too many terms"))
    }

    fn unary(&mut self) -> Result<Node, ExprError> {
        if self.depth >= MAX_DEPTH {
            return Err(self.wrong("嵌套过深", "nested too deeply"));
        }
        self.depth += 1;
        let start = self.here().start;
        let node = if self.next_is(&Token::Not) {
            let inner = self.unary()?;
            Node { span: start..inner.span.end, kind: Kind::Not(Box::new(inner)) }
        } else if self.next_is(&Token::Minus) {
            let inner = self.unary()?;
            Node { span: start..inner.span.end, kind: Kind::Negative(Box::new(inner)) }
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, ExprError> {
        let Some((token, span)) = self.tokens.get(self.at).cloned() else {
            return Err(self.wrong("表达式不完整", "the expression ends too early"));
        };
        self.at += 1;
        let kind = match token {
            Token::Number(value) => Kind::Number(value),
            Token::Text(text) => Kind::Text(text),
            Token::Name(name) if self.peek() == Some(&Token::Open) => return self.call(&name, span),
            Token::Name(name) => Kind::Name(name),
            Token::OpenList => return self.list(span.start),
            Token::Open => {
                let inner = self.any()?;
                if !self.next_is(&Token::Close) {
                    return Err(self.wrong("缺少右括号", "a closing bracket is missing"));
                }
                return Ok(inner);
            }
            _ => {
                self.at -= 1;
                return Err(self.wrong("此处应为字段、数值或函数", "a field, a value or a function is expected here"));
            }
        };
        Ok(Node { kind, span })
    }

    fn call(&mut self, name: &str, span: Range<usize>) -> Result<Node, ExprError> {
        let Some(function) = Function::named(name) else {
            return Err(fault(self.source, span, "不认识的函数", "unknown function"));
        };
        self.at += 1;
        let mut arguments = Vec::new();
        while !self.next_is(&Token::Close) {
            if !arguments.is_empty() && !self.next_is(&Token::Comma) {
                return Err(self.wrong("缺少逗号或右括号", "a comma or a closing bracket is missing"));
            }
            arguments.push(self.sum()?);
        }
        let span = span.start..self.end_of_last();
        if arguments.len() != function.arguments() {
            return Err(fault(self.source, span, "参数个数不对", "wrong number of arguments"));
        }
        Ok(Node { kind: Kind::Call(function, arguments), span })
    }

    fn list(&mut self, start: usize) -> Result<Node, ExprError> {
        let mut values = Vec::new();
        while !self.next_is(&Token::CloseList) {
            if !values.is_empty() && !self.next_is(&Token::Comma) {
                return Err(self.wrong("缺少逗号或右方括号", "a comma or a closing bracket is missing"));
            }
            match self.peek() {
                Some(Token::Text(text)) => values.push(text.clone()),
                _ => return Err(self.wrong("列表里只能写带引号的值", "a list holds quoted values only")),
            }
            self.at += 1;
        }
        Ok(Node { kind: Kind::List(values), span: start..self.end_of_last() })
    }

    fn end_of_last(&self) -> usize {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |(_, span)| span.end)
    }
}
