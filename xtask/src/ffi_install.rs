//! Laying out what a program in C needs: header, libraries, and files for pkg-config and CMake.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::header::HEADER;

/// What the static library needs of the system.
const SYSTEM_LIBRARIES: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

/// Builds the library and lays it out below a folder; with `--built`, it lies in that folder already.
///
/// # Errors
/// When cargo cannot be started, an argument is none, or a file cannot be written.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> io::Result<bool> {
    let mut prefix = PathBuf::from("/usr/local");
    let mut built = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--built" | "--prefix" => {
                let needed = || usage(&format!("{argument} needs a folder"));
                let folder = PathBuf::from(rest.next().ok_or_else(needed)?);
                if *argument == "--built" { built = Some(folder) } else { prefix = folder }
            }
            other => return Err(usage(&format!("{other} is no argument of ffi-install"))),
        }
    }
    let prefix = std::path::absolute(prefix)?;
    let built = match built {
        Some(built) => built,
        None => match build(root)? {
            Some(built) => built,
            None => return Ok(false),
        },
    };
    lay_out(root, &built, &prefix)?;
    Ok(true)
}

/// Builds the libraries and returns their folder; `None` when they cannot be built.
fn build(root: &Path) -> io::Result<Option<PathBuf>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--locked", "--release", "-p", "procside-ffi"]).current_dir(root);
    if !build.status()?.success() {
        return Ok(None);
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(Some(root.join(target).join("release")))
}

/// Lays out what was built.
fn lay_out(root: &Path, built: &Path, prefix: &Path) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let (include, lib) = (prefix.join("include"), prefix.join("lib"));
    let (pkgconfig, cmake) = (lib.join("pkgconfig"), lib.join("cmake/procside"));
    for folder in [&include, &lib, &pkgconfig, &cmake] {
        fs::create_dir_all(folder)?;
    }
    fs::copy(root.join(HEADER), include.join("procside.h"))?;
    for name in ["libprocside.so", "libprocside.dylib", "libprocside.a"] {
        if built.join(name).is_file() {
            fs::copy(built.join(name), lib.join(name))?;
        }
    }
    let shared = if cfg!(target_os = "macos") { "libprocside.dylib" } else { "libprocside.so" };
    let pc = format!(
        "prefix={}\n\
         includedir=${{prefix}}/include\n\
         libdir=${{prefix}}/lib\n\n\
         Name: procside\n\
         Description: The SQLite of process engines\n\
         Version: {version}\n\
         Cflags: -I${{includedir}}\n\
         Libs: -L${{libdir}} -lprocside\n\
         Libs.private: {SYSTEM_LIBRARIES}\n",
        prefix.display()
    );
    fs::write(pkgconfig.join("procside.pc"), pc)?;
    fs::write(cmake.join("procside-config.cmake"), config(shared))?;
    fs::write(cmake.join("procside-config-version.cmake"), config_version(version))
}

fn config(shared: &str) -> String {
    let libraries = SYSTEM_LIBRARIES.replace("-l", "").replace(' ', ";");
    format!(
        "get_filename_component(_procside_prefix \"${{CMAKE_CURRENT_LIST_DIR}}/../../..\" ABSOLUTE)\n\
         if(NOT TARGET procside::procside)\n\
         \x20 add_library(procside::procside SHARED IMPORTED)\n\
         \x20 set_target_properties(procside::procside PROPERTIES\n\
         \x20   IMPORTED_LOCATION \"${{_procside_prefix}}/lib/{shared}\"\n\
         \x20   IMPORTED_NO_SONAME TRUE\n\
         \x20   INTERFACE_INCLUDE_DIRECTORIES \"${{_procside_prefix}}/include\")\n\
         \x20 add_library(procside::static STATIC IMPORTED)\n\
         \x20 set_target_properties(procside::static PROPERTIES\n\
         \x20   IMPORTED_LOCATION \"${{_procside_prefix}}/lib/libprocside.a\"\n\
         \x20   INTERFACE_LINK_LIBRARIES \"{libraries}\"\n\
         \x20   INTERFACE_INCLUDE_DIRECTORIES \"${{_procside_prefix}}/include\")\n\
         endif()\n\
         unset(_procside_prefix)\n"
    )
}

fn config_version(version: &str) -> String {
    // Before 1.0 a second number that differs may break what was built.
    let minor = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
    format!(
        "set(PACKAGE_VERSION \"{version}\")\n\
         if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION\n\
         \x20  OR NOT PACKAGE_VERSION MATCHES \"^{minor}\\\\.\")\n\
         \x20 set(PACKAGE_VERSION_COMPATIBLE FALSE)\n\
         else()\n\
         \x20 set(PACKAGE_VERSION_COMPATIBLE TRUE)\n\
         endif()\n"
    )
}

fn usage(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message.to_owned())
}
