//! Settings and content that cannot be used: the program says what and what to do, and does not start half.

use crate::rim::{self, Filled, Terminal};
use hall::{Hall, inspect};
use kiosk::content::Content;
use std::process::Command;

fn kiosk_with(settings: impl AsRef<[u8]>) -> (bool, String) {
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
fn a_device_address_of_another_kind_of_device_is_told_by_its_key() {
    for (key, address) in [
        ("document_printer", "serial:///dev/ttyS9"),
        ("document_scanner", "tcp://192.0.2.7:80"),
        ("receipt_printer", "stick:"),
        ("camera", "serial:///dev/ttyS9"),
        ("stick", "serial:///dev/ttyS9"),
    ] {
        let (started, said) = kiosk_with(format!("[devices]\n{key} = \"{address}\"\n"));
        assert!(!started);
        assert!(said.contains(&format!("devices.{key}: ")) && said.contains("simulator:"), "{said}");
    }
}

#[test]
fn a_screen_that_nobody_could_draw_is_refused_before_anything_is_drawn() {
    for pixels in ["0", "70000", "4294967295", "-1"] {
        let (started, said) = kiosk_with(format!("[display]\nwidth = {pixels}\n"));
        assert!(!started);
        assert!(said.contains(&format!("display.width is {pixels}")) && said.contains("from 600 to 8192"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_hall_address_that_leads_nowhere_is_not_taken_for_a_dead_network() {
    for address in ["192.0.2.7", "https://127.0.0.1:8443/", "127.0.0.1:99999", "大厅", "127.0.0.1:0"] {
        let (started, said) = kiosk_with(format!("[hall]\naddress = \"{address}\"\n"));
        assert!(!started);
        assert!(said.contains("hall.address must be HOST:PORT"), "{said}");
    }
}

#[test]
fn a_value_at_the_place_of_a_table_is_refused_in_plain_words() {
    let (started, said) = kiosk_with("hall = [\"\", \"\", 480]\n");
    assert!(!started);
    assert!(said.contains("hall must be a table") && !said.contains("struct"), "{said}");
}

#[test]
fn a_file_with_a_slip_is_told_by_line_and_its_enrolment_code_is_not_printed() {
    let (started, said) = kiosk_with("[hall]\nenrolment_code = \"8F3K-2M7Q-XD4W\n");
    assert!(!started);
    assert!(said.contains("line 2, column") && !said.contains("8F3K"), "{said}");
}

#[test]
fn a_file_that_is_no_text_or_too_large_is_told_as_that() {
    let (started, said) = kiosk_with(b"[terminal]\nnumber = \"\xB4\xF3\"\n");
    assert!(!started);
    assert!(said.contains("not text in UTF-8"), "{said}");
    let (started, said) = kiosk_with(format!("[hall]\naddress = \"{}\n", "x".repeat(2_000_000)));
    assert!(!started);
    assert!(said.contains("larger than 1 MiB") && said.len() < 1_000, "{} bytes are said", said.len());
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
fn a_data_folder_that_is_a_file_is_said_with_its_path_and_the_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::write(&data, b"somebody's notes").unwrap();
    let mut kiosk = Command::new(env!("CARGO_BIN_EXE_kiosk"));
    let output = kiosk.args(["--browser", "127.0.0.1:0", "--data"]).arg(&data).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains(&*data.to_string_lossy()) && said.contains("--data DIR"), "{said}");
    assert_eq!(std::fs::read(&data).unwrap(), b"somebody's notes");
}

#[test]
fn a_hall_whose_catalogue_cannot_be_used_says_what_to_do_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hall");
    let hall = rim::hall(&data);
    let mut terminal = Terminal::at(&folder.path().join("kiosk"), "007", &hall);
    let before = terminal.submit(&Filled::golden("XC-RSJ-02"));
    terminal.wait_receipt(&before);
    hall.stop();

    let catalogue = folder.path().join("own.json");
    for (text, why) in [(None, "cannot be read"), (Some("{\"items\":"), "is unusable")] {
        if let Some(text) = text {
            std::fs::write(&catalogue, text).unwrap();
        }
        let mut config = rim::config(&data);
        config.catalogue.clone_from(&catalogue);
        let Err(refused) = Hall::start(config) else { panic!("it starts half") };
        let said = refused.to_string();
        assert!(said.contains(&*catalogue.to_string_lossy()) && said.contains(why), "{said}");
        assert!(said.contains("correct") && said.contains("published before stays"), "{said}");
    }

    let hall = rim::hall(&data);
    let after = terminal.submit(&Filled::golden("XC-MZJ-02"));
    terminal.wait_receipt(&after);
    assert_eq!(inspect::cases(&hall.data).unwrap().len(), 2);
    let content = terminal.block_on(terminal.store.active_content()).unwrap().unwrap();
    assert_eq!(content.content_seq, 1, "what the terminal shows stayed as it was");
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
