//! Tests of strict registries: document keys in the file, all the rest beside it.

use expect_test::expect;
use procreg::Delta;
use serde_json::Value;

use super::{
    FOREIGN, PATH, SIDE, add, child, names, numbers, open, open_strict, project_with, text,
};
use crate::disk::{Disk, FaultDisk};

fn value(disk: &FaultDisk, path: &str) -> Value {
    serde_json::from_str(&text(disk, path)).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_strict_file_has_exactly_the_keys_of_the_document() {
    let disk = project_with(FOREIGN);
    let children = open_strict(&disk);
    let mut with_task = child(70);
    with_task.task_id = Some(procreg::TaskId::parse("FEAT-001").unwrap());
    with_task.parent_pid = Some(9);
    let before = children.read().unwrap().registry;
    children.commit(&[Delta::Add(with_task.clone())], 1_000).unwrap();
    let file = value(&disk, PATH);
    assert_eq!(keys(&file), ["version", "parentPid", "processes", "lastUpdated"]);
    let entry = &file["processes"][1];
    let document = ["pid", "command", "args", "namespace", "taskId", "startTime", "status"];
    assert_eq!(keys(entry), document);
    let without_task = document.iter().filter(|key| **key != "taskId");
    let mut foreign = keys(&file["processes"][0]);
    foreign.sort_unstable();
    let mut without_task: Vec<&str> = without_task.copied().collect();
    without_task.sort_unstable();
    assert_eq!(foreign, without_task);
    expect![[r#"
        {
          "version": 1,
          "registry": {
            "extra": {"deep": [1.0]},
            "revision": 1
          },
          "processes": [
            {
              "pid": 51,
              "mood": "fine",
              "startTime": 5
            },
            {
              "pid": 70,
              "startTime": 7,
              "parentPid": 9,
              "identity": {
                "start_time": 70,
                "group": false
              }
            }
          ]
        }
    "#]]
    .assert_eq(&text(&disk, SIDE));

    let registry = children.read().unwrap().registry;
    assert_eq!(registry.get(70), Some(&with_task));
    assert_eq!(registry.get(51).unwrap().kept.raw().next(), Some(("mood", "\"fine\"")));
    assert_eq!(registry.get(51).unwrap().start_time, before.get(51).unwrap().start_time);
    assert_eq!(registry.revision(), 1);
}

#[test]
fn a_writer_that_is_not_strict_takes_in_what_stands_beside() {
    let disk = project_with(FOREIGN);
    open_strict(&disk).commit(&[add(70)], 1).unwrap();
    let children = open(&disk);
    assert_eq!(children.read().unwrap().registry.get(70), Some(&child(70)));
    children.commit(&[add(71)], 1).unwrap();
    assert!(disk.stat(SIDE.as_ref()).unwrap().is_none());
    let file = value(&disk, PATH);
    assert_eq!(file["revision"], 2);
    assert_eq!(file["extra"]["deep"][0], 1.0);
    assert_eq!(file["processes"][0]["mood"], "fine");
    assert_eq!(file["processes"][1]["identity"]["start_time"], 70);
    open_strict(&disk).commit(&[add(72)], 1).unwrap();
    assert_eq!(open_strict(&disk).read().unwrap().registry.get(71), Some(&child(71)));
}

#[test]
fn a_lost_second_file_leaves_children_that_nobody_can_verify() {
    let disk = project_with(FOREIGN);
    let children = open_strict(&disk);
    children.commit(&[add(70)], 1).unwrap();
    disk.remove_file(SIDE.as_ref()).unwrap();
    let loaded = children.read().unwrap();
    assert!(loaded.registry.get(70).unwrap().identity.is_none());
    assert_eq!(loaded.notices, []);
}

#[test]
fn what_a_commit_removes_stays_beside_until_the_next_one() {
    let disk = project_with(FOREIGN);
    let children = open_strict(&disk);
    children.commit(&[add(70), add(71)], 1).unwrap();
    let first = text(&disk, PATH);
    children.commit(&[Delta::Remove(child(70).key())], 1).unwrap();
    // A crash between the two renames leaves the first file as it was.
    disk.plant(PATH, &first);
    assert_eq!(children.read().unwrap().registry.get(70), Some(&child(70)));
    children.commit(&[Delta::Remove(child(70).key())], 1).unwrap();
    children.commit(&[add(72)], 1).unwrap();
    assert_eq!(value(&disk, SIDE)["processes"].as_array().unwrap().len(), 3);
    assert_eq!(numbers(&children), [51, 71, 72]);
    assert!(!names(&disk).iter().any(|name| name.contains("corrupt")));
}
