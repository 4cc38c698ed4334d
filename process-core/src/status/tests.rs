//! Tests of the statuses.

use super::{ProcessStatus, StepStatus};

#[test]
fn every_canonical_spelling_reads_as_itself() {
    for status in ProcessStatus::ALL {
        assert_eq!(ProcessStatus::parse(status.as_str()), Some(status));
    }
    for status in StepStatus::ALL {
        assert_eq!(StepStatus::parse(status.as_str()), Some(status));
    }
}

#[test]
fn spellings_of_other_programs_are_read() {
    for (text, status) in [
        ("running", StepStatus::InProgress),
        ("in-progress", StepStatus::InProgress),
        ("waiting_approval", StepStatus::Waiting),
        ("Done", StepStatus::Completed),
        ("canceled", StepStatus::Cancelled),
    ] {
        assert_eq!(StepStatus::parse(text), Some(status), "{text}");
    }
    assert_eq!(ProcessStatus::parse("running"), Some(ProcessStatus::InProgress));
    assert_eq!(ProcessStatus::parse("waiting_approval"), Some(ProcessStatus::Waiting));
    assert_eq!(StepStatus::parse("finito"), None);
    assert_eq!(ProcessStatus::parse(""), None);
}
