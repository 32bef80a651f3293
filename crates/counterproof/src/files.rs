//! Writing of files that belong to the user.

use std::fs;
use std::io::{ErrorKind, Write};

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
