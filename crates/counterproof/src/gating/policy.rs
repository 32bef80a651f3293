//! The policy that judges: the target branch's, never the change's own.

use change::Side;
use gate::Policy;
use gate::owners::{CODEOWNERS, CodeOwners};
use model::gate_input::PolicyIdentity;

use crate::config::{self, Config};
use crate::records::statements::SIGNERS;

/// A policy as the target branch has it.
pub struct Judging {
    /// All of its `counterproof.toml`.
    pub config: Config,
    /// What of it the gate judges by, with the default rules.
    pub policy: Policy,
    /// Its CODEOWNERS.
    pub owners: CodeOwners,
    /// Its text, where there is one.
    pub text: Option<String>,
    /// Text of its CODEOWNERS, where there is one.
    pub owners_text: Option<String>,
    /// Text of its `allowed_signers`, where there is one.
    pub signers: Option<String>,
    /// Which one it is.
    pub identity: PolicyIdentity,
    /// Why it cannot judge: file, line and what was expected. The policy is the default one then, and nothing passes.
    pub broken: Option<String>,
}

/// Reads the policy of a version.
///
/// # Errors
/// When git fails.
pub fn of(side: &Side, name: &str) -> Result<Judging, change::Error> {
    let text = text_of(side, config::NAME)?;
    let owners = CODEOWNERS
        .iter()
        .find_map(|path| text_of(side, path).transpose())
        .transpose()?;
    let (config, policy, broken) = match text.as_deref().map(config::with_policy) {
        None => (Config::default(), Policy::default().with_defaults(), None),
        Some(Ok((config, policy))) => (config, policy, None),
        Some(Err(why)) => (
            Config::default(),
            Policy::default().with_defaults(),
            Some(format!("{}:{}, {why}", name, config::NAME)),
        ),
    };
    let identity = PolicyIdentity {
        source: match &text {
            Some(_) => format!("{name}:{}", config::NAME),
            None => "default".to_owned(),
        },
        digest: digest(text.as_deref(), owners.as_deref()),
    };
    Ok(Judging {
        config,
        policy,
        owners: CodeOwners::parse(owners.as_deref().unwrap_or_default()),
        signers: text_of(side, SIGNERS)?,
        text,
        owners_text: owners,
        identity,
        broken,
    })
}

/// Digest of a policy; owners are part of what judges.
pub fn digest(text: Option<&str>, owners: Option<&str>) -> String {
    gate::digest(format!("{}\0{}", text.unwrap_or(gate::DEFAULT), owners.unwrap_or_default()).as_bytes())
}

/// Why the policy of a version could not judge.
///
/// # Errors
/// When git fails.
pub fn broken(side: &Side) -> Result<Option<String>, change::Error> {
    let text = text_of(side, config::NAME)?;
    Ok(text
        .and_then(|text| config::with_policy(&text).err())
        .map(|why| format!("{}, {why}", config::NAME)))
}

fn text_of(side: &Side, path: &str) -> Result<Option<String>, change::Error> {
    let Some(entry) = side.entry(path) else {
        return Ok(None);
    };
    let bytes = side.read(&entry.id)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
