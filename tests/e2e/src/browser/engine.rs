//! How each engine's driver is started, and what it is asked for.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

use crate::free_address;

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, by its DevTools protocol too.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKit, as GTK has it. It forgets everything when it ends.
    WebKit,
}

const CHROMIUM_FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=en-US",
    "--window-size=1000,1400",
];

/// Programs of a running driver; killed with all that they started.
pub(super) struct Driver {
    programs: Vec<Child>,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

impl Driver {
    fn new(programs: Vec<Child>, port: u16) -> Self {
        Self { programs, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    /// Once: later their numbers may be those of others.
    pub(super) fn kill(&mut self) {
        for mut program in self.programs.drain(..) {
            let _ =
                Command::new("kill").args(["-9", "--", &format!("-{}", program.id())]).stderr(Stdio::null()).status();
            let _ = program.wait();
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Engine {
    /// Starts the driver.
    pub(super) fn drive(self) -> Driver {
        match self {
            Self::Chromium => {
                let (driver, port) = start(Command::new("chromedriver").arg("--port=0"), "on port ");
                Driver::new(vec![driver], port)
            }
            Self::Firefox => {
                let binary = std::env::var("ITSM_GECKODRIVER").unwrap_or_else(|_| "geckodriver".to_owned());
                let (driver, port) = start(Command::new(binary).args(["--port", "0"]), "Listening on 127.0.0.1:");
                Driver::new(vec![driver], port)
            }
            Self::WebKit => {
                let mut screen = Command::new("Xvfb");
                let (screen, number) =
                    start(screen.args(["-displayfd", "1", "-screen", "0", "1100x1500x24", "-nolisten", "tcp"]), "");
                let port = free_address().port();
                let mut driver = Command::new("WebKitWebDriver");
                driver
                    .arg(format!("--port={port}"))
                    .env("DISPLAY", format!(":{number}"))
                    // Its sandbox needs rights that a container does not give.
                    .env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")
                    .stdout(Stdio::null());
                Driver::new(vec![spawn(&mut driver), screen], port)
            }
        }
    }

    /// What a session is asked for.
    pub(super) fn capabilities(self, profile: &Path, flags: &[&str]) -> Capabilities {
        let mut capabilities = Capabilities::new();
        let mut ask = |name: &str, value: Value| capabilities.insert(name.to_owned(), value);
        match self {
            Self::Chromium => {
                let folder = format!("--user-data-dir={}", profile.display());
                let flags: Vec<&str> = CHROMIUM_FLAGS.iter().chain(flags).copied().chain([folder.as_str()]).collect();
                ask("goog:chromeOptions", json!({ "args": flags }));
                ask("goog:loggingPrefs", json!({ "browser": "ALL" }));
            }
            Self::Firefox => {
                let folder = profile.display().to_string();
                let own = ["-headless", "-width", "1000", "-height", "1400", "-profile", &folder];
                let flags: Vec<&str> = own.iter().chain(flags).copied().collect();
                ask("moz:firefoxOptions", json!({ "binary": "/usr/bin/firefox-esr", "args": flags }));
            }
            Self::WebKit => {}
        }
        capabilities
    }
}

/// A program in a group of its own, so that what it starts ends with it.
fn spawn(command: &mut Command) -> Child {
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.stderr(Stdio::null()).process_group(0).spawn();
    child.unwrap_or_else(|error| panic!("{name}: {error}; cargo xtask test sets it up"))
}

/// A program, and the number that it says after `words`.
///
/// A driver that chooses a port itself takes it for one family of addresses first, and ends if it is not free for
/// the other; it is asked again then.
fn start(command: &mut Command, words: &str) -> (Child, u16) {
    command.stdout(Stdio::piped());
    (0..5)
        .find_map(|_| said_by(spawn(command), words))
        .unwrap_or_else(|| panic!("no number after {words:?}: {command:?}"))
}

/// A program that has said a number after `words`, unless it ended before.
fn said_by(mut child: Child, words: &str) -> Option<(Child, u16)> {
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let mut numbers = lines.by_ref().filter_map(|line| {
        let rest = line.split_once(words)?.1;
        rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
    });
    // A driver that was told to choose says 0 first.
    let Some(number) = numbers.find(|number| *number != 0 || words.is_empty()) else {
        let _ = child.wait();
        return None;
    };
    // Whoever is not listened to any more may end.
    std::thread::spawn(move || lines.for_each(drop));
    Some((child, number))
}
