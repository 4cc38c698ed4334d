//! Tests from outside: whatever the bytes are.

mod corpus;
