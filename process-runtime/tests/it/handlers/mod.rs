//! The handlers that are built in, each with the programs and servers that it meets.

mod agent;
mod command;
mod ending;
mod hostile;
#[cfg(all(feature = "email", feature = "http"))]
mod mail;
mod notification;
#[cfg(all(feature = "email", feature = "http"))]
mod server;
mod support;
#[cfg(all(feature = "email", feature = "http"))]
mod webhook;
