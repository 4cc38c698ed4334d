//! Rules for files together: nothing forgotten, one integration binary, lints switched on.

use std::collections::{BTreeMap, BTreeSet};

use crate::layers::LAYERS;
use crate::repository::{Repository, RustFile};
use crate::violation::Violation;

pub(crate) fn violations(repository: &Repository, rust_files: &[RustFile<'_>]) -> Vec<Violation> {
    let mut violations = forgotten(rust_files);
    violations.extend(rust_files.iter().filter_map(undeclared_tests(rust_files)));
    violations.extend(rust_files.iter().filter_map(second_binary));
    violations.extend(lints_off(repository));
    violations
}

/// Finds files that no `mod` leads to: the compiler never sees them.
fn forgotten(rust_files: &[RustFile<'_>]) -> Vec<Violation> {
    let by_path: BTreeMap<&str, &RustFile<'_>> =
        rust_files.iter().map(|rust_file| (rust_file.path, rust_file)).collect();
    let mut open: Vec<&RustFile<'_>> = rust_files.iter().filter(|file| is_root(file)).collect();
    let mut reached: BTreeSet<&str> = open.iter().map(|file| file.path).collect();
    while let Some(rust_file) = open.pop() {
        for module in rust_file.modules() {
            for path in [format!("{module}.rs"), format!("{module}/mod.rs")] {
                if let Some(found) = by_path.get(path.as_str())
                    && reached.insert(found.path)
                {
                    open.push(found);
                }
            }
        }
    }
    let judged = rust_files.iter().filter(|file| {
        let inside = file.path.split_once('/').map_or("", |(_, inside)| inside);
        inside.starts_with("src/") || inside.starts_with("tests/it/")
    });
    judged
        .filter(|file| !reached.contains(file.path))
        .map(|file| Violation::of_file(file.path, "is forgotten: no `mod` leads to it"))
        .collect()
}

/// Answers whether cargo compiles the file by itself.
fn is_root(rust_file: &RustFile<'_>) -> bool {
    let inside = rust_file.path.split_once('/').map_or("", |(_, inside)| inside);
    let named = ["src/lib.rs", "src/main.rs", "tests/it/main.rs"].contains(&inside);
    named || inside.starts_with("src/bin/")
}

/// A `tests.rs` is declared under `#[cfg(test)]`, else it would be part of the product.
fn undeclared_tests(rust_files: &[RustFile<'_>]) -> impl Fn(&RustFile<'_>) -> Option<Violation> {
    let declared: BTreeSet<String> = rust_files.iter().flat_map(RustFile::test_modules).collect();
    move |rust_file| {
        let module = rust_file.path.strip_suffix(".rs")?;
        let in_source = rust_file.path.contains("/src/") && rust_file.name() == "tests.rs";
        let message = "has no sibling that says `#[cfg(test)] mod tests;`";
        (in_source && !declared.contains(module))
            .then(|| Violation::of_file(rust_file.path, message))
    }
}

/// Each further file under `tests/` would be linked as a program of its own.
fn second_binary(rust_file: &RustFile<'_>) -> Option<Violation> {
    let mut folders = rust_file.path.split('/').skip(1);
    if folders.next() != Some("tests") {
        return None;
    }
    let rest: Vec<&str> = folders.collect();
    let own_binary = rest.len() == 1 || (rest.len() == 2 && rest[1] == "main.rs");
    let message = "is a second integration binary: tests go below `tests/it/main.rs`";
    (own_binary && rest != ["it", "main.rs"]).then(|| Violation::of_file(rust_file.path, message))
}

/// A manifest without this line would switch the lints of the workspace off.
fn lints_off(repository: &Repository) -> Vec<Violation> {
    let members = LAYERS.iter().filter(|layer| !["ffi", "fuzz"].contains(&layer.folder));
    let manifests = members.filter_map(|layer| {
        let path = format!("{}/Cargo.toml", layer.folder);
        let text = repository.files.get(&path)?.as_deref()?;
        Some((path, text))
    });
    manifests
        .filter(|(_, text)| !text.contains("[lints]\nworkspace = true\n"))
        .map(|(path, _)| Violation::of_file(&path, "does not take the lints of the workspace"))
        .collect()
}
