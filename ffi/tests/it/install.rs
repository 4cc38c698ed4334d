//! What `cargo xtask ffi-install` lays out, used by a program that knows nothing else.

use std::{fs, process::Command};

use crate::{
    c::check_tour,
    workshop::{Folder, command, has, here, libraries, ok},
};

#[test]
fn an_installed_library_is_found_by_pkg_config() {
    if !has("pkg-config") {
        return;
    }
    let (prefix, home, folder) = (Folder::new("prefix"), Folder::new("home"), Folder::new("tour"));
    // It is built: only the laying out is left.
    libraries();
    let mut install = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    install
        .args(["run", "--quiet", "--locked", "--offline", "-p", "xtask", "--", "ffi-install"])
        .args(["--built"])
        .arg(libraries().shared.parent().expect("a library lies in a folder"))
        .arg("--prefix")
        .arg(prefix.path())
        .current_dir(here());
    ok(&mut install);
    for path in [
        "include/procside.h",
        "lib/libprocside.so",
        "lib/libprocside.a",
        "lib/cmake/procside/procside-config.cmake",
        "lib/cmake/procside/procside-config-version.cmake",
    ] {
        assert!(prefix.path().join(path).is_file(), "{path} is missing");
    }
    let flags = ok(Command::new("pkg-config")
        .env("PKG_CONFIG_PATH", prefix.path().join("lib/pkgconfig"))
        .args(["--cflags", "--libs", "procside"]));
    let program = folder.path().join("tour");
    let mut compile = Command::new("cc");
    compile.arg(here().join("examples/c/tour.c")).args(flags.split_whitespace());
    compile.arg("-o").arg(&program);
    ok(&mut compile);
    let work = folder.path().join("work");
    fs::create_dir(&work).expect("the folder can be written");
    let mut tour = command(program, &home);
    tour.env("LD_LIBRARY_PATH", prefix.path().join("lib")).arg(work);
    check_tour(&ok(&mut tour));
}
