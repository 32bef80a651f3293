//! What a program inside tries, tried for real: an interpreter from this machine, through a real launcher.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::fs::{self, File};
use std::io::{Read, Write};

use common::{Ground, LIMIT, namespaces};
use counterproof_sandbox::{
    Contained, Ended, Error, Launch, Layer, PID_PLACEHOLDER, Policy, PrivateScratch, available, child_filter, launch,
};

mod common;

/// Runs to the end and gives what was said, with how it ended.
fn hear(mut contained: Contained) -> (Vec<String>, Ended) {
    let mut text = String::new();
    File::from(contained.take_pipes().unwrap().control_out)
        .read_to_string(&mut text)
        .unwrap();
    let ended = contained.wait(LIMIT).unwrap();
    assert!(
        !contained.stderr_tail().contains("Traceback"),
        "{}",
        contained.stderr_tail()
    );
    (text.lines().map(str::to_owned).collect(), ended)
}

#[track_caller]
fn said(spec: Launch) -> Vec<String> {
    let (said, ended) = hear(launch(spec).unwrap());
    assert_eq!(ended, Ended::Exited(0));
    said
}

#[test]
fn all_layers_hold_where_the_system_has_them() {
    let ground = Ground::new();
    if available().iter().any(|(_, offered)| offered.is_err()) {
        return;
    }
    let contained = launch(ground.spec("")).unwrap();
    let mut applied = contained.layers().applied.clone();
    applied.sort_by_key(|layer| format!("{layer:?}"));
    assert_eq!(
        applied,
        [Layer::Files, Layer::Limits, Layer::Namespaces, Layer::Syscalls]
    );
    assert_eq!(contained.layers().missing, []);
}

#[test]
fn the_pipes_have_their_numbers_and_the_environment_is_the_given_one() {
    let ground = Ground::new();
    let code = r#"
say(os.read(3, 5).decode())
os.write(6, os.read(5, 5))
say(sorted(os.environ))
say(sorted(n for n in range(300) if not os.set_inheritable(n, False)) if False else [n for n in range(300) if is_open(n)])
say(os.getcwd() == ground + "/scratch")
say(os.read(0, 1) == b"")
"#;
    let code = format!(
        "def is_open(n):\n  try:\n    os.fstat(n)\n    return True\n  except OSError:\n    return False\n{code}"
    );
    let mut contained = launch(ground.spec(&code)).unwrap();
    let pipes = contained.take_pipes().unwrap();
    File::from(pipes.control_in).write_all(b"hello").unwrap();
    File::from(pipes.data_in).write_all(b"world").unwrap();
    let (mut said, mut data) = (String::new(), String::new());
    File::from(pipes.control_out).read_to_string(&mut said).unwrap();
    File::from(pipes.data_out).read_to_string(&mut data).unwrap();
    assert_eq!(
        contained.wait(LIMIT),
        Some(Ended::Exited(0)),
        "{}",
        contained.stderr_tail()
    );
    let said: Vec<_> = said.lines().collect();
    assert_eq!(
        said,
        [
            "hello",
            "['GROUND', 'LC_CTYPE']",
            "[0, 1, 2, 3, 4, 5, 6]",
            "True",
            "True"
        ]
    );
    assert_eq!(data, "world");
}

#[test]
fn files_outside_the_scratch_folder_are_out_of_reach() {
    let ground = Ground::new();
    let code = r#"
import shutil
home = os.path.expanduser("~root")
refused(lambda: shutil.rmtree(ground + "/outside"))
refused(lambda: os.remove(ground + "/outside/precious"))
refused(lambda: open(ground + "/outside/precious").read())
refused(lambda: open(ground + "/outside/new", "w"))
refused(lambda: os.truncate(ground + "/outside/precious", 0))
refused(lambda: os.rename(ground + "/outside/precious", ground + "/scratch/mine"))
refused(lambda: os.link(ground + "/outside/precious", ground + "/scratch/mine"))
refused(lambda: os.symlink(ground + "/outside/precious", ground + "/scratch/link") or open(ground + "/scratch/link").read())
refused(lambda: os.listdir("/root"))
refused(lambda: open("/root/.profile").read())
refused(lambda: open("/etc/passwd").read())
refused(lambda: open("/proc/1/environ").read())
refused(lambda: open("/proc/self/mem", "r+b"))
refused(lambda: os.mknod(ground + "/scratch/disk", 0o60600, os.makedev(254, 0)))
refused(lambda: open(os.__file__, "r+b"))
refused(lambda: open(ground + "/scratch/own", "w").write("fine"))
refused(lambda: os.remove(ground + "/scratch/own"))
"#;
    let said = said(ground.spec(code));
    let (last, refused) = said.split_last_chunk::<2>().map(|(most, last)| (last, most)).unwrap();
    assert!(
        refused
            .iter()
            .all(|word| ["EACCES", "EPERM", "EXDEV", "EROFS", "ENOENT"].contains(&word.as_str())),
        "{refused:?}"
    );
    assert_eq!(
        refused.iter().filter(|word| *word == "ENOENT").count(),
        0,
        "{refused:?}"
    );
    assert_eq!(last, &["done: 4", "done: None"]);
    assert_eq!(ground.precious(), "kept");
}

#[test]
fn no_network_and_no_service_of_this_machine() {
    let ground = Ground::new();
    let listener = std::os::unix::net::UnixListener::bind(ground.path().join("scratch/service")).unwrap();
    let code = r#"
import socket
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_UNIX):
    refused(lambda: socket.socket(family))
refused(lambda: socket.create_connection(("127.0.0.1", 80), 1))
refused(lambda: socket.socketpair(type=socket.SOCK_DGRAM))
one, two = socket.socketpair()
refused(lambda: one.connect(ground + "/scratch/service"))
one.send(b"x")
say(two.recv(1))
import asyncio
async def seven(): return 7
say(asyncio.run(seven()))
"#;
    let said = said(ground.spec(code));
    drop(listener);
    let (last, refused) = said.split_last_chunk::<2>().map(|(most, last)| (last, most)).unwrap();
    assert!(refused.iter().all(|word| word == "EPERM"), "{refused:?}");
    assert_eq!(last, &["b'x'", "7"]);
}

#[test]
fn without_system_call_rules_the_network_namespace_and_landlock_still_hold() {
    let ground = Ground::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let code = format!(
        "import socket\nrefused(lambda: socket.create_connection(('127.0.0.1', {}), 1))",
        port.local_addr().unwrap().port()
    );
    let mut combinations = vec![vec![Layer::Syscalls, Layer::Namespaces]];
    if namespaces() {
        combinations.extend([vec![Layer::Syscalls], vec![Layer::Syscalls, Layer::Files]]);
    }
    for without in combinations {
        let said = said(ground.spec_under(
            &code,
            Policy {
                without: without.clone(),
                ..ground.policy()
            },
        ));
        assert!(
            ["EACCES", "ENETUNREACH"].contains(&said[0].as_str()),
            "without {without:?}: {said:?}"
        );
    }
}

#[test]
fn a_loopback_of_its_own_and_no_other_network() {
    if !namespaces() {
        return;
    }
    let ground = Ground::new();
    let outside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let code = format!(
        r#"
import socket
server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname(), 5)
server.accept()[0].sendall(b'through')
say(client.recv(7))
refused(lambda: socket.create_connection(('127.0.0.1', {}), 1))
refused(lambda: socket.create_connection(('192.0.2.1', 80), 1))
refused(lambda: socket.socket(socket.AF_UNIX))
refused(lambda: socket.socket(socket.AF_NETLINK))
refused(lambda: os.remove(ground + "/outside/precious"))
"#,
        outside.local_addr().unwrap().port()
    );
    let policy = Policy {
        loopback: true,
        ..ground.policy()
    };
    let said = said(ground.spec_under(&code, policy));
    assert_eq!(said[0], "b'through'");
    let refused = ["ECONNREFUSED", "ENETUNREACH", "EPERM", "EPERM", "EROFS"];
    assert_eq!(said[1..], refused, "{said:?}");
}

#[test]
fn no_other_program() {
    let ground = Ground::new();
    let loader = fs::read_dir("/lib64")
        .unwrap()
        .flatten()
        .find(|at| at.file_name().to_string_lossy().starts_with("ld-"));
    let loader = loader.map_or_else(String::new, |at| at.path().to_string_lossy().into_owned());
    fs::write(ground.path().join("scratch/own"), "#!/bin/sh\ntouch done\n").unwrap();
    let code = format!(
        r#"
os.chmod(ground + "/scratch/own", 0o755)
refused(lambda: os.execv("/bin/ls", ["ls"]))
refused(lambda: os.execv("/bin/sh", ["sh", "-c", "true"]))
refused(lambda: os.execv(ground + "/scratch/own", ["own"]))
pid = os.fork()
if pid == 0:
    os.close(4)
    os.execv("{loader}", ["ld", "/bin/ls"])
say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0)
"#
    );
    assert_eq!(said(ground.spec(&code)), ["EACCES", "EACCES", "EACCES", "True"]);
}

/// Tries to change modes, times and attributes of what is outside, by name and by descriptor, and of what is the program's own.
const METADATA: &str = r#"
precious = ground + "/outside/precious"
refused(lambda: os.chmod(precious, 0))
refused(lambda: os.utime(precious, (0, 0)))
refused(lambda: os.chown(precious, os.getuid(), os.getgid()))
refused(lambda: os.setxattr(precious, "user.a", b"a"))
native("chmod", precious.encode(), 0)
refused(lambda: os.chmod("/dev/null", 2))
for number in (0, 1):
    refused(lambda: os.fchmod(number, 2))
    refused(lambda: os.chmod(number, 2))
own = ground + "/scratch/own"
open(own, "w").close()
refused(lambda: os.chmod(own, 0o400))
refused(lambda: os.utime(own, (0, 0)))
"#;

#[test]
fn modes_times_and_attributes_of_what_is_outside_stay() {
    use std::os::unix::fs::MetadataExt;
    let state = |path: &str| {
        let found = fs::metadata(path).unwrap();
        (found.mode(), found.mtime())
    };
    // Without mounts of its own it may change none at all.
    for (without, own) in [(vec![], "done: None"), (vec![Layer::Namespaces], "EPERM")] {
        if without.is_empty() && !namespaces() {
            continue;
        }
        let ground = Ground::new();
        let precious = ground.path().join("outside/precious");
        let before = (state(precious.as_str()), state("/dev/null").0);
        let policy = Policy {
            without,
            ..ground.policy()
        };
        let said = said(ground.spec_under(METADATA, policy));
        let (outside, inside) = said.split_at(10);
        let is_refused = |line: &String| ["EROFS", "EPERM", "EACCES"].contains(&line.as_str());
        assert!(outside.iter().all(is_refused), "{said:?}");
        assert_eq!(inside, [own, own], "{said:?}");
        assert_eq!((state(precious.as_str()), state("/dev/null").0), before);
    }
}

#[test]
fn the_system_is_out_of_reach() {
    let ground = Ground::new();
    let code = r#"
parent = os.getppid()
native("unshare", 0x10000000)
native("ptrace", 16, 2, 0, 0)
native("mount", b"none", b"/tmp", b"tmpfs", 0, None)
native("chroot", b"/tmp")
native("setns", 3, 0)
native("reboot", 0)
native("swapoff", b"/dev/vda")
native("syscall", 321, 0, 0, 0)
native("syscall", 425, 1, 0)
say(parent)
"#;
    let said = said(ground.spec(code));
    assert_eq!(said[..8], ["EPERM"; 8], "{said:?}");
    #[cfg(target_arch = "x86_64")]
    assert_eq!(said[8], "ENOSYS");
    assert!(
        said[9] == "0" || !namespaces(),
        "the parent is outside of the process namespace"
    );
}

#[test]
fn nobody_outside_can_be_signalled() {
    let ground = Ground::new();
    let own = std::process::id();
    if namespaces() {
        let code = format!("refused(lambda: os.kill({own}, 0))\nrefused(lambda: os.kill(os.getppid() or {own}, 9))");
        assert_eq!(said(ground.spec(&code)), ["ESRCH", "ESRCH"]);
    }
    // Landlock alone does it, too; the group is its own in any case.
    let policy = Policy {
        without: vec![Layer::Namespaces, Layer::Syscalls],
        ..ground.policy()
    };
    let code = format!("refused(lambda: os.kill({own}, 0))\nrefused(lambda: os.kill(os.getppid(), 9))");
    assert_eq!(said(ground.spec_under(&code, policy)), ["EPERM", "EPERM"]);
}

#[test]
fn memory_files_and_cpu_time_are_bounded() {
    let ground = Ground::new();
    let code = r#"
refused(lambda: bytearray(2 << 30))
def fill():
    with open(ground + "/scratch/big", "wb", 0) as file:
        for _ in range(64):
            file.write(bytes(1 << 16))
refused(fill)
say(os.path.getsize(ground + "/scratch/big"))
refused(lambda: [open("/dev/null") for _ in range(100)])
import resource
refused(lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)))
say(resource.getrlimit(resource.RLIMIT_CORE))
"#;
    let said = said(ground.spec(code));
    assert_eq!(
        said,
        ["MemoryError", "EFBIG", "1048576", "EMFILE", "ValueError", "(0, 0)"]
    );
    let policy = Policy {
        cpu_seconds: 1,
        ..ground.policy()
    };
    let (_, ended) = hear(launch(ground.spec_under("while True: pass", policy)).unwrap());
    assert!(matches!(ended, Ended::Signalled(9 | 24)), "{ended:?}");
}

#[test]
fn a_private_scratch_folder_is_bounded_as_a_whole() {
    if !namespaces() {
        return;
    }
    let ground = Ground::new();
    let code = r#"
def fill():
    for number in range(100):
        with open(f"{ground}/scratch/{number}", "wb") as file:
            file.write(bytes(1 << 20))
refused(fill)
say(len(os.listdir(ground + "/scratch")))
"#;
    let mut spec = ground.spec(code);
    spec.private_scratch = Some(PrivateScratch {
        folder: ground.scratch(),
        bytes: 8 << 20,
    });
    let said = said(spec);
    assert_eq!(said[0], "ENOSPC");
    assert!((8..=9).contains(&said[1].parse::<u32>().unwrap()), "{said:?}");
    assert_eq!(
        fs::read_dir(ground.scratch()).unwrap().count(),
        0,
        "nothing reaches the disk"
    );
}

/// Installs the child's filter in a fork, as the harness does.
const CHILD: &str = r#"
import ctypes, struct, signal, threading
libc = ctypes.CDLL(None, use_errno=True)
def install():
    program = bytes.fromhex(FILTER).replace(struct.pack("=I", PLACEHOLDER), struct.pack("=I", os.getpid()))
    buffer = ctypes.create_string_buffer(program, len(program))
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
    given = Program(len(program) // 8, ctypes.addressof(buffer))
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.byref(given), 0, 0) == 0, ctypes.get_errno()
pid = os.fork()
if pid == 0:
    try:
        install()
        child()
    finally:
        os._exit(0)
say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

fn in_child(ground: &Ground, body: &str, policy: Policy) -> Vec<String> {
    let filter: String = child_filter().iter().map(|byte| format!("{byte:02x}")).collect();
    let body = body.replace('\n', "\n    ");
    let code = format!("FILTER = '{filter}'\nPLACEHOLDER = {PID_PLACEHOLDER}\ndef child():\n    {body}\n{CHILD}");
    said(ground.spec_under(&code, policy))
}

#[test]
fn a_child_gives_up_processes_programs_and_signals() {
    let ground = Ground::new();
    let body = r#"
refused(os.fork)
refused(os.vfork if hasattr(os, "vfork") else os.fork)
refused(lambda: os.posix_spawn(sys.executable, ["python"], {}))
refused(lambda: os.execv(sys.executable, ["python"]))
refused(lambda: __import__("subprocess").run([sys.executable, "-c", ""]))
refused(lambda: os.kill(os.getppid(), signal.SIGKILL))
refused(lambda: os.kill(-1, signal.SIGKILL))
refused(lambda: os.kill(0, signal.SIGKILL))
refused(os.setsid)
refused(lambda: os.setpgid(0, 0))
refused(lambda: __import__("resource").setrlimit(7, (10, 10)))
hits = []
signal.signal(signal.SIGUSR1, lambda *_: hits.append(1))
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
thread = threading.Thread(target=lambda: hits.append(2))
thread.start()
thread.join()
say(hits)
say(__import__("resource").getrlimit(7))
"#;
    for without in [vec![], vec![Layer::Namespaces, Layer::Files]] {
        let said = in_child(
            &ground,
            body.trim(),
            Policy {
                without: without.clone(),
                ..ground.policy()
            },
        );
        assert!(said[..10].iter().all(|word| word == "EPERM"), "{said:?}");
        assert!(["EPERM", "ValueError"].contains(&said[10].as_str()), "{said:?}");
        assert_eq!(said[11..], ["[1, 1, 2]", "(64, 64)", "0"], "without {without:?}");
    }
}

#[test]
fn a_fork_bomb_in_a_child_does_not_go_off() {
    let ground = Ground::new();
    let body = "import itertools\nfor _ in range(1000):\n    try:\n        os.fork()\n    except OSError:\n        pass\nsay('alone')";
    assert_eq!(in_child(&ground, body, ground.policy()), ["alone", "0"]);
}

#[test]
fn a_fork_bomb_without_the_filter_is_ended_by_the_warden() {
    // Two thousand processes at most, should nothing stop it, and they go by themselves: the machine is not only ours.
    let code = r#"
import time
for _ in range(11):
    try:
        os.fork()
    except OSError:
        pass
time.sleep(20)
"#;
    for without in [vec![], vec![Layer::Namespaces]] {
        let ground = Ground::new();
        let policy = Policy {
            without: without.clone(),
            ..ground.policy()
        };
        let mut contained = launch(ground.spec_under(code, policy)).unwrap();
        let ended = contained.wait(LIMIT);
        assert_eq!(ended, Some(Ended::Signalled(9)), "without {without:?}");
    }
}

#[test]
fn a_child_cannot_end_its_parent() {
    if !namespaces() {
        return;
    }
    let ground = Ground::new();
    // Even without the filter, the first process of a namespace takes no deadly signal from inside.
    let code = r#"
import signal
pid = os.fork()
if pid == 0:
    os.kill(os.getppid(), signal.SIGKILL)
    os._exit(3)
say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;
    assert_eq!(said(ground.spec(code)), ["3"]);
}

#[test]
fn a_program_that_cannot_start_is_an_error_that_says_why() {
    let ground = Ground::new();
    let mut spec = ground.spec("");
    spec.program = "/nowhere/python3".into();
    assert!(matches!(launch(spec), Err(Error::Program { reason, .. }) if reason.contains("No such file")));
    let mut spec = ground.spec("");
    spec.policy.executable.clear();
    assert!(matches!(launch(spec), Err(Error::Program { reason, .. }) if reason.contains("ermission")));
    let mut spec = ground.spec("");
    spec.launcher = "/bin/false".into();
    assert!(matches!(launch(spec), Err(Error::Ended { .. })));
    let mut spec = ground.spec("");
    spec.launcher = "/nowhere/counterproof".into();
    assert!(matches!(launch(spec), Err(Error::Launcher { .. })));
}

#[test]
fn what_is_switched_off_is_named() {
    let ground = Ground::new();
    let policy = Policy {
        without: Layer::ALL.to_vec(),
        ..ground.policy()
    };
    let contained = launch(ground.spec_under("", policy)).unwrap();
    assert_eq!(contained.layers().applied, []);
    assert_eq!(contained.layers().missing.len(), 4);
    assert!(
        contained
            .layers()
            .missing
            .iter()
            .all(|missing| missing.whole && missing.reason == "switched off")
    );
}

#[test]
fn standard_error_is_kept_from_its_end() {
    let ground = Ground::new();
    let code = "for n in range(30000): print('line', n, file=sys.stderr)\nprint('out')";
    let mut contained = launch(ground.spec(code)).unwrap();
    assert_eq!(contained.wait(LIMIT), Some(Ended::Exited(0)));
    let tail = contained.stderr_tail();
    assert!(
        tail.ends_with("line 29999\n") && tail.len() <= 64 << 10,
        "{} bytes",
        tail.len()
    );
}
