//! Ranges of numbers and sums, and regions that are not meant.

use crate::catalogue::{Codes, Text};
use crate::expr::Decimal;

pub(super) fn range(text: &str, from: Decimal, to: Decimal) -> Option<Text> {
    let value = Decimal::parse(text)?;
    if (from..=to).contains(&value) {
        return None;
    }
    Some(Text {
        zh: format!("请填写 {from} 至 {to} 之间的数"),
        en: format!("Please enter a number from {from} to {to}"),
    })
}

pub(super) fn region_not(code: &str, excluded: &str, codes: &Codes) -> Option<Text> {
    if !code.starts_with(excluded) {
        return None;
    }
    let whole = format!("{excluded:0<6}");
    let name = codes.regions().name(&whole).unwrap_or_else(|| Text::new("这个地区", "this region"));
    Some(Text {
        zh: format!("这里不能选{}，请选其他地区", name.zh),
        en: format!("{} cannot be chosen here; please choose another region", name.en),
    })
}
