//! Masks of names, numbers and contacts against their golden table.

use super::*;

fn via(value: &str, name: &str) -> Contact {
    Contact { kind: ContactKind::Via, value: value.to_owned(), name: name.to_owned() }
}

#[test]
fn names_follow_the_golden_table() {
    for (full, masked) in [
        ("", ""),
        ("英", "*"),
        ("李英", "*英"),
        ("王小英", "王*英"),
        ("欧阳小英", "欧**英"),
        ("吴𰻝", "*𰻝"),
        ("𠮷𰻝𠀀", "𠮷*𠀀"),
        ("葛\u{e0100}城", "*城"),
        ("买买提·阿卜杜热合曼·示范", "买***********范"),
        ("DEMO, Alex Sample", "D. A. S."),
        ("Ångström-Müller", "Å. M."),
        ("o'brien", "O."),
        (" 王小英 ", "王*英"),
    ] {
        assert_eq!(name(full), masked, "{full}");
    }
}

#[test]
fn numbers_keep_what_the_rule_says() {
    for (full, masked) in [
        ("419999198503120111", "419*************11"),
        ("FRA419019850101", "FRA**********01"),
        ("11010519491231002X", "110*************2X"),
        ("12345", "****5"),
        ("", ""),
    ] {
        assert_eq!(id_number(full), masked, "{full}");
        assert_eq!(masked.chars().count(), full.chars().count());
    }
    assert_eq!(phone("13812345678"), "138****5678");
    assert_eq!(phone("+85291234567"), "+85*****4567");
    assert_eq!(phone("0394-4212345"), "039*****2345");
    assert_eq!(phone("110"), "**0");
    assert_eq!(account("6222020000000000000"), "***************0000");
}

#[test]
fn a_contact_is_masked_by_its_kind() {
    let mobile = Contact { kind: ContactKind::Mobile, value: "13812345678".to_owned(), name: String::new() };
    assert_eq!(contact(&mobile), "138****5678");
    assert_eq!(contact(&via("13812345678", "王小英")), "王*英 138****5678");
    assert_eq!(contact(&via("演示村委会", "")), "演***会");
    let none = Contact { kind: ContactKind::None, value: String::new(), name: String::new() };
    assert_eq!(contact(&none), "");
}
