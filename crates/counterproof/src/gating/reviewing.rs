//! Reviews on GitHub and GitLab as approvals, and the verdict as a comment and a check there.

use change::{Merge, Since};
use forge::{AccountKind, CommitState, Conclusion, Forge, GitHub, GitLab, PullRequest, Review, ReviewState, Reviews};
use model::gate_input::{ApprovalFacts, PersonKind, Standing};
use model::{Ruling, Verdict};

use super::papers::standing;
use super::people;
use super::policy::Judging;
use crate::error::CliError;
use crate::settings;

/// Name of the check and of the status.
const CHECK: &str = "counterproof/gate";

/// A pull request, and what may be said of it there.
struct Client {
    request: PullRequest,
    token: String,
}

impl Client {
    /// Of the pull request that CI runs for, or that is named; none without a token.
    fn of(named: Option<&str>) -> Result<Option<Self>, CliError> {
        let (variables, event) = settings::ci();
        let request = match named {
            Some(named) => Some(self::named(named, &variables)?),
            None => forge::pull_request(&variables, event.as_deref()),
        };
        let Some(request) = request else {
            return Ok(None);
        };
        let token = settings::forge_token(request.forge.name());
        Ok(token.map(|token| Self { request, token }))
    }

    fn reviews(&self) -> Result<Reviews, forge::Error> {
        let PullRequest {
            api,
            repository,
            number,
            ..
        } = &self.request;
        match self.request.forge {
            Forge::GitHub => GitHub::new(api, &self.token)?.reviews(repository, *number),
            Forge::GitLab => GitLab::new(api, &self.token)?.reviews(repository, *number),
        }
    }

    fn post(&self, verdict: &Verdict, text: &str) -> Result<(), forge::Error> {
        let PullRequest {
            api,
            repository,
            number,
            head,
            ..
        } = &self.request;
        let title = format!("{} by the policy {}", verdict.ruling.word(), verdict.policy.source);
        let head = head.as_deref().or(verdict.subject.commit.as_deref());
        match self.request.forge {
            Forge::GitHub => {
                let github = GitHub::new(api, &self.token)?;
                github.comment(repository, *number, report::gate::MARK, text)?;
                let conclusion = match verdict.ruling {
                    Ruling::Pass => Conclusion::Success,
                    Ruling::Hold => Conclusion::ActionRequired,
                    Ruling::Block => Conclusion::Failure,
                };
                if let Some(head) = head {
                    github.check_run(repository, head, CHECK, conclusion, &title, text, &[])?;
                }
            }
            Forge::GitLab => {
                let gitlab = GitLab::new(api, &self.token)?;
                gitlab.comment(repository, *number, report::gate::MARK, text)?;
                let state = match verdict.ruling {
                    Ruling::Pass => CommitState::Success,
                    Ruling::Hold | Ruling::Block => CommitState::Failed,
                };
                if let Some(head) = head {
                    gitlab.commit_status(repository, head, CHECK, state, &title)?;
                }
            }
        }
        Ok(())
    }
}

/// `github:OWNER/NAME#12`, `gitlab:GROUP/NAME!12`.
fn named(text: &str, variables: &std::collections::BTreeMap<String, String>) -> Result<PullRequest, CliError> {
    let wrong = || {
        CliError::Usage(format!(
            "`{text}` is no pull request: write github:OWNER/NAME#NUMBER or gitlab:GROUP/NAME!NUMBER"
        ))
    };
    let (forge, rest) = text.split_once(':').ok_or_else(wrong)?;
    let (repository, number) = rest.rsplit_once(['#', '!']).ok_or_else(wrong)?;
    let (forge, variable, api) = match forge {
        "github" => (Forge::GitHub, "GITHUB_API_URL", "https://api.github.com"),
        "gitlab" => (Forge::GitLab, "CI_API_V4_URL", "https://gitlab.com/api/v4"),
        _ => return Err(wrong()),
    };
    Ok(PullRequest {
        forge,
        api: variables.get(variable).map_or(api, String::as_str).to_owned(),
        repository: repository.to_owned(),
        number: number.parse().map_err(|_| wrong())?,
        head: None,
    })
}

/// Reviews of the pull request as approvals; with them what a reader should know. Nothing without a token, and nothing where the
/// forge does not answer: then less is approved, never more.
///
/// # Errors
/// When the pull request is named in a form that is none, or git fails.
pub fn approvals(
    named: Option<&str>,
    judging: &Judging,
    merge: &Merge,
) -> Result<(Vec<ApprovalFacts>, Vec<String>), CliError> {
    let Some(client) = Client::of(named)? else {
        let note = named.map(|named| {
            format!("reviews of {named} were not read: COUNTERPROOF_GITHUB_TOKEN or COUNTERPROOF_GITLAB_TOKEN gives the right to")
        });
        return Ok((Vec::new(), note.into_iter().collect()));
    };
    let reviews = match client.reviews() {
        Ok(reviews) => reviews,
        Err(error) => {
            let note = format!("reviews on {} could not be read: {error}", client.request.forge.name());
            return Ok((Vec::new(), vec![note]));
        }
    };
    let mut notes = reviews.notes.clone();
    for review in reviews.counting() {
        if review.state == ReviewState::ChangesRequested {
            notes.push(format!("{} asks for changes: {}", review.login, review.url));
        }
    }
    let mut approvals = Vec::new();
    for review in reviews.approvals() {
        let mut approval = approval(review, judging, merge)?;
        if reviews.retargeted.is_some_and(|since| since >= review.time) {
            approval.standing = Standing::Stale(
                "the pull request was led to another branch since: what it does to this one was not what the reviewer saw".to_owned(),
            );
        }
        approvals.push(approval);
    }
    Ok((approvals, notes))
}

fn approval(review: &Review, judging: &Judging, merge: &Merge) -> Result<ApprovalFacts, CliError> {
    let kind = match review.account_kind {
        AccountKind::User => PersonKind::Human,
        AccountKind::Bot | AccountKind::App => PersonKind::Bot,
    };
    let seen = match &review.commit {
        Some(commit) => merge.seen_at(commit)?,
        None => None,
    };
    let standing = match (&seen, &review.commit) {
        (Some(seen), _) => standing(merge.since(seen)),
        (None, Some(commit)) => Standing::Stale(format!(
            "commit {} that was reviewed is not here: fetch it",
            commit.get(..12).unwrap_or(commit)
        )),
        (None, None) => standing(Since::Unknown("the forge does not say what was reviewed".to_owned())),
    };
    Ok(ApprovalFacts {
        by: people::by_login(&judging.policy, review.forge, &review.login, kind),
        role: None,
        head_tree: seen.map(|seen| seen.head_tree).unwrap_or_default(),
        time: review.time,
        source: format!("{} review {}", review.forge.name(), review.id),
        standing,
    })
}

/// Puts the verdict on the pull request: one comment, kept up to date, and a check or a status.
///
/// # Errors
/// When there is no pull request or no token, or the forge refuses.
pub fn post(named: Option<&str>, verdict: &Verdict) -> Result<(), CliError> {
    let client = Client::of(named)?.ok_or_else(|| {
        CliError::Usage(
            "--post: there is no pull request, or no token: name it with --pull-request, and set COUNTERPROOF_GITHUB_TOKEN or \
             COUNTERPROOF_GITLAB_TOKEN"
                .to_owned(),
        )
    })?;
    let text = report::gate::markdown(verdict);
    client
        .post(verdict, &text)
        .map_err(|error| CliError::NotRunnable(format!("the verdict could not be put on the pull request: {error}")))
}
