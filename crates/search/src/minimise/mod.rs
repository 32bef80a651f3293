//! Making a witness smaller: greedily, each step strictly, and from the start again after each success.

mod edits;
mod inputs;
mod measure;

use std::collections::HashSet;

use model::Input;

use crate::digest::Digest;

/// How many candidates are judged together, at first and at most.
const BATCHES: [usize; 2] = [8, 64];

/// The smallest input found that still keeps what `keeps` asks for, within `cap` evaluations (600 is plenty).
///
/// Smaller is what has the smaller [`Input::size`], or the same one and smaller numbers and plainer characters.
/// `keeps` is asked about batches of strictly smaller inputs, the boldest first, and answers for each in order; missing
/// answers count as no. What it asks for is the caller's affair: mostly that the difference stays of the same category.
///
/// # Errors
/// What `keeps` fails with.
pub fn minimise<E>(
    input: Input,
    cap: usize,
    mut keeps: impl FnMut(&[Input]) -> Result<Vec<bool>, E>,
) -> Result<Input, E> {
    let mut best = input;
    let mut judged = HashSet::from([Digest::of(&best)]);
    let mut left = cap;
    while let Some(smaller) = step(&best, &mut judged, &mut left, &mut keeps)? {
        best = smaller;
    }
    Ok(best)
}

/// The smallest input of the first batch in which one is kept, among those not judged before.
fn step<E>(
    best: &Input,
    judged: &mut HashSet<u64>,
    left: &mut usize,
    keeps: &mut impl FnMut(&[Input]) -> Result<Vec<bool>, E>,
) -> Result<Option<Input>, E> {
    let mut candidates = inputs::candidates(best).filter(|candidate| judged.insert(Digest::of(candidate)));
    let mut width = BATCHES[0];
    loop {
        let batch: Vec<Input> = candidates.by_ref().take(width.min(*left)).collect();
        if batch.is_empty() {
            return Ok(None);
        }
        *left -= batch.len();
        let answers = keeps(&batch)?;
        let kept = batch
            .into_iter()
            .zip(answers)
            .filter_map(|(candidate, kept)| kept.then_some(candidate));
        if let Some(smallest) = kept.min_by_key(measure::of) {
            return Ok(Some(smallest));
        }
        width = (width * 2).min(BATCHES[1]);
    }
}

#[cfg(test)]
mod tests;
