//! Deliberate mistakes, each of which some product has made.

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// None: the product.
    None,
    /// The content is deleted when it is sent, and put back if no answer comes.
    DeleteBeforeSend,
    /// The service desk does not remember keys.
    NoDeduplication,
    /// Every try has a key of its own.
    NewKeyOnRetry,
    /// Any answer is taken for a receipt.
    AnyAnswerIsSuccess,
    /// An edited request does not name the keys it was sent under.
    EditWithoutSupersede,
    /// The service desk forgets keys after a while.
    KeysAreForgotten,
    /// A drainer that has lost its turn still writes.
    NoFence,
    /// A refused request is dropped.
    DropWhenRefused,
}

impl Mutant {
    /// All mistakes.
    pub(crate) const ALL: &[Self] = &[
        Self::DeleteBeforeSend,
        Self::NoDeduplication,
        Self::NewKeyOnRetry,
        Self::AnyAnswerIsSuccess,
        Self::EditWithoutSupersede,
        Self::KeysAreForgotten,
        Self::NoFence,
        Self::DropWhenRefused,
    ];
}
