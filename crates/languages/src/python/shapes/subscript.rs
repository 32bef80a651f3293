//! What subscripts say about what they are taken from.

use model::Value;
use ruff_python_ast::{Expr, ExprSubscript};

use super::engine::{Engine, FrameId};
use super::kind::{Fact, Kind, Mask};
use super::literal;
use super::slots::{Key, KeyUse, Slot};

impl<'p> Engine<'_, 'p> {
    /// `x[…]` that is read.
    pub(super) fn subscript(&mut self, frame: FrameId, subscript: &'p ExprSubscript) -> Slot {
        let owner = self.expression(frame, &subscript.value);
        // A constant that comes from elsewhere is a table, mostly.
        if is_constant(&subscript.value) && self.slots.info(owner).facts.is_empty() {
            self.slots.fact(
                owner,
                Fact::mostly(Mask::one(Kind::Dict), Mask::of(&[Kind::List, Kind::Tuple])),
            );
        }
        self.item(frame, owner, &subscript.slice, true)
    }

    /// `x[…]` that is written.
    pub(super) fn stored(&mut self, frame: FrameId, subscript: &'p ExprSubscript) -> Slot {
        let owner = self.expression(frame, &subscript.value);
        self.slots.fact(
            owner,
            Fact::mostly(Mask::of(&[Kind::List, Kind::Dict]), Mask::one(Kind::Object)),
        );
        self.item(frame, owner, &subscript.slice, false)
    }

    fn item(&mut self, frame: FrameId, owner: Slot, index: &'p Expr, read: bool) -> Slot {
        match index {
            Expr::Slice(_) => {
                self.expression(frame, index);
                self.slots.fact(
                    owner,
                    Fact::mostly(Mask::of(&[Kind::List, Kind::Str, Kind::Tuple]), Mask::one(Kind::Bytes)),
                );
                owner
            }
            Expr::StringLiteral(key) => {
                self.slots
                    .fact(owner, Fact::mostly(Mask::one(Kind::Dict), Mask::one(Kind::Object)));
                let known = self.expression(frame, index);
                let keys = self.slots.element(owner);
                self.slots.unify(keys, known);
                let name = key.value.to_str();
                let is_new = |key: &Key| key.name != name;
                let how = match read {
                    true => KeyUse::Read,
                    // What is set first need not be there.
                    false if self.slots.info(owner).keys.iter().all(is_new) => KeyUse::Asked,
                    false => KeyUse::Named,
                };
                self.slots.key(owner, name, how)
            }
            _ => match literal::plain(index) {
                Some(Value::Int(position)) => {
                    self.slots.fact(
                        owner,
                        Fact::mostly(
                            Mask::of(&[Kind::List, Kind::Tuple]),
                            Mask::of(&[Kind::Str, Kind::Bytes, Kind::Dict, Kind::Object, Kind::Deque]),
                        ),
                    );
                    match u32::try_from(position) {
                        Ok(position) if position < 16 => self.slots.position(owner, position),
                        _ => self.slots.element(owner),
                    }
                }
                _ => {
                    self.slots.info(owner).filled |= !read;
                    self.keyed(frame, owner, index)
                }
            },
        }
    }

    /// `x[i]` for an index that is no literal: a place or a key, which is decided when all is known.
    fn keyed(&mut self, frame: FrameId, owner: Slot, index: &'p Expr) -> Slot {
        let index = self.expression(frame, index);
        self.slots.fact(
            owner,
            Fact::mostly(
                Mask::of(&[Kind::List, Kind::Tuple, Kind::Dict]),
                Mask::of(&[Kind::Str, Kind::Bytes, Kind::Object, Kind::Deque]),
            ),
        );
        let result = self.slots.fresh();
        self.slots.subscript(owner, index, result);
        result
    }
}

/// Whether it is named as constants are.
fn is_constant(expression: &Expr) -> bool {
    let name = match expression {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(part) => part.attr.as_str(),
        _ => return false,
    };
    name.len() > 1 && !name.contains(char::is_lowercase) && name.contains(char::is_uppercase)
}
