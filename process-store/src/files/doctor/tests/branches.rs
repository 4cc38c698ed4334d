//! Two branches of one project, merged by Git.

use expect_test::expect;
use process_core::{RegistryFact, StepId, StepStatus};
use process_engine::Input;

use super::{Project, ai, heal, id, step, told};

/// Merges two sides as `merge=union` does: what both have, then what each added.
fn union(base: &str, ours: &str, theirs: &str) -> String {
    let added = |side: &str| side.strip_prefix(base).expect("a journal only grows").to_owned();
    format!("{base}{}{}", added(ours), added(theirs))
}

/// Merges as Git does without the attribute.
fn conflict(base: &str, ours: &str, theirs: &str) -> String {
    let added = |side: &str| side.strip_prefix(base).unwrap_or(side).to_owned();
    let (ours, theirs) = (added(ours), added(theirs));
    format!("{base}<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> topic\n")
}

fn set(step: &str, status: StepStatus) -> Input {
    let step = StepId::parse(step).expect("a step id");
    Input::SetStepStatus { step, status, outputs: vec![], note: None }
}

/// A project and two branches of it that both worked on its first process.
fn forked() -> (Project, Project, Project) {
    let base = Project::new();
    let (ours, theirs) = (base.branch(), base.branch());
    ours.change(1, "2026-02-10T10:00:00.000Z", vec![set("s1", StepStatus::Completed)]);
    theirs.change(1, "2026-02-10T10:01:00.000Z", vec![set("s1", StepStatus::Skipped)]);
    theirs.change(1, "2026-02-10T10:02:00.000Z", vec![step("Clean")]);
    let reason = "Theirs".to_owned();
    theirs.change(1, "2026-02-10T10:03:00.000Z", vec![Input::TakeVersion { reason }]);
    ours.change(1, "2026-02-10T10:04:00.000Z", vec![step("Return the van")]);
    let reason = "Ours".to_owned();
    ours.change(1, "2026-02-10T10:05:00.000Z", vec![Input::TakeVersion { reason }]);
    (base, ours, theirs)
}

const JOURNAL: &str = "history/proc-001.yaml";
const VIEW: &str = "processes/proc-001.yaml";

/// Checks what a repaired fork has: both sides' work, and one unbroken chain.
fn is_merged(project: &Project, base: &Project) {
    let process = project.process(1);
    let steps: Vec<String> = process
        .steps
        .iter()
        .map(|step| format!("{} {}: {}", step.id, step.name, step.status))
        .collect();
    let expected = [
        "s1 Pack: completed",
        "s2 Drive: pending",
        "s3 Clean: pending",
        "s4 Return the van: pending",
    ];
    assert_eq!(steps, expected);
    let journal = project.text(JOURNAL);
    assert!(journal.starts_with(&base.text(JOURNAL)), "what both share stands as it was");
    let record = project.files.read_process(id(1)).expect("a journal").expect("a process");
    assert!(matches!(record.found.view, crate::files::View::Current { .. }));
    // It can be changed again.
    project.change(1, "2026-02-12T10:00:00.000Z", vec![step("Rest")]);
    assert_eq!(project.process(1).steps.len(), 5);
}

#[test]
fn a_fork_is_told_and_chained_anew() {
    let (base, ours, theirs) = forked();
    let merged = ours.branch();
    merged.plant(JOURNAL, &union(&base.text(JOURNAL), &ours.text(JOURNAL), &theirs.text(JOURNAL)));
    merged.plant(VIEW, &conflict("", &ours.text(VIEW), &theirs.text(VIEW)));
    merged.plant(
        "versions/proc-001/v3-theirs.yaml",
        &theirs.text("versions/proc-001/v3-theirs.yaml"),
    );
    let (found, fixed, after) = heal(&merged);
    expect![[r#"
        error journal_forked .ai/history/proc-001.yaml: two branches were merged: they share 5 events, and 8 follow; the sides disagree on: event 6 of ada at 2026-02-10T10:01:00.000Z: step `s1` was completed by the other side before
        error view_corrupt .ai/processes/proc-001.yaml: line 1: an unresolved merge conflict
        warning version_changed .ai/versions/proc-001/v3-ours.yaml: `snapshotAt` is not what the journal says of version 3
        warning version_missing .ai/versions/proc-001/v4-ours.yaml: version 4 has no file that shows it
        warning registry_stale .ai/registry.yaml: it shows another revision of proc-001 than its journal
    "#]].assert_eq(&found);
    expect![[r#"
        error journal_forked .ai/history/proc-001.yaml: two branches were merged: they share 5 events, and 8 follow; the sides disagree on: event 6 of ada at 2026-02-10T10:01:00.000Z: step `s1` was completed by the other side before (fixed)
        error view_corrupt .ai/processes/proc-001.yaml: line 1: an unresolved merge conflict (fixed)
        warning version_changed .ai/versions/proc-001/v3-ours.yaml: `snapshotAt` is not what the journal says of version 3 (fixed)
        warning version_missing .ai/versions/proc-001/v4-ours.yaml: version 4 has no file that shows it (fixed)
        warning registry_stale .ai/registry.yaml: it shows another revision of proc-001 than its journal (fixed)
        info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/history/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/versions/proc-001/v3-ours.yaml.rejected-1: it was kept when `v3-ours.yaml` was rebuilt; remove it when nobody needs it
    "#]].assert_eq(&fixed);
    expect![[r#"
        info kept_aside .ai/processes/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/history/proc-001.yaml.corrupt-1: it was kept when `proc-001.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/versions/proc-001/v3-ours.yaml.rejected-1: it was kept when `v3-ours.yaml` was rebuilt; remove it when nobody needs it
    "#]].assert_eq(&after);
    is_merged(&merged, &base);
}

#[test]
fn what_one_side_wrote_is_no_edit_of_the_whole() {
    let (base, ours, theirs) = forked();
    for side in [&ours, &theirs] {
        let merged = side.branch();
        let journal = union(&base.text(JOURNAL), &ours.text(JOURNAL), &theirs.text(JOURNAL));
        merged.plant(JOURNAL, &journal);
        merged.plant(VIEW, &format!("# Ask Ada.\n{}", side.text(VIEW)));
        heal(&merged);
        assert!(merged.text(VIEW).starts_with("# Ask Ada.\n"), "comments stay");
        let rejected = ai("processes/proc-001.yaml.rejected-1");
        assert!(!merged.disk.files().contains_key(&rejected));
        is_merged(&merged, &base);
    }
}

#[test]
fn an_edit_amid_a_fork_is_kept_aside() {
    let (base, ours, theirs) = forked();
    let merged = ours.branch();
    merged.plant(JOURNAL, &union(&base.text(JOURNAL), &ours.text(JOURNAL), &theirs.text(JOURNAL)));
    let edited = ours.text(VIEW).replace("name: Move", "name: Go");
    merged.plant(VIEW, &edited);
    heal(&merged);
    assert_eq!(merged.text("processes/proc-001.yaml.rejected-1"), edited);
    is_merged(&merged, &base);
}

#[test]
fn a_fork_between_conflict_markers_is_chained_anew() {
    let (base, ours, theirs) = forked();
    let merged = theirs.branch();
    let journal = conflict(&base.text(JOURNAL), &ours.text(JOURNAL), &theirs.text(JOURNAL));
    merged.plant(JOURNAL, &journal);
    let (found, ..) = heal(&merged);
    expect![[r#"
        error journal_conflict_markers .ai/history/proc-001.yaml: line 6: a Git conflict marker; 3 such lines in all
        error journal_forked .ai/history/proc-001.yaml: two branches were merged: they share 5 events, and 8 follow; the sides disagree on: event 6 of ada at 2026-02-10T10:01:00.000Z: step `s1` was completed by the other side before
    "#]].assert_eq(&found);
    assert_eq!(merged.text("history/proc-001.yaml.corrupt-1"), journal);
    is_merged(&merged, &base);
}

#[test]
fn a_power_cut_during_the_repair_of_a_fork_loses_nothing() {
    let (base, ours, theirs) = forked();
    let journal = union(&base.text(JOURNAL), &ours.text(JOURNAL), &theirs.text(JOURNAL));
    let damaged = ours.branch();
    damaged.plant(JOURNAL, &journal);
    let whole = damaged.branch();
    let start = whole.disk.operations();
    whole.doctor(true);
    for operation in 1..=whole.disk.operations() - start {
        let project = damaged.branch();
        let now = super::at("2026-02-11T00:00:00Z");
        project.disk.plan(crate::disk::Fault::PowerCut, project.disk.operations() + operation);
        let _ = project.files.doctor(&now, "ada", true);
        project.disk.restart_after_power_cut(crate::disk::Survival::Nothing);
        let project = project.branch();
        project.doctor(true);
        let rejected = ai("processes/proc-001.yaml.rejected-1");
        assert!(!project.disk.files().contains_key(&rejected), "at {operation}");
        is_merged(&project, &base);
    }
}

#[test]
fn the_registry_s_journal_is_chained_anew() {
    let global = "history/global.yaml";
    let base = Project::new();
    let (ours, theirs) = (base.branch(), base.branch());
    ours.init("2026-02-10T10:00:00.000Z", "Ours");
    let now = super::at("2026-02-10T11:00:00.000Z");
    let mut change = theirs.files.change(&now, "ben").expect("no other holder");
    change.record(vec![RegistryFact::Switched { process: id(1) }]).expect("durable");
    assert_eq!(change.finish(), []);
    let merged = ours.branch();
    merged.plant(global, &union(&base.text(global), &ours.text(global), &theirs.text(global)));
    let (found, fixed, after) = heal(&merged);
    expect![[r#"
        error global_forked .ai/history/global.yaml: two branches were merged: they share 4 events, and 3 follow; the sides disagree on nothing
        warning registry_stale .ai/registry.yaml: it says that the active process is proc-003, the journal proc-001
        warning registry_stale .ai/registry.yaml: it shows an earlier state of `history/global.yaml`
        fix:
        error global_forked .ai/history/global.yaml: two branches were merged: they share 4 events, and 3 follow; the sides disagree on nothing (fixed)
        warning registry_stale .ai/registry.yaml: it says that the active process is proc-003, the journal proc-001 (fixed)
        warning registry_stale .ai/registry.yaml: it shows an earlier state of `history/global.yaml` (fixed)
        info kept_aside .ai/history/global.yaml.corrupt-1: it was kept when `global.yaml` was rebuilt; remove it when nobody needs it
        then:
        info kept_aside .ai/history/global.yaml.corrupt-1: it was kept when `global.yaml` was rebuilt; remove it when nobody needs it
    "#]].assert_eq(&format!("{found}fix:\n{fixed}then:\n{after}"));
    assert_eq!(merged.files.active().expect("a registry"), Some(id(1)));
    assert!(merged.text(global).starts_with(&base.text(global)));
}

/// Two branches that each made a third process.
fn twins() -> (Project, Project, Project) {
    let base = Project::new();
    let (ours, theirs) = (base.branch(), base.branch());
    theirs.init("2026-02-10T10:00:00.000Z", "Theirs");
    ours.init("2026-02-10T11:00:00.000Z", "Ours");
    ours.change(3, "2026-02-10T11:01:00.000Z", vec![step("Mine")]);
    let reason = "More".to_owned();
    ours.change(3, "2026-02-10T11:02:00.000Z", vec![Input::TakeVersion { reason }]);
    let merged = ours.branch();
    for journal in ["history/proc-003.yaml", "history/global.yaml"] {
        let before = base.disk.files().remove(&ai(journal)).unwrap_or_default();
        let before = String::from_utf8(before).expect("text");
        merged.plant(journal, &union(&before, &ours.text(journal), &theirs.text(journal)));
    }
    for file in ["processes/proc-003.yaml", "versions/proc-003/v1-initial.yaml", "registry.yaml"] {
        merged.plant(file, &conflict("", &ours.text(file), &theirs.text(file)));
    }
    (merged, ours, theirs)
}

#[test]
fn two_processes_of_one_id_are_told_apart() {
    let (merged, ours, theirs) = twins();
    let (found, fixed, after) = heal(&merged);
    expect![[r#"
        error global_forked .ai/history/global.yaml: two branches were merged: they share 4 events, and 4 follow; the sides disagree on nothing
        error journal_two_processes .ai/history/proc-003.yaml: it holds 2 processes that were given one id: `Theirs` (uid UID), `Ours` (uid UID); the first made keeps the id
        error view_corrupt .ai/processes/proc-003.yaml: line 1: an unresolved merge conflict
        error version_corrupt .ai/versions/proc-003/v1-initial.yaml: line 1: an unresolved merge conflict
        error registry_corrupt .ai/registry.yaml: line 1: an unresolved merge conflict
    "#]].assert_eq(&found);
    expect![[r#"
        error global_forked .ai/history/global.yaml: two branches were merged: they share 4 events, and 4 follow; the sides disagree on nothing (fixed)
        error journal_two_processes .ai/history/proc-003.yaml: it holds 2 processes that were given one id: `Theirs` (uid UID), `Ours` (uid UID); the first made keeps the id (fixed)
        error view_corrupt .ai/processes/proc-003.yaml: line 1: an unresolved merge conflict (fixed)
        error version_corrupt .ai/versions/proc-003/v1-initial.yaml: line 1: an unresolved merge conflict (fixed)
        error registry_corrupt .ai/registry.yaml: line 1: an unresolved merge conflict (fixed)
        info kept_aside .ai/registry.yaml.corrupt-1: it was kept when `registry.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/history/global.yaml.corrupt-1: it was kept when `global.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/history/proc-003.yaml.corrupt-1: it was kept when `proc-003.yaml` was rebuilt; remove it when nobody needs it
        info version_unknown .ai/versions/proc-003/v2-more.yaml: the journal has no version 2
        info kept_aside .ai/processes/proc-003.yaml.corrupt-1: it was kept when `proc-003.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/versions/proc-003/v1-initial.yaml.corrupt-1: it was kept when `v1-initial.yaml` was rebuilt; remove it when nobody needs it
    "#]].assert_eq(&fixed);
    expect![[r#"
        info kept_aside .ai/registry.yaml.corrupt-1: it was kept when `registry.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/processes/proc-003.yaml.corrupt-1: it was kept when `proc-003.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/history/global.yaml.corrupt-1: it was kept when `global.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/history/proc-003.yaml.corrupt-1: it was kept when `proc-003.yaml` was rebuilt; remove it when nobody needs it
        info kept_aside .ai/versions/proc-003/v1-initial.yaml.corrupt-1: it was kept when `v1-initial.yaml` was rebuilt; remove it when nobody needs it
        info version_unknown .ai/versions/proc-003/v2-more.yaml: the journal has no version 2
    "#]].assert_eq(&after);
    let (first, second) = (merged.process(3), merged.process(4));
    assert_eq!((first.name.as_str(), first.uid), ("Theirs", theirs.process(3).uid));
    assert_eq!((second.name.as_str(), second.uid), ("Ours", ours.process(3).uid));
    assert_eq!(second.steps, ours.process(3).steps);
    assert_eq!(merged.text("history/proc-003.yaml"), theirs.text("history/proc-003.yaml"));
    let record = merged.files.read_process(id(4)).expect("a journal").expect("a process");
    let versions: Vec<_> = record.execution.versions().iter().map(|one| &one.reason).collect();
    assert_eq!(versions, ["Initial", "More"]);
    assert!(merged.text("versions/proc-004/v2-more.yaml").contains("id: proc-004"));
    let global = merged.files.read_global().expect("a journal");
    let last = global.events.last().map(|event| &event.fact);
    let uid = second.uid;
    let fact = RegistryFact::ProcessRenumbered { process: id(4), from: id(3), uid };
    assert_eq!(last, Some(&fact));
    merged.change(4, "2026-02-12T10:00:00.000Z", vec![step("More")]);
}

#[test]
fn a_power_cut_between_two_twins_makes_no_third() {
    let (damaged, ..) = twins();
    let whole = damaged.branch();
    let start = whole.disk.operations();
    whole.doctor(true);
    for operation in 1..=whole.disk.operations() - start {
        let project = damaged.branch();
        let now = super::at("2026-02-11T00:00:00Z");
        project.disk.plan(crate::disk::Fault::PowerCut, project.disk.operations() + operation);
        let _ = project.files.doctor(&now, "ada", true);
        project.disk.restart_after_power_cut(crate::disk::Survival::Nothing);
        let project = project.branch();
        project.doctor(true);
        assert_eq!(
            (project.process(3).name, project.process(4).name),
            ("Theirs".into(), "Ours".into())
        );
        assert!(project.files.read_process(id(5)).expect("no journal").is_none());
        let left = told(&project.doctor(false));
        assert!(left.lines().all(|line| line.starts_with("info ")), "{left}");
    }
}
