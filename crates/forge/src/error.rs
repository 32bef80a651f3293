//! Why a forge could not be asked, or was not understood.

use jiff::Timestamp;

/// Why a forge could not be asked, or was not understood. No message holds the token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is asked for makes no sense.
    #[error("{0}")]
    Wrong(String),
    /// No answer: no way there, no answer in time, an answer that breaks off.
    #[error("{method} {url}: {reason}")]
    NoAnswer {
        /// The request's method.
        method: &'static str,
        /// The request's address.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// The token is not known, or may not do this.
    #[error("{method} {url}: the server answers {status}{said}; {mend}")]
    Refused {
        /// The request's method.
        method: &'static str,
        /// The request's address.
        url: String,
        /// Status of the answer: 401, 403 or 404, which forges also give for what a token may not see.
        status: u16,
        /// What the server says, after a colon; or empty.
        said: String,
        /// Which right the token needs.
        mend: String,
    },
    /// Too many requests.
    #[error("{url}: too many requests{}", when(*.until, *.after))]
    RateLimited {
        /// The request's address.
        url: String,
        /// When it may be tried again, where the server gives a time.
        until: Option<Timestamp>,
        /// After how many seconds it may be tried again, where the server gives that.
        after: Option<u64>,
    },
    /// Another status than was asked for.
    #[error("{method} {url}: the server answers {status}{said}")]
    Status {
        /// The request's method.
        method: &'static str,
        /// The request's address.
        url: String,
        /// Status of the answer.
        status: u16,
        /// What the server says, after a colon; or empty.
        said: String,
    },
    /// An answer that leads to another server, or nowhere. The token was not sent there.
    #[error("{url} leads to {to}: the token is not sent there; name the address of the API itself")]
    LeadsElsewhere {
        /// The request's address.
        url: String,
        /// Where it leads.
        to: String,
    },
    /// An answer that is more than is read.
    #[error("{url}: the answer is longer than {most}")]
    TooLong {
        /// The request's address.
        url: String,
        /// The most that is read, in words.
        most: String,
    },
    /// An answer that does not have the documented form.
    #[error("{url}: the answer is not understood: {field} {wrong}")]
    Form {
        /// The request's address.
        url: String,
        /// Path of the field: `[3].user.login`.
        field: String,
        /// What is wrong with it.
        wrong: String,
    },
}

fn when(until: Option<Timestamp>, after: Option<u64>) -> String {
    match (until, after) {
        (Some(until), _) => format!("; again at {until}"),
        (None, Some(after)) => format!("; again in {after} s"),
        (None, None) => String::new(),
    }
}

impl Error {
    /// Whether the server said that there is no such thing, or that the token may not see or do it.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}
