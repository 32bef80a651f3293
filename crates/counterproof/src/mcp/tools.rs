//! The tools: their names, what they are for, and what they do to the world. None of them accepts, approves, overrides or allows anything.

use std::sync::Arc;

use rmcp::handler::server::tool::{schema_for_input, schema_for_output};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;

use super::{answers, arguments};

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// What a change does to behaviour.
    CheckChange,
    /// The whole story of a finding.
    ExplainFinding,
    /// A finding, run again.
    Reproduce,
    /// A finding, as a test.
    Keep,
    /// May it be merged?
    GateStatus,
    /// What the change is meant to do.
    DeclareIntent,
    /// What an action would do.
    JudgeAction,
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::CheckChange,
        Self::ExplainFinding,
        Self::Reproduce,
        Self::Keep,
        Self::GateStatus,
        Self::DeclareIntent,
        Self::JudgeAction,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CheckChange => "check_change",
            Self::ExplainFinding => "explain_finding",
            Self::Reproduce => "reproduce",
            Self::Keep => "keep",
            Self::GateStatus => "gate_status",
            Self::DeclareIntent => "declare_intent",
            Self::JudgeAction => "judge_action",
        }
    }

    /// The tool of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    fn title(self) -> &'static str {
        match self {
            Self::CheckChange => "Check what a change does to behaviour",
            Self::ExplainFinding => "Explain a finding",
            Self::Reproduce => "Run a finding again",
            Self::Keep => "Keep a finding as a test",
            Self::GateStatus => "May it be merged?",
            Self::DeclareIntent => "Declare what is meant",
            Self::JudgeAction => "Judge an action before it runs",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::CheckChange => {
                "Runs what the code did before beside what it does now, on inputs that it searches for, and gives the differences in behaviour by example: call, was, now, cause. Runs the project's tests that may reach the change, too. Python code, in a sandbox, without network; half a minute at most as a rule. Call it when an edit is finished, before you say that it is. Without arguments: the working tree against the merge base with the default branch. What is not verified is listed and is no pass."
            }
            Self::ExplainFinding => {
                "The whole story of one finding: both texts of the function, the call, how it was found and replayed, and its cause. Takes the id that `check_change` told."
            }
            Self::Reproduce => {
                "Runs the example of a finding again, on both versions as they were checked, in the sandbox, and tells whether they differ again. With `as_script` it gives a script that needs nothing but Python, and runs nothing."
            }
            Self::Keep => {
                "Writes the example of a finding as an ordinary pytest test into `test_kept.py` among the project's tests. The test asserts what the code did before the change, so that it fails until the code does that again. It is written only where it passes ten times before and fails after. What no plain assertion can tell is not kept, with the reason."
            }
            Self::GateStatus => {
                "Tells whether merging would pass the policy of the target branch, rule by rule, and who can give what is missing. Committed changes alone. Nothing is recorded. Approvals and overrides are for people: ask them, no tool gives one."
            }
            Self::DeclareIntent => {
                "Declares what the change is meant to do to behaviour, or that it is to change nothing. Later calls of `check_change` in this session take it as `--intent`: what nobody declared is read first, and what is declared and does not show is told. It never makes a finding less or a check pass. Each call takes the place of the one before. Gives the trailers for the commit's message, too, where it outlives the session."
            }
            Self::JudgeAction => {
                "Tells what would be said to an action before you try it: a shell command, a write to a file, a plan or a statement of SQL. allow, ask or deny, with what would be lost and the safer way. What it is goes into `action`. Nothing is run, nothing is recorded, and the answer lets nothing run: what the agent's hook says counts."
            }
        }
    }

    /// What it does to the world.
    fn annotations(self) -> ToolAnnotations {
        let hints = ToolAnnotations::with_title(self.title());
        match self {
            // The one that writes into the project: it adds to a file, and the same once only.
            Self::Keep => hints
                .read_only(false)
                .destructive(false)
                .idempotent(true)
                .open_world(false),
            // It changes what later calls show first.
            Self::DeclareIntent => hints
                .read_only(false)
                .destructive(false)
                .idempotent(true)
                .open_world(false),
            // Where a token is given, reviews are read from a forge; the ledger may be in a bucket.
            Self::GateStatus => hints
                .read_only(true)
                .destructive(false)
                .idempotent(true)
                .open_world(true),
            Self::CheckChange | Self::ExplainFinding | Self::Reproduce | Self::JudgeAction => hints
                .read_only(true)
                .destructive(false)
                .idempotent(true)
                .open_world(false),
        }
    }

    fn schemas(self) -> (Arc<JsonObject>, Arc<JsonObject>) {
        match self {
            Self::CheckChange => both::<arguments::Check, answers::Checked>(),
            Self::ExplainFinding => both::<arguments::Explain, answers::Explained>(),
            Self::Reproduce => both::<arguments::Reproduce, answers::Reproduced>(),
            Self::Keep => both::<arguments::Keep, answers::Kept>(),
            Self::GateStatus => both::<arguments::Gate, answers::GateStatus>(),
            Self::DeclareIntent => both::<arguments::Declare, answers::Intended>(),
            Self::JudgeAction => both::<arguments::Judge, answers::Judged>(),
        }
    }

    /// As it is listed.
    pub fn tool(self) -> Tool {
        let (input, output) = self.schemas();
        Tool::new(self.name(), self.description(), input)
            .with_title(self.title())
            .with_raw_output_schema(output)
            .with_annotations(self.annotations())
    }
}

/// What a tool takes and gives. Both are objects by their types, which the tests hold them to.
fn both<I: JsonSchema + 'static, O: JsonSchema + 'static>() -> (Arc<JsonObject>, Arc<JsonObject>) {
    (schema_for_input::<I>().unwrap_or_default(), schema_for_output::<O>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_says_what_it_takes_gives_and_does() {
        for which in Which::ALL {
            let tool = which.tool();
            assert_eq!(Which::named(&tool.name), Some(which));
            assert_eq!(tool.input_schema["type"], "object", "{which:?}");
            assert_eq!(tool.input_schema["additionalProperties"], false, "{which:?}");
            assert_eq!(
                tool.output_schema.as_ref().expect("a schema")["type"],
                "object",
                "{which:?}"
            );
            let hints = tool.annotations.expect("hints");
            assert!(hints.read_only_hint.is_some() && hints.open_world_hint.is_some());
            assert_eq!(hints.destructive_hint, Some(false));
        }
        assert_eq!(Which::named("accept"), None);
    }

    #[test]
    fn no_tool_has_a_name_for_what_lets_more_happen() {
        for which in Which::ALL {
            let schema = serde_json::to_string(&which.tool().input_schema["properties"]).expect("JSON");
            for word in [
                "sandbox", "install", "python", "accept", "approve", "override", "allow", "\"seed\"", "budget",
            ] {
                let named = format!("\"{word}");
                assert!(!schema.contains(&named), "{which:?} {word}: {schema}");
            }
        }
    }
}
