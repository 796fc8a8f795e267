//! Lists, and tables in CSV (RFC 4180, but for line breaks within cells).

use crate::{Expiry, Foreign, ImportError, Owner, Row, RowError, Secret, Trust, likeness, line_number};

/// What the keys of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    AsTheyAre,
    Sha256,
}

impl Keys {
    const fn column(self) -> &'static str {
        match self {
            Self::AsTheyAre => "key",
            Self::Sha256 => "sha256",
        }
    }

    fn secret(self, text: &str) -> Result<Secret, RowError> {
        match self {
            Self::AsTheyAre => Secret::plain(text),
            Self::Sha256 => Secret::sha256(text),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Key,
    Account,
    Label,
    ExpiresAt,
    Addresses,
    Owners,
    Permissions,
}

pub(crate) fn read(text: &str, keys: Keys, trust: Trust) -> Result<Vec<Row>, ImportError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
    let header = lines.peek().map_or(Ok(None), |(index, line)| header(line, line_number(*index), keys))?;
    if (keys, trust) == (Keys::AsTheyAre, Trust::Checked) {
        doubt(text, header.as_deref())?;
    }
    let skipped = usize::from(header.is_some());
    let found = |line: &str| match &header {
        Some(columns) => row(line, columns, keys),
        None => alone(line.trim(), keys),
    };
    Ok(lines
        .skip(skipped)
        .map(|(index, line)| Row { line: line_number(index), found: found(line) })
        .collect())
}

/// Looks at the lines of a list, or at the column of keys.
fn doubt(text: &str, header: Option<&[Column]>) -> Result<(), ImportError> {
    let place = header.map(|columns| columns.iter().position(|column| *column == Column::Key));
    let value = |line: &str| match place {
        Some(place) => cells(line).ok().and_then(|cells| cells.into_iter().nth(place?)),
        None => Some(line.to_owned()),
    };
    let values = text.lines().enumerate().filter_map(|(index, line)| Some((index, value(line)?)));
    likeness::check(values)
}

/// The columns, if the line is a header: one of its cells is the name of the column of keys.
fn header(text: &str, line: u32, keys: Keys) -> Result<Option<Vec<Column>>, ImportError> {
    let Ok(cells) = cells(text) else { return Ok(None) };
    let names: Vec<_> = cells.iter().map(|cell| cell.trim().to_ascii_lowercase()).collect();
    if !names.iter().any(|name| name == keys.column()) {
        return Ok(None);
    }
    let mut columns = Vec::with_capacity(names.len());
    for name in &names {
        let wrong = ImportError::Header { line, column: columns.len() + 1, key: keys.column() };
        let found = column(name, keys).filter(|column| !columns.contains(column));
        columns.push(found.ok_or(wrong)?);
    }
    Ok(Some(columns))
}

fn column(name: &str, keys: Keys) -> Option<Column> {
    Some(match name {
        "account" => Column::Account,
        "label" => Column::Label,
        "expires_at" => Column::ExpiresAt,
        "addresses" => Column::Addresses,
        "owners" => Column::Owners,
        "permissions" => Column::Permissions,
        name if name == keys.column() => Column::Key,
        _ => return None,
    })
}

/// A line that is a key and nothing else.
fn alone(line: &str, keys: Keys) -> Result<Foreign, RowError> {
    // Taken for a key, a row of a table without its header would be one that nobody has.
    if line.contains([',', ';', '\t', ' ']) {
        return Err(RowError::NoHeader);
    }
    keys.secret(line).map(Foreign::of)
}

fn row(line: &str, columns: &[Column], keys: Keys) -> Result<Foreign, RowError> {
    let cells = cells(line)?;
    if cells.len() != columns.len() {
        return Err(RowError::Cells);
    }
    let cell = |wanted: Column| {
        let place = columns.iter().position(|column| *column == wanted)?;
        cells.get(place).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    };
    let mut foreign = Foreign::of(keys.secret(cell(Column::Key).unwrap_or_default())?);
    foreign.owner = cell(Column::Account).map_or(Owner::Unsaid, |account| Owner::Account(account.to_owned()));
    foreign.label = cell(Column::Label).map(str::to_owned);
    let expires =
        cell(Column::ExpiresAt).map(|text| text.parse().map(Expiry::At).map_err(|_| RowError::Time));
    foreign.expires = expires.transpose()?;
    foreign.addresses = words(cell(Column::Addresses));
    foreign.permissions = words(cell(Column::Permissions));
    foreign.owners = words(cell(Column::Owners));
    Ok(foreign)
}

/// Several values in one cell.
fn words(cell: Option<&str>) -> Vec<String> {
    let parts = cell.unwrap_or_default().split([' ', ';', ',']);
    parts.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The cells of a line: a quote within a quoted cell is doubled.
fn cells(line: &str) -> Result<Vec<String>, RowError> {
    let (mut cells, mut rest) = (Vec::new(), line);
    loop {
        let (cell, after) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted_cell(quoted)?
        } else {
            let (cell, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            (cell.to_owned(), after)
        };
        cells.push(cell);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.trim_end().is_empty() => return Ok(cells),
            None => return Err(RowError::Quotes),
        }
    }
}

fn quoted_cell(text: &str) -> Result<(String, &str), RowError> {
    let (mut cell, mut rest) = (String::new(), text);
    loop {
        let (part, after) = rest.split_once('"').ok_or(RowError::Quotes)?;
        cell.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Ok((cell, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Likeness;

    fn rows(text: &str) -> Vec<Row> {
        read(text, Keys::AsTheyAre, Trust::Checked).unwrap()
    }

    #[test]
    fn a_list_is_a_key_on_each_line() {
        let rows = rows("key-number-1\r\n\n  key-number-2 \nkey-number-3,100042\nshort\n");
        let found: Vec<_> = rows.iter().map(|row| (row.line, row.found.as_ref().err().copied())).collect();
        let wanted = [(1, None), (3, None), (4, Some(RowError::NoHeader)), (5, Some(RowError::Short))];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_table_says_more() {
        let text = "Account,key,label,expires_at,addresses,owners,permissions\n\
            100042,key-number-1,\"A \"\"good\"\" one, really\",2027-01-01T00:00:00Z,\"192.0.2.1, 10.0.0.0/8\",,a:b:read c:d:read\n\
            ,\"key,number,2\",,,,who@example.com,\n\
            100042,key-number-3,,soon,,,\n\
            100042,key-number-4\n\
            100042,\"key-number-5,,,,,\n";
        let rows = rows(text);
        let first = rows[0].found.as_ref().unwrap();
        assert_eq!(first.secret, Secret::plain("key-number-1").unwrap());
        assert_eq!(first.owner, Owner::Account("100042".into()));
        assert_eq!(first.label.as_deref(), Some("A \"good\" one, really"));
        assert_eq!(first.expires, Some(Expiry::At("2027-01-01T00:00:00Z".parse().unwrap())));
        assert_eq!(first.addresses, ["192.0.2.1", "10.0.0.0/8"]);
        assert_eq!(first.permissions, ["a:b:read", "c:d:read"]);
        let second = rows[1].found.as_ref().unwrap();
        assert_eq!(
            (&second.owner, second.owners.as_slice()),
            (&Owner::Unsaid, ["who@example.com".to_owned()].as_slice())
        );
        assert_eq!(second.secret, Secret::plain("key,number,2").unwrap());
        let errors: Vec<_> = rows[2..].iter().map(|row| (row.line, row.found.clone().unwrap_err())).collect();
        assert_eq!(errors, [(4, RowError::Time), (5, RowError::Cells), (6, RowError::Quotes)]);
    }

    #[test]
    fn a_header_with_a_wrong_column_is_no_row() {
        let wrong = |line, key| Err(ImportError::Header { line, column: 2, key });
        let checked = |text, keys| read(text, keys, Trust::Checked);
        assert_eq!(checked("key,colour\nkey-number-1,red\n", Keys::AsTheyAre), wrong(1, "key"));
        assert_eq!(checked("\nsha256,sha256\n", Keys::Sha256), wrong(2, "sha256"));
        // The column of the other format is no header here, and no key either.
        assert_eq!(
            read("sha256,label\n", Keys::AsTheyAre, Trust::Checked).unwrap()[0].found,
            Err(RowError::NoHeader)
        );
    }

    #[test]
    fn a_list_that_is_something_else_is_refused_unless_it_is_meant() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let list = format!("key-number-1\n\n{digest}\n");
        let table = format!("account,key\n100042,key-number-1\n100042,{digest}\n");
        for text in [list, table] {
            let refused = Err(ImportError::Looks { line: 3, like: Likeness::Sha256 });
            assert_eq!(read(&text, Keys::AsTheyAre, Trust::Checked), refused);
            assert!(read(&text, Keys::AsTheyAre, Trust::AsIs).unwrap().iter().all(|row| row.found.is_ok()));
        }
        // What stands beside the keys may look as it likes.
        let beside = read(&format!("key,label\nkey-number-1,{digest}\n"), Keys::AsTheyAre, Trust::Checked);
        assert!(beside.unwrap()[0].found.is_ok());
    }
}
