//! GitHub's REST API, version 2022-11-28.
//!
//! Source: <https://docs.github.com/en/rest/pulls/reviews>, `/rest/issues/comments`, `/rest/issues/events`, `/rest/checks/runs`.

use jiff::Timestamp;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::http::{Client, Dialect, Options, cut};
use crate::json::{Field, is_commit};
use crate::review::{AccountKind, Forge, Review, ReviewState, Reviews};
use crate::{Error, Posted};

/// Characters of a comment, and of a check's summary.
const LONGEST: usize = 65_000;
/// Events that tell of another branch to merge into.
const RETARGETS: [&str; 2] = ["base_ref_changed", "automatic_base_change_succeeded"];
/// Annotations of one request.
const ANNOTATIONS: usize = 50;

const READS: &str =
    "read pull requests (a fine-grained token or a job's: `pull-requests: read`; a classic one: `repo`)";
const COMMENTS: &str =
    "write comments (a fine-grained token or a job's: `pull-requests: write`; a classic one: `repo`)";
const CHECKS: &str = "write checks (the token of a job or of an app with `checks: write`; a person's token never may)";

/// GitHub, or an Enterprise Server of it, as the owner of a token sees it.
pub struct GitHub {
    client: Client,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// It may go on.
    Success,
    /// It may not.
    Failure,
    /// Neither: nothing is required of it.
    Neutral,
    /// Somebody has to give something first.
    ActionRequired,
}

impl Conclusion {
    fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Neutral => "neutral",
            Self::ActionRequired => "action_required",
        }
    }
}

/// How grave an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnotationLevel {
    /// To be known.
    Notice,
    /// Something is missing.
    Warning,
    /// Something is wrong.
    Failure,
}

/// A word beside lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Path of the file from the top of the repository.
    pub path: String,
    /// First line, counted from 1.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
    /// How grave it is.
    pub level: AnnotationLevel,
    /// Its first line.
    pub title: String,
    /// What it says.
    pub message: String,
}

impl Annotation {
    fn value(&self) -> Value {
        let level = match self.level {
            AnnotationLevel::Notice => "notice",
            AnnotationLevel::Warning => "warning",
            AnnotationLevel::Failure => "failure",
        };
        json!({
            "path": self.path, "start_line": self.start_line, "end_line": self.end_line, "annotation_level": level,
            "title": cut(&self.title, 255), "message": cut(&self.message, LONGEST),
        })
    }
}

impl GitHub {
    /// GitHub at the address of its API, `https://api.github.com` or `https://HOST/api/v3`, with a token.
    ///
    /// # Errors
    /// When the address is none, the token is none, or it would travel readable.
    pub fn new(base_url: &str, token: &str) -> Result<Self, Error> {
        Self::with_options(base_url, token, &Options::default())
    }

    /// As [`GitHub::new`], with how it is talked to.
    ///
    /// # Errors
    /// As [`GitHub::new`], and when the proxy is none.
    pub fn with_options(base_url: &str, token: &str, options: &Options) -> Result<Self, Error> {
        let dialect = Dialect {
            headers: &[
                ("Accept", "application/vnd.github+json"),
                ("X-GitHub-Api-Version", "2022-11-28"),
            ],
            authorization: ("Authorization", "Bearer "),
        };
        let client = Client::new(base_url, token, dialect, options)?;
        Ok(Self { client })
    }

    /// All reviews of a pull request of `repository` (`owner/name`). Those that were not handed in yet are left out.
    ///
    /// # Errors
    /// When there is no answer, the token may not read it, or the answer is not understood.
    pub fn reviews(&self, repository: &str, number: u64) -> Result<Reviews, Error> {
        let path = format!("/repos/{}/pulls/{number}/reviews", checked(repository)?);
        let mut reviews = Reviews::default();
        for page in self.client.pages(&path, READS)? {
            for item in Field::whole(&page.url, &page.value).items()? {
                match review(&item)? {
                    Given::Review(review) => reviews.all.push(review),
                    Given::Pending => {}
                    Given::Nobodys(id) => reviews
                        .notes
                        .push(format!("GitHub review {id} does not count: its account is gone")),
                }
            }
        }
        reviews.all.sort_by_key(|review| review.time);
        if !reviews.approvals().is_empty() {
            reviews.retargeted = self.retargeted(repository, number)?;
        }
        Ok(reviews)
    }

    /// When a pull request was last led to another branch, by a person or because its branch is gone.
    fn retargeted(&self, repository: &str, number: u64) -> Result<Option<Timestamp>, Error> {
        let mut last = None;
        let path = format!("/repos/{repository}/issues/{number}/events");
        for page in self.client.pages(&path, READS)? {
            for item in Field::whole(&page.url, &page.value).items()? {
                if RETARGETS.contains(&item.at("event")?.text()?) {
                    last = last.max(Some(item.at("created_at")?.time()?));
                }
            }
        }
        Ok(last)
    }

    /// Keeps one comment of a pull request up to date: the one of this token's account that has the line `mark` in it. The text that
    /// is written begins with the mark, whether `body` does or not.
    ///
    /// # Errors
    /// When there is no answer, the token may not do it, or the answer is not understood.
    pub fn comment(&self, repository: &str, number: u64, mark: &str, body: &str) -> Result<Posted, Error> {
        let repository = checked(repository)?;
        let text = marked(mark, body, LONGEST);
        let own = self.own_login()?;
        let path = format!("/repos/{repository}/issues/{number}/comments");
        for page in self.client.pages(&path, COMMENTS)? {
            for item in Field::whole(&page.url, &page.value).items()? {
                let Some(there) = item.maybe("body").filter(|_| is_own(&item, own.as_deref())) else {
                    continue;
                };
                let there = there.text()?;
                if !there.lines().any(|line| line.trim() == mark) {
                    continue;
                }
                let (id, url) = (item.at("id")?.number()?, item.at("html_url")?.text()?.to_owned());
                // GitHub hands a text back with its own ends of lines.
                if there.replace("\r\n", "\n").trim_end() == text.trim_end() {
                    return Ok(Posted::Unchanged(url));
                }
                let path = format!("/repos/{repository}/issues/comments/{id}");
                match self
                    .client
                    .write(&Method::PATCH, &path, &json!({ "body": text }), COMMENTS)
                {
                    Ok(_) => return Ok(Posted::Updated(url)),
                    // Another program's comment with our mark: whose it is cannot be told before.
                    Err(error) if error.is_refusal() && own.is_none() => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let made = self
            .client
            .write(&Method::POST, &path, &json!({ "body": text }), COMMENTS)?;
        let url = Field::whole(&made.url, &made.value).at("html_url")?.text()?.to_owned();
        Ok(Posted::Created(url))
    }

    /// Name of the token's account; none for the token of a job or an app, which may not ask who it is.
    fn own_login(&self) -> Result<Option<String>, Error> {
        match self.client.get("/user", COMMENTS) {
            Ok(user) => Ok(Some(
                Field::whole(&user.url, &user.value).at("login")?.text()?.to_owned(),
            )),
            Err(Error::Refused { status: 403, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a check that has ended, for the commit `head_sha`, and gives its address. Annotations go in steps of 50.
    ///
    /// # Errors
    /// When there is no answer, the token may not do it, or the answer is not understood.
    #[allow(
        clippy::too_many_arguments,
        reason = "the parts of one request, each with a name of its own"
    )]
    pub fn check_run(
        &self,
        repository: &str,
        head_sha: &str,
        name: &str,
        conclusion: Conclusion,
        title: &str,
        summary: &str,
        annotations: &[Annotation],
    ) -> Result<String, Error> {
        let repository = checked(repository)?;
        if !is_commit(head_sha) {
            return Err(Error::Wrong(format!("`{head_sha}` is no whole id of a commit")));
        }
        let output = |annotations: &[Annotation]| {
            let annotations: Vec<Value> = annotations.iter().map(Annotation::value).collect();
            json!({ "title": cut(title, 255), "summary": cut(summary, LONGEST), "annotations": annotations })
        };
        let (first, rest) = annotations.split_at(annotations.len().min(ANNOTATIONS));
        let body = json!({
            "name": name, "head_sha": head_sha, "status": "completed", "conclusion": conclusion.word(),
            "output": output(first),
        });
        let path = format!("/repos/{repository}/check-runs");
        let made = self.client.write(&Method::POST, &path, &body, CHECKS)?;
        let made = Field::whole(&made.url, &made.value);
        let (id, url) = (made.at("id")?.number()?, made.at("html_url")?.text()?.to_owned());
        // Each request adds its annotations to those that are there.
        for more in rest.chunks(ANNOTATIONS) {
            let body = json!({ "output": output(more) });
            self.client
                .write(&Method::PATCH, &format!("{path}/{id}"), &body, CHECKS)?;
        }
        Ok(url)
    }
}

enum Given {
    Review(Review),
    Pending,
    Nobodys(u64),
}

fn review(item: &Field<'_>) -> Result<Given, Error> {
    let id = item.at("id")?.number()?;
    let state = item.at("state")?;
    let state = match state.text()? {
        "PENDING" => return Ok(Given::Pending),
        "APPROVED" => ReviewState::Approved,
        "CHANGES_REQUESTED" => ReviewState::ChangesRequested,
        "DISMISSED" => ReviewState::Dismissed,
        // Of a state that comes to be some day it is only known that it is no approval.
        _ => ReviewState::Commented,
    };
    let Some(user) = item.maybe("user") else {
        return Ok(Given::Nobodys(id));
    };
    let login = user.at("login")?.text()?.to_owned();
    let account_kind = match user.at("type")?.text()? {
        "User" => AccountKind::User,
        "Bot" if login.ends_with("[bot]") => AccountKind::App,
        _ => AccountKind::Bot,
    };
    Ok(Given::Review(Review {
        forge: Forge::GitHub,
        id: id.to_string(),
        account_kind,
        login,
        state,
        commit: item.maybe("commit_id").map(|id| id.commit()).transpose()?,
        time: item.at("submitted_at")?.time()?,
        url: item.at("html_url")?.text()?.to_owned(),
    }))
}

/// Whether a comment is this token's: of the same account, or, where that is not known, of a program.
fn is_own(comment: &Field<'_>, own: Option<&str>) -> bool {
    let Some(user) = comment.maybe("user") else {
        return false;
    };
    let text = |name: &str| user.maybe(name).and_then(|field| field.text().ok()).unwrap_or_default();
    own.map_or_else(|| text("type") == "Bot", |own| text("login").eq_ignore_ascii_case(own))
}

/// The text of a comment, which begins with its mark.
pub(crate) fn marked(mark: &str, body: &str, most: usize) -> String {
    match body.starts_with(mark) {
        true => cut(body, most),
        false => cut(&format!("{mark}\n{body}"), most),
    }
}

/// `owner/name`, which becomes part of an address.
fn checked(repository: &str) -> Result<&str, Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = |name: &str| !name.is_empty() && name != "." && name != ".." && name.chars().all(plain);
    match repository.split_once('/') {
        Some((owner, name)) if is_name(owner) && is_name(name) => Ok(repository),
        _ => Err(Error::Wrong(format!(
            "`{repository}` is no repository: write OWNER/NAME"
        ))),
    }
}
