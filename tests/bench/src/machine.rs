//! A slower machine and a slower line than these.

use itsm_e2e::Browser;
use serde_json::json;

/// A machine and its line.
pub struct Machine {
    /// How many times slower the processor is made.
    pub cpu: u32,
    /// Bytes per second down, and milliseconds for a round trip; none if the line is not slowed.
    pub line: Option<(u32, u32)>,
}

/// This one.
pub const FULL: Machine = Machine { cpu: 1, line: None };
/// A fourth of the processor.
pub const SLOW: Machine = Machine { cpu: 4, line: None };
/// A fourth of the processor, 1.6 Mbit/s and 150 ms: a phone on a poor line.
pub const THROTTLED: Machine = Machine { cpu: 4, line: Some((200_000, 150)) };

impl Machine {
    /// Gives the browser such a machine and line.
    pub async fn give(&self, browser: &Browser) {
        let (bytes, latency) = self.line.map_or((-1, 0), |(bytes, latency)| (i64::from(bytes), latency));
        let line =
            json!({ "offline": false, "latency": latency, "downloadThroughput": bytes, "uploadThroughput": bytes });
        browser.devtools("Network.emulateNetworkConditions", line).await;
        browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": self.cpu })).await;
    }
}
