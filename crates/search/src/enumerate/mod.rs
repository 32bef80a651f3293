//! The smallest values of every shape, and all their combinations, smallest first: so the first witness comes soon and is small.

mod small;

use model::{Input, Node, Value};

use crate::atlas::RootKind;
use crate::draft::{Draft, Given};
use crate::graph;
use crate::knowledge::Knowledge;
use crate::shape::ParameterKind;

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

/// What a root may be given, with the nodes it refers to.
#[derive(Clone, Debug)]
struct Offer {
    given: Given,
    nodes: Vec<Node>,
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
        let at = self.at.clone()?;
        let draft = self.combine(&at);
        self.given += 1;
        self.at = if self.given < COMBINATIONS {
            self.after(at)
        } else {
            None
        };
        Some(draft.assemble(&know.atlas))
    }

    fn combine(&self, at: &[usize]) -> Draft {
        let mut draft = Draft::default();
        for (list, index) in self.choices.iter().zip(at) {
            let mut offer = list[*index].clone();
            let offset = draft.nodes.len();
            if !offer.nodes.is_empty() {
                offer.given.values_mut().for_each(|value| shift(value, offset));
                graph::adopt(&mut draft.nodes, &mut Value::None, &offer.nodes);
            }
            draft.given.push(offer.given);
        }
        draft
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

fn shift(value: &mut Value, offset: usize) {
    graph::replace(value, &mut |index| Value::Node(index + offset as u32));
}

/// What a root may be given, smallest first.
fn offers(know: &Knowledge, root: usize, most: usize) -> Vec<Offer> {
    let about = &know.atlas.roots[root];
    let mut offers = Vec::new();
    if about.optional {
        offers.push(Offer {
            given: Given::Omitted,
            nodes: Vec::new(),
        });
    }
    let pieces = small::values(know, about.shapes[know.openness], about.hint, most);
    match about.kind {
        RootKind::Parameter(ParameterKind::Rest) => {
            let offer = |(values, nodes)| Offer {
                given: Given::Rest(values),
                nodes,
            };
            offers.extend(small::sequences(&pieces, most.min(40)).into_iter().map(offer));
        }
        RootKind::Parameter(ParameterKind::KeywordRest) => {
            offers.push(Offer {
                given: Given::Named(Vec::new()),
                nodes: Vec::new(),
            });
            let named = about
                .keys
                .iter()
                .take(3)
                .flat_map(|key| pieces.iter().take(3).map(move |piece| (key, piece)));
            offers.extend(named.map(|(key, piece)| Offer {
                given: Given::Named(vec![(key.clone(), piece.value.clone())]),
                nodes: piece.nodes.clone(),
            }));
        }
        _ => offers.extend(pieces.into_iter().map(|piece| Offer {
            given: Given::One(piece.value),
            nodes: piece.nodes,
        })),
    }
    offers.truncate(most);
    offers
}

#[cfg(test)]
mod tests;
