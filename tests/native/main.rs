//! Promises that cross files, tested without a browser.

mod layers;
mod statistics;
mod working_time;
mod zones;
