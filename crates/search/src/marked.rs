//! Inputs with a marked text in the place of one that was taken: whether what is meant as text is read as more than that.

use model::{Input, Value};

/// A text to put into inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Marked {
    /// The text, or bytes.
    pub text: Value,
    /// Its twin, which is harmless.
    pub tame: Value,
    /// Whether it is put behind a text that was taken instead of in its place.
    pub behind: bool,
}

/// An input with a marked text in one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The input.
    pub input: Input,
    /// The same with the harmless twin in that place.
    pub tame: Input,
    /// Which of the texts.
    pub mark: usize,
    /// The place: a number of its own in the input that it was made of.
    pub place: usize,
}

/// Most places of one input that texts are put into.
const PLACES: usize = 6;
/// A text longer than that is not continued.
const LONGEST: usize = 200;

/// The places of inputs that hold a text: each input with each of its places.
pub fn places(inputs: &[Input]) -> Vec<(&Input, usize)> {
    let of = |input| (0..count(input).min(PLACES)).map(move |place| (input, place));
    inputs.iter().flat_map(of).collect()
}

/// Puts each of `marks` into each of these places: all marks into the first place, then into the next, at most `most` together. Texts
/// for bytes are those that are given as bytes, and all others as UTF-8.
pub fn placed(places: &[(&Input, usize)], marks: &[Marked], most: usize) -> Vec<Placed> {
    let mut all = Vec::new();
    for (input, place) in places {
        for (index, mark) in marks.iter().enumerate() {
            if all.len() >= most {
                return all;
            }
            let put = |text| put(input, *place, text, mark.behind);
            if let (Some(input), Some(tame)) = (put(&mark.text), put(&mark.tame)) {
                all.push(Placed {
                    input,
                    tame,
                    mark: index,
                    place: *place,
                });
            }
        }
    }
    all
}

/// How many places of an input hold a text.
pub fn count(input: &Input) -> usize {
    let mut places = 0;
    let mut input = input.clone();
    visit(&mut input, &mut |_| {
        places += 1;
        false
    });
    places
}

/// The input with `text` at that place; nothing where it does not go there.
fn put(input: &Input, place: usize, text: &Value, behind: bool) -> Option<Input> {
    let mut made = input.clone();
    let (mut at, mut done) = (0, false);
    visit(&mut made, &mut |value| {
        at += 1;
        if at - 1 != place {
            return false;
        }
        if let Some(new) = replaced(value, text, behind) {
            done = *value != new;
            *value = new;
        }
        true
    });
    done.then_some(made)
}

fn replaced(value: &Value, text: &Value, behind: bool) -> Option<Value> {
    match (value, text) {
        (Value::Str(old), Value::Str(new)) if behind => {
            (!old.is_empty() && old.len() <= LONGEST).then(|| Value::Str(format!("{old}{new}")))
        }
        (Value::Bytes(old), Value::Str(new)) if behind => {
            (!old.is_empty() && old.len() <= LONGEST).then(|| Value::Bytes([old.as_slice(), new.as_bytes()].concat()))
        }
        (_, _) if behind => None,
        (Value::Bytes(_), Value::Str(new)) => Some(Value::Bytes(new.as_bytes().to_vec())),
        (Value::Bytes(_), Value::Bytes(new)) => Some(Value::Bytes(new.clone())),
        (Value::Str(_) | Value::Call { .. }, Value::Str(new)) => Some(Value::Str(new.clone())),
        _ => None,
    }
}

/// Visits the places that hold a text, the arguments first, until `is_done` says so.
fn visit(input: &mut Input, is_done: &mut impl FnMut(&mut Value) -> bool) -> bool {
    let arguments = input
        .args
        .iter_mut()
        .chain(input.kwargs.iter_mut().map(|(_, value)| value));
    for value in arguments.chain(input.receiver.as_mut()) {
        if visit_value(value, is_done) {
            return true;
        }
    }
    for node in &mut input.nodes {
        let links = node.links.iter_mut().map(|(_, value)| value);
        for value in std::iter::once(&mut node.make).chain(links) {
            if visit_value(value, is_done) {
                return true;
            }
        }
    }
    false
}

fn visit_value(value: &mut Value, is_done: &mut impl FnMut(&mut Value) -> bool) -> bool {
    match value {
        Value::Str(_) | Value::Bytes(_) => is_done(value),
        // The path of what is laid out stays: it must lie in its folder. In its place a path may be given as it is.
        Value::Call { callee, args, .. } if callee.is_on_disk() => {
            if args.get_mut(1).is_some_and(|content| visit_value(content, is_done)) {
                return true;
            }
            is_done(value)
        }
        // A part of something that is there: its name is no text of a caller.
        Value::Call { callee, args, .. } if callee.is_part() => {
            args.iter_mut().take(1).any(|value| visit_value(value, is_done))
        }
        _ => value
            .children_mut()
            .into_iter()
            .any(|child| visit_value(child, is_done)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Symbol;

    fn mark(text: &str, behind: bool) -> Marked {
        Marked {
            text: Value::Str(text.to_owned()),
            tame: Value::Str("tame".to_owned()),
            behind,
        }
    }

    fn input(args: Vec<Value>) -> Input {
        Input {
            args,
            ..Input::default()
        }
    }

    fn text(text: &str) -> Value {
        Value::Str(text.to_owned())
    }

    #[test]
    fn goes_into_each_place_and_behind_what_is_there() {
        let of = input(vec![text("a"), Value::List(vec![Value::Int(1), text("")])]);
        let inputs = [of];
        let placed = placed(&places(&inputs), &[mark(";x", false), mark(";x", true)], 100);
        let args: Vec<&Vec<Value>> = placed.iter().map(|one| &one.input.args).collect();
        assert_eq!(args.len(), 3, "nothing stands behind an empty text");
        assert_eq!(*args[0], vec![text(";x"), Value::List(vec![Value::Int(1), text("")])]);
        assert_eq!(*args[1], vec![text("a;x"), Value::List(vec![Value::Int(1), text("")])]);
        assert_eq!(*args[2], vec![text("a"), Value::List(vec![Value::Int(1), text(";x")])]);
        assert_eq!(placed[1].tame.args[0], text("atame"));
    }

    #[test]
    fn a_file_that_is_laid_out_keeps_its_path() {
        let file = Value::call(Symbol::file(true), vec![text("d/a.txt"), text("content")]);
        let inputs = [input(vec![file])];
        let placed = placed(&places(&inputs), &[mark("../x", false)], 100);
        assert_eq!(placed.len(), 2);
        assert!(
            matches!(&placed[0].input.args[0], Value::Call { args, .. } if args[0] == text("d/a.txt") && args[1] == text("../x"))
        );
        assert_eq!(placed[1].input.args[0], text("../x"));
    }

    #[test]
    fn bytes_take_what_texts_are_and_not_the_other_way_round() {
        let bytes = Marked {
            text: Value::Bytes(b"c".to_vec()),
            tame: Value::Bytes(b"d".to_vec()),
            behind: false,
        };
        let marks = [mark("x", false), bytes];
        let number = |value: Value, marks: &[Marked], most| placed(&places(&[input(vec![value])]), marks, most).len();
        assert_eq!(number(Value::Bytes(vec![1]), &marks, 100), 2);
        assert_eq!(number(text("a"), &marks, 100), 1);
        assert_eq!(number(text("a"), &[mark("x", false), mark("y", false)], 1), 1);
    }
}
