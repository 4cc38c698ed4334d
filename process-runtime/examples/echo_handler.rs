//! A handler of one's own, tried without a driver; docs/guides/handlers.md tells about it.

use std::{collections::BTreeSet, sync::Mutex};

use process_runtime::{Done, Failed, Handler, Performing, Work, handlers::Trial};
use serde_json::json;

/// Counts the words of the message of a step, once for each attempt.
#[derive(Default)]
struct WordCount {
    seen: Mutex<BTreeSet<String>>,
}

impl Handler for WordCount {
    fn perform(&self, work: Work) -> Performing {
        // After a crash the same attempt comes again, under the same key.
        let is_repeat = self.seen.lock().is_ok_and(|mut seen| !seen.insert(work.key.clone()));
        Box::pin(async move {
            let Some(message) = work.task["message"].as_str() else {
                return Err(Failed::new("the step has no `message`"));
            };
            let words = message.split_whitespace().count();
            Ok(Done { output: json!({"words": words, "repeat": is_repeat}), cost: None })
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let handler = WordCount::default();
    for repeat in [false, true] {
        let (work, _trial) =
            Trial::new(json!({"type": "agent_task", "message": "three small words"}));
        let done = runtime.block_on(handler.perform(work)).map_err(|failed| failed.error)?;
        assert_eq!(done.output, json!({"words": 3, "repeat": repeat}));
    }
    let (work, _trial) = Trial::new(json!({"type": "agent_task"}));
    let failed = runtime.block_on(handler.perform(work)).err();
    assert_eq!(failed, Some(Failed::new("the step has no `message`")));
    Ok(())
}
