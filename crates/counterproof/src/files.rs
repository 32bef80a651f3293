//! Files that belong to the user: written whole or not at all, and read without waiting for what is no file.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;

use camino::Utf8Path;

/// Writes the file whole or not at all, with the rights it has, behind a link where it is one.
///
/// # Errors
/// When it cannot be written, or is not meant to be.
pub fn write_whole(path: &Utf8Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let Ok(target) = fs::canonicalize(path) else {
        return fs::write(path, bytes);
    };
    let rights = fs::metadata(&target)?.permissions();
    if rights.readonly() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    let mut file = tempfile::NamedTempFile::new_in(target.parent().unwrap_or(folder.as_std_path()))?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(rights)?;
    file.persist(&target)?;
    Ok(())
}

/// What a plain file holds, up to so many bytes. What is none is not opened, or left at once: a pipe, a device or a socket may never end, or
/// wait for somebody.
///
/// # Errors
/// When there is no such file, it is no plain one, longer, or cannot be read.
pub fn read_plain(path: &Utf8Path, longest: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_plain(path)?.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(std::io::Error::new(
            ErrorKind::FileTooLarge,
            format!("it is longer than {longest} bytes"),
        ));
    }
    Ok(bytes)
}

/// As [`read_plain`], of a file that holds text.
///
/// # Errors
/// As [`read_plain`], and when it holds no text.
pub fn read_plain_text(path: &Utf8Path, longest: u64) -> std::io::Result<String> {
    String::from_utf8(read_plain(path, longest)?)
        .map_err(|_| std::io::Error::new(ErrorKind::InvalidData, "it is no text"))
}

/// A plain file, to read.
///
/// # Errors
/// When there is no such file, it is no plain one, or cannot be opened.
pub fn open_plain(path: &Utf8Path) -> std::io::Result<File> {
    plain(fs::metadata(path)?)?;
    // Whatever took its place since is not waited for either.
    let file = File::options().read(true).custom_flags(NO_WAIT).open(path)?;
    plain(file.metadata()?)?;
    Ok(file)
}

/// A plain file, to add to; it is made, for this user alone, where it is missing.
///
/// # Errors
/// When it is no plain one, or cannot be opened.
pub fn append_plain(path: &Utf8Path) -> std::io::Result<File> {
    let mut options = File::options();
    // A pipe that nobody reads refuses where it is not waited for.
    let file = options
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(NO_WAIT)
        .open(path)?;
    plain(file.metadata()?)?;
    Ok(file)
}

const NO_WAIT: i32 = nix::fcntl::OFlag::O_NONBLOCK.bits();

fn plain(data: fs::Metadata) -> std::io::Result<()> {
    if data.is_file() {
        return Ok(());
    }
    Err(std::io::Error::new(ErrorKind::InvalidInput, "it is no plain file"))
}
