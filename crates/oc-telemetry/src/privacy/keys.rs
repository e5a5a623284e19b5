//! Which keys name secrets.
//!
//! A key is split into lower-case words at every character that is no letter or digit and where
//! the case changes, and its last words decide: `api_key`, `x-api-key`, `OPENAI_API_KEY` and
//! `apiKey` are one key; `max_tokens` and `token_count` name no secret.

use super::vocabulary::{KEY_OWNERS, NO_SECRET_TOKENS, QUALIFIERS};

/// What a key says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Password,
    /// `pass`, which counts passed tests as well: numbers stay.
    Pass,
    Secret,
    ApiKey,
    /// Numbers stay: they are counts.
    Token,
    Authorization,
    Auth,
    Cookie,
    Signature,
    /// A secret in a URL's query only, such as `key`.
    Parameter,
}

impl KeyKind {
    /// The kind in the mark.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Password | Self::Pass => "password",
            Self::Secret => "secret",
            Self::ApiKey => "api-key",
            Self::Token => "token",
            Self::Authorization | Self::Auth => "authorization",
            Self::Cookie => "cookie",
            Self::Signature => "signature",
            Self::Parameter => "parameter",
        }
    }

    /// Whether even a plain word is taken for the secret.
    pub(super) const fn is_strong(self) -> bool {
        matches!(self, Self::Password | Self::Secret | Self::ApiKey)
    }

    /// Whether a number is taken for the secret.
    pub(super) const fn takes_numbers(self) -> bool {
        self.is_strong()
    }

    /// Whether an object below the key is secret as a whole.
    pub(super) const fn takes_objects(self) -> bool {
        matches!(self, Self::Password | Self::Secret | Self::Cookie)
    }

    /// How many characters a value of letters and digits needs to be taken for the secret where
    /// the text around may be prose or code.
    pub(super) const fn shortest(self) -> usize {
        if self.is_strong() { 6 } else { 8 }
    }
}

/// What `key` says about its value, if it names a secret; `query` is whether it is a parameter of
/// a URL. Only the last 64 bytes are read.
pub(super) fn classify(key: &[u8], query: bool) -> Option<KeyKind> {
    let mut words = Words::split(key);
    words.drop_qualifiers();
    let (last, previous) = (words.last(0), words.last(1));
    if let Some(kind) = by_whole(words.flat(), query) {
        return Some(kind);
    }
    match last {
        b"pass" => Some(KeyKind::Pass),
        b"pw" | b"pat" if !previous.is_empty() => Some(KeyKind::Secret),
        b"secret" | b"secrets" | b"credential" | b"credentials" => Some(KeyKind::Secret),
        b"token" => (!NO_SECRET_TOKENS.contains(&previous)).then_some(KeyKind::Token),
        b"key" | b"keys" if KEY_OWNERS.contains(&previous) => Some(KeyKind::ApiKey),
        b"id" if previous == b"key" && words.last(2) == b"access" => Some(KeyKind::ApiKey),
        b"authorization" | b"authorisation" => Some(KeyKind::Authorization),
        b"auth" => Some(KeyKind::Auth),
        b"cookie" | b"cookies" => Some(KeyKind::Cookie),
        b"signature" | b"sig" if query => Some(KeyKind::Signature),
        _ => by_ending(last),
    }
}

/// Keys that are known as a whole, without their separators.
fn by_whole(flat: &[u8], query: bool) -> Option<KeyKind> {
    match flat {
        b"bearer" => Some(KeyKind::Token),
        b"phpsessid" | b"jsessionid" | b"setcookie" | b"setcookie2" => Some(KeyKind::Cookie),
        b"xamzsignature" | b"xgoogsignature" => Some(KeyKind::Signature),
        b"xamzcredential" | b"xgoogcredential" => Some(KeyKind::ApiKey),
        b"clientkeydata" | b"sharedaccesssignature" => Some(KeyKind::Secret),
        b"key" | b"assertion" | b"clientassertion" | b"samlresponse" | b"samlrequest" | b"otp"
        | b"pin"
            if query =>
        {
            Some(KeyKind::Parameter)
        }
        _ => None,
    }
}

/// Words written in one, such as `PGPASSWORD`, `apikey` and `clientsecret`.
fn by_ending(word: &[u8]) -> Option<KeyKind> {
    const ENDINGS: [(&[u8], KeyKind); 16] = [
        (b"password", KeyKind::Password),
        (b"passwd", KeyKind::Password),
        (b"passwort", KeyKind::Password),
        (b"passphrase", KeyKind::Password),
        (b"passcode", KeyKind::Password),
        (b"pwd", KeyKind::Password),
        (b"secret", KeyKind::Secret),
        (b"apikey", KeyKind::ApiKey),
        (b"apikeys", KeyKind::ApiKey),
        (b"secretkey", KeyKind::ApiKey),
        (b"accesskey", KeyKind::ApiKey),
        (b"accesskeyid", KeyKind::ApiKey),
        (b"privatekey", KeyKind::ApiKey),
        (b"signingkey", KeyKind::ApiKey),
        (b"encryptionkey", KeyKind::ApiKey),
        (b"token", KeyKind::Token),
    ];
    let (ending, kind) = ENDINGS.iter().find(|(end, _)| word.ends_with(end))?;
    let owner = word.strip_suffix(*ending).unwrap_or_default();
    let counted = *kind == KeyKind::Token && NO_SECRET_TOKENS.iter().any(|no| owner.ends_with(no));
    (!counted).then_some(*kind)
}

const LONGEST: usize = 64;

/// The words of a key in lower case, on the stack.
struct Words {
    letters: [u8; LONGEST],
    starts: [usize; LONGEST],
    len: usize,
    count: usize,
}

impl Words {
    fn split(key: &[u8]) -> Self {
        let key = key.get(key.len().saturating_sub(LONGEST)..).unwrap_or(key);
        let mut words = Self {
            letters: [0; LONGEST],
            starts: [0; LONGEST],
            len: 0,
            count: 0,
        };
        let mut previous = b'_';
        for (i, byte) in key.iter().copied().enumerate() {
            if byte.is_ascii_alphanumeric() {
                let next = key.get(i + 1).copied().unwrap_or(b'_');
                let up = byte.is_ascii_uppercase();
                let starts = !previous.is_ascii_alphanumeric()
                    || (up && !previous.is_ascii_uppercase())
                    || (up && next.is_ascii_lowercase());
                words.push(byte.to_ascii_lowercase(), starts);
            }
            previous = byte;
        }
        words
    }

    fn push(&mut self, letter: u8, starts: bool) {
        if starts && let Some(start) = self.starts.get_mut(self.count) {
            *start = self.len;
            self.count += 1;
        }
        if let Some(place) = self.letters.get_mut(self.len) {
            *place = letter;
            self.len += 1;
        }
    }

    /// Takes numbers and words such as `value` off the end, but never all words.
    fn drop_qualifiers(&mut self) {
        while self.count > 0 {
            let last = self.last(0);
            let trimmed = last
                .iter()
                .rposition(|byte| !byte.is_ascii_digit())
                .map_or(0, |i| i + 1);
            let digits = last.len() - trimmed;
            let known = matches!(last, b"b64" | b"base64");
            if digits > 0 && trimmed > 0 && !known {
                self.len -= digits;
            } else if self.count > 1 && (trimmed == 0 || QUALIFIERS.contains(&last)) {
                self.len -= last.len();
                self.count -= 1;
            } else {
                return;
            }
        }
    }

    /// The word that has `after` words after it; empty if there is none.
    fn last(&self, after: usize) -> &[u8] {
        let start = |index: usize| self.starts.get(index).copied().unwrap_or(0);
        let Some(index) = self.count.checked_sub(after + 1) else {
            return &[];
        };
        let end = if after == 0 {
            self.len
        } else {
            start(index + 1)
        };
        self.letters.get(start(index)..end).unwrap_or_default()
    }

    fn flat(&self) -> &[u8] {
        self.letters.get(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyKind, classify};

    /// Guarantee: one key is recognised in every way of writing it.
    #[test]
    fn secret_keys() {
        for (key, kind) in [
            ("password", KeyKind::Password),
            ("PGPASSWORD", KeyKind::Password),
            ("db.password2", KeyKind::Password),
            ("passwordConfirmation", KeyKind::Password),
            ("smtp_pass", KeyKind::Pass),
            ("api_key", KeyKind::ApiKey),
            ("apiKey", KeyKind::ApiKey),
            ("APIKey", KeyKind::ApiKey),
            ("X-Api-Key", KeyKind::ApiKey),
            ("OPENAI_API_KEY_1", KeyKind::ApiKey),
            ("AWSAccessKeyId", KeyKind::ApiKey),
            ("aws_secret_access_key", KeyKind::ApiKey),
            ("X-Amz-Credential", KeyKind::ApiKey),
            ("X-Amz-Security-Token", KeyKind::Token),
            ("accessToken", KeyKind::Token),
            ("token", KeyKind::Token),
            ("_authToken", KeyKind::Token),
            ("csrftoken", KeyKind::Token),
            ("client_secret", KeyKind::Secret),
            ("http.request.header.authorization", KeyKind::Authorization),
            ("Set-Cookie", KeyKind::Cookie),
            ("X-Amz-Signature", KeyKind::Signature),
        ] {
            assert_eq!(classify(key.as_bytes(), false), Some(kind), "{key}");
        }
        for key in ["key", "sig", "Signature"] {
            assert_eq!(classify(key.as_bytes(), false), None, "{key}");
            assert!(classify(key.as_bytes(), true).is_some(), "{key}");
        }
    }

    /// Guarantee: counts, ids and names of secrets are no secrets.
    #[test]
    fn other_keys() {
        for key in [
            "",
            "_",
            "max_tokens",
            "maxTokens",
            "tokens",
            "token_count",
            "input_tokens",
            "gen_ai.usage.input_tokens",
            "next_page_token",
            "nextPageToken",
            "eos_token",
            "tokenizer",
            "token_type",
            "secretName",
            "public_key",
            "primary_key",
            "session.id",
            "sessionKey",
            "author",
            "authored",
            "passed",
            "compass_heading",
            "keyboard",
            "cache_key",
            "max_output_token",
            "monkey",
            "1",
        ] {
            assert_eq!(classify(key.as_bytes(), false), None, "{key}");
        }
    }
}
