//! Another definition takes the place of the one before: what is done stays as it was (I10).

use process_engine::{Execution, VisitState};

/// Checks that nothing that was done differs behind an adoption.
pub(super) fn check(before: &Execution, after: &Execution) -> Result<(), String> {
    let (Some(old), Some(new)) = (before.run(), after.run()) else { return Ok(()) };
    if old.spent() != new.spent() || old.end().is_some() != new.end().is_some() {
        return Err("I10 adopting changed what was spent, or the end".to_owned());
    }
    for step in &old.definition().steps {
        let id = step.id.as_str();
        let Some(was) = old.step(id) else { continue };
        let has_ended = |state: VisitState| !state.is_open();
        let ended = (1..=was.visits())
            .filter_map(|number| Some((number, was.visit(number)?)))
            .filter(|(_, visit)| has_ended(visit.state()));
        for (number, visit) in ended {
            let is = new.step(id).and_then(|step| step.visit(number));
            let is_same = is.is_some_and(|is| {
                is.state() == visit.state()
                    && is.cost() == visit.cost()
                    && is.work() == visit.work()
                    && is.attempt() == visit.attempt()
            });
            if !is_same {
                return Err(format!("I10 adopting changed {id}#{number}, which had ended"));
            }
        }
        let has_outcome = was.is_over() && was.visits() > 0;
        let is_same = new.step(id).is_some_and(|is| is.output() == was.output());
        if has_outcome && !is_same {
            return Err(format!("I10 adopting changed what {id} gave"));
        }
    }
    Ok(())
}
