//! `counterproof approve`: a person signs for a change, documents it, or takes it on themselves to let it pass.

use std::collections::BTreeMap;

use attest::predicates::{Approval, ApprovalSource, Document, Override, OverrideScope};
use attest::statement::{Predicate, ResourceDescriptor};
use camino::Utf8Path;
use change::Merge;
use jiff::{Span, SpanRelativeTo, Timestamp, Unit};
use model::gate_input::PersonKind;
use model::{RecordKind, Stage};

use crate::args::{ApproveArgs, ApproveCommand, DocumentArgs, OverrideArgs, SignerArgs};
use crate::check::{here, top_of};
use crate::error::{self, CliError};
use crate::gating::policy::{self, Judging};
use crate::gating::{document_parts, facts, people};
use crate::records::keys::{self, Key};
use crate::records::place::Place;
use crate::records::statements::{Sealed, Vouched};
use crate::records::{append_sealed, statement_subject};
use crate::settings;
use crate::versions::Cache;

/// Does what was asked.
///
/// # Errors
/// When an agent asks, the key is nobody's, or nothing can be signed.
pub fn run(args: &ApproveArgs) -> Result<u8, CliError> {
    settings::refuse_agents("approve, document or override")?;
    match &args.command {
        None => approve(args),
        Some(ApproveCommand::Key { key }) => {
            let public = keys::own(key.as_deref())?.public();
            error::print(&format!("keys = [\"{}\"]\n", public.to_line("you")))?;
            Ok(0)
        }
        Some(ApproveCommand::Document(document)) => self::document(document),
        Some(ApproveCommand::Override(overriding)) => override_it(overriding),
        Some(ApproveCommand::Action(action)) => crate::guarding::approve(action),
    }
}

/// Whoever signs, over what, and by which policy.
struct Signing {
    key: Key,
    who: String,
    merge: Merge,
    judging: Judging,
    vouched: Vouched,
    place: Place,
    now: Timestamp,
    /// What there is to say beside.
    notes: Vec<String>,
}

impl Signing {
    fn prepare(signer: &SignerArgs, range: Option<&str>) -> Result<Self, CliError> {
        let folder = here()?;
        let cache = Cache::open(&settings::cache_folder())?;
        let merge = facts::merge_of(&folder, range, &cache)?;
        let judging = policy::of(&merge.pair.base, &merge.target.name)?;
        let vouched = Vouched::of(&judging.policy, judging.signers.as_deref());
        let key = keys::own(signer.key.as_deref())?;
        let public = key.public();
        let who = match signer.who.as_deref().or_else(|| vouched.owner_of(&public)) {
            Some(who) => who.to_owned(),
            None => return Err(unknown_key(&judging, &key)),
        };
        let person = people::by_id(&judging.policy, &who);
        if person.kind != PersonKind::Human {
            return Err(CliError::Usage(format!(
                "{who} is no person: an agent or a program can approve nothing"
            )));
        }
        if !person.known {
            return Err(CliError::Usage(format!(
                "{} knows nobody of the name {who}: a [[person]] with `id = \"{who}\"` says who that is",
                judging.identity.source
            )));
        }
        let place = Place::of(&judging.config.ledger, &top_of(&folder))?;
        let mut notes = Vec::new();
        let authors = facts::authors(&judging, &merge)?;
        if authors.iter().any(|author| author.id == who) {
            notes.push(format!(
                "{who} wrote part of the change, or drove the agent that did, and is no reviewer of it"
            ));
        }
        Ok(Self {
            key,
            who,
            merge,
            judging,
            vouched,
            place,
            now: Timestamp::now(),
            notes,
        })
    }

    fn common_tree(&self) -> String {
        let common = self.merge.common_tree.as_ref();
        common.unwrap_or(&self.merge.target.tree).clone()
    }

    /// Signs a statement about a tree. One that will never count is not given out.
    fn sign<P: Predicate>(&self, tree: &str, predicate: P) -> Result<Sealed, CliError> {
        let sealed = Sealed::sign(&self.key, vec![ResourceDescriptor::git_tree(tree)], predicate)?;
        let counts = match sealed.statement::<P>() {
            Some(signed) => signed.is_by_person(&self.vouched, &self.who, self.now),
            None => Err("it could not be signed".to_owned()),
        };
        counts.map_err(|why| {
            CliError::Usage(format!(
                "{why}: {} of {} needs `keys = [\"{}\"]`",
                self.judging.identity.source,
                self.who,
                self.key.public().to_line(&self.who)
            ))
        })?;
        Ok(sealed)
    }

    /// Keeps the statement: in the ledger where this machine may write to it, in a note on the tree, and in a file.
    fn keep(
        mut self,
        kind: RecordKind,
        sealed: &Sealed,
        tree: &str,
        out: Option<&Utf8Path>,
        said: &str,
    ) -> Result<u8, CliError> {
        let folder = here()?;
        let mut kept = Vec::new();
        match self.append(kind, sealed) {
            Ok(index) => kept.push(format!("entry {index} of the ledger")),
            Err(error) => self.notes.push(format!("it is not in the ledger yet: {error}")),
        }
        match change::add_note(folder.as_std_path(), tree, &sealed.to_line()) {
            Ok(()) => {
                kept.push("a note on the tree, which `git push origin refs/notes/counterproof` hands on".to_owned())
            }
            Err(error) => self.notes.push(format!("there is no note on the tree: {error}")),
        }
        if let Some(out) = out {
            std::fs::write(out, format!("{}\n", sealed.to_line()))
                .map_err(|error| CliError::Usage(format!("{out} cannot be written: {error}")))?;
            kept.push(format!("{out}, for `gate … --statement`"));
        }
        if kept.is_empty() {
            return Err(CliError::Usage(format!(
                "it could be kept nowhere: {}; `--out FILE` writes it into a file",
                self.notes.join("; ")
            )));
        }
        let mut text = format!("{said}\n  kept as {}\n", kept.join(", and as "));
        for note in &self.notes {
            text.push_str(&format!("  {note}\n"));
        }
        error::print(&text)?;
        Ok(0)
    }

    fn append(&self, kind: RecordKind, sealed: &Sealed) -> Result<u64, CliError> {
        let (ledger, _) = self.place.open_to_append(self.now)?;
        append_sealed(&ledger, kind, statement_subject(sealed), &self.key, sealed, self.now)
    }
}

/// That a key is nobody's.
pub fn unknown_key(judging: &Judging, key: &Key) -> CliError {
    CliError::Usage(format!(
        "{} knows nobody with this key: add it to a [[person]] on the target branch, or say `--as ID`\n\n\
         [[person]]\nid = \"you\"\nkeys = [\"{}\"]",
        judging.identity.source,
        key.public().to_line("you")
    ))
}

fn short(tree: &str) -> &str {
    tree.get(..12).unwrap_or(tree)
}

fn approve(args: &ApproveArgs) -> Result<u8, CliError> {
    let signing = Signing::prepare(&args.signer, args.range.as_deref())?;
    let person = people::by_id(&signing.judging.policy, &signing.who);
    if let Some(role) = args.role.as_ref().filter(|role| !person.roles.contains(role)) {
        let has = match person.roles.as_slice() {
            [] => "no role".to_owned(),
            roles => format!("the role {}", gate::words::and(roles)),
        };
        return Err(CliError::Usage(format!(
            "{} gives {} {has}, not {role}",
            signing.judging.identity.source, signing.who
        )));
    }
    let head = signing.merge.head.tree.clone();
    let patch = signing.merge.patch_id()?;
    let approval = Approval {
        who: signing.who.clone(),
        role: args.role.clone(),
        base_tree: signing.common_tree(),
        head_tree: head.clone(),
        merge_tree: signing.merge.tree().map(str::to_owned),
        change: if patch.is_empty() {
            "nothing".to_owned()
        } else {
            format!("git-patch-id:{patch}")
        },
        time: signing.now,
        expires: args.lasts.as_deref().map(|text| after(signing.now, text)).transpose()?,
        comment: args.comment.clone(),
        source: ApprovalSource::Local,
        url: None,
    };
    let sealed = signing.sign(&head, approval)?;
    let role = args.role.as_ref().map_or(String::new(), |role| format!(" as {role}"));
    let said = format!("{} approves tree {}{role}", signing.who, short(&head));
    signing.keep(RecordKind::Approval, &sealed, &head, args.out.as_deref(), &said)
}

fn document(args: &DocumentArgs) -> Result<u8, CliError> {
    let text = std::fs::read_to_string(&args.file)
        .map_err(|error| CliError::Usage(format!("the document {} cannot be read: {error}", args.file)))?;
    let headings: BTreeMap<String, String> = document_parts(&text)
        .into_iter()
        .filter(|(heading, below)| !heading.is_empty() && !below.trim().is_empty())
        .map(|(heading, below)| (heading, below.trim().to_owned()))
        .collect();
    if headings.is_empty() {
        return Err(CliError::Usage(format!(
            "{} has no heading with a text below it: write `# What`, `# Why`, …",
            args.file
        )));
    }
    let signing = Signing::prepare(&args.signer, args.range.as_deref())?;
    let head = signing.merge.head.tree.clone();
    let document = Document {
        who: signing.who.clone(),
        headings,
        base_tree: signing.common_tree(),
        head_tree: head.clone(),
        time: signing.now,
    };
    let sealed = signing.sign(&head, document)?;
    let said = format!("{} documents tree {}", signing.who, short(&head));
    signing.keep(RecordKind::Document, &sealed, &head, args.out.as_deref(), &said)
}

fn override_it(args: &OverrideArgs) -> Result<u8, CliError> {
    if args.reason.trim().is_empty() {
        return Err(CliError::Usage("an override needs a reason".to_owned()));
    }
    let stage = if args.artifact.is_some() {
        Stage::Deploy
    } else {
        Stage::Merge
    };
    let artifact = args.artifact.as_deref().map(digest).transpose()?;
    let signing = Signing::prepare(&args.signer, args.range.as_deref())?;
    let most = signing.judging.policy.gate.overrides_last_hours.unwrap_or(24);
    let expires = after(signing.now, &args.lasts)?;
    if expires.as_second() - signing.now.as_second() > i64::from(most) * 3600 {
        return Err(CliError::Usage(format!(
            "`--for {}`: {} lets an override last {most} hours at most",
            args.lasts, signing.judging.identity.source
        )));
    }
    let tree = signing.merge.head.tree.clone();
    let overriding = Override {
        who: signing.who.clone(),
        reason: args.reason.clone(),
        scope: OverrideScope {
            stage: stage.word().to_owned(),
            service: args.service.clone(),
            environment: args.env.clone(),
            artifact,
            tree: tree.clone(),
            target: (stage == Stage::Merge).then(|| signing.merge.target.name.clone()),
        },
        time: signing.now,
        expires,
    };
    let sealed = signing.sign(&tree, overriding)?;
    let said = format!(
        "{} lets the {} of tree {} pass until {expires}: {}",
        signing.who,
        stage.word(),
        short(&tree),
        args.reason
    );
    signing.keep(RecordKind::Override, &sealed, &tree, args.out.as_deref(), &said)
}

/// The hexadecimal digits of `sha256:…`.
///
/// # Errors
/// When it is no such digest.
pub fn digest(text: &str) -> Result<String, CliError> {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    if digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(digits.to_owned());
    }
    Err(CliError::Usage(format!(
        "`{text}` is no digest of an artifact: expected `sha256:` and 64 lowercase hexadecimal digits"
    )))
}

/// The time that is meant: so long after `now`, or the time itself, as RFC 3339 has it.
///
/// # Errors
/// When it is neither, or not after `now`.
pub fn moment(now: Timestamp, text: &str) -> Result<Timestamp, CliError> {
    match text.parse::<Timestamp>() {
        Ok(time) if time > now => Ok(time),
        Ok(_) => Err(CliError::Usage(format!("`{text}` is over"))),
        Err(_) => after(now, text),
    }
}

/// The time so long before `now`.
///
/// # Errors
/// As [`moment`].
pub fn ago(now: Timestamp, text: &str) -> Result<Timestamp, CliError> {
    let span = after(now, text)?.duration_since(now);
    now.checked_sub(span).map_err(|_| no_time(text))
}

fn no_time(text: &str) -> CliError {
    CliError::Usage(format!(
        "`{text}` is no time: write a number with `m`, `h` or `d`, for example `4h`"
    ))
}

/// The time so long after `now`: `4h`, `90m`, `7d`.
fn after(now: Timestamp, text: &str) -> Result<Timestamp, CliError> {
    let wrong = || no_time(text);
    let span: Span = text.parse().map_err(|_| wrong())?;
    let seconds = span
        .total((Unit::Second, SpanRelativeTo::days_are_24_hours()))
        .map_err(|_| wrong())?;
    if !(1.0..=3.2e9).contains(&seconds) {
        return Err(wrong());
    }
    #[expect(clippy::cast_possible_truncation, reason = "it was looked at just now")]
    let seconds = seconds as i64;
    now.checked_add(Span::new().seconds(seconds)).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_future_and_in_words() {
        let now: Timestamp = "2026-11-28T10:00:00Z".parse().expect("a time");
        let text = |text: &str| after(now, text).map(|time| time.to_string()).ok();
        assert_eq!(text("4h").as_deref(), Some("2026-11-28T14:00:00Z"));
        assert_eq!(text("2d").as_deref(), Some("2026-11-30T10:00:00Z"));
        for wrong in ["", "4", "-4h", "0h", "for ever"] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn digests_are_whole() {
        assert!(digest(&format!("sha256:{}", "a".repeat(64))).is_ok());
        for wrong in ["sha256:abc", &"a".repeat(64), &format!("sha256:{}", "A".repeat(64))] {
            assert!(digest(wrong).is_err(), "{wrong}");
        }
    }
}
