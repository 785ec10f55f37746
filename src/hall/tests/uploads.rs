//! Files from a phone to a terminal: through the real page and routes, sealed on arrival, in memory only; hostile
//! uploads, expiry on a clock that the test sets, and a search for plain bytes in the hall's folder.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::io::Write as _;
use std::path::Path;

use hall::{Hall, HallConfig, RunningHall};
use jiff::SignedDuration;
use support::phone::{Phone, TestCa, form_of, public_config, public_url, read_page};
use support::{Terminal, random, wait};
use wire::api::{ProblemCode, UploadRequest, UploadSession, UploadState, path};
use wire::ids::{Sha256, UploadId};
use wire::seal::{FileHead, FilePlace, open_file, x25519_pair};

/// A terminal's session: its secret half stays here.
struct Session<'a> {
    terminal: &'a Terminal,
    secret: [u8; 32],
    id: UploadId,
    session: UploadSession,
    page: String,
}

impl<'a> Session<'a> {
    fn open(hall: &RunningHall, terminal: &'a Terminal) -> Self {
        let (secret, public) = x25519_pair(&random());
        let id = UploadId(uuid::Builder::from_random_bytes(random()).into_uuid());
        let request = UploadRequest { upload_id: id, public_key: Sha256(public) };
        let answer = terminal.json("POST", path::UPLOADS, &request);
        assert_eq!(answer.status, 201);
        let session: UploadSession = answer.json();
        let again: UploadSession = terminal.json("POST", path::UPLOADS, &request).json();
        assert_eq!(again.url, session.url, "a repeat is the same session");
        assert!(session.url.ends_with(&request.link_ending()), "the link carries the session's key");
        let page = session.url.strip_prefix(&public_url(hall)).unwrap().to_owned();
        Self { terminal, secret: *secret, id, session, page }
    }

    fn state(&self, query: &str) -> UploadState {
        self.terminal.call("GET", &format!("{}{query}", path::upload(&self.id)), Vec::new()).json()
    }

    fn fetch(&self, file_no: u32) -> Option<(FileHead, Vec<u8>)> {
        let answer = self.terminal.call("GET", &path::uploaded_file(&self.id, file_no), Vec::new());
        let place = FilePlace { upload_id: self.id, file_no };
        (answer.status == 200).then(|| {
            let (head, plain) = open_file(&self.secret, place, &answer.body).unwrap();
            (head, plain.to_vec())
        })
    }

    fn taken(&self, file_no: u32) {
        assert_eq!(self.terminal.call("DELETE", &path::uploaded_file(&self.id, file_no), Vec::new()).status, 204);
    }

    fn close(&self) {
        assert_eq!(self.terminal.call("DELETE", &path::upload(&self.id), Vec::new()).status, 204);
    }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

/// Whether any file below a folder holds these bytes.
fn on_disk(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().filter_map(Result::ok).any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return on_disk(&path, needle);
        }
        std::fs::read(&path).is_ok_and(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
    })
}

#[test]
fn without_a_public_name_the_way_in_is_not_offered() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let id = UploadId(uuid::Builder::from_random_bytes(random()).into_uuid());
    let request = UploadRequest { upload_id: id, public_key: Sha256(random()) };
    assert_eq!(terminal.json("POST", path::UPLOADS, &request).code(), ProblemCode::NotOffered);
    hall.stop();
}

#[test]
fn files_come_to_the_terminal_whole_and_only_its_key_opens_them() {
    let (dir, ca) = (tempfile::tempdir().unwrap(), TestCa::new());
    let hall = Hall::start(public_config(dir.path(), &ca)).unwrap();
    let (phone, terminal) = (Phone::new(&hall, &ca), Terminal::enrol(&hall, "007"));
    let session = Session::open(&hall, &terminal);
    let (chance, _) = session.page.split_once('.').unwrap();
    let other = UploadRequest { upload_id: session.id, public_key: Sha256(random()) }.link_ending();
    assert_eq!(phone.get(&format!("{chance}.{other}")).status, 410, "a link for another key leads nowhere");
    assert_eq!(phone.get(chance).status, 410);
    assert!(!session.state("").phone_seen);
    let waiting = std::thread::scope(|scope| {
        let asking = scope.spawn(|| session.state("?after=0&wait=20"));
        let page = phone.get(&session.page);
        assert!(page.status == 200 && page.has("007 号终端") && page.has("multipart/form-data"));
        asking.join().unwrap()
    });
    assert!(waiting.phone_seen, "the long poll answers when a phone comes");
    let needle: [u8; 64] = random();
    let large = [bytes(2_500_000), needle.to_vec()].concat();
    let sent = phone.upload(&session.page, &[("照片 1.jpg", &large), ("空.txt", b""), ("脚本.exe", b"MZ whatever")]);
    assert!(sent.status == 200 && sent.text.matches("✓").count() == 3, "{}", sent.text);
    let state = session.state("?after=0&wait=20");
    assert_eq!((state.arrived, state.arriving, state.files.len()), (3, 0, 3));
    assert_eq!(state.files[0].bytes, large.len() as u64);
    let (head, plain) = session.fetch(1).unwrap();
    assert_eq!((head.name.as_str(), plain == large), ("照片 1.jpg", true));
    assert_eq!(session.fetch(3).unwrap().1, b"MZ whatever", "what it is, is the terminal's matter");
    assert!(session.fetch(1).is_some(), "until it is acknowledged it may be fetched again");
    let sealed = terminal.call("GET", &path::uploaded_file(&session.id, 1), Vec::new()).body;
    let place = FilePlace { upload_id: session.id, file_no: 1 };
    assert!(open_file(&random(), place, &sealed).is_err(), "another key opens nothing");
    assert!(!on_disk(dir.path(), &needle) && !on_disk(dir.path(), "照片 1.jpg".as_bytes()));
    session.taken(1);
    assert!(session.fetch(1).is_none());
    let other = Terminal::enrol(&hall, "008");
    assert_eq!(other.call("GET", &path::uploaded_file(&session.id, 2), Vec::new()).code(), ProblemCode::NoMatch);
    hall.stop();
}

#[test]
fn a_session_ends_with_its_terminal_or_after_ten_minutes_and_leaves_nothing() {
    let (dir, ca) = (tempfile::tempdir().unwrap(), TestCa::new());
    let config = public_config(dir.path(), &ca);
    let clock = config.clock.clone();
    let hall = Hall::start(config).unwrap();
    let (phone, terminal) = (Phone::new(&hall, &ca), Terminal::enrol(&hall, "007"));
    let first = Session::open(&hall, &terminal);
    phone.upload(&first.page, &[("a.pdf", &bytes(100_000))]);
    assert!(hall.upload_bytes() >= 100_000);
    first.close();
    assert_eq!((phone.get(&first.page).status, hall.upload_bytes()), (410, 0));
    assert!(!first.state("?wait=20").open && first.fetch(1).is_none());
    let second = Session::open(&hall, &terminal);
    phone.upload(&second.page, &[("b.pdf", &bytes(100_000))]);
    let third = Session::open(&hall, &terminal);
    assert_eq!((phone.get(&second.page).status, hall.upload_bytes()), (410, 0), "one session for each terminal");
    phone.upload(&third.page, &[("c.pdf", &bytes(100_000))]);
    clock.set_shift(SignedDuration::from_secs(599));
    assert_eq!(phone.get(&third.page).status, 200);
    clock.set_shift(SignedDuration::from_secs(601));
    assert_eq!(phone.get(&third.page).status, 410);
    assert_eq!(phone.upload(&third.page, &[("d.pdf", b"x")]).status, 410);
    wait(|| hall.upload_bytes() == 0);
    hall.stop();
}

#[test]
fn too_big_too_many_and_too_much_are_said_and_the_rest_is_taken() {
    let (dir, ca) = (tempfile::tempdir().unwrap(), TestCa::new());
    let mut config = public_config(dir.path(), &ca);
    config.public.upload_memory_mib = 36;
    let hall = Hall::start(config).unwrap();
    let (phone, terminal) = (Phone::new(&hall, &ca), Terminal::enrol(&hall, "007"));
    let session = Session::open(&hall, &terminal);
    let most = usize::try_from(session.session.limits.file_bytes_max).unwrap();
    let answer = phone.upload(&session.page, &[("big.pdf", &vec![7; most + 1]), ("small.pdf", b"%PDF-")]);
    assert!(answer.has("超过 30 MB") && answer.has("small.pdf 已送到终端"), "{}", answer.text);
    assert_eq!(session.state("").files.len(), 1);
    let answer = phone.upload(&session.page, &[("one.pdf", &vec![7; most])]);
    assert!(answer.has("已送到终端"));
    let answer = phone.upload(&session.page, &[("two.pdf", &vec![7; most / 2])]);
    assert!(answer.has("暂时放不下") && answer.has("USB stick"), "{}", answer.text);
    session.state("").files.iter().for_each(|file| session.taken(file.file_no));
    assert_eq!(hall.upload_bytes(), 0);
    let many: Vec<(&str, &[u8])> = (0..21).map(|_| ("x.txt", b"x".as_slice())).collect();
    let answer = phone.upload(&session.page, &many);
    assert!(answer.has("一次最多传 20 个文件"), "{}", answer.text);
    assert_eq!(session.state("").arrived, session.session.limits.files_max);
    hall.stop();
}

#[test]
fn cut_and_malformed_uploads_leave_nothing_and_hold_nobody_up() {
    let (dir, ca) = (tempfile::tempdir().unwrap(), TestCa::new());
    let hall = Hall::start(public_config(dir.path(), &ca)).unwrap();
    let (phone, terminal) = (Phone::new(&hall, &ca), Terminal::enrol(&hall, "007"));
    let session = Session::open(&hall, &terminal);
    let (kind, body) = form_of(&[("cut.pdf", &bytes(500_000))]);
    let whole = phone.with_body(&session.page, &kind, &body);
    // Cut in the middle of the file.
    let mut stream = phone.connect().unwrap();
    stream.write_all(&whole[..whole.len() / 2]).unwrap();
    stream.flush().unwrap();
    wait(|| session.state("").arriving == 1);
    // While it hangs there, others get through.
    assert!(phone.upload(&session.page, &[("whole.pdf", b"%PDF-")]).has("已送到终端"));
    drop(stream);
    wait(|| session.state("").arriving == 0);
    assert_eq!(session.state("").files.len(), 1);
    let garbage: [(&str, &[u8]); 4] = [
        ("multipart/form-data; boundary=frontier", b"no form at all"),
        (
            "multipart/form-data; boundary=frontier",
            b"--frontier\r\ncontent-disposition: form-data; filename=\"a\"\r\n\r\nx",
        ),
        ("multipart/form-data", b"--x--"),
        ("application/json", b"{}"),
    ];
    for (kind, body) in garbage {
        let mut stream = phone.connect().unwrap();
        stream.write_all(&phone.with_body(&session.page, kind, body)).unwrap();
        let answer = read_page(&mut stream).unwrap();
        assert!(!answer.has("✓"), "{}", answer.text);
    }
    assert_eq!((session.state("").files.len(), session.state("").arriving), (1, 0));
    let hanging: Vec<_> = (0..3)
        .map(|_| {
            let mut stream = phone.connect().unwrap();
            stream.write_all(&whole[..whole.len() / 2]).unwrap();
            stream.flush().unwrap();
            stream
        })
        .collect();
    wait(|| session.state("").arriving == 3);
    assert!(phone.upload(&session.page, &[("fourth.pdf", b"x")]).has("前面的文件还在传"));
    session.close();
    drop(hanging);
    wait(|| hall.upload_bytes() == 0);
    assert_eq!(phone.get("/u/00000000000000000000000000000000").status, 410);
    hall.stop();
}
