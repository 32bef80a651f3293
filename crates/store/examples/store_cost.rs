//! What the cache costs, on a version of 7,000 files: `cargo run --release -p counterproof-store --example store_cost`.

use std::io::Write;
use std::time::Instant;

use camino::Utf8PathBuf;
use counterproof_store::{Node, Store, TreeEntry};

const FILES: usize = 7_000;

fn contents(version: usize) -> Vec<(String, Vec<u8>)> {
    let each = |number: usize| {
        // One in a hundred files differs between the versions.
        let text = format!("# {number} {}\n", if number.is_multiple_of(100) { version } else { 0 });
        (
            format!("package{}/part{}/module{number}.py", number % 20, number % 140),
            text.repeat(300).into_bytes(),
        )
    };
    (0..FILES).map(each).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    let folder = tempfile::tempdir_in(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()))?;
    let root: Utf8PathBuf = folder.path().to_owned().try_into()?;
    let mut timed =
        |name: &str, from: Instant| writeln!(out, "{name:42} {:8.2} ms", from.elapsed().as_secs_f64() * 1e3);

    let from = Instant::now();
    let store = Store::open(&root)?;
    timed("open", from)?;
    for (name, version) in [
        ("place, nothing kept", 0),
        ("place, 99 % kept", 1),
        ("place, there already", 1),
    ] {
        let contents = contents(version);
        let blob = |content: &[u8]| blake3::hash(content).to_hex()[..40].to_owned();
        let entries: Vec<TreeEntry> = contents
            .iter()
            .map(|(path, content)| {
                let size = Some(content.len() as u64);
                TreeEntry {
                    path: path.into(),
                    node: Node::File {
                        blob: blob(content),
                        executable: false,
                        size,
                    },
                }
            })
            .collect();
        let by_name: std::collections::HashMap<String, &Vec<u8>> =
            contents.iter().map(|(_, content)| (blob(content), content)).collect();
        let from = Instant::now();
        let tree = store.place_tree(&format!("version {version}"), entries, |missing, sink| {
            missing.iter().try_for_each(|id| Ok(sink(id, by_name[id])?))
        })?;
        timed(name, from)?;
        if version == 1 {
            let from = Instant::now();
            store.place_folder(tree.path())?;
            timed("place from a folder", from)?;
        }
    }
    let from = Instant::now();
    let _tree = store.tree("version 1");
    timed("use one that is there", from)?;
    let from = Instant::now();
    for number in 0..1000 {
        store.put(&number.to_string(), &[0; 4096])?;
    }
    timed("put 1,000 answers of 4 KiB", from)?;
    let from = Instant::now();
    for number in 0..1000 {
        store.get(&number.to_string());
    }
    timed("get 1,000 answers of 4 KiB", from)?;
    let from = Instant::now();
    let _scratch = store.workspace()?;
    timed("a workspace", from)?;
    let from = Instant::now();
    store.sweep(1 << 40);
    timed("sweep with nothing to do", from)?;
    let from = Instant::now();
    store.sweep(1);
    timed("sweep that removes all but what is in use", from)?;
    let from = Instant::now();
    Store::open(&root)?;
    timed("open again", from)?;
    Ok(())
}
