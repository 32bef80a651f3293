//! What a forge may answer that is no answer.

use std::time::Duration;

use counterproof_forge::{Error, GitHub, Options};

use crate::server::{Reply, Server, ok, reply};

const REVIEWS: &str = "GET /repos/a/b/pulls/1/reviews?per_page=100";

fn asked(server: &Server) -> Result<usize, Error> {
    let options = Options {
        timeout: Duration::from_millis(500),
        proxy: None,
    };
    let github = GitHub::with_options(&server.address, "secret", &options).expect("a forge");
    github.reviews("a/b", 1).map(|reviews| reviews.all.len())
}

fn told(answer: Reply) -> Error {
    let error = asked(&Server::start(&[(REVIEWS, answer)])).expect_err("no answer");
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    error
}

#[test]
fn a_redirect_within_the_origin_is_followed_and_one_elsewhere_never_gets_the_token() {
    let elsewhere = Server::start(&[]);
    let moved = Server::start(&[
        (
            REVIEWS,
            reply(301, "").with("Location", "[HERE]/repositories/7/pulls/1/reviews"),
        ),
        ("GET /repositories/7/pulls/1/reviews", ok("[]")),
    ]);
    assert!(matches!(asked(&moved), Ok(0)));
    let to = format!("{}/x", elsewhere.address);
    let error = told(reply(302, "").with("Location", &to));
    assert!(
        matches!(&error, Error::LeadsElsewhere { to: named, .. } if *named == to),
        "{error}"
    );
    let next = format!("<{to}>; rel=\"next\"");
    let error = told(ok("[]").with("Link", &next));
    assert!(matches!(error, Error::LeadsElsewhere { .. }), "{error}");
    assert!(elsewhere.lines().is_empty());
    let circle = told(reply(302, "").with("Location", "/repos/a/b/pulls/1/reviews?per_page=100"));
    assert!(matches!(circle, Error::LeadsElsewhere { .. }), "{circle}");
}

#[test]
fn refusals_name_the_right_that_the_token_needs() {
    for (status, says) in [
        (401, "the token is not known there, or has expired"),
        (403, "the token may not do this"),
        (404, "either it does not exist, or the token may not see it"),
    ] {
        let error = told(reply(status, r#"{"message": "Bad\ncredentials"}"#)).to_string();
        assert!(
            error.contains(says) && error.contains("`pull-requests: read`"),
            "{error}"
        );
        assert!(error.contains(": Bad credentials;"), "{error}");
    }
}

#[test]
fn too_many_requests_say_when_it_may_be_tried_again() {
    let spent = reply(403, "{}")
        .with("X-RateLimit-Remaining", "0")
        .with("X-RateLimit-Reset", "1795860000");
    let error = told(spent);
    assert!(matches!(error, Error::RateLimited { until: Some(_), .. }), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("too many requests; again at 2026-11-28T10:00:00Z"),
        "{error}"
    );
    let secondary = told(reply(429, "").with("Retry-After", "60")).to_string();
    assert!(secondary.ends_with("too many requests; again in 60 s"), "{secondary}");
}

#[test]
fn what_is_broken_slow_or_too_long_is_an_error() {
    let error = told(reply(500, "<html>oops</html>"));
    assert!(matches!(error, Error::Status { status: 500, .. }), "{error}");
    let slow = Reply {
        after: Duration::from_secs(3),
        ..ok("[]")
    };
    assert!(told(slow).to_string().ends_with("no answer in time"));
    let long = format!("[\"{}\"]", "x".repeat(9 << 20));
    assert!(matches!(told(ok(&long)), Error::TooLong { .. }));
    let endless = ok("[]").with("Link", "</repos/a/b/pulls/1/reviews?per_page=100>; rel=\"next\"");
    assert!(matches!(told(endless), Error::TooLong { .. }));
    let github = GitHub::new("http://127.0.0.1:1", "secret").expect("a forge");
    assert!(matches!(github.reviews("a/b", 1), Err(Error::NoAnswer { .. })));
}
