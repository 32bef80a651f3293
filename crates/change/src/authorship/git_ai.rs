//! Notes of git-ai, `authorship/3.0.0`: which lines of a commit which session or person wrote.
//!
//! The format is the Git AI Standard v3.0.0 (`specs/git_ai_standard_v3.0.0.md` of git-ai-project/git-ai): paths at the start of a
//! line, indented entries of a key and ranges of lines below each, a line `---`, and JSON that tells what the keys mean. Where
//! `git rebase` puts commits together, `notes.rewriteRef` writes their notes one after the other: a note may hold several logs.
//!
//! Anybody may write a note. The parser takes any bytes, and what is wrong is named with its line, and the rest still read.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::expected::Expected;

/// Bytes of a note that are read at most; notes of git-ai before 1.3.4 held whole conversations.
pub(super) const LONGEST: usize = 4 << 20;
/// Entries of a note that are read at most, all files together.
const ENTRIES: usize = 50_000;
/// Ranges of a note that are read at most, all entries together.
const RANGES: usize = 200_000;
/// The one version of the format, up to its minor parts.
const VERSION: &str = "authorship/3.";

/// One log of a note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Log {
    /// The commit that the line numbers belong to.
    pub base: Option<String>,
    /// Entries by path, in the order of the note.
    pub files: BTreeMap<String, Vec<Entry>>,
    agents: HashMap<String, Agent>,
    people: HashMap<String, String>,
}

/// Lines of a file with one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Line of the note, counted from 1.
    pub at: usize,
    /// What the key says.
    pub key: Key,
    /// First and last lines, counted from 1, the last included.
    pub ranges: Vec<(u32, u32)>,
}

/// A key of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A session of an agent, without the trace within it; also that of the bare keys that git-ai wrote before 1.4.
    Session(String),
    /// A known person.
    Human(String),
}

/// The agent of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Agent {
    /// `claude`, `cursor`, …
    pub tool: Option<String>,
    /// As the tool names it.
    pub model: Option<String>,
    /// Who drove it.
    pub operator: Option<String>,
}

/// What a note says, as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// Its logs; the last one wins.
    pub logs: Vec<Log>,
    /// What cannot be read, as `line 3: expected …`.
    pub problems: Vec<String>,
}

impl Log {
    /// The agent of a session; none where the note has no record of it.
    pub fn agent(&self, session: &str) -> Option<&Agent> {
        self.agents.get(session)
    }

    /// The agents of all its sessions.
    pub fn agents(&self) -> impl Iterator<Item = (&str, &Agent)> {
        self.agents.iter().map(|(session, agent)| (session.as_str(), agent))
    }

    /// A known person as `Name <email>`; none where the note has no record of one.
    pub fn person(&self, key: &str) -> Option<&str> {
        self.people.get(key).map(String::as_str)
    }

    /// The agents that the note has lines of, each once.
    pub fn agents_with_lines(&self) -> Vec<&Agent> {
        let entries = self.files.values().flatten();
        let mut keys: Vec<&str> = entries
            .filter_map(|entry| match &entry.key {
                Key::Session(id) => Some(id.as_str()),
                Key::Human(_) => None,
            })
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().filter_map(|key| self.agent(key)).collect()
    }
}

/// Reads a note; never fails.
pub(super) fn parse(note: &[u8]) -> Note {
    let mut reading = Reading::default();
    if note.len() > LONGEST {
        reading
            .problems
            .at(1, &format!("a note of at most {} MiB", LONGEST >> 20));
        return reading.into_note();
    }
    let text = String::from_utf8_lossy(note);
    let mut rest: &str = &text;
    let mut at = 1;
    while !rest.trim().is_empty() {
        let (attested, metadata, json_at) = divided(rest, at);
        let mut log = reading.attestations(attested, at);
        let Some(metadata) = metadata else {
            reading.problems.at(json_at, "a line `---` and JSON after it");
            break;
        };
        let mut values = serde_json::Deserializer::from_str(metadata).into_iter::<Value>();
        match values.next() {
            Some(Ok(Value::Object(fields))) => {
                if reading.metadata(&fields, json_at, &mut log) {
                    reading.logs.push(log);
                }
            }
            Some(Ok(_)) | None => reading.problems.at(json_at, "a JSON object after `---`"),
            Some(Err(error)) => {
                reading
                    .problems
                    .at(json_at + error.line().saturating_sub(1), &format!("JSON ({error})"));
                break;
            }
        }
        let read = &metadata[..values.byte_offset()];
        at = json_at + read.matches('\n').count();
        rest = &metadata[values.byte_offset()..];
    }
    reading.into_note()
}

/// What stands before the line `---`, what stands after it, and the line at which that begins.
fn divided(text: &str, first: usize) -> (&str, Option<&str>, usize) {
    let (mut offset, mut at) = (0, first);
    for line in text.split_inclusive('\n') {
        at += 1;
        if line.trim_end_matches(['\n', '\r']) == "---" {
            return (&text[..offset], Some(&text[offset + line.len()..]), at);
        }
        offset += line.len();
    }
    (text, None, at)
}

#[derive(Default)]
struct Reading {
    logs: Vec<Log>,
    problems: Expected,
    entries: usize,
    ranges: usize,
}

impl Reading {
    fn into_note(self) -> Note {
        Note {
            logs: self.logs,
            problems: self.problems.into_sentences(),
        }
    }

    /// The lines before `---`; a log without its metadata.
    fn attestations(&mut self, text: &str, first: usize) -> Log {
        let mut log = Log::default();
        let mut path: Option<String> = None;
        for (index, line) in text.lines().enumerate() {
            let (at, line) = (first + index, line.trim_end());
            if line.is_empty() {
                continue;
            }
            let Some(entry) = line.strip_prefix("  ") else {
                path = self.path(line, at);
                continue;
            };
            let Some(path) = &path else {
                self.problems.at(at, "a path before the first entry");
                continue;
            };
            if self.entries >= ENTRIES {
                self.problems.at(at, &format!("at most {ENTRIES} entries"));
                break;
            }
            if let Some(entry) = self.entry(entry, at) {
                self.entries += 1;
                log.files.entry(path.clone()).or_default().push(entry);
            }
        }
        log
    }

    fn path(&mut self, line: &str, at: usize) -> Option<String> {
        if line.starts_with(char::is_whitespace) {
            self.problems
                .at(at, "a path at the start of the line, or two blanks and an entry");
            return None;
        }
        let inside = line.strip_prefix('"').and_then(|line| line.strip_suffix('"'));
        Some(inside.unwrap_or(line).to_owned())
    }

    /// A key, a blank, and ranges.
    fn entry(&mut self, text: &str, at: usize) -> Option<Entry> {
        let Some((key, ranges)) = text.split_once(' ') else {
            self.problems.at(at, "a key, a blank and ranges of lines");
            return None;
        };
        let Some(key) = key_of(key) else {
            self.problems.at(
                at,
                "a key as in s_0123456789abcd::t_0123456789abcd, h_0123456789abcd or 0123456789abcdef",
            );
            return None;
        };
        let mut read = Vec::new();
        for part in ranges.split(',') {
            match range_of(part) {
                Some(range) if self.ranges < RANGES => {
                    self.ranges += 1;
                    read.push(range);
                }
                Some(_) => {
                    self.problems.at(at, &format!("at most {RANGES} ranges"));
                    break;
                }
                None => self.problems.at(at, "lines counted from 1, as in 1-4,9"),
            }
        }
        (!read.is_empty()).then_some(Entry { at, key, ranges: read })
    }

    /// Takes in what the keys mean; false where the log is of another format.
    fn metadata(&mut self, fields: &Map<String, Value>, at: usize, log: &mut Log) -> bool {
        let version = fields.get("schema_version").and_then(Value::as_str).unwrap_or_default();
        if !version.starts_with(VERSION) {
            self.problems.at(at, "schema_version authorship/3.0.0");
            return false;
        }
        let base = fields.get("base_commit_sha").and_then(Value::as_str);
        log.base = base.filter(|id| is_id(id)).map(str::to_owned);
        for name in ["prompts", "sessions"] {
            for (key, record) in self.records(fields, name, at) {
                let Some(agent) = record.get("agent_id").and_then(Value::as_object) else {
                    self.problems.at(at, &format!("an agent_id in {name}.{}", short(key)));
                    continue;
                };
                let known = |text: &String| !text.eq_ignore_ascii_case("unknown");
                let agent = Agent {
                    tool: text_of(agent, "tool").filter(known),
                    model: text_of(agent, "model").filter(known),
                    operator: record.as_object().and_then(|record| text_of(record, "human_author")),
                };
                log.agents.insert(key.to_owned(), agent);
            }
        }
        for (key, record) in self.records(fields, "humans", at) {
            match record.as_object().and_then(|record| text_of(record, "author")) {
                Some(author) => drop(log.people.insert(key.to_owned(), author)),
                None => self.problems.at(at, &format!("an author in humans.{}", short(key))),
            }
        }
        true
    }

    /// The records of one of the maps; a map that is missing is empty.
    fn records<'a>(&mut self, fields: &'a Map<String, Value>, name: &str, at: usize) -> Vec<(&'a str, &'a Value)> {
        match fields.get(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Object(map)) => map.iter().map(|(key, record)| (key.as_str(), record)).collect(),
            Some(_) => {
                self.problems.at(at, &format!("an object as {name}"));
                Vec::new()
            }
        }
    }
}

/// Characters of a text that are kept.
const TEXT: usize = 250;

/// A field that is a text and says something, in one line of bounded length.
pub(super) fn text_of(fields: &Map<String, Value>, name: &str) -> Option<String> {
    let text = fields.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.chars().take(TEXT).collect())
}

fn short(key: &str) -> String {
    key.chars().take(20).collect()
}

/// Whether it is a whole id of an object, by SHA-1 or SHA-256.
pub(super) fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The standard says that the lengths of ids may change; only the short ones of old notes are told by their length.
fn key_of(text: &str) -> Option<Key> {
    if let Some(session) = text.strip_prefix("s_") {
        let (session, trace) = session.split_once("::t_")?;
        return (is_hex(session) && is_hex(trace)).then(|| Key::Session(format!("s_{session}")));
    }
    if let Some(person) = text.strip_prefix("h_") {
        return is_hex(person).then(|| Key::Human(text.to_owned()));
    }
    (matches!(text.len(), 7 | 16) && is_hex(text)).then(|| Key::Session(text.to_owned()))
}

fn range_of(text: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|number| plain && *number > 0)
    };
    let (start, end) = match text.split_once('-') {
        Some((start, end)) => (number(start)?, number(end)?),
        None => (number(text)?, number(text)?),
    };
    (start <= end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIXED: &str = r#"src/main.rs
  s_c9883b05a2487d::t_9f8e7d6c5b4a32 1-10
  h_31dce776f88375 15-20
"src/my lib.rs"
  abcd1234abcd1234 1-4,9-10,12
---
{
  "schema_version": "authorship/3.0.0",
  "git_ai_version": "1.4.5",
  "base_commit_sha": "7734793b756b3921c88db5375a8c156e9532447b",
  "prompts": {
    "abcd1234abcd1234": {
      "agent_id": {"tool": "cursor", "id": "old", "model": "gpt-4"},
      "human_author": "Developer <dev@example.com>",
      "total_additions": 50, "total_deletions": 0, "accepted_lines": 50, "overriden_lines": 0
    }
  },
  "humans": {"h_31dce776f88375": {"author": "Developer <dev@example.com>"}},
  "sessions": {
    "s_c9883b05a2487d": {
      "agent_id": {"tool": "claude", "id": "conv_abc123", "model": "claude-sonnet-4-5-20250514"},
      "human_author": "dev@example.com"
    }
  }
}
"#;

    #[test]
    fn a_note_with_all_kinds_of_keys_is_read() {
        let note = parse(MIXED.as_bytes());
        assert_eq!(note.problems, Vec::<String>::new());
        let log = &note.logs[0];
        assert_eq!(log.base.as_deref(), Some("7734793b756b3921c88db5375a8c156e9532447b"));
        let main = &log.files["src/main.rs"];
        assert_eq!((main[0].at, main[0].ranges.as_slice()), (2, [(1, 10)].as_slice()));
        let Key::Session(session) = &main[0].key else {
            panic!("{main:?}")
        };
        let agent = log.agent(session).unwrap();
        assert_eq!(
            (agent.tool.as_deref(), agent.operator.as_deref()),
            (Some("claude"), Some("dev@example.com"))
        );
        let Key::Human(person) = &main[1].key else {
            panic!("{main:?}")
        };
        assert_eq!(log.person(person), Some("Developer <dev@example.com>"));
        let lib = &log.files["src/my lib.rs"];
        assert_eq!(lib[0].ranges, [(1, 4), (9, 10), (12, 12)]);
        let Key::Session(old) = &lib[0].key else {
            panic!("{lib:?}")
        };
        assert_eq!(log.agent(old).unwrap().model.as_deref(), Some("gpt-4"));
    }

    #[test]
    fn what_is_wrong_is_named_and_the_rest_read() {
        let text = "  0123456789abcdef 1\nsrc/a.py\n  nonsense 1-2\n  0123456789abcdef 0,3-2,7\n  0123456789abcdef\n b.py\n\
                    ---\n{\"schema_version\": \"authorship/3.0.0\", \"base_commit_sha\": \"x\", \"prompts\": []}\n";
        let note = parse(text.as_bytes());
        let problems: Vec<&str> = note.problems.iter().map(String::as_str).collect();
        assert!(
            problems[0].starts_with("line 1: expected a path before"),
            "{problems:?}"
        );
        assert!(problems[1].starts_with("line 3: expected a key"), "{problems:?}");
        assert!(
            problems[2].starts_with("line 4: expected lines counted from 1"),
            "{problems:?}"
        );
        assert!(
            problems[4].starts_with("line 5: expected a key, a blank"),
            "{problems:?}"
        );
        assert_eq!(problems[5], "and 2 more of the kind");
        assert_eq!(note.logs[0].files["src/a.py"][0].ranges, [(7, 7)]);
    }

    #[test]
    fn a_note_of_another_form_says_nothing() {
        for (text, expected) in [
            ("a.py\n  0123456789abcdef 1\n", "line 3: expected a line `---`"),
            (
                "---\n{\"schema_version\": \"authorship/9.0.0\"}",
                "line 2: expected schema_version",
            ),
            ("---\n[]", "line 2: expected a JSON object"),
            ("---\n{\n\"a\": }", "line 3: expected JSON"),
            ("---\n", "line 2: expected a JSON object"),
        ] {
            let note = parse(text.as_bytes());
            assert!(
                note.logs.is_empty() && note.problems[0].starts_with(expected),
                "{note:?}"
            );
        }
        assert_eq!(parse(b""), Note::default());
        assert!(parse(&vec![b'a'; LONGEST + 1]).problems[0].contains("4 MiB"));
    }

    #[test]
    fn logs_that_a_rebase_put_one_after_the_other_are_all_read() {
        let note = parse(format!("{MIXED}\n{MIXED}").as_bytes());
        assert_eq!((note.logs.len(), note.problems.len()), (2, 0));
        assert!(note.logs[1].files["src/main.rs"][0].at > 20, "{note:?}");
    }

    #[test]
    fn keys_of_seven_digits_are_of_old_notes() {
        assert_eq!(key_of("0123abc"), Some(Key::Session("0123abc".to_owned())));
        for wrong in ["0123abcd", "s_0123", "s_::t_", "h_", "h_xyz", "S_01::t_01", ""] {
            assert_eq!(key_of(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            parse(&bytes);
        }

        #[test]
        fn whatever_is_cut_or_changed_in_a_note_is_taken(at in 0..MIXED.len(), byte in any::<u8>(), cut in any::<bool>()) {
            let mut bytes = MIXED.as_bytes().to_vec();
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            for log in parse(&bytes).logs {
                for entry in log.files.values().flatten() {
                    prop_assert!(entry.ranges.iter().all(|(start, end)| *start > 0 && start <= end));
                }
            }
        }

        #[test]
        fn what_is_written_is_read(
            ranges in proptest::collection::vec((1..5000u32, 0..50u32), 1..20),
            path in "[a-z /]{1,20}[a-z]",
        ) {
            prop_assume!(!path.starts_with(' '));
            let written: Vec<(u32, u32)> = ranges.iter().map(|(start, more)| (*start, start + more)).collect();
            let text: Vec<String> = written.iter().map(|(start, end)| format!("{start}-{end}")).collect();
            let quoted = if path.contains(' ') { format!("\"{path}\"") } else { path.clone() };
            let note = format!(
                "{quoted}\n  0123456789abcdef {}\n---\n{{\"schema_version\":\"authorship/3.0.0\"}}",
                text.join(",")
            );
            let note = parse(note.as_bytes());
            prop_assert_eq!(&note.logs[0].files[&path][0].ranges, &written);
        }
    }
}
