//! The pages before any journey: frame, idle, first page, and what they may promise now.

use super::{Place, Session, Surroundings};
use crate::view::{Frame, Home, Idle, OutOfService, Page, Recovered, Staff, Tile};
use wire::catalogue::Text;

/// Header, strip, progress and footer.
pub(super) fn frame(session: &Session) -> Frame {
    let around = &session.around;
    let (progress, back) = match &session.place {
        Place::Journey(journey) => (journey.progress(around), journey.can_go_back()),
        Place::Home => (None, true),
        _ => (None, false),
    };
    Frame {
        language: around.language,
        elder: around.elder,
        hall: around.pick(&around.content.hall_name()),
        terminal_no: around.terminal_no.clone(),
        offline: !around.online,
        progress,
        back,
        leave: match &session.place {
            Place::Journey(journey) => !journey.hands_over(),
            _ => session.guest.is_some(),
        },
        today: around.now.date,
        masked: session.masks_values(),
        staff: if around.staff_listens { Staff::Button } else { Staff::Desk(around.desk()) },
    }
}

/// Nobody is here.
pub(super) fn idle(session: &Session) -> Page {
    let around = &session.around;
    if let Some(why) = &around.store_trouble {
        return Page::OutOfService(no_data_folder(around, why));
    }
    if around.content.is_none() {
        return Page::OutOfService(not_set_up(around));
    }
    let open = around.content.is_open(around.now);
    Page::Idle(Idle {
        hours: around.content.hours_line(around.now, around.english()),
        open,
        works_now: if open {
            String::new()
        } else {
            around.say("现在可以看办事指南、提交申请", "You can read the guides and apply now")
        },
        notices: around
            .content
            .notices_on(around.now.date)
            .filter(|notice| notice.pinned)
            .take(2)
            .map(|notice| (notice.id.clone(), around.pick(&Text::new(&notice.title_zh, &notice.title_en))))
            .collect(),
        card_reader: around.can.card_reader,
        recovered: session.recovered.as_ref().map(|r| Recovered { time: r.time.clone(), number: r.number.clone() }),
    })
}

/// Without its data folder the terminal can keep nothing, not even what the hall published.
fn no_data_folder(around: &Surroundings, why: &Text) -> OutOfService {
    OutOfService {
        reason: around.say("本机暂时不能用", "This terminal cannot be used now"),
        since: String::new(),
        elsewhere: elsewhere(around),
        technician: around.pick(why),
    }
}

fn elsewhere(around: &Surroundings) -> String {
    around.say("请用旁边的终端，或到 1 号咨询台", "Please use the next terminal or desk 1")
}

/// The hall has not given this terminal anything to show yet.
fn not_set_up(around: &Surroundings) -> OutOfService {
    OutOfService {
        reason: around.say("本机正在等待大厅发来内容", "This terminal is waiting for the hall's content"),
        since: String::new(),
        elsewhere: elsewhere(around),
        technician: around.say(
            "未收到经大厅签名的内容：检查网络和大厅地址，确认本机已登记",
            "No content signed by the hall yet: check network, hall address and enrolment",
        ),
    }
}

/// Which ways of printing and copying this terminal has.
fn files_from(around: &Surroundings) -> (&'static str, &'static str) {
    match (around.can.paper.upload, around.can.paper.stick) {
        (true, true) => ("手机、U 盘文件，身份证复印，免费", "From phone or stick, ID card copies; free"),
        (true, false) => ("手机文件，身份证复印，免费", "Files from your phone, ID card copies; free"),
        (false, true) => ("U 盘文件，身份证复印，免费", "Files from a stick, ID card copies; free"),
        (false, false) => ("身份证、材料复印，免费", "Copies of ID cards and papers; free"),
    }
}

/// The first page: what is built and works, in the catalogue's order.
pub(super) fn home(session: &Session) -> Home {
    let around = &session.around;
    let built = |id: &str| match id {
        "apply" | "guide" | "notice" | "progress" => true,
        "copy" => around.can.paper.any(),
        // Without a second factor nobody may see a person's records: the guide says which window.
        "print" => around.can.paper.any() && around.can.staff_card && around.content.prints_records(around.now.date),
        _ => false,
    };
    let tiles = around
        .content
        .menu()
        .iter()
        .filter(|entry| built(&entry.id))
        .map(|entry| {
            let (zh, en) = match entry.id.as_str() {
                "apply" => ("刷身份证，边问边填", "With your ID card, one question at a time"),
                "print" => ("社保、公积金、纳税、不动产", "Insurance, provident fund, tax, property"),
                "guide" => ("去哪里、多久办好、收不收费", "Where, how long, what it costs"),
                "progress" => ("扫凭条、刷身份证或输入编号", "By slip, ID card or number"),
                "copy" => files_from(around),
                _ => ("大厅的公告", "What the hall announces"),
            };
            Tile {
                id: entry.id.clone(),
                title: around.pick(&entry.label),
                line: around.say(zh, en),
                reason: match entry.id.as_str() {
                    "apply" => cannot_apply(around),
                    "print" => cannot_look_up(around),
                    "progress" => cannot_track(around),
                    _ => String::new(),
                },
            }
        })
        .collect();
    Home {
        hours: around.content.hours_line(around.now, around.english()),
        tiles,
        card_reader: around.can.card_reader && session.guest.is_none(),
        guest: session.guest_name(),
    }
}

/// Why no application can be made now; empty when it can.
pub(crate) fn cannot_apply(around: &Surroundings) -> String {
    if !around.can.store {
        around.say(
            "本机暂时不能接收新的申请，请到旁边的终端或 3 号咨询台",
            "This terminal cannot take applications now; please use the next one or desk 3",
        )
    } else if !around.can.card_reader {
        around
            .say("读卡器暂时不能用，请到旁边的终端", "The card reader does not work now; please use the next terminal")
    } else {
        String::new()
    }
}

/// Why no record can be looked up now; empty when it can. Records are asked of the hall at that moment, never kept.
pub(crate) fn cannot_look_up(around: &Surroundings) -> String {
    if !around.online {
        around.say(
            "网络中断，查不到最新的记录；请稍后再来，或到窗口",
            "The network is down and records cannot be looked up; come back later, or go to the window",
        )
    } else if !around.can.card_reader {
        around
            .say("读卡器暂时不能用，请到旁边的终端", "The card reader does not work now; please use the next terminal")
    } else {
        String::new()
    }
}

/// Why no case can be tracked now; empty when it can.
pub(crate) fn cannot_track(around: &Surroundings) -> String {
    if around.online {
        return String::new();
    }
    around.say("网络中断，暂时查不了", "The network is down; this does not work now")
}
