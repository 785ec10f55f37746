//! Hostile bytes as the manifest of an upload, and as the header in it: refused, or read into something whose
//! sizes fit each other. It never panics and never makes room for what is only claimed.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use wire::api::{Problem, ReconcileRequest, SubmissionManifest, SubmissionState};
use wire::seal::{CHUNK_SEALED, Header, TAG, body_sha256, verify_envelope};

fn header(bytes: &[u8]) {
    let Ok(header) = Header::parse(bytes) else { return };
    let _ = header.certificate_der();
    assert!(header.chunk_count() >= header.parts.len() as u64, "every part has a chunk");
    for (at, size) in header.parts.iter().enumerate() {
        let part = u32::try_from(at).expect("parts are bounded");
        let last = header.sealed_len(part, size.chunks - 1).expect("the last chunk is there");
        assert!((TAG..=CHUNK_SEALED).contains(&last));
        assert_eq!(header.sealed_len(part, size.chunks), None);
        let whole = u64::from(size.chunks - 1) * CHUNK_SEALED as u64 + last as u64;
        assert_eq!(whole - u64::from(size.chunks) * TAG as u64, size.bytes, "the chunks hold the part");
    }
    let again = serde_json::to_vec(&header).expect("it is written");
    assert_eq!(Header::parse(&again).expect("it is read"), header);
}

fuzz_target!(|data: &[u8]| {
    header(data);
    let _ = serde_json::from_slice::<SubmissionState>(data);
    let _ = serde_json::from_slice::<ReconcileRequest>(data);
    let _ = serde_json::from_slice::<Problem>(data);
    let Ok(manifest) = serde_json::from_slice::<SubmissionManifest>(data) else { return };
    if let Some(receipt) = &manifest.old_receipt {
        let _ = receipt.unverified();
    }
    let (Ok(bytes), Ok(signature)) = (STANDARD.decode(&manifest.header), STANDARD.decode(&manifest.signature)) else {
        return;
    };
    header(&bytes);
    let body = body_sha256(&bytes, manifest.chunks.iter());
    assert!(verify_envelope(&body, &signature, &[7; 32]).is_err(), "nobody's key signed it");
});
