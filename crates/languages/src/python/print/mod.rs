//! Inputs and observations as Python that a person can read and paste.

mod addresses;
mod layout;
mod leaves;
mod library;
mod literal;
mod observed;
mod pytest;
mod script;
mod surroundings;
mod value;

use model::{CallKind, Input, Symbol, Target, Value};

pub use addresses::without_addresses;
pub use layout::{Style, laid_out};
pub use observed::{differing, observed, outcome, outcomes};
pub use pytest::{TestText, tests};
pub use script::{Surroundings, script};

use value::{Caps, Writer};

/// A call as text, with the lines that must come first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Imports, then statements that make and link shared objects.
    pub setup: Vec<String>,
    /// The call itself, an expression (an `import` statement for a module).
    pub call: String,
}

impl Printed {
    /// Setup and call, a line each.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.setup {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(&self.call);
        text
    }
}

/// The call of `target` with `input`, whole.
pub fn call(target: &Target, input: &Input) -> Printed {
    print(target, input, Caps::NONE)
}

/// A plain value as Python would write it.
pub fn value(value: &Value) -> String {
    let target = Target {
        path: String::new(),
        module: "m".to_owned(),
        qualified_name: "f".to_owned(),
        base_module: None,
        base_name: None,
        call: CallKind::Function,
    };
    Writer::new(&target, &Input::default(), Caps::NONE).value(value)
}

/// A value of an input alone, with the lines that make what it refers to.
pub fn value_of(target: &Target, input: &Input, value: &Value) -> Printed {
    let mut writer = Writer::new(target, input, Caps::NONE);
    let call = writer.value(value);
    Printed {
        setup: writer.finish(),
        call,
    }
}

/// The call alone, in at most about `limit` characters: long values are shortened with `…`.
pub fn short(target: &Target, input: &Input, limit: usize) -> String {
    value::fit(limit, |caps| print(target, input, caps).call)
}

/// The receiver or an argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Receiver,
    Argument(usize),
    Keyword(String),
}

impl Part {
    /// All parts of a call, in the order in which they are observed.
    fn of(input: &Input) -> Vec<Self> {
        let receiver = input.receiver.iter().map(|_| Self::Receiver);
        let arguments = (0..input.args.len()).map(Self::Argument);
        let keywords = input.kwargs.iter().map(|(name, _)| Self::Keyword(name.clone()));
        receiver.chain(arguments).chain(keywords).collect()
    }

    /// A variable for it.
    fn name(&self) -> String {
        match self {
            Self::Receiver => "the_object".to_owned(),
            Self::Argument(at) => format!("argument_{}", at + 1),
            Self::Keyword(name) if literal::is_name(name) => format!("argument_{name}"),
            Self::Keyword(_) => "the_argument".to_owned(),
        }
    }

    fn in_words(&self) -> String {
        match self {
            Self::Receiver => "the object".to_owned(),
            Self::Argument(at) => format!("argument {}", at + 1),
            Self::Keyword(name) => format!("argument {name}"),
        }
    }

    fn value<'i>(&self, input: &'i Input) -> Option<&'i Value> {
        match self {
            Self::Receiver => input.receiver.as_ref(),
            Self::Argument(at) => input.args.get(*at),
            Self::Keyword(name) => input
                .kwargs
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, value)| value),
        }
    }

    fn put(&self, input: &mut Input, value: Value) {
        let place = match self {
            Self::Receiver => input.receiver.as_mut(),
            Self::Argument(at) => input.args.get_mut(*at),
            Self::Keyword(name) => input
                .kwargs
                .iter_mut()
                .find(|(other, _)| other == name)
                .map(|(_, value)| value),
        };
        if let Some(place) = place {
            *place = value;
        }
    }
}

/// The call of `target` with `input`, some parts of which are bound to variables first.
fn call_of_parts(target: &Target, input: &Input, parts: &[Part]) -> Printed {
    let mut writer = Writer::new(target, input, Caps::NONE);
    let mut by_name = input.clone();
    let mut bound = Vec::new();
    for part in parts {
        if let Some(value) = part.value(input) {
            bound.push(format!("{} = {}", part.name(), writer.value(value)));
            part.put(&mut by_name, Value::Symbol(Symbol::new("", part.name())));
        }
    }
    let mut printed = printed(target, &by_name, writer);
    printed.setup.extend(bound);
    printed
}

fn print(target: &Target, input: &Input, caps: Caps) -> Printed {
    printed(target, input, Writer::new(target, input, caps))
}

fn printed(target: &Target, input: &Input, mut writer: Writer<'_>) -> Printed {
    if target.call == CallKind::Module {
        return match target
            .qualified_name
            .split_once('.')
            .map_or(target.qualified_name.as_str(), |(first, _)| first)
        {
            "<module>" => Printed {
                setup: Vec::new(),
                call: format!("import {}", target.module),
            },
            class => Printed {
                setup: vec![format!("from {} import {class}", target.module)],
                call: format!("vars({})", target.qualified_name),
            },
        };
    }
    if target.call == CallKind::Docstring {
        let name = &target.qualified_name;
        let first = name.split('.').next().unwrap_or(name);
        return Printed {
            setup: vec![format!("from {} import {first}", target.module)],
            call: format!(
                "__import__('doctest').run_docstring_examples({name}, vars(__import__('sys').modules['{}']))",
                target.module
            ),
        };
    }
    let last = target
        .qualified_name
        .rsplit('.')
        .next()
        .unwrap_or(&target.qualified_name);
    writer.tell_surroundings(input);
    if let (Some(receiver), [value], CallKind::Setter) = (&input.receiver, &input.args[..], target.call) {
        let receiver = writer.receiver(receiver);
        let value = writer.value(value);
        let mut setup = writer.finish();
        let object = if receiver.chars().all(|c| c.is_alphanumeric() || c == '_') {
            receiver
        } else {
            setup.push(format!("obj = {receiver}"));
            "obj".to_owned()
        };
        setup.push(format!("{object}.{last} = {value}"));
        return Printed {
            setup,
            call: format!("{object}.{last}"),
        };
    }
    let callee = match (&input.receiver, target.call) {
        (Some(receiver), CallKind::Returned) => writer.receiver(receiver),
        (Some(receiver), CallKind::Method | CallKind::Property) => format!("{}.{last}", writer.receiver(receiver)),
        _ => writer.name(&target.module, &target.qualified_name),
    };
    let call = if target.call == CallKind::Property {
        callee
    } else {
        format!("{callee}({})", writer.arguments(&input.args, &input.kwargs))
    };
    Printed {
        setup: writer.finish(),
        call,
    }
}

#[cfg(test)]
mod tests;
