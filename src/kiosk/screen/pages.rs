//! Pages as the screen's structs, one function a page. Nothing is decided here.

use super::glyphs::legible;
use super::pictures;
use crate::view::{self, CardState, MaterialState, Slip, Tone, Waiting, Witness};
use slint::{ModelRc, SharedString, VecModel};
use ui::{
    CardStep, CardView, FarewellView, FilterView, GuideLine, GuideView, HomeView, IdleView, MaterialStep, MaterialView,
    MessageView, NoticeRow, NoticeView, OutView, OutcomeView, Pair, ReviewRowView, ReviewView, ServiceView, SignView,
    SlipStep, TileView, ToneKind, WaitStep, WayView, WelcomeView, WitnessStep,
};

/// Side of a code on the glass, near enough 65 mm.
const QR_SIDE: usize = 280;

/// Sentences as a list of the screen.
pub fn strings(lines: &[String]) -> Vec<SharedString> {
    lines.iter().map(|line| legible(line)).collect()
}

/// Idle page and its notices.
pub fn idle(page: &view::Idle) -> (IdleView, Vec<NoticeRow>) {
    let recovered = page.recovered.as_ref();
    let view = IdleView {
        hours: page.hours.as_str().into(),
        open: page.open,
        works_now: page.works_now.as_str().into(),
        card_reader: page.card_reader,
        recovered: recovered.is_some(),
        recovered_time: recovered.map(|r| r.time.as_str().into()).unwrap_or_default(),
        recovered_number: recovered.map(|r| r.number.as_str().into()).unwrap_or_default(),
    };
    let notices = page.notices.iter().map(|(id, title)| NoticeRow {
        id: id.into(),
        title: title.into(),
        category: SharedString::default(),
    });
    (view, notices.collect())
}

/// First page and its tiles.
pub fn home(page: &view::Home) -> (HomeView, Vec<TileView>) {
    let view =
        HomeView { hours: page.hours.as_str().into(), card_reader: page.card_reader, guest: legible(&page.guest) };
    let tiles = page.tiles.iter().map(|tile| TileView {
        id: tile.id.as_str().into(),
        title: tile.title.as_str().into(),
        line: tile.line.as_str().into(),
        reason: tile.reason.as_str().into(),
    });
    (view, tiles.collect())
}

/// The greeting; its services are a list of their own.
pub fn welcome(page: &view::Welcome) -> WelcomeView {
    WelcomeView { name: legible(&page.name), remark: legible(&page.remark), large_type: page.large_type }
}

/// Few enough chips to show them all at once.
const FLAT: usize = 6;

/// The chips that are always there, and those of the open family. Few chips need no families.
pub fn chips(page: &view::Services, open: &str) -> (Vec<FilterView>, Vec<FilterView>) {
    let view = |filter: &view::Filter| FilterView {
        id: filter.id.as_str().into(),
        family: family(&filter.id).into(),
        label: filter.label.as_str().into(),
        selected: filter.selected,
    };
    if page.filters.len() <= FLAT {
        return (page.filters.iter().map(view).collect(), Vec::new());
    }
    let mut always: Vec<FilterView> = Vec::new();
    let mut own = Vec::new();
    for filter in &page.filters {
        let family = family(&filter.id);
        if family.is_empty() {
            always.push(view(filter));
            continue;
        }
        if family == open {
            own.push(view(filter));
        }
        let place = always.iter().position(|chip| chip.family == family).unwrap_or_else(|| {
            always.push(FilterView { family: family.into(), selected: family == open, ..FilterView::default() });
            always.len() - 1
        });
        if filter.selected {
            always[place].selected = true;
            if family != open {
                always[place].label = filter.label.as_str().into();
            }
        }
    }
    (always, own)
}

fn family(id: &str) -> &str {
    id.split_once(':').map_or("", |(family, _)| family)
}

/// Rows of the list of services.
pub fn services(rows: &[view::ServiceRow]) -> Vec<ServiceView> {
    let rows = rows.iter().map(|row| ServiceView {
        id: row.id.as_str().into(),
        title: row.title.as_str().into(),
        official: row.official.as_str().into(),
        minutes: i32::try_from(row.minutes).unwrap_or(0),
        reason: row.reason.as_str().into(),
    });
    rows.collect()
}

/// A guide: its head, facts, and its sections as one list of lines.
pub fn guide(page: &view::Guide) -> (GuideView, Vec<Pair>, Vec<GuideLine>) {
    let view = GuideView {
        title: page.title.as_str().into(),
        official: page.official.as_str().into(),
        can_apply: page.can_apply,
        can_print: page.can_print,
        printed: page.printed.as_str().into(),
        has_qr: page.qr.is_some(),
        qr: page.qr.as_ref().map(|code| pictures::qr(code, QR_SIDE)).unwrap_or_default(),
    };
    let facts = page.facts.iter().map(|(label, value)| Pair { label: label.into(), value: value.into() });
    let mut lines = Vec::new();
    for (place, (head, body)) in page.sections.iter().enumerate() {
        let number = i32::try_from(place + 1).unwrap_or(0);
        lines.push(GuideLine { head: head.into(), number, ..GuideLine::default() });
        for (place, text) in body.iter().enumerate() {
            let number = if body.len() > 1 { i32::try_from(place + 1).unwrap_or(0) } else { 0 };
            lines.push(GuideLine { number, text: text.into(), last: place + 1 == body.len(), ..GuideLine::default() });
        }
    }
    (view, facts.collect(), lines)
}

/// The choices of 给谁办.
pub fn for_whom(page: &view::ForWhom) -> Vec<WayView> {
    let choices = page.choices.iter();
    choices
        .map(|(id, label, hint)| WayView {
            id: id.into(),
            label: label.into(),
            hint: hint.into(),
            reason: SharedString::default(),
        })
        .collect()
}

/// Put a card down.
pub fn card(page: &view::Card) -> CardView {
    let mut view = CardView {
        role: page.role.as_str().into(),
        title: page.title.as_str().into(),
        other_way: page.other_way.as_str().into(),
        large_type: page.large_type,
        ..CardView::default()
    };
    view.step = match &page.state {
        CardState::Waiting => CardStep::Waiting,
        CardState::Reading => CardStep::Reading,
        CardState::LiftedTooEarly => CardStep::Lifted,
        CardState::Unreadable { attempts } => {
            view.attempts = i32::try_from(*attempts).unwrap_or(0);
            CardStep::Unreadable
        }
        CardState::ReaderFault => CardStep::Fault,
        CardState::WrongCard(why) => {
            view.reason = legible(why);
            CardStep::Wrong
        }
        CardState::Staff(why) => {
            view.reason = legible(why);
            CardStep::Staff
        }
        CardState::Read { name, number, remark } => {
            view.name = legible(name);
            view.number = legible(number);
            view.remark = legible(remark);
            CardStep::Read
        }
    };
    view
}

/// One row a material.
pub fn materials(page: &view::Materials) -> Vec<MaterialView> {
    let rows = page.rows.iter().map(|row| {
        let pages: Vec<_> = row.pages.iter().map(pictures::picture).collect();
        MaterialView {
            order_num: i32::try_from(row.order_num).unwrap_or(0),
            name: row.name.as_str().into(),
            help: row.help.as_str().into(),
            step: match row.state {
                MaterialState::Missing => MaterialStep::Missing,
                MaterialState::FromCard => MaterialStep::FromCard,
                MaterialState::FromForm => MaterialStep::FromForm,
                MaterialState::Captured => MaterialStep::Captured,
                MaterialState::Deferred => MaterialStep::Deferred,
                MaterialState::NumberOnly => MaterialStep::NumberOnly,
            },
            can_capture: row.can_capture,
            can_scan: row.can_scan,
            can_defer: row.can_defer,
            optional: row.optional,
            max_pages: i32::try_from(row.max_pages).unwrap_or(0),
            pages: ModelRc::new(VecModel::from(pages)),
        }
    });
    rows.collect()
}

/// Everything once more.
pub fn review(page: &view::Review) -> (ReviewView, Vec<ReviewRowView>) {
    let view = ReviewView {
        revealed: page.revealed,
        notice: page.notice.as_str().into(),
        declaration: page.declaration.as_str().into(),
        consent: page.consent.as_str().into(),
        agreed: page.agreed,
        error: page.error.as_str().into(),
        signature_follows: page.follows == view::Follows::Signature,
        look_up: page.follows == view::Follows::LookUp,
    };
    let rows = page.rows.iter().map(|row| ReviewRowView {
        id: row.id.as_str().into(),
        label: legible(&row.label),
        origin: row.origin.as_str().into(),
        value: legible(&row.value),
        changeable: row.changeable,
    });
    (view, rows.collect())
}

/// Signature.
pub fn sign(page: &view::Sign) -> SignView {
    SignView {
        strokes: pictures::commands(&page.strokes).into(),
        any: !page.strokes.is_empty(),
        error: page.error.as_str().into(),
        witness: match page.witness {
            None => WitnessStep::None,
            Some(Witness::ApplicantCard) => WitnessStep::ApplicantCard,
            Some(Witness::StaffCard) => WitnessStep::StaffCard,
        },
    }
}

/// What takes longer.
pub fn waiting(page: &Waiting) -> WaitStep {
    match page {
        Waiting::Storing => WaitStep::Storing,
        Waiting::Sending => WaitStep::Sending,
        Waiting::Fetching => WaitStep::Fetching,
        Waiting::LookingUp => WaitStep::LookingUp,
    }
}

/// What happened to the submission.
pub fn outcome(page: &view::Outcome) -> OutcomeView {
    let (slip, reason) = match &page.slip {
        Slip::Printing => (SlipStep::Printing, ""),
        Slip::Printed => (SlipStep::Printed, ""),
        Slip::NotPrinted(why) => (SlipStep::NotPrinted, why.as_str()),
        Slip::NotCertain => (SlipStep::NotCertain, ""),
    };
    OutcomeView {
        delivered: page.delivered,
        number_small: page.number_small.as_str().into(),
        number_large: page.number_large.as_str().into(),
        query_code: halves(&page.query_code).into(),
        slip,
        reason: reason.into(),
        qr: pictures::qr(&page.qr, QR_SIDE),
        not_here: page.not_here.as_str().into(),
    }
}

/// "704318" reads better as "704 318".
fn halves(code: &str) -> String {
    match code.split_at_checked(3) {
        Some((head, tail)) if code.len() == 6 => format!("{head} {tail}"),
        _ => code.to_string(),
    }
}

/// Farewell.
pub fn farewell(page: &view::Farewell) -> FarewellView {
    FarewellView {
        card: page.card,
        slip: page.slip,
        paper: page.paper,
        kept: page.kept.as_str().into(),
        seconds: i32::try_from(page.seconds).unwrap_or(0),
    }
}

/// One message.
pub fn message(page: &view::Message) -> MessageView {
    MessageView {
        tone: match page.tone {
            Tone::Calm => ToneKind::Calm,
            Tone::Warning => ToneKind::Warning,
            Tone::Danger => ToneKind::Danger,
        },
        title: legible(&page.title),
        next: page.next.as_str().into(),
    }
}

/// Notices: the list, and the one that is open.
pub fn notices(page: &view::Notices) -> (NoticeView, Vec<NoticeRow>) {
    let open = page.open.as_ref();
    let view = NoticeView {
        open: open.is_some(),
        title: open.map(|(title, _)| title.into()).unwrap_or_default(),
        body: open.map(|(_, body)| body.into()).unwrap_or_default(),
    };
    let rows = page.rows.iter().map(|(id, title, category)| NoticeRow {
        id: id.into(),
        title: title.into(),
        category: category.into(),
    });
    (view, rows.collect())
}

/// Nothing works.
pub fn out_of_service(page: &view::OutOfService) -> OutView {
    OutView {
        reason: page.reason.as_str().into(),
        since: page.since.as_str().into(),
        elsewhere: page.elsewhere.as_str().into(),
        technician: page.technician.as_str().into(),
    }
}
