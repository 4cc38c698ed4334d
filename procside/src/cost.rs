//! What a process cost, with all that it started (rule E13).

use std::collections::BTreeSet;

use process_core::{ProcessId, ProcessStatus, StepId, money::Cost};
use process_engine::Run;
use process_store::place::Catalog;
use serde_json::{Map, Value, json};

use crate::{error::Error, project::Procside};

/// The most levels of processes that start processes that are looked into.
const LEVELS_MAX: usize = 16;

/// What a process cost.
#[derive(Clone, Debug)]
pub struct CostReport {
    /// The process.
    pub process: ProcessId,
    /// All of it, with what processes that its steps started have spent so far.
    pub total: Cost,
    /// The most that may be spent.
    pub limit: Option<Cost>,
    /// What each step cost that cost anything, over all its visits.
    pub steps: Vec<(StepId, Cost)>,
    /// The processes that its steps started.
    pub children: Vec<ChildCost>,
    /// What could not be read, for people.
    pub notices: Vec<String>,
}

/// What a process cost that a step started.
#[derive(Clone, Debug)]
pub struct ChildCost {
    /// The step, and its visit.
    pub step: (StepId, u32),
    /// The process; none when it was not made yet, or is gone.
    pub process: Option<ProcessId>,
    /// Where it stands.
    pub status: Option<ProcessStatus>,
    /// What it cost, with all that it started.
    pub total: Cost,
    /// The processes that its own steps started.
    pub children: Vec<ChildCost>,
}

impl Procside {
    /// Returns what a process cost; one that runs by no definition cost nothing.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn cost(&self, id: Option<ProcessId>) -> Result<CostReport, Error> {
        let (shown, record) = self.read(id)?;
        let mut report = CostReport {
            process: shown.process.id,
            total: Cost::ZERO,
            limit: None,
            steps: Vec::new(),
            children: Vec::new(),
            notices: shown.notices,
        };
        let Some(run) = record.execution.run() else { return Ok(report) };
        report.limit = run.limit();
        let steps = run.definition().steps.iter().filter_map(|step| {
            let cost = run.step(step.id.as_str())?.cost();
            (!cost.is_zero()).then(|| (step.id.clone(), cost))
        });
        report.steps = steps.collect();
        let catalog = self.place.catalog(&self.now())?;
        (report.total, report.children) = self.tree_cost(run, &catalog, 0, &mut report.notices)?;
        Ok(report)
    }

    /// Returns a process and all that its steps started, and theirs.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` for a broken journal.
    pub fn family(&self, id: ProcessId) -> Result<BTreeSet<ProcessId>, Error> {
        let mut family = BTreeSet::from([id]);
        let mut children = self.cost(Some(id))?.children;
        while let Some(child) = children.pop() {
            family.extend(child.process);
            children.extend(child.children);
        }
        Ok(family)
    }

    /// Returns what a run cost with all that it started, and each of those.
    fn tree_cost(
        &self,
        run: &Run,
        catalog: &Catalog,
        level: usize,
        notices: &mut Vec<String>,
    ) -> Result<(Cost, Vec<ChildCost>), Error> {
        let mut total = run.spent();
        let mut children = Vec::new();
        if level >= LEVELS_MAX {
            return Ok((total, children));
        }
        for (step, visit, child, is_counted) in run.children() {
            let entry = catalog.by_uid(child.uid)?;
            let mut cost = ChildCost {
                step: (step.clone(), visit),
                process: entry.as_ref().map(|entry| entry.id),
                status: entry.as_ref().map(|entry| entry.status),
                total: Cost::ZERO,
                children: Vec::new(),
            };
            match entry.map(|entry| self.place.read_process(entry.id)) {
                Some(Ok(Some(record))) => {
                    if let Some(run) = record.execution.run() {
                        (cost.total, cost.children) =
                            self.tree_cost(run, catalog, level + 1, notices)?;
                    }
                }
                Some(Err(error)) => notices.push(error.to_string()),
                Some(Ok(None)) | None => {}
            }
            if !is_counted {
                total = total.plus(cost.total).unwrap_or(total);
            }
            children.push(cost);
        }
        Ok((total, children))
    }
}

impl ChildCost {
    fn to_value(&self) -> Value {
        json!({
            "step": self.step.0,
            "visit": self.step.1,
            "process": self.process.map(|id| id.to_string()),
            "status": self.status.map(ProcessStatus::as_str),
            "total": self.total.to_string(),
            "children": self.children.iter().map(Self::to_value).collect::<Vec<_>>(),
        })
    }
}

impl CostReport {
    /// Returns the data of the answer: amounts are text.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let steps = self.steps.iter().map(|(id, cost)| (id.to_string(), cost.to_string().into()));
        json!({
            "process": self.process.to_string(),
            "total": self.total.to_string(),
            "limit": self.limit.map(|limit| limit.to_string()),
            "steps": Value::Object(steps.collect::<Map<String, Value>>()),
            "children": self.children.iter().map(ChildCost::to_value).collect::<Vec<_>>(),
        })
    }
}
