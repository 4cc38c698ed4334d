//! Rules for text of any kind: endings, blanks, machine paths, and links that lead somewhere.

use crate::layers::LAYERS;
use crate::repository::{Repository, is_fixture};
use crate::violation::Violation;

/// Files in which tabs and trailing blanks are noise.
const BLANK_FREE: [&str; 5] = [".md", ".rs", ".toml", ".yaml", ".yml"];

/// Folders that exist on one machine only, written in two pieces so that this file passes.
const MACHINE_FOLDERS: [&str; 3] =
    [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// Marks of work that was left, written in two pieces likewise.
pub(crate) const UNFINISHED: [&str; 3] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

pub(crate) fn violations(repository: &Repository) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in repository.texts() {
        violations.extend(machine_paths(path, text));
        if !is_fixture(path) {
            violations.extend(endings(path, text));
            violations.extend(unfinished(path, text));
        }
        if path.ends_with(".md") && !is_fixture(path) {
            violations.extend(dead_links(repository, path, text));
        }
    }
    violations
}

fn endings(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !text.is_empty() && !text.ends_with('\n') {
        violations.push(Violation::of_file(path, "does not end with a newline"));
    }
    if BLANK_FREE.iter().any(|ending| path.ends_with(ending)) {
        for (number, line) in (1..).zip(text.split('\n')) {
            if line.contains('\t') {
                violations.push(Violation::at(path, number, "has a tab"));
            }
            if line.ends_with(|last: char| last.is_whitespace()) {
                violations.push(Violation::at(path, number, "ends with a blank"));
            }
        }
    }
    violations
}

fn machine_paths(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for folder in MACHINE_FOLDERS {
            let begins = line.match_indices(folder).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(|last| !last.is_alphanumeric() && !"-_.*".contains(last))
            });
            if begins {
                let message = format!("names the folder `{folder}` of some machine");
                violations.push(Violation::at(path, number, message));
            }
        }
    }
    violations
}

/// Rust files are judged by their comments and names, not by their strings: see `rust.rs`.
fn unfinished(path: &str, text: &str) -> Vec<Violation> {
    let judged = BLANK_FREE.iter().any(|ending| path.ends_with(ending)) || path == ".ci/run";
    if path.ends_with(".rs") || !judged {
        return Vec::new();
    }
    let lines = (1..).zip(text.lines());
    let marks = lines.filter_map(|(number, line)| Some((number, unfinished_mark(line)?)));
    marks.map(|(number, mark)| Violation::at(path, number, left_over(mark))).collect()
}

/// Returns the mark of unfinished work that stands as a word of its own, if there is one.
pub(crate) fn unfinished_mark(text: &str) -> Option<&'static str> {
    let mut words = text.split(|character: char| !character.is_alphanumeric() && character != '_');
    words.find_map(|word| UNFINISHED.into_iter().find(|mark| *mark == word))
}

pub(crate) fn left_over(mark: &str) -> String {
    format!("`{mark}`: finish it, or say it where plans are kept")
}

/// Links lead to files that exist; so do the paths that the two front pages name in code style.
fn dead_links(repository: &Repository, path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(text.lines()) {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        if fenced || is_fence {
            continue;
        }
        for target in links(line) {
            if !resolve(path, target).is_some_and(|target| repository.has(&target)) {
                let message = format!("links to `{target}`, which does not exist");
                violations.push(Violation::at(path, number, message));
            }
        }
        if ["ARCHITECTURE.md", "README.md"].contains(&path) {
            let named = line.split('`').skip(1).step_by(2);
            let pages = named.filter(|name| is_inside(name) && !is_pattern(name));
            for page in pages.filter(|page| !repository.has(page)) {
                let message = format!("names `{page}`, which does not exist");
                violations.push(Violation::at(path, number, message));
            }
        }
    }
    violations
}

/// Returns the targets of the inline links of a line that stay inside the repository.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ']).next()?;
        let target = target.split('#').next()?;
        let outside = target.contains("://") || target.starts_with("mailto:");
        (!target.is_empty() && !outside).then_some(target)
    })
}

/// Returns the path of a link relative to the root; nothing when it leaves the repository.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut folders: Vec<&str> = page.split('/').collect();
    folders.pop();
    for piece in target.split('/') {
        match piece {
            "" | "." => {}
            ".." => {
                folders.pop()?;
            }
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

/// Answers whether a name in code style is a path below a folder of the map.
fn is_inside(name: &str) -> bool {
    let folder = name.split_once('/').map(|(folder, _)| folder);
    folder.is_some_and(|first| first == "docs" || LAYERS.iter().any(|layer| layer.folder == first))
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '<', '{', '…', ' '])
}
