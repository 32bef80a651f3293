//! Going once through all bundles, on all cores: hashes of everything, and what each record says.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use jiff::Timestamp;
use model::{Record, RecordKind};
use tlog_tiles::{Hash, record_hash};

use super::{PayloadCheck, What};
use crate::chain::{Rotation, is_rotation};
use crate::draft::decode;
use crate::layout::{WIDTH, blob_path, bundle_path, entries, tile_bytes, tile_path, width};
use crate::storage::Storage;
use crate::tree::subtree;
use crate::{Error, payload};

/// How closely entries are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Hashes alone.
    Hashes,
    /// Records and payloads, too.
    Records,
}

/// What stands for the hash of an entry that is missing: no entry has it.
pub const NOTHING: Hash = Hash([0; 32]);

/// How many tiles that do not fit are remembered, to look for entries that moved between them.
const MOST_TILES: usize = 64;

/// Something wrong with one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub index: u64,
    pub what: What,
    pub text: String,
}

/// What one pass found.
#[derive(Default)]
pub struct Scan {
    pub size: u64,
    /// The hash of each full bundle.
    pub bundles: Vec<Hash>,
    /// Leaf hashes of the bundles that a known size falls into.
    pub leaves: HashMap<u64, Vec<Hash>>,
    /// Bundles whose stored hashes are others, the first few.
    pub differing: BTreeSet<u64>,
    /// Where the bundle has more than its width says, or bytes that are no entry.
    pub excess: Option<u64>,
    /// The first entry that is missing.
    pub missing: Option<u64>,
    /// What is wrong in the first entry that something is wrong in, by itself.
    pub first: Option<Finding>,
    pub rotations: Vec<Rotation>,
    pub payloads: u64,
    pub last_time: Option<Timestamp>,
    pub redacted: Bits,
    pub absent: Bits,
    pub present_redacted: Vec<u64>,
}

/// A set of indices, a bit for each.
#[derive(Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    fn add(&mut self, index: u64) {
        let at = usize::try_from(index / 64).unwrap_or(usize::MAX);
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (index % 64);
    }

    pub fn has(&self, index: u64) -> bool {
        let at = usize::try_from(index / 64).unwrap_or(usize::MAX);
        self.0.get(at).is_some_and(|bits| bits & (1 << (index % 64)) != 0)
    }

    pub fn count(&self) -> u64 {
        self.0.iter().map(|bits| u64::from(bits.count_ones())).sum()
    }

    /// The first that is here and not there.
    pub fn first_without(&self, other: &Self) -> Option<u64> {
        let mut words = self.0.iter().enumerate();
        words.find_map(|(at, bits)| {
            let left = bits & !other.0.get(at).copied().unwrap_or(0);
            (left != 0).then(|| at as u64 * 64 + u64::from(left.trailing_zeros()))
        })
    }
}

/// What a pass looks at.
pub struct Pass<'a> {
    pub storage: &'a dyn Storage,
    pub origin: &'a str,
    pub size: u64,
    /// Bundles whose leaf hashes are wanted.
    pub wanted: BTreeSet<u64>,
    pub depth: Depth,
    pub payloads: Option<&'a PayloadCheck<'a>>,
    pub threads: Option<NonZeroUsize>,
}

/// What was found in one bundle.
#[derive(Default)]
struct Bundle {
    index: u64,
    leaves: Vec<Hash>,
    /// The hash of all leaves, of a full one.
    hash: Option<Hash>,
    differs: bool,
    excess: Option<u64>,
    missing: Option<u64>,
    first: Option<Finding>,
    times: Option<(u64, Timestamp, Timestamp)>,
    rotations: Vec<Rotation>,
    redacted: Vec<u64>,
    absent: Vec<u64>,
    payloads: Vec<u64>,
}

impl Pass<'_> {
    pub fn run(&self) -> Result<Scan, Error> {
        let bundles = self.size.div_ceil(WIDTH);
        let cores = self.threads.or_else(|| std::thread::available_parallelism().ok());
        let threads = (cores.map_or(1, NonZeroUsize::get) as u64).min(bundles.max(1));
        let next = AtomicU64::new(0);
        let (sender, receiver) = mpsc::sync_channel::<Result<Bundle, Error>>(64);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        // Nobody listens any more once one of them failed.
                        if index >= bundles || sender.send(self.bundle(index)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            Collector::new(self, bundles).collect(receiver)
        })
    }

    fn bundle(&self, index: u64) -> Result<Bundle, Error> {
        let (wide, start) = (width(self.size, 0, index), index * WIDTH);
        let (bytes, is_wider) = self.stored(&bundle_path(index, wide), &bundle_path(index, WIDTH))?;
        let (mut found, whole) = entries(&bytes);
        let mut bundle = Bundle {
            index,
            ..Bundle::default()
        };
        let wide = usize::try_from(wide).unwrap_or(0);
        if !is_wider && (found.len() > wide || !whole) {
            bundle.excess = Some(start + found.len().min(wide) as u64);
        }
        found.truncate(wide);
        bundle.missing = (found.len() < wide).then_some(start + found.len() as u64);
        let mut leaves: Vec<Hash> = found.iter().map(|entry| record_hash(entry)).collect();
        leaves.resize(wide, NOTHING);
        let (stored, is_wider) = self.stored(&tile_path(0, index, wide as u64), &tile_path(0, index, WIDTH))?;
        let computed = tile_bytes(&leaves);
        bundle.differs = if is_wider {
            !stored.starts_with(&computed)
        } else {
            stored != computed
        };
        bundle.hash = (wide as u64 == WIDTH).then(|| subtree(&leaves));
        if self.depth == Depth::Records {
            for (index, entry) in (start..).zip(&found) {
                self.record(index, entry, &mut bundle)?;
            }
        }
        if self.wanted.contains(&index) {
            bundle.leaves = leaves;
        }
        Ok(bundle)
    }

    /// What lies under a path, or in the full form of a tile whose partial one is gone; whether it was the latter.
    fn stored(&self, path: &str, full: &str) -> Result<(Vec<u8>, bool), Error> {
        if let Some(object) = self.storage.read(path)? {
            return Ok((object.content, false));
        }
        let full = if full == path { None } else { self.storage.read(full)? };
        Ok(full.map_or_else(|| (Vec::new(), false), |object| (object.content, true)))
    }

    fn record(&self, index: u64, entry: &[u8], bundle: &mut Bundle) -> Result<(), Error> {
        let record = match decode(index, entry) {
            Ok(record) => record,
            Err(error) => {
                bundle.tell(index, What::Unreadable, error.to_string());
                return Ok(());
            }
        };
        let before = bundle.times.map(|(_, _, last)| last);
        if let Some(text) = before.and_then(|before| back_dated(index, record.time, before)) {
            bundle.tell(index, What::BackDated, text);
        }
        if record.clock.is_some_and(|clock| clock >= record.time) {
            bundle.tell(
                index,
                What::BackDated,
                format!("entry {index} says that its writer's clock was behind, and it was not"),
            );
        }
        if record.subject.about.is_some_and(|about| about >= index) {
            bundle.tell(
                index,
                What::Unreadable,
                format!("entry {index} is about an entry that comes after it"),
            );
        }
        let first = bundle
            .times
            .map_or((index, record.time), |(index, first, _)| (index, first));
        bundle.times = Some((first.0, first.1, record.time));
        if record.kind == RecordKind::Redaction {
            bundle.redacted.extend(record.subject.about);
        }
        self.payload(index, &record, bundle)
    }

    fn payload(&self, index: u64, record: &Record, bundle: &mut Bundle) -> Result<(), Error> {
        let bytes = match &record.payload {
            None => None,
            Some(payload) => {
                let Some(path) = blob_path(&payload.digest) else {
                    bundle.tell(
                        index,
                        What::Unreadable,
                        format!("the digest of the payload of entry {index} is none"),
                    );
                    return Ok(());
                };
                let Some(object) = self.storage.read(&path)? else {
                    bundle.absent.push(index);
                    return Ok(());
                };
                match payload::unseal(payload, object.content) {
                    Ok(bytes) => Some(bytes),
                    Err(reason) => {
                        bundle.tell(index, What::PayloadChanged, format!("entry {index}: {reason}"));
                        return Ok(());
                    }
                }
            }
        };
        if is_rotation(record) {
            match Rotation::read(self.origin, index, bytes.as_deref().unwrap_or_default()) {
                Ok(rotation) => bundle.rotations.push(rotation),
                Err(reason) => bundle.tell(index, What::UnknownKey, format!("entry {index}: {reason}")),
            }
        }
        if let Some(bytes) = bytes {
            bundle.payloads.push(index);
            if let Some(Err(reason)) = self.payloads.map(|check| check(record, &bytes)) {
                bundle.tell(index, What::PayloadInvalid, format!("entry {index}: {reason}"));
            }
        }
        Ok(())
    }
}

impl Bundle {
    fn tell(&mut self, index: u64, what: What, text: String) {
        self.first.get_or_insert(Finding { index, what, text });
    }
}

fn back_dated(index: u64, time: Timestamp, before: Timestamp) -> Option<String> {
    (time < before).then(|| format!("entry {index} is of {time}, and the entry before it of {before}"))
}

/// Puts together what the threads found, in whatever order it comes.
struct Collector {
    scan: Scan,
    times: Vec<Option<(u64, Timestamp, Timestamp)>>,
    present: Bits,
}

impl Collector {
    fn new(pass: &Pass<'_>, bundles: u64) -> Self {
        let full = usize::try_from(pass.size / WIDTH).unwrap_or(0);
        let timed = if pass.depth == Depth::Records {
            usize::try_from(bundles).unwrap_or(0)
        } else {
            0
        };
        Self {
            scan: Scan {
                size: pass.size,
                bundles: vec![NOTHING; full],
                ..Scan::default()
            },
            times: vec![None; timed],
            present: Bits::default(),
        }
    }

    fn collect(mut self, receiver: mpsc::Receiver<Result<Bundle, Error>>) -> Result<Scan, Error> {
        for bundle in receiver {
            self.add(bundle?);
        }
        self.end();
        Ok(self.scan)
    }

    fn add(&mut self, bundle: Bundle) {
        let scan = &mut self.scan;
        let at = usize::try_from(bundle.index).unwrap_or(usize::MAX);
        if let (Some(hash), Some(place)) = (bundle.hash, scan.bundles.get_mut(at)) {
            *place = hash;
        }
        if !bundle.leaves.is_empty() {
            scan.leaves.insert(bundle.index, bundle.leaves);
        }
        if bundle.differs {
            scan.differing.insert(bundle.index);
            if scan.differing.len() > MOST_TILES {
                scan.differing.pop_last();
            }
        }
        scan.excess = earlier(scan.excess, bundle.excess);
        scan.missing = earlier(scan.missing, bundle.missing);
        let finding = bundle.first;
        if finding
            .as_ref()
            .is_some_and(|new| scan.first.as_ref().is_none_or(|old| new.index < old.index))
        {
            scan.first = finding;
        }
        if let Some(times) = self.times.get_mut(at) {
            *times = bundle.times;
        }
        scan.rotations.extend(bundle.rotations);
        scan.payloads += bundle.payloads.len() as u64;
        bundle.redacted.into_iter().for_each(|index| scan.redacted.add(index));
        bundle.absent.into_iter().for_each(|index| scan.absent.add(index));
        bundle.payloads.into_iter().for_each(|index| self.present.add(index));
    }

    fn end(&mut self) {
        let scan = &mut self.scan;
        scan.rotations.sort_by_key(|rotation| rotation.index);
        for (first, start, last) in self.times.iter().flatten() {
            let text = scan.last_time.and_then(|before| back_dated(*first, *start, before));
            let is_earlier = scan.first.as_ref().is_none_or(|old| *first < old.index);
            if let Some(text) = text.filter(|_| is_earlier) {
                let (index, what) = (*first, What::BackDated);
                scan.first = Some(Finding { index, what, text });
            }
            scan.last_time = Some(*last);
        }
        let redacted = (0..scan.size).filter(|index| scan.redacted.has(*index) && self.present.has(*index));
        scan.present_redacted = if scan.redacted.count() == 0 {
            Vec::new()
        } else {
            redacted.collect()
        };
    }
}

fn earlier(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).min()
}
