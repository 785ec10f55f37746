//! Frame, pages and covers onto the globals, and the forgetting of a page that is left.

use super::fields::Setting;
use super::glyphs::legible;
use super::lists::by_place;
use super::state::{SEARCH, State};
use super::{pages, tracking};
use crate::view::{self, Cover, Frame, Page, Staff, StaffCall, View};
use slint::{ComponentHandle, SharedString};
use ui::{App, CardView, CoverKind, Data, HomeView, OutcomeView, PageKind, ReviewView, SignView, Theme, WelcomeView};

impl State {
    /// What is the same on every page.
    pub fn frame(&self, app: &App, old: Option<&Frame>, view: &View) {
        let (data, frame) = (app.global::<Data>(), &view.frame);
        if old.map(|f| f.language) != Some(frame.language) {
            Self::language(app, frame.language);
        }
        if old.map(|f| f.elder) != Some(frame.elder) {
            app.global::<Theme>().set_elder(frame.elder);
            data.set_elder(frame.elder);
        }
        data.set_hall(frame.hall.as_str().into());
        data.set_terminal_no(frame.terminal_no.trim_start_matches('0').into());
        data.set_offline(frame.offline);
        data.set_can_back(frame.back);
        data.set_can_leave(frame.leave);
        let (staff, desk) = match &frame.staff {
            Staff::Button => (true, SharedString::default()),
            Staff::Desk(desk) => (false, desk.as_str().into()),
        };
        data.set_staff(staff);
        data.set_masked(frame.masked);
        data.set_desk(desk);
        if old.map(|f| &f.progress) != Some(&frame.progress) {
            let progress = frame.progress.as_ref();
            data.set_step(progress.map_or(0, |p| i32::from(p.step)));
            data.set_steps(progress.map_or(0, |p| i32::from(p.of)));
            data.set_journey(progress.map(|p| p.title.as_str().into()).unwrap_or_default());
        }
    }

    /// The page between header and footer.
    pub fn page(&mut self, app: &App, page: &Page, view: &View) {
        let data = app.global::<Data>();
        let setting = Setting::of(&view.frame);
        if let Page::Question(page) = page {
            self.set_fields(app, &page.fields, setting);
        }
        if let Page::Services(page) = page {
            let before = self.last_query();
            let query = self.newest(SEARCH, &page.query, before.as_deref());
            data.set_services_query(query.as_ref().unwrap_or(&page.query).into());
        }
        let m = &self.models;
        match page {
            Page::Idle(page) => {
                let (idle, notices) = pages::idle(page);
                data.set_idle(idle);
                by_place(&m.idle_notices, notices);
            }
            Page::Home(page) => {
                let (home, tiles) = pages::home(page);
                data.set_home(home);
                by_place(&m.tiles, tiles);
            }
            Page::Services(page) => {
                data.set_services_guide(page.errand == view::Errand::Guide);
                data.set_services_look_up(page.errand == view::Errand::LookUp);
                let chips = pages::chips(page, &self.open_family);
                by_place(&m.filters, chips.0);
                by_place(&m.family_filters, chips.1);
                by_place(&m.services, pages::services(&page.rows));
            }
            Page::Guide(page) => {
                let (guide, facts, lines) = pages::guide(page);
                data.set_guide(guide);
                by_place(&m.guide_facts, facts);
                by_place(&m.guide_lines, lines);
            }
            Page::Welcome(page) => {
                data.set_welcome(pages::welcome(page));
                by_place(&m.likely, pages::services(&page.rows));
            }
            Page::ForWhom(page) => {
                data.set_for_whom_title(page.title.as_str().into());
                data.set_for_whom_note(page.note.as_str().into());
                by_place(&m.for_whom, pages::for_whom(page));
            }
            Page::Card(page) => data.set_card(pages::card(page)),
            Page::Question(page) => {
                data.set_question_title(legible(&page.title));
                data.set_error_count(i32::try_from(page.errors.len()).unwrap_or(0));
                data.set_error_list(page.errors.iter().map(|error| format!("\n· {error}")).collect::<String>().into());
            }
            Page::Materials(page) => {
                data.set_materials_error(page.error.as_str().into());
                by_place(&m.materials, pages::materials(page));
            }
            Page::Review(page) => {
                let (review, rows) = pages::review(page);
                data.set_review(review);
                by_place(&m.review_rows, rows);
            }
            page => self.end_page(app, page),
        }
        data.set_page(kind(page));
    }

    /// The pages from the signature on, and those outside a journey.
    fn end_page(&self, app: &App, page: &Page) {
        let (data, m) = (app.global::<Data>(), &self.models);
        match page {
            Page::Sign(page) => data.set_sign(pages::sign(page)),
            Page::Waiting(page) => data.set_waiting(pages::waiting(page)),
            Page::Outcome(page) => {
                data.set_outcome(pages::outcome(page));
                by_place(&m.outcome_next, pages::strings(&page.next));
            }
            Page::Farewell(page) => {
                data.set_farewell(pages::farewell(page));
                by_place(&m.erased, pages::strings(&page.erased));
            }
            Page::Message(page) => {
                data.set_message(pages::message(page));
                by_place(&m.message_lines, pages::strings(&page.lines));
            }
            Page::Notices(page) => {
                let (open, rows) = pages::notices(page);
                data.set_notice(open);
                by_place(&m.notices, rows);
            }
            Page::OutOfService(page) => data.set_out(pages::out_of_service(page)),
            Page::Tracking(page) => data.set_tracking(tracking::tracking(page)),
            Page::Cases(page) => by_place(&m.cases, tracking::cases(page)),
            page => m.paper.show(app, page),
        }
    }

    /// The cover above the page.
    pub fn cover(app: &App, cover: Option<&Cover>) {
        let data = app.global::<Data>();
        let kind = match cover {
            None => CoverKind::None,
            Some(Cover::Warning { seconds, filling }) => {
                data.set_cover_seconds(i32::try_from(*seconds).unwrap_or(0));
                data.set_cover_filling(*filling);
                CoverKind::Warning
            }
            Some(Cover::StaffCall(StaffCall::Calling)) => CoverKind::Calling,
            Some(Cover::StaffCall(StaffCall::Answered { who, minutes })) => {
                data.set_cover_who(legible(who));
                data.set_cover_minutes(i32::try_from(*minutes).unwrap_or(0));
                CoverKind::Answered
            }
            Some(Cover::StaffCall(StaffCall::Unanswered { desk })) => {
                data.set_cover_desk(desk.as_str().into());
                CoverKind::Unanswered
            }
            Some(Cover::LeaveAsked) => CoverKind::LeaveAsked,
        };
        data.set_cover(kind);
    }

    /// Lets go of what a page showed of a person, so that nothing of it stays in the screen's memory.
    pub fn forget(&self, app: &App, page: &Page) {
        let (data, m) = (app.global::<Data>(), &self.models);
        match page {
            Page::Card(_) => data.set_card(CardView::default()),
            Page::Welcome(_) => {
                m.likely.clear();
                data.set_welcome(WelcomeView::default());
            }
            Page::Home(_) => data.set_home(HomeView::default()),
            Page::Question(_) => data.set_error_list(SharedString::default()),
            Page::Materials(_) => m.materials.clear(),
            Page::Review(_) => {
                m.review_rows.clear();
                data.set_review(ReviewView::default());
            }
            Page::Sign(_) => data.set_sign(SignView::default()),
            Page::Outcome(_) => {
                m.outcome_next.clear();
                data.set_outcome(OutcomeView::default());
            }
            Page::Message(_) => m.message_lines.clear(),
            Page::Cases(_) => m.cases.clear(),
            Page::Services(_) => data.set_services_query(SharedString::default()),
            page => m.paper.forget(app, page),
        }
    }
}

fn kind(page: &Page) -> PageKind {
    match page {
        Page::Idle(_) => PageKind::Idle,
        Page::Home(_) => PageKind::Home,
        Page::Welcome(_) => PageKind::Welcome,
        Page::Services(_) => PageKind::Services,
        Page::Guide(_) => PageKind::Guide,
        Page::ForWhom(_) => PageKind::ForWhom,
        Page::Card(_) => PageKind::Card,
        Page::Question(_) => PageKind::Question,
        Page::Materials(_) => PageKind::Materials,
        Page::Review(_) => PageKind::Review,
        Page::Sign(_) => PageKind::Sign,
        Page::Waiting(_) => PageKind::Waiting,
        Page::Outcome(_) => PageKind::Outcome,
        Page::Farewell(_) => PageKind::Farewell,
        Page::Message(_) => PageKind::Message,
        Page::Notices(_) => PageKind::Notices,
        Page::OutOfService(_) => PageKind::OutOfService,
        Page::Tracking(_) => PageKind::Tracking,
        Page::Cases(_) => PageKind::Cases,
        Page::PaperMenu(_) => PageKind::PaperMenu,
        Page::Upload(_) => PageKind::Upload,
        Page::Files(_) => PageKind::Files,
        Page::Scanning(_) => PageKind::Scanning,
        Page::Preview(_) => PageKind::Preview,
        Page::Printing(_) => PageKind::Printing,
        Page::Printed(_) => PageKind::Printed,
    }
}
