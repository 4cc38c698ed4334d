//! Every input that a fuzzer was given or has found, replayed without one.

use std::path::PathBuf;

#[path = "../../../fuzz/src/patches.rs"]
mod patches;

/// The fewest inputs of a target: with less, the folder was not found.
const INPUTS_MIN: usize = 12;

/// Gives every input of a target to a check; what fails is told with the name of its file.
fn replay(target: &str, check: impl Fn(&[u8]) + std::panic::RefUnwindSafe) {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../fuzz/corpus", target].iter().collect();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("it is there").flatten().map(|it| it.path()).collect();
    files.sort();
    assert!(files.len() >= INPUTS_MIN, "{target}: {} inputs", files.len());
    for file in files {
        let bytes = std::fs::read(&file).expect("it is there");
        let held = std::panic::catch_unwind(|| check(&bytes));
        assert!(held.is_ok(), "{target}: {} does not hold; see above", file.display());
    }
}

#[test]
fn patches_of_any_bytes_are_refused_or_go_back() {
    replay("patch_document", patches::patch_document);
}

#[test]
fn a_stream_of_any_bytes_tells_the_same_however_it_is_cut() {
    replay("patch_stream", patches::patch_stream);
}

#[test]
fn a_history_of_any_choices_replays() {
    replay("patch_history", patches::patch_history);
}

#[test]
fn a_change_of_any_json_goes_back() {
    replay("json_patch", patches::json_patch);
}
