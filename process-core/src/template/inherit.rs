//! Inheritance: a template on top of the one that it extends.

use super::{Template, model::TemplateStep};
use crate::id::{StepId, TemplateId};

/// The longest chain of templates that extend each other; more is a mistake.
pub const EXTENDS_MAX: usize = 16;

/// Says why a template cannot be put together.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InheritError {
    /// The chain of `extends` comes back to where it was.
    #[error("templates extend each other in a circle: {0}")]
    Circle(String),
    /// A template of the chain does not exist.
    #[error("template `{child}` extends `{parent}`, which does not exist")]
    NotFound {
        /// The template that names it.
        child: TemplateId,
        /// The one that is missing.
        parent: TemplateId,
    },
    /// The chain is longer than [`EXTENDS_MAX`].
    #[error("more than {EXTENDS_MAX} templates extend each other, from `{0}` on")]
    TooLong(TemplateId),
    /// A step that is to be removed, or stood behind, is not there.
    #[error("template `{child}` names step `{step}` in `{key}`, which its parent does not have")]
    UnknownStep {
        /// The template that names it.
        child: TemplateId,
        /// The step.
        step: StepId,
        /// `remove_steps` or `after`.
        key: &'static str,
    },
}

/// Puts a template on top of all that it extends; `find` looks a template up by its id.
///
/// # Errors
/// [`InheritError`] for a circle, a missing parent or a step that the parent does not have.
pub fn resolve<E: From<InheritError>>(
    template: Template,
    find: &mut dyn FnMut(&TemplateId) -> Result<Option<Template>, E>,
) -> Result<Template, E> {
    let mut whole = template;
    let mut children: Vec<Template> = Vec::new();
    while let Some(parent) = whole.extends.clone() {
        let ids = || children.iter().map(|template| &template.id).chain([&whole.id]);
        if ids().any(|id| *id == parent) {
            let path: Vec<&str> = ids().chain([&parent]).map(TemplateId::as_str).collect();
            return Err(InheritError::Circle(path.join(" → ")).into());
        }
        if children.len() + 1 >= EXTENDS_MAX {
            let first = children.first().unwrap_or(&whole);
            return Err(InheritError::TooLong(first.id.clone()).into());
        }
        let missing = InheritError::NotFound { child: whole.id.clone(), parent: parent.clone() };
        let found = find(&parent)?.ok_or(missing)?;
        children.push(std::mem::replace(&mut whole, found));
    }
    check_places(&whole)?;
    while let Some(child) = children.pop() {
        whole = lay_over(whole, child)?;
    }
    Ok(whole)
}

/// A root template has no parent whose steps could be removed; `after` names its own steps.
fn check_places(root: &Template) -> Result<(), InheritError> {
    let unknown = |step: &StepId, key| InheritError::UnknownStep {
        child: root.id.clone(),
        step: step.clone(),
        key,
    };
    if let Some(step) = root.remove_steps.first() {
        return Err(unknown(step, "remove_steps"));
    }
    let known = |id: &StepId| root.steps.iter().any(|step| step.step.id == *id);
    match root.steps.iter().filter_map(|step| step.after.as_ref()).find(|id| !known(id)) {
        Some(step) => Err(unknown(step, "after")),
        None => Ok(()),
    }
}

fn lay_over(parent: Template, child: Template) -> Result<Template, InheritError> {
    let mut steps = parent.steps;
    let unknown = |step: &StepId, key| InheritError::UnknownStep {
        child: child.id.clone(),
        step: step.clone(),
        key,
    };
    for id in &child.remove_steps {
        let index = index_of(&steps, id).ok_or_else(|| unknown(id, "remove_steps"))?;
        steps.remove(index);
    }
    for step in child.steps {
        match (index_of(&steps, &step.step.id), &step.after) {
            (Some(index), _) => steps[index] = step,
            (None, None) => steps.push(step),
            (None, Some(after)) => {
                let index = index_of(&steps, after).ok_or_else(|| unknown(after, "after"))?;
                steps.insert(index + 1, step);
            }
        }
    }
    let mut risks = parent.risks;
    for risk in child.risks {
        match risks.iter().position(|other| !risk.id.is_empty() && other.id == risk.id) {
            Some(index) => risks[index] = risk,
            None => risks.push(risk),
        }
    }
    let mut extra = parent.extra;
    extra.extend(child.extra);
    let goal = if child.goal.is_empty() { parent.goal } else { child.goal };
    Ok(Template {
        id: child.id,
        name: child.name,
        goal,
        extends: None,
        remove_steps: Vec::new(),
        steps,
        risks,
        extra,
    })
}

fn index_of(steps: &[TemplateStep], id: &StepId) -> Option<usize> {
    steps.iter().position(|step| step.step.id == *id)
}
