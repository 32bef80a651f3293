//! GitLab's REST API, version 4.
//!
//! An approval on GitLab names no commit, and its list tells only who approves now. So each is led to its system note, and
//! by the time of that to the version of the merge request that was the newest then.
//!
//! Source: <https://docs.gitlab.com/api/merge_request_approvals/>, `/api/notes/`, `/api/merge_requests/` (versions), `/api/commits/`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;
use ureq::http::Method;

use crate::github::marked;
use crate::http::{Answer, Client, Dialect, Options, cut, part};
use crate::json::{Field, is_commit};
use crate::review::{AccountKind, Forge, Review, ReviewState, Reviews};
use crate::{Error, Posted};

/// Characters of a note; GitLab takes a million.
const LONGEST: usize = 500_000;

const READS: &str = "read merge requests (scope `read_api`, and Reporter of the project; a CI job's own token may not)";
const WRITES: &str = "write notes (scope `api`, and Reporter of the project; a CI job's own token may not)";
const STATUSES: &str = "set the status of a commit (scope `api`, and Developer of the project)";

/// GitLab, as the owner of a token sees it.
pub struct GitLab {
    client: Client,
}

/// Status of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitState {
    /// It is not known yet.
    Pending,
    /// It may go on.
    Success,
    /// It may not.
    Failed,
}

/// An event that a system note tells of.
struct Event {
    id: u64,
    login: String,
    user: u64,
    state: ReviewState,
    time: Timestamp,
}

/// A version of a merge request: the head that was pushed, and when.
struct Version {
    head: String,
    time: Timestamp,
}

impl GitLab {
    /// GitLab at the address of its API, `https://gitlab.com/api/v4`, with a token.
    ///
    /// # Errors
    /// When the address is none, the token is none, or it would travel readable.
    pub fn new(base_url: &str, token: &str) -> Result<Self, Error> {
        Self::with_options(base_url, token, &Options::default())
    }

    /// As [`GitLab::new`], with how it is talked to.
    ///
    /// # Errors
    /// As [`GitLab::new`], and when the proxy is none.
    pub fn with_options(base_url: &str, token: &str, options: &Options) -> Result<Self, Error> {
        let dialect = Dialect {
            headers: &[("Accept", "application/json")],
            authorization: ("PRIVATE-TOKEN", ""),
        };
        let client = Client::new(base_url, token, dialect, options)?;
        Ok(Self { client })
    }

    /// All reviews of a merge request of `project` (its number, or `group/name`).
    ///
    /// # Errors
    /// When there is no answer, the token may not read it, or the answer is not understood.
    pub fn reviews(&self, project: &str, number: u64) -> Result<Reviews, Error> {
        let path = merge_request(project, number);
        let page = self.client.get(&path, READS)?;
        let page = Field::whole(&page.url, &page.value).at("web_url")?.text()?.to_owned();
        let standing = self.client.get(&format!("{path}/approvals"), READS)?;
        let standing = standing_of(&standing)?;
        let versions = self.client.pages(&format!("{path}/versions"), READS)?;
        let versions = versions_of(&versions)?;
        let notes = self
            .client
            .pages(&format!("{path}/notes?sort=asc&order_by=created_at"), READS)?;
        let events = events_of(&notes)?;
        let mut reviews = Reviews {
            retargeted: retargeted(&notes)?,
            ..Reviews::default()
        };
        let mut kinds = BTreeMap::new();
        for (index, event) in events.iter().enumerate() {
            let is_last = !events[index + 1..].iter().any(|later| later.user == event.user);
            // What the list of those who approve now does not have was reset or withdrawn, whatever the notes say.
            let state = match event.state {
                ReviewState::Approved if !(is_last && standing.contains_key(&event.user)) => ReviewState::Dismissed,
                state => state,
            };
            let account_kind = self.kind_of(event.user, &event.login, &mut kinds, &mut reviews.notes)?;
            let commit = versions.iter().rev().find(|version| version.time <= event.time);
            reviews.all.push(Review {
                forge: Forge::GitLab,
                id: event.id.to_string(),
                login: event.login.clone(),
                account_kind,
                state,
                commit: commit.map(|version| version.head.clone()),
                time: event.time,
                url: format!("{page}#note_{}", event.id),
            });
        }
        for (user, login) in &standing {
            let last = events.iter().rev().find(|event| event.user == *user);
            if last.is_none_or(|event| event.state == ReviewState::Dismissed) {
                reviews.notes.push(format!(
                    "{login} is among those who approve on GitLab, and no note tells since when: it does not count"
                ));
            }
        }
        Ok(reviews)
    }

    /// What an account is. GitLab says it of single users alone.
    fn kind_of(
        &self,
        user: u64,
        login: &str,
        known: &mut BTreeMap<u64, AccountKind>,
        notes: &mut Vec<String>,
    ) -> Result<AccountKind, Error> {
        if let Some(kind) = known.get(&user) {
            return Ok(*kind);
        }
        let bot = match self.client.get(&format!("/users/{user}"), READS) {
            Ok(answer) => Field::whole(&answer.url, &answer.value)
                .maybe("bot")
                .map(|bot| bot.truth())
                .transpose()?,
            Err(error) if error.is_refusal() => None,
            Err(error) => return Err(error),
        };
        let kind = match bot {
            Some(false) if !is_token_name(login) => AccountKind::User,
            Some(_) => AccountKind::Bot,
            None => {
                notes.push(format!(
                    "GitLab does not tell whether {login} is a person: taken for a program"
                ));
                AccountKind::Bot
            }
        };
        known.insert(user, kind);
        Ok(kind)
    }

    /// Keeps one note of a merge request up to date: the one of this token's account that has the line `mark` in it. The text that is
    /// written begins with the mark, whether `body` does or not.
    ///
    /// # Errors
    /// When there is no answer, the token may not do it, or the answer is not understood.
    pub fn comment(&self, project: &str, number: u64, mark: &str, body: &str) -> Result<Posted, Error> {
        let (path, text) = (merge_request(project, number), marked(mark, body, LONGEST));
        let own = self.client.get("/user", WRITES)?;
        let own = Field::whole(&own.url, &own.value).at("id")?.number()?;
        let page = self.client.get(&path, WRITES)?;
        let page = Field::whole(&page.url, &page.value).at("web_url")?.text()?.to_owned();
        let notes = format!("{path}/notes");
        for answer in self
            .client
            .pages(&format!("{notes}?sort=asc&order_by=created_at"), WRITES)?
        {
            for note in Field::whole(&answer.url, &answer.value).items()? {
                let there = note.at("body")?.text()?;
                let is_ours = note.at("author")?.at("id")?.number()? == own && !note.at("system")?.truth()?;
                if !is_ours || !there.lines().any(|line| line.trim() == mark) {
                    continue;
                }
                let id = note.at("id")?.number()?;
                let url = format!("{page}#note_{id}");
                if there.trim_end() == text.trim_end() {
                    return Ok(Posted::Unchanged(url));
                }
                let path = format!("{notes}/{id}");
                self.client
                    .write(&Method::PUT, &path, &json!({ "body": text }), WRITES)?;
                return Ok(Posted::Updated(url));
            }
        }
        let made = self
            .client
            .write(&Method::POST, &notes, &json!({ "body": text }), WRITES)?;
        let id = Field::whole(&made.url, &made.value).at("id")?.number()?;
        Ok(Posted::Created(format!("{page}#note_{id}")))
    }

    /// Sets the status `name` of a commit.
    ///
    /// # Errors
    /// When there is no answer, or the token may not do it.
    pub fn commit_status(
        &self,
        project: &str,
        sha: &str,
        name: &str,
        state: CommitState,
        description: &str,
    ) -> Result<(), Error> {
        if !is_commit(sha) {
            return Err(Error::Wrong(format!("`{sha}` is no whole id of a commit")));
        }
        let state = match state {
            CommitState::Pending => "pending",
            CommitState::Success => "success",
            CommitState::Failed => "failed",
        };
        let body = json!({ "state": state, "name": name, "description": cut(description, 255) });
        let path = format!("/projects/{}/statuses/{sha}", part(project));
        self.client.write(&Method::POST, &path, &body, STATUSES).map(|_| ())
    }
}

fn merge_request(project: &str, number: u64) -> String {
    format!("/projects/{}/merge_requests/{number}", part(project))
}

/// Those who approve now, by the number of their account.
fn standing_of(answer: &Answer) -> Result<BTreeMap<u64, String>, Error> {
    let items = Field::whole(&answer.url, &answer.value).at("approved_by")?;
    let items = items.items()?;
    let person = |item: Field<'_>| {
        let user = item.at("user")?;
        Ok((user.at("id")?.number()?, user.at("username")?.text()?.to_owned()))
    };
    items.map(person).collect()
}

/// All versions, the earliest first.
fn versions_of(pages: &[Answer]) -> Result<Vec<Version>, Error> {
    let mut versions = Vec::new();
    for page in pages {
        for item in Field::whole(&page.url, &page.value).items()? {
            versions.push(Version {
                head: item.at("head_commit_sha")?.commit()?,
                time: item.at("created_at")?.time()?,
            });
        }
    }
    versions.sort_by_key(|version| version.time);
    Ok(versions)
}

/// What system notes tell of reviews, the earliest first. What people write is never taken for one.
fn events_of(pages: &[Answer]) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    for page in pages {
        for note in Field::whole(&page.url, &page.value).items()? {
            if !note.at("system")?.truth()? {
                continue;
            }
            let state = match note.at("body")?.text()?.trim() {
                "approved this merge request" => ReviewState::Approved,
                "unapproved this merge request" => ReviewState::Dismissed,
                "requested changes" => ReviewState::ChangesRequested,
                _ => continue,
            };
            let author = note.at("author")?;
            events.push(Event {
                id: note.at("id")?.number()?,
                login: author.at("username")?.text()?.to_owned(),
                user: author.at("id")?.number()?,
                state,
                time: note.at("created_at")?.time()?,
            });
        }
    }
    events.sort_by_key(|event| event.time);
    Ok(events)
}

/// When the merge request was last led to another branch, by a person or because its branch is gone.
fn retargeted(pages: &[Answer]) -> Result<Option<Timestamp>, Error> {
    let mut last = None;
    for page in pages {
        for note in Field::whole(&page.url, &page.value).items()? {
            let text = note.at("body")?.text()?;
            let tells =
                text.starts_with("changed target branch from ") || text.contains("This merge request now targets the ");
            if tells && note.at("system")?.truth()? {
                last = last.max(Some(note.at("created_at")?.time()?));
            }
        }
    }
    Ok(last)
}

/// Whether it is a name that GitLab gives to the account of a token: `project_4_bot_1a2b`.
fn is_token_name(login: &str) -> bool {
    let rest = login.strip_prefix("project_").or_else(|| login.strip_prefix("group_"));
    rest.and_then(|rest| rest.split_once("_bot"))
        .is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
