//! What must hold of any line.

use counterproof_guard::{Decision, NoFiles, Surroundings, command};
use proptest::prelude::*;

fn decide(line: &str) -> Decision {
    command(line, &Surroundings::bare("/code/shop", &NoFiles)).decision
}

/// Lines that are denied, as they stand.
fn denied() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "rm -rf /",
        "rm -rf ~/.ssh",
        "sudo rm -rf /etc",
        "git push --force origin main",
        "psql -h prod-db -c 'DROP TABLE users'",
        "kubectl delete ns production",
        "terraform -chdir=envs/prod destroy",
        "mkfs.ext4 /dev/sda1",
        "aws --profile prod rds delete-db-instance --db-instance-identifier db",
        "gh repo delete a/b",
        "x=/etc; rm -rf $x",
    ])
    .prop_map(str::to_owned)
}

fn quoted(line: &str) -> String {
    format!("'{}'", line.replace('\'', "'\\''"))
}

/// One way of running the same in something else.
fn wrapped(line: &str, way: u8) -> String {
    match way % 24 {
        0 => format!("sh -c {}", quoted(line)),
        1 => format!("bash -lc {}", quoted(line)),
        2 => format!("eval {}", quoted(line)),
        3 => format!("({line})"),
        4 => format!("{{ {line}; }}"),
        5 => format!("true && {line}"),
        6 => format!("false || {line}"),
        7 => format!("ls | {line}"),
        8 => format!("{line} | cat"),
        9 => format!("if true; then {line}; fi"),
        10 => format!("for i in 1 2; do {line}; done"),
        // Without the blanks it may be arithmetic, which runs nothing.
        11 => format!("echo \"$( {line} )\""),
        12 => format!("f() {{ {line}; }}; f"),
        13 => format!("{line} &"),
        14 => format!("echo {} | sh", quoted(line)),
        15 => format!("bash <<'END'\n{line}\nEND"),
        16 => format!("sudo sh -c {}", quoted(line)),
        17 => format!("env A=1 sh -c {}", quoted(line)),
        18 => format!("nohup sh -c {} > out.log 2>&1", quoted(line)),
        19 => format!("xargs -I{{}} sh -c {} < list", quoted(line)),
        20 => format!("find . -maxdepth 0 -exec sh -c {} \\;", quoted(line)),
        21 => format!("timeout 5 bash -c {}", quoted(line)),
        22 => format!("case x in x) {line};; esac"),
        _ => format!("ls # nothing\n{line}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn what_is_denied_stays_so_however_it_is_wrapped(line in denied(), ways in prop::collection::vec(any::<u8>(), 0..4)) {
        prop_assert_eq!(decide(&line), Decision::Deny);
        let mut whole = line;
        for way in ways {
            whole = wrapped(&whole, way);
            prop_assert_ne!(decide(&whole), Decision::Allow, "{}", whole);
        }
    }

    #[test]
    fn no_line_makes_it_panic_or_hang(line in "[-a-z /$(){}<>|&;'\"`\\\\*~=!#\n0-9]{0,120}") {
        decide(&line);
    }

    #[test]
    fn nothing_makes_it_panic(line in any::<String>()) {
        decide(&line);
    }

    #[test]
    fn pieces_of_lines_in_any_order_are_judged(pieces in prop::collection::vec(prop::sample::select(vec![
        "rm -rf ", "/", "$(", ")", "\"", "'", "${x:-", "}", "<<EOF\n", "EOF\n", "| sh", "if ", "then ", "fi", "do ", "done", "case ", "in ", "esac", "((", "))", "`", "\\\n", "f() {", "; ",
        "&& ", "find . -exec ", " \\;", "xargs ", "python -c ", "{a,b}", "{1..9}", "psql -c ", "DROP TABLE x", "sudo ", "env A=1 ", "[[ ", "]]", "=(", "~", "*", "2>&1", "> ", "<(", "git push ", "--force ", "é", "\u{0}",
    ]), 0..40)) {
        decide(&pieces.concat());
    }
}

#[test]
fn what_there_was_no_time_for_is_asked_about() {
    let place = Surroundings {
        is_late: Some(&|| true),
        ..Surroundings::bare("/code/shop", &NoFiles)
    };
    assert_eq!(command(&"ls\n".repeat(100), &place).decision, Decision::Ask);
    assert_eq!(command("rm -rf /\nls\nls", &place).decision, Decision::Deny);
}

#[test]
fn what_is_too_long_or_too_deep_is_asked_about() {
    let place = Surroundings::bare("/code/shop", &NoFiles);
    for line in [
        "x".repeat(10 << 20),
        format!("echo {}", "\"$(".repeat(10_000)),
        "(".repeat(10_000),
        "((".repeat(10_000),
        "$((".repeat(5_000),
        "`".repeat(10_001),
        "{a,".repeat(10_000),
        "${x:-".repeat(10_000),
        format!("{} rm -rf /", "sudo ".repeat(10_000)),
        "if true; then ".repeat(5_000),
        "a() { ".repeat(5_000),
    ] {
        let judged = command(&line, &place);
        assert_ne!(judged.decision, Decision::Allow, "{}…", &line[..40.min(line.len())]);
    }
    // Long data is data.
    let text = format!("cat > a.txt <<'EOF'\n{}\nEOF", "rm -rf / \n".repeat(10_000));
    assert_eq!(command(&text, &place).decision, Decision::Allow);
    let braces = format!("echo {}", "{1,2}".repeat(40));
    assert!(command(&braces, &place).decision <= Decision::Ask);
}

#[test]
fn files_of_sql_that_read_one_another_come_to_an_end() {
    struct Same;
    impl counterproof_guard::Files for Same {
        fn read(&self, path: &str) -> Option<String> {
            let more = "\\i a.sql\n\\i b.sql\n".repeat(200);
            path.ends_with(".sql").then(|| format!("{more}DROP TABLE users;"))
        }
    }
    let place = Surroundings::bare("/code/shop", &Same);
    assert_eq!(command("psql -h prod-db -f c.sql", &place).decision, Decision::Deny);
}

#[test]
fn many_here_documents_and_many_effects_take_no_long_time() {
    let started = std::time::Instant::now();
    for line in [
        "a <<E; ".repeat(10_000),
        format!("cat {}\n{}", "<<E ".repeat(10_000), "a\nE\n".repeat(9_000)),
    ] {
        decide(&line);
    }
    let names: Vec<String> = (0..10_000).map(|at| format!("a{at}")).collect();
    assert_eq!(decide(&format!("rm -rf {}", names.join(" "))), Decision::Ask);
    assert_eq!(decide(&format!("rm -rf {} /etc", names.join(" "))), Decision::Deny);
    // It took minutes. What is measured is no figure, so the bound is far.
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
