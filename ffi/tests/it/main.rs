//! The library as other languages see it: built, linked, loaded and run.
//!
//! Each test builds the library as whoever installs it does, and programs of other languages
//! against it. What a machine lacks is said, and passed over: valgrind, Python, Node.

mod workshop;

mod c;
mod crash;
mod guides;
mod install;
mod languages;
mod symbols;
