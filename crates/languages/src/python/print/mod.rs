//! Inputs and observations as Python that a person can read and paste.

mod literal;
mod observed;
mod script;
mod value;

use model::{CallKind, Input, Target};

pub use observed::{differing, observed, outcome};
pub use script::script;

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

/// The call alone, in at most about `limit` characters: long values are shortened with `…`.
pub fn short(target: &Target, input: &Input, limit: usize) -> String {
    value::fit(limit, |caps| print(target, input, caps).call)
}

fn print(target: &Target, input: &Input, caps: Caps) -> Printed {
    let mut writer = Writer::new(input, caps);
    if target.call == CallKind::Module {
        return Printed {
            setup: Vec::new(),
            call: format!("import {}", target.module),
        };
    }
    let last = target
        .qualified_name
        .rsplit('.')
        .next()
        .unwrap_or(&target.qualified_name);
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
