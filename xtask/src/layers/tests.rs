//! The layers of this repository hold, and the checks see what is planted against them.

use std::collections::BTreeSet;

use crate::layers::arrows::{self, Dependency, DependencyKind, Manifest};
use crate::layers::reach::{self, Name, RULES};
use crate::layers::{LAYERS, Layer, LayerKind};
use crate::repository::Repository;

#[test]
fn the_repository_keeps_its_layers() {
    let violations = super::violations(&crate::root()).expect("the repository can be read");
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

#[test]
fn the_check_of_the_repository_sees_its_crates() {
    let root = crate::root();
    let manifests = arrows::manifests(&root).expect("cargo answers");
    let folders: BTreeSet<&str> = manifests.iter().map(|one| one.folder.as_str()).collect();
    let mut repository = Repository::read(&root).expect("the repository can be read");
    assert!(folders.contains("process-core") && folders.contains("xtask"), "{folders:?}");
    let before = reach::violations(&repository).len();
    let mut planted = 0;
    for folder in folders {
        let path = format!("{folder}/src/planted.rs");
        let product = Layer::of_folder(folder).is_some_and(|layer| layer.kind != LayerKind::Tool);
        planted += usize::from(product && folder != "cli");
        repository.files.insert(path, Some("fn f() { println!(); }".to_owned()));
    }
    assert_eq!(reach::violations(&repository).len(), before + planted);
}

/// Checks what a file of a crate may not touch: the lines and names that are found.
fn check_reach(path: &str, text: &str, expected: &[&str]) {
    let files = [(path.to_owned(), Some(text.to_owned()))];
    let found: Vec<String> = reach::violations(&Repository { files: files.into() })
        .iter()
        .map(|violation| {
            assert_eq!(violation.path, path);
            let (name, _) = violation.message.split_once(" in ").expect("the message names both");
            format!("{}:{name}", violation.line)
        })
        .collect();
    assert_eq!(found, expected, "in {path}: {text}");
}

#[test]
fn a_pure_crate_may_not_see_the_outside_world() {
    let path = "process-core/src/a.rs";
    for (text, expected) in [
        ("use std::fs;", "1:`std::fs`"),
        ("use std::fs as disk;", "1:`std::fs`"),
        ("use std::{\n    fmt,\n    fs::{self},\n};", "3:`std::fs`"),
        ("fn f() { let _ = ::std::net::TcpStream::connect(a); }", "1:`std::net`"),
        ("\n\nfn f() { std::thread::sleep(d) }", "3:`std::thread`"),
        ("fn f() { std::env::var(\"A\") }", "1:`std::env`"),
        ("use std::process::Command;", "1:`std::process`"),
        ("use std::time::Instant;", "1:`std::time::Instant`"),
        ("use std::time;", "1:`std::time`"),
        ("use std::time::*;", "1:`std::time::*`"),
        ("use std as s;", "1:`std`"),
        ("use std::*;", "1:`std::*`"),
        ("use std::{self as s};", "1:`std::self`"),
        ("fn f() { Utc::now() }", "1:a call of `now`"),
        ("fn f() { chrono :: Utc :: now () }", "1:a call of `now`"),
        ("fn f() { Uuid::now_v7() }", "1:`now_v7`"),
        ("fn f() { uuid::Uuid::new_v4() }", "1:`new_v4`"),
        ("fn f() { rand::random() }", "1:`rand`"),
        ("type A = HashMap<u8, u8>;", "1:`HashMap`"),
        ("use std::collections::{BTreeMap, HashSet};", "1:`HashSet`"),
        ("use std::collections::hash_map;", "1:`hash_map`"),
        ("async fn f() { tokio::spawn(g()) }", "1:`tokio`"),
        ("use rusqlite::Connection;", "1:`rusqlite`"),
        ("fn f(p: &std::path::Path) {}", "1:`std::path`"),
        ("fn f() { std::io::stdin() }", "1:`io::stdin`"),
        ("fn f() { println!(\"x\") }", "1:`println!`"),
        ("fn f() { eprintln ! [\"x\"] }", "1:`eprintln!`"),
        ("// a\n/* b\n */ use std::fs;", "3:`std::fs`"),
        ("const A: char = '\"'; use std::fs; // \"", "1:`std::fs`"),
        ("fn f<'a>(a: &'a str) { std::fs::read(a) }", "1:`std::fs`"),
    ] {
        check_reach(path, text, &[expected]);
    }
    check_reach(
        path,
        "use std::time::SystemTime;",
        &["1:`SystemTime`", "1:`std::time::SystemTime`"],
    );
}

#[test]
fn what_only_looks_like_it_is_let_pass() {
    for text in [
        "// std::fs\n/* std::net /* std::env */ Utc::now() */",
        "//! Reads `std::fs`.\n/// HashMap\nfn f() {}",
        "const A: &str = \"std::fs println! unsafe\";",
        "const A: &str = r#\"use std::fs; \" HashMap\"#;",
        "use std::time::Duration;",
        "use std::{fmt, io};",
        "use crate::time::Instantiate;",
        "fn f(now: Timestamp) { self.now; let now = 1; step.rename(now) }",
        "enum Source { Builtin, Local }",
        "use indexmap::IndexMap;",
        "use crate::fs_like::process;",
    ] {
        check_reach("process-engine/src/a.rs", text, &[]);
    }
}

#[test]
fn every_name_of_every_rule_is_found_where_it_is_forbidden_and_only_there() {
    for rule in &RULES {
        for &name in rule.names {
            for text in written(name) {
                for layer in LAYERS.iter().filter(|layer| layer.kind != LayerKind::Tool) {
                    let path = format!("{}/src/a.rs", layer.folder);
                    let files = [(path, Some(text.clone()))];
                    let found = reach::violations(&Repository { files: files.into() });
                    let count = found.iter().filter(|one| one.message.ends_with(rule.what)).count();
                    let expected = usize::from((rule.forbidden_in)(layer));
                    assert!(count >= expected, "{name:?} in {}: {text}", layer.folder);
                    assert!(expected == 1 || count == 0, "{name:?} in {}: {text}", layer.folder);
                }
            }
        }
    }
}

/// Returns the ways in which a name can stand in a source.
fn written(name: Name) -> Vec<String> {
    match name {
        Name::Call(last) => vec![format!("fn f() {{ A::{last}() }}")],
        Name::Crate(first) => {
            vec![format!("use {first}::a;"), format!("fn f() {{ ::{first}::a() }}")]
        }
        Name::Ident(ident) => {
            vec![format!("fn f() {{ {ident} }}"), format!("use a::{{b, {ident}}};")]
        }
        Name::Macro(called) => vec![format!("fn f() {{ {called}!(\"a\") }}")],
        Name::Segments(segments) => {
            let (first, rest) = segments.split_first().expect("a path has a segment");
            let rest = rest.join("::");
            let whole = format!("{first}::{rest}");
            vec![
                format!("use {whole};"),
                format!("use {first}::{{a, {rest}}};"),
                format!("use {{a, {whole}}};"),
            ]
        }
        Name::Whole(segments) => vec![format!("use {};", segments.join("::"))],
    }
}

#[test]
fn only_the_store_renames_and_syncs() {
    let text = "fn f() {\n    file.sync_all();\n    fs::rename(a, b);\n    File::create(c);\n}";
    let expected = ["2:`sync_all`", "3:`fs::rename`", "4:`File::create`"];
    check_reach("procside/src/a.rs", text, &expected);
    check_reach("cli/src/main.rs", text, &expected);
    for path in
        ["process-store/src/a.rs", "xtask/src/a.rs", "cli/tests/it/a.rs", "benches/src/a.rs"]
    {
        check_reach(path, text, &[]);
    }
}

#[test]
fn only_the_command_line_prints() {
    let text = "fn f() { println!(); }";
    check_reach("process-store/src/a.rs", text, &["1:`println!`"]);
    check_reach("server/src/a.rs", text, &["1:`println!`"]);
    check_reach("cli/src/a.rs", text, &[]);
}

#[test]
fn unsafe_code_lives_in_ffi_alone_also_in_tests() {
    let text = "fn f() { unsafe { g() } }";
    check_reach("procside/src/a.rs", text, &["1:`unsafe`"]);
    check_reach("procside/tests/it/a.rs", text, &["1:`unsafe`"]);
    check_reach("xtask/src/a.rs", text, &["1:`unsafe`"]);
    check_reach("ffi/src/a.rs", text, &[]);
}

#[test]
fn a_frontend_sees_procside_and_nothing_behind_it() {
    check_reach("cli/src/a.rs", "use procside::Project;\nuse procside_server::serve;", &[]);
    check_reach("cli/src/a.rs", "use procside::process_core::Status;", &["1:`process_core`"]);
    check_reach("ffi/src/a.rs", "use procside_server::serve;", &["1:`procside_server`"]);
    check_reach("cli/tests/it/a.rs", "\nuse process_store::Lock;", &["2:`process_store`"]);
}

#[test]
fn test_modules_of_a_pure_crate_are_left_alone_and_their_names_are_no_hiding_place() {
    let declared = "#[cfg(test)]\nmod tests;";
    for (declaration, count) in [(declared, 0), ("mod tests;", 1)] {
        let files = [
            ("procreg/src/lib.rs".to_owned(), Some(declaration.to_owned())),
            ("procreg/src/tests.rs".to_owned(), Some("use std::fs;".to_owned())),
        ];
        let found = reach::violations(&Repository { files: files.into() });
        assert_eq!(found.len(), count, "{declaration}");
    }
}

#[test]
fn the_table_has_no_cycle_and_no_unknown_crate() {
    let mut seen: Vec<&str> = Vec::new();
    let order = |kind: LayerKind| LAYERS.iter().filter(move |layer| layer.kind == kind);
    for layer in order(LayerKind::Pure).chain(order(LayerKind::Outer)) {
        assert!(layer.sees.iter().all(|folder| seen.contains(folder)), "{layer:?}");
        seen.push(layer.folder);
    }
    for layer in order(LayerKind::Frontend).chain(order(LayerKind::Tool)) {
        assert!(layer.sees.iter().all(|folder| Layer::of_folder(folder).is_some()), "{layer:?}");
        assert!(!layer.below().contains(layer.folder), "{layer:?}");
    }
}

/// Checks one dependency: answers in words, or nothing when it is allowed.
fn check_arrow(folder: &str, package: &str, kind: DependencyKind, features: &[&str], found: usize) {
    let layer = Layer::of_folder(folder).expect("the folder is in the table");
    let features = features.iter().map(|&feature| feature.to_owned()).collect();
    let manifest = Manifest {
        folder: folder.to_owned(),
        package: layer.package.to_owned(),
        dependencies: vec![Dependency { package: package.to_owned(), kind, features }],
    };
    let violations = arrows::violations(&[manifest]);
    assert_eq!(violations.len(), found, "{folder} -> {package} ({kind:?}): {violations:?}");
}

#[test]
fn arrows_point_down_only() {
    use DependencyKind::{Build, Dev, Normal};
    check_arrow("process-engine", "process-core", Normal, &[], 0);
    check_arrow("process-engine", "process-store", Normal, &[], 1);
    check_arrow("process-core", "process-engine", Dev, &[], 1);
    check_arrow("process-core", "process-core", Dev, &[], 1);
    check_arrow("process-patch", "process-core", Normal, &[], 1);
    check_arrow("process-runtime", "process-core", Normal, &[], 1);
    check_arrow("process-runtime", "process-core", Dev, &[], 0);
    check_arrow("process-store", "procside", Build, &[], 1);
    check_arrow("cli", "procside", Normal, &[], 0);
    check_arrow("cli", "procside-server", Normal, &[], 0);
    check_arrow("cli", "process-store", Normal, &[], 1);
    check_arrow("cli", "process-store", Dev, &[], 1);
    check_arrow("server", "procside-cli", Dev, &[], 1);
    check_arrow("benches", "process-engine", Normal, &[], 1);
    check_arrow("benches", "process-engine", Dev, &[], 0);
}

#[test]
fn a_pure_crate_takes_no_clock_and_no_chance() {
    use DependencyKind::{Build, Dev, Normal};
    check_arrow("process-core", "chrono", Normal, &["std", "serde"], 0);
    check_arrow("process-core", "chrono", Normal, &["std", "clock"], 1);
    check_arrow("process-core", "chrono", Normal, &["default"], 1);
    check_arrow("process-core", "uuid", Normal, &["v7"], 1);
    check_arrow("process-core", "tokio", Normal, &[], 1);
    check_arrow("process-core", "rand", Build, &[], 1);
    check_arrow("process-core", "tempfile", Dev, &[], 0);
    check_arrow("process-store", "uuid", Normal, &["v7"], 0);
}

#[test]
fn the_answer_of_cargo_is_read_with_renames_and_kinds() {
    let text = r#"{"packages": [{
        "name": "procside-cli", "manifest_path": "/r/cli/Cargo.toml", "dependencies": [
            {"name": "procside", "rename": "p", "kind": null, "features": [],
             "uses_default_features": true},
            {"name": "process-core", "kind": "dev", "features": ["x"],
             "uses_default_features": false}]}]}"#;
    let manifests = arrows::parse_text(text, "/r").expect("the text is complete");
    let shown: Vec<String> = manifests[0]
        .dependencies
        .iter()
        .map(|one| format!("{:?} {} {:?}", one.kind, one.package, one.features))
        .collect();
    assert_eq!(manifests[0].folder, "cli");
    assert_eq!(shown, [r#"Normal procside ["default"]"#, r#"Dev process-core ["x"]"#]);
    assert!(arrows::parse_text("{}", "/r").is_err());
}

#[test]
fn a_crate_outside_the_table_and_a_wrong_name_are_reported() {
    let manifest = |folder: &str, package: &str| Manifest {
        folder: folder.to_owned(),
        package: package.to_owned(),
        dependencies: Vec::new(),
    };
    let manifests =
        [manifest("extras", "extras"), manifest("cli", "cli"), manifest("xtask", "xtask")];
    let lines: Vec<String> =
        arrows::violations(&manifests).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "extras/Cargo.toml: `extras` has no place in the table of layers",
            "cli/Cargo.toml: the package is `procside-cli`, not `cli`",
        ]
    );
}
