//! Where the ledger is, and who signs it.

use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use ledger::{Bucket, Checkpoint, Folder, Ledger, Storage, VerifyingKey};

use super::keys;
use crate::config;
use crate::error::CliError;
use crate::files::read_plain_text;
use crate::gating::policy;
use crate::settings;

/// Where it is when nothing else is said.
const DEFAULT: &str = ".counterproof/ledger";

/// The main worktree of the repository that has a worktree at `root`: linked ones share its ledger. `root` itself where there is none.
///
/// Source: <https://git-scm.com/docs/gitrepository-layout> (`gitdir`, `commondir`).
fn main_worktree(root: &Utf8Path) -> Utf8PathBuf {
    let common = || -> Option<Utf8PathBuf> {
        let link = read_plain_text(&root.join(".git"), 64 << 10).ok()?;
        let own = root.join(link.strip_prefix("gitdir:")?.trim());
        let common = read_plain_text(&own.join("commondir"), 64 << 10).ok()?;
        let common = own.join(common.trim()).canonicalize_utf8().ok()?;
        // That of a bare repository lies in no worktree.
        (common.file_name() == Some(".git")).then(|| common.parent().map(Utf8Path::to_owned))?
    };
    common().unwrap_or_else(|| root.to_owned())
}

/// Where a ledger is, and whose signatures count in it.
#[derive(Clone, Debug)]
pub struct Place {
    at: At,
    origin: Option<String>,
    /// The first key of the ledger, as the configuration has it.
    key: Option<VerifyingKey>,
    /// Witnesses that are trusted.
    pub witnesses: Vec<VerifyingKey>,
    /// How many of them have to have signed.
    pub quorum: usize,
    /// Last part of the repository's path, for the name of a new ledger.
    name: String,
    /// How long others who append are waited for; without end where nothing is said.
    patience: Option<Duration>,
}

#[derive(Clone, Debug)]
enum At {
    Folder(Utf8PathBuf),
    Bucket(String),
}

impl Place {
    /// What the configuration says of the repository at `root`.
    ///
    /// # Errors
    /// When a key in it is none.
    pub fn of(config: &config::Ledger, root: &Utf8Path) -> Result<Self, CliError> {
        let at = config.at.as_deref().unwrap_or(DEFAULT);
        let key = |text: &String| {
            text.parse::<VerifyingKey>()
                .map_err(|error| CliError::Usage(format!("{}, [ledger]: {error}", config::NAME)))
        };
        Ok(Self {
            at: if at.starts_with("http://") || at.starts_with("https://") {
                At::Bucket(at.to_owned())
            } else {
                At::Folder(main_worktree(root).join(at))
            },
            origin: config.origin.clone(),
            key: config.key.as_ref().map(key).transpose()?,
            witnesses: config.witnesses.iter().map(key).collect::<Result<_, _>>()?,
            quorum: usize::try_from(config.quorum).unwrap_or(usize::MAX),
            name: root.file_name().unwrap_or("repository").to_owned(),
            patience: None,
        })
    }

    /// What the default branch of the repository at `root` says: a change that is checked out must not choose who is trusted. Without
    /// such a branch, what the working tree says.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn of_repository(root: &Utf8Path) -> Result<(Self, config::Ledger), CliError> {
        let config = match change::branch(root.as_std_path(), None) {
            Ok((branch, side)) => {
                let judging = policy::of(&side, &branch.name)?;
                if let Some(why) = judging.broken {
                    return Err(CliError::Usage(why));
                }
                judging.config.ledger
            }
            Err(_) => config::read(root)?.ledger,
        };
        Ok((Self::of(&config, root)?, config))
    }

    /// A copy in a folder, as `ledger export` makes it, with the keys that lie in it.
    ///
    /// # Errors
    /// When these are none.
    pub fn copy(folder: &Utf8Path) -> Result<Self, CliError> {
        let keys = std::fs::read_to_string(folder.join("keys.txt")).unwrap_or_default();
        let all: Vec<VerifyingKey> = keys.lines().map(str::parse).collect::<Result<_, _>>()?;
        let first = all.first().cloned();
        let object = Folder::open_to_read(folder).read("checkpoint")?;
        let origin = object.and_then(|object| Checkpoint::parse(&object.content).ok());
        let own = origin
            .map(|newest| keys::of_ledger(newest.origin()))
            .transpose()?
            .flatten();
        // A stranger may call their ledger as ours is called.
        if let Some(own) = own.filter(|own| !all.contains(&own.verifying())) {
            return Err(CliError::NotRunnable(format!(
                "the ledger in {folder} is called as one of this machine's is, and not signed by its key {}",
                own.verifying().id()
            )));
        }
        Ok(Self {
            at: At::Folder(folder.to_owned()),
            origin: None,
            key: first,
            witnesses: Vec::new(),
            quorum: 0,
            name: String::new(),
            patience: None,
        })
    }

    /// Waits no longer than that for others who append at the moment.
    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Whether it is reached over the network.
    pub fn is_far(&self) -> bool {
        matches!(self.at, At::Bucket(_))
    }

    /// Where, in words.
    pub fn words(&self) -> String {
        match &self.at {
            At::Folder(folder) => folder.to_string(),
            At::Bucket(url) => url.clone(),
        }
    }

    /// To read from; nothing is made.
    ///
    /// # Errors
    /// When the address is none.
    pub fn storage(&self) -> Result<Arc<dyn Storage>, CliError> {
        Ok(match &self.at {
            At::Folder(folder) => Arc::new(Folder::open_to_read(folder)),
            At::Bucket(url) => Arc::new(Bucket::new(url, settings::ledger_token().as_deref())),
        })
    }

    fn storage_to_append(&self) -> Result<Arc<dyn Storage>, CliError> {
        Ok(match &self.at {
            At::Folder(folder) => {
                let folder = Folder::open(folder)?;
                Arc::new(match self.patience {
                    Some(patience) => folder.patient_for(patience),
                    None => folder,
                })
            }
            At::Bucket(url) => Arc::new(Bucket::new(url, settings::ledger_token().as_deref())),
        })
    }

    /// The newest checkpoint, whoever signed it; none where there is no ledger.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn unchecked(&self) -> Result<Option<Checkpoint>, CliError> {
        let object = self.storage()?.read("checkpoint")?;
        Ok(object.map(|object| Checkpoint::parse(&object.content)).transpose()?)
    }

    /// Origin and trusted keys, for a ledger with this checkpoint.
    ///
    /// # Errors
    /// When no key is known: a ledger of strangers proves nothing.
    pub fn trust(&self, newest: &Checkpoint) -> Result<(String, Vec<VerifyingKey>), CliError> {
        let origin = self.origin.clone().unwrap_or_else(|| newest.origin().to_owned());
        if let Some(key) = &self.key {
            return Ok((origin, vec![key.clone()]));
        }
        match keys::of_ledger(&origin)? {
            Some(key) => Ok((origin, vec![key.verifying()])),
            None => Err(CliError::Usage(format!(
                "the ledger in {} is signed by a key that nothing here vouches for: put the line that `counterproof ledger init` \
                 printed into {}, as `[ledger] key`",
                self.words(),
                config::NAME
            ))),
        }
    }

    /// The ledger, to read; none where there is none.
    ///
    /// # Errors
    /// When it is damaged, or nobody who is trusted signed it.
    pub fn open(&self) -> Result<Option<Ledger>, CliError> {
        let Some(newest) = self.unchecked()? else {
            return Ok(None);
        };
        let (origin, keys) = self.trust(&newest)?;
        Ok(Some(Ledger::open(self.storage()?, &origin, &keys)?))
    }

    /// The ledger, to append to; it is begun where there is none. With it, whether that was so.
    ///
    /// # Errors
    /// When this machine has not got its key, or it cannot be begun.
    pub fn open_to_append(&self, now: Timestamp) -> Result<(Ledger, bool), CliError> {
        let Some(newest) = self.unchecked()? else {
            return self.begin(now).map(|ledger| (ledger, true));
        };
        let (origin, trusted) = self.trust(&newest)?;
        let signer = keys::of_ledger(&origin)?.ok_or_else(|| {
            CliError::Usage(format!(
                "this machine has not got the key of the ledger {origin}: COUNTERPROOF_LEDGER_KEY names a file with it"
            ))
        })?;
        let ledger = Ledger::open(self.storage_to_append()?, &origin, &trusted)?.with_signer(signer);
        Ok((ledger, false))
    }

    /// Begins a ledger.
    ///
    /// # Errors
    /// When there is one, or it cannot be begun.
    pub fn begin(&self, now: Timestamp) -> Result<Ledger, CliError> {
        if self.unchecked()?.is_some() {
            return Err(CliError::Usage(format!(
                "there is a ledger in {} already",
                self.words()
            )));
        }
        let origin = match &self.origin {
            Some(origin) => origin.clone(),
            None => self.new_origin()?,
        };
        let signer = match keys::of_ledger(&origin)? {
            Some(key) => key,
            None => keys::new_for_ledger(&origin)?,
        };
        if let Some(key) = self.key.as_ref().filter(|key| **key != signer.verifying()) {
            return Err(CliError::Usage(format!(
                "{} names the key {} for the ledger, and this machine has {}: COUNTERPROOF_LEDGER_KEY names a file with the right one",
                config::NAME,
                key.id(),
                signer.verifying().id()
            )));
        }
        Ok(Ledger::create(self.storage_to_append()?, &origin, signer, now)?)
    }

    /// No two ledgers have the same name: a checkpoint of one must not be taken for one of the other.
    fn new_origin(&self) -> Result<String, CliError> {
        let by_chance = ledger::SigningKey::generate("name", ledger::KeyKind::Log)?;
        let id = by_chance.verifying().id();
        let digits = id.rsplit('+').next().unwrap_or_default().to_owned();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name: String = self.name.chars().map(|c| if fits(c) { c } else { '-' }).collect();
        Ok(format!("local/{name}-{digits}"))
    }
}
