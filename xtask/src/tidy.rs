//! How files begin, end and hang together: what no compiler says.

#[cfg(test)]
mod rules_tests;
mod rust;
mod shape;
#[cfg(test)]
mod tests;
mod text;

use crate::repository::Repository;
use crate::violation::Violation;

/// Returns everything untidy in the repository, ordered by file and line.
pub(crate) fn violations(repository: &Repository) -> Vec<Violation> {
    let rust_files = repository.rust_files();
    let mut violations = text::violations(repository);
    violations.extend(shape::violations(repository, &rust_files));
    violations.extend(rust_files.iter().flat_map(rust::violations));
    violations.sort();
    violations.dedup();
    violations
}
