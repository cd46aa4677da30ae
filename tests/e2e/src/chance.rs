//! How large a test is, and what chance does in it: both can be told from outside.

use std::str::FromStr;

/// What the environment says of `name`, if that can be read.
pub fn from_env<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Chance that does the same again where `ITSM_SEED` says so.
pub fn chance() -> fastrand::Rng {
    let seed = from_env("ITSM_SEED").unwrap_or(4_711);
    println!("ITSM_SEED={seed} makes these faults again");
    fastrand::Rng::with_seed(seed)
}
