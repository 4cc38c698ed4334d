//! Tests of the identifiers.

use super::{ProcessId, StepId, TemplateId};

#[test]
fn a_process_id_has_one_spelling() {
    for text in ["proc-001", "proc-042", "proc-999", "proc-1000", "proc-999999999"] {
        assert_eq!(ProcessId::parse(text).map(|id| id.to_string()).as_deref(), Ok(text));
    }
    let hostile = [
        "",
        "proc-",
        "proc-1",
        "proc-01",
        "proc-000",
        "proc-0001",
        "proc-1000000000",
        "PROC-001",
        "proc-001 ",
        "../x",
        "proc-001/../../x",
        "proc-+01",
        "proc-٠٠١",
        "proc-001.yaml",
        "-001",
    ];
    for text in hostile {
        assert!(ProcessId::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_step_id_never_leaves_its_alphabet() {
    for text in ["s1", "research-alpha", "v1.2", "0", "a_b"] {
        assert_eq!(StepId::parse(text).map(|id| id.to_string()).as_deref(), Ok(text));
    }
    for text in ["", ".", "..", "../x", "-a", "S1", "a b", "a/b", "é", &"a".repeat(65)] {
        assert!(StepId::parse(text).is_err(), "{text:?}");
        assert!(TemplateId::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn an_error_names_the_text_and_the_rule() {
    let error = ProcessId::parse("../x").map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(
        error.as_ref().map_err(String::as_str),
        Err(
            "\"../x\" is no process id: it is `proc-` and a number of at least three digits, such as proc-001"
        )
    );
}
