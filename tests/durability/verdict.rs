//! What is true after a cut: both machines start again on what their disks hold, the terminal sends what
//! is due, and then every submission that a citizen was told of is one whole case.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use kiosk::store::{Options, Store};
use wire::{
    ids::Sha256,
    seal::{body_sha256, verify_envelope},
};

use crate::{
    crash_vfs::{Cut, Disk, Replay, Seed},
    enrolled::ENROLLED,
    hall_side::Hall,
    workload::{self, Machines, Plan},
};

/// Counted over all crash points.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    pub points: u64,
    pub lost: u64,
    pub doubled: u64,
    pub torn: u64,
    /// The first point that went wrong, to look into.
    pub first: Option<String>,
}

/// A run of the workload, ready to be cut anywhere.
pub struct Run {
    pub plan: Plan,
    pub log: Vec<crate::crash_vfs::Entry>,
    /// Where the log leaves what lay on the disk before.
    pub began: usize,
    kiosk: String,
    hall: String,
    /// The real folders: for the lock file, and for the names under which the disk has its files.
    _folders: tempfile::TempDir,
}

impl Run {
    /// Runs the workload once on a new disk. `prepare` may make the disk fail.
    pub fn new(name: &str, plan: Plan, prepare: impl FnOnce(&Disk, &str)) -> Self {
        let folders = scratch();
        let (kiosk, hall) = (folders.path().join("kiosk"), folders.path().join("hall"));
        let disk = Disk::new(name);
        ENROLLED.copy_hall(&hall);
        disk.load(&hall, &hall.to_string_lossy());
        let began = disk.state().log.len();
        prepare(&disk, &kiosk.to_string_lossy());
        let machines = Machines { plan, disk: &disk, kiosk: &kiosk, hall: &hall };
        block_on(machines.run()).unwrap();
        Self {
            plan,
            log: disk.take_log(),
            began,
            kiosk: kiosk.to_string_lossy().into_owned(),
            hall: hall.to_string_lossy().into_owned(),
            _folders: folders,
        }
    }

    /// Cuts at `places` (ascending) and judges each.
    pub fn judge(&self, places: &[(usize, u64)], log_seed: u64) -> Verdict {
        let runtime = runtime();
        let mut replay = Replay::new(&self.log, log_seed);
        let mut verdict = Verdict::default();
        for (place, seed) in places {
            let image = self.image(&mut replay, *place, *seed);
            let acked = acked(&replay);
            let seen = runtime.block_on(look(&self.plan, &image.kiosk, &image.hall, &acked));
            verdict.count(seen, || format!("place {place}, cuts {:?}", cuts(*seed)));
        }
        verdict
    }

    /// The run that follows a cut: both machines start on the image, on a disk of their own, and send what
    /// is due. Returned with the place of its log where they started.
    pub fn restart(&self, name: &str, place: usize, seed: u64) -> (Self, usize) {
        let mut replay = Replay::new(&self.log, 0);
        let image = self.image(&mut replay, place, seed);
        let disk = Disk::new(name);
        acked(&replay).iter().for_each(|index| disk.mark(format!("acked {index}")));
        let (kiosk, hall) = (image.kiosk.to_string_lossy(), image.hall.to_string_lossy());
        disk.load(&image.kiosk, &kiosk);
        disk.load(&image.hall, &hall);
        let started = disk.state().log.len();
        let machines = Machines { plan: self.plan, disk: &disk, kiosk: &image.kiosk, hall: &image.hall };
        block_on(machines.start_again()).unwrap();
        let (kiosk, hall) = (kiosk.into_owned(), hall.into_owned());
        let log = disk.take_log();
        (Self { plan: self.plan, log, began: started, kiosk, hall, _folders: image.folder }, started)
    }

    fn image(&self, replay: &mut Replay<'_>, place: usize, seed: u64) -> Image {
        replay.advance_to(place);
        let (kiosk_cut, hall_cut) = cuts(seed);
        let folder = scratch();
        let (kiosk, hall) = (folder.path().join("kiosk"), folder.path().join("hall"));
        fs::create_dir(&kiosk).unwrap();
        fs::create_dir(&hall).unwrap();
        replay.write_image(kiosk_cut, &self.kiosk, &kiosk);
        replay.write_image(hall_cut, &self.hall, &hall);
        Image { folder, kiosk, hall }
    }
}

/// What two disks hold after a cut, as files.
struct Image {
    folder: tempfile::TempDir,
    kiosk: PathBuf,
    hall: PathBuf,
}

/// What one point showed.
#[derive(Debug, Default)]
struct Seen {
    lost: Vec<String>,
    doubled: Vec<String>,
    torn: Vec<String>,
}

impl Verdict {
    pub fn is_clean(&self) -> bool {
        self.lost + self.doubled + self.torn == 0
    }

    pub fn add(&mut self, other: Self) {
        self.points += other.points;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.torn += other.torn;
        self.first = self.first.take().or(other.first);
    }

    fn count(&mut self, seen: Seen, place: impl FnOnce() -> String) {
        self.points += 1;
        self.lost += u64::from(!seen.lost.is_empty());
        self.doubled += u64::from(!seen.doubled.is_empty());
        self.torn += u64::from(!seen.torn.is_empty());
        let bad = !(seen.lost.is_empty() && seen.doubled.is_empty() && seen.torn.is_empty());
        if bad && self.first.is_none() {
            self.first = Some(format!("{}: {seen:?}", place()));
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} crash points, {} lost, {} doubled, {} torn", self.points, self.lost, self.doubled, self.torn)
    }
}

/// Sometimes only one of the machines loses power: the other one's writes all arrive.
fn cuts(seed: u64) -> (Cut, Cut) {
    match seed % 8 {
        0 => (Cut::DropAll, Cut::DropAll),
        1 => (Cut::KeepAll, Cut::KeepAll),
        2 => (Cut::BySeed(seed), Cut::KeepAll),
        3 => (Cut::KeepAll, Cut::BySeed(seed)),
        _ => (Cut::BySeed(seed), Cut::BySeed(seed ^ 0x5555)),
    }
}

fn acked(replay: &Replay<'_>) -> BTreeSet<usize> {
    replay.marks().filter_map(|mark| mark.strip_prefix("acked ")?.parse().ok()).collect()
}

async fn look(plan: &Plan, kiosk: &Path, hall: &Path, acked: &BTreeSet<usize>) -> Seen {
    let mut seen = Seen::default();
    let store = match Store::open(Options::new(kiosk)).await {
        Ok(store) => store,
        Err(error) => {
            seen.torn.push(format!("the terminal does not start: {error}"));
            return seen;
        }
    };
    let held = look_at_terminal(&mut seen, plan, &store, kiosk).await;
    seen.lost.extend(acked.difference(&held).map(|index| format!("{index} is not on the terminal")));
    match Hall::open(hall, None, plan.hall).await {
        Err(error) => seen.torn.push(format!("the hall does not start: {error}")),
        Ok(mut hall) => {
            if let Err(error) = workload::deliver(&store, &mut hall).await {
                seen.torn.push(format!("what is due cannot be sent: {error}"));
            }
            look_at_hall(&mut seen, &hall, (&store, &held), plan).await;
            hall.close().await;
        }
    }
    seen
}

/// Returns what the terminal still knows of.
async fn look_at_terminal(seen: &mut Seen, plan: &Plan, store: &Store, folder: &Path) -> BTreeSet<usize> {
    if let Err(error) = store.verify_audit().await {
        seen.torn.push(error.to_string());
    }
    let rows = store.held().await.unwrap_or_default();
    for (row, expected) in rows.iter().zip(1..) {
        if row.kiosk_seq != expected {
            seen.doubled.push(format!("kiosk_seq {} where {expected} is due", row.kiosk_seq));
        }
        let Some(index) = workload::index_of(&row.submission_id) else { continue };
        if row.has_payload && !payload_is_whole(store, &row.submission_id).await {
            seen.torn.push(format!("{index} is not what was submitted"));
        }
        if plan.attachment_as_file {
            let file = fs::read(folder.join(format!("attachment-{index}"))).unwrap_or_default();
            if file != workload::attachment(index) {
                seen.torn.push(format!("the attachment of {index} is not what was submitted"));
            }
        }
    }
    let next = store.next_numbers().await.map_or(0, |numbers| numbers.kiosk_seq);
    if next != rows.len() as u64 + 1 {
        seen.doubled.push(format!("the next kiosk_seq is {next} after {} submissions", rows.len()));
    }
    rows.iter().filter_map(|row| workload::index_of(&row.submission_id)).collect()
}

/// Whether the terminal still has the bytes that it sealed and signed.
async fn payload_is_whole(store: &Store, id: &str) -> bool {
    let Ok(Some(envelope)) = store.envelope(id).await else { return false };
    let mut hashes = Vec::new();
    for chunk in &envelope.chunks {
        let bytes = store.chunk(id, chunk.part, chunk.index).await.unwrap_or_default();
        let hash = Sha256::of(&bytes);
        if hash.0 != *chunk.sha256 {
            return false;
        }
        hashes.push(hash);
    }
    let body = body_sha256(&envelope.header, hashes.iter());
    let signed = verify_envelope(&body, &envelope.signature, &ENROLLED.signing.verifying_key().to_bytes());
    signed.is_ok() && body.0 == *envelope.body_sha256
}

async fn look_at_hall(seen: &mut Seen, hall: &Hall, (store, held): (&Store, &BTreeSet<usize>), plan: &Plan) {
    for row in store.held().await.unwrap_or_default() {
        let Some(index) = workload::index_of(&row.submission_id).filter(|index| held.contains(index)) else { continue };
        let filled = workload::filled(index, plan.attachment_as_file);
        match hall.cases(&row.number).await.unwrap_or_default().as_slice() {
            [] => seen.lost.push(format!("{index} is no case")),
            [Some(case)] if filled.is(case) => {}
            [_] => seen.torn.push(format!("the case of {index} is not what was submitted")),
            several => seen.doubled.push(format!("{index} is {} cases", several.len())),
        }
    }
}

/// In memory where the machine has it: what is tested is the log's fsyncs, not this machine's.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir()
        && let Ok(folder) = tempfile::tempdir_in(memory)
    {
        return folder;
    }
    tempfile::tempdir().unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    runtime().block_on(future)
}

/// `points` places of the log: each one where the log is short enough, else drawn; and the last place,
/// where everything was said, a few times more.
pub fn places(run: &Run, points: usize, seed: u64) -> Vec<(usize, u64)> {
    let (began, end) = (run.began, run.log.len());
    let mut seeds = Seed::new(seed);
    let mut places: Vec<_> = if end - began <= points { (began + 1..=end).collect() } else { Vec::new() };
    while places.len() < points {
        places.push(began + 1 + seeds.next() as usize % (end - began));
    }
    places.extend([end; 8]);
    places.sort_unstable();
    places.into_iter().map(|place| (place, seeds.next())).collect()
}
