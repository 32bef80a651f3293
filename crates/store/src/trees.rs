//! Versions laid out on disk.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, symlink};

use camino::{Utf8Path, Utf8PathBuf};

use crate::blobs::{Blob, Blobs};
use crate::error::At;
use crate::evidence::write_whole;
use crate::files::{self, fixed_time};
use crate::manifest::{self, Manifest};
use crate::{Error, FetchError, Store, paths, seal, usage};

/// Takes the contents that a version lacks: the name of each, and its bytes.
pub type Sink<'a> = dyn FnMut(&str, &[u8]) -> Result<(), Error> + 'a;

/// A file of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Where it lies, seen from the root of the version.
    pub path: Utf8PathBuf,
    /// What it is.
    pub node: Node,
}

/// What a file of a version is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A file.
    File {
        /// Name of its contents: lower-case letters and digits, always the same contents under the same name.
        blob: String,
        /// Whether it may be executed.
        executable: bool,
        /// Its size in bytes, where that is known: a kept content of another size is not used.
        size: Option<u64>,
    },
    /// A symbolic link.
    Link {
        /// Where it points, as it is written.
        target: String,
    },
}

impl TreeEntry {
    /// A file that may not be executed.
    pub fn file(path: impl Into<Utf8PathBuf>, blob: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            node: Node::File {
                blob: blob.into(),
                executable: false,
                size: None,
            },
        }
    }
}

/// A version on disk: complete, and not swept away while this lives.
#[derive(Debug)]
pub struct Tree {
    path: Utf8PathBuf,
    _in_use: File,
}

impl Tree {
    /// Its folder. All versions' folders have paths of the same length.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }
}

/// Where the parts of one tree lie.
struct Place {
    tree: Utf8PathBuf,
    list: Utf8PathBuf,
    in_use: Utf8PathBuf,
    making: Utf8PathBuf,
    name: String,
}

impl Place {
    fn new(trees: &Utf8Path, id: &str) -> Self {
        let name = blake3::hash(id.as_bytes()).to_hex()[..32].to_owned();
        let beside = |ending: &str| trees.join(format!("{name}.{ending}"));
        Self {
            tree: trees.join(&name),
            list: beside("list"),
            in_use: beside("use"),
            making: beside("make"),
            name,
        }
    }

    /// The tree, if it is complete and untouched.
    fn tree(&self) -> Option<Tree> {
        let tree = self.hold().ok()?;
        let list = seal::open(&self.name, fs::read(&self.list).ok()?)?;
        manifest::holds(&self.tree, &list).then_some(tree)
    }

    /// Keeps what is there, or will be in a moment, from being swept away.
    fn hold(&self) -> std::io::Result<Tree> {
        let in_use = files::shared(&self.in_use)?;
        // The time of the file says when the tree was last of use; on a read-only root nothing asks for it.
        in_use.write_all_at(b".", 0).ok();
        Ok(Tree {
            path: self.tree.clone(),
            _in_use: in_use,
        })
    }
}

impl Store {
    /// The version `id`, if it is here, complete and untouched.
    pub fn tree(&self, id: &str) -> Option<Tree> {
        let _shared = files::shared(&self.lock()).ok()?;
        Place::new(&self.folder("trees"), id).tree()
    }

    /// Lays out the version `id`, which is always the same `entries` under the same id. Where it is not here yet,
    /// `fetch` is asked once for the contents that are not, and gives each to the sink.
    ///
    /// # Errors
    /// When an entry's name is not safe, contents do not come, or the disk refuses.
    pub fn place_tree(
        &self,
        id: &str,
        entries: impl IntoIterator<Item = TreeEntry>,
        fetch: impl FnOnce(&[String], &mut Sink<'_>) -> Result<(), FetchError>,
    ) -> Result<Tree, Error> {
        // Held all the while, so that no sweep takes a content between two steps.
        let _shared = files::shared(&self.lock()).at("lock", &self.lock())?;
        let place = Place::new(&self.folder("trees"), id);
        if let Some(tree) = place.tree() {
            return Ok(tree);
        }
        // One process makes it, others wait: a version in use is never replaced by its twin.
        let making = files::open_lock(&place.making).at("open", &place.making)?;
        making.lock().at("lock", &place.making)?;
        if let Some(tree) = place.tree() {
            return Ok(tree);
        }
        let entries: Vec<TreeEntry> = entries.into_iter().collect();
        entries.iter().try_for_each(|entry| paths::check(&entry.path))?;
        let tree = place.hold().at("lock", &place.in_use)?;
        let kept = self.keep(&entries, fetch)?;
        let copied = self.lay_out(&place, &entries, &kept.sizes)?;
        usage::add(self.root(), kept.written + copied);
        Ok(tree)
    }

    /// Sees to it that all contents are kept.
    fn keep(
        &self,
        entries: &[TreeEntry],
        fetch: impl FnOnce(&[String], &mut Sink<'_>) -> Result<(), FetchError>,
    ) -> Result<Kept, Error> {
        let blobs = Blobs::new(self.root());
        let mut kept = Kept::default();
        // One content may be wanted both ways, executable and not.
        let mut missing: BTreeMap<String, BTreeSet<Blob>> = BTreeMap::new();
        for (blob, size) in entries.iter().filter_map(blob_of) {
            match blobs.size(&blob, size)? {
                Some(size) => drop(kept.sizes.insert(blob.id, size)),
                None => drop(missing.entry(blob.id.clone()).or_default().insert(blob)),
            }
        }
        if missing.is_empty() {
            return Ok(kept);
        }
        let ids: Vec<String> = missing.keys().cloned().collect();
        let mut sink = |id: &str, content: &[u8]| {
            for blob in missing.remove(id).unwrap_or_default() {
                blobs.put(&blob, content)?;
                kept.written += content.len() as u64;
            }
            kept.sizes.insert(id.to_owned(), content.len() as u64);
            Ok(())
        };
        fetch(&ids, &mut sink).map_err(|error| match error.downcast::<Error>() {
            // Ours, on its way through the source: the disk, not the source.
            Ok(own) => *own,
            Err(other) => Error::Fetch(other),
        })?;
        match missing.keys().next() {
            None => Ok(kept),
            Some(first) => Err(Error::Missing {
                missing: missing.len(),
                first: first.clone(),
            }),
        }
    }

    /// Makes the folder and puts it in its place, whole.
    fn lay_out(&self, place: &Place, entries: &[TreeEntry], sizes: &HashMap<String, u64>) -> Result<u64, Error> {
        let incoming = self.folder("incoming");
        let fresh = tempfile::tempdir_in(&incoming).at("write to", &incoming)?;
        let fresh_path = Utf8Path::from_path(fresh.path()).unwrap_or(&incoming);
        // A folder inside, since temporary ones are closed to others and their rights come along with a rename.
        let inside = fresh_path.join("tree");
        fs::create_dir(&inside).at("make", &inside)?;
        let (manifest, copied) = self.fill(&inside, entries, sizes)?;
        write_whole(&incoming, &place.list, &seal::seal(&place.name, manifest.bytes()))?;
        if fs::rename(&inside, &place.tree).is_err() {
            // What is there was touched, or is not complete.
            fs::rename(&place.tree, fresh_path.join("old")).at("move away", &place.tree)?;
            fs::rename(&inside, &place.tree).at("put in place", &place.tree)?;
        }
        Ok(copied)
    }

    /// Folders first, then files, links last: so nothing is ever written through a link.
    fn fill(
        &self,
        tree: &Utf8Path,
        entries: &[TreeEntry],
        sizes: &HashMap<String, u64>,
    ) -> Result<(Manifest, u64), Error> {
        let blobs = Blobs::new(self.root());
        let folders: BTreeSet<&Utf8Path> = entries
            .iter()
            .flat_map(|entry| entry.path.ancestors().skip(1))
            .collect();
        for folder in folders.iter().filter(|folder| !folder.as_str().is_empty()) {
            let folder = tree.join(folder);
            fs::create_dir(&folder).at("make", &folder)?;
        }
        let mut manifest = Manifest::default();
        let mut copied = 0;
        for entry in entries {
            if let Some((blob, _)) = blob_of(entry) {
                copied += blobs.place(&blob, &tree.join(&entry.path))?;
                manifest.file(&entry.path, sizes.get(&blob.id).copied().unwrap_or_default());
            }
        }
        for entry in entries {
            if let Node::Link { target } = &entry.node {
                let link = tree.join(&entry.path);
                symlink(target, &link).at("link", &link)?;
                manifest.link(&entry.path, target);
            }
        }
        for folder in std::iter::once(Utf8Path::new("")).chain(folders.iter().copied()) {
            let path = tree.join(folder);
            File::open(&path)
                .and_then(|open| open.set_modified(fixed_time()))
                .at("set the time of", &path)?;
            manifest.folder(folder);
        }
        Ok((manifest, copied))
    }
}

/// Contents that are there.
#[derive(Default)]
struct Kept {
    sizes: HashMap<String, u64>,
    /// Bytes that were not there before.
    written: u64,
}

fn blob_of(entry: &TreeEntry) -> Option<(Blob, Option<u64>)> {
    match &entry.node {
        Node::File { blob, executable, size } => Some((
            Blob {
                id: blob.clone(),
                executable: *executable,
            },
            *size,
        )),
        Node::Link { .. } => None,
    }
}
