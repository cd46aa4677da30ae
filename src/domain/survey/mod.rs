//! Satisfaction: what was asked, what was answered, and what that says of everybody who was asked.

pub mod check;
pub mod interval;
pub mod invitation;
pub mod measure;
pub mod pipe;
pub mod results;
pub mod score;
pub mod step;
