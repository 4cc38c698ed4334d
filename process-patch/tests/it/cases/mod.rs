//! The cases of `tests/cases`, one by one; its `README.md` has the keys.

mod case;
mod check;
mod histories;
mod plain;
mod streams;
mod three_way;
