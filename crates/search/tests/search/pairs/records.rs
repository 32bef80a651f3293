//! Faults in functions of records, dates and several parameters of different kinds.

use counterproof_search::{ClassId, ClassShape, Parameter, ParameterKind, Shape, Subject};
use model::{Input, Symbol, Value};

use super::{Ended, takes, text};

fn price_by(input: &Input, places: &mut Vec<u32>, enough: fn(i64) -> bool) -> Ended {
    let [Value::Dict(order)] = &input.args[..] else {
        return Ended::Invalid;
    };
    let get = |name: &str| {
        order
            .iter()
            .find(|(key, _)| text(key) == Some(name))
            .map(|(_, value)| value)
    };
    let (Some(quantity), Some(price)) = (get("quantity"), get("unit_price")) else {
        return Ended::Raised("KeyError");
    };
    let (Value::Int(quantity), Value::Int(price)) = (quantity, price) else {
        return Ended::Invalid;
    };
    places.push(1);
    let total = quantity.saturating_mul(*price);
    if enough(*quantity) {
        places.push(2);
        return Ended::Returned(Value::Int(total - total / 10));
    }
    Ended::Returned(Value::Int(total))
}

/// The price of an order, less a tenth from twelve pieces on.
pub fn price(input: &Input, places: &mut Vec<u32>) -> Ended {
    price_by(input, places, |quantity| quantity >= 12)
}

/// The same, from thirteen pieces on.
pub fn price_faulty(input: &Input, places: &mut Vec<u32>) -> Ended {
    price_by(input, places, |quantity| quantity > 12)
}

/// Two dates of a picky constructor.
pub fn dates() -> Subject {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let date = subject.add(Shape::Make {
        callee: Symbol::new("datetime", "date"),
        args: vec![int; 3],
    });
    takes(&mut subject, "q", date);
    takes(&mut subject, "r", date);
    subject
}

fn date(value: &Value) -> Option<(i64, i64, i64)> {
    let Value::Call { args, .. } = value else { return None };
    match args[..] {
        [
            Value::Int(year @ 1..=9999),
            Value::Int(month @ 1..=12),
            Value::Int(day @ 1..=28),
        ] => Some((year, month, day)),
        _ => None,
    }
}

fn before_by(input: &Input, places: &mut Vec<u32>, equal: bool) -> Ended {
    let [first, second] = &input.args[..] else {
        return Ended::Invalid;
    };
    let (Some(first), Some(second)) = (date(first), date(second)) else {
        return Ended::NotMade;
    };
    places.push(1);
    Ended::Returned(Value::Bool(first < second || (equal && first == second)))
}

/// Whether one date is before another.
pub fn before(input: &Input, places: &mut Vec<u32>) -> Ended {
    before_by(input, places, false)
}

/// Whether it is not after the other.
pub fn before_faulty(input: &Input, places: &mut Vec<u32>) -> Ended {
    before_by(input, places, true)
}

fn wrap_by(input: &Input, places: &mut Vec<u32>, room: fn(usize, usize) -> bool) -> Ended {
    let [joint, Value::List(words), Value::Int(width)] = &input.args[..] else {
        return Ended::Invalid;
    };
    let words: Option<Vec<&str>> = words.iter().map(text).collect();
    let (Some(joint), Some(words)) = (text(joint), words) else {
        return Ended::Invalid;
    };
    let Ok(width) = usize::try_from(*width) else {
        return Ended::Raised("ValueError");
    };
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if room(line.len() + joint.len() + word.len(), width) => {
                places.push(1);
                line.push_str(joint);
                line.push_str(word);
            }
            _ => {
                places.push(2);
                lines.push(word.to_owned());
            }
        }
    }
    Ended::Returned(Value::List(lines.into_iter().map(Value::Str).collect()))
}

/// Fills lines with words.
pub fn wrap(input: &Input, places: &mut Vec<u32>) -> Ended {
    wrap_by(input, places, |length, width| length <= width)
}

/// Fills lines, but never quite.
pub fn wrap_faulty(input: &Input, places: &mut Vec<u32>) -> Ended {
    wrap_by(input, places, |length, width| length < width)
}

/// A stack with its first elements, and what is pushed on it.
pub fn stack() -> Subject {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let ints = subject.add(Shape::List(int));
    let object = subject.add(Shape::Object(ClassId(0)));
    let kind = ParameterKind::Positional;
    let parameter = |name: &str, shape, optional| Parameter {
        name: name.into(),
        kind,
        shape,
        default: None,
        optional,
        keys: vec![],
    };
    subject.classes.push(ClassShape {
        make: Symbol::new("stacks", "Stack"),
        parameters: vec![parameter("items", ints, false), parameter("capacity", int, true)],
        attributes: vec![],
        inverse: vec![],
    });
    subject.receiver = Some(object);
    takes(&mut subject, "item", int);
    subject
}

fn push_by(input: &Input, places: &mut Vec<u32>, is_full: fn(usize, usize) -> bool) -> Ended {
    let (Some(Value::Call { args, kwargs, .. }), [Value::Int(item)]) = (&input.receiver, &input.args[..]) else {
        return Ended::Invalid;
    };
    let Some(Value::List(items)) = args.first() else {
        return Ended::NotMade;
    };
    let capacity = args.get(1).or_else(|| kwargs.first().map(|(_, value)| value));
    let capacity = match capacity {
        Some(Value::Int(capacity)) if *capacity >= items.len() as i64 => *capacity as usize,
        Some(_) => return Ended::NotMade,
        None => 100,
    };
    if is_full(items.len(), capacity) {
        places.push(1);
        return Ended::Raised("OverflowError");
    }
    let items = items.iter().cloned().chain([Value::Int(*item)]);
    Ended::Returned(Value::List(items.collect()))
}

/// Pushes on a stack that is not full.
pub fn push(input: &Input, places: &mut Vec<u32>) -> Ended {
    push_by(input, places, |length, capacity| length >= capacity)
}

/// Pushes on a stack that is full, too.
pub fn push_faulty(input: &Input, places: &mut Vec<u32>) -> Ended {
    push_by(input, places, |length, capacity| length > capacity)
}
