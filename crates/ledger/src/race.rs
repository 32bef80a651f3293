//! Appending where nobody can be kept out: compare-and-swap of the checkpoint, in a storage without a queue.
//!
//! 1. Read the checkpoint: size n, version e.
//! 2. Write the bundle under the path of its new width, only if nothing is there. One attempt stays within one bundle.
//! 3. If something is there and extends the n committed entries, *adopt* it: its entries come first, ours after them,
//!    under the path of a greater width. If it does not extend them, it was written on top of an older checkpoint than e,
//!    and can never be committed: it is replaced, after a look that the checkpoint still is e (so that it is not of
//!    somebody who is ahead of us).
//! 4. Write hash tiles in the same way. They follow from the entries, so that whoever builds on e and has the same bundle
//!    writes the same.
//! 5. Replace the checkpoint, only if it still is e. If it is not, look whether somebody adopted our entries; what is not
//!    in the log is tried again.
//!
//! Only whoever changes the key can commit the entry that says so, since the checkpoint over it is signed by the new key:
//! others do not adopt it, and wait. (Should the rotating writer die between 2 and 5, its bundle has to be removed by hand.)
//!
//! That bundles stay within one attempt matters: a bundle without committed entries is then always of a writer who
//! builds on exactly its first index. Entries are told apart by their `id`, so that ours are recognised.

use std::collections::HashMap;

use model::Record;

use crate::append::{Addition, Appended, keep};
use crate::chain::is_rotation;
use crate::draft::{decode, encode, place_after};
use crate::keys::SigningKey;
use crate::layout::{WIDTH, entries};
use crate::storage::{CHECKPOINT, Keep, Storage};
use crate::tip::{Tip, read_bundle};
use crate::{Error, Ledger};

/// How often an append is tried. Each failure means that somebody else got through.
const ATTEMPTS: usize = 200;

/// What one attempt came to.
enum Attempt {
    /// The checkpoint covers these of ours, by id.
    Committed(Box<Tip>, HashMap<String, Appended>),
    /// Another checkpoint is there by now.
    Overtaken,
}

impl Ledger {
    /// Appends entries in their order; those of one call may lie apart, with others' between them.
    pub(crate) fn append_against_others(
        &self,
        drafts: &[Record],
        key: impl Fn(&Tip) -> Result<SigningKey, Error>,
    ) -> Result<Vec<Appended>, Error> {
        let mut found: HashMap<String, Appended> = HashMap::new();
        // Up to here it is known which of ours are in the log.
        let mut seen = None;
        for _ in 0..ATTEMPTS {
            let tip = self.tip_of_storage()?;
            self.look_for(drafts, seen.unwrap_or(tip.edge.size()), &tip, &mut found)?;
            seen = Some(tip.edge.size());
            let missing: Vec<&Record> = drafts.iter().filter(|draft| !found.contains_key(&draft.id)).collect();
            if missing.is_empty() {
                return Ok(drafts
                    .iter()
                    .filter_map(|draft| found.get(&draft.id).copied())
                    .collect());
            }
            if let Attempt::Committed(tip, ours) = self.attempt(&tip, &missing, &key(&tip)?)? {
                seen = Some(tip.edge.size());
                found.extend(ours);
                self.remember(Some(*tip));
            }
        }
        Err(Error::Contended {
            place: self.storage().place(),
            attempts: ATTEMPTS,
        })
    }

    fn tip_of_storage(&self) -> Result<Tip, Error> {
        for _ in 0..ATTEMPTS {
            let (checkpoint, version) = self.read_checkpoint()?;
            if let Some(tip) = self.remembered(&checkpoint) {
                return Ok(Tip { version, ..tip });
            }
            let checkpoint = self.trusted_by_signer(checkpoint)?;
            match Tip::load(self.storage(), checkpoint.clone(), version) {
                Ok(tip) => return Ok(tip),
                // Its partial tiles may have gone since, with a newer checkpoint.
                Err(error) if self.read_checkpoint()?.0 == checkpoint => return Err(error),
                Err(_) => {}
            }
        }
        Err(Error::Contended {
            place: self.storage().place(),
            attempts: ATTEMPTS,
        })
    }

    /// Looks for ours among the entries from `start` on.
    fn look_for(
        &self,
        drafts: &[Record],
        start: u64,
        tip: &Tip,
        found: &mut HashMap<String, Appended>,
    ) -> Result<(), Error> {
        let size = tip.edge.size();
        for bundle in start / WIDTH..size.div_ceil(WIDTH) {
            let bytes = read_bundle(self.storage(), size, bundle)?;
            for (index, entry) in (bundle * WIDTH..size).zip(entries(&bytes).0) {
                note_ours(drafts.iter(), index, entry, found);
            }
        }
        Ok(())
    }

    fn attempt(&self, tip: &Tip, missing: &[&Record], key: &SigningKey) -> Result<Attempt, Error> {
        let mut addition = Addition::none(tip);
        let mut ours = HashMap::new();
        let mut bundle = tip.bundle.clone();
        loop {
            let first = addition.edge_size();
            let room = usize::try_from(WIDTH - first % WIDTH).unwrap_or(1);
            let mut next = addition.clone();
            let mut bytes = bundle.clone();
            let new = missing.iter().filter(|draft| !ours.contains_key(&draft.id)).take(room);
            for draft in new {
                let record = place_after((*draft).clone(), next.time());
                next.at(record.time);
                let entry = encode(&record)?;
                next.push(&mut bytes, &entry)?;
            }
            next.end(bytes);
            let Some((path, bytes)) = next.bundles().next() else {
                return Ok(Attempt::Overtaken);
            };
            match self.settle(&path, bytes, tip, Keep::Lasting)? {
                Settled::Ours => return self.commit(tip, next, key, missing),
                Settled::Overtaken => return Ok(Attempt::Overtaken),
                Settled::Extends(others) if changes_key(&others, tip, missing) => return Ok(Attempt::Overtaken),
                Settled::Extends(others) => {
                    addition = Addition::none(tip);
                    ours.clear();
                    let committed = usize::try_from(tip.edge.size() % WIDTH).unwrap_or(0);
                    bundle = tip.bundle.clone();
                    for entry in entries(&others).0.into_iter().skip(committed) {
                        let index = addition.edge_size();
                        addition.at(decode(index, entry)?.time);
                        addition.push(&mut bundle, entry)?;
                        note_ours(missing.iter().copied(), index, entry, &mut ours);
                    }
                    let is_full = addition.edge_size().is_multiple_of(WIDTH);
                    if is_full || missing.iter().all(|draft| ours.contains_key(&draft.id)) {
                        // Nothing of ours fits any more, or all is in it already.
                        addition.end(bundle);
                        return self.commit(tip, addition, key, missing);
                    }
                }
            }
        }
    }

    /// Writes the hash tiles of an addition whose bundle is there, and the checkpoint.
    fn commit(&self, tip: &Tip, addition: Addition, key: &SigningKey, missing: &[&Record]) -> Result<Attempt, Error> {
        for tile in addition.tiles() {
            match self.settle(&tile.path(), &tile.bytes(), tip, keep(&tile))? {
                Settled::Ours => {}
                Settled::Extends(_) | Settled::Overtaken => return Ok(Attempt::Overtaken),
            }
        }
        let checkpoint = addition.checkpoint(self.origin(), key)?;
        if !self
            .storage()
            .replace(CHECKPOINT, checkpoint.as_bytes(), Keep::Lasting, &tip.version)?
        {
            return Ok(Attempt::Overtaken);
        }
        let mut ours = HashMap::new();
        let committed = usize::try_from(tip.edge.size() % WIDTH).unwrap_or(0);
        for (_, bytes) in addition.bundles() {
            for (index, entry) in (tip.edge.size()..).zip(entries(bytes).0.into_iter().skip(committed)) {
                note_ours(missing.iter().copied(), index, entry, &mut ours);
            }
        }
        addition.tidy(self.storage());
        Ok(Attempt::Committed(
            Box::new(addition.into_tip(checkpoint, crate::Version::default())),
            ours,
        ))
    }

    /// Gets something under a path that nothing committed lies under.
    fn settle(&self, path: &str, bytes: &[u8], tip: &Tip, keep: Keep) -> Result<Settled, Error> {
        let storage: &dyn Storage = self.storage();
        if storage.create(path, bytes, keep)? {
            return Ok(Settled::Ours);
        }
        let Some(there) = storage.read(path)? else {
            return Ok(Settled::Overtaken);
        };
        if there.content == bytes {
            return Ok(Settled::Ours);
        }
        let is_bundle = path.starts_with("tile/entries/");
        if is_bundle && extends(&there.content, tip) {
            return Ok(Settled::Extends(there.content));
        }
        // Read only now: whoever wrote what we read on top of a newer checkpoint has that in place already.
        let now = storage.read(CHECKPOINT)?;
        let is_newest = now.is_some_and(|object| object.content == tip.checkpoint.as_bytes());
        if is_newest && storage.replace(path, bytes, keep, &there.version)? {
            return Ok(Settled::Ours);
        }
        Ok(Settled::Overtaken)
    }
}

/// What lies under a path.
enum Settled {
    /// What we want there.
    Ours,
    /// A bundle that extends what is committed.
    Extends(Vec<u8>),
    /// Something of somebody who is faster.
    Overtaken,
}

/// Whether a bundle begins with all committed entries of its range, and has more, all of them whole records.
fn extends(bundle: &[u8], tip: &Tip) -> bool {
    let Some(more) = bundle.strip_prefix(tip.bundle.as_slice()) else {
        return false;
    };
    let (found, whole) = entries(more);
    let indices = tip.edge.size()..;
    whole && !found.is_empty() && indices.zip(found).all(|(index, entry)| decode(index, entry).is_ok())
}

/// Whether somebody else changes the key in what extends the committed entries.
fn changes_key(bundle: &[u8], tip: &Tip, ours: &[&Record]) -> bool {
    let committed = usize::try_from(tip.edge.size() % WIDTH).unwrap_or(0);
    let indices = tip.edge.size()..;
    indices
        .zip(entries(bundle).0.into_iter().skip(committed))
        .any(|(index, entry)| {
            decode(index, entry)
                .is_ok_and(|record| is_rotation(&record) && !ours.iter().any(|draft| draft.id == record.id))
        })
}

fn note_ours<'r>(
    drafts: impl Iterator<Item = &'r Record>,
    index: u64,
    entry: &[u8],
    found: &mut HashMap<String, Appended>,
) {
    let Ok(record) = decode(index, entry) else {
        return;
    };
    // The id alone could be anybody's; all but the times must be ours.
    let mut drafts = drafts.filter(|draft| draft.id == record.id);
    if drafts.any(|draft| (draft.kind, &draft.by, &draft.payload) == (record.kind, &record.by, &record.payload)) {
        let hash = tlog_tiles::record_hash(entry);
        found.insert(record.id, Appended { index, hash });
    }
}
