//! All checks, in the order in which one builds on another.

use super::{checker::Checker, circles, gateways, joins, reads, references, remarks, unreachable};
use crate::{Diagnostic, definition::Definition, yaml::Node};

/// Notes every problem between the steps; the nodes are those of the steps, in canonical form.
pub(in crate::definition) fn check(
    definition: &Definition,
    nodes: &[Node],
    problems: &mut Vec<Diagnostic>,
) {
    let mut checker = Checker { definition, nodes, problems };
    references::check(&mut checker);
    let circled = circles::check(&mut checker);
    gateways::check(&mut checker);
    joins::check(&mut checker);
    reads::check(&mut checker);
    unreachable::check(&mut checker, &circled);
    remarks::check(&mut checker);
}
