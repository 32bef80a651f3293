//! A short notation for what a library function takes and gives, and how it is laid on slots.
//!
//! `"I(A),i>L(A)"`: an iterable of any `A` and an integer give a list of `A`. One letter is one kind (see [`letter`]); capitals
//! with parentheses are containers; `A` to `D` are variables; `E`, `V` and `S` are element, value and the receiver itself;
//! `*` after a parameter repeats it; `?` is anything.

use super::kind::{Fact, Kind, Mask};
use super::slots::{OnDisk, Slot, Slots};

/// Lays `signature` on a call: says what the arguments must be, and gives the result.
pub(super) fn apply(slots: &mut Slots, signature: &str, receiver: Option<Slot>, args: &[Slot]) -> Slot {
    let (parameters, result) = signature.split_once('>').unwrap_or((signature, "?"));
    let mut laying = Laying {
        slots,
        receiver,
        variables: [None; 4],
    };
    let mut reader = Reader(parameters.as_bytes());
    let mut args = args.iter().copied();
    while !reader.0.is_empty() {
        let start = reader;
        let Some(arg) = args.next() else { break };
        laying.lay(&mut reader, arg);
        if reader.eat(b'*') {
            for arg in args.by_ref() {
                laying.lay(&mut { start }, arg);
            }
        }
        reader.eat(b',');
    }
    let slot = laying.slots.fresh();
    laying.lay(&mut Reader(result.as_bytes()), slot)
}

/// Says that `slot` is of the type written in `text`.
pub(super) fn constrain(slots: &mut Slots, text: &str, slot: Slot) {
    Laying {
        slots,
        receiver: None,
        variables: [None; 4],
    }
    .lay(&mut Reader(text.as_bytes()), slot);
}

#[derive(Clone, Copy)]
struct Reader<'s>(&'s [u8]);

impl Reader<'_> {
    fn next(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => b'?',
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.next();
        }
        found
    }
}

struct Laying<'s> {
    slots: &'s mut Slots,
    receiver: Option<Slot>,
    variables: [Option<Slot>; 4],
}

impl Laying<'_> {
    /// Reads one type and lays it on `slot`; gives what the slot is one with, which for a variable may be another.
    fn lay(&mut self, reader: &mut Reader<'_>, slot: Slot) -> Slot {
        let code = reader.next();
        match code {
            b'A'..=b'D' if !reader.0.starts_with(b"(") && code != b'C' => self.variable(code, slot),
            b'E' | b'V' | b'S' => self.of_receiver(code, slot),
            _ => {
                if let Some(fact) = letter(code) {
                    self.slots.fact(slot, fact);
                }
                let on_disk = on_disk(code);
                self.slots.touches_disk |= on_disk.file || on_disk.folder;
                self.slots.info(slot).on_disk.merge(on_disk);
                if reader.eat(b'(') {
                    self.parts(code, reader, slot);
                }
            }
        }
        slot
    }

    fn variable(&mut self, code: u8, slot: Slot) {
        let index = usize::from(code - b'A');
        match self.variables[index] {
            Some(known) => self.slots.unify(known, slot),
            None => self.variables[index] = Some(slot),
        }
    }

    fn of_receiver(&mut self, code: u8, slot: Slot) {
        let Some(receiver) = self.receiver else { return };
        let part = match code {
            b'E' => self.slots.element(receiver),
            b'V' => self.slots.value(receiver),
            _ => receiver,
        };
        self.slots.unify(part, slot);
    }

    fn parts(&mut self, code: u8, reader: &mut Reader<'_>, slot: Slot) {
        let mut position = 0;
        loop {
            let part = match code {
                b'T' => self.slots.position(slot, position),
                b'K' => self.slots.result(slot),
                b'D' if position == 1 => self.slots.value(slot),
                _ => self.slots.element(slot),
            };
            self.lay(reader, part);
            position += 1;
            if !reader.eat(b',') {
                break;
            }
        }
        if code == b'T' {
            self.slots.info(slot).arity = Some(position);
        }
        reader.eat(b')');
    }
}

/// Of what the letters for paths are paths: of what is looked for, of a folder, of a file, of what a name is appended to.
fn on_disk(code: u8) -> OnDisk {
    OnDisk {
        file: matches!(code, b'e' | b'v'),
        folder: matches!(code, b'e' | b'l'),
        joined: code == b't',
    }
}

/// What one letter says.
fn letter(code: u8) -> Option<Fact> {
    const STR: Mask = Mask::one(Kind::Str);
    Some(match code {
        b'i' => Fact::mostly(Mask::one(Kind::Int), Mask::one(Kind::Bool)),
        b'n' => Fact::mostly(Mask::NUMBER, Mask::NUMERIC),
        b'f' => Fact::mostly(Mask::one(Kind::Float), Mask::one(Kind::Int)),
        b'u' => Fact::mostly(Mask::of(&[Kind::Str, Kind::Int, Kind::Float]), Mask::NUMERIC),
        b's' => Fact::only(STR),
        b'y' => Fact::only(Mask::one(Kind::Bytes)),
        b'b' => Fact::mostly(Mask::one(Kind::Bool), Mask::one(Kind::Int)),
        b'c' => Fact::mostly(
            Mask::of(&[Kind::List, Kind::Str, Kind::Dict, Kind::Tuple, Kind::Set]),
            Mask::CONTAINER,
        ),
        b'q' => Fact::mostly(Mask::of(&[Kind::List, Kind::Tuple, Kind::Str]), Mask::SEQUENCE),
        b'k' => Fact::only(Mask::HASHABLE),
        b'j' => Fact::mostly(
            Mask::of(&[Kind::Dict, Kind::List, Kind::Str, Kind::Int]),
            Mask::of(&[Kind::Float, Kind::Bool, Kind::Tuple]),
        ),
        b'I' => Fact::mostly(Mask::ITERABLE, Mask::ALSO_ITERABLE),
        b'L' => Fact::mostly(Mask::one(Kind::List), Mask::one(Kind::Tuple)),
        b'T' | b'Y' => Fact::mostly(Mask::one(Kind::Tuple), Mask::one(Kind::List)),
        b'U' => Fact::mostly(Mask::one(Kind::Set), Mask::one(Kind::FrozenSet)),
        b'Z' => Fact::mostly(Mask::one(Kind::FrozenSet), Mask::one(Kind::Set)),
        b'D' => Fact::only(Mask::one(Kind::Dict)),
        b'W' => Fact::only(Mask::one(Kind::Iterator)),
        b'Q' => Fact::mostly(Mask::one(Kind::Deque), Mask::one(Kind::List)),
        b'K' => Fact::mostly(Mask::one(Kind::Callable), Mask::one(Kind::Class)),
        b'C' => Fact::only(Mask::one(Kind::Class)),
        b'X' => Fact::only(Mask::one(Kind::Exception)),
        b'd' => Fact::mostly(Mask::one(Kind::Date), Mask::one(Kind::DateTime)),
        b'h' => Fact::mostly(Mask::one(Kind::DateTime), Mask::one(Kind::Date)),
        b'm' => Fact::only(Mask::one(Kind::Time)),
        b'w' => Fact::only(Mask::one(Kind::TimeDelta)),
        b'g' => Fact::only(Mask::one(Kind::Decimal)),
        b'G' => Fact::only(Mask::one(Kind::Fraction)),
        b'p' | b'e' | b'l' | b't' | b'v' => Fact::mostly(STR, Mask::one(Kind::Path)),
        b'P' => Fact::mostly(Mask::one(Kind::Path), STR),
        b'x' => Fact::mostly(Mask::one(Kind::TextFile), Mask::one(Kind::BytesFile)),
        b'z' => Fact::mostly(Mask::one(Kind::BytesFile), Mask::one(Kind::TextFile)),
        b'r' => Fact::mostly(STR, Mask::one(Kind::Pattern)),
        b'R' => Fact::only(Mask::one(Kind::Pattern)),
        b'o' => Fact::only(Mask::one(Kind::Object)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::shapes::kind::weigh;

    fn likeliest(slots: &mut Slots, slot: Slot) -> Kind {
        weigh(&slots.info(slot).facts, 0.1)[0].0
    }

    #[test]
    fn variables_join_arguments_and_result() {
        let mut slots = Slots::default();
        let (items, extra) = (slots.fresh(), slots.fresh());
        constrain(&mut slots, "s", extra);
        let result = apply(&mut slots, "L(A),A>A", None, &[items, extra]);
        let element = slots.element(items);
        assert!(slots.same(result, element));
        assert_eq!(likeliest(&mut slots, result), Kind::Str);
        assert_eq!(likeliest(&mut slots, items), Kind::List);
    }

    #[test]
    fn repeats_and_missing_arguments() {
        let mut slots = Slots::default();
        let args = [slots.fresh(), slots.fresh(), slots.fresh()];
        apply(&mut slots, "p*>s", None, &args);
        assert_eq!(likeliest(&mut slots, args[2]), Kind::Str);
        let result = apply(&mut slots, "i,i,i>L(i)", None, &args[..1]);
        assert_eq!(likeliest(&mut slots, result), Kind::List);
    }

    #[test]
    fn the_receiver_lends_its_parts() {
        let mut slots = Slots::default();
        let (items, value) = (slots.fresh(), slots.fresh());
        apply(&mut slots, "E>N", Some(items), &[value]);
        let element = slots.element(items);
        assert!(slots.same(element, value));
        let pairs = apply(&mut slots, ">L(T(E,V))", Some(items), &[]);
        let pair = slots.element(pairs);
        let key = slots.position(pair, 0);
        assert!(slots.same(element, key));
    }
}
