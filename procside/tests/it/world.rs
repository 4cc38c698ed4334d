//! A project on a fault disk, with a clock that stands in the test's hand.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use procside::{Procside, Surroundings, Timestamp, disk::FaultDisk, lock::Waiter};

/// The folder of the project on the fault disk.
pub(crate) const ROOT: &str = "/project";

/// When the clock starts: 2026-02-10T10:00:00Z.
const START_SECS: u64 = 1_770_717_600;

/// A disk and a clock; the machine that a project runs on.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) disk: FaultDisk,
    ms: Arc<AtomicU64>,
}

/// Waits by moving the clock.
struct ManualWaiter {
    ms: Arc<AtomicU64>,
    disk: FaultDisk,
}

impl World {
    pub(crate) fn new() -> Self {
        let disk = FaultDisk::new();
        disk.plant_folder(ROOT);
        let world = Self { disk, ms: Arc::new(AtomicU64::new(0)) };
        world.pass(Duration::from_secs(1));
        world
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, duration: Duration) {
        let passed = u64::try_from(duration.as_millis()).unwrap();
        let ms = self.ms.fetch_add(passed, Ordering::SeqCst) + passed;
        self.disk.set_clock(i64::try_from(START_SECS + ms / 1000).unwrap());
    }

    /// Opens the project as a new program would.
    pub(crate) fn open(&self) -> Procside {
        let ms = self.ms.clone();
        let disk = self.disk.clone();
        let surroundings = Surroundings {
            disk: Arc::new(self.disk.clone()),
            waiter: Arc::new(ManualWaiter { ms: self.ms.clone(), disk: self.disk.clone() }),
            clock: Arc::new(move || {
                // Every look at the clock is a second later: no two changes share an instant.
                let ms = ms.fetch_add(1000, Ordering::SeqCst) + 1000;
                disk.set_clock(i64::try_from(START_SECS + ms / 1000).unwrap());
                at(ms)
            }),
            uids,
            by: "ada@test".to_owned(),
            user_folder: None,
        };
        Procside::open_or_new(ROOT, surroundings).unwrap()
    }
}

impl Waiter for ManualWaiter {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.ms.load(Ordering::SeqCst))
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(START_SECS) + self.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        let ms = u64::try_from(duration.as_millis()).unwrap().max(1);
        let ms = self.ms.fetch_add(ms, Ordering::SeqCst) + ms;
        self.disk.set_clock(i64::try_from(START_SECS + ms / 1000).unwrap());
    }
}

fn at(ms: u64) -> Timestamp {
    let instant =
        chrono::DateTime::from_timestamp_millis(i64::try_from(START_SECS * 1000 + ms).unwrap());
    Timestamp::from_instant(instant.unwrap())
}

/// Returns uids in a row, so that a run can be repeated.
fn uids() -> procside::Uid {
    static NEXT: Mutex<u128> = Mutex::new(1);
    let mut next = NEXT.lock().unwrap();
    *next += 1;
    procside::Uid::from_u128(*next)
}
