//! What somebody said of a change, and which of that counts.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Where a review was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Forge {
    /// GitHub, or an Enterprise Server of it.
    GitHub,
    /// GitLab, wherever it is hosted.
    GitLab,
}

impl Forge {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
        }
    }
}

/// What an account is, as far as the forge says. A program that uses an ordinary account is a `User` to the forge: that it is
/// none has to stand in the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// An account that people have.
    User,
    /// A program's, or one of which the forge does not say that people have it.
    Bot,
    /// That of an installed application.
    App,
}

/// What a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewState {
    /// It may be merged.
    Approved,
    /// It may not, as it is.
    ChangesRequested,
    /// It was taken back, by its author or by somebody else, or the forge reset it at a later push.
    Dismissed,
    /// Neither.
    Commented,
}

/// One review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Where it was given.
    pub forge: Forge,
    /// The forge's own number for it: of a review on GitHub, of the note that tells of it on GitLab.
    pub id: String,
    /// Name of the account, without the `@`.
    pub login: String,
    /// What the account is.
    pub account_kind: AccountKind,
    /// What it says.
    pub state: ReviewState,
    /// The head of the change when it was given, as hex; none where the forge does not tell. GitHub keeps it with the review. On
    /// GitLab it is the newest version at that time, so that whoever approved with an older page open counts as having seen that.
    pub commit: Option<String>,
    /// When it was given.
    pub time: Timestamp,
    /// Where it can be read.
    pub url: String,
}

/// All reviews of one change, the earliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reviews {
    /// Every review that was handed in.
    pub all: Vec<Review>,
    /// What its reader must know: reviews that are left out, accounts of which the forge does not tell what they are.
    pub notes: Vec<String>,
    /// When the change was last led to another branch; told where there are approvals. Whoever approved before that saw what it would
    /// have done to the other one.
    pub retargeted: Option<Timestamp>,
}

impl Reviews {
    /// Of each account the last review that is more than a comment, where that was not taken back. So an approval that came before a
    /// request for changes does not come back to life when the request is dismissed. Names are compared without regard to case.
    pub fn counting(&self) -> Vec<&Review> {
        let mut last: BTreeMap<String, &Review> = BTreeMap::new();
        for review in self.all.iter().filter(|one| one.state != ReviewState::Commented) {
            let of_account = last.entry(review.login.to_lowercase()).or_insert(review);
            if review.time >= of_account.time {
                *of_account = review;
            }
        }
        let mut counting: Vec<&Review> = last
            .into_values()
            .filter(|one| one.state != ReviewState::Dismissed)
            .collect();
        counting.sort_by_key(|review| review.time);
        counting
    }

    /// Those of [`Reviews::counting`] that approve, whatever gave them.
    pub fn approvals(&self) -> Vec<&Review> {
        let counting = self.counting().into_iter();
        counting.filter(|one| one.state == ReviewState::Approved).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(login: &str, state: ReviewState, second: i64) -> Review {
        Review {
            forge: Forge::GitHub,
            id: second.to_string(),
            login: login.to_owned(),
            account_kind: AccountKind::User,
            state,
            commit: None,
            time: Timestamp::from_second(second).expect("a time"),
            url: String::new(),
        }
    }

    fn counting(all: Vec<Review>) -> Vec<String> {
        let reviews = Reviews {
            all,
            ..Reviews::default()
        };
        reviews.counting().into_iter().map(|one| one.id.clone()).collect()
    }

    #[test]
    fn a_comment_leaves_what_was_said_before() {
        use ReviewState::{Approved, Commented};
        assert_eq!(
            counting(vec![review("ada", Approved, 1), review("ada", Commented, 2)]),
            ["1"]
        );
    }

    #[test]
    fn the_last_word_of_an_account_counts_however_its_name_is_written() {
        use ReviewState::{Approved, ChangesRequested};
        let all = vec![
            review("Ada", ChangesRequested, 3),
            review("ada", Approved, 2),
            review("bob", Approved, 1),
        ];
        assert_eq!(counting(all), ["1", "3"]);
    }

    #[test]
    fn what_was_taken_back_brings_nothing_earlier_back() {
        use ReviewState::{Approved, ChangesRequested, Dismissed};
        assert!(counting(vec![review("ada", Approved, 1), review("ada", Dismissed, 2)]).is_empty());
        let objection = vec![review("ada", ChangesRequested, 1), review("ada", Dismissed, 2)];
        assert!(counting(objection).is_empty());
        let again = vec![review("ada", Dismissed, 1), review("ada", Approved, 2)];
        assert_eq!(counting(again), ["2"]);
    }
}
