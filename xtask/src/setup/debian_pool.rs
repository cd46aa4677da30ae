//! Packages of Debian's archive of any suite, unpacked without being installed. The mirror is the one that this machine's
//! own `sources.list` names.

use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{TaskError, read_text, write};
use crate::process::{output, program};

/// A package of the archive.
#[derive(Clone, Debug, Default)]
pub(crate) struct Package {
    name: String,
    version: String,
    url: String,
    sha256: String,
}

impl Package {
    /// The version without Debian's own parts: `1.95.0` of `1.95.0+dfsg1-2`.
    pub(crate) fn upstream_version(&self) -> &str {
        let version = self.version.split_once(':').map_or(self.version.as_str(), |(_, rest)| rest);
        version.split(['+', '-', '~']).next().unwrap_or_default()
    }
}

/// Further suites, after those of this machine's own release, whose programs are sure to run here.
const SUITES: &[&str] = &["trixie-backports", "forky", "sid", "trixie", "bookworm-backports", "experimental"];

/// The codename of this machine's release, as `bookworm`.
fn codename() -> String {
    let text = read_text(std::path::Path::new("/etc/os-release")).unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    name.unwrap_or("stable").trim_matches('"').to_owned()
}

/// The first suite's packages of `names` of which all fit. A name that ends in a dot stands for what begins with it.
pub(crate) fn find(names: &[&str], fits: impl Fn(&Package) -> bool) -> Result<Vec<Package>, TaskError> {
    let (main, security) = mirrors()?;
    let own = codename();
    let mut suites =
        vec![(&security, format!("{own}-security")), (&main, own.clone()), (&main, format!("{own}-updates"))];
    suites.extend(SUITES.iter().map(|suite| (&main, (*suite).to_owned())));
    for (mirror, suite) in suites {
        let Ok(index) = index_of(mirror, &suite) else { continue };
        let found: Vec<Package> = names
            .iter()
            .filter_map(|name| {
                let is_named =
                    |package: &&Package| package.name == *name || name.ends_with('.') && package.name.starts_with(name);
                index.iter().filter(is_named).find(|package| fits(package)).cloned()
            })
            .collect();
        if found.len() == names.len() {
            return Ok(found);
        }
    }
    Err(TaskError::missing(
        names.join(", "),
        "no suite of Debian's archive that can be reached has them in a version that fits",
    ))
}

/// Downloads, checks and unpacks `packages` into `folder`.
pub(crate) fn unpack(packages: &[Package], folder: &Path) -> Result<(), TaskError> {
    std::fs::create_dir_all(folder).map_err(TaskError::file(folder))?;
    for package in packages {
        let bytes = download(&package.url)?;
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if digest != package.sha256 {
            return Err(TaskError::Promise(format!(
                "{} {}: its SHA-256 is not the archive's",
                package.name, package.version
            )));
        }
        let file = folder.join(format!("{}.deb", package.name));
        write(&file, bytes)?;
        output(program("dpkg").arg("-x").arg(&file).arg(folder))?;
        let _ = std::fs::remove_file(&file);
    }
    Ok(())
}

/// The mirrors of the archive and of its security updates, as this machine has them.
fn mirrors() -> Result<(String, String), TaskError> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    files
        .extend(std::fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|entry| entry.path()));
    let text: String = files.iter().filter_map(|file| read_text(file).ok()).collect::<Vec<_>>().join("\n");
    let urls: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(str::split_whitespace)
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .collect();
    let pick =
        |end: &str| urls.iter().map(|url| url.trim_end_matches('/')).find(|url| url.ends_with(end)).map(str::to_owned);
    let main = pick("/debian")
        .ok_or_else(|| TaskError::missing("Debian's archive", "/etc/apt/sources.list names no mirror"))?;
    Ok((main.clone(), pick("/debian-security").unwrap_or(main)))
}

fn download(url: &str) -> Result<Vec<u8>, TaskError> {
    let failed = |error: &dyn std::fmt::Display| TaskError::missing(url, format!("it cannot be downloaded: {error}"));
    let mut bytes = Vec::new();
    let response = ureq::get(url).call().map_err(|error| failed(&error))?;
    response.into_body().into_reader().read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    Ok(bytes)
}

fn index_of(mirror: &str, suite: &str) -> Result<Vec<Package>, TaskError> {
    let packed = download(&format!("{mirror}/dists/{suite}/main/binary-amd64/Packages.xz"))?;
    let folder = std::env::temp_dir().join(format!("itsm-widgets-{}-{suite}.xz", std::process::id()));
    write(&folder, packed)?;
    let text = output(program("xz").args(["-dc"]).arg(&folder));
    let _ = std::fs::remove_file(&folder);
    Ok(text?.split("\n\n").map(|stanza| parse(mirror, stanza)).collect())
}

fn parse(mirror: &str, stanza: &str) -> Package {
    let field =
        |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    Package {
        name: field("Package:"),
        version: field("Version:"),
        url: format!("{mirror}/{}", field("Filename:")),
        sha256: field("SHA256:"),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_stanza_names_version_and_place() {
        let stanza =
            "Package: rust-src\nVersion: 1:1.95.0+dfsg1-2~bpo13+1\nFilename: pool/main/r/rust-src.deb\nSHA256: ab\n";
        let package = parse("http://mirror.example/debian", stanza);
        assert_eq!(package.upstream_version(), "1.95.0");
        assert_eq!(package.url, "http://mirror.example/debian/pool/main/r/rust-src.deb");
    }
}
