//! What C may do wrong, and what is promised of every call.
