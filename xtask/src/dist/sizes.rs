//! What goes over the wire, held against the budgets.

use std::path::{Path, PathBuf};

use super::bundle::Bundle;
use crate::error::{TaskError, read, write};

/// Bytes after brotli 11 that a file may have.
const SHELL: usize = 2 * 1024;
const GLUE: usize = 6 * 1024;
/// Ratchets: what it is today, with room for another compiler's library, and for what compression makes of another order of
/// functions, which is up to 200. The goals are 40 KB for what the first field needs, and 100 KB for both.
const FIRST_FIELD: usize = 102 * 1024 + 256;
const KEEPING: usize = 122 * 1024 + 768;
/// The goal for each further chunk.
const FURTHER: usize = 25 * 1024;

/// Writes a `.br` and a `.gz` beside every file that gains by it.
pub(crate) fn compress(folder: &Path) -> Result<(), TaskError> {
    for entry in std::fs::read_dir(folder).map_err(TaskError::file(folder))?.flatten() {
        let path = entry.path();
        let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            compress(&path)?;
        } else if ["js", "css", "html", "json", "wasm", "svg"].contains(&extension.as_str()) {
            let bytes = read(&path)?;
            write(&path.with_extension(format!("{extension}.br")), brotli(&bytes))?;
            write(&path.with_extension(format!("{extension}.gz")), gzip(&bytes))?;
        }
    }
    Ok(())
}

/// Prints the sizes; an error if one is over its budget.
pub(crate) fn check(dist: &Path, bundle: &Bundle) -> Result<(), TaskError> {
    let mut over = vec![];
    println!("{:<34} {:>10} {:>10} {:>10}", "file", "bytes", "brotli", "budget");
    let mut line = |name: &str, files: &[&PathBuf], budget: usize| -> Result<(), TaskError> {
        let (mut bytes, mut packed) = (0, 0);
        for file in files {
            let content = read(file)?;
            (bytes, packed) = (bytes + content.len(), packed + brotli(&content).len());
        }
        println!("{name:<34} {bytes:>10} {packed:>10} {budget:>10}");
        if packed > budget {
            over.push(format!("{name} has {packed} of {budget}"));
        }
        Ok(())
    };
    for (file, budget) in [(&bundle.shell, SHELL), (&bundle.glue, GLUE), (&bundle.wasm, FIRST_FIELD)] {
        line(&file.strip_prefix(dist).unwrap_or(file).display().to_string(), &[file], budget)?;
    }
    let shared = bundle.chunks.get("keeping").cloned().unwrap_or_default();
    for (point, files) in &bundle.chunks {
        // What the keeper needs is there before anything else is asked for.
        let (files, budget) = match point.as_str() {
            "keeping" => (files.iter().collect(), KEEPING),
            _ => (files.iter().filter(|file| !shared.contains(file)).collect::<Vec<_>>(), FURTHER),
        };
        line(&format!("chunk {point}"), &files, budget)?;
    }
    if over.is_empty() { Ok(()) } else { Err(TaskError::Promise(format!("over the size budget: {}", over.join(", ")))) }
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = vec![];
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters).expect("memory takes every byte");
    packed
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    encoder.write_all(bytes).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}
