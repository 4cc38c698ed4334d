//! The local templates of a project.

use std::path::PathBuf;

use process_core::{RegistryFact, Template, TemplateId, yaml};

use super::{
    Change, Files,
    index::problems,
    view::{Text, read_text},
};
use crate::{
    error::{Error, ErrorKind},
    replace::{Durability, replace},
};

/// A template of this project.
#[derive(Clone, Debug)]
pub struct LocalTemplate {
    /// The template.
    pub template: Template,
    /// Its file.
    pub path: PathBuf,
}

impl Files {
    /// Reads every local template; what cannot be read comes as an error beside the others.
    ///
    /// # Errors
    /// Whatever keeps the folder from being listed.
    pub fn local_templates(&self) -> Result<Vec<Result<LocalTemplate, Error>>, Error> {
        let folder = self.layout().templates();
        let mut templates = Vec::new();
        for entry in self.list(&folder)? {
            let name = entry.name.as_str();
            let Some(stem) = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))
            else {
                continue;
            };
            let path = folder.join(name);
            templates.push(self.read_template(path, stem));
        }
        Ok(templates)
    }

    fn read_template(&self, path: PathBuf, stem: &str) -> Result<LocalTemplate, Error> {
        let shown = self.layout().shown(&path);
        let invalid = |reason: &str| {
            Error::new(ErrorKind::Invalid, format!("cannot read `{shown}`: {reason}")).at(&path)
        };
        let text = match read_text(self.disk(), &path)? {
            Text::Absent => return Err(invalid("it is gone")),
            Text::Unusual(what) => return Err(invalid(&format!("it is {what}"))),
            Text::Read { text, .. } => text,
        };
        // A file name that is no id is no obstacle as long as the file gives its own.
        let fallback = TemplateId::parse(stem);
        let node =
            yaml::read(&text).map_err(|problem| problems(&shown, &text, &[problem]).at(&path))?;
        let fallback = match fallback {
            Ok(id) => id,
            Err(_) if node.get("id").is_some() => {
                TemplateId::parse("unnamed").map_err(|error| invalid(&error.to_string()))?
            }
            Err(error) => return Err(invalid(&error.to_string())),
        };
        let template = Template::read(&node, &fallback)
            .map_err(|found| problems(&shown, &text, &found).at(&path))?;
        Ok(LocalTemplate { template, path })
    }
}

impl Change<'_> {
    /// Keeps a local template.
    ///
    /// # Errors
    /// `Conflict` when there is a file of that id already.
    pub fn save_template(&mut self, template: &Template) -> Result<(), Error> {
        let files = self.files;
        let path = files.layout().template(&template.id);
        if files.disk().stat(&path)?.is_some() {
            let message = format!("there is a template `{}` already", template.id);
            return Err(Error::new(ErrorKind::Conflict, message).at(path));
        }
        if self.is_dry() {
            return Ok(());
        }
        let content = template.to_value();
        files.make_durable_folder(&files.layout().templates())?;
        replace(
            files.disk(),
            &path,
            yaml::write(&content).as_bytes(),
            Durability::SyncedWithFolder,
        )?;
        self.record(vec![RegistryFact::TemplateSaved { template: template.id.clone(), content }])
    }

    /// Removes a local template; what it said stays in the registry's journal.
    ///
    /// # Errors
    /// Whatever the disk says before the removal is recorded.
    pub fn remove_template(&mut self, local: &LocalTemplate) -> Result<(), Error> {
        if self.is_dry() {
            return Ok(());
        }
        self.record(vec![RegistryFact::TemplateRemoved {
            template: local.template.id.clone(),
            content: local.template.to_value(),
        }])?;
        self.files.disk().remove_file(&local.path)
    }
}
