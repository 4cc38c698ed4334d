//! What must hold for the file of a children registry.

use procreg::{Delta, EntryKey, Facts, ProcessRegistry, ProcessStatus, cleaning_plan, judge};
use serde_json::Value;

pub(crate) fn children(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    // The bytes as the second file of a strict registry change nothing but what they name.
    let _ = ProcessRegistry::new().take_side(text);
    let Ok(registry) = ProcessRegistry::read(text) else {
        return;
    };
    let written = registry.render();
    let again = ProcessRegistry::read(&written).expect("what was written is read");
    assert!(again.list().eq(registry.list()) && again.unreadable().eq(registry.unreadable()));
    assert_eq!(again.render(), written);
    // Numbers out of range and deep nesting are kept, and no other reader takes them.
    let value = |text: &str| serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}'));
    if let (Ok(mut before), Ok(after)) = (value(text), value(&written)) {
        if let Some(root) = before.as_object_mut() {
            root.entry("version").or_insert(1.into());
        }
        assert_eq!(after, before, "the meaning stays");
    }
    strict(&registry);
    changed(registry);
}

/// A strict file with the one beside it says the same.
fn strict(registry: &ProcessRegistry) {
    let mut strict =
        ProcessRegistry::read(&registry.render_strict()).expect("what was written is read");
    strict.take_side(&registry.render_side([])).expect("what was written is read");
    assert_eq!(strict.list().count(), registry.list().count());
    assert_eq!(strict.unreadable().count(), registry.unreadable().count());
}

/// Changes of one entry leave the others, and nothing is signalled of which nothing is known.
fn changed(mut registry: ProcessRegistry) {
    let plan = cleaning_plan(&registry, None, |info| judge(info, Facts::default()));
    assert!(plan.signal.is_empty());
    let Some(key) = registry.list().next().map(|info| info.key()) else {
        return;
    };
    let count = registry.len();
    let deltas = [
        Delta::UpdateStatus(key.clone(), ProcessStatus::Stale),
        Delta::Remove(EntryKey::newest(key.pid)),
    ];
    registry.merge(&deltas).expect("neither is refused");
    registry.stamp(1, 2);
    assert_eq!(registry.len(), count - 1);
    let written = registry.render();
    let again = ProcessRegistry::read(&written).expect("what was written is read");
    assert_eq!((again.len(), again.render()), (registry.len(), written));
}
