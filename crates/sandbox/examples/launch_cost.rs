//! What it costs to start a program contained, layer by layer: `cargo run --release -p counterproof-sandbox --example launch_cost`.

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use counterproof_sandbox::{
    Launch, Layer, Policy, PrivateScratch, SUBCOMMAND, contain_main, interpreter_readable, launch,
};

const ROUNDS: u32 = 100;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(SUBCOMMAND) {
        return contain_main();
    }
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "{error}").ok();
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), Box<dyn std::error::Error>> {
    let scratch = tempfile::tempdir()?;
    let folder: camino::Utf8PathBuf = scratch.path().to_owned().try_into()?;
    let mut cases: Vec<(String, Vec<Layer>, bool)> = vec![
        ("all layers, private scratch".into(), vec![], true),
        ("all layers".into(), vec![], false),
        ("no layer".into(), Layer::ALL.to_vec(), false),
    ];
    for only in Layer::ALL {
        let without = Layer::ALL.into_iter().filter(|layer| *layer != only).collect();
        cases.push((format!("{only:?} only"), without, false));
    }
    for (name, without, private) in cases {
        let (mut start, mut end) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..ROUNDS {
            let policy = Policy {
                readable: interpreter_readable(&[]),
                executable: vec!["/bin/true".into()],
                writable: vec![folder.clone()],
                memory_bytes: 1 << 30,
                cpu_seconds: 10,
                file_bytes: 1 << 20,
                open_files: 64,
                loopback: false,
                without: without.clone(),
            };
            let own = std::env::current_exe()?.try_into()?;
            let mut spec = Launch::new(own, "/bin/true".into(), folder.clone(), policy);
            spec.private_scratch = private.then(|| PrivateScratch {
                folder: folder.clone(),
                bytes: 8 << 20,
            });
            let from = Instant::now();
            let mut contained = launch(spec)?;
            start += from.elapsed();
            contained.wait(Duration::from_secs(10));
            end += from.elapsed();
        }
        let ms = |all: Duration| all.as_secs_f64() * 1000.0 / f64::from(ROUNDS);
        writeln!(
            std::io::stdout(),
            "{name:28} started {:6.2} ms   ended {:6.2} ms",
            ms(start),
            ms(end)
        )?;
    }
    Ok(())
}
