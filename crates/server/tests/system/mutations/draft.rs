//! What can be done to any text.

use std::ops::Range;

use crate::dice::Dice;

/// A text that is being changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft(pub(super) Vec<u8>);

/// Everything that can be done to any text.
pub(super) const CHANGES: [fn(&mut Draft, &mut Dice); 12] = [
    Draft::flip,
    Draft::replace,
    Draft::insert,
    Draft::delete,
    Draft::repeat,
    Draft::cut,
    Draft::double_line,
    Draft::drop_line,
    Draft::swap_lines,
    Draft::join_lines,
    Draft::other_line_end,
    Draft::other_case,
];

const BYTES: [&[u8]; 16] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b"/",
    b"%",
    b"..",
    b"\\",
    b"\xff",
    b"\r\n\r\n",
    b"0",
    b",",
    b";",
];

const LINE_ENDS: [&str; 6] = ["\n", "\r", "\r\r\n", "\r\n\r\n", " \r\n", "\r\n "];

impl Draft {
    /// Changes one bit.
    pub(super) fn flip(&mut self, dice: &mut Dice) {
        let at = dice.below(self.0.len());
        let bit = 1 << dice.below(8);
        if let Some(byte) = self.0.get_mut(at) {
            *byte ^= bit;
        }
    }

    fn replace(&mut self, dice: &mut Dice) {
        let range = self.range(dice, 1);
        let new = *dice.one_of(&BYTES);
        self.put(range, new);
    }

    /// Puts in something that means something to some readers.
    pub(super) fn insert(&mut self, dice: &mut Dice) {
        let at = dice.below(self.0.len() + 1);
        let new = *dice.one_of(&BYTES);
        self.put(at..at, new);
    }

    /// Takes out up to eight bytes.
    pub(super) fn delete(&mut self, dice: &mut Dice) {
        let range = self.range(dice, 8);
        self.put(range, &[]);
    }

    fn repeat(&mut self, dice: &mut Dice) {
        let range = self.range(dice, 32);
        let copy = self.0[range.clone()].to_vec();
        self.put(range.end..range.end, &copy);
    }

    fn cut(&mut self, dice: &mut Dice) {
        self.0.truncate(dice.below(self.0.len() + 1));
    }

    /// Changes the case of one letter.
    pub(super) fn other_case(&mut self, dice: &mut Dice) {
        let letters: Vec<_> = (0..self.0.len()).filter(|at| self.0[*at].is_ascii_alphabetic()).collect();
        if !letters.is_empty() {
            self.0[*dice.one_of(&letters)] ^= 0x20;
        }
    }

    fn double_line(&mut self, dice: &mut Dice) {
        let mut lines = self.lines();
        let (from, to) = (dice.below(lines.len()), dice.below(lines.len()));
        let copy = lines.get(from).cloned().unwrap_or_default();
        lines.insert(to, copy);
        self.0 = lines.concat();
    }

    fn drop_line(&mut self, dice: &mut Dice) {
        let mut lines = self.lines();
        if !lines.is_empty() {
            lines.remove(dice.below(lines.len()));
        }
        self.0 = lines.concat();
    }

    fn swap_lines(&mut self, dice: &mut Dice) {
        let mut lines = self.lines();
        if !lines.is_empty() {
            let (one, two) = (dice.below(lines.len()), dice.below(lines.len()));
            lines.swap(one, two);
        }
        self.0 = lines.concat();
    }

    fn join_lines(&mut self, dice: &mut Dice) {
        self.end_line(dice, "");
    }

    fn other_line_end(&mut self, dice: &mut Dice) {
        let end = *dice.one_of(&LINE_ENDS);
        self.end_line(dice, end);
    }

    /// Puts this in place of the end of some line.
    fn end_line(&mut self, dice: &mut Dice, end: &str) {
        let mut lines = self.lines();
        let at = dice.below(lines.len());
        if let Some(line) = lines.get_mut(at) {
            line.truncate(line.len().saturating_sub(2));
            line.extend_from_slice(end.as_bytes());
        }
        self.0 = lines.concat();
    }

    /// Puts a line in at some place after the first.
    pub(super) fn add_line(&mut self, dice: &mut Dice, line: &str) {
        let mut lines = self.lines();
        let at = (1 + dice.below(lines.len())).min(lines.len());
        lines.insert(at, format!("{line}\r\n").into_bytes());
        self.0 = lines.concat();
    }

    /// Puts a header in place of the first of its name.
    pub(super) fn put_header(&mut self, name: &str, value: &str) {
        let mut lines = self.lines();
        let named = |line: &&mut Vec<u8>| line.starts_with(format!("{name}:").as_bytes());
        if let Some(line) = lines.iter_mut().find(named) {
            *line = format!("{name}: {value}\r\n").into_bytes();
        }
        self.0 = lines.concat();
    }

    /// Puts a word in place of one of the request line.
    pub(super) fn put_word(&mut self, place: usize, new: &str) {
        let mut lines = self.lines();
        let Some(first) = lines.first_mut() else { return };
        let mut words: Vec<_> = first.split(|byte| *byte == b' ').map(<[u8]>::to_vec).collect();
        if let Some(word) = words.get_mut(place) {
            *word = new.as_bytes().to_vec();
        }
        *first = words.join(&b' ');
        self.0 = lines.concat();
    }

    fn put(&mut self, range: Range<usize>, new: &[u8]) {
        self.0.splice(range, new.iter().copied());
    }

    /// Up to `most` bytes somewhere.
    fn range(&self, dice: &mut Dice, most: usize) -> Range<usize> {
        let start = dice.below(self.0.len());
        start..(start + 1 + dice.below(most)).min(self.0.len())
    }

    /// The text in lines, each with its end.
    fn lines(&self) -> Vec<Vec<u8>> {
        self.0.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    }
}
