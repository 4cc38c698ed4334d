//! Secrets: named in definitions, resolved when an attempt is performed, hidden in all it gives.

use std::{borrow::Cow, env, fmt, sync::Arc};

use serde_json::{Map, Value};

#[cfg(test)]
mod tests;

/// The shortest value that is hidden; a shorter one would hide half of every text.
pub const HIDDEN_BYTES_MIN: usize = 6;

/// What stands in place of a secret.
const HIDDEN: &str = "***";

/// Where the values of secrets come from.
#[derive(Clone)]
pub struct Secrets(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Secrets {
    /// Takes secrets from the environment of this program.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::new(|name| env::var(name).ok())
    }

    /// Takes secrets from wherever a function finds them.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    fn value(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }
}

impl Default for Secrets {
    fn default() -> Self {
        Self::from_environment()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

/// A secret that is named and is not there.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("secret `{name}` is not set in the environment")]
pub struct Missing {
    /// Its name.
    pub name: String,
}

/// Puts secrets into texts, and hides them in what comes back.
///
/// One stands for one attempt: it hides what it has put in.
#[derive(Clone)]
pub struct Masker {
    secrets: Secrets,
    /// The longest first, so that a secret within another one leaves no rest of it.
    hidden: Vec<String>,
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masker({} hidden)", self.hidden.len())
    }
}

impl Masker {
    /// Returns one that has put nothing in so far.
    #[must_use]
    pub fn new(secrets: Secrets) -> Self {
        Self { secrets, hidden: Vec::new() }
    }

    /// Returns a text with the value of `NAME` wherever it has `${NAME}`.
    ///
    /// `$${` stands for the text `${`; whatever else stands in the braces stays as it is.
    ///
    /// # Errors
    /// The first secret that is not there.
    pub fn resolve(&mut self, text: &str) -> Result<String, Missing> {
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, after) = (&rest[..at], &rest[at + 2..]);
            if let Some(before) = before.strip_suffix('$') {
                resolved.push_str(before);
                resolved.push_str("${");
                rest = after;
                continue;
            }
            resolved.push_str(before);
            if let Some(name) = name_of(after) {
                let value = self.secrets.value(name);
                let value = value.ok_or_else(|| Missing { name: name.to_owned() })?;
                resolved.push_str(&value);
                self.hide(&value);
                rest = &after[name.len() + 1..];
            } else {
                resolved.push_str("${");
                rest = after;
            }
        }
        resolved.push_str(rest);
        Ok(resolved)
    }

    /// Returns a value with every text in it resolved; keys stay.
    ///
    /// # Errors
    /// The first secret that is not there.
    pub fn resolve_value(&mut self, value: &Value) -> Result<Value, Missing> {
        Ok(match value {
            Value::String(text) => Value::String(self.resolve(text)?),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.resolve_value(item));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Object(map) => {
                let entries = map.iter().map(|(key, value)| {
                    self.resolve_value(value).map(|value| (key.clone(), value))
                });
                Value::Object(entries.collect::<Result<_, _>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }

    /// Returns whether it has put in anything that is to be hidden.
    pub(super) fn hides_anything(&self) -> bool {
        !self.hidden.is_empty()
    }

    /// Hides a value from here on, unless it is too short.
    pub fn hide(&mut self, value: &str) {
        // Programs often print a value without the line ends that its variable has.
        for value in [value, value.trim()] {
            if value.len() >= HIDDEN_BYTES_MIN {
                self.hidden.extend([value.to_owned(), in_json(value), in_url(value)]);
            }
        }
        self.hidden.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.hidden.dedup();
    }

    /// Returns a text without its secrets.
    #[must_use]
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masked = Cow::Borrowed(text);
        for secret in &self.hidden {
            if masked.contains(secret.as_str()) {
                masked = Cow::Owned(masked.replace(secret.as_str(), HIDDEN));
            }
        }
        masked
    }

    /// Returns the beginning of a text that was cut off, without secrets and without the end in
    /// which a part of one may stand.
    #[must_use]
    pub fn mask_cut(&self, text: &str) -> String {
        let masked = self.mask(text);
        let longest = self.hidden.first().map_or(0, String::len);
        let from = masked.len().saturating_sub(longest);
        // Only what may be the beginning of a secret goes.
        let mut ends = (from..masked.len()).filter(|at| masked.is_char_boundary(*at));
        let cut =
            ends.find(|at| self.hidden.iter().any(|hidden| hidden.starts_with(&masked[*at..])));
        masked[..cut.unwrap_or(masked.len())].to_owned()
    }

    /// Takes the secrets out of a value: out of texts, keys, and numbers that spell one.
    pub fn mask_value(&self, value: &mut Value) {
        if self.hidden.is_empty() {
            return;
        }
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.mask(text) {
                    *text = masked;
                }
            }
            Value::Number(number) => {
                if let Cow::Owned(masked) = self.mask(&number.to_string()) {
                    *value = Value::String(masked);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask_value(item)),
            Value::Object(map) => self.mask_map(map),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn mask_map(&self, map: &mut Map<String, Value>) {
        for value in map.values_mut() {
            self.mask_value(value);
        }
        if map.keys().any(|key| matches!(self.mask(key), Cow::Owned(_))) {
            let entries = std::mem::take(map).into_iter();
            *map = entries.map(|(key, value)| (self.mask(&key).into_owned(), value)).collect();
        }
    }
}

/// Returns the name that stands before a closing brace, if one does.
fn name_of(text: &str) -> Option<&str> {
    let name = &text[..text.find('}')?];
    let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let holds = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (starts && holds).then_some(name)
}

/// Returns a text as it stands in JSON that nobody has read yet.
fn in_json(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Returns a text as it stands in an address.
fn in_url(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
