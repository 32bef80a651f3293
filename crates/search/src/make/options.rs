//! Which of the arguments that may be left out are given: mostly none, or one.

use model::Value;

use super::Maker;
use crate::shape::{ClassShape, Parameter, ParameterKind, Shape, ShapeId};

/// Where fewer may be left out, each is chosen by itself: all combinations are in reach.
const FEW: usize = 3;

/// A choice of arguments that may be left out, by their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Options {
    /// Each by itself, half of the time.
    Each,
    /// None of them.
    None,
    /// Only this one.
    One(usize),
}

impl Options {
    /// Whether the one at this place is given.
    pub fn gives(self, place: usize, maker: &mut Maker<'_>) -> bool {
        match self {
            Self::Each => maker.scratch.random.percent(50),
            Self::None => false,
            Self::One(only) => only == place,
        }
    }
}

impl Maker<'_> {
    /// Chooses among the places of what may be left out.
    pub(super) fn options(&mut self, places: &[usize]) -> Options {
        let random = &mut self.scratch.random;
        match random.below(100) {
            _ if places.len() < FEW => Options::Each,
            0..20 => Options::None,
            20..65 => random.pick(places).map_or(Options::None, |place| Options::One(*place)),
            _ => Options::Each,
        }
    }

    /// A value for what may be left out: seldom the one that it has when it is.
    pub(crate) fn other_than(
        &mut self,
        default: Option<&Value>,
        shape: ShapeId,
        make: impl Fn(&mut Self) -> Value,
    ) -> Value {
        let made = make(self);
        match default {
            Some(default) if *default == made => match (default, self.know.atlas.shape(shape)) {
                (Value::Bool(truth), Shape::Bool) => Value::Bool(!truth),
                _ => make(self),
            },
            _ => made,
        }
    }

    /// Gives a constructor one argument more or less than it has, of those that may be left out.
    pub(crate) fn toggle_argument(&mut self, root: usize, level: u8, class: &ClassShape, call: &mut Value) -> bool {
        let Value::Call { callee, args, kwargs } = call else {
            return false;
        };
        let is_plain = |kind| matches!(kind, ParameterKind::Positional | ParameterKind::Keyword);
        let free: Vec<(usize, &Parameter)> = class
            .parameters
            .iter()
            .enumerate()
            .filter(|(_, parameter)| parameter.optional && is_plain(parameter.kind))
            .collect();
        let Some((place, parameter)) = self.scratch.random.pick(&free).copied() else {
            return false;
        };
        if *callee != class.make {
            return false;
        }
        let by_position = parameter.kind == ParameterKind::Positional && place < args.len();
        if let Some(index) = kwargs.iter().position(|(name, _)| *name == parameter.name) {
            kwargs.remove(index);
        } else if by_position && place + 1 == args.len() {
            args.pop();
        } else if by_position {
            // What stands behind it keeps its place.
            args[place] = match &parameter.default {
                Some(default) if *default != args[place] => default.clone(),
                _ => self.value_at(root, level, parameter.shape),
            };
        } else {
            let made = self.other_than(parameter.default.as_ref(), parameter.shape, |maker| {
                maker.value_at(root, level, parameter.shape)
            });
            kwargs.push((parameter.name.clone(), made));
        }
        true
    }
}
