//! What the sources touch: files, clocks, threads, the terminal, and crates behind `procside`.
//!
//! Names are found in tokens, so comments and strings do not count and groups of a `use` do.
//! Tests, benchmarks and fuzz targets may touch what they like, but for `unsafe`.

use crate::layers::{LAYERS, Layer, LayerKind};
use crate::repository::{Repository, Role, RustFile};
use crate::source::{self, Path};
use crate::violation::Violation;

/// A name that some crates may not use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Name {
    /// The last segment of a longer path: a function, whatever type it belongs to.
    Call(&'static str),
    /// The first segment of a longer path: an external crate.
    Crate(&'static str),
    /// An identifier, wherever it stands.
    Ident(&'static str),
    /// A macro, called with `!`.
    Macro(&'static str),
    /// Neighbouring segments of a path, whatever stands before and after.
    Segments(&'static [&'static str]),
    /// Exactly this path: a whole module taken in, or renamed.
    Whole(&'static [&'static str]),
}

/// Names, and the crates in which they are at home.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) what: &'static str,
    pub(crate) names: &'static [Name],
    pub(crate) forbidden_in: fn(&Layer) -> bool,
    /// Whether tests are held to the rule as well.
    pub(crate) in_trials: bool,
}

use Name::{Call, Crate, Ident, Macro, Segments, Whole};

pub(crate) const RULES: [Rule; 4] = [
    Rule {
        what: "a pure crate sees no outside world (invariant 1)",
        names: &[
            Segments(&["std", "*"]),
            Segments(&["std", "env"]),
            Segments(&["std", "fs"]),
            Segments(&["std", "net"]),
            Segments(&["std", "os"]),
            Segments(&["std", "path"]),
            Segments(&["std", "process"]),
            Segments(&["std", "self"]),
            Segments(&["std", "thread"]),
            Segments(&["std", "time", "*"]),
            Segments(&["std", "time", "Instant"]),
            Segments(&["std", "time", "SystemTime"]),
            Segments(&["std", "time", "UNIX_EPOCH"]),
            Segments(&["std", "time", "self"]),
            Whole(&["std"]),
            Whole(&["std", "time"]),
            Segments(&["io", "*"]),
            Segments(&["io", "stdin"]),
            Segments(&["io", "stdout"]),
            Segments(&["io", "stderr"]),
            Segments(&["chrono", "Local"]),
            Call("now"),
            Ident("SystemTime"),
            Ident("HashMap"),
            Ident("HashSet"),
            Ident("RandomState"),
            Ident("hash_map"),
            Ident("hash_set"),
            Ident("new_v4"),
            Ident("now_v1"),
            Ident("now_v6"),
            Ident("now_v7"),
            Crate("fastrand"),
            Crate("fd_lock"),
            Crate("getrandom"),
            Crate("libc"),
            Crate("nix"),
            Crate("rand"),
            Crate("reqwest"),
            Crate("rusqlite"),
            Crate("rustix"),
            Crate("tempfile"),
            Crate("tokio"),
        ],
        forbidden_in: |layer| layer.kind == LayerKind::Pure,
        in_trials: false,
    },
    Rule {
        what: "only process-store writes, syncs, renames or locks files (invariant 6)",
        names: &[
            Ident("OpenOptions"),
            Ident("fdatasync"),
            Ident("flock"),
            Ident("fsync"),
            Ident("sync_all"),
            Ident("sync_data"),
            Crate("fd_lock"),
            Segments(&["File", "create"]),
            Segments(&["File", "create_new"]),
            Segments(&["File", "options"]),
            Segments(&["fs", "copy"]),
            Segments(&["fs", "hard_link"]),
            Segments(&["fs", "rename"]),
            Segments(&["fs", "write"]),
            Segments(&["fs", "*"]),
        ],
        forbidden_in: |layer| layer.folder != "process-store" && layer.kind != LayerKind::Tool,
        in_trials: false,
    },
    Rule {
        what: "only the command line prints (invariant 9)",
        names: &[
            Macro("dbg"),
            Macro("eprint"),
            Macro("eprintln"),
            Macro("print"),
            Macro("println"),
            Segments(&["io", "*"]),
            Segments(&["io", "stdout"]),
            Segments(&["io", "stderr"]),
        ],
        forbidden_in: |layer| layer.folder != "cli" && layer.kind != LayerKind::Tool,
        in_trials: false,
    },
    Rule {
        what: "unsafe code lives in ffi alone (invariant 11)",
        names: &[Ident("unsafe")],
        forbidden_in: |layer| layer.folder != "ffi",
        in_trials: true,
    },
];

/// Returns every use of a name in a crate that may not use it.
pub(crate) fn violations(repository: &Repository) -> Vec<Violation> {
    let mut violations = Vec::new();
    for rust_file in repository.rust_files() {
        let Some(layer) = Layer::of_folder(rust_file.folder()) else {
            continue;
        };
        let paths = source::paths(&rust_file.code);
        let trial = rust_file.role == Role::Trial;
        for rule in &RULES {
            if (rule.forbidden_in)(layer) && (rule.in_trials || !trial) {
                for &name in rule.names {
                    let message = format!("{} in {}: {}", shown(name), layer.folder, rule.what);
                    violations.extend(
                        lines(name, &rust_file, &paths)
                            .into_iter()
                            .map(|line| Violation::at(rust_file.path, line, message.as_str())),
                    );
                }
            }
        }
        if layer.kind == LayerKind::Frontend {
            violations.extend(hidden_crates(layer, &rust_file));
        }
    }
    violations.sort();
    violations.dedup();
    violations
}

/// Finds crates that a frontend may not see, also when `procside` hands them on.
fn hidden_crates(layer: &Layer, rust_file: &RustFile<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for hidden in LAYERS.iter().filter(|hidden| hidden.kind != LayerKind::Tool) {
        let name = hidden.package.replace('-', "_");
        if hidden.folder == layer.folder || layer.sees.contains(&hidden.folder) {
            continue;
        }
        for token in rust_file.code.iter().filter(|token| token.is_ident(&name)) {
            let message =
                format!("`{name}` in {}: frontends see only procside (invariant 10)", layer.folder);
            violations.push(Violation::at(rust_file.path, token.line, message));
        }
    }
    violations
}

/// Returns the lines on which a name is used.
fn lines(name: Name, rust_file: &RustFile<'_>, paths: &[Path]) -> Vec<usize> {
    let in_paths = |found: &dyn Fn(&[String]) -> bool| -> Vec<usize> {
        paths.iter().filter(|path| found(&path.segments)).map(|path| path.line).collect()
    };
    match name {
        Call(last) => in_paths(&|path| path.len() > 1 && path.last().is_some_and(|at| at == last)),
        Crate(first) => in_paths(&|path| path.len() > 1 && path[0] == first),
        Ident(ident) => {
            let tokens = rust_file.code.iter().filter(|token| token.is_ident(ident));
            tokens.map(|token| token.line).collect()
        }
        Macro(called) => {
            let pairs = rust_file.code.windows(2);
            let calls = pairs.filter(|pair| pair[0].is_ident(called) && pair[1].is('!'));
            calls.map(|pair| pair[0].line).collect()
        }
        Segments(segments) => {
            in_paths(&|path| path.windows(segments.len()).any(|window| window == segments))
        }
        Whole(segments) => in_paths(&|path| path == segments),
    }
}

fn shown(name: Name) -> String {
    match name {
        Call(last) => format!("a call of `{last}`"),
        Crate(name) | Ident(name) => format!("`{name}`"),
        Macro(name) => format!("`{name}!`"),
        Segments(segments) | Whole(segments) => format!("`{}`", segments.join("::")),
    }
}
