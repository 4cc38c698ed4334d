//! Children as people read them.

use procside::children::{Child, Cleaned, Cleaning, Exit, Spawned, Told};

use super::plain::{fitted, plain};

/// The widest column of a task.
const TASK_WIDTH_MAX: usize = 32;

/// The widest column of a namespace.
const NAMESPACE_WIDTH_MAX: usize = 20;

/// The longest command that is shown.
const COMMAND_WIDTH_MAX: usize = 60;

/// Returns children, one a line; `none` when there are none.
pub(crate) fn children(children: &[Child], none: &str) -> String {
    if children.is_empty() {
        return none.to_owned();
    }
    let width = |of: &dyn Fn(&Child) -> String, max: usize| {
        children.iter().map(|child| of(child).chars().count()).max().unwrap_or(0).min(max)
    };
    let (task_width, namespace_width) =
        (width(&task, TASK_WIDTH_MAX), width(&namespace, NAMESPACE_WIDTH_MAX));
    let line = |child: &Child| {
        format!(
            "{:>7}  {}  {}  {}  {}  ({})\n",
            child.info.pid,
            fitted(child.status.as_str(), 8),
            fitted(&namespace(child), namespace_width),
            fitted(&task(child), task_width),
            command(child),
            plain(&child.reason)
        )
    };
    children.iter().map(line).collect()
}

/// Returns a child that was started.
pub(crate) fn spawned(spawned: &Spawned) -> String {
    let child = &spawned.child;
    if child.info.pid == 0 {
        return format!("Would start {}\n", command(child));
    }
    let verb = if spawned.is_adopted { "Adopted" } else { "Started" };
    format!("{verb} {} as {} ({})\n", task(child), child.info.pid, command(child))
}

/// Returns what a cleaning did, one child a line, and a summary.
pub(crate) fn cleaning(cleaning: &Cleaning) -> String {
    let words = if cleaning.is_plan {
        ["would end", "would fail", "would forget"]
    } else {
        ["ended", "failed", "gone"]
    };
    let mut lines = String::new();
    let lists = [&cleaning.cleaned, &cleaning.failed, &cleaning.already_gone];
    for (word, list) in words.into_iter().zip(lists) {
        list.iter().for_each(|one| lines.push_str(&cleaned(word, one)));
    }
    let [cleaned, failed, gone] = lists.map(Vec::len);
    lines.push_str(&if cleaning.is_plan {
        format!("{cleaned} to end, {failed} that cannot be, {gone} gone already\n")
    } else {
        format!("{cleaned} ended, {failed} failed, {gone} gone already\n")
    });
    lines
}

/// Returns what a supervision tells, as a line of a log.
pub(crate) fn told(told: &Told) -> String {
    match told {
        Told::Adopted(pid) => format!("{pid} runs, and is looked after again"),
        Told::CannotStart(why) => format!("cannot start: {why}"),
        Told::Exited(pid, exit) => format!("{pid} {}", how(exit)),
        Told::GaveUp(crashes) => {
            format!("gave up: it ended {crashes} times within a minute, and is not started again")
        }
        Told::Restarting(wait) => format!("starting again in {wait} ms"),
        Told::Started(pid) => format!("started as {pid}"),
        Told::Unrecorded(why) => format!("its end is not recorded yet: {why}"),
    }
}

fn cleaned(word: &str, cleaned: &Cleaned) -> String {
    let child = &cleaned.child;
    let (task, reason) = (task(child), plain(&cleaned.reason));
    format!("{:<12}  {:>7}  {}  ({reason})\n", word, child.info.pid, plain(&task))
}

fn how(exit: &Exit) -> String {
    match (exit.code, exit.signal) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended, and nobody was told how".to_owned(),
    }
}

fn namespace(child: &Child) -> String {
    plain(child.info.namespace.as_str())
}

fn task(child: &Child) -> String {
    child.info.task_id.as_ref().map_or_else(|| "-".to_owned(), |task| plain(task.as_str()))
}

fn command(child: &Child) -> String {
    let mut line = plain(&child.info.command);
    for arg in &child.info.args {
        if line.chars().count() > COMMAND_WIDTH_MAX {
            break;
        }
        line.push(' ');
        line.push_str(&plain(arg));
    }
    let width = line.chars().count().min(COMMAND_WIDTH_MAX);
    fitted(&line, width)
}
