//! Looking at what people write beside their processes: configuration, templates, the old layout.

use super::{
    code::{CONFIG_INVALID, LEGACY_INVALID, LEGACY_LAYOUT, TEMPLATE_INVALID},
    examine::Examination,
};
use crate::files::legacy::read_history;

impl Examination<'_> {
    /// Looks at the configuration and the local templates.
    pub(super) fn settings(&mut self) {
        let layout = self.files.layout().clone();
        if let Err(error) = self.files.read_config() {
            self.findings.add(CONFIG_INVALID, &layout.config(), error.to_string());
        }
        // A folder that cannot be listed is told already.
        for template in self.files.local_templates().unwrap_or_default() {
            if let Err(error) = template {
                let path = error.path().map_or(layout.templates(), ToOwned::to_owned);
                self.findings.add(TEMPLATE_INVALID, &path, error.to_string());
            }
        }
    }

    /// Looks at the layout for a single process.
    pub(super) fn legacy(&mut self) {
        let (process, history) =
            (self.files.layout().legacy_process(), self.files.layout().legacy_history());
        match self.files.is_legacy() {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return self.unreadable(&process, &error),
        }
        let Some(id) = process_core::ProcessId::from_number(1) else {
            return;
        };
        let mut can_be_migrated = true;
        if let Err(error) = self.files.read_legacy(id, self.now) {
            self.findings.add(LEGACY_INVALID, &process, error.to_string());
            can_be_migrated = false;
        }
        if let Err(error) = read_history(self.files, &history) {
            self.findings.add(LEGACY_INVALID, &history, error.to_string());
            can_be_migrated = false;
        }
        if can_be_migrated {
            let message = "the layout for a single process; the next command migrates it";
            self.findings.add(LEGACY_LAYOUT, &process, message);
        }
    }
}
