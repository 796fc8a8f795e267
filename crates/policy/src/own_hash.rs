use std::hash::{BuildHasherDefault, Hasher};

/// For keys that are numbers of chance, or keyed digests: their bits are evenly spread and nobody's to choose, so that they
/// are their own hash.
pub(crate) type OwnHash = BuildHasherDefault<Own>;

/// The hash of one number.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Own(u64);

impl Hasher for Own {
    fn write_u64(&mut self, number: u64) {
        self.0 ^= number;
    }

    /// What chose a shard by its lowest bits is told apart by the others: they come first.
    fn write_u128(&mut self, number: u128) {
        let half = |half: u128| u64::try_from(half & u128::from(u64::MAX)).unwrap_or_default();
        self.0 ^= (half(number >> 64) ^ half(number)).rotate_right(6);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
