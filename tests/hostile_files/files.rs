//! The folder of hostile files, made when the test runs: what each is, and how it must end.

use super::pdf::{drawing, of_objects, one_page, stream, text_pages};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use kiosk::printing::Refusal;
use std::io::{Cursor, Write};

/// One hostile file.
pub struct Hostile {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub expected: Expected,
}

/// How it must end.
pub enum Expected {
    /// Refused with one of these.
    Refused(&'static [Refusal]),
    /// Drawn; what waits in it never runs.
    Harmless,
    /// Refused or drawn, as its reader is strict or lenient; but ended.
    Either,
}

use Expected::{Either, Harmless, Refused};
use Refusal as R;

/// What a parser may say of a file that is broken: it depends on where it stumbles.
const BROKEN: &[Refusal] = &[R::Damaged, R::Unprocessable, R::NothingToPrint, R::BlankPage, R::TooLarge, R::TooSlow];
const HUGE: &[Refusal] = &[R::PageTooLarge, R::TooLarge, R::Damaged, R::Unprocessable];

/// All of them.
pub fn all() -> Vec<Hostile> {
    let file = |name, bytes, expected| Hostile { name, bytes, expected };
    let mut files = vec![
        file("no bytes", Vec::new(), Refused(&[R::Empty])),
        file("a program", b"\x7FELF\x02\x01\x01\0\0\0".repeat(40), Refused(&[R::Program])),
        file("a program for Windows", b"MZ\x90\0\x03\0\0\0".repeat(40), Refused(&[R::Program])),
        file("a shell script", b"#!/bin/sh\nrm -rf \"$HOME\"\n".to_vec(), Refused(&[R::Program])),
        file("a web page", b"<html><script>fetch('http://x')</script></html>".to_vec(), Refused(&[R::Program])),
        file("a drawing for browsers", b"<svg onload='alert(1)'/>".to_vec(), Refused(&[R::Program])),
        file("noise", noise(40_000), Refused(&[R::UnknownKind])),
        file("an archive of photos", zip(&[("a.jpg", b"\xFF\xD8\xFF")]), Refused(&[R::Archive])),
        file("far too many bytes", vec![b' '; (64 << 20) + 1], Refused(&[R::TooLarge])),
        file("text of a million pages", b"a\x0C".repeat(1_000_000), Refused(&[R::TooManyPages])),
    ];
    files.extend(pdfs().into_iter().map(|(name, bytes, expected)| file(name, bytes, expected)));
    files.extend(pictures().into_iter().map(|(name, bytes, expected)| file(name, bytes, expected)));
    files.extend(archives().into_iter().map(|(name, bytes, expected)| file(name, bytes, expected)));
    files
}

type Row = (&'static str, Vec<u8>, Expected);

fn pdfs() -> Vec<Row> {
    let page = |content: &[u8], resources: &str, more: &[Vec<u8>]| {
        one_page(content, ["0 0 595 842", &format!("/Resources << {resources} >>"), ""], more)
    };
    let plain = text_pages(1);
    let form = "/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Resources << /XObject << /X 5 0 R >> >>";
    let picture = |filter: &str| {
        format!(
            "/Type /XObject /Subtype /Image /Width 500 /Height 500 /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /{filter}"
        )
    };
    let vast = "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8";
    let nested = [b"[".repeat(200_000), b"]".repeat(200_000)].concat();
    let saved = [b"q ".repeat(1_000_000), b"100 100 200 200 re f".to_vec()].concat();
    vec![
        ("PDF: 100,000 pages", text_pages(100_000), Refused(&[R::TooManyPages])),
        ("PDF: cut in the middle", plain[..plain.len() / 3].to_vec(), Refused(&[R::Damaged])),
        ("PDF: cut before its cross-reference", plain[..plain.len() - 120].to_vec(), Refused(&[R::Damaged])),
        ("PDF: white on white", page(b"1 g 0 0 595 842 re f", "", &[]), Refused(&[R::NothingToPrint])),
        ("PDF: head only", b"%PDF-1.7\n".to_vec(), Refused(BROKEN)),
        ("PDF: head and noise", [b"%PDF-1.7\n".to_vec(), noise(200_000)].concat(), Refused(BROKEN)),
        ("PDF: password", encrypted(), Refused(&[R::Encrypted])),
        (
            "PDF: a script that begins by itself",
            drawing("/OpenAction << /S /JavaScript /JS (app.launchURL('http://x')) >>"),
            Harmless,
        ),
        ("PDF: pages that are their own parent", page_loop(), Refused(BROKEN)),
        ("PDF: a cross-reference that leads to itself", xref_loop(), Either),
        ("PDF: an object that is itself", of_objects(&[b"1 0 R".to_vec()]), Refused(BROKEN)),
        ("PDF: a page of 100 km", one_page(b"0 0 1 1 re f", ["0 0 300000000 300000000", "", ""], &[]), Refused(HUGE)),
        ("PDF: a page of no size", one_page(b"0 0 1 1 re f", ["0 0 0 0", "", ""], &[]), Either),
        ("PDF: a page of no number", one_page(b"0 0 1 1 re f", ["0 0 1e39 1e39", "", ""], &[]), Either),
        (
            "PDF: a form that draws itself",
            page(b"/X Do", "/XObject << /X 5 0 R >>", &[stream(form, b"/X Do /X Do 0 0 9 9 re f")]),
            Either,
        ),
        ("PDF: arrays 200,000 deep", page(&nested, "", &[]), Either),
        ("PDF: a million saved states", page(&saved, "", &[]), Either),
        ("PDF: content that inflates to 1 GB", bomb_page(), Either),
        (
            "PDF: a picture of 60,000 pixels each way",
            page(b"600 0 0 600 0 0 cm /X Do", "/XObject << /X 5 0 R >>", &[stream(vast, b"\0")]),
            Either,
        ),
        (
            "PDF: noise as JBIG2",
            page(
                b"600 0 0 600 0 0 cm /X Do",
                "/XObject << /X 5 0 R >>",
                &[stream(&picture("JBIG2Decode"), &noise(90_000))],
            ),
            Either,
        ),
        (
            "PDF: noise as JPEG 2000",
            page(
                b"600 0 0 600 0 0 cm /X Do",
                "/XObject << /X 5 0 R >>",
                &[stream(&picture("JPXDecode"), &noise(90_000))],
            ),
            Either,
        ),
        (
            "PDF: noise as fax",
            page(
                b"600 0 0 600 0 0 cm /X Do",
                "/XObject << /X 5 0 R >>",
                &[stream(&picture("CCITTFaxDecode"), &noise(90_000))],
            ),
            Either,
        ),
        (
            "PDF: not one page with anything on it",
            one_page(b"", ["0 0 595 842", "", ""], &[]),
            Refused(&[R::NothingToPrint]),
        ),
    ]
}

fn pictures() -> Vec<Row> {
    let plain = png(4, 4, &[0; 20]);
    vec![
        ("PNG: 60,000 pixels each way", png(60_000, 60_000, &[0; 60]), Refused(&[R::PageTooLarge])),
        ("PNG: more rows than it says", png(2, 2, &vec![0; 50 << 20]), Either),
        ("PNG: cut", plain[..plain.len() - 20].to_vec(), Refused(&[R::Damaged])),
        ("PNG: a PDF by its content", [b"\x89PNG\r\n\x1A\n".to_vec(), drawing("")].concat(), Refused(&[R::Damaged])),
        (
            "JPEG: head and noise",
            [b"\xFF\xD8\xFF\xE0".to_vec(), noise(100_000)].concat(),
            Refused(&[R::Damaged, R::Unsupported, R::Unprocessable]),
        ),
        ("JPEG: 65,535 pixels each way", vast_jpeg(), Refused(&[R::PageTooLarge, R::Damaged])),
        ("TIFF: directories in a ring", tiff_ring(), Refused(&[R::Damaged])),
        ("TIFF: 100 million pixels each way", tiff(100_000_000, 0), Refused(HUGE)),
        (
            "TIFF: head and noise",
            [b"II*\0\x08\0\0\0".to_vec(), noise(5_000)].concat(),
            Refused(&[R::Damaged, R::PageTooLarge, R::Unsupported, R::Unprocessable]),
        ),
    ]
}

fn archives() -> Vec<Row> {
    let ofd = |document: &[u8], more: &[(&str, &[u8])]| {
        let root: &[u8] = b"<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>";
        zip(&[&[("OFD.xml", root), ("Doc_0/Document.xml", document)], more].concat())
    };
    let laughs = b"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><OFD>&b;</OFD>";
    let one = b"<Document><CommonData/><Pages><Page ID='1' BaseLoc='C.xml'/></Pages></Document>";
    let deep = [b"<Page>".to_vec(), b"<Content>".repeat(300_000)].concat();
    let zeros = vec![b' '; 300 << 20];
    let outside = b"<OFD><DocBody><DocRoot>../../../../etc/passwd</DocRoot></DocBody></OFD>";
    let bomb = [b"<Page>".to_vec(), zeros].concat();
    vec![
        ("OFD: nothing behind its name", zip(&[("OFD.xml", b"")]), Refused(&[R::Damaged])),
        ("OFD: entities that grow", zip(&[("OFD.xml", laughs)]), Refused(&[R::Damaged])),
        ("OFD: a path that leads outside", zip(&[("OFD.xml", outside)]), Refused(&[R::Damaged])),
        ("OFD: 300,000 elements deep", ofd(one, &[("Doc_0/C.xml", &deep)]), Refused(&[R::TooLarge])),
        ("OFD: a part that inflates to 300 MB", ofd(one, &[("Doc_0/C.xml", &bomb)]), Refused(&[R::TooLarge])),
        ("OFD: encrypted", zip(&[("OFD.xml", b"<OFD/>"), ("Encryptions.xml", b"<E/>")]), Refused(&[R::Encrypted])),
        ("Office: encrypted", compound("/EncryptedPackage"), Refused(&[R::Encrypted])),
        (
            "Office: noise in a compound file",
            [compound("/WordDocument")[..600].to_vec(), noise(9_000)].concat(),
            Refused(&[R::Damaged, R::UnknownKind]),
        ),
        ("an archive cut off", zip(&[("OFD.xml", b"<OFD/>")])[..40].to_vec(), Refused(&[R::Damaged])),
    ]
}

/// The same noise every time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn compound(stream: &str) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(stream).unwrap().write_all(b"x").unwrap();
    file.into_inner().into_inner()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Flate within flate: a gigabyte of blanks in a few kilobytes.
fn bomb_page() -> Vec<u8> {
    let blanks = vec![b' '; 1 << 20];
    let mut once = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..1_024 {
        once.write_all(&blanks).unwrap();
    }
    let twice = deflated(&once.finish().unwrap());
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>".to_vec(),
        stream("/Filter [/FlateDecode /FlateDecode]", &twice),
    ];
    of_objects(&objects)
}

fn page_loop() -> Vec<u8> {
    of_objects(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 /Parent 2 0 R >>".to_vec(),
    ])
}

fn xref_loop() -> Vec<u8> {
    let plain = String::from_utf8_lossy(&drawing("")).into_owned();
    let table = plain.rfind("xref\n0").unwrap();
    plain.replace("trailer <<", &format!("trailer << /Prev {table}")).into_bytes()
}

/// A file that says it is encrypted with a password that nobody gives.
fn encrypted() -> Vec<u8> {
    let lock = "<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A> /U <00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF> >>";
    let plain = String::from_utf8_lossy(&drawing("")).into_owned();
    plain.replace("trailer <<", &format!("trailer << /ID [<00> <00>] /Encrypt {lock}")).into_bytes()
}

/// A PNG that says it has these sides and holds these bytes of filtered rows.
fn png(width: u32, height: u32, rows: &[u8]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(kind);
        file.extend(data);
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        file.extend(crc.sum().to_be_bytes());
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    chunk(b"IHDR", &head);
    chunk(b"IDAT", &deflated(rows));
    chunk(b"IEND", &[]);
    file
}

fn vast_jpeg() -> Vec<u8> {
    let frame = b"\xFF\xC0\0\x11\x08\xFF\xFF\xFF\xFF\x03\x01\x11\0\x02\x11\0\x03\x11\0";
    let tables = [b"\xFF\xDB\0\x43\0".to_vec(), vec![1; 64]].concat();
    [b"\xFF\xD8".to_vec(), tables, frame.to_vec(), b"\xFF\xDA\0\x0C\x03\x01\0\x02\0\x03\0\0\x3F\0".to_vec(), noise(500)]
        .concat()
}

/// A TIFF of one grey picture without a strip, and where its next directory lies.
fn tiff(side: u32, next: u32) -> Vec<u8> {
    let entry = |tag: u16, value: u32| {
        [&tag.to_le_bytes()[..], &4_u16.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let entries = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, side), (279, 16)];
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend((entries.len() as u16).to_le_bytes());
    entries.iter().for_each(|(tag, value)| file.extend(entry(*tag, *value)));
    file.extend(next.to_le_bytes());
    file
}

fn tiff_ring() -> Vec<u8> {
    tiff(4, 8)
}

/// The smallest Word file that holds a line.
pub fn word_file(text: &str) -> Vec<u8> {
    let types = "<?xml version='1.0' encoding='UTF-8'?><Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'><Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/><Override PartName='/word/document.xml' ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>";
    let relations = "<?xml version='1.0' encoding='UTF-8'?><Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument' Target='word/document.xml'/></Relationships>";
    let document = format!(
        "<?xml version='1.0' encoding='UTF-8'?><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    );
    zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relations.as_bytes()),
        ("word/document.xml", document.as_bytes()),
    ])
}
