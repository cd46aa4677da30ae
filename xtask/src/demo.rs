//! `cargo xtask demo`: the portal, with the real backend on an embedded database, and a switch that cuts the API.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use itsm_fault_proxy::{Fate, FaultProxy, RequestHead};

use crate::WasmWay;
use crate::dist;
use crate::error::TaskError;
use crate::process::{cargo, is_on_path, root, run as run_program};

/// What the demo can be told.
#[derive(Args)]
pub(crate) struct DemoArgs {
    /// The port to serve on
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
    /// The folder for the database, kept between runs
    #[arg(long, default_value = "target/demo")]
    data: PathBuf,
}

/// Builds, serves, and waits until it is stopped.
pub(crate) fn run(args: &DemoArgs, way: Option<WasmWay>) -> Result<(), TaskError> {
    let dist = dist::run(way)?;
    run_program(cargo().args(["build", "--quiet", "--package", "itsm-backend", "--release"]))?;
    let data = root().join(&args.data);
    std::fs::create_dir_all(&data).map_err(TaskError::file(&data))?;
    let database = format!("sqlite://{}", data.join("demo.db").display());
    let binary = root().join("target/release/itsm-backend");
    let inner = free_address()?;
    let mut serve = Command::new(&binary);
    serve
        .args(["serve", "--listen", &inner.to_string(), "--database", &database])
        .arg("--assets")
        .arg(&dist)
        .arg("--definitions")
        .arg(root().join("examples/definitions"))
        .env("ITSM_LOG", "warn")
        .stdout(Stdio::null());
    let failed =
        |error: std::io::Error| TaskError::Failed { command: binary.display().to_string(), hint: error.to_string() };
    let mut backend = serve.spawn().map_err(failed)?;
    wait_for(&mut backend, inner)?;
    let front = SocketAddr::from(([127, 0, 0, 1], args.port));
    let proxy = FaultProxy::start(front, inner).map_err(|error| {
        let _ = backend.kill();
        TaskError::missing(format!("port {}", args.port), format!("choose another with --port ({error})"))
    })?;
    let cut = Arc::new(AtomicBool::new(false));
    let switch = cut.clone();
    proxy.set_rule(move |head| judge(head, &switch));
    let url = format!("http://{}", proxy.address());
    println!("\nThe demo runs at {url}/portal/");
    println!("  all widgets in all states   {url}/gallery/");
    println!("  cut the API, restore it     {url}/demo/   (or press Enter here)");
    println!("  what arrived                {} tickets --database {database}", binary.display());
    println!("Stop it with Ctrl+C.");
    if !args.no_open {
        open(&format!("{url}/portal/"));
    }
    std::thread::spawn(move || toggle_on_enter(&cut));
    let ended = backend.wait().map_err(failed)?;
    if ended.success() { Ok(()) } else { Err(TaskError::Promise("the backend stopped; see above".into())) }
}

/// What the switch makes of a request: only `/api` is ever cut.
fn judge(head: &RequestHead, cut: &AtomicBool) -> Fate {
    let path = head.path.split('?').next().unwrap_or_default();
    match (head.method.as_str(), path) {
        ("GET", "/demo" | "/demo/") => page(cut),
        ("POST", "/demo/cut" | "/demo/restore") => {
            cut.store(path == "/demo/cut", Ordering::Relaxed);
            say(cut);
            page(cut)
        }
        _ if (path == "/api" || path.starts_with("/api/")) && cut.load(Ordering::Relaxed) => Fate::Cut,
        _ => Fate::Pass,
    }
}

fn page(cut: &AtomicBool) -> Fate {
    let is_cut = cut.load(Ordering::Relaxed);
    let (state, action, label) = if is_cut {
        ("The API is cut: requests wait on the device.", "restore", "Restore the API")
    } else {
        ("The API answers.", "cut", "Cut the API")
    };
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Demo switch</title><h1>Demo switch</h1>\
         <p role=\"status\"><strong>{state}</strong></p><form method=\"post\" action=\"/demo/{action}\"><button>{label}</button></form>\
         <p><a href=\"/portal/\">The portal</a> · <a href=\"/gallery/\">The gallery</a></p></html>"
    );
    Fate::Answer { status: 200, content_type: "text/html; charset=utf-8", body }
}

fn say(cut: &AtomicBool) {
    println!("{}", if cut.load(Ordering::Relaxed) { "The API is cut." } else { "The API answers again." });
}

fn toggle_on_enter(cut: &AtomicBool) {
    for _ in std::io::stdin().lines().map_while(Result::ok) {
        cut.fetch_xor(true, Ordering::Relaxed);
        say(cut);
    }
}

fn free_address() -> Result<SocketAddr, TaskError> {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    free.map_err(|error| TaskError::missing("a free port", error.to_string()))
}

fn wait_for(backend: &mut Child, address: SocketAddr) -> Result<(), TaskError> {
    for _ in 0..200 {
        if std::net::TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        if !matches!(backend.try_wait(), Ok(None)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = backend.kill();
    Err(TaskError::Promise("the backend did not start; see above".into()))
}

fn open(url: &str) {
    for opener in ["xdg-open", "open"] {
        if is_on_path(opener) {
            let _ = Command::new(opener).arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            return;
        }
    }
}
