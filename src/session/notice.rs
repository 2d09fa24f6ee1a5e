//! What the session has to tell its user.

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something was done; it can be overlooked.
    Info,
    /// Something needs a look.
    Warning,
    /// Something could not be done.
    Error,
}

/// One message: what happened and, where there is one, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub weight: Weight,
    /// The message.
    pub text: String,
}

impl Notice {
    /// Something was done.
    pub fn info(text: impl Into<String>) -> Self {
        Self { weight: Weight::Info, text: text.into() }
    }

    /// Something needs a look.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { weight: Weight::Warning, text: text.into() }
    }

    /// Something could not be done.
    pub fn error(text: impl std::fmt::Display) -> Self {
        Self { weight: Weight::Error, text: text.to_string() }
    }
}
