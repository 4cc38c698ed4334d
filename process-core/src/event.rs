//! What happened to a process: its events, as they stand in its journal.

mod run;

use std::io::Write;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::{
    Uid,
    diagnostic::Diagnostic,
    document::{Entry, Splice},
    fields::text_of,
    id::{ProcessId, StepId},
    model::{Decision, Defaults, Evidence, Process, Risk, Step},
    time::Timestamp,
    version::Version,
    yaml::Node,
};

pub use run::{
    ApprovalRequest, Decided, GroupEnd, Parent, ResetCause, RunFact, SkipReason, Start, VisitId,
    given,
};

/// The version of the journal's form that this program writes and the highest that it reads.
pub const JOURNAL_FORMAT: u32 = 1;

/// One event of a process: the `seq`-th thing that happened to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
    /// What happened.
    pub fact: Fact,
}

/// What can happen to a process (docs/formats/journal.md lists the keys of each).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the keys that docs/formats/journal.md explains")]
pub enum Fact {
    /// The process was put away.
    Archived,
    /// The process was made.
    Created { format: u32, process: Box<Process> },
    /// A question was answered.
    DecisionRecorded { decision: Box<Decision> },
    /// The document of the process was changed, or a change of it taken back.
    DocumentChanged {
        #[serde(flatten)]
        entry: Entry,
        splices: Vec<Splice>,
    },
    /// The process was changed as a whole, by hand in its file (RFC 6902).
    Edited { patch: Value },
    /// Something was recorded that shows that work was done.
    EvidenceRecorded { evidence: Box<Evidence> },
    /// A process that another program or project made was taken in.
    Imported { format: u32, source: String, process: Box<Process> },
    /// An entry of the history that an older program kept.
    LegacyRecorded {
        #[serde(rename = "legacy_type")]
        kind: String,
        entry: Value,
    },
    /// Every step has ended well.
    ProcessCompleted,
    /// A step failed.
    ProcessFailed,
    /// The process was changed by a patch (RFC 6902), or that was taken back.
    ProcessPatched {
        #[serde(flatten)]
        entry: Entry,
        patch: Value,
        /// The patch that takes it back.
        inverse: Value,
    },
    /// There is something to do again.
    ProcessReopened,
    /// The first step was started.
    ProcessStarted,
    /// The content of an earlier version was taken back.
    Restored { version: u64, process: Box<Process> },
    /// Something that may go wrong was seen.
    RiskRecorded { risk: Box<Risk> },
    /// Something happened to the run of the process by its definition.
    #[serde(skip)]
    Run(RunFact),
    /// A step was put into the list.
    StepAdded { step: StepId, index: usize, content: Box<Step> },
    /// A step was ended from outside.
    StepCancelled { step: StepId },
    /// Somebody took hold of a step, until an instant.
    StepClaimed { step: StepId, holder: String, until: Timestamp },
    /// A step was done.
    StepCompleted {
        step: StepId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        outputs: Vec<String>,
    },
    /// Fields of a step were changed (RFC 7396 on its content).
    StepEdited { step: StepId, changes: Value },
    /// A step was tried and not done.
    StepFailed { step: StepId },
    /// A step was put elsewhere in the list.
    StepMoved { step: StepId, index: usize },
    /// A step got outputs without a change of its status.
    StepOutputAdded { step: StepId, outputs: Vec<String> },
    /// Somebody let go of a step.
    StepReleased { step: StepId },
    /// A step was taken out of the list.
    StepRemoved { step: StepId },
    /// A step stands at its beginning again.
    StepReset { step: StepId },
    /// A step was left out.
    StepSkipped { step: StepId },
    /// A step was begun.
    StepStarted { step: StepId },
    /// A step waits for something outside.
    StepWaiting { step: StepId },
    /// An event of another branch that no longer fits: kept, without effect.
    Superseded { event: Value },
    /// The process was taken back from the archive.
    Unarchived,
    /// A version that another program or project took was taken in.
    VersionImported { content: Box<Version> },
    /// A version was taken: a snapshot of the process as it stands after this event.
    Versioned { version: u64, reason: String },
}

impl Event {
    /// Returns the event as JSON: `seq`, `at`, `by`, `type`, then the keys of the fact.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("seq".to_owned(), self.seq.into());
        map.insert("at".to_owned(), self.at.as_str().into());
        map.insert("by".to_owned(), self.by.as_str().into());
        // A fact is a tagged map of values that are themselves written as maps and texts.
        let fact = match &self.fact {
            Fact::Run(fact) => serde_json::to_value(fact),
            fact => serde_json::to_value(fact),
        };
        if let Ok(Value::Object(fact)) = fact {
            map.extend(fact);
        }
        Value::Object(map)
    }

    /// Writes the event as JSON on one line, as [`Event::to_value`] says it, without a line end.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let start = out.len();
        // Texts and facts always serialise into memory.
        let _ = write!(out, "{{\"seq\":{},\"at\":\"{}\",\"by\":", self.seq, self.at.as_str());
        let _ = serde_json::to_writer(&mut *out, &self.by);
        let fact = out.len();
        let written = match &self.fact {
            Fact::Run(fact) => serde_json::to_writer(&mut *out, fact),
            fact => serde_json::to_writer(&mut *out, fact),
        };
        if written.is_ok() && out.get(fact) == Some(&b'{') {
            out[fact] = b',';
        } else {
            out.truncate(start);
            let _ = serde_json::to_writer(&mut *out, &self.to_value());
        }
    }

    /// Reads an event from JSON; keys that it does not know are passed over.
    ///
    /// # Errors
    /// A text that says what is missing, of the wrong type, or from a newer version.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        let (seq, at, by) = envelope(value)?;
        check_format(value)?;
        let fact = read_fact(value).map_err(|error| error.to_string())?;
        Ok(Self { seq, at, by, fact })
    }
}

impl Fact {
    /// Returns the step that the fact is about.
    #[must_use]
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::StepAdded { step, .. }
            | Self::StepCancelled { step }
            | Self::StepClaimed { step, .. }
            | Self::StepCompleted { step, .. }
            | Self::StepEdited { step, .. }
            | Self::StepFailed { step }
            | Self::StepMoved { step, .. }
            | Self::StepOutputAdded { step, .. }
            | Self::StepReleased { step }
            | Self::StepRemoved { step }
            | Self::StepReset { step }
            | Self::StepSkipped { step }
            | Self::StepStarted { step }
            | Self::StepWaiting { step } => Some(step),
            Self::Run(fact) => fact.step(),
            Self::Archived
            | Self::Created { .. }
            | Self::DecisionRecorded { .. }
            | Self::DocumentChanged { .. }
            | Self::Edited { .. }
            | Self::EvidenceRecorded { .. }
            | Self::Imported { .. }
            | Self::LegacyRecorded { .. }
            | Self::ProcessCompleted
            | Self::ProcessFailed
            | Self::ProcessPatched { .. }
            | Self::ProcessReopened
            | Self::ProcessStarted
            | Self::Restored { .. }
            | Self::RiskRecorded { .. }
            | Self::Superseded { .. }
            | Self::Unarchived
            | Self::VersionImported { .. }
            | Self::Versioned { .. } => None,
        }
    }

    /// Returns the process that the fact carries whole.
    #[must_use]
    pub fn process(&self) -> Option<&Process> {
        if let Self::Created { process, .. }
        | Self::Imported { process, .. }
        | Self::Restored { process, .. } = self
        {
            Some(process)
        } else if let Self::Run(RunFact::Started(start)) = self {
            start.process.as_ref()
        } else {
            None
        }
    }
}

/// Reads the fact of an event: by hand, or of a run.
fn read_fact(value: &Value) -> Result<Fact, serde_json::Error> {
    if !RunFact::may_be(value) {
        return Fact::deserialize(value);
    }
    match RunFact::deserialize(value) {
        Ok(fact) => Ok(Fact::Run(fact)),
        // Each type is either one of a run or one by hand, but for those that were told apart.
        Err(error) if error.to_string().starts_with("unknown variant") => Fact::deserialize(value),
        Err(error) => Err(error),
    }
}

/// Returns what every event has: its number, its instant and who did it.
pub(crate) fn envelope(value: &Value) -> Result<(u64, Timestamp, String), String> {
    let Value::Object(map) = value else { return Err("an event must be a map".to_owned()) };
    let field = |key: &str| map.get(key).ok_or_else(|| format!("`{key}` is missing"));
    let seq = field("seq")?.as_u64().ok_or("`seq` is no whole number")?;
    let at = field("at")?.as_str().and_then(Timestamp::parse).ok_or("`at` is no instant")?;
    let by = field("by")?.as_str().ok_or("`by` is no text")?.to_owned();
    Ok((seq, at, by))
}

/// Refuses a newer form before anything else of the event is read: that may be of a newer form too.
fn check_format(value: &Value) -> Result<(), String> {
    let begins = matches!(value["type"].as_str(), Some("created" | "imported" | "started"));
    match value["format"].as_u64() {
        Some(format) if begins && format > u64::from(JOURNAL_FORMAT) => Err(format!(
            "journal format {format} is newer than {JOURNAL_FORMAT}: use a newer procside"
        )),
        _ => Ok(()),
    }
}

/// Serialises a part of a process as the JSON of its format, and reads it back.
macro_rules! serde_as_value {
    ($($part:ty, $read:expr;)+) => {$(
        impl Serialize for $part {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.to_value().serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $part {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = Value::deserialize(deserializer)?;
                let mut problems = Vec::new();
                let read: fn(&Node, &mut Vec<_>) -> Option<Self> = $read;
                let part = read(&Node::from_json(&value), &mut problems);
                match (part, problems.first()) {
                    (Some(part), None) => Ok(part),
                    (_, Some(problem)) => Err(de::Error::custom(&problem.message)),
                    (None, None) => Err(de::Error::custom("the value is of another kind")),
                }
            }
        }
    )+};
}

serde_as_value! {
    Decision, Decision::read;
    Evidence, Evidence::read;
    Process, read_process;
    Risk, Risk::read;
    Step, |node, problems| Step::read(node, &StepId::numbered(1), problems);
    Version, Version::read;
}

/// Reads a process that names its own id, as every event that carries one does.
fn read_process(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Process> {
    let id = node.get("id").and_then(text_of).map(ProcessId::parse);
    let Some(Ok(id)) = id else {
        let message = "the process has no valid `id`";
        problems.push(Diagnostic::error("bad_id", node.place, message));
        return None;
    };
    let now = Timestamp::from_instant(chrono::DateTime::UNIX_EPOCH);
    let defaults = Defaults { id, uid: Uid::nil(), now };
    Process::read(node, &defaults).map_err(|found| problems.extend(found)).ok()
}

#[cfg(test)]
mod tests;
