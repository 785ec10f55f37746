//! Answers as the review shows them: whole, masked unless revealed, and marked where a card did not say them.

use crate::journeys::apply::capture::tests::Begun;
use crate::view::{Action, Language};

const PENSION: &str = include_str!("../../../../../tests/data/golden/XC-RSJ-02.json");
const COUPLE: &str = include_str!("../../../../../tests/data/golden/XC-WJW-01.json");
const FAMILY_BUSINESS: &str = include_str!("../../../../../tests/data/golden/XC-SCJ-01.json");
const ALLOWANCE: &str = include_str!("../../../../../tests/data/golden/XC-MZJ-02.json");
const RENT: &str = include_str!("../../../../../tests/data/golden/XC-GJJ-02.json");

#[test]
fn every_row_can_be_checked_column_by_column_and_its_names_are_masked_unless_revealed() {
    let mut begun = Begun::at_review(COUPLE);
    assert_eq!(begun.review_row("children").value, "第 1 名\n姓名：张*样\n性别：女\n出生日期：2020-03-15");
    begun.act(Action::Reveal(true));
    assert_eq!(begun.review_row("children").value, "第 1 名\n姓名：张小样\n性别：女\n出生日期：2020-03-15");
    begun.around.language = Language::En;
    assert_eq!(begun.review_row("children").value, "No. 1\nName: 张小样\nSex: F\nBirth date: 2020-03-15");
}

#[test]
fn identity_numbers_in_rows_are_masked_unless_revealed() {
    let mut begun = Begun::at_review(FAMILY_BUSINESS);
    let masked = begun.review_row("family").value;
    assert_eq!(masked, format!("第 1 名\n姓名：李*例\n证件号码：419{}84", "*".repeat(13)));
    begun.act(Action::Reveal(true));
    assert!(begun.review_row("family").value.ends_with("证件号码：419999199208250284"));
}

#[test]
fn names_that_are_typed_are_masked_like_those_of_a_card() {
    let mut begun = Begun::at_review(ALLOWANCE);
    assert_eq!(begun.review_row("acct_name").value, "王*示", "it must be the same as a name");
    assert_eq!(begun.review_row("bank_name").value, "演示农商银行", "nobody's name");
    begun.act(Action::Reveal(true));
    assert_eq!(begun.review_row("acct_name").value, "王演示");
    assert_eq!(Begun::at_review(RENT).review_row("spouse_name").value, "李*例", "it is checked as a name");
}

#[test]
fn what_is_typed_over_a_cards_value_is_marked_as_typed() {
    let address = "applicant_hukou_addr";
    let mut begun = Begun::at_review(PENSION);
    assert_eq!(begun.review_row(address).origin, "来自身份证");
    assert_eq!(begun.review_row("live_addr").origin, "", "no card holds it");
    begun.act(Action::Change(address.to_owned()));
    begun.act(Action::Edit { field: address.to_owned(), text: "项城市示范路3号".to_owned() });
    begun.act(Action::Next);
    assert_eq!(begun.review_row(address).value, "项城市示范路**", "where somebody lives is nobody else's matter");
    begun.act(Action::Reveal(true));
    assert_eq!(begun.review_row(address).value, "项城市示范路3号");
    assert_eq!(begun.review_row(address).origin, "自填");
    begun.around.language = Language::En;
    assert_eq!(begun.review_row(address).origin, "typed by you");
}
