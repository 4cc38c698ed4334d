//! Which faults a program is given: every call, each in every way that it can fail.

use std::fmt;

use super::scenarios::Scenario;

/// One fault: which call meets it, and what happens there.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) at: usize,
    pub(super) kind: &'static str,
    /// The call and the file that it is about, in the run without a fault.
    call: String,
}

/// What did harm once, as scenario, call and kind: no sample is without it.
const HARMFUL: [(&str, &str, &str); 2] =
    [("resume", "open kept.db-shm", "io"), ("run", "read kept.db", "io")];

impl Case {
    pub(super) fn new(at: usize, kind: &'static str) -> Self {
        Self { at, kind, call: String::new() }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.at, self.kind)
    }
}

/// Returns all faults of a run whose calls were these.
pub(super) fn of(calls: &[String]) -> Vec<Case> {
    let faults = calls.iter().enumerate().flat_map(|(index, call)| {
        let verb = call.split(' ').next().unwrap_or_default();
        let at = index + 1;
        kinds(verb).iter().map(move |kind| Case { call: call.clone(), ..Case::new(at, kind) })
    });
    faults.collect()
}

/// Returns how a call can fail. A kill behind a call that changes nothing is one before the next.
fn kinds(call: &str) -> &'static [&'static str] {
    match call {
        "write" => &[
            "kill-before",
            "kill-after",
            "torn",
            "cut",
            "mixed",
            "nospace",
            "short",
            "full",
            "io",
            "broken",
        ],
        "sync" => &["kill-before", "kill-after", "cut", "mixed", "io", "broken", "lost"],
        "truncate" | "allocate" => {
            &["kill-before", "kill-after", "cut", "mixed", "nospace", "full", "io"]
        }
        "create" | "mkdir" | "rename" | "link" => {
            &["kill-before", "kill-after", "cut", "nospace", "full", "io"]
        }
        "remove" => &["kill-before", "kill-after", "cut", "io"],
        "open" | "read" | "lock" | "map" => &["kill-before", "io"],
        unknown => panic!("fault.c counts `{unknown}`, which nobody knows here"),
    }
}

/// Returns about this many, spread over all of them and the same in every run.
pub(super) fn sample(all: Vec<(&Scenario, Case)>, wanted: usize) -> Vec<(&Scenario, Case)> {
    let count = all.len().max(1);
    let mut harmful = HARMFUL.to_vec();
    let mut is_wanted = |index: usize, scenario: &Scenario, case: &Case| {
        let name = (scenario.name, case.call.as_str(), case.kind);
        let known = harmful.iter().position(|it| *it == name);
        known.map(|known| harmful.remove(known));
        known.is_some() || index * wanted / count != (index + 1) * wanted / count
    };
    let all = all.into_iter().enumerate();
    all.filter(|(index, (scenario, case))| is_wanted(*index, scenario, case))
        .map(|(_, one)| one)
        .collect()
}
