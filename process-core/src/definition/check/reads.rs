//! Steps that read others: each must be able to have waited for what it reads.

use std::collections::BTreeSet;

use super::Checker;
use crate::definition::reach::{circles, lead, ways_with_loops};
use crate::definition::{StepDefinition, StepKind, TimerEnd, WaitFor};
use crate::diagnostic::{Diagnostic, Place};
use crate::expr::{Expression, Read, Root, Text};

/// One step that reads another one.
struct Reader {
    step: usize,
    reads: usize,
    place: Place,
}

pub(super) fn check(checker: &mut Checker<'_>) {
    let mut readers = Vec::new();
    for step in 0..checker.steps().len() {
        collect(checker, step, &mut readers);
    }
    readers.retain(|reader| !checker.before(reader.step).any(|(from, _)| from == reader.reads));
    if readers.is_empty() {
        return;
    }
    let ways = ways_with_loops(&checker.definition.graph, checker.steps().len());
    let pairs: Vec<(usize, usize)> = readers.iter().map(|it| (it.reads, it.step)).collect();
    let leads = lead(&ways, &pairs);
    let circle = circles(&ways);
    let mut members = vec![0_usize; circle.len()];
    circle.iter().for_each(|circle| members[*circle] += 1);
    for (reader, leads) in readers.iter().zip(leads) {
        // A step leads to itself in a loop only, or turn by turn.
        let definition = &checker.steps()[reader.step];
        let again = definition.repeat.is_some() || members[circle[reader.step]] > 1;
        if leads && (reader.reads != reader.step || again) {
            continue;
        }
        let (of, id) = (checker.id(reader.step), checker.id(reader.reads));
        let (message, hint) = if reader.reads == reader.step {
            (format!("step `{of}` reads itself before it has run"), "name another step".to_owned())
        } else {
            let message = format!("step `{of}` reads `{id}` and does not wait for it");
            (message, format!("add `{id}` to `depends_on` of `{of}`"))
        };
        let problem = Diagnostic::warning("reads_without_waiting", reader.place, message);
        checker.note(problem.with_hint(hint));
    }
}

/// Collects what conditions and texts of a step read; `until` may read what is not there yet, and
/// a compensation runs when everything has ended.
fn collect(checker: &Checker<'_>, step: usize, readers: &mut Vec<Reader>) {
    let definition = &checker.steps()[step];
    let mut seen = BTreeSet::new();
    let mut add = |reads: &mut dyn Iterator<Item = &Read>, place: &dyn Fn() -> Place| {
        for read in reads {
            let Root::Step(id, _) = &read.root else { continue };
            let Some(reads) = checker.definition.graph.index(id.as_str()) else { continue };
            if seen.insert(reads) {
                readers.push(Reader { step, reads, place: place() });
            }
        }
    };
    if let Some(condition) = &definition.condition {
        add(&mut condition.reads().iter(), &|| checker.place(step, "condition"));
    }
    if let Some(foreach) = &definition.foreach {
        add(&mut foreach.items.reads().into_iter(), &|| checker.place(step, "foreach"));
    }
    for (index, route) in definition.routes().iter().enumerate() {
        let reads = route.condition.iter().flat_map(Expression::reads);
        add(&mut reads.into_iter(), &|| checker.route_place(step, index, "condition"));
    }
    for (key, texts) in texts_of(definition) {
        let reads = texts.into_iter().flat_map(Text::reads);
        add(&mut reads.into_iter(), &|| checker.place(step, key));
    }
    for (key, tree) in trees_of(definition) {
        add(&mut tree.into_iter(), &|| checker.place(step, key));
    }
}

/// Returns the texts of a step by the keys at which they stand.
fn texts_of(step: &StepDefinition) -> Vec<(&'static str, Vec<&Text>)> {
    match &step.kind {
        StepKind::AgentTask { agent, message, model, .. } => {
            vec![
                ("agent", agent.iter().collect()),
                ("message", message.iter().collect()),
                ("model", model.iter().collect()),
            ]
        }
        StepKind::Approval(approval) => vec![
            ("title", approval.title.iter().collect()),
            ("description", approval.description.iter().collect()),
            ("approvers", approval.approvers.iter().collect()),
            ("artifacts", approval.artifacts.iter().collect()),
        ],
        StepKind::Command(command) => vec![
            ("run", command.run.iter().collect()),
            ("env", command.env.iter().map(|(_, text)| text).collect()),
            ("cwd", command.cwd.iter().collect()),
            ("stdin", command.stdin.iter().collect()),
        ],
        StepKind::Gateway(_) | StepKind::WaitFor(WaitFor::Until(_)) => Vec::new(),
        StepKind::Manual { message } => vec![("message", message.iter().collect())],
        StepKind::Notification(notification) => vec![
            ("message", vec![&notification.message]),
            ("recipients", notification.recipients.iter().collect()),
            ("url", notification.url.iter().collect()),
        ],
        StepKind::SubProcess(process) => vec![("process", vec![&process.process])],
        StepKind::Timer(timer) => match &timer.end {
            TimerEnd::Delay(delay) => vec![("delay", vec![delay])],
            TimerEnd::Until { at, timezone } => {
                vec![("wait_until", vec![at]), ("timezone", timezone.iter().collect())]
            }
        },
        StepKind::WaitFor(WaitFor::Message { name, correlation }) => {
            vec![("message", vec![name]), ("correlation", correlation.iter().collect())]
        }
    }
}

/// Returns what the trees of a step read, by the keys at which they stand.
fn trees_of(step: &StepDefinition) -> Vec<(&'static str, Vec<&Read>)> {
    match &step.kind {
        StepKind::SubProcess(process) => {
            vec![("input", process.input.iter().flat_map(|(_, tree)| tree.reads()).collect())]
        }
        StepKind::Notification(notification) => {
            let options = notification.options.iter();
            vec![("message", options.flat_map(|(_, tree)| tree.reads()).collect())]
        }
        _ => Vec::new(),
    }
}
