//! A case, as the files hold it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is asked of every case, whatever it is about.
pub(super) trait Named {
    fn name(&self) -> &str;
    fn rule(&self) -> &str;
}

/// A document and patches.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) rule: String,
    pub(super) document: String,
    pub(super) patches: Value,
    #[serde(default)]
    pub(super) seen: Vec<String>,
    #[serde(default)]
    pub(super) relaxed: u64,
    pub(super) expect: Expect,
}

/// What must come of it; what is missing asks nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Expect {
    pub(super) document: Option<String>,
    pub(super) error: Option<String>,
    pub(super) error_in: Vec<String>,
    /// Null stands for the whole batch.
    #[serde(deserialize_with = "present")]
    pub(super) index: Option<Option<usize>>,
    pub(super) hint_contains: Option<String>,
    pub(super) suggests: Vec<String>,
    pub(super) suggests_count: Option<usize>,
    pub(super) lines: Vec<u64>,
    pub(super) paths: Vec<String>,
    pub(super) closest: Vec<String>,
    pub(super) headings: Option<Vec<String>>,
    pub(super) each: Option<Vec<String>>,
    pub(super) already_applied: Option<bool>,
    pub(super) matched_with: Option<u8>,
}

impl Named for Case {
    fn name(&self) -> &str {
        &self.name
    }

    fn rule(&self) -> &str {
        &self.rule
    }
}

fn present<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<usize>>, D::Error> {
    Option::<usize>::deserialize(deserializer).map(Some)
}

/// Runs every case of the files and lists all that failed; returns how many there are.
pub(super) fn run_all<T: Named + DeserializeOwned>(
    files: &[&str],
    run: impl Fn(&T) -> Result<(), String>,
) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut failures = Vec::new();
    let mut names = BTreeSet::new();
    let mut count = 0;
    for file in files {
        let path = folder.join(file).with_extension("yaml");
        let text = fs::read_to_string(&path).expect("the file is there");
        let cases: Vec<T> = serde_saphyr::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in &cases {
            assert!(names.insert(case.name().to_owned()), "`{}` stands twice", case.name());
            count += 1;
            if let Err(what) = run(case) {
                failures.push(format!(
                    "{file}: {}\n  rule: {}\n  {what}",
                    case.name(),
                    case.rule()
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count} cases failed:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    count
}
