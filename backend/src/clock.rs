//! The one place where the backend asks for the time.

use itsm_widgets::domain::time::Timestamp;

/// Now, by this machine's clock.
pub fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}
