//! `gate calibrate`: weights of the risk score, fitted to the repository's own history.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use change::{Failed, LabelRequest, Labelled};
use model::gate_input::FileKind;
use outcomes::Fit;
use serde_json::json;

use super::policy;
use super::seen::kind_of;
use crate::args::CalibrateArgs;
use crate::check::here;
use crate::error::{self, CliError};

/// Longest time in which removed lines are followed.
const FOLLOW: Duration = Duration::from_secs(60);
/// How much better the later changes have to be ordered, as area under the ROC curve: less is chance.
const MARGIN: f64 = 0.01;
/// Days within which a change that is undone or mended counts as failed.
const DAYS: u32 = 60;

fn is_code(path: &str) -> bool {
    kind_of(path) == FileKind::Code
}

/// Prints weights for the policy. They are printed and not applied: a policy comes from the target branch.
///
/// # Errors
/// When there is no repository, or too little history to learn from.
pub fn run(args: &CalibrateArgs) -> Result<u8, CliError> {
    let folder = here()?;
    let (branch, side) = change::branch(folder.as_std_path(), args.target.as_deref())?;
    let judging = policy::of(&side, &branch.name)?;
    let started = Instant::now();
    let request = LabelRequest {
        repository: folder.as_std_path().to_owned(),
        commit: branch.commit.clone().unwrap_or_else(|| branch.name.clone()),
        last: args.last,
        days: DAYS,
        mending: args.fixes,
        is_code,
    };
    let labelled = change::labelled(&request, &mut || started.elapsed() < FOLLOW)?;
    let rows = rows(&labelled);
    // What is published is where it starts from, and not an earlier fit.
    let published = gate::risk::Weights::default();
    let fit = outcomes::fit(&rows, &published.prior())
        .map_err(|why| CliError::NotRunnable(format!("{}: {why}; the published weights stay", branch.name)))?;
    let is_better = fit.fitted && fit.auc >= fit.prior_auc + MARGIN;
    let weights = if is_better {
        published.fitted(fit.bias, &fit.weights, fit.changes)
    } else {
        published
    };
    if args.json {
        let told = json!({"fit": fit, "is_better": is_better, "weights": weights, "notes": labelled.notes});
        error::print(&serde_json::to_string_pretty(&told).unwrap_or_default())?;
        return Ok(0);
    }
    let mut text = told(&labelled, &fit);
    if fit.fitted {
        let _ = writeln!(
            text,
            "\n[risk]\n{}",
            toml::to_string(&weights).unwrap_or_default().trim_end()
        );
        let _ = writeln!(
            text,
            "\n# It counts once it stands in {} on {}.",
            crate::config::NAME,
            judging.identity.source.split(':').next().unwrap_or(&branch.name)
        );
    } else {
        text.push_str(
            "# They order these no better than the published weights do, or by no more than chance: those stay.\n",
        );
    }
    error::print(&text)?;
    Ok(0)
}

/// Of each change that touches code: its terms, and whether it failed.
fn rows(labelled: &Labelled) -> Vec<(Vec<f64>, bool)> {
    labelled
        .changes
        .iter()
        .filter_map(|change| {
            let code: Vec<_> = change.files.iter().filter(|file| is_code(&file.path)).collect();
            let added: u32 = code.iter().map(|file| file.added).sum();
            let paths: Vec<&str> = change.files.iter().map(|file| file.path.as_str()).collect();
            let terms = gate::risk::of_history(added, &paths, &change.history);
            (!code.is_empty()).then(|| (terms.to_vec(), change.failed.is_some()))
        })
        .collect()
}

fn told(labelled: &Labelled, fit: &Fit) -> String {
    let count = |how: Failed| {
        labelled
            .changes
            .iter()
            .filter(|change| change.failed == Some(how))
            .count()
    };
    let mut text = format!(
        "# Fitted to {} changes, of which {} were undone or mended within {DAYS} days ({} reverted, {} named by what mends them, {} by lines\n\
         # that a later fix removes); judged on the {} after them, of which {} were.\n\
         # Which of two changes fails, as told by these weights: {:.2} (published: {:.2}; 0.5 is chance). Brier score {:.3} ({:.3}).\n",
        fit.changes,
        fit.failed,
        count(Failed::Reverted),
        count(Failed::Named),
        count(Failed::Mended),
        fit.held_out,
        fit.held_out_failed,
        fit.auc,
        fit.prior_auc,
        fit.brier,
        fit.prior_brier
    );
    for note in &labelled.notes {
        let _ = writeln!(text, "# {note}");
    }
    text
}
