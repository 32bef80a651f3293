//! Bad input: one clear message with the mend, the right exit code, nothing left behind, and never a "same".

use std::fs;

use crate::support::{Repository, Said, function, status};

fn clear(said: &Said) {
    assert!(
        !said.err.contains("panicked") && !said.err.contains("RUST_BACKTRACE"),
        "{said}"
    );
    assert!(!said.out.contains("SAME"), "{said}");
}

#[test]
fn outside_a_repository() {
    let folder = Repository::bare_folder();
    let said = folder.run(&["check"]);
    assert_eq!(said.code, 2, "{said}");
    assert!(said.err.contains("--trees OLD NEW"), "{said}");
    clear(&said);
}

#[test]
fn without_commits() {
    let folder = Repository::bare_folder();
    folder.git(&["init", "--quiet", "--initial-branch=main"]);
    folder.write(&[("a.py", "x = 1\n")]);
    let said = folder.run(&["check"]);
    assert_eq!(said.code, 2, "{said}");
    assert!(said.err.contains("no commits yet"), "{said}");
    clear(&said);
}

#[test]
fn an_unknown_revision() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    for args in [&["check", "main..nothing"][..], &["check", "--base", "nothing"]] {
        let said = repository.run(args);
        assert_eq!(said.code, 2, "{said}");
        assert!(said.err.contains("nothing"), "{said}");
        clear(&said);
    }
}

#[test]
fn a_path_that_matches_no_file() {
    let text = "def f(x):\n    return x\n";
    let repository = Repository::new(&[("pkg/a.py", text), ("pkg/b.py", text)]);
    repository.write(&[("pkg/a.py", &text.replace("return x", "return -x"))]);
    repository.commit("second");
    let range = "HEAD~1..HEAD";
    for path in ["pkg/aa.py", "./nothing/", "*.pyy", "pkg/../aa.py"] {
        let said = repository.run(&["check", range, path]);
        assert_eq!(said.code, 2, "{said}");
        assert!(said.err.contains(path) && said.err.contains("no file"), "{said}");
        clear(&said);
    }
    let outside = repository.run(&["check", range, "../elsewhere.py"]);
    assert_eq!(outside.code, 2, "{outside}");
    for (path, code) in [
        ("pkg/b.py", 0),
        ("pkg", 1),
        ("pkg/../pkg/a.py", 1),
        ("pkg/*.py", 1),
        (".", 1),
    ] {
        let said = repository.run(&["check", range, path]);
        assert_eq!(said.code, code, "{path}: {said}");
    }
}

#[test]
fn a_path_that_matches_no_file_of_two_folders() {
    let folder = Repository::bare_folder();
    folder.write(&[
        ("old/a.py", "def f(x):\n    return x\n"),
        ("new/a.py", "def f(x):\n    return -x\n"),
    ]);
    let said = folder.run(&["check", "--trees", "old", "new", "new/a.py"]);
    assert_eq!(said.code, 2, "{said}");
    assert!(
        said.err.contains("`new/a.py`") && said.err.contains("both folders"),
        "{said}"
    );
    let range = folder.run(&["check", "--trees", "old", "new", "main..feature"]);
    assert_eq!(range.code, 2, "{range}");
    assert_eq!(folder.run(&["check", "--trees", "old", "new", "./a.py"]).code, 1);
}

#[test]
fn a_shallow_clone_without_the_base() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
    let first = repository.git(&["rev-parse", "HEAD"]);
    repository.write(&[("a.py", "def f(x):\n    return x + 1\n")]);
    repository.commit("second");
    let clone = Repository::bare_folder();
    fs::remove_dir(clone.path()).expect("an empty folder");
    let from = format!("file://{}", repository.path().display());
    let status = std::process::Command::new("git")
        .args(["clone", "--quiet", "--depth", "1", &from])
        .arg(clone.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status()
        .expect("git runs");
    assert!(status.success());
    let said = clone.run(&["check", "--base", first.trim()]);
    assert_eq!(said.code, 2, "{said}");
    assert!(said.err.contains("git fetch --unshallow"), "{said}");
    clear(&said);
}

#[test]
fn a_named_python_that_is_none() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
    repository.write(&[("a.py", "def f(x):\n    return x + 1\n")]);
    for python in ["/nowhere/python", "/bin/true", "/bin/false", "/"] {
        let said = repository.run(&["check", "--python", python]);
        assert_eq!(said.code, 2, "{said}");
        let says = [format!("{python} does not run as Python"), "--python PATH".to_owned()];
        assert!(
            says.iter().all(|text| said.err.contains(text)) && said.out.is_empty(),
            "{said}"
        );
        clear(&said);
    }
    repository.write(&[("counterproof.toml", "[check]\npython = 'nowhere/python'\n")]);
    let said = repository.run(&["check"]);
    assert_eq!(said.code, 2, "{said}");
    assert!(said.err.contains("nowhere/python does not run"), "{said}");
}

#[test]
fn no_python() {
    let test = "from a import f\n\n\ndef test_f():\n    assert f(1) == 1\n";
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n"), ("test_a.py", test)]);
    repository.write(&[("a.py", "def f(x):\n    return x + 1\n")]);
    // A PATH that has git alone.
    let git = repository.path().join("../git");
    fs::create_dir(&git).expect("a folder");
    let found = std::env::split_paths(&std::env::var_os("PATH").expect("a PATH"))
        .map(|folder| folder.join("git"))
        .find(|program| program.is_file());
    std::os::unix::fs::symlink(found.expect("git"), git.join("git")).expect("a link");
    let output = repository
        .command(&["check"])
        .env("PATH", &git)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(
        said.contains("no Python was found") && said.contains("--python PATH"),
        "{said}"
    );
    assert!(!said.contains("SAME"), "{said}");
    assert!(
        said.contains("NOT RUN       test_a.py: 1 test: no Python was found"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn python_too_old() {
    use std::os::unix::fs::PermissionsExt;
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
    let fake = repository.path().join("../python");
    let answer = r#"{"executable": "/x", "version": "3.6.1", "implementation": "cpython", "prefixes": [], "packages": [], "user_base": null, "chosen": ""}"#;
    fs::write(&fake, format!("#!/bin/sh\necho '{answer}'\n")).expect("a file");
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).expect("executable");
    repository.write(&[("a.py", "def f(x):\n    return x + 1\n")]);
    let said = repository.run(&["check", "--python", fake.to_str().expect("UTF-8")]);
    assert_eq!(said.code, 3, "{said}");
    assert!(said.out.contains("3.6.1") && said.out.contains("3.9"), "{said}");
    clear(&said);
}

#[test]
fn an_import_that_hangs_in_head_alone_is_a_finding() {
    let repository = Repository::new(&[
        ("a.py", "def f(x):\n    return x\n"),
        ("counterproof.toml", "[sandbox]\nimport_seconds = 1\n"),
    ]);
    repository.write(&[("a.py", "while True:\n    pass\n\n\ndef f(x):\n    return x\n")]);
    let report = repository.json(&["check"]);
    assert_eq!(report["exit"], 1, "{report:#}");
    assert!(report.to_string().contains("new_hang"), "{report:#}");
}

#[test]
fn a_script_that_runs_for_long_when_it_is_imported_leaves_time_for_others() {
    let script = "def measured(n):\n    return n + 1\n\n\nwhile True:\n    measured(1)\n";
    let files = |n: &str| {
        let script = script.replace("n + 1", n);
        [
            ("a_bench.py", script.clone()),
            ("benchmarks/__init__.py", String::new()),
            ("benchmarks/more.py", script.replace("measured", "timed")),
            ("shop.py", format!("def f(x):\n    return x + len('{n}')\n")),
        ]
    };
    let (base, head) = (files("n + 1"), files("n - 20"));
    let base: Vec<(&str, &str)> = base.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let head: Vec<(&str, &str)> = head.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let repository = Repository::new(&base);
    repository.write(&head);
    let report = repository.json(&["check", "--budget", "5s"]);
    assert_eq!(status(&report, "f"), "changed", "{report:#}");
    assert_eq!(status(&report, "measured"), "not_verified", "{report:#}");
    let reason = function(&report, "measured")["reason"].to_string();
    assert!(reason.contains("importing a_bench takes longer"), "{reason}");
    assert!(reason.contains("__main__") && reason.contains("--budget"), "{reason}");
}

#[test]
fn a_module_that_serves_on_import() {
    let serve = "import socket\n\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\nwhile True:\n    s.accept()\n\n\ndef f(x):\n    return x\n";
    let repository = Repository::new(&[
        ("a.py", serve),
        ("counterproof.toml", "[sandbox]\nimport_seconds = 1\n"),
    ]);
    repository.write(&[("a.py", &serve.replace("return x", "return x + 1"))]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "f"), "not_verified", "{report:#}");
    assert_eq!(report["exit"], 3, "{report:#}");
}

#[test]
fn a_project_that_needs_a_missing_package() {
    let text = "import surely_not_installed\n\n\ndef f(x):\n    return surely_not_installed.g(x)\n";
    let repository = Repository::new(&[("a.py", text)]);
    repository.write(&[("a.py", &text.replace("g(x)", "g(x, 1)"))]);
    let said = repository.run(&["check"]);
    assert_eq!(said.code, 3, "{said}");
    assert!(
        said.out.contains("surely_not_installed") && said.out.contains("install"),
        "{said}"
    );
    clear(&said);
}

#[test]
fn syntax_errors_and_odd_encodings_are_named() {
    let repository = Repository::new(&[
        ("good.py", "def f(x):\n    return x\n"),
        ("bad.py", "def g(x):\n    return x\n"),
        ("odd.py", "x = 1\n"),
    ]);
    repository.write(&[
        ("good.py", "def f(x):\n    return x + 1\n"),
        ("bad.py", "def g(x:\n    return x\n"),
    ]);
    fs::write(repository.path().join("odd.py"), b"x = '\xff'\n").expect("a file");
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "f"), "changed");
    let unverified = report["unverified"].to_string();
    assert!(
        unverified.contains("bad.py") && unverified.contains("syntax error"),
        "{unverified}"
    );
    assert!(
        unverified.contains("odd.py") && unverified.contains("UTF-8"),
        "{unverified}"
    );
}

#[test]
fn a_configuration_with_a_mistake() {
    let repository = Repository::new(&[("a.py", "x = 1\n"), ("counterproof.toml", "[check]\nbugdet = '3s'\n")]);
    let said = repository.run(&["check"]);
    assert_eq!(said.code, 2, "{said}");
    assert!(
        said.err.contains("counterproof.toml, line 2") && said.err.contains("bugdet"),
        "{said}"
    );
}

#[test]
fn a_cache_that_cannot_be_written() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
    repository.write(&[("a.py", "def f(x):\n    return x + 1\n")]);
    // A file stands where the folder should be: also for root nothing can be written below it.
    fs::write(repository.cache(), "in the way").expect("a file");
    let said = repository.run(&["check"]);
    assert_eq!(said.code, 1, "{said}");
    clear(&said);
}

#[test]
fn ctrl_c_leaves_nothing_behind() {
    let text = "import time\n\n\ndef f(x):\n    for i in range(10**9):\n        pass\n    return x\n";
    let repository = Repository::new(&[("a.py", text)]);
    repository.write(&[("a.py", &text.replace("return x", "return x + 1"))]);
    let mut child = repository
        .command(&["check"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the binary runs");
    let marker = repository.cache().display().to_string();
    wait_until("the harness is up", || !processes(&marker).is_empty());
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("a signal");
    let status = child.wait().expect("an end");
    assert_eq!(status.code(), Some(130));
    wait_until("nothing runs any more", || processes(&marker).is_empty());
    let left = fs::read_dir(repository.cache().join("v1/scratch"))
        .map(|entries| entries.count())
        .unwrap_or(0);
    assert_eq!(left, 0, "scratch folders are gone");
}

/// Nothing runs any more that has to do with the repository, and nothing is left to tidy up.
fn nothing_is_left(repository: &Repository) {
    let marker = repository.cache().display().to_string();
    assert_eq!(processes(&marker), Vec::<String>::new());
    for folder in ["v1/scratch", "v1/incoming"] {
        let left = fs::read_dir(repository.cache().join(folder)).map_or(0, |entries| entries.count());
        assert_eq!(left, 0, "{folder}");
    }
}

#[test]
fn an_import_that_goes_wrong_on_either_side_is_told_and_leaves_nothing() {
    let fine = "def f(x):\n    return x\n";
    for (wrong, finding, reason) in [
        ("1 / 0", "new_crash", "ZeroDivisionError: division by zero"),
        ("raise SystemExit", "new_crash", "does not import in base: SystemExit"),
        ("import os\nos._exit(3)", "new_crash", "ends the interpreter"),
        ("while True:\n    pass", "new_hang", "import_seconds"),
        ("import threading\nthreading.Event().wait()", "new_hang", "__main__"),
    ] {
        let broken = format!("{wrong}\n\n\ndef f(x):\n    return x + 1\n");
        let configuration = ("counterproof.toml", "[sandbox]\nimport_seconds = 1\n");
        let head_alone = Repository::new(&[("a.py", fine), configuration]);
        head_alone.write(&[("a.py", &broken)]);
        let report = head_alone.json(&["check"]);
        assert_eq!(report["exit"], 1, "{report:#}");
        assert!(
            report.to_string().contains(finding) && !report.to_string().contains("\"same\""),
            "{report:#}"
        );
        nothing_is_left(&head_alone);
        let base_alone = Repository::new(&[("a.py", &broken), configuration]);
        base_alone.write(&[("a.py", fine)]);
        let report = base_alone.json(&["check"]);
        assert_eq!(report["exit"], 3, "{report:#}");
        let told = report["functions"].as_array().expect("functions").iter();
        let told: Vec<&str> = told.filter_map(|function| function["reason"].as_str()).collect();
        assert!(told.iter().any(|text| text.contains(reason)), "{reason}: {told:?}");
        assert!(!report.to_string().contains("\"same\""), "{report:#}");
        nothing_is_left(&base_alone);
    }
}

/// A shell script in a mount namespace of its own, where it is root; `None` where the system offers none.
#[cfg(target_os = "linux")]
#[allow(clippy::print_stderr, reason = "a test that looks at nothing must say so")]
fn in_mount_namespace(repository: &Repository, script: &str) -> Option<std::process::Output> {
    let unshare = |script: &str| {
        let mut command = std::process::Command::new("unshare");
        command.args(["-rm", "sh", "-ec", script]);
        command
    };
    if !unshare("true").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this system gives no mount namespace to a user");
        return None;
    }
    let binary = repository.command(&[]);
    let mut command = unshare(script);
    command
        .current_dir(repository.path())
        .env("BINARY", binary.get_program());
    for (name, value) in binary.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Some(command.output().expect("a shell"))
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_checkout() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
    repository.write(&[("a.py", "def f(x):\n    return x + 1\n")]);
    let script =
        "mount --bind . . && mount -o remount,ro,bind . && cd \"$PWD\" && ! touch new 2>/dev/null && \"$BINARY\" check";
    let Some(output) = in_mount_namespace(&repository, script) else {
        return;
    };
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("f(0)"), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    nothing_is_left(&repository);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    for size in ["4k", "8k", "16k", "64k"] {
        let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
        repository.write(&[("a.py", "def f(x):\n    return x + 1\n")]);
        let script = format!(
            "mkdir ../small && mount -t tmpfs -o size={size} none ../small
            export COUNTERPROOF_CACHE=$PWD/../small/cache TMPDIR=$PWD/../small
            code=0; \"$BINARY\" check || code=$?
            find ../small/cache/v1/scratch ../small/cache/v1/incoming -mindepth 1 | sed 's/^/left: /'
            exit $code"
        );
        let Some(output) = in_mount_namespace(&repository, &script) else {
            return;
        };
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(3), "{size}: {said}");
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.contains("is full; free some space, or set COUNTERPROOF_CACHE"),
            "{size}: {said}"
        );
        assert!(
            !said.contains("SAME") && !said.contains("panicked") && !said.contains("left: "),
            "{size}: {said}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
    let output = repository
        .command(&["check"])
        .stdout(full)
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.contains("failed to write the result") && error.lines().count() == 1,
        "{error}"
    );
}

/// Command lines of running processes that mention `marker`.
fn processes(marker: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let lines = entries
        .filter_map(Result::ok)
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(marker))
        .collect()
}

/// Polls a condition, for at most a minute.
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !condition() {
        assert!(std::time::Instant::now() < end, "in vain: {what}");
        std::thread::yield_now();
    }
}
