//! Scenes of looking a case up, with the longest words each page holds.

use super::fixtures::Words;
use kiosk::view::*;

/// One page and state each.
pub fn pages(words: &Words) -> Vec<(&'static str, Page)> {
    let ways = Tracking {
        scan: TrackingWay::Works,
        card: TrackingWay::Works,
        reading: false,
        error: String::new(),
        online: true,
    };
    let lost = Tracking {
        scan: TrackingWay::Lost,
        card: TrackingWay::Lost,
        error: words.of(
            "没有查到这张凭条的申请。刚提交的可能还没送到，请稍后再试，或到 1 号咨询台。",
            "No case was found for this slip. A new one may still be on its way; try later, or ask at desk 1.",
        ),
        ..ways.clone()
    };
    let offline = Tracking {
        error: words.of(
            "网络中断，暂时查不了。恢复后这一页会自动可用；也可到 1 号咨询台查。",
            "The network is down, so nothing can be looked up now. This page works again by itself; desk 1 can help \
             too.",
        ),
        online: false,
        ..ways.clone()
    };
    vec![
        ("tracking", Page::Tracking(ways)),
        ("tracking-lost", Page::Tracking(lost)),
        ("tracking-offline", Page::Tracking(offline)),
        ("tracking-typing", Page::Question(typing(words))),
        ("looking-up", Page::Waiting(Waiting::LookingUp)),
        ("case", Page::Cases(Cases { rows: vec![asked(words)] })),
        ("cases", Page::Cases(Cases { rows: vec![accepted(words), done(words), asked(words)] })),
    ]
}

fn typing(words: &Words) -> Question {
    let line = |key: &str, label: String, help: String, error: String, text: &str, keyboard: Keyboard| Field {
        key: key.into(),
        label,
        help,
        optional: false,
        error,
        control: Control::Line { text: text.into(), keyboard, max_len: 9 },
    };
    Question {
        title: words.of("输入凭条上的编号和查询码", "Enter number and query code from your slip"),
        fields: vec![
            line(
                "last9",
                words.of("提交编号的后 9 位", "Last 9 characters of the number"),
                words.of(
                    "凭条上的大字，如 007-00012-6；横线不用输",
                    "The large figures, such as 007-00012-6; without hyphens",
                ),
                words.of(
                    "没有查到。请对照凭条核对这 9 位和查询码；输错 5 次，半小时内不能再输。",
                    "Nothing was found. Compare both with your slip; after 5 wrong entries this is closed for half an \
                     hour.",
                ),
                "007000126",
                Keyboard::IdNumber,
            ),
            line(
                "query_code",
                words.of("查询码", "Query code"),
                words.of("凭条上的 6 位数字", "The six digits on your slip"),
                String::new(),
                "704318",
                Keyboard::Digits,
            ),
        ],
        errors: Vec::new(),
    }
}

fn row(words: &Words, state: (&str, &str), weight: CaseWeight) -> CaseRow {
    CaseRow {
        state: words.of(state.0, state.1),
        weight,
        service: words.of("建设项目用地预审与选址意见书核发(市级)", "Approval of land use and site of a project"),
        number: "411681-20261123-007-00012-6".into(),
        facts: words.of(
            "2026年11月23日提交，2026年11月24日到这一步 · 自然资源和规划局",
            "Submitted 23 Nov 2026, at this step since 24 Nov 2026 · Bureau of Natural Resources and Planning",
        ),
        what_to_do: words.of("请等待办理结果。", "Please wait for the result."),
        notice: String::new(),
        due: words.of("大厅应在2026年12月21日前答复(按暂定日历估算)", "The hall must answer by about 21 Dec 2026"),
        documents: Vec::new(),
    }
}

fn accepted(words: &Words) -> CaseRow {
    row(words, ("已受理，正在办理", "Accepted, in progress"), CaseWeight::OnItsWay)
}

fn done(words: &Words) -> CaseRow {
    let line = words.of(
        "不动产登记信息查询结果证明：取件码 7K3P-9XQ2，在首页“复印、打文件”里用它打印，要刷本人身份证",
        "Result of the look-up of real estate registration: pick-up code 7K3P-9XQ2; print it under “Print and copy” \
         with your own ID card",
    );
    CaseRow {
        documents: vec![line],
        due: String::new(),
        service: words.of("不动产登记信息查询", "Look-up of real estate registration"),
        number: "411681-20261119-003-00007-1".into(),
        facts: words.of(
            "2026年11月19日提交，2026年11月20日办结 · 不动产登记中心",
            "Submitted 19 Nov 2026, completed 20 Nov 2026 · Real estate registration centre",
        ),
        what_to_do: words
            .of("请凭身份证领取结果，或按下面的告知办理。", "Collect the result with your card, or as told below."),
        ..row(words, ("已办结", "Completed"), CaseWeight::Done)
    }
}

fn asked(words: &Words) -> CaseRow {
    CaseRow {
        notice: words.of(
            "户口簿复印件看不清户主页，请补交户主页和本人页的复印件各一份；照片请用两年内的一寸白底照片。",
            "The copy of the household register is not legible: please hand in copies of the householder's page and \
             your own page, and a photograph on white of the last two years.",
        ),
        what_to_do: words.of(
            "请按下面的告知补正，带身份证和材料到窗口，或在终端重新提交。",
            "Please correct what is listed below, at a window with your card, or submit again at a terminal.",
        ),
        service: words.of("老年人优待证办理", "Card of concessions for the elderly"),
        number: "411681-20261120-007-00031-9".into(),
        facts: words.of(
            "2026年11月20日提交，2026年11月23日到这一步 · 民政局",
            "Submitted 20 Nov 2026, at this step since 23 Nov 2026 · Civil affairs bureau",
        ),
        due: words.of("大厅应在2026年12月4日前答复(按暂定日历估算)", "The hall must answer by about 4 Dec 2026"),
        ..row(words, ("需要补正", "Corrections needed"), CaseWeight::Act)
    }
}
