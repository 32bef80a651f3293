//! What a call did, in a line.

use std::collections::BTreeSet;

use model::{Input, Names, Observation, Observed, Outcome};

use super::value::{Caps, capped_bytes, capped_string, fit, joined};
use super::{library, literal, without_addresses};

/// A result as Python would show it, in at most about `limit` characters.
pub fn observed(value: &Observed, limit: usize) -> String {
    Form::default().text(value, limit)
}

/// How values are written.
#[derive(Clone, Copy, Default)]
struct Form<'a> {
    /// Words for objects that are not part of the value itself.
    names: Option<&'a Names>,
    /// Whether classes are written with their modules.
    qualified: bool,
}

impl Form<'_> {
    fn text(self, value: &Observed, limit: usize) -> String {
        if let Some(words) = self.words(value) {
            let itself = if words.starts_with("a part of ") { "" } else { " itself" };
            return format!("{words}{itself}");
        }
        let (shared, defined) = (shared(value), value.objects());
        fit(limit, |caps| {
            let reader = Reader {
                caps,
                shared: &shared,
                defined: &defined,
                form: self,
            };
            reader.value(value, 0)
        })
    }

    fn words(&self, value: &Observed) -> Option<&str> {
        match value {
            Observed::Again(number) => self.names?.get(number).map(String::as_str),
            _ => None,
        }
    }
}

/// How a call with `input` ended, in a line of at most about `limit` characters.
pub fn outcome(observation: &Observation, input: &Input, limit: usize) -> String {
    match &observation.outcome {
        Outcome::Returned(value) => {
            let names = observation.names(input);
            let form = Form {
                names: Some(&names),
                qualified: false,
            };
            form.text(value, limit)
        }
        Outcome::Raised(raised) => {
            let message = raised.message.trim().lines().next().unwrap_or_default().trim();
            cut(&raises(&raised.class, message), limit)
        }
        Outcome::TimedOut => "does not end".to_owned(),
        Outcome::Refused => match observation.effects.last() {
            Some(effect) => cut(
                &format!("is refused an effect: {} {}", effect.kind, effect.detail),
                limit,
            ),
            None => "is refused an effect".to_owned(),
        },
        Outcome::Died(how) => cut(&format!("ends the interpreter: {how}"), limit),
        Outcome::NotMade(why) => cut(&format!("could not be called: {why}"), limit),
        Outcome::Garbled(why) => cut(&format!("answered nonsense: {why}"), limit),
    }
}

fn raises(class: &str, message: &str) -> String {
    if message.is_empty() {
        format!("raises {class}")
    } else {
        format!("raises {class}: {}", without_addresses(message))
    }
}

fn cut(text: &str, limit: usize) -> String {
    fit(limit, |_| text.to_owned())
}

/// How two calls with `input` ended that differ in it, each in a line of at most about `limit` characters, so that the
/// difference can be seen.
pub fn outcomes(base: &Observation, head: &Observation, input: &Input, limit: usize) -> (String, String) {
    match (&base.outcome, &head.outcome) {
        (Outcome::Returned(one), Outcome::Returned(other)) => {
            let names = (base.names(input), head.names(input));
            differing((one, &names.0), (other, &names.1), limit)
        }
        (Outcome::Raised(one), Outcome::Raised(other)) => {
            let whole = (outcome(base, input, limit), outcome(head, input, limit));
            if whole.0 != whole.1 {
                return whole;
            }
            // Their first lines, as far as they are shown, are the same.
            let (one_text, other_text) = parted(&one.message, &other.message, limit);
            (raises(&one.class, &one_text), raises(&other.class, &other_text))
        }
        _ => (outcome(base, input, limit), outcome(head, input, limit)),
    }
}

/// Two texts from shortly before their first difference on, in one line each.
fn parted(base: &str, head: &str, limit: usize) -> (String, String) {
    let in_a_line = |text: &str| without_addresses(text).replace(['\n', '\r'], " ");
    let (base, head) = (in_a_line(base), in_a_line(head));
    let common = base
        .chars()
        .zip(head.chars())
        .take_while(|(one, other)| one == other)
        .count();
    let start = common.saturating_sub(limit / 4);
    let part = |text: &str| {
        let rest: String = text.chars().skip(start).collect();
        let lead = if start > 0 { "…" } else { "" };
        cut(&format!("{lead}{}", rest.trim()), limit)
    };
    (part(&base), part(&head))
}

/// Two results that differ, each in at most about `limit` characters, with words for the objects of their calls.
///
/// Where they do not fit, only the part that differs is shown, with the way to it: `…['total']: 3`. Where they would read the
/// same, classes are written with their modules.
pub fn differing(base: (&Observed, &Names), head: (&Observed, &Names), limit: usize) -> (String, String) {
    let plain = differing_in(base, head, limit, false);
    if plain.0 == plain.1 {
        return differing_in(base, head, limit, true);
    }
    plain
}

fn differing_in(
    (base, base_names): (&Observed, &Names),
    (head, head_names): (&Observed, &Names),
    limit: usize,
    qualified: bool,
) -> (String, String) {
    let form = |names| Form {
        names: Some(names),
        qualified,
    };
    let (of_base, of_head) = (form(base_names), form(head_names));
    let whole = (of_base.text(base, usize::MAX), of_head.text(head, usize::MAX));
    if whole.0.chars().count() <= limit && whole.1.chars().count() <= limit {
        return whole;
    }
    let (path, base, head) = focus(base, head);
    let one = |side: Side, form: Form| {
        let text = match side {
            Side::Value(value) => form.text(value, limit.saturating_sub(path.chars().count() + 3).max(12)),
            Side::Text(text) => text,
        };
        if path.is_empty() {
            text
        } else {
            format!("…{path}: {text}")
        }
    };
    (one(base, of_base), one(head, of_head))
}

/// One side of a difference: a part of the result, or words about its absence.
enum Side<'a> {
    Value(&'a Observed),
    Text(String),
}

/// Walks down as long as a single part differs.
fn focus<'a>(mut base: &'a Observed, mut head: &'a Observed) -> (String, Side<'a>, Side<'a>) {
    let mut path = String::new();
    loop {
        match step(base, head) {
            Step::Into(name, one, other) => {
                path.push_str(&name);
                (base, head) = (one, other);
            }
            Step::Only(name, one, other) => {
                path.push_str(&name);
                return (path, one, other);
            }
            Step::Here => return (path, Side::Value(base), Side::Value(head)),
        }
    }
}

/// The way to the part in which two values differ, as Python that follows the value (`.parts[0]['name']`), as far as it can be
/// written so; and the two parts there.
pub(super) fn way_to_difference<'a>(mut base: &'a Observed, mut head: &'a Observed) -> String {
    let mut way = String::new();
    loop {
        let (name, further) = match step(base, head) {
            Step::Into(name, one, other) => (name, Some((one, other))),
            Step::Only(name, ..) => (name, None),
            Step::Here => return way,
        };
        if !name.is_empty() && !can_follow(&name) {
            return way;
        }
        way.push_str(&name);
        let Some(further) = further else { return way };
        (base, head) = further;
    }
}

/// Whether a step can be written behind a value: an attribute, an index, a key that is a short text, the rest of a text.
fn can_follow(step: &str) -> bool {
    if let Some(name) = step.strip_prefix('.') {
        return literal::is_name(name);
    }
    let Some(key) = step.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    let quoted = |quote: char| key.len() > 1 && key.starts_with(quote) && key.ends_with(quote) && !key.contains('…');
    let number = key.trim_end_matches(':');
    quoted('\'') || quoted('"') || !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

enum Step<'a> {
    Into(String, &'a Observed, &'a Observed),
    Only(String, Side<'a>, Side<'a>),
    Here,
}

fn step<'a>(base: &'a Observed, head: &'a Observed) -> Step<'a> {
    use Observed::{Bytes, Dict, Drained, List, Object, Str, Tuple};
    match (base, head) {
        (List(one), List(other))
        | (Tuple(one), Tuple(other))
        | (Drained { items: one, .. }, Drained { items: other, .. }) => sequence_step(one, other),
        (Dict(one), Dict(other)) => dict_step(one, other),
        (
            Object {
                class: a,
                items: i,
                state: s,
                ..
            },
            Object {
                class: b,
                items: j,
                state: t,
                ..
            },
        ) if a == b => object_step(i.as_deref(), j.as_deref(), s, t),
        (Str(one), Str(other)) if one != other => text_step(one, other),
        (Bytes(one), Bytes(other)) if one != other => bytes_step(one, other),
        _ => Step::Here,
    }
}

fn sequence_step<'a>(base: &'a [Observed], head: &'a [Observed]) -> Step<'a> {
    let Some(index) = (0..base.len().max(head.len())).find(|index| !same_at(base, head, *index)) else {
        return Step::Here;
    };
    let side = |items: &'a [Observed]| {
        items.get(index).map_or_else(
            || Side::Text(format!("nothing, the length is {}", items.len())),
            Side::Value,
        )
    };
    match (base.get(index), head.get(index)) {
        (Some(one), Some(other)) => Step::Into(format!("[{index}]"), one, other),
        _ => Step::Only(format!("[{index}]"), side(base), side(head)),
    }
}

fn same_at(base: &[Observed], head: &[Observed], index: usize) -> bool {
    matches!((base.get(index), head.get(index)), (Some(one), Some(other)) if same(one, other))
}

fn dict_step<'a>(base: &'a [(Observed, Observed)], head: &'a [(Observed, Observed)]) -> Step<'a> {
    let find = |pairs: &'a [(Observed, Observed)], key: &Observed| {
        pairs.iter().find(|(other, _)| same(key, other)).map(|(_, value)| value)
    };
    for (key, _) in base.iter().chain(head) {
        let name = || format!("[{}]", observed(key, 40));
        match (find(base, key), find(head, key)) {
            (Some(one), Some(other)) if same(one, other) => {}
            (Some(one), Some(other)) => return Step::Into(name(), one, other),
            (one, other) => {
                let side =
                    |value: Option<&'a Observed>| value.map_or_else(|| Side::Text("missing".to_owned()), Side::Value);
                return Step::Only(name(), side(one), side(other));
            }
        }
    }
    Step::Here
}

fn object_step<'a>(
    base: Option<&'a Observed>,
    head: Option<&'a Observed>,
    state: &'a [(String, Observed)],
    other: &'a [(String, Observed)],
) -> Step<'a> {
    if let (Some(base), Some(head)) = (base, head)
        && !same(base, head)
    {
        return Step::Into(String::new(), base, head);
    }
    let find = |state: &'a [(String, Observed)], name: &str| {
        state.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    };
    for (name, _) in state.iter().chain(other) {
        match (find(state, name), find(other, name)) {
            (Some(one), Some(other)) if same(one, other) => {}
            (Some(one), Some(other)) => return Step::Into(format!(".{name}"), one, other),
            (one, other) => {
                let side =
                    |value: Option<&'a Observed>| value.map_or_else(|| Side::Text("missing".to_owned()), Side::Value);
                return Step::Only(format!(".{name}"), side(one), side(other));
            }
        }
    }
    Step::Here
}

/// Characters shown before the first one that differs.
const CONTEXT: usize = 10;
/// Characters shown from the first one that differs on.
const AFTER: usize = 24;

fn text_step<'a>(base: &str, head: &str) -> Step<'a> {
    let (base, head) = (without_addresses(base), without_addresses(head));
    if base == head {
        return Step::Here;
    }
    let common = base
        .chars()
        .zip(head.chars())
        .take_while(|(one, other)| one == other)
        .count();
    let start = common.saturating_sub(CONTEXT);
    let part = |text: &str| {
        let shown: String = text.chars().skip(start).take(CONTEXT + AFTER).collect();
        let more = text.chars().count() > start + CONTEXT + AFTER;
        format!("{}{}", literal::string(&shown), if more { "…" } else { "" })
    };
    let path = if start == 0 {
        String::new()
    } else {
        format!("[{start}:]")
    };
    Step::Only(path, Side::Text(part(&base)), Side::Text(part(&head)))
}

fn bytes_step<'a>(base: &[u8], head: &[u8]) -> Step<'a> {
    let start = base
        .iter()
        .zip(head)
        .take_while(|(one, other)| one == other)
        .count()
        .saturating_sub(CONTEXT);
    let part = |bytes: &[u8]| {
        let end = bytes.len().min(start + CONTEXT + AFTER);
        format!(
            "{}{}",
            literal::bytes(&bytes[start.min(end)..end]),
            if end < bytes.len() { "…" } else { "" }
        )
    };
    let path = if start == 0 {
        String::new()
    } else {
        format!("[{start}:]")
    };
    Step::Only(path, Side::Text(part(base)), Side::Text(part(head)))
}

/// Equality in which not-a-number equals itself.
pub(super) fn same(base: &Observed, head: &Observed) -> bool {
    let form = Form {
        names: None,
        qualified: true,
    };
    base == head || form.text(base, usize::MAX) == form.text(head, usize::MAX)
}

/// Numbers of the objects that are referred to again.
fn shared(value: &Observed) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        if let Observed::Again(number) = value {
            found.insert(*number);
        }
        open.extend(value.children());
    }
    found
}

struct Reader<'a> {
    caps: Caps,
    /// Objects that are referred to again.
    shared: &'a BTreeSet<u32>,
    /// Objects that the value itself holds.
    defined: &'a BTreeSet<u32>,
    form: Form<'a>,
}

impl Reader<'_> {
    fn value(&self, value: &Observed, depth: u32) -> String {
        // The harness is untrusted: a nest of any depth must not end this process.
        if depth > 100 {
            return "…".to_owned();
        }
        match value {
            Observed::None => "None".to_owned(),
            Observed::Ellipsis => "...".to_owned(),
            Observed::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
            Observed::Int(value) => value.to_string(),
            Observed::BigInt(value) => literal::integer(value),
            Observed::Float(value) if value.is_nan() => "nan".to_owned(),
            Observed::Float(value) if value.is_infinite() => if *value > 0.0 { "inf" } else { "-inf" }.to_owned(),
            Observed::Float(value) => literal::float(*value),
            Observed::Complex(real, imaginary) => literal::complex(*real, *imaginary),
            Observed::Str(text) => capped_string(&without_addresses(text), self.caps.characters),
            Observed::BrokenStr(bytes) => format!(
                "<text that is not Unicode: {}>",
                capped_bytes(bytes, self.caps.characters)
            ),
            Observed::Bytes(bytes) => capped_bytes(bytes, self.caps.characters),
            Observed::List(items) => format!("[{}]", self.items(items, depth)),
            Observed::Tuple(items) if items.len() == 1 => format!("({},)", self.items(items, depth)),
            Observed::Tuple(items) => format!("({})", self.items(items, depth)),
            Observed::Set(items) if items.is_empty() => "set()".to_owned(),
            Observed::Set(items) => format!("{{{}}}", self.items(items, depth)),
            Observed::FrozenSet(items) if items.is_empty() => "frozenset()".to_owned(),
            Observed::FrozenSet(items) => format!("frozenset({{{}}})", self.items(items, depth)),
            Observed::Dict(pairs) => {
                let parts = pairs
                    .iter()
                    .map(|(key, value)| format!("{}: {}", self.value(key, depth + 1), self.value(value, depth + 1)));
                format!("{{{}}}", joined(parts, self.caps.items))
            }
            Observed::Object {
                class,
                id,
                items,
                state,
            } => self.object(class, *id, items.as_deref(), state, depth),
            Observed::Again(number) if self.defined.contains(number) => format!("#{number}"),
            Observed::Again(number) => self
                .form
                .words(value)
                .map_or_else(|| format!("#{number}"), |words| format!("<{words}>")),
            Observed::Named(name) => name.strip_prefix("builtins.").unwrap_or(name).to_owned(),
            Observed::Drained { class, items, end } => self.drained(class, items, end, depth),
            Observed::Opaque(text) => format!("<{}>", capped_plain(&without_addresses(text), self.caps.characters)),
            Observed::Cut => "…".to_owned(),
        }
    }

    fn items(&self, items: &[Observed], depth: u32) -> String {
        joined(items.iter().map(|item| self.value(item, depth + 1)), self.caps.items)
    }

    fn object(
        &self,
        class: &str,
        id: u32,
        items: Option<&Observed>,
        state: &[(String, Observed)],
        depth: u32,
    ) -> String {
        let mark = if self.shared.contains(&id) {
            format!("#{id} ")
        } else {
            String::new()
        };
        let mut name = self.class(class);
        let mut parts: Vec<String> = match items {
            None => Vec::new(),
            Some(items) => match (library::call(class, items), items) {
                (Some((call, args)), _) => {
                    if !self.form.qualified {
                        name = call;
                    }
                    args
                }
                // A named tuple is made from its fields, and is what most classes with the content of a tuple are.
                (None, Observed::Tuple(args)) if library::is_exception(class) || class.contains('.') => {
                    args.iter().map(|arg| self.value(arg, depth + 1)).collect()
                }
                (None, items) => vec![self.value(items, depth + 1)],
            },
        };
        let made_of = parts.len();
        parts.extend(
            state
                .iter()
                .take(self.caps.items.saturating_add(1))
                .map(|(name, value)| format!("{name}={}", self.value(value, depth + 1))),
        );
        format!(
            "{mark}{name}({})",
            joined(parts.into_iter(), self.caps.items.saturating_add(made_of))
        )
    }

    fn class<'c>(&self, class: &'c str) -> &'c str {
        if self.form.qualified {
            class
        } else {
            class.rsplit('.').next().unwrap_or(class)
        }
    }

    fn drained(&self, class: &str, items: &[Observed], end: &str, depth: u32) -> String {
        let name = self.class(class);
        let items = self.items(items, depth);
        match end {
            "end" => format!("{name} of [{items}]"),
            "cap" => format!("{name} of [{items}, … without end]"),
            exception if items.is_empty() => format!("{name} that raises {exception}"),
            exception => format!("{name} of [{items}, then raises {exception}]"),
        }
    }
}

fn capped_plain(text: &str, cap: usize) -> String {
    match text.char_indices().nth(cap) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
