//! More than a thousand ways to tamper with a ledger, by seed: each is found against a checkpoint that was kept elsewhere,
//! and where it is one entry, that is named.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use counterproof_ledger::{
    Checkpoint, Folder, Ledger, NewRecord, Outcome, Place as Where, Tampering, Verification, What, verify_hashes,
};

use crate::support::{ORIGIN, Place, at, copy, files, verdict, verify_with};

/// A ledger that is tampered with, an earlier state of it, and what was kept elsewhere.
struct Scene {
    place: Place,
    earlier: Place,
    kept: Vec<Checkpoint>,
    size: u64,
}

/// Chance by seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

impl Scene {
    fn new(size: u64) -> Self {
        let place = Place::new();
        let ledger = place.filled(size * 2 / 3);
        let earlier = Place {
            key: place.key.clone(),
            ..Place::new()
        };
        copy(place.folder.path(), earlier.folder.path());
        let middle = ledger.checkpoint().unwrap();
        let next: Vec<NewRecord> = (middle.size()..size)
            .map(|number| verdict(number, number % 5 == 0))
            .collect();
        ledger.append(&next, at(size)).unwrap();
        let kept = vec![middle, ledger.checkpoint().unwrap()];
        Self {
            place,
            earlier,
            kept,
            size,
        }
    }

    /// A copy to tamper with.
    fn copied(&self) -> Place {
        let other = Place {
            key: self.place.key.clone(),
            ..Place::new()
        };
        copy(self.place.folder.path(), other.folder.path());
        other
    }

    fn judged(&self, place: &Place) -> Tampering {
        let outcome = verify_with(place.path(), &[place.key.verifying()], &self.kept);
        let Outcome::Tampered(tampering) = outcome else {
            panic!("not found: {outcome:?}")
        };
        tampering
    }

    /// Files that the checkpoint covers: all but hints, locks, and partial tiles of an earlier size.
    fn covered_files(&self) -> Vec<Utf8PathBuf> {
        let current = |path: &Utf8Path| match path.as_str().rsplit_once(".p/") {
            None => true,
            Some((full, width)) => {
                let level = full.split('/').nth(1).unwrap().parse().unwrap_or(0);
                width.parse::<u64>().unwrap() == (self.size >> (8 * level)) % 256
            }
        };
        let all = files(self.place.folder.path()).into_iter();
        all.filter(|path| !matches!(path.as_str(), "lock" | "log.json" | ".gitignore") && current(path))
            .collect()
    }

    /// Where the last bundle begins, and its path.
    fn bundle(&self, index: u64) -> Utf8PathBuf {
        let width = (self.size - index * 256).min(256);
        let partial = if width < 256 {
            format!(".p/{width}")
        } else {
            String::new()
        };
        format!("tile/entries/{index:03}{partial}").into()
    }
}

fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    let mut found = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at(u16::from_be_bytes(*length).into());
        found.push(entry.to_owned());
        rest = after;
    }
    found
}

fn joined(entries: &[Vec<u8>]) -> Vec<u8> {
    let framed = entries
        .iter()
        .map(|entry| [&u16::try_from(entry.len()).unwrap().to_be_bytes()[..], entry].concat());
    framed.collect::<Vec<_>>().concat()
}

fn edit(place: &Place, path: &Utf8Path, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let path = place.path().join(path);
    let mut entries = split(&fs::read(&path).unwrap());
    change(&mut entries);
    fs::write(path, joined(&entries)).unwrap();
}

/// The entry that a byte of a bundle belongs to.
fn entry_at(bytes: &[u8], at: usize) -> u64 {
    let mut start = 0;
    for (index, entry) in (0..).zip(split(bytes)) {
        start += 2 + entry.len();
        if at < start {
            return index;
        }
    }
    panic!("{at} is behind the end")
}

#[test]
fn flipped_bits_in_any_file() {
    for (size, rounds) in [(90, 250), (600, 200)] {
        let scene = Scene::new(size);
        let (files, place, mut chance) = (scene.covered_files(), scene.copied(), Chance(size));
        for round in 0..rounds {
            let file = &files[usize::try_from(chance.below(files.len() as u64)).unwrap()];
            let path = place.path().join(file);
            let whole = fs::read(&path).unwrap();
            let bit = usize::try_from(chance.below(whole.len() as u64 * 8)).unwrap();
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, changed).unwrap();
            let found = scene.judged(&place);
            let text = format!("round {round}, bit {bit} of {file}: {found:?}");
            match file.as_str().split('/').collect::<Vec<_>>()[..] {
                ["checkpoint"] => assert_eq!(found.first, Where::Checkpoint, "{text}"),
                ["blobs", ..] => {
                    assert_eq!(found.what, What::PayloadChanged, "{text}");
                    assert!(matches!(found.first, Where::Entry(index) if index % 5 == 0), "{text}");
                }
                ["tile", "entries", name, ..] => {
                    let first: u64 = name[..3].parse().unwrap();
                    assert_eq!(
                        found.first,
                        Where::Entry(first * 256 + entry_at(&whole, bit / 8)),
                        "{text}"
                    );
                }
                _ => assert_eq!(found.what, What::TileChanged, "{text}"),
            }
            fs::write(&path, whole).unwrap();
        }
        assert!(matches!(place.verify(&scene.kept), Outcome::Whole(_)));
    }
}

#[test]
fn files_cut_off_or_removed() {
    let scene = Scene::new(300);
    let (files, place, mut chance) = (scene.covered_files(), scene.copied(), Chance(2));
    for round in 0..250 {
        let file = &files[usize::try_from(chance.below(files.len() as u64)).unwrap()];
        let path = place.path().join(file);
        let whole = fs::read(&path).unwrap();
        let is_removed = round % 4 == 0;
        if is_removed {
            fs::remove_file(&path).unwrap();
        } else {
            let length = usize::try_from(chance.below(whole.len() as u64)).unwrap();
            fs::write(&path, &whole[..length]).unwrap();
        }
        let found = scene.judged(&place);
        let text = format!("round {round}, {file}: {found:?}");
        match file.as_str() {
            "checkpoint" => assert_eq!(found.what, What::CheckpointChanged, "{text}"),
            name if name.starts_with("blobs") => {
                let what = if is_removed {
                    What::PayloadRemoved
                } else {
                    What::PayloadChanged
                };
                assert_eq!(found.what, what, "{text}");
            }
            name if name.starts_with("tile/entries") => assert_eq!(found.what, What::Removed, "{text}"),
            _ => assert_eq!(found.what, What::TileChanged, "{text}"),
        }
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn entries_changed_swapped_removed_and_put_in() {
    let scene = Scene::new(600);
    let mut chance = Chance(3);
    let place = scene.copied();
    for round in 0..240 {
        let bundle = chance.below(3);
        let path = scene.bundle(bundle);
        let whole = fs::read(place.path().join(&path)).unwrap();
        let count = split(&whole).len() as u64;
        let (one, two) = (chance.below(count), chance.below(count));
        if one == two {
            continue;
        }
        let (first, second) = (
            usize::try_from(one.min(two)).unwrap(),
            usize::try_from(one.max(two)).unwrap(),
        );
        let expected = match round % 4 {
            0 => {
                edit(&place, &path, |entries| entries.swap(first, second));
                What::Reordered
            }
            1 => {
                edit(&place, &path, |entries| drop(entries.remove(first)));
                What::Removed
            }
            2 => {
                edit(&place, &path, |entries| {
                    entries.insert(first, entries[second].replace_verdict())
                });
                What::Inserted
            }
            _ => {
                edit(&place, &path, |entries| {
                    entries[first] = entries[first].replace_verdict()
                });
                What::Changed
            }
        };
        let found = scene.judged(&place);
        let index = bundle * 256 + first as u64;
        assert_eq!(
            (&found.first, found.what),
            (&Where::Entry(index), expected),
            "round {round}: {found:?}"
        );
        fs::write(place.path().join(&path), whole).unwrap();
    }
}

trait ReplaceVerdict {
    fn replace_verdict(&self) -> Vec<u8>;
}

impl ReplaceVerdict for Vec<u8> {
    /// The same entry, but for what it says.
    fn replace_verdict(&self) -> Vec<u8> {
        let text = String::from_utf8(self.clone()).unwrap();
        text.replace("00c0ffee", "00c0ffef").into_bytes()
    }
}

#[test]
fn entries_swapped_between_bundles_and_swapped_tiles() {
    let scene = Scene::new(600);
    let mut chance = Chance(4);
    for round in 0..40 {
        let place = scene.copied();
        let (one, two) = (chance.below(256), 256 + chance.below(256));
        let [path, other] = [scene.bundle(0), scene.bundle(1)];
        let at = |index: u64| usize::try_from(index % 256).unwrap();
        let mut moved = Vec::new();
        edit(&place, &path, |entries| moved.clone_from(&entries[at(one)]));
        edit(&place, &other, |entries| {
            std::mem::swap(&mut entries[at(two)], &mut moved)
        });
        edit(&place, &path, |entries| entries[at(one)] = moved);
        let found = scene.judged(&place);
        assert_eq!(
            (&found.first, found.what),
            (&Where::Entry(one), What::Reordered),
            "round {round}: {found:?}"
        );
    }
    for [one, other] in [
        ["tile/0/000", "tile/0/001"],
        ["tile/entries/000", "tile/entries/001"],
        ["tile/0/000", "tile/entries/001"],
    ] {
        let place = scene.copied();
        let [one, other] = [one, other].map(|path| place.path().join(path));
        let bytes = fs::read(&one).unwrap();
        fs::copy(&other, &one).unwrap();
        fs::write(&other, bytes).unwrap();
        scene.judged(&place);
    }
}

#[test]
fn a_cut_tail_and_a_replayed_checkpoint() {
    let scene = Scene::new(300);
    let (earlier, place) = (scene.earlier.path(), scene.copied());
    fs::copy(earlier.join("checkpoint"), place.path().join("checkpoint")).unwrap();
    let found = scene.judged(&place);
    assert_eq!(
        (found.first, found.what),
        (Where::Entries(200..300), What::CheckpointReplayed)
    );
    let found = scene.judged(&scene.earlier);
    assert_eq!((found.first, found.what), (Where::Entries(200..300), What::Removed));
    // Nobody can tell without what was kept elsewhere, and that is said.
    assert!(matches!(scene.earlier.verify(&[]), Outcome::SelfConsistentOnly(_)));
    // At every length, each made by the true key.
    for size in 1..60 {
        let place = Place::new();
        let ledger = place.filled(size);
        let short = Place {
            key: place.key.clone(),
            ..Place::new()
        };
        copy(place.folder.path(), short.folder.path());
        ledger.append(&[verdict(size, false)], at(size)).unwrap();
        let outcome = verify_with(short.path(), &[place.key.verifying()], &[ledger.checkpoint().unwrap()]);
        let found = outcome.tampering().unwrap();
        assert_eq!((&found.first, found.what), (&Where::Entry(size), What::Removed));
    }
}

#[test]
fn another_history_that_is_signed_with_the_true_key() {
    let scene = Scene::new(120);
    let mut chance = Chance(5);
    for round in 0..100 {
        // From some entry on, written anew: another entry there, or the same ones, back-dated.
        let from = 1 + chance.below(119);
        let fork = Place {
            key: scene.place.key.clone(),
            ..Place::new()
        };
        let ledger = fork_from(&scene, &fork, from, round);
        let found = scene.judged(&fork);
        assert_eq!(found.what, What::Forked, "round {round}: {found:?}");
        // No narrower than what was kept elsewhere allows.
        let range = if from < 80 { 0..80 } else { 80..120 };
        assert_eq!(
            found.first,
            Where::Entries(range),
            "round {round} from {from}: {found:?}"
        );
        assert_eq!(ledger.size().unwrap(), 120 + round % 3);
    }
}

/// The same ledger up to an entry, and another one from there on, of the same length or longer.
fn fork_from(scene: &Scene, fork: &Place, from: u64, round: u64) -> Ledger {
    let original = scene.place.open();
    let text = |index| String::from_utf8(original.entry(index).unwrap()).unwrap();
    let entries: Vec<String> = (0..120 + round % 3)
        .map(|index| match index {
            index if index < from => text(index),
            index if index < 120 => text(index).replace("ci.example", "me.example"),
            index => text(119).replace("ci.example", &format!("more{index}.example")),
        })
        .collect();
    forge(fork, &entries);
    copy(
        &scene.place.folder.path().join("blobs"),
        &fork.folder.path().join("blobs"),
    );
    fork.open()
}

/// Whoever has the key can write a whole ledger: this does, without the crate under test keeping any order.
fn forge(place: &Place, entries: &[String]) {
    let root = place.path();
    let hashes: Vec<_> = entries
        .iter()
        .map(|entry| tlog_tiles::record_hash(entry.as_bytes()))
        .collect();
    let size = entries.len();
    assert!(size < 256);
    let bytes: Vec<Vec<u8>> = entries.iter().map(|entry| entry.clone().into_bytes()).collect();
    fs::create_dir_all(root.join("tile/entries/000.p")).unwrap();
    fs::create_dir_all(root.join("tile/0/000.p")).unwrap();
    fs::write(root.join(format!("tile/entries/000.p/{size}")), joined(&bytes)).unwrap();
    let tile: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
    fs::write(root.join(format!("tile/0/000.p/{size}")), tile).unwrap();
    let last: model::Record = serde_json::from_str(entries.last().unwrap()).unwrap();
    let text = format!("{ORIGIN}\n{size}\n{}\ntime {}\n", merkle(&hashes), last.time);
    let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&place.key]).unwrap();
    fs::write(root.join("checkpoint"), note.to_bytes()).unwrap();
}

/// RFC 6962, section 2.1, word for word.
fn merkle(leaves: &[tlog_tiles::Hash]) -> tlog_tiles::Hash {
    match leaves {
        [leaf] => *leaf,
        _ => {
            let left = 1 << (leaves.len() - 1).ilog2();
            tlog_tiles::node_hash(merkle(&leaves[..left]), merkle(&leaves[left..]))
        }
    }
}

#[test]
fn back_dated_entries_that_are_signed_with_the_true_key() {
    let scene = Scene::new(100);
    let original = scene.place.open();
    for index in 2..100 {
        let entries: Vec<String> = (0..100)
            .map(|each| {
                let mut record = original.record(each).unwrap();
                if each == index {
                    record.time = at(0) - jiff::SignedDuration::from_hours(24);
                }
                serde_json::to_string(&record).unwrap()
            })
            .collect();
        let fork = Place {
            key: scene.place.key.clone(),
            ..Place::new()
        };
        forge(&fork, &entries);
        copy(
            &scene.place.folder.path().join("blobs"),
            &fork.folder.path().join("blobs"),
        );
        assert_eq!(scene.judged(&fork).what, What::Forked);
        // Even with nothing to hold it against, the order of times tells.
        let outcome = verify_with(fork.path(), &[fork.key.verifying()], &[]);
        let found = outcome.tampering().unwrap();
        let expected = if index == 99 {
            Where::Checkpoint
        } else {
            Where::Entry(index)
        };
        assert!(
            found.what == What::BackDated && (found.first == expected || found.first == Where::Entry(99)),
            "{index}: {found:?}"
        );
    }
}

#[test]
fn hashes_alone_find_what_was_changed_too() {
    let scene = Scene::new(600);
    let place = scene.copied();
    let keys = [place.key.verifying()];
    let against = Verification {
        origin: ORIGIN,
        keys: &keys,
        since: &scene.kept,
        ..Verification::default()
    };
    let run = || verify_hashes(&Folder::open_to_read(place.path()), &against).unwrap();
    assert!(matches!(run(), Outcome::Whole(_)));
    edit(&place, &scene.bundle(1), |entries| {
        entries[7] = entries[7].replace_verdict()
    });
    assert_eq!(run().tampering().unwrap().first, Where::Entry(263));
}

#[test]
fn entries_changed_together_with_their_hashes() {
    let scene = Scene::new(600);
    let place = scene.copied();
    edit(&place, &scene.bundle(1), |entries| {
        entries[7] = entries[7].replace_verdict()
    });
    let entries = split(&fs::read(place.path().join(scene.bundle(1))).unwrap());
    let tile: Vec<u8> = entries
        .iter()
        .flat_map(|entry| tlog_tiles::record_hash(entry).0)
        .collect();
    fs::write(place.path().join("tile/0/001"), tile).unwrap();
    let found = scene.judged(&place);
    assert_eq!((found.first, found.what), (Where::Entries(256..400), What::Changed));
    assert!(found.text.contains("cannot be told which"), "{}", found.text);
}
