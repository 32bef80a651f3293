//! A ledger that is open.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use model::{Record, RecordKind, Subject};
use serde::{Deserialize, Serialize};
use tlog_tiles::EMPTY_HASH;

use crate::append::Appended;
use crate::chain::{Chain, Rotation, is_rotation};
use crate::checkpoint::Checkpoint;
use crate::draft::{NewRecord, decode, draft};
use crate::keys::{SigningKey, VerifyingKey};
use crate::layout::{WIDTH, blob_path, entries};
use crate::proof::StoredHashes;
use crate::storage::{CHECKPOINT, Keep, Storage, Version};
use crate::tip::{Tip, damaged, read_bundle, read_tile};
use crate::{Error, KeyKind, payload};

const HINTS: &str = "log.json";

/// An open ledger. Threads may share it.
pub struct Ledger {
    storage: Arc<dyn Storage>,
    origin: String,
    chain: Mutex<Chain>,
    signer: Option<SigningKey>,
    /// The newest state that we know, so that an append need not read it again.
    tip: Mutex<Option<Tip>>,
}

/// What helps to find things quickly. Nothing is believed because it stands here.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Hints {
    format: String,
    origin: String,
    /// Entries that change the key: each is read and checked.
    key_rotations: Vec<u64>,
}

impl Ledger {
    /// Begins a ledger: an empty checkpoint, and an entry of kind `created`.
    ///
    /// # Errors
    /// When there is one already, or the storage refuses.
    pub fn create(storage: Arc<dyn Storage>, origin: &str, signer: SigningKey, now: Timestamp) -> Result<Self, Error> {
        if signer.verifying().kind() != KeyKind::Log {
            return Err(Error::Key {
                reason: "the key of a witness cannot sign a ledger".to_owned(),
            });
        }
        let key = signer.verifying();
        let turn = storage.queue().map(crate::folder::Queue::enter).transpose()?;
        let empty = Checkpoint::sign(origin, 0, EMPTY_HASH, now, &signer)?;
        if !storage.create(CHECKPOINT, empty.as_bytes(), Keep::Lasting)? {
            return Err(Error::Exists { place: storage.place() });
        }
        drop(turn);
        let ledger = Self {
            storage,
            origin: origin.to_owned(),
            chain: Mutex::new(Chain::new(std::slice::from_ref(&key), Vec::new()).unwrap_or_default()),
            signer: Some(signer),
            tip: Mutex::new(None),
        };
        ledger.write_hints(&[])?;
        let created = NewRecord {
            kind: RecordKind::Created,
            by: key.id(),
            subject: Subject::default(),
            payload: None,
        };
        ledger.append(&[created], now)?;
        Ok(ledger)
    }

    /// Opens a ledger: checks who signed its newest checkpoint, following changes of the key from those that are given.
    /// In a folder that can be written to, hash tiles that a crash took are made anew.
    ///
    /// # Errors
    /// When there is none, it is another one, nobody who is trusted signed it, or it is damaged.
    pub fn open(storage: Arc<dyn Storage>, origin: &str, keys: &[VerifyingKey]) -> Result<Self, Error> {
        let ledger = Self {
            storage,
            origin: origin.to_owned(),
            chain: Mutex::new(Chain::default()),
            signer: None,
            tip: Mutex::new(None),
        };
        let (checkpoint, version) = ledger.read_checkpoint()?;
        if checkpoint.origin() != origin {
            return Err(Error::Origin {
                place: ledger.storage.place(),
                found: checkpoint.origin().to_owned(),
                expected: origin.to_owned(),
            });
        }
        let hints = ledger.hints();
        let mut chain = ledger.chain_of(keys, &hints, checkpoint.size()).ok();
        let signed = |chain: &Chain| checkpoint.signed_by(&chain.signers(checkpoint.size())).is_ok();
        if chain.as_ref().is_none_or(|chain| !signed(chain)) {
            // Hints that are wrong or missing must not lock anybody out.
            let all = ledger.find_rotations(checkpoint.size())?;
            chain = Some(ledger.chain_of(keys, &all, checkpoint.size())?);
        }
        let chain = chain.unwrap_or_default();
        checkpoint.signed_by(&chain.signers(checkpoint.size()))?;
        *lock(&ledger.chain) = chain;
        let tip = Tip::load(ledger.storage(), checkpoint, version)?;
        ledger.remember(Some(tip));
        Ok(ledger)
    }

    /// The same ledger, to append to.
    #[must_use]
    pub fn with_signer(mut self, signer: SigningKey) -> Self {
        self.signer = Some(signer);
        // Whether it may append shows when the state is read.
        self.remember(None);
        self
    }

    /// Appends entries, all of them or none. They are on the disk when this returns. If it fails, they may be in the log
    /// nevertheless (a server may do what it was asked and not come to saying so); what was accepted before never is lost.
    ///
    /// # Errors
    /// When the ledger was opened without a key that signs or with an old one, an entry is too large, or the storage
    /// refuses.
    pub fn append(&self, records: &[NewRecord], now: Timestamp) -> Result<Vec<Appended>, Error> {
        self.signer()?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let mut drafts = Vec::new();
        for record in records {
            drafts.push(self.draft(record, now)?);
        }
        match self.storage.queue() {
            Some(queue) => self.append_in_turn(queue, drafts, now),
            None => self.append_against_others(&drafts, |_| Ok(self.signer()?.clone())),
        }
    }

    /// The entry as it will be, but for its time; its payload is written.
    pub(crate) fn draft(&self, record: &NewRecord, now: Timestamp) -> Result<Record, Error> {
        let Some(bytes) = &record.payload else {
            return draft(record, None, now);
        };
        let sealed = payload::seal(bytes)?;
        let draft = draft(record, Some(sealed.payload), now)?;
        self.storage.create(&sealed.path, &sealed.content, Keep::Lasting)?;
        Ok(draft)
    }

    /// The newest checkpoint, checked.
    ///
    /// # Errors
    /// When it cannot be read or trusted.
    pub fn checkpoint(&self) -> Result<Checkpoint, Error> {
        let (checkpoint, _) = self.read_checkpoint()?;
        match self.remembered(&checkpoint) {
            Some(tip) => Ok(tip.checkpoint),
            None => self.trusted(checkpoint),
        }
    }

    /// How many entries there are.
    ///
    /// # Errors
    /// When the checkpoint cannot be read or trusted.
    pub fn size(&self) -> Result<u64, Error> {
        Ok(self.checkpoint()?.size())
    }

    /// The bytes of an entry, as they are hashed.
    ///
    /// # Errors
    /// When there is no such entry, or it cannot be read.
    pub fn entry(&self, index: u64) -> Result<Vec<u8>, Error> {
        let checkpoint = self.checkpoint()?;
        let size = checkpoint.size();
        if index >= size {
            return Err(Error::NoEntry { index, size });
        }
        let bundle = checked_bundle(self.storage(), &checkpoint, index / WIDTH)?;
        let at = usize::try_from(index % WIDTH).unwrap_or(0);
        let entry = entries(&bundle).0.get(at).map(|entry| (*entry).to_owned());
        entry.ok_or_else(|| damaged(self.storage(), &format!("entry {index} is cut off")))
    }

    /// An entry.
    ///
    /// # Errors
    /// When there is no such entry, or it cannot be read.
    pub fn record(&self, index: u64) -> Result<Record, Error> {
        decode(index, &self.entry(index)?)
    }

    /// Entries with their indices, read bundle by bundle.
    ///
    /// # Errors
    /// When the checkpoint cannot be read; each item when its entry cannot be.
    pub fn records(&self, range: Range<u64>) -> Result<impl Iterator<Item = Result<(u64, Record), Error>>, Error> {
        let checkpoint = self.checkpoint()?;
        let size = checkpoint.size();
        let range = range.start.min(size)..range.end.min(size);
        let bundles = (range.start / WIDTH)..range.end.div_ceil(WIDTH);
        let storage = Arc::clone(&self.storage);
        Ok(bundles.flat_map(move |bundle| {
            let bytes = checked_bundle(&*storage, &checkpoint, bundle);
            let records = records_of(bytes, size, bundle);
            let wanted = range.clone();
            records
                .into_iter()
                .filter(move |record| record.as_ref().map_or(true, |(index, _)| wanted.contains(index)))
        }))
    }

    /// The payload of an entry; none if it has none, or was deleted.
    ///
    /// # Errors
    /// When there is no such entry, or the payload was changed.
    pub fn payload(&self, index: u64) -> Result<Option<Vec<u8>>, Error> {
        self.payload_of(index, &self.record(index)?)
    }

    pub(crate) fn payload_of(&self, index: u64, record: &Record) -> Result<Option<Vec<u8>>, Error> {
        let Some(payload) = &record.payload else {
            return Ok(None);
        };
        let path = blob_path(&payload.digest).ok_or_else(|| Error::Unreadable {
            index,
            reason: format!("{:?} is no digest of a payload", payload.digest),
        })?;
        let Some(object) = self.storage.read(&path)? else {
            return Ok(None);
        };
        let bytes = payload::unseal(payload, object.content).map_err(|reason| Error::Unreadable { index, reason })?;
        Ok(Some(bytes))
    }

    /// Has the log signed by another key from now on: an entry of kind `key_rotation`, signed by both keys.
    ///
    /// # Errors
    /// When the ledger was opened without the key that signs now, or the storage refuses.
    pub fn rotate_key(&mut self, new: SigningKey, now: Timestamp) -> Result<Appended, Error> {
        let old = self.signer()?.clone();
        let payload = Rotation::payload(&self.origin, &old, &new)?;
        let record = NewRecord {
            kind: RecordKind::KeyRotation,
            by: old.verifying().id(),
            subject: Subject::default(),
            payload: Some(payload),
        };
        let draft = self.draft(&record, now)?;
        // The checkpoint that covers the entry is the first that the new key signs.
        let key = |_: &Tip| Ok(new.clone());
        let appended = match self.storage.queue() {
            Some(queue) => self.append_alone(queue, vec![draft], key)?,
            None => self.append_against_others(&[draft], key)?,
        };
        let appended = *appended.first().ok_or(Error::NoSigner)?;
        let mut indices = lock(&self.chain).indices();
        indices.push(appended.index);
        let keys = lock(&self.chain).all();
        *lock(&self.chain) = self.chain_of(&keys, &indices, appended.index + 1)?;
        self.signer = Some(new);
        self.write_hints(&indices)?;
        Ok(appended)
    }

    /// Which log it is.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// All keys that sign or signed it.
    pub fn keys(&self) -> Vec<VerifyingKey> {
        lock(&self.chain).all()
    }

    fn keys_at(&self, size: u64) -> Vec<VerifyingKey> {
        lock(&self.chain).signers(size)
    }

    pub(crate) fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    pub(crate) fn signer(&self) -> Result<&SigningKey, Error> {
        self.signer.as_ref().ok_or(Error::NoSigner)
    }

    pub(crate) fn read_checkpoint(&self) -> Result<(Checkpoint, Version), Error> {
        let place = || Error::Missing {
            place: self.storage.place(),
        };
        let object = self.storage.read(CHECKPOINT)?.ok_or_else(place)?;
        Ok((Checkpoint::parse(&object.content)?, object.version))
    }

    /// Checks who signed a checkpoint.
    pub(crate) fn trusted(&self, checkpoint: Checkpoint) -> Result<Checkpoint, Error> {
        let size = checkpoint.size();
        if checkpoint.signed_by(&self.keys_at(size)).is_err() {
            // The key may have been changed since we opened it.
            let known = lock(&self.chain).clone();
            let chain = self.chain_of(&known.all(), &self.hints(), size)?;
            checkpoint.signed_by(&chain.signers(size))?;
            *lock(&self.chain) = chain;
        }
        Ok(checkpoint)
    }

    /// Checks a checkpoint that we are to append after: it must be signed by our key.
    pub(crate) fn trusted_by_signer(&self, checkpoint: Checkpoint) -> Result<Checkpoint, Error> {
        let checkpoint = self.trusted(checkpoint)?;
        let signed_by = checkpoint.signed_by(&self.keys_at(checkpoint.size()))?.id();
        match self.signer.as_ref().map(|signer| signer.verifying().id()) {
            Some(given) if given != signed_by => Err(Error::OtherKey { signed_by, given }),
            _ => Ok(checkpoint),
        }
    }

    pub(crate) fn remembered(&self, checkpoint: &Checkpoint) -> Option<Tip> {
        lock(&self.tip).clone().filter(|tip| tip.checkpoint == *checkpoint)
    }

    pub(crate) fn remember(&self, tip: Option<Tip>) {
        *lock(&self.tip) = tip;
    }

    fn hints(&self) -> Vec<u64> {
        hinted_rotations(self.storage())
    }

    fn write_hints(&self, key_rotations: &[u64]) -> Result<(), Error> {
        let hints = Hints {
            format: "counterproof.ledger/1".to_owned(),
            origin: self.origin.clone(),
            key_rotations: key_rotations.to_owned(),
        };
        let bytes = serde_json::to_vec_pretty(&hints).unwrap_or_default();
        let _turn = self.storage.queue().map(crate::folder::Queue::enter).transpose()?;
        match self.storage.read(HINTS)? {
            // If somebody else was faster, their hints will do: all can be found without.
            Some(object) => self.storage.replace(HINTS, &bytes, Keep::Lasting, &object.version)?,
            None => self.storage.create(HINTS, &bytes, Keep::Lasting)?,
        };
        Ok(())
    }

    /// The keys by way of these entries, in a log of this size.
    fn chain_of(&self, keys: &[VerifyingKey], indices: &[u64], size: u64) -> Result<Chain, Error> {
        let unreadable = |index, reason| Error::Unreadable { index, reason };
        let mut rotations = Vec::new();
        for index in indices.iter().copied().filter(|index| *index < size) {
            let bundle = read_bundle(self.storage(), size, index / WIDTH)?;
            let at = usize::try_from(index % WIDTH).unwrap_or(0);
            let found = entries(&bundle);
            let entry = found
                .0
                .get(at)
                .ok_or_else(|| unreadable(index, "it is cut off".to_owned()))?;
            let record = decode(index, entry)?;
            let payload = self.payload_of(index, &record)?.unwrap_or_default();
            let rotation = Rotation::read(&self.origin, index, &payload);
            rotations.push(rotation.map_err(|reason| unreadable(index, reason))?);
        }
        Chain::new(keys, rotations).map_err(|(index, reason)| unreadable(index, reason))
    }

    fn find_rotations(&self, size: u64) -> Result<Vec<u64>, Error> {
        let mut found = Vec::new();
        for bundle in 0..size.div_ceil(WIDTH) {
            // A change of the key is told by its own signatures: the root is trusted only after it.
            let bytes = read_bundle(self.storage(), size, bundle);
            for record in records_of(bytes, size, bundle) {
                let (index, record) = record?;
                found.extend(is_rotation(&record).then_some(index));
            }
        }
        Ok(found)
    }
}

/// Entries that are said to change the key; whether they do must be checked.
pub fn hinted_rotations(storage: &dyn Storage) -> Vec<u64> {
    let hints = storage.read(HINTS).ok().flatten();
    let hints: Option<Hints> = hints.and_then(|object| serde_json::from_slice(&object.content).ok());
    hints.unwrap_or_default().key_rotations
}

/// A bundle whose entries are those that the signed root is over: their hashes are those of its tile, and the tile leads to the root.
fn checked_bundle(storage: &dyn Storage, checkpoint: &Checkpoint, bundle: u64) -> Result<Vec<u8>, Error> {
    let size = checkpoint.size();
    let bytes = read_bundle(storage, size, bundle)?;
    let hashes = read_tile(storage, size, 0, bundle)?;
    let (all, _) = entries(&bytes);
    let fits = all.len() >= hashes.len()
        && all
            .iter()
            .zip(&hashes)
            .all(|(entry, hash)| tlog_tiles::record_hash(entry) == *hash);
    if !fits {
        return Err(damaged(
            storage,
            &format!("entries from {} on are not those that were hashed", bundle * WIDTH),
        ));
    }
    // The way from any of them to the root uses all hashes of the tile.
    let index = bundle * WIDTH;
    let reader = StoredHashes::new(storage, size);
    let path = reader.finish(tlog_tiles::prove_record(size, index, &reader))?;
    let leads = tlog_tiles::check_record(&path, size, checkpoint.root(), index, hashes[0]);
    leads.map_err(|_| damaged(storage, "its hash tiles do not lead to the root that is signed"))?;
    Ok(bytes)
}

fn records_of(bytes: Result<Vec<u8>, Error>, size: u64, bundle: u64) -> Vec<Result<(u64, Record), Error>> {
    match bytes {
        Ok(bytes) => {
            let indices = bundle * WIDTH..size;
            let entries = indices.zip(entries(&bytes).0);
            entries
                .map(|(index, entry)| Ok((index, decode(index, entry)?)))
                .collect()
        }
        Err(error) => vec![Err(error)],
    }
}

/// What a thread left that panicked is whole: it is only ever replaced.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
