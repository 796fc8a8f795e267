//! Times and durations, as everywhere in the product.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use claviger_model::{Span, Time};

/// A moment in UTC, in ISO 8601: `2026-01-31T12:00:00Z`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(pub(crate) Time);

/// A length of time: `90d`, `12h`, `30m` or `45s`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length(pub(crate) Span);

/// A moment in UTC, in ISO 8601: `2026-01-31T12:00:00Z`.
#[Scalar(name = "Time")]
impl ScalarType for Moment {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text.parse().map_err(InputValueError::custom)?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A length of time: `90d`, `12h`, `30m` or `45s`.
#[Scalar(name = "Duration")]
impl ScalarType for Length {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text.parse().map_err(InputValueError::custom)?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Time> for Moment {
    fn from(time: Time) -> Self {
        Self(time)
    }
}
