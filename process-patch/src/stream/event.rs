//! What a stream tells before it has ended (P22.4).

use serde::Serialize;
use serde_json::Value;

/// One thing that has become known; `index` counts the patches of the batch from 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamEvent {
    /// More of the text that a patch brings, unescaped; never half a character.
    ContentDelta {
        /// Which patch.
        index: usize,
        /// Which of its keys.
        field: ContentField,
        /// The piece, to be put behind the ones before.
        text: String,
    },
    /// A patch has ended.
    PatchClosed {
        /// Which patch.
        index: usize,
    },
    /// Operation and location of a patch are known, as they stand; nobody has judged them.
    PatchOpened {
        /// Which patch.
        index: usize,
        /// The word of the operation.
        operation: String,
        /// A text, or a list of texts.
        location: Value,
    },
}

/// A key of a patch whose text is told piece by piece.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentField {
    /// `content`, of an insert, an append or a delete.
    Content,
    /// `new_content`, of an update.
    NewContent,
}
