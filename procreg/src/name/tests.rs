//! Tests of names.

use expect_test::{Expect, expect};

use super::{Namespace, TaskId};

fn check(text: &str, expect: Expect) {
    let told = match TaskId::parse(text) {
        Ok(id) => id.to_string(),
        Err(error) => error.to_string(),
    };
    expect.assert_eq(&told);
}

#[test]
fn a_name_is_any_text_that_can_be_shown() {
    check("FEAT-001", expect!["FEAT-001"]);
    check("proc-001/a/1/1", expect!["proc-001/a/1/1"]);
    check("Grüße an alle ☕", expect!["Grüße an alle ☕"]);
    check("", expect!["task id is empty"]);
    check("a\nb", expect![[r#"task id "a\nb" contains a control character"#]]);
    check("a\u{1b}[31m", expect![[r#"task id "a\u{1b}[31m" contains a control character"#]]);
    assert!(Namespace::parse(&"n".repeat(200)).is_ok());
    check(&"n".repeat(201), expect!["task id is 201 bytes long; at most 200 are allowed"]);
    assert_eq!(Namespace::default().as_str(), "default");
    assert_eq!(Namespace::parse("").unwrap_err().to_string(), "namespace is empty");
}
