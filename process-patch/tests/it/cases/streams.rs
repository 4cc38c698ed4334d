//! Cases of batches that arrive in pieces.

use process_patch::stream::{PatchStream, StreamEvent};
use process_patch::{Batch, Document, Options};
use serde::Deserialize;

use super::case::{Expect as Outcome, Named, run_all};
use super::check::{check_error, check_success, check_text, check_words, differ};

/// A document and the pieces of a batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    rule: String,
    document: String,
    stream: Vec<String>,
    expect: Expect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    document: Option<String>,
    error: Option<String>,
    index: Option<usize>,
    events: Option<Vec<String>>,
    #[serde(default)]
    opened_after: Vec<usize>,
    #[serde(default)]
    aborted: bool,
}

impl Named for Case {
    fn name(&self) -> &str {
        &self.name
    }

    fn rule(&self) -> &str {
        &self.rule
    }
}

#[test]
fn every_case_of_a_stream_comes_out_as_it_says() {
    run_all(&["streaming"], run);
}

fn run(case: &Case) -> Result<(), String> {
    let mut document = Document::new(case.document.as_str()).map_err(|error| error.to_string())?;
    let mut stream = PatchStream::new();
    let mut events = Vec::new();
    let mut opened_after = Vec::new();
    for (at, piece) in case.stream.iter().enumerate() {
        let known = events.len();
        stream.push(piece.as_bytes(), &mut events).map_err(|error| error.to_string())?;
        let opened =
            events[known..].iter().filter(|event| matches!(event, StreamEvent::PatchOpened { .. }));
        opened_after.extend(opened.map(|_| at + 1));
    }
    if let Some(wanted) = &case.expect.events {
        let told = told(&events);
        if told != *wanted {
            return Err(differ("events", wanted, &told));
        }
    }
    if !case.expect.opened_after.is_empty() && opened_after != case.expect.opened_after {
        return Err(differ("opened after", &case.expect.opened_after, &opened_after));
    }
    let value = match (stream.finish(), case.expect.aborted) {
        (Err(error), true) => return check_words(&error),
        (came, true) => return Err(differ("end of the stream", &"none", &came)),
        (came, false) => came.map_err(|error| error.to_string())?,
    };
    let batch = Batch::from_json(value).map_err(|error| error.to_string())?;
    let options = Options { hashes: true, ..Options::default() };
    match document.apply(&batch, options) {
        Ok(applied) => {
            check_success(&case.document, &document, &applied)?;
            let wanted = case.expect.document.as_ref().ok_or("it was applied")?;
            check_text(wanted, document.text())
        }
        Err(error) => {
            check_text(&case.document, document.text())?;
            let wanted = Outcome {
                error: case.expect.error.clone(),
                index: Some(case.expect.index),
                ..Outcome::default()
            };
            check_error(&wanted, &error)
        }
    }
}

/// Returns the events as the cases write them, with the deltas of a patch joined.
fn told(events: &[StreamEvent]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut in_content = false;
    for event in events {
        match event {
            StreamEvent::ContentDelta { text, .. } if in_content => {
                told.last_mut().expect("it has the content").push_str(text);
            }
            StreamEvent::ContentDelta { text, .. } => told.push(format!("content {text}")),
            StreamEvent::PatchClosed { .. } => told.push("closed".to_owned()),
            StreamEvent::PatchOpened { operation, location, .. } => {
                let location = location.as_str().unwrap_or_default();
                told.push(format!("opened {operation} {location}"));
            }
        }
        in_content = matches!(event, StreamEvent::ContentDelta { .. });
    }
    told
}
