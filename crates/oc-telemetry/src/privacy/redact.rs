//! Replacing secrets.

use std::{
    borrow::Cow,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use serde_json::Value;

use super::{
    Cap,
    bytes::is_mark,
    keys::{KeyKind, classify},
    scan::{Hit, scan},
};

/// Replaces secrets in text by `[redacted:KIND]`.
///
/// Found are
///
/// * tokens that are known by their form: keys of model vendors, clouds, code hosts, chat and
///   payment services; JSON Web Tokens; private keys in PEM form, cut off or not; `Bearer` and
///   `Basic` credentials;
/// * passwords in URLs, and secret parameters such as `X-Amz-Signature` and `sig`;
/// * `Authorization`, `Cookie` and `Set-Cookie` header lines;
/// * values whose key names a secret (`password`, `api_key`, `clientSecret`, `token`) in JSON,
///   forms, settings, command lines, XML and source code. Token counts stay.
///
/// All of that also in JSON inside JSON strings and in percent-encoded text. The result of
/// redacting twice is that of redacting once, as long as no hook is set. Time is linear in the
/// length of the text; where nothing is found, nothing is copied.
///
/// A secret without a known form and without a key that names it cannot be found: a hook may know
/// it.
///
/// ```
/// use oc_telemetry::privacy::Redactor;
///
/// let redactor = Redactor::new();
/// assert_eq!(
///     redactor.redact(r#"{"api_key":"a1b2","usage":{"max_tokens":99}}"#),
///     r#"{"api_key":"[redacted:api-key]","usage":{"max_tokens":99}}"#,
/// );
/// assert_eq!(
///     redactor.redact("postgres://app:hunter2@db/prod"),
///     "postgres://app:[redacted:url-password]@db/prod",
/// );
/// ```
#[derive(Clone, Default)]
pub struct Redactor {
    before: Option<Arc<Hook>>,
    after: Option<Arc<Hook>>,
}

type Hook = dyn for<'a> Fn(&'a str) -> Cow<'a, str> + Send + Sync;

impl Redactor {
    /// Without hooks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what every text goes through first.
    ///
    /// If the hook panics, the whole text becomes `[redacted:hook]`. The panic is caught, not
    /// silenced: the program's panic hook sees it.
    ///
    /// ```
    /// use std::borrow::Cow;
    /// use oc_telemetry::privacy::Redactor;
    ///
    /// let redactor = Redactor::new().with_hook_before(|text| {
    ///     if text.contains("Project Falcon") {
    ///         Cow::Owned(text.replace("Project Falcon", "[project]"))
    ///     } else {
    ///         Cow::Borrowed(text)
    ///     }
    /// });
    /// assert_eq!(redactor.redact("on Project Falcon"), "on [project]");
    /// ```
    pub fn with_hook_before<F>(mut self, hook: F) -> Self
    where
        F: for<'a> Fn(&'a str) -> Cow<'a, str> + Send + Sync + 'static,
    {
        self.before = Some(Arc::new(hook));
        self
    }

    /// Sets what every text goes through last. What it returns is not looked at again.
    ///
    /// If the hook panics, the whole text becomes `[redacted:hook]`.
    pub fn with_hook_after<F>(mut self, hook: F) -> Self
    where
        F: for<'a> Fn(&'a str) -> Cow<'a, str> + Send + Sync + 'static,
    {
        self.after = Some(Arc::new(hook));
        self
    }

    /// The text without its secrets.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.hooked(text, without_secrets)
    }

    /// The value of an attribute, member or header without its secrets: as a whole
    /// `[redacted:KIND]` where the key names a secret, unless the value is empty, a boolean or,
    /// for tokens, a number.
    ///
    /// ```
    /// use oc_telemetry::privacy::Redactor;
    ///
    /// let redactor = Redactor::new();
    /// assert_eq!(redactor.redact_value("db.password", "x"), "[redacted:password]");
    /// assert_eq!(redactor.redact_value("gen_ai.usage.input_tokens", "12"), "12");
    /// ```
    pub fn redact_value<'a>(&self, key: &str, value: &'a str) -> Cow<'a, str> {
        self.hooked(value, |text| match classify(key.as_bytes(), false) {
            Some(kind) if is_secret(kind, text) => Cow::Owned(mark(kind.as_str())),
            _ => without_secrets(text),
        })
    }

    /// The text without its secrets, cut to `cap`.
    ///
    /// Redacting comes first, so that no half of a secret is left at the cut; only as much of a
    /// long text is read as the result needs. The hooks see the whole text.
    pub fn redact_capped<'a>(&self, text: &'a str, cap: Cap) -> Cow<'a, str> {
        let redacted = self.hooked(text, |text| without_secrets_capped(text, cap));
        match redacted {
            Cow::Borrowed(text) => cap.cut(text),
            Cow::Owned(text) => Cow::Owned(cap.cut(&text).into_owned()),
        }
    }

    /// Replaces the secrets in every string below `value`, by the strings' keys as well. What lies
    /// deeper than 100 lists and objects becomes `[redacted:depth]`.
    ///
    /// ```
    /// use oc_telemetry::privacy::Redactor;
    /// use serde_json::json;
    ///
    /// let mut value = json!({"user": "ada", "password": "x", "args": ["--token", "abc12345"]});
    /// Redactor::new().redact_json(&mut value);
    /// assert_eq!(value["password"], "[redacted:password]");
    /// assert_eq!(value["args"][1], "[redacted:token]");
    /// ```
    pub fn redact_json(&self, value: &mut Value) {
        self.walk(value, None, DEEPEST);
    }

    fn walk(&self, value: &mut Value, key: Option<KeyKind>, depth: usize) {
        match value {
            Value::Array(_) | Value::Object(_) if depth == 0 => {
                *value = Value::String(mark("depth"));
            }
            Value::String(text) => {
                if let Cow::Owned(redacted) = self.member(key, text) {
                    *text = redacted;
                }
            }
            Value::Number(_) if key.is_some_and(KeyKind::takes_numbers) => {
                *value = Value::String(mark(key.map_or("secret", KeyKind::as_str)));
            }
            Value::Array(items) => {
                let mut option = None;
                for item in items {
                    let next = item
                        .as_str()
                        .and_then(|text| classify(text.strip_prefix("--")?.as_bytes(), false));
                    self.walk(item, key.or(option), depth - 1);
                    option = next;
                }
            }
            Value::Object(members) => {
                let named = ["name", "key"]
                    .iter()
                    .find_map(|name| members.get(*name)?.as_str())
                    .and_then(|name| classify(name.as_bytes(), false));
                let schema = members.contains_key("type") || members.contains_key("description");
                for (name, member) in members.iter_mut() {
                    let kind = classify(name.as_bytes(), false)
                        .or_else(|| named.filter(|_| name == "value"))
                        .or_else(|| key.filter(|kind| kind.takes_objects() && !schema));
                    self.walk(member, kind, depth - 1);
                }
            }
            _ => {}
        }
    }

    fn member<'a>(&self, key: Option<KeyKind>, text: &'a str) -> Cow<'a, str> {
        self.hooked(text, |text| match key {
            Some(kind) if is_secret(kind, text) => Cow::Owned(mark(kind.as_str())),
            _ => without_secrets(text),
        })
    }

    /// Runs the hook before, `redact` and the hook after.
    fn hooked<'a>(
        &self,
        text: &'a str,
        redact: impl for<'b> Fn(&'b str) -> Cow<'b, str>,
    ) -> Cow<'a, str> {
        let first = run_hook(self.before.as_deref(), Cow::Borrowed(text));
        let redacted = match first {
            Cow::Borrowed(text) => redact(text),
            Cow::Owned(text) => Cow::Owned(redact(&text).into_owned()),
        };
        run_hook(self.after.as_deref(), redacted)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("hook_before", &self.before.is_some())
            .field("hook_after", &self.after.is_some())
            .finish()
    }
}

/// How deep lists and objects are walked.
const DEEPEST: usize = 100;

/// How far behind the cap a text is read: the last line of a private key betrays what stands
/// before it.
const LOOK_AHEAD: usize = 8 * 1024;

fn run_hook<'a>(hook: Option<&Hook>, text: Cow<'a, str>) -> Cow<'a, str> {
    let Some(hook) = hook else {
        return text;
    };
    // A hook that broke half-way is only ever asked again, and its answer then counts.
    let result = catch_unwind(AssertUnwindSafe(|| match text {
        Cow::Borrowed(text) => hook(text),
        Cow::Owned(text) => Cow::Owned(hook(&text).into_owned()),
    }));
    result.unwrap_or_else(|_| Cow::Owned(mark("hook")))
}

fn is_secret(kind: KeyKind, text: &str) -> bool {
    let number = text.parse::<f64>().is_ok();
    !(text.is_empty()
        || is_mark(text.as_bytes(), 0, text.len())
        || matches!(text, "true" | "false" | "null")
        || (number && !kind.takes_numbers()))
}

fn without_secrets(text: &str) -> Cow<'_, str> {
    let hits = scan(text.as_bytes(), usize::MAX);
    if hits.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(settle(replace(text, &hits, text.len())))
}

/// As [`without_secrets`], of the first part of the text that is sure to fill the cap.
fn without_secrets_capped(text: &str, cap: Cap) -> Cow<'_, str> {
    let limit = cap.max_bytes().saturating_add(LOOK_AHEAD);
    if text.len() <= limit {
        return without_secrets(text);
    }
    // Replacing shortens the text, so that more of it may be needed.
    let mut read = limit;
    let hits = loop {
        let hits = scan(text.as_bytes(), read);
        let removed = hits.iter().map(|hit| hit.end - hit.start).sum::<usize>();
        let needed = limit.saturating_add(removed);
        if needed <= read || read >= text.len() {
            break hits;
        }
        read = needed.max(read.saturating_mul(2));
    };
    if hits.is_empty() {
        return Cow::Borrowed(text);
    }
    let last = hits.last().map_or(0, |hit| hit.end);
    let end = text.floor_char_boundary(read.max(last).min(text.len()));
    let kept = settle(replace(text.get(..end).unwrap_or_default(), &hits, end));
    Cow::Owned(cap.cut_with(&kept, text.len() - end).into_owned())
}

/// Replaces what the replacing itself brought to light, until nothing changes.
fn settle(mut text: String) -> String {
    const ROUNDS: usize = 4;
    for _ in 0..ROUNDS {
        let hits = scan(text.as_bytes(), usize::MAX);
        if hits.is_empty() {
            return text;
        }
        text = replace(&text, &hits, text.len());
    }
    // Made to be unstable: nothing of it is worth keeping.
    mark("unstable")
}

fn replace(text: &str, hits: &[Hit], end: usize) -> String {
    let mut out = String::with_capacity(end.min(text.len()));
    let mut from = 0;
    for hit in hits {
        out.push_str(text.get(from..hit.start).unwrap_or_default());
        push_quote(&mut out, hit);
        out.push_str(&mark(hit.kind));
        push_quote(&mut out, hit);
        from = hit.end;
    }
    out.push_str(text.get(from..end).unwrap_or_default());
    out
}

fn push_quote(out: &mut String, hit: &Hit) {
    let Some(quote) = hit.quote else {
        return;
    };
    if hit.encoded {
        out.push_str("%22");
        return;
    }
    out.extend(std::iter::repeat_n('\\', quote.backslashes));
    out.push(char::from(quote.byte));
}

fn mark(kind: &str) -> String {
    format!("[redacted:{kind}]")
}
