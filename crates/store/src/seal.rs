//! An envelope that tells whether what it holds is whole, meant for this place, and of this format.

/// Version of the format: another one is not read.
const FORMAT: u32 = 1;
const MAGIC: &[u8; 12] = b"counterproof";
const HEADER: usize = MAGIC.len() + 4 + 32;

/// `content` sealed for the place named `name`.
pub fn seal(name: &str, content: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(HEADER + content.len());
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(&FORMAT.to_le_bytes());
    sealed.extend_from_slice(digest(name, content).as_bytes());
    sealed.extend_from_slice(content);
    sealed
}

/// The content, if it is whole and was sealed for this place.
pub fn open(name: &str, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
    let (header, content) = sealed.split_at_checked(HEADER)?;
    let rest = header.strip_prefix(MAGIC)?;
    let whole = rest == [&FORMAT.to_le_bytes()[..], digest(name, content).as_bytes()].concat();
    whole.then(|| sealed.split_off(HEADER))
}

fn digest(name: &str, content: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    // With its length in front, no end of a name can be taken for the start of a content.
    hasher.update(&(name.len() as u64).to_le_bytes());
    hasher.update(name.as_bytes());
    hasher.update(content);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_sealed_opens(name: String, content: Vec<u8>) {
            prop_assert_eq!(open(&name, seal(&name, &content)), Some(content));
        }

        #[test]
        fn no_other_name_opens_it(name: String, other: String, content: Vec<u8>) {
            prop_assume!(name != other);
            prop_assert_eq!(open(&other, seal(&name, &content)), None);
        }

        #[test]
        fn no_changed_byte_goes_unnoticed(content: Vec<u8>, at: prop::sample::Index, bit in 0_u8..8) {
            let mut sealed = seal("name", &content);
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert_eq!(open("name", sealed), None);
        }

        #[test]
        fn no_cut_goes_unnoticed(content: Vec<u8>, at: prop::sample::Index) {
            let mut sealed = seal("name", &content);
            sealed.truncate(at.index(sealed.len()));
            prop_assert_eq!(open("name", sealed), None);
        }
    }
}
