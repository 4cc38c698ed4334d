//! Amounts of money, exact: digits never pass through a float.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// The most digits of an amount, before and behind the point together; a decimal of 96 bits holds
/// 28 of any value.
const DIGITS_MAX: usize = 28;

/// An amount of money of zero or more; the currency is the user's.
///
/// Amounts are compared as numbers; the digits behind the point are kept as they were written.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Cost(Decimal);

impl Cost {
    /// No cost.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Parses an amount such as `0.0123`, `5` or `1e-4`; `None` for a negative one, one of more
    /// than 28 digits, and every other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if text.contains('_') || digits > DIGITS_MAX + 2 {
            return None;
        }
        let amount = if text.contains(['e', 'E']) {
            Decimal::from_scientific(text).ok()?
        } else {
            Decimal::from_str_exact(text).ok()?
        };
        (!amount.is_sign_negative() || amount.is_zero()).then(|| Self(amount.abs()))
    }

    /// Reads an amount from a text or a number; a number gives the digits with which it is written.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(number) => Self::parse(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Returns the sum, or `None` past the largest amount.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let sum = self.0.checked_add(other.0)?;
        // A sum that would drop digits is none.
        let is_exact = sum.scale() >= self.0.scale().max(other.0.scale());
        is_exact.then_some(Self(sum))
    }

    /// Returns what is left after taking an amount away, at least zero.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self((self.0 - other.0).max(Decimal::ZERO))
    }

    /// Returns the amount as a number.
    pub(crate) fn decimal(self) -> Decimal {
        self.0
    }

    /// Returns whether this is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Returns whether this is the plain `0`, which changes no amount and none of its digits.
    #[must_use]
    pub fn is_plain_zero(self) -> bool {
        self.0.is_zero() && self.0.scale() == 0
    }

    /// Returns this share of the amount, in hundredths.
    #[must_use]
    pub fn percent(self, percent: u32) -> Self {
        let share = self.0.checked_mul(Decimal::from(percent));
        Self(share.unwrap_or(Decimal::MAX) / Decimal::ONE_HUNDRED)
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(&value)
            .ok_or_else(|| de::Error::custom(format!("{value} is no amount of zero or more")))
    }
}

#[cfg(test)]
mod tests;
