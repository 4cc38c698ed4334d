//! Which steps lead to which others, asked for many pairs at once.

use super::Graph;

/// The ways between steps, as lists of the steps that each one leads to.
pub(super) type Ways = Vec<Vec<usize>>;

/// Returns the arcs of a graph as ways, its loops included.
pub(super) fn ways_with_loops(graph: &Graph, steps: usize) -> Ways {
    let mut ways: Ways = (0..steps).map(|step| graph.followers(step).collect()).collect();
    for &(from, to) in graph.back() {
        ways[from].push(to);
    }
    ways
}

/// Returns for each pair whether its first step leads to its second one.
///
/// Circles are drawn together, and each pass then carries 64 first steps along all ways: the work
/// is that of all ways for each 64 of them, whatever the shape.
pub(super) fn lead(ways: &Ways, pairs: &[(usize, usize)]) -> Vec<bool> {
    const PASS: usize = 64;
    let mut sources: Vec<usize> = pairs.iter().map(|pair| pair.0).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut answers = vec![false; pairs.len()];
    if pairs.is_empty() {
        return answers;
    }
    let circles = circles(ways);
    let mut by_circle: Vec<usize> = (0..ways.len()).collect();
    // The circle that is closed first is the one that leads to no other.
    by_circle.sort_unstable_by_key(|step| std::cmp::Reverse(circles[*step]));
    let mut bits = vec![0_u64; ways.len()];
    for pass in sources.chunks(PASS) {
        bits.fill(0);
        for (bit, source) in pass.iter().enumerate() {
            bits[circles[*source]] |= 1 << bit;
        }
        for &step in &by_circle {
            let carried = bits[circles[step]];
            if carried != 0 {
                for &next in &ways[step] {
                    bits[circles[next]] |= carried;
                }
            }
        }
        for (pair, answer) in pairs.iter().zip(&mut answers) {
            if let Ok(bit) = pass.binary_search(&pair.0) {
                *answer = bits[circles[pair.1]] & (1 << bit) != 0;
            }
        }
    }
    answers
}

/// Returns the number of the circle of each step; one that is in no circle has a number of its own.
///
/// A way never leads to a circle with a higher number. (Tarjan's way, with a stack of its own.)
pub(super) fn circles(ways: &Ways) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let steps = ways.len();
    let mut circle = vec![NONE; steps];
    let mut number = vec![NONE; steps];
    let mut lowest = vec![0; steps];
    let mut path: Vec<usize> = Vec::new();
    let (mut numbers, mut circles) = (0, 0);
    for start in 0..steps {
        if number[start] != NONE {
            continue;
        }
        let mut open = vec![(start, 0)];
        while let Some((step, way)) = open.pop() {
            if way == 0 {
                number[step] = numbers;
                lowest[step] = numbers;
                numbers += 1;
                path.push(step);
            }
            if let Some(&next) = ways[step].get(way) {
                open.push((step, way + 1));
                if number[next] == NONE {
                    open.push((next, 0));
                } else if circle[next] == NONE {
                    lowest[step] = lowest[step].min(number[next]);
                }
                continue;
            }
            if lowest[step] == number[step] {
                while let Some(member) = path.pop() {
                    circle[member] = circles;
                    if member == step {
                        break;
                    }
                }
                circles += 1;
            }
            if let Some(&(above, _)) = open.last() {
                lowest[above] = lowest[above].min(lowest[step]);
            }
        }
    }
    circle
}
