//! Keyed hashes of ids.

use std::{error::Error, fmt};

use ring::hmac;

/// Replaces the ids of sessions and users by hashes that only the owner of the key can recompute.
///
/// A hash is HMAC-SHA256 (RFC 2104) of the id, cut to 128 bits: `h_` and 32 hexadecimal digits.
/// One id has one hash under one key, so that what belongs together stays together. A hash is
/// taken for what it is and not hashed again: a child process that was given one and has the same
/// settings reports the same session.
///
/// ```
/// use oc_telemetry::privacy::SessionHash;
///
/// let hash = SessionHash::new(b"0123456789abcdef").unwrap();
/// let id = hash.hash("agent:shadowman:main");
/// assert_eq!(id.len(), 34);
/// assert_eq!(hash.hash(&id), id);
/// ```
#[derive(Clone)]
pub struct SessionHash {
    key: hmac::Key,
}

impl SessionHash {
    /// The fewest bytes of a key.
    pub const SHORTEST_KEY: usize = 16;

    /// Takes the key, which should be random and kept from who reads the telemetry.
    ///
    /// # Errors
    ///
    /// If the key has fewer than 16 bytes: ids are easily guessed and tried.
    pub fn new(key: impl AsRef<[u8]>) -> Result<Self, HashKeyError> {
        let key = key.as_ref();
        if key.len() < Self::SHORTEST_KEY {
            return Err(HashKeyError { len: key.len() });
        }
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
        })
    }

    /// The hash of an id.
    pub fn hash(&self, id: &str) -> String {
        use fmt::Write as _;

        if is_hash(id) {
            return id.to_owned();
        }
        let tag = hmac::sign(&self.key, id.as_bytes());
        let mut out = String::with_capacity(PREFIX.len() + 2 * BYTES);
        out.push_str(PREFIX);
        for byte in tag.as_ref().iter().take(BYTES) {
            // Writing to a string does not fail.
            let _ = write!(out, "{byte:02x}");
        }
        out
    }
}

impl fmt::Debug for SessionHash {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionHash(..)")
    }
}

/// A key that is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashKeyError {
    len: usize,
}

impl HashKeyError {
    /// How many bytes the key had.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there was no key at all.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Display for HashKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the key of the session hash has {} bytes; give it at least {} random bytes",
            self.len,
            SessionHash::SHORTEST_KEY
        )
    }
}

impl Error for HashKeyError {}

const PREFIX: &str = "h_";
const BYTES: usize = 16;

fn is_hash(id: &str) -> bool {
    id.strip_prefix(PREFIX).is_some_and(|digits| {
        digits.len() == 2 * BYTES
            && digits
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::SessionHash;

    /// Guarantee: the hash is HMAC-SHA256; RFC 4231, test case 6 (a key of 131 bytes 0xaa).
    #[test]
    fn known_answer() {
        let hash = SessionHash::new([0xaa; 131]).unwrap();
        assert_eq!(
            hash.hash("Test Using Larger Than Block-Size Key - Hash Key First"),
            "h_60e431591ee0b67f0d8a26aacbf5b77f"
        );
    }

    /// Guarantee: keys separate, ids separate, equal ids join, hashes are left alone.
    #[test]
    fn separates_and_joins() {
        let (one, two) = (
            SessionHash::new([1; 16]).unwrap(),
            SessionHash::new([2; 16]).unwrap(),
        );
        assert_eq!(one.hash("a"), one.clone().hash("a"));
        assert_ne!(one.hash("a"), one.hash("b"));
        assert_ne!(one.hash("a"), two.hash("a"));
        assert_eq!(two.hash(&one.hash("a")), one.hash("a"));
        assert_ne!(one.hash("h_0"), "h_0");
    }

    /// Guarantee: neither the value nor the error shows the key; a short key is refused.
    #[test]
    fn keeps_its_key() {
        let hash = SessionHash::new(b"a very secret key").unwrap();
        assert_eq!(format!("{hash:?}"), "SessionHash(..)");
        let error = SessionHash::new(b"short-secret").unwrap_err();
        assert_eq!(error.len(), 12);
        assert!(!format!("{error} {error:?}").contains("secret-key"));
        assert!(!format!("{error} {error:?}").contains("short"));
    }
}
