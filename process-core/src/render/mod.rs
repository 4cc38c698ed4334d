//! A process as a document for people: a Markdown guide, a Mermaid chart.

mod markdown;
mod mermaid;

#[cfg(test)]
mod tests;

pub use markdown::markdown;
pub use mermaid::mermaid;
