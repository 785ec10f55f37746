//! What the pages of a look-up say.

use super::Asked;
use crate::journeys::services::department;
use crate::session::{CodeReaders, LookupProblem, Surroundings, TrackedCase};
use crate::view::{CaseRow, CaseWeight, Cases, Tracking, TrackingWay};
use jiff::civil::Date;
use wire::api::CaseState;
use wire::catalogue::Text;

pub(super) fn ways(reading: bool, error: Option<&Text>, around: &Surroundings) -> Tracking {
    Tracking {
        scan: match around.can.code_readers {
            CodeReaders::Work => TrackingWay::Works,
            CodeReaders::Lost => TrackingWay::Lost,
            CodeReaders::None => TrackingWay::Never,
        },
        card: if around.can.card_reader { TrackingWay::Works } else { TrackingWay::Lost },
        reading,
        error: if around.online {
            around.pick_any(error)
        } else {
            around.say(
                "网络中断，暂时查不了。恢复后这一页会自动可用；也可到 1 号咨询台查。",
                "The network is down, so nothing can be looked up now. This page works again by itself; desk 1 can help too.",
            )
        },
        online: around.online,
    }
}

/// Why nothing was found, and what can be done.
pub(super) fn problem(asked: &Asked, why: LookupProblem) -> Text {
    let (zh, en) = match (why, asked) {
        (LookupProblem::NoAnswer, _) => (
            "大厅暂时没有应答，没有查成。请稍后再试，或到 1 号咨询台。",
            "The hall does not answer now. Please try again later, or ask at desk 1.",
        ),
        (LookupProblem::Locked, _) => (
            "输错的次数太多，半小时内不能再用编号查。可以扫凭条、放身份证，或到 1 号咨询台。",
            "Too many wrong entries: looking up by number is closed for half an hour. Use the slip's code, your ID \
             card, or desk 1.",
        ),
        (LookupProblem::NoMatch, Asked::Slip) => (
            "没有查到这张凭条的申请。刚提交的可能还没送到，请稍后再试，或到 1 号咨询台。",
            "No case was found for this slip. A new one may still be on its way; try later, or ask at desk 1.",
        ),
        (LookupProblem::NoMatch, Asked::Card) => (
            "这张证件没有查到申请。替别人办的，请扫凭条或输入编号查。",
            "No case was found for this card. If you applied for somebody else, use the slip or its number.",
        ),
        (LookupProblem::NoMatch, Asked::Typed(_)) => (
            "没有查到。请对照凭条核对这 9 位和查询码；输错 5 次，半小时内不能再输。",
            "Nothing was found. Compare both with your slip; after 5 wrong entries this is closed for half an hour.",
        ),
    };
    Text::new(zh, en)
}

pub(super) fn cases(cases: &[TrackedCase], around: &Surroundings) -> Cases {
    Cases { rows: cases.iter().map(|case| row(case, around)).collect() }
}

fn row(case: &TrackedCase, around: &Surroundings) -> CaseRow {
    let item = around.content.items().iter().find(|item| item.item_id == case.item_id);
    let submitted = day(case.submitted, around);
    let mut facts = around.say(&format!("{submitted}提交"), &format!("Submitted {submitted}"));
    if case.since != case.submitted {
        let since = day(case.since, around);
        facts.push_str(&around.say(&format!("，{since}到这一步"), &format!(", at this step since {since}")));
    }
    let department = item.map_or_else(|| case.dept_name.clone(), |item| department(item, around));
    if !department.is_empty() {
        facts.push_str(" · ");
        facts.push_str(&department);
    }
    let (todo_zh, todo_en) = case.state.what_to_do();
    CaseRow {
        state: around.say(case.state.zh(), case.state.en()),
        weight: weight(case.state),
        service: item
            .map_or_else(|| case.item_name.clone(), |item| around.pick(&Text::new(&item.task_name, &item.title_en))),
        number: case.number.clone(),
        facts,
        what_to_do: around.say(todo_zh, todo_en),
        notice: case.notice.clone(),
        due: case.due.map(|(due, estimated)| due_line(due, estimated, around)).unwrap_or_default(),
        documents: case.documents.iter().map(|(title, code)| document_line(title, code, around)).collect(),
    }
}

fn weight(state: CaseState) -> CaseWeight {
    match state {
        CaseState::Received | CaseState::Accepted | CaseState::Deemed => CaseWeight::OnItsWay,
        CaseState::Done => CaseWeight::Done,
        CaseState::CorrectionAsked | CaseState::NotAccepted | CaseState::Unknown => CaseWeight::Act,
    }
}

fn due_line(due: Date, estimated: bool, around: &Surroundings) -> String {
    let day = day(due, around);
    if estimated {
        around.say(&format!("大厅应在{day}前答复(按暂定日历估算)"), &format!("The hall must answer by about {day}"))
    } else {
        around.say(&format!("大厅应在{day}前答复"), &format!("The hall must answer by {day}"))
    }
}

fn document_line(title: &str, code: &str, around: &Surroundings) -> String {
    around.say(
        &format!("{title}：取件码 {code}，在首页“复印、打文件”里用它打印，要刷本人身份证"),
        &format!("{title}: pick-up code {code}; print it under “Print and copy” with your own ID card"),
    )
}

fn day(date: Date, around: &Surroundings) -> String {
    around.say(&format!("{}年{}月{}日", date.year(), date.month(), date.day()), &date.strftime("%-d %b %Y").to_string())
}
