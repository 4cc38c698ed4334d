//! What the program promises to people and to other programs, tested from outside.
//!
//! Each test has a project of its own in a temporary folder, and knows nothing but the command
//! line, its answers, and the files that the formats promise. `PROCSIDE_TEST_SCALE` (default 1)
//! makes the tests with crashes and crowds as many times as long.

mod project;

mod adopting;
mod approvals;
mod calls;
mod careful;
mod children;
mod claims;
mod concurrency;
mod config;
mod crash;
mod doctor;
mod driving;
mod dry_run;
mod edits;
mod envelope;
mod example;
#[cfg(target_os = "linux")]
mod faults;
mod gates;
mod git;
mod hostile_files;
mod hostile_texts;
mod legacy;
mod manual;
mod messages;
mod originals;
mod output;
mod patches;
mod processes;
mod readme;
mod recovery;
mod running;
mod scenario_tests;
mod simulate;
mod steps;
mod store_crowds;
mod stores;
mod templates;
mod transfer;
mod validate;
mod versions;

#[test]
fn every_file_beside_this_one_is_part_of_the_suite() {
    let main = include_str!("main.rs");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let name = entry.expect("the folder can be read").file_name();
        let name = name.to_string_lossy();
        if let Some(stem) = name.strip_suffix(".rs").filter(|stem| *stem != "main") {
            assert!(main.contains(&format!("\nmod {stem};\n")), "main.rs forgets {name}");
        }
    }
}
