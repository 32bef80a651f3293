//! Reviews on a forge count as approvals, and the verdict goes back there. The forge is a server of ours on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::support::{Repository, said};

const CART: &str = "def days(items):\n    if not items:\n        return 0\n    return len(items) + 1\n";
const POLICY: &str = "[[person]]\nid = \"ada\"\naddresses = [\"test@example.invalid\"]\ngithub = \"ada-l\"\n\
    [[person]]\nid = \"bob\"\ngithub = \"bob-b\"\n\
    [[service]]\nname = \"cart\"\npaths = [\"/cart.py\"]\ntier = 2\n\
    [[rule]]\nname = \"review\"\nkind = \"two-person-review\"\nreviewers = 1\n";

/// What it was asked: method, path, body.
type Asked = Arc<Mutex<Vec<(String, String, String)>>>;

/// A forge that has these reviews; what is written to it is kept.
fn forge(reviews: String) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.expect("a connection"), &reviews, &kept);
        }
    });
    (address, asked)
}

fn answer(mut stream: TcpStream, reviews: &str, asked: &Asked) {
    let mut reader = BufReader::new(stream.try_clone().expect("a handle"));
    let mut line = String::new();
    let mut length = 0;
    let mut first = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if first.is_empty() {
            first.clone_from(&line);
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (status, text) = match (method.as_str(), path.split('?').next().unwrap_or_default()) {
        ("GET", "/repos/shop/cart/pulls/7/reviews") => (200, reviews.to_owned()),
        // Pull requests are led to another branch where a reviewer says so.
        ("GET", "/repos/shop/cart/issues/7/events") if reviews.contains("retargeted") => (
            200,
            "[{\"event\": \"base_ref_changed\", \"created_at\": \"2026-11-02T10:00:00Z\"}]".to_owned(),
        ),
        ("GET", "/repos/shop/cart/issues/7/events") => (200, "[]".to_owned()),
        ("GET", "/user") => (200, "{\"login\": \"counterproof-bot\"}".to_owned()),
        ("GET", "/repos/shop/cart/issues/7/comments") => (200, "[]".to_owned()),
        ("POST", _) => (201, "{\"id\": 1, \"html_url\": \"https://forge.example/1\"}".to_owned()),
        _ => (404, "{}".to_owned()),
    };
    asked
        .lock()
        .expect("a list")
        .push((method, path, String::from_utf8_lossy(&body).into_owned()));
    let _ = write!(
        stream,
        "HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
}

fn review(id: u32, login: &str, kind: &str, state: &str, commit: &str) -> String {
    format!(
        "{{\"id\": {id}, \"user\": {{\"login\": \"{login}\", \"type\": \"{kind}\"}}, \"state\": \"{state}\", \
         \"html_url\": \"https://forge.example/review/{id}\", \"submitted_at\": \"2026-11-01T10:00:00Z\", \"commit_id\": \"{commit}\"}}"
    )
}

fn branched() -> (Repository, String) {
    let repository = Repository::new(&[("cart.py", CART), ("counterproof.toml", POLICY)]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("cart.py", &CART.replace("len(items) + 1", "1 + len(items)"))]);
    repository.commit("A change");
    let head = repository.git(&["rev-parse", "HEAD"]).trim().to_owned();
    (repository, head)
}

fn gate(repository: &Repository, address: &str, token: bool, more: &[&str]) -> (i32, String) {
    let args = ["gate", "merge", "main..feature", "--pull-request", "github:shop/cart#7"];
    let mut command = repository.command(&[&args[..], more].concat());
    command.env("GITHUB_API_URL", address);
    if token {
        command.env("COUNTERPROOF_GITHUB_TOKEN", "secret");
    }
    said(command)
}

#[test]
fn reviews_count_where_a_token_is_given_and_the_verdict_goes_back() {
    let (repository, head) = branched();
    let reviews = format!("[{}]", review(1, "bob-b", "User", "APPROVED", &head));
    let (address, asked) = forge(reviews);
    let (exit, text) = gate(&repository, &address, false, &[]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("reviews of github:shop/cart#7 were not read"), "{text}");
    assert_eq!(asked.lock().expect("a list").len(), 0);
    let (exit, text) = gate(&repository, &address, true, &["--post"]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("✓ review: reviewed by bob"), "{text}");
    let asked = asked.lock().expect("a list");
    let written: Vec<&str> = asked
        .iter()
        .filter(|(method, ..)| method == "POST")
        .map(|(_, path, _)| path.as_str())
        .collect();
    assert_eq!(
        written,
        ["/repos/shop/cart/issues/7/comments", "/repos/shop/cart/check-runs"]
    );
    let check = &asked
        .iter()
        .find(|(_, path, _)| path.ends_with("check-runs"))
        .expect("a check")
        .2;
    assert!(
        check.contains("\"conclusion\":\"success\"") && check.contains(&head),
        "{check}"
    );
}

#[test]
fn a_review_of_what_it_would_do_to_another_branch_does_not_count() {
    let (repository, head) = branched();
    let review = review(1, "bob-b", "User", "APPROVED", &head).replace("{\"id\"", "{\"retargeted\": true, \"id\"");
    let (address, _) = forge(format!("[{review}]"));
    let (exit, text) = gate(&repository, &address, true, &[]);
    assert_eq!(exit, 4, "{text}");
    assert!(
        text.contains("stale, the pull request was led to another branch since"),
        "{text}"
    );
}

#[test]
fn what_is_no_review_of_this_by_a_person_does_not_count() {
    let (repository, head) = branched();
    repository.write(&[("cart.py", &CART.replace("len(items) + 1", "2 + len(items)"))]);
    repository.commit("Another push");
    let now = repository.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let reviews = [
        review(1, "bob-b", "User", "APPROVED", &head),
        review(2, "ada-l", "User", "APPROVED", &now),
        review(3, "checker", "Bot", "APPROVED", &now),
        review(4, "eve", "User", "APPROVED", &now),
        review(5, "carol", "User", "CHANGES_REQUESTED", &now),
    ];
    let (address, _) = forge(format!("[{}]", reviews.join(",")));
    let (exit, text) = gate(&repository, &address, true, &[]);
    assert_eq!(exit, 1, "{text}");
    for says in [
        "that of bob (GitHub review 1): stale, a later push changed cart.py::days",
        "that of ada (GitHub review 2): the author is no reviewer",
        "a program can approve nothing",
        "that of github:eve (GitHub review 4): the policy does not know them",
        "carol asks for changes: https://forge.example/review/5",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
    // A forge that does not answer approves nothing.
    let (exit, text) = gate(&repository, "http://127.0.0.1:9", true, &[]);
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("reviews on GitHub could not be read"), "{text}");
}
