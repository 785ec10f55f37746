//! Printing and copying, carried: what the session wants of paper goes to the documents' thread, the printer's
//! thread or sync; what they tell goes into the ledger first and to the session second. Decides nothing.

use super::App;
use super::papers::Ready;
use crate::devices::{News, OpenJob, PaperJob, Told};
use crate::printing::record::Record;
use crate::session::{
    Event, Pages, PagesOrder, PaperCan, PaperEvent, PaperKind, PaperTrouble, PaperWant, PrintStage, RecordWish,
};
use crate::store::{NewPrintJob, OpenPrintJob, PageCounts, PrintKind, Store, StoreError, random_uuid};
use crate::sync;
use drivers::Stop;
use drivers::document_printer::{PrinterCapabilities, Sides};
use wire::api::{RecordCard, RecordRequest, SecondFactor};
use wire::catalogue::Text;

/// The order that is being made ready or printed.
pub(super) struct Printing {
    order: u32,
    job_no: u64,
    stop: Stop,
}

/// An order in the ledger of which no page is made ready yet.
pub(super) struct Asked {
    pub(super) order: PagesOrder,
    pub(super) job_no: u64,
    name: String,
    /// Pages ordered.
    pub(super) ordered: u32,
    capabilities: PrinterCapabilities,
    stop: Stop,
}

/// Orders of an earlier run, as the printer's thread settles them.
pub fn open_jobs(open: Vec<OpenPrintJob>) -> Vec<OpenJob> {
    open.into_iter()
        .map(|job| OpenJob {
            job_no: job.job_no,
            name: job.job_name,
            number: job.printer_job_id.and_then(|number| u32::try_from(number).ok()),
            ordered: job.ordered,
            printed: job.printed,
            two_sided: job.two_sided,
        })
        .collect()
}

impl App {
    /// What paper work is possible now.
    pub(super) fn paper_can(&self) -> PaperCan {
        let Some(printer) = &self.document_printer else { return PaperCan::default() };
        let standing = printer.standing();
        let capabilities = standing.capabilities.as_ref();
        PaperCan {
            print: standing.ready && !standing.finishing && capabilities.is_some() && self.store.is_some(),
            finishing: standing.finishing,
            colour: capabilities.is_some_and(|can| can.color),
            two_sided: capabilities.is_some_and(|can| can.sides.contains(&Sides::TwoSidedLongEdge)),
            scan: self.papers.scans(),
            feeder: self.papers.feeds(),
            upload: self.public_url.is_some(),
            stick: self.papers.sticks(),
        }
    }

    /// Does one thing with paper; what it answers at once.
    pub(super) async fn paper(&mut self, wanted: PaperWant) -> Vec<Event> {
        match wanted {
            PaperWant::OfferUpload => match &self.sync {
                Some(sync) => sync.offer_upload(self.session_no),
                None => return vec![Event::Paper(PaperEvent::UploadNotOffered)],
            },
            PaperWant::EndUpload => {
                if let Some(sync) = &self.sync {
                    sync.end_upload(self.session_no);
                }
            }
            PaperWant::ListStick { folder } => self.papers.list_stick(folder),
            PaperWant::TakeFromStick { entry } => self.papers.take_from_stick(entry),
            PaperWant::LeaveStick => self.papers.leave_stick(),
            PaperWant::PickUp(request) => match &self.sync {
                Some(sync) => sync.pick_up(self.session_no, request),
                None => return vec![not_fetched(sync::NotFetched::NoAnswer)],
            },
            PaperWant::FetchRecord(wish) => match (&self.sync, record_request(&wish)) {
                (Some(sync), Some(request)) => sync.fetch_record(self.session_no, request),
                _ => return vec![not_fetched(sync::NotFetched::NoAnswer)],
            },
            PaperWant::CountFor(id_no) => self.count_for(id_no),
            PaperWant::Open { doc } => self.papers.open(doc),
            PaperWant::Scan { doc, what } => self.papers.scan(doc, what),
            PaperWant::TakeScans { doc, order_num, pages } => self.papers.take_scans(doc, order_num, pages),
            PaperWant::LayOut { doc, look } => self.papers.lay_out(doc, look),
            PaperWant::Print(order) => return self.print_pages(order).await.into_iter().collect(),
            PaperWant::StopPrinting { order } => self.stop_printing(order),
            PaperWant::Drop { doc } => self.papers.forget_one(doc),
        }
        Vec::new()
    }

    /// The session is over: its documents go, and what is still with the printer is ended.
    pub(super) fn paper_over(&mut self) {
        if let Some(sync) = &self.sync {
            sync.end_upload(self.session_no);
        }
        // What is still on its way to this session reaches nobody.
        self.session_no = self.session_no.wrapping_add(1);
        self.person = None;
        if let Some(printing) = self.printing.take() {
            self.end(&printing, true);
        }
        self.papers.forget();
    }

    fn stop_printing(&self, order: u32) {
        if let Some(printing) = self.printing.as_ref().filter(|printing| printing.order == order) {
            self.end(printing, false);
        }
    }

    fn end(&self, printing: &Printing, session_over: bool) {
        printing.stop.request();
        if let Some(printer) = &self.document_printer {
            printer.end(printing.order, session_over);
        }
    }

    /// Writes the order down, then has its pages made ready.
    async fn print_pages(&mut self, order: PagesOrder) -> Option<Event> {
        let number = order.order;
        let ordered = u32::try_from(order.pages.len()).unwrap_or(u32::MAX).saturating_mul(order.copies);
        let refused = |why| Some(ended(number, Pages { not_printed: ordered, ..Pages::default() }, Some(why), true));
        let (Some(store), Some(printer)) = (&self.store, &self.document_printer) else {
            return refused(PaperTrouble::NoAnswer);
        };
        let standing = printer.standing();
        if standing.finishing || self.printing.is_some() || self.reserving.is_some() {
            return refused(PaperTrouble::Busy);
        }
        let Some(capabilities) = standing.capabilities else { return refused(PaperTrouble::NoAnswer) };
        let Some(name) = job_name() else { return refused(PaperTrouble::Fault) };
        let charged = self.charged();
        let job = NewPrintJob {
            kind: kind(order.kind),
            job_name: name.clone(),
            ordered,
            two_sided: order.two_sided,
            quota_job: charged.as_ref().map(|(id, _)| id.to_string()),
        };
        match store.print_asked(&job).await {
            Ok(job_no) => {
                let stop = Stop::new();
                self.printing = Some(Printing { order: number, job_no, stop: stop.clone() });
                self.reserve(Asked { order, job_no, name, ordered, capabilities, stop }, charged);
                None
            }
            Err(error) => {
                tracing::error!(code = error.code(), "store.print_not_recorded");
                refused(PaperTrouble::Fault)
            }
        }
    }

    /// Has the pages of an order made ready.
    pub(super) fn make_ready(&self, asked: Asked) {
        let Asked { order, job_no, name, ordered: _, capabilities, stop } = asked;
        self.papers.make_ready(order, (job_no, name), capabilities, stop);
    }

    /// Nothing of an order was sent, and nothing will be.
    pub(super) async fn not_sent(&mut self, asked: &Asked, why: PaperTrouble) -> Option<Event> {
        let none = Pages { not_printed: asked.ordered, ..Pages::default() };
        self.settled(asked.job_no, asked.order.order, none, why).await
    }

    /// The pages of an order are ready, or cannot be made: written down, then handed to the printer.
    pub(super) async fn pages_ready(&mut self, ready: Ready) -> Option<Event> {
        let Ready { order, job_no, ordered, made } = ready;
        let none = Pages { not_printed: ordered, ..Pages::default() };
        let job = match made {
            // The session that ordered it is over: nothing of it leaves.
            Ok(_) if !self.is_printing(job_no) => {
                return self.settled(job_no, order, none, PaperTrouble::ByCitizen).await;
            }
            Ok(job) => job,
            Err(why) => return self.settled(job_no, order, none, why).await,
        };
        let Some(store) = &self.store else { return None };
        if let Err(error) = store.print_sending(job_no).await {
            tracing::error!(code = error.code(), "store.print_not_recorded");
            return self.settled(job_no, order, none, PaperTrouble::Fault).await;
        }
        if self.hand_over(job) {
            let event = PaperEvent::Printing { order, printed: 0, stage: PrintStage::Waiting };
            return Some(Event::Paper(event));
        }
        self.settled(job_no, order, none, PaperTrouble::NoAnswer).await
    }

    fn hand_over(&self, job: PaperJob) -> bool {
        self.document_printer.as_ref().is_some_and(|printer| printer.print(job))
    }

    /// The printer's thread told something: first the ledger, then the session.
    pub(super) async fn printer_told(&mut self, told: Told) -> Option<Event> {
        if let Some(store) = &self.store
            && let Err(error) = record(store, &told).await
        {
            tracing::error!(code = error.code(), "store.print_not_recorded");
        }
        if let (News::Settled { .. }, Some(sync)) = (&told.news, &self.sync) {
            sync.settle_quota();
        }
        // Numbers of orders begin anew with each errand: only the one that is being printed is the session's.
        if !self.is_printing(told.job_no) {
            return None;
        }
        if matches!(told.news, News::Settled { .. } | News::Unheard(_)) {
            self.printing = None;
        }
        said(&told)
    }

    /// Nothing of an order was sent: settled like any other.
    async fn settled(&mut self, job_no: u64, order: u32, pages: Pages, why: PaperTrouble) -> Option<Event> {
        let news = News::Settled { pages, why: Some(why) };
        self.printer_told(Told { job_no, order: Some(order), news }).await
    }

    pub(super) fn is_printing(&self, job_no: u64) -> bool {
        self.printing.as_ref().is_some_and(|printing| printing.job_no == job_no)
    }

    /// A record came: it is laid out like any other document.
    pub(super) fn record_came(&mut self, answer: &wire::api::RecordAnswer) {
        let moment = |at_ms: i64| {
            let at = self.clock.local_of(at_ms);
            format!(
                "{}年{}月{}日 {:02}:{:02}",
                at.date.year(),
                at.date.month(),
                at.date.day(),
                at.time.hour(),
                at.time.minute()
            )
        };
        let day = answer.valid_through;
        self.papers.take_record(Record {
            title: answer.title.clone(),
            issuer: answer.issuer.clone(),
            facts: answer.sheet.facts.clone(),
            columns: answer.sheet.columns.clone(),
            rows: answer.sheet.rows.clone(),
            remark: answer.sheet.remark.clone(),
            verification_code: answer.verification_code.clone(),
            verification_url: answer.verification_url.clone(),
            issued_at: moment(answer.issued_at_ms),
            valid_through: format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        });
    }

    /// What sync says of documents, for the session of now.
    pub(super) fn paper_told(&mut self, told: sync::PaperTold) -> Option<Event> {
        let event = match told {
            sync::PaperTold::UploadOffered { url, file_bytes_max } => {
                PaperEvent::UploadOffered { link: url, file_bytes_max }
            }
            sync::PaperTold::UploadNotOffered => PaperEvent::UploadNotOffered,
            sync::PaperTold::FileArrived(fetched) => {
                self.papers.take(fetched.name.into(), fetched.bytes);
                return None;
            }
            sync::PaperTold::RecordArrived(answer) => {
                self.record_came(&answer);
                return None;
            }
            sync::PaperTold::NotFetched(why) => return Some(not_fetched(why)),
        };
        Some(Event::Paper(event))
    }
}

/// The request for a record, under an id of its own.
fn record_request(wish: &RecordWish) -> Option<RecordRequest> {
    Some(RecordRequest {
        request_id: random_uuid()?,
        item_id: wish.item_id.clone(),
        card: RecordCard { id_no: wish.id_no.to_string(), name: wish.name.to_string() },
        second_factor: SecondFactor::StaffCard { staff_no: wish.staff_no.clone() },
        answers: wish.answers.clone(),
    })
}

/// Writes into the ledger what the printer's thread told.
///
/// # Errors
/// When the store cannot; the session is told all the same, and the next start settles what is open.
pub async fn record(store: &Store, told: &Told) -> Result<(), StoreError> {
    match &told.news {
        News::Accepted(number) => store.print_accepted(told.job_no, number.cast_signed()).await,
        News::Progress { printed, .. } => store.print_progress(told.job_no, *printed).await,
        News::Ending => store.print_cancelling(told.job_no).await,
        // What is only said stays open in the ledger, until the printer is heard again.
        News::Unheard(_) => Ok(()),
        News::Settled { pages: Pages { printed, not_printed, not_certain }, .. } => {
            let counts = PageCounts { printed: *printed, not_printed: *not_printed, not_certain: *not_certain };
            store.print_ended(told.job_no, counts).await
        }
    }
}

/// What the session is told of it.
#[must_use]
pub fn said(told: &Told) -> Option<Event> {
    let order = told.order?;
    match &told.news {
        News::Settled { pages, why } => Some(ended(order, *pages, *why, true)),
        News::Unheard(pages) => Some(ended(order, *pages, Some(PaperTrouble::NoAnswer), false)),
        News::Progress { printed, stage } => {
            Some(Event::Paper(PaperEvent::Printing { order, printed: *printed, stage: *stage }))
        }
        News::Accepted(_) | News::Ending => None,
    }
}

/// Words for a document that was not fetched.
pub(super) fn not_fetched(why: sync::NotFetched) -> Event {
    let text = match why {
        sync::NotFetched::NoMatch => Text::new(
            "没有找到这份文件：请核对取件码，并放上收件人本人的身份证",
            "No document was found: check the code, and put down the ID card of the person it is for",
        ),
        sync::NotFetched::Locked => Text::new(
            "取件码输错次数太多，请 30 分钟后再试，或到 1 号咨询台",
            "Too many wrong codes: try again in 30 minutes, or ask at desk 1",
        ),
        sync::NotFetched::SecondFactor => return Event::Paper(PaperEvent::StaffCardRefused),
        sync::NotFetched::NotOffered => Text::new(
            "本大厅的终端不提供这项记录，请到窗口",
            "This record is not given at terminals; please go to the window",
        ),
        sync::NotFetched::NoAnswer => Text::new(
            "暂时联系不上大厅，请稍后再试，或到 1 号咨询台",
            "The hall cannot be reached: try again later, or ask at desk 1",
        ),
    };
    Event::Paper(PaperEvent::NotFetched(text))
}

fn ended(order: u32, counts: Pages, why: Option<PaperTrouble>, settled: bool) -> Event {
    Event::Paper(PaperEvent::PrintEnded { order, counts, why, settled })
}

fn kind(kind: PaperKind) -> PrintKind {
    match kind {
        PaperKind::Print => PrintKind::Print,
        PaperKind::Copy => PrintKind::Copy,
        PaperKind::Record => PrintKind::Record,
    }
}

/// A random name under which the printer knows the order; it says nothing of anybody.
fn job_name() -> Option<String> {
    let mut random = [0; 12];
    getrandom::fill(&mut random).ok()?;
    Some(random.iter().fold(String::from("yimen-"), |name, byte| format!("{name}{byte:02x}")))
}
