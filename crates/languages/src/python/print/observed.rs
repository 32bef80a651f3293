//! What a call did, in a line.

use std::collections::BTreeSet;

use model::{Observation, Observed, Outcome};

use super::literal;
use super::value::{Caps, capped_bytes, capped_string, fit, joined};

/// A result as Python would show it, in at most about `limit` characters.
pub fn observed(value: &Observed, limit: usize) -> String {
    let shared = shared(value);
    fit(limit, |caps| Reader { caps, shared: &shared }.value(value, 0))
}

/// How a call ended, in a line of at most about `limit` characters.
pub fn outcome(observation: &Observation, limit: usize) -> String {
    match &observation.outcome {
        Outcome::Returned(value) => observed(value, limit),
        Outcome::Raised(raised) => {
            let message = raised.message.lines().next().unwrap_or_default().trim();
            let text = if message.is_empty() {
                format!("raises {}", raised.class)
            } else {
                format!("raises {}: {message}", raised.class)
            };
            cut(&text, limit)
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

fn cut(text: &str, limit: usize) -> String {
    fit(limit, |_| text.to_owned())
}

/// Two results that differ, each in at most about `limit` characters.
///
/// Where they do not fit, only the part that differs is shown, with the way to it: `…['total']: 3`.
pub fn differing(base: &Observed, head: &Observed, limit: usize) -> (String, String) {
    let whole = (observed(base, usize::MAX), observed(head, usize::MAX));
    if whole.0.chars().count() <= limit && whole.1.chars().count() <= limit {
        return whole;
    }
    let (path, base, head) = focus(base, head);
    let one = |side: Side| {
        let text = match side {
            Side::Value(value) => observed(value, limit.saturating_sub(path.chars().count() + 3).max(12)),
            Side::Text(text) => text,
        };
        if path.is_empty() {
            text
        } else {
            format!("…{path}: {text}")
        }
    };
    (one(base), one(head))
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
    Step::Only(path, Side::Text(part(base)), Side::Text(part(head)))
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
    base == head || observed(base, usize::MAX) == observed(head, usize::MAX)
}

/// Numbers of the objects that are referred to again.
fn shared(value: &Observed) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Observed::Again(number) => {
                found.insert(*number);
            }
            Observed::List(items)
            | Observed::Tuple(items)
            | Observed::Set(items)
            | Observed::FrozenSet(items)
            | Observed::Drained { items, .. } => open.extend(items),
            Observed::Dict(pairs) => open.extend(pairs.iter().flat_map(|(key, value)| [key, value])),
            Observed::Object { items, state, .. } => {
                open.extend(items.as_deref().into_iter().chain(state.iter().map(|(_, value)| value)))
            }
            _ => {}
        }
    }
    found
}

struct Reader<'a> {
    caps: Caps,
    shared: &'a BTreeSet<u32>,
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
            Observed::Str(text) => capped_string(text, self.caps.characters),
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
            Observed::Again(number) => format!("#{number}"),
            Observed::Named(name) => name.strip_prefix("builtins.").unwrap_or(name).to_owned(),
            Observed::Drained { class, items, end } => self.drained(class, items, end, depth),
            Observed::Opaque(text) => format!("<{}>", capped_plain(text, self.caps.characters)),
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
        let name = class.rsplit('.').next().unwrap_or(class);
        let mark = if self.shared.contains(&id) {
            format!("#{id} ")
        } else {
            String::new()
        };
        let mut parts: Vec<String> = items.map(|items| self.value(items, depth + 1)).into_iter().collect();
        parts.extend(
            state
                .iter()
                .take(self.caps.items.saturating_add(1))
                .map(|(name, value)| format!("{name}={}", self.value(value, depth + 1))),
        );
        format!(
            "{mark}{name}({})",
            joined(
                parts.into_iter(),
                self.caps.items.saturating_add(usize::from(items.is_some()))
            )
        )
    }

    fn drained(&self, class: &str, items: &[Observed], end: &str, depth: u32) -> String {
        let name = class.rsplit('.').next().unwrap_or(class);
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
