//! What is recorded beside the steps: decisions, risks, evidence.

use serde_json::{Map, Value};

use crate::{
    diagnostic::Diagnostic,
    fields::{Fields, MapWriter},
    time::Timestamp,
    yaml::Node,
};

/// The impacts that a risk can be given; files may hold others.
pub const IMPACTS: [&str; 4] = ["low", "medium", "high", "critical"];

/// A question that was answered, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// `d1`, `d2` …; files of other programs may hold other texts.
    pub id: String,
    /// What was asked.
    pub question: String,
    /// What was chosen.
    pub choice: String,
    /// Why.
    pub rationale: String,
    /// What else could have been chosen.
    pub options: Vec<String>,
    /// When it was decided.
    pub timestamp: Option<Timestamp>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

impl Decision {
    pub(crate) fn read(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut fields = Fields::new(node, "a decision", problems)?;
        Some(Self {
            id: fields.text("id").unwrap_or_default(),
            question: fields.required_text("question"),
            choice: fields.text("choice").unwrap_or_default(),
            rationale: fields.text("rationale").unwrap_or_default(),
            options: fields.texts("options"),
            timestamp: fields.timestamp("timestamp"),
            extra: fields.rest(),
        })
    }

    /// Returns the decision as JSON (docs/formats/process.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        put_id(&mut map, &self.id);
        map.put("question", self.question.as_str());
        if !self.options.is_empty() {
            map.put_texts("options", &self.options);
        }
        map.put("choice", self.choice.as_str());
        map.put("rationale", self.rationale.as_str());
        map.put_some("timestamp", self.timestamp.as_ref());
        map.finish(&self.extra)
    }
}

/// Something that may go wrong, and what is done about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Risk {
    /// `r1`, `r2` …; files of other programs may hold other texts.
    pub id: String,
    /// What may go wrong.
    pub risk: String,
    /// How bad it would be, one of [`IMPACTS`] unless another program wrote it.
    pub impact: String,
    /// What is done about it; empty when nothing is.
    pub mitigation: String,
    /// `identified`, `mitigating`, `mitigated` or `accepted`; files may hold others.
    pub status: String,
    /// When it was seen.
    pub identified_at: Option<Timestamp>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

impl Risk {
    pub(crate) fn read(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut fields = Fields::new(node, "a risk", problems)?;
        Some(Self {
            id: fields.text("id").unwrap_or_default(),
            risk: fields.required_text("risk"),
            impact: fields.text("impact").unwrap_or_else(|| "medium".to_owned()),
            mitigation: fields.text("mitigation").unwrap_or_default(),
            status: fields.text("status").unwrap_or_else(|| "identified".to_owned()),
            identified_at: fields.timestamp("identifiedAt"),
            extra: fields.rest(),
        })
    }

    /// Returns the risk as JSON (docs/formats/process.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        put_id(&mut map, &self.id);
        map.put("risk", self.risk.as_str());
        map.put("impact", self.impact.as_str());
        map.put("mitigation", self.mitigation.as_str());
        map.put("status", self.status.as_str());
        map.put_some("identifiedAt", self.identified_at.as_ref());
        map.finish(&self.extra)
    }
}

/// Something that shows that work was done: a command, a file, a link, a note.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Evidence {
    /// `command`, `file`, `url`, `note`, or another word.
    pub kind: String,
    /// The command line, path, address or text.
    pub value: String,
    /// When it was recorded.
    pub timestamp: Option<Timestamp>,
    /// The step that it belongs to, as text: the step may be gone by now.
    pub step_id: Option<String>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

impl Evidence {
    pub(crate) fn read(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut fields = Fields::new(node, "a piece of evidence", problems)?;
        Some(Self {
            kind: fields.required_text("type"),
            value: fields.required_text("value"),
            timestamp: fields.timestamp("timestamp"),
            step_id: fields.text("stepId"),
            extra: fields.rest(),
        })
    }

    /// Returns the evidence as JSON (docs/formats/process.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        map.put("type", self.kind.as_str());
        map.put("value", self.value.as_str());
        map.put_some("stepId", self.step_id.as_ref());
        map.put_some("timestamp", self.timestamp.as_ref());
        map.finish(&self.extra)
    }
}

fn put_id(map: &mut MapWriter, id: &str) {
    if !id.is_empty() {
        map.put("id", id);
    }
}
