//! The JSON Schema of a process file, for editors (docs/formats/process.md).

use serde_json::{Value, json};

use crate::{
    model::{IMPACTS, STEPS_MAX},
    status::{ProcessStatus, StepStatus},
};

/// Returns the JSON Schema (draft 2020-12) of a process file.
///
/// Keys that it does not name are allowed: they are kept as they are.
#[must_use]
pub fn process_schema() -> Value {
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let instant = json!({"type": "string", "format": "date-time"});
    let process_statuses = ProcessStatus::ALL.map(ProcessStatus::as_str);
    let step_statuses = StepStatus::ALL.map(StepStatus::as_str);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "procside process",
        "type": "object",
        "required": ["name"],
        "properties": {
            "id": {"type": "string", "pattern": "^proc-[0-9]{3,9}$"},
            "name": {"type": "string"},
            "goal": {"type": "string"},
            "status": {"enum": process_statuses},
            "template": {"type": "string"},
            "definition": {"type": "string"},
            "key": {"type": "string"},
            "tags": texts,
            "steps": {"type": "array", "maxItems": STEPS_MAX, "items": {"$ref": "#/$defs/step"}},
            "decisions": {"type": "array", "items": {"$ref": "#/$defs/decision"}},
            "risks": {"type": "array", "items": {"$ref": "#/$defs/risk"}},
            "evidence": {"type": "array", "items": {"$ref": "#/$defs/evidence"}},
            "createdAt": instant,
            "updatedAt": instant,
            "archivedAt": instant,
            "uid": {"type": "string", "format": "uuid"},
            "revision": {"type": "integer", "minimum": 0},
        },
        "$defs": {
            "step": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,63}$"},
                    "name": {"type": "string"},
                    "description": {"type": "string"},
                    "inputs": texts,
                    "outputs": texts,
                    "checks": texts,
                    "status": {"enum": step_statuses},
                    "startedAt": instant,
                    "completedAt": instant,
                    "claim": {
                        "type": "object",
                        "required": ["by", "until"],
                        "properties": {"by": {"type": "string"}, "until": instant},
                    },
                },
            },
            "decision": {
                "type": "object",
                "required": ["question"],
                "properties": {
                    "id": {"type": "string"},
                    "question": {"type": "string"},
                    "options": texts,
                    "choice": {"type": "string"},
                    "rationale": {"type": "string"},
                    "timestamp": instant,
                },
            },
            "risk": {
                "type": "object",
                "required": ["risk"],
                "properties": {
                    "id": {"type": "string"},
                    "risk": {"type": "string"},
                    "impact": {"type": "string", "examples": IMPACTS},
                    "mitigation": {"type": "string"},
                    "status": {"type": "string"},
                    "identifiedAt": instant,
                },
            },
            "evidence": {
                "type": "object",
                "required": ["type", "value"],
                "properties": {
                    "type": {"type": "string", "examples": ["command", "file", "url", "note"]},
                    "value": {"type": "string"},
                    "timestamp": instant,
                    "stepId": {"type": "string"},
                },
            },
        },
    })
}

#[cfg(test)]
mod tests;
