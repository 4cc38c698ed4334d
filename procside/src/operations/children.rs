//! Operations on children: the operating-system processes that were started here.

use super::{
    argument::{flag, text},
    given::Given,
    table::Operation,
};
use crate::{
    answer::Answered,
    answers,
    children::{
        ChildFilter, Children, ChildrenOptions, SpawnLimits, SpawnRequest, answers as of_children,
        parse_restart,
    },
    error::Error,
    parse,
};

/// How long children have to end by themselves, as the command line says it.
const GRACE: &str = "5s";

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("children doctor", &[text("registry"), flag("strict")], |given| {
        with(given, |children| Ok(answers::diagnosis(&children.examine()?)))
    })
    .also(&["children"]),
    Operation::new(
        "clean",
        &[flag("yes"), text("namespace"), text("grace"), text("registry"), flag("strict")],
        clean,
    ),
    Operation::new(
        "kill",
        &[
            text("which").required(),
            text("namespace"),
            text("grace"),
            text("registry"),
            flag("strict"),
        ],
        |given| {
            let grace = parse::duration(given.text("grace").unwrap_or(GRACE))?;
            with(given, |children| {
                let ended = children.end(given.need("which"), given.text("namespace"), grace)?;
                Ok(of_children::ended(&ended))
            })
        },
    ),
    Operation::new(
        "logs",
        &[text("which").required(), text("namespace"), text("registry"), flag("strict")],
        |given| {
            with(given, |children| {
                let logs = children.logs(given.need("which"), given.text("namespace"))?;
                Ok(of_children::logs(&logs))
            })
        },
    ),
    Operation::new("orphans", &[text("namespace"), text("registry"), flag("strict")], |given| {
        with(given, |children| {
            Ok(of_children::children(&children.orphans(given.text("namespace"))?))
        })
    }),
    Operation::new(
        "ps",
        &[text("namespace"), flag("all"), text("registry"), flag("strict")],
        |given| {
            let filter =
                ChildFilter { namespace: given.owned("namespace"), all: given.flag("all") };
            with(given, |children| Ok(of_children::children(&children.list(&filter)?)))
        },
    ),
    Operation::new(
        "spawn",
        &[
            text("command").repeated().required(),
            text("namespace"),
            text("task"),
            text("restart"),
            text("limit").also(&["limits"]).repeated(),
            text("registry"),
            flag("strict"),
        ],
        spawn,
    ),
];

fn clean(given: &Given) -> Result<Answered, Error> {
    let grace = parse::duration(given.text("grace").unwrap_or(GRACE))?;
    let namespace = given.text("namespace");
    with(given, |children| {
        let cleaning = if given.flag("yes") {
            children.clean(namespace, grace)?
        } else {
            children.plan_cleaning(namespace)?
        };
        Ok(of_children::cleaning(&cleaning))
    })
}

/// Starts a child that belongs to the program that calls, which records its end.
fn spawn(given: &Given) -> Result<Answered, Error> {
    let limits = given.texts("limit");
    let request = SpawnRequest {
        namespace: given.owned("namespace"),
        task: given.owned("task"),
        command: given.texts("command"),
        restart: parse_restart(given.text("restart").unwrap_or("never")),
        limits: SpawnLimits::parse(limits.iter().map(String::as_str))?,
        ..SpawnRequest::default()
    };
    with(given, |children| Ok(of_children::spawned(&children.spawn(request)?)))
}

/// Opens the children that a call is about, and adds what they have to tell to the answer.
fn with(
    given: &Given,
    perform: impl FnOnce(&Children) -> Result<Answered, Error>,
) -> Result<Answered, Error> {
    let options = ChildrenOptions {
        registry: given.path("registry"),
        strict: given.flag("strict"),
        dry_run: given.project.is_dry_run(),
        ..ChildrenOptions::default()
    };
    let children = Children::open(given.project.root(), options)?;
    let answered = perform(&children)?;
    Ok(answered.with_notices(children.take_notices()))
}
