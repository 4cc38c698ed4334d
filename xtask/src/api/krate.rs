//! A crate as its sources spell it: modules, their items, and what `use` brings into them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item, UseTree, Visibility};

use super::text::tidy;

/// The crates of this repository, by the names that Rust code uses.
pub(super) struct Crates(pub(super) BTreeMap<String, Krate>);

/// The modules of a crate, by their paths below its root.
#[derive(Default)]
pub(super) struct Krate {
    pub(super) modules: BTreeMap<Vec<String>, Module>,
}

/// What stands in a module.
#[derive(Default)]
pub(super) struct Module {
    /// All but modules and `use`.
    pub(super) items: Vec<Item>,
    /// The modules below, by name.
    pub(super) modules: Vec<Below>,
    pub(super) bindings: Vec<Binding>,
}

/// A module as its parent names it.
pub(super) struct Below {
    pub(super) name: String,
    pub(super) is_public: bool,
    pub(super) condition: String,
}

/// One name that `use` brings.
pub(super) struct Binding {
    pub(super) name: String,
    pub(super) target: Vec<String>,
    pub(super) is_public: bool,
    pub(super) condition: String,
}

impl Crates {
    /// Reads these crates, by folder.
    pub(super) fn read(root: &Path, folders: &[&str]) -> io::Result<Self> {
        let mut crates = BTreeMap::new();
        for folder in folders {
            let mut krate = Krate::default();
            let sources = root.join(folder).join("src");
            krate.read_file(&sources.join("lib.rs"), &sources, Vec::new())?;
            crates.insert(folder.replace('-', "_"), krate);
        }
        Ok(Self(crates))
    }

    /// Makes crates of texts; what a file would be is a module in the text.
    #[cfg(test)]
    pub(super) fn of_texts(texts: &[(&str, &str)]) -> Self {
        let mut crates = BTreeMap::new();
        for (name, text) in texts {
            let mut krate = Krate::default();
            let file = syn::parse_file(text).expect("the text is Rust");
            krate.read_items(file.items, Path::new(""), Vec::new()).expect("there are no files");
            crates.insert((*name).to_owned(), krate);
        }
        Self(crates)
    }
}

impl Krate {
    fn read_file(&mut self, file: &Path, folder: &Path, path: Vec<String>) -> io::Result<()> {
        let parsed = syn::parse_file(&fs::read_to_string(file)?).map_err(|error| {
            let line = error.span().start().line;
            io::Error::other(format!("{}:{line}: {error}", file.display()))
        })?;
        self.read_items(parsed.items, folder, path)
    }

    fn read_items(&mut self, items: Vec<Item>, folder: &Path, path: Vec<String>) -> io::Result<()> {
        let mut module = Module::default();
        for item in items {
            match item {
                Item::Mod(below) if is_test(&below.attrs) => {}
                Item::Mod(below) => {
                    let name = below.ident.to_string();
                    let inner = [path.as_slice(), std::slice::from_ref(&name)].concat();
                    module.modules.push(Below {
                        is_public: is_public(&below.vis),
                        condition: condition(&below.attrs),
                        name: name.clone(),
                    });
                    let folder = folder.join(&name);
                    match below.content {
                        Some((_, items)) => self.read_items(items, &folder, inner)?,
                        None => self.read_file(&file_of(&folder), &folder, inner)?,
                    }
                }
                Item::Use(item) if is_test(&item.attrs) => {}
                Item::Use(item) => {
                    let (is_public, condition) = (is_public(&item.vis), condition(&item.attrs));
                    let mut names = Vec::new();
                    spread(&item.tree, &[], &mut names);
                    module.bindings.extend(names.into_iter().map(|(name, target)| Binding {
                        name,
                        target,
                        is_public,
                        condition: condition.clone(),
                    }));
                }
                item => module.items.push(item),
            }
        }
        self.modules.insert(path, module);
        Ok(())
    }
}

/// Returns the file of the module whose modules lie in this folder.
fn file_of(folder: &Path) -> PathBuf {
    let beside = folder.with_extension("rs");
    if beside.exists() { beside } else { folder.join("mod.rs") }
}

/// Lists what a tree of `use` brings, each name with its path.
fn spread(tree: &UseTree, before: &[String], names: &mut Vec<(String, Vec<String>)>) {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => spread(&path.tree, &with(&path.ident), names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| spread(tree, before, names)),
        UseTree::Name(name) if name.ident == "self" => {
            names.extend(before.last().map(|name| (name.clone(), before.to_vec())));
        }
        UseTree::Name(name) => names.push((name.ident.to_string(), with(&name.ident))),
        UseTree::Rename(name) => names.push((name.rename.to_string(), with(&name.ident))),
        // Lints of this repository refuse it outside of tests.
        UseTree::Glob(_) => {}
    }
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Returns under which condition an item is there: ` [feature = "sqlite"]`, or nothing.
pub(super) fn condition(attributes: &[Attribute]) -> String {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .filter_map(|attribute| attribute.meta.require_list().ok())
        .map(|list| format!(" [{}]", tidy(&list.tokens)))
        .collect()
}

pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    condition(attributes) == " [test]"
}
