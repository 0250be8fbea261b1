//! A terminal as the system has it: its two ends with their settings, the signals that come from it, and typing that is not
//! shown. What is drawn on it, and what its bytes mean, is the front ends' business.

pub mod device;
pub mod hidden;
pub mod signal;
