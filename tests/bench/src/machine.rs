//! A slower machine and a slower line than these.

use itsm_e2e::Browser;
use serde_json::json;

/// A line and a machine.
pub struct Condition {
    /// What it is called.
    pub name: &'static str,
    /// How many times slower the processor is made.
    pub cpu: u32,
    /// Bytes per second down, and milliseconds for a round trip; none if the line is not slowed.
    pub line: Option<(u32, u32)>,
    /// Whether files and storage are there from an earlier visit.
    pub warm: bool,
}

/// A fourth of the processor; the line as it is.
pub const SLOW_MACHINE: Condition = Condition { name: "a fourth of the processor", cpu: 4, line: None, warm: true };

/// Makes the browser's machine and line such.
pub async fn slow(browser: &Browser, condition: &Condition) {
    let (bytes, latency) = condition.line.map_or((-1, 0), |(bytes, latency)| (i64::from(bytes), latency));
    let line = json!({ "offline": false, "latency": latency, "downloadThroughput": bytes, "uploadThroughput": bytes });
    browser.devtools("Network.emulateNetworkConditions", line).await;
    browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": condition.cpu })).await;
}
