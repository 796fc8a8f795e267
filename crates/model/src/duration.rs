use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A length of time in microseconds, never negative. As text: a whole number and one of `ms s m h d`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

/// Why a text is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a length of time: write a whole number and a unit, such as 500ms, 30s, 5m, 12h or 365d"
)]
pub struct SpanError(String);

/// Largest first, so that the shortest exact text is found first.
const UNITS: [(&str, i64); 5] =
    [("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000)];

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// This many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u32) -> Self {
        Self(millis as i64 * 1_000)
    }

    /// This many seconds.
    #[must_use]
    pub const fn from_secs(secs: u32) -> Self {
        Self(secs as i64 * 1_000_000)
    }

    /// This many days of 24 hours.
    #[must_use]
    pub const fn from_days(days: u32) -> Self {
        Self(days as i64 * 86_400_000_000)
    }

    /// This many microseconds; none if the number is negative.
    #[must_use]
    pub(crate) const fn from_micros(micros: i64) -> Self {
        Self(if micros > 0 { micros } else { 0 })
    }

    /// Microseconds.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The same length for timers.
    #[must_use]
    pub const fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_micros(self.0.cast_unsigned())
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let refused = || SpanError(text.chars().take(32).collect());
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(refused)?;
        let (number, unit) = text.split_at(digits);
        let (_, micros) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(refused)?;
        let number: i64 = number.parse().map_err(|_| refused())?;
        number.checked_mul(*micros).map(Self).ok_or_else(refused)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, micros) = UNITS.iter().find(|(_, micros)| self.0 % micros == 0).unwrap_or(&UNITS[4]);
        if self.0 == 0 { f.write_str("0s") } else { write!(f, "{}{unit}", self.0 / micros) }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$",
            "description": "A length of time: a whole number and one of ms, s, m, h, d.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_largest_unit_that_is_exact() {
        for text in ["500ms", "30s", "5m", "12h", "365d", "36h", "0s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refuses_what_has_no_unit_or_overflows() {
        for text in ["", "5", "s", "1.5h", "-1s", "5 m", "99999999999999999d", "1w"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
