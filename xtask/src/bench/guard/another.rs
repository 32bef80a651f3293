//! Another guard, measured in the same run: `cc-safety-net` (MIT), run as a program. It is installed by npm into the bench's folder.

use super::{Hook, event, folder};
use crate::bench::summary::Summary;
use crate::guard_corpus::Labelled;
use crate::shell::{self, Result};
use ::guard::{NoFiles, Surroundings};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// Its name and the version that is measured.
const PACKAGE: &str = "cc-safety-net";
const VERSION: &str = "2.4.5";

/// The other guard, or why it is not there.
pub struct Another {
    found: std::result::Result<Hook, String>,
}

impl Another {
    /// Installs it where it is missing. Without npm, or without a network, the bench goes on.
    pub fn set_up() -> Result<Self> {
        for program in ["node", "npm"] {
            if !shell::works(Command::new(program).arg("--version")) {
                let found = Err(format!("not measured: {program} is missing"));
                return Ok(Self { found });
            }
        }
        let package = folder().join("node_modules").join(PACKAGE);
        let is_there = std::fs::read_to_string(package.join("package.json"))
            .ok()
            .and_then(|text| serde_json::from_str::<Value>(&text).ok())
            .is_some_and(|told| told["version"] == VERSION);
        if !is_there {
            shell::make_folder(&folder())?;
            let mut install = Command::new("npm");
            install
                .args([
                    "install",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--no-save",
                    "--prefix",
                ])
                .arg(folder())
                .arg(format!("{PACKAGE}@{VERSION}"));
            if let Err(error) = shell::output(&mut install) {
                shell::say(&error);
                let found = Err("not measured: npm could not install it".to_owned());
                return Ok(Self { found });
            }
        }
        let home = folder().join("home");
        shell::make_folder(&home)?;
        let program = package.join("dist/bin/cc-safety-net.js");
        let found = Ok(Hook {
            program: PathBuf::from("node"),
            arguments: vec![
                program.display().to_string(),
                "hook".to_owned(),
                "--coding-cli".to_owned(),
            ],
            variables: vec![("HOME", home.clone()), ("CC_SAFETY_NET_HOME", home)],
        });
        Ok(Self { found })
    }

    /// What it is called.
    pub fn name(&self) -> String {
        format!("{PACKAGE} {VERSION}")
    }

    /// Its hook, if it is there.
    pub fn hook(&self) -> Option<&Hook> {
        self.found.as_ref().ok()
    }

    /// Why it is not measured.
    pub fn why_not(&self) -> String {
        self.found.as_ref().err().cloned().unwrap_or_default()
    }

    /// Asks it about every so many lines of the corpus: so many that are to be stopped, and so many that are not.
    pub fn compare(&self, summary: &mut Summary, corpus: &[Labelled], sample: usize) -> Result<()> {
        let Some(hook) = self.hook() else { return Ok(()) };
        let place = Surroundings {
            home: "/home/ada".to_owned(),
            branch: Some("feature".to_owned()),
            default_branch: Some("main".to_owned()),
            ..Surroundings::bare("/code/shop", &NoFiles)
        };
        let shop = shop()?;
        for (is_benign, what) in [
            (false, "lines to be asked about or denied that are stopped"),
            (true, "lines to be allowed that are stopped"),
        ] {
            let of_kind: Vec<&Labelled> = corpus
                .iter()
                .filter(|one| (one.decision == "allow") == is_benign)
                .collect();
            let stride = (of_kind.len() / sample.max(1)).max(1);
            let (mut asked, mut theirs, mut ours) = (0, 0, 0);
            for one in of_kind.into_iter().step_by(stride).take(sample) {
                asked += 1;
                theirs += usize::from(stops(&hook.ask(&event(&one.command, &shop))?));
                let judged = ::guard::command(&one.command, &place);
                ours += usize::from(judged.decision > ::guard::Decision::Allow);
            }
            summary.tell(
                format!("{what}: a sample of {asked} from our own corpus, which favours us"),
                format!("{} as installed {theirs}, ours {ours}", self.name()),
            );
        }
        Ok(())
    }
}

/// Whether an answer to Claude Code denies or asks.
fn stops(stdout: &str) -> bool {
    let value: Value = serde_json::from_str(stdout).unwrap_or_default();
    let decision = &value["hookSpecificOutput"]["permissionDecision"];
    decision == "deny" || decision == "ask"
}

/// A repository like the one that the corpus is labelled for: on the branch `feature`, with no files.
fn shop() -> Result<PathBuf> {
    let shop = folder().join("shop");
    if !shop.join(".git").exists() {
        shell::make_folder(&shop)?;
        shell::output(
            Command::new("git")
                .args(["init", "--quiet", "-b", "feature"])
                .arg(&shop),
        )?;
    }
    Ok(shop)
}
