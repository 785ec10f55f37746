//! What a durable, sealed submission costs beside a raw SQLite commit (WAL, synchronous=FULL) of the same
//! bytes: sealing and commit apart, then both, from the touch of 提交 with context and store ready, as they are
//! when the review page was there for a moment. Prints ratios; the goal is at most 1.3. Runs on the disk of the
//! target folder, not in memory.
//!
//! Two yardsticks, since an emptied log costs an fsync to begin. The review page pays it for the citizen, so the
//! touch finds the log begun; a commit that nothing made ready finds it as the last slip left it, emptied. The
//! ratio to an emptied log says what the citizen waits beside such a commit; the ratio to a begun log is the stricter
//! one, the cost of the same work alone. Before each there is the pause of somebody who reads.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "submit/raw.rs"]
mod raw;

use std::{
    hint::black_box,
    path::PathBuf,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion};
use ed25519_dalek::SigningKey;
use kiosk::store::{NextNumbers, Options, RecoveryKey, RecoverySecret, SealedSubmission, Signing, Store};
use raw::{Log, Raw, pause};
use tokio::runtime::Runtime;
use wire::ids::Sha256;
use wire::seal::{Header, SealContext, body_sha256, sign_envelope, x25519_pair};
use zeroize::Zeroizing;

const SIZES: [(&str, usize); 3] = [("2 KB", 2_000), ("300 KB", 300_000), ("1 MB", 1_000_000)];
/// Pairs that the printed ratios are made of.
const PAIRS: usize = 60;

/// A terminal ready for the touch of 提交.
struct Terminal {
    header: Header,
    runtime: Runtime,
    store: Store,
    public: [u8; 32],
    signing: SigningKey,
    recovery: RecoveryKey,
    count: u64,
    _folder: tempfile::TempDir,
}

impl Terminal {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = folder();
        let store = runtime.block_on(Store::open(Options::new(folder.path()))).unwrap();
        Self {
            header: header(),
            runtime,
            store,
            public: x25519_pair(&[9; 32]).1,
            signing: SigningKey::from_bytes(&[8; 32]),
            recovery: RecoveryKey::derive("11010119900307002X").unwrap(),
            count: 0,
            _folder: folder,
        }
    }

    /// Made when the review page opens.
    fn context(&self) -> SealContext {
        SealContext::new("sealing-1".parse().unwrap(), &self.public).unwrap()
    }

    /// As the app does it: hashed and signed on the way into the database.
    fn seal(&self, context: SealContext, parts: &[Zeroizing<Vec<u8>>], numbers: NextNumbers) -> SealedSubmission {
        let Header { number, item_id, key_id, submitted_at_ms, .. } = self.header.clone();
        let header = Header { kiosk_seq: numbers.kiosk_seq, ..self.header.clone() };
        let sealed = context.seal_unhashed(header, parts).unwrap();
        let signing = self.signing.clone();
        let secret = RecoverySecret {
            number: number.to_string(),
            query_code: "123456".into(),
            lookup_token: "00112233445566778899aabbccddeeff".into(),
        };
        SealedSubmission {
            number: number.to_string(),
            item_id,
            key_id: key_id.to_string(),
            submitted_at_ms,
            header: sealed.header,
            chunks: sealed.chunks,
            signing: Signing::Due(Box::new(move |body| sign_envelope(body, &signing))),
            recovery: Some(self.recovery.seal("id", "00001-6", &secret).unwrap()),
        }
    }

    /// Sealing, hashing and signing alone.
    fn time_sealing(&self, parts: &[Zeroizing<Vec<u8>>]) -> Duration {
        let context = self.context();
        pause();
        let start = Instant::now();
        black_box(self.signed(self.seal(context, parts, NextNumbers { kiosk_seq: 1, serial: 1 })));
        start.elapsed()
    }

    /// Ready to be written.
    fn signed(&self, mut sealed: SealedSubmission) -> SealedSubmission {
        let hashes: Vec<Sha256> = sealed.chunks.iter().map(|chunk| Sha256::of(&chunk.bytes)).collect();
        let body = body_sha256(&sealed.header, hashes.iter());
        sealed.signing = Signing::Done(sign_envelope(&body, &self.signing).to_vec());
        sealed
    }

    /// The store alone: what is stored was sealed before. Its hashes are part of it, beside the writing.
    fn time_commit(&mut self, parts: &[Zeroizing<Vec<u8>>]) -> Duration {
        let sealed = self.seal(self.context(), parts, NextNumbers { kiosk_seq: 1, serial: 1 });
        let id = self.next_id();
        self.make_ready();
        pause();
        let start = Instant::now();
        self.runtime.block_on(self.store.submit::<()>(&id, |_| Ok(sealed))).unwrap();
        self.after(start.elapsed())
    }

    /// From the touch to "it is stored".
    fn time_submit(&mut self, parts: &[Zeroizing<Vec<u8>>]) -> Duration {
        let context = self.context();
        let id = self.next_id();
        self.make_ready();
        pause();
        let start = Instant::now();
        let seal = |numbers| Ok::<_, ()>(self.seal(context, parts, numbers));
        self.runtime.block_on(self.store.submit(&id, seal)).unwrap();
        self.after(start.elapsed())
    }

    /// As the review page does it.
    fn make_ready(&self) {
        self.runtime.block_on(self.store.make_ready()).unwrap();
    }

    /// The log is emptied when the slip is printed, not while the citizen waits; the yardstick does the same.
    fn after(&self, time: Duration) -> Duration {
        self.runtime.block_on(self.store.empty_log()).unwrap();
        time
    }

    fn next_id(&mut self) -> String {
        self.count += 1;
        format!("019ab000-0000-7000-8000-{:012}", self.count)
    }
}

/// The header of the golden envelope, with a certificate as large as a real one.
fn header() -> Header {
    let golden = include_bytes!("../../src/wire/tests/golden/envelope/header.json");
    Header { certificate: Header::certificate_text(&[5; 600]), ..Header::parse(golden).unwrap() }
}

/// Answers of 2 KB and one attachment with the rest; random, so that nothing on the way compresses it.
fn parts(bytes: usize) -> Vec<Zeroizing<Vec<u8>>> {
    let mut noise = vec![0; bytes];
    getrandom::fill(&mut noise).unwrap();
    let attachment = noise.split_off(bytes.min(2_000));
    let mut parts = vec![Zeroizing::new(noise)];
    if !attachment.is_empty() {
        parts.push(Zeroizing::new(attachment));
    }
    parts
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(PathBuf::from(env!("CARGO_TARGET_TMPDIR"))).unwrap()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Pairs in turn, so that a busy disk is busy for both.
fn print_ratios() {
    println!("\ndurable sealed submit beside a raw commit of the same bytes (medians of {PAIRS}; goal 1.3)");
    for (name, bytes) in SIZES {
        let (mut terminal, mut raw, parts) = (Terminal::new(), Raw::new(folder()), parts(bytes));
        let mut times: [Vec<Duration>; 5] = Default::default();
        for _ in 0..PAIRS {
            let sealed = terminal.seal(terminal.context(), &parts, NextNumbers { kiosk_seq: 1, serial: 1 });
            times[0].push(raw.time_commit(&sealed, Log::Begun));
            times[4].push(raw.time_commit(&sealed, Log::Empty));
            times[1].push(terminal.time_submit(&parts));
            times[2].push(terminal.time_sealing(&parts));
            times[3].push(terminal.time_commit(&parts));
        }
        let [begun, submit, sealing, commit, empty] = times.map(median);
        let ratio = |time: Duration, raw: Duration| time.as_secs_f64() / raw.as_secs_f64();
        println!(
            "{name:>7}: sealing {sealing:>9.1?} | commit {commit:>9.1?} | submit {submit:>9.1?} | \
             raw on an emptied log {empty:>9.1?}: commit {:.2}, submit {:.2} | \
             raw on a begun log {begun:>9.1?}: commit {:.2}, submit {:.2}",
            ratio(commit, empty),
            ratio(submit, empty),
            ratio(commit, begun),
            ratio(submit, begun)
        );
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for (name, bytes) in SIZES {
        let parts = parts(bytes);
        let mut group = criterion.benchmark_group("submit");
        let (mut terminal, mut raw) = (Terminal::new(), Raw::new(folder()));
        group.bench_function(BenchmarkId::new("sealing", name), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| terminal.time_sealing(&parts)).sum());
        });
        group.bench_function(BenchmarkId::new("commit", name), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| terminal.time_commit(&parts)).sum());
        });
        group.bench_function(BenchmarkId::new("submit", name), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| terminal.time_submit(&parts)).sum());
        });
        let sealed = terminal.seal(terminal.context(), &parts, NextNumbers { kiosk_seq: 1, serial: 1 });
        group.bench_function(BenchmarkId::new("raw commit", name), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| raw.time_commit(&sealed, Log::Begun)).sum());
        });
        group.finish();
    }
    criterion.final_summary();
    print_ratios();
}
