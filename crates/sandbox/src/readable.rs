//! What a dynamically linked interpreter reads of the system.

use camino::{Utf8Path, Utf8PathBuf};

/// Folders and files outside the interpreter's own prefixes: libraries, the loader's cache, time zones, devices, and
/// what libraries ask about the machine. Nothing here is personal.
const SYSTEM: &[&str] = &[
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/share/zoneinfo",
    "/usr/share/locale",
    "/usr/share/locale-langpack",
    "/usr/share/i18n",
    "/usr/share/mime",
    "/usr/share/terminfo",
    "/usr/share/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/locale.conf",
    "/etc/locale.alias",
    "/etc/mime.types",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/python3",
    "/etc/os-release",
    "/dev/full",
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/kernel/cap_last_cap",
    "/proc/sys/kernel/random/boot_id",
    "/proc/sys/vm/overcommit_memory",
    "/proc/version",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/kernel/mm/transparent_hugepage",
    // Nix and Homebrew keep each program's libraries in a folder of its own.
    "/nix/store",
    "/gnu/store",
    "/home/linuxbrew/.linuxbrew/lib",
    "/home/linuxbrew/.linuxbrew/Cellar",
    "/System/Library",
    "/opt/homebrew/Cellar",
    "/opt/homebrew/lib",
    "/opt/homebrew/opt",
];

/// What an interpreter with these prefixes (`sys.prefix`, `sys.base_prefix`, folders of packages) needs to read: the
/// prefixes and the system's libraries, links resolved, existing ones only, none twice.
///
/// A prefix that is a home folder, or holds one, is left out: it would open what must stay closed. So is `/usr`, whose
/// parts are listed one by one.
pub fn interpreter_readable(prefixes: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
    let mut found: Vec<Utf8PathBuf> = Vec::new();
    let wanted = SYSTEM
        .iter()
        .map(Utf8Path::new)
        .chain(prefixes.iter().map(Utf8PathBuf::as_path));
    for path in wanted {
        let Ok(path) = path.canonicalize_utf8() else { continue };
        if !too_wide(&path) && !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// Those of the folders that may be opened without opening what must stay closed; links resolved, existing ones only.
pub fn not_too_wide(folders: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
    let real = folders.iter().filter_map(|path| path.canonicalize_utf8().ok());
    real.filter(|path| !too_wide(path)).collect()
}

/// Whether a folder holds far more than an interpreter.
fn too_wide(path: &Utf8Path) -> bool {
    const WIDE: &[&str] = &[
        "/",
        "/usr",
        "/usr/local",
        "/home",
        "/root",
        "/Users",
        "/etc",
        "/var",
        "/opt",
        "/mnt",
        "/srv",
        "/tmp",
    ];
    let home = path
        .parent()
        .is_some_and(|parent| ["/home", "/Users"].contains(&parent.as_str()));
    home || WIDE.contains(&path.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_along_but_no_home() {
        let folder = tempfile::tempdir().unwrap();
        let prefix = Utf8Path::from_path(folder.path()).unwrap().canonicalize_utf8().unwrap();
        let found = interpreter_readable(&[
            prefix.clone(),
            "/root".into(),
            "/home".into(),
            "/usr".into(),
            "/".into(),
        ]);
        assert!(found.contains(&prefix));
        assert!(found.iter().all(|path| path.exists() && !too_wide(path)), "{found:?}");
    }

    #[test]
    fn nothing_twice() {
        let found = interpreter_readable(&["/usr/lib".into()]);
        let mut sorted = found.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), found.len());
    }
}
