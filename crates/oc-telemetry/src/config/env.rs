//! The only place that looks at the process environment.

use std::{collections::BTreeMap, ffi::OsString, fmt, path::PathBuf, sync::Arc};

/// Where environment variables are looked up: the process, or a map in a test.
///
/// Cheap to clone. Nothing else in these crates reads the environment.
#[derive(Clone)]
pub struct Lookup {
    find: Arc<Find>,
}

type Find = dyn Fn(&str) -> Option<OsString> + Send + Sync;

impl Lookup {
    /// The environment of this process.
    pub fn process() -> Self {
        Self::from_fn(process_variable)
    }

    /// The pairs given and nothing else. The last of two equal names counts.
    pub fn from_map<K, V>(variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<OsString>,
    {
        let map: BTreeMap<String, OsString> = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self::from_fn(move |name| map.get(name).cloned())
    }

    /// No variable at all, and therefore no home folder and no `openclaw.json`.
    pub fn empty() -> Self {
        Self::from_fn(|_| None)
    }

    /// Whatever `find` answers. It may be called several times for one name.
    pub fn from_fn(find: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Self {
        Self {
            find: Arc::new(find),
        }
    }

    /// The value of a variable; `None` when it is unset, empty or not Unicode.
    pub fn get(&self, name: &str) -> Option<String> {
        match self.read(name) {
            Variable::Text(value) => Some(value),
            Variable::Unset | Variable::NotUnicode => None,
        }
    }

    pub(crate) fn read(&self, name: &str) -> Variable {
        match (self.find)(name).map(OsString::into_string) {
            None => Variable::Unset,
            Some(Ok(value)) if value.trim().is_empty() => Variable::Unset,
            Some(Ok(value)) => Variable::Text(value),
            Some(Err(_)) => Variable::NotUnicode,
        }
    }

    /// The user's home folder: `HOME`, else `USERPROFILE`. It need not be Unicode.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        ["HOME", "USERPROFILE"]
            .into_iter()
            .filter_map(|name| (self.find)(name))
            .find(|value| !value.is_empty())
            .map(PathBuf::from)
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of the environment are nobody's business.
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}

/// What was found under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Variable {
    /// Not there, or there and empty, which the specification treats alike.
    Unset,
    Text(String),
    NotUnicode,
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where the environment is read"
)]
fn process_variable(name: &str) -> Option<OsString> {
    // `var_os` panics or answers nonsense on some platforms for such names.
    if name.is_empty() || name.contains(['=', '\0']) {
        return None;
    }
    std::env::var_os(name)
}
