//! Trying a definition on a virtual clock, with scripted outcomes (docs/formats/scenario.md).
//!
//! The same machine decides as in a real run; only the world around it is made up.

mod actor;
mod child;
mod expect;
mod report;
mod scenario;
mod world;

pub use report::Simulation;
pub use scenario::Scenario;
pub use world::simulate;
