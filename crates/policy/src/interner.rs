use std::hash::Hash;
use std::sync::Arc;

use imbl::{HashMap, Vector};

/// Values that many credentials share, each kept once and named by a number. A clone shares everything.
#[derive(Debug, Clone)]
pub(crate) struct Interner<T: Hash + Eq> {
    numbers: HashMap<Arc<T>, u32>,
    values: Vector<Arc<T>>,
}

impl<T: Hash + Eq> Default for Interner<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), values: Vector::new() }
    }
}

impl<T: Hash + Eq + Clone> Interner<T> {
    /// The number of an equal value, which is kept if it is new.
    pub(crate) fn number(&mut self, value: &T) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let value = Arc::new(value.clone());
        self.values.push_back(Arc::clone(&value));
        self.numbers.insert(value, number);
        number
    }

    /// The value with this number.
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize).map(Arc::as_ref)
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_number_and_clones_do_not_see_later_ones() {
        let mut interner = Interner::default();
        let first = interner.number(&"a".to_owned());
        let earlier = interner.clone();
        let second = interner.number(&"b".to_owned());
        assert_eq!(interner.number(&"a".to_owned()), first);
        assert_eq!(interner.get(second).map(String::as_str), Some("b"));
        assert_eq!(earlier.get(second), None);
        assert_eq!(interner.len(), 2);
    }
}
