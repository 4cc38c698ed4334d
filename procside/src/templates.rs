//! Templates: builtin and local ones, checklists and definitions.

use std::{path::Path, sync::Arc};

use process_core::{
    ProcessId, Template, TemplateId,
    definition::{Definition, StepDefinition, StepKind},
    template::{BUILTIN_IDS, builtin, resolve},
};
use process_store::{files::LocalTemplate, place::TemplateUse};
use serde_json::{Map, Value, json};

use crate::{
    definitions::{Definitions, Validation},
    error::{Error, ErrorKind},
    project::Procside,
    source::problems_value,
};

/// The local templates as they were read, each with what keeps it from being used.
type Locals = [Result<LocalTemplate, process_store::Error>];

/// A template, and what is known of it.
#[derive(Clone, Debug)]
pub struct FoundTemplate {
    /// The template, with all that it inherits.
    pub template: Template,
    /// `builtin` or `local`.
    pub source: &'static str,
    /// The path of a local one, below the project.
    pub path: Option<String>,
    /// How many processes were made from it.
    pub usage_count: u64,
    /// When one was last made from it.
    pub last_used: Option<process_core::Timestamp>,
    /// What its file says as a definition, when it has rules by which steps run; a checklist has
    /// none.
    pub definition: Option<Arc<Validation>>,
}

/// The keys of a definition that a checklist has as well.
const CHECKLIST_KEYS: [&str; 4] = ["name", "version", "description", "steps"];

/// The keys of a step of a definition that one of a checklist has as well.
const CHECKLIST_STEP_KEYS: [&str; 7] =
    ["id", "name", "description", "type", "inputs", "outputs", "checks"];

/// All templates.
#[derive(Clone, Debug)]
pub struct Templates {
    /// The templates, local ones first.
    pub templates: Vec<FoundTemplate>,
    /// Local ones that cannot be read, for people.
    pub notices: Vec<String>,
}

impl Procside {
    /// Lists all templates; a local one with a builtin's id stands in its place.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn templates(&self) -> Result<Templates, Error> {
        let mut notices = Vec::new();
        let mut templates = Vec::new();
        let locals = self.files().local_templates()?;
        for local in locals.clone() {
            match local
                .map_err(Error::from)
                .and_then(|local| self.found(local.template, Some(&local.path), &locals))
            {
                Ok(found) => {
                    notices.extend(found.unusable());
                    templates.push(found);
                }
                Err(error) => notices.push(error.to_string()),
            }
        }
        for id in BUILTIN_IDS {
            let is_replaced =
                templates.iter().any(|found: &FoundTemplate| found.template.id.as_str() == id);
            if let Some(template) = builtin(id).filter(|_| !is_replaced) {
                templates.push(self.found(template, None, &locals)?);
            }
        }
        self.count_uses(&mut templates)?;
        Ok(Templates { templates, notices })
    }

    /// Notes on templates how often and when they were used.
    fn count_uses(&self, templates: &mut [FoundTemplate]) -> Result<(), Error> {
        let uses = self.place.template_uses(&self.now())?;
        for found in templates {
            let is_of = |used: &&TemplateUse| used.template == found.template.id.as_str();
            if let Some(used) = uses.iter().find(is_of) {
                found.usage_count = used.count;
                found.last_used.clone_from(&used.last);
            }
        }
        Ok(())
    }

    /// Returns a template with all that it inherits, and how often it was used.
    ///
    /// # Errors
    /// As [`Procside::template`].
    pub fn template_with_uses(&self, id: &TemplateId) -> Result<FoundTemplate, Error> {
        let mut found = self.template(id)?;
        self.count_uses(std::slice::from_mut(&mut found))?;
        Ok(found)
    }

    /// Returns a template with all that it inherits.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a file that cannot be read or inherits what is not there.
    pub fn template(&self, id: &TemplateId) -> Result<FoundTemplate, Error> {
        let locals = self.files().local_templates()?;
        if let Some(local) = local_of(&locals, id)? {
            return self.found(local.template.clone(), Some(&local.path), &locals);
        }
        if let Some(template) = builtin(id.as_str()) {
            return self.found(template, None, &locals);
        }
        // A file that cannot be read may be the one that is meant.
        if let Some(error) = locals.iter().find_map(|local| local.as_ref().err()) {
            return Err(error.clone().into());
        }
        Err(Error::new(ErrorKind::NotFound, format!("there is no template `{id}`"))
            .with_hint("`procside templates` lists them"))
    }

    /// Keeps the steps and risks of a process as a local template.
    ///
    /// # Errors
    /// `Conflict` when there is a local template of that id.
    pub fn new_template(&self, from: ProcessId, id: TemplateId) -> Result<FoundTemplate, Error> {
        let template = Template::from_process(id, &self.process(Some(from))?);
        let locals = self.files().local_templates()?;
        if local_of(&locals, &template.id)?.is_some() {
            let message = format!("there is a template `{}` already", template.id);
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        let mut change = self.begin_files()?;
        change.save_template(&template)?;
        self.finish_files(change);
        let path = self.files().layout().template(&template.id);
        self.found(template, Some(&path), &locals)
    }

    /// Removes a local template; what it said stays on record.
    ///
    /// # Errors
    /// `NotFound` when there is no local template of that id; builtin ones stay. `Invalid` for a
    /// file that cannot be read: what it said could not stay on record.
    pub fn remove_template(&self, id: &TemplateId) -> Result<(), Error> {
        let mut change = self.begin_files()?;
        // What goes on record is what is removed, not what stood there before the lock was ours.
        let locals = self.files().local_templates()?;
        let Some(local) = local_of(&locals, id)? else {
            let what = if builtin(id.as_str()).is_some() { "builtin" } else { "no local template" };
            return Err(Error::new(ErrorKind::NotFound, format!("`{id}` is {what}")));
        };
        change.remove_template(local)?;
        self.finish_files(change);
        Ok(())
    }

    fn found(
        &self,
        template: Template,
        path: Option<&Path>,
        locals: &Locals,
    ) -> Result<FoundTemplate, Error> {
        let mut find = |id: &TemplateId| -> Result<Option<Template>, Error> {
            // A local template may extend the builtin one in whose place it stands.
            match local_of(locals, id)? {
                Some(local) => Ok(Some(local.template.clone())),
                None => Ok(builtin(id.as_str())),
            }
        };
        let template = match (&template.extends, builtin(template.id.as_str())) {
            (Some(parent), Some(base)) if *parent == template.id => {
                let id = template.id.clone();
                let child = Template { id: unlike(&id)?, ..template };
                let mut once = |_: &TemplateId| Ok::<_, Error>(Some(base.clone()));
                Template { id, ..resolve(child, &mut once)? }
            }
            _ => resolve(template, &mut find)?,
        };
        Ok(FoundTemplate {
            template,
            source: if path.is_some() { "local" } else { "builtin" },
            path: path.map(|path| self.files().layout().shown(path)),
            usage_count: 0,
            last_used: None,
            definition: path.and_then(|path| self.rules_of(path)),
        })
    }

    /// Reads a file as a definition; `None` when there are no rules in it.
    fn rules_of(&self, path: &Path) -> Option<Arc<Validation>> {
        let definitions = Definitions::on(self.surroundings.disk.clone());
        let mut validation = definitions.source_of_file(path).ok()?.validate();
        validation.file = self.files().layout().shown(path);
        let has_rules = validation.definition.as_deref().is_some_and(has_rules);
        has_rules.then(|| Arc::new(validation))
    }
}

/// Returns whether a definition says more than a checklist can.
fn has_rules(definition: &Definition) -> bool {
    let says_more = |value: &Value, plain: &[&str], extra: &Map<String, Value>| {
        let mut keys = value.as_object().into_iter().flat_map(Map::keys);
        keys.any(|key| !plain.contains(&key.as_str()) && !extra.contains_key(key))
    };
    let value = definition.to_value();
    let is_more = |(step, value): (&StepDefinition, &Value)| {
        !matches!(step.kind, StepKind::Manual { .. })
            || says_more(value, &CHECKLIST_STEP_KEYS, &step.extra)
    };
    let steps = value["steps"].as_array().into_iter().flatten();
    says_more(&value, &CHECKLIST_KEYS, &definition.extra)
        || definition.steps.iter().zip(steps).any(is_more)
}

/// Finds the local template of this id; a file of that name which cannot be read is its error, for
/// what it says must not be passed over for a builtin one.
fn local_of<'a>(locals: &'a Locals, id: &TemplateId) -> Result<Option<&'a LocalTemplate>, Error> {
    if let Some(local) = locals.iter().flatten().find(|local| local.template.id == *id) {
        return Ok(Some(local));
    }
    let is_meant = |error: &&process_store::Error| {
        let stem = error.path().and_then(Path::file_stem);
        stem.is_some_and(|stem| stem == id.as_str())
    };
    match locals.iter().filter_map(|local| local.as_ref().err()).find(is_meant) {
        Some(error) => Err(error.clone().into()),
        None => Ok(None),
    }
}

/// Returns an id that differs from this one, so that a template can extend its namesake.
fn unlike(id: &TemplateId) -> Result<TemplateId, Error> {
    let text = if id.as_str() == "local" { "namesake" } else { "local" };
    Ok(TemplateId::parse(text)?)
}

impl FoundTemplate {
    /// Returns what kind of template it is: `definition` or `checklist`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.definition.is_some() { "definition" } else { "checklist" }
    }

    /// Returns why it cannot run, if it is a definition with errors.
    fn unusable(&self) -> Option<String> {
        let error = self.definition.as_ref()?.usable().err()?;
        Some(error.to_string())
    }

    /// Returns the problems that it has as a definition, as JSON.
    #[must_use]
    pub fn problems_value(&self) -> Value {
        let problems = self.definition.as_ref().map(|validation| validation.problems.as_slice());
        problems_value(problems.unwrap_or_default())
    }

    /// Returns the template as JSON, as `templates show` prints it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = self.template.to_value();
        if let (Value::Object(map), Value::Object(line)) = (&mut value, self.to_line()) {
            for key in ["source", "path", "kind", "usageCount", "lastUsed"] {
                map.insert(key.to_owned(), line.get(key).cloned().unwrap_or_default());
            }
        }
        value
    }

    /// Returns the template as one line of the list.
    #[must_use]
    pub fn to_line(&self) -> Value {
        json!({
            "id": self.template.id,
            "name": self.template.name,
            "goal": self.template.goal,
            "source": self.source,
            "path": self.path,
            "kind": self.kind(),
            "steps": self.template.steps.len(),
            "usageCount": self.usage_count,
            "lastUsed": self.last_used,
        })
    }
}

impl Templates {
    /// Returns the data of the answer.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let lines: Vec<Value> = self.templates.iter().map(FoundTemplate::to_line).collect();
        json!({"templates": lines})
    }
}
