//! Trying definitions on a virtual clock, and scenarios as tests.

use std::path::{Path, PathBuf};

use process_core::{
    Diagnostic, ProcessStatus,
    definition::{Definition, InputType},
    yaml,
};
use process_engine::simulate::{Scenario, Simulation, simulate};
use serde_json::{Map, Value, json};

use crate::{
    definitions::{Definitions, Validation},
    error::{Error, ErrorKind},
    named::Named,
    scenario_files::{definition_beside, find_scenarios, scenario_stem},
    source::{Source, refused},
};

/// What trying a definition gave (docs/formats/scenario.md).
#[derive(Clone, Debug)]
pub struct Trial {
    /// How it went.
    pub simulation: Simulation,
    /// Definitions that were named and cannot be used, for people.
    pub notices: Vec<String>,
}

/// What became of one scenario.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Its file.
    pub file: String,
    /// The file of its definition, if there is one.
    pub definition: Option<String>,
    /// What it is called: its file's name without the ending.
    pub name: String,
    /// Where the process stood in the end, if it came so far.
    pub status: Option<ProcessStatus>,
    /// What was expected and not found, a line each.
    pub unmet: Vec<String>,
    /// What kept it from being tried, a line each.
    pub errors: Vec<String>,
}

/// What became of all scenarios.
#[derive(Clone, Debug)]
pub struct TestReport {
    /// Each of them, in the order of their names.
    pub results: Vec<Tested>,
    /// What could not be looked into, for people.
    pub notices: Vec<String>,
}

/// A definition that several scenarios are about, one after the other.
struct Subject<'a> {
    path: PathBuf,
    validation: Result<Validation, Error>,
    named: Named<'a>,
}

impl Definitions {
    /// Tries a definition by a scenario, with more input on top: names, and values as they are
    /// written on a command line.
    ///
    /// # Errors
    /// As [`Definitions::validate`]; `Invalid` with every problem of the definition, the scenario or
    /// the input.
    pub fn simulate(
        &self,
        path: &Path,
        scenario: Option<&Path>,
        input: &[(String, String)],
    ) -> Result<Trial, Error> {
        self.simulate_with(path, scenario, input, Map::new())
    }

    /// Tries a definition as [`Definitions::simulate`] does, with input as JSON, over which the rest
    /// of the input counts.
    ///
    /// # Errors
    /// As [`Definitions::simulate`].
    pub fn simulate_with(
        &self,
        path: &Path,
        scenario: Option<&Path>,
        input: &[(String, String)],
        values: Map<String, Value>,
    ) -> Result<Trial, Error> {
        let source = self.source(path)?;
        let file = source.file.clone().map_or_else(|| path.to_owned(), |(file, _)| file);
        let validation = source.validate();
        let definition = validation.usable()?;
        let scenario = match scenario {
            Some(scenario) => {
                let source = self.source_of_file(scenario)?;
                let read = source.scenario(definition);
                read.map_err(|problems| refused(&source.name, &source.text, &problems))?
            }
            None => Scenario::default(),
        };
        let mut given = values;
        given.extend(input_values(definition, input));
        let scenario = scenario.with_input(given);
        let named = Named::beside(self, &file);
        let simulation = simulate(definition, &scenario, &|name| named.find(name))?;
        Ok(Trial { simulation, notices: named.take_notices() })
    }

    /// Tries every scenario that paths mean, and tells of each when it is over.
    ///
    /// # Errors
    /// `NotFound` when there is none, or nothing at a path; `Invalid` when there is too much to look
    /// through.
    pub fn test(
        &self,
        paths: &[PathBuf],
        each: &mut dyn FnMut(&Tested),
    ) -> Result<TestReport, Error> {
        let mut found = find_scenarios(self.disk.as_ref(), paths)?;
        if found.paths.is_empty() {
            let shown: Vec<String> =
                paths.iter().map(|path| format!("`{}`", path.display())).collect();
            let message = format!("there is no scenario in {}", shown.join(", "));
            return Err(Error::new(ErrorKind::NotFound, message).with_hint(
                "a scenario is `NAME.scenario.yaml` or `NAME.*.scenario.yaml` beside `NAME.yaml`",
            ));
        }
        let mut results = Vec::with_capacity(found.paths.len());
        let mut subject: Option<Subject<'_>> = None;
        for path in &found.paths {
            let tested = self.test_one(path, &mut subject);
            if let Some(subject) = &subject {
                let notices = subject.named.take_notices();
                found.notices.extend(
                    notices
                        .into_iter()
                        .map(|notice| format!("{}: {notice}", subject.path.display())),
                );
            }
            each(&tested);
            results.push(tested);
        }
        Ok(TestReport { results, notices: found.notices })
    }

    /// Tries one scenario; its definition is kept for the next one.
    fn test_one<'a>(&'a self, path: &Path, subject: &mut Option<Subject<'a>>) -> Tested {
        let mut tested = Tested {
            file: path.display().to_string(),
            definition: None,
            name: scenario_stem(path).unwrap_or_default().to_owned(),
            status: None,
            unmet: Vec::new(),
            errors: Vec::new(),
        };
        let definition = match definition_beside(self.disk.as_ref(), path) {
            Ok(Some(definition)) => definition,
            Ok(None) => {
                tested.errors.push("there is no definition beside it".to_owned());
                return tested;
            }
            Err(error) => {
                tested.errors.push(error.to_string());
                return tested;
            }
        };
        tested.definition = Some(definition.display().to_string());
        let subject = match subject {
            Some(subject) if subject.path == definition => subject,
            _ => subject.insert(Subject::new(self, definition)),
        };
        match subject.try_by(self, path) {
            Ok(simulation) => tested.take(simulation),
            Err(errors) => tested.errors = errors,
        }
        tested
    }
}

impl<'a> Subject<'a> {
    fn new(definitions: &'a Definitions, path: PathBuf) -> Self {
        let named = Named::beside(definitions, &path);
        let validation = definitions.source_of_file(&path).map(Source::validate);
        Self { path, validation, named }
    }

    /// Tries the definition by a scenario; else what keeps it from being tried, a line each.
    fn try_by(&self, definitions: &Definitions, path: &Path) -> Result<Simulation, Vec<String>> {
        let validation = self.validation.as_ref().map_err(line)?;
        if validation.has_errors() {
            let errors: Vec<Diagnostic> = validation.errors().cloned().collect();
            return Err(lines_of(&validation.file, &errors));
        }
        let definition = validation.usable().map_err(|error| line(&error))?;
        let source = definitions.source_of_file(path).map_err(|error| line(&error))?;
        let scenario =
            source.scenario(definition).map_err(|problems| lines_of(&source.name, &problems))?;
        simulate(definition, &scenario, &|name| self.named.find(name))
            .map_err(|rejected| line(&Error::from(rejected)))
    }
}

impl Source {
    /// Reads the text as a scenario of a definition.
    pub(crate) fn scenario(&self, definition: &Definition) -> Result<Scenario, Vec<Diagnostic>> {
        let node = self.node().map_err(|problem| vec![problem])?;
        Scenario::read(&node, definition)
    }
}

impl Tested {
    /// Returns whether everything was as expected.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.unmet.is_empty() && self.errors.is_empty()
    }

    /// Takes the result in; a scenario that expects nothing expects that the process completes.
    fn take(&mut self, simulation: Simulation) {
        let status = simulation.status;
        self.status = Some(status);
        self.unmet = simulation.unmet;
        if !simulation.has_expectations && status != ProcessStatus::Completed {
            self.unmet.push(format!("status: the process is {status}, and nothing is expected"));
        }
    }

    fn to_value(&self) -> Value {
        json!({
            "file": self.file,
            "definition": self.definition,
            "name": self.name,
            "passed": self.has_passed(),
            "status": self.status.map(ProcessStatus::as_str),
            "unmet": self.unmet,
            "errors": self.errors,
        })
    }
}

impl TestReport {
    /// Returns how many scenarios passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.results.iter().filter(|tested| tested.has_passed()).count()
    }

    /// Returns how many scenarios did not pass.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.results.len() - self.passed()
    }

    /// Returns the data of the answer (docs/cli.md).
    #[must_use]
    pub fn to_value(&self) -> Value {
        let results: Vec<Value> = self.results.iter().map(Tested::to_value).collect();
        json!({"passed": self.passed(), "failed": self.failed(), "results": results})
    }
}

/// Returns input as values: each is JSON if it can be read so and the definition does not want text,
/// else text.
pub(crate) fn input_values(
    definition: &Definition,
    input: &[(String, String)],
) -> Map<String, Value> {
    let value = |(name, text): &(String, String)| {
        let field = definition.input.iter().find(|field| field.name == *name);
        let wants_text = field.and_then(|field| field.kind) == Some(InputType::String);
        let read = if wants_text { None } else { yaml::read_json(text).ok() };
        (name.clone(), read.map_or_else(|| json!(text), |node| node.to_json()))
    };
    input.iter().map(value).collect()
}

fn line(error: &Error) -> Vec<String> {
    vec![error.to_string()]
}

fn lines_of(file: &str, problems: &[Diagnostic]) -> Vec<String> {
    problems.iter().map(|problem| format!("{file}: {problem}")).collect()
}
