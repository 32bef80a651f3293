//! The smallest values of a shape, in an order in which a person might try them.

use model::{Node, Value};

use crate::graph;
use crate::knowledge::Knowledge;
use crate::make::containers::hashable;
use crate::names::Hint;
use crate::shape::{Shape, ShapeId};
use crate::technique::Technique;

const DEPTH: u32 = 4;
/// Small values have no more nodes than this.
const NODES: usize = 12;

/// A value with the nodes it refers to, numbered from 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    /// The value.
    pub value: Value,
    /// Its nodes.
    pub nodes: Vec<Node>,
}

impl Piece {
    pub(super) fn plain(value: Value) -> Self {
        Self {
            value,
            nodes: Vec::new(),
        }
    }

    /// Several pieces in one.
    fn join(pieces: &[&Piece], make: impl FnOnce(Vec<Value>) -> Value) -> Self {
        let (values, nodes) = together(pieces);
        Self {
            value: make(values),
            nodes,
        }
    }
}

pub(super) fn together(pieces: &[&Piece]) -> (Vec<Value>, Vec<Node>) {
    let mut nodes = Vec::new();
    let values = pieces.iter().map(|piece| {
        let mut value = piece.value.clone();
        graph::adopt(&mut nodes, &mut value, &piece.nodes);
        value
    });
    (values.collect(), nodes)
}

/// At most `most` values of a shape.
pub(crate) fn values(know: &Knowledge, shape: ShapeId, hint: Option<&'static Hint>, most: usize) -> Vec<Piece> {
    Lister { know, hint }.list(shape, most, DEPTH)
}

/// Sequences of pieces, by length and ranks together: the empty one, `a`, `aa`, `b`, `aaa`, `ab`, `ba`, `c`, …
pub(crate) fn sequences(pieces: &[Piece], most: usize) -> Vec<(Vec<Value>, Vec<Node>)> {
    let pick = |ranks: &Vec<usize>| together(&ranks.iter().map(|rank| &pieces[*rank]).collect::<Vec<_>>());
    compositions(pieces.len(), most).iter().map(pick).collect()
}

/// Vectors of ranks below `ranks`, in the order of the sum of (rank + 1).
fn compositions(ranks: usize, most: usize) -> Vec<Vec<usize>> {
    let mut by_cost: Vec<Vec<Vec<usize>>> = vec![vec![Vec::new()]];
    let mut count = 1;
    for cost in 1..=12usize {
        let mut level = Vec::new();
        for first in 0..ranks.min(cost) {
            for rest in by_cost[cost - first - 1].iter().filter(|rest| rest.len() < 6) {
                if count + level.len() < most {
                    level.push(std::iter::once(first).chain(rest.iter().copied()).collect());
                }
            }
        }
        level.sort_by_key(|ranks: &Vec<usize>| ranks.len());
        count += level.len();
        by_cost.push(level);
    }
    by_cost.into_iter().flatten().collect()
}

/// Pairs and longer vectors of indices below `lengths`, in the order of their sum.
fn products(lengths: &[usize], most: usize) -> Vec<Vec<usize>> {
    if lengths.contains(&0) {
        return Vec::new();
    }
    let mut found: Vec<Vec<usize>> = vec![Vec::new()];
    // Cut early, so that many parts do not multiply: a prefix with a large sum is not worth its continuations.
    for length in lengths {
        let longer = found
            .iter()
            .flat_map(|prefix| (0..*length).map(move |index| [&prefix[..], &[index]].concat()));
        let mut longer: Vec<Vec<usize>> = longer.collect();
        longer.sort_by_key(|vector| vector.iter().sum::<usize>());
        longer.truncate(most);
        found = longer;
    }
    found
}

/// Lists the values of shapes.
pub(super) struct Lister<'k> {
    pub know: &'k Knowledge,
    pub hint: Option<&'static Hint>,
}

impl Lister<'_> {
    pub(super) fn list(&self, shape: ShapeId, most: usize, depth: u32) -> Vec<Piece> {
        if depth == 0 {
            return self.least(shape).into_iter().map(Piece::plain).collect();
        }
        let few = || most.clamp(3, 8);
        let mut pieces = match self.know.atlas.shape(shape) {
            Shape::Any | Shape::None => vec![Piece::plain(Value::None)],
            Shape::Bool => [false, true].map(|value| Piece::plain(Value::Bool(value))).into(),
            Shape::Int => self
                .ints(most)
                .into_iter()
                .map(|value| Piece::plain(Value::Int(value)))
                .collect(),
            Shape::Float => self
                .floats()
                .into_iter()
                .map(|value| Piece::plain(Value::Float(value)))
                .collect(),
            Shape::Str => self
                .texts(most)
                .into_iter()
                .map(|value| Piece::plain(Value::Str(value)))
                .collect(),
            Shape::Bytes => self
                .texts(most)
                .into_iter()
                .map(|value| Piece::plain(Value::Bytes(value.into_bytes())))
                .collect(),
            Shape::OneOf(values) => values.iter().cloned().map(Piece::plain).collect(),
            Shape::Union(options) => self.union(options, most, depth),
            Shape::List(of) => wrap(sequences(&self.list(*of, few(), depth - 1), most), Value::List),
            Shape::TupleOf(of) => wrap(sequences(&self.list(*of, few(), depth - 1), most), Value::Tuple),
            Shape::Iterator(of) => wrap(sequences(&self.list(*of, few(), depth - 1), most), Value::Iterator),
            Shape::Set(of) => wrap(distinct(sequences(&self.list(*of, few(), depth - 1), most)), Value::Set),
            Shape::FrozenSet(of) => wrap(
                distinct(sequences(&self.list(*of, few(), depth - 1), most)),
                Value::FrozenSet,
            ),
            Shape::Dict(key, of) => self.dicts(*key, *of, most, depth),
            Shape::Tuple(parts) => self.product(parts, most, depth, Value::Tuple),
            Shape::Make { callee, args } => self.product(args, most, depth, |args| Value::Call {
                callee: callee.clone(),
                args,
                kwargs: Vec::new(),
            }),
            Shape::Record(fields) => self.records(fields, most, depth),
            Shape::Callable(result) => {
                let returns = |piece: Piece| Piece {
                    value: Value::Returns(Box::new(piece.value)),
                    nodes: piece.nodes,
                };
                let results = self.list(*result, 3, depth - 1).into_iter().map(returns);
                results.chain([Piece::plain(Value::Identity)]).collect()
            }
            Shape::Object(class) => self.objects(*class, most, depth),
        };
        pieces.retain(|piece| piece.nodes.len() <= NODES);
        pieces.truncate(most);
        pieces
    }

    /// A value that ends at once, where there is one.
    pub(super) fn least(&self, shape: ShapeId) -> Option<Value> {
        Some(match self.know.atlas.shape(shape) {
            Shape::Bool => Value::Bool(false),
            Shape::Int => Value::Int(0),
            Shape::Float => Value::Float(0.0),
            Shape::Str => Value::Str(String::new()),
            Shape::Bytes => Value::Bytes(Vec::new()),
            Shape::OneOf(values) => values.first().cloned().unwrap_or(Value::None),
            Shape::List(_) => Value::List(Vec::new()),
            Shape::TupleOf(_) => Value::Tuple(Vec::new()),
            Shape::Set(_) => Value::Set(Vec::new()),
            Shape::FrozenSet(_) => Value::FrozenSet(Vec::new()),
            Shape::Dict(..) => Value::Dict(Vec::new()),
            Shape::Iterator(_) => Value::Iterator(Vec::new()),
            Shape::Union(options) => return options.iter().find_map(|(_, option)| self.least(*option)),
            Shape::None | Shape::Any => Value::None,
            _ => return None,
        })
    }

    /// Values of all alternatives in turn, the likelier alternatives first and, where they weigh much more, more of them.
    fn union(&self, options: &[(f64, ShapeId)], most: usize, depth: u32) -> Vec<Piece> {
        let mut options = options.to_vec();
        options.sort_by(|a, b| b.0.total_cmp(&a.0));
        let largest = options.first().map_or(1.0, |(weight, _)| *weight);
        let mut lists: Vec<(usize, std::vec::IntoIter<Piece>)> = options
            .iter()
            .map(|(weight, option)| {
                (
                    if weight * 10.0 < largest { 1 } else { 3 },
                    self.list(*option, most, depth - 1).into_iter(),
                )
            })
            .collect();
        let mut pieces: Vec<Piece> = Vec::new();
        while pieces.len() < most {
            let before = pieces.len();
            for (share, list) in &mut lists {
                pieces.extend(list.take(*share));
            }
            if pieces.len() == before {
                break;
            }
        }
        pieces
    }

    pub(super) fn product(
        &self,
        parts: &[ShapeId],
        most: usize,
        depth: u32,
        make: impl Fn(Vec<Value>) -> Value,
    ) -> Vec<Piece> {
        let each = if parts.len() <= 2 {
            most.clamp(3, 12)
        } else {
            most.clamp(2, 5)
        };
        let lists: Vec<Vec<Piece>> = parts.iter().map(|part| self.list(*part, each, depth - 1)).collect();
        combine(&lists, most, make)
    }

    fn dicts(&self, key: ShapeId, of: ShapeId, most: usize, depth: u32) -> Vec<Piece> {
        let values = self.list(of, 4, depth - 1);
        let names = match self.know.atlas.shape(key) {
            Shape::Str if self.know.on(Technique::Literals) => self.known_keys(),
            _ => Vec::new(),
        };
        let mut keys: Vec<Piece> = names.iter().take(4).cloned().map(Piece::plain).collect();
        keys.extend(self.list(key, 5, depth - 1));
        keys.iter_mut()
            .for_each(|piece| piece.value = hashable(std::mem::replace(&mut piece.value, Value::None)));
        let pairs = combine(&[keys, values.clone()], 12, Value::Tuple);
        let mut dicts: Vec<Piece> = sequences(&pairs, most).into_iter().filter_map(dict).collect();
        // The few names that the code mentions may belong to one record.
        if (2..=6).contains(&names.len()) {
            let lists = vec![values.into_iter().take(2).collect(); names.len()];
            let records = combine(&lists, 8, |values| {
                Value::Dict(names.iter().cloned().zip(values).collect())
            });
            dicts.splice(dicts.len().min(3)..dicts.len().min(3), records);
        }
        dicts
    }

    fn known_keys(&self) -> Vec<Value> {
        self.know
            .dictionary
            .keys
            .ordered()
            .take(7)
            .cloned()
            .map(Value::Str)
            .collect()
    }

    fn records(&self, fields: &[(String, ShapeId, bool)], most: usize, depth: u32) -> Vec<Piece> {
        let mut found = Vec::new();
        // With everything first, then with only what must be there.
        for full in [true, false] {
            let kept: Vec<_> = fields.iter().filter(|(.., required)| full || *required).collect();
            let lists: Vec<Vec<Piece>> = kept
                .iter()
                .map(|(_, shape, _)| self.list(*shape, 4, depth - 1))
                .collect();
            let names = kept.iter().map(|(name, ..)| Value::Str(name.clone()));
            let names: Vec<Value> = names.collect();
            found.extend(combine(&lists, most, |values| {
                Value::Dict(names.iter().cloned().zip(values).collect())
            }));
            if kept.len() == fields.len() && !full {
                break;
            }
        }
        let mut kept: Vec<Piece> = Vec::new();
        found.retain(|piece| {
            !kept.contains(piece) && {
                kept.push(piece.clone());
                true
            }
        });
        found
    }
}

/// A dictionary of pairs; nothing where a key comes twice.
fn dict((items, nodes): (Vec<Value>, Vec<Node>)) -> Option<Piece> {
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    for item in items {
        let Value::Tuple(item) = item else { return None };
        let [key, value] = <[Value; 2]>::try_from(item).ok()?;
        if pairs.iter().any(|(other, _)| *other == key) {
            return None;
        }
        pairs.push((key, value));
    }
    Some(Piece {
        value: Value::Dict(pairs),
        nodes,
    })
}

fn combine(lists: &[Vec<Piece>], most: usize, make: impl Fn(Vec<Value>) -> Value) -> Vec<Piece> {
    let lengths: Vec<usize> = lists.iter().map(Vec::len).collect();
    let pick = |indices: Vec<usize>| {
        let parts: Vec<&Piece> = lists.iter().zip(indices).map(|(list, index)| &list[index]).collect();
        Piece::join(&parts, &make)
    };
    products(&lengths, most).into_iter().map(pick).collect()
}

fn wrap(sequences: Vec<(Vec<Value>, Vec<Node>)>, make: impl Fn(Vec<Value>) -> Value) -> Vec<Piece> {
    sequences
        .into_iter()
        .map(|(values, nodes)| Piece {
            value: make(values),
            nodes,
        })
        .collect()
}

/// Those without repeats, each once.
fn distinct(sequences: Vec<(Vec<Value>, Vec<Node>)>) -> Vec<(Vec<Value>, Vec<Node>)> {
    let mut found: Vec<Vec<Value>> = Vec::new();
    let mut kept = Vec::new();
    for (values, nodes) in sequences {
        let values: Vec<Value> = values.into_iter().map(hashable).collect();
        let repeats = (1..values.len()).any(|index| values[..index].contains(&values[index]));
        let again = found
            .iter()
            .any(|other| other.len() == values.len() && values.iter().all(|value| other.contains(value)));
        if !repeats && !again {
            found.push(values.clone());
            kept.push((values, nodes));
        }
    }
    kept
}
