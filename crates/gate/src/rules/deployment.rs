//! Rules over the artifact that is deployed.

use model::gate_input::{DeploymentFacts, PastVerdict};
use model::{Ruling, Stage};

use super::{Answer, Asked};
use crate::words::{count, some};

fn deployment<'a>(asked: &Asked<'a>) -> Result<&'a DeploymentFacts, Answer> {
    let none = || Answer::unavailable("it is not known what is deployed");
    asked.input.deployment.as_ref().ok_or_else(none)
}

pub(super) fn provenance(asked: &Asked<'_>) -> Answer {
    let deployment = match deployment(asked) {
        Ok(deployment) => deployment,
        Err(answer) => return answer,
    };
    if let Some(built) = &deployment.provenance {
        return Answer::satisfied(format!(
            "{} built it from commit {}",
            built.builder,
            short(&built.commit)
        ))
        .resting_on([built.source.clone(), built.tree.clone()]);
    }
    let why = match deployment.not_provenance.as_slice() {
        [] => "no provenance was given".to_owned(),
        several => some(several, 2),
    };
    Answer::not(format!("nothing joins {} and a tree that was verified: {why}", short(&deployment.artifact)))
        .give("the builder signs SLSA provenance for the artifact, and `--provenance FILE` hands it in; its key is in [[gate.builder]]")
}

pub(super) fn merged(asked: &Asked<'_>) -> Answer {
    let deployment = match deployment(asked) {
        Ok(deployment) => deployment,
        Err(answer) => return answer,
    };
    let Some(built) = &deployment.provenance else {
        return Answer::unavailable("it is not known which tree it was built from");
    };
    if !built.merged {
        return Answer::missing(format!(
            "commit {} that it was built from is not on the branch whose policy judges",
            short(&built.commit)
        ))
        .give(
            "merge it, and deploy what is built from the merge; `--target BRANCH` judges by another branch's policy",
        );
    }
    let verdicts = || {
        deployment
            .verdicts
            .iter()
            .filter(|verdict| verdict.stage == Stage::Merge)
    };
    let latest = verdicts()
        .filter(|verdict| verdict.trusted)
        .max_by_key(|verdict| verdict.entry);
    let give = format!(
        "let CI run `counterproof gate merge` for commit {}",
        short(&built.commit)
    );
    let Some(verdict) = latest else {
        let text = match verdicts().count() {
            0 => format!(
                "the ledger holds no verdict for the tree of commit {}",
                short(&built.commit)
            ),
            number => format!(
                "no key that the policy names signed {} for that tree",
                count(number, "verdict", "verdicts")
            ),
        };
        return Answer::missing(text).give(give);
    };
    let entry = format!("ledger {}", verdict.entry);
    if verdict.ruling != Ruling::Pass {
        return Answer::not(format!(
            "the latest verdict for the merge was {} ({entry})",
            verdict.ruling.word()
        ))
        .resting_on([entry])
        .give(give);
    }
    if let Some(refused) = verdict.on_refused {
        return Answer::not(format!(
            "it passed ({entry}) on top of a state of the branch that the gate refused (ledger {refused}), and what was refused is still in it"
        ))
        .resting_on([entry])
        .give("let what was refused pass first: `counterproof gate merge` for that commit, once it has what it lacked");
    }
    if let Some(hours) = asked.rule.hours.filter(|hours| is_older(asked, verdict, *hours)) {
        return Answer::missing(format!(
            "the verdict for the merge is older than {hours} hours ({entry})"
        ))
        .resting_on([entry])
        .give(give);
    }
    Answer::satisfied(format!("it passed at {}", verdict.time)).resting_on([entry])
}

fn is_older(asked: &Asked<'_>, verdict: &PastVerdict, hours: u32) -> bool {
    asked.input.now.as_second() - verdict.time.as_second() > i64::from(hours) * 3600
}

/// The beginning of a digest or an id.
fn short(id: &str) -> String {
    let bare = id.strip_prefix("sha256:").unwrap_or(id);
    bare.chars().take(12).collect()
}
