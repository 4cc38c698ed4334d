//! Templates: definitions kept for reuse, with inheritance by step id.

mod builtin;
mod inherit;
mod model;

#[cfg(test)]
mod tests;

pub use builtin::{BUILTIN_IDS, builtin};
pub use inherit::{EXTENDS_MAX, InheritError, resolve};
pub use model::{Template, TemplateStep};
