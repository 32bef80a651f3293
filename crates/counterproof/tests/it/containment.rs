//! What checked code cannot do, shown by code that tries.

use std::fs;

use crate::support::{Repository, status};

/// A repository whose function `f` runs `attack` in head.
fn attacked(attack: &str) -> Repository {
    let before = "def f(n):\n    return n + 1\n\n\ndef g(n):\n    return n + 1\n";
    let repository = Repository::new(&[("a.py", before)]);
    let body = attack.replace('\n', "\n    ");
    repository.write(&[(
        "a.py",
        &format!("def f(n):\n    {body}\n    return n + 2\n\n\ndef g(n):\n    return n + 2\n"),
    )]);
    repository
}

/// The attack fails and the run goes on: the other function is still checked.
fn survives(repository: &Repository) -> serde_json::Value {
    survives_within(repository, "20s")
}

/// The same with another time budget, where the attack costs seconds each time that it is run.
fn survives_within(repository: &Repository, budget: &str) -> serde_json::Value {
    let report = repository.json(&["check", "--budget", budget]);
    assert_ne!(status(&report, "f"), "same", "{report:#}");
    assert_eq!(status(&report, "g"), "changed", "{report:#}");
    report
}

#[test]
fn deleting_a_tree() {
    let victim = tempfile::tempdir().expect("a folder");
    fs::write(victim.path().join("precious"), "x").expect("a file");
    let repository = attacked(&format!(
        "import shutil\nshutil.rmtree({:?}, ignore_errors=True)",
        victim.path()
    ));
    survives(&repository);
    assert!(victim.path().join("precious").exists());
}

#[test]
fn writing_outside_the_scratch_folder() {
    let victim = tempfile::tempdir().expect("a folder");
    let file = victim.path().join("planted");
    let through_python = format!("open({file:?}, 'w').write('x')");
    // The system call itself, past every hook of the interpreter.
    let through_libc = format!(
        "import ctypes\nctypes.CDLL(None).open({:?}.encode(), 0o101, 0o644)",
        file
    );
    for attack in [through_python, through_libc] {
        survives(&attacked(&attack));
        assert!(!file.exists());
    }
}

#[test]
fn reading_the_home() {
    let home = tempfile::tempdir().expect("a folder");
    let secret = home.path().join("secret");
    fs::write(&secret, "xyzzy-the-secret").expect("a file");
    let repository = attacked(&format!("return open({secret:?}).read()"));
    let report = survives(&repository);
    assert!(!report.to_string().contains("xyzzy"), "{report:#}");
}

#[test]
fn opening_a_socket() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    listener.set_nonblocking(true).expect("non-blocking");
    let port = listener.local_addr().expect("an address").port();
    survives(&attacked(&format!(
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)"
    )));
    assert!(listener.accept().is_err(), "nobody connected");
}

#[test]
fn starting_a_program() {
    let victim = tempfile::tempdir().expect("a folder");
    let file = victim.path().join("planted");
    survives(&attacked(&format!("import os\nos.system('touch {}')", file.display())));
    assert!(!file.exists());
}

#[test]
fn forking_a_bomb() {
    survives(&attacked("import os\nwhile True:\n    os.fork()"));
    survives(&attacked(
        "import ctypes\nlibc = ctypes.CDLL(None)\nfor _ in range(1000):\n    libc.fork()",
    ));
}

#[test]
fn filling_the_disk_and_the_memory() {
    // Gigabytes are filled for each input, in the search and in every replay: on a loaded machine that alone is 20 s.
    let patience = "2m";
    survives_within(
        &attacked("with open('big', 'wb') as file:\n    for _ in range(10**6):\n        file.write(b'x' * 10**6)"),
        patience,
    );
    survives_within(
        &attacked("held = []\nwhile True:\n    held.append(bytearray(10**8))"),
        patience,
    );
}

#[test]
fn killing_the_parent() {
    survives(&attacked("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"));
    survives(&attacked("import ctypes, os\nctypes.CDLL(None).kill(os.getppid(), 9)"));
}

#[test]
fn reading_and_writing_the_harness_descriptors() {
    survives(&attacked(
        "import os\nfor fd in range(3, 300):\n    try:\n        os.write(fd, b'forged' * 100)\n    except OSError:\n        pass",
    ));
    survives(&attacked(
        "import os\nfor fd in range(3, 300):\n    try:\n        os.set_blocking(fd, False)\n        os.read(fd, 100)\n    except OSError:\n        pass",
    ));
    survives(&attacked("import os\nos.closerange(3, 1000)"));
}

#[test]
fn printing_is_captured() {
    let repository = attacked("import os\nprint('hello from f')\nos.write(1, b'raw')");
    let report = survives(&repository);
    assert!(report.is_object());
}

#[test]
fn the_users_environment_is_hidden() {
    let repository = attacked("import os\nreturn sorted(os.environ.items())");
    let output = repository
        .command(&["check", "--format", "json"])
        .env("MY_TOKEN", "xyzzy-the-secret")
        .output()
        .expect("the binary runs");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("xyzzy"));
}
