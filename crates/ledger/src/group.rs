//! Appending where writers meet in a queue: whoever has the turn appends what all wait for.

use jiff::Timestamp;
use model::Record;
use serde::{Deserialize, Serialize};
use tlog_tiles::Hash;

use crate::append::{Addition, Appended, commit_alone};
use crate::folder::{Queue, Turn};
use crate::keys::SigningKey;
use crate::layout::WIDTH;
use crate::storage::Storage;
use crate::tip::{Tip, damaged};
use crate::{Error, Ledger};

/// The most entries that one turn appends: it bounds memory and how long others wait.
const MOST: usize = 64 * WIDTH as usize;

/// What a writer is told: where its entries are.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    first: u64,
    hashes: Vec<[u8; 32]>,
}

/// What whoever has the turn notes before it replaces the checkpoint.
#[derive(Debug, Serialize, Deserialize)]
struct Batch {
    size: u64,
    root: [u8; 32],
    answers: Vec<(String, Answer)>,
}

impl Answer {
    fn of(appended: &[Appended]) -> Self {
        Self {
            first: appended.first().map_or(0, |first| first.index),
            hashes: appended.iter().map(|each| each.hash.0).collect(),
        }
    }

    fn appended(self) -> Vec<Appended> {
        let indices = self.first..;
        let hashes = self.hashes.into_iter().map(Hash);
        indices
            .zip(hashes)
            .map(|(index, hash)| Appended { index, hash })
            .collect()
    }
}

impl Ledger {
    /// Leaves entries, and waits until they are in the log, by another's hand or our own.
    pub(crate) fn append_in_turn(
        &self,
        queue: &Queue,
        drafts: Vec<Record>,
        now: Timestamp,
    ) -> Result<Vec<Appended>, Error> {
        let order = format!("{:020}", now.as_nanosecond().max(0));
        // Whoever may give up takes the turn first: what they left must not be appended by another after that.
        let mut first = queue.is_hurried().then(|| queue.enter()).transpose()?;
        let ticket = queue.leave(&order, &to_bytes(&drafts))?;
        let told = |answer: &[u8]| {
            let answer: Result<Answer, _> = serde_json::from_slice(answer);
            answer
                .map(Answer::appended)
                .map_err(|_| damaged(self.storage(), "an answer in `incoming` cannot be read"))
        };
        loop {
            let turn = match first.take().map_or_else(|| ticket.wait(), |turn| Ok(Err(turn)))? {
                Err(turn) => turn,
                Ok(answer) => return told(&answer),
            };
            let tip = self.recovered_tip(&turn)?;
            if ticket.answer()?.is_none() {
                // Ours is among those that wait, but need not be among the first.
                self.append_waiting(&turn, &tip, ticket.name())?;
            }
            if let Some(answer) = ticket.answer()? {
                return told(&answer);
            }
        }
    }

    /// Appends entries while we have the turn, in front of what waits, with a checkpoint by `key`.
    pub(crate) fn append_alone(
        &self,
        queue: &Queue,
        drafts: Vec<Record>,
        key: impl Fn(&Tip) -> Result<SigningKey, Error>,
    ) -> Result<Vec<Appended>, Error> {
        let turn = queue.enter()?;
        let tip = self.recovered_tip(&turn)?;
        let key = key(&tip)?;
        let addition = Addition::after(&tip, drafts)?;
        let appended = addition.appended.clone();
        let checkpoint = addition.checkpoint(self.origin(), &key)?;
        self.remember(Some(commit_alone(self.storage(), &tip, addition, checkpoint)?));
        Ok(appended)
    }

    /// The newest state; gives the answers that whoever had the turn before owes.
    pub(crate) fn recovered_tip(&self, turn: &Turn<'_>) -> Result<Tip, Error> {
        let tip = self.tip_for_writing()?;
        if let Some(bytes) = turn.noted_batch()? {
            let batch: Option<Batch> = serde_json::from_slice(&bytes).ok();
            // It was committed if it is what is there now: nobody had the turn since.
            let committed =
                batch.filter(|batch| (batch.size, Hash(batch.root)) == (tip.edge.size(), tip.checkpoint.root()));
            for (name, answer) in committed.map_or_else(Vec::new, |batch| batch.answers) {
                turn.answer(&name, &to_bytes(&answer))?;
            }
            turn.forget_batch();
        }
        Ok(tip)
    }

    fn append_waiting(&self, turn: &Turn<'_>, tip: &Tip, own: &str) -> Result<(), Error> {
        let mut names = Vec::new();
        let mut drafts: Vec<Record> = Vec::new();
        for waiting in turn.waiting()? {
            let Ok(records) = serde_json::from_slice::<Vec<Record>>(&waiting.content) else {
                // Of a writer of another version: it is left to that.
                continue;
            };
            if drafts.len() + records.len() > MOST && !names.is_empty() {
                break;
            }
            names.push((waiting.name, records.len()));
            drafts.extend(records);
        }
        if names.is_empty() {
            return Err(damaged(self.storage(), "what was left in `incoming` is gone"));
        }
        let addition = Addition::after(tip, drafts)?;
        let checkpoint = addition.checkpoint(self.origin(), self.signer()?)?;
        let mut rest = addition.appended.as_slice();
        let mut answers = Vec::new();
        for (name, count) in names {
            let (ours, others) = rest.split_at(count);
            answers.push((name, Answer::of(ours)));
            rest = others;
        }
        let batch = Batch {
            size: checkpoint.size(),
            root: checkpoint.root().0,
            answers,
        };
        // If only our own entries are in it, nobody is owed an answer should we die.
        let is_owed = batch.answers.iter().any(|(name, _)| name != own);
        if is_owed {
            turn.note_batch(&to_bytes(&batch))?;
        }
        let committed = commit_alone(self.storage(), tip, addition, checkpoint);
        // Whatever failed, what is there now has to be read anew.
        self.remember(committed.as_ref().ok().cloned());
        committed?;
        for (name, answer) in &batch.answers {
            turn.answer(name, &to_bytes(answer))?;
        }
        if is_owed {
            turn.forget_batch();
        }
        Ok(())
    }

    fn tip_for_writing(&self) -> Result<Tip, Error> {
        let storage: &dyn Storage = self.storage();
        let (checkpoint, version) = self.read_checkpoint()?;
        if let Some(tip) = self.remembered(&checkpoint) {
            return Ok(tip);
        }
        let checkpoint = self.trusted_by_signer(checkpoint)?;
        let tip = Tip::load(storage, checkpoint, version)?;
        self.remember(Some(tip.clone()));
        Ok(tip)
    }
}

fn to_bytes(value: &impl Serialize) -> Vec<u8> {
    // Lists of numbers and texts can always be written.
    serde_json::to_vec(value).unwrap_or_default()
}
