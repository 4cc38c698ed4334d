//! Recording decisions, risks and evidence.

use process_core::{Decision, Evidence, Fact, Risk, StepId, Timestamp, model::IMPACTS};
use serde_json::Map;

use super::text::{optional, text, texts};
use crate::{execution::Execution, rejected::Rejected};

/// The most decisions, risks or pieces of evidence of one process; each list is shown whole.
const RECORDS_MAX: usize = 10_000;

/// A decision has a question and a choice; it gets the next free id `d<number>`.
pub(crate) fn record_decision(
    execution: &Execution,
    now: &Timestamp,
    question: String,
    choice: String,
    rationale: String,
    options: Vec<String>,
) -> Result<Vec<Fact>, Rejected> {
    let process = execution.open()?;
    bounded(process.decisions.len(), "decisions")?;
    let decision = Decision {
        id: next_id("d", process.decisions.iter().map(|decision| decision.id.as_str())),
        question: text("the question", question)?,
        choice: text("the choice", choice)?,
        rationale: optional("the rationale", rationale)?,
        options: texts("an option", options)?,
        timestamp: Some(now.clone()),
        extra: Map::new(),
    };
    Ok(vec![Fact::DecisionRecorded { decision: decision.into() }])
}

/// A risk has one of the four impacts; it gets the next free id `r<number>`.
pub(crate) fn record_risk(
    execution: &Execution,
    now: &Timestamp,
    risk: String,
    impact: String,
    mitigation: String,
) -> Result<Vec<Fact>, Rejected> {
    let process = execution.open()?;
    bounded(process.risks.len(), "risks")?;
    if !IMPACTS.contains(&impact.as_str()) {
        let reason = format!("{impact:?} is no impact: it is one of {}", IMPACTS.join(", "));
        return Err(Rejected::BadEdit(vec![reason]));
    }
    let risk = Risk {
        id: next_id("r", process.risks.iter().map(|risk| risk.id.as_str())),
        risk: text("the risk", risk)?,
        impact,
        mitigation: optional("the mitigation", mitigation)?,
        status: "identified".to_owned(),
        identified_at: Some(now.clone()),
        extra: Map::new(),
    };
    Ok(vec![Fact::RiskRecorded { risk: risk.into() }])
}

/// Evidence may name a step, which must be there.
pub(crate) fn record_evidence(
    execution: &Execution,
    now: &Timestamp,
    kind: String,
    value: String,
    step: Option<&StepId>,
) -> Result<Vec<Fact>, Rejected> {
    let process = execution.open()?;
    bounded(process.evidence.len(), "pieces of evidence")?;
    if let Some(id) = step {
        execution.open_step(id)?;
    }
    let evidence = Evidence {
        kind: text("the type of the evidence", kind)?,
        value: text("the evidence", value)?,
        timestamp: Some(now.clone()),
        step_id: step.map(StepId::to_string),
        extra: Map::new(),
    };
    Ok(vec![Fact::EvidenceRecorded { evidence: evidence.into() }])
}

fn bounded(length: usize, what: &'static str) -> Result<(), Rejected> {
    if length < RECORDS_MAX { Ok(()) } else { Err(Rejected::TooMany { what, limit: RECORDS_MAX }) }
}

/// Returns `<letter><number>` one above the highest of that form.
fn next_id<'a>(letter: &str, ids: impl Iterator<Item = &'a str>) -> String {
    let numbers = ids.filter_map(|id| id.strip_prefix(letter)?.parse::<u64>().ok());
    format!("{letter}{}", numbers.max().unwrap_or(0).saturating_add(1))
}
