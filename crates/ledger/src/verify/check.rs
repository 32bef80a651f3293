//! The order in which things are looked at: what everything else rests on comes first.

use std::collections::BTreeSet;

use super::blame::Blame;
use super::references::{Computed, Reference, broken};
use super::scan::{Depth, Pass, Scan};
use super::{Outcome, Place, Tampering, Verification, What, Whole, covered};
use crate::chain::{Chain, Rotation};
use crate::checkpoint::Checkpoint;
use crate::draft::decode;
use crate::layout::{WIDTH, blob_path, bundle_path, entries, tile_bytes, tile_path, width};
use crate::ledger::hinted_rotations;
use crate::storage::{CHECKPOINT, Storage};
use crate::tip::read_bundle;
use crate::{Error, payload};

pub fn run(storage: &dyn Storage, against: &Verification<'_>, depth: Depth) -> Result<Outcome, Error> {
    let read = storage
        .read(CHECKPOINT)?
        .map(|object| Checkpoint::parse(&object.content));
    let newest = match &read {
        Some(Ok(checkpoint)) if checkpoint.origin() == against.origin => Some(checkpoint),
        _ => None,
    };
    // Without a checkpoint, what was kept elsewhere still tells how long the log was.
    let outside = against.since.iter().map(Checkpoint::size).max();
    let Some(size) = newest.map(Checkpoint::size).or(outside) else {
        return Ok(no_checkpoint(read, against));
    };
    let sizes = against.since.iter().map(Checkpoint::size).chain([size]);
    let wanted: BTreeSet<u64> = sizes.filter(|each| *each <= size).map(|each| each / WIDTH).collect();
    let pass = Pass {
        storage,
        origin: against.origin,
        size,
        wanted,
        depth,
        payloads: against.payloads,
        threads: against.threads,
    };
    let scan = pass.run()?;
    let chain = match rotations(storage, against, &scan, size, depth) {
        Ok(rotations) => Chain::new(against.keys, rotations),
        Err(finding) => Err(finding),
    };
    let check = Check {
        storage,
        against,
        scan: &scan,
        chain,
        newest,
        size,
    };
    let unread = read.as_ref().and_then(|read| read.as_ref().err()).map(Error::to_string);
    check.all(unread)
}

fn rotations(
    storage: &dyn Storage,
    against: &Verification<'_>,
    scan: &Scan,
    size: u64,
    depth: Depth,
) -> Result<Vec<Rotation>, (u64, String)> {
    if depth == Depth::Records {
        return Ok(scan.rotations.clone());
    }
    let mut rotations = Vec::new();
    for index in hinted_rotations(storage).into_iter().filter(|index| *index < size) {
        let bundle = read_bundle(storage, size, index / WIDTH).unwrap_or_default();
        let entry = entries(&bundle)
            .0
            .get(usize::try_from(index % WIDTH).unwrap_or(0))
            .map(|entry| (*entry).to_owned());
        // A hint that leads nowhere is no sign of anything.
        let Some(record) = entry.and_then(|entry| decode(index, &entry).ok()) else {
            continue;
        };
        let digest = record
            .payload
            .as_ref()
            .and_then(|payload| Some((payload, blob_path(&payload.digest)?)));
        let bytes =
            digest.and_then(|(payload, path)| payload::unseal(payload, storage.read(&path).ok()??.content).ok());
        let read = Rotation::read(against.origin, index, &bytes.unwrap_or_default());
        rotations.push(read.map_err(|reason| (index, reason))?);
    }
    Ok(rotations)
}

fn no_checkpoint(read: Option<Result<Checkpoint, Error>>, against: &Verification<'_>) -> Outcome {
    let text = match read {
        None => "there is no checkpoint: it was removed, or there is no ledger here".to_owned(),
        Some(Err(error)) => error.to_string(),
        Some(Ok(checkpoint)) => {
            format!(
                "the checkpoint is of the log {:?} and not of {:?}",
                checkpoint.origin(),
                against.origin
            )
        }
    };
    Tampering::found(Place::Checkpoint, What::CheckpointChanged, text)
}

struct Check<'a> {
    storage: &'a dyn Storage,
    against: &'a Verification<'a>,
    scan: &'a Scan,
    chain: Result<Chain, (u64, String)>,
    /// The checkpoint of the ledger, if it is one of this log.
    newest: Option<&'a Checkpoint>,
    size: u64,
}

impl Check<'_> {
    fn all(&self, unread: Option<String>) -> Result<Outcome, Error> {
        let signature = self.signature();
        let mut references = self.outside()?;
        if let (Some(newest), None) = (self.newest, &signature) {
            references.push(Reference {
                size: newest.size(),
                root: newest.root(),
                outside: false,
            });
        }
        let computed = Computed::new(self.scan);
        let fits = |newest: &Checkpoint| computed.root(newest.size()) == Some(newest.root());
        let blame = Blame {
            storage: self.storage,
            scan: self.scan,
            computed: &computed,
            is_signed_anew: signature.is_none() && self.newest.is_some_and(fits),
        };
        if let Some(broken) = broken(&computed, self.size, &references) {
            return Ok(blame.tell(&broken));
        }
        if self.newest.is_none() {
            let text = unread.unwrap_or_else(|| "the checkpoint was removed, or is of another log".to_owned());
            return Ok(Tampering::found(Place::Checkpoint, What::CheckpointChanged, text));
        }
        let found = signature
            .or_else(|| self.cut(&references))
            .or_else(|| self.excess())
            .or_else(|| self.by_itself())
            .or_else(|| self.tiles(&computed));
        match found {
            Some(outcome) => Ok(outcome),
            None => self.whole(),
        }
    }

    /// Who signed the newest checkpoint, and its time.
    fn signature(&self) -> Option<Outcome> {
        let newest = self.newest?;
        let chain = match &self.chain {
            Ok(chain) => chain,
            Err((index, reason)) => {
                return Some(Tampering::found(
                    Place::Entry(*index),
                    What::UnknownKey,
                    format!("entry {index}: {reason}"),
                ));
            }
        };
        if let Err(error) = newest.signed_by(&chain.signers(newest.size())) {
            let what = if newest.signed_by(&chain.all()).is_ok() || error.to_string().contains("unknown key") {
                What::UnknownKey
            } else {
                What::CheckpointChanged
            };
            return Some(Tampering::found(Place::Checkpoint, what, error.to_string()));
        }
        let last = self.scan.last_time.filter(|last| newest.time() < *last)?;
        let text = format!("the checkpoint is of {}, and its newest entry of {last}", newest.time());
        Some(Tampering::found(Place::Checkpoint, What::BackDated, text))
    }

    /// What was kept elsewhere, signed by a trusted key or one of the chain, or by a trusted witness. Where the change of the
    /// key may be what was tampered with, the caller's word must do.
    fn outside(&self) -> Result<Vec<Reference>, Error> {
        let keys = self
            .chain
            .as_ref()
            .map_or_else(|_| self.against.keys.to_owned(), Chain::all);
        let mut references = Vec::new();
        for (number, kept) in (1..).zip(self.against.since) {
            let which = format!("the earlier checkpoint number {number}, of {} entries,", kept.size());
            let unusable = |reason: String| Error::Checkpoint {
                which: which.clone(),
                reason,
            };
            if kept.origin() != self.against.origin {
                return Err(unusable(format!("is of the log {:?}", kept.origin())));
            }
            let may_lack_keys = self.chain.is_err() || kept.size() > self.size;
            if !may_lack_keys && kept.signed_by(&keys).is_err() && self.cosigners(kept)?.is_empty() {
                return Err(unusable(
                    "is not signed by a key of this log; give the key that signed it".to_owned(),
                ));
            }
            references.push(Reference {
                size: kept.size(),
                root: kept.root(),
                outside: true,
            });
        }
        Ok(references)
    }

    /// The log was longer.
    fn cut(&self, references: &[Reference]) -> Option<Outcome> {
        let longer = references
            .iter()
            .filter(|each| each.size > self.size)
            .max_by_key(|each| each.size)?;
        let (size, was) = (self.size, longer.size);
        let wide = width(was, 0, size / WIDTH);
        let paths = [
            bundle_path(size / WIDTH, wide),
            bundle_path(size / WIDTH, WIDTH),
            bundle_path(was / WIDTH, was % WIDTH),
        ];
        let is_there = |path: &String| self.storage.exists(path).unwrap_or(false);
        if paths.iter().any(is_there) {
            let text = format!(
                "the checkpoint is an older one, of {size} entries: there were {was}, and what followed is still there"
            );
            return Some(Tampering::found(
                Place::Entries(size..was),
                What::CheckpointReplayed,
                text,
            ));
        }
        let text = format!("the last {} entries are gone: there were {was}", was - size);
        let place = if was - size == 1 {
            Place::Entry(size)
        } else {
            Place::Entries(size..was)
        };
        Some(Tampering::found(place, What::Removed, text))
    }

    fn excess(&self) -> Option<Outcome> {
        let index = self.scan.excess?;
        let text = format!("after entry {} there is more than was signed", index.saturating_sub(1));
        Some(Tampering::found(Place::Entry(index), What::Inserted, text))
    }

    /// What is wrong with an entry whatever was signed.
    fn by_itself(&self) -> Option<Outcome> {
        let removed = self.scan.absent.first_without(&self.scan.redacted);
        let first = self.scan.first.as_ref();
        match (removed, first) {
            (Some(index), first) if first.is_none_or(|first| index < first.index) => {
                let text = format!("the payload of entry {index} is gone, and no entry says that it was deleted");
                Some(Tampering::found(Place::Entry(index), What::PayloadRemoved, text))
            }
            (_, Some(first)) => Some(Tampering::found(
                Place::Entry(first.index),
                first.what,
                first.text.clone(),
            )),
            (_, None) => None,
        }
    }

    /// Stored hashes, all entries being what was signed.
    fn tiles(&self, computed: &Computed<'_>) -> Option<Outcome> {
        let tell = |level, index, width| {
            let (path, range) = (tile_path(level, index, width), covered(self.size, level, index, width));
            let text = format!(
                "{path} does not hold the hashes of its entries, which are all as they were signed; it can be made anew from them"
            );
            Tampering::found(Place::Entries(range), What::TileChanged, text)
        };
        if let Some(index) = self.scan.differing.first() {
            return Some(tell(0, *index, width(self.size, 0, *index)));
        }
        for level in 1..=computed.levels() {
            for (index, hashes) in (0..).zip(computed.row(level).chunks(WIDTH as usize)) {
                let path = tile_path(level, index, hashes.len() as u64);
                let stored = self.storage.read(&path).ok().flatten();
                if stored.is_none_or(|stored| stored.content != tile_bytes(hashes)) {
                    return Some(tell(level, index, hashes.len() as u64));
                }
            }
        }
        None
    }

    fn cosigners(&self, checkpoint: &Checkpoint) -> Result<Vec<String>, Error> {
        let cosigned = checkpoint.cosigned_by(self.against.witnesses)?;
        Ok(cosigned.into_iter().map(|cosignature| cosignature.witness).collect())
    }

    fn whole(&self) -> Result<Outcome, Error> {
        let Some(newest) = self.newest else {
            return Ok(no_checkpoint(None, self.against));
        };
        let witnesses = match self.cosigners(newest) {
            Ok(witnesses) => witnesses,
            Err(error) => {
                return Ok(Tampering::found(
                    Place::Checkpoint,
                    What::CheckpointChanged,
                    error.to_string(),
                ));
            }
        };
        let mut most = witnesses.len();
        for kept in self.against.since {
            most = most.max(self.cosigners(kept)?.len());
        }
        if most < self.against.quorum {
            let text = format!("{most} of the witnesses signed, and {} must have", self.against.quorum);
            return Ok(Tampering::found(Place::Checkpoint, What::QuorumMissed, text));
        }
        let whole = Whole {
            size: self.size,
            payloads: self.scan.payloads,
            redacted: self.scan.absent.count(),
            still_there: self.scan.present_redacted.clone(),
            witnesses,
        };
        let held_against_others = !self.against.since.is_empty() || self.against.quorum > 0;
        Ok(if held_against_others {
            Outcome::Whole(whole)
        } else {
            Outcome::SelfConsistentOnly(whole)
        })
    }
}
