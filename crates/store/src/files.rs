//! Small things done with files: locks, fixed times, removal that insists.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

/// The time of every file of a tree, in seconds since the epoch (2020-01-01): the same for all versions, so that no
/// program sees a difference, and a sign that nobody has written to the file since.
pub const FIXED_TIME: u64 = 1_577_836_800;

/// [`FIXED_TIME`] as files take it.
pub fn fixed_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(FIXED_TIME)
}

/// Opens a lock file, made where it is missing; on a read-only file system an existing one will do.
pub fn open_lock(path: &Utf8Path) -> io::Result<File> {
    match OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
    {
        Err(_) if path.exists() => File::open(path),
        other => other,
    }
}

/// Waits for a lock shared with others.
pub fn shared(path: &Utf8Path) -> io::Result<File> {
    let file = open_lock(path)?;
    file.lock_shared()?;
    Ok(file)
}

/// Takes a lock that nobody else holds, if nobody does.
pub fn try_alone(path: &Utf8Path) -> Option<File> {
    let file = open_lock(path).ok()?;
    file.try_lock().ok()?;
    Some(file)
}

/// Removes a folder and all in it, also where a program took away the right to look into it.
pub fn remove(folder: &Utf8Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) => {
            open_up(folder);
            fs::remove_dir_all(folder)
        }
        Ok(()) => Ok(()),
    }
}

fn open_up(folder: &Utf8Path) {
    // Contents first would come too late: a folder must be opened before the walk enters it.
    let mut waiting = vec![folder.as_std_path().to_owned()];
    while let Some(folder) = waiting.pop() {
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).ok();
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        waiting.extend(
            entries
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                .map(|entry| entry.path()),
        );
    }
}

/// Removes all inside a folder, as far as possible.
pub fn remove_inside(folder: &Utf8Path) {
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let removed = if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        // What cannot be removed now may be at the next start.
        removed.ok();
    }
}

/// Files below a folder (not links), with what is known about each.
pub fn below(folder: &Utf8Path) -> impl Iterator<Item = (Utf8PathBuf, fs::Metadata)> + use<> {
    WalkDir::new(folder).min_depth(1).into_iter().filter_map(|entry| {
        let entry = entry.ok()?;
        let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        Some((Utf8PathBuf::try_from(entry.into_path()).ok()?, metadata))
    })
}
