//! Who is told what: at the end of a process, of a step, when an approval is late (rule E15).

use process_core::{
    definition::Announcement,
    event::RunFact,
    expr::{Known, Root, Scope},
};
use serde_json::{Map, Value};

use super::{Deciding, work::notice_of};
use crate::run::{Key, RunScope};

impl Deciding<'_> {
    /// Tells what a definition wants told at the end of its process.
    pub(super) fn announce(
        &mut self,
        announcements: &[Announcement],
        outputs: &Map<String, Value>,
    ) {
        for announcement in announcements {
            let Some(run) = self.run() else { return };
            let scope = EndScope { scope: run.scope(self.now), outputs };
            // A text that cannot be told keeps no process from its end.
            let notice = notice_of(&announcement.notification, &scope).unwrap_or_else(|failure| {
                let mut notice = Map::new();
                notice.insert("type".to_owned(), "notification".into());
                notice.insert("channel".to_owned(), "log".into());
                notice.insert("message".to_owned(), failure.to_string().into());
                Value::Object(notice)
            });
            self.emit(RunFact::NoticeDue { notice });
        }
    }

    /// Tells whoever is to know about a step how it ended.
    pub(super) fn inform(&mut self, step: usize, status: &str) {
        let Some(run) = self.run() else { return };
        let definition = run.definition_handle();
        let step = &definition.steps[step];
        for (role, who) in [("informed", &step.informed), ("monitors", &step.monitors)] {
            if who.is_empty() {
                continue;
            }
            let mut notice = Map::new();
            notice.insert("type".to_owned(), "step".into());
            notice.insert("role".to_owned(), role.into());
            notice.insert("recipients".to_owned(), who.clone().into());
            notice.insert("step".to_owned(), step.id.as_str().into());
            notice.insert("status".to_owned(), status.into());
            self.emit(RunFact::NoticeDue { notice: Value::Object(notice) });
        }
    }

    /// Tells the approvers of an approval that it is late.
    pub(super) fn notify_overdue(&mut self, key: Key) {
        let Some(run) = self.run() else { return };
        let visit = run.visit(key).and_then(|visit| visit.approval.as_ref());
        let Some(approval) = visit else { return };
        let mut notice = Map::new();
        notice.insert("type".to_owned(), "approval_overdue".into());
        notice.insert("recipients".to_owned(), approval.request.approvers.clone().into());
        notice.insert("step".to_owned(), run.id(key.0).as_str().into());
        notice.insert("title".to_owned(), approval.request.title.as_str().into());
        self.emit(RunFact::NoticeDue { notice: Value::Object(notice) });
    }
}

/// What an announcement sees: the run, with the outputs of the process under `process.outputs`.
struct EndScope<'a> {
    scope: RunScope<'a>,
    outputs: &'a Map<String, Value>,
}

impl Scope for EndScope<'_> {
    fn known(&self, root: &Root) -> Option<Known<'_>> {
        let known = self.scope.known(root)?;
        match (root, known) {
            (Root::Process, Known::Value(about)) => {
                let mut about = about.into_owned();
                if let Value::Object(map) = &mut about {
                    map.insert("outputs".to_owned(), Value::Object(self.outputs.clone()));
                }
                Some(Known::Value(std::borrow::Cow::Owned(about)))
            }
            (_, known) => Some(known),
        }
    }
}
