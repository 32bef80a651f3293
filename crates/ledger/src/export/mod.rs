//! A copy of a ledger that can be handed out: all that is needed to check it offline, and a listing to read.

mod listing;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};

use camino::Utf8Path;
use jiff::Timestamp;
use model::Record;

use crate::checkpoint::Checkpoint;
use crate::draft::decode;
use crate::error::At;
use crate::layout::{WIDTH, add_entry, blob_path, bundle_path, entries, tile_bytes, tile_path, width};
use crate::storage::CHECKPOINT;
use crate::tip::{read_bundle, read_tile};
use crate::{Error, Ledger};

/// In which form the listing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `records.json`: an array, one entry a line.
    Json,
    /// `records.csv`, as RFC 4180 says. A text that a spreadsheet would take for a formula has `'` in front.
    Csv,
    /// `eu-ai-act.json`: what articles 12, 19 and 26(6) of Regulation (EU) 2024/1689 ask logs to have.
    EuAiAct,
}

/// What a payload says, as far as whoever exports can read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// When the use began that the entry ends.
    pub started: Option<Timestamp>,
    /// What was judged.
    pub judged: Option<String>,
    /// What came of it.
    pub verdict: Option<String>,
    /// The natural persons who verified it.
    pub persons: Vec<String>,
    /// What else is to be listed: names and texts.
    pub more: Vec<(String, String)>,
}

/// Reads payloads, which are opaque to the ledger. It is not asked for entries whose payload is gone.
pub type PayloadReader<'a> = dyn Fn(&Record, &[u8]) -> Reading + 'a;

/// An entry with all that is known of it.
struct Row<'r> {
    index: u64,
    record: &'r Record,
    /// `none`, `present` or `deleted`.
    payload: &'static str,
    reading: Reading,
}

impl Ledger {
    /// Copies the ledger as it is now into a new folder, with a listing, the keys that check it and a README that says
    /// how. Gives the checkpoint that the copy has. Payloads that were deleted are missing there, too.
    ///
    /// # Errors
    /// When the folder exists and is not empty or cannot be written, or the ledger cannot be read.
    pub fn export(&self, folder: &Utf8Path, format: Format, reader: &PayloadReader<'_>) -> Result<Checkpoint, Error> {
        fs::create_dir_all(folder).at("make", folder)?;
        if folder.read_dir().at("read", folder)?.next().is_some() {
            let place = folder.to_string();
            return Err(Error::Exists { place });
        }
        let checkpoint = self.checkpoint()?;
        let size = checkpoint.size();
        self.copy_tiles(folder, size)?;
        let path = folder.join(listing::file(format));
        let mut output = BufWriter::new(File::create(&path).at("write", &path)?);
        listing::begin(&mut output, format, &checkpoint).at("write", &path)?;
        for bundle in 0..size.div_ceil(WIDTH) {
            let bytes = self.copy_bundle(folder, size, bundle)?;
            for (index, entry) in (bundle * WIDTH..).zip(entries(&bytes).0) {
                let record = decode(index, entry)?;
                let row = self.row(folder, index, &record, reader)?;
                listing::row(&mut output, format, &row).at("write", &path)?;
            }
        }
        let ended = listing::end(&mut output, format).and_then(|()| output.flush());
        ended.at("write", &path)?;
        let keys: String = self.keys().iter().map(|key| format!("{key}\n")).collect();
        put(folder, "keys.txt", keys.as_bytes())?;
        put(folder, "README.md", self.readme(&checkpoint, format).as_bytes())?;
        if let Some(hints) = self.storage().read("log.json")? {
            put(folder, "log.json", &hints.content)?;
        }
        // Last: a copy that was not finished is no ledger.
        put(folder, CHECKPOINT, checkpoint.as_bytes())?;
        Ok(checkpoint)
    }

    fn copy_tiles(&self, folder: &Utf8Path, size: u64) -> Result<(), Error> {
        let levels = (0..8).take_while(|level| size >> (8 * level) > 0);
        for level in levels {
            for index in 0..(size >> (8 * level)).div_ceil(WIDTH) {
                let hashes = read_tile(self.storage(), size, level, index)?;
                put(
                    folder,
                    &tile_path(level, index, hashes.len() as u64),
                    &tile_bytes(&hashes),
                )?;
            }
        }
        Ok(())
    }

    fn copy_bundle(&self, folder: &Utf8Path, size: u64, index: u64) -> Result<Vec<u8>, Error> {
        let (width, bytes) = (width(size, 0, index), read_bundle(self.storage(), size, index)?);
        // It may have grown since the checkpoint was read.
        let mut copied = Vec::with_capacity(bytes.len());
        for entry in entries(&bytes).0.into_iter().take(usize::try_from(width).unwrap_or(0)) {
            add_entry(&mut copied, entry)?;
        }
        put(folder, &bundle_path(index, width), &copied)?;
        Ok(copied)
    }

    fn row<'r>(
        &self,
        folder: &Utf8Path,
        index: u64,
        record: &'r Record,
        reader: &PayloadReader<'_>,
    ) -> Result<Row<'r>, Error> {
        let path = record.payload.as_ref().and_then(|payload| blob_path(&payload.digest));
        let bytes = self.payload_of(index, record)?;
        if let (Some(path), Some(_)) = (&path, &bytes)
            && let Some(object) = self.storage().read(path)?
        {
            put(folder, path, &object.content)?;
        }
        let payload = match (&path, &bytes) {
            (None, _) => "none",
            (Some(_), None) => "deleted",
            (Some(_), Some(_)) => "present",
        };
        let reading = bytes.map(|bytes| reader(record, &bytes)).unwrap_or_default();
        Ok(Row {
            index,
            record,
            payload,
            reading,
        })
    }

    fn readme(&self, checkpoint: &Checkpoint, format: Format) -> String {
        let (origin, size, time) = (self.origin(), checkpoint.size(), checkpoint.time());
        let listing = listing::file(format);
        format!(
            "# A copy of the ledger {origin}\n\n\
             {size} entries, the newest of {time}; root {}.\n\n\
             * `{listing}` lists them. It is made from the entries and is itself not signed.\n\
             * `tile/entries/` holds the entries, `tile/0/` and so on their hashes, `checkpoint` the signed root: the layout is\n\
             \x20 <https://c2sp.org/tlog-tiles>.\n\
             * `blobs/` holds what entries have beside them. What was deleted is missing; an entry says so.\n\
             * `keys.txt` holds the public keys. Compare them with what you know from elsewhere: whoever changed the copy could\n\
             \x20 have changed this file as well.\n\n\
             To check all of it, without a network:\n\n\
             \x20   counterproof ledger verify .\n\n\
             A checkpoint that you kept from an earlier time shows whether the history before it was written anew.\n",
            checkpoint.root()
        )
    }
}

fn put(folder: &Utf8Path, path: &str, content: &[u8]) -> Result<(), Error> {
    let target = folder.join(path);
    let above = target.parent().unwrap_or(folder);
    let write = || -> io::Result<()> {
        fs::create_dir_all(above)?;
        fs::write(&target, content)
    };
    write().at("write", &target)
}
