//! Whatever a printer answers over IPP, the message is read within bounds, and what was read can be written again.
#![no_main]

use drivers::document_printer::{ipp_message::Message, read_capabilities, read_job, read_status};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok((message, document)) = Message::decode(data) else { return };
    assert!(document <= data.len());
    for group in &message.groups {
        let _ = (read_capabilities(group), read_status(group), read_job(group));
    }
    let _ = Message::decode(&message.encode());
});
