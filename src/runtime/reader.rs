//! Reading: what is cached at once, what the service desk has as soon as it answers.

use core::time::Duration;

use super::Platform;
use crate::domain::time::Timestamp;
use crate::ports::{Cached, Clock, Fetched, ServiceDesk};

/// How old what was read may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The service desk has just said so.
    Current,
    /// From the cache; the service desk could not be asked.
    Cached {
        /// When the service desk last said so.
        as_of: Timestamp,
    },
}

/// What came of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// JSON, and how old it may be.
    Found(String, Freshness),
    /// The service desk says that there is no such thing.
    Absent,
    /// It cannot be asked, and nothing is cached.
    Unreachable,
}

/// Under which address what is at `path` below the API's address is kept.
pub fn url_of(api: &str, path: &str) -> String {
    [api, "/", path].concat()
}

/// Reads `path` below the API's address, which is `api`. A cached body is used where the service desk gives no usable
/// answer.
pub async fn read<P: Platform>(platform: &P, api: &str, path: &str) -> Read {
    let url = url_of(api, path);
    // A store that fails costs a round trip, nothing more.
    let cached = platform.store().cached(&url).await.unwrap_or_default();
    let etag = cached.as_ref().and_then(|cached| cached.etag.clone());
    // Who has something to look at does not wait long for something newer.
    let patience = Duration::from_secs(if cached.is_some() { 3 } else { 30 });
    let fetched = platform.desk().fetch(path, etag.as_deref(), patience).await;
    let as_of = platform.device().now();
    match (fetched, cached) {
        (Fetched::Fresh { body, etag }, _) => {
            let _ = platform.store().keep(&url, &Cached { body: body.clone(), etag, as_of }).await;
            Read::Found(body, Freshness::Current)
        }
        (Fetched::NotModified, Some(cached)) => {
            let _ = platform.store().keep(&url, &Cached { as_of, ..cached.clone() }).await;
            Read::Found(cached.body, Freshness::Current)
        }
        (Fetched::Absent, None) => Read::Absent,
        (_, Some(cached)) => Read::Found(cached.body, Freshness::Cached { as_of: cached.as_of }),
        (Fetched::NotModified | Fetched::Failed, None) => Read::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::worker::tests::TestPlatform;

    fn fresh(body: &str) -> Fetched {
        Fetched::Fresh { body: body.into(), etag: Some("\"1\"".into()) }
    }

    #[test]
    fn what_was_read_once_can_be_read_without_a_network() {
        let platform = TestPlatform::default();
        let read = |fetched| {
            platform.desk.fetches.borrow_mut().push(fetched);
            pollster::block_on(read(&platform, "https://desk.example/api", "forms/a"))
        };
        assert_eq!(read(Fetched::Failed), Read::Unreachable);
        assert_eq!(read(Fetched::Absent), Read::Absent);
        assert_eq!(read(fresh("{}")), Read::Found("{}".into(), Freshness::Current));
        let as_of = platform.device.now();
        platform.device.pass(60_000);
        assert_eq!(read(Fetched::Failed), Read::Found("{}".into(), Freshness::Cached { as_of }));
        assert_eq!(read(Fetched::NotModified), Read::Found("{}".into(), Freshness::Current));
        assert_eq!(platform.desk.etags.borrow().last(), Some(&Some("\"1\"".into())));
        assert_eq!(read(Fetched::Absent), Read::Found("{}".into(), Freshness::Cached { as_of: platform.device.now() }));
    }
}
