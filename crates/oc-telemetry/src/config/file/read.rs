//! Finding the file, reading no more of it than is sensible, and parsing JSON5.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    config::{CodeSettings, Lookup, collect::Warnings, env::Variable, text::echo_path},
    warning::Origin,
};

/// A parsed file.
pub(super) struct Document {
    pub(super) path: PathBuf,
    pub(super) value: Value,
}

pub(super) fn document(
    code: &CodeSettings,
    lookup: &Lookup,
    warnings: &Warnings,
) -> Option<Document> {
    let named = named_path(code, lookup, warnings);
    if let Some(text) = &code.config_text {
        let path = named.map_or_else(|| FILE_NAME.into(), |named| named.path);
        return parse(text, path, warnings);
    }
    let (path, name) = match named {
        Some(named) => (named.path, Some(named.origin)),
        None => (lookup.home()?.join(".openclaw").join(FILE_NAME), None),
    };
    match read(&path) {
        Ok(text) => parse(&text, path, warnings),
        Err(error) if error.kind() == io::ErrorKind::NotFound && name.is_none() => None,
        Err(error) => {
            let message = match &name {
                // The path is what the setting says: it is shown, but not where it comes from.
                Some(_) => format!("{} cannot be read: {error}", echo_path(&path)),
                None => format!("cannot be read: {error}"),
            };
            match name {
                Some(origin) => warnings.warn("OPENCLAW_CONFIG", &origin, message),
                None => warnings.warn(FILE_NAME, &Origin::File(path), message),
            }
            None
        }
    }
}

/// `~` and `~/…` as the home folder; everything else as it stands.
pub(in crate::config) fn expand_home(path: &str, lookup: &Lookup) -> PathBuf {
    let rest = match path.strip_prefix('~') {
        Some("") => Some(""),
        Some(rest) => rest.strip_prefix(['/', std::path::MAIN_SEPARATOR]),
        None => None,
    };
    match (rest, lookup.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

struct Named {
    path: PathBuf,
    origin: Origin,
}

fn named_path(code: &CodeSettings, lookup: &Lookup, warnings: &Warnings) -> Option<Named> {
    if let Some(path) = &code.config_path {
        let path = path
            .to_str()
            .map_or_else(|| path.clone(), |path| expand_home(path, lookup));
        return Some(Named {
            path,
            origin: Origin::Code,
        });
    }
    match lookup.read("OPENCLAW_CONFIG") {
        Variable::Text(path) => Some(Named {
            path: expand_home(path.trim(), lookup),
            origin: Origin::Environment,
        }),
        Variable::NotUnicode => {
            let message = "not valid Unicode; ignored";
            warnings.warn("OPENCLAW_CONFIG", &Origin::Environment, message);
            None
        }
        Variable::Unset => None,
    }
}

/// Reads a regular file of at most [`MAX_BYTES`].
fn read(path: &Path) -> io::Result<String> {
    // Opening a pipe would wait for a writer, for ever.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("larger than 1 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("not UTF-8"))
}

fn parse(text: &str, path: PathBuf, warnings: &Warnings) -> Option<Document> {
    if text.trim().is_empty() {
        return None;
    }
    if text.len() as u64 > MAX_BYTES {
        warnings.warn(FILE_NAME, &Origin::File(path), "larger than 1 MiB; ignored");
        return None;
    }
    if is_deeper_than(text, MAX_DEPTH) {
        let message = format!("nested deeper than {MAX_DEPTH} levels; ignored");
        warnings.warn(FILE_NAME, &Origin::File(path), message);
        return None;
    }
    match json5::from_str(text) {
        Ok(value) => Some(Document { path, value }),
        Err(error) => {
            // The code, not the error itself: that may quote the file.
            let reason = error.code().map_or_else(
                || "a value cannot be read".to_owned(),
                |code| code.to_string(),
            );
            let place = error.position().map_or_else(String::new, |position| {
                format!(
                    " at line {}, column {}",
                    position.line + 1,
                    position.column + 1
                )
            });
            let message = format!("not valid JSON5{place}: {reason}; the whole file is ignored");
            warnings.warn(FILE_NAME, &Origin::File(path), message);
            None
        }
    }
}

/// Whether objects and arrays are nested deeper than `limit`.
///
/// The JSON5 parser recurses without a bound of its own: without this check a file of opening
/// brackets overflows the stack, which ends the process. Up to the first syntax error, at which
/// the parser stops, this agrees with it about what is string and comment.
fn is_deeper_than(text: &str, limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            quote @ (b'"' | b'\'') => {
                while let Some(byte) = bytes.next() {
                    if byte == quote {
                        break;
                    }
                    if byte == b'\\' {
                        bytes.next();
                    }
                }
            }
            b'/' => match bytes.peek() {
                Some(b'/') => skip_line(&mut bytes),
                Some(b'*') => skip_block(&mut bytes),
                _ => {}
            },
            _ => {}
        }
    }
    false
}

fn skip_line(bytes: &mut impl Iterator<Item = u8>) {
    // Also ended by U+2028 and U+2029, which are E2 80 A8 and E2 80 A9. Stopping at every E2 80 A.
    // would do as well: at worst a bracket in a comment counts.
    let mut last = [0_u8; 2];
    for byte in bytes {
        if matches!(byte, b'\n' | b'\r') || (last == [0xE2, 0x80] && matches!(byte, 0xA8 | 0xA9)) {
            return;
        }
        last = [last[1], byte];
    }
}

fn skip_block(bytes: &mut impl Iterator<Item = u8>) {
    // The star of the opening must not close the comment: `/*/`.
    let mut star = false;
    for byte in bytes.skip(1) {
        if star && byte == b'/' {
            return;
        }
        star = byte == b'*';
    }
}

const FILE_NAME: &str = "openclaw.json";
const MAX_BYTES: u64 = 1024 * 1024;
const MAX_DEPTH: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings_and_comments() {
        for (text, deep) in [
            ("[[[]]]", true),
            ("[[]]", false),
            ("[][][][]", false),
            ("['[[[']", false),
            ("[\"\\\"[[[\"]", false),
            ("// [[[\n[]", false),
            ("/*/ [[[ */[]", false),
            ("/* [ */[[[", true),
            ("// x\u{2028}[[[", true),
            ("// x\r[[[", true),
            ("/ [[[", true),
        ] {
            assert_eq!(is_deeper_than(text, 2), deep, "{text}");
        }
    }

    #[test]
    fn home_is_expanded_only_at_the_front() {
        let lookup = Lookup::from_map([("HOME", "/h")]);
        for (path, want) in [
            ("~", "/h"),
            ("~/x.json", "/h/x.json"),
            ("/a/~/b", "/a/~/b"),
            ("~other/x", "~other/x"),
        ] {
            assert_eq!(expand_home(path, &lookup), PathBuf::from(want), "{path}");
        }
        assert_eq!(expand_home("~/x", &Lookup::empty()), PathBuf::from("~/x"));
    }
}
