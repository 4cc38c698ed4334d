//! Taking a version.

use process_core::Fact;

use super::text::text;
use crate::{execution::Execution, rejected::Rejected};

/// A version has the next number, whatever files were deleted, and a reason.
pub(crate) fn take_version(execution: &Execution, reason: String) -> Result<Vec<Fact>, Rejected> {
    execution.open()?;
    let version = execution.free_version()?;
    let reason = text("the reason of a version", reason)?;
    Ok(vec![Fact::Versioned { version, reason }])
}
