//! What a path is: a system's, a home's, something that is made again, or work.

use crate::walk::{On, UNKNOWN, Walker};

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// It cannot be told.
    Unknown,
    /// The root of the file system, or all that is in it.
    Root,
    /// What the system needs.
    System,
    /// A disk.
    Device,
    /// `/dev/null` and its like.
    Sink,
    /// The whole home, or somebody else's.
    Home,
    /// Keys, credentials, and what a shell runs when it starts.
    Secret,
    /// A cache below the home.
    Cache,
    /// Below a folder for temporary files.
    Temporary,
    /// All temporary files of everybody.
    AllTemporary,
    /// The whole working tree, or a folder above it.
    WholeTree,
    /// Git's own folder.
    GitFolder,
    /// What a tool makes again: build results, installed packages.
    Artefact,
    /// A file or folder of the working tree.
    Inside,
    /// A database file, or a file of secrets, which git does not hold.
    Data,
    /// Anywhere else.
    Outside,
}

/// Folders that tools make.
const MADE: [&str; 46] = [
    "node_modules",
    "bower_components",
    "target",
    "dist",
    "build",
    "out",
    "_build",
    "coverage",
    "htmlcov",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".nox",
    ".venv",
    "venv",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".turbo",
    ".parcel-cache",
    ".cache",
    ".gradle",
    "bin",
    "obj",
    "tmp",
    "temp",
    ".tmp",
    "logs",
    "log",
    ".eggs",
    "site",
    "public/build",
    ".nyc_output",
    ".terraform",
    ".serverless",
    ".dart_tool",
    "Pods",
    "DerivedData",
    ".idea",
    ".angular",
    ".vite",
    ".output",
    "storybook-static",
    "test-results",
];
/// Endings of files that tools make.
const MADE_ENDINGS: [&str; 23] = [
    ".pyc",
    ".pyo",
    ".o",
    ".obj",
    ".class",
    ".log",
    ".tmp",
    ".bak",
    ".orig",
    ".rej",
    ".swp",
    ".swo",
    "~",
    ".coverage",
    ".tsbuildinfo",
    ".DS_Store",
    ".egg-info",
    ".gcda",
    ".gcno",
    ".profraw",
    ".pid",
    ".map",
    ".out",
];
/// Folders of the system.
const SYSTEM: [&str; 14] = [
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "proc", "root", "sbin", "sys", "usr", "var", "run",
];

/// Classes a path: as it was written, and where its folder really lies; the graver of both counts.
pub fn kind(walker: &Walker<'_>, text: &str) -> PathKind {
    let spelled = spelled(walker, text);
    if walker.on != On::Here || text.contains(UNKNOWN) {
        return spelled;
    }
    let real = walker.path(text).and_then(|path| {
        let (folder, name) = path.rsplit_once('/')?;
        let real = walker.place.files.real(if folder.is_empty() { "/" } else { folder })?;
        (real != folder && !folder.is_empty()).then(|| format!("{}/{name}", real.trim_end_matches('/')))
    });
    match real {
        Some(real) => {
            let top = |path: &str| walker.place.files.real(path).unwrap_or_else(|| path.to_owned());
            let repository = walker.place.repository.as_deref().map(top);
            let other = of_path(&real, &real, repository.as_deref(), &top(&walker.place.home));
            if rank(other) > rank(spelled) { other } else { spelled }
        }
        None => spelled,
    }
}

/// How grave it is when something of a kind goes.
fn rank(kind: PathKind) -> u8 {
    match kind {
        PathKind::Sink => 0,
        PathKind::Artefact | PathKind::Temporary | PathKind::Cache => 1,
        PathKind::Inside => 2,
        PathKind::Data | PathKind::Unknown | PathKind::Outside => 3,
        PathKind::AllTemporary => 4,
        PathKind::WholeTree | PathKind::GitFolder => 5,
        PathKind::Secret | PathKind::Home | PathKind::System | PathKind::Device => 6,
        PathKind::Root => 7,
    }
}

fn spelled(walker: &Walker<'_>, text: &str) -> PathKind {
    if text.contains(UNKNOWN) {
        return unknown(text);
    }
    let Some(path) = walker.path(text) else {
        return if is_made(text) {
            PathKind::Artefact
        } else {
            PathKind::Unknown
        };
    };
    if walker.on != On::Here {
        return elsewhere(&path, text);
    }
    of_path(&path, text, walker.place.repository.as_deref(), &walker.place.home)
}

/// Classes an absolute path of this machine, which was written as `text`.
fn of_path(path: &str, text: &str, repository: Option<&str>, home: &str) -> PathKind {
    let trimmed = path.trim_end_matches("/*").trim_end_matches("/.*");
    let trimmed = if trimmed.is_empty() { "/" } else { trimmed };
    if trimmed == "/" {
        return PathKind::Root;
    }
    if let Some(kind) = device(trimmed) {
        return kind;
    }
    // A home may be a repository, too.
    let secret = below(trimmed, home).filter(|inner| is_secret_in_home(inner));
    if let Some(inner) = secret {
        let folder = format!("{home}/{}", inner.split('/').next().unwrap_or_default());
        let works_there = repository.is_some_and(|top| below(top, &folder).is_some());
        if !works_there {
            return PathKind::Secret;
        }
    }
    if let Some(top) = repository
        && let Some(inner) = below(trimmed, top)
    {
        return inside(inner);
    }
    if let Some(top) = repository
        && below(top, trimmed).is_some()
        && !is_temporary(trimmed)
    {
        // A folder above the working tree.
        return if trimmed == home {
            PathKind::Home
        } else {
            above(trimmed)
        };
    }
    if let Some(inner) = below(trimmed, home) {
        return in_home(inner);
    }
    match system(trimmed) {
        // What lies beside a working tree is somebody's, be it below `/tmp`.
        PathKind::Temporary if text.starts_with("..") => PathKind::Outside,
        kind => kind,
    }
}

/// Something of which a part cannot be told.
fn unknown(text: &str) -> PathKind {
    let temporary = ["/tmp/", "/var/tmp/"]
        .iter()
        .any(|start| text.starts_with(start) && !text.contains("..") && text.len() > start.len());
    if temporary {
        return PathKind::Temporary;
    }
    let system = SYSTEM.iter().any(|name| {
        text.strip_prefix('/')
            .is_some_and(|rest| rest.starts_with(&format!("{name}/")))
    });
    if system && !text.starts_with("/var/") {
        return PathKind::System;
    }
    PathKind::Unknown
}

/// What `path` is called below `top`; empty for `top` itself.
fn below<'p>(path: &'p str, top: &str) -> Option<&'p str> {
    if top == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(top)?;
    if rest.is_empty() {
        Some("")
    } else {
        rest.strip_prefix('/')
    }
}

fn device(path: &str) -> Option<PathKind> {
    let name = path.strip_prefix("/dev/")?;
    let first = name.split('/').next().unwrap_or(name);
    let is_sink = matches!(
        first,
        "null"
            | "stdout"
            | "stderr"
            | "stdin"
            | "tty"
            | "fd"
            | "zero"
            | "random"
            | "urandom"
            | "full"
            | "shm"
            | "pts"
            | "tcp"
            | "udp"
    );
    Some(if is_sink { PathKind::Sink } else { PathKind::Device })
}

fn is_temporary(path: &str) -> bool {
    ["/tmp", "/var/tmp", "/private/tmp", "/dev/shm"]
        .iter()
        .any(|top| below(path, top).is_some())
}

fn inside(inner: &str) -> PathKind {
    if inner.is_empty() {
        return PathKind::WholeTree;
    }
    let mut parts = inner.split('/');
    let first = parts.next().unwrap_or(inner);
    if first == ".git" {
        return PathKind::GitFolder;
    }
    // `*` at the top is all that is there.
    if matches!(inner, "*" | ".*" | "**" | "{*,.*}") {
        return PathKind::WholeTree;
    }
    if is_made(inner) {
        return PathKind::Artefact;
    }
    let name = inner.rsplit('/').next().unwrap_or(inner);
    if is_data(name) {
        PathKind::Data
    } else {
        PathKind::Inside
    }
}

/// Whether git seldom holds such a file, and it is lost for good.
pub fn is_data(name: &str) -> bool {
    let lower = name.to_lowercase();
    let is_database = [".sqlite", ".sqlite3", ".db", ".mdb", ".rdb", ".dump"]
        .iter()
        .any(|end| lower.ends_with(end));
    let is_secret = lower == ".env"
        || lower.starts_with(".env.")
            && !["example", "sample", "template", "dist"]
                .iter()
                .any(|word| lower.ends_with(word))
        || lower.ends_with(".pem")
        || lower.ends_with(".key")
        || lower.ends_with(".tfstate");
    (is_database && !lower.contains("test") && !lower.contains("tmp")) || is_secret
}

/// Whether a tool makes it again.
pub fn is_made(path: &str) -> bool {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    let in_made = path
        .split('/')
        .any(|part| MADE.contains(&part) || part.ends_with(".egg-info") || part.starts_with("cmake-build-"));
    in_made || MADE_ENDINGS.iter().any(|end| name.ends_with(end))
}

fn in_home(inner: &str) -> PathKind {
    if inner.is_empty() || matches!(inner, "*" | ".*") {
        return PathKind::Home;
    }
    if is_secret_in_home(inner) {
        return PathKind::Secret;
    }
    let caches = [
        ".cache/",
        ".npm/",
        ".cargo/registry",
        ".gradle/caches",
        ".m2/repository",
        "Library/Caches",
        ".pnpm-store",
        ".yarn/cache",
        ".local/share/Trash",
    ];
    if caches.iter().any(|cache| inner.starts_with(cache)) || inner == ".cache" {
        return PathKind::Cache;
    }
    let top = inner.split('/').next().unwrap_or(inner);
    let whole = matches!(
        top,
        "Documents" | "Desktop" | "Pictures" | "Library" | ".config" | ".local"
    ) && !inner.contains('/');
    if whole { PathKind::Home } else { PathKind::Outside }
}

/// Keys and credentials, and what a shell runs when it starts.
pub fn is_secret_in_home(inner: &str) -> bool {
    let top = inner.split('/').next().unwrap_or(inner);
    matches!(
        top,
        ".ssh"
            | ".gnupg"
            | ".aws"
            | ".azure"
            | ".kube"
            | ".docker"
            | ".netrc"
            | ".pgpass"
            | ".password-store"
            | ".bashrc"
            | ".zshrc"
            | ".profile"
            | ".bash_profile"
            | ".zprofile"
            | ".zshenv"
            | ".gitconfig"
            | ".git-credentials"
            | ".npmrc"
            | ".pypirc"
            | ".claude"
            | ".codex"
            | ".cursor"
            | ".gemini"
            | ".kiro"
            | ".copilot"
    ) || inner.starts_with(".config/gcloud")
        || inner.starts_with(".config/gh")
        || inner.starts_with(".config/counterproof")
        || inner.starts_with(".local/state/counterproof")
        || inner.starts_with(".cargo/credentials")
}

fn above(path: &str) -> PathKind {
    match path.matches('/').count() {
        1 => PathKind::System,
        _ => PathKind::WholeTree,
    }
}

fn system(path: &str) -> PathKind {
    let mut parts = path.trim_start_matches('/').split('/');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    if is_temporary(path) {
        let inner = path
            .trim_start_matches("/private")
            .trim_start_matches("/var")
            .trim_start_matches("/dev/shm")
            .trim_start_matches("/tmp");
        let inner = inner.trim_matches('/');
        return if inner.is_empty() || inner == "*" {
            PathKind::AllTemporary
        } else {
            PathKind::Temporary
        };
    }
    if first == "home" || first == "Users" {
        return match second {
            None => PathKind::Home,
            Some(_) if path.matches('/').count() <= 2 => PathKind::Home,
            Some(_) => {
                let inner: Vec<&str> = path.trim_start_matches('/').splitn(3, '/').collect();
                if inner.get(2).is_some_and(|inner| is_secret_in_home(inner)) {
                    PathKind::Secret
                } else {
                    PathKind::Outside
                }
            }
        };
    }
    if first == "var" && matches!(second, Some("log" | "www" | "cache" | "spool"))
        || first == "usr" && second == Some("local") && path.matches('/').count() > 2
    {
        return PathKind::Outside;
    }
    if SYSTEM.contains(&first) || matches!(first, "System" | "Library" | "Applications" | "Windows" | "C:") {
        return PathKind::System;
    }
    if second.is_none() {
        // A folder at the very top: /opt, /srv, /data.
        return PathKind::System;
    }
    PathKind::Outside
}

/// On another machine, or in a container: what is temporary there is so everywhere.
fn elsewhere(path: &str, text: &str) -> PathKind {
    if path == "/" || path == "/*" {
        return PathKind::Root;
    }
    if is_temporary(path) {
        return PathKind::Temporary;
    }
    if is_made(text) && !path.starts_with("/usr") && !path.starts_with("/bin") {
        return PathKind::Artefact;
    }
    match system(path.trim_end_matches("/*")) {
        PathKind::System if path.starts_with('/') && text.starts_with('/') => PathKind::System,
        _ => PathKind::Outside,
    }
}
