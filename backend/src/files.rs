//! What files are made of: objects in an object store, a local folder until another is asked for.

use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use itsm_widgets::domain::time::Timestamp;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Name;
use object_store::{Error, ObjectStore, ObjectStoreExt};

/// Keeps objects that never change. Their names are ours: no sender chooses a path.
#[derive(Clone, Debug)]
pub struct Files(Arc<dyn ObjectStore>);

impl Files {
    /// Opens the folder, and makes it if it is not there.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Generic { store: "local", source: Box::new(source) };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let local = LocalFileSystem::new_with_prefix(folder)?;
        // What is acknowledged survives a loss of power.
        Ok(Self(Arc::new(local.with_fsync(true))))
    }

    /// Keeps `bytes`; gives the object's name.
    pub async fn put(&self, bytes: Bytes) -> Result<String, Error> {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let name = format!("{}/{name}", &name[..2]);
        self.0.put(&Name::from(name.as_str()), bytes.into()).await?;
        Ok(name)
    }

    /// The bytes of `objects`, one after the other.
    pub fn read(&self, objects: Vec<String>) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        let store = self.0.clone();
        let one = move |object: String| {
            let store = store.clone();
            async move { Ok::<_, Error>(store.get(&Name::from(object.as_str())).await?.into_stream()) }
        };
        stream::iter(objects).then(one).try_flatten()
    }

    /// Takes an object away, if it is there.
    pub async fn delete(&self, object: &str) -> Result<(), Error> {
        match self.0.delete(&Name::from(object)).await {
            Err(Error::NotFound { .. }) => Ok(()),
            done => done,
        }
    }

    /// Names of objects that were kept before `before`.
    pub async fn older_than(&self, before: Timestamp) -> Result<Vec<String>, Error> {
        let old = self.0.list(None).try_filter(|object| {
            let is_old = object.last_modified.timestamp_millis() < before.as_millis();
            std::future::ready(is_old)
        });
        old.map_ok(|object| object.location.to_string()).try_collect().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn content(files: &Files, objects: Vec<String>) -> Result<Vec<u8>, Error> {
        let pieces: Vec<Bytes> = files.read(objects).try_collect().await?;
        Ok(pieces.concat())
    }

    #[tokio::test]
    async fn objects_are_read_in_the_order_asked_for_and_deleted_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::open(folder.path()).expect("files");
        let one = files.put(Bytes::from_static(b"one ")).await.expect("kept");
        let two = files.put(Bytes::from_static(b"two")).await.expect("kept");
        assert_eq!(content(&files, vec![one.clone(), two.clone()]).await.expect("read"), b"one two");
        let now = crate::clock::now();
        assert_eq!(files.older_than(now.shifted(-60_000)).await.expect("listed"), Vec::<String>::new());
        assert_eq!(files.older_than(now.shifted(60_000)).await.expect("listed").len(), 2);
        files.delete(&one).await.expect("deleted");
        files.delete(&one).await.expect("gone already");
        assert!(content(&files, vec![two.clone(), one]).await.is_err());
        assert_eq!(content(&files, vec![two]).await.expect("read"), b"two");
    }
}
