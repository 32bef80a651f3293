//! What tests need a finding for.

use model::{CallKind, Example, Input, Observation, Observed, Outcome, Target};

/// A call of `f` in `a.py` that gave 1 and gives 2.
pub fn example(input: Input) -> Example {
    let returned = |value| Observation::of(Outcome::Returned(Observed::Int(value)));
    Example {
        target: Target {
            path: "a.py".to_owned(),
            module: "a".to_owned(),
            qualified_name: "f".to_owned(),
            base_module: None,
            base_name: None,
            call: CallKind::Function,
        },
        input,
        before: Vec::new(),
        base: returned(1),
        head: returned(2),
        call: String::new(),
        base_text: String::new(),
        head_text: String::new(),
        aspect: None,
    }
}
