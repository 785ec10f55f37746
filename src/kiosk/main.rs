//! The program of a terminal: arguments, configuration, display, then the event loop of the UI thread. With
//! the feature `demo` a whole hall, simulated devices and the dev dock come up in the same process.

use anyhow::Context;
use clap::{Parser, Subcommand};
use kiosk::browser;
use kiosk::config::{self, Config};
use kiosk::platform::{self, Display, Pane};
use kiosk::printing::{by_hand, worker};
use kiosk::screen::Screen;
use kiosk::sound::Tones;
use kiosk::store::make_private_folder;
use kiosk::view::{Action, View};
use settings::{print_defaults, said};
use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

/// The self-service terminal of a government hall.
#[derive(Parser)]
#[command(name = "kiosk", version)]
struct Arguments {
    /// Settings; the file holds only what differs from the defaults.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Serve the screen to a browser on this machine instead of opening a window, at an address such as
    /// 127.0.0.1:8080; port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = browser_address)]
    browser: Option<SocketAddr>,
    /// Print the commented defaults and end.
    #[arg(long)]
    print_config: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What the program does instead of running a terminal.
#[derive(Subcommand)]
enum Command {
    /// Draw a document as the terminal would print it: one PNG a page, or one line that says why not.
    Render {
        /// PDF, OFD, JPEG, PNG, TIFF, plain text, or an Office file where LibreOffice is installed.
        file: PathBuf,
        /// Folder for page-001.png and on.
        out_dir: PathBuf,
        /// Dots per inch, 10 to 600.
        #[arg(long, default_value_t = 300)]
        dpi: u16,
    },
}

thread_local! {
    /// The screen, for views that come from the loop's thread. Only the UI thread has one.
    static SCREEN: RefCell<Option<Rc<Screen>>> = const { RefCell::new(None) };
}

fn main() -> ExitCode {
    if let Some(ended) = worker::run_if_asked() {
        return ended;
    }
    overwrite_freed_memory();
    let arguments = Arguments::parse();
    let ended = if arguments.print_config {
        print_defaults(config::DEFAULTS).map_err(anyhow::Error::from)
    } else {
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
        match &arguments.command {
            Some(Command::Render { file, out_dir, dpi }) => by_hand::render(file, out_dir, *dpi),
            None => run(&arguments),
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Yimen: {}", said(error.chain()));
            ExitCode::FAILURE
        }
    }
}

fn browser_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write it as ADDRESS:PORT, such as 127.0.0.1:8080".to_owned())
}

/// Freed memory is overwritten: copies that libraries made of a citizen's words do not outlive their use.
fn overwrite_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets a parameter of the allocator, before any other thread runs.
    unsafe {
        libc::mallopt(libc::M_PERTURB, 0xA5);
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let config = Config::load(arguments.config.as_deref())?;
    if let Some(address) = arguments.browser {
        try_address(address)?;
    }
    let data = data_folder(arguments.data.as_deref())?;
    let size = (config.display.width, config.display.height);
    let options = platform::Options {
        without_window: arguments.browser.is_some(),
        fullscreen: config.display.fullscreen,
        ..platform::Options::default()
    };
    // First of all: it may still correct the environment, before another thread reads it.
    let display = platform::open(options)?;
    let screen = Rc::new(Screen::new()?);
    if matches!(display, Display::Own(_)) {
        screen.by_mouse();
    }
    end_on_signal()?;
    SCREEN.set(Some(screen.clone()));
    let panes = vec![Pane::new("终端屏幕", size, screen.app())];
    let address = arguments.browser.unwrap_or(browser::ANYWHERE);
    let tones = Tones::on_loudspeaker();
    let ended = show_terminal(&config, &data, &screen, &tones, |more| {
        Ok(browser::present(display, panes.into_iter().chain(more).collect(), address, &tones)?)
    });
    SCREEN.set(None);
    ended
}

/// Starts the terminal in its demo world and calls `present` with the dock, until it ends.
#[cfg(feature = "demo")]
fn show_terminal(
    config: &Config,
    data: &Path,
    screen: &Screen,
    tones: &Tones,
    present: impl FnOnce(Option<Pane>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    use kiosk::demo::{Dock, World};
    use std::sync::Arc;

    let world = Arc::new(World::start(data, config.clone(), None)?);
    let acts = world.clone();
    screen.on_action(move |action: Action| {
        acts.with_terminal(|terminal| terminal.inlet().act(action));
    });
    let played = tones.clone();
    world.on_sound(move |tone| played.play(tone));
    world.start_terminal(show)?;
    let dock = Dock::new(world.clone(), config.display.height, show)?;
    let ended = present(Some(dock.pane()));
    world.stop_terminal();
    ended
}

/// Starts the terminal with the configured devices and hall, until it ends.
#[cfg(not(feature = "demo"))]
fn show_terminal(
    config: &Config,
    data: &Path,
    screen: &Screen,
    tones: &Tones,
    present: impl FnOnce(Option<Pane>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    use drivers::{DeviceUri, document_printer, document_scanner, id_card_reader, receipt_printer, usb_stick};
    use kiosk::app::{NoCapture, Parts, Terminal, code_readers, indicator, places};
    use kiosk::clock::TerminalClock;
    use kiosk::printing::Workers;
    use kiosk::sync::HallAccess;

    let reader: DeviceUri = config.devices.id_card_reader.parse()?;
    let printer: DeviceUri = config.devices.receipt_printer.parse()?;
    let terminal = Terminal::start(Parts {
        data: data.to_owned(),
        terminal_no: config.terminal.number.clone(),
        clock: TerminalClock::new(config.hall.utc_offset_minutes),
        hall: HallAccess::configured(&config.hall.address, &config.hall.enrolment_code),
        reader: id_card_reader::open(&reader).context("devices.id_card_reader")?,
        printer: receipt_printer::open(&printer).context("devices.receipt_printer")?,
        document_printer: match config.devices.document_printer.as_str() {
            "" => None,
            uri => {
                let user = format!("yimen-{}", config.terminal.number);
                Some(document_printer::open(&uri.parse()?, &user).context("devices.document_printer")?)
            }
        },
        document_scanner: match config.devices.document_scanner.as_str() {
            "" => None,
            uri => Some(document_scanner::open(&uri.parse()?).context("devices.document_scanner")?),
        },
        code_readers: code_readers(&config.devices)?,
        indicator: indicator(&config.devices)?,
        places: places(&config.devices)?,
        stick: match config.devices.stick.as_str() {
            "" => None,
            uri => Some(usb_stick::open(&uri.parse()?).context("devices.stick")?),
        },
        workers: Workers::of_this_program(),
        capture: Box::new(NoCapture),
        show: Box::new(show),
        sound: Box::new({
            let tones = tones.clone();
            move |tone| tones.play(tone)
        }),
    })?;
    let inlet = terminal.inlet();
    screen.on_action(move |action: Action| inlet.act(action));
    present(None)
}

/// Refuses an address that cannot be served before anything is written. It is free again afterwards: the screen, which
/// comes last, listens on it.
fn try_address(address: SocketAddr) -> Result<(), browser::BrowserError> {
    if !address.ip().is_loopback() {
        return Err(browser::BrowserError::NotLoopback(address));
    }
    TcpListener::bind(address).map(drop).map_err(|source| browser::BrowserError::Listen { address, source })
}

/// Ends the event loop, and with it the terminal, when the machine wants the program to end.
fn end_on_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            let _ = slint::quit_event_loop();
        });
    })?;
    Ok(())
}

/// Draws a view, from any thread.
fn show(view: View) {
    let drawn = slint::invoke_from_event_loop(move || {
        SCREEN.with_borrow(|screen| {
            if let Some(screen) = screen {
                screen.show(&view);
            }
        });
    });
    if drawn.is_err() {
        tracing::debug!("main.view_after_the_end");
    }
}

/// The data folder by its whole path, made where it is missing: nobody else may read keys and sealed submissions.
fn data_folder(asked: Option<&Path>) -> anyhow::Result<PathBuf> {
    let data = asked.map_or_else(default_data, |given| Ok(given.to_owned()))?;
    let data = std::path::absolute(data).context("--data DIR needs the path of a folder")?;
    make_private_folder(&data).map_err(|error| {
        anyhow::anyhow!(
            "the data folder {} cannot be used: {error}. Make it a folder that this user can write, free its disk if \
             that is full, or choose another with --data DIR.",
            data.display()
        )
    })?;
    Ok(data)
}

/// Where data goes when nothing is said.
fn default_data() -> anyhow::Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || set("HOME").map(|home| home.join(".local/share"));
    let folder = set("XDG_DATA_HOME").or_else(home).context("say with --data DIR where the data shall lie")?;
    Ok(folder.join("yimen"))
}
