//! The demo hall's registers: records of the fictional people in its catalogue, laid out as the departments do.
use std::collections::BTreeMap;
use std::sync::Arc;

use wire::api::RecordSheet;
use wire::catalogue::{DemoRecords as Kept, InsuranceMonth, Property, ProvidentFund, TaxYear};
use wire::form::Value;

use super::{Question, RecordSource, SourceError};
use crate::cases::id_number_spelling;
use crate::content::Version;

/// Which item asks which register.
const INSURANCE: &str = "XC-RSJ-01";
const FUND: &str = "XC-GJJ-01";
const PROPERTY: &str = "XC-BDC-01";
const TAX: &str = "XC-SWJ-01";

/// The registers.
pub(crate) struct DemoRecords {
    version: Arc<Version>,
    /// Person's number and name → records.
    people: BTreeMap<(String, String), Kept>,
}

impl DemoRecords {
    /// `None` where the catalogue has no demo people.
    pub(crate) fn of(version: &Arc<Version>) -> Option<Self> {
        let demo = version.loaded.catalogue.demo.as_ref()?;
        let people = demo.people.iter().map(|person| {
            let records = demo.records.get(&person.demo_id).cloned().unwrap_or_default();
            ((person.id_no.clone(), person.name.clone()), records)
        });
        Some(Self { people: people.collect(), version: Arc::clone(version) })
    }

    /// The word of a kind of insurance, as the item's form has it.
    fn kind(&self, question: &Question<'_>, code: &str) -> String {
        let codes = &self.version.loaded.catalogue.codes;
        let field = question.item.form.field("ins_type");
        let choices = field.map(|field| codes.choices(field)).unwrap_or_default();
        choices.iter().find(|choice| choice.value == code).map_or_else(|| code.to_owned(), |it| it.label.zh.clone())
    }

    fn insurance(&self, question: &Question<'_>, months: &[InsuranceMonth]) -> RecordSheet {
        let kinds = match question.answers.get("ins_type") {
            Some(Value::List(kinds)) => kinds.as_slice(),
            _ => &[],
        };
        let span = months_of(question);
        let asked =
            |month: &&InsuranceMonth| within(&month.month, span) && (kinds.is_empty() || kinds.contains(&month.kind));
        let rows: Vec<Vec<String>> = months
            .iter()
            .filter(asked)
            .map(|it| {
                let paid = if it.paid { "已缴" } else { "未缴" };
                vec![
                    it.month.clone(),
                    self.kind(question, &it.kind),
                    it.employer.clone(),
                    yuan(it.base),
                    paid.to_owned(),
                ]
            })
            .collect();
        let columns = ["缴费月份", "险种", "缴费单位", "缴费基数（元）", "状态"];
        table((format!("{} 个月", rows.len()), "缴费月数"), &columns, rows)
    }
}

impl RecordSource for DemoRecords {
    fn offers(&self, item_id: &str) -> bool {
        [INSURANCE, FUND, PROPERTY, TAX].contains(&item_id)
    }

    fn look_up(&self, question: &Question<'_>) -> Result<RecordSheet, SourceError> {
        let key = (id_number_spelling(question.id_no), question.name.trim().to_owned());
        let kept = self.people.get(&key).ok_or(SourceError::Unknown)?;
        Ok(match question.item.item_id.as_str() {
            INSURANCE => self.insurance(question, &kept.social_insurance),
            FUND => fund(kept.provident_fund.as_ref()),
            PROPERTY => property(&kept.property),
            _ => tax(question, &kept.tax),
        })
    }
}

fn fund(account: Option<&ProvidentFund>) -> RecordSheet {
    let Some(account) = account else { return nothing() };
    let fact = |label: &str, value: String| (label.to_owned(), value);
    let mut sheet = RecordSheet::default();
    sheet.facts = vec![
        fact("账户状态", account.status.clone()),
        fact("账户余额（元）", yuan(account.balance)),
        fact("月缴存额（元）", yuan(account.monthly)),
    ];
    sheet
}

fn property(all: &[Property]) -> RecordSheet {
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|it| {
            let mortgaged = if it.mortgaged { "有抵押" } else { "无抵押" };
            vec![it.cert_no.clone(), it.located.clone(), format!("{:.2}", it.area_m2), mortgaged.to_owned()]
        })
        .collect();
    let columns = ["不动产权证号", "坐落", "建筑面积（㎡）", "抵押"];
    table((format!("{} 处", rows.len()), "登记的不动产"), &columns, rows)
}

fn tax(question: &Question<'_>, years: &[TaxYear]) -> RecordSheet {
    let span = months_of(question);
    // A year counts when any of its months was asked for.
    let asked = |it: &&TaxYear| {
        let (first, last) = (format!("{}-01", it.year), format!("{}-12", it.year));
        span.is_none_or(|(from, to)| last.as_str() >= from && first.as_str() <= to)
    };
    let rows: Vec<Vec<String>> =
        years.iter().filter(asked).map(|it| vec![it.year.to_string(), yuan(it.income), yuan(it.tax)]).collect();
    let columns = ["年度", "收入（元）", "已缴税额（元）"];
    table((format!("{} 个", rows.len()), "有记录的年度"), &columns, rows)
}

fn table((count, label): (String, &str), columns: &[&str], rows: Vec<Vec<String>>) -> RecordSheet {
    if rows.is_empty() {
        return nothing();
    }
    RecordSheet {
        facts: vec![(label.to_owned(), count)],
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        rows,
        remark: String::new(),
    }
}

fn nothing() -> RecordSheet {
    let mut sheet = RecordSheet::default();
    "所查范围内没有记录。".clone_into(&mut sheet.remark);
    sheet
}

fn months_of<'a>(question: &Question<'a>) -> Option<(&'a str, &'a str)> {
    match question.answers.get("months") {
        Some(Value::Range { from, to }) => Some((from, to)),
        _ => None,
    }
}

fn within(month: &str, span: Option<(&str, &str)>) -> bool {
    span.is_none_or(|(from, to)| from <= month && month <= to)
}

fn yuan(sum: f64) -> String {
    format!("{sum:.2}")
}
