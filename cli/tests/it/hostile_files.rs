//! Files that were made to hurt: bombs, giants, pipes, links and folders where a file belongs.
//!
//! Whatever stands there, no command hangs, panics, follows it out of the project, or needs long.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::project::{Output, Project, column, finish};

const VIEW: &str = ".ai/processes/proc-001.yaml";
const JOURNAL: &str = ".ai/history/proc-001.yaml";

/// An attack file is refused within this time.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);

/// What is put in the place of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Object {
    Folder,
    Giant,
    Link,
    LinkToItself,
    LinkToNothing,
    Pipe,
}

pub(crate) const OBJECTS: [Object; 6] = [
    Object::Folder,
    Object::Giant,
    Object::Link,
    Object::LinkToItself,
    Object::LinkToNothing,
    Object::Pipe,
];

/// The file outside the project to which links lead.
const OUTSIDE: &str = "outside.yaml";
const OUTSIDE_TEXT: &str = "id: proc-001\nname: From outside\nsteps: []\n";

impl Object {
    pub(crate) fn put(self, project: &Project, path: &str) {
        // The write makes the folder; what it wrote goes.
        project.write(OUTSIDE, OUTSIDE_TEXT);
        project.write(path, "");
        let outside = project.path(OUTSIDE);
        let path = project.path(path);
        let name = path.file_name().unwrap_or_default();
        let inside = path.join("inside");
        let put = fs::remove_file(&path).and_then(|()| match self {
            Self::Folder => fs::create_dir(&path).and_then(|()| fs::write(inside, "kept")),
            Self::Giant => fs::File::create(&path).and_then(|file| file.set_len(1 << 30)),
            Self::Link => symlink(outside, &path),
            Self::LinkToItself => symlink(name, &path),
            Self::LinkToNothing => symlink("no/such/file", &path),
            Self::Pipe => {
                let mode = Mode::RUSR | Mode::WUSR;
                mknodat(CWD, &path, FileType::Fifo, mode, 0).map_err(Into::into)
            }
        });
        put.expect("the folder for temporary files holds objects of every kind");
    }
}

fn project() -> Project {
    let project = Project::with_steps(&["One", "Two"]);
    project.ok(&["init", "--name", "Second"]);
    project.ok(&["switch", "proc-001"]);
    project
}

/// A YAML document that would unfold to billions of items.
pub(crate) fn bomb(head: &str) -> String {
    let mut text = format!("{head}a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..=9 {
        let item = format!("*a{}", level - 1);
        let items = [item.as_str(); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    text.push_str("steps: *a9\n");
    text
}

/// Other texts that are small or middling and cost much where care is not taken.
fn attacks() -> Vec<(&'static str, String)> {
    let pairs: String = (0..20_000).map(|key| format!("k{key}: v\n")).collect();
    vec![
        ("a bomb", bomb("id: proc-001\nname: x\n")),
        ("deep lists", format!("name: {}", "[".repeat(200_000))),
        ("deep maps", format!("name: {}", "{a: ".repeat(100_000))),
        ("deep blocks", (0..3000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect()),
        ("many keys", pairs),
        ("a merge bomb", format!("base: &b {{a: 1}}\nname: x\n{}", "<<: *b\n".repeat(1000))),
        ("many documents", "---\nname: x\n".repeat(50_000)),
        ("a long line", format!("name: {}\n", "x".repeat(8 << 20))),
        ("an anchor of itself", "name: &a [*a]\n".to_owned()),
        ("a tag", "name: !!python/object/apply:os.system [id]\n".to_owned()),
        ("too many steps", format!("name: x\nsteps:\n{}", "  - {name: s}\n".repeat(10_001))),
    ]
}

/// Runs a command until it was quick once; a loaded machine is no slow program.
pub(crate) fn quickly(project: &Project, args: &[&str]) -> Output {
    let mut last = None;
    for _ in 0..3 {
        let start = Instant::now();
        let output = project.run(args);
        let lasted = start.elapsed();
        if lasted < REFUSED_WITHIN {
            return output;
        }
        last = Some(lasted);
    }
    panic!("`procside {}` took {last:?}", args.join(" "));
}

/// Nothing crashed: it exits by itself with a promised code, and an envelope for who asked.
fn check_sane(output: &Output, what: &str) {
    assert!(matches!(output.code, Some(0 | 1 | 3 | 4 | 5 | 6)), "{what}: {output:#?}");
    assert!(!output.stderr.contains("panicked"), "{what}: {output:#?}");
    output.envelope();
}

fn check_outside(project: &Project) {
    assert_eq!(project.read(OUTSIDE), OUTSIDE_TEXT, "a link was followed and written through");
}

const COMMANDS: [&[&str]; 12] = [
    &["list", "--all"],
    &["status"],
    &["status", "--all"],
    &["show", "proc-001"],
    &["history", "proc-001"],
    &["log", "proc-001"],
    &["templates"],
    &["config"],
    &["switch", "proc-002"],
    &["add-step", "X", "--process", "proc-001"],
    &["init", "--name", "Third"],
    &["reindex"],
];

#[test]
fn no_command_hangs_or_panics_whatever_stands_in_the_place_of_any_file() {
    let places = [
        VIEW,
        JOURNAL,
        ".ai/registry.yaml",
        ".ai/history/global.yaml",
        ".ai/versions/proc-001/v1-initial.yaml",
        ".ai/versions/proc-001/v2.yaml",
        ".ai/templates/mine.yaml",
        ".ai/.gitattributes",
        ".ai/process.yaml",
        ".ai/history.yaml",
        ".procside.yaml",
    ];
    let sound = project();
    for place in places {
        for object in OBJECTS {
            let project = Project::copy_of(sound.root());
            object.put(&project, place);
            for args in COMMANDS {
                let mut args = args.to_vec();
                args.push("--json");
                let output = project.run(&args);
                check_sane(&output, &format!("{object:?} at {place}, {}", args.join(" ")));
                check_outside(&project);
                assert!(
                    !output.stdout.contains("From outside"),
                    "{object:?} at {place} was followed"
                );
            }
        }
    }
}

#[test]
fn what_stands_in_the_place_of_a_process_is_kept_and_the_file_rebuilt() {
    for object in OBJECTS {
        let project = project();
        let before = project.process();
        object.put(&project, VIEW);
        assert_eq!(project.process(), before, "{object:?}: the journal's state is shown");
        assert_eq!(project.data(&["list"])["processes"][0]["name"], "Work");
        let output = project.ok(&["add-step", "Three"]);
        assert!(output.stderr.contains("proc-001.yaml.corrupt-1"), "{object:?}: {output:#?}");
        assert!(project.exists(".ai/processes/proc-001.yaml.corrupt-1"), "{object:?}");
        assert!(project.read(VIEW).contains("name: Three"), "{object:?}");
        check_outside(&project);
        if object == Object::Folder {
            assert_eq!(project.read(".ai/processes/proc-001.yaml.corrupt-1/inside"), "kept");
        }
    }
}

#[test]
fn what_stands_in_the_place_of_the_registry_is_no_loss() {
    for object in OBJECTS {
        let project = project();
        object.put(&project, ".ai/registry.yaml");
        let list = project.data(&["list"]);
        assert_eq!(column(&list["processes"], "name"), ["Work", "Second"], "{object:?}");
        assert_eq!(list["active"], "proc-001", "{object:?}");
        let output = project.run(&["add-step", "Three", "--json"]);
        check_sane(&output, "add-step");
        if output.code == Some(0) {
            assert_eq!(project.data(&["list"])["active"], "proc-001", "{object:?}");
        }
        check_outside(&project);
    }
}

#[test]
fn what_stands_in_the_place_of_a_journal_is_one_error_and_nothing_is_touched() {
    for place in [JOURNAL, ".ai/history/global.yaml"] {
        for object in OBJECTS {
            let project = project();
            object.put(&project, place);
            let before = project.content();
            let output = project.run(&["add-step", "X", "--json"]);
            assert!(matches!(output.code, Some(1 | 6)), "{object:?} at {place}: {output:#?}");
            let message =
                output.envelope()["error"]["message"].as_str().unwrap_or_default().to_owned();
            assert!(message.contains(place.trim_start_matches(".ai/")), "{object:?}: {message}");
            assert!(project.content() == before, "{object:?} at {place}");
            if place == JOURNAL {
                project.ok(&["show", "proc-002"]);
                project.ok(&["add-step", "X", "--process", "proc-002"]);
            }
        }
    }
}

#[test]
fn what_stands_in_the_place_of_a_template_is_named_and_the_others_work() {
    for object in OBJECTS {
        let project = project();
        project.ok(&["templates", "new", "proc-001", "--id", "good"]);
        object.put(&project, ".ai/templates/bad.yaml");
        let output = project.ok(&["templates", "--json"]);
        assert!(output.stderr.contains("bad.yaml"), "{object:?}: {output:#?}");
        let templates = output.envelope()["data"]["templates"].clone();
        let ids = column(&templates, "id");
        assert!(ids.contains(&"good".to_owned()) && ids.contains(&"bugfix".to_owned()), "{ids:?}");
        project.ok(&["init", "--template", "good"]);
        let output = project.run(&["init", "--template", "bad", "--json"]);
        assert!(matches!(output.code, Some(3 | 6)), "{object:?}: {output:#?}");
        check_sane(&output, "init");
    }
}

#[test]
fn what_is_imported_must_be_a_file_of_some_size() {
    for object in OBJECTS {
        let project = project();
        object.put(&project, "import.yaml");
        let before = project.content();
        let output = quickly(&project, &["import", "import.yaml", "--json"]);
        check_sane(&output, "import");
        if object != Object::Link {
            // Who names a link to a file on the command line means the file.
            assert_ne!(output.code, Some(0), "{object:?}: {output:#?}");
        }
        if output.code != Some(0) {
            assert!(project.content() == before, "{object:?}");
        }
    }
    if Path::new("/dev/zero").exists() {
        let output = quickly(&project(), &["import", "/dev/zero", "--json"]);
        assert_ne!(output.code, Some(0));
    }
}

#[test]
fn attacks_in_a_process_file_are_kept_out_in_no_time() {
    let sound = project();
    for (name, text) in attacks() {
        let project = Project::copy_of(sound.root());
        project.write(VIEW, &text);
        for args in [&["show", "proc-001", "--json"][..], &["list", "--json"]] {
            let output = quickly(&project, args);
            assert_eq!(output.code, Some(0), "{name}: {output:#?}");
        }
        let output = quickly(&project, &["add-step", "Three", "--json"]);
        check_sane(&output, name);
        assert_eq!(output.code, Some(0), "{name}: {output:#?}");
        assert!(project.read(VIEW).contains("name: Three"), "{name}");
    }
}

#[test]
fn attacks_in_templates_imports_and_configuration_are_refused_in_no_time() {
    let sound = project();
    for (name, text) in attacks() {
        let project = Project::copy_of(sound.root());
        project.write("import.yaml", &text);
        project.write(".ai/templates/bad.yaml", format!("id: bad\n{text}"));
        let before = project.content();
        let output = quickly(&project, &["import", "import.yaml", "--dry-run", "--json"]);
        check_sane(&output, name);
        let output = quickly(&project, &["templates", "--json"]);
        check_sane(&output, name);
        let output = quickly(&project, &["init", "--template", "bad", "--dry-run", "--json"]);
        check_sane(&output, name);
        assert!(project.content() == before, "{name}");
        project.write(".procside.yaml", &text);
        let output = quickly(&project, &["config", "--json"]);
        check_sane(&output, name);
        let output = quickly(&project, &["list", "--json"]);
        check_sane(&output, name);
    }
    for place in [".ai/registry.yaml", JOURNAL, ".ai/history/global.yaml"] {
        for (name, text) in attacks() {
            let project = Project::copy_of(sound.root());
            project.write(place, &text);
            for args in [["list", "--json"], ["show", "--json"]] {
                check_sane(&quickly(&project, &args), name);
            }
        }
    }
}

/// Runs a command that may use this much memory.
pub(crate) fn within(project: &Project, kibibytes: u32, args: &[&str]) -> Output {
    let program = project.command(args);
    let mut shell = std::process::Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("ulimit -v {kibibytes} && exec \"$0\" \"$@\""))
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(project.root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    finish(shell.spawn().expect("there is a shell"), &args.join(" "))
}

#[test]
fn bombs_and_giants_need_less_than_a_hundred_megabytes() {
    const KIBIBYTES: u32 = 100 << 10;
    let sound = project();
    check_sane(&within(&sound, KIBIBYTES, &["list", "--json"]), "without an attack");
    for place in [VIEW, JOURNAL, ".ai/registry.yaml", ".ai/templates/bad.yaml", ".procside.yaml"] {
        let bombed = Project::copy_of(sound.root());
        bombed.write(place, bomb("id: bad\nname: x\n"));
        let giant = Project::copy_of(sound.root());
        Object::Giant.put(&giant, place);
        for args in [&["list", "--json"][..], &["show", "--json"], &["templates", "--json"]] {
            check_sane(&within(&bombed, KIBIBYTES, args), &format!("a bomb at {place}"));
            check_sane(&within(&giant, KIBIBYTES, args), &format!("a giant at {place}"));
        }
    }
    sound.write("bomb.yaml", bomb("name: x\n"));
    let output = within(&sound, KIBIBYTES, &["import", "bomb.yaml", "--json"]);
    assert_eq!(output.code, Some(6), "{output:#?}");
}

#[test]
fn a_bomb_is_refused_by_name() {
    let project = project();
    project.write("import.yaml", bomb("name: x\n"));
    let before = project.content();
    let output = quickly(&project, &["import", "import.yaml", "--json"]);
    assert_eq!(output.code, Some(6), "{output:#?}");
    assert!(project.content() == before);
    project.write(VIEW, bomb("id: proc-001\nname: x\n"));
    assert_eq!(project.process()["name"], "Work");
}

#[test]
fn folders_that_are_no_folders_are_errors() {
    for place in [".ai/processes", ".ai/history", ".ai/versions", ".ai/templates"] {
        let project = project();
        let _ = fs::remove_dir_all(project.path(place));
        project.write(place, "in the way");
        for args in COMMANDS {
            let mut args = args.to_vec();
            args.push("--json");
            check_sane(&project.run(&args), &format!("{place}, {}", args.join(" ")));
        }
        assert_eq!(project.read(place), "in the way");
    }
    let nowhere = Project::with_files(&[(".ai", "in the way")]);
    let output = nowhere.run(&["init", "--json"]);
    check_sane(&output, "init");
    assert_ne!(output.code, Some(0));
    assert_eq!(nowhere.read(".ai"), "in the way");
}

#[test]
fn a_folder_that_leads_out_of_the_project_is_not_written_through() {
    for place in [".ai/processes", ".ai/history", ".ai/versions", ".ai/templates"] {
        let project = project();
        let outside = Project::nowhere();
        let _ = fs::remove_dir_all(project.path(place));
        symlink(outside.root(), project.path(place)).unwrap();
        for args in COMMANDS {
            let mut args = args.to_vec();
            args.push("--json");
            check_sane(&project.run(&args), &format!("{place}, {}", args.join(" ")));
        }
        project.run(&["templates", "new", "proc-001", "--id", "t"]);
        project.run(&["version", "proc-001"]);
        assert!(outside.tree().is_empty(), "{place}: {:?}", outside.tree().keys());
    }
}

#[test]
fn bytes_that_are_no_text_are_kept_out() {
    let project = project();
    project.write(VIEW, [0xff, 0xfe, 0, 0x80]);
    project.ok(&["show"]);
    project.ok(&["add-step", "Three"]);
    let kept = fs::read(project.path(".ai/processes/proc-001.yaml.corrupt-1")).unwrap();
    assert_eq!(kept, [0xff, 0xfe, 0, 0x80]);
    project.write("import.yaml", [0xff, 0xfe, 0, 0x80]);
    project.refused(6, "invalid", &["import", "import.yaml"]);
    project.write(".procside.yaml", [0xff, 0xfe, 0, 0x80]);
    project.ok(&["list"]);
    let output = project.run(&["config", "--json"]);
    assert_eq!(output.code, Some(6), "{output:#?}");
}
