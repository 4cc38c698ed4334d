//! The command line of procside: stdout is data, stderr is talk.

mod answer;
mod args;
mod args_children;
mod args_driving;
mod args_patching;
mod args_running;
mod commands;
mod text;
mod ui;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

use crate::{args::Args, ui::Ui};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return ExitCode::from(ui::usage(&error)),
    };
    let ui = Ui::new(args.common.json, args.common.quiet, args.common.color);
    let answer = commands::run(args, &ui);
    ExitCode::from(ui.finish(answer))
}
