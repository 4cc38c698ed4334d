//! What the shared library shows to others.

use std::{collections::BTreeSet, fs, process::Command};

use expect_test::expect;

use crate::workshop::{here, libraries};

#[test]
fn the_library_exports_its_functions_and_nothing_else() {
    let output = Command::new("nm")
        .args(["--dynamic", "--defined-only", "--format=just-symbols"])
        .arg(&libraries().shared)
        .output()
        .expect("there is nm");
    let symbols = String::from_utf8(output.stdout).expect("symbols are texts");
    expect![[r#"
        ps_abi_version
        ps_buf_data
        ps_buf_free
        ps_buf_len
        ps_call
        ps_complete
        ps_drive
        ps_drive_stop
        ps_error_code
        ps_error_details
        ps_error_free
        ps_error_hint
        ps_error_kind
        ps_error_message
        ps_events_close
        ps_events_next
        ps_events_open
        ps_handler_set
        ps_heartbeat
        ps_patch_text
        ps_project_close
        ps_project_init
        ps_project_notices
        ps_project_open
        ps_version
    "#]]
    .assert_eq(&symbols);

    let header = fs::read_to_string(here().join("include/procside.h")).expect("it is there");
    let exported: BTreeSet<&str> = symbols.lines().collect();
    let declared: BTreeSet<&str> = header
        .lines()
        .filter(|line| line.ends_with(");") && !line.starts_with("typedef"))
        .filter_map(|line| line.split('(').next()?.split([' ', '*']).next_back())
        .collect();
    assert_eq!(exported, declared);
}
