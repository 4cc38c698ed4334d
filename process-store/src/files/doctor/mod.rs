//! Finding what is wrong with the files of a project, and repairing what can be repaired
//! (docs/doctor.md).

mod code;
mod finding;
mod run;

mod examine;
mod folders;
mod journals;
mod locks;
mod registry;
mod settings;
mod stored;
mod versions;
mod views;

mod chain;
mod mend;
mod repair;
mod twins;

#[cfg(test)]
mod tests;

pub use finding::Problem;
pub(crate) use stored::is_of_index;
