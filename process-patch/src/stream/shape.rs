//! Where in the three shapes of a batch the stream is, and what that tells (P22.1, P22.4).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stream::event::{ContentField, StreamEvent};
use crate::stream::lexer::Level;
use crate::stream::limits::PATCHES_MAX;

/// What an open list or map is.
#[derive(Clone, Debug)]
enum Role {
    /// The segments of a location, unless something else stands among them.
    Location(Option<Vec<String>>),
    MiniProcess,
    Other,
    Patch(Box<Patch>),
    /// The list of patches, and how many have begun.
    Patches(usize),
    Root,
}

#[derive(Clone, Debug)]
struct Open {
    role: Role,
    /// The key whose value is next, in a map.
    key: String,
    /// The keys so far: one that stands twice could be read in two ways.
    keys: BTreeSet<String>,
}

/// What is known of the patch that is read.
#[derive(Clone, Debug, Default)]
struct Patch {
    index: usize,
    operation: Option<String>,
    location: Option<Value>,
    is_opened: bool,
    /// Contents that came before operation and location were known.
    early: Vec<(ContentField, String)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    open: Vec<Open>,
    has_patches: bool,
    /// What was read of a text that is no content.
    text: String,
    events: Vec<StreamEvent>,
}

impl Shape {
    /// Returns what has become known since the last time.
    pub(super) fn take_events(&mut self) -> Vec<StreamEvent> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn open(&mut self, level: Level) -> Result<(), String> {
        let role = self.role(level)?;
        if matches!(role, Role::Patches(_)) {
            if self.has_patches {
                return Err("patches stand in two places".to_owned());
            }
            self.has_patches = true;
        }
        self.open.push(Open { role, key: String::new(), keys: BTreeSet::new() });
        Ok(())
    }

    pub(super) fn close(&mut self) -> Result<(), String> {
        let closed = self.open.pop();
        match closed.map(|open| open.role) {
            Some(Role::Patch(patch)) if patch.is_opened => {
                self.events.push(StreamEvent::PatchClosed { index: patch.index });
            }
            Some(Role::Location(Some(segments))) => self.known(|patch| {
                patch.location = Some(json!(segments));
            }),
            Some(Role::Root) if !self.has_patches => {
                return Err("there are no `patches` in it".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn key(&mut self, key: &str) -> Result<(), String> {
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        if !open.keys.insert(key.to_owned()) {
            return Err(format!("the key `{key}` stands twice"));
        }
        key.clone_into(&mut open.key);
        Ok(())
    }

    /// Takes a number, a truth value or null.
    pub(super) fn scalar(&mut self, value: &Value) -> Result<(), String> {
        if let Some(Open { role: Role::Location(segments), .. }) = self.open.last_mut() {
            *segments = None;
        }
        self.plain(value.is_null())
    }

    pub(super) fn text_begins(&mut self) -> Result<(), String> {
        self.text.clear();
        self.plain(false)
    }

    /// Takes more of the text that has begun.
    pub(super) fn piece(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        let Some(Open { role, key, .. }) = self.open.last_mut() else {
            return;
        };
        match (role, key.as_str()) {
            (Role::Patch(patch), "content") => {
                self.events.extend(patch.content(ContentField::Content, piece));
            }
            (Role::Patch(patch), "new_content") => {
                self.events.extend(patch.content(ContentField::NewContent, piece));
            }
            (Role::Patch(_), "location" | "operation") | (Role::Location(_), _) => {
                self.text.push_str(piece);
            }
            _ => {}
        }
    }

    pub(super) fn text_ends(&mut self) {
        let text = std::mem::take(&mut self.text);
        let Some(Open { role, key, .. }) = self.open.last_mut() else {
            return;
        };
        match (role, key.as_str()) {
            (Role::Patch(_), "location") => {
                self.known(|patch| patch.location = Some(Value::String(text)));
            }
            (Role::Patch(_), "operation") => self.known(|patch| patch.operation = Some(text)),
            (Role::Location(Some(segments)), _) => segments.push(text),
            _ => {}
        }
    }

    /// Returns what a list or map is that begins here.
    fn role(&mut self, level: Level) -> Result<Role, String> {
        let Some(Open { role, key, .. }) = self.open.last_mut() else {
            return Ok(match level {
                Level::List => Role::Patches(0),
                Level::Map => Role::Root,
            });
        };
        Ok(match (role, key.as_str(), level) {
            (Role::Root | Role::MiniProcess, "patches", Level::List) => Role::Patches(0),
            (Role::Root | Role::MiniProcess, "patches", Level::Map) => {
                return Err("`patches` is a map, not a list".to_owned());
            }
            (Role::Root, "mini_process", Level::Map) => Role::MiniProcess,
            (Role::Root, "mini_process", Level::List) => {
                return Err("`mini_process` is a list, not a map".to_owned());
            }
            (Role::Patches(count), _, level) => {
                let index = counted(count)?;
                match level {
                    Level::List => Role::Other,
                    Level::Map => Role::Patch(Box::new(Patch { index, ..Patch::default() })),
                }
            }
            (Role::Patch(_), "location", Level::List) => Role::Location(Some(Vec::new())),
            (Role::Location(segments), _, _) => {
                *segments = None;
                Role::Other
            }
            _ => Role::Other,
        })
    }

    /// Takes a value that is neither list nor map; a null counts as absent.
    fn plain(&mut self, is_null: bool) -> Result<(), String> {
        let Some(Open { role, key, .. }) = self.open.last_mut() else {
            return Err("it is neither a list nor a map".to_owned());
        };
        match (role, key.as_str()) {
            (Role::Root | Role::MiniProcess, "patches") if !is_null => {
                Err("`patches` is not a list".to_owned())
            }
            (Role::Root, "mini_process") if !is_null => {
                Err("`mini_process` is not a map".to_owned())
            }
            (Role::Patches(count), _) => counted(count).map(drop),
            _ => Ok(()),
        }
    }

    /// Notes something of the patch that is read, and tells when both are known.
    fn known(&mut self, note: impl FnOnce(&mut Patch)) {
        let Some(Open { role: Role::Patch(patch), .. }) = self.open.last_mut() else {
            return;
        };
        note(patch);
        let (false, Some(operation), Some(location)) =
            (patch.is_opened, &patch.operation, &patch.location)
        else {
            return;
        };
        let index = patch.index;
        let (operation, location) = (operation.clone(), location.clone());
        patch.is_opened = true;
        self.events.push(StreamEvent::PatchOpened { index, operation, location });
        let early = std::mem::take(&mut patch.early).into_iter();
        self.events.extend(early.map(|(field, text)| StreamEvent::ContentDelta {
            index,
            field,
            text,
        }));
    }
}

impl Patch {
    fn content(&mut self, field: ContentField, piece: &str) -> Option<StreamEvent> {
        if self.is_opened {
            let text = piece.to_owned();
            return Some(StreamEvent::ContentDelta { index: self.index, field, text });
        }
        match self.early.last_mut() {
            Some((last, text)) if *last == field => text.push_str(piece),
            _ => self.early.push((field, piece.to_owned())),
        }
        None
    }
}

fn counted(count: &mut usize) -> Result<usize, String> {
    if *count == PATCHES_MAX {
        return Err(format!("there are over {PATCHES_MAX} patches"));
    }
    *count += 1;
    Ok(*count - 1)
}
