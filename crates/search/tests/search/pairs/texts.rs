//! Faults in functions of texts.

use model::{Input, Value};

use super::{Ended, text};

const ROMAN: [(char, i64); 7] = [
    ('I', 1),
    ('V', 5),
    ('X', 10),
    ('L', 50),
    ('C', 100),
    ('D', 500),
    ('M', 1000),
];

fn roman_by(input: &Input, places: &mut Vec<u32>, smaller: fn(i64, i64) -> bool) -> Ended {
    let [value] = &input.args[..] else {
        return Ended::Invalid;
    };
    let Some(text) = text(value) else { return Ended::Invalid };
    let mut numbers = Vec::new();
    for letter in text.chars() {
        match ROMAN.iter().find(|(known, _)| *known == letter) {
            Some((_, number)) => numbers.push(*number),
            None => return Ended::Raised("KeyError"),
        }
    }
    let mut total = 0;
    for (index, number) in numbers.iter().enumerate() {
        let next = numbers.get(index + 1).copied().unwrap_or(0);
        if smaller(*number, next) {
            places.push(1);
            total -= number;
        } else {
            places.push(2);
            total += number;
        }
    }
    Ended::Returned(Value::Int(total))
}

/// Reads a roman number.
pub fn roman(input: &Input, places: &mut Vec<u32>) -> Ended {
    roman_by(input, places, |a, b| a < b)
}

/// Reads a roman number, but not XC.
pub fn roman_faulty(input: &Input, places: &mut Vec<u32>) -> Ended {
    roman_by(input, places, |a, b| a < b && (a, b) != (10, 100))
}

fn split_by(input: &Input, places: &mut Vec<u32>, keep_escape: bool) -> Ended {
    let [value] = &input.args[..] else {
        return Ended::Invalid;
    };
    let Some(text) = text(value) else { return Ended::Invalid };
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for letter in text.chars() {
        match letter {
            _ if escaped => {
                places.push(1);
                escaped = false;
                word.push(letter);
            }
            '\\' if quoted => {
                places.push(2);
                escaped = true;
                if keep_escape {
                    word.push(letter);
                }
            }
            '"' => {
                places.push(3);
                quoted = !quoted;
            }
            ';' if !quoted => {
                places.push(4);
                words.push(Value::Str(std::mem::take(&mut word)));
            }
            other => word.push(other),
        }
    }
    if quoted {
        places.push(5);
        return Ended::Raised("ValueError");
    }
    words.push(Value::Str(word));
    Ended::Returned(Value::List(words))
}

/// Splits a line at semicolons outside of quotes.
pub fn split(input: &Input, places: &mut Vec<u32>) -> Ended {
    split_by(input, places, false)
}

/// The same, but what escapes stays: seen only in a closed quote that escapes something.
pub fn split_keeping(input: &Input, places: &mut Vec<u32>) -> Ended {
    split_by(input, places, true)
}
