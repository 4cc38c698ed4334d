//! Claims: one holder at a time, and none for ever.

use std::{thread, time::Duration};

use crate::project::{Project, USER};

#[test]
fn a_claim_names_its_holder_and_its_end() {
    let project = Project::with_steps(&["One"]);
    let step = project.data(&["claim", "s1"])["step"].take();
    let holder = step["claim"]["by"].as_str().unwrap_or_default();
    assert!(holder.starts_with(&format!("{USER}@")), "user@host, not {holder}");
    let text = project.ok(&["status"]).stdout;
    assert!(text.contains("Held: s1 by you until "), "{text}");
}

#[test]
fn only_the_holder_renews_and_releases() {
    let project = Project::with_steps(&["One"]);
    let until =
        |data: serde_json::Value| data["step"]["claim"]["until"].as_str().map(str::to_owned);
    let first = until(project.data(&["claim", "s1", "--by", "bob", "--lease", "90s"]));
    let error = project.refused(4, "conflict", &["claim", "s1", "--by", "al"]);
    assert!(error["message"].as_str().unwrap_or_default().contains("bob"), "{error}");
    project.refused(4, "conflict", &["release", "s1", "--by", "al"]);
    project.refused(4, "conflict", &["release", "s1"]);
    let renewed = until(project.data(&["claim", "s1", "--by", "bob", "--lease", "1h30m"]));
    assert!(renewed > first, "{renewed:?} > {first:?}");
    let released = project.data(&["release", "s1", "--by", "bob"]);
    assert!(released["step"].get("claim").is_none(), "{released}");
    project.refused(4, "conflict", &["release", "s1", "--by", "bob"]);
    project.ok(&["claim", "s1", "--by", "al"]);
}

#[test]
fn a_claim_that_has_expired_is_none() {
    let project = Project::with_steps(&["One"]);
    project.ok(&["claim", "s1", "--by", "bob", "--lease", "1s"]);
    project.refused(4, "conflict", &["claim", "s1", "--by", "al"]);
    assert!(project.data(&["next"])["next"].is_null());
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(project.data(&["next"])["next"]["id"], "s1");
    project.refused(4, "conflict", &["release", "s1", "--by", "bob"]);
    assert_eq!(project.data(&["claim", "s1", "--by", "al"])["step"]["claim"]["by"], "al");
}

#[test]
fn a_lease_lasts_ten_minutes_unless_it_says_otherwise() {
    let project = Project::with_steps(&["One"]);
    let default = project.data(&["claim", "s1"]);
    let log = project.data(&["log"]);
    let claimed = log["events"].as_array().and_then(|events| events.last()).unwrap();
    let seconds = |text: &serde_json::Value| {
        let clock = text.as_str().and_then(|text| text.get(11..19)).unwrap_or_default();
        clock.split(':').fold(0, |sum, part| sum * 60 + part.parse::<i32>().unwrap_or(-1))
    };
    let lasts = seconds(&default["step"]["claim"]["until"]) - seconds(&claimed["at"]);
    assert_eq!(lasts.rem_euclid(24 * 3600), 600);
}

#[test]
fn leases_that_no_claim_can_have_are_refused() {
    let project = Project::with_steps(&["One"]);
    for lease in ["", "0s", "-5m", "soon", "10", "31d", "99999999999999999999d", "1e9h"] {
        let lease = format!("--lease={lease}");
        project.refused(6, "invalid", &["claim", "s1", &lease]);
    }
    project.refused(6, "invalid", &["claim", "s1", "--by", ""]);
    for lease in ["500ms", "90s", "10m", "1h30m", "2d"] {
        project.ok(&["claim", "s1", "--lease", lease]);
    }
}

#[test]
fn a_step_that_ends_is_held_by_nobody() {
    let project = Project::with_steps(&["One", "Two"]);
    project.ok(&["claim", "s1", "--by", "bob"]);
    let data = project.data(&["step", "s1", "-s", "completed"]);
    assert!(data["step"].get("claim").is_none(), "{data}");
    project.ok(&["claim", "s2", "--by", "bob"]);
    project.ok(&["step", "s2", "-s", "failed"]);
    project.ok(&["step", "s2", "-s", "pending"]);
    project.ok(&["claim", "s2", "--by", "al"]);
}
