//! Paths and bytes of tiles and bundles of entries: <https://c2sp.org/tlog-tiles>.

use crate::Error;
use tlog_tiles::{HASH_SIZE, Hash};

/// Hashes of a full tile, entries of a full bundle.
pub const WIDTH: u64 = 256;

/// The most bytes that an entry can have.
pub const LARGEST_ENTRY: usize = u16::MAX as usize;

/// The path of a hash tile.
pub fn tile_path(level: usize, index: u64, width: u64) -> String {
    format!("tile/{level}/{}", number(index, width))
}

/// The path of a bundle of entries.
pub fn bundle_path(index: u64, width: u64) -> String {
    format!("tile/entries/{}", number(index, width))
}

/// The path of what lies beside the log, from a digest `sha256:…`; none if it is no such digest.
pub fn blob_path(digest: &str) -> Option<String> {
    let digits = digest.strip_prefix("sha256:")?;
    let is_digest = digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_digest.then(|| format!("blobs/{}/{digits}", &digits[..2]))
}

/// Groups of three digits, all but the last after an `x`.
fn number(index: u64, width: u64) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if width < WIDTH {
        text.push_str(&format!(".p/{width}"));
    }
    text
}

/// How wide the tile `index` of a level is in a log of this size; 0 where there is none.
pub fn width(size: u64, level: usize, index: u64) -> u64 {
    let hashes = size.checked_shr(8 * level as u32).unwrap_or(0);
    hashes.saturating_sub(index * WIDTH).min(WIDTH)
}

/// Adds an entry to the bytes of a bundle.
///
/// # Errors
/// When it is too large.
pub fn add_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), Error> {
    let length = u16::try_from(entry.len()).map_err(|_| Error::TooLarge {
        kind: "unknown".to_owned(),
        size: entry.len(),
    })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle, as far as its bytes go; whether nothing is left over.
pub fn entries(bundle: &[u8]) -> (Vec<&[u8]>, bool) {
    let mut found = Vec::with_capacity(WIDTH as usize);
    let mut rest = bundle;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let Some((entry, after)) = after.split_at_checked(u16::from_be_bytes(*length).into()) else {
            return (found, false);
        };
        found.push(entry);
        rest = after;
    }
    (found, rest.is_empty())
}

/// The bytes of a hash tile.
pub fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of a tile; none if the bytes are no tile.
pub fn tile_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_SIZE>();
    rest.is_empty().then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(tile_path(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(tile_path(2, 0, 1), "tile/2/000.p/1");
        assert_eq!(bundle_path(273, 112), "tile/entries/273.p/112");
        // The example of the specification: a tree of 70,000.
        assert_eq!(
            (width(70_000, 0, 273), width(70_000, 1, 1), width(70_000, 2, 0)),
            (112, 17, 1)
        );
        assert_eq!((width(256, 0, 0), width(256, 0, 1), width(256, 1, 0)), (256, 0, 1));
    }

    #[test]
    fn a_blob_has_a_path_only_by_a_digest() {
        assert_eq!(
            blob_path(&format!("sha256:{}", "ab".repeat(32))),
            Some(format!("blobs/ab/{}", "ab".repeat(32)))
        );
        assert_eq!(blob_path(&format!("sha256:{}", "../".repeat(21))), None);
        assert_eq!(blob_path("sha256:ab"), None);
    }

    proptest! {
        #[test]
        fn a_bundle_gives_back_its_entries(all in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..20)) {
            let mut bundle = Vec::new();
            for entry in &all {
                add_entry(&mut bundle, entry).unwrap();
            }
            let (found, whole) = entries(&bundle);
            prop_assert!(whole);
            prop_assert_eq!(found, all);
        }
    }
}
