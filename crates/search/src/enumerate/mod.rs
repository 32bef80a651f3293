//! The smallest values of every shape, and all their combinations, smallest first: so the first witness comes soon and is small.

mod objects;
mod scalars;
mod small;

use model::{Input, Node, Value};

use crate::atlas::RootKind;
use crate::draft::{Draft, Given};
use crate::graph;
use crate::knowledge::Knowledge;
use crate::shape::{ClassId, ParameterKind, Shape, ShapeId};
use small::Piece;

/// Combinations that are tried at most.
const COMBINATIONS: usize = 20_000;

/// Gives combinations of small values in the order of the sum of their ranks.
#[derive(Clone, Debug)]
pub(crate) struct Enumerator {
    choices: Vec<Vec<Offer>>,
    at: Option<Vec<usize>>,
    sum: usize,
    given: usize,
}

/// What a root may be given.
#[derive(Clone, Debug)]
enum Offer {
    /// Values, with the nodes that they refer to.
    Fresh(Given, Vec<Node>),
    /// A node of the roots before, counted from the first or from the last: start and goal lie in the same graph.
    Shared { from_end: bool, place: usize },
}

impl Enumerator {
    /// Lists the small values of every root.
    pub fn new(know: &Knowledge) -> Self {
        // How many roots have much to choose among decides how far each may go.
        let lists: Vec<Vec<Offer>> = (0..know.atlas.roots.len()).map(|root| offers(know, root, 12)).collect();
        let rich = lists.iter().filter(|list| list.len() >= 12).count();
        let most = [12, 700, 90, 32, 16].get(rich).copied().unwrap_or(12);
        let choices: Vec<Vec<Offer>> = match most {
            12 => lists,
            most => (0..know.atlas.roots.len())
                .map(|root| offers(know, root, most))
                .collect(),
        };
        let possible = choices.iter().all(|list| !list.is_empty());
        let at = possible.then(|| vec![0; choices.len()]);
        Self {
            choices,
            at,
            sum: 0,
            given: 0,
        }
    }

    /// Nothing to give.
    pub fn none() -> Self {
        Self {
            choices: Vec::new(),
            at: None,
            sum: 0,
            given: 0,
        }
    }

    /// Whether all combinations have been given.
    pub fn is_done(&self) -> bool {
        self.at.is_none()
    }

    /// The next combination; nothing at the end.
    pub fn next(&mut self, know: &Knowledge) -> Option<Input> {
        loop {
            let at = self.at.take()?;
            let draft = self.combine(&at);
            self.given += 1;
            if self.given < COMBINATIONS {
                self.at = self.after(at);
            }
            if let Some(draft) = draft {
                return Some(draft.assemble(&know.atlas));
            }
        }
    }

    /// The combination of these ranks; nothing where a node is to be shared that is not there.
    fn combine(&self, at: &[usize]) -> Option<Draft> {
        let mut draft = Draft::default();
        for (list, index) in self.choices.iter().zip(at) {
            let offset = draft.nodes.len();
            let given = match &list[*index] {
                Offer::Fresh(given, nodes) if nodes.is_empty() => given.clone(),
                Offer::Fresh(given, nodes) => {
                    let mut given = given.clone();
                    let mut shift = |index: u32| Value::Node(index + offset as u32);
                    given.values_mut().for_each(|value| graph::replace(value, &mut shift));
                    graph::adopt(&mut draft.nodes, &mut Value::None, nodes);
                    given
                }
                Offer::Shared { from_end: true, place } => {
                    Given::One(Value::Node(offset.checked_sub(place + 1)? as u32))
                }
                Offer::Shared { place, .. } if *place < offset => Given::One(Value::Node(*place as u32)),
                Offer::Shared { .. } => return None,
            };
            draft.given.push(given);
        }
        Some(draft)
    }

    /// The next vector of ranks: the same sum as long as there is one, then the next larger sum.
    fn after(&mut self, mut at: Vec<usize>) -> Option<Vec<usize>> {
        let most: Vec<usize> = self.choices.iter().map(|list| list.len() - 1).collect();
        let mut behind = 0;
        for place in (0..at.len()).rev() {
            if behind > 0 && at[place] < most[place] {
                at[place] += 1;
                fill(&mut at[place + 1..], &most[place + 1..], behind - 1);
                return Some(at);
            }
            behind += at[place];
        }
        self.sum += 1;
        if self.sum > most.iter().sum() {
            return None;
        }
        fill(&mut at, &most, self.sum);
        Some(at)
    }
}

/// Spreads `sum` over the places, as far to the right as it goes.
fn fill(at: &mut [usize], most: &[usize], mut sum: usize) {
    for (place, most) in at.iter_mut().zip(most).rev() {
        *place = sum.min(*most);
        sum -= *place;
    }
}

/// What a root may be given, smallest first.
fn offers(know: &Knowledge, root: usize, most: usize) -> Vec<Offer> {
    let about = &know.atlas.roots[root];
    let mut offers = Vec::new();
    if about.optional {
        offers.push(Offer::Fresh(Given::Omitted, Vec::new()));
    }
    if shares(know, root) {
        let shared = [(true, 0), (false, 0), (false, 1)];
        offers.extend(shared.map(|(from_end, place)| Offer::Shared { from_end, place }));
    }
    let pieces = small::values(know, about.shapes[know.openness], about.hint, most);
    match about.kind {
        RootKind::Parameter(ParameterKind::Rest) => {
            let offer = |(values, nodes)| Offer::Fresh(Given::Rest(values), nodes);
            offers.extend(small::sequences(&pieces, most.min(40)).into_iter().map(offer));
        }
        RootKind::Parameter(ParameterKind::KeywordRest) => {
            offers.push(Offer::Fresh(Given::Named(Vec::new()), Vec::new()));
            let named = about
                .keys
                .iter()
                .take(3)
                .flat_map(|key| pieces.iter().take(3).map(move |piece| (key, piece)));
            let given = |key: &String, piece: &Piece| Given::Named(vec![(key.clone(), piece.value.clone())]);
            offers.extend(named.map(|(key, piece)| Offer::Fresh(given(key, piece), piece.nodes.clone())));
        }
        _ => offers.extend(
            pieces
                .into_iter()
                .map(|piece| Offer::Fresh(Given::One(piece.value), piece.nodes)),
        ),
    }
    offers.truncate(most);
    offers
}

/// Whether a root takes linked objects of a class that a root before it takes as well.
fn shares(know: &Knowledge, root: usize) -> bool {
    let takes = |root: usize| linked_class(know, know.atlas.roots[root].shapes[0]);
    takes(root).is_some_and(|class| (0..root).any(|before| takes(before) == Some(class)))
}

fn linked_class(know: &Knowledge, shape: ShapeId) -> Option<ClassId> {
    match know.atlas.shape(shape) {
        Shape::Object(class) => know
            .atlas
            .class(*class)
            .filter(|class| !class.attributes.is_empty())
            .map(|_| *class),
        Shape::Union(options) => options.iter().find_map(|(_, option)| linked_class(know, *option)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
