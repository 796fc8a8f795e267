use crate::cipher::context;

/// Where a sealed secret is stored. It opens nowhere else, so that nobody who can write to the database can give a
/// credential the secret of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'r> {
    /// The table.
    pub table: &'r str,
    /// The column.
    pub column: &'r str,
    /// The id of the row.
    pub id: &'r str,
}

impl Row<'_> {
    /// What the sealed bytes with this head are bound to.
    pub(crate) fn context(self, head: &[u8]) -> Vec<u8> {
        context([b"claviger row", head, self.table.as_bytes(), self.column.as_bytes(), self.id.as_bytes()])
    }
}
