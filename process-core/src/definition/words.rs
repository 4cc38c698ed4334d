//! The words of the language: each value of an enum and how it is written.

use serde_json::Value;

use super::{
    Backoff, Channel, Delivery, GatewayKind, InputType, Join, OnExceed, OnReject, OnTimeout,
};

/// Gives an enum its words.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        impl $name {
            /// Returns the value of a word of the language.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Returns the word of the language.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    )+};
}

words! {
    Backoff { Exponential = "exponential", Fixed = "fixed", Linear = "linear" }
    Channel {
        Email = "email", Log = "log", Slack = "slack", Telegram = "telegram", Webhook = "webhook",
    }
    Delivery { AtLeastOnce = "at_least_once", AtMostOnce = "at_most_once" }
    GatewayKind {
        Event = "event", Exclusive = "exclusive", Inclusive = "inclusive", Parallel = "parallel",
    }
    InputType {
        Array = "array",
        Boolean = "boolean",
        Integer = "integer",
        Number = "number",
        Object = "object",
        String = "string",
    }
    OnExceed { Fail = "fail", Pause = "pause" }
    OnReject { Continue = "continue", Fail = "fail", Skip = "skip" }
    OnTimeout {
        Approve = "approve", Fail = "fail", Notify = "notify", Reject = "reject", Skip = "skip",
    }
}

impl Join {
    /// Returns the join of a word; a number is none.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "all" => Some(Self::All),
            "all_completed" => Some(Self::AllCompleted),
            "any" => Some(Self::Any),
            "each" => Some(Self::Each),
            _ => None,
        }
    }

    /// Returns the word or number as it stands in a definition.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::All => Value::from("all"),
            Self::AllCompleted => Value::from("all_completed"),
            Self::Any => Value::from("any"),
            Self::Each => Value::from("each"),
            Self::Count(count) => Value::from(count),
        }
    }
}

impl InputType {
    /// Returns whether a value is of this type; every whole number is a number too.
    #[must_use]
    pub fn holds(self, value: &Value) -> bool {
        match self {
            Self::Array => value.is_array(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => {
                value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
            }
            Self::Number => value.is_number(),
            Self::Object => value.is_object(),
            Self::String => value.is_string(),
        }
    }
}
