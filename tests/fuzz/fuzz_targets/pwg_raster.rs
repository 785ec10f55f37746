//! Whatever comes as PWG raster, the simulated printer's reader neither panics nor takes unbounded time, and counts the
//! pages that it reads.
#![no_main]

use drivers::document_printer::pwg::{count_pages, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (pages, whole) = count_pages(data);
    // A short stream can say a huge white page; reading its dots is the test of small ones only.
    if pages == 0 {
        let (dots, also_whole) = decode(data);
        assert_eq!((dots.len(), also_whole), (0, whole));
    }
});
