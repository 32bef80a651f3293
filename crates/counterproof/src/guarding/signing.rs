//! `counterproof approve action`: somebody who does not run the agent signs for one action, for a short time and for one run of it.

use std::collections::BTreeSet;

use attest::keys::PublicKey;
use attest::predicates::ActionApproval;
use attest::statement::ResourceDescriptor;
use camino::{Utf8Path, Utf8PathBuf};
use guard::Action;
use jiff::{Span, Timestamp};
use model::gate_input::PersonKind;
use model::{RecordKind, Subject};

use super::showing::line;
use super::state::{self, LetBy, Pending, State};
use crate::args::ApproveActionArgs;
use crate::error::{CliError, print};
use crate::files::{read_plain, read_plain_text};
use crate::gating::people;
use crate::gating::policy::{self, Judging};
use crate::records::append_sealed;
use crate::records::keys;
use crate::records::place::Place;
use crate::records::statements::{Sealed, Signed, Vouched};
use crate::settings;

/// Longest time that an approval of an action may wait for it, in minutes.
const MOST_MINUTES: i64 = 60;
/// Bytes of a file with a public key.
const LONGEST_KEY: u64 = 64 << 10;

/// The policy of the default branch of the repository that a folder is in.
fn judging(folder: &Utf8Path) -> Result<Judging, CliError> {
    let top = crate::check::top_of(folder);
    let (branch, side) = change::branch(top.as_std_path(), None)?;
    let judging = policy::of(&side, &branch.name)?;
    match judging.broken {
        Some(why) => Err(CliError::Usage(why)),
        None => Ok(judging),
    }
}

/// Who runs agents here, as the policy names people.
///
/// # Errors
/// When there is no policy that names anybody.
pub fn operators_of(folder: &str) -> Result<Vec<String>, CliError> {
    let folder = Utf8Path::new(folder);
    let judging = judging(folder)?;
    let vouched = Vouched::of(&judging.policy, judging.signers.as_deref());
    Ok(operators(folder, &judging, &vouched).into_iter().collect())
}

/// Whoever git says works here, and whoever has a key here.
fn operators(folder: &Utf8Path, judging: &Judging, vouched: &Vouched) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for address in crate::accept::addresses(folder) {
        let person = people::by_address(&judging.policy, "", &address);
        if person.known {
            all.insert(person.id);
        }
    }
    let mut public: Vec<PublicKey> = Vec::new();
    let own = settings::own_key().or_else(|| settings::keys_folder().map(|folder| folder.join("own.pem")));
    public.extend(
        own.filter(|path| path.is_file())
            .and_then(|path| keys::Key::read(&path).ok())
            .map(|key| key.public()),
    );
    if let Some(home) = settings::home() {
        let entries = home
            .join(".ssh")
            .read_dir_utf8()
            .map(|entries| entries.flatten().collect::<Vec<_>>());
        let lines = entries
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| entry.path().extension() == Some("pub"))
            .filter_map(|entry| read_plain_text(entry.path(), LONGEST_KEY).ok());
        public.extend(lines.filter_map(|line| PublicKey::parse(&line).ok()));
    }
    all.extend(public.iter().filter_map(|key| vouched.owner_of(key)).map(str::to_owned));
    all
}

/// Who signed for exactly this action, where somebody did who counts; the approval is used up by that.
///
/// # Errors
/// Why an approval that is there does not count.
pub fn approved(action: &Action, digest: &str, state: &State, now: Timestamp) -> Result<Option<LetBy>, CliError> {
    let paths = state::files(&state.folder("approvals")?.join(digest));
    if paths.is_empty() {
        return Ok(None);
    }
    let folder = Utf8Path::new(&action.folder);
    let judging = judging(folder)?;
    let vouched = Vouched::of(&judging.policy, judging.signers.as_deref());
    let operators = operators(folder, &judging, &vouched);
    let mut why_not = String::new();
    for path in paths {
        let bytes = read_plain(&path, state::LONGEST)
            .map_err(|error| CliError::Usage(format!("{path} cannot be read: {error}")))?;
        match counts(&bytes, action, digest, &judging, &vouched, &operators, now) {
            Ok((approval, id)) if !state.is_used(&id) => {
                if state.use_up(&path, &id)? {
                    return Ok(Some(LetBy {
                        who: approval.who,
                        reason: approval.comment,
                        id,
                        signed: true,
                    }));
                }
            }
            Ok((approval, _)) => why_not = format!("that of {} was used already", approval.who),
            Err(why) => why_not = why,
        }
    }
    Err(CliError::Usage(why_not))
}

/// An approval and what it was sealed with. Something else beside it is refused: one approval has one form, and counts once.
fn read(bytes: &[u8]) -> Result<(Sealed, Signed<ActionApproval>), String> {
    let sealed = Sealed::read(bytes)?;
    let signed = sealed
        .statement::<ActionApproval>()
        .ok_or("it is no approval of an action")?;
    if sealed.count() != 1 {
        return Err("other statements lie beside the approval".to_owned());
    }
    Ok((sealed, signed))
}

/// What tells one approval from another: the digest of what was signed, whatever stands beside it.
fn id_of(signed: &Signed<ActionApproval>) -> String {
    signed.digest().trim_start_matches("sha256:").to_owned()
}

/// The approval in a file and its id, where it counts for an action.
fn counts(
    bytes: &[u8],
    action: &Action,
    digest: &str,
    judging: &Judging,
    vouched: &Vouched,
    operators: &BTreeSet<String>,
    now: Timestamp,
) -> Result<(ActionApproval, String), String> {
    let (_, signed) = read(bytes)?;
    let id = id_of(&signed);
    let approval = signed.statement.predicate().clone();
    let who = approval.who.as_str();
    signed.is_by_person(vouched, who, now)?;
    let person = people::by_id(&judging.policy, who);
    if !person.known || person.kind != PersonKind::Human {
        return Err(format!("{} knows no person {who}", judging.identity.source));
    }
    if approval.action != digest {
        return Err(format!("what {who} approved is another action"));
    }
    let longest = approval
        .time
        .checked_add(Span::new().minutes(MOST_MINUTES))
        .unwrap_or(approval.time);
    if approval.time > now || approval.expires > longest || now >= approval.expires {
        return Err(format!(
            "that of {who} is over, or not for now ({} to {})",
            approval.time, approval.expires
        ));
    }
    if action.judgement.takes_two() {
        if operators.is_empty() {
            return Err(format!(
                "nobody can tell who runs this agent: `git config user.email` has to be an address of a [[person]] in {}",
                judging.identity.source
            ));
        }
        if operators.contains(who) {
            return Err(format!("{who} runs this agent, and it takes somebody else"));
        }
        let owners = owners(action, judging);
        if !owners.is_empty() && !owners.contains(&who.to_owned()) {
            return Err(format!(
                "{who} owns none of the services that it reaches: {} do",
                owners.join(", ")
            ));
        }
    }
    Ok((approval, id))
}

/// People who own the services of tier 1 that an action reaches; none where the policy names no owners.
fn owners(action: &Action, judging: &Judging) -> Vec<String> {
    let reached = action.judgement.effects.iter().filter(|effect| effect.takes_two());
    let names: BTreeSet<&str> = reached
        .filter_map(|effect| effect.service.as_ref())
        .map(|(name, _)| name.as_str())
        .collect();
    let services = judging.policy.service.iter();
    let owners = services
        .filter(|service| names.contains(service.name.get_ref().as_str()))
        .flat_map(|service| &service.owners);
    let people: BTreeSet<String> = owners
        .flat_map(|owner| judging.policy.members(owner))
        .map(|person| person.id.get_ref().clone())
        .collect();
    people.into_iter().collect()
}

/// Signs for an action that waits.
///
/// # Errors
/// When there is none, or the signature would not count.
pub fn approve(args: &ApproveActionArgs) -> Result<u8, CliError> {
    let state = State::open()?;
    let pending = pending(&args.action, &state)?;
    // Whoever signs has seen it before.
    print(&super::reporting::shown(&pending))?;
    let action = &pending.action;
    let digest = action.digest();
    let folder = match Utf8Path::new(&action.folder) {
        folder if crate::check::top_of(folder).join(".git").exists() => folder.to_owned(),
        // The agent runs on another machine: the policy is that of the repository we are in.
        _ => crate::check::here()?,
    };
    let judging = judging(&folder)?;
    let vouched = Vouched::of(&judging.policy, judging.signers.as_deref());
    let key = keys::own(args.signer.key.as_deref())?;
    let named = args.signer.who.as_deref().or_else(|| vouched.owner_of(&key.public()));
    let Some(who) = named.map(str::to_owned) else {
        return Err(crate::approving::unknown_key(&judging, &key));
    };
    let now = Timestamp::now();
    let expires = crate::approving::moment(now, args.lasts.as_deref().unwrap_or("15m"))?;
    let mut nonce = [0_u8; 16];
    getrandom::fill(&mut nonce).map_err(|error| CliError::Usage(format!("there is no chance to be had: {error}")))?;
    let approval = ActionApproval {
        who: who.clone(),
        action: digest.clone(),
        words: report::redact::text(&action.words()).into_owned(),
        comment: args.comment.clone(),
        time: now,
        expires,
        nonce: nonce.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let sealed = Sealed::sign(&key, vec![ResourceDescriptor::file("action", &digest)], approval)?;
    let operators: BTreeSet<String> = pending.operators.iter().cloned().collect();
    let would = counts(
        sealed.to_line().as_bytes(),
        action,
        &digest,
        &judging,
        &vouched,
        &operators,
        now,
    );
    let (_, id) = would.map_err(|why| CliError::Usage(format!("it would not count: {why}")))?;
    let mut text = format!(
        "{} lets this run once, until {expires}:\n  {}\n  in {}\n",
        line(&who),
        line(&action.words()),
        line(&action.folder)
    );
    keep(&state, &digest, &id, &sealed)?;
    match append(&sealed, &key, &judging, &folder, now) {
        Ok(Some(entry)) => text.push_str(&format!("  kept as entry {entry} of the ledger\n")),
        Ok(None) => {}
        Err(error) => text.push_str(&format!("  it is not in the ledger: {error}\n")),
    }
    if let Some(out) = &args.out {
        std::fs::write(out, format!("{}\n", sealed.to_line()))
            .map_err(|error| CliError::Usage(format!("{out} cannot be written: {error}")))?;
        text.push_str(&format!(
            "  where the agent runs, `counterproof guard take {out}` hands it in\n"
        ));
    }
    print(&text)?;
    Ok(0)
}

/// The action of these digits, or in this file.
fn pending(named: &str, state: &State) -> Result<Pending, CliError> {
    let path = Utf8PathBuf::from(named);
    if !path.is_file() {
        return state.pending(named);
    }
    state::read(&path).ok_or_else(|| {
        CliError::Usage(format!(
            "{path} holds no action: `counterproof guard action ID --out FILE` writes one"
        ))
    })
}

fn keep(state: &State, digest: &str, id: &str, sealed: &Sealed) -> Result<(), CliError> {
    let folder = state.folder(&format!("approvals/{digest}"))?;
    state.write_new(&folder.join(format!("{id}.json")), sealed)
}

fn append(
    sealed: &Sealed,
    key: &keys::Key,
    judging: &Judging,
    folder: &Utf8Path,
    now: Timestamp,
) -> Result<Option<u64>, CliError> {
    let place = Place::of(&judging.config.ledger, &crate::check::top_of(folder))?;
    if place.unchecked()?.is_none() {
        return Ok(None);
    }
    let (ledger, _) = place.open_to_append(now)?;
    append_sealed(&ledger, RecordKind::Decision, Subject::default(), key, sealed, now).map(Some)
}

/// Takes a signed approval that was made elsewhere. Whether it counts is told when the action comes.
///
/// # Errors
/// When it is none.
pub fn take(path: &Utf8Path) -> Result<u8, CliError> {
    settings::refuse_agents("hand in an approval")?;
    let bytes =
        read_plain(path, state::LONGEST).map_err(|error| CliError::Usage(format!("{path} cannot be read: {error}")))?;
    let none = |why: &str| CliError::Usage(format!("{path} holds no approval of an action: {why}"));
    let (sealed, signed) = read(&bytes).map_err(|why| none(&why))?;
    sealed.check().map_err(|why| none(&why))?;
    let approval = signed.statement.predicate();
    // It names a folder.
    if approval.action.len() != 64 || !approval.action.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(none("what it approves is no digest of an action"));
    }
    keep(&State::open()?, &approval.action, &id_of(&signed), &sealed)?;
    print(&format!(
        "the approval of {} for {} is here; it counts until {}\n",
        line(&approval.who),
        line(&approval.words),
        approval.expires
    ))?;
    Ok(0)
}
