//! How often a step asks for memory, which does not wobble; a program of its own, for what counts
//! stands in front of the allocator.

#[expect(dead_code, reason = "the other benches need more of it")]
mod support;

use std::error::Error;
use std::io::{self, Write as _};
use std::sync::Arc;

use process_core::definition::Definition;
use serde_json::json;

use crate::support::project::instant;
use crate::support::run::{STEPS_MAX, THREE_STEPS, chain, definition, run, started};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // Without the flag somebody tests that benches build, and wants no figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    tell("allocations_per_step", &definition(THREE_STEPS)?)?;
    tell("allocations_per_step_of_10000", &definition(&chain(STEPS_MAX)?)?)
}

/// Prints how often one step asks for memory, in a process that was started.
fn tell(figure: &str, definition: &Arc<Definition>) -> Result<()> {
    let (mut execution, _) = started(definition, json!({}))?;
    let now = instant()?;
    let mut steps = Ok(0);
    let counted = allocation_counter::measure(|| steps = run(&mut execution, &now, drop));
    let value = f64::from(u32::try_from(counted.count_total)?) / f64::from(steps?);
    let value = (value * 1e3).round() / 1e3;
    let line = json!({"figure": figure, "value": value, "unit": "allocations"});
    Ok(writeln!(io::stdout(), "{line}")?)
}
