//! The public set: what is read of it, and which pairs of releases are looked at.

use crate::bench::packages::{self, Pythons, Releases, Seeded};
use crate::shell::{self, Result};
use serde_json::Value;

/// Where the set lies: beside the repository, in the folder that all who work on it share.
const SET: &str = "../shared/bench/regressions.toml";

/// One documented regression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub id: String,
    /// The version before, and the one with the regression.
    pub releases: Releases,
    /// The public call, `module:qualname`.
    pub function: String,
    /// What changed and causes it, `path::qualname`.
    pub changed: Vec<String>,
    /// The kind of difference.
    pub kind: String,
    /// How many functions changed.
    pub size: u64,
    /// Statements that show it; printed for people, used for nothing.
    pub witness: String,
}

/// Two releases and all that is known of them: one check serves all its entries.
#[derive(Debug)]
pub struct Pair<'a> {
    /// At least one.
    pub entries: Vec<&'a Entry>,
}

/// Reads the set, but for entries whose name has not `only` in it.
pub fn read(pythons: &Pythons, only: Option<&str>) -> Result<Vec<Entry>> {
    let set = shell::root().join(SET);
    if !set.is_file() {
        return Err(format!(
            "the public set of regressions is not there: {SET}, seen from the repository"
        ));
    }
    let entries = packages::table(pythons, &set, "regression")?;
    let entries: Vec<Entry> = entries.iter().map(entry).collect();
    let wanted = |entry: &Entry| only.is_none_or(|word| entry.id.contains(word));
    Ok(entries.into_iter().filter(wanted).collect())
}

fn entry(value: &Value) -> Entry {
    let text = |name: &str| packages::text(value, name);
    Entry {
        id: text("id"),
        releases: Releases::read(value, "good", "bad"),
        function: text("function"),
        changed: packages::list(value, "changed"),
        kind: text("kind"),
        size: value["functions_changed"].as_u64().unwrap_or_default(),
        witness: text("witness"),
    }
}

/// Up to `limit` pairs: small changes first, in classes of twice the size, by chance within a class.
pub fn pairs(entries: &[Entry], limit: usize, seed: u64) -> Vec<Pair<'_>> {
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for entry in entries {
        match pairs.iter_mut().find(|pair| pair.entries[0].releases == entry.releases) {
            Some(pair) => pair.entries.push(entry),
            None => pairs.push(Pair { entries: vec![entry] }),
        }
    }
    Seeded(seed).shuffle(&mut pairs);
    pairs.sort_by_key(|pair| pair.entries[0].size.max(1).ilog2());
    pairs.truncate(limit);
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_check_serves_all_entries_of_a_pair_and_small_ones_come_first() {
        let of = |id: &str, package: &str, size| Entry {
            id: id.into(),
            releases: Releases {
                package: package.into(),
                ..Releases::default()
            },
            size,
            ..Entry::default()
        };
        let entries = [of("a", "big", 400), of("b", "small", 1), of("c", "big", 400)];
        let pairs = pairs(&entries, 9, 5);
        let ids: Vec<Vec<&str>> = pairs
            .iter()
            .map(|pair| pair.entries.iter().map(|entry| entry.id.as_str()).collect())
            .collect();
        assert_eq!(ids, [vec!["b"], vec!["a", "c"]]);
    }
}
