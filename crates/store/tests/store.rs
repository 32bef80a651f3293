//! The cache as its users see it.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use camino::{Utf8Path, Utf8PathBuf};
use counterproof_store::{Error, Node, Store, Tree, TreeEntry};
use proptest::prelude::*;

struct Root(tempfile::TempDir);

impl Root {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.0.path()).unwrap()
    }

    fn store(&self) -> Store {
        Store::open(&self.path().join("cache")).unwrap()
    }

    /// Bytes below the cache, each content once.
    fn bytes(&self) -> u64 {
        files(&self.path().join("cache/v1/blobs"))
            .iter()
            .map(|path| path.metadata().unwrap().len())
            .sum()
    }
}

fn files(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => found.extend(files(entry.path())),
            _ => found.push(entry.into_path()),
        }
    }
    found.sort();
    found
}

/// A name for contents, as git would give one.
fn name(content: &[u8]) -> String {
    blake3::hash(content).to_hex()[..40].to_owned()
}

fn entry(path: &str, content: &[u8], executable: bool) -> TreeEntry {
    let size = Some(content.len() as u64);
    TreeEntry {
        path: path.into(),
        node: Node::File {
            blob: name(content),
            executable,
            size,
        },
    }
}

/// Places files whose contents are all fetched where they are missing; gives how many were.
fn place(store: &Store, id: &str, contents: &[(&str, &[u8])]) -> Result<(Tree, usize), Error> {
    let mut fetched = 0;
    let entries: Vec<_> = contents
        .iter()
        .map(|(path, content)| entry(path, content, false))
        .collect();
    let tree = store.place_tree(id, entries, |missing, sink| {
        for (_, content) in contents {
            if missing.contains(&name(content)) {
                fetched += 1;
                sink(&name(content), content)?;
            }
        }
        Ok(())
    })?;
    Ok((tree, fetched))
}

#[test]
fn a_version_is_laid_out_once_and_shares_contents() {
    let root = Root::new();
    let store = root.store();
    let (old, fetched) = place(&store, "old", &[("a/b/c.py", b"one"), ("d.py", b"two")]).unwrap();
    assert_eq!(fetched, 2);
    let (new, fetched) = place(&store, "new", &[("a/b/c.py", b"one"), ("d.py", b"three")]).unwrap();
    assert_eq!(fetched, 1);
    let (again, fetched) = place(&store, "old", &[("a/b/c.py", b"one"), ("d.py", b"two")]).unwrap();
    assert_eq!((again.path(), fetched), (old.path(), 0));
    assert_eq!(old.path().as_str().len(), new.path().as_str().len());
    assert_eq!(fs::read(new.path().join("d.py")).unwrap(), b"three");
    let inode = |tree: &Tree| fs::metadata(tree.path().join("a/b/c.py")).unwrap().ino();
    assert_eq!(inode(&old), inode(&new));
    let metadata = fs::metadata(new.path().join("d.py")).unwrap();
    assert_eq!((metadata.mtime(), metadata.mode() & 0o222), (1_577_836_800, 0));
    assert_eq!(store.tree("new").unwrap().path(), new.path());
    assert!(store.tree("other").is_none());
    assert_eq!(files(&root.path().join("cache/v1/incoming")), [""; 0]);
}

#[test]
fn links_and_rights_come_along() {
    let root = Root::new();
    let store = root.store();
    let link = TreeEntry {
        path: "l".into(),
        node: Node::Link { target: "run".into() },
    };
    let entries = [link, entry("run", b"#!", true), entry("text", b"#!", false)];
    let tree = store
        .place_tree("id", entries, |missing, sink| Ok(sink(&missing[0], b"#!")?))
        .unwrap();
    let mode = |path: &str| fs::metadata(tree.path().join(path)).unwrap().mode() & 0o777;
    assert_eq!((mode("run"), mode("text")), (0o555, 0o444));
    assert_eq!(fs::read_link(tree.path().join("l")).unwrap().to_str(), Some("run"));
}

#[test]
fn nothing_is_written_outside_of_the_version() {
    let root = Root::new();
    let store = root.store();
    for path in ["../x", "/x", "a/../../x", ".git/hooks/post-checkout", "a/.Git/config"] {
        assert!(
            matches!(place(&store, path, &[(path, b"bad")]), Err(Error::UnsafePath { .. })),
            "{path}"
        );
    }
    let outside = root.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let link = TreeEntry {
        path: "a".into(),
        node: Node::Link {
            target: outside.to_string(),
        },
    };
    let entries = [link, entry("a/b", b"bad", false)];
    assert!(
        store
            .place_tree("id", entries, |missing, sink| Ok(sink(&missing[0], b"bad")?))
            .is_err()
    );
    assert_eq!(files(&outside), [""; 0]);
    let entries = [TreeEntry::file("a", "../../../../../outside/x")];
    assert!(matches!(
        store.place_tree("id", entries, |_, _| Ok(())),
        Err(Error::UnsafeBlob { .. })
    ));
}

#[test]
fn what_does_not_come_is_an_error_and_leaves_nothing() {
    let root = Root::new();
    let store = root.store();
    let entries = || [entry("a", b"one", false), entry("b", b"two", false)];
    let error = store
        .place_tree("id", entries(), |_, sink| Ok(sink(&name(b"one"), b"one")?))
        .unwrap_err();
    assert!(matches!(error, Error::Missing { missing: 1, .. }), "{error}");
    let error = store
        .place_tree("id", entries(), |_, _| Err("git is gone".into()))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to fetch the contents of a version: git is gone"
    );
    assert!(store.tree("id").is_none());
    assert_eq!(files(&root.path().join("cache/v1/incoming")), [""; 0]);
}

#[test]
fn a_touched_version_is_made_anew() {
    let contents: &[(&str, &[u8])] = &[("a/x.py", b"one"), ("y.py", b"two")];
    let touch: [fn(&Utf8Path); 5] = [
        |tree| {
            fs::set_permissions(tree.join("y.py"), Permissions::from_mode(0o644)).unwrap();
            fs::write(tree.join("y.py"), "zwo").unwrap();
        },
        |tree| fs::remove_file(tree.join("a/x.py")).unwrap(),
        |tree| fs::write(tree.join("a/new.py"), "").unwrap(),
        |tree| fs::remove_dir_all(tree).unwrap(),
        |tree| {
            let list = tree.with_extension("list");
            let length = list.metadata().unwrap().len();
            OpenOptions::new()
                .write(true)
                .open(list)
                .unwrap()
                .set_len(length - 1)
                .unwrap();
        },
    ];
    for (number, touch) in touch.iter().enumerate() {
        let root = Root::new();
        let store = root.store();
        let (tree, _) = place(&store, "id", contents).unwrap();
        touch(tree.path());
        assert!(store.tree("id").is_none(), "{number}");
        let (tree, _) = place(&store, "id", contents).unwrap();
        for (path, content) in contents {
            assert_eq!(&fs::read(tree.path().join(path)).unwrap(), content, "{number}");
        }
        assert_eq!(files(tree.path()).len(), 2);
    }
}

#[test]
fn a_content_of_another_size_is_not_used() {
    let root = Root::new();
    let store = root.store();
    drop(place(&store, "one", &[("a", b"content")]).unwrap());
    // As after a power cut: the name is there, what it names is not.
    let blob = files(&root.path().join("cache/v1/blobs")).remove(0);
    let time = blob.metadata().unwrap().modified().unwrap();
    let file = OpenOptions::new().write(true).open(&blob).unwrap();
    file.set_len(0).unwrap();
    file.set_modified(time).unwrap();
    let (tree, fetched) = place(&store, "two", &[("a", b"content")]).unwrap();
    assert_eq!(fetched, 1);
    assert_eq!(fs::read(tree.path().join("a")).unwrap(), b"content");
}

#[test]
fn a_folder_is_taken_without_what_tools_make() {
    let root = Root::new();
    let folder = root.path().join("project");
    for path in [
        "pkg/__init__.py",
        "pkg/__pycache__/x.pyc",
        ".git/HEAD",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "big.bin",
        "run.sh",
    ] {
        fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), path).unwrap();
    }
    File::create(folder.join("big.bin"))
        .unwrap()
        .set_len((20 << 20) + 1)
        .unwrap();
    fs::set_permissions(folder.join("run.sh"), Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("run.sh", folder.join("link")).unwrap();
    nix_fifo(&folder.join("pipe"));
    let store = root.store();
    let placed = store.place_folder(&folder).unwrap();
    let relative: Vec<_> = files(placed.tree.path())
        .into_iter()
        .map(|path| path.strip_prefix(placed.tree.path()).unwrap().to_string())
        .collect();
    assert_eq!(relative, ["link", "pkg/__init__.py", "run.sh"]);
    let unexpected: Vec<_> = placed
        .left_out
        .iter()
        .filter(|out| !out.expected)
        .map(|out| format!("{}: {}", out.path, out.reason))
        .collect();
    assert_eq!(
        unexpected,
        [
            "big.bin: it is larger than 20 MiB",
            "pipe: it is neither file, folder nor link"
        ]
    );
    let again = store.place_folder(&folder).unwrap();
    assert_eq!((again.id, again.tree.path()), (placed.id.clone(), placed.tree.path()));
    fs::write(folder.join("pkg/__init__.py"), "changed").unwrap();
    assert_ne!(store.place_folder(&folder).unwrap().id, placed.id);
    assert!(matches!(
        store.place_folder(&folder.join("nowhere")),
        Err(Error::Folder { .. })
    ));
    assert!(matches!(
        store.place_folder(&folder.join("run.sh")),
        Err(Error::Folder { .. })
    ));
}

fn nix_fifo(path: &Utf8Path) {
    assert!(
        std::process::Command::new("mkfifo")
            .arg(path)
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn evidence_comes_back_or_is_discarded() {
    let root = Root::new();
    let store = root.store();
    assert_eq!(store.get("key"), None);
    store.put("key", b"first").unwrap();
    store.put("key", b"second").unwrap();
    store.put("empty", b"").unwrap();
    assert_eq!(store.get("key").as_deref(), Some(&b"second"[..]));
    assert_eq!(store.get("empty").as_deref(), Some(&b""[..]));
    assert_eq!(root.store().get("key").as_deref(), Some(&b"second"[..]));
    for damage in [
        |content: &mut Vec<u8>| content.truncate(20),
        |content: &mut Vec<u8>| content[50] ^= 1,
        |content: &mut Vec<u8>| content[12] += 1,
    ] {
        store.put("key", b"some evidence").unwrap();
        let path = files(&root.path().join("cache/v1/evidence"))
            .into_iter()
            .find(|path| fs::read(path).unwrap().ends_with(b"some evidence"))
            .unwrap();
        let mut content = fs::read(&path).unwrap();
        damage(&mut content);
        fs::write(&path, content).unwrap();
        assert_eq!(store.get("key"), None);
        assert!(!path.exists());
    }
}

#[test]
fn an_entry_in_the_place_of_another_is_discarded() {
    let root = Root::new();
    let store = root.store();
    store.put("pass", b"pass").unwrap();
    let pass = files(&root.path().join("cache/v1/evidence")).remove(0);
    store.put("fail", b"fail").unwrap();
    let fail = files(&root.path().join("cache/v1/evidence"))
        .into_iter()
        .find(|path| *path != pass)
        .unwrap();
    fs::copy(pass, fail).unwrap();
    assert_eq!(store.get("fail"), None);
}

#[test]
fn a_root_that_cannot_be_written_is_an_error_and_no_panic() {
    let root = Root::new();
    fs::write(root.path().join("file"), "").unwrap();
    let error = Store::open(&root.path().join("file/cache")).unwrap_err();
    assert!(error.to_string().starts_with("failed to make "), "{error}");
    let store = root.store();
    fs::remove_dir_all(root.path().join("cache/v1/evidence")).unwrap();
    fs::remove_dir_all(root.path().join("cache/v1/incoming")).unwrap();
    fs::write(root.path().join("cache/v1/evidence"), "").unwrap();
    assert!(store.put("key", b"x").is_err());
    assert_eq!(store.get("key"), None);
    assert!(place(&store, "id", &[("a", b"x")]).is_err());
}

#[test]
fn a_full_disk_is_an_error_that_says_so() {
    let root = Root::new();
    let mount = root.path().join("small");
    fs::create_dir(&mount).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "none", mount.as_str()])
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        // Only root may mount.
        return;
    }
    let store = Store::open(&mount).unwrap();
    let large = vec![7; 2 << 20];
    let errors = [
        store.put("key", &large).unwrap_err(),
        place(&store, "id", &[("a", &large)]).unwrap_err(),
    ];
    let missing = (store.get("key"), store.tree("id").map(|tree| tree.path().to_owned()));
    store.put("small", b"fits").unwrap();
    let small = store.get("small");
    std::process::Command::new("umount").arg(&mount).status().unwrap();
    assert!(errors.iter().all(Error::is_disk_full), "{errors:?}");
    assert_eq!(missing, (None, None));
    assert_eq!(small.as_deref(), Some(&b"fits"[..]));
}

#[test]
fn scratch_is_gone_with_its_owner() {
    let root = Root::new();
    let store = root.store();
    let workspace = store.workspace().unwrap();
    assert_eq!(workspace.base().as_str().len(), workspace.head().as_str().len());
    assert!(workspace.base().is_dir() && workspace.head().is_dir());
    let one = store.scratch("abc").unwrap();
    let path = one.path().to_owned();
    fs::create_dir(path.join("closed")).unwrap();
    fs::write(path.join("closed/x"), "").unwrap();
    fs::set_permissions(path.join("closed"), Permissions::from_mode(0o000)).unwrap();
    // Another process starts: what is in use stays.
    let _other = root.store();
    assert!(path.is_dir() && workspace.base().is_dir());
    drop((one, workspace));
    assert_eq!(fs::read_dir(root.path().join("cache/v1/scratch")).unwrap().count(), 0);
}

#[test]
fn leftovers_of_killed_processes_are_swept_at_the_next_start() {
    let root = Root::new();
    drop(root.store());
    let scratch = root.path().join("cache/v1/scratch");
    fs::create_dir_all(scratch.join("run-0123456789/base")).unwrap();
    fs::write(scratch.join("run-0123456789.lock"), "").unwrap();
    fs::create_dir(root.path().join("cache/v1/incoming/half")).unwrap();
    fs::write(root.path().join("cache/v1/incoming/half/x"), "").unwrap();
    let _store = root.store();
    assert_eq!(fs::read_dir(scratch).unwrap().count(), 0);
    assert_eq!(fs::read_dir(root.path().join("cache/v1/incoming")).unwrap().count(), 0);
}

#[test]
fn a_sweep_removes_what_was_not_used_for_longest() {
    let root = Root::new();
    let store = root.store();
    let contents: Vec<Vec<u8>> = (0..10_u8).map(|number| vec![number; 10_000]).collect();
    for (number, content) in contents.iter().enumerate() {
        drop(
            place(
                &store,
                &format!("tree{number}"),
                &[("a", content), ("shared", b"shared")],
            )
            .unwrap(),
        );
    }
    let held = store.tree("tree0").unwrap();
    drop(store.tree("tree1").unwrap());
    assert_eq!(store.sweep(1 << 20).freed, 0);
    let swept = store.sweep(50_000);
    assert!(!swept.busy && swept.freed >= 50_000, "{swept:?}");
    assert!(root.bytes() <= 40_010, "{}", root.bytes());
    assert!(held.path().join("a").exists());
    assert!(store.tree("tree1").is_some() && store.tree("tree9").is_some());
    assert!(store.tree("tree2").is_none() && store.tree("tree3").is_none());
    assert_eq!(store.sweep(50_000).freed, 0);
    store.put("old", &[0; 10_000]).unwrap();
    assert!(store.sweep(1).freed > 0);
    assert_eq!(store.get("old"), None);
    assert!(held.path().join("a").exists(), "in use");
}

#[test]
fn two_at_once_do_not_get_into_each_others_way() {
    let root = Root::new();
    drop(root.store());
    let contents: Vec<(String, Vec<u8>)> = (0..40)
        .map(|number| (format!("p/{number}.py"), format!("content {}", number % 7).into_bytes()))
        .collect();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (contents, root) = (&contents, &root);
            scope.spawn(move || {
                for round in 0..15 {
                    // Opened anew each time, as by another process: locks belong to open files.
                    let store = root.store();
                    let id = format!("id{}", round % 3);
                    let borrowed: Vec<(&str, &[u8])> = contents
                        .iter()
                        .map(|(path, content)| (path.as_str(), content.as_slice()))
                        .collect();
                    let (tree, _) = place(&store, &id, &borrowed).unwrap();
                    for (path, content) in contents {
                        assert_eq!(&fs::read(tree.path().join(path)).unwrap(), content);
                    }
                    store.put(&id, &[worker; 1000]).unwrap();
                    assert!(store.get(&id).is_none_or(|found| found.len() == 1000));
                    store.sweep(if worker == 0 { 1 } else { 1 << 30 });
                    let scratch = store.scratch("x").unwrap();
                    File::create(scratch.path().join("f")).unwrap().write_all(b"x").unwrap();
                }
            });
        }
    });
    assert_eq!(fs::read_dir(root.path().join("cache/v1/scratch")).unwrap().count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_version_holds_exactly_its_files(
        contents in prop::collection::btree_map("[a-c]{1,2}(/[d-f]{1,2}){0,2}/x", prop::collection::vec(any::<u8>(), 0..20), 1..12)
    ) {
        let root = Root::new();
        let store = root.store();
        let borrowed: Vec<(&str, &[u8])> = contents.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
        let (tree, _) = place(&store, "id", &borrowed).unwrap();
        let found = files(tree.path());
        prop_assert_eq!(found.len(), contents.len());
        for (path, content) in &contents {
            prop_assert_eq!(&fs::read(tree.path().join(path)).unwrap(), content);
        }
        prop_assert!(store.tree("id").is_some());
        let placed = store.place_folder(tree.path()).unwrap();
        let copy = files(placed.tree.path());
        prop_assert_eq!(copy.len(), found.len());
    }
}
