//! From parser events to nodes, within the limits.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_saphyr::granit_parser::{
    ErrorKind, Event, Parser, ScalarStyle, Span, StructureStyle, Tag, options,
};

use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::limits::{
    NESTING_MAX, REPEATED_BYTES_MAX, VALUES_MAX, too_deep, too_many_values, too_much_repeated,
};
use crate::yaml::mistake;
use crate::yaml::node::{Data, Entry, Node, check_unique, size};
use crate::yaml::tag::{check_tag, scalar_data};

/// A document with what an edit needs to know about its text.
pub(super) struct Parsed {
    pub(super) node: Node,
    /// One spot for every value and key, parents before children, keys before their values.
    pub(super) spots: Vec<Spot>,
    /// The bytes of every comment, in the order of the text.
    pub(super) comments: Vec<Range<usize>>,
}

/// Where a value or key lies in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) start: usize,
    /// The end of the content, without the blank lines and indentation that follow it.
    pub(super) end: usize,
    pub(super) form: Form,
    /// The index of the first spot behind this one and its children.
    pub(super) after: usize,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Alias,
    BlockCollection,
    BlockScalar,
    DoubleQuoted,
    FlowCollection,
    Plain,
    SingleQuoted,
}

/// Reads one document without its comments and spots.
pub(super) fn parse(text: &str) -> Result<Node, Diagnostic> {
    Builder::new(text, false).run().map(|parsed| parsed.node)
}

/// Reads one document with its comments and spots.
pub(super) fn parse_for_edit(text: &str) -> Result<Parsed, Diagnostic> {
    Builder::new(text, true).run()
}

struct Builder<'t> {
    text: &'t str,
    /// Whether spots and comments are wanted.
    for_edit: bool,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    values: usize,
    repeated_bytes: usize,
    anchors: BTreeMap<usize, Node>,
    spots: Vec<Spot>,
    comments: Vec<Range<usize>>,
    /// The end of the last finished value.
    last_end: usize,
}

/// A list or map whose end has not been read yet.
struct Open {
    place: Place,
    anchor: usize,
    spot: usize,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, Place)> },
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, for_edit: bool) -> Builder<'t> {
        Builder {
            text,
            for_edit,
            open: Vec::new(),
            root: None,
            documents: 0,
            values: 0,
            repeated_bytes: 0,
            anchors: BTreeMap::new(),
            spots: Vec::new(),
            comments: Vec::new(),
            last_end: 0,
        }
    }

    fn run(mut self) -> Result<Parsed, Diagnostic> {
        let options = options! {
            emit_comments: self.for_edit,
            max_buffered_comment_events: usize::MAX,
            flow_nesting_limit: NESTING_MAX + 1,
            block_nesting_limit: NESTING_MAX + 1,
        };
        for event in Parser::new_from_str_with_options(self.text, options) {
            match event {
                Ok((event, span)) => self.event(event, &span)?,
                Err(error) => {
                    let place = place_of(error.marker());
                    return Err(match error.kind() {
                        ErrorKind::RecursionLimitExceeded => too_deep(place),
                        _ => mistake::explain(self.text, place, &error.info()),
                    });
                }
            }
        }
        self.comments.sort_by_key(|comment| comment.start);
        let node = self.root.unwrap_or(Node { place: Place::new(1, 1), data: Data::Null });
        Ok(Parsed { node, spots: self.spots, comments: self.comments })
    }

    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), Diagnostic> {
        let place = place_of(&span.start);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "a second document starts here; a file holds one";
                    return Err(Diagnostic::error("several_documents", place, message).with_hint(
                        "remove the `---` line or move what follows to a file of its own",
                    ));
                }
            }
            Event::Comment(..) => self.comments.extend(span.byte_range()),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, style, anchor, tag.as_deref(), span)?;
            }
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::SequenceStart(style, anchor, tag) => {
                check_tag(tag.as_deref(), "seq", place)?;
                self.open(Items::List(Vec::new()), style, anchor, span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                check_tag(tag.as_deref(), "map", place)?;
                self.open(Items::Map { entries: Vec::new(), key: None }, style, anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            _ => {}
        }
        Ok(())
    }

    fn open(
        &mut self,
        items: Items,
        style: StructureStyle,
        anchor: usize,
        span: &Span,
    ) -> Result<(), Diagnostic> {
        let place = place_of(&span.start);
        if self.expects_key() {
            return Err(mistake::collection_as_key(self.text, place));
        }
        if self.open.len() >= NESTING_MAX {
            return Err(too_deep(place));
        }
        let form = match style {
            StructureStyle::Block => Form::BlockCollection,
            StructureStyle::Flow => Form::FlowCollection,
        };
        let spot = self.spots.len();
        self.spot(form, span);
        self.open.push(Open { place, anchor, spot, items });
        Ok(())
    }

    fn close(&mut self, span: &Span) -> Result<(), Diagnostic> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let data = match open.items {
            Items::List(mut items) => {
                items.shrink_to_fit();
                Data::List(items)
            }
            Items::Map { mut entries, .. } => {
                check_unique(&entries)?;
                entries.shrink_to_fit();
                Data::Map(entries)
            }
        };
        let after = self.spots.len();
        if let Some(spot) = self.spots.get_mut(open.spot) {
            spot.after = after;
            if spot.form == Form::FlowCollection {
                self.last_end = span.byte_range().map_or(self.last_end, |range| range.end);
            }
            spot.end = self.last_end.max(spot.start);
        }
        self.finish(Node { place: open.place, data }, open.anchor)
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &Span,
    ) -> Result<(), Diagnostic> {
        let place = place_of(&span.start);
        let empty = style == ScalarStyle::Plain && span.is_empty();
        let text = if empty { Cow::Borrowed("") } else { text };
        let form = match style {
            ScalarStyle::Plain => Form::Plain,
            ScalarStyle::SingleQuoted => Form::SingleQuoted,
            ScalarStyle::DoubleQuoted => Form::DoubleQuoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Form::BlockScalar,
        };
        self.spot(form, span);
        if self.for_edit && form == Form::BlockScalar {
            self.trim_block_scalar(&text);
        }
        if self.expects_key() {
            if form == Form::Plain && tag.is_none() && text == "<<" {
                return Err(mistake::merge_key(place));
            }
            let key = text.into_owned();
            if anchor > 0 {
                self.remember(anchor, &Node { place, data: Data::Text(key.clone()) })?;
            }
            return self.key(key, place);
        }
        let data = scalar_data(text, form, tag, place)?;
        self.finish(Node { place, data }, anchor)
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<(), Diagnostic> {
        let place = place_of(&span.start);
        self.spot(Form::Alias, span);
        let Some(target) = self.anchors.get(&anchor) else {
            let message = "the alias repeats a value that contains it";
            return Err(Diagnostic::error("aliases", place, message));
        };
        let (bytes, values, height) = size(target);
        self.repeated_bytes = self.repeated_bytes.saturating_add(bytes);
        self.values = self.values.saturating_add(values);
        if self.repeated_bytes > REPEATED_BYTES_MAX {
            return Err(too_much_repeated(place));
        }
        if self.open.len() + height > NESTING_MAX {
            return Err(too_deep(place));
        }
        let data = target.data.clone();
        if self.expects_key() {
            return match data {
                Data::Text(key) => self.key(key, place),
                _ => Err(mistake::collection_as_key(self.text, place)),
            };
        }
        self.finish(Node { place, data }, 0)
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { items: Items::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: String, place: Place) -> Result<(), Diagnostic> {
        if let Some(Open { items: Items::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some((text, place));
        }
        Ok(())
    }

    /// Puts a complete value where it belongs.
    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(too_many_values(node.place));
        }
        if anchor > 0 {
            self.remember(anchor, &node)?;
        }
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.root = Some(node),
            Some(Items::List(items)) => items.push(node),
            Some(Items::Map { entries, key }) => {
                if let Some((key, key_place)) = key.take() {
                    entries.push(Entry { key, key_place, value: node });
                }
            }
        }
        Ok(())
    }

    /// Keeps a copy of an anchored value for its aliases.
    fn remember(&mut self, anchor: usize, node: &Node) -> Result<(), Diagnostic> {
        self.repeated_bytes = self.repeated_bytes.saturating_add(size(node).0);
        if self.repeated_bytes > REPEATED_BYTES_MAX {
            return Err(too_much_repeated(node.place));
        }
        self.anchors.insert(anchor, node.clone());
        Ok(())
    }

    fn spot(&mut self, form: Form, span: &Span) {
        if !self.for_edit {
            return;
        }
        let range = span.byte_range().unwrap_or(self.last_end..self.last_end);
        let after = self.spots.len() + 1;
        self.last_end = range.end.max(self.last_end);
        self.spots.push(Spot { start: range.start, end: range.end, form, after });
    }

    /// Moves the end of the last spot before the line break that ends its content.
    ///
    /// The parser's span runs on to where the next token starts.
    fn trim_block_scalar(&mut self, value: &str) {
        let Some(spot) = self.spots.last_mut() else {
            return;
        };
        let source = &self.text[spot.start..spot.end];
        let keeps_blank_lines = value.ends_with("\n\n") || value == "\n";
        let kept = if keeps_blank_lines {
            let end = source.rfind('\n').unwrap_or(source.len());
            source[..end].strip_suffix('\r').map_or(end, str::len)
        } else {
            source.trim_end_matches([' ', '\t', '\r', '\n']).len()
        };
        spot.end = spot.start + kept;
        self.last_end = spot.end;
    }
}

fn place_of(marker: &serde_saphyr::granit_parser::Marker) -> Place {
    let bounded = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place::new(bounded(marker.line()), bounded(marker.col()).saturating_add(1))
}
