//! The few calls that show what a new function does.

use std::collections::BTreeSet;

use languages::python::print;
use model::{ExampleCall, FunctionChange, Input, Observation, Observed, Outcome, Part, Value, Way};
use search::Subject;

use crate::compare::{self, Folders, Mask, Step};
use crate::confirm::Replay;
use crate::duo::{Lost, Version};
use crate::function::SEARCH_TICKS;
use crate::live::{Live, value_at};

/// Example calls that a new function is shown by.
const EXAMPLES: usize = 3;

/// Calls that are run once more to see which lines they reach, at most.
const LOOKED_AT: usize = 18;

/// Of these, how many are taken since they were the first to reach a line or a branch.
const FIRST_THERE: usize = 9;

/// Parts that a call changed, of which is told what they are afterwards.
const PARTS: usize = 3;

/// From which likelihood on an error shows something that nobody raises on purpose.
const LIKELY: f64 = 0.3;

/// Calls after which one that reaches nothing more has nothing to add.
const ENOUGH: usize = 2;

/// Characters of an outcome, and of what a call does besides.
const LIMIT: usize = 80;

/// How the inputs of a function are judged.
pub(crate) struct Fitness<'f> {
    /// What its parameters are taken for.
    pub subject: &'f Subject,
    /// Whether an input is not what the parameters declare.
    pub contradicts: &'f dyn Fn(&Input) -> bool,
}

impl Fitness<'_> {
    /// How unfit an input is to be shown: one that is ten times less likely must be a good deal shorter.
    fn cost(&self, input: &Input) -> f64 {
        search::unfitness(input, search::likelihood(self.subject, input))
    }
}

/// A call, how it ended, and how unfit it is to be shown.
type Judged = (Input, Observation, f64);

/// A call that may be shown.
struct Candidate {
    input: Input,
    observation: Observation,
    /// Lines of the function that it executes.
    lines: BTreeSet<u32>,
    /// What it does besides returning or raising.
    beside: Option<String>,
    cost: f64,
}

impl Candidate {
    fn ends_otherwise(&self) -> bool {
        ends_otherwise(&self.observation)
    }

    /// Whether a reader sees it do anything.
    fn says_nothing(&self) -> bool {
        self.beside.is_none() && matches!(self.observation.outcome, Outcome::Returned(Observed::None))
    }

    /// Whether both return a value of one type, or do not.
    fn is_of_kind(&self, other: &Self) -> bool {
        same_kind(&self.observation.outcome, &other.observation.outcome)
    }

    /// Whether both read the same.
    fn repeats(&self, other: &Self) -> bool {
        self.observation.outcome == other.observation.outcome && self.beside == other.beside
    }
}

/// The calls that tell most of a function that base does not have: one for each way through it, as far as there is room, those
/// that return first, then what it refuses. Of the calls of one way, the one whose values are likeliest, and of these the shortest.
///
/// # Errors
/// When head's session is lost.
pub(crate) fn of_new(
    live: &mut Live<'_, '_>,
    function: &FunctionChange,
    way: &Way,
    fitness: &Fitness<'_>,
) -> Result<Vec<ExampleCall>, Lost> {
    let mut candidates = candidates(live, function, way, fitness)?;
    let direct = way.through.is_empty();
    if !direct {
        candidates.retain(|one| !one.lines.is_empty());
    }
    Ok(chosen(candidates)
        .into_iter()
        .map(|candidate| {
            let printed = print::call(&way.target, &candidate.input);
            ExampleCall {
                setup: printed.setup,
                call: printed.call,
                outcome: print::outcome(&candidate.observation, &candidate.input, LIMIT),
                beside: candidate.beside,
            }
        })
        .collect())
}

/// Of all calls, the ones that are shown: ways through the function that none before took, then other outcomes.
fn chosen(mut left: Vec<Candidate>) -> Vec<Candidate> {
    left.sort_by(|one, other| {
        let order = |candidate: &Candidate| (candidate.ends_otherwise(), candidate.says_nothing());
        order(one).cmp(&order(other)).then(one.cost.total_cmp(&other.cost))
    });
    let mut shown: Vec<Candidate> = Vec::new();
    let mut reached = BTreeSet::new();
    while shown.len() < EXAMPLES && !left.is_empty() {
        let is_last = shown.len() + 1 == EXAMPLES;
        let refuses = shown.iter().any(Candidate::ends_otherwise);
        let reaches_more = |candidate: &Candidate| !candidate.lines.is_subset(&reached);
        let is_way = |candidate: &Candidate| shown.iter().all(|known| known.lines != candidate.lines);
        let is_news = |candidate: &Candidate| shown.iter().all(|known| !known.repeats(candidate));
        let next = (is_last && !refuses)
            .then(|| left.iter().position(|one| one.ends_otherwise() && reaches_more(one)))
            .flatten()
            .or_else(|| left.iter().position(reaches_more))
            .or_else(|| left.iter().position(|one| is_way(one) && is_news(one)))
            .or_else(|| {
                let other = |one: &Candidate| is_news(one) && shown.iter().all(|known| !known.is_of_kind(one));
                let more = left.iter().position(other).or_else(|| left.iter().position(is_news));
                more.filter(|_| shown.len() < ENOUGH)
            });
        let Some(next) = next.or(shown.is_empty().then_some(0)) else {
            break;
        };
        let next = left.remove(next);
        reached.extend(next.lines.iter().copied());
        shown.push(next);
    }
    shown
}

/// Calls to choose from, with all that is known of them.
fn candidates(
    live: &mut Live<'_, '_>,
    function: &FunctionChange,
    way: &Way,
    fitness: &Fitness<'_>,
) -> Result<Vec<Candidate>, Lost> {
    let mut kept: Vec<Judged> = Vec::new();
    for (input, observation, cost) in looked_at(live, way, fitness) {
        if !kept.iter().any(|(known, ..)| *known == input) {
            kept.push((input, observation, cost));
        }
    }
    let inputs: Vec<Input> = kept.iter().map(|(input, ..)| input.clone()).collect();
    let made = live.made_in_head(&inputs)?;
    let mut candidates = Vec::new();
    for ((input, observation, cost), made) in kept.into_iter().zip(made) {
        let lines = lines_reached(live, function, &input)?;
        let beside = beside(&made, &observation, &input);
        candidates.push(Candidate {
            input,
            observation,
            lines,
            beside,
            cost,
        });
    }
    Ok(candidates)
}

/// The calls that are looked at once more: those that were the first to reach something, and one of each outcome before others.
/// What is declared is what it is for: other calls are looked at where there is none of these.
fn looked_at(live: &Live<'_, '_>, way: &Way, fitness: &Fitness<'_>) -> Vec<Judged> {
    // An error that nobody raises by their own word is worth a line on values that are likely to be passed.
    let tells = |(input, observation): &&(Input, Observation)| match &observation.outcome {
        Outcome::Returned(_) if ends_otherwise(observation) => search::likelihood(fitness.subject, input) >= LIKELY,
        Outcome::Returned(_) => true,
        outcome @ Outcome::Raised(_) => {
            live.is_word_of(outcome, Version::Head) || search::likelihood(fitness.subject, input) >= LIKELY
        }
        _ => false,
    };
    let judged = |samples: &[(Input, Observation)]| {
        let mut judged: Vec<Judged> = samples
            .iter()
            .filter(tells)
            .map(|(input, observation)| {
                let statements = print::call(&way.target, input).setup.len();
                let cost = fitness.cost(input) + 4.0 * statements as f64;
                (input.clone(), observation.clone(), cost)
            })
            .collect();
        judged.sort_by(|one, other| {
            let order = ends_otherwise(&one.1).cmp(&ends_otherwise(&other.1));
            order.then(one.2.total_cmp(&other.2))
        });
        judged
    };
    let reaching = judged(&live.reaching);
    // A call of something else reaches it or does not: those that did are known.
    let samples = match way.through.is_empty() || reaching.is_empty() {
        true => judged(&live.samples),
        false => Vec::new(),
    };
    let all = || reaching.iter().chain(&samples);
    let fits = |(input, ..): &&Judged| !(fitness.contradicts)(input);
    let is_declared = all().any(|one| fits(&one));
    let wanted = |one: &&Judged| !is_declared || fits(one);
    let (mut kinds, mut first, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for sample in samples.iter().filter(wanted) {
        let is_of_kind = |known: &&Judged| same_kind(&known.1.outcome, &sample.1.outcome);
        let is_known = |known: &&Judged| known.1.outcome == sample.1.outcome;
        match (kinds.iter().any(is_of_kind), kinds.iter().chain(&first).any(is_known)) {
            (false, _) => kinds.push(sample),
            (true, false) => first.push(sample),
            (true, true) => more.push(sample),
        }
    }
    let first_there = reaching.iter().filter(wanted).take(FIRST_THERE);
    let chosen = first_there.chain(kinds).chain(first).chain(more).take(LOOKED_AT);
    chosen.cloned().collect()
}

/// Whether both outcomes are values of one type, or no values in one way.
fn same_kind(one: &Outcome, other: &Outcome) -> bool {
    match (one, other) {
        (Outcome::Returned(one), Outcome::Returned(other)) => {
            std::mem::discriminant(one) == std::mem::discriminant(other)
        }
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// Whether a call raises, or gives what raises when it is drawn from.
fn ends_otherwise(observation: &Observation) -> bool {
    match &observation.outcome {
        Outcome::Returned(Observed::Drained { end, .. }) => end != "end" && end != "cap",
        Outcome::Returned(_) => false,
        _ => true,
    }
}

/// What a call did besides returning or raising: to its object and arguments, to the output, to the world.
fn beside(made: &Observation, ran: &Observation, input: &Input) -> Option<String> {
    let mut parts = Vec::new();
    let left = left(made, ran, input);
    if !left.is_empty() {
        parts.push(format!("leaves {}", left.join(", ")));
    }
    for (text, verb) in [(&ran.output, "prints"), (&ran.errors, "prints as an error")] {
        if !text.is_empty() {
            parts.push(format!(
                "{verb} {}",
                print::observed(&Observed::Str(text.clone()), LIMIT / 2)
            ));
        }
    }
    if let Some(effect) = ran.effects.first() {
        let more = match ran.effects.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        parts.push(format!("does {} {}{more}", effect.kind, effect.detail));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The parts of the object and the arguments that a call changed, as they are afterwards: `.items ['a']`.
fn left(made: &Observation, ran: &Observation, input: &Input) -> Vec<String> {
    if ran.after.is_none() {
        return Vec::new();
    }
    let Some(given) = made.after.clone().or_else(|| as_given(input)) else {
        return Vec::new();
    };
    let before = Observation {
        after: Some(given),
        ..ran.clone()
    };
    let is_private = |path: &[Step]| matches!(path.last(), Some(Step::Attribute(name)) if name.starts_with('_'));
    let (mut mask, mut places) = (Mask::default(), Vec::new());
    while places.len() < PARTS * 4 {
        let Some(difference) = compare::compare(&before, ran, &mask, &Folders::default()) else {
            break;
        };
        // What is told is an attribute, or the whole argument.
        let is_deep = |step: &Step| !matches!(step, Step::After(_) | Step::Attribute(_));
        let length = difference
            .path
            .iter()
            .position(is_deep)
            .unwrap_or(difference.path.len());
        let path = difference.path[..length.clamp(1, 2)].to_vec();
        mask.add(&path);
        if !places.contains(&path) {
            places.push(path);
        }
    }
    // What an object keeps for itself is told where nothing else is to be seen.
    if places.iter().any(|path| !is_private(path)) {
        places.retain(|path| !is_private(path));
    }
    let single = places.len() == 1;
    let texts = places.iter().take(PARTS).filter_map(|path| {
        let value = value_at(ran, path)?;
        let room = LIMIT / places.len().min(PARTS);
        let text = print::observed(value, room);
        let (Step::After(at), rest) = path.split_first()? else {
            return None;
        };
        let part = match input.part(*at) {
            Part::Keyword(name) => name.to_owned(),
            other => other.to_string(),
        };
        Some(match (input.part(*at), rest) {
            (Part::Receiver, [Step::Attribute(name)]) => format!(".{name} {text}"),
            (_, [Step::Attribute(name)]) => format!("{part}.{name} {text}"),
            (Part::Argument(_) | Part::Keyword(_), []) if single => text,
            (_, []) => format!("{part} {text}"),
            _ => return None,
        })
    });
    texts.collect()
}

/// The arguments of a call that is given plain data, as they are observed.
fn as_given(input: &Input) -> Option<Observed> {
    let values = input.args.iter().chain(input.kwargs.iter().map(|(_, value)| value));
    let all: Option<Vec<Observed>> = values.map(as_observed).collect();
    all.filter(|_| input.receiver.is_none()).map(Observed::List)
}

fn as_observed(value: &Value) -> Option<Observed> {
    let all = |values: &[Value]| values.iter().map(as_observed).collect::<Option<Vec<Observed>>>();
    Some(match value {
        Value::None => Observed::None,
        Value::Bool(value) => Observed::Bool(*value),
        Value::Int(value) => Observed::Int(*value),
        Value::Float(value) => Observed::Float(*value),
        Value::Str(value) => Observed::Str(value.clone()),
        Value::Bytes(value) => Observed::Bytes(value.clone()),
        Value::List(items) => Observed::List(all(items)?),
        Value::Tuple(items) => Observed::Tuple(all(items)?),
        Value::Dict(pairs) => {
            let pair = |(key, value): &(Value, Value)| Some((as_observed(key)?, as_observed(value)?));
            Observed::Dict(pairs.iter().map(pair).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// The lines of the function's body that a call executes.
fn lines_reached(live: &mut Live<'_, '_>, function: &FunctionChange, input: &Input) -> Result<BTreeSet<u32>, Lost> {
    let (base, head) = (live.base.clone(), live.head.clone());
    let replay = Replay {
        base: &base,
        head: &head,
        mask: &Mask::default(),
        folders: &Folders::default(),
    };
    let half = live.duo().half(Version::Head);
    let record = replay.once(half, Version::Head, input, &[], Some("lines"), SEARCH_TICKS)?;
    let body = function.body();
    let inside = |place: &model::Place| place.path == function.path && body.contains(&place.line);
    let trace = record.map(|record| record.trace).unwrap_or_default();
    Ok(trace
        .iter()
        .filter(|place| inside(place))
        .map(|place| place.line)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Raised, Symbol};

    fn candidate(n: i64, lines: &[u32], cost: f64) -> Candidate {
        Candidate {
            input: given(vec![Value::Int(n)]),
            observation: returned(Observed::Int(n), None),
            lines: lines.iter().copied().collect(),
            beside: None,
            cost,
        }
    }

    fn given(args: Vec<Value>) -> Input {
        Input {
            args,
            ..Input::default()
        }
    }

    fn returned(value: Observed, after: Option<Vec<Observed>>) -> Observation {
        Observation {
            after: after.map(Observed::List),
            ..Observation::of(Outcome::Returned(value))
        }
    }

    fn shown(candidates: Vec<Candidate>) -> Vec<Value> {
        chosen(candidates)
            .into_iter()
            .map(|one| one.input.args[0].clone())
            .collect()
    }

    #[test]
    fn one_for_each_way_and_what_is_refused_last() {
        let mut refused = candidate(9, &[1, 9], 1.0);
        refused.observation.outcome = Outcome::Raised(Raised {
            class: "ValueError".to_owned(),
            bases: Vec::new(),
            message: "no".to_owned(),
            place: None,
            depth: 1,
        });
        let all = vec![
            candidate(1, &[1, 2], 3.0),
            candidate(2, &[1, 2], 2.0),
            candidate(3, &[1, 2, 3], 5.0),
            candidate(4, &[1, 2, 4], 6.0),
            refused,
        ];
        assert_eq!(shown(all), [2, 3, 9].map(Value::Int));
    }

    #[test]
    fn two_of_one_way_are_enough_and_a_repeated_outcome_is_one() {
        let same = || {
            vec![
                candidate(1, &[1], 1.0),
                candidate(2, &[1], 2.0),
                candidate(3, &[1], 3.0),
            ]
        };
        assert_eq!(shown(same()), [1, 2].map(Value::Int));
        let mut repeated = same();
        repeated
            .iter_mut()
            .for_each(|one| one.observation.outcome = Outcome::Returned(Observed::Bool(true)));
        assert_eq!(shown(repeated), [Value::Int(1)]);
    }

    #[test]
    fn of_one_way_another_type_tells_more() {
        let mut text = candidate(3, &[1], 9.0);
        text.observation.outcome = Outcome::Returned(Observed::Str("aa".to_owned()));
        let all = vec![candidate(1, &[1], 1.0), candidate(2, &[1], 2.0), text];
        assert_eq!(shown(all), [1, 3].map(Value::Int));
    }

    #[test]
    fn what_does_something_comes_before_what_is_shorter_and_does_nothing() {
        let nothing = |mut one: Candidate| {
            one.observation.outcome = Outcome::Returned(Observed::None);
            one
        };
        let empty = nothing(candidate(1, &[1], 1.0));
        let mut filled = nothing(candidate(2, &[1, 2], 9.0));
        filled.beside = Some("leaves [1]".to_owned());
        assert_eq!(shown(vec![empty, filled]), [2, 1].map(Value::Int));
    }

    #[test]
    fn what_a_call_leaves_is_told_of_what_it_changed_alone() {
        let list = |items: &[i64]| Observed::List(items.iter().map(|one| Observed::Int(*one)).collect());
        let value = |items: &[i64]| Value::List(items.iter().map(|one| Value::Int(*one)).collect());
        let unseen = returned(Observed::None, None);
        let input = given(vec![value(&[1, 1]), value(&[2])]);
        let ran = returned(Observed::None, Some(vec![list(&[1]), list(&[2])]));
        assert_eq!(beside(&unseen, &ran, &input).as_deref(), Some("leaves [1]"));
        let ran = returned(Observed::None, Some(vec![list(&[1]), list(&[])]));
        assert_eq!(
            beside(&unseen, &ran, &input).as_deref(),
            Some("leaves argument 1 [1], argument 2 []")
        );
        assert_eq!(beside(&unseen, &unseen, &input), None);
    }

    #[test]
    fn of_an_object_public_attributes_are_told_and_private_ones_where_there_are_no_others() {
        let object = |items: &[i64], kept: i64| {
            let items = Observed::List(items.iter().map(|one| Observed::Int(*one)).collect());
            Observed::Object {
                class: "m.Cart".to_owned(),
                id: 0,
                items: None,
                state: vec![("_kept".to_owned(), Observed::Int(kept)), ("items".to_owned(), items)],
            }
        };
        let input = Input {
            receiver: Some(Value::call(Symbol::new("m", "Cart"), vec![])),
            ..Input::default()
        };
        let with = |object| returned(Observed::None, Some(vec![object]));
        let made = with(object(&[], 0));
        let told = |ran: Observation| beside(&made, &ran, &input);
        assert_eq!(told(with(object(&[1], 1))).as_deref(), Some("leaves .items [1]"));
        assert_eq!(told(with(object(&[], 1))).as_deref(), Some("leaves ._kept 1"));
        assert_eq!(told(with(object(&[], 0))), None);
        let printed = Observation {
            output: "done\n".to_owned(),
            ..with(object(&[], 0))
        };
        assert_eq!(told(printed).as_deref(), Some("prints 'done\\n'"));
    }
}
