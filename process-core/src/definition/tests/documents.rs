//! The document of the format names all that the reader knows.

use crate::definition::keys::{
    ANNOUNCEMENT, BUDGET, COMPENSATION, FOREACH, INPUT, KEPT, Level, OUTPUT, REPEAT, RETRY, ROLES,
    ROOT, ROUTE, STEP, STEP_BUDGET, TRIGGER, TRIGGERS,
};
use crate::definition::types::TYPES;

const DOCUMENT: &str = include_str!("../../../../docs/formats/definition.md");

#[test]
fn the_document_names_every_key_and_spelling() {
    let types = || TYPES.iter().chain(&TRIGGERS);
    let levels = [
        &ANNOUNCEMENT,
        &BUDGET,
        &COMPENSATION,
        &FOREACH,
        &INPUT,
        &OUTPUT,
        &REPEAT,
        &RETRY,
        &ROLES,
        &ROOT,
        &ROUTE,
        &STEP,
        &STEP_BUDGET,
        &TRIGGER,
    ];
    for kind in types() {
        for word in kind.spellings.iter().chain([&kind.name]) {
            assert!(DOCUMENT.contains(&format!("`{word}`")), "{word}");
        }
    }
    for level in levels.into_iter().chain(types().map(|kind| kind.level)) {
        names(level);
    }
    for key in KEPT {
        assert!(DOCUMENT.contains(&format!("`{key}`")), "{key}");
    }
}

fn names(level: &Level) {
    for key in level.keys {
        let required = if key.is_required { " (required)" } else { "" };
        let row = format!("| `{}`{required} |", key.name);
        assert!(DOCUMENT.contains(&row), "{row}");
        assert!(DOCUMENT.contains(key.about), "{}", key.about);
    }
    for (from, to) in level.spellings {
        let row = format!("| `{from}` | `{to}` |");
        assert!(DOCUMENT.contains(&row), "{row}");
    }
}
