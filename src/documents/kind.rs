//! What a file is, by its bytes and never by its name. Looks at heads and at the names of parts inside an
//! archive; inflates nothing.

use crate::limits::{BYTES_MAX, PARTS_MAX};
use crate::{Refusal, text};
use std::io::Cursor;

/// A kind of document that is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// ISO 32000.
    Pdf,
    /// JPEG, JFIF or Exif.
    Jpeg,
    /// Portable network graphics.
    Png,
    /// TIFF 6.0, one or several pages.
    Tiff,
    /// Plain text: UTF-8, UTF-16 with a mark, GB 18030.
    Text,
    /// GB/T 33190.
    Ofd,
    /// A file of an office suite, to be converted first.
    Office(Office),
}

/// Which office suite's coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Office {
    /// Word: docx.
    Docx,
    /// Excel: xlsx.
    Xlsx,
    /// PowerPoint: pptx.
    Pptx,
    /// Word 97: doc.
    Doc,
    /// Excel 97: xls.
    Xls,
    /// PowerPoint 97: ppt.
    Ppt,
}

impl Office {
    /// The ending by which LibreOffice knows the coding.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Pptx => "pptx",
            Self::Doc => "doc",
            Self::Xls => "xls",
            Self::Ppt => "ppt",
        }
    }
}

/// How far into a file the head of a PDF may begin (ISO 32000-1, annex H.3, note 13).
const PDF_HEAD_WITHIN: usize = 1_024;
/// What is looked at at either end of a file in a list.
pub const ENDS_BYTES: usize = 64 << 10;
/// Bytes of the longest character, in UTF-8 and GB 18030.
const CHARACTER_BYTES_MAX: usize = 4;
const CFB: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Parts by which an archive is a document.
const PARTS: &[(&str, Kind)] = &[
    ("OFD.xml", Kind::Ofd),
    ("word/document.xml", Kind::Office(Office::Docx)),
    ("xl/workbook.xml", Kind::Office(Office::Xlsx)),
    ("xl/workbook.bin", Kind::Office(Office::Xlsx)),
    ("ppt/presentation.xml", Kind::Office(Office::Pptx)),
];
/// Streams by which a compound file is one.
const STREAMS: &[(&str, Office)] = &[
    ("/WordDocument", Office::Doc),
    ("/Workbook", Office::Xls),
    ("/Book", Office::Xls),
    ("/PowerPoint Document", Office::Ppt),
];

/// Heads of what is known and not printed.
const PROGRAMS: &[&[u8]] = &[b"\x7FELF", b"MZ", b"#!", b"\xCA\xFE\xBA\xBE", b"\xCF\xFA\xED\xFE", b"dex\n", b"!<arch>"];
const ARCHIVES: &[&[u8]] = &[b"Rar!", b"7z\xBC\xAF\x27\x1C", b"\x1F\x8B", b"BZh", b"\xFD7zXZ", b"\x28\xB5\x2F\xFD"];
/// How a text begins that is a page or a program for a browser, in small letters.
const WEB: &[&str] = &["<!doctype", "<html", "<?xml", "<?php", "<script", "<svg", "<head", "<body"];

/// The kind of these bytes, or why they are not printed.
pub fn kind_of(bytes: &[u8]) -> Result<Kind, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.len() > BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    if begins_zip(bytes) {
        return zip_kind(bytes);
    }
    if bytes.starts_with(CFB) {
        return cfb_kind(bytes);
    }
    kind_of_head(bytes).unwrap_or_else(|| text_kind(bytes))
}

/// Whether a file belongs in a list of what can be printed, by its first and last [`ENDS_BYTES`] alone. A list is not
/// the place to read whole files: [`kind_of`] has the last word when one is opened.
#[must_use]
pub fn may_be_printed(head: &[u8], tail: &[u8]) -> bool {
    let holds = |wanted: &[u8]| [head, tail].iter().any(|end| end.windows(wanted.len()).any(|window| window == wanted));
    if begins_zip(head) {
        return PARTS.iter().any(|(part, _)| holds(part.as_bytes()));
    }
    if head.starts_with(CFB) {
        let utf16 =
            |name: &str| name.trim_start_matches('/').encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        return STREAMS.iter().any(|(stream, _)| holds(&utf16(stream)));
    }
    // The head may end within a character.
    let ends = (0..CHARACTER_BYTES_MAX.min(head.len())).map(|cut| &head[..head.len() - cut]);
    let is_text = || ends.into_iter().any(|end| text_kind(end).is_ok());
    kind_of_head(head).map_or_else(is_text, |known| known.is_ok())
}

fn begins_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// What the first bytes say, if they say anything.
fn kind_of_head(bytes: &[u8]) -> Option<Result<Kind, Refusal>> {
    let begins = |head: &[u8]| bytes.starts_with(head);
    if begins(&[0xFF, 0xD8, 0xFF]) {
        return Some(Ok(Kind::Jpeg));
    }
    if begins(b"\x89PNG\r\n\x1A\n") {
        return Some(Ok(Kind::Png));
    }
    if [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|head| begins(head)) {
        return Some(Ok(Kind::Tiff));
    }
    if PROGRAMS.iter().any(|head| begins(head)) {
        return Some(Err(Refusal::Program));
    }
    if ARCHIVES.iter().any(|head| begins(head)) {
        return Some(Err(Refusal::Archive));
    }
    let head = &bytes[..bytes.len().min(PDF_HEAD_WITHIN)];
    head.windows(5).any(|window| window == b"%PDF-").then_some(Ok(Kind::Pdf))
}

fn text_kind(bytes: &[u8]) -> Result<Kind, Refusal> {
    let text = text::decode(bytes).ok_or(Refusal::UnknownKind)?.text;
    let begin: String = text.trim_start().chars().take(16).collect::<String>().to_ascii_lowercase();
    if WEB.iter().any(|head| begin.starts_with(head)) || begin.starts_with("#!") {
        return Err(Refusal::Program);
    }
    if text.trim().is_empty() {
        return Err(Refusal::NothingToPrint);
    }
    Ok(Kind::Text)
}

/// OFD and the office suites' newer files are archives with known parts.
fn zip_kind(bytes: &[u8]) -> Result<Kind, Refusal> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(Refusal::TooLarge);
    }
    let has = |archive: &zip::ZipArchive<_>, wanted: &str| {
        let is = |name: &str| name.trim_start_matches(['/', '\\']).eq_ignore_ascii_case(wanted);
        archive.file_names().flatten().any(|name| is(&name))
    };
    let kind = PARTS.iter().find(|(part, _)| has(&archive, part)).map(|(_, kind)| *kind).ok_or(Refusal::Archive)?;
    let encrypted = (0..archive.len()).any(|index| archive.by_index_raw(index).is_ok_and(|part| part.encrypted()));
    // GM/T 0099 keeps the list of encrypted parts in a part of its own.
    if encrypted || (kind == Kind::Ofd && has(&archive, "Encryptions.xml")) {
        return Err(Refusal::Encrypted);
    }
    Ok(kind)
}

/// The office suites' older files, and their encrypted newer ones, are compound files (MS-CFB).
fn cfb_kind(bytes: &[u8]) -> Result<Kind, Refusal> {
    let file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    if file.exists("/EncryptedPackage") {
        return Err(Refusal::Encrypted);
    }
    let found = STREAMS.iter().find(|(stream, _)| file.exists(stream));
    found.map(|(_, office)| Kind::Office(*office)).ok_or(Refusal::UnknownKind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn zip_of(names: &[&str]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(b"<a/>").unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn cfb_of(stream: &str) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream(stream).unwrap().write_all(b"x").unwrap();
        file.into_inner().into_inner()
    }

    #[test]
    fn kinds_are_told_by_content() {
        assert_eq!(kind_of(b"%PDF-1.7\n"), Ok(Kind::Pdf));
        assert_eq!(kind_of(b"junk before\n%PDF-1.4\n"), Ok(Kind::Pdf));
        assert_eq!(kind_of(&[0xFF, 0xD8, 0xFF, 0xE0]), Ok(Kind::Jpeg));
        assert_eq!(kind_of("政务服务".as_bytes()), Ok(Kind::Text));
        assert_eq!(kind_of(&[0xD5, 0xFE, 0xCE, 0xF1]), Ok(Kind::Text), "GB 18030");
        assert_eq!(kind_of(&zip_of(&["OFD.xml", "Doc_0/Document.xml"])), Ok(Kind::Ofd));
        assert_eq!(kind_of(&zip_of(&["/ofd.XML"])), Ok(Kind::Ofd));
        assert_eq!(kind_of(&zip_of(&["word/document.xml"])), Ok(Kind::Office(Office::Docx)));
        assert_eq!(kind_of(&cfb_of("/WordDocument")), Ok(Kind::Office(Office::Doc)));
    }

    #[test]
    fn a_list_shows_what_may_be_printed_by_its_ends() {
        let whole = |bytes: &[u8]| may_be_printed(bytes, bytes);
        assert!(whole(b"%PDF-1.7\n") && whole("政务服务".as_bytes()) && whole(&[0xFF, 0xD8, 0xFF, 0xE0]));
        assert!(may_be_printed(&"政务".as_bytes()[..5], b""), "cut within a character");
        assert!(whole(&zip_of(&["OFD.xml"])) && whole(&zip_of(&["word/document.xml"])) && whole(&cfb_of("/Workbook")));
        assert!(!whole(b"") && !whole(b"MZ\x90\0") && !whole(b"#!/bin/sh\n") && !whole(&[0, 1, 2, 3, 0xFE]));
        assert!(!whole(&zip_of(&["photo.jpg"])) && !whole(&cfb_of("/EncryptedPackage")) && !whole(b"Rar!\x1A\x07"));
    }

    #[test]
    fn what_is_not_printed_is_told_apart() {
        assert_eq!(kind_of(b""), Err(Refusal::Empty));
        assert_eq!(kind_of(b"\x7FELF\x02\x01"), Err(Refusal::Program));
        assert_eq!(kind_of(b"#!/bin/sh\nrm -rf /\n"), Err(Refusal::Program));
        assert_eq!(kind_of(b"\n <!DOCTYPE html><script>"), Err(Refusal::Program));
        assert_eq!(kind_of(&zip_of(&["photo.jpg"])), Err(Refusal::Archive));
        assert_eq!(kind_of(b"Rar!\x1A\x07\x01\0"), Err(Refusal::Archive));
        assert_eq!(kind_of(&cfb_of("/EncryptedPackage")), Err(Refusal::Encrypted));
        assert_eq!(kind_of(&[0, 1, 2, 3, 0xFE]), Err(Refusal::UnknownKind));
        assert_eq!(kind_of(b" \r\n\t"), Err(Refusal::NothingToPrint));
        assert_eq!(kind_of(b"PK\x03\x04cut"), Err(Refusal::Damaged));
    }
}
