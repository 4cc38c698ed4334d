//! The library, built once, and programs that are made with it.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{self, Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Nothing that is started here takes longer; what does hangs.
const HANGS: Duration = Duration::from_secs(180);

/// What a static library needs of the system.
const SYSTEM_LIBRARIES: [&str; 6] = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"];

/// What every program in C is compiled with.
const C_FLAGS: [&str; 5] = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1"];

/// The libraries that were built.
pub(crate) struct Libraries {
    pub(crate) shared: PathBuf,
    pub(crate) fixed: PathBuf,
}

/// How a program is linked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Linked {
    Shared,
    Fixed,
}

/// A folder that is removed in the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("procside-ffi-{name}-{}-{count}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the folder for temporary files can be written");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns the folder of this crate.
pub(crate) fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Builds the library as tests are built, once.
pub(crate) fn libraries() -> &'static Libraries {
    static LIBRARIES: OnceLock<Libraries> = OnceLock::new();
    LIBRARIES.get_or_init(|| {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--locked", "--offline", "--profile", "test", "-p", "procside-ffi"])
            .args(["--message-format", "json"])
            .current_dir(here())
            .output()
            .expect("cargo can be started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the library cannot be built:\n{said}");
        let stdout = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
        let messages = stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let built: Vec<PathBuf> = messages
            .filter(|message| message["package_id"].as_str().is_some_and(|id| id.contains("/ffi#")))
            .filter_map(|message| message["filenames"].as_array().cloned())
            .flatten()
            .filter_map(|name| name.as_str().map(PathBuf::from))
            .collect();
        let find = |ending: &str| {
            let found = built.iter().find(|path| path.extension().is_some_and(|it| it == ending));
            found.unwrap_or_else(|| panic!("no .{ending} among {built:?}")).clone()
        };
        Libraries { shared: find("so"), fixed: find("a") }
    })
}

/// Compiles a program of this crate in C, and returns it.
pub(crate) fn compiled(source: &str, linked: Linked, folder: &Folder) -> PathBuf {
    let libraries = libraries();
    let name = Path::new(source).file_stem().expect("a source has a name").to_string_lossy();
    let program = folder.path().join(format!("{name}-{linked:?}"));
    let mut command = Command::new("cc");
    command
        .args(C_FLAGS)
        .arg("-I")
        .arg(here().join("include"))
        .arg(here().join(source))
        .arg("-o")
        .arg(&program);
    match linked {
        Linked::Shared => {
            let lib = libraries.shared.parent().expect("a library lies in a folder");
            command.arg("-L").arg(lib).args(["-Wl,-Bdynamic", "-l:libprocside.so", "-lpthread"]);
            command.arg(format!("-Wl,-rpath,{}", lib.display()));
        }
        Linked::Fixed => {
            command.arg(&libraries.fixed).args(SYSTEM_LIBRARIES);
        }
    }
    let output = command.output().expect("there is a compiler for C");
    assert!(output.status.success(), "{source}: {}", String::from_utf8_lossy(&output.stderr));
    program
}

/// Returns a command that keeps nothing for whoever runs the tests.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>, home: &Folder) -> Command {
    let mut command = Command::new(program);
    command
        .env("HOME", home.path())
        .env("USER", "ann")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("PROCSIDE_STORE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command to its end; it fails the test when it hangs.
pub(crate) fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let reader = |pipe: Option<Box<dyn std::io::Read + Send>>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_end(&mut bytes).expect("the pipe can be read");
            }
            bytes
        })
    };
    let stdout = reader(stdout.map(|pipe| Box::new(pipe) as Box<_>));
    let stderr = reader(stderr.map(|pipe| Box::new(pipe) as Box<_>));
    let status = wait(&mut child, &format!("{command:?}"));
    Output {
        status,
        stdout: stdout.join().expect("the reader ends"),
        stderr: stderr.join().expect("the reader ends"),
    }
}

fn wait(child: &mut Child, what: &str) -> process::ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            return status;
        }
        if start.elapsed() > HANGS {
            let _ = child.kill();
            panic!("{what} hangs");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Runs a command, which must succeed, and returns what it printed.
#[track_caller]
pub(crate) fn ok(command: &mut Command) -> String {
    let output = run(command);
    let said = String::from_utf8_lossy(&output.stderr);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{command:?}: {}\n{told}\n{said}", output.status);
    told.into_owned()
}

/// Returns whether a program is there; says so when it is not.
pub(crate) fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success());
    if !found {
        skipped(&format!("there is no `{program}` on this machine"));
    }
    found
}

/// Says that a test did not do what it is for; the harness lets it through.
pub(crate) fn skipped(why: &str) {
    // Nobody is left to tell that stderr is gone.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}
