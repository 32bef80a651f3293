//! `counterproof`: shows what a code change does to behaviour.

mod accept;
mod accepted;
mod agents;
mod approving;
mod args;
mod attended;
mod attribution;
mod check;
mod config;
mod deliveries;
mod demo;
mod dependencies;
mod doctor;
mod environments;
mod error;
mod evidence;
mod files;
mod gating;
mod guarding;
mod hook;
mod incidents;
mod install;
mod intent;
mod interrupt;
mod json_edit;
mod keep;
mod mcp;
mod overlay;
mod own_metadata;
mod progress;
mod push_hook;
mod records;
mod replay;
mod reproduce;
#[cfg(test)]
mod sample;
mod settings;
mod submodules;
mod versions;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // The contained side of ourselves: it must not read arguments or set anything up before it is contained.
    let mut raw = std::env::args_os().skip(1);
    if raw.next().is_some_and(|first| first == sandbox::SUBCOMMAND) {
        return sandbox::contain_main();
    }
    // An agent waits for this at each of its steps: nothing that it does not need comes before it.
    let words: Vec<_> = std::env::args_os().skip(1).take(4).collect();
    if let [hook, event, agent] = words.as_slice()
        && hook == "hook"
        && event == "before-tool"
    {
        std::panic::set_hook(Box::new(error::report_panic));
        return ExitCode::from(guarding::before_tool(&agent.to_string_lossy()));
    }
    let mut words: Vec<_> = std::env::args_os().collect();
    if words.get(1).is_some_and(|first| first == attended::WORD) {
        words.remove(1);
        attended::begin();
    }
    let args = match args::Args::try_parse_from(words) {
        Ok(args) => args,
        // To an agent, 2 from a hook means that it may not go on.
        Err(error) if error.use_stderr() && std::env::args_os().nth(1).is_some_and(|first| first == "hook") => {
            let _ = error.print();
            // Before a tool that is what is meant: whoever wrote the line wrongly is not let through.
            let is_before = std::env::args_os().nth(2).is_some_and(|second| second == "before-tool");
            return ExitCode::from(if is_before { 2 } else { hook::FAILED });
        }
        Err(error) => error.exit(),
    };
    std::panic::set_hook(Box::new(error::report_panic));
    match std::panic::catch_unwind(|| args.run()) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => error.report(),
        Err(_) => ExitCode::from(error::NOTHING_VERIFIED),
    }
}
