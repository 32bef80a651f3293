//! `counterproof gate`: may this change be merged, may this artifact be deployed?

mod auditing;
mod branch;
mod calibrating;
mod deploying;
mod documents;
mod evidence;
pub mod facts;
mod keeping;
pub mod papers;
pub mod people;
pub mod policy;
mod record;
mod renewing;
mod reviewing;
mod seen;
mod testing;

use model::{RuleResult, RuleState, Verdict};

use crate::args::{GateCommand, GateFormat, KeepingArgs, MergeArgs};
use crate::check::here;
use crate::error::CliError;
use crate::settings;
use facts::Asked;
use report::TerminalOptions;

pub use documents::parts as document_parts;

/// Does what was asked.
///
/// # Errors
/// When the question makes no sense, or its facts cannot be had.
pub fn run(command: &GateCommand) -> Result<u8, CliError> {
    match command {
        GateCommand::Merge(args) => {
            let asked = facts::of_merge(&here()?, args)?;
            let post = args.post.then_some(args.pull_request.as_deref());
            answer(asked, args.format, false, &args.keeping, post)
        }
        GateCommand::Deploy(args) => {
            let asked = deploying::of_deployment(&here()?, args)?;
            if args.input {
                return input(asked);
            }
            answer(asked, args.format, args.explain, &args.keeping, None)
        }
        GateCommand::Deployed(args) => auditing::deployed(args),
        GateCommand::Audit(args) => auditing::audit(args),
        GateCommand::Test(args) => testing::run(args),
        GateCommand::Frameworks(args) => renewing::run(args),
        GateCommand::Calibrate(args) => calibrating::run(args),
        GateCommand::Explain(args) => explain(args),
        GateCommand::Input(args) => {
            let asked = facts::of_merge(&here()?, args)?;
            input(asked)
        }
    }
}

/// Prints what another policy engine is asked about. Evidence that was signed for it is kept: the verdict later rests on the same.
fn input(mut asked: Asked) -> Result<u8, CliError> {
    if let Err(error) = keeping::keep_statements(&asked) {
        crate::error::say(&format!("what was signed is not in the ledger: {error}"));
    }
    asked.input.digest = Some(gate::digest_of_question(&asked.input));
    crate::error::print(&report::gate::input_json(&asked.input))?;
    Ok(0)
}

fn explain(args: &MergeArgs) -> Result<u8, CliError> {
    let asked = facts::of_merge(&here()?, args)?;
    let verdict = verdict(&asked);
    show(&verdict, args.format, true)?;
    Ok(verdict.ruling.exit_code())
}

/// Judges, keeps the verdict, and shows it; on the pull request, too, where that is asked for.
fn answer(
    asked: Asked,
    format: GateFormat,
    verbose: bool,
    args: &KeepingArgs,
    post: Option<Option<&str>>,
) -> Result<u8, CliError> {
    let verdict = verdict(&asked);
    let (verdict, kept) = keeping::keep(&asked, verdict, args)?;
    show(&verdict, format, verbose)?;
    show_kept(&kept, format)?;
    if let Some(request) = post {
        reviewing::post(request, &verdict)?;
    }
    Ok(verdict.ruling.exit_code())
}

/// The verdict; a policy that cannot judge, or a ledger that cannot be trusted, holds whatever it is asked about.
fn verdict(asked: &Asked) -> Verdict {
    let mut verdict = gate::decide(&asked.judging.policy, &asked.input);
    if let Some(why) = &asked.unknown_service {
        hold(
            &mut verdict,
            "service",
            why.clone(),
            "name one of those, or add a [[service]] on the target branch",
        );
    }
    if let Some(why) = &asked.trouble {
        hold(
            &mut verdict,
            "ledger",
            format!("the ledger cannot be trusted: {why}"),
            "`counterproof ledger verify` tells what is wrong with it",
        );
    }
    if let Some(why) = &asked.judging.broken {
        hold(
            &mut verdict,
            "policy",
            format!("the policy cannot judge: {why}"),
            "whoever owns counterproof.toml mends it on the target branch",
        );
    }
    verdict
}

/// Adds something that no policy can leave out.
fn hold(verdict: &mut Verdict, rule: &str, text: String, give: &str) {
    let result = RuleResult {
        rule: rule.to_owned(),
        kind: rule.to_owned(),
        framework: None,
        state: RuleState::Missing,
        text,
        evidence: Vec::new(),
        give: vec![give.to_owned()],
    };
    verdict.ruling = verdict.ruling.max(result.state.ruling());
    verdict.rules.insert(0, result);
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

/// Where the verdict is kept. The root of the ledger is printed wherever verdicts are: whoever has it can tell later whether the
/// ledger still is what it was.
fn show_kept(kept: &[String], format: GateFormat) -> Result<(), CliError> {
    for line in kept {
        match format {
            GateFormat::Terminal => crate::error::print(&format!("  {line}"))?,
            GateFormat::Markdown => crate::error::print(&format!("\n`{line}`"))?,
            GateFormat::Github => crate::error::print(&format!("::notice title=Counterproof ledger::{line}"))?,
            // Nothing but JSON on standard output.
            GateFormat::Json => crate::error::say(line),
        }
    }
    Ok(())
}
