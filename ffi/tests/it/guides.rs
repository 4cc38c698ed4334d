//! What the README and the guides show first, run as it stands there.

use std::{fs, path::PathBuf, process::Command};

use crate::workshop::{Folder, command, has, here, libraries, ok, run, skipped};

/// The most lines of a first example.
const LINES_MAX: usize = 15;

/// Returns the first block of a kind in a page of the repository.
fn block(page: &str, kind: &str) -> String {
    let path = here().join("..").join(page);
    let text = fs::read_to_string(path).expect("the page is there");
    let start = format!("```{kind}\n");
    let block = text.split(start.as_str()).nth(1).and_then(|rest| rest.split("```").next());
    let block = block.expect("the page has the block").to_owned();
    assert!(block.lines().count() <= LINES_MAX, "{page}: the block in {kind} is too long");
    block
}

#[test]
fn the_first_examples_in_c_work() {
    for page in ["README.md", "docs/guides/c.md"] {
        let (folder, home) = (Folder::new("guide"), Folder::new("home"));
        let (source, program) = (folder.path().join("quick.c"), folder.path().join("quick"));
        fs::write(&source, block(page, "c")).expect("the folder can be written");
        let mut compile = Command::new("cc");
        compile.args(["-Wall", "-Wextra", "-Werror", "-I"]).arg(here().join("include"));
        compile.arg(source).arg(&libraries().shared).arg("-o").arg(&program);
        ok(&mut compile);
        let told = ok(command(program, &home).current_dir(folder.path()));
        assert!(told.contains("\"name\":\"Move the wiki\""), "{told}");
    }
}

#[test]
fn the_first_examples_in_python_work() {
    if !has("python3") {
        return;
    }
    for page in ["README.md", "docs/guides/python.md"] {
        let (folder, home) = (Folder::new("guide"), Folder::new("home"));
        let mut python = command("python3", &home);
        python.env("PYTHONPATH", here().join("examples/python"));
        python.env("PYTHONDONTWRITEBYTECODE", "1").env("PROCSIDE_LIBRARY", &libraries().shared);
        let told = ok(python.args(["-c", &block(page, "python")]).current_dir(folder.path()));
        assert_eq!(told, "s1 Copy the pages pending\n");
    }
}

#[test]
fn the_first_examples_in_node_work() {
    let Some(modules) = node_modules() else { return };
    for page in ["README.md", "docs/guides/node.md"] {
        let (folder, home) = (Folder::new("guide"), Folder::new("home"));
        let module = here().join("examples/node/procside.mjs");
        fs::copy(module, folder.path().join("procside.mjs")).expect("the example is there");
        fs::write(folder.path().join("quick.mjs"), block(page, "js")).expect("it can be written");
        let link = folder.path().join("node_modules");
        std::os::unix::fs::symlink(&modules.1, link).expect("the folder can be written");
        let mut node = command("node", &home);
        node.env("PROCSIDE_LIBRARY", &libraries().shared).arg("quick.mjs");
        let told = ok(node.current_dir(folder.path()));
        assert_eq!(told, "s1 Copy the pages pending\n");
    }
}

/// Returns the modules that the examples in Node need; says so where they cannot be had.
pub(crate) fn node_modules() -> Option<(Folder, PathBuf)> {
    if !has("node") || !has("npm") {
        return None;
    }
    let folder = Folder::new("node");
    for name in ["package.json", "package-lock.json"] {
        let from = here().join("examples/node").join(name);
        fs::copy(from, folder.path().join(name)).expect("the example is there");
    }
    let mut install = Command::new("npm");
    install.args(["ci", "--no-audit", "--no-fund", "--prefer-offline"]).current_dir(folder.path());
    let output = run(&mut install);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        skipped(&format!("koffi cannot be had from the npm registry here:\n{said}"));
        return None;
    }
    let modules = folder.path().join("node_modules");
    Some((folder, modules))
}
