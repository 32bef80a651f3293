//! Reviews, notes and statuses on GitLab.

use counterproof_forge::{AccountKind, CommitState, GitLab, Posted, ReviewState, Reviews};

use crate::server::{Reply, Server, ok, reply};

const REQUEST: &str = include_str!("../fixtures/gitlab-merge-request.json");
const APPROVALS: &str = include_str!("../fixtures/gitlab-approvals.json");
const VERSIONS: &str = include_str!("../fixtures/gitlab-versions.json");
const FIRST: &str = include_str!("../fixtures/gitlab-notes-1.json");
const SECOND: &str = include_str!("../fixtures/gitlab-notes-2.json");
const NEW: &str = "33e2ee8579fda5bc36accc9c6fbd0b4fefda9e30";
const OLD: &str = "3eed087b29835c48015768f839d76e5ea8f07a24";
const PATH: &str = "/projects/shop%2Fcart/merge_requests/9";

fn table() -> Vec<(String, Reply)> {
    let notes = format!("GET {PATH}/notes?sort=asc&order_by=created_at&per_page=100");
    let next = format!("<[HERE]{PATH}/notes?page=2>; rel=\"next\"");
    let mut table = vec![
        (format!("GET {PATH}"), ok(REQUEST)),
        (format!("GET {PATH}/approvals"), ok(APPROVALS)),
        (format!("GET {PATH}/versions?per_page=100"), ok(VERSIONS)),
        (notes, ok(FIRST).with("Link", &next)),
        (format!("GET {PATH}/notes?page=2"), ok(SECOND)),
        (
            "GET /user".to_owned(),
            ok(r#"{"id": 6, "username": "project_4_bot_1a2b", "bot": true}"#),
        ),
    ];
    for (user, bot) in [(1, "false"), (2, "false"), (3, "false"), (6, "true"), (7, "false")] {
        table.push((
            format!("GET /users/{user}"),
            ok(&format!(r#"{{"id": {user}, "bot": {bot}}}"#)),
        ));
    }
    table
}

fn started(table: &[(String, Reply)]) -> (Server, GitLab) {
    let table: Vec<(&str, Reply)> = table
        .iter()
        .map(|(line, reply)| (line.as_str(), reply.clone()))
        .collect();
    let server = Server::start(&table);
    let gitlab = GitLab::new(&server.address, "secret").expect("a forge");
    (server, gitlab)
}

fn told(reviews: &Reviews) -> Vec<(&str, AccountKind, ReviewState, Option<&str>)> {
    let told = |review: &'_ counterproof_forge::Review| (review.account_kind, review.state);
    let counting = reviews.counting().into_iter();
    counting
        .map(|review| {
            (
                review.login.as_str(),
                told(review).0,
                told(review).1,
                review.commit.as_deref(),
            )
        })
        .collect()
}

#[test]
fn an_approval_is_over_the_version_that_was_the_newest_then() {
    let (server, gitlab) = started(&table());
    let reviews = gitlab.reviews("shop/cart", 9).expect("reviews");
    assert_eq!(
        told(&reviews),
        [
            ("ada", AccountKind::User, ReviewState::Approved, Some(OLD)),
            ("carol", AccountKind::User, ReviewState::Approved, Some(NEW)),
            ("project_4_bot_1a2b", AccountKind::Bot, ReviewState::Approved, Some(NEW)),
            ("gina", AccountKind::User, ReviewState::ChangesRequested, Some(NEW)),
        ]
    );
    // What Frank wrote looks like the system's note and is none.
    assert_eq!(
        reviews.notes,
        ["frank is among those who approve on GitLab, and no note tells since when: it does not count"]
    );
    assert_eq!(
        reviews.all[0].url,
        "https://gitlab.example/shop/cart/-/merge_requests/9#note_300"
    );
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.headers["private-token"] == "secret")
    );
}

#[test]
fn when_it_was_led_to_another_branch_is_told() {
    let reviews = started(&table()).1.reviews("shop/cart", 9).expect("reviews");
    assert_eq!(reviews.retargeted, None);
    for text in [
        "changed target branch from `main` to `release`",
        "deleted the `base` branch. This merge request now targets the `main` branch",
    ] {
        let mut table = table();
        let note = format!(
            r#"[{{"id": 990, "system": true, "body": "{text}", "created_at": "2026-11-18T19:00:00Z",
                "author": {{"id": 1, "username": "ada"}}}}]"#
        );
        table[4].1 = ok(&note);
        let reviews = started(&table).1.reviews("shop/cart", 9).expect("reviews");
        assert_eq!(
            reviews.retargeted,
            Some("2026-11-18T19:00:00Z".parse().expect("a time")),
            "{text}"
        );
        table[4].1 = ok(&note.replace("true", "false"));
        let reviews = started(&table).1.reviews("shop/cart", 9).expect("reviews");
        assert_eq!(reviews.retargeted, None, "a person wrote it");
    }
}

#[test]
fn what_gitlab_reset_counts_no_more_though_its_note_is_there() {
    let mut table = table();
    table[1].1 = ok(&APPROVALS.replace("\"id\": 1,", "\"id\": 11,"));
    let reviews = started(&table).1.reviews("shop/cart", 9).expect("reviews");
    assert!(!told(&reviews).iter().any(|(login, ..)| *login == "ada"), "{reviews:?}");
}

#[test]
fn an_account_of_which_nothing_is_told_is_taken_for_a_program() {
    let mut table = table();
    table.retain(|(line, _)| line != "GET /users/3");
    let reviews = started(&table).1.reviews("shop/cart", 9).expect("reviews");
    let carol = reviews
        .all
        .iter()
        .find(|review| review.login == "carol")
        .expect("a review");
    assert_eq!(carol.account_kind, AccountKind::Bot);
    assert!(reviews.notes[0].starts_with("GitLab does not tell whether carol is a person"));
}

#[test]
fn a_version_without_its_head_is_an_error_that_names_it() {
    let mut table = table();
    table[2].1 = ok(&VERSIONS.replace("\"head_commit_sha\"", "\"head\""));
    let error = started(&table)
        .1
        .reviews("shop/cart", 9)
        .expect_err("another form")
        .to_string();
    assert!(error.contains("[0].head_commit_sha is missing"), "{error}");
}

#[test]
fn one_note_is_kept_up_to_date() {
    let mut table = table();
    table.push((format!("PUT {PATH}/notes/315"), ok("{}")));
    let (server, gitlab) = started(&table);
    let posted = gitlab.comment("shop/cart", 9, "<!-- mark -->", "pass").expect("a note");
    let url = "https://gitlab.example/shop/cart/-/merge_requests/9#note_315".to_owned();
    assert_eq!(posted, Posted::Updated(url.clone()));
    assert_eq!(
        server.asked().last().expect("a request").json()["body"],
        "<!-- mark -->\npass"
    );
    let again = gitlab.comment("shop/cart", 9, "<!-- mark -->", "hold").expect("a note");
    assert_eq!(again, Posted::Unchanged(url));
    table[5].1 = ok(r#"{"id": 99}"#);
    table.push((format!("POST {PATH}/notes"), reply(201, r#"{"id": 400}"#)));
    let posted = started(&table)
        .1
        .comment("shop/cart", 9, "<!-- mark -->", "hold")
        .expect("a note");
    assert!(matches!(posted, Posted::Created(url) if url.ends_with("#note_400")));
}

#[test]
fn a_commit_has_its_status() {
    let line = format!("POST /projects/4/statuses/{NEW}");
    let (server, gitlab) = started(&[(line, reply(201, "{}"))]);
    gitlab
        .commit_status("4", NEW, "gate", CommitState::Failed, "hold: 1 more reviewer")
        .expect("a status");
    let body = server.asked()[0].json();
    assert_eq!((&body["state"], &body["name"]), (&"failed".into(), &"gate".into()));
    let error = gitlab
        .commit_status("4", OLD, "gate", CommitState::Success, "")
        .expect_err("refused");
    assert!(error.to_string().contains("scope `api`, and Developer"), "{error}");
}
