use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Span;

/// A moment: microseconds since 1970-01-01T00:00:00Z. Shown as RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// The ends of what can be shown as RFC 3339 and read again, in the years -9999 and 9999. A moment beyond them could be
/// written to the change log, and no node could follow the log past it.
const FIRST: i64 = -377_705_023_201_000_000;
const LAST: i64 = 253_402_207_200_000_000;

impl Time {
    /// The moment this many microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The moment this many seconds after the epoch.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole minutes since the epoch, rounded down.
    #[must_use]
    pub const fn as_minutes(self) -> i64 {
        self.0.div_euclid(60_000_000)
    }

    /// This moment and a span later; stays at the last moment that can be written down rather than pass it.
    #[must_use]
    pub const fn after(self, span: Span) -> Self {
        let micros = self.0.saturating_add(span.as_micros());
        Self(if micros < LAST { micros } else { LAST })
    }

    /// How long after an earlier moment this one is; no time if that was later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// This moment and a span earlier; stays at the first moment that can be written down rather than pass it.
    #[must_use]
    pub const fn before(self, span: Span) -> Self {
        let micros = self.0.saturating_sub(span.as_micros());
        Self(if micros > FIRST { micros } else { FIRST })
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => write!(f, "{moment}"),
            Err(_) => write!(f, "{} microseconds after 1970", self.0),
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Time {
    type Err = jiff::Error;

    /// Reads RFC 3339 with any offset.
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(|moment| Self(moment.as_microsecond()))
    }
}

impl schemars::JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time", "description": "RFC 3339, in UTC" })
    }
}

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_shows_rfc_3339() {
        let time: Time = "2026-11-22T10:00:00+01:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-22T09:00:00Z");
        assert_eq!(time, Time::from_secs(1_795_338_000));
    }

    #[test]
    fn minutes_round_down_on_both_sides_of_the_epoch() {
        assert_eq!(Time::from_secs(119).as_minutes(), 1);
        assert_eq!(Time::from_secs(-1).as_minutes(), -1);
    }

    #[test]
    fn what_is_reckoned_can_be_written_and_read_again() {
        let longest: Span = "106751991d".parse().unwrap();
        let now = Time::from_secs(1_795_338_000);
        assert_eq!(now.after(longest).to_string(), "9999-12-30T22:00:00Z");
        assert_eq!(now.before(longest).as_micros(), jiff::Timestamp::MIN.as_microsecond());
        for time in [now.after(longest), now.before(longest), now.after(longest).after(longest)] {
            assert_eq!(time.to_string().parse::<Time>().unwrap(), time);
        }
    }
}
