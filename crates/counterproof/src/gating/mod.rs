//! `counterproof gate`: may this change be merged, may this artifact be deployed?

mod facts;
mod people;
mod policy;
mod seen;

use model::gate_input::GateInput;
use model::{RuleResult, RuleState, Verdict};

use crate::args::{GateCommand, GateFormat, MergeArgs};
use crate::check::here;
use crate::error::CliError;
use crate::settings;
use policy::Judging;
use report::TerminalOptions;

/// Does what was asked.
///
/// # Errors
/// When the question makes no sense, or its facts cannot be had.
pub fn run(command: &GateCommand) -> Result<u8, CliError> {
    match command {
        GateCommand::Merge(args) => judge(args, false),
        GateCommand::Explain(args) => judge(args, true),
        GateCommand::Input(args) => {
            let (_, input) = facts::of_merge(&here()?, args)?;
            crate::error::print(&report::gate::input_json(&input))?;
            Ok(0)
        }
    }
}

fn judge(args: &MergeArgs, verbose: bool) -> Result<u8, CliError> {
    let (judging, input) = facts::of_merge(&here()?, args)?;
    let verdict = verdict(&judging, &input);
    show(&verdict, args.format, verbose)?;
    Ok(verdict.ruling.exit_code())
}

/// The verdict; a policy that cannot judge holds whatever it is asked about.
fn verdict(judging: &Judging, input: &GateInput) -> Verdict {
    let mut verdict = gate::decide(&judging.policy, input);
    if let Some(why) = &judging.broken {
        let result = RuleResult {
            rule: "policy".to_owned(),
            kind: "policy".to_owned(),
            framework: None,
            state: RuleState::Missing,
            text: format!("the policy cannot judge: {why}"),
            evidence: vec![judging.identity.digest.clone()],
            give: vec!["whoever owns counterproof.toml mends it on the target branch".to_owned()],
        };
        verdict.ruling = verdict.ruling.max(result.state.ruling());
        verdict.rules.insert(0, result);
    }
    verdict
}

fn show(verdict: &Verdict, format: GateFormat, verbose: bool) -> Result<(), CliError> {
    let text = match format {
        GateFormat::Terminal => report::gate::terminal(
            verdict,
            &TerminalOptions {
                color: settings::colour(),
                width: settings::width(),
                verbose,
            },
        ),
        GateFormat::Json => report::gate::json(verdict),
        GateFormat::Markdown => report::gate::markdown(verdict),
        GateFormat::Github => report::gate::github(verdict),
    };
    Ok(crate::error::print(&text)?)
}
