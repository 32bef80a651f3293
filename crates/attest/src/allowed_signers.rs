//! Who signs with which SSH key: OpenSSH's allowed signers file.
//!
//! Source: ALLOWED SIGNERS in `ssh-keygen(1)`; patterns as in `ssh_config(5)`. The same file serves git
//! (`gpg.ssh.allowedSignersFile`). Two things are stricter here than in OpenSSH: a line that is wrong makes the whole file
//! unusable, instead of one signer less; and a time must end in `Z`, since one without it means another moment on each
//! machine.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

pub use crate::pattern::PatternList;
use crate::public_key::PublicKey;

/// The longest file that is read.
const LONGEST: usize = 4 * 1024 * 1024;

/// A line that cannot be understood, and how it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to read allowed signers, {file} line {line}: {found}; expected {expected}")]
pub struct AllowedSignersError {
    /// The file, as the caller names it.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub found: String,
    /// What would be right.
    pub expected: &'static str,
}

/// A line that is understood and not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedLine {
    /// Counted from 1.
    pub line: usize,
    /// Why it lets nobody sign.
    pub why: String,
}

/// Why a key may not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// No line has it.
    #[error("no line of the allowed signers has this key")]
    UnknownKey,
    /// Lines have it, for other people.
    #[error("the key is not {principal:?}'s (line {line} of the allowed signers)")]
    Principal {
        /// Who was asked for.
        principal: String,
        /// A line that has the key.
        line: usize,
    },
    /// It signs for other purposes.
    #[error("the key may not sign for {namespace:?} (line {line} of the allowed signers)")]
    Namespace {
        /// What was asked for.
        namespace: String,
        /// A line that has the key.
        line: usize,
    },
    /// Too early.
    #[error("the key is valid from {from} (line {line} of the allowed signers)")]
    NotYet {
        /// Its first moment.
        from: Timestamp,
        /// A line that has the key.
        line: usize,
    },
    /// Too late.
    #[error("the key was valid until {until} (line {line} of the allowed signers)")]
    Expired {
        /// Its last moment.
        until: Timestamp,
        /// A line that has the key.
        line: usize,
    },
}

/// One line that lets somebody sign.
#[derive(Clone, Debug)]
struct Entry {
    line: usize,
    principals: PatternList,
    key: PublicKey,
    options: Options,
}

#[derive(Clone, Debug, Default)]
struct Options {
    is_authority: bool,
    namespaces: Option<PatternList>,
    valid_after: Option<Timestamp>,
    valid_before: Option<Timestamp>,
}

impl Entry {
    fn permits(&self, namespace: &str, at: Timestamp) -> Result<(), NotAllowed> {
        let line = self.line;
        let options = &self.options;
        if options.namespaces.as_ref().is_some_and(|list| !list.matches(namespace)) {
            return Err(NotAllowed::Namespace {
                namespace: namespace.to_owned(),
                line,
            });
        }
        // Both ends count as within, as in OpenSSH.
        match (options.valid_after, options.valid_before) {
            (Some(from), _) if at < from => Err(NotAllowed::NotYet { from, line }),
            (_, Some(until)) if at > until => Err(NotAllowed::Expired { until, line }),
            _ => Ok(()),
        }
    }
}

/// A parsed file.
#[derive(Clone, Debug, Default)]
pub struct AllowedSigners {
    entries: Vec<Entry>,
    unused: Vec<UnusedLine>,
}

impl AllowedSigners {
    /// Reads the text of a file; `file` is what errors call it.
    ///
    /// # Errors
    /// At the first line that is wrong: its number, what is wrong and what would be right.
    pub fn parse(file: &str, text: &str) -> Result<Self, AllowedSignersError> {
        let mut signers = Self::default();
        let error = |line, (found, expected)| AllowedSignersError {
            file: file.to_owned(),
            line,
            found,
            expected,
        };
        if text.len() > LONGEST {
            return Err(error(1, ("the file is too long".to_owned(), "at most 4 MiB")));
        }
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match read_line(line, text).map_err(|wrong| error(line, wrong))? {
                Line::Entry(entry) => signers.entries.push(*entry),
                Line::Unused(why) => signers.unused.push(UnusedLine { line, why }),
            }
        }
        Ok(signers)
    }

    /// Lines that let nobody sign: certificate authorities, kinds of keys that cannot be verified.
    pub fn unused(&self) -> &[UnusedLine] {
        &self.unused
    }

    /// Whose key it is: one list of patterns for each line that lets it sign for `namespace` at `at`.
    ///
    /// # Errors
    /// When there is no such line; what the first line says that has the key, where there is one.
    pub fn principals(&self, key: &PublicKey, namespace: &str, at: Timestamp) -> Result<Vec<PatternList>, NotAllowed> {
        let mut first_refusal = None;
        let mut found = Vec::new();
        for entry in self
            .entries
            .iter()
            .filter(|entry| entry.key.material() == key.material())
        {
            match entry.permits(namespace, at) {
                Ok(()) => found.push(entry.principals.clone()),
                Err(refusal) => drop(first_refusal.get_or_insert(refusal)),
            }
        }
        if found.is_empty() {
            return Err(first_refusal.unwrap_or(NotAllowed::UnknownKey));
        }
        Ok(found)
    }

    /// Whether `principal` may sign with this key for `namespace` at `at`, as `ssh-keygen -Y verify -I` decides it.
    ///
    /// # Errors
    /// When not, and why.
    pub fn allows(&self, principal: &str, key: &PublicKey, namespace: &str, at: Timestamp) -> Result<(), NotAllowed> {
        let mut refusal = NotAllowed::UnknownKey;
        for entry in self
            .entries
            .iter()
            .filter(|entry| entry.key.material() == key.material())
        {
            if !entry.principals.matches(principal) {
                if refusal == NotAllowed::UnknownKey {
                    refusal = NotAllowed::Principal {
                        principal: principal.to_owned(),
                        line: entry.line,
                    };
                }
                continue;
            }
            match entry.permits(namespace, at) {
                Ok(()) => return Ok(()),
                Err(why) => refusal = why,
            }
        }
        Err(refusal)
    }

    /// The keys that it has, each with its principals, in the order of the lines.
    pub fn keys(&self) -> impl Iterator<Item = (&PatternList, &PublicKey)> {
        self.entries.iter().map(|entry| (&entry.principals, &entry.key))
    }
}

/// What is wrong, and what would be right.
type Wrong = (String, &'static str);

enum Line {
    Entry(Box<Entry>),
    Unused(String),
}

const FORM: &str = "`PRINCIPALS [OPTIONS] KEYTYPE BASE64 [COMMENT]`";
const KEY_TYPES: [&str; 3] = ["ssh-", "ecdsa-sha2-", "sk-"];

fn read_line(line: usize, text: &str) -> Result<Line, Wrong> {
    let (principals, rest) = first_field(text)?;
    if principals.is_empty() {
        return Err(("there are no principals".to_owned(), FORM));
    }
    let (options, key) = if is_key_type(rest) {
        (Options::default(), rest)
    } else {
        let (options, rest) = split_options(rest)?;
        (read_options(options)?, rest)
    };
    if !is_key_type(key) {
        let found = key.split_ascii_whitespace().next().unwrap_or_default();
        return Err((format!("no key where one should be ({:?})", cut(found)), FORM));
    }
    if options.is_authority {
        return Ok(Line::Unused(
            "`cert-authority` is not supported: certificates are not verified, list the people's own keys".to_owned(),
        ));
    }
    let kind = key.split_ascii_whitespace().next().unwrap_or_default();
    if is_never_verified(kind) {
        return Ok(Line::Unused(format!(
            "keys of the kind {} are not supported",
            cut(kind)
        )));
    }
    let key = PublicKey::parse(key).map_err(|error| (error.to_string(), "a key that can be verified"))?;
    Ok(Line::Entry(Box::new(Entry {
        line,
        principals: PatternList::new(principals),
        key,
        options,
    })))
}

fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}

fn is_key_type(text: &str) -> bool {
    KEY_TYPES.iter().any(|prefix| text.starts_with(prefix))
}

/// Kinds that OpenSSH knows: a file with them is not wrong, and nobody can sign with them here.
fn is_never_verified(kind: &str) -> bool {
    matches!(kind, "ssh-dss" | "ecdsa-sha2-nistp521") || kind.starts_with("ssh-xmss") || kind.contains("-cert-v01@")
}

/// The first field, which may be in double quotes, and what follows.
fn first_field(text: &str) -> Result<(&str, &str), Wrong> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (field, rest) = quoted
            .split_once('"')
            .ok_or_else(|| ("a double quote is not closed".to_owned(), FORM))?;
        return Ok((field, rest.trim_start()));
    }
    let (field, rest) = text
        .split_once([' ', '\t'])
        .ok_or_else(|| ("there is one field alone".to_owned(), FORM))?;
    Ok((field, rest.trim_start()))
}

/// Options end at the first blank that is not in double quotes.
fn split_options(text: &str) -> Result<(&str, &str), Wrong> {
    let mut is_quoted = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if text.as_bytes().get(at + 1) == Some(&b'"') => drop(bytes.next()),
            b'"' => is_quoted = !is_quoted,
            b' ' | b'\t' if !is_quoted => return Ok((&text[..at], text[at..].trim_start())),
            _ => {}
        }
    }
    let found = if is_quoted {
        "a double quote is not closed"
    } else {
        "there is no key"
    };
    Err((found.to_owned(), FORM))
}

const OPTIONS: &str =
    "`cert-authority`, `namespaces=\"…\"`, `valid-after=\"…\"` or `valid-before=\"…\"`, separated by commas";

fn read_options(mut text: &str) -> Result<Options, Wrong> {
    let mut options = Options::default();
    loop {
        let end = text.find(['=', ',']).unwrap_or(text.len());
        let name = text[..end].to_ascii_lowercase();
        text = &text[end..];
        if name == "cert-authority" && !text.starts_with('=') {
            options.is_authority = true;
        } else {
            let value = text.strip_prefix('=').ok_or_else(|| unknown(&name))?;
            let (value, rest) = quoted_value(&name, value)?;
            options.set(&name, &value)?;
            text = rest;
        }
        match text.strip_prefix(',') {
            Some(rest) => text = rest,
            None if text.is_empty() => break,
            None => return Err((format!("{:?} behind the option `{}`", cut(text), cut(&name)), OPTIONS)),
        }
    }
    if let (Some(after), Some(before)) = (options.valid_after, options.valid_before)
        && before <= after
    {
        return Err((
            "`valid-before` is not after `valid-after`".to_owned(),
            "a time at which the key is valid",
        ));
    }
    Ok(options)
}

fn unknown(name: &str) -> Wrong {
    (format!("the option {:?} is not known", cut(name)), OPTIONS)
}

/// What stands in double quotes, with `\"` for a quote, and what follows.
fn quoted_value<'a>(name: &str, text: &'a str) -> Result<(String, &'a str), Wrong> {
    const QUOTED: &str = "the value in double quotes";
    let inner = text
        .strip_prefix('"')
        .ok_or_else(|| (format!("the value of `{}` is not quoted", cut(name)), QUOTED))?;
    let mut value = String::new();
    let mut characters = inner.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some((_, '"'))) => {
                characters.next();
                value.push('"');
            }
            ('"', _) => return Ok((value, &inner[at + 1..])),
            _ => value.push(character),
        }
    }
    Err((format!("the value of `{}` has no closing quote", cut(name)), QUOTED))
}

impl Options {
    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        let is_new = match name {
            "namespaces" => self.namespaces.replace(PatternList::new(value)).is_none(),
            "valid-after" => self.valid_after.replace(moment(name, value)?).is_none(),
            "valid-before" => self.valid_before.replace(moment(name, value)?).is_none(),
            _ => return Err(unknown(name)),
        };
        if is_new {
            return Ok(());
        }
        Err((format!("the option `{name}` is there twice"), "each option once"))
    }
}

/// A date or a time: `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, in UTC.
fn moment(name: &str, text: &str) -> Result<Timestamp, Wrong> {
    const MOMENT: &str = "YYYYMMDDZ, YYYYMMDDHHMMZ or YYYYMMDDHHMMSSZ (the Z says UTC)";
    let wrong = |found: String| (found, MOMENT);
    let upper = text.to_ascii_uppercase();
    let Some(digits) = upper.strip_suffix('Z').or_else(|| upper.strip_suffix("UTC")) else {
        return Err(wrong(format!(
            "`{name}` {:?} does not say that it is UTC, so that it is another moment on each machine",
            cut(text)
        )));
    };
    let is_form = matches!(digits.len(), 8 | 12 | 14) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = |from: usize, to: usize| digits.get(from..to).map_or(Ok(0), str::parse::<i16>);
    let fields = || -> Option<Timestamp> {
        let date = [number(0, 4).ok()?, number(4, 6).ok()?, number(6, 8).ok()?];
        let time = [number(8, 10).ok()?, number(10, 12).ok()?, number(12, 14).ok()?];
        let [month, day] = [i8::try_from(date[1]).ok()?, i8::try_from(date[2]).ok()?];
        let [hour, minute, second] = [
            i8::try_from(time[0]).ok()?,
            i8::try_from(time[1]).ok()?,
            i8::try_from(time[2]).ok()?,
        ];
        let moment = DateTime::new(date[0], month, day, hour, minute, second, 0).ok()?;
        TimeZone::UTC.to_timestamp(moment).ok()
    };
    is_form
        .then(fields)
        .flatten()
        .ok_or_else(|| wrong(format!("`{name}` {:?} is no time", cut(text))))
}
