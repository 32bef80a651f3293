//! Reviews, comments and checks on GitHub.

use counterproof_forge::{AccountKind, Annotation, AnnotationLevel, Conclusion, GitHub, Posted, ReviewState};

use crate::server::{Server, ok, reply};

const FIRST: &str = include_str!("../fixtures/github-reviews-1.json");
const SECOND: &str = include_str!("../fixtures/github-reviews-2.json");
const COMMENTS: &str = include_str!("../fixtures/github-comments.json");
const NEW: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";
const OLD: &str = "ecdd80bb57125d7ba9641ffaa4d7d2c19d3f3091";
const REVIEWS: &str = "GET /repos/shop/cart/pulls/12/reviews?per_page=100";
const EVENTS: &str = "GET /repos/shop/cart/issues/12/events?per_page=100";
const LIST: &str = "GET /repos/shop/cart/issues/12/comments?per_page=100";

fn github(server: &Server) -> GitHub {
    GitHub::new(&server.address, "secret").expect("a forge")
}

#[test]
fn reviews_of_all_pages_are_read_and_the_last_word_of_each_counts() {
    let next = "<[HERE]/repos/shop/cart/pulls/12/reviews?per_page=100&page=2>; rel=\"next\"";
    let server = Server::start(&[
        (REVIEWS, ok(FIRST).with("Link", next)),
        ("GET /repos/shop/cart/pulls/12/reviews?per_page=100&page=2", ok(SECOND)),
        (EVENTS, ok("[]")),
    ]);
    let reviews = github(&server).reviews("shop/cart", 12).expect("reviews");
    assert_eq!(reviews.all.len(), 6, "{reviews:?}");
    assert_eq!(reviews.notes, ["GitHub review 83 does not count: its account is gone"]);
    let told: Vec<_> = reviews
        .approvals()
        .into_iter()
        .map(|review| (review.login.as_str(), review.account_kind, review.commit.as_deref()))
        .collect();
    // Ada's is over an older commit; Bob approved after he had asked for changes; Carol's was dismissed.
    assert_eq!(
        told,
        [
            ("ada", AccountKind::User, Some(OLD)),
            ("bob", AccountKind::User, Some(NEW)),
            ("reviewer[bot]", AccountKind::App, Some(NEW)),
        ]
    );
    assert!(reviews.all.iter().any(|review| review.state == ReviewState::Commented));
    let asked = server.asked();
    assert!(
        asked
            .iter()
            .all(|asked| asked.headers["authorization"] == "Bearer secret")
    );
    assert!(
        asked
            .iter()
            .all(|asked| asked.headers["x-github-api-version"] == "2022-11-28")
    );
}

#[test]
fn when_it_was_led_to_another_branch_is_told() {
    let events = r#"[
        {"event": "base_ref_changed", "created_at": "2026-11-17T19:00:00Z"},
        {"event": "automatic_base_change_succeeded", "created_at": "2026-11-18T19:00:00Z"},
        {"event": "labeled", "created_at": "2026-11-19T19:00:00Z"}
    ]"#;
    let server = Server::start(&[(REVIEWS, ok(FIRST)), (EVENTS, ok(events))]);
    let reviews = github(&server).reviews("shop/cart", 12).expect("reviews");
    assert_eq!(
        reviews.retargeted,
        Some("2026-11-18T19:00:00Z".parse().expect("a time"))
    );
    // Where that is not told, no review counts.
    let server = Server::start(&[(REVIEWS, ok(FIRST)), (EVENTS, reply(403, "{}"))]);
    assert!(github(&server).reviews("shop/cart", 12).is_err());
}

#[test]
fn an_answer_of_another_form_names_the_field() {
    for (body, says) in [
        (FIRST.replace("\"login\": \"bob\", ", ""), "[1].user.login is missing"),
        (
            FIRST.replace("2026-11-17T18:00:00Z", "yesterday"),
            "[1].submitted_at is no time",
        ),
        (
            FIRST.replace("\"commit_id\": \"ecdd", "\"commit_id\": \"main"),
            "[0].commit_id is no id of a commit",
        ),
        ("{}".to_owned(), "it is no list"),
        ("<html>".to_owned(), "it is no JSON"),
    ] {
        let server = Server::start(&[(REVIEWS, ok(&body))]);
        let error = github(&server)
            .reviews("shop/cart", 12)
            .expect_err("another form")
            .to_string();
        assert!(error.contains(says), "{says}: {error}");
    }
}

#[test]
fn the_comment_of_this_account_is_kept_up_to_date_and_no_other_one() {
    let server = Server::start(&[
        ("GET /user", ok(r#"{"login": "Counter", "id": 7}"#)),
        (LIST, ok(COMMENTS)),
        ("PATCH /repos/shop/cart/issues/comments/3", ok("{}")),
    ]);
    let posted = github(&server)
        .comment("shop/cart", 12, "<!-- mark -->", "pass")
        .expect("a comment");
    let url = "https://github.example/shop/cart/pull/12#issuecomment-3".to_owned();
    assert_eq!(posted, Posted::Updated(url.clone()));
    assert_eq!(server.asked()[2].json()["body"], "<!-- mark -->\npass");
    let posted = github(&server).comment("shop/cart", 12, "<!-- mark -->", "<!-- mark -->\nhold\n");
    assert_eq!(posted.expect("a comment"), Posted::Unchanged(url));
    assert_eq!(server.lines().len(), 5, "{:?}", server.lines());
}

#[test]
fn a_job_s_token_that_may_not_ask_who_it_is_leaves_the_comments_of_others() {
    let integration = r#"{"message": "Resource not accessible by integration"}"#;
    let made = r#"{"id": 5, "html_url": "https://github.example/shop/cart/pull/12#issuecomment-5"}"#;
    let server = Server::start(&[
        ("GET /user", reply(403, integration)),
        (LIST, ok(COMMENTS)),
        ("PATCH /repos/shop/cart/issues/comments/4", reply(403, integration)),
        ("POST /repos/shop/cart/issues/12/comments", reply(201, made)),
    ]);
    let posted = github(&server)
        .comment("shop/cart", 12, "<!-- mark -->", "pass")
        .expect("a comment");
    assert!(matches!(posted, Posted::Created(url) if url.ends_with("issuecomment-5")));
    assert_eq!(
        server.lines()[2..],
        [
            "PATCH /repos/shop/cart/issues/comments/4",
            "POST /repos/shop/cart/issues/12/comments"
        ]
    );
}

#[test]
fn a_check_has_its_annotations_in_steps_of_fifty() {
    let made = r#"{"id": 4, "html_url": "https://github.example/shop/cart/runs/4"}"#;
    let server = Server::start(&[
        ("POST /repos/shop/cart/check-runs", reply(201, made)),
        ("PATCH /repos/shop/cart/check-runs/4", ok("{}")),
    ]);
    let annotation = |line: u32| Annotation {
        path: "cart.py".to_owned(),
        start_line: line,
        end_line: line,
        level: AnnotationLevel::Failure,
        title: "NEW CRASH".to_owned(),
        message: "was 5, now raises".to_owned(),
    };
    let annotations: Vec<Annotation> = (1..=101).map(annotation).collect();
    let conclusion = Conclusion::ActionRequired;
    let url = github(&server).check_run("shop/cart", NEW, "gate", conclusion, "hold", "why", &annotations);
    assert_eq!(url.expect("a check"), "https://github.example/shop/cart/runs/4");
    let asked = server.asked();
    let counts = asked
        .iter()
        .map(|asked| asked.json()["output"]["annotations"].as_array().map(Vec::len));
    assert_eq!(counts.collect::<Vec<_>>(), [Some(50), Some(50), Some(1)]);
    let first = asked[0].json();
    assert_eq!(
        (
            &first["name"],
            &first["head_sha"],
            &first["status"],
            &first["conclusion"]
        ),
        (
            &"gate".into(),
            &NEW.into(),
            &"completed".into(),
            &"action_required".into()
        )
    );
    assert_eq!(first["output"]["annotations"][0]["annotation_level"], "failure");
    assert_eq!(first["output"]["annotations"][0]["start_line"], 1);
}

#[test]
fn what_is_no_repository_and_no_commit_is_not_asked_for() {
    let server = Server::start(&[]);
    for repository in ["cart", "shop/cart/../../user", "shop/..", "shop/cart?x"] {
        let error = github(&server)
            .reviews(repository, 1)
            .expect_err("no repository")
            .to_string();
        assert!(error.contains("write OWNER/NAME"), "{error}");
    }
    let check = github(&server).check_run("shop/cart", "main", "gate", Conclusion::Success, "", "", &[]);
    assert!(
        check
            .expect_err("no commit")
            .to_string()
            .contains("no whole id of a commit")
    );
    assert!(server.lines().is_empty());
}
