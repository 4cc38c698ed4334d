//! The arrows between crates as their manifests draw them, held against the table.

use std::env;
use std::io;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::layers::{Layer, LayerKind};
use crate::violation::Violation;

/// Crates that would let a pure crate see the outside world.
const OUTSIDE: [&str; 19] = [
    "async-std",
    "directories",
    "fastrand",
    "fd-lock",
    "getrandom",
    "libc",
    "mio",
    "nix",
    "notify",
    "rand",
    "rand_core",
    "reqwest",
    "rusqlite",
    "rustix",
    "signal-hook",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
];

/// Features that would give a pure crate a clock or random numbers.
const OUTSIDE_FEATURES: [(&str, &[&str]); 2] = [
    ("chrono", &["clock", "now", "default"]),
    ("uuid", &["v1", "v4", "v6", "v7", "rng", "fast-rng"]),
];

/// A member of the workspace with what its manifest names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Manifest {
    pub(crate) folder: String,
    pub(crate) package: String,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Dependency {
    pub(crate) package: String,
    pub(crate) kind: DependencyKind,
    pub(crate) features: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DependencyKind {
    Build,
    Dev,
    Normal,
}

/// Asks cargo for the members of the workspace, and of the fuzzing workspace if there is one.
///
/// # Errors
/// When cargo does not answer, or with something else.
pub(crate) fn manifests(root: &Path) -> io::Result<Vec<Manifest>> {
    let mut manifests = Vec::new();
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        if root.join(manifest).is_file() {
            manifests.extend(parse(&metadata(root, manifest)?, root)?);
        }
    }
    Ok(manifests)
}

fn metadata(root: &Path, manifest: &str) -> io::Result<Value> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .args(["--manifest-path", manifest])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("cargo metadata of {manifest}: {}", said.trim())));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Reads the answer of `cargo metadata`.
fn parse(metadata: &Value, root: &Path) -> io::Result<Vec<Manifest>> {
    let packages = metadata["packages"].as_array().ok_or_else(|| unexpected("packages"))?;
    packages.iter().map(|package| parse_manifest(package, root)).collect()
}

fn parse_manifest(package: &Value, root: &Path) -> io::Result<Manifest> {
    let path = Path::new(text(package, "manifest_path")?);
    let folder = path.parent().and_then(|folder| folder.strip_prefix(root).ok());
    let folder = folder.ok_or_else(|| unexpected("manifest_path"))?;
    let listed = package["dependencies"].as_array().ok_or_else(|| unexpected("dependencies"))?;
    Ok(Manifest {
        folder: folder.to_string_lossy().replace('\\', "/"),
        package: text(package, "name")?.to_owned(),
        dependencies: listed.iter().map(parse_dependency).collect::<io::Result<_>>()?,
    })
}

fn parse_dependency(dependency: &Value) -> io::Result<Dependency> {
    let kind = match dependency["kind"].as_str() {
        None => DependencyKind::Normal,
        Some("build") => DependencyKind::Build,
        Some("dev") => DependencyKind::Dev,
        Some(_) => return Err(unexpected("kind")),
    };
    let listed = dependency["features"].as_array().ok_or_else(|| unexpected("features"))?;
    let mut features: Vec<String> =
        listed.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if dependency["uses_default_features"] == true {
        features.push("default".to_owned());
    }
    Ok(Dependency { package: text(dependency, "name")?.to_owned(), kind, features })
}

fn text<'a>(value: &'a Value, key: &'static str) -> io::Result<&'a str> {
    value[key].as_str().ok_or_else(|| unexpected(key))
}

fn unexpected(key: &str) -> io::Error {
    io::Error::other(format!("cargo metadata: `{key}` is missing or not as expected"))
}

/// Returns the arrows that the table does not name, and what lets a pure crate look outside.
pub(crate) fn violations(manifests: &[Manifest]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for manifest in manifests {
        let path = format!("{}/Cargo.toml", manifest.folder);
        let Some(layer) = Layer::of_folder(&manifest.folder) else {
            let message = format!("`{}` has no place in the table of layers", manifest.folder);
            violations.push(Violation::of_file(&path, message));
            continue;
        };
        if manifest.package != layer.package {
            let message = format!("the package is `{}`, not `{}`", layer.package, manifest.package);
            violations.push(Violation::of_file(&path, message));
        }
        let reasons = manifest.dependencies.iter().flat_map(|dependency| judge(layer, dependency));
        violations.extend(reasons.map(|reason| Violation::of_file(&path, reason)));
    }
    violations
}

/// Returns what is wrong with a dependency of this layer.
fn judge(layer: &Layer, dependency: &Dependency) -> Vec<String> {
    match Layer::of_package(&dependency.package) {
        Some(target) if allows(layer, target, dependency.kind) => Vec::new(),
        Some(target) => {
            vec![format!(
                "{:?} arrow {} -> {} is not in the table of layers, which has: {}",
                dependency.kind,
                layer.folder,
                target.folder,
                if layer.sees.is_empty() { "none".to_owned() } else { layer.sees.join(", ") },
            )]
        }
        None if layer.kind == LayerKind::Pure && dependency.kind != DependencyKind::Dev => {
            judge_outside(layer, dependency)
        }
        None => Vec::new(),
    }
}

/// A trial may use all that lies below, but a frontend's trial sees what the frontend sees.
fn allows(layer: &Layer, target: &Layer, kind: DependencyKind) -> bool {
    let direct = layer.sees.contains(&target.folder);
    match kind {
        DependencyKind::Build | DependencyKind::Normal => direct,
        DependencyKind::Dev if layer.kind == LayerKind::Frontend => direct,
        DependencyKind::Dev => layer.below().contains(target.folder),
    }
}

fn judge_outside(layer: &Layer, dependency: &Dependency) -> Vec<String> {
    let package = dependency.package.as_str();
    let whole = OUTSIDE
        .contains(&package)
        .then(|| format!("pure crate {} depends on `{package}` (invariant 1)", layer.folder));
    let listed = OUTSIDE_FEATURES.iter().filter(|(name, _)| *name == package);
    let features = listed.flat_map(|(_, features)| features.iter());
    let taken = features.filter(|&&feature| dependency.features.iter().any(|own| own == feature));
    let parts = taken.map(|feature| {
        format!("pure crate {} uses feature `{feature}` of `{package}` (invariant 1)", layer.folder)
    });
    whole.into_iter().chain(parts).collect()
}

#[cfg(test)]
pub(crate) fn parse_text(text: &str, root: &str) -> io::Result<Vec<Manifest>> {
    parse(&serde_json::from_str(text)?, Path::new(root))
}
