//! The file of a document is a surface that people edit as well.

use super::{PLAN, append, doc, entries, file, update};
use crate::project::Project;

const FILE: &str = ".ai/processes/proc-001.md";

fn planned() -> Project {
    let project = Project::new();
    project.write("plan.md", PLAN);
    project.ok(&["doc", "--set", "plan.md"]);
    project
}

#[test]
fn a_hand_edit_is_shown_at_once_and_taken_in_by_the_next_change() {
    let project = planned();
    project.edit(FILE, "None.", "Some.");
    let edited = PLAN.replace("None.", "Some.");
    assert_eq!(doc(&project), edited);
    assert_eq!(entries(&project), ["1 set"], "reading takes nothing in");
    let diff = project.data(&["diff", "proc-001", "1"])["document"]["lines"].take();
    assert!(diff.as_str().is_some_and(|lines| lines.contains("+Some.")), "{diff}");
    project.ok(&["add-step", "One"]);
    assert_eq!(entries(&project), ["1 set", "2 set"]);
    let list = project.data(&["patches"])["patches"].take();
    assert_eq!(list[1]["by"], "file");
    project.ok(&["undo"]);
    assert_eq!((doc(&project), project.read(FILE)), (PLAN.to_owned(), PLAN.to_owned()));
    project.ok(&["doctor"]);
}

#[test]
fn patches_come_on_top_of_a_hand_edit() {
    let project = planned();
    project.edit(FILE, "None.", "Some.");
    project.ok(&[
        "patch",
        file(&project, &[update("## Risks", "Some.", "Two."), append("## Steps", "- three")]),
    ]);
    let text = PLAN.replace("None.", "Two.").replace("- two\n", "- two\n- three\n");
    assert_eq!((doc(&project), project.read(FILE)), (text.clone(), text));
    assert_eq!(entries(&project), ["1 set", "2 set", "3 patch"]);
}

#[test]
fn a_first_document_may_be_made_by_hand() {
    let project = Project::new();
    project.write(FILE, PLAN);
    assert_eq!(doc(&project), PLAN);
    project.ok(&["patch", file(&project, &[append("## Steps", "- three")])]);
    assert_eq!(doc(&project), PLAN.replace("- two\n", "- two\n- three\n"));
    assert_eq!(entries(&project), ["1 set", "2 patch"]);
}

#[test]
fn an_edit_of_an_older_text_is_brought_to_the_one_of_today() {
    let project = planned();
    // An editor has the files open while somebody else changes the document.
    let (view, old) = (project.read(".ai/processes/proc-001.yaml"), project.read(FILE));
    project.ok(&["patch", file(&project, &[append("## Steps", "- three")])]);
    project.write(".ai/processes/proc-001.yaml", &view);
    project.write(FILE, old.replace("None.", "Some."));
    project.ok(&["add-step", "One"]);
    let text = PLAN.replace("None.", "Some.").replace("- two\n", "- two\n- three\n");
    assert_eq!((doc(&project), project.read(FILE)), (text.clone(), text));
}

#[test]
fn an_edit_that_overlaps_is_kept_beside() {
    let project = planned();
    let (view, old) = (project.read(".ai/processes/proc-001.yaml"), project.read(FILE));
    project.ok(&["patch", file(&project, &[update("## Risks", "None.", "One.")])]);
    project.write(".ai/processes/proc-001.yaml", &view);
    project.write(FILE, old.replace("None.", "Many."));
    let shown = project.ok(&["doc"]);
    assert_eq!(shown.stdout, PLAN.replace("None.", "One."));
    assert!(shown.stderr.contains("proc-001.md"), "{shown:#?}");
    let output = project.ok(&["add-step", "One"]);
    assert!(output.stderr.contains("proc-001.md.rejected-1"), "{output:#?}");
    assert_eq!(project.read(&format!("{FILE}.rejected-1")), PLAN.replace("None.", "Many."));
    assert_eq!(project.read(FILE), PLAN.replace("None.", "One."));
    assert_eq!(entries(&project), ["1 set", "2 patch"]);
}

#[test]
fn a_file_that_is_lost_or_none_is_made_anew() {
    let project = planned();
    std::fs::remove_file(project.path(FILE)).expect("it is there");
    assert_eq!(doc(&project), PLAN);
    project.ok(&["add-step", "One"]);
    assert_eq!(project.read(FILE), PLAN);
    project.write(FILE, b"\xff\xfe");
    assert_eq!(doc(&project), PLAN);
    project.ok(&["add-step", "Two"]);
    assert_eq!(project.read(FILE), PLAN);
    assert!(project.exists(&format!("{FILE}.corrupt-1")));
    std::fs::remove_file(project.path(FILE)).expect("it is there");
    std::os::unix::fs::symlink("/etc/hostname", project.path(FILE)).expect("a link can be made");
    assert_eq!(doc(&project), PLAN);
    project.ok(&["add-step", "Three"]);
    assert_eq!(project.read(FILE), PLAN);
    assert_eq!(entries(&project), ["1 set"]);
}

#[test]
fn an_edit_of_an_archived_document_is_kept_beside() {
    let project = planned();
    project.ok(&["archive"]);
    let archived = ".ai/processes/archived/proc-001.md";
    project.write(archived, PLAN.replace("None.", "Some."));
    project.ok(&["restore", "proc-001"]);
    assert_eq!(doc(&project), PLAN);
    assert!(project.exists(&format!("{archived}.rejected-1")));
}
