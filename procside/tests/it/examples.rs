//! Every example survives a crash at every event: a journal that ends anywhere goes on from there.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use process_core::{
    definition::{self, Definition},
    yaml,
};
use process_engine::simulate::{Scenario, simulate};
use serde_json::Value;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            found.push(path);
        }
    }
}

fn definition_at(path: &Path) -> Option<Arc<Definition>> {
    let text = fs::read_to_string(path).ok()?;
    let read = definition::read(&yaml::read(&text).expect("an example is YAML"));
    let errors: Vec<String> = read
        .problems
        .iter()
        .filter(|problem| problem.is_error())
        .map(|it| it.to_string())
        .collect();
    assert_eq!(errors, [""; 0], "{}", path.display());
    read.definition.map(Arc::new)
}

/// Returns the definition that a scenario beside it is of: `NAME.yaml` of `NAME.*.scenario.yaml`.
fn definition_of(scenario: &Path) -> Option<PathBuf> {
    let mut name = scenario.file_name()?.to_str()?.strip_suffix(".scenario.yaml")?;
    loop {
        let path = scenario.with_file_name(format!("{name}.yaml"));
        if path.exists() {
            return Some(path);
        }
        name = name.rsplit_once('.')?.0;
    }
}

/// Returns a result without what a crash may change: when which event came.
fn outcome(data: &Value) -> Value {
    let mut data = data.clone();
    if let Value::Object(map) = &mut data {
        map.shift_remove("trace");
    }
    data
}

#[test]
fn a_crash_at_any_event_of_any_example_changes_nothing_in_the_end() {
    let mut all = Vec::new();
    files(&examples(), &mut all);
    let (mut scenarios, mut crashes) = (0, 0);
    for path in all {
        let Some(definition_path) = definition_of(&path) else { continue };
        let definition = definition_at(&definition_path).expect("an example is a definition");
        let text = fs::read_to_string(&path).expect("the scenario is there");
        let node = yaml::read(&text).expect("a scenario is YAML");
        let scenario = Scenario::read(&node, &definition)
            .unwrap_or_else(|problems| panic!("{}: {problems:?}", path.display()));
        let folder = definition_path.parent().expect("a file lies in a folder").to_owned();
        let templates = |name: &str| definition_at(&folder.join(format!("{name}.yaml")));
        let run = |scenario: &Scenario| {
            simulate(&definition, scenario, &templates)
                .unwrap_or_else(|rejected| panic!("{}: {rejected}", path.display()))
        };
        let whole = run(&scenario);
        assert_eq!(whole.unmet, [""; 0], "{}", path.display());
        let events = whole.data["trace"].as_array().map_or(0, Vec::len) as u64;
        for seq in 1..=events {
            let crashed = run(&scenario.clone().with_crashes([seq]));
            let place = format!("{} with a crash at event {seq}", path.display());
            assert_eq!(outcome(&crashed.data), outcome(&whole.data), "{place}");
            crashes += 1;
        }
        let crashed = run(&scenario.clone().with_crashes(1..=events));
        assert_eq!(outcome(&crashed.data), outcome(&whole.data), "{}", path.display());
        scenarios += 1;
    }
    assert!(scenarios > 100 && crashes > 1_000, "{scenarios} scenarios, {crashes} crashes");
}
