//! Programs of these tests: this very binary, started again in a role.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

/// Names the role of a program; without it, this binary runs tests.
const ROLE: &str = "PROCSIDE_TEST_ROLE";

/// Multiplies how much the tests do; the nightly build asks for more.
const SCALE: &str = "PROCSIDE_TEST_SCALE";

/// Plays the role that this program was started in.
#[test]
fn role() {
    match env::var(ROLE).as_deref() {
        Ok("holder") => crate::holder::hold(),
        Ok("increments") => crate::increments::increment(),
        Ok("stale") => crate::stale::contend(),
        Ok("writer") => crate::writers::write(),
        Ok(other) => panic!("there is no role `{other}`"),
        Err(_) => {}
    }
}

/// Starts a program in a role, with what it is told.
pub(crate) fn start(role: &str, folder: &Path, told: &[(&str, String)]) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "program::role", "--nocapture"]).env(ROLE, role);
    command.env("FOLDER", folder).envs(told.iter().map(|(name, value)| (name, value)));
    // Its output would stand between that of the tests.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    command.process_group(0).spawn().unwrap()
}

/// Returns what this program was told.
pub(crate) fn told<T: FromStr>(name: &str) -> T {
    let value = env::var(name).unwrap();
    value.parse().ok().unwrap()
}

/// Returns a file in the folder of this program's test.
pub(crate) fn file(name: &str) -> PathBuf {
    told::<PathBuf>("FOLDER").join(name)
}

/// Returns so many times more as the tests are asked to do.
pub(crate) fn scaled(count: usize) -> usize {
    count * env::var(SCALE).ok().and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

/// Appends to a file, so that it stays when the program is killed.
pub(crate) fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Waits until something is so, and fails if it does not become so in a minute.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Numbers that need not be good, only different.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Draw {
        Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Returns a number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
