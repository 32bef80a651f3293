//! `counterproof`: shows what a code change does to behaviour.

mod args;
mod check;
mod config;
mod demo;
mod dependencies;
mod error;
mod evidence;
mod interrupt;
mod overlay;
mod own_metadata;
mod progress;
mod reproduce;
mod settings;
mod versions;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // The contained side of ourselves: it must not read arguments or set anything up before it is contained.
    let mut raw = std::env::args_os().skip(1);
    if raw.next().is_some_and(|first| first == sandbox::SUBCOMMAND) {
        return sandbox::contain_main();
    }
    let args = args::Args::parse();
    std::panic::set_hook(Box::new(error::report_panic));
    match std::panic::catch_unwind(|| args.run()) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => error.report(),
        Err(_) => ExitCode::from(error::NOTHING_VERIFIED),
    }
}
