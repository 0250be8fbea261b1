//! Over the real binary.
