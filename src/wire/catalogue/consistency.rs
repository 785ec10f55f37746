//! Consistency of published items (domain rules 4.2): a publication with any violation is refused
//! whole. Left out, because the catalogue carries no such data: depth of online handling, and classes
//! of themes (an individual business is a person's item under organisations' themes).

use super::{Catalogue, Item, Text, TimeLimit, TimeUnit};

/// An item breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The item.
    pub item_id: String,
    /// Name of the rule.
    pub rule: &'static str,
    /// What to change, for the hall manager.
    pub message: Text,
}

pub(super) fn violations(item: &Item, catalogue: &Catalogue) -> Vec<Violation> {
    let checks = [
        ("promise", promise(item)),
        ("result", result(item)),
        ("visits", visits(item)),
        ("fees", fees(item)),
        ("phones", phones(item)),
        ("themes", themes(item, catalogue)),
        ("department", department(item, catalogue)),
        ("licence", licence(item)),
        ("statutory", statutory(item)),
    ];
    let tell = |(rule, found): (&'static str, Option<(&str, &str)>)| {
        found.map(|(zh, en)| Violation {
            item_id: item.item_id.clone(),
            rule,
            message: Text {
                zh: format!("事项 {}({})：{zh}", item.item_id, item.plain_name_zh),
                en: format!("Item {} ({}): {en}", item.item_id, item.title_en),
            },
        })
    };
    checks.into_iter().filter_map(tell).collect()
}

type Found = Option<(&'static str, &'static str)>;

fn when(broken: bool, zh: &'static str, en: &'static str) -> Found {
    broken.then_some((zh, en))
}

fn promise(item: &Item) -> Found {
    let at_once = item.promise.unit == TimeUnit::AtOnce;
    let (project, exam) = if at_once { ("1", "即审即办") } else { ("2", "前审后批") };
    when(
        item.project_type != project || item.guide.exam_type != exam,
        "承诺时限、办件类型和审查方式不一致：即办为即办件、即审即办，其余为承诺件、前审后批",
        "promised time, project type and way of examination do not agree",
    )
}

fn result(item: &Item) -> Found {
    let name = item.result.result_name.as_str();
    let wanted = [("批复", "审批办结"), ("证", "出证办结"), ("文", "出文办结")];
    let wanted = wanted.into_iter().find(|(end, _)| name.ends_with(end)).map(|(_, kind)| kind);
    when(
        wanted.is_some_and(|kind| kind != item.result.result_type),
        "结果名称和结果类型不一致：证为出证办结，文为出文办结，批复为审批办结",
        "the result's name and its type do not agree",
    )
}

fn visits(item: &Item) -> Found {
    let reason = !matches!(item.limit_scene_explain.trim(), "" | "无");
    let offers = |way: &str| item.handle_type.iter().any(|have| have == way);
    let remote = offers("2") || offers("3");
    when(
        (item.limit_scene_num > 0) != reason || (item.limit_scene_num == 0 && !remote),
        "到场次数为 0 不写原因、须可网办或邮寄；不为 0 须写原因",
        "no visits: no reason, and online or post; visits: a reason",
    )
}

fn fees(item: &Item) -> Found {
    let has = |fee: &serde_json::Value, key: &str| {
        fee.get(key).is_some_and(|value| !value.is_null() && value.as_str().is_none_or(|text| !text.is_empty()))
    };
    let complete = !item.fees.is_empty() && item.fees.iter().all(|fee| has(fee, "basis") && has(fee, "is_pay_online"));
    when(
        if item.is_fee { !complete } else { !item.fees.is_empty() },
        "收费事项须列出项目、依据(basis)和能否网上缴费(is_pay_online)；不收费的不得列项目",
        "a fee needs its items, their basis and whether it can be paid online; without a fee there are none",
    )
}

fn phones(item: &Item) -> Found {
    when(
        item.guide.consult.phone == item.guide.supervise.phone,
        "咨询电话和监督投诉电话不能相同",
        "the phones for questions and complaints must differ",
    )
}

fn themes(item: &Item, catalogue: &Catalogue) -> Found {
    let known = |name: &String| catalogue.themes.iter().any(|theme| theme.zh == *name);
    when(
        item.themes.is_empty() || !item.themes.iter().all(known),
        "主题为空或不在主题表里",
        "no theme, or one that the list of themes lacks",
    )
}

fn department(item: &Item, catalogue: &Catalogue) -> Found {
    when(catalogue.department(&item.dept_id).is_none(), "没有这个部门", "there is no such department")
}

/// A licence needs a question, an answer and five steps.
fn licence(item: &Item) -> Found {
    when(
        item.is_licence() && (item.faq.is_empty() || item.guide.process.len() < 5),
        "行政许可须有至少一条常见问题和至少五个环节(受理、审核、审批、办结、送达)",
        "a licence needs a question with its answer and at least five steps",
    )
}

fn statutory(item: &Item) -> Found {
    let longer = item.anticipate.as_ref().is_some_and(|limit| natural_days(&item.promise) > natural_days(limit));
    when(longer, "承诺时限不得超过法定时限", "the promise must not exceed the statutory limit")
}

/// Natural days that a limit spans at least: five working days need a week.
fn natural_days(limit: &TimeLimit) -> u32 {
    match limit.unit {
        TimeUnit::AtOnce => 0,
        TimeUnit::NaturalDays => limit.value,
        TimeUnit::WorkingDays => limit.value.saturating_mul(7) / 5,
    }
}
