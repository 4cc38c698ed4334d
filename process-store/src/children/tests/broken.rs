//! Tests of files that cannot be read: kept, told, and the previous content used.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use expect_test::{Expect, expect};

use super::{BACKUP, FOREIGN, PATH, SIDE, add, names, numbers, open, open_strict, project, text};
use crate::children::{Children, ChildrenNotice, ChildrenOptions};
use crate::disk::{Disk, FaultDisk};
use crate::lock::Waiter;

fn check(notices: &[ChildrenNotice], expect: Expect) {
    let told: Vec<String> = notices.iter().map(ToString::to_string).collect();
    expect.assert_eq(&told.join("\n"));
}

fn project_with_backup(file: &str) -> FaultDisk {
    let disk = project();
    disk.plant(PATH, file);
    disk.plant(BACKUP, FOREIGN);
    disk
}

#[test]
fn a_corrupt_file_is_shown_as_its_backup_and_kept_by_the_next_commit() {
    let disk = project_with_backup("{\"version\": 1, \"proc");
    let children = open(&disk);
    let loaded = children.read().unwrap();
    assert_eq!((loaded.registry.list().count(), disk.operations()), (1, 0));
    check(
        &loaded.notices,
        expect![
            "cannot read `/project/.loopwork/processes.json`: it is no JSON: EOF while parsing a string at line 1 column 20; `/project/.loopwork/processes.json.bak` is used"
        ],
    );
    let committed = children.commit(&[add(70)], 1).unwrap();
    check(
        &committed.notices,
        expect![
            "cannot read `/project/.loopwork/processes.json`: it is no JSON: EOF while parsing a string at line 1 column 20; kept as `/project/.loopwork/processes.json.corrupt-1`; `/project/.loopwork/processes.json.bak` is used"
        ],
    );
    assert_eq!(numbers(&children), [51, 70]);
    assert_eq!(text(&disk, &format!("{PATH}.corrupt-1")), "{\"version\": 1, \"proc");
    assert_eq!(text(&disk, BACKUP), FOREIGN, "the corrupt one is no backup");
    assert!(children.read().unwrap().notices.is_empty());
    children.commit(&[add(71)], 1).unwrap();

    disk.plant(PATH, "");
    children.commit(&[], 1).unwrap();
    assert_eq!(text(&disk, &format!("{PATH}.corrupt-1")), "{\"version\": 1, \"proc");
    assert_eq!(text(&disk, &format!("{PATH}.corrupt-2")), "");
    assert_eq!(numbers(&children), [51, 70]);
}

#[test]
fn without_a_backup_that_can_be_read_it_counts_as_empty_and_is_kept() {
    let plants: [&dyn Fn(&FaultDisk); 4] = [
        &|_| {},
        &|disk| disk.plant(BACKUP, [0xFF, 0xFE]),
        &|disk| disk.plant_link(BACKUP),
        &|disk| disk.plant_fifo(BACKUP),
    ];
    for plant in plants {
        let disk = project();
        disk.plant(PATH, [b'{', 0xC3, 0x28]);
        plant(&disk);
        let children = open(&disk);
        check(
            &children.read().unwrap().notices,
            expect![
                "cannot read `/project/.loopwork/processes.json`: it is no text in UTF-8; there is no backup that can be read, so it counts as empty"
            ],
        );
        let committed = children.commit(&[add(70)], 1).unwrap();
        check(
            &committed.notices,
            expect![
                "cannot read `/project/.loopwork/processes.json`: it is no text in UTF-8; kept as `/project/.loopwork/processes.json.corrupt-1`; there is no backup that can be read, so it counts as empty"
            ],
        );
        assert_eq!(numbers(&children), [70]);
        assert_eq!(
            disk.read(Path::new(&format!("{PATH}.corrupt-1")), 9).unwrap(),
            [b'{', 0xC3, 0x28]
        );
    }
}

#[test]
fn a_refused_change_does_not_keep_a_corrupt_file_again_and_again() {
    let disk = project_with_backup("oops");
    for _ in 0..3 {
        assert!(open(&disk).commit(&[add(0)], 1).is_err());
    }
    assert_eq!(names(&disk), ["processes.json", "processes.json.bak", "processes.json.lock.guard"]);
}

/// A clock that stands still; what happens during a sleep is told.
struct OnSleep<F>(F);

impl<F: Fn()> Waiter for OnSleep<F> {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, _: Duration) {
        (self.0)();
    }
}

#[test]
fn a_file_that_is_just_being_written_in_place_is_read_again() {
    let disk = project_with_backup(&FOREIGN[..40]);
    let writing = disk.clone();
    let waiter = OnSleep(move || writing.plant(PATH, FOREIGN.replace("51", "52")));
    let children = Children::open(Arc::new(disk), PATH, ChildrenOptions::default()).unwrap();
    let children = children.with_waiter(Arc::new(waiter));
    assert_eq!(numbers(&children), [52]);
    assert!(children.read().unwrap().notices.is_empty());
}

#[test]
fn items_that_are_no_entries_are_told_and_stay() {
    let odd = FOREIGN.replace("\"processes\": [", "\"processes\": [\n    \"odd\",");
    let disk = project();
    disk.plant(PATH, &odd);
    let children = open(&disk);
    check(
        &children.read().unwrap().notices,
        expect![
            "`/project/.loopwork/processes.json`: 1 of its entries cannot be read and are left as they are"
        ],
    );
    check(
        &children.commit(&[add(70)], 1).unwrap().notices,
        expect![
            "`/project/.loopwork/processes.json`: 1 of its entries cannot be read and are left as they are"
        ],
    );
    assert!(
        text(&disk, PATH).contains("[\n    \"odd\",\n    {\n      \"pid\": 51,\n      \"mood\"")
    );
}

#[test]
fn a_corrupt_second_file_is_kept_and_identities_are_not_known() {
    let disk = project();
    let children = open_strict(&disk);
    children.commit(&[add(70)], 1).unwrap();
    disk.plant(SIDE, "{");
    let loaded = children.read().unwrap();
    assert!(loaded.registry.get(70).unwrap().identity.is_none());
    check(
        &loaded.notices,
        expect![
            "cannot read `/project/.loopwork/processes.json.procside`: it is no registry: it is not an object; children that it told about cannot be verified"
        ],
    );
    let committed = children.commit(&[add(71)], 1).unwrap();
    check(
        &committed.notices,
        expect![
            "cannot read `/project/.loopwork/processes.json.procside`: it is no registry: it is not an object; kept as `/project/.loopwork/processes.json.procside.corrupt-1`; children that it told about cannot be verified"
        ],
    );
    assert_eq!(text(&disk, &format!("{SIDE}.corrupt-1")), "{");
    let registry = children.read().unwrap().registry;
    assert!(registry.get(70).unwrap().identity.is_none());
    assert!(registry.get(71).unwrap().identity.is_some());
}
