//! However it ends, nothing is left behind.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Ground, LIMIT, PYTHON};
use counterproof_sandbox::{Contained, Ended, Layer, Policy, launch};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

mod common;

/// A child, and a grandchild that has got away from parent, group and session; all deaf to what can be ignored.
const FAMILY: &str = r#"
import os, signal, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
ready, done = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        os.write(done, b"x")
        time.sleep(600)
    os.write(done, b"x")
    time.sleep(600)
middle = os.fork()
if middle == 0:
    if os.fork() == 0:
        os.setsid()
        os.write(done, b"x")
        time.sleep(600)
    os._exit(0)
os.waitpid(middle, 0)
got = b""
while len(got) < 3:
    got += os.read(ready, 3)
os.write(4, b"ready\n")
time.sleep(600)
"#;

/// Numbers of the processes whose arguments name the ground.
fn family(ground: &Ground) -> Vec<i32> {
    let marker = ground.scratch().into_string();
    let numbers = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let named = |number: &i32| {
        let arguments = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        let arguments = String::from_utf8_lossy(&arguments).into_owned();
        arguments.contains(&marker) && !arguments.contains("\0hold\0")
    };
    numbers.filter(named).collect()
}

fn parent_of(number: i32) -> Option<i32> {
    let status = fs::read_to_string(format!("/proc/{number}/status")).ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("PPid:"))?
        .trim()
        .parse()
        .ok()
}

/// Waits until something holds, asking often, but not for ever.
#[track_caller]
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn launched(ground: &Ground, without: &[Layer]) -> Contained {
    let mut spec = ground.spec_under(
        FAMILY,
        Policy {
            without: without.to_vec(),
            ..ground.policy()
        },
    );
    spec.args.push(ground.scratch().into_string());
    let mut contained = launch(spec).unwrap();
    let pipes = contained.take_pipes().unwrap();
    let mut line = String::new();
    BufReader::new(File::from(pipes.control_out))
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n", "{}", contained.stderr_tail());
    assert_eq!(family(ground).len(), 4);
    contained
}

/// A process of its own that launches the family; and the warden in between.
fn held(ground: &Ground, without: &str) -> (Child, i32) {
    let mut holder = Command::new(common::launcher())
        .args(["hold", PYTHON.0.as_str(), ground.scratch().as_str(), without, FAMILY])
        .args(&PYTHON.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
    let own = i32::try_from(holder.id()).unwrap();
    let family = family(ground);
    assert_eq!(family.len(), 4);
    let warden = family
        .iter()
        .filter_map(|&number| parent_of(number))
        .find(|&parent| parent_of(parent) == Some(own));
    (holder, warden.unwrap())
}

/// Whether a process has ended. One that nobody has reaped yet has, too.
fn gone(number: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{number}/status")).unwrap_or_default();
    status
        .lines()
        .find(|line| line.starts_with("State:"))
        .is_none_or(|state| state.contains('Z') || state.contains('X'))
}

#[test]
fn killing_it_leaves_nothing_and_can_be_repeated() {
    for without in [vec![], vec![Layer::Namespaces]] {
        let ground = Ground::new();
        let mut contained = launched(&ground, &without);
        assert_eq!(contained.try_wait(), None);
        contained.kill();
        assert_eq!(family(&ground), [0; 0], "without {without:?}");
        assert_eq!(contained.try_wait(), Some(Ended::Signalled(9)));
        contained.kill();
        assert_eq!(contained.try_wait(), Some(Ended::Signalled(9)));
    }
}

#[test]
fn dropping_it_leaves_nothing() {
    let ground = Ground::new();
    drop(launched(&ground, &[]));
    assert_eq!(family(&ground), [0; 0]);
}

#[test]
fn its_own_end_takes_its_processes_along() {
    for without in [vec![], vec![Layer::Namespaces]] {
        let ground = Ground::new();
        let code = FAMILY.trim_end().strip_suffix("time.sleep(600)").unwrap().to_owned();
        let mut spec = ground.spec_under(
            &code,
            Policy {
                without: without.clone(),
                ..ground.policy()
            },
        );
        spec.args.push(ground.scratch().into_string());
        let mut contained = launch(spec).unwrap();
        assert_eq!(
            contained.wait(LIMIT),
            Some(Ended::Exited(0)),
            "{}",
            contained.stderr_tail()
        );
        assert_eq!(family(&ground), [0; 0], "without {without:?}");
    }
}

#[test]
fn when_we_are_killed_nothing_is_left() {
    for without in ["nothing", "namespaces"] {
        let ground = Ground::new();
        let (mut holder, warden) = held(&ground, without);
        holder.kill().unwrap();
        holder.wait().unwrap();
        eventually("the family outlives us", || family(&ground).is_empty());
        eventually("the warden outlives us", || gone(warden));
    }
}

#[test]
fn when_the_warden_is_killed_its_death_is_the_programs() {
    if !common::namespaces() {
        return;
    }
    let ground = Ground::new();
    let (mut holder, warden) = held(&ground, "nothing");
    kill(Pid::from_raw(warden), Signal::SIGKILL).unwrap();
    eventually("the family outlives its warden", || family(&ground).is_empty());
    drop(holder.stdin.take());
    holder.wait().unwrap();
}

#[test]
fn a_thread_that_launches_and_ends_does_not_take_it_along() {
    let ground = Ground::new();
    let contained = std::thread::scope(|scope| scope.spawn(|| launched(&ground, &[])).join().unwrap());
    assert_eq!(family(&ground).len(), 4);
    drop(contained);
    assert_eq!(family(&ground), [0; 0]);
}

#[test]
fn one_that_ends_at_once_is_heard_of() {
    let ground = Ground::new();
    for (code, ended) in [
        ("sys.exit(7)", Ended::Exited(7)),
        (
            "import signal, resource; resource.setrlimit(resource.RLIMIT_CPU, (0, 0))\nwhile True: pass",
            Ended::Signalled(9),
        ),
        ("import ctypes; ctypes.string_at(0)", Ended::Signalled(11)),
    ] {
        let mut contained = launch(ground.spec(code)).unwrap();
        assert_eq!(contained.wait(LIMIT), Some(ended), "{code}");
    }
}
