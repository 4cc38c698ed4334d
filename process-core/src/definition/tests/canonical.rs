//! The canonical form: read, written, read again.

use super::samples::{FULL, PAPER};
use super::{canonical, definition, placeless, read, told};
use crate::definition::{Definition, StepKind};
use crate::{Severity, yaml};

#[test]
fn the_canonical_form_is_written_as_it_was_read() {
    let once = definition(FULL);
    assert_eq!(canonical(&once), FULL);
    let again = definition(&canonical(&once));
    assert_eq!(placeless(again), placeless(once));
}

#[test]
fn the_canonical_form_has_no_dialect_remarks() {
    let read = read(&canonical(&definition(FULL)));
    let dialects = read.problems.iter().filter(|problem| problem.severity == Severity::Dialect);
    assert_eq!(dialects.count(), 0, "{}", told(&read));
}

#[test]
fn every_step_type_is_in_the_sample() {
    let mut names: Vec<&str> =
        definition(FULL).steps.iter().map(|step| step.kind.type_name()).collect();
    names.sort_unstable();
    names.dedup();
    let mut all = crate::definition::keys::STEP_TYPES.to_vec();
    all.sort_unstable();
    assert_eq!(names, all);
}

#[test]
fn a_stored_definition_names_its_loops() {
    let definition = definition(FULL);
    let stored = definition.stored();
    assert_eq!(stored["back_routes"], serde_json::json!([["choice", "write"]]));
    let loaded = Definition::from_value(&stored).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(placeless(loaded), placeless(definition));
}

#[test]
fn which_routes_are_back_is_fixed_in_the_stored_definition() {
    let mut stored = definition(FULL).stored();
    stored["back_routes"] = serde_json::json!([]);
    let loaded = Definition::from_value(&stored).unwrap_or_else(|error| panic!("{error}"));
    assert!(loaded.graph.back().is_empty());
    assert_eq!(loaded.extra.keys().collect::<Vec<_>>(), ["owner"]);
}

#[test]
fn a_file_may_not_name_its_loops() {
    let text = format!("{FULL}back_routes: []\n");
    let told = told(&read(&text));
    assert!(told.contains("warning unknown_key: the definition has the unknown key `back_routes`"));
}

#[test]
fn every_definition_of_the_paper_reads() {
    for (name, text) in PAPER {
        let read = read(text);
        let errors = read.problems.iter().filter(|problem| problem.is_error());
        assert_eq!(errors.count(), 0, "{}", told(&read));
        let definition = read.definition.unwrap_or_else(|| panic!("{name}"));
        assert!(!definition.steps.is_empty());
    }
}

#[test]
fn the_approval_of_the_paper_is_read_through_its_config() {
    let definition = definition(PAPER[2].1);
    let StepKind::Approval(approval) = &definition.steps[1].kind else { panic!("no approval") };
    assert_eq!(approval.approvers[0].source(), "manager@company.com");
    assert_eq!(definition.steps[1].timeout, Some(std::time::Duration::from_secs(48 * 3_600)));
    assert_eq!(definition.on_success.len(), 0);
}

#[test]
fn json_reads_as_yaml_does() {
    let json = definition(FULL).to_value().to_string();
    let node = yaml::read_json(&json).unwrap_or_else(|problem| panic!("{problem}"));
    let read = crate::definition::read(&node);
    assert_eq!(read.definition.map(placeless), Some(placeless(definition(FULL))));
}
