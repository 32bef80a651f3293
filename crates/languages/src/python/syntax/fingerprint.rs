//! A short digest of meaning: free of layout, comments and positions.

/// Equal fingerprints mean equal code, up to what the fingerprint in question leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = blake3::hash(bytes);
        let mut short = [0; 16];
        short.copy_from_slice(&digest.as_bytes()[..16]);
        Self(short)
    }

    /// Of several fingerprints, in order.
    pub fn of_all<'a>(parts: impl IntoIterator<Item = &'a Fingerprint>) -> Self {
        let bytes: Vec<u8> = parts.into_iter().flat_map(|part| part.0).collect();
        Self::of(&bytes)
    }
}
