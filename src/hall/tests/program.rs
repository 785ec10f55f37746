//! The program `hall` itself: its settings, its lock, and that a killed one finds everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hall::{Hall, HallConfig, HallError, inspect};
use support::{Pair, Terminal, golden, random_id, try_enrol};

const ITEM: &str = "XC-RSJ-02";

fn hall(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hall"));
    command.args(arguments);
    command
}

/// Starts it and waits until it says where it listens.
fn serve(data: &Path) -> (Child, std::net::SocketAddr) {
    let mut child = hall(&["--demo", "--data"]).arg(data).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let addr = line.strip_prefix("terminals ").unwrap().parse().unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    (child, addr)
}

#[test]
fn a_killed_hall_finds_its_address_and_its_cases_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, addr) = serve(dir.path());
    let made = hall(&["--demo", "enrol-code", "007", "--data"]).arg(dir.path()).output().unwrap();
    let text = String::from_utf8(made.stdout).unwrap();
    let code = text.lines().next().unwrap();
    let pair = Pair::new();
    let answer = try_enrol(addr, "007", code, &pair, random_id()).unwrap();
    let mut terminal = Terminal::from_answer(addr, "007", pair, answer);
    let submission = terminal.seal(&golden(ITEM), vec![vec![7; 2_000_000]], ITEM);
    let (_, receipt) = terminal.upload(&submission);
    child.kill().unwrap();
    child.wait().unwrap();
    let (mut child, again) = serve(dir.path());
    assert_eq!(addr, again);
    assert_eq!(terminal.upload(&submission).1, receipt);
    assert_eq!(inspect::cases(dir.path()).unwrap().len(), 1);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_data_folder_has_one_hall() {
    let dir = tempfile::tempdir().unwrap();
    let running = Hall::start(HallConfig::demo(dir.path())).unwrap();
    assert!(matches!(Hall::start(HallConfig::demo(dir.path())), Err(HallError::InUse(_))));
    let second = hall(&["--demo", "--data"]).arg(dir.path()).output().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another hall"));
    running.stop();
}

#[test]
fn the_settings_are_printed_and_a_wrong_key_is_named() {
    let printed = hall(&["--print-config"]).output().unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), hall::DEFAULT_TOML);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hall.toml");
    std::fs::write(&file, "[terminals]\nlisten_on = \"127.0.0.1:0\"\n").unwrap();
    let refused = hall(&["--config"]).arg(&file).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("listen_on"));
}

#[test]
fn outside_a_demo_a_recovery_key_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let refused = hall(&["--data"]).arg(dir.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("recovery-key"));
}

#[test]
fn what_is_no_start_begins_no_hall() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("mistyped");
    let public = hall::recovery_key().unwrap().1;
    let settings = dir.path().join("hall.toml");
    std::fs::write(&settings, format!("[keys]\nrecovery_public = \"{public}\"\n")).unwrap();
    let account = ["add-account", "zhang", "--role", "administrator"];
    for command in [["backup"].as_slice(), &["enrol-code", "007"], &["rotate-sealing-key"], &account] {
        let refused = hall(command).arg("--config").arg(&settings).arg("--data").arg(&nowhere).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && said.contains("there is no hall in the data folder"), "{said}");
        assert!(said.contains("hall restore"), "{said}");
        assert!(!nowhere.exists(), "{command:?}");
    }
}

#[test]
fn a_restore_says_what_is_missing() {
    let (data, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut config = HallConfig::demo(data.path());
    config.backup.every_seconds = 3600;
    config.backup.second_medium = second.path().to_owned();
    let running = Hall::start(config).unwrap();
    let mut terminal = Terminal::enrol(&running, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    running.backup().unwrap();
    running.stop();
    std::fs::remove_dir_all(second.path().join("bodies")).unwrap();
    let (elsewhere, settings) = (data.path().join("elsewhere"), data.path().join("hall.toml"));
    std::fs::write(&settings, format!("[backup]\nsecond_medium = \"{}\"\n", second.path().display())).unwrap();
    let restored = hall(&["restore", "--recovery"])
        .arg(data.path().join("recovery"))
        .arg("--config")
        .arg(&settings)
        .arg("--data")
        .arg(&elsewhere)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&restored.stdout);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    assert!(said.contains("lacks or holds damaged: 1;"), "{said}");
}
