//! Service levels: when an answer is due, and why then. Time counts only while somebody is there to work: in the hours that
//! were agreed, in their zone, not on holidays, and not while a ticket is on hold.

pub mod calendar;
pub mod clock;
pub mod working_time;
pub mod zone;
