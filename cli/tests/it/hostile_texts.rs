//! Texts that were made to hurt: ids that climb, names that paint, arguments without end.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

use crate::project::{Project, column, step};

/// Names that YAML, JSON, Markdown, terminals and shells would like to take for something else.
const NAMES: [&str; 30] = [
    "plain",
    "with: colon",
    "- dash",
    "# hash",
    "\"quoted\"",
    "'single'",
    "it's",
    "`ticks`",
    "yes",
    "no",
    "null",
    "~",
    "007",
    "1e3",
    "0x1F",
    "12:30:45",
    "2026-02-10",
    "[list]",
    "{map}",
    "&anchor",
    "*alias",
    "!tag",
    "%percent",
    "@at",
    "a\nb",
    "tab\there",
    "emoji 🦀 é ö",
    "日本語",
    " blanks around ",
    "back\\slash",
];

#[test]
fn ids_that_climb_are_refused_everywhere() {
    let project = Project::with_steps(&["One"]);
    project.write("secret.yaml", "name: secret\n");
    let before = project.tree();
    for id in [
        "../x",
        "..",
        ".",
        "/etc/passwd",
        "proc-001/../proc-001",
        "proc-001.yaml",
        "PROC-001",
        "proc-1",
        "proc-",
        "proc-+01",
        "proc-001 ",
        " proc-001",
        "proc-001\n",
        "proc-٠٠١",
        "",
        "../../secret",
        "proc-99999999999999999999",
        "global",
        "proc-000",
    ] {
        for args in [
            &["show", id][..],
            &["switch", id],
            &["archive", id],
            &["restore", id],
            &["clone", id],
            &["export", id],
            &["history", id],
            &["log", id],
            &["version", id],
            &["templates", "new", id, "--id", "t"],
            &["status", "--process", id],
        ] {
            let output = project.run(args);
            assert_eq!(output.code, Some(6), "{args:?}: {output:#?}");
        }
    }
    let long = "a".repeat(65);
    for id in ["../s1", ".s1", "-s1", "S1", "s 1", "s1/", "s1\n", "ß", "", long.as_str()] {
        let id = format!("={id}");
        for args in [
            &["add-step", "X", &format!("--after{id}")][..],
            &["evidence", "note", "x", &format!("--step{id}")],
        ] {
            let output = project.run(args);
            assert_eq!(output.code, Some(6), "{args:?}: {output:#?}");
        }
        let output = project.run(&["step", "-s", "done", "--", &id[1..]]);
        assert_eq!(output.code, Some(6), "{id:?}: {output:#?}");
    }
    for id in ["../t", "a/b", "..", "", ".hidden", "t\n", "T"] {
        let given = format!("--id={id}");
        let output = project.run(&["templates", "new", "proc-001", &given]);
        assert_eq!(output.code, Some(6), "{id:?}: {output:#?}");
        for args in [&["templates", "show", id][..], &["templates", "remove", id]] {
            assert_eq!(project.run(args).code, Some(6), "{args:?}");
        }
    }
    assert!(project.tree() == before);
}

#[test]
fn names_of_every_kind_survive() {
    let project = Project::new();
    for name in NAMES {
        let data = project.data(&["add-step", "--", name]);
        assert_eq!(data["step"]["name"], name);
    }
    assert_eq!(column(&project.process()["steps"], "name"), NAMES);
    let view = project.read(".ai/processes/proc-001.yaml");
    project.write("copy.yaml", &view);
    project.ok(&["import", "copy.yaml"]);
    let imported = project.data(&["show", "proc-002"]);
    assert_eq!(column(&imported["process"]["steps"], "name"), NAMES);
    let log = project.data(&["log"]);
    assert_eq!(log["events"].as_array().map(Vec::len), Some(NAMES.len() + 2));
    assert!(!project.exists(".ai/processes/proc-001.yaml.rejected-1"));

    for name in NAMES {
        let given = ["--goal", "--tag", "--name"].map(|option| format!("{option}={name}"));
        let made = project.data(&["init", &given[0], &given[1], &given[2]]);
        assert_eq!(made["process"]["name"], name);
        assert_eq!(made["process"]["goal"], name);
        assert_eq!(made["process"]["tags"][0], name);
        let id = made["process"]["id"].as_str().unwrap_or_default().to_owned();
        let entry = project.data(&["list"])["processes"].take();
        let entry = entry.as_array().into_iter().flatten().find(|entry| entry["id"] == id.as_str());
        assert_eq!(entry.expect("it is listed")["name"], name);
        project.ok(&["decide", &format!("--rationale={name}"), "--", name, name]);
        let data = project.data(&["evidence", "--", name, name]);
        assert_eq!(data["process"]["evidence"][0]["value"], name);
        assert_eq!(data["process"]["decisions"][0]["rationale"], name);
    }
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let evil = "evil\u{1b}[31mred\u{1b}]0;title\u{7}\u{8}\u{9b}2J\r\nfake line\u{7f}\u{85}";
    let project = Project::nowhere();
    project.ok(&["init", "--name", evil, "--goal", evil, "--tag", evil]);
    project.ok(&["add-step", evil, "--description", evil, "--inputs", evil, "--checks", evil]);
    project.ok(&["decide", evil, evil, "--rationale", evil]);
    project.ok(&["risk", evil, "--mitigation", evil]);
    project.ok(&["evidence", "note", evil]);
    project.ok(&["version", "--note", evil]);
    project.ok(&["claim", "s1", "--by", evil]);
    project.ok(&["templates", "new", "proc-001", "--id", "t"]);
    for args in [
        &["list"][..],
        &["status"],
        &["status", "--all"],
        &["show"],
        &["next"],
        &["history"],
        &["evolution"],
        &["diff", "proc-001", "1", "2"],
        &["log"],
        &["missing"],
        &["gates"],
        &["check"],
        &["templates"],
        &["templates", "show", "t"],
        &["claim", "s1"],
        &["release", "s1"],
        &["switch", "proc-001"],
        &["step", "s1", "-s", "done"],
        &["list", "--color", "never"],
        &["clone", "proc-001"],
        &["doctor"],
        &["show", "\u{1b}[31m"],
        &["step", "\u{1b}[2J", "-s", "done"],
        &["list", "--cursor", "\u{1b}c"],
        &["templates", "show", "\u{1b}"],
        &["import", "\u{1b}[31m"],
        &["add-step", evil, "--after", "\u{1b}"],
        &["\u{1b}[31m"],
        &["config", "--set", "\u{1b}=1"],
        &["-C", "no/\u{1b}[2J", "list"],
    ] {
        let output = project.run(args);
        for text in [&output.stdout, &output.stderr] {
            let found = text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(found, None, "{args:?}: {output:#?}");
        }
    }
    let step = "    status: completed\n    startedAt";
    let painted = "    status: \"\\e[31mx\\x7f\"\n    startedAt";
    project.edit(".ai/processes/proc-001.yaml", step, painted);
    for args in [&["show"][..], &["add-step", "X"]] {
        let mut args = args.to_vec();
        args.extend(["--process", "proc-001", "--color", "always"]);
        let told = project.run(&args).stderr;
        assert!(
            !told.is_empty() && !told.contains(|c: char| c.is_control() && c != '\n'),
            "{told:?}"
        );
    }
    let listed = project.ok(&["list"]).stdout;
    assert!(!listed.lines().any(|line| line.starts_with("fake")), "{listed}");
    let data = project.data(&["show", "proc-001"]);
    assert_eq!(data["process"]["name"], evil, "programs get the text itself, escaped");
}

#[test]
fn colour_codes_in_a_name_stay_out_of_coloured_output_too() {
    let project = Project::nowhere();
    project.ok(&["init", "--name", "a\u{1b}]52;c;xyz\u{7}b\u{1b}[5mc\u{7f}\u{9b}2J"]);
    for args in [
        &["list"][..],
        &["show"],
        &["status"],
        &["history"],
        &["log"],
        &["show", "--json"],
        &["list", "--json"],
    ] {
        let mut args = args.to_vec();
        args.extend(["--color", "always"]);
        let text = project.ok(&args).stdout;
        let own = text.replace("\u{1b}[0m", "").replace("\u{1b}[1m", "");
        let found = own.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(found, None, "{args:?}: {text:?}");
    }
}

#[test]
fn texts_have_a_limit_and_are_not_empty() {
    let project = Project::with_steps(&["One"]);
    let most = "x".repeat(64 << 10);
    let more = "x".repeat((64 << 10) + 1);
    let before = project.tree();
    for bad in ["", " ", "\n", &more] {
        for args in [
            &["add-step", bad][..],
            &["decide", bad, "C"],
            &["decide", "Q", bad],
            &["risk", bad],
            &["evidence", "note", bad],
            &["evidence", bad, "x"],
            &["version", "--note", bad],
            &["step", "s1", "-s", "done", "--note", bad],
            // An output may be long.
            &["step", "s1", "-s", "done", "--output", if bad.len() > 9 { "" } else { bad }],
            &["claim", "s1", "--by", bad],
            &["init", "--name", bad],
            &["init", "--tag", bad],
            &["clone", "proc-001", "--name", bad],
            &["add-step", "X", "--checks", bad],
        ] {
            let output = project.run(args);
            let shown: String = format!("{args:?}").chars().take(80).collect();
            assert_eq!(output.code, Some(6), "{shown}: {output:#?}");
            assert!(output.stderr.len() < 2000, "an error is short");
        }
    }
    for args in [
        &["add-step", "X", "--description", &more][..],
        &["decide", "Q", "C", "--rationale", &more],
        &["risk", "R", "--mitigation", &more],
        &["init", "--goal", &more],
    ] {
        assert_eq!(project.run(args).code, Some(6), "{}", args[0]);
    }
    assert!(project.tree() == before);

    project.ok(&["add-step", &most, "--description", &most]);
    project.ok(&["decide", &most, &most]);
    project.ok(&["version", "--note", &most]);
    project.ok(&["init", "--name", &most, "--goal", &most]);
    assert_eq!(step(&project.data(&["show", "proc-001"])["process"], "s2")["name"], most.as_str());
    assert!(project.ok(&["list"]).stdout.lines().all(|line| line.chars().count() < 200));
}

#[test]
fn bytes_that_are_no_text_are_a_usage_error() {
    let project = Project::new();
    let bad = OsStr::from_bytes(b"\xff\xfe");
    let before = project.tree();
    for args in [["add-step".as_ref(), bad], ["show".as_ref(), bad], [bad, bad]] {
        let output = project.run(&args);
        assert_eq!(output.code, Some(2), "{output:#?}");
    }
    assert!(project.tree() == before);
}

#[test]
fn a_process_has_at_most_ten_thousand_steps() {
    let steps = |count: usize| format!("name: Big\nsteps:\n{}", "  - {name: s}\n".repeat(count));
    let project =
        Project::with_files(&[("big.yaml", &steps(10_000)), ("more.yaml", &steps(10_001))]);
    project.refused(6, "invalid", &["import", "more.yaml"]);
    assert!(!project.exists(".ai/processes/proc-001.yaml"));
    project.ok(&["import", "big.yaml"]);
    let output = project.run(&["add-step", "One too many", "--process", "proc-001"]);
    assert_eq!(output.code, Some(6), "{}", output.stderr);
}
