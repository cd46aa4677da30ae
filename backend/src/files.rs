//! Attachments' bytes in a local folder, named by their content.

use std::path::{Path, PathBuf};

use axum::body::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::fs;
use tokio::io::AsyncWriteExt;

/// A folder of files. A file's name is its SHA-256, so that equal files are kept once and no sender chooses a path.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

/// Why a file was not received.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It has more bytes than allowed.
    #[error("too large")]
    TooLarge,
    /// It did not arrive whole.
    #[error("interrupted")]
    Interrupted,
    /// It could not be written.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
}

/// A file that has arrived under a passing name; removed unless it is kept.
#[derive(Debug)]
pub struct Incoming {
    path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Files {
    /// Opens the folder, makes it if it is not there, and clears what an earlier run left half received.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        let incoming = folder.join("incoming");
        std::fs::create_dir_all(&incoming)?;
        for left in std::fs::read_dir(&incoming)? {
            std::fs::remove_file(left?.path())?;
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// Where the file with that digest lies.
    pub fn path_of(&self, sha256: &str) -> PathBuf {
        self.folder.join(&sha256[..2]).join(sha256)
    }

    /// Receives at most `limit` bytes.
    pub async fn receive<E>(
        &self,
        body: impl Stream<Item = Result<Bytes, E>>,
        limit: u64,
    ) -> Result<Incoming, FileError> {
        let path = self.folder.join("incoming").join(uuid::Uuid::new_v4().simple().to_string());
        let mut incoming = Incoming { path, size: 0, sha256: String::new() };
        let mut file = fs::File::create_new(&incoming.path).await?;
        let mut digest = Sha256::new();
        let mut body = std::pin::pin!(body);
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|_| FileError::Interrupted)?;
            incoming.size += piece.len() as u64;
            if incoming.size > limit {
                return Err(FileError::TooLarge);
            }
            digest.update(&piece);
            file.write_all(&piece).await?;
        }
        file.sync_all().await?;
        incoming.sha256 = hex::encode(digest.finalize());
        Ok(incoming)
    }

    /// Gives a received file its lasting name, so that it survives a loss of power.
    pub async fn keep(&self, incoming: Incoming) -> std::io::Result<()> {
        let path = self.path_of(&incoming.sha256);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).await?;
        fs::rename(&incoming.path, &path).await?;
        fs::File::open(folder).await?.sync_all().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn body(pieces: &[&'static str]) -> impl Stream<Item = Result<Bytes, ()>> + use<> {
        stream::iter(pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect::<Vec<_>>())
    }

    fn left(folder: &Path) -> usize {
        std::fs::read_dir(folder.join("incoming")).expect("a folder").count()
    }

    #[tokio::test]
    async fn a_file_is_kept_under_its_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::open(folder.path()).expect("files");
        let incoming = files.receive(body(&["hel", "lo"]), 5).await.expect("received");
        assert_eq!(incoming.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        let path = files.path_of(&incoming.sha256);
        files.keep(incoming).await.expect("kept");
        assert_eq!(std::fs::read_to_string(path).expect("a file"), "hello");
        assert_eq!(left(folder.path()), 0);
    }

    #[tokio::test]
    async fn what_is_too_large_or_cut_short_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::open(folder.path()).expect("files");
        assert!(matches!(files.receive(body(&["hello", "!"]), 5).await, Err(FileError::TooLarge)));
        let cut = stream::iter(vec![Ok(Bytes::from_static(b"he")), Err(())]);
        assert!(matches!(files.receive(cut, 5).await, Err(FileError::Interrupted)));
        assert_eq!(left(folder.path()), 0);
    }
}
