//! An interpreter of this machine, and ground to stand on.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::fs;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use counterproof_sandbox::{Launch, Layer, Policy, available, interpreter_readable};

/// Longest wait for anything.
pub const LIMIT: Duration = Duration::from_secs(30);

/// The real interpreter behind whatever shim is on the path, and its prefixes.
pub static PYTHON: LazyLock<(Utf8PathBuf, Vec<Utf8PathBuf>)> = LazyLock::new(|| {
    let code = "import sys, os; print(os.path.realpath(sys.executable), sys.prefix, sys.base_prefix, sep='\\n')";
    let output = Command::new("python3")
        .args(["-c", code])
        .output()
        .expect("python3 is on the path");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines().map(Utf8PathBuf::from);
    (lines.next().unwrap(), lines.collect())
});

pub fn launcher() -> Utf8PathBuf {
    env!("CARGO_BIN_EXE_contain-for-tests").into()
}

/// A folder with `outside/precious` and `scratch/`.
pub struct Ground {
    pub folder: tempfile::TempDir,
}

impl Ground {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("outside")).unwrap();
        fs::create_dir(folder.path().join("scratch")).unwrap();
        fs::write(folder.path().join("outside/precious"), "kept").unwrap();
        Self { folder }
    }

    pub fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).unwrap()
    }

    pub fn scratch(&self) -> Utf8PathBuf {
        self.path().join("scratch")
    }

    pub fn policy(&self) -> Policy {
        Policy {
            readable: interpreter_readable(&PYTHON.1),
            executable: vec![PYTHON.0.clone()],
            writable: vec![self.scratch()],
            memory_bytes: 1 << 30,
            cpu_seconds: 20,
            file_bytes: 1 << 20,
            open_files: 64,
            loopback: false,
            without: Vec::new(),
        }
    }

    pub fn spec(&self, code: &str) -> Launch {
        self.spec_under(code, self.policy())
    }

    pub fn spec_under(&self, code: &str, policy: Policy) -> Launch {
        let mut spec = Launch::new(launcher(), PYTHON.0.clone(), self.scratch(), policy);
        spec.args = vec!["-I".into(), "-c".into(), format!("{PRELUDE}\n{code}")];
        spec.env = vec![("GROUND".into(), self.path().to_string())];
        spec
    }

    pub fn precious(&self) -> String {
        fs::read_to_string(self.path().join("outside/precious")).unwrap()
    }
}

/// `say` writes to the control pipe; `refused` runs something and names the error it gives, `native` a function of the C library.
pub const PRELUDE: &str = r#"
import os, sys, errno
ground = os.environ["GROUND"]
def say(text):
    os.write(4, (str(text) + "\n").encode())
def refused(what):
    try:
        got = what()
    except OSError as error:
        say(errno.errorcode.get(error.errno, error.errno))
    except BaseException as error:
        say(type(error).__name__)
    else:
        say("done: %r" % (got,))
def native(name, *args):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    def run():
        if getattr(libc, name)(*args) != 0:
            raise OSError(ctypes.get_errno(), name)
    refused(run)
"#;

/// Whether this machine allows namespaces: in many containers they are forbidden, and what they do is then not tested.
pub fn namespaces() -> bool {
    available()
        .iter()
        .all(|(layer, offered)| *layer != Layer::Namespaces || offered.is_ok())
}
