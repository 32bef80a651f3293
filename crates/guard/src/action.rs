//! An action with all that its judgement rests on, and the digest of that: whoever lets it run lets exactly this run, and no other.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::surroundings::{Files, Surroundings};
use crate::{Edit, Event, Judgement};

/// Version of [`Action`]; it is part of what is digested.
pub const FORMAT: &str = "counterproof.action/1";

/// What an agent is about to do, where, and what was told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// [`FORMAT`].
    pub format: String,
    /// The line for a shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Files that are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// Statements of SQL that go to a server, and by which tool.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<(String, String)>,
    /// The folder.
    pub folder: String,
    /// What the judgement knows of the place: the context of `kubectl`, the workspace of Terraform, the branch and its commit, and digests of
    /// variables, whose values may be secret.
    pub place: BTreeMap<String, String>,
    /// Files that were read to judge it, and those that it may work on, with the SHA-256 of each, in hex; `none` where there was none, and
    /// something that fits nothing where a file could not be read whole.
    pub files: BTreeMap<String, String>,
    /// What was said.
    pub judgement: Judgement,
}

impl Action {
    /// An action, by what an agent says and what was said to that.
    pub fn of(event: &Event, place: &Surroundings<'_>, files: BTreeMap<String, String>, judgement: Judgement) -> Self {
        let mut known = BTreeMap::new();
        let told = [
            ("branch", &place.branch),
            ("kubectl", &place.kube_context),
            ("terraform", &place.terraform_workspace),
        ];
        for (name, value) in told {
            if let Some(value) = value {
                known.insert(name.to_owned(), value.clone());
            }
        }
        for (name, value) in &place.variables {
            known.insert(format!("${name}"), sha256(value.as_bytes()));
        }
        Self {
            format: FORMAT.to_owned(),
            command: event.command.clone(),
            edits: event.edits.clone(),
            queries: event.queries.clone(),
            folder: place.folder.clone(),
            place: known,
            files,
            judgement,
        }
    }

    /// SHA-256 of all of it, in hex.
    pub fn digest(&self) -> String {
        // Maps are sorted, and fields stand in the order of the structure: one action has one text.
        sha256(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// What it does, in a line: the command, or the files.
    pub fn words(&self) -> String {
        match (&self.command, self.queries.first()) {
            (Some(command), _) => command.clone(),
            (None, Some((query, tool))) => format!("{tool}: {query}"),
            (None, None) => {
                let paths: Vec<&str> = self.edits.iter().map(|edit| edit.path.as_str()).collect();
                format!("a write to {}", paths.join(", "))
            }
        }
    }
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Into memory: it cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// As [`sha256`], of all that can be read, however much that is.
///
/// # Errors
/// When it cannot be read to its end.
pub fn sha256_of(mut from: impl std::io::Read) -> std::io::Result<String> {
    let mut digest = Sha256::new();
    let mut part = vec![0; 64 << 10];
    loop {
        match from.read(&mut part) {
            Ok(0) => break,
            Ok(length) => digest.update(&part[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hexadecimal(&digest.finalize()))
}

/// What stands in the place of a digest where [`Files`] gave no text: there is no file, or it is longer, or no text.
pub const NONE: &str = "none";

/// Files that remember what was read of them.
pub struct Remembering<'a> {
    files: &'a dyn Files,
    read: RefCell<BTreeMap<String, String>>,
}

impl<'a> Remembering<'a> {
    /// Reads by way of these.
    pub fn new(files: &'a dyn Files) -> Self {
        Self {
            files,
            read: RefCell::default(),
        }
    }

    /// What was read, with the digest of each.
    pub fn read_so_far(&self) -> BTreeMap<String, String> {
        self.read.borrow().clone()
    }
}

impl Files for Remembering<'_> {
    fn read(&self, path: &str) -> Option<String> {
        let text = self.files.read(path);
        let digest = text
            .as_ref()
            .map_or_else(|| NONE.to_owned(), |text| sha256(text.as_bytes()));
        self.read.borrow_mut().insert(path.to_owned(), digest);
        text
    }

    fn exists(&self, path: &str) -> bool {
        self.files.exists(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoFiles;

    struct One(&'static str);

    impl Files for One {
        fn read(&self, path: &str) -> Option<String> {
            path.ends_with("go.sh").then(|| self.0.to_owned())
        }
    }

    fn action(command: &str, script: &'static str, context: &str) -> Action {
        let files = One(script);
        let remembering = Remembering::new(&files);
        let place = Surroundings {
            kube_context: Some(context.to_owned()),
            ..Surroundings::bare("/code", &remembering)
        };
        let event = Event {
            command: Some(command.to_owned()),
            ..Event::default()
        };
        let judgement = event.judge(&place);
        let without = Surroundings {
            kube_context: Some(context.to_owned()),
            ..Surroundings::bare("/code", &NoFiles)
        };
        Action::of(&event, &without, remembering.read_so_far(), judgement)
    }

    #[test]
    fn an_action_is_another_where_anything_is_another() {
        let one = action("sh go.sh", "kubectl delete ns a", "prod");
        assert_eq!(one.digest(), action("sh go.sh", "kubectl delete ns a", "prod").digest());
        for other in [
            action("sh ./go.sh", "kubectl delete ns a", "prod"),
            action("sh go.sh", "kubectl delete ns b", "prod"),
            // What it says is the same, and what it does need not be.
            action("sh go.sh", "kubectl delete ns a # x", "prod"),
            action("sh go.sh", "kubectl delete ns a", "staging"),
        ] {
            assert_ne!(one.digest(), other.digest(), "{other:?}");
        }
        assert_eq!(
            sha256_of(&b"x".repeat(200_000)[..]).unwrap(),
            sha256(&b"x".repeat(200_000))
        );
        let text = serde_json::to_string(&one).unwrap();
        let back: Action = serde_json::from_str(&text).unwrap();
        assert_eq!((back.digest(), back.words()), (one.digest(), "sh go.sh".to_owned()));
    }
}
