//! `counterproof __contain`, for this crate's tests; with `hold`, a program that launches one and then only waits.

use std::io::{Read, Write};
use std::process::ExitCode;

use counterproof_sandbox::{Launch, Layer, Policy, SUBCOMMAND, contain_main, interpreter_readable, launch};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [SUBCOMMAND] => contain_main(),
        ["hold", program, scratch, without, code, ref prefixes @ ..] => hold(program, scratch, without, code, prefixes),
        _ => ExitCode::from(2),
    }
}

/// Launches the program, passes on the first line that it says, and waits for the end of standard input.
fn hold(program: &str, scratch: &str, without: &str, code: &str, prefixes: &[&str]) -> ExitCode {
    let Some(launcher) = std::env::current_exe().ok().and_then(|path| path.try_into().ok()) else {
        return ExitCode::FAILURE;
    };
    let policy = Policy {
        readable: interpreter_readable(&prefixes.iter().map(Into::into).collect::<Vec<_>>()),
        executable: vec![program.into()],
        writable: vec![scratch.into()],
        memory_bytes: 1 << 30,
        cpu_seconds: 60,
        file_bytes: 1 << 20,
        open_files: 64,
        loopback: false,
        without: if without == "namespaces" {
            vec![Layer::Namespaces]
        } else {
            Vec::new()
        },
    };
    let mut spec = Launch::new(launcher, program.into(), scratch.into(), policy);
    spec.args = vec!["-I".into(), "-c".into(), code.into(), scratch.into()];
    let Ok(mut contained) = launch(spec) else {
        return ExitCode::FAILURE;
    };
    let Some(pipes) = contained.take_pipes() else {
        return ExitCode::FAILURE;
    };
    let mut said = std::fs::File::from(pipes.control_out);
    let mut letter = [0];
    while said.read_exact(&mut letter).is_ok() {
        if std::io::stdout().write_all(&letter).is_err() || letter == *b"\n" {
            break;
        }
    }
    std::io::stdout().flush().ok();
    std::io::stdin().read_to_end(&mut Vec::new()).ok();
    contained.kill();
    ExitCode::SUCCESS
}
