//! Every command is an operation that programs can call by name, with the same arguments.

use clap::{ArgAction, Command, CommandFactory};
use procside::operations::{ArgumentKind, COMMON, find, table};

use super::Args;

/// Commands that need a terminal or never end, and arguments that only they have.
const TERMINAL_ONLY: [&str; 4] = ["completions", "man", "supervise-child", "work"];

/// Arguments that need a terminal, or a command that never ends.
const ARGUMENTS_TERMINAL_ONLY: [(&str, &str); 3] =
    [("doc", "edit"), ("log", "follow"), ("logs", "follow")];

/// What the command line says about itself, not about the work.
const TALK: [&str; 6] = ["dir", "json", "quiet", "color", "help", "version"];

/// Returns every command that does something, by its whole name.
fn commands(command: &Command, above: &str, found: &mut Vec<(String, Command)>) {
    for one in command.get_subcommands().filter(|one| one.get_name() != "help") {
        let name = format!("{above} {}", one.get_name()).trim().to_owned();
        if one.has_subcommands() {
            commands(one, &name, found);
        }
        found.push((name, one.clone()));
    }
}

fn name_of(argument: &clap::Arg) -> String {
    let name = argument.get_long().unwrap_or_else(|| argument.get_id().as_str());
    name.replace('_', "-")
}

#[test]
fn every_command_is_an_operation_with_the_same_arguments() {
    let mut all = Vec::new();
    commands(&Args::command(), "", &mut all);
    assert!(all.len() > 40, "the commands are found");
    for (name, command) in &all {
        if TERMINAL_ONLY.contains(&name.as_str()) {
            assert!(find(name).is_none(), "`{name}` needs a terminal or never ends");
            continue;
        }
        let operation = find(name).unwrap_or_else(|| panic!("`{name}` is no operation"));
        let is_own = |argument: &&clap::Arg| {
            let id = argument.get_id().as_str();
            // `restore` has a version that is its own.
            let is_talk = TALK.contains(&id) && argument.get_long() != Some("version");
            let is_help = matches!(argument.get_action(), ArgAction::Version);
            !is_talk && !is_help && !argument.is_global_set()
        };
        for argument in command.get_arguments().filter(is_own) {
            let own = name_of(argument);
            if ARGUMENTS_TERMINAL_ONLY.contains(&(name.as_str(), own.as_str())) {
                continue;
            }
            let found = operation.arguments.iter().find(|known| known.is_named(&own));
            let found = found.unwrap_or_else(|| panic!("`{name}` has no argument `{own}`"));
            let is_flag = matches!(argument.get_action(), ArgAction::SetTrue);
            assert_eq!(found.kind == ArgumentKind::Flag, is_flag, "{name} {own}");
            let is_repeated = matches!(argument.get_action(), ArgAction::Append)
                || argument.get_num_args().is_some_and(|count| count.max_values() > 1);
            assert_eq!(found.is_repeated, is_repeated, "{name} {own}");
            assert_eq!(found.is_required, argument.is_required_set(), "{name} {own}");
            let number = argument.get_value_parser().type_id();
            let is_number = [
                clap::builder::ValueParser::from(clap::value_parser!(u64)).type_id(),
                clap::builder::ValueParser::from(clap::value_parser!(u8)).type_id(),
                clap::builder::ValueParser::from(clap::value_parser!(usize)).type_id(),
            ]
            .contains(&number);
            assert_eq!(found.kind == ArgumentKind::Number, is_number, "{name} {own}");
        }
        for alias in command.get_visible_aliases() {
            assert!(find(alias).is_some(), "`{alias}` is no operation");
        }
    }
    for operation in table() {
        assert!(all.iter().any(|(name, _)| name == operation.name), "`{}`", operation.name);
    }
}

#[test]
fn what_every_command_takes_every_operation_takes() {
    let command = Args::command();
    let globals = command.get_arguments().filter(|argument| argument.is_global_set());
    for name in globals.map(name_of) {
        let is_common = COMMON.iter().any(|argument| argument.is_named(&name));
        assert_ne!(is_common, TALK.contains(&name.as_str()), "{name}");
    }
}
