//! Tests of definitions.

mod canonical;
mod dialects;
mod documents;
mod examples;
mod fixing;
mod graphs;
mod hostile;
mod problems;
mod samples;
mod schemas;
mod speed;
mod support;

use support::{canonical, definition, placeless, read, told};
