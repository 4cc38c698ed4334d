//! Tests of the text of a registry: what is read survives, byte for byte where it can.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Misfit, STRICT_ENTRY, STRICT_ROOT};
use crate::delta::Delta;
use crate::identity::{ChildIdentity, ChildLimits, Exit, Owner};
use crate::info::{ProcessInfo, ProcessMetadata};
use crate::name::{Namespace, TaskId};
use crate::registry::ProcessRegistry;
use crate::restart::{RestartPolicy, RestartState};
use crate::status::ProcessStatus;

/// A file as the original program writes it: another order of keys, one more of them, no task.
const ORIGINAL: &str = r#"{
  "version": 1,
  "parentPid": 4100,
  "processes": [
    {
      "pid": 4101,
      "status": "running",
      "parentPid": 4100,
      "command": "node",
      "args": [
        "worker.js"
      ],
      "namespace": "alpha",
      "startTime": 1770003449816
    },
    {
      "pid": 4102,
      "status": "stopped",
      "parentPid": 4100,
      "command": "sh",
      "args": [],
      "namespace": "beta",
      "startTime": 1770003449817
    }
  ],
  "lastUpdated": 1770003449823
}
"#;

/// A file with everything that nobody expects.
const ODD: &str = r#"{
  "comment": "kept",
  "processes": [
    {
      "shape": {"sides": 3, "area": 1.50},
      "pid": 7,
      "taskId": null,
      "startTime": 1770003449816.25,
      "status": "paused",
      "big": 123456789012345678901234567890,
      "args": [1, 2],
      "command": "naïve \"x\""
    },
    "not an entry",
    {
      "pid": -1,
      "command": "x"
    },
    {
      "pid": 9,
      "namespace": ""
    },
    null
  ],
  "version": 1,
  "lastUpdated": "yesterday"
}
"#;

fn read(text: &str) -> ProcessRegistry {
    ProcessRegistry::read(text).unwrap()
}

#[test]
fn a_file_of_the_original_survives_to_the_byte() {
    let registry = read(ORIGINAL);
    assert_eq!(registry.render(), ORIGINAL);
    assert_eq!(read(ORIGINAL.trim_end()), registry);
    let namespaces: Vec<&str> = registry.list().map(|info| info.namespace.as_str()).collect();
    assert_eq!(namespaces, ["alpha", "beta"]);
    let info = registry.get(4101).unwrap();
    assert_eq!((info.parent_pid, &info.status), (Some(4100), &ProcessStatus::Running));
    assert_eq!((info.task_id.as_ref(), info.start_time), (None, 1_770_003_449_816));
    assert_eq!(
        (registry.parent_pid(), registry.last_updated()),
        (Some(4100), Some(1_770_003_449_823))
    );
    assert_eq!(registry.revision(), 0);
}

#[test]
fn what_nobody_expects_survives_to_the_byte_as_well() {
    let mut registry = read(ODD);
    assert_eq!(registry.render(), ODD);
    assert_eq!(registry.list().count(), 1);
    assert_eq!(registry.unreadable().count(), 4);
    let info = registry.get(7).unwrap();
    assert_eq!((info.status.as_str(), info.namespace.as_str()), ("paused", "default"));
    assert_eq!((info.args.len(), info.start_time, info.task_id.as_ref()), (0, 0, None));

    registry.update_status(7, ProcessStatus::Stale);
    registry.stamp(77, 1_000);
    let changed = ODD
        .replace("paused", "stale")
        .replace("\"yesterday\"", "1000,\n  \"parentPid\": 77,\n  \"revision\": 1");
    assert_eq!(registry.render(), changed);
}

fn value_of(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn full() -> ProcessRegistry {
    let identity = ChildIdentity {
        start_time: Some(8_123_456),
        boot_id: Some("0b5e".to_owned()),
        pid_namespace: Some(4_026_531_836),
        host: Some("laptop".to_owned()),
        run_id: Some("0190d1a2-0000-7000-8000-000000000000".to_owned()),
        group: true,
        owner: Some(Owner { pid: 4100, start_time: Some(8_000_000), ..Owner::default() }),
        log: Some("/tmp/log".to_owned()),
        exit: Some(Exit::of_signal(15, 1_706_543_219_000)),
        restart: Some(RestartState {
            policy: RestartPolicy::OnFailure,
            restarts: 1,
            crashes: vec![1_706_543_219_000],
            ..RestartState::default()
        }),
        limits: Some(ChildLimits { memory_bytes: Some(1 << 30), ..ChildLimits::default() }),
        ..ChildIdentity::default()
    };
    let metadata = ProcessMetadata {
        command: "claude".to_owned(),
        args: vec!["--print".to_owned(), "-p".to_owned()],
        task_id: Some(TaskId::parse("FEAT-001").unwrap()),
        start_time: 1_706_543_210_000,
        identity: Some(identity),
        ..ProcessMetadata::default()
    };
    let mut registry = ProcessRegistry::new();
    registry.add(12_346, metadata).unwrap();
    registry.stamp(12_345, 1_706_543_220_000);
    registry
}

fn check(text: &str, expect: Expect) {
    expect.assert_eq(text);
}

#[test]
fn an_entry_of_ours_is_that_of_the_document_with_its_identity() {
    let registry = full();
    assert_eq!(read(&registry.render()), registry);
    check(
        &registry.render(),
        expect![[r#"
        {
          "version": 1,
          "parentPid": 12345,
          "processes": [
            {
              "pid": 12346,
              "command": "claude",
              "args": [
                "--print",
                "-p"
              ],
              "namespace": "default",
              "taskId": "FEAT-001",
              "startTime": 1706543210000,
              "status": "running",
              "identity": {
                "start_time": 8123456,
                "boot_id": "0b5e",
                "pid_namespace": 4026531836,
                "host": "laptop",
                "run_id": "0190d1a2-0000-7000-8000-000000000000",
                "group": true,
                "owner": {
                  "pid": 4100,
                  "start_time": 8000000
                },
                "log": "/tmp/log",
                "exit": {
                  "signal": 15,
                  "at": 1706543219000
                },
                "restart": {
                  "policy": "on_failure",
                  "restarts": 1,
                  "crashes": [
                    1706543219000
                  ]
                },
                "limits": {
                  "memory_bytes": 1073741824
                }
              }
            }
          ],
          "lastUpdated": 1706543220000,
          "revision": 1
        }
    "#]],
    );
}

#[test]
fn a_strict_file_has_the_keys_of_the_document_and_the_rest_stands_beside_it() {
    let registry = full();
    check(
        &registry.render_strict(),
        expect![[r#"
        {
          "version": 1,
          "parentPid": 12345,
          "processes": [
            {
              "pid": 12346,
              "command": "claude",
              "args": [
                "--print",
                "-p"
              ],
              "namespace": "default",
              "taskId": "FEAT-001",
              "startTime": 1706543210000,
              "status": "running"
            }
          ],
          "lastUpdated": 1706543220000
        }
    "#]],
    );
    let mut strict = read(&registry.render_strict());
    strict.take_side(&registry.render_side([])).unwrap();
    assert_eq!(strict.get(12_346), registry.get(12_346));
    assert_eq!(strict.revision(), 1);
}

#[test]
fn a_strict_file_keeps_what_nobody_expects_beside_it() {
    let mut registry = read(ODD);
    registry.stamp(77, 1_000);
    let (text, side) = (registry.render_strict(), registry.render_side([]));
    let value = value_of(&text);
    let root: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert!(root.iter().all(|key| STRICT_ROOT.contains(&key.as_str())), "{root:?}");
    let entry = value["processes"][0].as_object().unwrap();
    assert!(entry.keys().all(|key| STRICT_ENTRY.contains(&key.as_str())), "{entry:?}");
    let mut strict = read(&text);
    strict.take_side(&side).unwrap();
    assert_eq!(value_of(&strict.render()), value_of(&registry.render()));
    assert_eq!(value_of(&strict.render_side([])), value_of(&side));
}

#[test]
fn a_second_file_fits_by_number_and_start_or_not_at_all() {
    let registry = full();
    let side = registry.render_side([]);
    let mut other = read(&registry.render_strict().replace("1706543210000", "1706543210001"));
    other.take_side(&side).unwrap();
    assert!(other.get(12_346).unwrap().identity.is_none());
    // Entries that are removed stand there until the first file is written.
    let removed = registry.get(12_346).unwrap();
    let side = ProcessRegistry::new().render_side([removed]);
    let mut old = read(&registry.render_strict());
    old.take_side(&side).unwrap();
    assert_eq!(old.get(12_346), Some(removed));
    for broken in ["", "[]", "{}", r#"{"version": 2}"#] {
        assert!(old.take_side(broken).is_err(), "{broken}");
    }
}

#[test]
fn what_is_no_registry_is_refused_with_its_reason() {
    let refuse = |text: &str, expect: Expect| {
        expect.assert_eq(&ProcessRegistry::read(text).unwrap_err().to_string());
    };
    refuse("", expect!["it is no JSON: EOF while parsing a value at line 1 column 0"]);
    refuse(
        "{\"version\": 1, \"processes\": [",
        expect!["it is no JSON: EOF while parsing a list at line 1 column 29"],
    );
    refuse(
        "{\"version\": 1, \"processes\": []} x",
        expect!["it is no JSON: trailing characters at line 1 column 33"],
    );
    refuse("[]", expect!["it is no registry: it is not an object"]);
    refuse("{}", expect!["it is no registry: there is no list `processes`"]);
    refuse(
        "{\"version\": 1, \"processes\": {}}",
        expect!["it is no registry: `processes` is not a list"],
    );
    refuse(
        "{\"version\": 2, \"processes\": {}}",
        expect!["its version is 2, and this program reads version 1"],
    );
    refuse(
        "{\"version\": \"one\"}",
        expect![[r#"its version is "one", and this program reads version 1"#]],
    );
    let many = format!("{{\"version\": 1, \"processes\": [{}0]}}", "0,".repeat(100_000));
    refuse(&many, expect!["it holds more than 100000 entries"]);
    assert!(read("{\"processes\": []}").is_empty());
    assert!(read("\u{feff}{\"processes\": []}").is_empty());
}

#[test]
fn an_object_with_more_keys_than_any_version_has_is_no_entry_and_stays() {
    let keys: String = (0..1_001).map(|at| format!(", \"k{at}\": 0")).collect();
    let text = format!("{{\"processes\": [{{\"pid\": 7{keys}}}]}}");
    let registry = read(&text);
    assert_eq!((registry.list().count(), registry.unreadable().count()), (0, 1));
    assert!(registry.render().contains("\"k1000\": 0"));
}

#[test]
fn keys_of_other_versions_stay_in_every_record() {
    let text = full()
        .render()
        .replace("\"group\"", "\"color\": [1.0],\n        \"group\"")
        .replace("\"signal\"", "\"core\": true,\n          \"signal\"")
        .replace("\"policy\"", "\"mood\": 1e3,\n          \"policy\"")
        .replace("\"memory_bytes\"", "\"gpus\": 4,\n          \"memory_bytes\"");
    let mut registry = read(&text);
    assert_eq!(registry.render(), text);
    let info = registry.get(12_346).unwrap().clone();
    let fresh = full().get(12_346).unwrap().clone();
    registry.apply(&Delta::Add(fresh)).unwrap();
    let after = registry.render();
    assert!(after.contains("\"color\": [1.0]"), "{after}");
    assert_eq!(registry.get(12_346).unwrap().key(), info.key());
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,12}", any::<String>(), Just("\"\\\u{0}\u{1f}\u{7f}\u{2028}".to_owned()),]
}

fn infos() -> impl Strategy<Value = Vec<ProcessInfo>> {
    let identity = (any::<u64>(), text(), any::<bool>(), proptest::option::of(any::<i32>()));
    let identity = identity.prop_map(|(ticks, boot, group, code)| ChildIdentity {
        start_time: Some(ticks),
        boot_id: Some(boot),
        group,
        exit: code.map(|code| Exit::of_code(code, ticks)),
        ..ChildIdentity::default()
    });
    let info = (
        1_u32..50,
        (text(), proptest::collection::vec(text(), 0..3)),
        any::<u64>(),
        proptest::option::of(identity),
        "[a-z]{1,5}",
    );
    let info = info.prop_map(|(pid, (command, args), start_time, identity, name)| {
        let metadata = ProcessMetadata {
            command,
            args,
            namespace: Namespace::parse(&name).unwrap(),
            task_id: TaskId::parse(&name).ok().filter(|_| start_time % 2 == 0),
            start_time,
            parent_pid: (start_time % 3 == 0).then_some(5),
            identity,
        };
        ProcessInfo { status: ProcessStatus::parse(&name), ..ProcessInfo::new(pid, metadata) }
    });
    proptest::collection::vec(info, 0..8)
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_again(infos in infos()) {
        let mut registry = ProcessRegistry::new();
        for info in &infos {
            registry.apply(&Delta::Add(info.clone())).unwrap();
        }
        registry.stamp(5, 6);
        let text = registry.render();
        prop_assert_eq!(&read(&text), &registry);
        prop_assert_eq!(read(&text).render(), text.clone());
        let pretty = serde_json::to_string_pretty(&value_of(&text)).unwrap();
        prop_assert_eq!(pretty + "\n", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text: String) {
        let _ = ProcessRegistry::read(&text);
        let _ = ProcessRegistry::new().take_side(&text);
    }

    #[test]
    fn any_json_is_read_or_refused_and_what_is_read_survives(
        values in proptest::collection::vec("[1-9][0-9]{0,8}|\"[a-z]{0,3}\"|null|\\[\\]|\\{\\}", 9),
        order in Just((0..9).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let keys = [
            "pid", "command", "args", "namespace", "taskId", "startTime", "status", "identity", "x",
        ];
        let members: Vec<String> =
            order.iter().map(|at| format!("\"{}\": {}", keys[*at], values[*at])).collect();
        let text = format!("{{\"version\": 1, \"processes\": [{{{}}}]}}", members.join(", "));
        let registry = read(&text);
        prop_assert_eq!(value_of(&registry.render()), value_of(&text));
    }
}

#[test]
fn a_newer_version_is_told_apart_from_what_is_broken() {
    let newer = ProcessRegistry::read(r#"{"version": 2, "processes": "elsewhere"}"#);
    assert_eq!(newer, Err(Misfit::Newer { version: "2".to_owned() }));
}
