//! Tests of the listing, and the listing itself.

use expect_test::{Expect, expect, expect_file};

use super::{krate::Crates, listing, listing::Listing};

fn check(crates: &[(&str, &str)], expected: Expect) {
    let crates = Crates::of_texts(crates);
    let listing = Listing::of(&crates, "shelf");
    let lines: Vec<String> = listing.text().lines().skip(1).map(str::to_owned).collect();
    let foreign = listing.foreign.iter().map(|it| format!("! {} names {}", it.at, it.name));
    expected.assert_eq(&lines.into_iter().chain(foreign).collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_listing_is_what_the_sources_say() {
    let listing = listing(&crate::root()).expect("the sources can be read");
    // `UPDATE_EXPECT=1` writes it anew.
    expect_file!["../../../procside/api.txt"].assert_eq(&listing.text());
}

#[test]
fn no_signature_names_a_type_of_a_dependency() {
    let listing = listing(&crate::root()).expect("the sources can be read");
    let found: Vec<String> =
        listing.foreign.iter().map(|it| format!("{} names {}", it.at, it.name)).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn every_type_that_a_signature_names_can_be_named() {
    let listing = listing(&crate::root()).expect("the sources can be read");
    let found: Vec<String> =
        listing.nameless.iter().map(|it| format!("{} names {}", it.at, it.name)).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn items_are_told_with_their_signatures() {
    let shelf = "
        /// A book.
        #[non_exhaustive]
        #[derive(Debug, Clone)]
        pub struct Book<'a, T: ?Sized> { pub title: &'a str, pages: Vec<T> }
        pub struct Sealed(u8);
        pub enum Kind { Novel, Poem(u8, String), Play { acts: Option<Vec<u8>> } }
        impl<'a, T> Book<'a, T> {
            pub fn lend(mut self, to: &mut [u8], f: impl Fn(&T) -> bool + Send) -> Result<(), Kind> { todo!() }
            fn hidden(&self) {}
            pub const MANY: usize = 3;
        }
        impl std::fmt::Display for Kind {}
        pub trait Lends: Send + Sync { type Of; fn one(&self) -> Self::Of; fn all(&self) {} }
        #[cfg(feature = \"far\")] pub fn far() {}
        #[cfg(test)] pub fn tried() {}
        pub(crate) fn within() {}
        pub const LONG: std::time::Duration = Y;
        pub type Name = String;
    ";
    check(
        &[("shelf", shelf)],
        expect![[r#"
        const shelf::Book::MANY: usize
        const shelf::LONG: std::time::Duration
        enum shelf::Kind
        field shelf::Book::title: &'a str
        fn shelf::Book::lend(self, to: &mut [u8], f: impl Fn(&T) -> bool + Send) -> Result<(), Kind>
        fn shelf::Lends::all(&self) { .. }
        fn shelf::Lends::one(&self) -> Self::Of
        fn shelf::far() [feature = "far"]
        impl std::fmt::Display for shelf::Kind
        struct shelf::Book<'a, T: ?Sized> { .. }: Clone + Debug #[non_exhaustive]
        struct shelf::Sealed(..)
        trait shelf::Lends: Send + Sync
        type shelf::Lends::Of
        type shelf::Name = String
        variant shelf::Kind::Novel
        variant shelf::Kind::Play { acts: Option<Vec<u8>> }
        variant shelf::Kind::Poem(u8, String)"#]],
    );
}

#[test]
fn what_is_brought_from_elsewhere_is_told_once_and_by_all_its_paths() {
    let shelf = "
        mod inner { mod deep { pub struct Deep; impl Deep { pub fn at(&self) {} } } pub use deep::Deep; pub use self::deep::Deep as Low; }
        #[cfg(feature = \"runtime\")] pub mod open { pub use crate::inner::Deep; pub fn here() {} }
        pub use inner::Deep;
        pub use board::{plank, Nail as Pin};
        pub use board::plank::Oak;
    ";
    let board = "pub mod plank { pub struct Oak; impl crate::Nail { pub fn hit(&self) {} } } pub struct Nail; struct Hidden;";
    check(
        &[("shelf", shelf), ("board", board)],
        expect![[r#"
        fn shelf::Deep::at(&self)
        fn shelf::Pin::hit(&self)
        fn shelf::open::here()
        mod shelf::open [feature = "runtime"]
        mod shelf::plank
        struct shelf::Deep
        struct shelf::Oak
        struct shelf::Pin
        use shelf::open::Deep = shelf::Deep
        use shelf::plank::Oak = shelf::Oak"#]],
    );
}

#[test]
fn types_of_dependencies_are_found_in_whatever_is_public() {
    let shelf = "
        use chrono::{DateTime, Utc};
        use other::{Thing, deep::Other};
        use std::sync::Arc;
        pub struct A { pub one: Option<Thing>, two: Thing, pub at: DateTime<Utc>, pub three: Arc<u8> }
        impl A { pub fn one(&self, other: &Other) {} pub fn two(&self) -> third::Kind { todo!() } fn no(&self, o: Other) {} }
        impl From<Thing> for A {}
        pub fn generic<T: Into<Other>>(value: T::Item) {}
        pub use other::Thing as Ours;
    ";
    check(
        &[("shelf", shelf)],
        expect![[r#"
            field shelf::A::at: DateTime<Utc>
            field shelf::A::one: Option<Thing>
            field shelf::A::three: Arc<u8>
            fn shelf::A::one(&self, other: &Other)
            fn shelf::A::two(&self) -> third::Kind
            fn shelf::generic<T: Into<Other>>(value: T::Item)
            impl From<Thing> for shelf::A
            struct shelf::A { .. }
            use shelf::Ours = other::Thing
            ! shelf::A names other::Thing
            ! shelf::A::one names other::deep::Other
            ! shelf::A::two names third::Kind
            ! shelf::generic names other::deep::Other
            ! shelf::Ours names other::Thing"#]],
    );
}
