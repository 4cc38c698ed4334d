//! Puts known faults into a copy of the workspace: the tests must find every one of them.

mod copy;
mod driver;
mod engine;
mod fault;
mod judge;

use std::io::{self, Write as _};
use std::path::Path;

use fault::Fault;
use judge::Judge;

/// Plants every fault, looks for those whose numbers are named, or all, and answers whether each
/// was found.
///
/// All of them stand in the copy at once, each behind a switch, so that it is built once.
///
/// # Errors
/// When the copy cannot be written or built, a fault does not fit the text, or something is found
/// where no fault is switched on.
pub(crate) fn run(root: &Path, numbers: &[&str]) -> io::Result<bool> {
    let copy = root.join("target").join("mutants");
    copy::make(root, &copy)?;
    let faults: Vec<&Fault> = driver::FAULTS.iter().chain(&engine::FAULTS).collect();
    for (index, fault) in faults.iter().enumerate() {
        fault.plant(&copy, index + 1)?;
    }
    let judges = Judge::build_all(&copy)?;
    for judge in &judges {
        if let Some(said) = judge.ask(0)? {
            let name = judge.name;
            return Err(io::Error::other(format!("{name} fails without a fault: {said}")));
        }
    }
    let (mut caught, mut tried) = (0, 0);
    for (index, fault) in faults.iter().enumerate() {
        let number = index + 1;
        if !numbers.is_empty() && !numbers.contains(&number.to_string().as_str()) {
            continue;
        }
        tried += 1;
        let verdict = verdict(&judges, number)?;
        caught += usize::from(verdict.is_some());
        let verdict = verdict.unwrap_or_else(|| "NOT CAUGHT".to_owned());
        let Fault { invariant, what, .. } = fault;
        writeln!(io::stdout(), "{number:>3} {invariant:<4} {what:<62} {verdict}")?;
    }
    writeln!(io::stdout(), "caught {caught} of {tried}")?;
    Ok(caught == tried)
}

/// Returns who finds a fault first, and what is said about it.
fn verdict(judges: &[Judge], number: usize) -> io::Result<Option<String>> {
    for judge in judges {
        if let Some(said) = judge.ask(number)? {
            return Ok(Some(format!("{}: {said}", judge.name)));
        }
    }
    Ok(None)
}
