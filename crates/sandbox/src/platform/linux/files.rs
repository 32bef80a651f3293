//! File rules, by Landlock; with them its rules on TCP, signals and abstract sockets.

use camino::Utf8Path;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

use super::loader;
use crate::message::Request;

/// What the rules below were tried against; older kernels enforce what they know of it.
const TRIED: ABI = ABI::V7;

const ABSENT: &str = "the kernel has no Landlock, or it is not enabled";

/// Whether the kernel has Landlock.
pub fn offered() -> Result<(), String> {
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::ReadFile);
    rules.and_then(Ruleset::create).map(drop).map_err(|_| ABSENT.to_owned())
}

/// Applies the rules to this process for good; gives what the kernel does not enforce.
pub fn apply(request: &Request, loopback: bool) -> Result<Vec<String>, String> {
    let status = rules(request, loopback).and_then(RulesetCreated::restrict_self);
    let status = status.map_err(|error| format!("Landlock refused the rules: {error}"))?;
    match status.ruleset {
        RulesetStatus::FullyEnforced => Ok(Vec::new()),
        RulesetStatus::PartiallyEnforced => Ok(vec![gap(&status.landlock)]),
        RulesetStatus::NotEnforced => Err(ABSENT.to_owned()),
    }
}

/// What an older kernel leaves open.
fn gap(status: &LandlockStatus) -> String {
    let LandlockStatus::Available { effective_abi, .. } = status else {
        return "Landlock enforces the rules in part".to_owned();
    };
    let open = match effective_abi {
        ABI::Unsupported | ABI::V1 | ABI::V2 => "truncating files, TCP, devices, and signals",
        ABI::V3 => "TCP, devices, and signals",
        ABI::V4 => "devices and signals",
        _ => "signals",
    };
    format!("Landlock version {effective_abi} has no rules on {open}")
}

fn rules(request: &Request, loopback: bool) -> Result<RulesetCreated, RulesetError> {
    let policy = &request.policy;
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let execute = AccessFs::Execute | AccessFs::ReadFile;
    let write = AccessFs::from_all(TRIED)
        & !(AccessFs::Execute | AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev);
    let mut rules = Ruleset::default().handle_access(AccessFs::from_all(TRIED))?;
    if !loopback {
        rules = rules.handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?;
    }
    let mut rules = rules.scope(Scope::AbstractUnixSocket | Scope::Signal)?.create()?;
    for path in &policy.readable {
        rules = allow(rules, path, read)?;
    }
    for path in policy.executable.iter().chain(&loader::of(&request.program)) {
        rules = allow(rules, path, execute)?;
    }
    for path in &policy.writable {
        rules = allow(rules, path, write)?;
    }
    allow(
        rules,
        Utf8Path::new("/dev/null"),
        AccessFs::ReadFile | AccessFs::WriteFile,
    )
}

/// Allows `access` beneath `path`. What does not exist needs no rule.
fn allow(rules: RulesetCreated, path: &Utf8Path, access: BitFlags<AccessFs>) -> Result<RulesetCreated, RulesetError> {
    let Ok(opened) = PathFd::new(path) else {
        return Ok(rules);
    };
    // Rights on folders make no sense on a file, and the kernel refuses them there.
    let access = if path.is_dir() {
        access
    } else {
        access & AccessFs::from_file(TRIED)
    };
    rules.add_rule(PathBeneath::new(opened, access))
}
