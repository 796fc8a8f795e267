/// What is known of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Body<'b> {
    /// The request has none.
    #[default]
    None,
    /// There is one, and whoever asks does not have it, or not yet.
    Unread,
    /// There may be one: whoever asks cannot tell.
    Unknown,
    /// All of it.
    Read(&'b [u8]),
}

impl<'b> Body<'b> {
    /// Whether there may be a byte in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        match self {
            Self::None => true,
            Self::Unread | Self::Unknown => false,
            Self::Read(bytes) => bytes.is_empty(),
        }
    }

    /// Its bytes, if they are known.
    #[must_use]
    pub const fn bytes(self) -> Option<&'b [u8]> {
        match self {
            Self::None => Some(&[]),
            Self::Unread | Self::Unknown => None,
            Self::Read(bytes) => Some(bytes),
        }
    }
}
