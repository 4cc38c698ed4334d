//! Everything that is reachable from a crate, one line for each item.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use syn::{Attribute, Fields, Item, ItemEnum, ItemImpl, ItemTrait, TraitItem};

use super::{
    foreign::{self, Foreign, Named},
    krate::{Crates, condition, is_public, is_test},
    resolve::{Meaning, Place, name_of},
    text::tidy,
};

/// What is reachable.
pub(crate) struct Listing {
    lines: BTreeSet<String>,
    /// Signatures that name a type of a dependency.
    pub(crate) foreign: Vec<Foreign>,
    /// Signatures that name an item of ours to which no path leads.
    pub(crate) nameless: Vec<Foreign>,
}

/// The blocks `impl` of each type, with where they stand.
type Impls<'a> = BTreeMap<(Place, String), Vec<(Place, &'a ItemImpl)>>;

struct Walk<'a> {
    crates: &'a Crates,
    impls: Impls<'a>,
    /// Modules to be told, with the path to each.
    modules: VecDeque<(Place, String)>,
    /// What was told, by where it is defined, with its path.
    told: BTreeMap<(Place, Option<String>), String>,
    /// Items of ours that signatures name.
    named: Vec<(String, Place, String)>,
    listing: Listing,
}

impl Listing {
    /// Lists what is reachable from this crate.
    pub(super) fn of(crates: &Crates, krate: &str) -> Self {
        let listing = Listing { lines: BTreeSet::new(), foreign: Vec::new(), nameless: Vec::new() };
        let root = Place { krate: krate.to_owned(), module: Vec::new() };
        let mut walk = Walk {
            crates,
            impls: impls_of(crates),
            modules: VecDeque::from([(root.clone(), krate.to_owned())]),
            told: BTreeMap::from([((root, None), krate.to_owned())]),
            named: Vec::new(),
            listing,
        };
        while let Some((place, path)) = walk.modules.pop_front() {
            walk.module(&place, &path);
        }
        for (at, place, name) in std::mem::take(&mut walk.named) {
            if !walk.told.contains_key(&(place.clone(), Some(name.clone()))) {
                walk.listing.nameless.push(Foreign { at, name: place.path_to(&name) });
            }
        }
        walk.listing
    }

    /// Returns the listing as the file holds it.
    pub(crate) fn text(&self) -> String {
        let head =
            "# What is reachable from `procside`, made by `cargo xtask api` from the sources.\n";
        let mut text = head.to_owned();
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

/// Finds the blocks `impl` of all types of ours.
fn impls_of(crates: &Crates) -> Impls<'_> {
    let mut impls = Impls::new();
    for (krate, modules) in &crates.0 {
        for (path, module) in &modules.modules {
            let place = Place { krate: krate.clone(), module: path.clone() };
            for item in &module.items {
                let Item::Impl(item) = item else { continue };
                let syn::Type::Path(of) = &*item.self_ty else { continue };
                let of: Vec<String> =
                    of.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
                if is_test(&item.attrs) {
                    continue;
                }
                if let Meaning::Item(at, name) = crates.resolve(&place, &of) {
                    impls.entry((at, name)).or_default().push((place.clone(), item));
                }
            }
        }
    }
    impls
}

impl<'a> Walk<'a> {
    /// Tells a module: its own items first, then what it brings from elsewhere.
    fn module(&mut self, place: &Place, path: &str) {
        let crates = self.crates;
        let Some(module) = crates.module(place) else { return };
        for item in module.items.iter().filter(|item| is_shown(item)) {
            let Some(name) = name_of(item) else { continue };
            self.item(place, &name, &format!("{path}::{name}"), "");
        }
        for below in module.modules.iter().filter(|below| below.is_public) {
            let mut inner = place.clone();
            inner.module.push(below.name.clone());
            self.below(inner, &format!("{path}::{}", below.name), &below.condition);
        }
        for binding in module.bindings.iter().filter(|binding| binding.is_public) {
            let at = format!("{path}::{}", binding.name);
            match crates.resolve(place, &binding.target) {
                Meaning::Item(defined, name) => self.item(&defined, &name, &at, &binding.condition),
                Meaning::Module(inner) => self.below(inner, &at, &binding.condition),
                Meaning::Foreign(target) => {
                    self.line(format!("use {at} = {}{}", target.join("::"), binding.condition));
                    self.listing.foreign.push(Foreign { at, name: target.join("::") });
                }
                Meaning::Unknown => {
                    self.line(format!("use {at} = ?{}", binding.target.join("::")));
                }
            }
        }
    }

    fn below(&mut self, place: Place, path: &str, condition: &str) {
        if let Some(known) = self.told.get(&(place.clone(), None)) {
            let line = format!("use {path} = {known}{condition}");
            return self.line(line);
        }
        self.told.insert((place.clone(), None), path.to_owned());
        self.line(format!("mod {path}{condition}"));
        self.modules.push_back((place, path.to_owned()));
    }

    /// Tells what has this name in this module, once.
    fn item(&mut self, place: &Place, name: &str, path: &str, condition: &str) {
        let key = (place.clone(), Some(name.to_owned()));
        if let Some(known) = self.told.get(&key) {
            let line = format!("use {path} = {known}{condition}");
            return self.line(line);
        }
        self.told.insert(key, path.to_owned());
        let crates = self.crates;
        let Some(module) = crates.module(place) else { return };
        for item in &module.items {
            if name_of(item).as_deref() == Some(name) && is_shown(item) {
                self.note(foreign::in_item(crates, place, item, path));
                self.definition(item, path, condition);
            }
        }
        for (at, block) in
            self.impls.get(&(place.clone(), name.to_owned())).cloned().unwrap_or_default()
        {
            self.note(foreign::in_impl(crates, &at, block, path));
            self.block(block, path);
        }
    }

    fn definition(&mut self, item: &Item, path: &str, more: &str) {
        let line = match item {
            Item::Const(item) => {
                format!("const {path}: {}{}", tidy(&item.ty), condition(&item.attrs))
            }
            Item::Static(item) => {
                format!("static {path}: {}{}", tidy(&item.ty), condition(&item.attrs))
            }
            Item::Enum(item) => return self.enumeration(item, path, more),
            Item::Fn(item) => {
                signed(&tidy(&item.sig), &item.sig.ident.to_string(), path)
                    + &condition(&item.attrs)
            }
            Item::Struct(item) => {
                let fields = self.fields(&item.fields, path);
                let head = format!("struct {path}{}{fields}", tidy(&item.generics));
                head + &traits(&item.attrs) + &condition(&item.attrs)
            }
            Item::Trait(item) => return self.interface(item, path, more),
            Item::Type(item) => {
                format!("type {path}{} = {}", tidy(&item.generics), tidy(&item.ty))
            }
            _ => return,
        };
        self.line(line + more);
    }

    /// Tells the public fields, and returns how the type is made.
    fn fields(&mut self, fields: &Fields, path: &str) -> &'static str {
        for (index, field) in fields.iter().enumerate().filter(|(_, field)| is_public(&field.vis)) {
            let name = field.ident.as_ref().map_or(index.to_string(), ToString::to_string);
            self.line(format!("field {path}::{name}: {}", tidy(&field.ty)));
        }
        let is_open = fields.iter().all(|field| is_public(&field.vis));
        match fields {
            Fields::Unit => "",
            _ if is_open => "",
            Fields::Named(_) => " { .. }",
            Fields::Unnamed(_) => "(..)",
        }
    }

    fn enumeration(&mut self, item: &ItemEnum, path: &str, more: &str) {
        let head = format!("enum {path}{}", tidy(&item.generics));
        self.line(head + &traits(&item.attrs) + &condition(&item.attrs) + more);
        for variant in &item.variants {
            let plain: Vec<String> = variant.fields.iter().map(|field| tidy(&field.ty)).collect();
            let named = variant.fields.iter().filter_map(|field| {
                Some(format!("{}: {}", field.ident.as_ref()?, tidy(&field.ty)))
            });
            let fields = match &variant.fields {
                Fields::Unit => String::new(),
                Fields::Unnamed(_) => format!("({})", plain.join(", ")),
                Fields::Named(_) => format!(" {{ {} }}", named.collect::<Vec<_>>().join(", ")),
            };
            self.line(format!("variant {path}::{}{fields}", variant.ident));
        }
    }

    fn interface(&mut self, item: &ItemTrait, path: &str, more: &str) {
        let above = if item.supertraits.is_empty() {
            String::new()
        } else {
            format!(": {}", tidy(&item.supertraits))
        };
        self.line(format!("trait {path}{}{above}{more}", tidy(&item.generics)));
        for part in &item.items {
            match part {
                TraitItem::Fn(part) => {
                    let name = part.sig.ident.to_string();
                    let line = signed(&tidy(&part.sig), &name, &format!("{path}::{name}"));
                    let given = if part.default.is_some() { " { .. }" } else { "" };
                    self.line(line + given);
                }
                TraitItem::Type(part) => self.line(format!("type {path}::{}", part.ident)),
                TraitItem::Const(part) => {
                    self.line(format!("const {path}::{}: {}", part.ident, tidy(&part.ty)));
                }
                _ => {}
            }
        }
    }

    /// Tells what a block `impl` adds to a type.
    fn block(&mut self, block: &ItemImpl, path: &str) {
        let generics = tidy(&block.generics);
        if let Some((_, of, _)) = &block.trait_ {
            let place = format!("impl{generics} {} for {path}", tidy(of));
            return self.line(place + &condition(&block.attrs));
        }
        for part in &block.items {
            match part {
                syn::ImplItem::Fn(part) if is_public(&part.vis) => {
                    let name = part.sig.ident.to_string();
                    let line = signed(&tidy(&part.sig), &name, &format!("{path}::{name}"));
                    self.line(line + &condition(&block.attrs) + &condition(&part.attrs));
                }
                syn::ImplItem::Const(part) if is_public(&part.vis) => {
                    self.line(format!("const {path}::{}: {}", part.ident, tidy(&part.ty)));
                }
                _ => {}
            }
        }
    }

    fn note(&mut self, named: Named) {
        self.listing.foreign.extend(named.foreign);
        self.named.extend(named.ours);
    }

    fn line(&mut self, line: String) {
        self.listing.lines.insert(line);
    }
}

/// Returns whether an item is public, and no test.
fn is_shown(item: &Item) -> bool {
    let (visibility, attributes) = match item {
        Item::Const(item) => (&item.vis, &item.attrs),
        Item::Enum(item) => (&item.vis, &item.attrs),
        Item::Fn(item) => (&item.vis, &item.attrs),
        Item::Static(item) => (&item.vis, &item.attrs),
        Item::Struct(item) => (&item.vis, &item.attrs),
        Item::Trait(item) => (&item.vis, &item.attrs),
        Item::Type(item) => (&item.vis, &item.attrs),
        _ => return false,
    };
    is_public(visibility) && !is_test(attributes)
}

/// Returns a signature with the path of the function in place of its name.
fn signed(signature: &str, name: &str, path: &str) -> String {
    let signature = signature.replace("(mut self", "(self");
    signature.replacen(&format!("fn {name}"), &format!("fn {path}"), 1)
}

/// Returns the derived traits and whether more may come: ` #[derive(Clone)] #[non_exhaustive]`.
fn traits(attributes: &[Attribute]) -> String {
    let mut derived: Vec<String> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
        .filter_map(|attribute| attribute.meta.require_list().ok())
        .flat_map(|list| tidy(&list.tokens).split(", ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    derived.sort();
    let mut text = String::new();
    if !derived.is_empty() {
        text = format!(": {}", derived.join(" + "));
    }
    if attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive")) {
        text.push_str(" #[non_exhaustive]");
    }
    text
}
