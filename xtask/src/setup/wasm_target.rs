//! The standard library for `wasm32-unknown-unknown`: from rustup; else built from Debian's source of the same version;
//! else Debian's own compiler, whose library is built the same way.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian_pool::{find, unpack};
use super::{cache, say};
use crate::WasmWay;
use crate::error::{TaskError, write};
use crate::process::{cargo, is_on_path, output, program};

const TARGET: &str = "wasm32-unknown-unknown";

/// What a cargo command for wasm needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct WasmToolchain {
    environment: Vec<(String, String)>,
}

impl WasmToolchain {
    /// Lets `command` build for wasm.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
    }

    /// Lets `command` build for wasm with `flags` for the compiler beside what the toolchain needs itself.
    pub(crate) fn apply_with(&self, command: &mut Command, flags: &str) {
        self.apply(command);
        let own = self.environment.iter().find(|(name, _)| name == RUSTFLAGS).map_or("", |(_, value)| value);
        command.env(RUSTFLAGS, format!("{own} {flags}").trim());
    }
}

const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// Sees to it that wasm can be built, by `way` or by the first way that works.
pub(crate) fn provide(way: Option<WasmWay>) -> Result<WasmToolchain, TaskError> {
    match way {
        Some(WasmWay::Rustup) => by_rustup(),
        Some(WasmWay::DebianSource) => by_debian_source(),
        Some(WasmWay::DebianCompiler) => by_debian_compiler(),
        None => by_rustup().or_else(|first| {
            say(&format!("rustup gave no wasm target ({first}); trying Debian's source package"));
            by_debian_source().or_else(|second| {
                say(&format!("no library from Debian's source package ({second}); trying Debian's compiler"));
                by_debian_compiler().map_err(|third| {
                    let remedy = format!("none of the three ways worked. rustup: {first}. Debian's source: {second}. Debian's compiler: {third}");
                    TaskError::missing("the wasm target", remedy)
                })
            })
        }),
    }
}

fn by_rustup() -> Result<WasmToolchain, TaskError> {
    if has_target(&sysroot()?) {
        return Ok(WasmToolchain::default());
    }
    if !is_on_path("rustup") {
        return Err(TaskError::missing("rustup", "install it, or let xtask use another way"));
    }
    say("the wasm target by rustup");
    output(program("rustup").args(["target", "add", TARGET]))?;
    if has_target(&sysroot()?) {
        Ok(WasmToolchain::default())
    } else {
        Err(TaskError::missing(TARGET, "rustup target add did not bring it"))
    }
}

fn sysroot() -> Result<PathBuf, TaskError> {
    Ok(output(program("rustc").args(["--print", "sysroot"]))?.trim().into())
}

fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir()
}

/// The compiler's version, as `1.95.0`.
fn rustc_version(rustc: &mut Command) -> Result<String, TaskError> {
    let text = output(rustc.arg("--version"))?;
    let version = text.split(' ').nth(1).unwrap_or_default();
    Ok(version.to_owned())
}

fn by_debian_source() -> Result<WasmToolchain, TaskError> {
    let version = rustc_version(&mut program("rustc"))?;
    let folder = cache()?.join(format!("wasm-std-debian-{version}"));
    let shadow = folder.join("sysroot");
    if !folder.join("complete").is_file() {
        let source = find(&["rust-src"], |package| package.upstream_version() == version)?;
        say(&format!("the wasm library, built from Debian's source of Rust {version} (about half a minute)"));
        unpack(&source, &folder.join("source"))?;
        let library = folder.join("source/usr/src").join(format!("rustc-{version}")).join("library");
        let built = build_library(&library, &mut cargo(), &[])?;
        make_shadow(&sysroot()?, &shadow, &built)?;
        write(&folder.join("complete"), "")?;
    }
    let flags = format!("--sysroot={}", shadow.display());
    Ok(WasmToolchain { environment: vec![(RUSTFLAGS.into(), flags)] })
}

fn by_debian_compiler() -> Result<WasmToolchain, TaskError> {
    let folder = cache()?.join("wasm-debian-compiler");
    let unpacked = folder.join("root");
    let library_path = unpacked.join("usr/lib/x86_64-linux-gnu");
    if !folder.join("complete").is_file() {
        let names = [
            "rustc-web",
            "libstd-rust-web-dev",
            "libstd-rust-web-1.",
            "rust-web-src",
            "libllvm22",
            "lld-22",
            "cargo-web",
        ];
        let packages = find(&names, |_| true)?;
        say("Debian's own compiler and its wasm library (about two minutes)");
        unpack(&packages, &unpacked)?;
        let rustc = unpacked.join("usr/bin/rustc");
        let mut asked = program(&rustc);
        let version = rustc_version(asked.env("LD_LIBRARY_PATH", &library_path))?;
        let library = unpacked.join("usr/src").join(format!("rustc-web-{version}")).join("library");
        let library = if library.is_dir() {
            library
        } else {
            unpacked.join("usr/src").join(format!("rustc-{version}")).join("library")
        };
        let environment = [("RUSTC", rustc.as_os_str()), ("LD_LIBRARY_PATH", library_path.as_os_str())];
        let built = build_library(&library, &mut cargo(), &environment)?;
        make_shadow(&unpacked.join("usr"), &folder.join("sysroot"), &built)?;
        write(&folder.join("complete"), "")?;
    }
    let linker = unpacked.join("usr/bin/wasm-ld-22");
    let flags = format!("--sysroot={} -Clinker={}", folder.join("sysroot").display(), linker.display());
    Ok(WasmToolchain {
        environment: vec![
            (RUSTFLAGS.into(), flags),
            ("RUSTC".into(), unpacked.join("usr/bin/rustc").display().to_string()),
            ("LD_LIBRARY_PATH".into(), library_path.display().to_string()),
        ],
    })
}

/// Builds the standard library in `library` for wasm; gives the folder with what was built.
fn build_library(
    library: &Path,
    cargo: &mut Command,
    environment: &[(&str, &std::ffi::OsStr)],
) -> Result<PathBuf, TaskError> {
    if !library.is_dir() {
        return Err(TaskError::missing(library.display().to_string(), "the source package holds no such folder"));
    }
    let target = library.join("target");
    let build = cargo
        .current_dir(library)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("__CARGO_DEFAULT_LIB_METADATA", "stablestd")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked")
        .env("CARGO_TARGET_DIR", &target)
        .envs(environment.iter().copied())
        .env_remove("RUSTUP_TOOLCHAIN")
        .args(["build", "--quiet", "--release", "-p", "sysroot", "--target", TARGET])
        .args(["--features", "panic-unwind,compiler-builtins-mem"]);
    output(build)?;
    Ok(target.join(TARGET).join("release/deps"))
}

/// A sysroot that has the host's files as links, and the wasm library beside them. The real one is left alone: two
/// libraries in one sysroot break every build of all toolchains that share it.
fn make_shadow(real: &Path, shadow: &Path, built: &Path) -> Result<(), TaskError> {
    let wasm = shadow.join("lib/rustlib").join(TARGET).join("lib");
    std::fs::create_dir_all(&wasm).map_err(TaskError::file(&wasm))?;
    for entry in std::fs::read_dir(real.join("lib/rustlib")).map_err(TaskError::file(real))?.flatten() {
        let link = shadow.join("lib/rustlib").join(entry.file_name());
        if !link.exists() {
            std::os::unix::fs::symlink(entry.path(), &link).map_err(TaskError::file(&link))?;
        }
    }
    for entry in std::fs::read_dir(built).map_err(TaskError::file(built))?.flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "rlib") {
            let to = wasm.join(entry.file_name());
            std::fs::copy(entry.path(), &to).map_err(TaskError::file(&to))?;
        }
    }
    Ok(())
}
