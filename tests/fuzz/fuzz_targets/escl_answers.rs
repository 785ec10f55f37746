//! Whatever a scanner answers over eSCL, its XML is read within bounds, and a job's place never leaves the scanner.
#![no_main]

use drivers::document_scanner::escl::words::{job_path, read_capabilities, read_status};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = (read_capabilities(data), read_status(data));
    if let Ok(location) = std::str::from_utf8(data)
        && let Some(path) = job_path(location, "/eSCL")
    {
        assert!(path.starts_with('/') && !path.contains(['\r', '\n', ' ']));
    }
});
