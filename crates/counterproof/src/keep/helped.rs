//! Objects of an example that the project's own tests have a fixture or a function for.
//!
//! That one fits is tried, not guessed: a test that is not kept has both made in a sandbox, in both versions, and holds one against
//! the other (`counterproof_tests/fitting.py`).

use std::collections::BTreeSet;
use std::time::Instant;

use executor::{Context, Version, try_tests};
use languages::python::print::{self, TestText};
use languages::python::shapes::{Helper, helpers};
use model::{Example, Finding, Input, Value};

use super::file;

/// Pairs of an object and a helper that are tried, of all findings.
const MOST: usize = 60;
/// Objects of one example that are looked at.
const MOST_PLACES: usize = 8;

/// Where a value stands in an input: the receiver, argument or node, and the way down from there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    top: usize,
    way: Vec<usize>,
}

/// A helper that may give what stands at a place of a finding's example.
struct Pair<'a> {
    finding: &'a Finding,
    place: Place,
    helper: &'a Helper,
}

/// The examples of `findings`, with the project's own helpers where these give the very same objects. Those without are left out.
///
/// What goes wrong here costs no test: the plain one is as good.
pub fn with_helpers<'f>(
    context: &Context<'_>,
    findings: &[&'f Finding],
    path: &str,
    is_free: &dyn Fn(&str) -> bool,
    deadline: Instant,
) -> Vec<(&'f Finding, Example)> {
    let project = &context.head.project;
    let mut helpers = helpers(project, path);
    helpers.retain(|helper| helper.fixture().is_none_or(is_free));
    let mut pairs = Vec::new();
    for finding in findings.iter().filter(|finding| finding.example.before.is_empty()) {
        let input = &finding.example.input;
        for place in places(input).into_iter().take(MOST_PLACES) {
            let Some(maker) = at(input, &place).and_then(|value| maker(input, value)) else {
                continue;
            };
            if project.path_of(&maker.module).is_none() {
                continue;
            }
            let class = maker.name.split('.').next().unwrap_or_default();
            let telling = helpers.iter().filter(|helper| helper.names.contains(class));
            pairs.extend(telling.map(|helper| Pair {
                finding,
                place: place.clone(),
                helper,
            }));
        }
    }
    pairs.truncate(MOST);
    if pairs.is_empty() {
        return Vec::new();
    }
    let pairs = fitting(context, pairs, path, deadline);
    let helped = findings.iter().filter_map(|finding| {
        let own = pairs.iter().filter(|pair| pair.finding.id == finding.id);
        let input = replaced(
            &finding.example.input,
            own.map(|pair| (&pair.place, &pair.helper.value)),
        )?;
        let example = Example {
            input,
            ..finding.example.clone()
        };
        Some((*finding, example))
    });
    helped.collect()
}

/// The tests of an example with helpers; none where a name of theirs would stand for two things.
pub fn tests(example: &Example, texts: Vec<TestText>) -> Vec<TestText> {
    let fixtures = fixtures(&example.input);
    let clear = |test: &TestText| {
        test.imports
            .iter()
            .all(|line| !line.starts_with("import .") && !file::bound(line).any(|(name, _)| fixtures.contains(&name)))
    };
    let with_fixtures = |mut test: TestText| {
        test.fixtures.extend(fixtures.iter().cloned());
        test
    };
    texts.into_iter().filter(clear).map(with_fixtures).collect()
}

/// The fixtures that an input is given.
fn fixtures(input: &Input) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = input.values().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Symbol(symbol) if symbol.module.is_empty() => found.push(symbol.name.clone()),
            other => open.extend(other.children()),
        }
    }
    found.sort();
    found
}

/// Those pairs in which the helper gives what the example makes, in both versions, each time another one, and has no effects.
fn fitting<'a>(context: &Context<'_>, pairs: Vec<Pair<'a>>, path: &str, deadline: Instant) -> Vec<Pair<'a>> {
    let path = path.replace("kept", "kept_helpers");
    let text: String = pairs.iter().enumerate().map(|(at, pair)| probe(at, pair)).collect();
    let files = [(path.clone(), text)];
    let run = |version| try_tests(context, version, &files, 1, deadline);
    let (Ok(base), Ok(head)) = (run(Version::Base), run(Version::Head)) else {
        return Vec::new();
    };
    let fits = |at: usize| {
        let mut names = (0..2).map(|time| format!("{path}::test_{at}_{time}"));
        names.all(|name| {
            [&base, &head]
                .iter()
                .all(|runs| runs.iter().all(|run| matches!(run.get(&name), Some(Ok(())))))
        })
    };
    let pairs = pairs.into_iter().enumerate();
    pairs.filter(|(at, _)| fits(*at)).map(|(_, pair)| pair).collect()
}

/// Tests that hold what a helper gives against what the example makes: two, so that they are given two.
fn probe(number: usize, Pair { finding, place, helper }: &Pair<'_>) -> String {
    let example = &finding.example;
    let Some(value) = at(&example.input, place) else {
        return String::new();
    };
    let made = print::value_of(&example.target, &example.input, value);
    let given = match helper.fixture() {
        Some(name) => print::Printed {
            setup: Vec::new(),
            call: format!("request.getfixturevalue({name:?})"),
        },
        None => print::value_of(&example.target, &Input::default(), &helper.value),
    };
    let function = |name: &str, printed: &print::Printed| {
        let lines = printed.setup.iter().map(|line| format!("        {line}\n"));
        let lines: String = lines.collect();
        format!("    def {name}():\n{lines}        return {}\n\n", printed.call)
    };
    let test = |time: usize| {
        format!(
            "def test_{number}_{time}(request):\n    import sys\n\n{}{}    \
             sys.modules['counterproof_tests.fitting'].fits('{number}', give, make)\n\n\n",
            function("give", &given),
            function("make", &made)
        )
    };
    format!("{}{}", test(0), test(1))
}

/// Receiver, arguments and nodes, in this order.
fn tops(input: &Input) -> Vec<&Value> {
    let parts = input.receiver.iter().chain(&input.args);
    let parts = parts.chain(input.kwargs.iter().map(|(_, value)| value));
    parts.chain(input.nodes.iter().map(|node| &node.make)).collect()
}

fn tops_mut(input: &mut Input) -> Vec<&mut Value> {
    let parts = input.receiver.iter_mut().chain(&mut input.args);
    let parts = parts.chain(input.kwargs.iter_mut().map(|(_, value)| value));
    parts.chain(input.nodes.iter_mut().map(|node| &mut node.make)).collect()
}

fn at<'i>(input: &'i Input, place: &Place) -> Option<&'i Value> {
    let top = *tops(input).get(place.top)?;
    place
        .way
        .iter()
        .try_fold(top, |value, at| value.children().get(*at).copied())
}

/// The places of objects that stand for themselves, an outer one before those in it.
fn places(input: &Input) -> Vec<Place> {
    let mut found = Vec::new();
    for (top, value) in tops(input).into_iter().enumerate() {
        let mut place = Place { top, way: Vec::new() };
        // What makes a shared object is replaced as a whole, where it is used.
        let is_node = top + input.nodes.len() >= tops(input).len();
        gather(input, value, &mut place, is_node, &mut found);
    }
    found
}

fn gather(input: &Input, value: &Value, place: &mut Place, is_node: bool, found: &mut Vec<Place>) {
    let stands_alone = match value {
        Value::Call { callee, .. } => !callee.is_part() && !value.has_nodes() && !is_node,
        Value::Node(node) => alone(input, *node).is_some(),
        // A function gives a fresh one each time.
        Value::Returns(_) => return,
        _ => false,
    };
    if stands_alone {
        found.push(place.clone());
    }
    for (at, child) in value.children().into_iter().enumerate() {
        place.way.push(at);
        gather(input, child, place, false, found);
        place.way.pop();
    }
}

/// What a value is made by, where it is made by something with a name.
fn maker<'i>(input: &'i Input, value: &'i Value) -> Option<&'i model::Symbol> {
    match value {
        Value::Call { callee, .. } => (!callee.is_part()).then_some(callee),
        // A node is made before the nodes that mention it.
        Value::Node(node) => match &input.nodes.get(*node as usize)?.make {
            Value::Node(_) => None,
            make => maker(input, make),
        },
        _ => None,
    }
}

/// The nodes that are there for one alone: those in it, and what is done to them. None where anything else refers to them, too.
fn alone(input: &Input, node: u32) -> Option<BTreeSet<u32>> {
    let mentions = |at: u32| {
        let mut found = BTreeSet::new();
        if let Some(node) = input.nodes.get(at as usize) {
            let values = std::iter::once(&node.make).chain(node.links.iter().map(|(_, value)| value));
            values.for_each(|value| value.visit_nodes(&mut |other| _ = found.insert(other)));
        }
        found
    };
    let all: Vec<BTreeSet<u32>> = (0..input.nodes.len() as u32).map(mentions).collect();
    let parts = tops(input).len() - input.nodes.len();
    let mut referred: Vec<u32> = Vec::new();
    tops(input)[..parts]
        .iter()
        .for_each(|value| value.visit_nodes(&mut |node| referred.push(node)));
    let is_named = |at: u32| referred.contains(&at) || all.iter().any(|mentioned| mentioned.contains(&at));
    let mut needed = BTreeSet::from([node]);
    loop {
        let before = needed.len();
        for at in 0..input.nodes.len() as u32 {
            let mentioned = &all[at as usize];
            let acts = input.nodes[at as usize].make.is_step() && !is_named(at) && !mentioned.is_disjoint(&needed);
            if acts || needed.contains(&at) {
                needed.insert(at);
                needed.extend(mentioned);
            }
        }
        if needed.len() == before {
            break;
        }
    }
    // How often, and not only whether.
    let others = (0..).zip(&input.nodes).filter(|(at, _)| !needed.contains(at));
    for (_, node) in others {
        node.make.visit_nodes(&mut |node| referred.push(node));
        let links = node.links.iter();
        links.for_each(|(_, value)| value.visit_nodes(&mut |node| referred.push(node)));
    }
    (referred.iter().filter(|at| needed.contains(at)).count() == 1).then_some(needed)
}

/// The input with other values at some places; the first counts where one stands in another, and a fixture is taken once.
fn replaced<'a>(input: &Input, others: impl Iterator<Item = (&'a Place, &'a Value)>) -> Option<Input> {
    let mut new = input.clone();
    let (mut done, mut gone): (Vec<&Place>, BTreeSet<u32>) = (Vec::new(), BTreeSet::new());
    let mut taken: Vec<&Value> = Vec::new();
    let parts = tops(input).len() - input.nodes.len();
    for (place, value) in others {
        let is_in = |outer: &&Place| outer.top == place.top && place.way.starts_with(&outer.way);
        let of_gone = place
            .top
            .checked_sub(parts)
            .is_some_and(|node| gone.contains(&(node as u32)));
        let again = matches!(value, Value::Symbol(_)) && taken.contains(&value);
        if done.iter().any(is_in) || of_gone || again {
            continue;
        }
        if let Some(Value::Node(node)) = at(input, place) {
            gone.extend(alone(input, *node)?);
        }
        let top = tops_mut(&mut new).into_iter().nth(place.top)?;
        let old = place
            .way
            .iter()
            .try_fold(top, |value, at| value.children_mut().into_iter().nth(*at))?;
        *old = value.clone();
        done.push(place);
        taken.push(value);
    }
    if done.is_empty() {
        return None;
    }
    let stay: Vec<u32> = (0..input.nodes.len() as u32)
        .filter(|node| !gone.contains(node))
        .collect();
    let nodes = std::mem::take(&mut new.nodes).into_iter().enumerate();
    new.nodes = nodes
        .filter(|(at, _)| !gone.contains(&(*at as u32)))
        .map(|(_, node)| node)
        .collect();
    let number = |old: u32| stay.iter().position(|node| *node == old).unwrap_or_default() as u32;
    tops_mut(&mut new)
        .into_iter()
        .for_each(|value| value.renumber_nodes(&number));
    let links = new.nodes.iter_mut().flat_map(|node| &mut node.links);
    links.for_each(|(_, value)| value.renumber_nodes(&number));
    Some(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Node, Symbol};

    fn input(args: Vec<Value>, nodes: Vec<Value>) -> Input {
        let node = |make| Node {
            make,
            links: Vec::new(),
        };
        Input {
            args,
            nodes: nodes.into_iter().map(node).collect(),
            ..Input::default()
        }
    }

    fn cart() -> Value {
        Value::call(Symbol::new("shop", "Cart"), Vec::new())
    }

    #[test]
    fn an_object_goes_with_what_was_done_to_it() {
        let add = |to: u32, what| Value::call(Symbol::method("add"), vec![Value::Node(to), what]);
        let whole = input(
            vec![Value::List(vec![Value::Node(0)]), Value::Node(2)],
            vec![cart(), add(0, Value::Int(1)), cart(), add(2, cart())],
        );
        let fixture = Value::Symbol(Symbol::new("", "full"));
        let place = Place { top: 0, way: vec![0] };
        assert!(places(&whole).contains(&place), "{:?}", places(&whole));
        let other = Place {
            top: 1,
            way: Vec::new(),
        };
        let new = replaced(&whole, [(&place, &fixture), (&other, &fixture)].into_iter());
        let left = input(
            vec![Value::List(vec![fixture.clone()]), Value::Node(0)],
            vec![cart(), add(0, cart())],
        );
        assert_eq!(new, Some(left), "a fixture is one object");
        assert_eq!(fixtures(&new_of(&whole, &place, &fixture)), ["full"]);
    }

    fn new_of(input: &Input, place: &Place, value: &Value) -> Input {
        replaced(input, std::iter::once((place, value))).expect("it is replaced")
    }

    #[test]
    fn what_two_places_share_and_what_a_function_gives_stay() {
        let twice = input(vec![Value::Node(0), Value::Node(0)], vec![cart()]);
        assert_eq!(places(&twice), []);
        let fresh = input(vec![Value::Returns(Box::new(cart()))], vec![]);
        assert_eq!(places(&fresh), []);
        assert_eq!(replaced(&fresh, std::iter::empty()), None);
        let outer = input(vec![Value::call(Symbol::new("shop", "Order"), vec![cart()])], vec![]);
        assert_eq!(places(&outer).len(), 2);
        let [whole, inner] = &places(&outer)[..] else { return };
        let builder = Value::call(Symbol::new(".helpers", "order"), vec![]);
        let new = replaced(&outer, [(whole, &builder), (inner, &builder)].into_iter());
        assert_eq!(new, Some(input(vec![builder], vec![])));
    }

    #[test]
    fn a_fixture_is_no_name_that_is_imported() {
        let fixture = Value::Symbol(Symbol::new("", "cart"));
        let example = crate::sample::example(input(vec![fixture], vec![]));
        let text = |import: &str| TestText {
            imports: vec![import.to_owned()],
            ..TestText::default()
        };
        let clear = |import: &str| tests(&example, vec![text(import)]).len();
        assert_eq!(clear("from cart import fee"), 1);
        assert_eq!(clear("from shop import cart, fee"), 0);
        assert_eq!(clear("import cart.parts"), 0);
        assert_eq!(clear("import .helpers"), 0);
        assert_eq!(tests(&example, vec![text("import a")])[0].fixtures, ["cart"]);
    }
}
