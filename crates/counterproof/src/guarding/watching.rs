//! The limit on the clock of a hook: most agents run a tool whose hook takes too long, so that it answers in time, whatever hangs.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use guard::agents::{Agent, Answer, Event};
use guard::{Decision, Judgement};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::state::{Decided, State};

/// Time until an answer is given without what it waits for. Agents give a hook 30 s (those that are set up by `install`), and a machine may
/// be busy.
pub const LIMIT: Duration = Duration::from_secs(10);

/// Time for a line of the log after that.
const TO_NOTE: Duration = Duration::from_millis(500);

/// What is known of an action so far, and whether it was answered.
#[derive(Default)]
struct Known {
    event: Event,
    /// The judgement, where that is reached and no allow: what is done with it afterwards makes it no milder.
    reached: Option<Judgement>,
    /// What is to be written into the log, where that was not done yet.
    record: Option<Decided>,
    answered: bool,
}

/// One question of an agent, which is answered once: by whoever judges it, or by the clock.
#[derive(Clone)]
pub struct Watched {
    agent: Agent,
    known: Arc<Mutex<Known>>,
}

impl Watched {
    /// Begins to watch. After `limit`, `say` is called with what is known by then, and the process ends with its exit code.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn begin(agent: Agent, limit: Duration, say: fn(&Answer) -> u8) -> std::io::Result<Self> {
        let watched = Self {
            agent,
            known: Arc::default(),
        };
        let other = watched.clone();
        std::thread::Builder::new()
            .name("watch".to_owned())
            .stack_size(256 << 10)
            .spawn(move || {
                std::thread::sleep(limit);
                if let Some(answer) = other.late(limit) {
                    let exit = say(&answer);
                    other.note();
                    end_children();
                    std::process::exit(i32::from(exit));
                }
            })?;
        Ok(watched)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        // Whoever panicked while it was held left whole values.
        act(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the agent asked about: from now on it is answered in the way of whoever speaks.
    pub fn is_about(&self, event: &Event) {
        self.with(|known| known.event = event.clone());
    }

    /// What was judged. An allow is not noted: it counts once it is answered, and not before.
    pub fn reached(&self, judgement: &Judgement) {
        if judgement.decision > Decision::Allow {
            self.with(|known| known.reached = Some(judgement.clone()));
        }
    }

    /// What the log will say, unless there is no time for it.
    pub fn will_note(&self, decided: &Decided) {
        let record = Decided {
            not_in_ledger: Some("the ledger, or what it takes to find it, did not answer in time".to_owned()),
            ..decided.clone()
        };
        self.with(|known| known.record = Some(record));
    }

    /// That it stands in the log.
    pub fn noted(&self) {
        self.with(|known| known.record = None);
    }

    /// Writes down what was answered, where that can be done at once: the log may be what hangs.
    fn note(&self) {
        let Some(record) = self.with(|known| known.record.take()) else {
            return;
        };
        let (done, is_done) = mpsc::channel();
        let write = move || {
            let _ = State::open().and_then(|state| state.log(&record));
            let _ = done.send(());
        };
        if std::thread::Builder::new().spawn(write).is_ok() {
            let _ = is_done.recv_timeout(TO_NOTE);
        }
    }

    /// What is answered where going on broke: what was judged by then, and at least a question.
    pub fn broken(&self) -> Answer {
        self.with(|known| {
            let judgement = known.reached.take();
            let judgement = judgement.unwrap_or_else(|| Judgement::untold("a defect of Counterproof's own"));
            self.agent.answer(&judgement, &known.event)
        })
    }

    /// The right to answer; nobody gets it twice. Where the clock has it, this waits for the end of the process.
    pub fn take(&self) {
        while self.with(|known| std::mem::replace(&mut known.answered, true)) {
            std::thread::park();
        }
    }

    /// The answer after so long, where none was given.
    fn late(&self, limit: Duration) -> Option<Answer> {
        self.with(|known| {
            if std::mem::replace(&mut known.answered, true) {
                return None;
            }
            let judgement = known.reached.take().unwrap_or_else(|| Judgement {
                decision: Decision::Deny,
                reason: format!(
                    "it could not be judged in time ({} s): a file, a lock or a file system that it needs does not answer; a person has to see what hangs",
                    limit.as_secs()
                ),
                effects: Vec::new(),
            });
            Some(self.agent.answer(&judgement, &known.event))
        })
    }
}

/// Ends what this process started and waits for (git, that is), where the system tells of it: it would hang on for ever.
fn end_children() {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    for thread in threads {
        let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
            // One that is gone meanwhile needs no end.
            let _ = kill(Pid::from_raw(child), Signal::SIGKILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched() -> Watched {
        Watched {
            agent: Agent::Gemini,
            known: Arc::default(),
        }
    }

    #[test]
    fn what_is_late_is_denied_unless_it_was_judged_or_answered() {
        let late = |watched: &Watched| watched.late(LIMIT);
        let denied = late(&watched()).expect("an answer");
        assert!(
            denied.stdout.contains("deny") && denied.stdout.contains("judged in time"),
            "{denied:?}"
        );
        // An allow that is not settled is none.
        let allowed = watched();
        allowed.reached(&Judgement::of(Vec::new()));
        assert_eq!(late(&allowed), Some(denied));
        let judged = watched();
        judged.reached(&Judgement::untold("it is odd"));
        let answer = late(&judged).expect("an answer");
        assert!(answer.stdout.contains("it is odd"), "{answer:?}");
        assert_eq!(late(&judged), None);
        let answered = watched();
        answered.take();
        assert_eq!(late(&answered), None);
    }

    #[test]
    fn what_breaks_is_at_least_a_question() {
        assert!(watched().broken().stdout.contains("defect"));
        let judged = watched();
        judged.reached(&Judgement::untold("it is odd"));
        assert!(judged.broken().stdout.contains("it is odd"));
    }
}
