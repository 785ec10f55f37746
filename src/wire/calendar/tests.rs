//! Working days, deadlines and opening hours against the table of tests/data/vectors.json and by hand.

use jiff::civil::{Date, date};

use super::*;
use crate::catalogue::{Catalogue, TimeUnit};

const VECTORS: &str = include_str!("../../../tests/data/vectors.json");

fn calendar() -> Calendar {
    Catalogue::load(crate::catalogue::tests::CATALOGUE).unwrap().catalogue.calendar
}

fn vectors(name: &str) -> Vec<serde_json::Value> {
    let all: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    all[name].as_array().unwrap().clone()
}

fn day(value: &serde_json::Value) -> Option<Date> {
    value.as_str().map(|text| text.parse().unwrap())
}

fn limit(value: &serde_json::Value) -> Option<(u32, TimeUnit)> {
    let unit: TimeUnit = serde_json::from_value(value.get(1)?.clone()).unwrap();
    Some((u32::try_from(value[0].as_u64()?).unwrap(), unit))
}

#[test]
fn working_days_are_counted_as_the_vectors_say() {
    for vector in vectors("workday") {
        let n = u32::try_from(vector["n"].as_u64().unwrap()).unwrap();
        let due = calendar().after(day(&vector["start"]).unwrap(), n);
        assert_eq!(Some(due.day), day(&vector["expect"]), "{vector}");
    }
}

#[test]
fn deadlines_and_lights_are_as_the_vectors_say() {
    let calendar = calendar();
    for vector in vectors("deadline_light") {
        let pauses: Vec<(Date, Date)> = serde_json::from_value(vector["pauses"].clone()).unwrap();
        let case = Supervised {
            accepted: day(&vector["accept"]).unwrap(),
            promise: limit(&vector["promise"]).unwrap(),
            legal: limit(&vector["legal"]),
            pauses: &pauses,
            done: day(&vector["done"]),
            closing: OpeningHours::default().closing(),
        };
        let time: jiff::civil::Time = vector["now"].as_str().unwrap().parse().unwrap();
        let light = match case.light(&calendar, day(&vector["today"]).unwrap().to_datetime(time)) {
            Light::Green => "GREEN",
            Light::Yellow => "YELLOW",
            Light::Orange => "ORANGE",
            Light::Red => "RED",
            Light::Paused => "PAUSED",
            Light::Done(Progress::Early) => "DONE:提前",
            Light::Done(Progress::OnTime) => "DONE:按时",
            Light::Done(Progress::OverPromise) => "DONE:超承诺",
            Light::Done(Progress::OverLegal) => "DONE:超法定",
        };
        assert_eq!(Some(case.promise_due(&calendar).day), day(&vector["expect_promise_due"]), "{vector}");
        assert_eq!(case.legal_due(&calendar).map(|due| due.day), day(&vector["expect_legal_due"]), "{vector}");
        assert_eq!(light, vector["expect_light"], "{vector}");
    }
}

#[test]
fn a_day_in_a_year_without_notice_is_marked_as_estimated() {
    let calendar = calendar();
    assert_eq!(calendar.after(date(2026, 11, 23), 5).remark(), None);
    let due = calendar.after(date(2026, 12, 30), 3);
    assert_eq!(due.remark().unwrap().zh, "按基本工作日估算");
    assert_eq!(calendar.certainty(date(2031, 1, 2)), Certainty::Estimated);
}

#[test]
fn the_hall_is_open_in_its_hours_and_says_when_it_opens() {
    let (hours, calendar) = (OpeningHours::default(), calendar());
    let at = |d: Date, h, m| hours.at(d.at(h, m, 0, 0), &calendar);
    let tuesday = date(2026, 11, 24);
    assert_eq!(at(tuesday, 10, 0), Opening::Open { until: tuesday.at(12, 0, 0, 0) });
    assert_eq!(at(tuesday, 8, 59), Opening::Closed { opens: Some(tuesday.at(9, 0, 0, 0)) });
    assert_eq!(at(tuesday, 12, 30), Opening::Closed { opens: Some(tuesday.at(13, 0, 0, 0)) });
    assert_eq!(at(tuesday, 17, 0), Opening::Closed { opens: Some(date(2026, 11, 25).at(9, 0, 0, 0)) });
    assert_eq!(at(date(2026, 9, 30), 18, 0), Opening::Closed { opens: Some(date(2026, 10, 8).at(9, 0, 0, 0)) });
    assert_eq!(at(date(2026, 10, 10), 9, 0), Opening::Open { until: date(2026, 10, 10).at(12, 0, 0, 0) });
}

#[test]
fn hostile_numbers_end() {
    let far = calendar().after(date(9999, 12, 1), u32::MAX);
    assert_eq!(far.day, date(9999, 12, 31));
}

#[test]
fn a_year_of_life_is_whole_on_the_birthday() {
    assert_eq!(whole_years(date(2008, 6, 15), date(2026, 6, 14)), 17);
    assert_eq!(whole_years(date(2008, 6, 15), date(2026, 6, 15)), 18);
    assert_eq!(whole_years(date(2008, 2, 29), date(2026, 2, 28)), 17, "born on a leap day: whole on 1 March");
    assert_eq!(whole_years(date(2008, 2, 29), date(2026, 3, 1)), 18);
}
