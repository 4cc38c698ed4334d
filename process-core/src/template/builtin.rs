//! The templates that come with the program.

use super::Template;
use crate::{id::TemplateId, yaml};

/// The ids of the builtin templates, in the order in which they are listed.
pub const BUILTIN_IDS: [&str; 5] =
    ["infra-deploy", "feature-add", "bugfix", "refactor", "debugging"];

/// Returns a builtin template.
#[must_use]
pub fn builtin(id: &str) -> Option<Template> {
    let text = match id {
        "infra-deploy" => include_str!("../../templates/infra-deploy.yaml"),
        "feature-add" => include_str!("../../templates/feature-add.yaml"),
        "bugfix" => include_str!("../../templates/bugfix.yaml"),
        "refactor" => include_str!("../../templates/refactor.yaml"),
        "debugging" => include_str!("../../templates/debugging.yaml"),
        _ => return None,
    };
    let fallback = TemplateId::parse(id).ok()?;
    // A test reads every one of them, so none is ever silently absent.
    Template::read(&yaml::read(text).ok()?, &fallback).ok()
}
