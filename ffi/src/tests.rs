//! What holds for every call: panics end in it, and handles are never given twice.

use std::{collections::BTreeSet, ffi::CStr, ptr, sync::Arc, thread};

use crate::{
    PS_FAILED, PS_OK,
    entry::{enter, enter_plain, enter_with},
    error::{ps_error, ps_error_code, ps_error_free, ps_error_kind, ps_error_message},
    handles::Table,
    input::Out,
};

fn err_to(place: &mut *mut ps_error) -> Out<ps_error> {
    // SAFETY: the place is a variable that outlives the call.
    unsafe { Out::new(place) }
}

fn text(data: *const std::ffi::c_char) -> String {
    // SAFETY: it is a text of an error that was not freed, which ends with a NUL.
    unsafe { CStr::from_ptr(data) }.to_string_lossy().into_owned()
}

#[test]
fn a_panic_becomes_an_error() {
    let mut err = ptr::null_mut();
    assert_eq!(enter(err_to(&mut err), || panic!("on purpose {}", 1)), PS_FAILED);
    assert_eq!(ps_error_code(err), PS_FAILED);
    assert_eq!(text(ps_error_kind(err)), "internal");
    assert_eq!(text(ps_error_message(err)), "procside has a fault: on purpose 1");
    ps_error_free(err);
    assert_eq!(text(ps_error_message(err)), "");

    let mut err = ptr::null_mut();
    assert_eq!(enter_with(err_to(&mut err), || panic!("on purpose")), PS_FAILED);
    assert!(!err.is_null());
    ps_error_free(err);
    assert_eq!(enter_plain(7, || panic!("on purpose")), 7);
}

#[test]
fn an_error_is_written_on_failure_only() {
    let before = ptr::without_provenance_mut(4);
    let mut err = before;
    assert_eq!(enter(err_to(&mut err), || Ok(())), PS_OK);
    assert_eq!(err, before);
}

#[test]
fn handles_are_never_given_twice_and_held_while_they_are_used() {
    let table: Table<u32> = Table::new();
    let mut known = BTreeSet::new();
    for round in 0..1_000 {
        let handle: *mut ps_error = table.keep(round);
        assert!(known.insert(handle.addr()));
        let held = table.find(handle);
        assert_eq!(table.take(handle).as_deref(), Some(&round));
        assert!(table.take(handle).is_none() && table.find(handle).is_none());
        assert_eq!(held.as_deref(), Some(&round));
    }
}

#[test]
fn a_table_is_shared_between_threads() {
    let table = Arc::new(Table::<usize>::new());
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let table = table.clone();
            thread::spawn(move || {
                for number in 0..1_000 {
                    let handle: *mut ps_error = table.keep(number);
                    assert_eq!(table.find(handle).as_deref(), Some(&number));
                    assert!(table.take(handle).is_some());
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no thread panics");
    }
}
