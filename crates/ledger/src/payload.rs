//! What lies beside the log.

use model::Payload;
use sha2::{Digest, Sha256};

use crate::layout::blob_path;
use crate::{Error, random};

/// Bytes of the line by chance at the beginning: 32 digits and a line feed.
const SALT: usize = 33;

/// A payload that is not written yet.
pub struct Sealed {
    pub payload: Payload,
    pub path: String,
    pub content: Vec<u8>,
}

/// What is to lie beside the log for these bytes: another each time, so that no digest tells what was deleted.
pub fn seal(bytes: &[u8]) -> Result<Sealed, Error> {
    let salt = random::hexadecimal::<16>()?;
    let content = [salt.as_bytes(), b"\n", bytes].concat();
    let payload = Payload {
        digest: digest(&content),
        size: bytes.len() as u64,
    };
    Ok(Sealed {
        path: blob_path(&payload.digest).unwrap_or_default(),
        payload,
        content,
    })
}

/// The bytes, if this is what was put there.
///
/// # Errors
/// What is wrong with it.
pub fn unseal(payload: &Payload, mut content: Vec<u8>) -> Result<Vec<u8>, String> {
    if digest(&content) != payload.digest {
        return Err("its payload does not have the digest that the entry says: it was changed".to_owned());
    }
    if content.len() as u64 != payload.size.saturating_add(SALT as u64) || content[SALT - 1] != b'\n' {
        return Err("its payload is not of the size that the entry says".to_owned());
    }
    Ok(content.split_off(SALT))
}

fn digest(content: &[u8]) -> String {
    format!("sha256:{}", random::hex(&Sha256::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_have_another_digest_each_time() {
        let (one, two) = (seal(b"yes").unwrap(), seal(b"yes").unwrap());
        assert_ne!(one.payload.digest, two.payload.digest);
        assert_eq!(unseal(&one.payload, one.content.clone()).unwrap(), b"yes");
        assert!(unseal(&one.payload, two.content).is_err());
        let shorter = Payload { size: 2, ..one.payload };
        assert!(unseal(&shorter, one.content).is_err());
    }
}
