//! The shipped catalogue loads whole; a broken item is left out alone, with a message for the manager.

use super::*;

pub(crate) const CATALOGUE: &str = include_str!("../../../assets/catalogue/catalogue.json");
pub(crate) const COUNTIES: &str = include_str!("../../../assets/catalogue/counties.txt");
pub(crate) const REGIONS: &str = include_str!("../../../assets/catalogue/regions.json");

fn changed(change: impl FnOnce(&mut serde_json::Value)) -> Loaded {
    let mut value: serde_json::Value = serde_json::from_str(CATALOGUE).unwrap();
    change(&mut value);
    Catalogue::load(&value.to_string()).unwrap()
}

#[test]
fn all_twenty_shipped_items_load() {
    let loaded = Catalogue::load(CATALOGUE).unwrap();
    let messages: Vec<_> = loaded.unusable.iter().map(|bad| &bad.message.en).collect();
    assert!(messages.is_empty(), "{messages:#?}");
    assert_eq!(loaded.catalogue.items.len(), 20);
}

#[test]
fn the_shipped_items_break_no_consistency_rule() {
    let loaded = Catalogue::load(CATALOGUE).unwrap();
    let messages: Vec<_> = loaded.violations.iter().map(|broken| &broken.message.en).collect();
    assert!(messages.is_empty(), "{messages:#?}");
}

#[test]
fn counties_stand_below_their_cities_and_only_they_can_be_chosen_at_the_third_level() {
    let mut regions = Regions::load(REGIONS).unwrap();
    regions.add_counties(COUNTIES).unwrap();
    assert_eq!(regions.name("411681").unwrap().zh, "河南省周口市项城市");
    assert!(regions.holds("411681", 3) && !regions.holds("411600", 3) && regions.holds("411600", 2));
    assert!(regions.holds("441900", 3), "a city without counties stands for itself");
    let counties = regions.provinces.iter().flat_map(|p| &p.cities).map(|city| city.counties.len()).sum::<usize>();
    assert_eq!(counties, 2818);
    assert!(regions.add_counties("4116 项城市").is_err() && regions.add_counties("4116").is_err());
}

#[test]
fn every_word_of_a_form_has_its_english() {
    let mut loaded = Catalogue::load(CATALOGUE).unwrap().catalogue;
    loaded.codes.set_regions(Regions::load(REGIONS).unwrap());
    let mut missing = Vec::new();
    for item in &loaded.items {
        let mut tell = |place: &str, english: &str| {
            if english.is_empty() {
                missing.push(format!("{} {place}", item.item_id));
            }
        };
        tell("declaration", &item.form.declaration_en);
        for rule in &item.form.cross_rules {
            tell(rule.rule.source(), &rule.message_en);
        }
        for section in &item.form.sections {
            tell(&section.section_id, &section.title_en);
        }
        for field in item.form.fields().flat_map(|field| std::iter::once(field).chain(&field.columns)) {
            tell(&field.key, &field.label_en);
            assert!(field.help_zh.is_empty() || !field.help_en.is_empty(), "{} {}", item.item_id, field.key);
            for choice in loaded.codes.choices(field) {
                let chinese = choice.label.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                if chinese {
                    tell(&format!("{} {}", field.key, choice.value), &choice.label.en);
                }
            }
        }
        for material in &item.materials {
            tell(&material.material_name, &material.material_name_en);
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_sentence_of_the_guides_has_its_english() {
    let catalogue = Catalogue::load(CATALOGUE).unwrap().catalogue;
    let mut missing = Vec::new();
    let mut tell = |zh: &str| {
        let chinese = zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        if chinese && catalogue.phrase(zh).en.is_empty() {
            missing.push(zh.to_owned());
        }
    };
    for item in &catalogue.items {
        let guide = &item.guide;
        for text in [&guide.scope, &guide.exam_type, &guide.accept_org, &guide.delivery, &guide.transact_addr] {
            tell(text);
        }
        let lists = [&guide.accept_condition, &guide.prohibition, &guide.apply_channels, &guide.rights, &guide.duties];
        lists.into_iter().flatten().for_each(|text| tell(text));
        for step in &guide.process {
            [&step.name, &step.time_limit, &step.actor, &step.detail].into_iter().for_each(|text| tell(text));
        }
        for law in &guide.by_law {
            [&law.name, &law.article, &law.point].into_iter().for_each(|text| tell(text));
        }
        item.faq.iter().for_each(|question| {
            tell(&question.q);
            tell(&question.a);
        });
        item.materials.iter().for_each(|material| {
            tell(&material.accept_stand);
            tell(&material.fill_explain);
        });
        [&item.promise.explain, &item.result.validity, &item.task_name].into_iter().for_each(|text| tell(text));
    }
    catalogue.notices.iter().for_each(|notice| tell(&notice.body_zh));
    catalogue.help.iter().for_each(|entry| {
        tell(&entry.q);
        tell(&entry.a);
    });
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn an_unknown_validator_switches_off_only_its_item_and_is_named() {
    let loaded = changed(|c| c["items"][1]["form"]["sections"][0]["fields"][2]["validate"][0] = "V_MAGIC".into());
    assert_eq!(loaded.catalogue.items.len(), 19);
    let [bad] = loaded.unusable.as_slice() else { panic!("{:#?}", loaded.unusable) };
    assert_eq!((bad.item_id.as_str(), bad.field.as_str()), ("XC-RSJ-02", "applicant_id_no"));
    assert!(bad.message.zh.contains("V_MAGIC") && bad.message.en.contains("V_MAGIC"), "{:?}", bad.message);
}

#[test]
fn an_unknown_operator_is_told_with_its_place() {
    let loaded =
        changed(|c| c["items"][1]["form"]["sections"][1]["fields"][4]["visible_if"] = "pay_mode =~ '2'".into());
    let [bad] = loaded.unusable.as_slice() else { panic!("{:#?}", loaded.unusable) };
    assert_eq!(bad.field, "bank_no");
    assert!(bad.message.en.contains("`=~` at 9..11"), "{}", bad.message.en);
}

#[test]
fn comparing_different_types_is_a_mistake_of_the_definition() {
    let loaded = changed(|c| c["items"][1]["form"]["sections"][1]["fields"][4]["visible_if"] = "pay_mode==2".into());
    let [bad] = loaded.unusable.as_slice() else { panic!("{:#?}", loaded.unusable) };
    assert!(bad.message.en.contains("text and a number cannot be compared"), "{}", bad.message.en);
    assert!(bad.message.zh.contains("不能比较文字和数值"), "{}", bad.message.zh);
}

#[test]
fn a_condition_that_turns_round_on_itself_is_refused() {
    let loaded =
        changed(|c| c["items"][1]["form"]["sections"][1]["fields"][3]["visible_if"] = "filled(bank_no)".into());
    assert!(loaded.unusable.iter().any(|bad| bad.field == "pay_mode"), "{:#?}", loaded.unusable);
}

/// The form with rows, its columns changed.
fn with_columns(change: impl FnOnce(&mut Vec<serde_json::Value>)) -> Loaded {
    changed(|c| {
        let items = c["items"].as_array_mut().unwrap().iter_mut();
        let sections = items.flat_map(|item| item["form"]["sections"].as_array_mut().unwrap());
        let mut fields = sections.flat_map(|section| section["fields"].as_array_mut().unwrap());
        change(fields.find(|field| field["key"] == "children").unwrap()["columns"].as_array_mut().unwrap());
    })
}

#[test]
fn a_column_that_no_page_can_ask_for_is_refused_by_its_name() {
    for column in [
        serde_json::json!({"type": "contact", "kinds": ["mobile"]}),
        serde_json::json!({"type": "month_range"}),
        serde_json::json!({"type": "repeat", "columns": [
            {"key": "c_a", "label_zh": "甲", "type": "text", "source": "user"}]}),
    ] {
        let loaded = with_columns(|columns| {
            let mut column = column.clone();
            column["key"] = "c_odd".into();
            column["label_zh"] = "怪".into();
            column["source"] = "user".into();
            columns.push(column);
        });
        let [bad] = loaded.unusable.as_slice() else { panic!("{column}: {:#?}", loaded.unusable) };
        assert_eq!((bad.item_id.as_str(), bad.field.as_str()), ("XC-WJW-01", "c_odd"));
        assert!(
            bad.message.zh.contains("“c_odd”：列表") && bad.message.en.contains("`c_odd`: a "),
            "{:?}",
            bad.message
        );
    }
}

#[test]
fn a_column_that_turns_round_on_itself_is_refused() {
    let loaded = with_columns(|columns| {
        columns[0]["visible_if"] = "filled(c_birth)".into();
        columns[2]["visible_if"] = "filled(c_name)".into();
    });
    let fields: Vec<_> = loaded.unusable.iter().map(|bad| bad.field.as_str()).collect();
    assert_eq!(fields, ["c_name", "c_birth"]);
    let loaded = with_columns(|columns| columns[2]["visible_if"] = "filled(c_name) and parity!='1'".into());
    assert!(loaded.unusable.is_empty(), "{:#?}", loaded.unusable);
}

#[test]
fn references_to_nothing_are_refused() {
    let wrong: [fn(&mut serde_json::Value); 5] = [
        |field| field["validate"] = serde_json::json!(["V_EQUAL:nobody"]),
        |field| field["card_role"] = "neighbour".into(),
        |field| field["source"] = "idcard.shoe_size".into(),
        |field| field["visible_if"] = "nobody=='1'".into(),
        |field| field["surprise"] = true.into(),
    ];
    for change in wrong {
        let loaded = changed(|c| change(&mut c["items"][1]["form"]["sections"][0]["fields"][0]));
        assert_eq!(loaded.unusable.iter().map(|bad| bad.field.as_str()).collect::<Vec<_>>(), ["applicant_name"]);
    }
}

#[test]
fn several_mistakes_of_one_item_are_told_together() {
    let loaded = changed(|c| {
        let fields = &mut c["items"][1]["form"]["sections"][0]["fields"];
        fields[0]["validate"] = serde_json::json!(["V_X"]);
        fields[2]["visible_if"] = "(".into();
    });
    assert_eq!(loaded.unusable.len(), 2);
    assert_eq!(loaded.catalogue.items.len(), 19);
}

#[test]
fn each_consistency_rule_finds_its_breach() {
    type Breach = (&'static str, fn(&mut serde_json::Value));
    let breaches: [Breach; 7] = [
        ("promise", |item| item["project_type"] = "2".into()),
        ("result", |item| item["result"]["result_name"] = "参保证".into()),
        ("visits", |item| item["limit_scene_num"] = 1.into()),
        ("fees", |item| item["is_fee"] = true.into()),
        ("phones", |item| item["guide"]["consult"]["phone"] = item["guide"]["supervise"]["phone"].clone()),
        ("licence", |item| item["task_type"] = "01".into()),
        ("themes", |item| item["themes"] = serde_json::json!(["天文"])),
    ];
    for (rule, change) in breaches {
        let loaded = changed(|c| change(&mut c["items"][1]));
        let found: Vec<_> = loaded.violations.iter().map(|broken| broken.rule).collect();
        assert_eq!(found, [rule]);
    }
    let loaded = changed(|c| c["items"][4]["promise"]["value"] = 4.into());
    assert_eq!(loaded.violations[0].rule, "statutory");
}

#[test]
fn code_tables_may_be_maps_or_lists() {
    let codes = Catalogue::load(CATALOGUE).unwrap().catalogue.codes;
    assert_eq!(codes.label("cert_type", "553").unwrap().zh, "外国人永久居留身份证");
    assert_eq!(codes.table("industry").unwrap()[1].value, "制造业");
    assert_eq!(codes.label("case_status", "20").unwrap().en, "Received by the hall");
}

#[test]
fn regions_reach_down_to_cities() {
    let regions = Regions::load(REGIONS).unwrap();
    assert_eq!(regions.provinces.len(), 34);
    assert_eq!(regions.name("410100").unwrap(), Text::new("河南省郑州市", "Zhengzhou, Henan"));
    assert!(regions.holds("410000", 1) && !regions.holds("410000", 2) && regions.holds("429004", 2));
}

#[test]
fn a_business_may_carry_a_county_of_its_own_city() {
    let names_a_region = |zh: &str, code: &str, name: &str| {
        let mut codes = changed(|c| {
            c["hall"]["division_zh"] = zh.into();
            c["hall"]["division_code"] = code.into();
        })
        .catalogue
        .codes;
        let mut regions = Regions::load(REGIONS).unwrap();
        regions.add_counties(COUNTIES).unwrap();
        codes.set_regions(regions);
        codes.names_a_region(name)
    };
    for own in ["周口市沈丘县老张面馆", "周口市项城市老张面馆", "沈丘县老张面馆"] {
        assert!(!names_a_region("周口市", "411600", own), "{own}");
    }
    for foreign in ["周口市中牟县面馆", "沈丘县", "周口市沈丘县商水县面馆"] {
        assert!(names_a_region("周口市", "411600", foreign), "{foreign}");
    }
    assert!(!names_a_region("河南省", "410000", "河南省沈丘县面馆"));
    assert!(!names_a_region("北京市", "110000", "北京市朝阳区面馆"));
    assert!(names_a_region("朝阳区", "110105", "北京市海淀区面馆"));
}
