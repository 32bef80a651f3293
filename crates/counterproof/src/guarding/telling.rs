//! What would be said to an action, for who only asks: nothing is remembered of it, and nothing is let run by it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use guard::{Decision, Edit, Judgement, Surroundings};

use super::place;

/// What may be asked about.
#[derive(Clone, Debug)]
pub enum Question {
    /// A line for a shell.
    Command(String),
    /// A write to a file.
    Edit(Edit),
    /// The text of a plan or a migration.
    Plan(String),
    /// A statement of SQL, and the name of the server that it goes to.
    Query {
        /// The statement.
        query: String,
        /// The name.
        server: String,
    },
}

/// Judges in a folder, within the time that a judgement has from now on, on this thread. What somebody allowed or approved is not looked at: that counts
/// when it happens. Where judging breaks, a person has to look at it.
pub fn tell(question: &Question, folder: &str) -> Judgement {
    let files = place::Disk;
    let is_late = place::late_from_now();
    let judge = |place: &Surroundings<'_>| match question {
        Question::Command(line) => guard::command(line, place),
        Question::Edit(edit) => guard::edit(edit, place),
        Question::Plan(text) => super::plan(text),
        Question::Query { query, server } => guard::query(query, server, place),
    };
    let judge = || {
        let mut place = Surroundings {
            is_late: Some(&is_late),
            ..place::of(Some(folder), &files)
        };
        let judgement = judge(&place);
        place::gravest(&mut place, judgement, judge)
    };
    closed(judge, &is_late)
}

/// What is judged, where that neither breaks nor takes too long: then it is no allow.
fn closed(judge: impl FnOnce() -> Judgement, is_late: &dyn Fn() -> bool) -> Judgement {
    let judged = catch_unwind(AssertUnwindSafe(judge));
    let judgement = judged.unwrap_or_else(|_| Judgement::untold("a defect of Counterproof's own"));
    // Not every step looks at the clock.
    if judgement.decision == Decision::Allow && is_late() {
        return Judgement::untold("it takes too long to judge");
    }
    judgement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_judgement_has_all_of_its_time() {
        // More than one has, before the first of them.
        let is_late = place::late_from_now();
        let mut steps = 0_u64;
        while !is_late() {
            steps = std::hint::black_box(steps + 1);
        }
        let decided = |line: &str| tell(&Question::Command(line.to_owned()), "/").decision;
        assert_eq!(decided("ls"), Decision::Allow);
        assert_eq!(decided("rm -rf /etc"), Decision::Deny);
    }

    #[test]
    fn what_breaks_or_is_late_is_no_allow() {
        let allow = || Judgement::of(Vec::new());
        assert_eq!(closed(allow, &|| false).decision, Decision::Allow);
        assert_eq!(closed(allow, &|| true).decision, Decision::Ask);
        assert_eq!(
            closed(|| std::panic::resume_unwind(Box::new(())), &|| false).decision,
            Decision::Ask
        );
    }
}
