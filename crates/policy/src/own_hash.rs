use std::hash::{BuildHasherDefault, Hasher};

/// For keys that are numbers of chance, or keyed digests: their bits are evenly spread and nobody's to choose, so that they
/// are their own hash.
pub(crate) type OwnHash = BuildHasherDefault<Own>;

/// The hash of one number.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Own(u64);

impl Hasher for Own {
    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    /// A table looks at both ends, and all that is in one shard has the lowest bits in common.
    fn write_u64(&mut self, number: u64) {
        self.0 ^= number ^ number.rotate_right(20);
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
