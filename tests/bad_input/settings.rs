//! Settings and content that cannot be used: the program says what and what to do, and does not start half.

use kiosk::content::Content;
use std::process::Command;

fn kiosk_with(settings: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kiosk.toml");
    std::fs::write(&file, settings).unwrap();
    let mut kiosk = Command::new(env!("CARGO_BIN_EXE_kiosk"));
    kiosk.arg("--config").arg(&file).arg("--data").arg(folder.path().join("data"));
    let output = kiosk.args(["--browser", "127.0.0.1:0"]).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn an_unknown_key_is_named_and_the_program_does_not_start() {
    let (started, said) = kiosk_with("[terminal]\nnummer = \"012\"\n");
    assert!(!started);
    assert!(said.contains("terminal.nummer is an unknown key") && said.contains("--print-config"), "{said}");
}

#[test]
fn a_terminal_number_that_is_none_is_refused_with_what_is_expected() {
    let (started, said) = kiosk_with("[terminal]\nnumber = \"twelve\"\n");
    assert!(!started);
    assert!(said.contains("three digits"), "{said}");
}

#[test]
fn a_device_address_that_cannot_be_used_is_named() {
    let (started, said) = kiosk_with("[devices]\nid_card_reader = \"usb\"\n");
    assert!(!started);
    assert!(said.contains("devices.id_card_reader"), "{said}");
}

#[test]
fn settings_that_are_not_there_are_said_with_their_path() {
    let missing = std::env::temp_dir().join("yimen-no-such-settings.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_kiosk")).arg("--config").arg(&missing).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("yimen-no-such-settings.toml") && said.contains("--config"), "{said}");
}

#[test]
fn an_unreadable_catalogue_is_refused_and_a_bad_item_stands_alone() {
    assert!(Content::load("{\"items\":", 1).is_err());
    let json = include_str!("../../assets/catalogue/catalogue.json");
    let broken = json.replacen("V_MONTH_ORDER", "V_NO_SUCH_RULE", 1);
    let content = Content::load(&broken, 1).unwrap();
    assert_eq!((content.items().len(), content.unusable.len()), (19, 1));
    assert!(content.unusable[0].message.zh.contains("V_NO_SUCH_RULE"), "{:?}", content.unusable[0].message);
}
