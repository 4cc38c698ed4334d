//! What a path means where it stands.

use syn::Item;

use super::krate::{Crates, Module};

/// Where an item or a module is defined.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Place {
    pub(super) krate: String,
    pub(super) module: Vec<String>,
}

impl Place {
    /// Returns the path of what is defined here under this name.
    pub(super) fn path_to(&self, name: &str) -> String {
        let before = std::iter::once(&self.krate).chain(&self.module);
        before.map(|name| format!("{name}::")).collect::<String>() + name
    }
}

/// What a path means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Meaning {
    /// A module of ours.
    Module(Place),
    /// An item of ours, in this module.
    Item(Place, String),
    /// Something of another crate, by its path from the crate on.
    Foreign(Vec<String>),
    /// What no module names: a generic parameter, a name of the prelude.
    Unknown,
}

/// How many re-exports are followed; more would be a circle.
const DEPTH_MAX: u32 = 32;

impl Crates {
    pub(super) fn module(&self, place: &Place) -> Option<&Module> {
        self.0.get(&place.krate)?.modules.get(&place.module)
    }

    /// Returns what a path means in this module.
    pub(super) fn resolve(&self, place: &Place, path: &[String]) -> Meaning {
        self.resolve_at(place, path, DEPTH_MAX)
    }

    fn resolve_at(&self, place: &Place, path: &[String], depth: u32) -> Meaning {
        let Some((first, rest)) = path.split_first().filter(|_| depth > 0) else {
            return Meaning::Unknown;
        };
        let root = |krate: &str| Place { krate: krate.to_owned(), module: Vec::new() };
        let start = match first.as_str() {
            "crate" => Meaning::Module(root(&place.krate)),
            "self" => Meaning::Module(place.clone()),
            "super" => {
                let mut above = place.clone();
                above.module.pop();
                Meaning::Module(above)
            }
            name => match self.name_in(place, name, rest.is_empty(), depth) {
                Meaning::Unknown if name.starts_with(char::is_uppercase) => {
                    return Meaning::Unknown;
                }
                Meaning::Unknown if self.0.contains_key(name) => Meaning::Module(root(name)),
                Meaning::Unknown if !rest.is_empty() => return Meaning::Foreign(path.to_vec()),
                meaning => meaning,
            },
        };
        match (start, rest) {
            (start, []) => start,
            (Meaning::Module(below), rest) => self.resolve_at(&below, rest, depth - 1),
            // A variant or something else that belongs to the item.
            (item @ Meaning::Item(..), _) => item,
            (Meaning::Foreign(path), rest) => Meaning::Foreign([&path, rest].concat()),
            (Meaning::Unknown, _) => Meaning::Unknown,
        }
    }

    /// Returns what a name means in a module, when the module says so; what stands last in a path is
    /// an item rather than a module of the same name.
    fn name_in(&self, place: &Place, name: &str, is_last: bool, depth: u32) -> Meaning {
        let Some(module) = self.module(place) else { return Meaning::Unknown };
        if module.items.iter().any(|item| name_of(item).as_deref() == Some(name)) {
            return Meaning::Item(place.clone(), name.to_owned());
        }
        let binding = module.bindings.iter().find(|binding| binding.name == name);
        if let Some(binding) = binding.filter(|_| is_last)
            && let item @ Meaning::Item(..) = self.resolve_at(place, &binding.target, depth - 1)
        {
            return item;
        }
        if module.modules.iter().any(|below| below.name == name) {
            let mut below = place.clone();
            below.module.push(name.to_owned());
            return Meaning::Module(below);
        }
        match binding {
            // What is called as its crate is not looked for in the module again.
            Some(binding) if binding.target == [name] => Meaning::Unknown,
            Some(binding) => self.resolve_at(place, &binding.target, depth - 1),
            None => Meaning::Unknown,
        }
    }
}

/// Returns the name of an item that has one.
pub(super) fn name_of(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Union(item) => item.ident.to_string(),
        _ => return None,
    })
}
