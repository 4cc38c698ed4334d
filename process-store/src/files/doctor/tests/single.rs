//! One thing is wrong at a time.

use expect_test::{Expect, expect};
use process_core::{Process, Uid, definition, model::Defaults};
use process_engine::{Execution, Input, StartRun};

use super::{Project, ai, heal, told};
use crate::disk::Disk;

/// Damages a sound project, and says what is found, what a repair says, and what is left.
fn check(damage: impl FnOnce(&Project), expected: Expect) {
    let project = Project::new();
    damage(&project);
    let (found, fixed, after) = heal(&project);
    expected.assert_eq(&format!("{found}fix:\n{fixed}then:\n{after}"));
}

/// Replaces a part of a file.
fn edit(project: &Project, path: &str, from: &str, to: &str) {
    let text = project.text(path);
    assert!(text.contains(from), "{text}");
    project.plant(path, &text.replacen(from, to, 1));
}

const VIEW: &str = "processes/proc-001.yaml";
const JOURNAL: &str = "history/proc-001.yaml";

#[test]
fn a_torn_tail_is_cut_off() {
    let damage = |project: &Project| {
        project.plant(JOURNAL, &format!("{}- {{\"seq\":6,\"at\":", project.text(JOURNAL)));
    };
    check(
        damage,
        expect![[r#"
        info journal_torn_tail .ai/history/proc-001.yaml: its last 16 bytes are of a write that never ended, or that goes on
        fix:
        info journal_torn_tail .ai/history/proc-001.yaml: its last 16 bytes are of a write that never ended, or that goes on (fixed)
        info kept_aside .ai/history/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/history/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
}

#[test]
fn a_broken_line_stays_for_a_person() {
    check(
        |project| edit(project, JOURNAL, "Pack", "Park"),
        expect![[r#"
        error journal_corrupt .ai/history/proc-001.yaml: history/proc-001.yaml: line 3: the checksum does not fit: the line or one before it was changed
        fix:
        error journal_corrupt .ai/history/proc-001.yaml: history/proc-001.yaml: line 3: the checksum does not fit: the line or one before it was changed
        then:
        error journal_corrupt .ai/history/proc-001.yaml: history/proc-001.yaml: line 3: the checksum does not fit: the line or one before it was changed
    "#]],
    );
    let damage = |project: &Project| edit(project, "history/global.yaml", "ada", "bob");
    check(
        damage,
        expect![[r#"
        error journal_corrupt .ai/history/global.yaml: history/global.yaml: line 1: the checksum does not fit: the line or one before it was changed
        fix:
        error journal_corrupt .ai/history/global.yaml: history/global.yaml: line 1: the checksum does not fit: the line or one before it was changed
        then:
        error journal_corrupt .ai/history/global.yaml: history/global.yaml: line 1: the checksum does not fit: the line or one before it was changed
    "#]],
    );
}

#[test]
fn conflict_markers_in_a_journal_are_dropped() {
    let damage = |project: &Project| {
        let text = project.text(JOURNAL);
        let marked: String = text
            .lines()
            .enumerate()
            .map(|(index, line)| match index {
                2 => format!("<<<<<<< ours\n{line}\n=======\n>>>>>>> theirs\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        project.plant(JOURNAL, &marked);
    };
    check(
        damage,
        expect![[r#"
        error journal_conflict_markers .ai/history/proc-001.yaml: line 3: a Git conflict marker; 3 such lines in all
        fix:
        error journal_conflict_markers .ai/history/proc-001.yaml: line 3: a Git conflict marker; 3 such lines in all (fixed)
        info kept_aside .ai/history/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/history/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
}

#[test]
fn a_newer_journal_and_a_strange_event_are_left_alone() {
    let rewrite = |project: &Project, from: &str, to: &str| {
        let text = project.text(JOURNAL);
        let values: Vec<(serde_json::Value, bool)> = text
            .lines()
            .map(|line| serde_json::from_str(&line[2..].replace(from, to)).expect("JSON"))
            .map(|mut event: serde_json::Value| {
                event.as_object_mut().expect("a map").remove("sum");
                let more = event.as_object_mut().expect("a map").remove("more").is_some();
                (event, more)
            })
            .collect();
        let text = crate::journal::chained(&ai(JOURNAL), &values).expect("short events");
        project.plant(JOURNAL, &text);
    };
    check(
        |project| rewrite(project, "\"format\":1", "\"format\":99"),
        expect![[r#"
        error journal_too_new .ai/history/proc-001.yaml: history/proc-001.yaml: line 1: journal format 99 is newer than 1: use a newer procside
        fix:
        error journal_too_new .ai/history/proc-001.yaml: history/proc-001.yaml: line 1: journal format 99 is newer than 1: use a newer procside
        then:
        error journal_too_new .ai/history/proc-001.yaml: history/proc-001.yaml: line 1: journal format 99 is newer than 1: use a newer procside
    "#]],
    );
    check(
        |project| rewrite(project, "step_added", "step_painted"),
        expect![[r#"
            error journal_bad_event .ai/history/proc-001.yaml: history/proc-001.yaml: line 3: unknown variant `step_painted`, expected one of `archived`, `created`, `decision_recorded`, `document_changed`, `edited`, `evidence_recorded`, `imported`, `legacy_recorded`, `process_completed`, `process_failed`, `process_patched`, `process_reopened`, `process_started`, `restored`, `risk_recorded`, `step_added`, `step_cancelled`, `step_claimed`, `step_completed`, `step_edited`, `step_failed`, `step_moved`, `step_output_added`, `step_released`, `step_removed`, `step_reset`, `step_skipped`, `step_started`, `step_waiting`, `superseded`, `unarchived`, `version_imported`, `versioned`
            fix:
            error journal_bad_event .ai/history/proc-001.yaml: history/proc-001.yaml: line 3: unknown variant `step_painted`, expected one of `archived`, `created`, `decision_recorded`, `document_changed`, `edited`, `evidence_recorded`, `imported`, `legacy_recorded`, `process_completed`, `process_failed`, `process_patched`, `process_reopened`, `process_started`, `restored`, `risk_recorded`, `step_added`, `step_cancelled`, `step_claimed`, `step_completed`, `step_edited`, `step_failed`, `step_moved`, `step_output_added`, `step_released`, `step_removed`, `step_reset`, `step_skipped`, `step_started`, `step_waiting`, `superseded`, `unarchived`, `version_imported`, `versioned`
            then:
            error journal_bad_event .ai/history/proc-001.yaml: history/proc-001.yaml: line 3: unknown variant `step_painted`, expected one of `archived`, `created`, `decision_recorded`, `document_changed`, `edited`, `evidence_recorded`, `imported`, `legacy_recorded`, `process_completed`, `process_failed`, `process_patched`, `process_reopened`, `process_started`, `restored`, `risk_recorded`, `step_added`, `step_cancelled`, `step_claimed`, `step_completed`, `step_edited`, `step_failed`, `step_moved`, `step_output_added`, `step_released`, `step_removed`, `step_reset`, `step_skipped`, `step_started`, `step_waiting`, `superseded`, `unarchived`, `version_imported`, `versioned`
        "#]],
    );
}

#[test]
fn what_is_derived_is_written_anew() {
    let remove = |path: &'static str| {
        move |project: &Project| project.disk.remove_file(&ai(path)).expect("a file")
    };
    check(
        remove(VIEW),
        expect![[r#"
        warning view_missing .ai/processes/proc-001.yaml: the process has no file
        fix:
        warning view_missing .ai/processes/proc-001.yaml: the process has no file (fixed)
        then:
    "#]],
    );
    check(
        remove("registry.yaml"),
        expect![[r#"
        warning registry_missing .ai/registry.yaml: there is no registry
        fix:
        warning registry_missing .ai/registry.yaml: there is no registry (fixed)
        then:
    "#]],
    );
    check(
        remove("versions/proc-001/v2-steps-known.yaml"),
        expect![[r#"
        warning version_missing .ai/versions/proc-001/v2-steps-known.yaml: version 2 has no file that shows it
        fix:
        warning version_missing .ai/versions/proc-001/v2-steps-known.yaml: version 2 has no file that shows it (fixed)
        then:
    "#]],
    );
    check(
        remove(".gitattributes"),
        expect![[r#"
        info gitattributes_missing .ai/.gitattributes: Git is not told to keep both sides of journals
        fix:
        info gitattributes_missing .ai/.gitattributes: Git is not told to keep both sides of journals (fixed)
        then:
    "#]],
    );
}

#[test]
fn a_view_is_held_against_the_journal() {
    let stale = |project: &Project| {
        let (view, registry) = (project.text(VIEW), project.text("registry.yaml"));
        project.change(1, "2026-02-10T10:00:00.000Z", vec![super::step("Unpack")]);
        project.plant(VIEW, &view);
        project.plant("registry.yaml", &registry);
    };
    check(
        stale,
        expect![[r#"
        warning view_stale .ai/processes/proc-001.yaml: it does not show the journal's end, revision 6
        warning registry_stale .ai/registry.yaml: it shows another revision of proc-001 than its journal
        fix:
        warning view_stale .ai/processes/proc-001.yaml: it does not show the journal's end, revision 6 (fixed)
        warning registry_stale .ai/registry.yaml: it shows another revision of proc-001 than its journal (fixed)
        then:
    "#]],
    );
    check(
        |project| edit(project, VIEW, "name: Pack", "name: Wrap"),
        expect![[r#"
        info view_edited .ai/processes/proc-001.yaml: it was edited by hand; the next change takes that in
        fix:
        info view_edited .ai/processes/proc-001.yaml: it was edited by hand; the next change takes that in (fixed)
        then:
    "#]],
    );
    check(
        |project| edit(project, VIEW, "status: pending", "status: lost"),
        expect![[r#"
        error view_invalid .ai/processes/proc-001.yaml: line 11: step `s1` has the unknown status "lost"
        fix:
        error view_invalid .ai/processes/proc-001.yaml: line 11: step `s1` has the unknown status "lost" (fixed)
        info kept_aside .ai/processes/proc-001.yaml.rejected-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/processes/proc-001.yaml.rejected-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
    check(
        |project| edit(project, VIEW, "id: proc-001", "id: proc-009"),
        expect![[r#"
        error id_mismatch .ai/processes/proc-001.yaml: line 1: `id` is "proc-009", but this is the place of proc-001
        fix:
        error id_mismatch .ai/processes/proc-001.yaml: line 1: `id` is "proc-009", but this is the place of proc-001 (fixed)
        info kept_aside .ai/processes/proc-001.yaml.rejected-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/processes/proc-001.yaml.rejected-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
    check(
        |project| edit(project, VIEW, "uid: 0", "uid: 1"),
        expect![[r#"
        error view_invalid .ai/processes/proc-001.yaml: its edit cannot be taken: `uid` cannot be changed
        fix:
        error view_invalid .ai/processes/proc-001.yaml: its edit cannot be taken: `uid` cannot be changed (fixed)
        info kept_aside .ai/processes/proc-001.yaml.rejected-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/processes/proc-001.yaml.rejected-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
    check(
        |project| edit(project, VIEW, "name: Pack", "name: [Pack"),
        expect![[r#"
        error view_corrupt .ai/processes/proc-001.yaml: line 8: illegal placement of ':' indicator
        fix:
        error view_corrupt .ai/processes/proc-001.yaml: line 8: illegal placement of ':' indicator (fixed)
        info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
    let marked = "<<<<<<< ours\nname: Move\n=======\nname: Go\n>>>>>>> theirs\n";
    check(
        |project| edit(project, VIEW, "name: Move\n", marked),
        expect![[r#"
        error view_corrupt .ai/processes/proc-001.yaml: line 2: an unresolved merge conflict
        fix:
        error view_corrupt .ai/processes/proc-001.yaml: line 2: an unresolved merge conflict (fixed)
        info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
}

#[test]
fn a_view_in_the_wrong_folder_is_moved() {
    let away = ai("processes/archived/proc-001.yaml");
    let misplaced = |project: &Project| {
        project.disk.plant(&away, project.text(VIEW));
        project.disk.remove_file(&ai(VIEW)).expect("a file");
    };
    check(
        misplaced,
        expect![[r#"
        warning view_misplaced .ai/processes/archived/proc-001.yaml: it belongs to `.ai/processes/proc-001.yaml`
        fix:
        warning view_misplaced .ai/processes/archived/proc-001.yaml: it belongs to `.ai/processes/proc-001.yaml` (fixed)
        then:
    "#]],
    );
    check(
        |project| project.disk.plant(&away, project.text(VIEW)),
        expect![[r#"
        warning view_twice .ai/processes/archived/proc-001.yaml: a second file of proc-001, beside `.ai/processes/proc-001.yaml`
        fix:
        warning view_twice .ai/processes/archived/proc-001.yaml: a second file of proc-001, beside `.ai/processes/proc-001.yaml` (fixed)
        info kept_aside .ai/processes/archived/proc-001.yaml.rejected-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/processes/archived/proc-001.yaml.rejected-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
}

#[test]
fn files_without_a_journal_are_not_taken_in_by_the_doctor() {
    let damage = |project: &Project| {
        project.plant("processes/proc-007.yaml", "name: Foreign\n");
        project.plant("processes/proc-008.yaml", "name: [\n");
        project.plant("processes/proc-009.yaml", "goal: none\nid: proc-001\n");
        project.plant("versions/proc-009/v1.yaml", "version: none\n");
        project.plant("history/proc-010.yaml", "entries: []\n");
        project.plant("history/proc-011.yaml", "");
    };
    check(
        damage,
        expect![[r#"
        info view_without_journal .ai/processes/proc-007.yaml: it has no journal yet; the first change of the process makes one
        error view_corrupt .ai/processes/proc-008.yaml: line 1: unclosed bracket '['
        error id_mismatch .ai/processes/proc-009.yaml: line 2: `id` is "proc-001", but this is the place of proc-009
        error view_invalid .ai/processes/proc-009.yaml: line 1: a process has no `name`
        error version_corrupt .ai/versions/proc-009/v1.yaml: line 1: `version` of a version must be a whole number of zero or more, not text
        info journal_foreign .ai/history/proc-010.yaml: another program's history; the first change of the process takes it in
        info journal_empty .ai/history/proc-011.yaml: it holds no event
        fix:
        info view_without_journal .ai/processes/proc-007.yaml: it has no journal yet; the first change of the process makes one
        error view_corrupt .ai/processes/proc-008.yaml: line 1: unclosed bracket '['
        error id_mismatch .ai/processes/proc-009.yaml: line 2: `id` is "proc-001", but this is the place of proc-009
        error view_invalid .ai/processes/proc-009.yaml: line 1: a process has no `name`
        error version_corrupt .ai/versions/proc-009/v1.yaml: line 1: `version` of a version must be a whole number of zero or more, not text
        info journal_foreign .ai/history/proc-010.yaml: another program's history; the first change of the process takes it in
        info journal_empty .ai/history/proc-011.yaml: it holds no event
        then:
        info view_without_journal .ai/processes/proc-007.yaml: it has no journal yet; the first change of the process makes one
        error view_corrupt .ai/processes/proc-008.yaml: line 1: unclosed bracket '['
        error id_mismatch .ai/processes/proc-009.yaml: line 2: `id` is "proc-001", but this is the place of proc-009
        error view_invalid .ai/processes/proc-009.yaml: line 1: a process has no `name`
        error version_corrupt .ai/versions/proc-009/v1.yaml: line 1: `version` of a version must be a whole number of zero or more, not text
        info journal_foreign .ai/history/proc-010.yaml: another program's history; the first change of the process takes it in
        info journal_empty .ai/history/proc-011.yaml: it holds no event
    "#]],
    );
}

#[test]
fn two_processes_with_one_uid_are_told() {
    let damage = |project: &Project| {
        project.plant("history/proc-003.yaml", &project.text(JOURNAL));
        let journal = project.text(JOURNAL).replace("proc-001", "proc-004");
        let values: Vec<(serde_json::Value, bool)> = journal
            .lines()
            .map(|line| (serde_json::from_str(&line[2..]).expect("JSON"), false))
            .map(|(mut event, more): (serde_json::Value, bool)| {
                event.as_object_mut().expect("a map").remove("sum");
                event.as_object_mut().expect("a map").remove("more");
                (event, more)
            })
            .collect();
        let text = crate::journal::chained(&ai(JOURNAL), &values).expect("short events");
        project.plant("history/proc-004.yaml", &text);
    };
    check(
        damage,
        expect![[r#"
        error id_mismatch .ai/history/proc-003.yaml: it is the journal of proc-001, not of proc-003
        warning view_missing .ai/processes/proc-004.yaml: the process has no file
        warning version_missing .ai/versions/proc-004/v1-initial.yaml: version 1 has no file that shows it
        warning version_missing .ai/versions/proc-004/v2-steps-known.yaml: version 2 has no file that shows it
        error uid_twice .ai/history/proc-004.yaml: it has the uid UID, as proc-001 has
        warning registry_stale .ai/registry.yaml: proc-004 is not listed
        fix:
        error id_mismatch .ai/history/proc-003.yaml: it is the journal of proc-001, not of proc-003
        warning view_missing .ai/processes/proc-004.yaml: the process has no file (fixed)
        warning version_missing .ai/versions/proc-004/v1-initial.yaml: version 1 has no file that shows it (fixed)
        warning version_missing .ai/versions/proc-004/v2-steps-known.yaml: version 2 has no file that shows it (fixed)
        error uid_twice .ai/history/proc-004.yaml: it has the uid UID, as proc-001 has
        warning registry_stale .ai/registry.yaml: proc-004 is not listed (fixed)
        then:
        error id_mismatch .ai/history/proc-003.yaml: it is the journal of proc-001, not of proc-003
        error uid_twice .ai/history/proc-004.yaml: it has the uid UID, as proc-001 has
    "#]],
    );
}

#[test]
fn the_registry_is_held_against_the_journals() {
    let registry = "registry.yaml";
    check(
        |project| edit(project, registry, "name: Move", "name: Stay"),
        expect![[r#"
        warning registry_stale .ai/registry.yaml: it shows another name of proc-001 than its journal
        fix:
        warning registry_stale .ai/registry.yaml: it shows another name of proc-001 than its journal (fixed)
        then:
    "#]],
    );
    let active = "activeProcessId: proc-00";
    check(
        |project| edit(project, registry, &format!("{active}2"), &format!("{active}1")),
        expect![[r#"
        warning registry_stale .ai/registry.yaml: it says that the active process is proc-001, the journal proc-002
        fix:
        warning registry_stale .ai/registry.yaml: it says that the active process is proc-001, the journal proc-002 (fixed)
        then:
    "#]],
    );
    let unknown = "processes:\n  - id: proc-077\n    name: Ghost\n    status: planned\n";
    check(
        |project| edit(project, registry, "processes:\n", unknown),
        expect![[r#"
        warning registry_unknown_process .ai/registry.yaml: proc-077 is listed and has neither journal nor file
        fix:
        warning registry_unknown_process .ai/registry.yaml: proc-077 is listed and has neither journal nor file (fixed)
        then:
    "#]],
    );
    check(
        |project| edit(project, registry, "processes:", "<<<<<<< ours\nprocesses:"),
        expect![[r#"
        error registry_corrupt .ai/registry.yaml: line 4: an unresolved merge conflict
        fix:
        error registry_corrupt .ai/registry.yaml: line 4: an unresolved merge conflict (fixed)
        info kept_aside .ai/registry.yaml.corrupt-1: it was kept when `registry.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/registry.yaml.corrupt-1: it was kept when `registry.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
    check(
        |project| project.plant(registry, ""),
        expect![[r#"
        warning registry_missing .ai/registry.yaml: the registry is empty
        fix:
        warning registry_missing .ai/registry.yaml: the registry is empty (fixed)
        then:
    "#]],
    );
    check(
        |project| edit(project, registry, "version: 1", "version: 9"),
        expect![[r#"
        error registry_too_new .ai/registry.yaml: it is from a newer version: use a newer procside
        fix:
        error registry_too_new .ai/registry.yaml: it is from a newer version: use a newer procside
        then:
        error registry_too_new .ai/registry.yaml: it is from a newer version: use a newer procside
    "#]],
    );
}

#[test]
fn version_files_are_held_against_the_journal() {
    let file = "versions/proc-001/v2-steps-known.yaml";
    check(
        |project| edit(project, file, "name: Pack", "name: Wrap"),
        expect![[r#"
        warning version_changed .ai/versions/proc-001/v2-steps-known.yaml: `process` is not what the journal says of version 2
        fix:
        warning version_changed .ai/versions/proc-001/v2-steps-known.yaml: `process` is not what the journal says of version 2 (fixed)
        info kept_aside .ai/versions/proc-001/v2-steps-known.yaml.rejected-1: it was kept when `v2-steps-known.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/versions/proc-001/v2-steps-known.yaml.rejected-1: it was kept when `v2-steps-known.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
    check(
        |project| project.plant(file, "<<<<<<< ours\n"),
        expect![[r#"
        error version_corrupt .ai/versions/proc-001/v2-steps-known.yaml: line 1: an unresolved merge conflict
        fix:
        error version_corrupt .ai/versions/proc-001/v2-steps-known.yaml: line 1: an unresolved merge conflict (fixed)
        info kept_aside .ai/versions/proc-001/v2-steps-known.yaml.corrupt-1: it was kept when `v2-steps-known.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/versions/proc-001/v2-steps-known.yaml.corrupt-1: it was kept when `v2-steps-known.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
    check(
        |project| project.plant(file, ""),
        expect![[r#"
        error version_corrupt .ai/versions/proc-001/v2-steps-known.yaml: it is empty
        fix:
        error version_corrupt .ai/versions/proc-001/v2-steps-known.yaml: it is empty (fixed)
        info kept_aside .ai/versions/proc-001/v2-steps-known.yaml.corrupt-1: it was kept when `v2-steps-known.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/versions/proc-001/v2-steps-known.yaml.corrupt-1: it was kept when `v2-steps-known.yaml` was rebuilt; remove it when nobody needs it
    "#]],
    );
    let unknown = |project: &Project| {
        project.plant("versions/proc-001/v9-later.yaml", &project.text(file));
        project.plant("versions/proc-066/v1-initial.yaml", &project.text(file));
    };
    check(
        unknown,
        expect![[r#"
        info version_unknown .ai/versions/proc-066: there is no process proc-066
        info version_unknown .ai/versions/proc-001/v9-later.yaml: the journal has no version 9
        fix:
        info version_unknown .ai/versions/proc-066: there is no process proc-066
        info version_unknown .ai/versions/proc-001/v9-later.yaml: the journal has no version 9
        then:
        info version_unknown .ai/versions/proc-066: there is no process proc-066
        info version_unknown .ai/versions/proc-001/v9-later.yaml: the journal has no version 9
    "#]],
    );
}

#[test]
fn left_over_and_unknown_files_are_named() {
    let damage = |project: &Project| {
        project.plant("processes/.proc-001.yaml.tmp-12-3", "half");
        project.disk.plant("/p/..procside.yaml.tmp-12-3", "half");
        project.plant("processes/proc-001.yaml.corrupt-1", "old");
        project.plant("processes/proc-01.yaml", "name: x\n");
        project.plant("processes/proc-001.md", "# Guide\n");
        project.plant("history/.gitkeep", "");
        project.plant("history/notes.txt", "x");
        project.plant("versions/proc-001/readme.md", "x");
    };
    check(
        damage,
        expect![[r#"
            info leftover_temporary ..procside.yaml.tmp-12-3: a write that never ended left it, or one that goes on
            info leftover_temporary .ai/processes/.proc-001.yaml.tmp-12-3: a write that never ended left it, or one that goes on
            info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
            info unknown_file .ai/processes/proc-01.yaml: it belongs to no process
            info unknown_file .ai/history/notes.txt: it belongs to no process
            info view_edited .ai/processes/proc-001.md: it was edited by hand; the next change takes that in
            info unknown_file .ai/versions/proc-001/readme.md: it belongs to no process
            fix:
            info leftover_temporary ..procside.yaml.tmp-12-3: a write that never ended left it, or one that goes on (fixed)
            info leftover_temporary .ai/processes/.proc-001.yaml.tmp-12-3: a write that never ended left it, or one that goes on (fixed)
            info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
            info unknown_file .ai/processes/proc-01.yaml: it belongs to no process
            info unknown_file .ai/history/notes.txt: it belongs to no process
            info view_edited .ai/processes/proc-001.md: it was edited by hand; the next change takes that in (fixed)
            info unknown_file .ai/versions/proc-001/readme.md: it belongs to no process
            then:
            info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
            info unknown_file .ai/processes/proc-01.yaml: it belongs to no process
            info unknown_file .ai/history/notes.txt: it belongs to no process
            info unknown_file .ai/versions/proc-001/readme.md: it belongs to no process
        "#]],
    );
}

#[test]
fn configuration_and_templates_are_read() {
    let damage = |project: &Project| {
        project.disk.plant("/p/.procside.yaml", "gates: [\n");
        project
            .plant("templates/mine.yaml", "id: mine\n<<<<<<< ours\nname: a\n=======\n>>>>>>> b\n");
        project.plant("templates/other.yaml", "id: other\nsteps: 7\n");
    };
    check(
        damage,
        expect![[r#"
        error config_invalid .procside.yaml: cannot read `.procside.yaml`: line 1: unclosed bracket '['
        error template_invalid .ai/templates/mine.yaml: cannot read `.ai/templates/mine.yaml`: line 2: an unresolved merge conflict
        error template_invalid .ai/templates/other.yaml: cannot read `.ai/templates/other.yaml`: line 2: `steps` of a template must be a list, not a number
        fix:
        error config_invalid .procside.yaml: cannot read `.procside.yaml`: line 1: unclosed bracket '['
        error template_invalid .ai/templates/mine.yaml: cannot read `.ai/templates/mine.yaml`: line 2: an unresolved merge conflict
        error template_invalid .ai/templates/other.yaml: cannot read `.ai/templates/other.yaml`: line 2: `steps` of a template must be a list, not a number
        then:
        error config_invalid .procside.yaml: cannot read `.procside.yaml`: line 1: unclosed bracket '['
        error template_invalid .ai/templates/mine.yaml: cannot read `.ai/templates/mine.yaml`: line 2: an unresolved merge conflict
        error template_invalid .ai/templates/other.yaml: cannot read `.ai/templates/other.yaml`: line 2: `steps` of a template must be a list, not a number
    "#]],
    );
}

#[test]
fn the_layout_for_a_single_process_is_migrated() {
    let project = Project::empty();
    project
        .plant("process.yaml", "id: my-feature\nname: Feature\nsteps:\n  - id: s1\n    name: A\n");
    let (found, fixed, after) = heal(&project);
    expect![[r#"
        info gitattributes_missing .ai/.gitattributes: Git is not told to keep both sides of journals
        info legacy_layout .ai/process.yaml: the layout for a single process; the next command migrates it
        fix:
        info gitattributes_missing .ai/.gitattributes: Git is not told to keep both sides of journals (fixed)
        info legacy_layout .ai/process.yaml: the layout for a single process; the next command migrates it (fixed)
        warning registry_missing .ai/registry.yaml: there is no registry (fixed)
        then:
    "#]].assert_eq(&format!("{found}fix:\n{fixed}then:\n{after}"));
    assert_eq!(project.process(1).name, "Feature");

    let project = Project::empty();
    project.plant("process.yaml", "name: [\n");
    project.plant("history.yaml", "entries: 7\n");
    expect![[r#"
        info gitattributes_missing .ai/.gitattributes: Git is not told to keep both sides of journals (fixed)
        error legacy_invalid .ai/process.yaml: cannot read `.ai/process.yaml`: line 1: unclosed bracket '['
        error legacy_invalid .ai/history.yaml: cannot read `.ai/history.yaml`: it holds no list of entries
    "#]].assert_eq(&told(&project.doctor(true)));
}

#[test]
fn a_stale_lock_is_told_and_replaced() {
    let gone = "1\n{\"version\":1,\"pid\":1,\"boot_id\":\"x\",\"since\":\"\",\"nonce\":1}\n";
    let identity = crate::lock::Identity::of_this_process();
    let gone = gone.replace(
        "\"boot_id\"",
        &format!(
            "\"host\":{},\"pid_namespace\":{},\"boot_id\"",
            serde_json::json!(identity.host),
            serde_json::json!(identity.pid_namespace)
        ),
    );
    check(
        |project| project.plant("registry.yaml.lock", &gone),
        expect![[r#"
        warning lock_stale .ai/registry.yaml.lock: process 1 left it and is gone; the next holder replaces it
        fix:
        warning lock_stale .ai/registry.yaml.lock: process 1 left it and is gone; the next holder replaces it (fixed)
        then:
    "#]],
    );
    let project = Project::new();
    project.plant("registry.yaml.lock", "");
    expect![[r#"
        warning lock_foreign .ai/registry.yaml.lock: it names no holder; it is taken over when it is older than 30 s
    "#]].assert_eq(&told(&project.doctor(false)));
}

#[test]
fn an_archived_process_is_sound() {
    let project = Project::new();
    project.change(1, "2026-02-10T10:00:00.000Z", vec![Input::Archive]);
    assert_eq!(told(&project.doctor(false)), "");
}

#[test]
fn reindex_writes_the_registry_whatever_it_says() {
    let project = Project::new();
    let sound = project.text("registry.yaml");
    edit(&project, "registry.yaml", "name: Move", "name: Stay");
    let now = super::at("2026-02-11T00:00:00Z");
    assert_eq!(project.files.reindex(&now, "ada").expect("a project"), 2);
    assert_eq!(project.text("registry.yaml"), sound);
    project.plant("registry.yaml", "{{");
    assert_eq!(project.files.reindex(&now, "ada").expect("a project"), 2);
    assert_eq!(project.text("registry.yaml.corrupt-1"), "{{");
    assert_eq!(told(&project.doctor(false)).lines().count(), 1);
}

#[test]
fn an_edit_that_was_taken_in_already_is_no_edit() {
    let project = Project::new();
    edit(&project, VIEW, "name: Pack", "name: Wrap");
    let edited = project.text(VIEW);
    project.change(1, "2026-02-10T10:00:00.000Z", vec![Input::Archive]);
    project.plant("processes/archived/proc-001.yaml", &edited);
    expect![[r#"
        warning view_stale .ai/processes/archived/proc-001.yaml: it does not show the journal's end, revision 7
    "#]].assert_eq(&told(&project.doctor(false)));
}

/// E16.3: the first event alone, of a start that says more, leaves nothing open.
#[test]
fn a_process_that_nothing_will_move_is_told() {
    let damage = |project: &Project| {
        let now = super::at("2026-02-10T09:00:00.000Z");
        let read = definition::read_text("name: t\nsteps: [{id: a}]\n").expect("YAML");
        let uid = Uid::from_u128(9);
        let defaults = Defaults { id: super::id(3), uid, now: now.clone() };
        let start = StartRun {
            definition: std::sync::Arc::new(read.definition.expect("a definition")),
            process: Some(Box::new(Process::new(defaults, "t", ""))),
            input: serde_json::json!({}),
            trigger: serde_json::json!({}),
            seed: 0,
            key: None,
            parent: None,
            limit: None,
            stop_grace: std::time::Duration::ZERO,
        };
        let events = Execution::default().decide(&now, "ada", Input::Start(Box::new(start)));
        let events = events.expect("a start");
        let path = ai("history/proc-003.yaml");
        let lines = [events[0].to_value()];
        let (text, _) = crate::journal::whole(&path, &lines).expect("a short event");
        project.plant("history/proc-003.yaml", &text);
    };
    let project = Project::new();
    damage(&project);
    let told: Vec<_> = project.doctor(false).into_iter().map(|problem| problem.code).collect();
    assert!(told.contains(&"process_stuck"), "{told:?}");
}
