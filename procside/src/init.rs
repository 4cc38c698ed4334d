//! Making a process.

use process_core::{
    Process, ProcessId, RegistryFact, Risk, Step, Template, TemplateId, Timestamp, model::Defaults,
};
use process_engine::Input;

use crate::{error::Error, outcome::Changed, project::Procside};

/// Why the first version of a process is taken.
pub(crate) const FIRST_REASON: &str = "Initial process creation";

/// What a new process is.
#[derive(Clone, Debug, Default)]
pub struct NewProcess {
    /// Its name; else that of its template, else that of the project's folder.
    pub name: Option<String>,
    /// What it is for; else what its template is for.
    pub goal: Option<String>,
    /// The template whose steps and risks it starts with; else the one of the configuration.
    pub template: Option<TemplateId>,
    /// Words by which it is found.
    pub tags: Vec<String>,
}

impl Procside {
    /// Makes a process and makes it the active one; the first one makes the project.
    ///
    /// Its first version is taken with the template's steps in it.
    ///
    /// # Errors
    /// `NotFound` for a template that is not there, `Invalid` for one that cannot be read.
    pub fn init(&self, new: NewProcess) -> Result<Changed, Error> {
        self.again(|| self.init_once(&new))
    }

    fn init_once(&self, new: &NewProcess) -> Result<Changed, Error> {
        let configured = crate::config::Config::of(self.files())?.template;
        let template = match new.template.clone().or(configured) {
            Some(id) => Some(self.template(&id)?.template),
            None => None,
        };
        if !self.place.exists()? {
            if self.is_dry() {
                return self.init_nothing(new, template.as_ref());
            }
            self.found_project()?;
        }
        let mut change = self.begin()?;
        let id = change.next_id()?;
        let process = self.new_process(id, new, template.as_ref(), &change.now);
        let facts = vec![
            RegistryFact::ProcessCreated {
                process: id,
                uid: process.uid,
                template: process.template.clone(),
            },
            RegistryFact::Switched { process: id },
        ];
        let reason = FIRST_REASON.to_owned();
        let input = Input::Create { process: Box::new(process), reason };
        let record = change.create(id, vec![input], facts)?;
        Changed::end(change, &record, 0)
    }

    /// Shows what the first process of a project would be, where there is no project yet.
    fn init_nothing(
        &self,
        new: &NewProcess,
        template: Option<&Template>,
    ) -> Result<Changed, Error> {
        let id = ProcessId::parse("proc-001")?;
        let process = self.new_process(id, new, template, &self.now());
        Ok(Changed { process, events: Vec::new(), run: None, notices: Vec::new() })
    }

    fn new_process(
        &self,
        id: ProcessId,
        new: &NewProcess,
        template: Option<&Template>,
        now: &Timestamp,
    ) -> Process {
        let folder = self.root().file_name().map(|name| name.to_string_lossy().into_owned());
        let name = new
            .name
            .clone()
            .or_else(|| template.map(|template| template.name.clone()))
            .or(folder)
            .unwrap_or_else(|| id.to_string());
        let goal = new.goal.clone().or_else(|| template.map(|template| template.goal.clone()));
        let defaults = Defaults { id, uid: (self.surroundings.uids)(), now: now.clone() };
        let mut process = Process::new(defaults, name, goal.unwrap_or_default());
        process.tags.clone_from(&new.tags);
        if let Some(template) = template {
            process.template = Some(template.id.to_string());
            process.steps = template.steps.iter().map(|step| step.step.clone()).collect();
            process.risks = template.risks.iter().map(|risk| seen_at(risk, now)).collect();
        }
        process
    }

    /// Makes a new process from one that is there: its steps at their beginning, its risks as seen.
    ///
    /// What was decided and done belongs to the old one and stays there.
    ///
    /// # Errors
    /// `NotFound` when the process is not there.
    pub fn clone_process(&self, id: ProcessId, name: Option<String>) -> Result<Changed, Error> {
        self.again(|| self.clone_once(id, name.clone()))
    }

    fn clone_once(&self, id: ProcessId, name: Option<String>) -> Result<Changed, Error> {
        let source = self.process(Some(id))?;
        let mut change = self.begin()?;
        let new_id = change.next_id()?;
        let now = change.now.clone();
        let defaults = Defaults { id: new_id, uid: (self.surroundings.uids)(), now: now.clone() };
        let name = name.unwrap_or_else(|| format!("{} (copy)", source.name));
        let process = Process {
            template: source.template,
            tags: source.tags,
            steps: source.steps.into_iter().map(at_its_beginning).collect(),
            risks: source.risks.iter().map(|risk| seen_at(risk, &now)).collect(),
            extra: source.extra,
            ..Process::new(defaults, name, source.goal)
        };
        let fact = RegistryFact::ProcessCreated {
            process: new_id,
            uid: process.uid,
            template: process.template.clone(),
        };
        let reason = format!("Cloned from {id}");
        let input = Input::Create { process: Box::new(process), reason };
        let record = change.create(new_id, vec![input], vec![fact])?;
        Changed::end(change, &record, 0)
    }
}

fn seen_at(risk: &Risk, now: &Timestamp) -> Risk {
    Risk { status: "identified".to_owned(), identified_at: Some(now.clone()), ..risk.clone() }
}

fn at_its_beginning(step: Step) -> Step {
    Step {
        status: process_core::StepStatus::Pending,
        started_at: None,
        completed_at: None,
        claim: None,
        ..step
    }
}
