use model::{CallKind, Target, Value};
use search::{ClassShape, ParameterKind, Shape, ShapeId, Subject, Token};

use super::subject;
use crate::python::Project;

mod objects;

pub(super) fn project(files: &[(&str, &str)]) -> Project {
    let files: Vec<(String, String)> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let paths: Vec<String> = files.iter().map(|(path, _)| path.clone()).collect();
    Project::new(paths, move |path| {
        let found = files.iter().find(|(known, _)| known == path);
        found
            .map(|(_, text)| text.clone().into_bytes())
            .ok_or_else(|| std::io::Error::other("no such file"))
    })
}

pub(super) fn target(name: &str, call: CallKind) -> Target {
    Target {
        path: "m.py".to_owned(),
        module: "m".to_owned(),
        qualified_name: name.to_owned(),
        base_module: None,
        base_name: None,
        call,
    }
}

fn infer(text: &str, name: &str, call: CallKind) -> Subject {
    let (base, head) = (project(&[("m.py", text)]), project(&[("m.py", text)]));
    subject(&base, &head, &target(name, call), &[])
}

/// The likeliest reading of a shape, as text: `[Int]`, `{Str: [Str]}`, `Node`.
fn likeliest(subject: &Subject, id: ShapeId) -> String {
    text(subject, id, 8)
}

fn text(subject: &Subject, id: ShapeId, depth: u32) -> String {
    let Some(depth) = depth.checked_sub(1) else {
        return "…".to_owned();
    };
    let of = |id: &ShapeId| text(subject, *id, depth);
    let all = |ids: &[ShapeId]| ids.iter().map(of).collect::<Vec<_>>().join(", ");
    match subject.shape(id) {
        Shape::List(part) => format!("[{}]", of(part)),
        Shape::Tuple(parts) => format!("({})", all(parts)),
        Shape::TupleOf(part) => format!("({}…)", of(part)),
        Shape::Set(part) => format!("set({})", of(part)),
        Shape::FrozenSet(part) => format!("frozenset({})", of(part)),
        Shape::Dict(key, value) => format!("{{{}: {}}}", of(key), of(value)),
        Shape::Record(keys) => format!(
            "{{{}}}",
            keys.iter()
                .map(|(key, shape, must)| format!("{key}{}: {}", if *must { "" } else { "?" }, of(shape)))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Shape::Object(class) => subject.classes[class.0 as usize].make.name.clone(),
        Shape::Make { callee, .. } => callee.name.clone(),
        Shape::Callable(result) => format!("-> {}", of(result)),
        Shape::Iterator(part) => format!("iter {}", of(part)),
        Shape::OneOf(values) => format!("one of {}", values.len()),
        // Literals that a slot was compared with are tried beside its kind, which is what tests ask for.
        Shape::Union(members) => {
            let plain = members
                .iter()
                .filter(|(_, member)| !matches!(subject.shape(*member), Shape::OneOf(_)));
            plain
                .max_by(|one, other| one.0.total_cmp(&other.0).then(std::cmp::Ordering::Greater))
                .map_or_else(String::new, |(_, member)| of(member))
        }
        other => format!("{other:?}"),
    }
}

/// The parameters of a function by their likeliest shapes.
fn parameters(source: &str, name: &str) -> Vec<String> {
    let subject = infer(source, name, CallKind::Function);
    subject
        .parameters
        .iter()
        .map(|parameter| likeliest(&subject, parameter.shape))
        .collect()
}

/// As [`parameters`], of a function `f` with this parameter list and body.
fn uses(list: &str, body: &str) -> Vec<String> {
    parameters(
        &format!(
            "import re, json, os, math\nfrom datetime import date, datetime, timedelta\ndef f({list}):\n    {}\n",
            body.replace('\n', "\n    ")
        ),
        "f",
    )
}

fn class<'s>(subject: &'s Subject, name: &str) -> &'s ClassShape {
    subject
        .classes
        .iter()
        .find(|class| class.make.name == name)
        .expect("the class")
}

fn allows(subject: &Subject, id: ShapeId, wanted: &Shape) -> bool {
    match subject.shape(id) {
        Shape::Union(members) => members.iter().any(|(_, member)| allows(subject, *member, wanted)),
        shape => shape == wanted,
    }
}

#[test]
fn arithmetic_and_builtins() {
    assert_eq!(uses("x", "return x // 2 + 1"), ["Int"]);
    assert_eq!(uses("x", "return x / 2.5"), ["Float"]);
    assert_eq!(uses("x, y", "return x[y:] + 'a'"), ["Str", "Int"]);
    assert_eq!(
        uses("a, b, c", "return ord(a), sum(b), math.gcd(c, 4)"),
        ["Str", "[Int]", "Int"]
    );
    assert_eq!(uses("n", "return [i for i in range(n)]"), ["Int"]);
    assert_eq!(uses("t", "return '%d items' % t"), ["Int"]);
    assert_eq!(uses("t", "return f'{t:.2f}'"), ["Int"]);
}

#[test]
fn single_characters_at_places_tell_a_text() {
    let quotes = "if v[0] in ('\"', \"'\") and v[0] == v[-1]:\n    return v[1:-1]\nreturn v";
    assert_eq!(uses("v", quotes), ["Str"]);
    assert_eq!(uses("v", "return v[0] == '-'"), ["Str"]);
    assert_eq!(uses("v", "return v[0] == 'total'"), ["[Str]"]);
}

#[test]
fn methods_tell_types() {
    assert_eq!(uses("q", "return q.split(',')"), ["Str"]);
    assert_eq!(uses("q, r", "q.append(r.strip())"), ["[Str]", "Str"]);
    assert_eq!(
        uses("q", "for k, v in q.items():\n    print(k.upper(), v + 1)"),
        ["{Str: Int}"]
    );
    assert_eq!(uses("q, r", "q.add(r)\nreturn r + 1"), ["set(Int)", "Int"]);
    assert_eq!(uses("q", "return q.read().splitlines()"), ["StringIO"]);
    assert_eq!(uses("q", "return b'x' in q.encode()"), ["Str"]);
    assert_eq!(uses("q", "return q.total_seconds()"), ["timedelta"]);
    assert_eq!(uses("q", "return (q / 'a').exists()"), ["Path"]);
    assert_eq!(uses("q", "return next(q) + 1"), ["iter Int"]);
}

#[test]
fn what_only_one_dictionary_has_tells_which() {
    let makes = |body: &str| {
        let subject = infer(&format!("def f(d):\n  {body}\n"), "f", CallKind::Function);
        let made = subject.shapes.into_iter().filter_map(|shape| match shape {
            Shape::Make { callee, .. } => Some(callee.name),
            _ => None,
        });
        made.collect::<Vec<_>>()
    };
    assert_eq!(makes("return [x for x, n in d.most_common()]"), ["Counter"]);
    assert_eq!(makes("d.move_to_end('a')"), ["OrderedDict"]);
    assert_eq!(makes("return d.items()"), [] as [&str; 0]);
}

#[test]
fn slots_unify() {
    assert_eq!(uses("a, b", "c = a\nif c == b:\n    return b.lower()"), ["Str", "Str"]);
    assert_eq!(uses("a, b", "return max(a, b) + 0.5"), ["Float", "Float"]);
    assert_eq!(
        uses("a, b", "for x in a:\n    b.append(x)\nreturn ''.join(b)"),
        ["[Str]", "[Str]"]
    );
    assert_eq!(uses("a", "return [x.lower() for x in a if x]"), ["[Str]"]);
    assert_eq!(
        uses("a, b", "return sorted(a, key=lambda p: p[b])[0]['k'] + 1"),
        ["[{k: Int}]", "Str"]
    );
    assert_eq!(
        uses("a", "for i, (x, y) in enumerate(a):\n    print(i + x, y.strip())"),
        ["[(Int, Str)]"]
    );
    assert_eq!(uses("f, xs", "return [f(x) + 1 for x in xs]"), ["-> Int", "[Any]"]);
    assert_eq!(uses("a", "a = a.split()\na.append('x')\nreturn a"), ["Str"]);
}

#[test]
fn subscripts_are_decided_late() {
    assert_eq!(uses("d, k", "k = k.strip()\nreturn d[k] + 1"), ["{Str: Int}", "Str"]);
    assert_eq!(uses("d, i", "i += 1\nreturn d[i].upper()"), ["[Str]", "Int"]);
    assert_eq!(uses("d", "return d['a'] + 1, d.get('b', 'x')"), ["{a: Int, b?: Str}"]);
    assert_eq!(uses("d", "return d[0] + d[1]"), ["[Int]"]);
}

#[test]
fn none_only_where_it_is_asked_for() {
    let subject = infer(
        "def f(a, b, c=None):\n    if a is None:\n        return b + 1\n    return c + a\n",
        "f",
        CallKind::Function,
    );
    let none: Vec<bool> = subject
        .parameters
        .iter()
        .map(|parameter| allows(&subject, parameter.shape, &Shape::None))
        .collect();
    assert_eq!(none, [true, false, true]);
    assert!(subject.parameters[2].optional);
    assert_eq!(subject.parameters[2].default, Some(Value::None));
}

#[test]
fn annotations_come_first() {
    let source = "from typing import Optional, Union, Dict, List, Callable, Literal, TypeVar, NewType, Sequence, Iterable, Any, Annotated\nimport datetime, decimal, uuid\nT = TypeVar('T', bound=str)\nId = NewType('Id', int)\nRows = List[Dict[str, float]]\n";
    let declared = |annotation: &str| parameters(&format!("{source}def f(x: {annotation}): return x\n"), "f").remove(0);
    for (annotation, shape) in [
        ("Optional[int]", "Int"),
        ("list[tuple[str, int]]", "[(Str, Int)]"),
        ("Dict[str, List[float]]", "{Str: [Float]}"),
        ("'Sequence[bytes]'", "[Bytes]"),
        ("Callable[[int], str]", "-> Str"),
        ("T", "Str"),
        ("Id", "Int"),
        ("Rows", "[{Str: Float}]"),
        ("datetime.date | None", "date"),
        ("decimal.Decimal", "Decimal"),
        ("uuid.UUID", "UUID"),
        ("Annotated[set[int], 'x']", "set(Int)"),
        ("tuple[int, ...]", "(Int…)"),
    ] {
        assert_eq!(declared(annotation), shape, "{annotation}");
    }
    let subject = infer(
        &format!("{source}def f(x: Union[int, str], y: Literal['a', 'b']): ...\n"),
        "f",
        CallKind::Function,
    );
    assert!(
        allows(&subject, subject.parameters[0].shape, &Shape::Int)
            && allows(&subject, subject.parameters[0].shape, &Shape::Str)
    );
    assert!(allows(
        &subject,
        subject.parameters[1].shape,
        &Shape::OneOf(vec![Value::Str("a".into()), Value::Str("b".into())])
    ));
}

#[test]
fn small_algorithms() {
    let search = "def find(items, target):\n    low, high = 0, len(items) - 1\n    while low <= high:\n        mid = (low + high) // 2\n        if items[mid] == target: return mid\n        if items[mid] < target: low = mid + 1\n        else: high = mid - 1\n    return -1\n";
    assert_eq!(parameters(search, "find"), ["[Int]", "Int"]);
    let intervals = "def merge(intervals):\n    result = []\n    for start, end in sorted(intervals):\n        if result and start <= result[-1][1]:\n            result[-1] = (result[-1][0], max(result[-1][1], end))\n        else:\n            result.append((start, end))\n    return result\n";
    assert_eq!(parameters(intervals, "merge"), ["[(Int, Int)]"]);
    let bfs = "def reach(graph, start, goal):\n    queue, seen = [start], {start}\n    while queue:\n        node = queue.pop(0)\n        if node == goal: return True\n        for other in graph[node]:\n            if other not in seen:\n                seen.add(other)\n                queue.append(other)\n    return False\n";
    assert_eq!(parameters(bfs, "reach"), ["{Str: [Str]}", "Str", "Str"]);
    let due = "from datetime import timedelta\ndef due(start, days):\n    end = start + timedelta(days=days)\n    if end.weekday() >= 5:\n        end += timedelta(days=1)\n    return end.isoformat()\n";
    assert_eq!(parameters(due, "due"), ["datetime", "Int"]);
}

#[test]
fn recursive_types() {
    let lists = "class Node:\n    def __init__(self, value, next=None, prev=None):\n        self.value = value\n        self.next = next\n        self.prev = prev\ndef length(head):\n    count = 0\n    while head is not None:\n        count += head.value + 1\n        head.prev = None\n        head = head.next\n    return count\ndef splice(a, b):\n    a.next = b\n    b.prev = a\n    return length(a)\n";
    let subject = infer(lists, "splice", CallKind::Function);
    assert_eq!(likeliest(&subject, subject.parameters[0].shape), "Node");
    let node = class(&subject, "Node");
    assert_eq!(node.parameters.len(), 3);
    assert!(node.attributes.iter().any(|(name, _)| name == "next"));
    assert_eq!(node.inverse, [("next".to_owned(), "prev".to_owned())]);
    let tree = infer(
        "def depth(t):\n    if t is None: return 0\n    return t.w + max(depth(t.left), depth(t.right))\n",
        "depth",
        CallKind::Function,
    );
    let duck = class(&tree, "SimpleNamespace");
    assert_eq!(duck.attributes.len(), 2);
    assert_eq!(duck.parameters[0].name, "w");
    let walk = "def walk(x):\n    if isinstance(x, dict):\n        return {k: walk(v) for k, v in x.items()}\n    elif isinstance(x, list):\n        return [walk(i) for i in x]\n    return x\n";
    let json = infer(walk, "walk", CallKind::Function);
    assert!(
        allows(&json, json.parameters[0].shape, &Shape::Int) && allows(&json, json.parameters[0].shape, &Shape::Str)
    );
    assert!(json.shapes.len() < 40, "the graph is finite");
}

const CART: &str = "from dataclasses import dataclass, field\nimport enum\nclass Kind(enum.Enum):\n    SMALL = 1\n    LARGE = 2\n@dataclass\nclass Item:\n    weight: float\n    kind: Kind = Kind.SMALL\n    tags: list[str] = field(default_factory=list)\nclass Cart:\n    def __init__(self, items=None, express=False):\n        self.items = items or []\n        self.express = express\n    def total(self, rate):\n        return sum(i.weight * rate for i in self.items) + (5 if self.express else 0)\n    @classmethod\n    def parse(cls, text):\n        return cls([Item(float(w)) for w in text.split()])\n    @property\n    def size(self):\n        return len(self.items)\ndef days(items, express=False):\n    return items[0].weight > 30 and express\n";

#[test]
fn classes_of_the_project() {
    let method = infer(CART, "Cart.total", CallKind::Method);
    let receiver = method.receiver.expect("a receiver");
    assert_eq!(likeliest(&method, receiver), "Cart");
    let cart = class(&method, "Cart");
    assert_eq!(likeliest(&method, cart.parameters[0].shape), "[Item]");
    assert_eq!(likeliest(&method, cart.parameters[1].shape), "Bool");
    let item = class(&method, "Item");
    assert_eq!(
        item.parameters
            .iter()
            .map(|parameter| (parameter.name.as_str(), parameter.optional))
            .collect::<Vec<_>>(),
        [("weight", false), ("kind", true), ("tags", true)]
    );
    assert_eq!(likeliest(&method, item.parameters[0].shape), "Float");
    assert_eq!(method.parameters.len(), 1);
    assert!(
        method.classes.iter().any(|class| class.make.name == "Cart.parse"),
        "a factory is another way"
    );
    let property = infer(CART, "Cart.size", CallKind::Property);
    assert!(property.receiver.is_some() && property.parameters.is_empty());
    let function = infer(CART, "days", CallKind::Function);
    assert_eq!(likeliest(&function, function.parameters[0].shape), "[Item]");
    let factory = infer(CART, "Cart.parse", CallKind::Function);
    assert_eq!(likeliest(&factory, factory.parameters[0].shape), "Str");
    assert!(factory.receiver.is_none());
    let made = infer(CART, "Cart", CallKind::Constructor);
    assert_eq!(made.parameters.len(), 2);
    assert_eq!(infer(CART, "<module>", CallKind::Module), Subject::default());
}

#[test]
fn names_hint_when_nothing_else_does() {
    assert_eq!(
        uses("count, name, items, config, is_new, callback, when", "return 0"),
        ["Int", "Str", "[Any]", "{Str: Any}", "Bool", "-> Any", "datetime"]
    );
    assert_eq!(uses("count", "return count.split()"), ["Str"]);
}

#[test]
fn kinds_of_parameters() {
    let subject = infer(
        "def f(a, *rest, key, **options):\n    print(a + 1, rest[0].upper(), options['mode'].lower())\n",
        "f",
        CallKind::Function,
    );
    let kinds: Vec<ParameterKind> = subject.parameters.iter().map(|parameter| parameter.kind).collect();
    assert_eq!(
        kinds,
        [
            ParameterKind::Positional,
            ParameterKind::Rest,
            ParameterKind::Keyword,
            ParameterKind::Keyword,
            ParameterKind::KeywordRest
        ]
    );
    assert_eq!(likeliest(&subject, subject.parameters[1].shape), "Str");
    // What is looked for among the further keywords is a parameter of its own.
    let mode = &subject.parameters[3];
    assert_eq!((mode.name.as_str(), mode.optional), ("mode", false));
    assert_eq!(likeliest(&subject, mode.shape), "Str");
    assert!(subject.parameters[4].keys.is_empty());
}

#[test]
fn a_keyword_is_needed_where_the_code_never_asks_for_it_nor_fills_it_in() {
    let optional = |body: &str| {
        let m = project(&[("m.py", &format!("def f(**kw):\n    {body}\n"))]);
        let subject = subject(&m, &m, &target("f", CallKind::Function), &[]);
        subject.parameters[0].optional
    };
    assert!(!optional("return kw['a'].upper()"));
    assert!(!optional("kw['a'] += 1\n    return kw['a']"));
    assert!(optional("return kw.get('a') or kw['a'].upper()"));
    assert!(optional("return 'a' in kw and kw['a'].upper()"));
    assert!(optional("kw['a'] = 'x'\n    return kw['a'].upper()"));
    assert!(optional(
        "for name in ['a', 'b']:\n        if name not in kw:\n            kw[name] = None\n    return kw['a'] or 1"
    ));
}

#[test]
fn keywords_of_either_version_are_parameters() {
    let base = "def g(size, *, colour='red'):\n    return size + 1, colour.upper()\ndef f(n=0, **kw):\n    for k in kw:\n        if k not in ('days', 'hours'):\n            raise ValueError\n    return g(1, **kw), kw.pop('deep', False), 'wide' in kw\n";
    let head = base.replace("n=0, **kw", "n=0, check=True, **kw");
    let (base, head) = (project(&[("m.py", base)]), project(&[("m.py", &head)]));
    let subject = subject(&base, &head, &target("f", CallKind::Function), &[]);
    let names: Vec<&str> = subject
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    assert_eq!(names, ["n", "check", "colour", "deep", "wide", "kw"]);
    assert_eq!(likeliest(&subject, subject.parameters[1].shape), "Bool");
    assert_eq!(likeliest(&subject, subject.parameters[2].shape), "Str");
    assert!(subject.parameters.iter().all(|parameter| parameter.optional));
    assert_eq!(subject.parameters[5].keys, ["days", "hours"]);
}

#[test]
fn tokens_of_both_versions() {
    let base = "LIMITS = {'small': 30}\ndef f(x):\n    \"\"\"Not 999.\"\"\"\n    if x > 30:\n        return g(x, LIMITS)\ndef g(y, limits):\n    return y == 77 and limits['small']\n";
    let head = base.replace("x > 30", "x > 31");
    let (base, head) = (project(&[("m.py", base)]), project(&[("m.py", &head)]));
    let subject = subject(
        &base,
        &head,
        &target("f", CallKind::Function),
        &[("m.py".to_owned(), vec![4])],
    );
    let token = |value: Value| {
        subject
            .tokens
            .iter()
            .find(|token| token.value == value)
            .map(|token| token.changed)
    };
    assert_eq!(token(Value::Int(31)), Some(true));
    assert_eq!(token(Value::Int(30)), Some(true));
    assert_eq!(token(Value::Int(77)), Some(false));
    assert_eq!(token(Value::Str("small".into())), Some(false));
    assert_eq!(token(Value::Int(999)), None);
}

#[test]
fn tokens_match_patterns_and_dates() {
    let subject = infer(
        "import re\nfrom datetime import datetime\ndef f(x):\n    if re.match(r'(\\d+)-x', x):\n        return datetime.strptime(x, '%Y/%m/%d')\n",
        "f",
        CallKind::Function,
    );
    let has = |text: &str| {
        subject
            .tokens
            .iter()
            .any(|token| token.value == Value::Str(text.to_owned()))
    };
    assert!(has("1-x") && has("2024/02/29"));
}

#[test]
fn patterns_of_classes_and_of_both_versions() {
    let base = "import re\nWORD = '[a-z]'\nclass B:\n    LINE = re.compile(fr'^<{WORD}+>$', re.X)\nclass P(B):\n    OLD = re.compile(r'x[=-]+y')\n    KINDS = {'json': 1, 'toml': 2}\n    def f(self, t):\n        return self.LINE.match(t) or type(self).OLD.search(t) or self.KINDS[t]\n";
    let head = base.replace("x[=-]+y", "x(?:=+|-+)y").replace("toml", "yaml");
    let (base, head) = (project(&[("m.py", base)]), project(&[("m.py", &head)]));
    let subject = subject(&base, &head, &target("P.f", CallKind::Method), &[]);
    let changed = |wanted: &dyn Fn(&str) -> bool| {
        let wanted = |token: &&Token| matches!(&token.value, Value::Str(text) if wanted(text));
        subject.tokens.iter().find(wanted).map(|token| token.changed)
    };
    // What only one version matches comes from there, as does what only one of them has; the rest is in both.
    assert_eq!(changed(&|text| text.contains("=-") || text.contains("-=")), Some(true));
    assert_eq!(changed(&|text| text == "yaml"), Some(true));
    assert_eq!(changed(&|text| text == "json"), Some(false));
    assert_eq!(changed(&|text| text == "<a>" || text == "<aa>"), Some(false));
}

#[test]
fn keys_by_name_are_those_of_a_dictionary_beside_attributes() {
    let code = "def fetched(get, url, raw=False):\n    page = get(url)\n    code = page.getcode() or page.status_code\n    if code == 404 or page.reason.strip() == 'no':\n        raise ValueError(page.text.strip(), page.headers.get_param('x'))\n    page.close()\n    if raw:\n        return page\n    return page.read()\nclass G:\n    def __init__(self, get):\n        self.get = get\n    def load(self, url):\n        return self.parse(fetched(self.get, url))\n    def parse(self, page):\n        if not page.get('done'):\n            return None\n        return page['size']\n";
    let subject = infer(code, "G.parse", CallKind::Method);
    let has_keys = |shape: &search::Shape| matches!(shape, search::Shape::Record(keys) if keys.iter().any(|(name, ..)| name == "size"));
    let page = subject.shape(subject.parameters[0].shape);
    let members = match page {
        search::Shape::Union(members) => members.iter().map(|(_, id)| subject.shape(*id)).collect(),
        other => vec![other],
    };
    let reached = members.into_iter().any(|member| match member {
        search::Shape::Union(inner) => inner.iter().any(|(_, id)| has_keys(subject.shape(*id))),
        other => has_keys(other),
    });
    assert!(reached, "{page:?}");
}

#[test]
fn patterns_made_of_what_their_class_defines() {
    let base = "import re\nclass P:\n    _number = r'''\n    [0-9]+  # digits\n    (?:post)?'''\n    _all = re.compile(r'v?' + _number, re.VERBOSE | re.IGNORECASE)\n    def f(self, t):\n        return self._all.fullmatch(t)\n";
    let head = base.replace("(?:post)", "(?a:post)");
    let (base, head) = (project(&[("m.py", base)]), project(&[("m.py", &head)]));
    let subject = subject(&base, &head, &target("P.f", CallKind::Method), &[]);
    let is_told = |token: &Token| {
        token.changed && matches!(&token.value, Value::Str(text) if text.to_lowercase().contains("poſt"))
    };
    assert!(subject.tokens.iter().any(is_told), "{:?}", subject.tokens);
}

#[test]
fn changed_items_of_long_tables_are_tokens() {
    let table: String = (0..600).map(|n| format!("'k{n}': {n}, ")).collect();
    let base = format!("T = {{\n{table}\n}}\ndef f(x):\n    return T[x], 'near'\n");
    let head = base.replace("'k555': 555", "'k555': 1");
    let (base, head) = (project(&[("m.py", &base)]), project(&[("m.py", &head)]));
    let subject = subject(&base, &head, &target("f", CallKind::Function), &[]);
    let changed = |text: &str| {
        let wanted = Value::Str(text.into());
        subject
            .tokens
            .iter()
            .find(|token| token.value == wanted)
            .map(|token| token.changed)
    };
    assert_eq!(changed("k555"), Some(true));
    assert_eq!(
        (changed("k1"), changed("near"), changed("k444")),
        (Some(false), Some(false), None)
    );
}

#[test]
fn seeds_from_examples_and_tests() {
    let code = "class Item:\n    def __init__(self, weight): self.weight = weight\n    def heavy(self, limit): return self.weight > limit\ndef days(items, express=False):\n    \"\"\"Days.\n\n    >>> days([Item(3)], express=True)\n    1\n    \"\"\"\n    return 1\n";
    let tests = "import pytest\nfrom m import days, Item\nBIG = 40\n@pytest.mark.parametrize('w, fast', [(1, True), (2, False)])\ndef test_days(w, fast):\n    assert days([Item(w)], fast)\ndef test_loop():\n    for w in [7, BIG]:\n        assert days([Item(w)]) == 3\n    assert Item(5).heavy(4)\n    x = unknown()\n    days(x)\n";
    let files = [("m.py", code), ("tests/test_m.py", tests)];
    let (base, head) = (project(&files), project(&files));
    let function = subject(&base, &head, &target("days", CallKind::Function), &[]);
    assert_eq!(function.seeds.len(), 5, "{:?}", function.seeds);
    let method = subject(&base, &head, &target("Item.heavy", CallKind::Method), &[]);
    assert_eq!(method.seeds.len(), 1);
    assert!(method.seeds[0].receiver.is_some());
    let made = subject(&base, &head, &target("Item", CallKind::Constructor), &[]);
    assert!(made.seeds.iter().any(|seed| seed.args == [Value::Int(40)]));
}

#[test]
fn imported_helpers_and_classes() {
    let files = [
        ("pkg/__init__.py", ""),
        (
            "pkg/util.py",
            "def clean(text):\n    return text.strip()\nclass Box:\n    def __init__(self, width): self.width = width + 1\n    def area(self): return self.width\n",
        ),
        (
            "m.py",
            "from pkg.util import clean\nimport pkg.util as util\ndef f(a, b: 'util.Box'):\n    return clean(a)\n",
        ),
    ];
    let (base, head) = (project(&files), project(&files));
    let found = subject(&base, &head, &target("f", CallKind::Function), &[]);
    assert_eq!(
        found
            .parameters
            .iter()
            .map(|parameter| likeliest(&found, parameter.shape))
            .collect::<Vec<_>>(),
        ["Str", "Box"]
    );
    assert_eq!(class(&found, "Box").make.module, "pkg.util");
}

#[test]
fn over_merged_lists_end() {
    let subject = infer(
        "def f(x):\n    x.append(x)\n    for y in x:\n        y.append(x)\n",
        "f",
        CallKind::Function,
    );
    assert_eq!(likeliest(&subject, subject.parameters[0].shape), "[Int]");
}

#[test]
fn what_is_missing_is_no_accident() {
    let empty = project(&[]);
    assert_eq!(
        subject(&empty, &empty, &target("f", CallKind::Function), &[]),
        Subject::default()
    );
    let broken = project(&[("m.py", "def f(:\n")]);
    assert_eq!(
        subject(&broken, &broken, &target("f", CallKind::Function), &[]),
        Subject::default()
    );
    assert!(infer("def g(): pass\n", "f", CallKind::Function).parameters.is_empty());
    assert_eq!(
        infer("class A(A): pass\ndef f(x: A): return x.y\n", "f", CallKind::Function)
            .parameters
            .len(),
        1
    );
}

#[test]
fn tests_tell_of_instances_that_other_functions_make() {
    let module = "class Doc:\n  def __init__(self, parts): self.parts = parts\n  def add(self, key, value): self.parts[key] = value\n  def get(self, key): return self.parts[key]\ndef parse(text): return Doc({'a': Doc({})})\n";
    let test = "from m import parse\n\ndef test_add():\n    doc = parse('a = 1')\n    doc.get('a').add('b', 2)\n    doc.parts['a'].add('c', 3)\n";
    let project = || project(&[("m.py", module), ("tests/test_m.py", test)]);
    let subject = subject(&project(), &project(), &target("Doc.add", CallKind::Method), &[]);
    let parse = Value::Call {
        callee: model::Symbol::new("m", "parse"),
        args: vec![Value::Str("a = 1".into())],
        kwargs: vec![],
    };
    let part = |callee: model::Symbol, args: Vec<Value>| Value::Call {
        callee,
        args,
        kwargs: vec![],
    };
    let receivers: Vec<_> = subject.seeds.iter().filter_map(|seed| seed.receiver.clone()).collect();
    let key = || Value::Str("a".into());
    let parts = part(model::Symbol::attribute("parts"), vec![parse.clone()]);
    assert_eq!(
        receivers,
        [
            part(model::Symbol::method("get"), vec![parse, key()]),
            part(model::Symbol::item(), vec![parts, key()]),
        ]
    );
}

#[test]
fn callers_tell_what_a_parameter_is() {
    let text = "import ast\nclass Item:\n  def __init__(self, price): self.price = price\n\
        class Checker:\n  def __init__(self, tree): self.tree = tree\n  def kinds(self): return [type(n) for n in self.tree.body]\n\
        def check(code: str):\n  tree = ast.parse(code, filename='x')\n  return Checker(tree).kinds()\n\
        def show(thing): return thing.label\n\
        def all_of(prices):\n  for price in prices:\n    show(Item(price))\n";
    let subject = infer(text, "Checker", CallKind::Constructor);
    assert_eq!(likeliest(&subject, subject.parameters[0].shape), "parse");
    let subject = infer(text, "show", CallKind::Function);
    assert_eq!(likeliest(&subject, subject.parameters[0].shape), "Item");
}
