//! Shapes of what the surroundings answer.

use model::{Asked, Symbol, Value};
use search::{Parameter, ParameterKind, Shape, ShapeId};

use super::concrete::Concrete;
use super::kind::{Fact, Kind, Mask};
use super::on_disk;
use super::slots::Slot;
use super::surroundings::{Ask, Call, MOST};

/// Values that variables often have, beside what the code compares them with.
const USUAL: [&str; 4] = ["1", "0", "true", ""];
/// Statuses that servers often answer with.
const STATUSES: [i64; 9] = [404, 500, 201, 204, 400, 401, 403, 429, 503];
/// How likely it is that a program or a server is not there at all.
const NOBODY: f64 = 0.12;
/// How often a call is answered by itself where only one is written down, and it is made again.
const AGAIN: u32 = 2;
/// Moments at which something ends or begins: year, month, day, hour, minute and second.
const MOMENTS: [&[i64]; 8] = [
    &[2024, 2, 29, 12, 0],
    &[2023, 12, 31, 23, 59, 59],
    &[2024, 1, 1],
    &[2024, 2, 28, 23, 59],
    &[2023, 3, 31],
    &[2024, 12, 30],
    &[2025, 1, 31],
    &[1970, 1, 1],
];

/// A part of the answer to a numbered call.
type Numbered = (fn(u32) -> Asked, ShapeId);

impl Concrete<'_, '_, '_> {
    /// What is asked for, as parameters of their own kind.
    pub(super) fn asked(&mut self) -> Vec<Parameter> {
        let mut found: Vec<(Asked, ShapeId)> = Vec::new();
        self.variables(&mut found);
        if self.engine.surroundings.time {
            found.push((Asked::Time, self.moment()));
        }
        if let Some((slot, whole)) = self.engine.surroundings.typed {
            let text = self.textual(slot);
            let lines = self.subject.add(Shape::List(text));
            let shape = if whole {
                Shape::Union(vec![(1.0, text), (0.3, lines)])
            } else {
                Shape::List(text)
            };
            found.push((Asked::Typed, self.subject.add(shape)));
        }
        let files = self.engine.surroundings.files.clone();
        for (name, content) in files.into_iter().take(MOST) {
            let own = self.content(content);
            let usual = on_disk::content(self);
            let usual = self.leaf(usual);
            let shape = self.subject.add(Shape::Union(vec![(1.0, own), (0.5, usual)]));
            found.push((Asked::File(name), shape));
        }
        self.numbered_answers(&mut found);
        let parameter = |(asked, shape): (Asked, ShapeId)| Parameter {
            name: asked.to_string(),
            kind: ParameterKind::World,
            shape,
            default: None,
            optional: true,
            keys: Vec::new(),
        };
        found.into_iter().map(parameter).collect()
    }

    /// A point in time: any hour of any day, and those at which years, months, days and leap days end.
    fn moment(&mut self) -> ShapeId {
        let mut part = |values: Vec<i64>| self.leaf(Shape::OneOf(values.into_iter().map(Value::Int).collect()));
        let parts = vec![
            part(vec![2024, 2023, 2025, 2000, 1999, 2038]),
            part((1..=12).collect()),
            part((1..=28).collect()),
            part((0..24).collect()),
            part(vec![0, 30, 59, 1, 15, 45]),
        ];
        let callee = Symbol::new("datetime", "datetime");
        let ends = MOMENTS.map(|numbers| {
            let args = numbers.iter().map(|number| Value::Int(*number)).collect();
            Value::call(callee.clone(), args)
        });
        let ends = self.leaf(Shape::OneOf(ends.into()));
        let any = self.subject.add(Shape::Make { callee, args: parts });
        self.subject.add(Shape::Union(vec![(1.0, any), (0.4, ends)]))
    }

    fn variables(&mut self, found: &mut Vec<(Asked, ShapeId)>) {
        let Some(environment) = self.engine.surroundings.environment else {
            return;
        };
        let info = self.engine.slots.info(environment).clone();
        let mut names: Vec<(String, Option<Slot>)> =
            info.keys.iter().map(|key| (key.name.clone(), Some(key.slot))).collect();
        let more = info
            .element
            .map(|keys| self.engine.slots.info(keys).literals.clone())
            .unwrap_or_default();
        for literal in more {
            if let Value::Str(name) = literal
                && names.iter().all(|(known, _)| *known != name)
            {
                names.push((name, info.value));
            }
        }
        names.retain(|(name, _)| !name.is_empty() && !name.contains(['=', '\0']));
        for (name, slot) in names.into_iter().take(MOST) {
            let text = match slot {
                Some(slot) => self.textual(slot),
                None => self.leaf(Shape::Str),
            };
            let usual = self.leaf(Shape::OneOf(USUAL.map(|text| Value::Str(text.into())).into()));
            let shape = self.subject.add(Shape::Union(vec![(1.0, text), (0.4, usual)]));
            found.push((Asked::Environment(name), shape));
        }
    }

    fn numbered_answers(&mut self, found: &mut Vec<(Asked, ShapeId)>) {
        let calls = self.engine.surroundings.calls.clone();
        for call in &calls {
            let is_known = |other: &Call| other.ask == call.ask && other.number == call.number;
            if calls.iter().position(is_known).map(|at| &calls[at].site) != Some(&call.site)
                || call.number as usize > MOST
            {
                continue;
            }
            let is_only = calls
                .iter()
                .filter(|other| other.ask == call.ask && other.site.0 == call.site.0)
                .count()
                == 1;
            let met = calls
                .iter()
                .filter(|other| is_known(other))
                .map(|other| other.met)
                .max()
                .unwrap_or(1);
            let times = if is_only && met > 1 { AGAIN } else { 1 };
            let parts = match call.ask {
                Ask::Process => self.of_process(call),
                Ask::Request => self.of_response(call),
                Ask::Query => vec![(Asked::Rows as fn(u32) -> Asked, self.rows(call.content))],
            };
            for again in 0..times {
                found.extend(parts.iter().map(|(asked, shape)| (asked(call.number + again), *shape)));
            }
        }
    }

    fn of_process(&mut self, call: &Call) -> Vec<Numbered> {
        let failed = self.leaf(Shape::OneOf(vec![Value::Int(1), Value::Int(0)]));
        let (any, nobody) = (self.leaf(Shape::Int), self.leaf(Shape::None));
        let code = Shape::Union(vec![(1.0, failed), (0.5, any), (NOBODY, nobody)]);
        vec![
            (Asked::ProcessCode, self.subject.add(code)),
            (Asked::ProcessOutput, self.content(call.content)),
            (Asked::ProcessErrors, self.content(call.beside)),
        ]
    }

    fn of_response(&mut self, call: &Call) -> Vec<Numbered> {
        let compared = self.engine.slots.info(call.code).literals.clone();
        let is_status = |value: &Value| matches!(value, Value::Int(status) if (200..600).contains(status));
        let mut statuses: Vec<Value> = compared.into_iter().filter(is_status).collect();
        statuses.extend(STATUSES.map(Value::Int));
        let (statuses, nobody) = (self.leaf(Shape::OneOf(statuses)), self.leaf(Shape::None));
        let status = Shape::Union(vec![(1.0, statuses), (NOBODY, nobody)]);
        let mut parts: Vec<Numbered> = vec![
            (Asked::ResponseStatus, self.subject.add(status)),
            (Asked::ResponseBody, self.content(call.content)),
        ];
        let keys = self.engine.slots.info(call.beside).keys.clone();
        if !keys.is_empty() {
            let fields = keys
                .iter()
                .map(|key| (key.name.clone(), self.textual(key.slot), false))
                .collect();
            parts.push((Asked::ResponseHeaders, self.subject.add(Shape::Record(fields))));
        }
        parts
    }

    /// What a call prints or a body holds: what it is parsed to, where it is; text, or the bytes that nobody decodes.
    fn content(&mut self, text: Slot) -> ShapeId {
        let (parsed, encoded) = (
            self.engine.surroundings.parsed.clone(),
            self.engine.surroundings.encoded.clone(),
        );
        let bytes: Vec<Slot> = encoded
            .iter()
            .filter(|(_, of)| self.engine.slots.same(*of, text))
            .map(|(bytes, _)| *bytes)
            .collect();
        let slots = &mut self.engine.slots;
        let mut results = Vec::new();
        for (source, result) in parsed {
            let is_of_it = slots.same(source, text) || bytes.iter().any(|bytes| slots.same(*bytes, source));
            if is_of_it && !slots.info(result).facts.is_empty() {
                results.push(result);
            }
        }
        let is_text_used =
            self.engine.slots.info(text).facts.len() > 1 || !self.engine.slots.info(text).literals.is_empty();
        let plain = self.textual(text);
        let mut options = Vec::new();
        for result in &results {
            options.push((1.0, self.shape(*result)));
        }
        if options.is_empty() || is_text_used {
            options.push((1.0, plain));
        } else {
            options.push((0.1, plain));
        }
        self.subject.add(Shape::Union(options))
    }

    fn rows(&mut self, row: Slot) -> ShapeId {
        let is_known = !self.engine.slots.info(row).facts.is_empty();
        let row = if is_known {
            self.shape(row)
        } else {
            let any = self.leaf(Shape::Any);
            let (one, two) = (Shape::Tuple(vec![any]), Shape::Tuple(vec![any, any]));
            let (one, two) = (self.subject.add(one), self.subject.add(two));
            self.subject.add(Shape::Union(vec![(1.0, one), (1.0, two)]))
        };
        self.subject.add(Shape::List(row))
    }

    /// The shape of a slot that can only hold text.
    fn textual(&mut self, slot: Slot) -> ShapeId {
        self.engine.slots.fact(slot, Fact::only(Mask::one(Kind::Str)));
        let id = self.shape(slot);
        let mut options = Vec::new();
        self.texts_of(id, 1.0, &mut options, 4);
        let text = self.leaf(Shape::Str);
        match &options[..] {
            [] => text,
            [(_, only)] => *only,
            _ => self.subject.add(Shape::Union(options)),
        }
    }

    fn texts_of(&mut self, id: ShapeId, weight: f64, options: &mut Vec<(f64, ShapeId)>, depth: u32) {
        match self.subject.shape(id).clone() {
            Shape::Str => options.push((weight, id)),
            Shape::OneOf(values) if values.iter().all(|value| matches!(value, Value::Str(_))) => {
                options.push((weight, id))
            }
            Shape::Make { callee, .. } if callee == Symbol::file(true) || callee == Symbol::folder(true) => {
                options.push((weight, id));
            }
            Shape::Union(all) if depth > 0 => {
                all.into_iter()
                    .for_each(|(share, id)| self.texts_of(id, weight * share, options, depth - 1));
            }
            _ => {}
        }
    }
}
