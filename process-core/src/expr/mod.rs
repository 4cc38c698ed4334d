//! Expressions: parsed, checked and compiled once, when a definition is read (docs/formats/expressions.md).
//!
//! A text from a definition never becomes code again: what a step gives is a value and stays one.
//! A text is cut into `tokens`, read into a tree (`ast`, `parse`), written as a text of our
//! own names (`emit`) and compiled in one environment (`machine`).

mod expression;
mod text;
mod tree;

mod mistake;
mod scope;

mod ast;
mod compiled;
mod emit;
mod limits;
mod machine;
mod parse;
mod parse_names;
mod paths;
mod seen;
mod segments;
mod tokens;

mod compare;
mod filters;
mod filters_list;
mod filters_text;
mod operators;
mod predicates;
mod value;
mod work;

#[cfg(test)]
mod tests;

pub use expression::Expression;
pub use mistake::Mistake;
pub use scope::{Failure, Known, Names, Read, Root, Scope, StepField};
pub use text::Text;
pub use tree::TextTree;
