use std::fmt::Display;
use std::str::FromStr;

use claviger_model::{ChangeNumber, Time};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;

/// A row of either engine: the types that both have.
pub(crate) trait Row {
    fn text(&self, index: usize) -> sqlx::Result<Option<&str>>;
    fn number(&self, index: usize) -> sqlx::Result<Option<i64>>;
    fn bytes(&self, index: usize) -> sqlx::Result<Option<&[u8]>>;
}

macro_rules! rows {
    ($($row:ty),*) => {$(
        impl Row for $row {
            fn text(&self, index: usize) -> sqlx::Result<Option<&str>> {
                self.try_get(index)
            }

            fn number(&self, index: usize) -> sqlx::Result<Option<i64>> {
                self.try_get(index)
            }

            fn bytes(&self, index: usize) -> sqlx::Result<Option<&[u8]>> {
                self.try_get(index)
            }
        }
    )*};
}

rows!(SqliteRow, PgRow);

/// The fields of a row, taken one after the other in the order of the statement's columns.
pub(crate) struct Fields<'r> {
    row: &'r dyn Row,
    table: &'static str,
    next: usize,
}

impl<'r> Fields<'r> {
    pub(crate) fn of(row: &'r dyn Row, table: &'static str) -> Self {
        Self { row, table, next: 0 }
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<&'r str>, StoreError> {
        let index = self.advance();
        self.row.text(index).map_err(|error| self.corrupt(error))
    }

    pub(crate) fn optional_number(&mut self) -> Result<Option<i64>, StoreError> {
        let index = self.advance();
        self.row.number(index).map_err(|error| self.corrupt(error))
    }

    pub(crate) fn optional_bytes(&mut self) -> Result<Option<&'r [u8]>, StoreError> {
        let index = self.advance();
        self.row.bytes(index).map_err(|error| self.corrupt(error))
    }

    pub(crate) fn text(&mut self) -> Result<&'r str, StoreError> {
        let text = self.optional_text()?;
        text.ok_or_else(|| self.absent())
    }

    pub(crate) fn number(&mut self) -> Result<i64, StoreError> {
        let number = self.optional_number()?;
        number.ok_or_else(|| self.absent())
    }

    pub(crate) fn bytes(&mut self) -> Result<&'r [u8], StoreError> {
        let bytes = self.optional_bytes()?;
        bytes.ok_or_else(|| self.absent())
    }

    pub(crate) fn string(&mut self) -> Result<String, StoreError> {
        self.text().map(Into::into)
    }

    pub(crate) fn optional_string(&mut self) -> Result<Option<String>, StoreError> {
        self.optional_text().map(|text| text.map(Into::into))
    }

    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self) -> Result<T, StoreError> {
        let text = self.text()?;
        text.parse().map_err(|error| self.corrupt(error))
    }

    pub(crate) fn optional_parsed<T: FromStr<Err: Display>>(&mut self) -> Result<Option<T>, StoreError> {
        let text = self.optional_text()?;
        text.map(str::parse).transpose().map_err(|error| self.corrupt(error))
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let text = self.text()?;
        serde_json::from_str(text).map_err(|error| self.corrupt(error))
    }

    /// A number that is never negative.
    pub(crate) fn count(&mut self) -> Result<u64, StoreError> {
        let number = self.number()?;
        u64::try_from(number).map_err(|error| self.corrupt(error))
    }

    pub(crate) fn change_number(&mut self) -> Result<ChangeNumber, StoreError> {
        self.count().map(ChangeNumber)
    }

    pub(crate) fn time(&mut self) -> Result<Time, StoreError> {
        self.number().map(Time::from_micros)
    }

    pub(crate) fn optional_time(&mut self) -> Result<Option<Time>, StoreError> {
        Ok(self.optional_number()?.map(Time::from_micros))
    }

    /// The error of a field that this version did not write. By habit the first column is the key.
    pub(crate) fn corrupt(&self, why: impl Display) -> StoreError {
        let text = self.row.text(0).ok().flatten().map(ToOwned::to_owned);
        let id = text.or_else(|| self.row.number(0).ok().flatten().map(|number| number.to_string()));
        StoreError::Corrupt { table: self.table, id: id.unwrap_or_default(), why: why.to_string() }
    }

    fn advance(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    fn absent(&self) -> StoreError {
        self.corrupt(format_args!("column {} is empty", self.next))
    }
}
