//! The byte vectors of the SDT protocol, both ways. Hand-made, fictitious persons. Do not change these bytes:
//! they are what readers in the field say.
#![allow(clippy::unwrap_used)]

use drivers::{
    id_card_reader::{
        CardKind, IdCard, Sex, ValidUntil, parse_text,
        sdt_frame::{Deframer, encode},
        sdt_words::{Answer, Request, Status},
        simulator::{PlainCard, SimulatedCard, bench},
    },
    simulation::MemoryConnector,
    transport::Connector,
};
use std::time::Duration;

const TEXT_A: &[u8; 256] = include_bytes!("sdt/text_A.bin");
const TEXT_A2: &[u8; 256] = include_bytes!("sdt/text_A2.bin");
const TEXT_J: &[u8; 256] = include_bytes!("sdt/text_J.bin");
const TEXT_I: &[u8; 256] = include_bytes!("sdt/text_I.bin");
const TEXT_Y: &[u8; 256] = include_bytes!("sdt/text_Y.bin");
const READ_BASE_A: &[u8; 1295] = include_bytes!("sdt/read_base_A.bin");
const READ_FP_A: &[u8; 2321] = include_bytes!("sdt/read_fp_A.bin");

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn card(text: &[u8; 256]) -> IdCard {
    parse_text(text, &[]).unwrap()
}

#[test]
fn requests_have_the_bytes_of_the_vectors_both_ways() {
    let vectors = [
        (Request::ResetSam, "aaaaaa9669000310ffec"),
        (Request::SamStatus, "aaaaaa9669000311ffed"),
        (Request::SamId, "aaaaaa9669000312ffee"),
        (Request::FindCard, "aaaaaa96690003200122"),
        (Request::SelectCard, "aaaaaa96690003200221"),
        (Request::ReadBase, "aaaaaa96690003300132"),
        (Request::ReadBaseAndFingerprints, "aaaaaa96690003301023"),
        (Request::ReadAppendedAddress, "aaaaaa96690003300330"),
        (Request::SetRate(0), "aaaaaa96690003600063"),
        (Request::SetRate(4), "aaaaaa96690003600467"),
    ];
    for (request, bytes) in vectors {
        let bytes = hex(bytes);
        assert_eq!(*request.frame(), bytes, "{request:?}");
        let body = Deframer::for_requests().push(&bytes).unwrap().unwrap();
        assert_eq!(Request::from_body(&body), Some(request));
    }
}

#[test]
fn answers_have_the_bytes_of_the_vectors_both_ways() {
    let sam_id = hex("05000100b68c34011122330044556677");
    let vectors: [(Status, &[u8], &str); 8] = [
        (Status::Ok, &[], "aaaaaa9669000400009094"),
        (Status::CardFound, &[0; 4], "aaaaaa9669000800009f0000000097"),
        (Status::NoCard, &[], "aaaaaa9669000400008084"),
        (Status::Ok, &[0; 8], "aaaaaa9669000c00009000000000000000009c"),
        (Status::SelectFailed, &[], "aaaaaa9669000400008185"),
        (Status::NoSuchContent, &[], "aaaaaa9669000400009195"),
        (Status::ChecksumError, &[], "aaaaaa9669000400001014"),
        (Status::Ok, &sam_id, "aaaaaa9669001400009005000100b68c340111223300445566778f"),
    ];
    for (status, data, bytes) in vectors {
        let bytes = hex(bytes);
        assert_eq!(*Answer::frame(status, data), bytes, "{status:?}");
        let answer = Answer::from_body(Deframer::for_answers().push(&bytes).unwrap().unwrap()).unwrap();
        assert_eq!((answer.status(), answer.data()), (status, data));
    }
}

#[test]
fn a_request_that_comes_damaged_is_refused_with_the_bytes_of_the_status_list() {
    let dialogue = [
        ("find card with a wrong check byte", "aaaaaa96690003200123", "aaaaaa9669000400001014"),
        ("find card with a length that is too short", "aaaaaa96690002200122", "aaaaaa9669000400001115"),
        ("find card with a length that no request has", "aaaaaa9669ff03200122", "aaaaaa9669000400001115"),
        ("find card as it should be", "aaaaaa96690003200122", "aaaaaa9669000400008084"),
    ];
    let mut wire = MemoryConnector(bench().0).open(0).unwrap();
    for (what, request, answer) in dialogue {
        wire.write_all(&hex(request)).unwrap();
        let mut came = [0; 64];
        let n = wire.read(&mut came, Duration::ZERO).unwrap();
        assert_eq!(came[..n], hex(answer), "{what}");
        assert!(wire.read(&mut came, Duration::ZERO).is_err(), "{what}: one answer and no more");
    }
}

#[test]
fn whole_reads_are_taken_apart_and_put_together_again() {
    for (bytes, head) in [(&READ_BASE_A[..], 4), (&READ_FP_A[..], 6)] {
        let body = Deframer::for_answers().push(bytes).unwrap().unwrap();
        assert_eq!(*encode(&body), bytes);
        let answer = Answer::from_body(body).unwrap();
        assert_eq!(answer.status(), Status::Ok);
        assert_eq!(&answer.data()[head..head + 256], TEXT_A);
        assert_eq!(answer.data()[head + 256], 3, "first byte of the photo");
    }
}

#[test]
fn a_residents_card_is_read() {
    let card = card(TEXT_A);
    assert_eq!(card.kind(), CardKind::Resident);
    assert_eq!(card.name.text.as_str(), "张测试");
    assert!(card.sex == Sex::Male);
    assert_eq!(card.nation().unwrap().full_name(), "汉族");
    assert_eq!(card.birth.unwrap().to_string(), "1990-03-07");
    assert_eq!(card.address().unwrap().text.as_str(), "某省某市测试区示例路1号");
    assert_eq!(card.number.as_str(), "110100199003070015");
    assert_eq!(card.authority().unwrap().text.as_str(), "某市公安局测试分局");
    assert_eq!(card.valid_from.unwrap().to_string(), "2020-01-01");
    assert!(card.valid_until == ValidUntil::LongTerm);
    assert!(!card.name.has_unmapped && !card.name.may_be_cut);
}

#[test]
fn a_residents_card_with_a_long_address_and_a_dotted_name_is_read() {
    let card = card(TEXT_A2);
    assert_eq!(card.name.text.as_str(), "阿依古丽·测试");
    assert_eq!(card.nation().unwrap().name(), "维吾尔");
    assert!(card.address().unwrap().text.ends_with("二组０２３号附４号某小区甲栋"));
    assert_eq!(card.number.as_str(), "110100200512300021");
}

#[test]
fn a_permit_for_hong_kong_macau_and_taiwan_is_read() {
    use drivers::id_card_reader::Details;
    let card = card(TEXT_J);
    assert_eq!(card.kind(), CardKind::J);
    assert_eq!(card.name.text.as_str(), "陈測試");
    assert_eq!(card.number.as_str(), "810000198506150012");
    let Details::Permit { pass_number, issue_count, .. } = &card.details else { panic!("kind") };
    assert_eq!((pass_number.as_str(), issue_count.as_str()), ("H12345678", "01"));
    assert!(card.nation().is_none());
}

#[test]
fn both_editions_of_the_foreigners_card_are_read() {
    let old = card(TEXT_I);
    assert_eq!(old.kind(), CardKind::I);
    assert_eq!(old.name.text.as_str(), "TESTER, SAMPLE ALPHA");
    assert_eq!((old.number.as_str(), old.country()), ("CAN110088010101", Some("CAN")));
    assert_eq!(old.birth.unwrap().to_string(), "1988-01-01");
    let new = card(TEXT_Y);
    assert_eq!(new.kind(), CardKind::Y);
    assert_eq!(new.name.text.as_str(), "TESTER, SAMPLE ALPHA");
    assert_eq!(new.chinese_name().unwrap().text.as_str(), "泰测试");
    assert_eq!((new.number.as_str(), new.country()), ("911124198801010021", Some("CAN")));
    assert_eq!(new.valid_from.unwrap().to_string(), "2023-12-01");
}

#[test]
fn plain_data_makes_the_texts_of_the_vectors() {
    let plain = |fields: [&str; 13]| {
        let [
            kind,
            name,
            sex,
            nation,
            birth,
            address,
            number,
            authority,
            valid_from,
            valid_until,
            pass_number,
            chinese_name,
            country,
        ] = fields.map(str::to_owned);
        let issue_count = if kind == "J" { "01".to_owned() } else { String::new() };
        PlainCard {
            kind,
            name,
            chinese_name,
            sex,
            nation,
            birth,
            address,
            number,
            authority,
            valid_from,
            valid_until,
            pass_number,
            issue_count,
            country,
        }
    };
    let vectors = [
        (
            TEXT_A,
            [
                "resident",
                "张测试",
                "男",
                "汉族",
                "19900307",
                "某省某市测试区示例路1号",
                "110100199003070015",
                "某市公安局测试分局",
                "20200101",
                "长期",
                "",
                "",
                "",
            ],
        ),
        (
            TEXT_J,
            [
                "J",
                "陈測試",
                "男",
                "",
                "19850615",
                "某市某区示例街道9号",
                "810000198506150012",
                "某市公安局",
                "20190301",
                "20240301",
                "H12345678",
                "",
                "",
            ],
        ),
        (
            TEXT_I,
            [
                "I",
                "TESTER, SAMPLE ALPHA",
                "女",
                "",
                "19880101",
                "",
                "CAN110088010101",
                "",
                "20180601",
                "20280601",
                "",
                "泰测试",
                "CAN",
            ],
        ),
        (
            TEXT_Y,
            [
                "Y",
                "TESTER, SAMPLE ALPHA",
                "女",
                "",
                "19880101",
                "",
                "911124198801010021",
                "",
                "20231201",
                "20331201",
                "",
                "泰测试",
                "CAN",
            ],
        ),
    ];
    for (text, fields) in vectors {
        let card = SimulatedCard::from_plain(&plain(fields)).unwrap();
        assert_eq!(card.text(), text, "{}", fields[0]);
    }
}

#[test]
fn an_unknown_type_letter_or_a_damaged_number_is_no_card() {
    let mut text = *TEXT_A;
    text[248] = b'K';
    assert!(parse_text(&text, &[]).is_err());
    let mut text = *TEXT_A;
    text[122..158].fill(0);
    assert!(parse_text(&text, &[]).is_err());
    let mut text = *TEXT_A;
    text[248] = 0;
    assert_eq!(parse_text(&text, &[]).unwrap().kind(), CardKind::Resident, "NUL stands for a resident too");
}
