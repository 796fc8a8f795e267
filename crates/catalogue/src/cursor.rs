use claviger_spec::yaml::{Node, Place};

/// A place in the catalogue, found by going down. What is not written there, because it has a default, stands where
/// it would be: with what contains it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a>(pub(crate) &'a Node);

impl<'a> Cursor<'a> {
    /// The value of a field.
    pub(crate) fn field(self, name: &str) -> Self {
        self.0.get(name).map_or(self, Self)
    }

    /// An item of a list.
    pub(crate) fn item(self, index: usize) -> Self {
        self.0.items().get(index).map_or(self, Self)
    }

    /// Where this begins.
    pub(crate) fn place(self) -> Place {
        self.0.place()
    }

    /// The items of a list, each with its cursor.
    pub(crate) fn each<T>(self, items: &'a [T]) -> impl Iterator<Item = (Self, &'a T)> {
        items.iter().enumerate().map(move |(index, item)| (self.item(index), item))
    }
}
