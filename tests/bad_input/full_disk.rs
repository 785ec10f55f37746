//! A terminal's disk that fills up when the receipt comes: it is said, nothing is lost or doubled, and with room
//! again it goes on by itself.

use crate::crash_vfs::Disk;
use crate::rim::{self, Filled, Terminal};
use hall::inspect;
use kiosk::clock::TerminalClock;
use kiosk::store::{Options, Seam, SubmissionState};
use kiosk::sync::SyncEvent;

const ITEM: &str = "XC-RSJ-02";

#[test]
fn a_terminal_whose_disk_is_full_when_the_receipt_comes_gets_the_same_one_later() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("kiosk");
    std::fs::create_dir(&data).unwrap();
    let hall = rim::hall(&folder.path().join("hall"));
    let disk = Disk::new("full-at-the-receipt");
    let seam = Seam { vfs: Some(disk.name().to_owned()), ..Seam::default() };
    let invited = (rim::invited(&hall, "007"), TerminalClock::new(480));
    let mut terminal = Terminal::start_on(Options::new(&data).with_seam(seam), "007", invited);
    terminal.wait_online();
    terminal.handle.cut(true);
    let waiting = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_offline("unreachable");
    disk.set_quota(Some(disk.used()));
    terminal.handle.cut(false);
    terminal.wait_for("the fault", |event| *event == SyncEvent::Fault { code: "disk_full".to_owned() });
    assert_eq!(terminal.in_state(SubmissionState::Stored), rim::ids([&waiting]), "not believed before it is stored");
    disk.set_quota(None);
    terminal.wait_receipt(&waiting);
    assert_eq!(inspect::cases(&hall.data).unwrap().len(), 1);
    terminal.stop();
}
