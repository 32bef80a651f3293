//! `{a,b}` and `{1..3}`.
//!
//! Source: Bash Reference Manual, "Brace Expansion".

use super::tree::{Part, Word};

/// Words that one makes, at most.
const MOST: usize = 256;

/// Brackets that are looked at in one word, at most.
const BRACES: usize = 64;

/// A character that may be a bracket, or anything that is not.
#[derive(Clone)]
enum Atom {
    Char(char),
    Part(Part),
}

/// What the braces of a word make of it; none where it is more than anybody writes.
pub fn expand_braces(word: &Word) -> Option<Vec<Word>> {
    let has_braces = word
        .parts
        .iter()
        .any(|part| matches!(part, Part::Text { text, quoted: false } if text.contains('{')));
    if !has_braces {
        return Some(vec![word.clone()]);
    }
    let braces = word.parts.iter().map(|part| match part {
        Part::Text { text, quoted: false } => text.matches('{').count(),
        _ => 0,
    });
    if braces.sum::<usize>() > BRACES {
        return None;
    }
    let mut atoms = Vec::new();
    for part in &word.parts {
        match part {
            Part::Text { text, quoted: false } => atoms.extend(text.chars().map(Atom::Char)),
            other => atoms.push(Atom::Part(other.clone())),
        }
    }
    let mut found = Vec::new();
    expand(Vec::new(), &atoms, &mut found, 0).then_some(found)
}

/// Expands what follows `before`; false where there is too much.
fn expand(before: Vec<Atom>, rest: &[Atom], found: &mut Vec<Word>, depth: u32) -> bool {
    if depth > 32 || found.len() > MOST {
        return false;
    }
    for (at, atom) in rest.iter().enumerate() {
        let Atom::Char('{') = atom else { continue };
        let Some((end, options)) = options(&rest[at..]) else {
            continue;
        };
        let head: Vec<Atom> = before.iter().chain(&rest[..at]).cloned().collect();
        for option in options {
            // What an option holds may have braces itself.
            let mut whole = option;
            whole.extend_from_slice(&rest[at + end + 1..]);
            if !expand(head.clone(), &whole, found, depth + 1) {
                return false;
            }
        }
        return true;
    }
    let all: Vec<Atom> = before.into_iter().chain(rest.iter().cloned()).collect();
    found.push(joined(all));
    found.len() <= MOST
}

/// What the brace that opens here may stand for, and where it closes.
fn options(atoms: &[Atom]) -> Option<(usize, Vec<Vec<Atom>>)> {
    let (mut open, mut options, mut current, mut has_comma) = (0, Vec::new(), Vec::new(), false);
    for (at, atom) in atoms.iter().enumerate() {
        match atom {
            Atom::Char('{') => {
                open += 1;
                if open > 1 {
                    current.push(atom.clone());
                }
            }
            Atom::Char('}') => {
                open -= 1;
                if open > 0 {
                    current.push(atom.clone());
                    continue;
                }
                if has_comma {
                    options.push(current);
                    return Some((at, options));
                }
                return range(&current).map(|options| (at, options));
            }
            Atom::Char(',') if open == 1 => {
                has_comma = true;
                options.push(std::mem::take(&mut current));
            }
            atom => current.push(atom.clone()),
        }
    }
    None
}

/// `1..3`, `a..c`, with a step or without.
fn range(atoms: &[Atom]) -> Option<Vec<Vec<Atom>>> {
    let mut text = String::new();
    for atom in atoms {
        match atom {
            Atom::Char(c) => text.push(*c),
            Atom::Part(_) => return None,
        }
    }
    let mut ends = text.split("..");
    let (from, to) = (ends.next()?, ends.next()?);
    let chars = |text: String| text.chars().map(Atom::Char).collect::<Vec<Atom>>();
    if let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) {
        if from.abs_diff(to) > MOST as u64 {
            return None;
        }
        let all: Vec<i64> = if from <= to {
            (from..=to).collect()
        } else {
            (to..=from).rev().collect()
        };
        return Some(all.into_iter().map(|number| chars(number.to_string())).collect());
    }
    let single = |text: &str| {
        let mut all = text.chars();
        all.next().filter(|c| c.is_ascii_alphabetic() && all.next().is_none())
    };
    let (from, to) = (single(from)?, single(to)?);
    let all: Vec<char> = if from <= to {
        (from..=to).collect()
    } else {
        (to..=from).rev().collect()
    };
    Some(all.into_iter().map(|c| vec![Atom::Char(c)]).collect())
}

fn joined(atoms: Vec<Atom>) -> Word {
    let mut word = Word::default();
    for atom in atoms {
        match atom {
            Atom::Char(c) => word.push(c.encode_utf8(&mut [0; 4]), false),
            Atom::Part(part) => word.parts.push(part),
        }
    }
    word
}
