//! The one way in: what every function does before and after its work.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    error::{Fault, ps_error},
    input::Out,
    status::{PS_FAILED, PS_OK},
};

/// Does the work of a function: a panic becomes an error, and an error an object and its status.
pub(crate) fn enter(err: Out<ps_error>, work: impl FnOnce() -> Result<(), Fault>) -> i32 {
    let fault = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => return PS_OK,
        Ok(Err(fault)) => fault,
        Err(panic) => Fault::of_panic(panic.as_ref()),
    };
    let code = fault.code();
    err.put(|| fault.keep());
    code
}

/// Does the work of a function that returns an exit code, and may have an error beside it.
pub(crate) fn enter_with(
    err: Out<ps_error>,
    work: impl FnOnce() -> Result<(i32, Option<Fault>), Fault>,
) -> i32 {
    let (code, fault) = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok((code, fault))) => (code, fault),
        Ok(Err(fault)) => (fault.code(), Some(fault)),
        Err(panic) => (PS_FAILED, Some(Fault::of_panic(panic.as_ref()))),
    };
    if let Some(fault) = fault {
        err.put(|| fault.keep());
    }
    code
}

/// Does the work of a function that cannot fail; after a panic it gives what it gives for nothing.
pub(crate) fn enter_plain<T>(nothing: T, work: impl FnOnce() -> Option<T>) -> T {
    catch_unwind(AssertUnwindSafe(work)).ok().flatten().unwrap_or(nothing)
}
