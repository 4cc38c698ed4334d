//! The tasks of this repository, started as `cargo xtask TASK`.
//!
//! `api` writes the listing of the public interface.
//! `ci` is the whole gate, here and on any machine.
//! `features` and `packages` are two parts of it.
//! `faults` spoils every system call of a run in SQLite, one by one.
//! `simulate` lives through worlds of chance, and `mutate` proves that the tests see what is wrong.
//! `header` writes the header for C, and `ffi-install` lays out what a program in C needs.
//! `layers` and `tidy` are two of its tests, callable on their own while one works.

mod api;
mod ci;
mod faults;
mod ffi_install;
mod header;
mod layers;
mod mutate;
mod repository;
mod simulate;
mod source;
mod tidy;
mod violation;

use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::repository::Repository;
use crate::violation::Violation;

const USAGE: &str = "\
usage: cargo xtask TASK

tasks:
  api     write the listing of the public interface anew
  ci      format, lints, features, tests, documentation and packages, stopping at
          the first failure
  faults [NAME]
          a run in SQLite, in which each system call fails or is the last one;
          NAME is one of them as a failure names it (slow without; Linux)
  features
          build the Rust library with every set of its features
  ffi-install [--prefix DIR] [--built DIR]
          build the library for C, unless it lies in --built, and lay it out
          below --prefix (/usr/local without)
  header  write the header for C anew, from the documentation of its functions
  layers  which crate may see which, and what it may touch
  mutate [NUMBER]...
          put known faults into a copy; the tests must find each (slow)
  packages
          make the package of every crate that can be published
  simulate [--seeds N] [--seed S] [--events M]
          processes, drivers and a store of chance, in which nothing may be wrong
  tidy    how files begin, end and hang together
  help    this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["api"] => api::run(&root()),
        ["ci"] => ci::run(&root()),
        ["features"] => ci::features(&root()),
        ["packages"] => ci::packages(&root()),
        ["faults"] => faults::run(&root(), "all"),
        ["faults", name] => faults::run(&root(), name),
        ["ffi-install", arguments @ ..] => ffi_install::run(&root(), arguments),
        ["header"] => header::run(&root()),
        ["mutate", numbers @ ..] => mutate::run(&root(), numbers),
        ["simulate", arguments @ ..] => simulate::run(&root(), arguments),
        ["layers"] => examine("layers", layers::violations),
        ["tidy"] => examine("tidy", |root| Ok(tidy::violations(&Repository::read(root)?))),
        ["help" | "--help" | "-h"] => {
            return finish(io::stdout().write_all(USAGE.as_bytes()).map(|()| true));
        }
        _ => {
            // Nothing better can be done when stderr itself is closed.
            let _ = io::stderr().write_all(USAGE.as_bytes());
            return ExitCode::from(2);
        }
    };
    finish(outcome)
}

/// Returns the root folder of the repository, one above this crate.
fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Prints what a check found, and answers whether it found nothing.
fn examine(name: &str, check: impl Fn(&Path) -> io::Result<Vec<Violation>>) -> io::Result<bool> {
    let violations = check(&root())?;
    let mut stdout = io::stdout().lock();
    for violation in &violations {
        writeln!(stdout, "{violation}")?;
    }
    writeln!(io::stderr(), "{name}: {} violations", violations.len())?;
    Ok(violations.is_empty())
}

fn finish(outcome: io::Result<bool>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing better can be done when stderr itself is closed.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
