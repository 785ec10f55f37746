//! A device that is not there, or that wants something: the terminal starts, goes on with what works, and the
//! hall's page for terminals says what is wrong with which device.

use crate::journey::{Hand, Stage};
use kiosk::config::Config;
use kiosk::demo::World;
use kiosk::view::Page;
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks into the hall's books.
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[test]
fn a_missing_reader_and_a_printer_without_paper_are_told_to_the_hall_until_they_are_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::load(None).unwrap();
    config.devices.id_card_reader = "serial:///dev/serial/by-id/no-such-reader?baud=115200".to_owned();
    let world = World::start(folder.path(), config, None).unwrap();
    world.knobs().printer.paper_out(true);
    let (sender, views) = channel();
    world.start_terminal(move |view| drop(sender.send(view))).unwrap();
    assert!(views.iter().any(|view| matches!(view.page, Page::Idle(_))), "it does not start");

    let told = |reader: Option<&str>, printer: Option<&str>| {
        let wanted = (reader.map(str::to_owned), printer.map(str::to_owned));
        let until = Instant::now() + PATIENCE;
        loop {
            let said = troubles(&folder.path().join("hall/hall.sqlite"));
            if said.as_ref() == Some(&wanted) {
                return;
            }
            assert!(Instant::now() < until, "the hall knows {said:?}, not {wanted:?}");
            // A new connection begins with a heartbeat.
            world.with_terminal(|terminal| terminal.cut_network(true));
            world.with_terminal(|terminal| terminal.cut_network(false));
            std::thread::sleep(LOOK_EVERY);
        }
    };
    told(Some("not_found"), Some("paper_out"));
    world.knobs().printer.paper_out(false);
    told(Some("not_found"), None);
    world.stop_terminal();
}

#[test]
fn what_needs_a_missing_device_says_so_on_the_screen_and_the_rest_works() {
    let mut config = Config::load(None).unwrap();
    config.devices.id_card_reader = "serial:///dev/serial/by-id/no-such-reader?baud=115200".to_owned();
    config.devices.receipt_printer = "usb://0416:5011".to_owned();
    // Nobody listens there.
    config.devices.document_printer = "ipp://127.0.0.1:9/ipp/print".to_owned();
    let stage = Stage::with(config);
    let mut hand = Hand::at(&stage);
    let idle = hand.until_page("the idle page", |page| match page {
        Page::Idle(idle) => Some(idle.clone()),
        _ => None,
    });
    assert!(!idle.card_reader, "no card is asked for");
    hand.touch("触摸屏幕开始");
    let (apply, home) = hand.until_page("the reason", |page| match page {
        Page::Home(home) => {
            let apply = home.tiles.iter().find(|tile| tile.id == "apply")?;
            apply.reason.contains("读卡器暂时不能用，请到旁边的终端").then(|| (apply.clone(), home.clone()))
        }
        _ => None,
    });
    assert!(hand.said().contains(&apply.reason), "{:#?}", hand.said());
    assert!(hand.find(&apply.title).is_none(), "and cannot be touched");
    assert!(home.tiles.iter().all(|tile| tile.id != "copy"), "nothing is promised that cannot be printed");
    hand.touch("要带什么材料");
    let guides = hand.until_page("the guides", |page| match page {
        Page::Services(services) => Some(services.rows.clone()),
        _ => None,
    });
    hand.touch(&guides[0].title);
    hand.until("a guide", |view| matches!(view.page, Page::Guide(_)));
}

/// What the hall's books say of reader and printer; nothing before the first heartbeat.
fn troubles(books: &std::path::Path) -> Option<(Option<String>, Option<String>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(books).read_only(true).disable_statement_logging();
        let mut books: SqliteConnection = options.connect().await.unwrap();
        sqlx::query_as(
            "select state ->> '$.troubles.id_card_reader', state ->> '$.troubles.receipt_printer' from installation
             where state is not null",
        )
        .fetch_optional(&mut books)
        .await
        .unwrap()
    })
}
