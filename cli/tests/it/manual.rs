//! Help is the manual: every command and every argument explains itself.

use std::{fs, os::unix::fs::symlink, path::Path};

use expect_test::expect_file;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::project::Project;

/// Returns the commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    list.take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Returns the help of every command, commands of commands included.
fn manual(project: &Project) -> Vec<(String, String)> {
    let mut found = vec![("procside".to_owned(), project.ok(&["--help"]).stdout)];
    let mut at = 0;
    while let Some((name, help)) = found.get(at).cloned() {
        for command in commands(&help) {
            let name = format!("{name} {command}");
            let mut args: Vec<&str> = name.split(' ').skip(1).collect();
            args.push("--help");
            let help = project.ok(&args).stdout;
            found.push((name, help));
        }
        at += 1;
    }
    found
}

#[test]
fn the_help_of_every_command_is_as_it_was_reviewed() {
    let project = Project::nowhere();
    let mut text = String::new();
    for (name, help) in manual(&project) {
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        text.push_str(&format!("━━━ {name} ━━━\n{}\n\n", lines.join("\n").trim_end()));
    }
    expect_file!["snapshots/help.txt"].assert_eq(&text);
    assert!(project.tree().is_empty(), "help writes nothing");
}

#[test]
fn every_command_and_every_argument_is_explained() {
    for (name, help) in manual(&Project::nowhere()) {
        let about = help.lines().next().unwrap_or_default();
        assert!(about.len() > 5 && !about.starts_with("Usage"), "{name} says nothing:\n{help}");
        assert!(help.contains("\nUsage: procside"), "{name}:\n{help}");
        let lines: Vec<&str> = help.lines().collect();
        let bare = |line: &str| {
            let mut words = line.trim().split("  ");
            (words.next().map(str::to_owned), words.any(|word| !word.is_empty()))
        };
        for (at, line) in lines.iter().enumerate() {
            let trimmed = line.trim_start();
            let indent = line.len() - trimmed.len();
            let is_argument = (2..=6).contains(&indent)
                && (trimmed.starts_with('-')
                    || trimmed.starts_with('<')
                    || trimmed.starts_with('['));
            if !is_argument {
                continue;
            }
            let (argument, has_text) = bare(line);
            let below = lines.get(at + 1).is_some_and(|next| next.starts_with("          "));
            assert!(has_text || below, "{name}: {argument:?} is not explained:\n{help}");
        }
    }
}

#[test]
fn help_is_reached_in_every_usual_way() {
    let project = Project::nowhere();
    let long = project.ok(&["step", "--help"]).stdout;
    assert_eq!(project.ok(&["help", "step"]).stdout, long);
    assert!(project.ok(&["step", "-h"]).stdout.contains("Usage: procside step"));
    assert!(project.ok(&["--version"]).stdout.starts_with("procside "));
    assert!(project.ok(&["-V"]).stdout.starts_with("procside "));
    let empty = project.run::<&str>(&[]);
    assert_eq!(empty.code, Some(2));
    assert!(empty.stderr.contains("Usage: procside"), "{empty:#?}");
}

#[test]
fn the_exit_codes_stand_in_the_help() {
    let help = Project::nowhere().ok(&["--help"]).stdout.replace('\n', " ");
    for code in [
        "0 ok",
        "1 failed",
        "2 usage",
        "3 not found",
        "4 conflict",
        "5 locked",
        "6 invalid",
        "7 waiting",
    ] {
        assert!(help.contains(code), "{help}");
    }
}

#[test]
fn completions_name_every_command() {
    let project = Project::nowhere();
    let commands = commands(&project.ok(&["--help"]).stdout);
    assert!(commands.len() >= 30, "{commands:?}");
    for (shell, mark) in
        [("bash", "complete -F"), ("zsh", "#compdef procside"), ("fish", "complete -c procside")]
    {
        let script = project.ok(&["completions", shell]).stdout;
        assert!(script.contains(mark), "{shell}");
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell} lacks {command}");
        }
        let data = project.data(&["completions", shell]);
        assert_eq!(data["script"], script.as_str());
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let project = Project::nowhere();
    let data = project.data(&["man", "deep/pages"]);
    for (name, help) in manual(&project) {
        let page = format!("{}.1", name.replace(' ', "-"));
        let text = project.read(&format!("deep/pages/{page}"));
        assert!(text.contains(".TH"), "{page}");
        let about = help.split_whitespace().next().unwrap_or_default();
        assert!(text.contains(about), "{page}");
        assert!(data["pages"].to_string().contains(&page), "{data}");
    }
    project.write("in-the-way", "");
    project.refused(1, "io", &["man", "in-the-way/pages"]);
}

#[test]
fn a_manual_page_is_never_written_through_what_is_no_file() {
    let project = Project::nowhere();
    project.write("outside", "mine");
    project.write("pages/procside.1", "old");
    project.ok(&["man", "pages"]);
    assert!(project.read("pages/procside.1").contains(".TH"), "an old page is replaced");
    let page = project.path("pages/procside-add-step.1");
    let make_pipe: fn(&Path) = |path| {
        mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe can be made");
    };
    let make_link: fn(&Path) = |path| symlink("../outside", path).expect("a link can be made");
    for make in [make_pipe, make_link] {
        fs::remove_file(&page).expect("the page was written");
        make(&page);
        let error = project.refused(6, "invalid", &["man", "pages"]);
        assert!(error["message"].to_string().contains("procside-add-step.1"), "{error}");
        assert_eq!(project.read("outside"), "mine");
    }
}

#[test]
fn the_schema_of_a_definition_is_printed_on_demand() {
    let nowhere = Project::nowhere();
    let schema = nowhere.data(&["schema", "--definition"])["schema"].take();
    let printed = nowhere.ok(&["schema", "--definition"]).stdout;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), schema);
    for key in ["name", "input", "budget", "triggers", "steps", "outputs"] {
        assert!(schema["properties"].get(key).is_some(), "no {key}");
    }
    assert_ne!(schema, nowhere.data(&["schema"])["schema"]);
}

#[test]
fn the_schema_knows_every_key_of_a_process() {
    let project = Project::new();
    let data = project.data(&["schema"]);
    let printed = Project::nowhere().ok(&["schema"]).stdout;
    let schema: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(data["schema"], schema);
    for key in ["id", "name", "goal", "status", "steps", "decisions", "risks", "evidence"] {
        assert!(schema["properties"].get(key).is_some(), "no {key}");
    }
}
