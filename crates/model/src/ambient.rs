use crate::Time;

/// Tells the time. The server's reads the system's clock; a test's is set by the test.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Time;
}

/// Gives random bytes. The server's reads the system's source; a test's may be seeded.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with random bits fit for keys.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Entropy {
    /// An array of random bytes.
    #[must_use]
    pub fn array<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}
