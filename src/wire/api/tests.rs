//! The shapes of version 1. Do not change the expected bytes: both ends of older versions speak them.

use super::*;

fn same<T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(thing: &T, json: &str) {
    assert_eq!(serde_json::to_string(thing).unwrap(), json);
    assert_eq!(&serde_json::from_str::<T>(json).unwrap(), thing);
}

#[test]
fn the_states_of_a_submission_keep_their_shape() {
    same(
        &SubmissionState::Missing(vec![ChunkRef { part: 0, index: 0 }, ChunkRef { part: 1, index: 2 }]),
        r#"{"missing":[{"part":0,"index":0},{"part":1,"index":2}]}"#,
    );
    same(&SubmissionState::Receipt(Signed::from_parts(b"{}", b"sig")), r#"{"receipt":{"body":"e30=","sig":"c2ln"}}"#);
}

#[test]
fn a_call_keeps_its_shape() {
    let call_id: CallId = "0190f000-0000-7000-8000-000000000009".parse().unwrap();
    same(
        &CallStatus { call_id, state: CallState::Answered { who: "导办员".into(), minutes: 2 } },
        r#"{"call_id":"0190f000-0000-7000-8000-000000000009","state":{"is":"answered","who":"导办员","minutes":2}}"#,
    );
    same(
        &CallRequest { call_id, step: "首页".into() },
        r#"{"call_id":"0190f000-0000-7000-8000-000000000009","step":"首页"}"#,
    );
}

#[test]
fn an_enrolment_keeps_its_shape() {
    same(
        &EnrolRequest {
            terminal_no: "007".parse().unwrap(),
            installation_id: "0190f000-0000-7000-8000-000000000003".parse().unwrap(),
            csr: "AA==".into(),
            mac: "AQ==".into(),
        },
        r#"{"terminal_no":"007","installation_id":"0190f000-0000-7000-8000-000000000003","csr":"AA==","mac":"AQ=="}"#,
    );
}

#[test]
fn a_problem_keeps_its_code_and_a_newer_code_is_read_as_unknown() {
    same(
        &Problem::new(ProblemCode::IdConflict, "another body"),
        r#"{"code":"id_conflict","status":409,"title":"another body"}"#,
    );
    let newer: Problem = serde_json::from_str(r#"{"code":"brand_new","status":418,"title":""}"#).unwrap();
    assert_eq!(newer.code, ProblemCode::Unknown);
    assert!(serde_json::from_str::<Problem>("{\"ok\":true}").is_err());
}

#[test]
fn the_names_of_all_problem_codes_are_those_on_the_wire() {
    for (place, code) in ProblemCode::ALL.into_iter().enumerate() {
        assert_eq!(code as usize, place, "{code:?}");
        same(&code, &format!("\"{}\"", code.name()));
    }
    // The enum ends with it, so none is missing.
    assert_eq!(ProblemCode::ALL.last(), Some(&ProblemCode::Unknown));
}

#[test]
fn only_a_conflict_and_a_malformed_request_are_permanent() {
    let permanent: Vec<_> = ProblemCode::ALL.into_iter().filter(|code| code.is_permanent()).collect();
    assert_eq!(permanent, [ProblemCode::IdConflict, ProblemCode::Malformed]);
}

#[test]
fn unknown_keys_are_refused() {
    assert!(serde_json::from_str::<HallInfo>(r#"{"hall_id":"0190f000-0000-7000-8000-000000000001","x":1}"#).is_err());
}
