//! The header is fresh, and says what the sources say.

use std::fs;

use super::{HEADER, declared, made};

#[test]
fn the_header_is_as_its_sources_make_it() {
    let root = crate::root();
    let committed = fs::read_to_string(root.join(HEADER)).expect("the header is there");
    let made = made(&root).expect("the sources can be said in C");
    assert!(committed == made, "{HEADER} is old: `cargo xtask header` writes it anew");
}

#[test]
fn the_version_in_the_header_is_that_of_the_packages() {
    let root = crate::root();
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("the manifest is there");
    let version = manifest.split("\nversion = \"").nth(1).and_then(|rest| rest.split('"').next());
    let header = fs::read_to_string(root.join(HEADER)).expect("the header is there");
    let number = |name: &str| {
        let rest = header.split(&format!("#define PS_VERSION_{name} ")).nth(1);
        rest.and_then(|rest| rest.split('u').next()).unwrap_or_default().to_owned()
    };
    let said = ["MAJOR", "MINOR", "PATCH"].map(number).join(".");
    assert_eq!(Some(said.as_str()), version);
}

#[test]
fn items_are_said_in_c() {
    for (rust, c) in [
        ("pub const PS_A: i32 = 3;", "#define PS_A 3"),
        ("pub struct ps_a {", "typedef struct ps_a ps_a;"),
        ("pub extern \"C\" fn ps_f() -> u32 {", "uint32_t ps_f(void);"),
        (
            "pub unsafe extern \"C\" fn ps_g(a: *const c_char, len: usize, out: *mut *mut ps_a,) {",
            "void ps_g(const char *a, size_t len, ps_a **out);",
        ),
        (
            "pub extern \"C\" fn ps_h(a: *const ps_a) -> *const c_char {",
            "const char *ps_h(const ps_a *a);",
        ),
        (
            "pub type ps_t = Option<unsafe extern \"C\" fn(user: *mut c_void) -> i32,>;",
            "typedef int32_t (*ps_t)(void *user);",
        ),
    ] {
        assert_eq!(declared(rust).as_deref(), Ok(c));
    }
    assert!(declared("pub extern \"C\" fn ps_f(a: &str) {").is_err());
    assert!(declared("pub const PS_A: &str = \"a\";").is_err());
}
