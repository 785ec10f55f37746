//! A form's fields as the question page shows them: facts, lines with their keyboard, buttons, lists, ticks,
//! and the parts and rows of composed fields.

use super::prefill::card_item;
use super::{Apply, Origin, edit, questions::Questions};
use crate::session::Surroundings;
use crate::view::{self, Choice, Control, Keyboard};
use wire::catalogue::{CardItem, Field, FieldType, Regions};
use wire::form::{Answers, Contact, ContactKind, Issue, Validator, Value, columns_shown, required, visible};

/// More choices than this become a list.
const BUTTONS_MAX: usize = 6;

impl Apply {
    /// The fields of a page that are shown now.
    pub(super) fn fields_shown(&self, questions: &Questions, around: &Surroundings) -> Vec<view::Field> {
        let context = self.context(around);
        let form = &self.item().form;
        let shown = visible(form, &self.answers, &context);
        let Some(group) = self.pages.get(questions.page) else { return Vec::new() };
        let mut fields = Vec::new();
        for field in group.keys.iter().filter(|key| shown.contains(*key)).filter_map(|key| form.field(key)) {
            let optional = !required(form, field, &self.answers, &context);
            self.add_field(field, optional, &questions.issues, around, &mut fields);
        }
        fields
    }

    fn add_field(
        &self,
        field: &Field,
        optional: bool,
        issues: &[Issue],
        around: &Surroundings,
        fields: &mut Vec<view::Field>,
    ) {
        let error = |key: &str| error_of(issues, key, around);
        let plain = |key: String, label: String, control: Control| view::Field {
            error: error(&key),
            key,
            label,
            help: field.help(around.english()).to_owned(),
            optional,
            control,
        };
        let label = field.label(around.english()).to_owned();
        if self.is_fact(&field.key) {
            let value = self.shown_value(field, false, around);
            let control = Control::Fact { value, origin: view::Origin::Card, changeable: true };
            fields.push(plain(field.key.clone(), label, control));
            return;
        }
        match field.kind {
            FieldType::Contact => self.add_contact(field, optional, error(&field.key), around, fields),
            FieldType::MonthRange => {
                let (from, to) = match self.answers.get(&field.key) {
                    Some(Value::Range { from, to }) => (from.clone(), to.clone()),
                    _ => (String::new(), String::new()),
                };
                let month = |text: String| Control::Line { text, keyboard: Keyboard::Month, max_len: 0 };
                let mut first = plain(format!("{}#from", field.key), around.say("从哪个月", "From month"), month(from));
                first.help = label;
                first.error = error(&field.key);
                fields.push(first);
                fields.push(plain(format!("{}#to", field.key), around.say("到哪个月", "To month"), month(to)));
            }
            FieldType::Repeat => self.add_rows(field, issues, around, fields),
            _ => {
                let control = self.control(field, self.answers.get(&field.key), around);
                let mut shown = plain(field.key.clone(), label, control);
                if self.opened.contains(&field.key) && shown.help.is_empty() {
                    shown.help = around.say("与证件一致，写完整", "In full, as on your card");
                }
                fields.push(shown);
            }
        }
    }

    fn add_contact(
        &self,
        field: &Field,
        optional: bool,
        error: String,
        around: &Surroundings,
        fields: &mut Vec<view::Field>,
    ) {
        let contact = match self.answers.get(&field.key) {
            Some(Value::Contact(contact)) => Some(contact),
            _ => None,
        };
        let choices = field
            .kinds
            .iter()
            .map(|kind| Choice {
                value: edit::kind_name(*kind).to_owned(),
                label: contact_words(*kind, around),
                section: String::new(),
                selected: contact.is_some_and(|c| c.kind == *kind),
            })
            .collect();
        let asks_value = contact.is_some_and(|c| c.kind != ContactKind::None);
        fields.push(view::Field {
            key: format!("{}#kind", field.key),
            label: around.say("办好了怎样联系您？", "How shall we reach you?"),
            help: field.label(around.english()).to_owned(),
            optional,
            error: if asks_value { String::new() } else { error.clone() },
            control: Control::Buttons { choices, many: false },
        });
        let Some(contact) = contact.filter(|_| asks_value) else { return };
        fields.extend(contact_lines(&field.key, contact, error, around));
    }

    fn add_rows(&self, field: &Field, issues: &[Issue], around: &Surroundings, fields: &mut Vec<view::Field>) {
        let rows: &[Answers] = match self.answers.get(&field.key) {
            Some(Value::Rows(rows)) => rows,
            _ => &[],
        };
        let columns = columns_shown(&self.item().form, field, rows, &self.answers, &self.context(around));
        for (index, (row, columns)) in rows.iter().zip(columns).enumerate() {
            let prefix = format!("{}.{index}", field.key);
            fields.push(view::Field {
                key: prefix.clone(),
                label: field.label(around.english()).to_owned(),
                help: String::new(),
                optional: false,
                error: String::new(),
                control: Control::RowHead { title: row_title(index, around) },
            });
            for (column, must) in columns {
                let key = format!("{prefix}.{}", column.key);
                fields.push(view::Field {
                    error: error_of(issues, &key, around),
                    label: column.label(around.english()).to_owned(),
                    help: String::new(),
                    optional: !must,
                    control: self.control(column, row.get(&column.key), around),
                    key,
                });
            }
        }
        fields.push(view::Field {
            key: field.key.clone(),
            label: around.say(
                &format!("再加一名({})", field.label(around.english()).to_owned()),
                &format!("Add one ({})", field.label(around.english()).to_owned()),
            ),
            help: String::new(),
            optional: false,
            error: error_of(issues, &field.key, around),
            control: Control::AddRow { enabled: field.max_rows.is_none_or(|max| rows.len() < max) },
        });
    }

    fn control(&self, field: &Field, value: Option<&Value>, around: &Surroundings) -> Control {
        let text = || match value {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let max_len = field.max_len.map_or(0, |max| u32::try_from(max).unwrap_or(0));
        let line = |keyboard| Control::Line { text: text(), keyboard, max_len };
        match field.kind {
            FieldType::Textarea => Control::Paragraph { text: text(), max_len },
            FieldType::IdcardNo => line(Keyboard::IdNumber),
            FieldType::Uscc => line(Keyboard::Code),
            FieldType::Mobile => line(Keyboard::Mobile),
            FieldType::Date => line(Keyboard::Date),
            FieldType::Month | FieldType::MonthRange => line(Keyboard::Month),
            FieldType::Integer => line(Keyboard::Digits),
            FieldType::Decimal | FieldType::Money => line(Keyboard::Decimal),
            FieldType::BankCard => line(Keyboard::BankCard),
            FieldType::Checkbox => Control::Tick { on: matches!(value, Some(Value::Flag(true))) },
            FieldType::Select | FieldType::Radio | FieldType::Multiselect | FieldType::Region => {
                let many = field.kind == FieldType::Multiselect;
                let choices = self.choices(field, value, around);
                if choices.len() <= BUTTONS_MAX {
                    Control::Buttons { choices, many }
                } else {
                    Control::List { choices, many }
                }
            }
            _ => line(Keyboard::Text),
        }
    }

    fn choices(&self, field: &Field, value: Option<&Value>, around: &Surroundings) -> Vec<Choice> {
        let selected = |option: &str| match value {
            Some(Value::Text(text)) => text == option,
            Some(Value::List(list)) => list.iter().any(|one| one == option),
            _ => false,
        };
        let codes = self.content.codes();
        if field.kind == FieldType::Region {
            let all = regions(codes.regions(), field.level.unwrap_or(2), around).into_iter();
            return all
                .map(|(value, label, section)| Choice { selected: selected(&value), value, label, section })
                .collect();
        }
        let choice = |option: &wire::catalogue::Choice| Choice {
            selected: selected(&option.value),
            label: around.pick(&option.label),
            section: String::new(),
            value: option.value.clone(),
        };
        codes.choices(field).iter().map(choice).collect()
    }

    /// A field's answer in words; masked unless revealed.
    pub(super) fn shown_value(&self, field: &Field, revealed: bool, around: &Surroundings) -> String {
        let value = self.answers.get(&field.key);
        value.map(|value| self.value_in_words(field, value, revealed, around)).unwrap_or_default()
    }

    /// The same of a value: the field's own, or one in a column of its rows.
    fn value_in_words(&self, field: &Field, value: &Value, revealed: bool, around: &Surroundings) -> String {
        match value {
            Value::Text(text) if !revealed && field.kind == FieldType::IdcardNo => wire::mask::id_number(text),
            Value::Text(text) if !revealed && self.is_name(field) => wire::mask::name(text),
            Value::Text(text) if !revealed && field.kind == FieldType::Mobile => wire::mask::phone(text),
            Value::Text(text) if !revealed && field.kind == FieldType::BankCard => wire::mask::account(text),
            Value::Text(text) if !revealed && is_address(field) => wire::mask::address(text),
            Value::Text(_) | Value::List(_) if field.kind.has_choices() || field.kind == FieldType::Region => {
                let chosen: Vec<String> = self
                    .choices(field, Some(value), around)
                    .into_iter()
                    .filter(|choice| choice.selected)
                    .map(|choice| choice.label)
                    .collect();
                chosen.join("、")
            }
            Value::Text(text) => text.clone(),
            Value::Flag(on) => {
                if *on {
                    around.say("已确认", "Agreed")
                } else {
                    around.say("未确认", "Not agreed")
                }
            }
            Value::List(list) => list.join("、"),
            Value::Range { from, to } => format!("{from} — {to}"),
            Value::Contact(contact) => contact_shown(contact, revealed, around),
            Value::Rows(rows) => self.rows_in_words(field, rows, revealed, around),
        }
    }

    /// Every row, and in it every column that is shown on a line of its own.
    fn rows_in_words(&self, group: &Field, rows: &[Answers], revealed: bool, around: &Surroundings) -> String {
        let mut lines = Vec::new();
        let columns = columns_shown(&self.item().form, group, rows, &self.answers, &self.context(around));
        for (index, (row, columns)) in rows.iter().zip(columns).enumerate() {
            lines.push(row_title(index, around));
            for (column, _) in columns {
                let Some(value) = row.get(&column.key) else { continue };
                let words = self.value_in_words(column, value, revealed, around);
                lines.push(format!("{}{}{words}", column.label(around.english()), around.say("：", ": ")));
            }
        }
        lines.join("\n")
    }

    /// Whether a person's name stands in it, or what must be the same as one.
    fn is_name(&self, field: &Field) -> bool {
        let same = |rule: &Validator| match rule {
            Validator::Equal(key) => self.item().form.field(key).is_some_and(names_a_person),
            _ => false,
        };
        names_a_person(field) || field.validators.iter().any(same)
    }

    /// Where an answer comes from, in words for the review.
    pub(super) fn origin_words(&self, key: &str, around: &Surroundings) -> String {
        let of_card = || self.item().form.field(key).is_some_and(|field| card_item(field).is_some());
        match self.origins.get(key) {
            Some(Origin::Card(_)) => around.say("来自身份证", "from the ID card"),
            // What a card would have said is level C now. That all else is typed goes without saying.
            Some(Origin::User) if of_card() => around.say("自填", "typed by you"),
            _ => String::new(),
        }
    }
}

/// Whether the form says that a person's name stands in it: by the card, by its check, or, where a name goes unchecked
/// (a child's in a row), by its label.
fn names_a_person(field: &Field) -> bool {
    card_item(field) == Some(CardItem::Name)
        || field.validators.contains(&Validator::Name)
        || (field.kind == FieldType::Text && field.label_zh.ends_with("姓名"))
}

fn is_address(field: &Field) -> bool {
    field.kind == FieldType::Address || card_item(field) == Some(CardItem::Address)
}

fn row_title(index: usize, around: &Surroundings) -> String {
    around.say(&format!("第 {} 名", index + 1), &format!("No. {}", index + 1))
}

/// Code, name and section of every region of a level (1 province, 2 city, 3 county or a city that has none).
fn regions(table: &Regions, level: u8, around: &Surroundings) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for province in &table.provinces {
        let name = around.pick(&province.name);
        if level == 1 {
            all.push((province.code.clone(), name, String::new()));
            continue;
        }
        for city in &province.cities {
            let below = format!("{name}/{}", around.pick(&city.name));
            if level == 2 || city.counties.is_empty() {
                all.push((city.code.clone(), around.pick(&city.name), name.clone()));
            } else {
                all.extend(city.counties.iter().map(|c| (c.code.clone(), c.name.clone(), below.clone())));
            }
        }
    }
    all
}

fn error_of(issues: &[Issue], key: &str, around: &Surroundings) -> String {
    let hit = issues.iter().find(|issue| issue.fields.iter().any(|field| field == key || edit::base(field) == key));
    hit.map(|issue| around.pick(&issue.message)).unwrap_or_default()
}

fn contact_words(kind: ContactKind, around: &Surroundings) -> String {
    match kind {
        ContactKind::Mobile => around.say("手机", "Mobile"),
        ContactKind::MobileAbroad => around.say("境外手机", "Mobile abroad"),
        ContactKind::Landline => around.say("座机", "Landline"),
        ContactKind::Via => around.say("家人或村里代收", "Through someone"),
        ContactKind::None => around.say("我自己来查", "I will come and ask"),
    }
}

fn contact_lines(key: &str, contact: &Contact, error: String, around: &Surroundings) -> Vec<view::Field> {
    let line = |part: &str, label: String, text: &str, keyboard: Keyboard, error: String| view::Field {
        key: format!("{key}#{part}"),
        label,
        help: String::new(),
        optional: false,
        error,
        control: Control::Line { text: text.to_owned(), keyboard, max_len: 0 },
    };
    let value =
        |label: String, keyboard: Keyboard, error: String| line("value", label, &contact.value, keyboard, error);
    match contact.kind {
        ContactKind::Mobile => vec![value(around.say("手机号码", "Mobile number"), Keyboard::Mobile, error)],
        ContactKind::MobileAbroad => {
            vec![value(around.say("境外手机号(加国家码)", "Mobile number with country code"), Keyboard::Text, error)]
        }
        ContactKind::Landline => {
            vec![value(around.say("座机号(带区号)", "Landline with area code"), Keyboard::Text, error)]
        }
        ContactKind::Via => vec![
            line(
                "name",
                around.say("代收人姓名(村里代收可不填)", "Name of the person (not needed for a village)"),
                &contact.name,
                Keyboard::Text,
                String::new(),
            ),
            value(around.say("代收人电话，或村(社区)名", "Their phone, or the village"), Keyboard::Text, error),
        ],
        ContactKind::None => Vec::new(),
    }
}

fn contact_shown(contact: &Contact, revealed: bool, around: &Surroundings) -> String {
    let words = contact_words(contact.kind, around);
    if contact.kind == ContactKind::None {
        return words;
    }
    let (name, value) = if revealed {
        (contact.name.clone(), contact.value.clone())
    } else {
        (wire::mask::name(&contact.name), wire::mask::phone(&contact.value))
    };
    [words, name, value].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "tests/fields.rs"]
mod tests;

#[cfg(test)]
#[path = "tests/rows.rs"]
mod tests_of_rows;
