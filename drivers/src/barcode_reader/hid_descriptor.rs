//! Where the fields of a scanned code lie in the input reports of a HID-POS barcode scanner, read from its report
//! descriptor (USB HID 1.11, section 6.2.2; HID Point of Sale Usage Tables 1.02, usage page 0x8C). Makers order
//! and size the fields differently. Bounded in memory and steps; reads nothing by itself.

use std::ops::Range;

/// Longest descriptor that the kernel takes.
const DESCRIPTOR_BYTES_MAX: usize = 4_096;
/// Longest report; full-speed scanners send 64 bytes.
const REPORT_BYTES_MAX: usize = 1_024;
/// Reports with numbers of their own.
const REPORTS_MAX: usize = 16;
/// Depth of Push items.
const PUSHES_MAX: usize = 8;
/// Usages that are kept for one main item.
const USAGES_MAX: usize = 64;

/// Page and number of a usage.
type Usage = (u16, u16);
const BYTE_COUNT: Usage = (0x01, 0x3B);
const SYMBOLOGY: [Usage; 3] = [(0x8C, 0xFB), (0x8C, 0xFC), (0x8C, 0xFD)];
const DECODED_DATA: Usage = (0x8C, 0xFE);
const DATA_CONTINUED: Usage = (0x8C, 0xFF);

/// Why a descriptor describes no barcode scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorError {
    /// It stops within an item, or is longer than any.
    #[error("the report descriptor is damaged")]
    Damaged,
    /// It announces more than such a device can have.
    #[error("the report descriptor announces more than a scanner has")]
    TooMuch,
    /// It has no report with decoded data.
    #[error("no report carries decoded data of usage page 8C")]
    NoScanner,
}

/// The input reports of a scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerReports {
    reports: Vec<Report>,
    is_numbered: bool,
}

/// One input report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Report {
    id: u8,
    bits: usize,
    count: Option<Range<usize>>,
    symbology: [Option<usize>; 3],
    data: Option<Range<usize>>,
    /// Bit that says that the code goes on in the next report.
    continued: Option<usize>,
}

/// What one report holds of a code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Bytes of the code.
    pub data: &'a [u8],
    /// AIM symbology identifier, such as `]Q1`.
    pub symbology: Option<[u8; 3]>,
    /// Whether the next report goes on.
    pub continued: bool,
}

/// A report that cannot be what the descriptor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportError;

impl ScannerReports {
    /// Reads a report descriptor.
    pub fn parse(descriptor: &[u8]) -> Result<Self, DescriptorError> {
        if descriptor.len() > DESCRIPTOR_BYTES_MAX {
            return Err(DescriptorError::Damaged);
        }
        let mut parser = Parser::default();
        let mut rest = descriptor;
        while let Some(item) = Item::take(&mut rest)? {
            parser.take(&item)?;
        }
        let reports = Self { reports: parser.reports, is_numbered: parser.is_numbered };
        let has_data = reports.reports.iter().any(|report| report.data.is_some());
        if has_data { Ok(reports) } else { Err(DescriptorError::NoScanner) }
    }

    /// Length in bytes of the longest report, its number included.
    pub fn report_bytes_max(&self) -> usize {
        let longest = self.reports.iter().map(|report| report.bits.div_ceil(8)).max().unwrap_or_default();
        longest + usize::from(self.is_numbered)
    }

    /// What a report holds of a code; `None` for reports that carry something else.
    pub fn read<'a>(&self, report: &'a [u8]) -> Result<Option<Piece<'a>>, ReportError> {
        let (id, body) = match report {
            [id, body @ ..] if self.is_numbered => (*id, body),
            _ if self.is_numbered => return Err(ReportError),
            body => (0, body),
        };
        let layout = self.reports.iter().find(|layout| layout.id == id).ok_or(ReportError)?;
        layout.read(body)
    }
}

impl Report {
    fn read<'a>(&self, body: &'a [u8]) -> Result<Option<Piece<'a>>, ReportError> {
        let Some(range) = &self.data else { return Ok(None) };
        let data = body.get(range.clone()).ok_or(ReportError)?;
        let data = match &self.count {
            Some(place) => {
                let count = body.get(place.clone()).ok_or(ReportError)?;
                let count = count.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                data.get(..count).ok_or(ReportError)?
            }
            // Without a count what is left is filled with zeros.
            None => &data[..data.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1)],
        };
        let continued = match self.continued {
            Some(bit) => body.get(bit / 8).ok_or(ReportError)? & (1 << (bit % 8)) != 0,
            None => false,
        };
        let [first, second, third] = self.symbology.map(|place| place.and_then(|at| body.get(at).copied()));
        let symbology = match (first, second, third) {
            (Some(b']'), Some(code), Some(modifier)) => Some([b']', code, modifier]),
            _ => None,
        };
        Ok(Some(Piece { data, symbology, continued }))
    }

    fn set(&mut self, usage: Usage, bits: Range<usize>) {
        let bytes = bits.start / 8..bits.end / 8;
        let is_whole_bytes = bits.start.is_multiple_of(8) && bits.end.is_multiple_of(8) && !bytes.is_empty();
        match usage {
            DATA_CONTINUED => self.continued = Some(bits.start),
            BYTE_COUNT if is_whole_bytes && bytes.len() <= 2 => self.count = Some(bytes),
            DECODED_DATA if is_whole_bytes => match &mut self.data {
                Some(data) if data.end == bytes.start => data.end = bytes.end,
                Some(_) => {}
                none => *none = Some(bytes),
            },
            _ if is_whole_bytes => {
                if let Some(which) = SYMBOLOGY.iter().position(|known| *known == usage) {
                    self.symbology[which] = Some(bytes.start);
                }
            }
            _ => {}
        }
    }
}

/// An item of the descriptor: kind (main, global, local), tag and value.
struct Item {
    kind: u8,
    tag: u8,
    value: u32,
    size: usize,
}

impl Item {
    /// The next item but long ones, which no standard defines.
    fn take(rest: &mut &[u8]) -> Result<Option<Self>, DescriptorError> {
        loop {
            let [prefix, behind @ ..] = *rest else { return Ok(None) };
            if *prefix == 0xFE {
                let [length, _tag, behind @ ..] = behind else { return Err(DescriptorError::Damaged) };
                *rest = behind.get(usize::from(*length)..).ok_or(DescriptorError::Damaged)?;
                continue;
            }
            let size = [0, 1, 2, 4][usize::from(prefix & 3)];
            let (value, behind) = behind.split_at_checked(size).ok_or(DescriptorError::Damaged)?;
            *rest = behind;
            let value = value.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
            return Ok(Some(Self { kind: (prefix >> 2) & 3, tag: prefix >> 4, value, size }));
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Globals {
    page: u16,
    report_id: u8,
    size: usize,
    count: usize,
}

#[derive(Default)]
struct Parser {
    globals: Globals,
    pushed: Vec<Globals>,
    usages: Vec<Usage>,
    usage_min: Option<Usage>,
    reports: Vec<Report>,
    is_numbered: bool,
}

impl Parser {
    fn take(&mut self, item: &Item) -> Result<(), DescriptorError> {
        match (item.kind, item.tag) {
            (0, 8) => self.input(item.value)?,
            (1, 0) => self.globals.page = item.value as u16,
            (1, 7) => self.globals.size = item.value as usize,
            (1, 8) => {
                self.globals.report_id = item.value as u8;
                self.is_numbered = true;
            }
            (1, 9) => self.globals.count = item.value as usize,
            (1, 10) if self.pushed.len() < PUSHES_MAX => self.pushed.push(self.globals),
            (1, 10) => return Err(DescriptorError::TooMuch),
            (1, 11) => self.globals = self.pushed.pop().ok_or(DescriptorError::Damaged)?,
            (2, 0) => {
                let usage = self.usage(item);
                self.add(usage);
            }
            (2, 1) => self.usage_min = Some(self.usage(item)),
            (2, 2) => self.add_range(item),
            _ => {}
        }
        if item.kind == 0 {
            self.usages.clear();
            self.usage_min = None;
        }
        Ok(())
    }

    /// A usage of four bytes brings its page along.
    fn usage(&self, item: &Item) -> Usage {
        let page = if item.size == 4 { (item.value >> 16) as u16 } else { self.globals.page };
        (page, item.value as u16)
    }

    fn add(&mut self, usage: Usage) {
        if self.usages.len() < USAGES_MAX {
            self.usages.push(usage);
        }
    }

    fn add_range(&mut self, item: &Item) {
        let last = self.usage(item);
        if let Some(first) = self.usage_min.take().filter(|first| first.0 == last.0) {
            (first.1..=last.1).take(USAGES_MAX).for_each(|number| self.add((first.0, number)));
        }
    }

    fn input(&mut self, flags: u32) -> Result<(), DescriptorError> {
        let Globals { report_id, size, count, .. } = self.globals;
        let index = match self.reports.iter().position(|report| report.id == report_id) {
            Some(index) => index,
            None if self.reports.len() == REPORTS_MAX => return Err(DescriptorError::TooMuch),
            None => {
                self.reports.push(Report { id: report_id, ..Report::default() });
                self.reports.len() - 1
            }
        };
        let report = &mut self.reports[index];
        let start = report.bits;
        let end = size.checked_mul(count).and_then(|bits| bits.checked_add(start));
        report.bits = end.filter(|bits| *bits <= 8 * REPORT_BYTES_MAX).ok_or(DescriptorError::TooMuch)?;
        let (is_constant, is_variable) = (flags & 1 != 0, flags & 2 != 0);
        if is_constant || !is_variable || size == 0 {
            return Ok(());
        }
        for n in 0..count {
            // The last usage stands for all fields that are left.
            if let Some(usage) = self.usages.get(n).or(self.usages.last()) {
                report.set(*usage, start + n * size..start + (n + 1) * size);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::barcode_reader::simulator::{COUNTED_DESCRIPTOR, KEYBOARD_DESCRIPTOR, ZERO_FILLED_DESCRIPTOR};

    fn report(count: u8, data: &[u8], continued: u8) -> Vec<u8> {
        let mut report = vec![2, count, b']', b'Q', b'1'];
        report.extend_from_slice(data);
        report.resize(61, 0);
        report.push(continued);
        report
    }

    #[test]
    fn a_counted_report_is_cut_to_its_count_zeros_and_all() {
        let reports = ScannerReports::parse(COUNTED_DESCRIPTOR).unwrap();
        assert_eq!(reports.report_bytes_max(), 62);
        let bytes = report(4, b"a\0b\0", 1);
        let piece = reports.read(&bytes).unwrap().unwrap();
        assert!(piece.data == b"a\0b\0" && piece.continued && piece.symbology == Some(*b"]Q1"));
        let bytes = report(56, &[b'x'; 56], 0);
        let piece = reports.read(&bytes).unwrap().unwrap();
        assert!(piece.data.len() == 56 && !piece.continued);
        assert!(reports.read(&report(57, &[b'x'; 56], 0)).is_err(), "more than there is room for");
        assert!(reports.read(&bytes[..40]).is_err() && reports.read(&[]).is_err() && reports.read(&[9, 1]).is_err());
    }

    #[test]
    fn a_report_without_count_ends_where_its_zeros_begin() {
        let reports = ScannerReports::parse(ZERO_FILLED_DESCRIPTOR).unwrap();
        let mut bytes = b"5901234123457".to_vec();
        bytes.resize(reports.report_bytes_max(), 0);
        let piece = reports.read(&bytes).unwrap().unwrap();
        assert!(piece.data == b"5901234123457" && piece.symbology.is_none() && !piece.continued);
    }

    #[test]
    fn what_is_no_scanner_or_impossible_is_refused() {
        assert_eq!(ScannerReports::parse(KEYBOARD_DESCRIPTOR), Err(DescriptorError::NoScanner));
        assert_eq!(ScannerReports::parse(&[]), Err(DescriptorError::NoScanner));
        assert_eq!(ScannerReports::parse(&[0x05]), Err(DescriptorError::Damaged));
        assert_eq!(ScannerReports::parse(&[0; 5_000]), Err(DescriptorError::Damaged));
        let endless = [0x75, 0x08, 0x97, 0xFF, 0xFF, 0xFF, 0x7F, 0x81, 0x02];
        assert_eq!(ScannerReports::parse(&endless), Err(DescriptorError::TooMuch));
        assert_eq!(ScannerReports::parse(&[0xA4; 9]), Err(DescriptorError::TooMuch));
        let many: Vec<u8> = (1..40).flat_map(|id| [0x85, id, 0x81, 0x02]).collect();
        assert_eq!(ScannerReports::parse(&many), Err(DescriptorError::TooMuch));
    }
}
