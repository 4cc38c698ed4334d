//! Folders that somebody prepared to break whoever looks at them.

use expect_test::expect;

use super::{Project, ai, at, told};
use crate::{disk::Disk, files::doctor::finding::PROBLEMS_MAX};

#[test]
fn links_and_pipes_are_named_and_never_waited_for() {
    let project = Project::new();
    for path in ["processes/proc-001.yaml", "registry.yaml", "versions/proc-001/v1-initial.yaml"] {
        project.disk.remove_file(&ai(path)).expect("a file");
        project.disk.plant_fifo(ai(path));
    }
    project.disk.plant_link(ai("history/proc-003.yaml"));
    project.disk.plant_folder(ai("processes/proc-002.yaml"));
    project.disk.plant_link(ai("templates/mine.yaml"));
    project.disk.plant_fifo("/p/.procside.yaml");
    let found = told(&project.doctor(false));
    expect![[r#"
        error config_invalid .procside.yaml: cannot read `.procside.yaml`: it is a pipe or device
        error template_invalid .ai/templates/mine.yaml: cannot read `.ai/templates/mine.yaml`: it is a link
        error view_not_regular .ai/processes/proc-001.yaml: it is a pipe or device
        error version_corrupt .ai/versions/proc-001/v1-initial.yaml: it is a pipe or device
        error view_not_regular .ai/processes/proc-002.yaml: it is a folder
        error journal_not_regular .ai/history/proc-003.yaml: it is a link
        error registry_corrupt .ai/registry.yaml: it is a pipe or device
    "#]].assert_eq(&found);
    let fixed = told(&project.doctor(true));
    expect![[r#"
        error config_invalid .procside.yaml: cannot read `.procside.yaml`: it is a pipe or device
        error template_invalid .ai/templates/mine.yaml: cannot read `.ai/templates/mine.yaml`: it is a link
        error view_not_regular .ai/processes/proc-001.yaml: it is a pipe or device (fixed)
        error version_corrupt .ai/versions/proc-001/v1-initial.yaml: it is a pipe or device (fixed)
        error view_not_regular .ai/processes/proc-002.yaml: it is a folder (fixed)
        error journal_not_regular .ai/history/proc-003.yaml: it is a link
        error registry_corrupt .ai/registry.yaml: it is a pipe or device (fixed)
        info kept_aside .ai/registry.yaml.corrupt-1: it was kept when `registry.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/processes/proc-002.yaml.corrupt-1: it was kept when `proc-002.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/versions/proc-001/v1-initial.yaml.corrupt-1: it was kept when `v1-initial.yaml` was rebuilt; remove it when nobody needs it
    "#]].assert_eq(&fixed);
}

#[test]
fn a_link_in_place_of_a_derived_folder_is_kept_aside() {
    let project = Project::new();
    project.disk.plant_link(ai("processes"));
    project.disk.plant_fifo(ai("versions"));
    expect![[r#"
        error folder_not_regular .ai/processes: it is a link, not a folder (fixed)
        error folder_not_regular .ai/versions: it is a pipe or device, not a folder (fixed)
        info kept_aside .ai/processes.corrupt-1: it was kept when `processes` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/versions.corrupt-1: it was kept when `versions` was rebuilt; remove it when nobody needs it
        warning view_missing .ai/processes/proc-001.yaml: the process has no file (fixed)
        warning version_missing .ai/versions/proc-001/v1-initial.yaml: version 1 has no file that shows it (fixed)
        warning version_missing .ai/versions/proc-001/v2-steps-known.yaml: version 2 has no file that shows it (fixed)
        warning view_missing .ai/processes/proc-002.yaml: the process has no file (fixed)
        warning version_missing .ai/versions/proc-002/v1-initial.yaml: version 1 has no file that shows it (fixed)
    "#]].assert_eq(&told(&project.doctor(true)));
    assert_eq!(project.process(1).name, "Move");
    expect![[r#"
        info kept_aside .ai/processes.corrupt-1: it was kept when `processes` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/versions.corrupt-1: it was kept when `versions` was rebuilt; remove it when nobody needs it
    "#]].assert_eq(&told(&project.doctor(false)));
}

#[test]
fn a_link_in_place_of_the_journals_stays() {
    let project = Project::new();
    project.disk.plant_link(ai("history"));
    expect![[r#"
        error folder_not_regular .ai/history: it is a link, not a folder
    "#]]
    .assert_eq(&told(&project.doctor(true)));
    let project = Project::empty();
    project.disk.plant_link("/p/.ai");
    expect![[r#"
        error folder_not_regular .ai: it is a link, not a folder
    "#]]
    .assert_eq(&told(&project.doctor(true)));
}

#[test]
fn a_lock_that_cannot_be_taken_leaves_everything_as_it_is() {
    let project = Project::new();
    project.disk.remove_file(&ai("processes/proc-001.yaml")).expect("a file");
    project.disk.remove_file(&ai("registry.yaml.lock.guard")).expect("a file");
    project.disk.plant_link(ai("registry.yaml.lock.guard"));
    expect![[r#"
        error lock_not_regular .ai/registry.yaml.lock.guard: it is a link: nothing can be changed
        warning view_missing .ai/processes/proc-001.yaml: the process has no file
        error lock_unavailable .ai/registry.yaml: cannot lock `/p/.ai/registry.yaml.lock.guard`: it is a link, not a file
    "#]].assert_eq(&told(&project.doctor(true)));
}

#[test]
fn somebody_else_s_lock_is_an_error_of_the_repair_alone() {
    let project = Project::new();
    project.disk.remove_file(&ai("processes/proc-001.yaml")).expect("a file");
    let now = at("2026-02-11T00:00:00Z");
    let _held = project.files.lock().expect("nobody holds it");
    expect![[r#"
        warning view_missing .ai/processes/proc-001.yaml: the process has no file
    "#]]
    .assert_eq(&told(&project.doctor(false)));
    let error = project.files.doctor(&now, "ada", true).err();
    assert_eq!(error.map(|error| error.kind()), Some(crate::ErrorKind::Locked));
}

#[test]
fn the_list_of_problems_is_bounded() {
    let project = Project::new();
    for number in 0..PROBLEMS_MAX + 10 {
        project.plant(&format!("history/x{number}"), "");
    }
    let problems = project.doctor(false);
    assert_eq!(problems.len(), PROBLEMS_MAX + 1);
    assert_eq!(problems.last().map(|problem| problem.code), Some("too_many_problems"));
}
