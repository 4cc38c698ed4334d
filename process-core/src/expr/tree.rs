//! Values whose texts may hold expressions.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Failure, Mistake, Names, Read, Scope, Text};
use crate::{
    diagnostic::Place,
    yaml::{Data, Entry, Node},
};

/// A value whose texts may hold expressions; the keys of its maps are as they are written.
#[derive(Clone, Debug, PartialEq)]
pub struct TextTree(Arc<Tree>);

#[derive(Debug, PartialEq)]
enum Tree {
    Constant(Value),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
    Text(Text),
}

impl TextTree {
    /// Parses every text of a value; one with a mistake is taken as it stands.
    pub fn read(node: &Node, names: &Names<'_>, mistakes: &mut Vec<(Place, Mistake)>) -> Self {
        Self(Arc::new(Tree::read(node, names, mistakes)))
    }

    /// Returns the value as it is written.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.0.to_value()
    }

    /// Returns what it reads, in the order of the texts.
    #[must_use]
    pub fn reads(&self) -> Vec<&Read> {
        let mut reads = Vec::new();
        self.0.reads(&mut reads);
        reads
    }

    /// Returns the value with every text in it evaluated.
    ///
    /// # Errors
    /// Whatever keeps an expression from having a value; undefined is one.
    pub fn value(&self, scope: &dyn Scope) -> Result<Value, Failure> {
        self.0.value(&|text| text.value(scope))
    }

    /// Returns the value with every text in it evaluated so that no value names a secret
    /// ([`Text::render_naming_no_secret`]).
    ///
    /// # Errors
    /// As [`TextTree::value`].
    pub fn value_naming_no_secret(&self, scope: &dyn Scope) -> Result<Value, Failure> {
        self.0.value(&|text| text.render_naming_no_secret(scope).map(Value::from))
    }
}

impl Tree {
    fn read(node: &Node, names: &Names<'_>, mistakes: &mut Vec<(Place, Mistake)>) -> Self {
        match &node.data {
            Data::Null | Data::Bool(_) | Data::Number(_) => Self::Constant(node.to_json()),
            Data::Text(text) => match Text::parse(text, names) {
                Ok(text) => Self::Text(text),
                Err(mistake) => {
                    mistakes.push((node.place, mistake));
                    Self::Constant(node.to_json())
                }
            },
            Data::List(items) => {
                Self::List(items.iter().map(|item| Self::read(item, names, mistakes)).collect())
            }
            Data::Map(entries) => {
                let entry =
                    |entry: &Entry| (entry.key.clone(), Self::read(&entry.value, names, mistakes));
                Self::Map(entries.iter().map(entry).collect())
            }
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Constant(value) => value.clone(),
            Self::List(items) => items.iter().map(Self::to_value).collect(),
            Self::Map(entries) => {
                let entry = |(key, tree): &(String, Self)| (key.clone(), tree.to_value());
                Value::Object(entries.iter().map(entry).collect())
            }
            Self::Text(text) => Value::from(text.source()),
        }
    }

    fn reads<'a>(&'a self, reads: &mut Vec<&'a Read>) {
        match self {
            Self::Constant(_) => {}
            Self::List(items) => items.iter().for_each(|item| item.reads(reads)),
            Self::Map(entries) => entries.iter().for_each(|(_, tree)| tree.reads(reads)),
            Self::Text(text) => reads.extend(text.reads()),
        }
    }

    fn value(&self, of: &dyn Fn(&Text) -> Result<Value, Failure>) -> Result<Value, Failure> {
        Ok(match self {
            Self::Constant(value) => value.clone(),
            Self::List(items) => {
                let items = items.iter().map(|item| item.value(of));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Self::Map(entries) => {
                let mut map = Map::new();
                for (key, tree) in entries {
                    map.insert(key.clone(), tree.value(of)?);
                }
                Value::Object(map)
            }
            Self::Text(text) => of(text)?,
        })
    }
}
