//! One world, from its seed to its end.

use super::world::World;

/// How a world is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many things happen while there are faults; what follows until everything is over comes
    /// on top.
    pub events: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { events: 500 }
    }
}

/// What became of a world in which nothing was wrong.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// How many things happened.
    pub events: u64,
    /// How many events the journals hold.
    pub stored: u64,
    /// How often a driver ended without a word.
    pub crashes: u64,
    /// How often the store failed.
    pub faults: u64,
    /// The hash of everything that happened.
    pub trace: [u8; 32],
}

/// Something that must never be.
#[derive(Clone, Debug, thiserror::Error)]
#[error("seed {seed}: {what}")]
pub struct Violation {
    /// The seed of the world.
    pub seed: u64,
    /// What is wrong, beginning with the name of the rule that it breaks.
    pub what: String,
    /// The journal in which it is wrong where it is one, and what happened last, a line each.
    pub trace: Vec<String>,
}

/// Simulates a world.
///
/// # Errors
/// The first thing that is wrong.
pub fn simulate(seed: u64, options: &Options) -> Result<Report, Box<Violation>> {
    let mut world = World::new(seed);
    let outcome = live(&mut world, options);
    outcome.map_err(|what| {
        let mut trace = std::mem::take(&mut world.handle.disk().evidence);
        trace.extend(world.trace.last());
        Box::new(Violation { seed, what, trace })
    })?;
    let disk = world.handle.disk();
    Ok(Report {
        events: world.steps,
        stored: disk.stored,
        crashes: world.crashes,
        faults: disk.faults,
        trace: world.trace.hash(),
    })
}

fn live(world: &mut World, options: &Options) -> Result<(), String> {
    world.check()?;
    for _ in 0..options.events {
        world.step();
        world.check()?;
    }
    world.come_to_rest()
}
