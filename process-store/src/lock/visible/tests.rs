//! Tests of the lock file that people see.

use std::time::{Duration, UNIX_EPOCH};

use expect_test::{Expect, expect};

use super::{Content, Record, parse};
use crate::lock::Identity;

fn check(text: &str, expect: Expect) {
    let shown = match parse(text.as_bytes()) {
        Content::Foreign { pid } => format!("foreign {pid}"),
        Content::Nobody => "nobody".to_owned(),
        Content::Ours(record) => format!("ours {} {}", record.pid, record.nonce),
    };
    expect.assert_eq(&shown);
}

#[test]
fn a_process_number_is_digits_that_the_system_could_give() {
    check("123", expect!["foreign 123"]);
    check("123\n", expect!["foreign 123"]);
    check(" 123 \r\n", expect!["foreign 123"]);
    check("2147483647", expect!["foreign 2147483647"]);
    check("", expect!["nobody"]);
    check("\n123", expect!["nobody"]);
    check("0", expect!["nobody"]);
    check("-1", expect!["nobody"]);
    check("+1", expect!["nobody"]);
    check("2147483648", expect!["nobody"]);
    check("99999999999999999999999999", expect!["nobody"]);
    check("12x", expect!["nobody"]);
    check("1 2", expect!["nobody"]);
    check("{\"pid\":1}", expect!["nobody"]);
    check("\0\0\0", expect!["nobody"]);
    assert_eq!(parse(b"\xff\xfe"), Content::Nobody);
}

#[test]
fn a_second_line_makes_it_ours_if_it_agrees_with_the_first() {
    let record = r#"{"version":1,"pid":7,"since":"2026-01-01T00:00:00.000Z","nonce":3}"#;
    check(&format!("7\n{record}\n"), expect!["ours 7 3"]);
    check(&format!("8\n{record}\n"), expect!["foreign 8"]);
    check(&format!("{record}\n"), expect!["nobody"]);
    check("7\n{\"version\":1}\n", expect!["foreign 7"]);
    check("7\nanything\n", expect!["foreign 7"]);
    let newer = record.replace("\"nonce\"", "\"added\":true,\"nonce\"");
    check(&format!("7\n{newer}\n"), expect!["ours 7 3"]);
}

#[test]
fn what_is_written_is_read() {
    let holder = Identity {
        pid: 7,
        start_time: Some(99),
        boot_id: Some("boot".to_owned()),
        pid_namespace: Some(4),
        host: Some("host".to_owned()),
        command: Some("procside step \"a\"".to_owned()),
    };
    let since = UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
    let record = Record::new(holder.clone(), since, 5);
    let text = String::from_utf8(record.render()).unwrap();
    expect![[r#"
        7
        {"version":1,"pid":7,"start_time":99,"boot_id":"boot","pid_namespace":4,"host":"host","command":"procside step \"a\"","since":"2023-11-14T22:13:20.123Z","nonce":5}
    "#]]
    .assert_eq(&text);
    assert_eq!(record.identity(), holder);
    assert_eq!(parse(text.as_bytes()), Content::Ours(record));
}
