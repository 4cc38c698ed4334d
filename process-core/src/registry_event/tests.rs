//! Tests of the registry's own events.

use expect_test::expect;
use serde_json::{Value, json};

use super::{RegistryEvent, RegistryFact};
use crate::{
    Uid,
    id::{ProcessId, TemplateId},
    samples::at,
};

/// The name of each variant; a new one must be named here and made in [`every_fact`].
fn name(fact: &RegistryFact) -> &'static str {
    match fact {
        RegistryFact::ProcessCreated { .. } => "process_created",
        RegistryFact::ProcessImported { .. } => "process_imported",
        RegistryFact::ProcessRenumbered { .. } => "process_renumbered",
        RegistryFact::RegistryImported { .. } => "registry_imported",
        RegistryFact::Switched { .. } => "switched",
        RegistryFact::TemplateRemoved { .. } => "template_removed",
        RegistryFact::TemplateSaved { .. } => "template_saved",
    }
}

fn every_fact() -> Vec<RegistryFact> {
    let process = ProcessId::from_number(2).expect("a process number");
    let from = ProcessId::from_number(1).expect("a process number");
    let template = TemplateId::parse("shelf").expect("a template id");
    let (uid, content) = (Uid::nil(), json!({"id": "shelf", "odd": null}));
    vec![
        RegistryFact::ProcessCreated { process, uid, template: Some("bugfix".to_owned()) },
        RegistryFact::ProcessImported { process, uid, source: "legacy".to_owned() },
        RegistryFact::ProcessRenumbered { process, from, uid },
        RegistryFact::RegistryImported { registry: json!({"version": 1}) },
        RegistryFact::Switched { process },
        RegistryFact::TemplateRemoved { template: template.clone(), content: content.clone() },
        RegistryFact::TemplateSaved { template, content },
    ]
}

fn event(fact: RegistryFact) -> RegistryEvent {
    RegistryEvent { seq: 1, at: at("2026-02-10T10:00:00Z"), by: "ada".to_owned(), fact }
}

#[track_caller]
fn check(event: &RegistryEvent, value: &Value) {
    assert_eq!(RegistryEvent::from_value(value).as_ref(), Ok(event), "{value}");
}

#[test]
fn every_fact_is_read_back_and_unknown_keys_are_passed_over() {
    let facts = every_fact();
    assert_eq!(facts.len(), 7);
    for fact in facts {
        let event = event(fact);
        let mut value = event.to_value();
        assert_eq!(value["type"], name(&event.fact));
        check(&event, &value);
        value["later"] = json!(1);
        check(&event, &value);
    }
}

#[test]
fn the_journal_lines_of_the_registry_stay_as_they_are() {
    let lines: String =
        every_fact().into_iter().map(|fact| format!("{}\n", event(fact).to_value())).collect();
    expect![[r#"
        {"seq":1,"at":"2026-02-10T10:00:00Z","by":"ada","type":"process_created","process":"proc-002","uid":"00000000-0000-0000-0000-000000000000","template":"bugfix"}
        {"seq":1,"at":"2026-02-10T10:00:00Z","by":"ada","type":"process_imported","process":"proc-002","uid":"00000000-0000-0000-0000-000000000000","source":"legacy"}
        {"seq":1,"at":"2026-02-10T10:00:00Z","by":"ada","type":"process_renumbered","process":"proc-002","from":"proc-001","uid":"00000000-0000-0000-0000-000000000000"}
        {"seq":1,"at":"2026-02-10T10:00:00Z","by":"ada","type":"registry_imported","registry":{"version":1}}
        {"seq":1,"at":"2026-02-10T10:00:00Z","by":"ada","type":"switched","process":"proc-002"}
        {"seq":1,"at":"2026-02-10T10:00:00Z","by":"ada","type":"template_removed","template":"shelf","content":{"id":"shelf","odd":null}}
        {"seq":1,"at":"2026-02-10T10:00:00Z","by":"ada","type":"template_saved","template":"shelf","content":{"id":"shelf","odd":null}}
    "#]].assert_eq(&lines);
}

#[test]
fn a_process_without_template_says_nothing_of_one() {
    let process = ProcessId::from_number(2).expect("a process number");
    let event = event(RegistryFact::ProcessCreated { process, uid: Uid::nil(), template: None });
    assert_eq!(event.to_value().get("template"), None);
    check(&event, &event.to_value());
}

#[test]
fn an_event_that_names_no_process_is_refused() {
    let mut value = event(every_fact().remove(4)).to_value();
    value["process"] = json!("../x");
    let reason = RegistryEvent::from_value(&value).expect_err("no id");
    assert!(reason.contains("is no process id"), "{reason}");
}
