//! What the session wants, done: each effect handed to the part of the rim that can. Answers come back as
//! events, at once or through the loop's queue. Decides nothing.

use super::slots::{Doors, Slots};
use super::{App, Inlet, Input, Parts, capture, paper, papers, sealing};
use crate::content::{Content, ContentError};
use crate::devices::{DeviceClass, DocumentPrinter, Ended, Health, Pace, PrintJob, Printer, Reader, Want};
use crate::journeys::{RecoveredSlip, slip};
use crate::printing::Fonts;
use crate::printing::slip::{MaterialList, SlipContent, material_slip, submission_slip};
use crate::session::effect::MaterialOrder;
use crate::session::{
    Capabilities, Captured, Effect, Event, Filled, HeldCard, PrintOrder, PrintProblem, PrintResult, SlipOrder,
    StoreEvent, StoreProblem, Stored,
};
use crate::store::{self, Recovered, SlipOutcome, Store, SubmitError};
use crate::sync;
use std::sync::{Arc, LazyLock};
use tokio::sync::mpsc;
use wire::catalogue::Text;

/// A minute of running time.
const MINUTE_MS: i64 = 60_000;
/// The fonts of the slips; read once.
static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| Fonts::shipped().ok());

impl App {
    /// Opens store, devices and sync. What cannot be opened is said on the screen; the rest goes on.
    pub(super) async fn open(
        parts: Parts,
        inlet: Inlet,
    ) -> Result<(Self, mpsc::Receiver<sync::SyncEvent>), ContentError> {
        let options = store::Options::new(&parts.data).with_now(parts.clock.for_store());
        let (store, trouble) = match Store::open(options).await {
            Ok(store) => (Some(store), None),
            Err(error) => {
                tracing::error!(code = error.code(), what_to_do = error.remedy().en, "store.not_opened");
                (None, Some(error.remedy()))
            }
        };
        let content = active_content(store.as_ref()).await?;
        let health = Health::default();
        let reader = Reader::start(parts.reader, health.clone(), teller(&inlet));
        let printed = inlet.clone();
        let printer = Printer::start(parts.printer, health.clone(), teller(&inlet), move |ended| printed.ended(ended));
        let (sync, hall_events) = match &store {
            Some(store) => {
                let (handle, events) = sync::start(store.clone(), parts.clock.clone(), parts.hall, &parts.terminal_no);
                (Some(handle), events)
            }
            None => (None, mpsc::channel(1).1),
        };
        let document_printer = document_printer(parts.document_printer, store.as_ref(), &health, &inlet).await;
        let slots = Slots::start(parts.code_readers, parts.indicator, &health, &inlet);
        let ready = inlet.clone();
        let papers = papers::Papers::start(
            parts.workers,
            (parts.document_scanner, parts.stick, health.clone()),
            teller(&inlet),
            move |made| {
                ready.must_send(Input::PagesReady(Box::new(made)));
            },
        );
        let doors = Doors { reader: &reader, printer: &printer, slots: &slots, papers: &papers };
        let mut app = Self {
            supervisor: Some(doors.supervised(&parts.places, &health)),
            session: crate::session::Session::new(content.clone(), &parts.terminal_no, parts.clock.local()),
            shown: None,
            show: parts.show,
            sound: parts.sound,
            clock: parts.clock,
            terminal_no: parts.terminal_no,
            health,
            reader,
            printer,
            document_printer,
            slots,
            lookups: super::lookup::Lookups::default(),
            papers,
            printing: None,
            reserving: None,
            session_no: 0,
            person: None,
            online: false,
            public_url: None,
            capture: Arc::from(parts.capture),
            store,
            sync,
            sealing: sealing::Sealing::default(),
            inlet,
            content,
            room: true,
            seconds: 0,
        };
        app.begin(trouble).await;
        Ok((app, hall_events))
    }

    /// Once a minute: whether there is room for another application, and how long a recovery was offered.
    pub(super) async fn minute(&mut self) {
        if let Some(store) = &self.store {
            self.room = store.has_room().is_ok();
            if let Err(error) = store.recovery_shown_for(MINUTE_MS).await {
                tracing::error!(code = error.code(), "store.recovery_not_counted");
            }
        }
    }

    /// What the session must know before anybody comes.
    async fn begin(&mut self, trouble: Option<store::Remedy>) {
        if let Some(store::Remedy { zh, en }) = trouble {
            self.session.handle(Event::Store(StoreEvent::NotOpened(Text::new(zh, en))));
        }
        if let Some(store) = &self.store {
            self.room = store.has_room().is_ok();
        }
        let can = self.capabilities();
        self.take(Event::Capabilities(can)).await;
        if let Some(store) = &self.store
            && !store.clean_start()
            && let Ok(notices) = store.recovery_notices().await
        {
            let newest = notices.into_iter().max_by_key(|notice| notice.saved_at_ms).map(|notice| {
                let at = self.clock.local_of(notice.saved_at_ms).time;
                (format!("{:02}:{:02}", at.hour(), at.minute()), notice.large_group)
            });
            self.session.handle(Event::Store(StoreEvent::Recovered(newest)));
        }
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        Capabilities {
            card_reader: self.health.is_well(DeviceClass::IdCardReader),
            receipt_printer: self.health.is_well(DeviceClass::ReceiptPrinter),
            capture: self.capture.ready(),
            staff_card: self.capture.staff_cards(),
            code_readers: self.slots.can(&self.health),
            store: self.store.is_some() && self.room && !self.content.is_none(),
            paper: self.paper_can(),
        }
    }

    /// Does one effect; what it answers at once.
    pub(super) async fn perform(&mut self, effect: Effect) -> Vec<Event> {
        match effect {
            Effect::ReadCard => self.reader.want(Want::Card),
            Effect::ReadAnotherCard => self.reader.want(Want::AnotherCard),
            Effect::StopReading => self.reader.want(Want::Nothing),
            Effect::PrepareSealing { id_no, fresh } => {
                if fresh {
                    self.sealing.forget();
                }
                if let Some(material) = self.material().await {
                    self.sealing.prepare(material, id_no);
                    self.make_store_ready();
                }
            }
            Effect::Submit(filled) => return vec![Event::Store(self.submit(*filled).await)],
            Effect::Print { order, what } => return self.print(order, what).await.into_iter().collect(),
            Effect::Capture { order_num, way } => self.capture(order_num, way),
            Effect::CallStaff { step } => {
                if let Some(sync) = &self.sync {
                    sync.call_staff(step);
                }
            }
            Effect::CloseCall => {
                if let Some(sync) = &self.sync {
                    sync.close_call();
                }
            }
            Effect::RecoverSlip(card) => return vec![Event::Store(self.recover(*card).await)],
            Effect::SettleRecovery { submission_id } => {
                if let Some(store) = &self.store
                    && let Err(error) = store.forget_recovery(&submission_id).await
                {
                    tracing::error!(code = error.code(), "store.recovery_not_erased");
                }
            }
            Effect::Scan(wanted) => self.slots.read_codes(wanted),
            Effect::LookUp(request) => return self.look_up(request).into_iter().collect(),
            Effect::Paper(wanted) => return self.paper(*wanted).await,
            Effect::Sound(sound) => (self.sound)(sound),
            Effect::Forget => {
                self.reader.session_over();
                self.sealing.forget();
                self.lookups.forget();
                self.paper_over();
            }
        }
        Vec::new()
    }

    async fn material(&self) -> Option<sync::SealingMaterial> {
        sync::sealing_material(self.store.as_ref()?).await
    }

    /// Beside the loop: a slow disk must not hold up the review page.
    fn make_store_ready(&self) {
        let Some(store) = self.store.clone() else { return };
        tokio::spawn(async move {
            if let Err(error) = store.make_ready().await {
                // Nothing is lost: the touch of 提交 takes a little longer, and says itself what does not work.
                tracing::warn!(code = error.code(), "store.not_ready");
            }
        });
    }

    async fn submit(&mut self, filled: Filled) -> StoreEvent {
        // A try that never comes to the store tells nothing of the one before.
        let in_doubt = self.sealing.in_doubt;
        let unasked = |problem| StoreEvent::NotStored(if in_doubt { StoreProblem::NotCertain } else { problem });
        let material = match self.sealing.material() {
            Some(material) => Some(material),
            None => self.material().await,
        };
        let (Some(store), Some(material)) = (self.store.clone(), material) else {
            return unasked(StoreProblem::NotEnrolled);
        };
        let now = store.now();
        let prepared = self.sealing.ids(now.at_ms).and_then(|ids| Ok((ids, self.sealing.context(&material)?)));
        let Ok(((submission_id, mut stored), context)) = prepared else {
            return unasked(StoreProblem::Failed);
        };
        let recovery = self.sealing.recovery_key().await;
        let occasion = sealing::Occasion {
            content: &self.content,
            material: &material,
            now,
            today: self.clock.local_of(now.at_ms).date,
        };
        let seal = |numbers| sealing::seal(&filled, &stored, (context, recovery), (&occasion, submission_id, numbers));
        match store.submit(&submission_id.to_string(), seal).await {
            Ok(done) => {
                stored.number = done.number;
                self.sealing.forget();
                if let Some(sync) = &self.sync {
                    sync.wake();
                }
                StoreEvent::Stored(stored)
            }
            Err(error) => {
                tracing::error!(%error, "store.not_stored");
                self.sealing.in_doubt = matches!(error, SubmitError::NotCertain(_));
                StoreEvent::NotStored(match error {
                    SubmitError::NotCertain(_) => StoreProblem::NotCertain,
                    SubmitError::NotStored(cause) if cause.is_full() => StoreProblem::DiskFull,
                    SubmitError::NotStored(_) | SubmitError::Seal(_) => StoreProblem::Failed,
                })
            }
        }
    }

    async fn print(&mut self, order: u32, what: PrintOrder) -> Option<Event> {
        let not_printed = || Some(Event::Printed { order, result: PrintResult::NotPrinted(PrintProblem::NoAnswer) });
        let Some(fonts) = FONTS.as_ref() else { return not_printed() };
        let submission_id = match &what {
            PrintOrder::Slip(slip) => Some(slip.stored.submission_id.clone()),
            PrintOrder::Materials(_) => None,
        };
        let bitmap = match what {
            PrintOrder::Slip(slip) => submission_slip(&self.slip_content(&slip), fonts),
            PrintOrder::Materials(list) => material_slip(&self.material_list(*list), fonts),
        };
        let slip_no = match &self.store {
            Some(store) => store.slip_asked(submission_id.as_deref()).await.ok(),
            None => None,
        };
        match self.printer.print(PrintJob { order, slip_no, bitmap }) {
            Ok(()) => None,
            Err(ended) => self.slip_ended(ended).await,
        }
    }

    fn slip_content(&self, order: &SlipOrder) -> SlipContent {
        let (number_small, number_large) = slip::groups(&order.stored.number);
        SlipContent {
            hall: self.content.hall_name().zh,
            terminal_no: self.terminal_no.clone(),
            task_name: order.task_name.clone(),
            name: order.name.clone(),
            number_small,
            number_large,
            query_code: order.stored.query_code.clone(),
            lookup: slip::lookup_text(&order.stored, self.public_url.as_deref()),
            submitted_at: order.at.clone(),
            delivered: order.delivered,
            deemed_acceptance: order.deemed,
            ask_from: order.ask_from.clone(),
            place: order.place.clone(),
            not_here: order.not_here.clone(),
            english: order.english,
        }
    }

    fn material_list(&self, order: MaterialOrder) -> MaterialList {
        MaterialList {
            hall: self.content.hall_name().zh,
            service: order.service,
            date: slip::day(self.clock.local().date).pick(order.english).to_owned(),
            lines: order.lines,
            place: order.place,
            code: order.code,
            english: order.english,
        }
    }

    /// The printer's thread ended a job: first the ledger, then the session.
    pub(super) async fn slip_ended(&mut self, ended: Ended) -> Option<Event> {
        let outcome = match ended.result {
            PrintResult::Printed => SlipOutcome::Printed,
            PrintResult::NotPrinted(_) => SlipOutcome::NotPrinted,
            PrintResult::NotCertain => SlipOutcome::NotCertain,
        };
        if let (Some(store), Some(slip_no)) = (&self.store, ended.slip_no)
            && let Err(error) = store.slip_ended(slip_no, outcome).await
        {
            tracing::error!(code = error.code(), "store.slip_not_recorded");
        }
        Some(Event::Printed { order: ended.order, result: ended.result })
    }

    fn capture(&self, order_num: u32, way: wire::catalogue::CaptureWay) {
        let (source, inlet) = (self.capture.clone(), self.inlet.clone());
        tokio::task::spawn_blocking(move || {
            let page = source.take(way).and_then(capture::page);
            inlet.send(Event::Captured(Captured { order_num, page }));
        });
    }

    async fn recover(&self, card: HeldCard) -> StoreEvent {
        let Some(store) = &self.store else { return StoreEvent::RecoveredSlip(None) };
        match store.recover(&card.number).await {
            Ok(Recovered::Match { submission_id, secret, saved_at_ms, item_id, receipted }) => {
                let stored = Stored {
                    submission_id,
                    number: secret.number.clone(),
                    query_code: secret.query_code.clone(),
                    lookup_token: secret.lookup_token.clone(),
                };
                let at = self.clock.local_of(saved_at_ms);
                StoreEvent::RecoveredSlip(Some(Box::new(RecoveredSlip { stored, item_id, at, delivered: receipted })))
            }
            _ => StoreEvent::RecoveredSlip(None),
        }
    }

    pub(super) async fn new_content(&mut self) -> Option<Event> {
        let content = active_content(self.store.as_ref()).await.ok()?;
        self.content = content.clone();
        self.inlet.send(Event::Health);
        Some(Event::Content(content))
    }

    /// The printer's thread ends with the job that it has, whose end still goes into the ledger.
    pub(super) async fn last_jobs(&mut self, queue: &mut mpsc::Receiver<Input>) {
        drop(self.supervisor.take());
        let Some(thread) = self.printer.end() else { return };
        let mut ending = tokio::task::spawn_blocking(move || thread.join());
        let mut running = true;
        while running {
            let input = tokio::select! {
                input = queue.recv() => input,
                _ = &mut ending => {
                    running = false;
                    None
                }
            };
            if let Some(Input::Printed(ended)) = input {
                self.slip_ended(ended).await;
            }
        }
        while let Ok(input) = queue.try_recv() {
            if let Input::Printed(ended) = input {
                self.slip_ended(ended).await;
            }
        }
    }

    /// A meant end.
    pub(super) async fn close(mut self) {
        self.reader.want(Want::End);
        self.paper_over();
        if let Some(sync) = self.sync.take() {
            sync.stop();
        }
        if let Some(store) = self.store.take()
            && let Err(error) = store.close().await
        {
            tracing::error!(code = error.code(), "store.not_closed");
        }
    }
}

/// The document printer's thread, which first settles what an earlier run left open.
async fn document_printer(
    driver: Option<Box<dyn drivers::document_printer::DocumentPrinter>>,
    store: Option<&Store>,
    health: &Health,
    inlet: &Inlet,
) -> Option<DocumentPrinter> {
    let driver = driver?;
    let open = match store {
        Some(store) => store.open_print_jobs().await.unwrap_or_default(),
        None => Vec::new(),
    };
    let told = inlet.clone();
    let tell = move |news| told.must_send(Input::PrinterTold(news));
    let jobs = paper::open_jobs(open);
    Some(DocumentPrinter::start((driver, Pace::default()), jobs, health.clone(), teller(inlet), tell))
}

pub(super) fn teller(inlet: &Inlet) -> impl Fn(Event) + Send + Sync + Clone + 'static {
    let inlet = inlet.clone();
    move |event| inlet.send(event)
}

/// The content that was verified and activated last; none is an empty one, with which nothing can be applied for.
async fn active_content(store: Option<&Store>) -> Result<Arc<Content>, ContentError> {
    let stored = match store {
        Some(store) => store.active_content().await.ok().flatten(),
        None => None,
    };
    let content = stored.and_then(|stored| {
        let json = std::str::from_utf8(&stored.catalogue).ok()?;
        Content::load(json, stored.content_seq).ok()
    });
    Ok(Arc::new(match content {
        Some(content) => content,
        None => Content::none()?,
    }))
}
