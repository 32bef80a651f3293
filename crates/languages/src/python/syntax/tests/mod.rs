//! Fingerprints, outlines and the index, on small sources.

mod fingerprints;
mod layout;
mod names;
mod outlines;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Index, Outline};
use crate::python::project::{Parsed, Project};

fn parsed(source: &str) -> Parsed {
    Parsed::new("cart.py", "cart", source.as_bytes().to_vec()).unwrap_or_else(|error| panic!("{error}\n{source}"))
}

fn outline(source: &str) -> Outline {
    Outline::of(&parsed(source))
}

fn index(files: &[(&str, &str)]) -> Index {
    let contents: BTreeMap<String, String> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let paths: Vec<String> = contents.keys().cloned().collect();
    Index::new(Arc::new(Project::new(paths, move |path| {
        Ok(contents[path].clone().into_bytes())
    })))
}
