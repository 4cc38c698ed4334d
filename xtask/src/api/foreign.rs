//! Types of dependencies in public signatures: what a user would have to know beside us.

use syn::{
    Item, ItemImpl, Path,
    visit::{self, Visit},
};

use super::{
    krate::{Crates, is_public},
    resolve::{Meaning, Place},
};

/// A public signature that names a type of a dependency.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Foreign {
    /// The item.
    pub(crate) at: String,
    /// What it names.
    pub(crate) name: String,
}

/// The crates of Rust itself.
const STANDARD: [&str; 3] = ["alloc", "core", "std"];

/// What our interface speaks in: JSON, and instants in UTC.
const COMMON: [&str; 5] = [
    "chrono::DateTime",
    "chrono::Utc",
    "serde_json::Map",
    "serde_json::Number",
    "serde_json::Value",
];

/// What signatures name.
#[derive(Default)]
pub(super) struct Named {
    pub(super) foreign: Vec<Foreign>,
    /// Where an item of ours is named, where it is defined, and its name there.
    pub(super) ours: Vec<(String, Place, String)>,
}

struct Search<'a> {
    crates: &'a Crates,
    place: &'a Place,
    at: &'a str,
    found: Vec<Foreign>,
    /// Items of ours that are named.
    ours: Vec<(String, Place, String)>,
}

/// Finds what the signature of an item names.
pub(super) fn in_item(crates: &Crates, place: &Place, item: &Item, at: &str) -> Named {
    let mut search = Search { crates, place, at, found: Vec::new(), ours: Vec::new() };
    match item {
        Item::Const(item) => search.visit_type(&item.ty),
        Item::Enum(item) => item.variants.iter().for_each(|it| search.visit_fields(&it.fields)),
        Item::Fn(item) => search.visit_signature(&item.sig),
        Item::Static(item) => search.visit_type(&item.ty),
        Item::Struct(item) => {
            search.visit_generics(&item.generics);
            let public = item.fields.iter().filter(|field| is_public(&field.vis));
            public.for_each(|field| search.visit_type(&field.ty));
        }
        Item::Trait(item) => {
            item.supertraits.iter().for_each(|bound| search.visit_type_param_bound(bound));
            for part in &item.items {
                if let syn::TraitItem::Fn(part) = part {
                    search.visit_signature(&part.sig);
                }
            }
        }
        Item::Type(item) => search.visit_type(&item.ty),
        _ => {}
    }
    search.named()
}

/// Finds what the public functions of a block name. That a type has a trait of a dependency, such as
/// `serde::Serialize`, forces it on nobody.
pub(super) fn in_impl(crates: &Crates, place: &Place, block: &ItemImpl, at: &str) -> Named {
    if block.trait_.is_some() {
        return Named::default();
    }
    let mut named = Named::default();
    for part in &block.items {
        if let syn::ImplItem::Fn(part) = part
            && is_public(&part.vis)
        {
            let at = format!("{at}::{}", part.sig.ident);
            let mut search = Search { crates, place, at: &at, found: Vec::new(), ours: Vec::new() };
            search.visit_signature(&part.sig);
            named.add(search.named());
        }
    }
    named
}

impl Named {
    fn add(&mut self, mut other: Self) {
        self.foreign.append(&mut other.foreign);
        self.ours.append(&mut other.ours);
    }
}

impl Search<'_> {
    fn named(self) -> Named {
        Named { foreign: self.found, ours: self.ours }
    }
}

impl Visit<'_> for Search<'_> {
    fn visit_path(&mut self, path: &Path) {
        let names: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let is_ours = names.first().is_some_and(|first| STANDARD.contains(&first.as_str()));
        match self.crates.resolve(self.place, &names) {
            Meaning::Foreign(target) if !is_ours && !STANDARD.contains(&target[0].as_str()) => {
                let name = target.join("::");
                if !COMMON.contains(&name.as_str()) {
                    self.found.push(Foreign { at: self.at.to_owned(), name });
                }
            }
            Meaning::Item(place, name) => self.ours.push((self.at.to_owned(), place, name)),
            Meaning::Foreign(_) | Meaning::Module(_) | Meaning::Unknown => {}
        }
        visit::visit_path(self, path);
    }
}
