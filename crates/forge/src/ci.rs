//! Which change a job of continuous integration is about.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::json::is_commit;
use crate::review::Forge;

/// A pull request, or a merge request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// Where it is.
    pub forge: Forge,
    /// Address of the API there.
    pub api: String,
    /// The repository that it is to be merged into: `owner/name` on GitHub, the project's number on GitLab.
    pub repository: String,
    /// Its number there.
    pub number: u64,
    /// The commit that was pushed, as hex; none where the job does not tell. It is never the merge commit that forges make for a
    /// job: nobody reviewed that.
    pub head: Option<String>,
}

/// Tells from the variables of a job, and on GitHub from the text of the event (the file that `GITHUB_EVENT_PATH` names), which
/// change it is about. None where it is about none, or something else than a change is built. In a merge queue it is the last change
/// of the group.
///
/// Sources: <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>,
/// <https://docs.gitlab.com/ci/variables/predefined_variables/>.
pub fn pull_request(environment: &BTreeMap<String, String>, event: Option<&str>) -> Option<PullRequest> {
    let variable = |name: &str| {
        environment
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    };
    if variable("GITHUB_ACTIONS").is_some() || variable("GITHUB_REPOSITORY").is_some() {
        return on_github(&variable, event);
    }
    on_gitlab(&variable)
}

fn on_github<'a>(variable: &dyn Fn(&str) -> Option<&'a str>, event: Option<&str>) -> Option<PullRequest> {
    let event: Value = event
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let told = event.get("pull_request");
    let of_ref = variable("GITHUB_REF").and_then(number_of);
    let number = told
        .and_then(|told| told.get("number"))
        .and_then(Value::as_u64)
        .or(of_ref)?;
    let head = told.and_then(|told| told.pointer("/head/sha")).and_then(Value::as_str);
    Some(PullRequest {
        forge: Forge::GitHub,
        api: variable("GITHUB_API_URL")
            .unwrap_or("https://api.github.com")
            .to_owned(),
        repository: variable("GITHUB_REPOSITORY")?.to_owned(),
        number,
        head: head.filter(|id| is_commit(id)).map(str::to_owned),
    })
}

/// The number in `refs/pull/12/merge`, or in `refs/heads/gh-readonly-queue/main/pr-12-<commit>`.
fn number_of(reference: &str) -> Option<u64> {
    if let Some(rest) = reference.strip_prefix("refs/pull/") {
        return rest.split('/').next()?.parse().ok();
    }
    let queued = reference.strip_prefix("refs/heads/gh-readonly-queue/")?;
    let (number, _) = queued.rsplit('/').next()?.strip_prefix("pr-")?.split_once('-')?;
    number.parse().ok()
}

fn on_gitlab<'a>(variable: &dyn Fn(&str) -> Option<&'a str>) -> Option<PullRequest> {
    // In a pipeline for merged results the commit is GitLab's own merge, and the one that was pushed has another variable.
    let head = match variable("CI_MERGE_REQUEST_EVENT_TYPE") {
        Some("merged_result" | "merge_train") => variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"),
        _ => variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| variable("CI_COMMIT_SHA")),
    };
    Some(PullRequest {
        forge: Forge::GitLab,
        api: variable("CI_API_V4_URL")
            .unwrap_or("https://gitlab.com/api/v4")
            .to_owned(),
        // The pipeline of a fork runs in the fork: the merge request is in the project that it goes to.
        repository: variable("CI_MERGE_REQUEST_PROJECT_ID")
            .or_else(|| variable("CI_PROJECT_ID"))?
            .to_owned(),
        number: variable("CI_MERGE_REQUEST_IID")?.parse().ok()?,
        head: head.filter(|id| is_commit(id)).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

    fn told(variables: &[(&str, &str)], event: Option<&str>) -> Option<PullRequest> {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        pull_request(&variables.collect(), event)
    }

    #[test]
    fn a_pull_request_is_told_by_the_event_and_never_by_the_merge_commit() {
        let variables = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "shop/cart"),
            ("GITHUB_REF", "refs/pull/12/merge"),
            ("GITHUB_SHA", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("GITHUB_API_URL", "https://git.example/api/v3"),
        ];
        let event = format!(r#"{{"pull_request": {{"number": 12, "head": {{"sha": "{HEAD}"}}}}}}"#);
        let request = told(&variables, Some(&event)).expect("a pull request");
        assert_eq!((request.number, request.head.as_deref()), (12, Some(HEAD)));
        assert_eq!(
            (request.api.as_str(), request.repository.as_str()),
            ("https://git.example/api/v3", "shop/cart")
        );
        let without = told(&variables, None).expect("a pull request");
        assert_eq!((without.number, without.head), (12, None));
    }

    #[test]
    fn a_merge_queue_names_the_change_in_its_branch_and_a_push_names_none() {
        let on = |reference: &str| {
            told(
                &[("GITHUB_REPOSITORY", "a/b"), ("GITHUB_REF", reference)],
                Some("not JSON"),
            )
        };
        let queued = format!("refs/heads/gh-readonly-queue/release/1.0/pr-7-{HEAD}");
        assert_eq!(on(&queued).map(|request| request.number), Some(7));
        assert_eq!(on("refs/heads/main"), None);
        assert_eq!(on("refs/heads/pr-7-x"), None);
    }

    #[test]
    fn a_merge_request_is_that_of_the_project_it_goes_to() {
        let mut variables = vec![
            ("CI_PROJECT_ID", "5"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "4"),
            ("CI_MERGE_REQUEST_IID", "9"),
            ("CI_API_V4_URL", "https://git.example/api/v4"),
            ("CI_COMMIT_SHA", HEAD),
        ];
        let request = told(&variables, None).expect("a merge request");
        assert_eq!((request.repository.as_str(), request.number), ("4", 9));
        assert_eq!(request.head.as_deref(), Some(HEAD));
        variables.push(("CI_MERGE_REQUEST_EVENT_TYPE", "merged_result"));
        assert_eq!(told(&variables, None).and_then(|request| request.head), None);
        assert_eq!(told(&[("CI_PROJECT_ID", "5")], None), None);
    }
}
