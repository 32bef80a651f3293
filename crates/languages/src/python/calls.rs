//! Which files call a name: found once for all functions, by their text alone.

use std::collections::{HashMap, HashSet};

/// Larger trees are indexed this far, in the order of their paths.
const MOST_BYTES: usize = 24 * 1024 * 1024;
/// A file larger than this is data.
const LARGEST: usize = 400 * 1024;

/// Files by the names that are followed by an opening parenthesis in them.
pub(crate) struct CallIndex {
    files: HashMap<u64, Vec<u32>>,
}

impl CallIndex {
    /// Indexes files; `read` gives the text of the n-th, or nothing.
    pub(crate) fn new(count: usize, read: impl Fn(usize) -> Option<Vec<u8>>) -> Self {
        let mut files: HashMap<u64, Vec<u32>> = HashMap::new();
        let mut total = 0;
        for index in 0..count {
            if total > MOST_BYTES {
                break;
            }
            let Some(text) = read(index).filter(|text| text.len() <= LARGEST) else {
                continue;
            };
            total += text.len();
            for name in called(&text) {
                files.entry(name).or_default().push(index as u32);
            }
        }
        Self { files }
    }

    /// The files that may call `name`, by index.
    pub(crate) fn files(&self, name: &str) -> &[u32] {
        self.files
            .get(&hash(name.as_bytes()))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// Hashes of all names called in a text.
fn called(text: &[u8]) -> HashSet<u64> {
    let mut names = HashSet::new();
    for (at, _) in text.iter().enumerate().filter(|(_, byte)| **byte == b'(') {
        let length = text[..at]
            .iter()
            .rev()
            .take(80)
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte >= 0x80)
            .count();
        if length > 0 {
            names.insert(hash(&text[at - length..at]));
        }
    }
    names
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_files_that_call() {
        let texts: [&[u8]; 3] = [b"f(1)\ng (2)", b"x.f(1) + h()", b"f = 3"];
        let index = CallIndex::new(3, |at| Some(texts[at].to_vec()));
        assert_eq!(index.files("f"), [0, 1]);
        assert_eq!(index.files("h"), [1]);
        assert!(index.files("g").is_empty());
    }
}
