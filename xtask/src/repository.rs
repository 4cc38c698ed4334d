//! The files of the repository, read once, so that every check is a function of their text.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use crate::source::{self, Token};

/// Folders that hold results or belong to other tools.
const SKIPPED_FOLDERS: [&str; 2] = ["target", "node_modules"];

/// The hidden folders that are part of the repository; all others belong to tools.
const HIDDEN_FOLDERS: [&str; 3] = [".cargo", ".ci", ".github"];

/// Every file of the repository, by its path relative to the root, with forward slashes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repository {
    /// The text of each file; nothing for a file that is not UTF-8.
    pub(crate) files: BTreeMap<String, Option<String>>,
}

/// A Rust file with what the checks ask about it.
#[derive(Clone, Debug)]
pub(crate) struct RustFile<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
    /// All tokens, comments among them.
    pub(crate) tokens: Vec<Token>,
    /// The tokens without comments.
    pub(crate) code: Vec<Token>,
    pub(crate) role: Role,
}

/// What a Rust file is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// What is delivered, or builds what is delivered.
    Product,
    /// Tests, benchmarks, examples and fuzz targets: it never reaches a user.
    Trial,
}

impl Repository {
    /// Reads all files under the root.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub(crate) fn read(root: &Path) -> io::Result<Repository> {
        let mut repository = Repository::default();
        repository.read_folder(root, "")?;
        Ok(repository)
    }

    /// Returns the text files with their paths.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// Returns the Rust files, split into tokens; fixtures are none.
    pub(crate) fn rust_files(&self) -> Vec<RustFile<'_>> {
        let mut rust_files: Vec<RustFile<'_>> = self
            .texts()
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| RustFile::read(path, text))
            .collect();
        let trials: BTreeSet<String> = rust_files.iter().flat_map(RustFile::test_modules).collect();
        for rust_file in &mut rust_files {
            if trials.iter().any(|module| is_module_file(module, rust_file.path)) {
                rust_file.role = Role::Trial;
            }
        }
        rust_files
    }

    /// Answers whether there is a file, or a folder with files, of this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&folder))
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let hidden = name.starts_with('.') && !HIDDEN_FOLDERS.contains(&name.as_str());
                if !SKIPPED_FOLDERS.contains(&name.as_str()) && (!hidden || is_fixture(&path)) {
                    self.read_folder(&entry.path(), &path)?;
                }
            } else if kind.is_file() {
                let bytes = fs::read(entry.path())
                    .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))?;
                self.files.insert(path, String::from_utf8(bytes).ok());
            }
        }
        Ok(())
    }
}

impl<'a> RustFile<'a> {
    fn read(path: &'a str, text: &'a str) -> RustFile<'a> {
        let tokens = source::tokens(text);
        let code = source::code(&tokens);
        let mut inside = path.split('/').skip(1);
        let folder = inside.next().unwrap_or_default();
        let in_trial_crate = ["benches/", "fuzz/"].iter().any(|member| path.starts_with(member));
        let trial = in_trial_crate || ["tests", "benches", "examples"].contains(&folder);
        let role = if trial { Role::Trial } else { Role::Product };
        RustFile { path, text, tokens, code, role }
    }

    /// Returns the top-level folder, which is the crate.
    pub(crate) fn folder(&self) -> &'a str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Returns the name of the file without its folders.
    pub(crate) fn name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the modules that this file declares by `mod NAME;`, as paths without `.rs`.
    pub(crate) fn modules(&self) -> Vec<String> {
        self.declarations().map(|(_, name)| format!("{}/{name}", self.module_folder())).collect()
    }

    /// Returns the modules declared directly under `#[cfg(test)]`, as paths without `.rs`.
    pub(crate) fn test_modules(&self) -> Vec<String> {
        self.declarations()
            .filter(|&(at, _)| ends_with_test_attribute(&self.code[..at]))
            .map(|(_, name)| format!("{}/{name}", self.module_folder()))
            .collect()
    }

    /// Returns each `mod NAME;` with the place of its `mod`.
    fn declarations(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.windows(3).enumerate().filter_map(|(at, tokens)| {
            let name = tokens[1].ident()?;
            (tokens[0].is_ident("mod") && tokens[2].is(';')).then_some((at, name))
        })
    }

    /// Returns the folder in which the modules of this file lie.
    fn module_folder(&self) -> &'a str {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_root = ["lib.rs", "main.rs", "mod.rs"].contains(&self.name());
        if is_root { folder } else { self.path.trim_end_matches(".rs") }
    }
}

/// Answers whether the file is the module, or lies in its folder.
pub(crate) fn is_module_file(module: &str, path: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Answers whether a file is material for tests, which may look in any way.
pub(crate) fn is_fixture(path: &str) -> bool {
    let mut folders = path.split('/');
    folders.any(|folder| ["tests", "corpus"].contains(&folder)) && !path.ends_with(".rs")
}

/// Answers whether the code in front of a `mod` ends with `#[cfg(test)]`, a visibility aside.
fn ends_with_test_attribute(code: &[Token]) -> bool {
    const PIECES: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut code = code;
    if let Some(at) = code.iter().rposition(|token| token.is_ident("pub")) {
        let between = &code[at + 1..];
        let closed = between.first().is_none_or(|token| token.is('('))
            && source::closing(code, at + 1) + 1 >= code.len();
        if closed {
            code = &code[..at];
        }
    }
    code.len() >= PIECES.len()
        && code[code.len() - PIECES.len()..].iter().zip(PIECES).all(|(token, piece)| {
            token.is_ident(piece) || piece.chars().all(|punct| token.is(punct))
        })
}
