//! What a call through the interface costs, beside the same call in Rust.
//!
//! `cargo bench -p procside-ffi` prints one JSON a line, `{"figure", "value", "unit"}`.

use std::{
    error::Error,
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use procside_rs::{NewProcess, PatchRequest, Procside, Surroundings, call_text, patch_text};
use serde_json::{Value, json};

/// How often each call is made.
const ROUNDS: usize = 20_000;

/// How many processes the project has.
const PROCESSES: usize = 100;

/// What the static library needs of the system.
const SYSTEM_LIBRARIES: [&str; 6] = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("procside-abi-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let measured = measure(&folder);
    fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let surroundings = Surroundings { user_folder: None, ..Surroundings::of_the_system() };
    let project = Procside::create(folder, surroundings)?;
    for number in 0..PROCESSES {
        let name = Some(format!("Process {number}"));
        project.init(NewProcess { name, ..NewProcess::default() })?;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let libraries = libraries(here)?;
    let program = folder.join("bench");
    let status = Command::new("cc")
        .args(["-O2", "-I"])
        .arg(here.join("include"))
        .arg(here.join("examples/c/bench.c"))
        .arg(libraries.join("libprocside.a"))
        .args(SYSTEM_LIBRARIES)
        .arg("-o")
        .arg(&program)
        .status()?;
    if !status.success() {
        return Err("the program in C cannot be compiled".into());
    }
    let output = Command::new(&program).arg(folder).arg(ROUNDS.to_string()).output()?;
    let in_c: Value = serde_json::from_slice(&output.stdout)?;
    let ns = |name: &str| in_c[name].as_f64().unwrap_or_default();

    let request = PatchRequest {
        patches: r##"[{"operation":"append","location":"# A","content":"b"}]"##.to_owned(),
        ..PatchRequest::default()
    };
    let patch = median_ns(ROUNDS, || {
        let patched = patch_text("# A\n\nText.\n", &request).map(|it| it.to_value().to_string());
        black_box(patched).is_ok()
    });
    let list = median_ns(ROUNDS / 20 + 1, || {
        let called = call_text(&project, r#"{"op":"list","args":{"all":true}}"#);
        black_box(called.envelope).is_object()
    });
    let kib = ns("list_bytes") / 1024.0;
    figure("abi_typed_call_over_rust_us", (ns("patch_text_ns") - patch) / 1e3, "us");
    figure("abi_smallest_call_us", ns("notices_ns") / 1e3, "us");
    figure("abi_call_us_per_kib", ns("list_ns") / 1e3 / kib, "us");
    figure("abi_call_over_rust_us_per_kib", (ns("list_ns") - list) / 1e3 / kib, "us");
    figure("abi_open_to_first_list_100_ms", ns("open_list_ns") / 1e6, "ms");
    let bytes = fs::metadata(libraries.join("libprocside.so"))?.len();
    figure("abi_shared_library_mb", bytes as f64 / 1e6, "MB");
    Ok(())
}

/// Builds the libraries as they are delivered, and returns their folder.
fn libraries(here: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--locked", "--release", "-p", "procside-ffi", "--message-format", "json"])
        .current_dir(here)
        .output()?;
    if !output.status.success() {
        return Err("the library cannot be built".into());
    }
    let messages = String::from_utf8(output.stdout)?;
    let library = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| message["filenames"].as_array().cloned())
        .flatten()
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .find(|path| path.ends_with("libprocside.a"));
    let folder = library.as_deref().and_then(Path::parent).ok_or("there is no library")?;
    Ok(folder.to_owned())
}

fn median_ns(rounds: usize, mut call: impl FnMut() -> bool) -> f64 {
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            assert!(call(), "the call succeeds");
            start.elapsed().as_nanos() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[rounds / 2]
}

#[expect(clippy::print_stdout, reason = "figures are what it is for")]
fn figure(name: &str, value: f64, unit: &str) {
    println!("{}", json!({"figure": name, "value": (value * 100.0).round() / 100.0, "unit": unit}));
}
