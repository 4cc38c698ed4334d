//! Tests of statuses: every row of the table.

use super::ProcessStatus;

const ALL: [&str; 5] = ["running", "orphaned", "stale", "stopped", "paused"];

#[test]
fn a_status_follows_on_another_as_the_table_says() {
    for (from, allowed) in [
        ("running", ["running", "orphaned", "stale", "stopped"].as_slice()),
        ("orphaned", &["running", "orphaned", "stale", "stopped"]),
        ("stale", &["running", "orphaned", "stale", "stopped"]),
        ("stopped", &["stopped"]),
        ("paused", &["running", "orphaned", "stale", "stopped", "paused"]),
        ("", &["running", "orphaned", "stale", "stopped"]),
    ] {
        for to in ALL {
            let may = ProcessStatus::parse(from).may_become(&ProcessStatus::parse(to));
            assert_eq!(may, allowed.contains(&to), "{from} to {to}");
        }
    }
}

#[test]
fn every_text_is_a_status_and_keeps_its_spelling() {
    for text in ALL.into_iter().chain(["", "Running", "läuft"]) {
        assert_eq!(ProcessStatus::parse(text).to_string(), text);
    }
    let over = ALL.map(|text| ProcessStatus::parse(text).is_over());
    assert_eq!(over, [false, false, true, true, false]);
}
