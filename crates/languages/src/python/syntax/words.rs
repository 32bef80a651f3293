//! Which files hold which identifiers: found by reading once, before anything is parsed.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::python::project::{LARGEST_FILE, Project};

/// Identifiers of all files, by hash; a rare collision costs a look at one file more.
pub(super) struct Words {
    files: Vec<String>,
    places: HashMap<u64, Vec<u32>, BuildHasherDefault<AsIs>>,
    definitions: HashMap<u64, usize, BuildHasherDefault<AsIs>>,
}

impl Words {
    /// Reads all files of a project but tests: nobody calls them.
    pub fn of(project: &Project) -> Self {
        let mut words = Self {
            files: Vec::new(),
            places: HashMap::default(),
            definitions: HashMap::default(),
        };
        for path in project.paths().filter(|path| !is_test(path)) {
            if let Ok(text) = project.read(path).map_err(drop)
                && text.len() <= LARGEST_FILE
            {
                words.take(path, &text);
            }
        }
        words
    }

    fn take(&mut self, path: &str, text: &[u8]) {
        let file = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(path.to_owned());
        let mut seen: HashSet<u64, BuildHasherDefault<AsIs>> = HashSet::default();
        let def = hash(b"def");
        let mut before = 0;
        for word in text
            .split(|byte| !is_word(*byte))
            .filter(|word| word.first().is_some_and(|first| !first.is_ascii_digit()))
        {
            let hash = hash(word);
            if seen.insert(hash) {
                self.places.entry(hash).or_default().push(file);
            }
            if before == def {
                *self.definitions.entry(hash).or_default() += 1;
            }
            before = hash;
        }
    }

    /// Files that hold any of these words.
    pub fn files_with(&self, words: &[&str]) -> Vec<&str> {
        let mut files: Vec<u32> = words
            .iter()
            .filter_map(|word| self.places.get(&hash(word.as_bytes())))
            .flatten()
            .copied()
            .collect();
        files.sort_unstable();
        files.dedup();
        files
            .into_iter()
            .filter_map(|file| self.files.get(file as usize).map(String::as_str))
            .collect()
    }

    /// How many functions have this name.
    pub fn definitions(&self, name: &str) -> usize {
        self.definitions.get(&hash(name.as_bytes())).copied().unwrap_or(0)
    }
}

/// Whether a file is a test or serves tests only, by its customary name.
pub fn is_test(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    let stem = name.strip_suffix(".py").unwrap_or(name);
    parts.iter().any(|folder| matches!(*folder, "tests" | "test"))
        || name.ends_with(".py")
            && (name.starts_with("test_")
                || stem.ends_with("_test")
                || matches!(stem, "conftest" | "tests" | "noxfile"))
}

/// The identifiers and numbers of a text, in order.
pub fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .filter(|word| !word.is_empty())
}

/// Part of an identifier; bytes above ASCII belong to letters of other scripts.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn hash(word: &[u8]) -> u64 {
    word.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Takes hashes as they are, folded so that their low bits differ.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value ^ (value >> 29);
    }
}
