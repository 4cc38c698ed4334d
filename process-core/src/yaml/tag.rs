//! What scalars, lists and maps mean with a tag.

use std::borrow::Cow;

use serde_saphyr::granit_parser::Tag;

use crate::diagnostic::{Diagnostic, Place};
use crate::yaml::build::Form;
use crate::yaml::mistake;
use crate::yaml::node::Data;
use crate::yaml::plain::{Plain, classify};

/// Returns what a scalar means with its tag, if it has one.
pub(super) fn scalar_data(
    text: Cow<'_, str>,
    form: Form,
    tag: Option<&Tag>,
    place: Place,
) -> Result<Data, Diagnostic> {
    let plain = match tag {
        None if form == Form::Plain => classify(&text),
        None => Plain::Text,
        Some(tag) if tag.is_yaml_core_schema_tag("str") || tag.original() == "!" => Plain::Text,
        Some(tag) => {
            let plain = classify(&text);
            let fits = match &plain {
                Plain::Null => tag.is_yaml_core_schema_tag("null"),
                Plain::Bool(_) => tag.is_yaml_core_schema_tag("bool"),
                Plain::Number(number) => {
                    tag.is_yaml_core_schema_tag("float")
                        || (tag.is_yaml_core_schema_tag("int") && !number.is_f64())
                }
                Plain::NotFinite => tag.is_yaml_core_schema_tag("float"),
                Plain::Text => false,
            };
            if !fits {
                return Err(mistake::tag(&tag.original(), place));
            }
            plain
        }
    };
    Ok(match plain {
        Plain::Null => Data::Null,
        Plain::Bool(value) => Data::Bool(value),
        Plain::Number(number) => Data::Number(number),
        Plain::NotFinite => return Err(mistake::not_finite(&text, place)),
        Plain::Text => Data::Text(text.into_owned()),
    })
}

/// Refuses a tag on a list or map other than the one of the core schema.
pub(super) fn check_tag(tag: Option<&Tag>, expected: &str, place: Place) -> Result<(), Diagnostic> {
    match tag {
        Some(tag) if !tag.is_yaml_core_schema_tag(expected) && tag.original() != "!" => {
            Err(mistake::tag(&tag.original(), place))
        }
        _ => Ok(()),
    }
}
