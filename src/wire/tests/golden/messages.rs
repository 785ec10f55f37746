//! Requests and answers of every route.

use super::*;
use crate::signed::{key_list, manifest, receipt, safe_through, time};
use std::collections::BTreeMap;
use wire::api::*;
use wire::ids::CallId;
use wire::signed::{Kind, Signed};

fn by<T: Kind>(seed: u8, thing: &T) -> Signed<T> {
    Signed::sign(thing, &key(seed)).unwrap()
}

fn call_id() -> CallId {
    "0190f000-0000-7000-8000-000000000009".parse().unwrap()
}

fn counted(of: &[(&str, u64)]) -> BTreeMap<String, u64> {
    of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[test]
fn paths_stay() {
    let all = [
        path::HALL.to_owned(),
        path::ENROL.to_owned(),
        path::RENEW.to_owned(),
        path::TIME.to_owned(),
        path::RECONCILE.to_owned(),
        path::HEARTBEAT.to_owned(),
        path::MANIFEST.to_owned(),
        path::CALLS.to_owned(),
        path::submission(&submission_id()),
        path::chunk(&submission_id(), 1, 2),
        path::finish(&submission_id()),
        path::blob(&hash_of("catalogue")),
        path::call(&call_id()),
        path::close_call(&call_id()),
    ];
    same("paths", &all.to_vec());
}

#[test]
fn enrolment_and_renewal_stay() {
    same("hall", &HallInfo { hall_id: hall_id() });
    same(
        "enrol.request",
        &EnrolRequest {
            terminal_no: terminal_no(),
            installation_id: installation_id(),
            csr: "Y3Ny".into(),
            mac: "bWFj".into(),
        },
    );
    same("enrol.answer", &EnrolResponse { answer: "e30=".into(), mac: "bWFj".into() });
    same(
        "enrol.answer.body",
        &EnrolAnswer {
            hall_id: hall_id(),
            hall_epoch: hall_epoch(),
            ca: "Y2E=".into(),
            root_key: Sha256(key(crate::signed::ROOT).verifying_key().to_bytes()),
            certificate: "Y2VydGlmaWNhdGU=".into(),
            key_list: by(crate::signed::ROOT, &key_list()),
            next_serial: 12,
            limits: Limits::default(),
        },
    );
    same("renew.request", &RenewRequest { csr: "Y3Ny".into() });
    same("renew.answer", &RenewAnswer { certificate: "Y2VydGlmaWNhdGU=".into() });
}

#[test]
fn time_and_content_stay() {
    same::<TimeResponse>("time.answer", &by(crate::signed::TIME, &time()));
    same::<ManifestResponse>("manifest.answer", &by(crate::signed::CONTENT, &manifest()));
}

#[test]
fn uploading_stays() {
    let manifest = |old_receipt| SubmissionManifest {
        header: "e30=".into(),
        signature: "c2ln".into(),
        chunks: vec![hash_of("chunk 0"), hash_of("chunk 1")],
        old_receipt,
    };
    let receipt = by(crate::signed::RECEIPT, &receipt());
    same("submission.request", &manifest(None));
    same("submission.request.again", &manifest(Some(receipt.clone())));
    let missing = vec![ChunkRef { part: 0, index: 0 }, ChunkRef { part: 1, index: 2 }];
    same("submission.missing", &SubmissionState::Missing(missing));
    same("submission.receipt", &SubmissionState::Receipt(receipt));
}

#[test]
fn reconciling_stays() {
    let entry = |has_payload, receipt| ReconcileEntry {
        installation_id: installation_id(),
        kiosk_seq: 12,
        submission_id: submission_id(),
        body_sha256: hash_of("body"),
        has_payload,
        receipt,
    };
    let receipt = by(crate::signed::RECEIPT, &receipt());
    let entries = vec![entry(true, None), entry(false, Some(receipt.clone()))];
    same("reconcile.request", &ReconcileRequest { entries });
    same(
        "reconcile.answer",
        &ReconcileAnswer { hall_epoch: hall_epoch(), held: vec![receipt], send: vec![submission_id()] },
    );
}

#[test]
fn heartbeats_stay() {
    let request = |lost| HeartbeatRequest {
        installation_id: installation_id(),
        program: "0.1.0".into(),
        reconciled_epoch: hall_epoch(),
        now_ms: AT_MS,
        boot_id: "0190f000-0000-7000-8000-000000000005".parse::<HallId>().unwrap().0,
        mono_ms: 60_000,
        content_seq: 3,
        content_sha256: hash_of("catalogue"),
        counts: counted(&[("stored", 2), ("receipted", 1), ("quarantined", 0), ("released", 9), ("lost", 0)]),
        envelopes_by_key: counted(&[("sealing-1", 3)]),
        list_seq: 7,
        troubles: [("receipt_printer".to_owned(), "paper_out".to_owned())].into(),
        lost,
    };
    same("heartbeat.request", &request(Vec::new()));
    same("heartbeat.request.lost", &request(vec![submission_id()]));
    let answer = |key_list, send| HeartbeatAnswer {
        hall_epoch: hall_epoch(),
        safe_through: by(crate::signed::WATERMARK, &safe_through()),
        key_list,
        content_seq: 3,
        staff_listens: true,
        send,
        public_url: None,
        next_s: 30,
    };
    same("heartbeat.answer", &answer(None, Vec::new()));
    same("heartbeat.answer.send", &answer(None, vec![submission_id()]));
    same("heartbeat.answer.keys", &answer(Some(by(crate::signed::ROOT, &key_list())), Vec::new()));
}

#[test]
fn calls_stay() {
    same("call.request", &CallRequest { call_id: call_id(), step: "首页".into() });
    let status = |state| CallStatus { call_id: call_id(), state };
    same("call.open", &status(CallState::Open));
    same("call.answered", &status(CallState::Answered { who: "导办员".into(), minutes: 2 }));
    same("call.closed", &status(CallState::Closed));
}

#[test]
fn every_problem_keeps_its_code_and_status() {
    use ProblemCode::*;
    let all: Vec<Problem> = [
        IdConflict,
        Malformed,
        NotAuthentic,
        Denied,
        Unconfirmed,
        NoCertificate,
        EnrolmentRefused,
        NotFound,
        NoManifest,
        ChunkHash,
        TooLarge,
        UnknownSealingKey,
        Busy,
        Unavailable,
        Internal,
        Reconcile,
    ]
    .into_iter()
    .map(|code| Problem::new(code, "why"))
    .collect();
    same("problems", &all);
}
