//! The device's clock, generator of chance and timer, and its tabs' turns.

use core::time::Duration;

use gloo_timers::future::TimeoutFuture;

use super::locks::{self, Held};
use crate::domain::time::Timestamp;
use crate::ports::{Chance, Clock, Later, Timer, Turns};

/// The browser's.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserDevice;

impl Clock for BrowserDevice {
    #[allow(clippy::disallowed_methods, reason = "the one place that asks for the time")]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(js_sys::Date::now() as i64)
    }
}

impl Chance for BrowserDevice {
    fn jitter(&self) -> f64 {
        js_sys::Math::random()
    }

    fn uuid(&self) -> String {
        let mut bytes = [0u8; 16];
        let crypto = super::js::window().crypto().expect("every browser of the floor has a generator");
        crypto.get_random_values_with_u8_array(&mut bytes[6..]).expect("16 bytes are within its limit");
        // RFC 9562, section 5.7: 48 bits of milliseconds, version, variant, the rest random.
        bytes[..6].copy_from_slice(&self.now().as_millis().to_be_bytes()[2..]);
        bytes[6] = bytes[6] & 0x0f | 0x70;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = super::js::hex(&bytes);
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}

impl Timer for BrowserDevice {
    fn sleep(&self, span: Duration) -> Later<'static, ()> {
        Box::pin(TimeoutFuture::new(u32::try_from(span.as_millis()).unwrap_or(u32::MAX)))
    }
}

/// Who has it drains.
const DRAIN: &str = "itsm:itsm.default.1:drain";

impl Turns for BrowserDevice {
    type Turn = Held;

    fn turn(&self) -> Option<Later<'static, Option<Held>>> {
        locks::exist().then(|| Box::pin(locks::hold(DRAIN)) as Later<'static, Option<Held>>)
    }

    fn take_turn(&self) -> Later<'static, Option<Held>> {
        Box::pin(locks::steal(DRAIN))
    }
}
