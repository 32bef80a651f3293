//! Records of Agent Trace 0.1.0: who contributed which lines, told by tools beside the repository or in it.
//!
//! The format is that of cursor/agent-trace (README.md, schemas.ts). It leaves open where records are kept and how `content_hash` is
//! computed. Records are taken from files that are named, and from where the reference implementation and others keep them in the
//! tree (`.agent-trace/`). Of hashes SHA-256 and 32-bit MurmurHash3 of the lines, with and without their last line's end, are tried.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use model::authorship::ContributorKind;

use super::expected::Expected;
use super::git_ai::text_of;
use super::trailers::tool_named;

/// Bytes of a file with records that are read at most.
pub(super) const LONGEST: usize = 16 << 20;
/// Ranges that are read of one file with records.
const RANGES: usize = 200_000;

/// One record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// What wrote it, as reports name tools.
    pub tool: Option<String>,
    /// The commit that the lines are counted in; none where the record does not say it.
    pub revision: Option<String>,
    /// What it says of files.
    pub claims: Vec<TraceClaim>,
}

/// What a record says of a range of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TraceClaim {
    pub path: String,
    /// First and last line, counted from 1.
    pub lines: (u32, u32),
    pub kind: ContributorKind,
    pub model: Option<String>,
    pub hash: Option<String>,
}

/// What the hash of a range says of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    /// It is that of these lines.
    Same,
    /// It is that of others.
    Other,
    /// How it was made cannot be told.
    Unknown,
}

/// Reads a file with records: one object, a list of them, or one in each line. Never fails.
pub(super) fn parse(text: &[u8]) -> (Vec<Record>, Vec<String>) {
    let mut reading = Reading::default();
    if text.len() > LONGEST {
        reading
            .problems
            .at(1, &format!("a file of at most {} MiB", LONGEST >> 20));
        return reading.done();
    }
    let text = String::from_utf8_lossy(text);
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Array(records)) => records.iter().for_each(|record| reading.record(record, 1)),
        Ok(record) => reading.record(&record, 1),
        Err(whole) => {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            for (index, line) in lines {
                match serde_json::from_str::<Value>(line) {
                    Ok(record) => reading.record(&record, index + 1),
                    Err(_) if reading.records.is_empty() && reading.problems.is_empty() => {
                        reading
                            .problems
                            .at(whole.line(), &format!("JSON, or JSON in each line ({whole})"));
                        break;
                    }
                    Err(error) => reading.problems.at(index + 1, &format!("JSON ({error})")),
                }
            }
        }
    }
    reading.done()
}

#[derive(Default)]
struct Reading {
    records: Vec<Record>,
    problems: Expected,
    ranges: usize,
}

impl Reading {
    fn done(self) -> (Vec<Record>, Vec<String>) {
        (self.records, self.problems.into_sentences())
    }

    fn record(&mut self, value: &Value, at: usize) {
        let Some(fields) = value.as_object() else {
            return self.problems.at(at, "a record, which is a JSON object");
        };
        let version = text_of(fields, "version").unwrap_or_default();
        if !is_version(&version) {
            return self
                .problems
                .at(at, "version 0.1.0 (of two or three numbers, the first of them 0 or 1)");
        }
        let Some(files) = fields.get("files").and_then(Value::as_array) else {
            return self.problems.at(at, "files, a list");
        };
        let vcs = fields.get("vcs").and_then(Value::as_object);
        let revision = vcs.and_then(|vcs| text_of(vcs, "revision"));
        if vcs.is_some_and(|vcs| text_of(vcs, "type").is_some_and(|kind| kind != "git")) {
            return self.problems.at(at, "a revision of git: others cannot be looked up");
        }
        if vcs.is_some() && !revision.as_deref().is_some_and(is_revision) {
            return self.problems.at(at, "vcs.revision, the id of a commit");
        }
        let tool = fields.get("tool").and_then(Value::as_object);
        let mut record = Record {
            tool: tool
                .and_then(|tool| text_of(tool, "name"))
                .map(|name| tool_named(&name)),
            revision: revision.map(|id| id.to_lowercase()),
            claims: Vec::new(),
        };
        for file in files {
            self.file(file, at, &mut record);
        }
        self.records.push(record);
    }

    fn file(&mut self, file: &Value, at: usize, record: &mut Record) {
        let path = file
            .as_object()
            .and_then(|file| file.get("path"))
            .and_then(Value::as_str);
        let conversations = file.get("conversations").and_then(Value::as_array);
        let (Some(path), Some(conversations)) = (path, conversations) else {
            return self.problems.at(at, "files with a path and conversations");
        };
        for conversation in conversations {
            let Some(ranges) = conversation.get("ranges").and_then(Value::as_array) else {
                self.problems.at(at, "conversations with ranges");
                continue;
            };
            let of_all = conversation.get("contributor").and_then(Value::as_object);
            for range in ranges {
                let of_one = range.get("contributor").and_then(Value::as_object).or(of_all);
                let Some(kind) = of_one.and_then(kind_of) else {
                    self.problems
                        .at(at, "a contributor whose type is human, ai, mixed or unknown");
                    continue;
                };
                let Some(lines) = lines_of(range) else {
                    self.problems
                        .at(at, "ranges with start_line and end_line, counted from 1");
                    continue;
                };
                if self.ranges >= RANGES {
                    return self.problems.at(at, &format!("at most {RANGES} ranges"));
                }
                self.ranges += 1;
                record.claims.push(TraceClaim {
                    path: path.to_owned(),
                    lines,
                    kind,
                    model: of_one.and_then(|one| text_of(one, "model_id")),
                    hash: range.as_object().and_then(|range| text_of(range, "content_hash")),
                });
            }
        }
    }
}

/// Both patterns: the schema asks for three numbers, and its reference implementation writes two.
fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.len(), 2 | 3) && parts.iter().all(number) && matches!(parts[0], "0" | "1")
}

fn is_revision(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn kind_of(contributor: &Map<String, Value>) -> Option<ContributorKind> {
    Some(match contributor.get("type")?.as_str()? {
        "human" => ContributorKind::Human,
        "ai" => ContributorKind::Ai,
        "mixed" => ContributorKind::Mixed,
        "unknown" => ContributorKind::Unknown,
        _ => return None,
    })
}

fn lines_of(range: &Value) -> Option<(u32, u32)> {
    let number = |name: &str| u32::try_from(range.get(name)?.as_u64()?).ok();
    let (start, end) = (number("start_line")?, number("end_line")?);
    (start > 0 && start <= end).then_some((start, end))
}

/// Holds a hash against the lines that it is said to be of.
///
/// The standard gives `murmur3:9f2e8a1b` as an example and says no more. What matches is sure enough; that a MurmurHash3 does not may
/// come of another variant or seed, that a whole SHA-256 does not is taken at its word.
pub(super) fn holds(hash: &str, content: &[u8], lines: (u32, u32)) -> Hash {
    let ended = of_lines(content, lines);
    let bare = ended.strip_suffix(b"\n").unwrap_or(ended);
    let forms = [bare, bare.strip_suffix(b"\r").unwrap_or(bare), ended];
    let Some((algorithm, digits)) = hash.split_once(':') else {
        return Hash::Unknown;
    };
    let digits = digits.to_lowercase();
    match algorithm.to_lowercase().as_str() {
        "sha256" | "sha-256" => {
            let hex = |text: &[u8]| {
                Sha256::digest(text)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>()
            };
            match forms.iter().any(|form| hex(form) == digits) {
                true => Hash::Same,
                false if digits.len() == 64 => Hash::Other,
                false => Hash::Unknown,
            }
        }
        "murmur3" if forms.iter().any(|form| format!("{:08x}", murmur3(form)) == digits) => Hash::Same,
        _ => Hash::Unknown,
    }
}

/// Lines of a content, with their ends; what of them is there where it has fewer.
fn of_lines(content: &[u8], (start, end): (u32, u32)) -> &[u8] {
    let mut at = 0;
    let (mut from, mut to) = (content.len(), content.len());
    for (number, line) in (1u32..).zip(content.split_inclusive(|byte| *byte == b'\n')) {
        if number == start {
            from = at;
        }
        at += line.len();
        if number == end {
            to = at;
            break;
        }
    }
    content.get(from..to).unwrap_or_default()
}

/// MurmurHash3, x86, 32 bits, seed 0 (Austin Appleby, public domain).
fn murmur3(bytes: &[u8]) -> u32 {
    let scramble = |block: u32| {
        block
            .wrapping_mul(0xcc9e_2d51)
            .rotate_left(15)
            .wrapping_mul(0x1b87_3593)
    };
    let mut hash = 0u32;
    let mut blocks = bytes.chunks_exact(4);
    for block in &mut blocks {
        hash ^= scramble(u32::from_le_bytes([block[0], block[1], block[2], block[3]]));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let tail = blocks.remainder();
    if !tail.is_empty() {
        let block = tail
            .iter()
            .rev()
            .fold(0u32, |block, byte| (block << 8) | u32::from(*byte));
        hash ^= scramble(block);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the algorithm takes the length modulo 2^32"
    )]
    let length = bytes.len() as u32;
    hash ^= length;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RECORD: &str = r#"{"version":"0.1.0","id":"550e8400-e29b-41d4-a716-446655440000","timestamp":"2026-01-23T14:30:00Z",
        "vcs":{"type":"git","revision":"A1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0"},"tool":{"name":"cursor","version":"2.4.0"},
        "files":[{"path":"src/utils/parser.ts","conversations":[{"url":"https://api.cursor.com/v1/conversations/12345",
        "contributor":{"type":"ai","model_id":"anthropic/claude-opus-4-5-20251101"},
        "ranges":[{"start_line":42,"end_line":67,"content_hash":"murmur3:9f2e8a1b"},
                  {"start_line":70,"end_line":70,"contributor":{"type":"human"}}]}]}]}"#;

    #[test]
    fn the_example_of_the_standard_is_read() {
        let (records, problems) = parse(RECORD.as_bytes());
        assert_eq!(problems, Vec::<String>::new());
        let [record] = records.as_slice() else {
            panic!("{records:?}")
        };
        assert_eq!(record.tool.as_deref(), Some("cursor"));
        assert_eq!(
            record.revision.as_deref(),
            Some("a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0")
        );
        let [ai, human] = record.claims.as_slice() else {
            panic!("{record:?}")
        };
        assert_eq!((ai.lines, ai.kind), ((42, 67), ContributorKind::Ai));
        assert_eq!(ai.model.as_deref(), Some("anthropic/claude-opus-4-5-20251101"));
        assert_eq!((human.lines, human.kind), ((70, 70), ContributorKind::Human));
    }

    #[test]
    fn lists_and_lines_of_records_are_read() {
        let line = RECORD.replace('\n', " ");
        for text in [format!("[{line},{line}]"), format!("{line}\n\n{line}\n")] {
            let (records, problems) = parse(text.as_bytes());
            assert_eq!((records.len(), problems.len()), (2, 0), "{problems:?}");
        }
        let (records, problems) = parse(format!("{line}\n{{broken\n{line}").as_bytes());
        assert_eq!(records.len(), 2);
        assert!(problems[0].starts_with("line 2: expected JSON"), "{problems:?}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("{", "line 1: expected JSON, or JSON in each line"),
            ("3", "line 1: expected a record"),
            ("{}", "line 1: expected version"),
            (r#"{"version": "9.0"}"#, "line 1: expected version"),
            (r#"{"version": "1.0"}"#, "line 1: expected files"),
            (
                r#"{"version": "1.0", "files": [{}]}"#,
                "line 1: expected files with a path",
            ),
            (
                r#"{"version": "1.0", "files": [], "vcs": {"type": "jj", "revision": "kkmpptxz"}}"#,
                "line 1: expected a revision of git",
            ),
            (
                r#"{"version": "1.0", "files": [], "vcs": {"type": "git"}}"#,
                "line 1: expected vcs.revision",
            ),
            (
                r#"{"version": "1.0", "files": [{"path": "a", "conversations": [{"ranges": [{}]}]}]}"#,
                "line 1: expected a contributor",
            ),
            (
                r#"{"version": "1.0", "files": [{"path": "a", "conversations": [{"contributor": {"type": "ai"}, "ranges": [{"start_line": 0, "end_line": 2}]}]}]}"#,
                "line 1: expected ranges",
            ),
        ] {
            let (_, problems) = parse(text.as_bytes());
            assert!(
                problems.first().is_some_and(|problem| problem.starts_with(expected)),
                "{text}: {problems:?}"
            );
        }
    }

    #[test]
    fn hashes_are_held_against_the_lines() {
        let content = b"zero\nhello\nworld\nend";
        let sha = "sha256:26c60a61d01db5836ca70fefd44a6a016620413c8ef5f259a6c5612d4f79d3b8";
        assert_eq!(holds(sha, content, (2, 3)), Hash::Same);
        assert_eq!(holds(sha, content, (1, 3)), Hash::Other);
        // Of the algorithm's own test: the hash of "hello" with seed 0.
        assert_eq!(murmur3(b"hello"), 0x248b_fa47);
        assert_eq!(murmur3(b""), 0);
        assert_eq!(holds("murmur3:248bfa47", content, (2, 2)), Hash::Same);
        assert_eq!(holds("murmur3:248bfa47", content, (3, 3)), Hash::Unknown);
        assert_eq!(holds("crc32:01", content, (2, 2)), Hash::Unknown);
        assert_eq!(holds("", content, (2, 2)), Hash::Unknown);
        assert_eq!(of_lines(content, (5, 9)), b"");
        assert_eq!(of_lines(content, (4, 4)), b"end");
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            parse(&bytes);
        }

        #[test]
        fn whatever_is_changed_in_a_record_is_taken(at in 0..RECORD.len(), byte in any::<u8>()) {
            let mut bytes = RECORD.as_bytes().to_vec();
            bytes[at] = byte;
            for claim in parse(&bytes).0.iter().flat_map(|record| &record.claims) {
                prop_assert!(claim.lines.0 > 0 && claim.lines.0 <= claim.lines.1);
            }
        }

        #[test]
        fn any_lines_of_any_content_are_taken(content in proptest::collection::vec(any::<u8>(), 0..60), start in 1..9u32, more in 0..9u32) {
            holds("murmur3:00000000", &content, (start, start + more));
        }
    }
}
