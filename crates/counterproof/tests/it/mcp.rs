//! An agent's client and the server: the official client in Python, and lines of JSON by hand.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Repository, python_with_libraries};

/// How long anything may take that a loaded machine does.
const LONG: Duration = Duration::from_secs(120);

const BEFORE: &str = "def days(n: int, express: bool):\n    if express:\n        return 1\n    return n + 2\n";
/// Code of which the import does not end.
const ENDLESS: &str = "while True:\n    pass\n\n\ndef f(x):\n    return x + 1\n";
/// So that nothing but a wish to stop ends a check.
const PATIENT: &str = "[check]\nbudget = \"900s\"\ntests = \"off\"\n\n[sandbox]\nimport_seconds = 800\n";

/// An interpreter with the official client.
fn python_with_client() -> Option<String> {
    let python = python_with_libraries()?;
    let has = Command::new(&python).args(["-c", "import mcp"]).output().ok()?;
    // Some of what it needs is for Python 3.11 and later.
    has.status
        .success()
        .then(|| python.to_str().expect("a path").to_owned())
}

fn scenario(name: &str, repository: &Repository) {
    let Some(python) = python_with_client() else { return };
    let config = repository.path().join("counterproof.toml");
    let text = std::fs::read_to_string(&config).unwrap_or_else(|_| "[check]\n".to_owned());
    std::fs::write(
        &config,
        text.replace("[check]\n", &format!("[check]\npython = {python:?}\n")),
    )
    .expect("a file");
    let cache = repository.cache();
    // As the other tests run it, so that the environment is theirs.
    let server = repository.command(&[]);
    let mut command = Command::new(python);
    command
        .arg("-B")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mcp_client.py"));
    command
        .arg(name)
        .arg(server.get_program())
        .arg(repository.path())
        .arg(&cache);
    for (name, value) in server.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().expect("Python runs");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn changed() -> Repository {
    let repository = Repository::new(&[
        ("cart.py", BEFORE),
        ("tests/test_cart.py", "def test_it():\n    assert \"a\"\n"),
        ("counterproof.toml", "[check]\n"),
    ]);
    repository.git(&["switch", "--quiet", "--create", "faster"]);
    repository.write(&[("cart.py", &BEFORE.replace("return 1", "return 2"))]);
    repository.commit("Faster");
    repository
}

#[test]
fn the_official_client_is_served_by_each_tool() {
    scenario("initialized", &changed());
}

#[test]
fn the_official_client_is_served_without_a_session() {
    scenario("stateless", &changed());
}

#[test]
fn what_is_cancelled_leaves_no_process() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n"), ("counterproof.toml", PATIENT)]);
    repository.write(&[("a.py", ENDLESS)]);
    scenario("cancelled", &repository);
}

#[test]
fn calls_side_by_side_are_each_answered_with_their_own() {
    let files = |f: u8, g: u8| {
        (
            format!("def f(x: int):\n    return x + {f}\n"),
            format!("def g(x: int):\n    return x * {g}\n"),
        )
    };
    let (a, b) = files(1, 2);
    let repository = Repository::new(&[
        ("a.py", &a),
        ("b.py", &b),
        ("tests/test_a.py", "def test_it():\n    assert \"a\"\n"),
        ("counterproof.toml", "[check]\n"),
    ]);
    let (a, b) = files(3, 4);
    repository.write(&[("a.py", &a), ("b.py", &b)]);
    scenario("side-by-side", &repository);
}

/// A server, and lines to and from it.
struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn new(repository: &Repository) -> Self {
        let mut child = repository
            .command(&["mcp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
        }
    }

    /// One that is past its greeting.
    fn greeted(repository: &Repository) -> Self {
        let mut server = Self::new(repository);
        let client = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
        let said = server.ask(0, "initialize", &client);
        assert_eq!(said["result"]["serverInfo"]["name"], "counterproof", "{said}");
        server.line(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        server
    }

    fn line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it is open");
        input.write_all(line.as_bytes()).expect("it listens");
        input.write_all(b"\n").expect("it listens");
    }

    /// The next thing that it says. Whatever stands on standard output is a message.
    fn heard(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.output.read_line(&mut line).expect("text") > 0, "it went away");
        let value: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(value["jsonrpc"], "2.0", "{value}");
        value
    }

    /// Sends a request.
    fn request(&mut self, id: u32, method: &str, params: &Value) {
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.line(&request.to_string());
    }

    /// Sends a request, and gives what is answered to it.
    fn ask(&mut self, id: u32, method: &str, params: &Value) -> Value {
        self.request(id, method, params);
        loop {
            let said = self.heard();
            if said["id"] == id {
                return said;
            }
        }
    }

    fn tool(&mut self, name: &str, arguments: &Value) -> Value {
        self.ask(7, "tools/call", &json!({"name": name, "arguments": arguments}))
    }

    /// What is wrong with a call, as an agent reads it.
    fn refused(&mut self, name: &str, arguments: &Value) -> String {
        let said = self.tool(name, arguments);
        assert_eq!(said["result"]["isError"], true, "{said}");
        said["result"]["content"][0]["text"]
            .as_str()
            .expect("a text")
            .to_owned()
    }

    /// Begins a check that does not end, and waits until it runs.
    fn endless(&mut self) {
        let params = json!({"name": "check_change", "arguments": {}, "_meta": {"progressToken": "t"}});
        self.request(8, "tools/call", &params);
        loop {
            let said = self.heard();
            assert_eq!(said["method"], "notifications/progress", "{said}");
            assert_eq!(said["params"]["progressToken"], "t");
            if said["params"]["message"]
                .as_str()
                .is_some_and(|text| text.contains("import"))
            {
                return;
            }
        }
    }

    /// Closes its input; gives its exit code, and what it said to the end.
    fn closed(mut self) -> (i32, String) {
        drop(self.input.take());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.output, &mut rest).expect("text");
        (self.child.wait().expect("it ends").code().unwrap_or(-1), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Command lines of processes of this repository's cache, but for the server itself.
fn left(repository: &Repository) -> Vec<String> {
    let mark = repository.cache().to_string_lossy().into_owned();
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    let of = |process: std::fs::DirEntry| {
        let read = |name: &str| std::fs::read(process.path().join(name)).unwrap_or_default();
        let words = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
        let environment = String::from_utf8_lossy(&read("environ")).into_owned();
        let is_server = words.trim_end().ends_with("counterproof mcp");
        (!is_server && (words.contains(&mark) || environment.contains(&mark))).then_some(words)
    };
    processes.filter_map(of).collect()
}

fn nothing_is_left(repository: &Repository) {
    let begun = Instant::now();
    loop {
        let left = left(repository);
        if left.is_empty() {
            return;
        }
        assert!(begun.elapsed() < LONG, "still there: {left:#?}");
        std::thread::yield_now();
    }
}

fn with_an_endless_change() -> Repository {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n"), ("counterproof.toml", PATIENT)]);
    repository.write(&[("a.py", ENDLESS)]);
    repository
}

#[test]
fn a_client_that_closes_its_end_in_the_middle_leaves_nothing_behind() {
    let repository = with_an_endless_change();
    let mut server = Server::greeted(&repository);
    server.endless();
    assert!(!left(&repository).is_empty());
    let (code, rest) = server.closed();
    assert_eq!(code, 0, "{rest}");
    for line in rest.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    nothing_is_left(&repository);
}

#[test]
fn a_server_that_is_killed_leaves_nothing_behind() {
    let repository = with_an_endless_change();
    let mut server = Server::greeted(&repository);
    server.endless();
    assert!(!left(&repository).is_empty());
    server.child.kill().expect("it is there");
    server.child.wait().expect("it ends");
    nothing_is_left(&repository);
}

#[test]
fn what_is_cancelled_is_not_answered_and_the_server_goes_on() {
    let repository = with_an_endless_change();
    let mut server = Server::greeted(&repository);
    server.endless();
    let cancelled =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 8, "reason": "enough"}});
    server.line(&cancelled.to_string());
    nothing_is_left(&repository);
    let said = server.tool("judge_action", &json!({"command": "ls"}));
    assert_eq!(said["result"]["structuredContent"]["decision"], "allow", "{said}");
    let (code, rest) = server.closed();
    assert_eq!(code, 0);
    assert!(!rest.contains("\"id\":8"), "{rest}");
}

#[test]
fn what_is_no_message_is_answered_and_nothing_breaks() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let mut server = Server::new(&repository);
    // Before any greeting, too.
    server.line("nonsense");
    assert_eq!(server.heard()["error"]["code"], -32_700);
    server.line("{\"jsonrpc\": \"2.0\", \"method\": \"notifications/initialized\"}");
    let said = server.ask(1, "tools/list", &json!({}));
    assert!(said["error"]["code"].is_i64(), "{said}");
    drop(server);
    let mut server = Server::greeted(&repository);
    for (line, code) in [
        ("{", -32_700),
        ("\u{0}", -32_700),
        ("[]", -32_600),
        ("[{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}]", -32_600),
        ("\"text\"", -32_600),
        ("{\"jsonrpc\": \"1.0\", \"id\": 1, \"method\": \"ping\"}", -32_600),
        ("{\"jsonrpc\": \"2.0\", \"id\": {}, \"method\": \"ping\"}", -32_600),
        ("{\"jsonrpc\": \"2.0\", \"id\": 1}", -32_600),
    ] {
        server.line(line);
        let said = server.heard();
        assert_eq!(said["error"]["code"], code, "{line}: {said}");
    }
    server.line(&"x".repeat(17 << 20));
    let said = server.heard();
    assert!(
        said["error"]["message"].as_str().expect("a text").contains("longer"),
        "{said}"
    );
    // Neither is answered.
    server.line("");
    server.line("{\"jsonrpc\": \"2.0\", \"method\": \"what/ever\"}");
    server.line("{\"jsonrpc\": \"2.0\", \"method\": \"notifications/cancelled\", \"params\": {\"requestId\": 99}}");
    let said = server.ask(2, "what/ever", &json!({}));
    assert_eq!(said["error"]["code"], -32_601, "{said}");
    for params in [
        json!({"name": 3}),
        json!({}),
        json!({"name": "judge_action", "arguments": 3}),
        json!({"name": "no_such"}),
    ] {
        let said = server.ask(3, "tools/call", &params);
        assert_eq!(said["error"]["code"], -32_602, "{params}: {said}");
    }
    let said = server.ask(4, "ping", &json!({}));
    assert_eq!(said["result"], json!({}), "{said}");
    assert_eq!(server.closed(), (0, String::new()));
}

#[test]
fn what_a_tool_cannot_do_is_told_with_what_mends_it() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let mut server = Server::greeted(&repository);
    for (tool, arguments, part) in [
        ("check_change", json!({"range": 3}), "invalid type"),
        ("check_change", json!({"no_sandbox": true}), "unknown field"),
        ("check_change", json!({"install": true}), "unknown field"),
        ("check_change", json!({"python": "/bin/sh"}), "unknown field"),
        ("check_change", json!({"paths": ["missing.py"]}), "matches no file"),
        ("check_change", json!({"range": "main"}), "is no range"),
        ("check_change", json!({"range": "main..--exec=x"}), "no revision"),
        ("check_change", json!({"base": "nowhere"}), "nowhere"),
        ("check_change", json!({"folder": "/"}), "no folder of the repository"),
        ("explain_finding", json!({"finding": "0123abcd"}), "no finding 0123abcd"),
        ("reproduce", json!({"finding": "0123abcd"}), "no finding 0123abcd"),
        ("reproduce", json!({"finding": "--no-sandbox"}), "no finding's id"),
        ("keep", json!({"finding": "0123abcd"}), "no finding 0123abcd"),
        ("keep", json!({"finding": "--all"}), "no finding's id"),
        ("keep", json!({}), "missing field"),
        ("gate_status", json!({"range": "--help"}), "is no range"),
        ("declare_intent", json!({}), "nothing is declared"),
        (
            "declare_intent",
            json!({"changes": [{"name": "two words", "says": "x"}]}),
            "says nothing of a change",
        ),
        ("judge_action", json!({}), "exactly one"),
        ("judge_action", json!({"command": "ls", "plan": ""}), "exactly one"),
        ("judge_action", json!({"command": "x".repeat(10 << 20)}), "at most"),
    ] {
        let why = server.refused(tool, &arguments);
        assert!(why.contains(part), "{tool} {part}: {why}");
    }
    // What is nested as deep as anybody likes takes the server with it in no form.
    for nested in ["$(".repeat(50_000), "(".repeat(100_000), "{ ".repeat(100_000)] {
        let said = server.tool("judge_action", &json!({"command": nested}));
        assert_ne!(said["result"]["structuredContent"]["decision"], "allow", "{said}");
    }
    // No server takes this one.
    let said = server.tool("judge_action", &json!({"query": "(".repeat(100_000)}));
    assert_eq!(said["result"]["isError"], false, "{said}");
    drop(server);
    let nowhere = Repository::bare_folder();
    let mut server = Server::greeted(&nowhere);
    for tool in ["check_change", "gate_status"] {
        let why = server.refused(tool, &json!({}));
        assert!(why.contains("repository"), "{why}");
    }
    assert_eq!(server.closed(), (0, String::new()));
}

#[test]
fn worktrees_are_looked_at_and_other_repositories_are_not() {
    let repository = Repository::new(&[
        ("a.py", "def f(x: int):\n    return x\n"),
        ("counterproof.toml", "[check]\n"),
    ]);
    repository.git(&["worktree", "add", "--quiet", "-b", "beside", "../beside"]);
    repository.write(&[("../beside/a.py", "def f(x: int):\n    return x + 1\n")]);
    repository.git(&["init", "--quiet", "inner"]);
    let mut server = Server::greeted(&repository);
    let said = server.tool("check_change", &json!({"folder": "../beside"}));
    assert_eq!(said["result"]["structuredContent"]["outcome"], "findings", "{said}");
    let id = said["result"]["structuredContent"]["findings"][0]["id"].clone();
    // Where it was found is remembered.
    let said = server.tool("explain_finding", &json!({"finding": id}));
    assert_eq!(said["result"]["isError"], false, "{said}");
    for tool in ["check_change", "gate_status", "keep", "reproduce"] {
        let mut arguments = json!({"folder": "inner"});
        if ["keep", "reproduce"].contains(&tool) {
            arguments["finding"] = id.clone();
        }
        let why = server.refused(tool, &arguments);
        assert!(why.contains("no folder of the repository"), "{why}");
    }
}

#[test]
fn a_long_session_judges_as_its_first_moment_did() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let mut server = Server::greeted(&repository);
    // More than one judgement has time for, in all.
    let long = format!("echo {}", "'a b c' ".repeat(20_000));
    for _ in 0..12 {
        server.tool("judge_action", &json!({"command": long}));
    }
    let said = server.tool("judge_action", &json!({"command": "ls; git status; make"}));
    assert_eq!(said["result"]["structuredContent"]["decision"], "allow", "{said}");
    let (code, _) = server.closed();
    assert_eq!(code, 0);
    assert!(!repository.state().exists());
}

#[test]
fn the_hook_lets_an_agent_ask_and_nothing_more() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let hook = |tool: &str, input: &Value| {
        let mut command = repository.command(&["hook", "before-tool", "claude-code"]);
        let event = json!({"cwd": repository.path(), "tool_name": tool, "tool_input": input});
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(event.to_string().as_bytes()).expect("it listens");
        drop(input);
        String::from_utf8_lossy(&child.wait_with_output().expect("it ends").stdout).into_owned()
    };
    let asked = json!({"action": {"command": "rm -rf /etc"}});
    assert_eq!(hook("mcp__counterproof__judge_action", &asked), "");
    // A name proves nothing of what a server does with a command.
    let run = json!({"command": "rm -rf /etc"});
    assert!(hook("mcp__counterproof__judge_action", &run).contains("deny"));
    for tool in ["check_change", "keep", "declare_intent"] {
        assert_eq!(
            hook(&format!("mcp__counterproof__{tool}"), &json!({"finding": "0123abcd"})),
            ""
        );
    }
}
