//! What terminals ask the hall for beside submissions: look-up, files from phones, documents, records, quota.

use super::{AT_MS, hash_of, same};
use wire::api::*;

fn uuid(last: u8) -> uuid::Uuid {
    uuid::Uuid::from_bytes([0x41, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, last])
}

#[test]
fn look_ups_stay() {
    same("progress.card", &ProgressRequest::Card { id_no: "419999198503120111".into() });
    let typed = ProgressRequest::Number { last9: "007-00012-6".into(), query_code: "482913".into() };
    same("progress.number", &typed);
    same("progress.token", &ProgressRequest::Token { token: "00112233445566778899aabbccddeeff".into() });
    let case = |state, notice: &str, accepted| CaseProgress {
        number: "411681-20261123-007-00012-6".into(),
        item_id: "XC-RSJ-02".into(),
        item_name: "灵活就业人员参加企业职工基本养老保险登记".into(),
        dept_name: "人力资源和社会保障局".into(),
        submitted_at_ms: AT_MS,
        received_at_ms: AT_MS + 1,
        accepted_at_ms: accepted,
        case_no: accepted.map(|_| "20261124-000001".into()),
        state,
        since_ms: AT_MS + 2,
        notice: notice.into(),
        due: Some(jiff::civil::date(2026, 11, 30)),
        due_estimated: !notice.is_empty(),
        documents: Vec::new(),
    };
    use CaseState::*;
    let cases = [Received, CorrectionAsked, Accepted, Deemed, NotAccepted, Done].map(|state| case(state, "", None));
    same("progress.answer", &ProgressAnswer { cases: cases.into() });
    let documents = vec![WaitingDocument { title: "证明".into(), code: "ABCD-1234".into(), issued_at_ms: AT_MS }];
    let done = CaseProgress { documents, ..case(Done, "", None) };
    same("progress.answer.documents", &ProgressAnswer { cases: vec![done] });
    same("progress.answer.notice", &ProgressAnswer { cases: vec![case(Accepted, "已核对", Some(AT_MS + 2))] });
}

#[test]
fn uploads_stay() {
    let upload_id = wire::ids::UploadId(uuid(1));
    same("upload.request", &UploadRequest { upload_id, public_key: hash_of("public") });
    let limits = UploadLimits { files_max: 20, file_bytes_max: 30 << 20, session_bytes_max: 100 << 20 };
    let url = "https://hall.example:8443/u/0011".into();
    same("upload.session", &UploadSession { upload_id, url, closes_in_ms: 600_000, limits });
    let files = vec![UploadedFile { file_no: 1, bytes: 10, sealed_bytes: 120 }];
    same("upload.state", &UploadState { open: true, phone_seen: true, arriving: 1, arrived: 1, files });
}

#[test]
fn documents_records_and_quota_stay() {
    same("pickup.request", &PickupRequest { code: "ABCD-1234".into(), id_no: "419999198503120111".into() });
    let answer = PickupAnswer {
        ticket: uuid(2),
        title: "不予受理通知书".into(),
        number: "411681-20261123-007-00012-6".into(),
        media: "application/pdf".into(),
        bytes: 10,
        sha256: hash_of("pdf"),
        issued_at_ms: AT_MS,
    };
    same("pickup.answer", &answer);
    let card = RecordCard { id_no: "419999198503120111".into(), name: "张示范".into() };
    let second_factor = SecondFactor::StaffCard { staff_no: "S001".into() };
    let mut request = RecordRequest {
        request_id: uuid(3),
        item_id: "XC-RSJ-01".into(),
        card,
        second_factor,
        answers: wire::form::Answers::default(),
    };
    same("record.request", &request);
    request.answers.set_text("range", "year");
    same("record.request.answers", &request);
    same("record.no_factor", &SecondFactor::None);
    let sheet = RecordSheet {
        facts: vec![("单位".into(), "演示".into())],
        columns: vec!["月份".into()],
        rows: vec![vec!["2026-01".into()]],
        remark: "以上".into(),
    };
    let record = RecordAnswer {
        title: "参保缴费证明".into(),
        title_en: "Certificate".into(),
        issuer: "人力资源和社会保障局".into(),
        sheet,
        issued_at_ms: AT_MS,
        valid_through: jiff::civil::date(2026, 12, 23),
        verification_code: "ABCD-EFGH-JKMN".into(),
        verification_url: Some("https://hall.example/v/ABCDEFGHJKMN".into()),
    };
    same("record.answer", &record);
    same("quota.reserve", &QuotaReserve { job_id: uuid(4), id_no: "419999198503120111".into(), pages: 5 });
    same("quota.settle", &QuotaSettle { job_id: uuid(4), printed: 3, not_printed: 1, not_certain: 1 });
    same("quota.answer", &QuotaAnswer { granted: 5, left: 25, limit: 30 });
}

#[test]
fn their_problems_keep_code_and_status() {
    let codes = [ProblemCode::NotOffered, ProblemCode::NoMatch, ProblemCode::SecondFactor, ProblemCode::Locked];
    same("problems.services", &codes.map(|code| Problem::new(code, "why")).to_vec());
}

#[test]
fn a_sealed_upload_still_opens() {
    use wire::seal::{FileHead, FilePlace, FileSealer, open_file, x25519_pair};
    let (secret, public) = x25519_pair(&[3; 32]);
    let place = FilePlace { upload_id: wire::ids::UploadId(uuid(5)), file_no: 2 };
    let sealed = super::file("upload.sealed", || {
        let head = FileHead { name: "a.pdf".into(), media: "application/pdf".into() };
        let mut sealer = FileSealer::new(&public, place, &head).unwrap();
        sealer.push(b"%PDF-").unwrap();
        sealer.finish().unwrap().pieces.concat()
    });
    let (head, plain) = open_file(&secret, place, &sealed).unwrap();
    assert_eq!((head.name.as_str(), plain.as_slice()), ("a.pdf", b"%PDF-".as_slice()));
}
