//! The program `hall`: reads its settings and serves, or does one thing on the data folder and ends.
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use hall::{DEFAULT_TOML, Hall, HallConfig, Role};
use settings::{print_defaults, said};

/// The hall server that Yimen terminals talk to, and its console.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Settings file; `--print-config` shows all keys with their defaults.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Data folder, instead of the one in the settings.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// A hall to look at: demo accounts, its own recovery key, a second copy beside the first.
    #[arg(long, global = true)]
    demo: bool,
    /// Prints the commented default settings and ends.
    #[arg(long)]
    print_config: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves terminals and the console (what happens without a command, too).
    Serve,
    /// Makes a verified copy on the second medium.
    Backup,
    /// Restores the newest copy into an empty data folder and starts a new epoch.
    Restore {
        /// File with the secret half of the recovery key.
        #[arg(long, value_name = "FILE")]
        recovery: PathBuf,
    },
    /// Makes a one-time code for a terminal.
    EnrolCode {
        /// Three digits, e.g. 007.
        terminal_no: String,
        /// Where it stands.
        #[arg(long, default_value = "")]
        place: String,
    },
    /// Adds a sealing key; terminals learn it with their next heartbeat.
    RotateSealingKey,
    /// Makes a recovery key: the secret half must leave this machine, the public half goes into the settings.
    RecoveryKey,
    /// Adds an account of the console and prints its password.
    AddAccount {
        login: String,
        /// administrator, clerk, guide, manager, auditor or technician.
        #[arg(long)]
        role: String,
        /// Department of a clerk.
        #[arg(long)]
        dept: Option<String>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended =
        if arguments.print_config { print_defaults(DEFAULT_TOML).map_err(anyhow::Error::from) } else { run(arguments) };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hall: {}", said(error.chain()));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let config = settings(&arguments)?;
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config),
        command => runtime()?.block_on(act(config, command)),
    }
}

fn settings(arguments: &Arguments) -> anyhow::Result<HallConfig> {
    let mut config = match &arguments.config {
        Some(file) => HallConfig::load(file)?,
        None => HallConfig::default(),
    };
    if let Some(data) = &arguments.data {
        config.data.clone_from(data);
    }
    if arguments.demo {
        config.demo.enabled = true;
        if arguments.config.is_none() {
            config.backup.every_seconds = 1;
        }
    }
    Ok(config)
}

fn serve(config: HallConfig) -> anyhow::Result<()> {
    let hall = Hall::start(config)?;
    println!("terminals {}", hall.terminal_addr);
    println!("console {}", hall.console_url());
    if let Some(address) = hall.public_addr {
        println!("public {address}");
    }
    if let Some(password) = hall.demo_password() {
        println!("demo accounts admin, guide, clerk-<department>; password {password}");
    }
    runtime()?.block_on(asked_to_stop()).context("cannot wait for signals")?;
    hall.stop();
    Ok(())
}

async fn asked_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

async fn act(config: HallConfig, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve => {}
        Command::Backup => println!("verified copy through server_seq {}", hall::make_backup(config).await?),
        Command::Restore { recovery } => {
            let done = hall::restore(&config, &recovery).await?;
            println!("restored {} submissions from {}", done.submissions, done.generation.display());
            println!("new epoch {}; terminals send again what is missing", done.hall_epoch);
            if done.missing_chunks > 0 {
                println!(
                    "chunks that the second medium lacks or holds damaged: {}; the console's alarms name the cases",
                    done.missing_chunks
                );
            }
        }
        Command::EnrolCode { terminal_no, place } => {
            let code = hall::enrolment_code(config, &terminal_no, &place).await?;
            println!("{}", code.code);
            println!("{}", code.qr);
        }
        Command::RotateSealingKey => println!("{}", hall::rotate_sealing_key(config).await?),
        Command::RecoveryKey => {
            let (secret, public) = hall::recovery_key()?;
            println!("secret (keep it off this machine): {secret}");
            println!("recovery_public = \"{public}\"");
        }
        Command::AddAccount { login, role, dept } => {
            let Some(role) = Role::from_key(&role) else { bail!("unknown role {role}; see --help") };
            println!("{}", hall::add_account(config, &login, role, dept.as_deref()).await?);
        }
    }
    Ok(())
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
