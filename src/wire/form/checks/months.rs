//! Months and ranges of months.

use jiff::civil::Date;

use super::super::Validator;
use crate::catalogue::Text;
use crate::expr::Month;

pub(super) fn single(validator: &Validator, month: Month, today: Date) -> Option<Text> {
    let now = Month::of(today);
    match validator {
        Validator::MonthNotFuture if month > now => {
            Some(Text::new("不能晚于本月，请修改", "This cannot be later than this month; please change it"))
        }
        Validator::MonthGeCurrent if month < now => Some(Text::new(
            "不能早于本月，请选本月或以后的月份",
            "This cannot be earlier than this month; please choose this month or later",
        )),
        _ => None,
    }
}

pub(super) fn range(validator: &Validator, from: &str, to: &str, today: Date) -> Option<Text> {
    let (from, to) = (Month::parse(from)?, Month::parse(to)?);
    match validator {
        Validator::MonthOrder if from > to => Some(Text::new(
            "开始年月不能晚于结束年月，请修改",
            "The first month cannot be later than the last; please change one",
        )),
        Validator::MonthSpanMax(most) => {
            let span = to.index() - from.index() + 1;
            let over = span - most;
            (over > 0).then(|| Text {
                zh: format!("最长 {most} 个月，多了 {over} 个月，请缩短"),
                en: format!("At most {most} months; please shorten it by {over}"),
            })
        }
        Validator::MonthNotFuture => single(validator, from.max(to), today),
        Validator::MonthGeCurrent => single(validator, from.min(to), today),
        _ => None,
    }
}
