//! Recording decisions, risks and evidence.

use procside::{Procside, parse};

use super::processes::answer;
use crate::{answer::Answered, text};

pub(crate) fn decide(
    project: &Procside,
    question: String,
    choice: String,
    rationale: String,
    options: Vec<String>,
) -> Answered {
    let changed = project.decide(None, question, choice, rationale, options)?;
    let lines = changed.process.decisions.last().map(|decision| {
        format!(
            "{} {} → {}\n",
            text::plain(&decision.id),
            text::plain(&decision.question),
            text::plain(&decision.choice)
        )
    });
    Ok(answer(&changed, lines.unwrap_or_default()))
}

pub(crate) fn risk(
    project: &Procside,
    risk: String,
    impact: String,
    mitigation: String,
) -> Answered {
    let changed = project.risk(None, risk, impact, mitigation)?;
    let lines = changed.process.risks.last().map(|risk| {
        let (id, what) = (text::plain(&risk.id), text::plain(&risk.risk));
        format!("{id} {what} ({})\n", text::plain(&risk.impact))
    });
    Ok(answer(&changed, lines.unwrap_or_default()))
}

pub(crate) fn evidence(
    project: &Procside,
    kind: String,
    value: String,
    step: Option<String>,
) -> Answered {
    let step = step.as_deref().map(parse::step).transpose()?;
    let changed = project.evidence(None, kind, value, step)?;
    let lines = changed.process.evidence.last().map(|evidence| {
        format!("[{}] {}\n", text::plain(&evidence.kind), text::plain(&evidence.value))
    });
    Ok(answer(&changed, lines.unwrap_or_default()))
}
