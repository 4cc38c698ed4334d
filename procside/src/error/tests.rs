//! Tests of the error table.

use std::collections::BTreeSet;

use super::{ErrorKind, TABLE};

#[test]
fn every_kind_has_one_row_with_a_name_of_its_own() {
    let names: BTreeSet<&str> = TABLE.iter().map(|(_, name, _)| *name).collect();
    assert_eq!(names.len(), TABLE.len());
    for (kind, name, code) in TABLE {
        assert_eq!((kind.as_str(), kind.exit_code()), (name, code));
    }
}

#[test]
fn exit_codes_are_those_that_other_programs_rely_on() {
    for (kind, code) in [
        (ErrorKind::NotFound, 3),
        (ErrorKind::AlreadyDecided, 4),
        (ErrorKind::Conflict, 4),
        (ErrorKind::Forbidden, 4),
        (ErrorKind::Locked, 5),
        (ErrorKind::Invalid, 6),
        (ErrorKind::Corrupt, 6),
        (ErrorKind::Io, 1),
        (ErrorKind::NoSpace, 1),
        (ErrorKind::Denied, 1),
        (ErrorKind::ReadOnly, 1),
    ] {
        assert_eq!(kind.exit_code(), code, "{kind:?}");
    }
}
