//! Where a path leads in a document (P23.2).

use serde_json::{Map, Value, json};

use crate::error::{ErrorKind, PatchError};

/// The word before the id of an element; a list has no element of that name.
const BY_ID: &str = "by-id";

/// How many keys or ids an error names.
const SUGGESTIONS_MAX: usize = 5;

/// A path as it is written, and its pieces without escapes.
#[derive(Clone, Debug)]
pub(super) struct Pointer<'a> {
    text: &'a str,
    tokens: Vec<String>,
}

/// One step down, in a document that is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Index(usize),
    Key(String),
}

/// The way to a value, which may be the one behind the end of a list or a key that is not there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) steps: Vec<Step>,
    /// Whether the last step named an element by its id.
    pub(super) is_by_id: bool,
}

impl<'a> Pointer<'a> {
    /// Reads a JSON pointer (RFC 6901).
    pub(super) fn parse(text: &'a str) -> Result<Self, PatchError> {
        if text.is_empty() {
            return Ok(Self { text, tokens: Vec::new() });
        }
        let Some(rest) = text.strip_prefix('/') else {
            let error = PatchError::invalid(format!("the path `{text}` does not begin with `/`"));
            return Err(error.hint(format!("write `/{text}`")));
        };
        let tokens = rest.split('/').map(|token| unescaped(token, text));
        Ok(Self { text, tokens: tokens.collect::<Result<_, _>>()? })
    }

    /// Returns the place of a value that is there.
    pub(super) fn find(&self, document: &Value) -> Result<Place, PatchError> {
        let place = self.resolve(document, &self.tokens)?;
        if value_at(document, &place.steps).is_some() {
            return Ok(place);
        }
        let (parent, last) = place.steps.split_at(place.steps.len().saturating_sub(1));
        let parent = value_at(document, parent).unwrap_or(document);
        Err(self.missing(parent, last.first(), self.tokens.len()))
    }

    /// Returns the place that a value is to be put at; only the last step may lead nowhere.
    pub(super) fn target(&self, document: &Value) -> Result<Place, PatchError> {
        let place = self.resolve(document, &self.tokens)?;
        if place.is_by_id {
            let message = format!("`{}` names an element that is there, so nothing can", self.text);
            let error = PatchError::invalid(format!("{message} be put there"));
            return Err(error.hint("`replace` it, or name an index, or `-` for the end"));
        }
        Ok(place)
    }

    fn resolve(&self, document: &Value, tokens: &[String]) -> Result<Place, PatchError> {
        let mut value = document;
        let mut steps = Vec::with_capacity(tokens.len());
        let mut is_by_id = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            is_by_id = false;
            let is_last = at + 1 == tokens.len();
            let step = match value {
                Value::Object(_) => Step::Key(token.clone()),
                Value::Array(list) if token == BY_ID => {
                    is_by_id = true;
                    at += 1;
                    Step::Index(self.by_id(list, tokens.get(at), at)?)
                }
                Value::Array(list) => Step::Index(self.index(list, token, is_last)?),
                Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {
                    return Err(self.missing(value, None, at + 1));
                }
            };
            at += 1;
            let next = step_into(value, &step);
            match next {
                Some(next) => value = next,
                None if at == tokens.len() => {}
                None => return Err(self.missing(value, Some(&step), at)),
            }
            steps.push(step);
        }
        Ok(Place { steps, is_by_id })
    }

    fn index(&self, list: &[Value], token: &str, is_last: bool) -> Result<usize, PatchError> {
        if token == "-" && is_last {
            return Ok(list.len());
        }
        let is_number = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || (token.starts_with('0') && token != "0") {
            let error =
                PatchError::invalid(format!("`{}`: `{token}` is no index of a list", self.text));
            return Err(error.hint("an index counts from 0; `by-id/ID` names an element by its id"));
        }
        // A number that does not fit is behind the end of every list.
        let index = token.parse().unwrap_or(usize::MAX);
        if index > list.len() {
            return Err(self.behind(list.len(), index));
        }
        Ok(index)
    }

    fn by_id(&self, list: &[Value], id: Option<&String>, at: usize) -> Result<usize, PatchError> {
        let Some(id) = id else {
            let error =
                PatchError::invalid(format!("`{}` names no id behind `{BY_ID}`", self.text));
            return Err(error.hint(format!("write `{}/ID`", self.text)));
        };
        let ids = list.iter().map(|element| element.get("id").and_then(Value::as_str));
        let found = ids.clone().enumerate().filter(|(_, it)| *it == Some(id.as_str()));
        let found: Vec<usize> = found.map(|(index, _)| index).collect();
        match found[..] {
            [index] => Ok(index),
            [] => {
                let known: Vec<&str> = ids.flatten().take(SUGGESTIONS_MAX).collect();
                let message = format!("`{}`: no element has the id `{id}`", self.text);
                Err(self.suggesting(
                    PatchError::new(ErrorKind::LocationNotFound, message),
                    &known,
                    at + 1,
                ))
            }
            _ => {
                let message =
                    format!("`{}`: {} elements have the id `{id}`", self.text, found.len());
                let error = PatchError::new(ErrorKind::AmbiguousLocation, message);
                let error = error.hint("name the index instead");
                Err(error.with_details(json!({ "path": self.text, "indexes": found })))
            }
        }
    }

    /// Tells why the step after `count` of the tokens leads nowhere.
    fn missing(&self, parent: &Value, step: Option<&Step>, count: usize) -> PatchError {
        match (parent, step) {
            (Value::Array(list), Some(Step::Index(index))) => self.behind(list.len(), *index),
            (Value::Object(map), Some(Step::Key(key))) => {
                let known: Vec<&str> =
                    map.keys().take(SUGGESTIONS_MAX).map(String::as_str).collect();
                let message = format!("`{}`: there is no key `{key}`", self.text);
                self.suggesting(
                    PatchError::new(ErrorKind::LocationNotFound, message),
                    &known,
                    count,
                )
            }
            _ => {
                let kind = kind_of(parent);
                let message = format!("`{}`: nothing stands below {kind}", self.text);
                self.suggesting(PatchError::new(ErrorKind::LocationNotFound, message), &[], count)
            }
        }
    }

    fn behind(&self, length: usize, index: usize) -> PatchError {
        let what = if index == length { "its end".to_owned() } else { format!("index {index}") };
        let message = format!("`{}`: {what} is no element of a list of {length}", self.text);
        let error = PatchError::new(ErrorKind::LocationNotFound, message);
        error.with_details(json!({ "path": self.text, "length": length }))
    }

    fn suggesting(&self, error: PatchError, known: &[&str], count: usize) -> PatchError {
        let error = match known {
            [] => error,
            known => error.hint(format!("there is {}", known.join(", "))),
        };
        error.with_details(json!({ "path": self.text, "pieces": count, "suggestions": known }))
    }
}

/// Returns the value at the end of a way.
pub(super) fn value_at<'a>(document: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    steps.iter().try_fold(document, step_into)
}

/// Returns the value at the end of a way, to be changed.
pub(super) fn value_at_mut<'a>(document: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    steps.iter().try_fold(document, |value, step| match step {
        Step::Index(index) => value.as_array_mut()?.get_mut(*index),
        Step::Key(key) => value.as_object_mut()?.get_mut(key),
    })
}

/// Returns the number of the entry of a key in its map.
pub(super) fn position(map: &Map<String, Value>, key: &str) -> Option<usize> {
    map.keys().position(|it| it == key)
}

/// Returns what kind of value it is, in words.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "a list",
        Value::Bool(_) => "a truth value",
        Value::Null => "null",
        Value::Number(_) => "a number",
        Value::Object(_) => "a map",
        Value::String(_) => "a text",
    }
}

fn step_into<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match step {
        Step::Index(index) => value.as_array()?.get(*index),
        Step::Key(key) => value.as_object()?.get(key),
    }
}

fn unescaped(token: &str, text: &str) -> Result<String, PatchError> {
    let mut result = String::with_capacity(token.len());
    let mut rest = token.chars();
    while let Some(character) = rest.next() {
        match (character, character == '~') {
            (_, false) => result.push(character),
            (_, true) => result.push(match rest.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => {
                    let error = PatchError::invalid(format!(
                        "the path `{text}` has a `~` that escapes nothing"
                    ));
                    return Err(error.hint("write `~0` for `~`, and `~1` for `/`"));
                }
            }),
        }
    }
    Ok(result)
}
