//! Developer commands: `cargo xtask NAME`.

mod bench;
mod ci;
mod environment;
mod fuzz;
mod guard_corpus;
mod pythons;
mod schemas;
mod shell;
mod tally;
mod test;
mod wheel;

use std::process::ExitCode;

const USAGE: &str = "\
Developer commands: cargo xtask NAME

  test                  set everything up and run all tests
  set-up                only set up what the tests need
  ci                    what continuous integration runs: formatting, clippy, test
  schemas               write the published JSON Schemas anew
  wheel [ARGS]          build the wheel into target/wheels; the ARGS go to maturin
  bench NAME [ARGS]     measure; `bench NAME --help` tells the ARGS
  fuzz [ARGS]           fuzz the guard; `fuzz --help` tells the ARGS
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["test"] => test::run(),
        ["set-up"] => test::set_up().map(drop),
        ["ci"] => ci::run(),
        ["schemas"] => schemas::run(),
        ["wheel", rest @ ..] => wheel::run(rest),
        ["bench", rest @ ..] => bench::run(rest),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => {
            eprint!("{USAGE}\nbenches: {}\n", bench::names());
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
