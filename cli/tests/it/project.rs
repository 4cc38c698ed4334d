//! A project in a temporary folder, and the program that is run in it.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use procside::{Procside, StartRequest, Surroundings};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// No command takes longer than this; one that does hangs.
const HANGS: Duration = Duration::from_secs(10);

/// Larger files are compared by length: they are sparse.
const COMPARED_BYTES_MAX: u64 = 32 << 20;

/// Who acts in every test that does not say otherwise.
pub(crate) const USER: &str = "ann";

/// A folder that is removed in the end, and the project in it.
pub(crate) struct Project {
    root: PathBuf,
    /// What `PROCSIDE_STORE` says to every command.
    store: Option<&'static str>,
}

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
}

/// Everything below a folder: each path with what stands there.
pub(crate) type Tree = BTreeMap<String, String>;

impl Project {
    /// Returns a folder without a project in it.
    pub(crate) fn nowhere() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("procside-it-{}-{count}", process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).expect("the folder for temporary files can be written");
        Self { root: root.canonicalize().expect("it was made above"), store: None }
    }

    /// Returns a folder without a project in it, for processes in this store.
    pub(crate) fn kept_in(store: Option<&'static str>) -> Self {
        let mut project = Self::nowhere();
        project.store = store;
        project
    }

    /// Returns a project with one process `proc-001` named `Work`, without steps.
    pub(crate) fn new() -> Self {
        let project = Self::nowhere();
        project.ok(&["init", "--name", "Work"]);
        project
    }

    /// Returns a project with one process `proc-001` that has these steps, `s1` and so on.
    pub(crate) fn with_steps(names: &[&str]) -> Self {
        let project = Self::new();
        for name in names {
            project.ok(&["add-step", name]);
        }
        project
    }

    /// Returns a project with these files, each a path and its text.
    pub(crate) fn with_files(files: &[(&str, &str)]) -> Self {
        let project = Self::nowhere();
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// Returns a project with a copy of everything in this one, or in another folder.
    pub(crate) fn copy_of(folder: &Path) -> Self {
        let project = Self::nowhere();
        copy(folder, &project.root);
        project
    }

    /// Returns a project with `proc-001`, started by this definition, which lies in `flow.yaml`.
    pub(crate) fn started(definition: &str) -> Self {
        let project = Self::with_files(&[("flow.yaml", definition)]);
        project.start("flow.yaml", None);
        project
    }

    /// Starts a process by a definition and makes it the active one; returns its id.
    pub(crate) fn start(&self, source: &str, key: Option<&str>) -> String {
        // Nothing of a test is kept for whoever runs it.
        let surroundings = Surroundings { user_folder: None, ..Surroundings::of_the_system() };
        let opened = Procside::open_or_new(&self.root, surroundings);
        let started = opened.expect("the folder can be read").start(StartRequest {
            source: source.to_owned(),
            folder: self.root.clone(),
            key: key.map(str::to_owned),
            becomes_active: true,
            ..StartRequest::default()
        });
        started.expect("the definition can be started").process.id.to_string()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Returns the command, about to run in the project's folder.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_procside"));
        command
            .args(args)
            .current_dir(&self.root)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.root)
            .env("USER", USER)
            .env("COLUMNS", "100")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(store) = self.store {
            command.env("PROCSIDE_STORE", store);
        }
        command
    }

    /// Runs the program; it fails the test when it hangs.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Output {
        let mut command = self.command(args);
        finish(command.spawn().expect("the program can be started"), &shown(args))
    }

    /// Runs the program; it must succeed.
    #[track_caller]
    pub(crate) fn ok<S: AsRef<OsStr>>(&self, args: &[S]) -> Output {
        let output = self.run(args);
        assert_eq!(output.code, Some(0), "`procside {}`: {output:#?}", shown(args));
        output
    }

    /// Runs the program with `--json`; it must succeed. Returns the envelope's data.
    #[track_caller]
    pub(crate) fn data(&self, args: &[&str]) -> Value {
        self.data_with_exit(0, args)
    }

    /// Runs the program with `--json`; it must do what was asked, and exit so.
    #[track_caller]
    pub(crate) fn data_with_exit(&self, code: i32, args: &[&str]) -> Value {
        let output = self.run(&with_json(args));
        assert_eq!(output.code, Some(code), "`procside {}`: {output:#?}", args.join(" "));
        let mut envelope = output.envelope();
        assert_eq!(envelope["ok"], true, "{envelope}");
        envelope["data"].take()
    }

    /// Runs the program with `--json`; it must refuse with this exit code and this kind. Returns
    /// the envelope's error.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, kind: &str, args: &[&str]) -> Value {
        let output = self.run(&with_json(args));
        assert_eq!(output.code, Some(code), "`procside {}`: {output:#?}", args.join(" "));
        let mut envelope = output.envelope();
        assert_eq!(envelope["ok"], false, "{envelope}");
        assert_eq!(envelope["error"]["kind"], kind, "{envelope}");
        envelope["error"].take()
    }

    /// Returns the active process, as `show` tells it.
    #[track_caller]
    pub(crate) fn process(&self) -> Value {
        self.data(&["show"])["process"].take()
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    #[track_caller]
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        let folder = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(folder).expect("the folder can be made");
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Replaces a text in a file, which must be there exactly once.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}:\n{text}");
        self.write(path, text.replacen(from, to, 1));
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    /// Returns everything in the folder, byte for byte.
    pub(crate) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        look(&self.root, &self.root, &mut tree);
        tree
    }

    /// Returns everything in the folder but the guard of the lock, which every writer may make.
    pub(crate) fn content(&self) -> Tree {
        let mut tree = self.tree();
        tree.retain(|path, _| !path.ends_with(".lock.guard"));
        tree
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl Output {
    /// Returns the only line of stdout as JSON; it must be an envelope.
    #[track_caller]
    pub(crate) fn envelope(&self) -> Value {
        assert!(
            self.stdout.ends_with('\n') && self.stdout.lines().count() == 1,
            "not exactly one line: {self:#?}"
        );
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {self:#?}"));
        assert_eq!(value["schema_version"], 1, "{value}");
        let keys: Vec<&str> =
            value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let body = if value["ok"] == true { "data" } else { "error" };
        assert_eq!(keys, ["schema_version", "ok", body], "{value}");
        if body == "error" {
            let error = &value["error"];
            assert!(error["kind"].is_string() && error["message"].is_string(), "{value}");
            assert!(error["hint"].is_string() || error["hint"].is_null(), "{value}");
            assert!(error.get("hint").is_some() && error.get("details").is_some(), "{value}");
        }
        value
    }
}

/// Waits for a child that was started with piped output; one that hangs is killed and fails the
/// test.
#[track_caller]
pub(crate) fn finish(child: Child, what: &str) -> Output {
    let pid = child.id();
    let (send, receive) = mpsc::channel();
    thread::spawn(move || send.send(child.wait_with_output()));
    match receive.recv_timeout(HANGS) {
        Ok(output) => {
            let output = output.expect("its output can be read");
            let text = |bytes| String::from_utf8(bytes).expect("what it prints is UTF-8");
            let code = output.status.code();
            Output { stdout: text(output.stdout), stderr: text(output.stderr), code }
        }
        Err(_) => {
            kill(pid);
            panic!("`procside {what}` hangs");
        }
    }
}

/// Kills a child of this test by its id.
pub(crate) fn kill(pid: u32) {
    signal(pid, Signal::KILL);
}

/// Sends a signal to a child of this test; one that has ended is none.
pub(crate) fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let _ = kill_process(pid.expect("the id of a child is a process id"), signal);
}

/// Returns how much more than usual the long tests are to do, by `PROCSIDE_TEST_SCALE`.
pub(crate) fn scale() -> u32 {
    std::env::var("PROCSIDE_TEST_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Returns the strings that a list holds.
pub(crate) fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.map(|item| item.as_str().map_or_else(|| item.to_string(), String::from)).collect()
}

/// Returns one key of every member of a list.
pub(crate) fn column(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .map(|item| item[key].as_str().map_or_else(|| item[key].to_string(), String::from))
        .collect()
}

/// Returns the step with this id.
#[track_caller]
pub(crate) fn step<'a>(process: &'a Value, id: &str) -> &'a Value {
    let steps = process["steps"].as_array().into_iter().flatten();
    let found = steps.into_iter().find(|step| step["id"] == id);
    found.unwrap_or_else(|| panic!("no step {id} in {process}"))
}

/// Options stand before a `--`, behind which nothing is one.
fn with_json<'a>(args: &[&'a str]) -> Vec<&'a str> {
    let mut args = args.to_vec();
    let end = args.iter().position(|arg| *arg == "--").unwrap_or(args.len());
    args.insert(end, "--json");
    args
}

fn shown<S: AsRef<OsStr>>(args: &[S]) -> String {
    let args: Vec<String> =
        args.iter().map(|arg| arg.as_ref().to_string_lossy().chars().take(60).collect()).collect();
    args.join(" ")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder for temporary files can be written");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("its entries can be read");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a file can be copied");
        }
    }
}

fn look(root: &Path, folder: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("its entries can be read").path();
        let stat = fs::symlink_metadata(&path).expect("nobody else removes files here");
        let kind = stat.file_type();
        let name = path.strip_prefix(root).expect("it lies below").to_string_lossy().into_owned();
        let content = if kind.is_dir() {
            look(root, &path, tree);
            "a folder".to_owned()
        } else if kind.is_symlink() {
            format!("a link to {}", fs::read_link(&path).expect("it is a link").display())
        } else if kind.is_fifo() {
            "a pipe".to_owned()
        } else if stat.size() > COMPARED_BYTES_MAX {
            format!("{} bytes", stat.size())
        } else {
            let bytes = fs::read(&path).expect("the file can be read");
            String::from_utf8(bytes).unwrap_or_else(|error| format!("{:?}", error.as_bytes()))
        };
        tree.insert(name, content);
    }
}
