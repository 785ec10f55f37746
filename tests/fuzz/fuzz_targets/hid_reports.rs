//! Whatever a HID-POS scanner calls itself and sends, its report descriptor is read within bounds and its reports
//! neither panic nor grow.
#![no_main]

use drivers::barcode_reader::{
    CODE_BYTES_MAX, CodeDecoder, ReportDecoder, ScannerReports, Word, simulator::COUNTED_DESCRIPTOR,
};
use libfuzzer_sys::fuzz_target;

fn read(reports: ScannerReports, bytes: &[u8]) {
    let size = reports.report_bytes_max();
    assert!((1..=1_025).contains(&size));
    let mut decoder = ReportDecoder::new(reports);
    for report in bytes.chunks(size) {
        if let Ok(Some(Word::Code(code))) = decoder.push(report) {
            assert!(!code.is_empty() && code.len() <= CODE_BYTES_MAX);
        }
    }
    let _ = decoder.quiet();
}

fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else { return };
    let (descriptor, bytes) = data.split_at(data.len().min(usize::from(*first)));
    if let Ok(reports) = ScannerReports::parse(descriptor) {
        read(reports, bytes);
    }
    if let Ok(reports) = ScannerReports::parse(COUNTED_DESCRIPTOR) {
        read(reports, data);
    }
});
