//! What a call through the interface costs, beside the same call in Rust.

fn main() {}
