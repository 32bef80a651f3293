//! Evidence about a merge result: what a runner signed, or what is found out here.

use std::collections::BTreeSet;
use std::time::Instant;

use attest::predicates::Evidence;
use camino::Utf8Path;
use change::Merge;
use gate::WhoseEvidence;
use jiff::Timestamp;
use model::Stage;
use model::gate_input::EvidenceFacts;
use model::report::CheckReport;

use super::policy::Judging;
use super::{record, seen};
use crate::accepted::Accepted;
use crate::args::CheckArgs;
use crate::check;
use crate::error::CliError;
use crate::records::keys;
use crate::records::statements::{Sealed, Vouched};
use crate::settings::Settings;
use crate::versions::Cache;

/// What evidence is asked of.
pub struct Asking<'a> {
    /// A folder of the repository.
    pub folder: &'a Utf8Path,
    /// The policy that judges.
    pub judging: &'a Judging,
    /// Whose signatures count.
    pub vouched: &'a Vouched,
    /// Where evidence is kept on this machine.
    pub cache: &'a Cache,
    /// The change, merged.
    pub merge: &'a Merge,
    /// When the command began.
    pub started: Instant,
    /// What time it is.
    pub now: Timestamp,
}

impl Asking<'_> {
    /// Evidence, that which counts first; with it, what was made and signed here.
    ///
    /// Where signed evidence about this very tree counts already, nothing is run.
    ///
    /// # Errors
    /// When nothing can be run at all, or a key cannot be read.
    pub fn evidence(
        &self,
        signed: &[(String, Sealed)],
        earlier: &[(String, Sealed)],
    ) -> Result<(Vec<EvidenceFacts>, Option<Sealed>), CliError> {
        let mut all: Vec<EvidenceFacts> = signed
            .iter()
            .filter_map(|(source, sealed)| self.of_signed(source, sealed))
            .collect();
        let mut made = None;
        if !all.iter().any(|evidence| evidence.counts) {
            let (evidence, sealed) = match self.carried(earlier)? {
                Some(carried) => carried,
                None => self.made_here()?,
            };
            all.push(evidence);
            made = sealed;
        }
        all.sort_by_key(|evidence| !evidence.counts);
        Ok((all, made))
    }

    fn whose(&self) -> WhoseEvidence {
        self.judging.policy.whose_evidence(Stage::Merge)
    }

    fn settings(&self) -> Result<Settings, CliError> {
        Settings::of(&CheckArgs::default(), &check::top_of(self.folder), &self.judging.config)
    }

    /// Digest of how the target branch has changes checked.
    fn settings_digest(&self) -> String {
        let config = &self.judging.config;
        gate::digest(format!("{:?}{:?}{:?}", config.check, config.sandbox, config.strong).as_bytes())
    }

    fn of_signed(&self, source: &str, sealed: &Sealed) -> Option<EvidenceFacts> {
        let signed = sealed.statement::<Evidence>()?;
        let evidence = signed.statement.predicate();
        let Ok(mut report) = serde_json::from_value::<CheckReport>(evidence.report.clone()) else {
            return Some(EvidenceFacts {
                digest: signed.digest(),
                made_by: source.to_owned(),
                why_not: Some("its report cannot be read by this version".to_owned()),
                ..EvidenceFacts::default()
            });
        };
        self.mark(&mut report);
        let mut facts = seen::facts(&report);
        facts.digest = signed.digest();
        facts.time = Some(evidence.time);
        let runner = signed.by_runner(self.vouched);
        facts.made_by = match runner {
            Some(runner) => format!("{runner} ({source})"),
            None => format!("the key {} ({source})", evidence.made_by),
        };
        facts.why_not = self.why_not(evidence, sealed, runner);
        facts.counts = facts.why_not.is_none();
        Some(facts)
    }

    /// What the target accepts now counts, and not what it accepted when a report was made.
    fn mark(&self, report: &mut CheckReport) {
        let accepted = Accepted::of(&self.merge.pair).ok();
        report::mark_accepted(report, &|id| {
            accepted.as_ref().and_then(|accepted| accepted.acceptance(id))
        });
    }

    /// Trees that the target had.
    fn trees(&self) -> Result<BTreeSet<String>, CliError> {
        let target = &self.merge.target;
        let commit = target.commit.as_deref().unwrap_or(&target.name);
        Ok(change::trees_of(self.folder.as_std_path(), commit, 20_000)?)
    }

    /// What the change itself tells, without anything being run: concerns that nobody accepted, and files that cannot be.
    fn of_syntax(&self) -> EvidenceFacts {
        let accepted = Accepted::of(&self.merge.pair).ok();
        let is_accepted = |id: &str| accepted.as_ref().is_some_and(|accepted| accepted.is_accepted(id));
        let change = &self.merge.change;
        let concerns = change.concerns.iter().filter(|concern| !is_accepted(&concern.id));
        EvidenceFacts {
            concerns: concerns.cloned().collect(),
            unverified_files: seen::unverified_files(&change.unverified),
            ..EvidenceFacts::default()
        }
    }

    /// Why signed evidence does not count.
    fn why_not(&self, evidence: &Evidence, sealed: &Sealed, runner: Option<&str>) -> Option<String> {
        if let Err(why) = sealed.check() {
            return Some(format!("its signature does not hold: {why}"));
        }
        // Where anybody's counts, it is found out here: what comes along signed by a stranger proves nothing.
        if runner.is_none() {
            return Some("no runner that the policy names signed it".to_owned());
        }
        let policy = self.judging.identity.digest.trim_start_matches("sha256:");
        if evidence.policy_digest != policy {
            return Some("it was made under another policy".to_owned());
        }
        if evidence.settings_digest != self.settings_digest().trim_start_matches("sha256:") {
            return Some("it was made with other settings".to_owned());
        }
        let version = env!("CARGO_PKG_VERSION");
        if evidence.tool.version != version {
            return Some(format!(
                "version {} made it, and this is {version}",
                evidence.tool.version
            ));
        }
        (evidence.time > self.now)
            .then(|| format!("it says that it was made at {}, which is yet to come", evidence.time))
    }

    /// Evidence of a runner about the same change, merged into an earlier state of the target: what neither change has a part in
    /// of the other holds still, and the rest alone is verified again.
    fn carried(&self, earlier: &[(String, Sealed)]) -> Result<Option<(EvidenceFacts, Option<Sealed>)>, CliError> {
        for (source, sealed) in earlier {
            let Some(signed) = sealed.statement::<Evidence>() else {
                continue;
            };
            let evidence = signed.statement.predicate();
            let Some(mut facts) = self.of_signed(source, sealed).filter(|facts| facts.counts) else {
                continue;
            };
            // It must have been about a merge into this target, and not into another branch.
            if !self.trees()?.contains(&evidence.base_tree) {
                continue;
            }
            // What is not here any more cannot be compared: the evidence is as good as none.
            let Ok(Some(moved)) = self.merge.moved_since(&evidence.base_tree, &evidence.tree) else {
                continue;
            };
            let (base, head) = (self.merge.pair.base.index(), self.merge.pair.head.index());
            let meeting = planner::meeting(&self.merge.change, &[&moved.target, &moved.result], &[base, head]);
            let tree = evidence.tree.get(..12).unwrap_or(&evidence.tree);
            // What is told without running anything is told of the change as it is.
            let told = self.of_syntax();
            facts.concerns = told.concerns;
            facts.unverified_files = told.unverified_files;
            if meeting.is_empty() {
                facts.carried = Some(format!(
                    "it is about tree {tree}; the target went on since, and nothing of that meets this change"
                ));
                return Ok(Some((facts, None)));
            }
            let again: BTreeSet<(String, String)> = meeting
                .iter()
                .filter_map(|at| self.merge.change.functions.get(*at))
                .map(|function| (function.path.clone(), function.qualified_name.clone()))
                .collect();
            let names: Vec<String> = again.iter().map(|(_, name)| name.clone()).collect();
            let met = gate::words::some(&names, 3);
            if self.whose() == WhoseEvidence::Runner && keys::runner()?.is_none() {
                facts.counts = false;
                facts.why_not = Some(format!(
                    "it is about tree {tree}, and what the target changed since meets {met}"
                ));
                return Ok(Some((facts, None)));
            }
            let Ok(before) = serde_json::from_value::<CheckReport>(evidence.report.clone()) else {
                continue;
            };
            let (mut facts, sealed) = self.made(Some(&meeting), |report| combined(before, report, &again))?;
            facts.carried = Some(format!(
                "the evidence of {source} about tree {tree}, with {met} verified again: what the target changed since meets them"
            ));
            return Ok(Some((facts, sealed)));
        }
        Ok(None)
    }

    /// A check of the merge result with the target's settings; signed where this is a runner.
    fn made_here(&self) -> Result<(EvidenceFacts, Option<Sealed>), CliError> {
        self.made(None, |report| report)
    }

    /// As above, of some of the functions.
    fn made(
        &self,
        only: Option<&BTreeSet<usize>>,
        complete: impl FnOnce(CheckReport) -> CheckReport,
    ) -> Result<(EvidenceFacts, Option<Sealed>), CliError> {
        let runner = keys::runner()?;
        let args = CheckArgs {
            // What a runner signs it has seen itself.
            no_cache: runner.is_some(),
            ..CheckArgs::default()
        };
        let settings = self.settings()?;
        let mut change = self.merge.change.clone();
        if let Some(only) = only {
            let mut at = 0..;
            change
                .functions
                .retain(|_| at.next().is_some_and(|at| only.contains(&at)));
        }
        check::leave_out(&mut change, &settings.exclude);
        let pair = &self.merge.pair;
        let (_, mut report) = check::judge_pair(self.folder, &args, &settings, self.cache, change, pair, self.started)?;
        // The same evidence has one digest, whether it was just made or is at hand.
        report.cached = false;
        let mut report = complete(report);
        self.mark(&mut report);
        let mut facts = seen::facts(&report);
        let anybody = self.whose() == WhoseEvidence::Anybody;
        let Some((key, tree)) = runner.zip(self.merge.tree()) else {
            facts.digest = gate::digest_of_input(&report);
            "this machine".clone_into(&mut facts.made_by);
            facts.counts = anybody;
            facts.why_not = (!anybody).then(|| self.wanted());
            return Ok((facts, None));
        };
        let trees = (self.merge.target.tree.as_str(), tree);
        let sealed = record::evidence(&key, self.judging, &self.settings_digest(), trees, &report, self.now)?;
        let signed = sealed.statement::<Evidence>();
        let named = signed.as_ref().and_then(|signed| signed.by_runner(self.vouched));
        facts.digest = signed.as_ref().map(|signed| signed.digest()).unwrap_or_default();
        facts.time = Some(self.now);
        facts.made_by = named.map_or_else(|| format!("the key {}", key.public().id()), str::to_owned);
        facts.counts = anybody || named.is_some();
        facts.why_not = (!facts.counts).then(|| self.wanted());
        Ok((facts, Some(sealed)))
    }

    /// Whose evidence the policy wants.
    fn wanted(&self) -> String {
        let runners: Vec<&String> = self
            .judging
            .policy
            .gate
            .runner
            .iter()
            .map(|runner| &runner.name)
            .collect();
        match runners.as_slice() {
            [] => "the policy counts what a runner signs, and names none: add a [[gate.runner]]".to_owned(),
            runners => format!("the policy counts what {} signs", gate::words::or(runners)),
        }
    }
}

/// An earlier report with what was verified again in the place of what it said of that.
fn combined(before: CheckReport, mut now: CheckReport, again: &BTreeSet<(String, String)>) -> CheckReport {
    let kept = before
        .functions
        .into_iter()
        .filter(|function| !again.contains(&(function.path.clone(), function.qualified_name.clone())));
    now.functions.extend(kept);
    let known: BTreeSet<(String, String)> = now
        .tests
        .iter()
        .map(|test| (test.path.clone(), test.name.clone()))
        .collect();
    let tests = before.tests.into_iter();
    now.tests
        .extend(tests.filter(|test| !known.contains(&(test.path.clone(), test.name.clone()))));
    let names: Vec<String> = again.iter().map(|(_, name)| name.clone()).collect();
    now.notes.push(format!(
        "verified again after the target went on: {}",
        gate::words::some(&names, 10)
    ));
    now.verified = report::verified::of(&now.functions);
    now
}
