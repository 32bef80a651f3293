use model::{
    CallKind, Effect, Example, Input, Names, Node, Observation, Observed, Outcome, Raised, Symbol, Target, Value,
};
use proptest::prelude::*;

use super::*;

fn target(module: &str, name: &str, call: CallKind) -> Target {
    Target {
        path: format!("{}.py", module.replace('.', "/")),
        module: module.to_owned(),
        qualified_name: name.to_owned(),
        base_module: None,
        base_name: None,
        call,
    }
}

fn made(module: &str, name: &str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Value {
    Value::Call {
        callee: Symbol::new(module, name),
        args,
        kwargs,
    }
}

fn observation(outcome: Outcome) -> Observation {
    Observation::of(outcome)
}

#[test]
fn prints_keywords_and_objects() {
    let item = made("cart.item", "Item", vec![], vec![("weight".to_owned(), Value::Int(30))]);
    let input = Input {
        kwargs: vec![
            ("items".to_owned(), Value::List(vec![item])),
            ("express".to_owned(), Value::Bool(false)),
        ],
        ..Input::default()
    };
    let printed = call(&target("cart.delivery", "delivery_days", CallKind::Function), &input);
    assert_eq!(
        printed.setup,
        ["from cart.delivery import delivery_days", "from cart.item import Item"]
    );
    assert_eq!(printed.call, "delivery_days(items=[Item(weight=30)], express=False)");
}

#[test]
fn files_are_laid_out_before_the_call() {
    let text = |text: &str| Value::Str(text.to_owned());
    let inside = Value::Dict(vec![
        (text("a.py"), text("x = 1\n")),
        (text("sub/b.py"), text("é")),
        (text("empty/"), text("")),
    ]);
    let input = Input {
        args: vec![
            Value::call(Symbol::folder(true), vec![text("d"), inside]),
            Value::call(Symbol::file(false), vec![text("e/c.txt"), Value::Bytes(vec![0])]),
        ],
        ..Input::default()
    };
    assert_eq!(
        call(&target("cart", "f", CallKind::Function), &input).text(),
        "from cart import f\nfrom pathlib import Path\nPath('d').mkdir(exist_ok=True)\nPath('d/a.py').write_text('x = 1\\n')\n\
         Path('d/sub').mkdir(parents=True, exist_ok=True)\nPath('d/sub/b.py').write_bytes(b'\\xc3\\xa9')\n\
         Path('d/empty').mkdir(parents=True, exist_ok=True)\nPath('e').mkdir(exist_ok=True)\n\
         Path('e/c.txt').write_bytes(b'\\x00')\nf('d', Path('e/c.txt'))"
    );
}

#[test]
fn prints_methods_properties_and_modules() {
    let input = Input {
        receiver: Some(made("cart", "Cart", vec![Value::Int(3)], vec![])),
        args: vec![Value::Int(2)],
        ..Input::default()
    };
    assert_eq!(
        call(&target("cart", "Cart.total", CallKind::Method), &input).call,
        "Cart(3).total(2)"
    );
    assert_eq!(
        call(&target("cart", "Cart.size", CallKind::Property), &input).call,
        "Cart(3).size"
    );
    assert_eq!(
        call(
            &target("cart.settings", "<module>", CallKind::Module),
            &Input::default()
        )
        .call,
        "import cart.settings"
    );
    let input = Input {
        args: vec![Value::Int(-1)],
        ..Input::default()
    };
    assert_eq!(
        call(&target("cart", "Cart", CallKind::Constructor), &input).text(),
        "from cart import Cart\nCart(-1)"
    );
    assert_eq!(
        call(&target("cart", "Cart.parse", CallKind::Function), &input).text(),
        "from cart import Cart\nCart.parse(-1)"
    );
}

#[test]
fn links_nodes_after_making_them() {
    let node = |value: i64, next: Value| Node {
        make: made("lists", "Node", vec![Value::Int(value)], vec![]),
        links: vec![("next".to_owned(), next)],
    };
    let input = Input {
        args: vec![Value::Node(0)],
        nodes: vec![node(1, Value::Node(1)), node(2, Value::None)],
        ..Input::default()
    };
    let printed = call(&target("lists", "length", CallKind::Function), &input);
    assert_eq!(
        printed.setup,
        [
            "from lists import Node, length",
            "a = Node(1)",
            "b = Node(2)",
            "a.next = b",
            "b.next = None"
        ]
    );
    assert_eq!(printed.call, "length(a)");
    let lone = Input {
        args: vec![Value::Node(0)],
        nodes: vec![Node {
            make: made("lists", "Node", vec![Value::Int(1)], vec![]),
            links: vec![],
        }],
        ..Input::default()
    };
    assert_eq!(
        call(&target("lists", "length", CallKind::Function), &lone).call,
        "length(Node(1))"
    );
}

#[test]
fn steps_are_statements_in_their_order() {
    let node = |make: Value| Node {
        make,
        links: Vec::new(),
    };
    let of = |callee: Symbol, args: Vec<Value>| Value::Call {
        callee,
        args,
        kwargs: Vec::new(),
    };
    let text = |text: &str| Value::Str(text.to_owned());
    let nodes = vec![
        node(made("toml", "parse", vec![text("a = 1")], vec![])),
        node(of(Symbol::item(), vec![Value::Node(0), text("a")])),
        node(of(
            Symbol::method("__setitem__"),
            vec![Value::Node(0), text("b"), Value::Int(2)],
        )),
        node(of(Symbol::method("__delitem__"), vec![Value::Node(0), text("a")])),
        node(of(
            Symbol::new("builtins", "setattr"),
            vec![Value::Node(0), text("name"), Value::Node(1)],
        )),
        node(of(Symbol::method("sort"), vec![Value::Node(0)])),
    ];
    let input = Input {
        args: vec![Value::Node(0)],
        nodes,
        ..Input::default()
    };
    let printed = call(&target("toml", "dump", CallKind::Function), &input);
    assert_eq!(
        printed.setup,
        [
            "from toml import dump, parse",
            "a = parse('a = 1')",
            "b = a['a']",
            "a['b'] = 2",
            "del a['a']",
            "a.name = b",
            "a.sort()"
        ]
    );
    assert_eq!(printed.call, "dump(a)");
}

#[test]
fn prints_functions_iterators_and_odd_keywords() {
    let args = vec![
        Value::Returns(Box::new(Value::Int(3))),
        Value::Identity,
        Value::Iterator(vec![Value::None]),
    ];
    let input = Input {
        args,
        kwargs: vec![("class".to_owned(), Value::Int(1))],
        ..Input::default()
    };
    let printed = call(&target("m", "f", CallKind::Function), &input);
    assert_eq!(
        printed.call,
        "f(lambda *args, **kwargs: 3, lambda value=None, *args, **kwargs: value, iter([None]), **{'class': 1})"
    );
}

#[test]
fn names_that_clash_keep_their_module() {
    let args = vec![made("a", "Item", vec![], vec![]), made("b", "Item", vec![], vec![])];
    let printed = call(
        &target("m", "f", CallKind::Function),
        &Input {
            args,
            ..Input::default()
        },
    );
    assert_eq!(printed.setup, ["import b", "from a import Item", "from m import f"]);
    assert_eq!(printed.call, "f(Item(), b.Item())");
}

#[test]
fn shortens_long_values() {
    let input = Input {
        args: vec![
            Value::List((0..1000).map(Value::Int).collect()),
            Value::Str("x".repeat(500)),
        ],
        ..Input::default()
    };
    let text = short(&target("m", "f", CallKind::Function), &input, 60);
    assert!(text.chars().count() <= 60, "{text}");
    assert!(text.starts_with("f([0, 1, 2, ") && text.contains("…]"), "{text}");
    assert!(call(&target("m", "f", CallKind::Function), &input).call.contains("999"));
}

#[test]
fn tells_how_a_call_ended() {
    let raised = Raised {
        class: "ValueError".to_owned(),
        bases: vec![],
        message: "empty\nmore".to_owned(),
        place: None,
        depth: 0,
    };
    assert_eq!(
        outcome(&observation(Outcome::Raised(raised)), &Input::default(), 80),
        "raises ValueError: empty"
    );
    assert_eq!(
        outcome(&observation(Outcome::TimedOut), &Input::default(), 80),
        "does not end"
    );
    assert_eq!(
        outcome(
            &observation(Outcome::Died("signal 11".to_owned())),
            &Input::default(),
            80
        ),
        "ends the interpreter: signal 11"
    );
    let mut refused = observation(Outcome::Refused);
    refused.effects.push(Effect {
        kind: "write".to_owned(),
        detail: "/etc/passwd".to_owned(),
        refused: true,
    });
    assert_eq!(
        outcome(&refused, &Input::default(), 80),
        "is refused an effect: write /etc/passwd"
    );
}

#[test]
fn shows_objects_and_their_identity() {
    let item = Observed::Object {
        class: "cart.Item".to_owned(),
        id: 4,
        items: None,
        state: vec![
            ("next".to_owned(), Observed::Again(4)),
            ("weight".to_owned(), Observed::Int(30)),
        ],
    };
    assert_eq!(observed(&item, 80), "#4 Item(next=#4, weight=30)");
    let deque = Observed::Object {
        class: "collections.deque".to_owned(),
        id: 0,
        items: Some(Box::new(Observed::List(vec![Observed::Int(1)]))),
        state: vec![],
    };
    assert_eq!(observed(&deque, 80), "deque([1])");
    let drained = Observed::Drained {
        class: "generator".to_owned(),
        items: vec![Observed::Int(1)],
        end: "ValueError".to_owned(),
    };
    assert_eq!(observed(&drained, 80), "generator of [1, then raises ValueError]");
}

fn order(total: i64) -> Observed {
    let mut lines: Vec<(Observed, Observed)> = (0..30)
        .map(|n| (Observed::Str(format!("line{n}")), Observed::Int(n)))
        .collect();
    lines.push((Observed::Str("total".to_owned()), Observed::Int(total)));
    Observed::List(vec![Observed::None, Observed::Dict(lines)])
}

/// As [`differing`], of values that hold no object of their calls.
fn parted(base: &Observed, head: &Observed) -> (String, String) {
    differing((base, &Names::new()), (head, &Names::new()), 60)
}

#[test]
fn focuses_on_the_part_that_differs() {
    assert_eq!(
        parted(&order(3), &order(4)),
        ("…[1]['total']: 3".to_owned(), "…[1]['total']: 4".to_owned())
    );
    let long = |n: i64| Observed::List((0..n).map(Observed::Int).collect());
    assert_eq!(
        parted(&long(50), &long(51)),
        ("…[50]: nothing, the length is 50".to_owned(), "…[50]: 50".to_owned())
    );
    let text = |end: &str| Observed::Str(format!("{}{end}", "a".repeat(100)));
    assert_eq!(parted(&text("b"), &text("c")).0, "…[90:]: 'aaaaaaaaaab'");
    assert_eq!(
        parted(&Observed::Int(1), &Observed::None),
        ("1".to_owned(), "None".to_owned())
    );
}

#[test]
fn what_reads_the_same_is_told_apart() {
    let view = |module: &str| Observed::Object {
        class: format!("{module}.View"),
        id: 3,
        items: None,
        state: vec![("of".to_owned(), Observed::Int(1))],
    };
    assert_eq!(
        parted(&view("old"), &view("new")),
        ("old.View(of=1)".to_owned(), "new.View(of=1)".to_owned())
    );
    let inside = |module: &str| {
        let mut items: Vec<Observed> = (0..50).map(Observed::Int).collect();
        items.push(view(module));
        Observed::List(items)
    };
    assert_eq!(
        parted(&inside("old"), &inside("new")),
        ("…[50]: old.View(of=1)".to_owned(), "…[50]: new.View(of=1)".to_owned())
    );
    let raised = |end: &str| {
        observation(Outcome::Raised(Raised {
            class: "ValueError".to_owned(),
            bases: vec![],
            message: format!("details below.\n{} {end}", "x".repeat(300)),
            place: None,
            depth: 1,
        }))
    };
    let (base, head) = outcomes(&raised("int"), &raised("float"), &Input::default(), 80);
    assert!(
        base.ends_with("xxx int") && head.ends_with("xxx float"),
        "{base}\n{head}"
    );
    assert!(base.starts_with("raises ValueError: …"), "{base}");
}

#[test]
fn objects_of_the_call_are_told_in_words() {
    let object = |id| Observed::Object {
        class: "m.Box".to_owned(),
        id,
        items: None,
        state: vec![("inner".to_owned(), Observed::List(vec![]))],
    };
    let holder = Observed::Object {
        class: "m.Box".to_owned(),
        id: 1,
        items: None,
        state: vec![("inner".to_owned(), object(2))],
    };
    let input = Input {
        receiver: Some(Value::None),
        kwargs: vec![("by".to_owned(), Value::None)],
        ..Input::default()
    };
    let told = |value| outcome(&returns(value, vec![object(0), holder.clone()]), &input, 80);
    assert_eq!(told(Observed::Again(0)), "the object itself");
    assert_eq!(told(Observed::Again(1)), "argument by itself");
    assert_eq!(told(Observed::Again(2)), "a part of argument by");
    let pair = Observed::Tuple(vec![
        Observed::Again(0),
        object(5),
        Observed::Again(5),
        Observed::Again(9),
    ]);
    assert_eq!(told(pair), "(<the object>, #5 Box(inner=[]), #5, #9)");
}

#[test]
fn objects_of_the_library_read_as_calls() {
    let object = |class: &str, items, state| Observed::Object {
        class: class.to_owned(),
        id: 0,
        items: Some(Box::new(items)),
        state,
    };
    let text = |text: &str| Observed::Str(text.to_owned());
    let numbers = Observed::Tuple(vec![Observed::Int(5), Observed::Int(8)]);
    assert_eq!(
        observed(&object("fractions.Fraction", numbers.clone(), vec![]), 80),
        "Fraction(5, 8)"
    );
    assert_eq!(
        observed(&object("ValueError", numbers.clone(), vec![]), 80),
        "ValueError(5, 8)"
    );
    assert_eq!(observed(&object("m.Pair", numbers, vec![]), 80), "Pair(5, 8)");
    let utc = object("datetime.timezone", text("UTC"), vec![]);
    let moment = object(
        "datetime.datetime",
        text("2024-02-09T12:00:00"),
        vec![("tzinfo".to_owned(), utc)],
    );
    assert_eq!(
        observed(&moment, 80),
        "datetime(2024, 2, 9, 12, 0, tzinfo=timezone(timedelta(0)))"
    );
}

fn example(target: Target, input: Input, base: Observation, head: Observation) -> Example {
    Example {
        target,
        input,
        before: Vec::new(),
        base,
        head,
        call: String::new(),
        base_text: String::new(),
        head_text: String::new(),
        aspect: None,
    }
}

fn returns(value: Observed, after: Vec<Observed>) -> Observation {
    Observation {
        after: (!after.is_empty()).then_some(Observed::List(after)),
        ..observation(Outcome::Returned(value))
    }
}

#[test]
fn scripts_fall_back_to_the_old_place() {
    let mut moved = target("new.place", "f", CallKind::Function);
    moved.base_module = Some("old".to_owned());
    let input = Input {
        args: vec![Value::Int(1)],
        ..Input::default()
    };
    let same = returns(Observed::None, vec![]);
    let mut example = example(moved, input.clone(), same.clone(), same);
    example.before = vec![input];
    let text = script(
        &example,
        &Surroundings {
            roots: vec!["src".to_owned(), String::new()],
            metadata: vec![("a-1.dist-info/METADATA".to_owned(), "Name: a\n".to_owned())],
            others: vec!["src/_version.py".to_owned()],
            ..Surroundings::default()
        },
    );
    assert!(text.contains("for root in ['src', '']"), "{text}");
    assert!(
        text.contains("_lay_over({\n    'a-1.dist-info/METADATA': 'Name: a\\n',\n}, ['src/_version.py'])"),
        "{text}"
    );
    assert!(text.contains("except ImportError:\n    from old import f"), "{text}");
    assert!(text.contains("    result = f(1)\nexcept Exception:"), "{text}");
    assert!(!text.contains("afterwards"), "{text}");
    assert!(ruff_python_parser::parse_module(&text).is_ok(), "{text}");
}

#[test]
fn scripts_show_what_differs_afterwards() {
    let input = Input {
        receiver: Some(made("m", "Box", vec![], vec![])),
        args: vec![Value::List(vec![]), Value::Node(0)],
        kwargs: vec![("more".to_owned(), Value::Dict(vec![]))],
        nodes: vec![Node {
            make: Value::List(vec![]),
            links: vec![],
        }],
        world: vec![],
    };
    let after = |number| {
        let list = |number| Observed::List(vec![Observed::Int(number)]);
        vec![list(number), list(0), list(number), list(number)]
    };
    let example = example(
        target("m", "Box.put", CallKind::Method),
        input,
        returns(Observed::None, after(1)),
        returns(Observed::None, after(2)),
    );
    let text = script(&example, &Surroundings::default());
    for line in [
        "the_object = Box()",
        "argument_2 = []",
        "argument_more = {}",
        "    result = the_object.put([], argument_2, more=argument_more)",
        "_tell_part('the_object[0]:', the_object, lambda: the_object[0])",
        "print('the object afterwards:', _show(the_object))",
        "print('argument 2 afterwards:', _show(argument_2))",
        "print('argument more afterwards:', _show(argument_more))",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} in:\n{text}");
    }
    assert!(ruff_python_parser::parse_module(&text).is_ok(), "{text}");
}

#[test]
fn scripts_show_the_globals_that_differ() {
    let globals = |limit| {
        let name = |name: &str| Observed::Str(name.to_owned());
        returns(
            Observed::Dict(vec![
                (name("LIMIT"), Observed::Int(limit)),
                (name("OTHER"), Observed::None),
            ]),
            vec![],
        )
    };
    let example = example(
        target("m", "<module>", CallKind::Module),
        Input::default(),
        globals(1),
        globals(2),
    );
    let text = script(&example, &Surroundings::default());
    assert!(
        text.contains("print('LIMIT', '=', _show(found['LIMIT'])") && !text.contains("OTHER"),
        "{text}"
    );
    assert!(ruff_python_parser::parse_module(&text).is_ok(), "{text}");
}

#[test]
fn scripts_show_the_part_that_differs_before_a_long_whole() {
    let object = |class: &str, state: Vec<(&str, Observed)>| Observed::Object {
        class: class.to_owned(),
        id: 0,
        items: None,
        state: state
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    };
    let result = |number: i64, key: Observed| {
        let inner = Observed::Dict(vec![(key, Observed::Int(number))]);
        returns(object("m.A", vec![("_b", object("m.B", vec![("c", inner)]))]), vec![])
    };
    let part = |key: Observed| {
        let example = example(
            target("m", "f", CallKind::Function),
            Input::default(),
            result(1, key.clone()),
            result(2, key),
        );
        let text = script(&example, &Surroundings::default());
        assert!(ruff_python_parser::parse_module(&text).is_ok(), "{text}");
        let line = text.lines().find(|line| line.contains("lambda")).unwrap_or_default();
        line.trim().to_owned()
    };
    let text = |text: &str| Observed::Str(text.to_owned());
    let line = |way: &str, shown: &str| format!("_tell_part('{shown}:', result, lambda: result{way})");
    assert_eq!(part(Observed::Int(7)), line("._b.c[7]", "result._b.c[7]"));
    assert_eq!(
        part(text("k")),
        "_tell_part(\"result._b.c['k']:\", result, lambda: result._b.c['k'])"
    );
    // What cannot be written is left to the reader.
    assert_eq!(part(object("m.Key", vec![])), line("._b.c", "result._b.c"));
    assert_eq!(part(text(&"k".repeat(90))), line("._b.c", "result._b.c"));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::None),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        (any::<f64>(), any::<f64>()).prop_map(|(a, b)| Value::Complex(a, b)),
        ".*".prop_map(Value::Str),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        (0u32..4).prop_map(Value::Node),
        Just(Value::Identity),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let many = || prop::collection::vec(inner.clone(), 0..5);
        prop_oneof![
            many().prop_map(Value::List),
            many().prop_map(Value::Tuple),
            many().prop_map(Value::FrozenSet),
            many().prop_map(Value::Iterator),
            prop::collection::vec((inner.clone(), inner.clone()), 0..4).prop_map(Value::Dict),
            inner.clone().prop_map(|value| Value::Returns(Box::new(value))),
            many().prop_map(|args| Value::Call {
                callee: Symbol::new("m", "C.D"),
                args,
                kwargs: vec![]
            }),
        ]
    })
}

proptest! {
    /// Whatever the input, what is printed is Python, and the short form never is much longer than asked for.
    #[test]
    fn prints_python(args in prop::collection::vec(values(), 0..4), limit in 10usize..100) {
        let node = Node { make: Value::Call { callee: Symbol::new("m", "N"), args: vec![], kwargs: vec![] }, links: vec![("next".to_owned(), Value::Node(0))] };
        let input = Input { args, nodes: vec![node], ..Input::default() };
        let target = target("m", "f", CallKind::Function);
        let text = call(&target, &input).text();
        prop_assert!(ruff_python_parser::parse_module(&text).is_ok(), "{}", text);
        prop_assert!(short(&target, &input, limit).chars().count() <= limit);
    }
}

#[test]
fn parts_of_what_a_call_gives_are_written_as_such() {
    let made = |callee: Symbol, args: Vec<Value>| Value::Call {
        callee,
        args,
        kwargs: vec![],
    };
    let parsed = made(Symbol::new("m", "parse"), vec![Value::Str("a".into())]);
    let attribute = made(Symbol::attribute("parts"), vec![parsed]);
    let item = made(Symbol::item(), vec![attribute, Value::Int(0)]);
    let method = made(Symbol::method("copy"), vec![item, Value::Bool(true)]);
    let input = Input {
        args: vec![method],
        ..Input::default()
    };
    let target = target("m", "f", CallKind::Function);
    assert_eq!(call(&target, &input).call, "f(parse('a').parts[0].copy(True))");
}

#[test]
fn a_script_calls_the_function_and_not_its_own() {
    for name in ["show", "plain", "whole", "tree", "attributes"] {
        let same = returns(Observed::None, vec![]);
        let example = example(
            target("m", name, CallKind::Function),
            Input::default(),
            same.clone(),
            same,
        );
        let text = script(&example, &Surroundings::default());
        assert!(
            !text.contains(&format!("def {name}(")) && !text.contains(&format!("\n{name} =")),
            "{text}"
        );
    }
}
