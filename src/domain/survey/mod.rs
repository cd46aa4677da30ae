//! Satisfaction: what was asked, what was answered, and what that says of everybody who was asked.

pub mod interval;
pub mod score;
