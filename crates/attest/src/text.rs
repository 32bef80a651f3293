//! How bytes are written as text.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use sha2::{Digest, Sha256};

const EITHER_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD_READER: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, EITHER_PADDING);
const URL_SAFE_READER: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, EITHER_PADDING);

/// Standard base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads standard or URL-safe base64, padded or not. A text that mixes the two alphabets is neither.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let reader = if text.contains(['-', '_']) {
        URL_SAFE_READER
    } else {
        STANDARD_READER
    };
    reader.decode(text).ok()
}

/// SHA-256 in lowercase hex.
pub fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Whether it is lowercase hex of one of these lengths.
pub fn is_hex(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether it is a SHA-256 in lowercase hex.
pub fn is_sha256(text: &str) -> bool {
    is_hex(text, &[64])
}

/// Whether it is the id of a git object, SHA-1 or SHA-256, in lowercase hex.
pub fn is_git_id(text: &str) -> bool {
    is_hex(text, &[40, 64])
}
