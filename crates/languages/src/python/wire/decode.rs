//! What the harness says, parsed as untrusted input.

use model::{Arrival, Coverage, Effect, Observation, Observed, Outcome, Place, Raised, Value};

use super::marshal::{self, Malformed};

/// Why a frame is not what the protocol says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unexpected {
    /// Not even plain data.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Plain data of another form.
    #[error("failed to understand the harness: {0}")]
    Form(String),
}

fn form<T>(what: &str) -> Result<T, Unexpected> {
    Err(Unexpected::Form(what.to_owned()))
}

/// One observed call with what else its record says.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What was seen.
    pub observation: Observation,
    /// Lines executed, for a traced call.
    pub trace: Vec<Place>,
    /// Number of lines executed, for a counted call.
    pub count: Option<u64>,
    /// Values that mattered: missing keys.
    pub hints: Vec<Observed>,
    /// Whether the observation was cut.
    pub cut: bool,
    /// Whether less than all that there is to see was asked for: what is equal there is not known to be the same.
    pub brief: bool,
    /// CPU ticks used.
    pub ticks: u64,
    /// Whether it left threads behind.
    pub threads: bool,
    /// Whether an exception was raised in a library that the tree's code called.
    pub below: bool,
    /// What it asked databases.
    pub asked: Asked,
}

/// The questions that a call asked databases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// A digest of them without the columns of plain rows; empty where nothing was asked.
    digest: String,
    /// Those columns, by statement.
    columns: Vec<Vec<String>>,
}

impl Asked {
    /// Whether both ask for the same rows, be it that one asks for more of their columns.
    pub fn is_same_question(&self, other: &Self) -> bool {
        let within = |one: &[String], other: &[String]| one.iter().all(|column| other.contains(column));
        self.digest == other.digest
            && self.columns.len() == other.columns.len()
            && std::iter::zip(&self.columns, &other.columns)
                .all(|(one, other)| within(one, other) || within(other, one))
    }
}

fn asked(mut fields: Vec<Observed>) -> Asked {
    let columns = fields.pop().and_then(|columns| tuple(columns).ok()).unwrap_or_default();
    Asked {
        digest: fields.pop().and_then(text_of).unwrap_or_default(),
        columns: columns.into_iter().map(texts).collect(),
    }
}

impl Record {
    /// A record of a call that has no other trace than how it ended.
    pub fn of(outcome: Outcome) -> Self {
        Self {
            observation: Observation::of(outcome),
            trace: Vec::new(),
            count: None,
            hints: Vec::new(),
            cut: false,
            brief: false,
            ticks: 0,
            threads: false,
            below: false,
            asked: Asked::default(),
        }
    }
}

/// A frame from the child.
#[derive(Clone, Debug, PartialEq)]
pub enum FromChild {
    /// It can call the target.
    Ready(Ready),
    /// It cannot, for this reason.
    NotReady(String),
    /// One record for each call, and locations reached for the first time, by call.
    Ran(Vec<Record>, Vec<(usize, Coverage)>),
    /// A mutant was put in its place, or not, for this reason.
    Swapped(Option<String>),
}

/// What can be reached in the functions under cover.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ready {
    /// Lines that hold code.
    pub lines: Vec<u32>,
    /// Branches.
    pub branches: Vec<Coverage>,
    /// Plain values that live under names which the functions mention, each with the name.
    pub mentioned: Vec<(String, Mentioned)>,
}

/// A value that lives under a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Mentioned {
    /// A number or a text.
    Plain(Value),
    /// A regular expression: its source as text or bytes, and its flags as Python numbers them.
    Pattern(Value, i64),
}

/// A frame from the warm parent.
#[derive(Clone, Debug, PartialEq)]
pub enum FromParent {
    /// It is there.
    Hello(Hello),
    /// A module was imported, or not.
    Imported(Imported),
    /// What each function asked for compiles to; nothing where that cannot be told.
    Compiled(Vec<Option<Vec<u8>>>),
    /// A defect of the harness itself ended it, in its own words.
    Failed(String),
    /// A child was forked.
    Forked,
    /// The child is gone.
    Ended(Ended),
}

/// The harness' interpreter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hello {
    /// For example `3.11.7`.
    pub version: String,
    /// For example `cpython`.
    pub implementation: String,
    /// How coverage is taken.
    pub coverage: String,
    /// What still tells the real time or is random.
    pub not_frozen: Vec<String>,
    /// Parts of the containment that the harness could not set up.
    pub missing: Vec<String>,
}

/// How an import went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// The module.
    pub module: String,
    /// Its file relative to the tree.
    pub file: Option<String>,
    /// Modules that came from elsewhere though the tree has them.
    pub foreign: Vec<String>,
    /// What it raised.
    pub error: Option<ImportError>,
    /// What it did to the world around it.
    pub effects: Vec<Effect>,
    /// Apps that the framework was set up without, since they cannot be loaded: each with why, in a line.
    pub left_out: Vec<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Why an import failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportError {
    /// Exception type.
    pub class: String,
    /// Its text.
    pub message: String,
    /// Innermost frame in the tree.
    pub place: Option<Place>,
    /// Name of a module that is missing.
    pub missing: Option<String>,
    /// Whether that module is one of the tree's own.
    pub in_tree: bool,
}

/// How a child ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ended {
    /// Raw wait status.
    pub status: i32,
    /// The call it was in.
    pub at: Option<usize>,
    /// Whether the parent killed it because its call did not end.
    pub stuck: bool,
    /// CPU seconds of the child.
    pub cpu: f64,
}

/// Parses a frame of the child.
///
/// # Errors
/// When it is not of the protocol's form.
pub fn from_child(payload: &[u8]) -> Result<FromChild, Unexpected> {
    let mut parts = tuple(marshal::read(payload)?)?.into_iter();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Observed::Str(kind)), Some(body), None) if kind == "ready" => ready(Fields::of(body)?),
        (Some(Observed::Str(kind)), Some(Observed::None), None) if kind == "mutant" => Ok(FromChild::Swapped(None)),
        (Some(Observed::Str(kind)), Some(Observed::Str(reason)), None) if kind == "mutant" => {
            Ok(FromChild::Swapped(Some(reason)))
        }
        (Some(Observed::Str(kind)), Some(Observed::List(records)), Some(Observed::List(locations)))
            if kind == "ran" =>
        {
            let records = records.into_iter().map(record).collect::<Result<_, _>>()?;
            let locations = locations.into_iter().map(location).collect::<Result<_, _>>()?;
            Ok(FromChild::Ran(records, locations))
        }
        _ => form("an unknown frame from the child"),
    }
}

/// Parses a frame of the warm parent.
///
/// # Errors
/// When it is not of the protocol's form.
pub fn from_parent(payload: &[u8]) -> Result<FromParent, Unexpected> {
    let mut parts = tuple(marshal::read(payload)?)?.into_iter();
    let Some(Observed::Str(kind)) = parts.next() else {
        return form("an unknown frame from the parent");
    };
    let body = parts.next();
    match (kind.as_str(), body) {
        ("hello", Some(body)) => hello(Fields::of(body)?),
        ("imported", Some(body)) => imported(Fields::of(body)?),
        ("compiled", Some(body)) => compiled(body),
        ("ended", Some(body)) => ended(Fields::of(body)?),
        ("failed", Some(Observed::Str(text))) => Ok(FromParent::Failed(text)),
        ("forked", None) => Ok(FromParent::Forked),
        _ => form("an unknown frame from the parent"),
    }
}

fn ready(mut fields: Fields) -> Result<FromChild, Unexpected> {
    if fields.take("ok") != Some(Observed::Bool(true)) {
        return Ok(FromChild::NotReady(
            fields
                .text("reason")
                .unwrap_or_else(|| "it cannot be called".to_owned()),
        ));
    }
    let lines = fields
        .list("lines")
        .into_iter()
        .filter_map(|line| line_number(&line))
        .collect();
    let branches = fields
        .list("branches")
        .into_iter()
        .filter_map(|branch| branch_of(branch).ok())
        .collect();
    let mentioned = fields.list("mentioned").into_iter().filter_map(mentioned).collect();
    Ok(FromChild::Ready(Ready {
        lines,
        branches,
        mentioned,
    }))
}

fn mentioned(entry: Observed) -> Option<(String, Mentioned)> {
    let [Observed::Str(name), value] = <[Observed; 2]>::try_from(tuple(entry).ok()?).ok()? else {
        return None;
    };
    let plain = |value: Observed| match value {
        Observed::Int(number) => Some(Value::Int(number)),
        Observed::Float(number) => Some(Value::Float(number)),
        Observed::Str(text) => Some(Value::Str(text)),
        Observed::Bytes(bytes) => Some(Value::Bytes(bytes)),
        _ => None,
    };
    let value = match value {
        Observed::Tuple(parts) => match <[Observed; 3]>::try_from(parts) {
            Ok([Observed::Str(_), Observed::Int(flags), source]) => Mentioned::Pattern(plain(source)?, flags),
            _ => return None,
        },
        other => Mentioned::Plain(plain(other)?),
    };
    Some((name, value))
}

fn branch_of(branch: Observed) -> Result<Coverage, Unexpected> {
    match <[Observed; 4]>::try_from(tuple(branch)?) {
        Ok([Observed::Str(path), Observed::Str(function), line, to]) => Ok(Coverage {
            path,
            function,
            line: line_number(&line).unwrap_or(0),
            to: line_number(&to),
        }),
        _ => form("a branch"),
    }
}

fn location(found: Observed) -> Result<(usize, Coverage), Unexpected> {
    match <[Observed; 5]>::try_from(tuple(found)?) {
        Ok(
            [
                Observed::Int(call),
                Observed::Str(path),
                Observed::Str(function),
                line,
                to,
            ],
        ) => {
            let coverage = Coverage {
                path,
                function,
                line: line_number(&line).unwrap_or(0),
                to: line_number(&to),
            };
            Ok((usize::try_from(call).unwrap_or(0), coverage))
        }
        _ => form("a location"),
    }
}

fn hello(mut fields: Fields) -> Result<FromParent, Unexpected> {
    let version = match fields.take("version") {
        Some(Observed::Tuple(parts) | Observed::List(parts)) => parts
            .iter()
            .map(|part| number(part).unwrap_or(0).to_string())
            .collect::<Vec<_>>()
            .join("."),
        _ => return form("a version"),
    };
    Ok(FromParent::Hello(Hello {
        version,
        implementation: fields.text("implementation").unwrap_or_default(),
        coverage: fields.text("coverage").unwrap_or_default(),
        not_frozen: fields.texts("not_frozen"),
        missing: fields.texts("missing"),
    }))
}

fn compiled(body: Observed) -> Result<FromParent, Unexpected> {
    let Observed::List(forms) = body else {
        return form("the forms of functions");
    };
    let read = |found| match found {
        Observed::None => Ok(None),
        Observed::Bytes(bytes) => Ok(Some(bytes)),
        _ => form("the form of a function"),
    };
    Ok(FromParent::Compiled(
        forms.into_iter().map(read).collect::<Result<_, _>>()?,
    ))
}

fn imported(mut fields: Fields) -> Result<FromParent, Unexpected> {
    let error = match fields.take("error") {
        Some(error @ Observed::Dict(_)) => {
            let mut error = Fields::of(error)?;
            Some(ImportError {
                class: error.text("class").unwrap_or_default(),
                message: error.text("message").unwrap_or_default(),
                place: error.take("place").and_then(place),
                missing: error.text("missing"),
                in_tree: error.take("in_tree") == Some(Observed::Bool(true)),
            })
        }
        _ => None,
    };
    let Some(module) = fields.text("module") else {
        return form("an import without its module");
    };
    let ok = fields.take("ok") == Some(Observed::Bool(true));
    let error = if ok { None } else { Some(error.unwrap_or_default()) };
    Ok(FromParent::Imported(Imported {
        module,
        file: fields.text("file"),
        foreign: fields.texts("foreign"),
        error,
        effects: effects(fields.list("effects"))?,
        left_out: fields.texts("left_out"),
        seconds: match fields.take("seconds") {
            Some(Observed::Float(seconds)) if seconds.is_finite() => seconds,
            _ => 0.0,
        },
    }))
}

fn ended(mut fields: Fields) -> Result<FromParent, Unexpected> {
    let at = fields
        .take("at")
        .as_ref()
        .and_then(number)
        .and_then(|at| usize::try_from(at).ok());
    let cpu = match fields.take("cpu") {
        Some(Observed::Float(seconds)) => seconds,
        _ => 0.0,
    };
    Ok(FromParent::Ended(Ended {
        status: fields
            .take("status")
            .as_ref()
            .and_then(number)
            .and_then(|status| i32::try_from(status).ok())
            .unwrap_or(0),
        at,
        stuck: fields.text("why").as_deref() == Some("stuck"),
        cpu,
    }))
}

fn record(record: Observed) -> Result<Record, Unexpected> {
    let Ok([tag, value, after, extra]) = <[Observed; 4]>::try_from(tuple(record)?) else {
        return form("a record");
    };
    let outcome = match number(&tag) {
        Some(0) => Outcome::Returned(value),
        Some(1) => Outcome::Returned(encoded(value)?),
        Some(2) => Outcome::Raised(raised(value)?),
        Some(3) => Outcome::TimedOut,
        Some(4) => Outcome::Refused,
        Some(5) => Outcome::NotMade(text_of(value).unwrap_or_default()),
        _ => return form("a record's tag"),
    };
    let after = match after {
        Observed::None => None,
        other => match <[Observed; 2]>::try_from(tuple(other)?) {
            Ok([Observed::Int(0), plain]) => Some(plain),
            Ok([Observed::Int(1), code]) => Some(encoded(code)?),
            _ => return form("the arguments afterwards"),
        },
    };
    let mut record = Record::of(outcome);
    record.observation.after = after;
    if let extra @ Observed::Dict(_) = extra {
        extras(&mut record, Fields::of(extra)?)?;
    }
    Ok(record)
}

fn extras(record: &mut Record, mut fields: Fields) -> Result<(), Unexpected> {
    record.observation.output = fields.text("out").unwrap_or_default();
    record.observation.errors = fields.text("err").unwrap_or_default();
    record.observation.effects = effects(fields.list("effects"))?;
    record.observation.arrivals = arrivals(fields.list("arrivals"))?;
    match fields.take("trace") {
        Some(Observed::List(places)) => record.trace = places.into_iter().filter_map(place).collect(),
        Some(Observed::Int(count)) => record.count = u64::try_from(count).ok(),
        _ => {}
    }
    record.asked = asked(fields.list("asked"));
    record.hints = fields.list("hints");
    record.cut = fields.take("cut") == Some(Observed::Bool(true));
    record.below = fields.take("below") == Some(Observed::Bool(true));
    record.threads = fields.take("threads") == Some(Observed::Bool(true));
    record.ticks = fields
        .take("ticks")
        .as_ref()
        .and_then(number)
        .and_then(|ticks| u64::try_from(ticks).ok())
        .unwrap_or(0);
    Ok(())
}

fn raised(value: Observed) -> Result<Raised, Unexpected> {
    match <[Observed; 5]>::try_from(tuple(value)?) {
        Ok([class, bases, message, at, depth]) => Ok(Raised {
            class: text_of(class).unwrap_or_default(),
            bases: texts(bases),
            message: text_of(message).unwrap_or_default(),
            place: place(at),
            depth: number(&depth).and_then(|depth| u32::try_from(depth).ok()).unwrap_or(0),
        }),
        Err(_) => form("an exception"),
    }
}

fn effects(items: Vec<Observed>) -> Result<Vec<Effect>, Unexpected> {
    items
        .into_iter()
        .map(|item| match <[Observed; 3]>::try_from(tuple(item)?) {
            Ok([kind, detail, refused]) => Ok(Effect {
                kind: text_of(kind).unwrap_or_default(),
                detail: text_of(detail).unwrap_or_default(),
                refused: refused == Observed::Bool(true),
            }),
            Err(_) => form("an effect"),
        })
        .collect()
}

fn arrivals(items: Vec<Observed>) -> Result<Vec<Arrival>, Unexpected> {
    items
        .into_iter()
        .map(|item| match <[Observed; 2]>::try_from(tuple(item)?) {
            Ok([at, parts]) => Ok(Arrival {
                at: text_of(at).unwrap_or_default(),
                parts: match parts {
                    Observed::List(parts) | Observed::Tuple(parts) => parts.into_iter().filter_map(text_of).collect(),
                    _ => Vec::new(),
                },
            }),
            Err(_) => form("an arrival"),
        })
        .collect()
}

/// Interprets the tagged form in which anything but plain data comes.
fn encoded(value: Observed) -> Result<Observed, Unexpected> {
    let Observed::Tuple(parts) = value else {
        return match value {
            Observed::List(_) | Observed::Set(_) | Observed::FrozenSet(_) | Observed::Dict(_) => {
                form("an untagged container")
            }
            scalar => Ok(scalar),
        };
    };
    let mut parts = parts.into_iter();
    let tag = parts.next().and_then(text_of).unwrap_or_default();
    let rest: Vec<Observed> = parts.collect();
    Ok(match (tag.as_str(), rest.len()) {
        ("l", 1) => Observed::List(encodeds(rest)?),
        ("t", 1) => Observed::Tuple(encodeds(rest)?),
        ("s", 1) => Observed::Set(encodeds(rest)?),
        ("f", 1) => Observed::FrozenSet(encodeds(rest)?),
        ("d", 1) => Observed::Dict(pairs(rest)?),
        ("o", 4) => object(rest)?,
        ("a", 1) => Observed::Again(
            number(&rest[0])
                .and_then(|id| u32::try_from(id).ok())
                .unwrap_or(u32::MAX),
        ),
        ("n", 1) => Observed::Named(rest.into_iter().next().and_then(text_of).unwrap_or_default()),
        ("g", 3) => drained(rest)?,
        ("x", 1) => Observed::Opaque(rest.into_iter().next().and_then(text_of).unwrap_or_default()),
        ("cut", 0) => Observed::Cut,
        _ => return form("an unknown tag"),
    })
}

fn encodeds(rest: Vec<Observed>) -> Result<Vec<Observed>, Unexpected> {
    match rest.into_iter().next() {
        Some(Observed::List(items) | Observed::Tuple(items)) => items.into_iter().map(encoded).collect(),
        _ => form("a container's items"),
    }
}

fn pairs(rest: Vec<Observed>) -> Result<Vec<(Observed, Observed)>, Unexpected> {
    let Some(Observed::List(items) | Observed::Tuple(items)) = rest.into_iter().next() else {
        return form("a dictionary's items");
    };
    items
        .into_iter()
        .map(|item| match <[Observed; 2]>::try_from(tuple(item)?) {
            Ok([key, value]) => Ok((encoded(key)?, encoded(value)?)),
            Err(_) => form("a dictionary's item"),
        })
        .collect()
}

fn object(rest: Vec<Observed>) -> Result<Observed, Unexpected> {
    let Ok([class, id, items, Observed::List(state)]) = <[Observed; 4]>::try_from(rest) else {
        return form("an object");
    };
    let state = state
        .into_iter()
        .map(|item| match <[Observed; 2]>::try_from(tuple(item)?) {
            Ok([name, value]) => Ok((text_of(name).unwrap_or_default(), encoded(value)?)),
            Err(_) => form("an attribute"),
        })
        .collect::<Result<_, _>>()?;
    let items = match items {
        Observed::None => None,
        items => Some(Box::new(encoded(items)?)),
    };
    Ok(Observed::Object {
        class: text_of(class).unwrap_or_default(),
        id: number(&id).and_then(|id| u32::try_from(id).ok()).unwrap_or(u32::MAX),
        items,
        state,
    })
}

fn drained(rest: Vec<Observed>) -> Result<Observed, Unexpected> {
    match <[Observed; 3]>::try_from(rest) {
        Ok([class, Observed::List(items), end]) => {
            let items = items.into_iter().map(encoded).collect::<Result<_, _>>()?;
            Ok(Observed::Drained {
                class: text_of(class).unwrap_or_default(),
                items,
                end: text_of(end).unwrap_or_default(),
            })
        }
        _ => form("an iterator"),
    }
}

fn tuple(value: Observed) -> Result<Vec<Observed>, Unexpected> {
    match value {
        Observed::Tuple(items) | Observed::List(items) => Ok(items),
        _ => form("something that is no tuple"),
    }
}

fn number(value: &Observed) -> Option<i64> {
    match value {
        Observed::Int(value) => Some(*value),
        _ => None,
    }
}

fn line_number(value: &Observed) -> Option<u32> {
    number(value).and_then(|line| u32::try_from(line).ok())
}

fn text_of(value: Observed) -> Option<String> {
    match value {
        Observed::Str(text) => Some(text),
        Observed::BrokenStr(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        _ => None,
    }
}

fn texts(value: Observed) -> Vec<String> {
    tuple(value)
        .unwrap_or_default()
        .into_iter()
        .filter_map(text_of)
        .collect()
}

fn place(value: Observed) -> Option<Place> {
    match <[Observed; 2]>::try_from(tuple(value).ok()?) {
        Ok([Observed::Str(path), line]) => Some(Place {
            path,
            line: line_number(&line)?,
        }),
        _ => None,
    }
}

/// A dictionary with text keys, taken apart by name.
struct Fields(Vec<(Observed, Observed)>);

impl Fields {
    fn of(value: Observed) -> Result<Self, Unexpected> {
        match value {
            Observed::Dict(pairs) => Ok(Self(pairs)),
            _ => form("something that is no dictionary"),
        }
    }

    fn take(&mut self, name: &str) -> Option<Observed> {
        let at = self
            .0
            .iter()
            .position(|(key, _)| matches!(key, Observed::Str(text) if text == name))?;
        Some(self.0.swap_remove(at).1)
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.take(name).and_then(text_of)
    }

    fn list(&mut self, name: &str) -> Vec<Observed> {
        match self.take(name) {
            Some(Observed::List(items) | Observed::Tuple(items)) => items,
            _ => Vec::new(),
        }
    }

    fn texts(&mut self, name: &str) -> Vec<String> {
        self.list(name).into_iter().filter_map(text_of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hears_why_the_harness_failed() {
        let mut writer = super::super::marshal::Writer::default();
        writer.tuple(2);
        writer.str("failed");
        writer.str("OSError: no space");
        let heard = from_parent(&writer.bytes).expect("a frame");
        assert_eq!(heard, FromParent::Failed("OSError: no space".to_owned()));
    }

    #[test]
    fn more_columns_are_no_other_question_and_other_columns_are() {
        let one = |digest: &str, columns: &[&str]| Asked {
            digest: digest.to_owned(),
            columns: vec![columns.iter().map(|column| (*column).to_owned()).collect()],
        };
        let base = one("d", &["t.a", "t.b"]);
        assert!(base.is_same_question(&one("d", &["t.a"])) && one("d", &["t.a"]).is_same_question(&base));
        assert!(!base.is_same_question(&one("d", &["t.a", "t.c"])));
        assert!(!base.is_same_question(&one("e", &["t.a", "t.b"])));
        assert!(!base.is_same_question(&Asked::default()));
    }

    #[test]
    fn takes_a_record_apart() {
        let record = Observed::Tuple(vec![
            Observed::Int(1),
            Observed::Tuple(vec![
                Observed::Str("l".into()),
                Observed::List(vec![Observed::Tuple(vec![
                    Observed::Str("n".into()),
                    Observed::Str("cart.Item".into()),
                ])]),
            ]),
            Observed::Tuple(vec![Observed::Int(0), Observed::List(vec![Observed::Int(3)])]),
            Observed::Dict(vec![(Observed::Str("out".into()), Observed::Str("hi\n".into()))]),
        ]);
        let record = super::record(record).expect("a well-formed record");
        assert_eq!(
            record.observation.outcome,
            Outcome::Returned(Observed::List(vec![Observed::Named("cart.Item".into())]))
        );
        assert_eq!(record.observation.after, Some(Observed::List(vec![Observed::Int(3)])));
        assert_eq!(record.observation.output, "hi\n");
    }

    #[test]
    fn refuses_an_untagged_container_where_a_tagged_one_is_due() {
        assert!(encoded(Observed::List(vec![])).is_err());
        assert!(encoded(Observed::Tuple(vec![Observed::Str("zz".into())])).is_err());
    }

    proptest! {
        #[test]
        fn forged_frames_never_panic(bytes: Vec<u8>) {
            let _ = from_child(&bytes);
            let _ = from_parent(&bytes);
        }
    }
}
