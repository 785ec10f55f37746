//! Rules of fields, pages and forms on small forms made here; src/wire/tests/forms.rs has the twenty shipped ones.

use std::sync::LazyLock;

use jiff::civil::{Date, date};

use super::*;
use crate::catalogue::tests::{CATALOGUE, COUNTIES, REGIONS};
use crate::catalogue::{Catalogue, Field, Form, Regions};

const TODAY: Date = date(2026, 11, 24);

static HALL: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut catalogue = Catalogue::load(CATALOGUE).unwrap().catalogue;
    let mut regions = Regions::load(REGIONS).unwrap();
    regions.add_counties(COUNTIES).unwrap();
    catalogue.codes.set_regions(regions);
    catalogue
});

/// A form of one section, so that a rule stands alone.
pub(super) fn form(fields: &serde_json::Value) -> Form {
    let form = serde_json::json!({
        "form_id": "F", "version": 1, "title_zh": "表",
        "sections": [{"section_id": "s", "title_zh": "节", "fields": fields}],
    });
    serde_json::from_value(form).unwrap()
}

fn one(kind: &str, validators: &[&str]) -> Form {
    form(&serde_json::json!([
        {"key": "x", "label_zh": "值", "label_en": "Value", "type": kind, "source": "user", "validate": validators,
         "kinds": ["mobile", "mobile_abroad", "landline", "via", "none"]}
    ]))
}

pub(super) fn context(cards: &Cards) -> Context<'_> {
    Context { today: TODAY, calendar: &HALL.calendar, codes: &HALL.codes, cards }
}

/// Chinese words of the first issue, or nothing.
fn said(form: &Form, value: serde_json::Value, cards: &Cards) -> Option<String> {
    let answers: Answers = serde_json::from_value(serde_json::json!({ "x": value })).unwrap();
    validate(form, &answers, &context(cards)).into_iter().next().map(|issue| issue.message.zh)
}

fn text(kind: &str, validator: &str, value: &str) -> Option<String> {
    said(&one(kind, &[validator]), value.into(), &Cards::new())
}

#[test]
fn a_short_mobile_number_says_how_much_is_missing() {
    assert_eq!(text("mobile", "V_MOBILE", "139000000").unwrap(), "手机号应为 11 位，还差 2 位");
    assert_eq!(text("mobile", "V_MOBILE", "139000000011").unwrap(), "手机号应为 11 位，多了 1 位");
    assert!(text("mobile", "V_MOBILE", "12900000001").is_some());
    assert_eq!(text("mobile", "V_MOBILE", "13900000001"), None);
}

#[test]
fn identity_numbers_of_every_kind_are_checked() {
    for good in
        ["11010519491231002X", "419999198503120111", "81000019850909081X", "941840199001010910", "FRA419019850101"]
    {
        assert_eq!(text("idcard_no", "V_ID18", good), None, "{good}");
    }
    for bad in [
        "110105194912310021",  // check digit
        "11010519491231002x",  // small x
        "991840199001010910",  // no such province on a foreigner's card
        "160105194912310022",  // no such province
        "419999202612010111",  // born tomorrow and later
        "419999198513320111",  // no such day
        "FRA41901985010",      // short
        "fra419019850101",     // small letters
        "41999919850312011",   // 17
        "4199991985031201111", // 19
        "４１９９９９１９８５０３１２０１１１",
    ] {
        assert!(text("idcard_no", "V_ID18", bad).is_some(), "{bad}");
    }
    assert_eq!(text("idcard_no", "V_ID18", "4199991985031201").unwrap(), "证件号码应为 18 位，还差 2 位");
}

#[test]
fn organisation_codes_are_checked_by_both_digits() {
    for good in ["12441500196720244T", "11511301008778183N", "92419999MA9X00011L", "91419999MA9X0002XF"] {
        assert_eq!(text("uscc", "V_USCC", good), None, "{good}");
    }
    for bad in [
        "11511301008778183M",
        "11511301008778193N",
        "1151130100877818",
        "11511301OO8778183N",
        "社会信用代码社会信用代码社会信用代码",
    ] {
        assert!(text("uscc", "V_USCC", bad).is_some(), "{bad}");
    }
    // The last character is right for the whole, the ninth of the subject's code is not.
    assert!(text("uscc", "V_USCC", "12441500196720254U").is_some());
}

#[test]
fn names_of_businesses_keep_the_rules() {
    for good in ["示范便利店", "项城市示范便利店", "河南省周口市项城市示范面馆", "好邻居超市"]
    {
        assert_eq!(text("text", "V_ENT_NAME", good), None, "{good}");
    }
    for bad in [
        "店",
        "示范公司",
        "示范集团店",
        "示范企业服务部",
        "示范农民专业合作社",
        "北京便利店",
        "郑州市面馆",
        "项城面馆",
        "项城市",
        "示范A店",
        "示范店(演示)",
    ] {
        assert!(text("text", "V_ENT_NAME", bad).is_some(), "{bad}");
    }
}

#[test]
fn a_countys_full_name_is_no_trade_name() {
    for bad in
        ["沈丘县老张面馆", "商水县便利店", "项城市沈丘县面馆", "河南省周口市沈丘县面馆", "川汇区便利店", "叶县面馆"]
    {
        let said = text("text", "V_ENT_NAME", bad).unwrap_or_default();
        assert!(said.contains("行政区划"), "{bad}: {said}");
    }
}

#[test]
fn ordinary_words_are_trade_names_though_counties_are_called_so() {
    for good in [
        "沈丘老张面馆", // the short form
        "和平便利店",
        "永安面馆",
        "老张沈丘县面馆", // the trade name is 老张
        "老城区羊肉汤",
        "东区饭店",
        "项城市城区便利店",
        "永安市场百货店",
        "古县城客栈",
    ] {
        assert_eq!(text("text", "V_ENT_NAME", good), None, "{good}");
    }
}

#[test]
fn what_must_be_equal_may_differ_in_its_interpunct_and_the_blanks_around_it() {
    let pair = |validator: &str| {
        form(&serde_json::json!([
            {"key": "name", "label_zh": "姓名", "type": "text", "source": "user"},
            {"key": "x", "label_zh": "户名", "type": "text", "source": "user", "validate": [validator]}
        ]))
    };
    let passes = |validator: &str, name: &str, value: &str| {
        let answers: Answers = serde_json::from_value(serde_json::json!({ "name": name, "x": value })).unwrap();
        validate(&pair(validator), &answers, &context(&Cards::new())).is_empty()
    };
    for sign in ['\u{b7}', '\u{2022}', '\u{30fb}', '\u{2027}', '\u{22c5}'] {
        let typed = format!(" 买买提{sign}示范\u{3000}");
        assert!(passes("V_EQUAL:name", "买买提·示范", &typed) && passes("V_EQUAL:name", &typed, "买买提·示范"));
        assert!(!passes("V_NOT_EQUAL:name", "买买提·示范", &typed), "what is equal is not different");
        assert_eq!(text("text", "V_NAME", &format!("买买提{sign}示范")), None);
    }
    for other in ["买买提示范", "买买提 示范", "买买提.示范", "买买提·示", "买买提·示范·"] {
        assert!(!passes("V_EQUAL:name", "买买提·示范", other) && passes("V_NOT_EQUAL:name", "买买提·示范", other));
    }
}

#[test]
fn names_of_persons_follow_the_kind_of_their_card() {
    for good in ["张示范", "吴𰻝", "买买提·阿卜杜热合曼·示范", "Alex Sample", "O'Neil-Müller", "〇一"]
    {
        assert_eq!(text("text", "V_NAME", good), None, "{good}");
    }
    for bad in ["张3", "张", "张 示范", "张Alex", "😀😀", "张①"] {
        assert!(text("text", "V_NAME", bad).is_some(), "{bad}");
    }
    let pair = form(&serde_json::json!([
        {"key": "x_name", "label_zh": "姓名", "type": "text", "source": "user", "validate": ["V_NAME"]},
        {"key": "x_id_no", "label_zh": "号码", "type": "idcard_no", "source": "user", "validate": ["V_ID18"]}
    ]));
    let with = |name: &str, number: &str| {
        let mut answers = Answers::new();
        answers.set_text("x_name", name);
        answers.set_text("x_id_no", number);
        validate(&pair, &answers, &context(&Cards::new())).len()
    };
    assert_eq!(with("Alex Sample", "419999198503120111"), 1, "a resident's name is Chinese");
    assert_eq!(with("Alex Sample", "941840199001010910"), 0);
}

#[test]
fn what_a_card_holds_is_taken_as_it_is() {
    let name = form(&serde_json::json!([
        {"key": "x", "label_zh": "姓名", "type": "text", "source": "idcard.name", "card_role": "applicant",
         "readonly": true, "max_len": 10, "validate": ["V_NAME"]}
    ]));
    let card = |kind, name: &str| {
        let facts = CardFacts { kind, number: String::new(), name: name.to_owned(), birth: None, sex: None };
        Cards::from([("applicant".to_owned(), facts)])
    };
    for (kind, held) in [
        (CardKind::Y, "DEMO, Alex Sample"),
        (CardKind::Resident, "张\u{e863}"),
        (CardKind::Resident, "买买提·阿卜杜热合曼·示范"),
    ] {
        assert_eq!(said(&name, held.into(), &card(kind, held)), None, "{held}");
    }
    assert!(said(&name, "张\u{e863}".into(), &Cards::new()).is_some());
}

#[test]
fn the_age_comes_from_the_card_where_the_number_holds_none() {
    let form = form(&serde_json::json!([
        {"key": "x", "label_zh": "号码", "type": "idcard_no", "source": "idcard.number", "card_role": "applicant",
         "validate": ["V_ID18", "V_AGE_MIN:60"]}
    ]));
    let facts = |birth| CardFacts {
        kind: CardKind::I,
        number: "FRA419019850101".to_owned(),
        name: String::new(),
        birth: Some(birth),
        sex: None,
    };
    let cards = |birth| Cards::from([("applicant".to_owned(), facts(birth))]);
    assert_eq!(said(&form, "FRA419019850101".into(), &cards(date(1966, 11, 24))), None, "60 today");
    assert!(said(&form, "FRA419019850101".into(), &cards(date(1966, 11, 25))).is_some(), "60 tomorrow");
    assert_eq!(said(&form, "FRA419019850101".into(), &Cards::new()), None, "left to the clerk");
}

#[test]
fn each_kind_of_contact_has_its_rule() {
    let contact = one("contact", &["V_CONTACT"]);
    let say = |kind: &str, value: &str, name: &str| {
        said(&contact, serde_json::json!({"kind": kind, "value": value, "name": name}), &Cards::new())
    };
    for (kind, value, name) in [
        ("mobile", "13900000001", ""),
        ("mobile_abroad", "+85291234567", ""),
        ("landline", "0394-4212345", ""),
        ("landline", "01012345678", ""),
        ("via", "13900000001", "张示范"),
        ("via", "0394-4212345", "张示范"),
        ("via", "演示村委会", ""),
        ("via", "", "演示村"),
        ("none", "", ""),
    ] {
        assert_eq!(say(kind, value, name), None, "{kind} {value}");
    }
    for (kind, value, name) in [
        ("mobile", "0394-4212345", ""),
        ("mobile_abroad", "85291234567", ""),
        ("mobile_abroad", "+8613900000001", ""),
        ("landline", "4212345", ""),
        ("via", "13900000001", ""),
        ("via", "", "张示范"),
        ("via", "139", "张示范"),
        ("none", "13900000001", ""),
    ] {
        assert!(say(kind, value, name).is_some(), "{kind} {value} {name}");
    }
}

#[test]
fn dates_are_days_that_exist_written_one_way() {
    let plain = one("date", &[]);
    let say = |value: &str| said(&plain, value.into(), &Cards::new());
    assert_eq!(say("2024-02-29"), None);
    for bad in ["2026-02-29", "20261124", "2026-11-24T00:00", "2026-1-1", "0001-01-01", "明天"] {
        assert!(say(bad).is_some(), "{bad}");
    }
    assert!(say("202611").unwrap().contains("还差 2 位"));
}

#[test]
fn a_day_off_names_the_next_working_day() {
    assert_eq!(text("date", "V_WORKDAY", "2026-11-28").unwrap(), "这一天不上班，之后最近的工作日是 2026年11月30日");
    assert!(text("date", "V_WORKDAY", "2027-01-02").unwrap().ends_with("(按基本工作日估算)"));
    assert_eq!(text("date", "V_WORKDAY", "2026-10-10"), None, "a make-up Saturday");
}

#[test]
fn whole_months_end_on_the_day_that_exists() {
    let say = |value: &str| text("date", "V_MONTHS_AGO_MIN:6", value);
    assert_eq!(say("2026-05-24"), None);
    assert_eq!(say("2026-05-25").unwrap(), "到今天须满 6 个月，满期日是 2026年11月25日；未满的请到期后再来");
}

#[test]
fn shapes_that_do_not_fit_are_refused_not_skipped() {
    for kind in ["text", "date", "checkbox", "contact", "month_range", "money", "bank_card", "integer"] {
        for value in [
            serde_json::json!(["1"]),
            serde_json::json!([{"a": "b"}]),
            serde_json::json!({"from": "2026-13", "to": "x"}),
            serde_json::json!("\u{7}"),
        ] {
            assert!(said(&one(kind, &[]), value.clone(), &Cards::new()).is_some(), "{kind} {value}");
        }
    }
}

#[test]
fn a_rule_over_several_pages_waits_for_the_last_of_them() {
    let form = &HALL.item("XC-CL-01").unwrap().form;
    let mut answers = Answers::new();
    answers.set("type", Value::List(vec!["6".to_owned()]));
    answers.set_text("has_guardian", "0");
    let cards = Cards::new();
    let told =
        |keys: &[&str]| validate_fields(form, &answers, &context(&cards), keys).iter().any(|i| i.rule == "cross");
    assert!(!told(&["type"]), "the question of the guardian comes later");
    assert!(told(&["has_guardian"]));
}

#[test]
fn hidden_answers_count_as_empty_and_are_not_submitted() {
    let form = &HALL.item("XC-RSJ-02").unwrap().form;
    let mut answers = Answers::new();
    answers.set_text("pay_mode", "1");
    answers.set_text("bank_no", "not a number");
    let cards = Cards::new();
    let ctx = context(&cards);
    assert!(!visible(form, &answers, &ctx).contains("bank_no"));
    assert!(!validate(form, &answers, &ctx).iter().any(|issue| issue.fields == ["bank_no"]));
    assert_eq!(without_hidden(form, &answers, &ctx).get("bank_no"), None);
    let bank: &Field = form.field("bank_no").unwrap();
    assert!(!required(form, bank, &answers, &ctx));
    answers.set_text("pay_mode", "2");
    assert!(required(form, bank, &answers, &ctx));
}

#[test]
fn a_box_that_nobody_ticked_is_no_for_a_rule_and_not_filled() {
    let mut form = form(&serde_json::json!([
        {"key": "big", "label_zh": "大额", "type": "text", "source": "user"},
        {"key": "agree", "label_zh": "同意", "type": "checkbox", "source": "user", "visible_if": "filled(big)"},
        {"key": "amount", "label_zh": "金额", "type": "money", "source": "user"},
        {"key": "why", "label_zh": "原因", "type": "text", "source": "user", "required_if": "filled(agree)"}
    ]));
    form.cross_rules = serde_json::from_value(serde_json::json!([
        {"rule": "agree or amount <= 1000", "fields": ["agree", "amount"], "message_zh": "请同意或减少金额"}
    ]))
    .unwrap();
    let cards = Cards::new();
    let ctx = context(&cards);
    let told = |answers: serde_json::Value| -> Vec<String> {
        let answers: Answers = serde_json::from_value(answers).unwrap();
        let issues = validate(&form, &answers, &ctx);
        // The hall sees no box that was not ticked, and must say the same.
        assert_eq!(issues, validate(&form, &without_hidden(&form, &answers, &ctx), &ctx));
        issues.into_iter().map(|issue| issue.rule).collect()
    };
    let json = |text: &str| serde_json::from_str(text).unwrap();
    assert_eq!(told(json(r#"{"big": "x", "agree": false, "amount": "5000"}"#)), ["cross"]);
    assert_eq!(told(json(r#"{"big": "x", "amount": "5000"}"#)), ["cross"]);
    assert!(told(json(r#"{"big": "x", "agree": false, "amount": "500"}"#)).is_empty());
    assert!(told(json(r#"{"big": "x", "agree": false}"#)).is_empty(), "skipped for the amount");
    assert!(told(json(r#"{"agree": false, "amount": "5000"}"#)).is_empty(), "a hidden box is empty");
    assert_eq!(told(json(r#"{"big": "x", "agree": true, "amount": "5000"}"#)), ["required"], "by filled(agree)");
}

#[test]
fn what_a_card_lacks_becomes_a_question() {
    let form = &HALL.item("XC-RSJ-02").unwrap().form;
    let answers = Answers::new();
    let readonly_with = |kind: CardKind, key: &str| {
        let facts = CardFacts { kind, number: String::new(), name: String::new(), birth: None, sex: None };
        let cards = Cards::from([("applicant".to_owned(), facts)]);
        readonly(form, form.field(key).unwrap(), &answers, &context(&cards))
    };
    assert!(readonly_with(CardKind::Resident, "ethnic"));
    assert!(!readonly_with(CardKind::J, "ethnic"));
    assert!(readonly_with(CardKind::I, "applicant_id_no"));
    assert!(!readonly(form, form.field("applicant_id_no").unwrap(), &answers, &context(&Cards::new())));
}

#[test]
fn rows_are_reached_by_their_keys() {
    let mut answers = Answers::new();
    answers.set_text("children.0.c_name", "小样");
    answers.set_text("children.2.c_name", "gap");
    assert_eq!((answers.rows("children"), answers.text("children.0.c_name")), (1, Some("小样")));
    answers.add_row("children");
    answers.remove("children.0");
    assert_eq!((answers.rows("children"), answers.text("children.0.c_name")), (1, None));
}

#[test]
fn nothing_of_an_answer_shows_in_debug() {
    let mut answers = Answers::new();
    answers.set_text("x", "秘密");
    answers.set("y", Value::List(vec!["秘密".to_owned()]));
    let facts = CardFacts { kind: CardKind::Y, number: "秘密".into(), name: "秘密".into(), birth: None, sex: None };
    let shown = format!("{answers:?} {:?} {:?} {facts:?}", answers.get("x"), answers.get("y"));
    assert!(!shown.contains("秘密"), "{shown}");
}

#[test]
fn wiped_answers_hold_nothing() {
    use zeroize::Zeroize;
    let mut value = Value::Contact(Contact { kind: ContactKind::Via, value: "秘密".into(), name: "秘密".into() });
    value.zeroize();
    assert!(matches!(&value, Value::Contact(contact) if contact.value.is_empty() && contact.name.is_empty()));
    let mut answers = Answers::new();
    answers.set_text("x", "秘密");
    answers.zeroize();
    assert!(answers.is_empty());
}

#[test]
fn hostile_answers_never_panic() {
    let values =
        ["", "0", "9999999999999999999999", "2026-11-24", "\u{0}", "字字字", "-", "+", "🙂", "999999999999999999"];
    for item in &HALL.items {
        for value in values {
            let mut answers = Answers::new();
            for field in item.form.fields() {
                answers.set_text(&field.key, value);
            }
            let _ = validate(&item.form, &answers, &context(&Cards::new()));
        }
    }
}
