//! Who a process number stands for, and whether that one still lives.
//!
//! A number alone is soon given to somebody else. With the start time and the boot it names one
//! operating-system process for good, as seen from one namespace of one host.

use std::fs;
use std::io;
use std::sync::OnceLock;

#[cfg(test)]
mod tests;

/// Longest command that is written down: enough to recognise it, short enough for one line.
const COMMAND_CHARACTERS_MAX: usize = 200;

/// One operating-system process, told apart from all others.
///
/// What the operating system does not tell is `None`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks since the boot.
    pub start_time: Option<u64>,
    /// The boot during which it ran.
    pub boot_id: Option<String>,
    /// The namespace in which the number holds.
    pub pid_namespace: Option<u64>,
    /// The host on which it ran.
    pub host: Option<String>,
    /// Its command line, shortened.
    pub command: Option<String>,
}

/// Whether an operating-system process lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is this very one, and it runs or is stopped.
    Alive,
    /// It has ended; a zombie counts.
    Dead,
    /// It cannot be seen from here, or not be told from another one.
    Unknown,
}

impl Identity {
    /// Returns who we are.
    pub fn of_this_process() -> Identity {
        static CURRENT: OnceLock<Identity> = OnceLock::new();

        let pid = std::process::id();
        let current = CURRENT.get_or_init(|| look_up(pid));
        // A fork inherits the memory, not the number.
        if current.pid == pid { current.clone() } else { look_up(pid) }
    }

    /// Returns who has this number at the moment; `None` if nobody who lives.
    pub fn of(pid: u32) -> Option<Identity> {
        match observe(pid) {
            Seen::Gone | Seen::Zombie => None,
            Seen::Running { .. } => Some(look_up(pid)),
        }
    }

    /// Tells whether the one described lives.
    pub fn verdict(&self) -> Verdict {
        judge(self, &Identity::of_this_process(), observe(self.pid))
    }
}

/// What is known about the holder of a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    Gone,
    Running { start_time: Option<u64> },
    Zombie,
}

/// The processes of this machine, as far as a lock is concerned; tests have their own.
pub(crate) trait Processes {
    /// Returns who we are.
    fn this(&self) -> Identity;

    /// Returns what is known about a number.
    fn observe(&self, pid: u32) -> Seen;

    /// Returns the command line of the holder of a number.
    fn command(&self, pid: u32) -> Option<String>;

    /// Tells whether the holder of a number was stopped by a signal.
    fn is_stopped(&self, pid: u32) -> bool;
}

/// The processes that the operating system shows.
pub(crate) struct OsProcesses;

impl Processes for OsProcesses {
    fn this(&self) -> Identity {
        Identity::of_this_process()
    }

    fn observe(&self, pid: u32) -> Seen {
        observe(pid)
    }

    fn command(&self, pid: u32) -> Option<String> {
        command(pid)
    }

    fn is_stopped(&self, pid: u32) -> bool {
        read_stat(pid).is_some_and(|stat| matches!(stat.state, 'T' | 't'))
    }
}

/// Judges a recorded identity by who asks and what is known about the number.
///
/// | recorded, compared with here | number | verdict |
/// |---|---|---|
/// | other host or other namespace | any | unknown |
/// | other boot | any | dead |
/// | same | gone or zombie | dead |
/// | same | running, other start time | dead |
/// | same | running, same start time | alive |
/// | same | running, a start time is missing | unknown |
pub(crate) fn judge(recorded: &Identity, here: &Identity, seen: Seen) -> Verdict {
    if recorded.host != here.host || recorded.pid_namespace != here.pid_namespace {
        return Verdict::Unknown;
    }
    let boots = recorded.boot_id.as_ref().zip(here.boot_id.as_ref());
    if boots.is_some_and(|(then, now)| then != now) {
        return Verdict::Dead;
    }
    match (seen, recorded.start_time) {
        (Seen::Gone | Seen::Zombie, _) => Verdict::Dead,
        (Seen::Running { start_time: Some(now) }, Some(then)) if now == then => Verdict::Alive,
        (Seen::Running { start_time: Some(_) }, Some(_)) => Verdict::Dead,
        (Seen::Running { .. }, _) => Verdict::Unknown,
    }
}

fn look_up(pid: u32) -> Identity {
    Identity {
        pid,
        start_time: read_stat(pid).map(|stat| stat.start_time),
        boot_id: read_line("/proc/sys/kernel/random/boot_id"),
        pid_namespace: pid_namespace(),
        host: host(),
        command: command(pid),
    }
}

fn observe(pid: u32) -> Seen {
    match read_stat(pid) {
        Some(ProcessStat { state: 'Z' | 'X' | 'x', .. }) => Seen::Zombie,
        Some(stat) => Seen::Running { start_time: Some(stat.start_time) },
        None if exists(pid) => Seen::Running { start_time: None },
        None => Seen::Gone,
    }
}

/// What `/proc/PID/stat` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct ProcessStat {
    state: char,
    start_time: u64,
}

fn read_stat(pid: u32) -> Option<ProcessStat> {
    // The name of a program may be any bytes.
    let bytes = fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse_stat(&String::from_utf8_lossy(&bytes))
}

/// Reads the third field, the state, and the 22nd, the start time.
///
/// The second field is the program's name in parentheses and may itself contain blanks and
/// parentheses, so that counting starts behind the last one.
fn parse_stat(text: &str) -> Option<ProcessStat> {
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let start_time = fields.nth(18)?.parse().ok()?;
    Some(ProcessStat { state, start_time })
}

#[cfg(unix)]
fn exists(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| match rustix::process::test_kill_process(pid) {
        Ok(()) => true,
        // It exists and is not ours to signal.
        Err(error) => error == rustix::io::Errno::PERM,
    })
}

/// Tells whether somebody has this number; where nobody can tell, a lock is waited for.
#[cfg(not(unix))]
fn exists(_pid: u32) -> bool {
    true
}

#[cfg(unix)]
fn host() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(not(unix))]
fn host() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// Returns the namespace in which we see numbers, from a link like `pid:[4026531836]`.
fn pid_namespace() -> Option<u64> {
    let link = fs::read_link("/proc/self/ns/pid").ok()?;
    let text = link.to_str()?;
    text.strip_prefix("pid:[")?.strip_suffix(']')?.parse().ok()
}

fn command(pid: u32) -> Option<String> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok().filter(|line| !line.is_empty());
    let text = match line {
        Some(line) => String::from_utf8_lossy(&line).into_owned(),
        // A program of the kernel, or one that hides its arguments.
        None if pid == std::process::id() => std::env::args_os()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(" "),
        None => read_line(&format!("/proc/{pid}/comm"))?,
    };
    Some(shorten(&text))
}

/// Makes one line of a command line, of bounded length.
fn shorten(text: &str) -> String {
    let text: String = text
        .trim_end_matches('\0')
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(COMMAND_CHARACTERS_MAX)
        .collect();
    text.trim().to_owned()
}

fn read_line(path: &str) -> Option<String> {
    let text: io::Result<String> = fs::read_to_string(path);
    text.ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
