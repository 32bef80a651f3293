//! What a commit says of itself: trailers, lines of its message, author and committer.
//!
//! It is a claim of the whole commit. It can be switched off, lost in a squash, or written where the tool was not used.

use model::authorship::{AuthorSource, CommitClaim};

use super::commits::{Commit, Identity};
use super::marks::{Form, MARKS, NO, OF_AI, WHO};

/// Claims of one commit that are kept.
const CLAIMS: usize = 16;
/// Characters of a claim that are kept.
const SAYS: usize = 200;
/// What GitHub signs commits with that are made on its pages.
const GITHUB: &str = "noreply@github.com";

/// What says that an AI took part in a commit; each tool and model once.
pub(super) fn claims(commit: &Commit) -> Vec<CommitClaim> {
    let mut found: Vec<CommitClaim> = Vec::new();
    let mut add = |tool: Option<&str>, model: Option<String>, says: &str| {
        let same = |claim: &&mut CommitClaim| {
            let one_tells = claim.model.is_none() || model.is_none() || claim.model == model;
            claim.tool.as_deref() == tool && one_tells
        };
        // The same tool again says nothing more, but for its model.
        if let Some(claim) = found.iter_mut().find(same) {
            if claim.model.is_none() && model.is_some() {
                (claim.model, claim.says) = (model, cut(says));
            }
            return;
        }
        if found.len() < CLAIMS {
            found.push(CommitClaim {
                tool: tool.map(str::to_owned),
                model,
                source: AuthorSource::Trailer,
                says: cut(says),
            });
        }
    };
    for line in &commit.trailers {
        if let Some((tool, model)) = of_trailer(line) {
            add(tool, model, line);
        }
    }
    for (role, identity) in [("author", &commit.author), ("committer", &commit.committer)] {
        if let Some(tool) = of_identity(identity) {
            add(Some(tool), None, &format!("{role} {identity}"));
        }
    }
    for (at, line) in commit.message.lines().enumerate() {
        if let Some(tool) = of_line(line, at == 0) {
            add(Some(tool), None, line.trim());
        }
    }
    found
}

/// Who drove the agent: the commit's author; where that is an agent, its committer or a person among the co-authors.
pub(super) fn operator(commit: &Commit) -> Option<String> {
    let is_person = |identity: &&Identity| {
        let by_github = identity.email.eq_ignore_ascii_case(GITHUB);
        !identity.name.is_empty() && !by_github && !is_agent(identity) && !identity.name.ends_with("[bot]")
    };
    let named = commit.trailers.iter().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        let is_author = key.trim().eq_ignore_ascii_case("co-authored-by");
        is_author
            .then(|| Identity::of(value))
            .filter(|one| !one.email.is_empty())
    });
    let named: Vec<Identity> = named.collect();
    let all = [&commit.author, &commit.committer].into_iter().chain(&named);
    all.into_iter().find(is_person).map(Identity::to_string)
}

/// The tool of the table that a record calls by this name; else the name as it is.
pub(super) fn tool_named(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let known = tool_where(|form| matches!(form, Form::Name(known) if known == lower));
    known.map_or_else(|| name.trim().to_owned(), str::to_owned)
}

fn tool_where(is_it: impl Fn(Form) -> bool) -> Option<&'static str> {
    MARKS.iter().find(|mark| is_it(mark.form)).map(|mark| mark.tool)
}

/// Whether an identity is that of a tool.
fn is_agent(identity: &Identity) -> bool {
    of_identity(identity).is_some()
}

/// The tool that an identity belongs to.
fn of_identity(identity: &Identity) -> Option<&'static str> {
    let (name, email) = (identity.name.to_lowercase(), identity.email.to_lowercase());
    let account = email.strip_suffix("@users.noreply.github.com");
    let account = account.map(|local| local.rsplit('+').next().unwrap_or(local));
    tool_where(|form| match form {
        Form::Email(known) => email == known,
        Form::Account(known) => account == Some(known) || (name == known && known.ends_with("[bot]")),
        Form::NameAt(known, at) => name == known && email == at,
        Form::Name(known) => email.is_empty() && rest_of_name(&name, known).is_some(),
        Form::NameEnds(known) => name.ends_with(known),
        Form::Key(_) | Form::Line(_) | Form::Subject(_) => false,
    })
}

/// The tool that a trailer names, if any, and the model; none where it says nothing of an AI.
fn of_trailer(line: &str) -> Option<(Option<&'static str>, Option<String>)> {
    let (key, value) = line.split_once(':')?;
    let (key, value) = (key.trim().to_lowercase(), value.trim());
    if let Some(tool) = tool_where(|form| matches!(form, Form::Key(known) if known == key)) {
        return Some((Some(tool), None));
    }
    let by_name = OF_AI.contains(&key.as_str());
    if NO.contains(&value.to_lowercase().as_str()) || !(by_name || WHO.contains(&key.as_str())) {
        return None;
    }
    let identity = Identity::of(value);
    if let Some(tool) = of_identity(&identity) {
        return Some((Some(tool), model_of(&identity.name, tool)));
    }
    if !by_name {
        return None;
    }
    Some((None, None))
}

/// The tool that a line of a message says made the commit.
fn of_line(line: &str, is_subject: bool) -> Option<&'static str> {
    let line = line.trim().to_lowercase();
    let words = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    tool_where(|form| match form {
        Form::Line(known) => words.strip_prefix(known).is_some_and(|rest| {
            let rest = rest.trim();
            let is_link = rest.starts_with('(') && rest.ends_with(')') && !rest.contains(' ');
            rest.is_empty() || rest == "." || is_link
        }),
        Form::Subject(known) => is_subject && line.starts_with(known),
        _ => false,
    })
}

/// What follows the name of a tool, where `text` begins with that name as a whole word; both in lower case.
fn rest_of_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(name)?;
    (!rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')).then_some(rest)
}

/// The model beside the name of a tool: `aider (gpt-4o)`, `Claude:claude-opus-4-6 [sparse]`, `Claude Opus 4.6`.
fn model_of(name: &str, tool: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let names = MARKS.iter().filter(|mark| mark.tool == tool);
    let rest = names.filter_map(|mark| match mark.form {
        Form::Name(known) => rest_of_name(&lower, known),
        _ => None,
    });
    // The longest name leaves the least; what is in lower case may be of another length.
    let left = rest.min_by_key(|rest| rest.len())?.chars().count();
    let skipped = lower.chars().count() - left;
    let rest: String = name.chars().skip(skipped).collect();
    let rest = rest.trim();
    let model = if let Some(inside) = rest.strip_prefix('(') {
        inside.split(')').next()?.trim()
    } else if let Some(version) = rest.strip_prefix(':') {
        version.split_whitespace().next()?
    } else if rest.contains(|c: char| c.is_ascii_digit()) {
        name.trim()
    } else {
        return None;
    };
    (!model.is_empty()).then(|| cut(model))
}

fn cut(text: &str) -> String {
    text.chars().take(SAYS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn commit(author: &str, message: &str, trailers: &[&str]) -> Commit {
        Commit {
            author: Identity::of(author),
            committer: Identity::of("GitHub <noreply@github.com>"),
            message: message.to_owned(),
            trailers: trailers.iter().map(|line| (*line).to_owned()).collect(),
            ..Commit::default()
        }
    }

    fn said(author: &str, message: &str, trailers: &[&str]) -> Vec<(Option<String>, Option<String>)> {
        let claims = claims(&commit(author, message, trailers));
        claims.into_iter().map(|claim| (claim.tool, claim.model)).collect()
    }

    const ANN: &str = "Ann <ann@example.com>";

    #[test]
    fn trailers_of_tools_are_claims_with_their_models() {
        for (trailer, tool, model) in [
            ("Co-Authored-By: Claude <noreply@anthropic.com>", "claude-code", None),
            (
                "co-authored-by: Claude Opus 4.8 (1M context) <noreply@anthropic.com>",
                "claude-code",
                Some("Claude Opus 4.8 (1M context)"),
            ),
            ("CO-AUTHORED-BY: Cursor <cursoragent@cursor.com>", "cursor", None),
            (
                "Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>",
                "github-copilot",
                None,
            ),
            (
                "Co-authored-by: GitHub Copilot <noreply@github.com>",
                "github-copilot",
                None,
            ),
            (
                "Co-authored-by: aider (gpt-4o) <aider@aider.chat>",
                "aider",
                Some("gpt-4o"),
            ),
            ("Co-authored-by: Codex <noreply@openai.com>", "codex", None),
            (
                "Co-authored-by: Kiro Agent <244629292+kiro-agent@users.noreply.github.com>",
                "kiro",
                None,
            ),
            (
                "Co-authored-by: Amazon Q Developer <noreply@aws.amazon.com>",
                "amazon-q",
                None,
            ),
            (
                "Co-authored-by: google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>",
                "jules",
                None,
            ),
            (
                "Assisted-by: Claude:claude-3-opus coccinelle sparse",
                "claude-code",
                Some("claude-3-opus"),
            ),
            ("Generated-by: Gemini 2.5 Pro", "gemini", Some("Gemini 2.5 Pro")),
            ("AI-Assisted-by: Devin", "devin", None),
            ("Claude-Session: https://claude.ai/code/session_01", "claude-code", None),
        ] {
            let expected = vec![(Some(tool.to_owned()), model.map(str::to_owned))];
            assert_eq!(said(ANN, "x", &[trailer]), expected, "{trailer}");
        }
        assert_eq!(said(ANN, "x", &["AI-Assisted: yes"]), [(None, None)]);
    }

    #[test]
    fn people_and_other_generators_are_none() {
        for trailer in [
            "Co-authored-by: Claude Martin <claude.martin@example.com>",
            "Co-authored-by: Devin Smith <devin@example.com>",
            "Co-authored-by: GitHub <noreply@github.com>",
            "Generated-by: protoc 3.21",
            "Assisted-by: Bob <bob@example.com>",
            "AI-Assisted: no",
            "Reviewed-by: Claude <noreply@anthropic.com>",
            "Signed-off-by: Codex Reader <c@example.com>",
            "no trailer",
        ] {
            assert_eq!(said(ANN, "x", &[trailer]), [], "{trailer}");
        }
    }

    #[test]
    fn identities_and_lines_of_the_message_are_claims() {
        let aider = said("Ann (aider) <ann@example.com>", "x", &[]);
        assert_eq!(aider, [(Some("aider".to_owned()), None)]);
        let bot = "copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>";
        assert_eq!(said(bot, "x", &[]), [(Some("github-copilot".to_owned()), None)]);
        let line = "\u{1f916} Generated with [Claude Code](https://claude.com/claude-code)";
        assert_eq!(
            said(ANN, &format!("x\n\n{line}\n"), &[]),
            [(Some("claude-code".to_owned()), None)]
        );
        assert_eq!(said(ANN, "aider: tidy", &[]), [(Some("aider".to_owned()), None)]);
        assert_eq!(said(ANN, "x\n\naider: is a tool", &[]), []);
        assert_eq!(
            said(ANN, "x\n\nIt was generated with [Claude Code](https://x) by Bob", &[]),
            []
        );
        assert_eq!(
            said(ANN, "x\n\nGenerated with [Claude Code](https://x) and much care", &[]),
            []
        );
    }

    #[test]
    fn a_tool_is_told_once_and_several_each() {
        let trailers = [
            "Co-Authored-By: Claude <noreply@anthropic.com>",
            "Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>",
            "Co-authored-by: Copilot <copilot@github.com>",
            "Co-authored-by: Bob <bob@example.com>",
        ];
        let found = said(ANN, "x\n\nGenerated with [Claude Code](https://x)", &trailers);
        let tools: Vec<&str> = found.iter().filter_map(|(tool, _)| tool.as_deref()).collect();
        assert_eq!(tools, ["claude-code", "github-copilot"]);
        assert_eq!(found[0].1.as_deref(), Some("Claude Opus 4.6"));
    }

    #[test]
    fn the_operator_is_a_person() {
        let of = |author: &str, trailers: &[&str]| operator(&commit(author, "x", trailers));
        assert_eq!(of(ANN, &[]).as_deref(), Some(ANN));
        let bot = "copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>";
        assert_eq!(of(bot, &[]), None);
        assert_eq!(
            of(bot, &["Co-authored-by: Ann <ann@example.com>"]).as_deref(),
            Some(ANN)
        );
    }

    #[test]
    fn tools_of_records_go_by_the_same_names() {
        assert_eq!(tool_named("claude"), "claude-code");
        assert_eq!(tool_named(" Copilot "), "github-copilot");
        assert_eq!(tool_named("some-new-tool"), "some-new-tool");
    }

    proptest! {
        #[test]
        fn any_text_is_taken(message in "\\PC{0,80}", name in "\\PC{0,30}", trailer in "(co-authored-by|assisted-by|ai-tool): (claude|gemini|İ)?\\PC{0,30}") {
            let commit = commit(&format!("{name} <x@y>"), &message, &[&trailer]);
            claims(&commit);
            operator(&commit);
        }
    }
}
