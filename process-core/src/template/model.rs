//! What a template holds.

use serde_json::{Map, Value};

use crate::{
    diagnostic::Diagnostic,
    fields::{Fields, MapWriter},
    id::{StepId, TemplateId},
    model::{Process, Risk, Step, read_steps},
    status::StepStatus,
    yaml::Node,
};

/// A template (docs/formats/template.md).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// What people call it.
    pub name: String,
    /// The goal of processes made from it.
    pub goal: String,
    /// The template that this one starts from.
    pub extends: Option<TemplateId>,
    /// Steps of that template that this one leaves out.
    pub remove_steps: Vec<StepId>,
    /// Its steps: one with an id of the parent replaces that step, any other is added.
    pub steps: Vec<TemplateStep>,
    /// Its risks: one with an id of the parent replaces that risk, any other is added.
    pub risks: Vec<Risk>,
    /// Keys that this version does not know.
    pub extra: Map<String, Value>,
}

/// A step of a template, and where it is added.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateStep {
    /// The step, pending.
    pub step: Step,
    /// The step of the parent behind which it is added; at the end when there is none.
    pub after: Option<StepId>,
}

impl Template {
    /// Reads a template; `fallback` is its id when the file gives none.
    ///
    /// # Errors
    /// Every problem that the file has, each with its line.
    pub fn read(node: &Node, fallback: &TemplateId) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        Self::read_noting(node, fallback, &mut problems)
            .filter(|_| problems.is_empty())
            .ok_or(problems)
    }

    fn read_noting(
        node: &Node,
        fallback: &TemplateId,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let mut fields = Fields::new(node, "a template", problems)?;
        let id = parsed(&mut fields, "id", TemplateId::parse).unwrap_or_else(|| fallback.clone());
        let extends = parsed(&mut fields, "extends", TemplateId::parse);
        let mut remove_steps = Vec::new();
        for text in fields.texts("remove_steps") {
            match StepId::parse(&text) {
                Ok(id) => remove_steps.push(id),
                Err(error) => fields.problem("bad_id", "remove_steps", error.to_string()),
            }
        }
        let risks = fields.list("risks");
        let risks = risks.iter().filter_map(|node| Risk::read(node, fields.problems())).collect();
        Some(Self {
            name: fields.text("name").unwrap_or_else(|| id.to_string()),
            goal: fields.text("goal").unwrap_or_default(),
            extends,
            remove_steps,
            steps: read_steps(&mut fields, TemplateStep::read, |step| &step.step.id),
            risks,
            extra: fields.rest(),
            id,
        })
    }

    /// Makes a template of a process: its steps stand at their beginning, its risks as seen.
    #[must_use]
    pub fn from_process(id: TemplateId, process: &Process) -> Self {
        let steps = process.steps.iter().map(|step| {
            let fresh = Step {
                status: StepStatus::Pending,
                started_at: None,
                completed_at: None,
                claim: None,
                ..step.clone()
            };
            TemplateStep { step: fresh, after: None }
        });
        let risks = process.risks.iter().map(|risk| Risk {
            status: "identified".to_owned(),
            identified_at: None,
            ..risk.clone()
        });
        Self {
            id,
            name: process.name.clone(),
            goal: process.goal.clone(),
            extends: None,
            remove_steps: Vec::new(),
            steps: steps.collect(),
            risks: risks.collect(),
            extra: Map::new(),
        }
    }

    /// Returns the template as JSON, keys in the order of its file.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = MapWriter::default();
        map.put("id", self.id.as_str());
        map.put("name", self.name.as_str());
        map.put("goal", self.goal.as_str());
        map.put_some("extends", self.extends.as_ref());
        if !self.remove_steps.is_empty() {
            let ids: Vec<String> = self.remove_steps.iter().map(StepId::to_string).collect();
            map.put_texts("remove_steps", &ids);
        }
        map.put("steps", self.steps.iter().map(TemplateStep::to_value).collect::<Value>());
        map.put("risks", self.risks.iter().map(Risk::to_value).collect::<Value>());
        map.finish(&self.extra)
    }
}

impl TemplateStep {
    fn read(node: &Node, fallback: &StepId, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut step = Step::read(node, fallback, problems)?;
        step.status = StepStatus::Pending;
        let after = match step.extra.shift_remove("after") {
            None | Some(Value::Null) => None,
            Some(value) => match value.as_str().map(StepId::parse) {
                Some(Ok(id)) => Some(id),
                Some(Err(_)) | None => {
                    let place = node.get("after").map_or(node.place, |after| after.place);
                    let message = format!("`after` of step `{}` is no step id", step.id);
                    problems.push(Diagnostic::error("bad_id", place, message));
                    None
                }
            },
        };
        Some(Self { step, after })
    }

    fn to_value(&self) -> Value {
        let mut value = self.step.to_value();
        if let Value::Object(map) = &mut value {
            map.shift_remove("status");
            if let Some(after) = &self.after {
                map.insert("after".to_owned(), Value::from(after.as_str()));
            }
        }
        value
    }
}

fn parsed<T>(
    fields: &mut Fields<'_>,
    key: &'static str,
    parse: fn(&str) -> Result<T, crate::id::InvalidId>,
) -> Option<T> {
    match parse(&fields.text(key)?) {
        Ok(id) => Some(id),
        Err(error) => {
            fields.problem("bad_id", key, error.to_string());
            None
        }
    }
}
