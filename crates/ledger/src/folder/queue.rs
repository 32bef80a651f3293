//! Group commit: writers leave what they have to append, one of them takes all of it and appends it at once.
//!
//! A writer puts its entries into `incoming/NAME.entries` and holds a lock on that file as long as it waits. Then it
//! waits for the turn (a lock on `lock`). Whoever has the turn appends what all *living* writers left, and leaves each
//! its answer in `incoming/NAME.done`; a writer that finds its answer is through.
//!
//! What a writer left that has died meanwhile is thrown away, though it may be whole: nobody was told that it was
//! accepted, and whether it was appended before a crash is not known, so that appending it might do so twice. After a
//! crash of the machine all writers are dead. If only whoever had the turn dies, `incoming/batch`, written before the
//! checkpoint is replaced, tells the next one which answers are due.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::sync::Arc;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};

use super::disk::{Disk, Left, left};
use crate::error::At;
use crate::{Error, random};

const ENTRIES: &str = ".entries";
const DONE: &str = ".done";
const BATCH: &str = "batch";

/// The meeting place of a folder's writers.
pub struct Queue {
    root: Utf8PathBuf,
    incoming: Utf8PathBuf,
    disk: Arc<dyn Disk>,
    /// How long the turn is waited for; without end where nothing is said.
    patience: Option<Duration>,
}

/// Time between two attempts to get the turn, where it is not waited for without end.
const PAUSE: Duration = Duration::from_millis(20);

/// What a writer left. Dropping it takes it back.
pub struct Ticket<'q> {
    queue: &'q Queue,
    name: String,
    /// The lock on it tells that its writer lives.
    _held: File,
}

/// The right to append; dropping it gives it up.
pub struct Turn<'q> {
    queue: &'q Queue,
    _lock: File,
}

/// What a living writer waits for.
pub struct Waiting {
    pub name: String,
    pub content: Vec<u8>,
}

impl Queue {
    pub(super) fn new(root: &Utf8Path, disk: Arc<dyn Disk>) -> Self {
        Self {
            root: root.to_owned(),
            incoming: root.join("incoming"),
            disk,
            patience: None,
        }
    }

    /// Waits for the turn no longer than that.
    pub(super) fn set_patience(&mut self, patience: Duration) {
        self.patience = Some(patience);
    }

    /// Whether it may be given up to wait for the turn.
    pub(crate) fn is_hurried(&self) -> bool {
        self.patience.is_some()
    }

    /// Leaves something; `order` tells what comes first.
    pub(crate) fn leave(&self, order: &str, content: &[u8]) -> Result<Ticket<'_>, Error> {
        let name = format!("{order}-{}", random::hexadecimal::<8>()?);
        let path = self.incoming.join(format!("{name}{ENTRIES}"));
        // It is framed, so that a half-written one is never believed.
        let held = self.disk.write(&path, &framed(content), false).at("write", &path)?;
        Ok(Ticket {
            queue: self,
            name,
            _held: held,
        })
    }

    /// Waits for the turn.
    pub(crate) fn enter(&self) -> Result<Turn<'_>, Error> {
        let path = self.root.join("lock");
        let mut options = OpenOptions::new();
        let lock = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .at("open", &path)?;
        match self.patience {
            None => lock.lock().at("lock", &path)?,
            Some(patience) => lock_within(&lock, patience, &path)?,
        }
        Ok(Turn {
            queue: self,
            _lock: lock,
        })
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.incoming.join(name);
        Ok(self
            .disk
            .read(&path)
            .at("read", &path)?
            .and_then(|bytes| unframed(&bytes)))
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let path = self.incoming.join(name);
        self.disk.remove(&path).at("remove", &path)?;
        self.disk.write(&path, &framed(content), false).at("write", &path)?;
        Ok(())
    }

    fn remove(&self, name: &str) {
        // What cannot be removed now is removed by whoever has the turn next.
        self.disk.remove(&self.incoming.join(name)).ok();
    }
}

impl<'q> Ticket<'q> {
    /// Waits for the turn; gives the answer instead, if there is one by then.
    pub fn wait(&self) -> Result<Result<Vec<u8>, Turn<'q>>, Error> {
        let turn = self.queue.enter()?;
        Ok(self.answer()?.ok_or(turn))
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The answer, if there is one.
    pub fn answer(&self) -> Result<Option<Vec<u8>>, Error> {
        self.queue.read(&format!("{}{DONE}", self.name))
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.queue.remove(&format!("{}{ENTRIES}", self.name));
        self.queue.remove(&format!("{}{DONE}", self.name));
    }
}

impl Turn<'_> {
    /// What living writers wait for, in order. What the dead left is removed.
    pub fn waiting(&self) -> Result<Vec<Waiting>, Error> {
        let folder = &self.queue.incoming;
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).at("read", folder)? {
            names.extend(entry.at("read", folder)?.file_name().into_string());
        }
        names.sort_unstable();
        let mut waiting = Vec::new();
        for name in &names {
            let Some(ticket) = name.strip_suffix(ENTRIES) else {
                self.tidy(name, &names);
                continue;
            };
            if let Left::Dead(_held) = left(&folder.join(name)) {
                self.queue.remove(name);
                self.queue.remove(&format!("{ticket}{DONE}"));
            } else if !self.is_answered(ticket, &names)? {
                // One that is still being written is held, too, and is not whole yet.
                waiting.extend(self.queue.read(name)?.map(|content| Waiting {
                    name: ticket.to_owned(),
                    content,
                }));
            }
        }
        Ok(waiting)
    }

    /// Half an answer, of somebody who died while writing it, is none.
    fn is_answered(&self, ticket: &str, all: &[String]) -> Result<bool, Error> {
        let name = format!("{ticket}{DONE}");
        Ok(all.binary_search(&name).is_ok() && self.queue.read(&name)?.is_some())
    }

    /// Removes what somebody who died was about to write, and answers that nobody waits for.
    fn tidy(&self, name: &str, all: &[String]) {
        let orphan = name
            .strip_suffix(DONE)
            .is_some_and(|ticket| all.binary_search(&format!("{ticket}{ENTRIES}")).is_err());
        if orphan {
            self.queue.remove(name);
        }
        if name.ends_with(super::TEMPORARY)
            && let Left::Dead(_held) = left(&self.queue.incoming.join(name))
        {
            self.queue.remove(name);
        }
    }

    /// Answers a writer.
    pub fn answer(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        self.queue.write(&format!("{name}{DONE}"), content)
    }

    /// Notes which answers are due once the checkpoint is replaced.
    pub fn note_batch(&self, content: &[u8]) -> Result<(), Error> {
        self.queue.write(BATCH, content)
    }

    /// What was noted by whoever had the turn before and did not come to answering.
    pub fn noted_batch(&self) -> Result<Option<Vec<u8>>, Error> {
        self.queue.read(BATCH)
    }

    /// All answers were given.
    pub fn forget_batch(&self) {
        self.queue.remove(BATCH);
    }
}

/// Takes a lock that is free before so long.
fn lock_within(lock: &File, patience: Duration, path: &Utf8Path) -> Result<(), Error> {
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error).at("lock", path),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => {
                return Err(Error::Busy {
                    place: path.to_string(),
                    patience,
                });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
}

fn framed(content: &[u8]) -> Vec<u8> {
    [
        &(content.len() as u64).to_be_bytes()[..],
        &Sha256::digest(content),
        content,
    ]
    .concat()
}

fn unframed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let (digest, content) = rest.split_at_checked(32)?;
    let whole = u64::from_be_bytes(*length) == content.len() as u64 && Sha256::digest(content)[..] == *digest;
    whole.then(|| content.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Folder;
    use super::*;
    use crate::Storage;

    #[test]
    fn what_the_living_left_is_taken_once_and_what_the_dead_left_never() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(Utf8Path::from_path(place.path()).unwrap()).unwrap();
        let queue = folder.queue().unwrap();
        let second = queue.leave("2", b"two").unwrap();
        let first = queue.leave("1", b"one").unwrap();
        drop(queue.leave("0", b"taken back").unwrap());
        let incoming = place.path().join("incoming");
        fs::write(incoming.join("3-dead.entries"), framed(b"dead")).unwrap();
        fs::write(incoming.join("4-dead.tmp"), "half").unwrap();
        fs::write(incoming.join("5-dead.done"), "").unwrap();
        let turn = queue.enter().unwrap();
        let contents = |waiting: Vec<Waiting>| waiting.into_iter().map(|each| each.content).collect::<Vec<_>>();
        assert_eq!(contents(turn.waiting().unwrap()), [b"one", b"two"]);
        turn.answer(first.name(), b"done").unwrap();
        assert_eq!(contents(turn.waiting().unwrap()), [b"two"]);
        assert_eq!(first.answer().unwrap().unwrap(), b"done");
        assert!(second.answer().unwrap().is_none());
        drop((first, second));
        turn.waiting().unwrap();
        assert_eq!(fs::read_dir(incoming).unwrap().count(), 0);
    }

    #[test]
    fn what_is_being_left_is_not_taken_for_what_the_dead_left() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(Utf8Path::from_path(place.path()).unwrap()).unwrap();
        let queue = folder.queue().unwrap();
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        for _ in 0..400 {
                            let ticket = queue.leave("1", b"left").unwrap();
                            let turn = queue.enter().unwrap();
                            let waiting = turn.waiting().unwrap();
                            assert!(waiting.iter().any(|each| each.name == ticket.name()));
                        }
                    })
                })
                .collect();
            writers.into_iter().for_each(|writer| writer.join().unwrap());
        });
    }

    #[test]
    fn whoever_is_in_a_hurry_gives_up_and_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(place.path()).unwrap();
        let open = || Folder::open(folder).unwrap();
        let hurried = open().patient_for(Duration::ZERO);
        let queue = hurried.queue().unwrap();
        let other = open();
        let held = other.queue().unwrap().enter().unwrap();
        assert!(matches!(queue.enter(), Err(Error::Busy { .. })));
        drop(held);
        assert!(queue.enter().is_ok());
        assert_eq!(fs::read_dir(folder.join("incoming")).unwrap().count(), 0);
    }

    #[test]
    fn a_half_written_frame_is_none() {
        let whole = framed(b"content");
        assert_eq!(unframed(&whole).unwrap(), b"content");
        for length in 0..whole.len() {
            assert_eq!(unframed(&whole[..length]), None);
        }
    }
}
