//! Replays what the fuzzer starts from.

use std::fs;
use std::path::PathBuf;

#[path = "../../../fuzz/src/children.rs"]
mod checks;

#[test]
fn every_file_of_the_corpus_passes() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../fuzz/corpus/children"].iter().collect();
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        let bytes = fs::read(&path).unwrap();
        checks::children(&bytes);
        // Cut off anywhere, and with any byte replaced.
        for at in 0..bytes.len() {
            checks::children(&bytes[..at]);
            for byte in [b'"', b'{', b']', b',', b'0', b'\\'] {
                let mut changed = bytes.clone();
                changed[at] = byte;
                checks::children(&changed);
            }
        }
        count += 1;
    }
    assert!(count > 10);
}
