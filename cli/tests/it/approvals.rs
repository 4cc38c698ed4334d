//! Decisions: who waits for one, who may give it, and what follows.

use crate::project::{Project, column, texts};

const REVIEW: &str = "name: Report
steps:
  - {id: draft, type: manual}
  - {id: review, type: human_approval, title: Read it, depends_on: [draft], approvers: [ana, ben],
     timeout: 48h, on_reject: skip, require_reason_on_reject: true, artifacts: [draft.md]}
  - {id: publish, depends_on: [review]}
";

fn reviewed() -> Project {
    let project = Project::started(REVIEW);
    project.ok(&["step", "draft", "-s", "completed"]);
    project
}

#[test]
fn what_waits_for_a_decision_is_listed_with_all_that_it_takes_to_decide() {
    let project = reviewed();
    let data = project.data(&["approvals"]);
    let approval = &data["approvals"][0];
    let facts = ["process", "name", "step", "title", "on_reject"].map(|key| &approval[key]);
    assert_eq!(facts, ["proc-001", "Report", "review", "Read it", "skip"]);
    assert_eq!(texts(&approval["approvers"]), ["ana", "ben"]);
    assert_eq!(approval["needed"], 1);
    assert_eq!(approval["artifacts"][0], "draft.md");
    assert!(approval["since"].is_string() && approval["deadline"].is_string(), "{approval}");
    assert_eq!((&approval["overdue"], &approval["needs_reason"]), (&false.into(), &true.into()));
    assert_eq!(data["more"], false);
    let text = project.ok(&["approvals"]).stdout;
    assert!(text.contains("proc-001 review  Read it"), "{text}");
    assert!(text.contains("a rejection skips the step"), "{text}");
    // The longest waiting one stands first, whatever its number.
    project.start("flow.yaml", None);
    project.ok(&["step", "draft", "-s", "completed"]);
    let data = project.data(&["approvals", "--limit", "1"]);
    assert_eq!(column(&data["approvals"], "process"), ["proc-001"]);
    assert_eq!(data["more"], true);
    project.refused(6, "invalid", &["approvals", "--limit", "0"]);
}

#[test]
fn only_an_approver_decides_and_only_once() {
    let project = reviewed();
    let error = project.refused(4, "forbidden", &["approve", "proc-001", "review"]);
    assert_eq!(texts(&error["details"]["approvers"]), ["ana", "ben"]);
    let said = format!("{} {}", error["message"], error["hint"]);
    assert!(said.contains("ana, ben") && said.contains("--by"), "{said}");
    let by_ana = ["approve", "proc-001", "review", "--by", "ana", "-c", "Good"];
    let data = project.data(&by_ana);
    assert_eq!(data["step"]["status"], "completed");
    assert_eq!(data["run"]["steps"]["review"]["output"]["comment"], "Good");
    project.refused(4, "already_decided", &by_ana);
    project.refused(4, "already_decided", &["reject", "proc-001", "review", "--by", "ben"]);
    assert_eq!(project.ok(&["approvals"]).stdout, "Nothing waits for a decision.\n");
}

#[test]
fn a_rejection_does_what_was_fixed_when_the_approval_opened() {
    let project = reviewed();
    let shown = project.data(&["show"]);
    assert_eq!(shown["waiting"][0]["on_reject"], "skip");
    let reject = ["reject", "proc-001", "review", "--by", "ben"];
    project.refused(6, "invalid", &reject);
    let data = project.data(&[&reject[..], &["--comment", "Too long"]].concat());
    let review = &data["run"]["steps"]["review"];
    assert_eq!(
        (&review["status"], &review["skip_reason"]),
        (&"skipped".into(), &"rejected".into())
    );
    assert_eq!(review["output"]["decided_by"], "ben");
}

/// E9.18
#[test]
fn who_decides_is_the_identity_of_the_users_configuration_unless_somebody_is_named() {
    let project = reviewed();
    project.write(".config/procside/config.yaml", "identity: ben\n");
    let data = project.data(&["approve", "proc-001", "review"]);
    assert_eq!(data["run"]["steps"]["review"]["output"]["decided_by"], "ben");
    project.write(".config/procside/config.yaml", "\nidentity: [ben]\n");
    let error = project.refused(6, "invalid", &["next"]);
    assert!(error["message"].as_str().unwrap_or_default().contains("line 2"), "{error}");
}

#[test]
fn a_step_that_asks_nobody_cannot_be_approved() {
    let project = reviewed();
    project.refused(4, "conflict", &["approve", "proc-001", "draft"]);
    project.refused(3, "not_found", &["approve", "proc-001", "nothing"]);
    project.refused(3, "not_found", &["approve", "proc-009", "review"]);
    project.refused(6, "invalid", &["approve", "proc-001", "review#0"]);
    let by_hand = Project::with_steps(&["One"]);
    by_hand.refused(3, "not_found", &["approve", "proc-001", "s1"]);
}
