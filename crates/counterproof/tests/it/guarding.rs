//! The guard: what it says of actions, to people and to agents.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Repository, said};

fn fed(mut command: Command, input: &str) -> (i32, String, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // One that does not listen is told by what it says.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn explain(repository: &Repository, line: &str) -> (i32, String) {
    said(repository.command(&["guard", "explain", line]))
}

#[test]
fn people_are_told_what_an_action_would_do() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let (exit, text) = explain(&repository, "git reset --hard");
    assert_eq!(exit, 4, "{text}");
    assert_eq!(
        text,
        "ask  this deletes changes that are not committed; nothing brings that back; git stash first keeps them\n  \
         ask   it deletes changes that are not committed\n        cannot be undone · reaches this working tree\n"
    );
    assert_eq!(
        explain(&repository, "echo 'rm -rf /'"),
        (0, "allow\n  nothing that is known to matter\n".to_owned())
    );
    let (exit, text) = explain(&repository, "sudo rm -rf /etc");
    assert_eq!(exit, 1, "{text}");
    let (exit, text) = said(repository.command(&["guard", "explain", "--", "rm", "-rf", "/"]));
    assert_eq!(exit, 1, "{text}");
    let (exit, text) = said(repository.command(&["guard", "explain"]));
    assert_eq!(exit, 2, "{text}");
    let (exit, text) = said(repository.command(&["guard", "explain", "rm -rf /", "--format", "json"]));
    assert_eq!(exit, 1, "{text}");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (value["decision"].as_str(), value["effects"][0]["kind"].as_str()),
        (Some("deny"), Some("delete"))
    );
}

#[test]
fn a_batch_has_an_answer_for_each_line() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let lines = "{\"command\": \"ls\"}\n\n{\"command\": \"rm -rf /\"}\n{\"command\": 3}\nnonsense\n{\"command\": \"git stash drop\", \"cwd\": \"/\"}\n";
    let (exit, out, _) = fed(repository.command(&["guard", "explain", "--batch", "-"]), lines);
    assert_eq!(exit, 0);
    let said: Vec<String> = out
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("JSON")["decision"]
                .as_str()
                .expect("a word")
                .to_owned()
        })
        .collect();
    assert_eq!(said, ["allow", "deny", "ask", "ask", "ask"]);
}

#[test]
fn scripts_and_targets_of_the_repository_are_read() {
    let repository = Repository::new(&[
        (
            "Makefile",
            "DIR = /\n\nclean:\n\trm -rf dist\n\nwipe: clean\n\t@rm -rf $(DIR)\n\nodd:\n\trm -rf $(SOMEWHERE)\n",
        ),
        (
            "package.json",
            "{\"scripts\": {\"build\": \"tsc\", \"prewipe\": \"rm -rf ~\", \"wipe\": \"echo\"}}",
        ),
        ("tidy.sh", "#!/bin/sh\nset -e\nrm -rf \"$1\"\n"),
        ("harmless.sh", "#!/bin/bash\necho hello\n"),
        ("wipe.py", "#!/usr/bin/env python3\nimport shutil\nshutil.rmtree('/')\n"),
        ("justfile", "test:\n    pytest\n\nwipe: test\n    rm -rf /\n"),
        (
            "plan.json",
            "{\"terraform_version\": \"1.9\", \"resource_changes\": [{\"address\": \"aws_db_instance.main\", \"type\": \"aws_db_instance\", \"change\": {\"actions\": [\"delete\", \"create\"]}}]}",
        ),
        ("drop.sql", "DROP TABLE users;\n"),
    ]);
    for (line, exit) in [
        ("make clean", 0),
        ("make", 0),
        ("make wipe", 1),
        ("make odd", 4),
        ("make clean DIR=/etc", 0),
        ("npm run build", 0),
        ("npm run wipe", 1),
        ("yarn wipe", 1),
        ("./tidy.sh /", 1),
        ("sh tidy.sh dist", 0),
        ("bash tidy.sh src", 4),
        ("./harmless.sh", 0),
        ("./wipe.py", 1),
        ("python3 wipe.py", 1),
        ("just test", 0),
        ("just wipe", 1),
        ("terraform apply plan.json", 1),
        ("psql -h localhost -f drop.sql", 4),
        ("cat drop.sql | psql -h prod-db", 1),
        ("cat tidy.sh", 0),
        ("cat wipe.py | python3", 1),
    ] {
        let (said, text) = explain(&repository, line);
        assert_eq!(said, exit, "{line}: {text}");
    }
    let (exit, text) = said(repository.command(&["guard", "explain", "--plan", "plan.json"]));
    assert_eq!(exit, 1, "{text}");
    assert!(
        text.contains("deletes and creates anew aws_db_instance.main with the data in it"),
        "{text}"
    );
    let (exit, text) = said(repository.command(&["guard", "explain", "--plan", "a.txt"]));
    assert_eq!(exit, 2, "{text}");
}

#[test]
fn the_place_tells_what_the_same_command_would_do() {
    let config = "[[service]]\nname = \"checkout\"\npaths = [\"/checkout/\"]\ntier = 1\n";
    let repository = Repository::new(&[("counterproof.toml", config)]);
    let home = tempfile::tempdir().expect("a folder");
    let kube = home.path().join("config");
    let line = "kubectl delete deployment checkout";
    let decided = |context: &str| {
        std::fs::write(&kube, format!("apiVersion: v1\ncurrent-context: {context}\n")).expect("a file");
        let mut command = repository.command(&["guard", "explain", line]);
        command.env("KUBECONFIG", &kube);
        said(command)
    };
    let (exit, text) = decided("minikube");
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = decided("shop-staging");
    assert_eq!(exit, 4, "{text}");
    let (exit, text) = decided("shop-production");
    assert_eq!(exit, 4, "{text}");
    assert!(
        text.contains("deletes deployment checkout in Kubernetes, which serves tier-1 checkout in production"),
        "{text}"
    );
    let mut command = repository.command(&["guard", "explain", "terraform destroy"]);
    command.env("TF_WORKSPACE", "prod");
    let (exit, text) = said(command);
    assert_eq!(exit, 1, "{text}");
    repository.git(&["switch", "--quiet", "--create", "release/1"]);
    let (exit, text) = explain(&repository, "git push --force origin HEAD");
    assert_eq!(exit, 1, "{text}");
}

#[test]
fn an_agent_s_hook_is_answered_in_its_own_way_and_never_opens_by_mistake() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let event = |command: &str| {
        json!({"cwd": repository.path(), "tool_name": "Bash", "tool_input": {"command": command}}).to_string()
    };
    let ask = |agent: &str, event: &str| fed(repository.command(&["hook", "before-tool", agent]), event);
    let (exit, out, _) = ask("claude-code", &event("rm -rf ~"));
    assert_eq!(exit, 0);
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(value["hookSpecificOutput"]["permissionDecision"], "deny");
    assert_eq!(ask("claude-code", &event("ls")), (0, String::new(), String::new()));
    for nonsense in [
        "",
        "{",
        "[]",
        "{}",
        "{\"tool_name\": \"Bash\"}",
        "{\"tool_name\": 3}",
        "\u{0}",
    ] {
        let (exit, out, _) = ask("claude-code", nonsense);
        assert_eq!(exit, 0, "{nonsense}");
        let value: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(
            value["hookSpecificOutput"]["permissionDecision"], "deny",
            "{nonsense}: {out}"
        );
        let (exit, _, err) = ask("kiro", nonsense);
        assert_eq!(exit, 2, "{nonsense}: {err}");
    }
    let long = event(&format!("echo {}", "x".repeat(10 << 20)));
    let (_, out, _) = ask("claude-code", &long);
    assert!(out.contains("\"ask\""), "{out}");
    let huge = "x".repeat(17 << 20);
    let (_, out, _) = ask("gemini", &huge);
    assert!(out.contains("\"deny\""), "{out}");
    // Who is not known is not let through.
    assert_eq!(ask("nobody", &event("ls")).0, 2);
    // Nor is anybody by a line that was written wrongly.
    for args in [
        &["hook", "before-tool"][..],
        &["hook", "before-tool", "claude-code", "x"],
    ] {
        assert_eq!(fed(repository.command(args), &event("ls")).0, 2, "{args:?}");
    }
}

fn pipe(path: &std::path::Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    assert!(Command::new("mkfifo").arg(path).status().expect("it runs").success());
}

#[test]
fn pipes_where_files_should_be_are_not_waited_for() {
    let line = "git push --force origin main";
    for place in [
        "counterproof.toml",
        "../state/guard/log.jsonl",
        "../state/guard/allowed/x.json",
        "../home/.ssh/a.pub",
    ] {
        let repository = Repository::new(&[("a.py", "x = 1\n")]);
        pipe(&repository.path().join(place));
        let mut command = repository.command(&["hook", "before-tool", "gemini"]);
        command.env("HOME", repository.path().with_file_name("home"));
        let event =
            json!({"cwd": repository.path(), "tool_name": "run_shell_command", "tool_input": {"command": line}});
        let (_, out, err) = fed(command, &event.to_string());
        let answer: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{place}: {error}: {out}{err}"));
        assert_eq!(answer["decision"], "deny");
        // It was judged, and not given up.
        assert!(
            answer["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("`main`")),
            "{place}: {out}"
        );
    }
}

#[test]
fn what_hangs_is_answered_before_an_agent_gives_up() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    assert_eq!(said(repository.command(&["ledger", "init"])).0, 0);
    let hook = || {
        let mut command = repository.command(&["hook", "before-tool", "gemini"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.spawn().expect("it runs")
    };
    // An event that never ends, and git, which is asked where the ledger is, waiting for a pipe.
    let mut endless = hook();
    let held = endless.stdin.take();
    let included = repository.path().join(".git/included");
    pipe(&included);
    let config = repository.path().join(".git/config");
    let text = std::fs::read_to_string(&config).expect("a file");
    std::fs::write(&config, format!("{text}[include]\n\tpath = included\n")).expect("a file");
    let mut waiting = hook();
    let event =
        json!({"cwd": repository.path(), "tool_name": "run_shell_command", "tool_input": {"command": "rm -rf /"}});
    let _ = waiting
        .stdin
        .take()
        .expect("a pipe")
        .write_all(event.to_string().as_bytes());
    let reason = |child: std::process::Child| {
        let output = child.wait_with_output().expect("it ends");
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!((output.status.code(), &answer["decision"]), (Some(0), &json!("deny")));
        answer["reason"].as_str().expect("a reason").to_owned()
    };
    let late = reason(endless);
    assert!(late.contains("could not be judged in time"), "{late}");
    drop(held);
    // What was judged by then is what is said.
    let judged = reason(waiting);
    assert!(judged.contains("the whole file system"), "{judged}");
    std::fs::write(&config, text).expect("a file");
    let (_, text) = said(repository.command(&["guard", "report"]));
    assert!(text.contains("1 denied") && text.contains("are in no ledger"), "{text}");
}

#[test]
fn a_ledger_that_somebody_holds_does_not_hold_the_answer() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    assert_eq!(said(repository.command(&["ledger", "init"])).0, 0);
    let lock = std::fs::File::options()
        .write(true)
        .open(repository.path().join(".counterproof/ledger/lock"))
        .expect("a lock");
    lock.lock().expect("it is free");
    let event =
        json!({"cwd": repository.path(), "tool_name": "run_shell_command", "tool_input": {"command": "rm -rf /"}});
    let (_, out, _) = fed(
        repository.command(&["hook", "before-tool", "gemini"]),
        &event.to_string(),
    );
    assert!(out.contains("the whole file system"), "{out}");
    let (_, text) = said(repository.command(&["guard", "report", "--format", "json"]));
    assert!(text.contains("was held by another program for more than 1 s"), "{text}");
    drop(lock);
    let (exit, text) = said(repository.command(&["guard", "report", "--append"]));
    assert_eq!((exit, text.as_str()), (0, "1 decisions were handed on to the ledger\n"));
    let (exit, text) = said(repository.command(&["ledger", "verify"]));
    assert_eq!(exit, 0, "{text}");
}
