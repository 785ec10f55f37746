//! What stays of a citizen's document: a file from a stick is printed, a page is copied; after each farewell neither the
//! folders nor any process holds a word, a picture, a small picture or the name of it. The search finds each of them
//! while the session lasts.

use crate::search::{Needles, Watch, in_folder, in_memory};
use crate::terminal::{PaperPlace, Place, Process};
use crate::wait;
use drivers::document_printer::simulator::{self as printer_simulator, Make, Pace};
use drivers::document_scanner::simulator::{self as scanner_simulator, Picture};
use drivers::usb_stick::simulator as stick_simulator;
use drivers::{id_card_reader, receipt_printer};
use flate2::{Compression, write::ZlibEncoder};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use volume::simulator::{exfat, in_mbr};

/// Pixels of the picture in the document, a side.
const SIDE: usize = 64;

/// A document that exists only in this test.
struct Letter {
    name: String,
    word: String,
    picture: Vec<u8>,
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

fn letters(count: usize) -> String {
    random(count).iter().map(|byte| char::from(b'A' + byte % 26)).collect()
}

impl Letter {
    fn new() -> Self {
        Self { name: letters(11), word: letters(24), picture: random(SIDE * SIDE) }
    }

    /// One page with a word and a picture, both as they are.
    fn pdf(&self) -> Vec<u8> {
        let content =
            format!("q 480 0 0 480 57 200 cm /P Do Q BT /F 18 Tf 60 740 Td ({}) Tj ET 57 120 480 40 re f", self.word);
        let mut out = b"%PDF-1.4\n".to_vec();
        let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources \
                    << /XObject << /P 5 0 R >> /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>";
        let picture = format!(
            "<< /Type /XObject /Subtype /Image /Width {SIDE} /Height {SIDE} /ColorSpace /DeviceGray \
             /BitsPerComponent 8 /Length {} >>\nstream\n",
            self.picture.len()
        );
        let objects: [Vec<u8>; 5] = [
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec(),
            page.as_bytes().to_vec(),
            format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()).into_bytes(),
            [picture.as_bytes(), &self.picture, b"\nendstream"].concat(),
        ];
        let mut places = Vec::new();
        for (number, object) in objects.iter().enumerate() {
            places.push(out.len());
            out.extend_from_slice(format!("{} 0 obj\n", number + 1).as_bytes());
            out.extend_from_slice(object);
            out.extend_from_slice(b"\nendobj\n");
        }
        let start = out.len();
        let table: String = places.iter().map(|place| format!("{place:010} 00000 n \n")).collect();
        let tail = format!(
            "xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
        );
        out.extend_from_slice(tail.as_bytes());
        out
    }

    fn needles(&self) -> Needles {
        let wide: Vec<u8> = self.name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        vec![
            ("the file's name", self.name.as_bytes().to_vec()),
            ("the file's name as the stick holds it", wide),
            ("a word of the document", self.word.as_bytes().to_vec()),
            ("its picture", self.picture[..64].to_vec()),
        ]
    }
}

/// A page of noise in large squares, so that every scan of it is like no other.
fn noise() -> Picture {
    let (width, height, square) = (1_240_usize, 1_754_usize, 31);
    let tones = random((width / square + 1) * (height / square + 1));
    let tone = |x: usize, y: usize| 40 + tones[(y / square) * (width / square) + x / square] % 200;
    let rgb = (0..width * height).flat_map(|at| [tone(at % width, at / width); 3]).collect();
    Picture::new(width as u32, height as u32, 150, rgb)
}

/// Needles that the terminal itself tells, of pictures that only it has: XORed, so that telling them leaves nothing.
fn told(terminal: &mut Process, what: &'static str) -> (&'static str, Vec<u8>) {
    let hex = terminal.wait(&format!("{what} "));
    let bytes =
        hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
    (what, bytes.map(|byte| byte ^ crate::paper::MASK).collect())
}

/// Processes that a process started and that still run.
fn children(of: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{of}/task")).unwrap().flatten();
    let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<u32>>()).collect()
}

/// Everywhere that a needle was found in the terminal and its workers.
fn in_processes(terminal: u32, needles: &Needles) -> Vec<(&'static str, String)> {
    let all = std::iter::once(terminal).chain(children(terminal));
    all.filter(|process| Path::new(&format!("/proc/{process}/maps")).exists())
        .flat_map(|process| in_memory(process, needles))
        .collect()
}

#[test]
fn nothing_of_a_printed_file_or_a_copy_stays_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let hall = hall::Hall::start(hall::HallConfig::demo(folder.path())).unwrap();
    let (reader, _card) = id_card_reader::simulator::on_pty().unwrap();
    let (slips, _slips) = receipt_printer::simulator::on_pty().unwrap();
    let (printer, printed) = printer_simulator::on_tcp(Make::default(), None).unwrap();
    printed.pace(Pace::AtOnce);
    let (scanner, glass) = scanner_simulator::on_tcp(None).unwrap();
    let (stick, slot) = stick_simulator::in_folder(&folder.path().join("stick")).unwrap();
    let temp = folder.path().join("terminal");
    std::fs::create_dir(&temp).unwrap();
    let place = Place {
        hall: hall.terminal_addr.to_string(),
        code: hall.enrolment_code("007", "大厅东门").unwrap().code,
        reader: format!("serial://{}?baud=115200", reader.path().display()),
        printer: format!("serial://{}?baud=115200", slips.path().display()),
        paper: Some(PaperPlace {
            printer: format!("ipp://{}/ipp/print", printer.address()),
            scanner: format!("escl://{}/eSCL", scanner.address()),
            stick,
            temp: temp.clone(),
        }),
    };
    let letter = Letter::new();
    let mut needles = letter.needles();
    let mut terminal = Process::start(&place, "");
    let watch = Watch::over(&temp, needles.clone());

    let name = format!("{}.pdf", letter.name);
    slot.plug_in(&in_mbr(&exfat(8, &[(&name, &letter.pdf())]))).unwrap();
    needles.push(told(&mut terminal, "a small picture of the file"));
    terminal.wait("previewed");
    let kept = in_processes(terminal.id(), &needles);
    for (what, _) in &needles {
        assert!(kept.iter().any(|(found, _)| found == what), "the search would not find {what}: {kept:?}");
    }
    terminal.go_on();
    nothing_left_at_the_farewell(&mut terminal, &needles);
    slot.pull_out().unwrap();

    glass.lay(vec![noise()]);
    terminal.go_on();
    let mut copied = vec![told(&mut terminal, "a small picture of the scan")];
    copied.push(told(&mut terminal, "a small picture of the copy"));
    terminal.wait("copied");
    let kept = in_processes(terminal.id(), &copied);
    assert!(kept.iter().any(|(what, _)| *what == "a small picture of the copy"), "would not be found: {kept:?}");
    terminal.go_on();
    needles.extend(copied);
    nothing_left_at_the_farewell(&mut terminal, &needles);
    assert_eq!(printed.came_out().len(), 2, "both were printed");
    assert_eq!(in_folder(&temp, &needles), [""; 0], "in the terminal's folders");
    let seen = watch.end();
    assert!(seen.looks > 3 && seen.found.is_empty(), "in {} looks at the folders: {:?}", seen.looks, seen.found);
    println!("the folders were searched {} times, the memory twice: 0 found", seen.looks);
}

fn nothing_left_at_the_farewell(terminal: &mut Process, needles: &Needles) {
    terminal.wait("farewell");
    wait("the workers to end", || children(terminal.id()).is_empty());
    // The thread that drew the last picture may hold it a moment longer than the page that says farewell.
    let until = Instant::now() + Duration::from_secs(10);
    let left = loop {
        let left = in_memory(terminal.id(), needles);
        if left.is_empty() || Instant::now() > until {
            break left;
        }
    };
    assert!(left.is_empty(), "in memory after the farewell: {left:?}");
}

#[test]
fn a_document_written_to_a_temporary_file_would_be_found_packed_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let letter = Letter::new();
    std::fs::write(folder.path().join("a.tmp"), letter.pdf()).unwrap();
    assert_eq!(in_folder(folder.path(), &letter.needles()), ["a word of the document", "its picture"]);
    std::fs::remove_file(folder.path().join("a.tmp")).unwrap();
    let mut packed = ZlibEncoder::new(b"spool".to_vec(), Compression::default());
    packed.write_all(&letter.pdf()).unwrap();
    std::fs::write(folder.path().join("b.tmp"), packed.finish().unwrap()).unwrap();
    assert_eq!(in_folder(folder.path(), &letter.needles()), ["a word of the document", "its picture"]);
}
