//! Templates: builtin and local ones.

use process_core::{
    ProcessId, Template, TemplateId,
    template::{BUILTIN_IDS, builtin, resolve},
};
use serde_json::{Value, json};

use crate::{
    error::{Error, ErrorKind},
    project::Procside,
};

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
}

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
        for local in self.files.local_templates()? {
            match local
                .map_err(Error::from)
                .and_then(|local| self.found(local.template, Some(&local.path)))
            {
                Ok(found) => templates.push(found),
                Err(error) => notices.push(error.to_string()),
            }
        }
        for id in BUILTIN_IDS {
            let is_replaced =
                templates.iter().any(|found: &FoundTemplate| found.template.id.as_str() == id);
            if let Some(template) = builtin(id).filter(|_| !is_replaced) {
                templates.push(self.found(template, None)?);
            }
        }
        self.count_uses(&mut templates)?;
        Ok(Templates { templates, notices })
    }

    /// Notes on templates how often and when they were used.
    fn count_uses(&self, templates: &mut [FoundTemplate]) -> Result<(), Error> {
        let uses = self.files.index(&self.now())?.registry.templates;
        for found in templates {
            if let Some(entry) = uses.iter().find(|entry| entry.id == found.template.id.as_str()) {
                found.usage_count = entry.usage_count;
                found.last_used.clone_from(&entry.last_used);
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
        let mut broken = None;
        for local in self.files.local_templates()? {
            match local {
                Ok(local) if local.template.id == *id => {
                    return self.found(local.template, Some(&local.path));
                }
                Ok(_) => {}
                // A file that cannot be read may be the one that is meant; by its name it is.
                Err(error) if is_named(&error, id) => return Err(error.into()),
                Err(error) => broken = broken.or(Some(error)),
            }
        }
        if let Some(template) = builtin(id.as_str()) {
            return self.found(template, None);
        }
        if let Some(error) = broken {
            return Err(error.into());
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
        if self.local(&template.id)?.is_some() {
            let message = format!("there is a template `{}` already", template.id);
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        let mut change = self.begin()?;
        change.save_template(&template)?;
        self.finish(change);
        let path = self.files.layout().template(&template.id);
        self.found(template, Some(&path))
    }

    /// Removes a local template; what it said stays on record.
    ///
    /// # Errors
    /// `NotFound` when there is no local template of that id; builtin ones stay.
    pub fn remove_template(&self, id: &TemplateId) -> Result<(), Error> {
        let Some(local) = self.local(id)? else {
            let what = if builtin(id.as_str()).is_some() { "builtin" } else { "no local template" };
            return Err(Error::new(ErrorKind::NotFound, format!("`{id}` is {what}")));
        };
        drop(local);
        let mut change = self.begin()?;
        // What is kept of it is what it says now that nobody else writes.
        let gone =
            || Error::new(ErrorKind::NotFound, format!("there is no template `{id}` any more"));
        let local = self.local(id)?.ok_or_else(gone)?;
        change.remove_template(&local)?;
        self.finish(change);
        Ok(())
    }

    fn local(&self, id: &TemplateId) -> Result<Option<process_store::files::LocalTemplate>, Error> {
        let locals = self.files.local_templates()?;
        Ok(locals.into_iter().flatten().find(|local| local.template.id == *id))
    }

    fn found(
        &self,
        template: Template,
        path: Option<&std::path::Path>,
    ) -> Result<FoundTemplate, Error> {
        let mut find = |id: &TemplateId| -> Result<Option<Template>, Error> {
            // A local template may extend the builtin one in whose place it stands.
            match self.local(id)? {
                Some(local) => Ok(Some(local.template)),
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
            path: path.map(|path| self.files.layout().shown(path)),
            usage_count: 0,
            last_used: None,
        })
    }
}

/// Returns whether an error is of the file that by its name holds this template.
fn is_named(error: &process_store::Error, id: &TemplateId) -> bool {
    let stem = error.path().and_then(std::path::Path::file_stem);
    stem.is_some_and(|stem| stem.to_str() == Some(id.as_str()))
}

/// Returns an id that differs from this one, so that a template can extend its namesake.
fn unlike(id: &TemplateId) -> Result<TemplateId, Error> {
    let text = if id.as_str() == "local" { "namesake" } else { "local" };
    Ok(TemplateId::parse(text)?)
}

impl FoundTemplate {
    /// Returns the template as JSON, as `templates show` prints it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = self.template.to_value();
        if let (Value::Object(map), Value::Object(line)) = (&mut value, self.to_line()) {
            for key in ["source", "path", "usageCount", "lastUsed"] {
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
