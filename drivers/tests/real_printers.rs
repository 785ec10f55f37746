//! The IPP driver against printers that others wrote: CUPS's `ippeveprinter`, and a private `cupsd` with an
//! `everywhere` queue before it; our raster against `rastertopdf` of cups-filters.
#![allow(clippy::unwrap_used, clippy::panic)]

mod counterpart;

use counterpart::{IppEvePrinter, Running, free_port, get, is_here, wait_for_port, wait_until};
use drivers::{
    DeviceErrorKind, PaperSupply, Stop,
    document_printer::{
        DocumentFormat, DocumentPrinter, IppPrinter, IppTimings, JobId, JobReport, JobState, JobTicket, Level, Sides,
        Submission, SubmitFailure, SubmitOutcome, Trouble, open,
        pwg::{ColorSpace, Raster, RasterFormat, RasterPage, decode},
    },
    uri::Place,
};
use std::{io::Read, io::Write, process::Command};
use zeroize::Zeroizing;

fn printer(port: u16) -> Box<dyn DocumentPrinter> {
    open(&format!("ipp://localhost:{port}/ipp/print").parse().unwrap(), "yimen-terminal").unwrap()
}

/// With patience for a few looks only.
fn impatient(port: u16) -> IppPrinter {
    let Place::Ipp(address) = format!("ipp://localhost:{port}/ipp/print").parse::<drivers::DeviceUri>().unwrap().place
    else {
        panic!("no printer")
    };
    IppPrinter::new(&address, "yimen-terminal").with_timings(IppTimings {
        busy_look_ms: 1,
        busy_looks: 3,
        ..Default::default()
    })
}

fn submit(printer: &mut dyn DocumentPrinter, ticket: &JobTicket, bytes: &[u8]) -> SubmitOutcome {
    let (stop, length) = (Stop::new(), Some(bytes.len() as u64));
    printer.submit(Submission { ticket, document: &mut &*bytes, length, stop: &stop, progress: None })
}

#[track_caller]
fn accepted(outcome: SubmitOutcome) -> JobId {
    match outcome {
        SubmitOutcome::Accepted(id) => id,
        other => panic!("{other:?}"),
    }
}

fn report_when(printer: &mut dyn DocumentPrinter, id: &JobId, wanted: impl Fn(&JobReport) -> bool) -> JobReport {
    wait_until("the job's state", || printer.job(id).ok().filter(|report| wanted(report)))
}

fn pdf() -> Vec<u8> {
    pdf_with("")
}

fn pdf_with(content: &str) -> Vec<u8> {
    let stream = format!("4 0 obj <</Length {}>> stream\n{content}\nendstream endobj\n", content.len());
    let mut text = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for object in [
        "1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n",
        "2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n",
        "3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R>> endobj\n",
        &stream,
    ] {
        places.push(text.len());
        text += object;
    }
    let table = text.len();
    text += "xref\n0 5\n0000000000 65535 f \n";
    places.iter().for_each(|place| text += &format!("{place:010} 00000 n \n"));
    text += &format!("trailer <</Size 5 /Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n");
    text.into_bytes()
}

fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    let dots: Vec<u8> = (0..64 * 64).map(|at| at as u8).collect();
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    image::ImageEncoder::write_image(encoder, &dots, 64, 64, image::ExtendedColorType::L8).unwrap();
    bytes
}

fn dot(color: ColorSpace, x: u32, y: u32, page: u32) -> Vec<u8> {
    let shade = if (x / 100 + y / 150 + page).is_multiple_of(2) { 0x30 } else { (x * 255 / 2480) as u8 };
    match color {
        ColorSpace::Gray => vec![shade],
        ColorSpace::Srgb => vec![shade, (y * 255 / 3508) as u8, 255 - shade],
    }
}

/// Pages of A4 at 300 dpi; one of every `step` rows is new.
fn raster(pages: u32, color: ColorSpace, sides: Sides) -> Vec<u8> {
    let format = RasterFormat {
        dpi: 300,
        sides,
        media: "iso_a4_210x297mm".into(),
        sheet_back: Default::default(),
        total_pages: pages,
    };
    let page = |number: u32| {
        let mut dots = Vec::with_capacity(2480 * 3508 * color.bytes());
        for y in 0..3508_u32 {
            if y.is_multiple_of(50) {
                (0..2480).for_each(|x| dots.extend(dot(color, x, y, number)));
            } else {
                dots.extend_from_within(dots.len() - 2480 * color.bytes()..);
            }
        }
        Ok(RasterPage { width: 2480, height: 3508, color, dots: Zeroizing::new(dots) })
    };
    let mut bytes = Vec::new();
    Raster::new(format, (0..pages).map(page)).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn ippeveprinter_takes_pdf_jpeg_and_our_raster_as_they_are() {
    let Some(real) = IppEvePrinter::start() else { return };
    let mut printer = printer(real.port);
    let can = printer.capabilities().unwrap();
    assert_eq!(can.formats, DocumentFormat::ALL);
    assert!(can.color && can.sides.len() == 3 && can.page_ranges && can.copies_max >= 99);
    let a4 = can.media("iso_a4_210x297mm").unwrap();
    assert_eq!((a4.width, a4.height), (21_000, 29_700));
    assert!(a4.margins.top > 0 && can.raster.as_ref().is_some_and(|raster| raster.gray && raster.srgb));
    let documents = [
        (DocumentFormat::Pdf, pdf()),
        (DocumentFormat::Jpeg, jpeg()),
        (DocumentFormat::PwgRaster, raster(2, ColorSpace::Gray, Sides::TwoSidedLongEdge)),
    ];
    for (number, (format, bytes)) in documents.into_iter().enumerate() {
        let ticket = JobTicket {
            sides: Sides::TwoSidedLongEdge,
            ..JobTicket::a4(format!("yimen-test-document-{number}"), format)
        };
        assert_eq!(printer.validate(&ticket).unwrap(), None);
        let id = accepted(submit(&mut *printer, &ticket, &bytes));
        real.say(&["ATTR: job-impressions-completed=1", "end"]);
        let report = report_when(&mut *printer, &id, |report| report.state.has_ended());
        assert_eq!((report.state, report.impressions_completed), (JobState::Completed, Some(1)));
        assert!(real.kept().contains(&bytes), "{format:?} did not arrive as it was sent");
    }
}

#[test]
fn ippeveprinters_troubles_progress_abort_and_cancel_are_told_as_they_are() {
    let Some(real) = IppEvePrinter::start() else { return };
    let mut printer = printer(real.port);
    let ticket = |name: &str| JobTicket::a4(name, DocumentFormat::Pdf);
    let id = accepted(submit(&mut *printer, &ticket("yimen-test-progress-0001"), &pdf()));
    let mut words = real.talk();
    for done in 1..=3 {
        writeln!(words, "ATTR: job-impressions-completed={done}").unwrap();
        report_when(&mut *printer, &id, |report| report.impressions_completed == Some(done));
    }
    writeln!(words, "STATE: +media-empty").unwrap();
    let status = wait_until("out of paper", || printer.status().ok().filter(|status| status.trouble.is_some()));
    assert_eq!((status.trouble, status.paper), (Some(Trouble::PaperOut), PaperSupply::Out));
    writeln!(words, "STATE: -media-empty").unwrap();
    wait_until("paper again", || printer.status().ok().filter(|status| status.trouble.is_none()));
    let busy = submit(&mut impatient(real.port), &ticket("yimen-test-busy-0001"), &pdf());
    assert!(matches!(busy, SubmitOutcome::NotSent(SubmitFailure::Busy)), "{busy:?}");
    assert_eq!(printer.active_jobs().unwrap(), std::slice::from_ref(&id));
    writeln!(words, "fail").unwrap();
    assert_eq!(report_when(&mut *printer, &id, |report| report.state.has_ended()).state, JobState::Aborted);
    drop(words);

    let id = accepted(submit(&mut *printer, &ticket("yimen-test-cancel-0001"), &pdf()));
    let words = real.talk();
    for _ in 0..3 {
        printer.cancel(&id).unwrap();
    }
    drop(words);
    assert_eq!(report_when(&mut *printer, &id, |report| report.state.has_ended()).state, JobState::Canceled);
    assert!(printer.active_jobs().unwrap().is_empty());
    assert_eq!(printer.find_job(&id.name).unwrap().as_ref(), Some(&id), "it remembers what has ended");
    let gone = JobId { number: id.number, name: "yimen-test-somebody-else-0001".into() };
    assert_eq!(printer.job(&gone).unwrap().state, JobState::Unknown);
}

#[test]
fn ippeveprinters_empty_trays_and_low_toner_are_seen() {
    let Some(real) = IppEvePrinter::start() else { return };
    let mut printer = printer(real.port);
    assert_eq!(printer.status().unwrap().trouble, None);
    get(real.port, "/media?size1=iso_a4_210x297mm&type1=stationery&level1=0&size2=&type2=&level2=0");
    get(real.port, "/supplies?supply0=99&supply1=3");
    let status = printer.status().unwrap();
    assert_eq!((status.trouble, status.paper), (Some(Trouble::PaperOut), PaperSupply::Out));
    assert!(status.supply_is_low(), "{:?}", status.reasons);
    let black = status.supplies.iter().find(|supply| supply.colorant == "black").unwrap();
    assert_eq!(black.level, Level::Percent(3));
    let outcome = submit(&mut *printer, &JobTicket::a4("yimen-test-empty-0001", DocumentFormat::Pdf), &pdf());
    assert!(matches!(outcome, SubmitOutcome::NotSent(SubmitFailure::Trouble(Trouble::PaperOut))), "{outcome:?}");
    get(real.port, "/media?size1=iso_a4_210x297mm&type1=stationery&level1=250&size2=&type2=&level2=0");
    let status = printer.status().unwrap();
    assert_eq!(status.trouble, None);
    assert!(status.trays.iter().any(|tray| tray.level == Level::Sheets(250)));
    assert!(real.kept().is_empty());
}

#[test]
fn ippeveprinters_own_certificate_is_taken_only_when_it_is_pinned() {
    let Some(real) = IppEvePrinter::start() else { return };
    let at = |query: &str| {
        let uri = format!("ipps://localhost:{}/ipp/print{query}", real.port);
        open(&uri.parse().unwrap(), "yimen-terminal").unwrap().status()
    };
    let error = at("").unwrap_err();
    assert_eq!(error.kind, DeviceErrorKind::Misconfigured);
    let said = error.source.unwrap().to_string();
    let pin = said.split("pin=").nth(1).unwrap();
    assert_eq!(at(&format!("?pin={pin}")).unwrap().trouble, None);
    assert_eq!(at(&format!("?pin={}", "0".repeat(64))).unwrap_err().kind, DeviceErrorKind::WrongModel);
}

#[test]
fn a_cups_queue_with_the_everywhere_model_prints_through() {
    if !(is_here("cupsd") && is_here("lpadmin")) {
        return;
    }
    let Some(real) = IppEvePrinter::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    for name in ["root", "requests", "cache", "state", "tmp"] {
        std::fs::create_dir(place(name)).unwrap();
    }
    // As root it gives its rights up, and must still find its folders.
    assert!(Command::new("chmod").arg("-R").arg("a+rwX").arg(folder.path()).status().unwrap().success());
    let port = free_port();
    let settings = format!(
        "Listen 127.0.0.1:{port}\nWebInterface No\nBrowsing No\nDefaultAuthType None\nLogLevel error\n\
         <Location />\nOrder allow,deny\nAllow all\n</Location>\n<Location /admin>\nOrder allow,deny\nAllow all\n\
         </Location>\n<Policy default>\n<Limit All>\nOrder allow,deny\nAllow all\n</Limit>\n</Policy>\n"
    );
    std::fs::write(place("cupsd.conf"), settings).unwrap();
    let files = format!(
        "ServerRoot {}\nRequestRoot {}\nCacheDir {}\nStateDir {}\nTempDir {}\nErrorLog {}\nAccessLog {}\nPageLog {}\n\
         SystemGroup root lpadmin\nSandboxing relaxed\n",
        place("root").display(),
        place("requests").display(),
        place("cache").display(),
        place("state").display(),
        place("tmp").display(),
        place("error_log").display(),
        place("access_log").display(),
        place("page_log").display()
    );
    std::fs::write(place("cups-files.conf"), files).unwrap();
    let mut command = Command::new("cupsd");
    let _cups =
        Running::start(command.arg("-f").arg("-c").arg(place("cupsd.conf")).arg("-s").arg(place("cups-files.conf")));
    wait_for_port(port);
    let server = format!("127.0.0.1:{port}");
    let device = format!("ipp://localhost:{}/ipp/print", real.port);
    let made = Command::new("lpadmin")
        .args(["-h", &server, "-p", "yimen", "-E", "-v", &device, "-m", "everywhere"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let uri = format!("ipp://127.0.0.1:{port}/printers/yimen");
    let mut queue = open(&uri.parse().unwrap(), "yimen-terminal").unwrap();
    assert!(queue.capabilities().unwrap().formats.contains(&DocumentFormat::Pdf));
    let id = accepted(submit(&mut *queue, &JobTicket::a4("yimen-test-queue-0001", DocumentFormat::Pdf), &pdf()));
    real.say(&["end"]);
    report_when(&mut *queue, &id, |report| report.state == JobState::Completed);
    assert!(real.kept().iter().any(|document| document.starts_with(b"%PDF")));
}

/// Pages that `rastertopdf` made of our raster, as grey or colour dots.
fn through_rastertopdf(bytes: &[u8], color: ColorSpace) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.pwg"), bytes).unwrap();
    let filter = Command::new("/usr/lib/cups/filter/rastertopdf")
        .env("PPD", "/nonexistent")
        .env("CONTENT_TYPE", "image/pwg-raster")
        .args(["1", "user", "title", "1", ""])
        .arg(folder.path().join("in.pwg"))
        .output()
        .unwrap();
    assert!(filter.stdout.starts_with(b"%PDF"), "{}", String::from_utf8_lossy(&filter.stderr));
    std::fs::write(folder.path().join("out.pdf"), &filter.stdout).unwrap();
    let mut images = Command::new("pdfimages");
    let done = images.arg("-png").arg(folder.path().join("out.pdf")).arg(folder.path().join("page")).status().unwrap();
    assert!(done.success());
    let mut files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let pages = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "png"));
    pages
        .map(|path| {
            let page = image::open(path).unwrap();
            assert_eq!((page.width(), page.height()), (2480, 3508));
            if color == ColorSpace::Gray { page.into_luma8().into_raw() } else { page.into_rgb8().into_raw() }
        })
        .collect()
}

#[test]
fn our_raster_is_read_by_rastertopdf_page_by_page() {
    if !(is_here("rastertopdf") && is_here("pdfimages")) {
        return;
    }
    for color in [ColorSpace::Gray, ColorSpace::Srgb] {
        let pages = through_rastertopdf(&raster(2, color, Sides::OneSided), color);
        assert_eq!(pages.len(), 2);
        for (number, page) in pages.iter().enumerate() {
            for (x, y) in [(20, 20), (2460, 20), (20, 3470), (2460, 3470), (1250, 1725), (150, 225), (50, 1075)] {
                let at = (y as usize * 2480 + x as usize) * color.bytes();
                let wanted = dot(color, x, y / 50 * 50, number as u32);
                // It compresses as JPEG: flat places stay nearly as they were.
                let near = page[at..].iter().zip(&wanted).all(|(is, was)| is.abs_diff(*was) <= 12);
                assert!(near, "{color:?} page {number} at {x},{y}: {:?}, not {wanted:?}", &page[at..at + wanted.len()]);
            }
        }
    }
}

#[test]
fn raster_of_mutool_is_read_dot_for_dot() {
    if !is_here("mutool") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let content = "0 0 1 rg 72 72 144 288 re f 1 0 0 rg 300 500 33 44 re f";
    std::fs::write(place("in.pdf"), pdf_with(content)).unwrap();
    for (mode, color) in [("gray", ColorSpace::Gray), ("rgb", ColorSpace::Srgb)] {
        for (format, name) in [("pwg", "out.pwg"), ("pam", "out.pam")] {
            let mut mutool = Command::new("mutool");
            mutool.args(["draw", "-q", "-A", "0", "-r", "150", "-c", mode, "-F", format]);
            assert!(mutool.arg("-o").arg(place(name)).arg(place("in.pdf")).status().unwrap().success());
        }
        let (pages, whole) = decode(&std::fs::read(place("out.pwg")).unwrap());
        assert!(whole && pages.len() == 1 && pages[0].header.color == color && pages[0].header.dpi == 150);
        let dots = std::fs::read(place("out.pam")).unwrap();
        assert_eq!(pages[0].dots, dots[dots.len() - pages[0].dots.len()..], "{mode}");
        assert!(pages[0].dots.iter().any(|dot| *dot != 255));
    }
}
