//! Whether an item's definition can be understood: every expression, validator, reference and type.
//! Whatever cannot makes that item unusable and is told to the hall manager with item, field and words.

use serde::Deserialize as _;
use serde_json::Value;

use super::{Catalogue, CrossRule, Field, FieldType, Form, Item, Material, Text};
use crate::expr::{Expr, ExprError, Type};

/// Why an item was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The item.
    pub item_id: String,
    /// The field or material; empty when it is about the whole item.
    pub field: String,
    /// What is wrong, naming item, field and the offending words.
    pub message: Text,
}

type Faults = Vec<Unusable>;

pub(super) fn item(value: Value, catalogue: &Catalogue) -> Result<Item, Faults> {
    let id = value.get("item_id").and_then(Value::as_str).unwrap_or("?").to_owned();
    let item: Item = Item::deserialize(&value).map_err(|error| unreadable(&id, &value, &error.to_string()))?;
    let mut check = Check { id: &id, catalogue, form: &item.form, faults: Vec::new() };
    check.form();
    for material in &item.materials {
        check.material(material);
    }
    if catalogue.items.iter().any(|other| other.item_id == id) {
        check.tell("", "事项编号重复", "the item id is used twice");
    }
    let faults = check.faults;
    if faults.is_empty() { Ok(item) } else { Err(faults) }
}

/// The item as a whole could not be read: find each field, rule and material that cannot.
fn unreadable(id: &str, value: &Value, whole: &str) -> Faults {
    let mut faults = Vec::new();
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    for section in list(value.pointer("/form/sections")) {
        for field in list(section.get("fields")) {
            part::<Field>(id, "key", &field, &mut faults);
        }
    }
    for rule in list(value.pointer("/form/cross_rules")) {
        part::<CrossRule>(id, "rule", &rule, &mut faults);
    }
    for material in list(value.get("materials")) {
        part::<Material>(id, "material_name", &material, &mut faults);
    }
    if faults.is_empty() {
        faults.push(fault(id, "", "无法读取", whole));
    }
    faults
}

fn part<T: serde::de::DeserializeOwned>(id: &str, name: &str, value: &Value, faults: &mut Faults) {
    let Err(error) = serde_json::from_value::<T>(value.clone()) else { return };
    let field = value.get(name).and_then(Value::as_str).unwrap_or("?");
    faults.push(fault(id, field, &format!("无法理解：{error}"), &format!("cannot be understood: {error}")));
}

fn fault(id: &str, field: &str, zh: &str, en: &str) -> Unusable {
    let (at_zh, at_en) = if field.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("，字段“{field}”"), format!(", field `{field}`"))
    };
    let message = Text {
        zh: format!("事项 {id}{at_zh}：{zh}。该事项已停用，其他事项不受影响。"),
        en: format!("Item {id}{at_en}: {en}. This item is switched off; the others are not affected."),
    };
    Unusable { item_id: id.to_owned(), field: field.to_owned(), message }
}

struct Check<'a> {
    id: &'a str,
    catalogue: &'a Catalogue,
    form: &'a Form,
    faults: Faults,
}

impl Check<'_> {
    fn tell(&mut self, field: &str, zh: &str, en: &str) {
        self.faults.push(fault(self.id, field, zh, en));
    }

    fn form(&mut self) {
        let form = self.form;
        let mut seen = std::collections::BTreeSet::new();
        for field in form.fields() {
            if !seen.insert(field.key.as_str()) || field.key == "today" || field.key.contains(['.', '#']) {
                self.tell(&field.key, "字段名重复或不可用", "the key is used twice or cannot be used");
            }
            self.field(field, None);
            for column in &field.columns {
                self.column(column);
                self.field(column, Some(field));
            }
        }
        for rule in &form.cross_rules {
            self.expression(rule.rule.source(), Some(&rule.rule), None);
            for key in &rule.fields {
                if form.field(key).is_none() {
                    let (zh, en) =
                        (format!("规则指向没有的字段 {key}"), format!("a rule names the unknown field {key}"));
                    self.tell(rule.rule.source(), &zh, &en);
                }
            }
        }
        self.circles(form.fields());
        for group in form.fields() {
            self.circles(group.columns.iter());
        }
    }

    /// The page asks these in parts of their own or as rows, for which a row has no room.
    fn column(&mut self, column: &Field) {
        let (zh, en) = match column.kind {
            FieldType::Repeat => ("列表里不能再有列表", "a repeat group cannot hold another"),
            FieldType::Contact => ("列表的列不能是联系方式", "a column of a repeat group cannot be a contact"),
            FieldType::MonthRange => ("列表的列不能是起止月份", "a column of a repeat group cannot be a month range"),
            _ => return,
        };
        self.tell(&column.key, zh, en);
    }

    fn material(&mut self, material: &Material) {
        self.expression(&material.material_name, material.condition.as_ref(), None);
    }

    fn field(&mut self, field: &Field, group: Option<&Field>) {
        for expr in [&field.visible_if, &field.required_if, &field.readonly_unless] {
            self.expression(&field.key, expr.as_ref(), group);
        }
        self.choices(field);
        for validator in &field.validators {
            if !validator.fits(field.kind) {
                let words = format!("{validator}");
                let zh = format!("校验 {words} 不能用于这种字段");
                self.tell(&field.key, &zh, &format!("validator {words} does not fit this type of field"));
            }
            let Some(other) = validator.other_field() else { continue };
            let target = self.named(other, group).map(|target| target.kind.operand());
            if !target.is_some_and(|kind| kind.same_as(field.kind.operand())) {
                let (zh, en) = (
                    format!("{validator} 所指字段不存在或类型不同"),
                    format!("{validator} names no field of this type"),
                );
                self.tell(&field.key, &zh, &en);
            }
        }
        if let Some(role) = field.role()
            && !self.catalogue.card_roles.contains_key(role)
        {
            self.tell(&field.key, &format!("不认识的持卡人 {role}"), &format!("unknown card role {role}"));
        }
        if (field.kind == FieldType::Repeat) == field.columns.is_empty() {
            self.tell(&field.key, "只有列表字段才有列，且不能没有列", "a repeat group, and only that, has columns");
        }
        if field.kind == FieldType::Contact && field.kinds.is_empty() {
            self.tell(&field.key, "没有写明可选的联系方式", "the kinds of contact are missing");
        }
    }

    fn choices(&mut self, field: &Field) {
        if let Some(table) = &field.options_ref
            && self.catalogue.codes.table(table).is_none()
        {
            self.tell(&field.key, &format!("没有代码表 {table}"), &format!("there is no code table {table}"));
        }
        let none = field.options.is_empty() && field.options_ref.is_none();
        if field.kind.has_choices() == none {
            self.tell(&field.key, "选择类字段且只有它有选项", "a field with choices, and only that, has options");
        }
        let choices = self.catalogue.codes.choices(field);
        if field.kind.has_choices()
            && let Some(value) = &field.default
            && !choices.iter().any(|choice| choice.value == *value)
        {
            self.tell(&field.key, &format!("默认值 {value} 不在选项里"), &format!("the default {value} is no option"));
        }
    }

    fn named<'f>(&'f self, key: &str, group: Option<&'f Field>) -> Option<&'f Field> {
        let column = group.and_then(|group| group.columns.iter().find(|column| column.key == key));
        column.or_else(|| self.form.fields().find(|field| field.key == key))
    }

    fn expression(&mut self, place: &str, expr: Option<&Expr>, group: Option<&Field>) {
        let Some(expr) = expr else { return };
        let type_of = |name: &str| -> Option<Type> { self.named(name, group).map(|field| field.kind.operand()) };
        if let Err(error) = expr.check(&type_of) {
            let (zh, en) = words(&error);
            self.tell(place, &zh, &en);
        }
    }

    /// A field whose visibility hangs, round some corners, on itself; or a column among those of its group. No field
    /// of the form can see into a row, so that no circle leads through both.
    fn circles<'f>(&mut self, fields: impl Iterator<Item = &'f Field> + Clone) {
        for field in fields.clone() {
            let mut reached = std::collections::BTreeSet::new();
            let mut left = vec![field];
            while let Some(next) = left.pop() {
                let names = next.visible_if.as_ref().map(Expr::names).unwrap_or_default();
                for name in names {
                    if reached.insert(name.to_owned()) {
                        left.extend(fields.clone().find(|other| other.key == name));
                    }
                }
            }
            if reached.contains(&field.key) {
                self.tell(&field.key, "显示条件绕回到自己", "its visibility depends on itself");
            }
        }
    }
}

fn words(error: &ExprError) -> (String, String) {
    let place = format!("{}..{}", error.span.start, error.span.end);
    let (found, source) = (&error.found, &error.source_text);
    (
        format!("{}：“{found}”(第 {place} 字节，全文“{source}”)", error.message.zh),
        format!("{}: `{found}` at {place} of `{source}`", error.message.en),
    )
}
