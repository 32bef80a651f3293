//! What a framework gives to the functions that it calls: requests to Django's views, and to FastAPI's what they depend on.

use model::{CallKind, Input, Node, Symbol, Target, Value};
use ruff_python_ast::{Expr, ExprCall, ParameterWithDefault, Stmt};
use search::{ParameterKind, Shape, Subject};

use super::binding::is_generator;
use super::form::last_name;
use super::world::{Function, Thing, World};

/// How deep a dependency may depend on others.
const DEEPEST: u32 = 4;
/// Weight of what a framework would give beside what uses tell.
const WEIGHT: f64 = 4.0;
/// What the other arguments of a view are: the rows that stand in for a database's data have these for keys and texts.
const OTHERS: [Value; 1] = [Value::Int(1)];

/// Adds to what is known of a function what its framework would call it with.
pub(super) fn add<'p>(subject: &mut Subject, world: &World<'p>, function: &Function<'p>, target: &Target) {
    dependencies(subject, world, function);
    if world.project.django().is_some() {
        let seeds = requests(subject, function, target);
        subject.seeds.extend(seeds);
    }
}

// Django

/// Calls of a view: by somebody unknown and by a user, for reading and for posting.
fn requests(subject: &Subject, function: &Function<'_>, target: &Target) -> Vec<Input> {
    let at = subject
        .parameters
        .iter()
        .position(|parameter| parameter.name == "request");
    let of_class = target.call == CallKind::Method;
    if at.is_none_or(|at| at > 0) && !(of_class && is_view(function)) {
        return Vec::new();
    }
    let text = || Value::Str("a".to_owned());
    let mut found = Vec::new();
    for (method, user) in [
        ("get", visitor()),
        ("get", somebody()),
        ("post", somebody()),
        ("post", visitor()),
    ] {
        for other in OTHERS.into_iter().chain([text()]) {
            let args: Vec<Value> = arguments(subject, at, &other);
            let others = args.len() > usize::from(at.is_some());
            let mut input = Input {
                args,
                nodes: vec![request(method, user.clone())],
                ..Input::default()
            };
            if of_class && let Some((class, _)) = target.qualified_name.rsplit_once('.') {
                input.receiver = Some(Value::Node(1));
                input.nodes.push(view(Symbol::new(&target.module, class)));
            }
            found.push(input);
            if !others {
                break;
            }
        }
    }
    found
}

/// The positional arguments of a view without defaults: the request, and the same for all others.
fn arguments(subject: &Subject, request: Option<usize>, other: &Value) -> Vec<Value> {
    let required = subject
        .parameters
        .iter()
        .enumerate()
        .filter(|(_, parameter)| parameter.kind == ParameterKind::Positional && !parameter.optional);
    let given = required.map(|(at, _)| {
        if Some(at) == request {
            Value::Node(0)
        } else {
            other.clone()
        }
    });
    given.collect()
}

fn is_view(function: &Function<'_>) -> bool {
    let mut bases = function.class.iter().flat_map(|class| class.def.bases());
    bases.any(|base| last_name(base).is_some_and(|name| name.ends_with("View")))
}

/// A request as a test would make it, with what middleware gives it.
fn request(method: &str, user: Value) -> Node {
    let factory = Value::call(Symbol::new("django.test", "RequestFactory"), Vec::new());
    let storage = Symbol::new("django.contrib.messages.storage", "default_storage");
    Node {
        make: Value::call(Symbol::method(method), vec![factory, Value::Str("/".to_owned())]),
        links: vec![
            ("user".to_owned(), user),
            ("session".to_owned(), Value::Dict(Vec::new())),
            ("_messages".to_owned(), Value::call(storage, vec![Value::Node(0)])),
        ],
    }
}

fn view(class: Symbol) -> Node {
    Node {
        make: Value::call(class, Vec::new()),
        links: vec![
            ("request".to_owned(), Value::Node(0)),
            ("args".to_owned(), Value::Tuple(Vec::new())),
            ("kwargs".to_owned(), Value::Dict(Vec::new())),
        ],
    }
}

fn visitor() -> Value {
    Value::call(Symbol::new("django.contrib.auth.models", "AnonymousUser"), Vec::new())
}

/// The first of the users that stand in for those of the database.
fn somebody() -> Value {
    let model = Value::call(Symbol::new("django.contrib.auth", "get_user_model"), Vec::new());
    let users = Value::call(Symbol::attribute("objects"), vec![model]);
    Value::call(Symbol::method("first"), vec![users])
}

// FastAPI

/// Parameters that are declared to depend on a function get what that gives.
fn dependencies<'p>(subject: &mut Subject, world: &World<'p>, function: &Function<'p>) {
    for declared in function.def.parameters.iter_non_variadic_params() {
        let name = declared.name().as_str();
        let Some(at) = subject.parameters.iter().position(|parameter| parameter.name == name) else {
            continue;
        };
        let Some(value) = dependency(world, function, declared, DEEPEST) else {
            continue;
        };
        let (known, given) = (subject.parameters[at].shape, subject.add(Shape::OneOf(vec![value])));
        subject.parameters[at].shape = subject.add(Shape::Union(vec![(1.0, known), (WEIGHT, given)]));
    }
}

/// `next(get_db())` for `Depends(get_db)` as a default, in `Annotated[…]`, or behind a name for that.
fn dependency<'p>(
    world: &World<'p>,
    function: &Function<'p>,
    parameter: &ParameterWithDefault,
    depth: u32,
) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let of_default = parameter.default.as_deref().and_then(depends);
    let said = parameter.annotation();
    let provider = match of_default.or_else(|| said.and_then(annotated).map(|(_, on)| on)) {
        Some(on) => world.expression(&function.module, on)?,
        None => match world.expression(&function.module, said?)? {
            Thing::Value { module, value, .. } => world.expression(&module, annotated(value?)?.1)?,
            Thing::External(class) => provider_of(world, &class)?,
            _ => return None,
        },
    };
    let Thing::Function(provider) = provider else {
        return None;
    };
    if provider.class.is_some() {
        return None;
    }
    let mut kwargs = Vec::new();
    for needed in provider.def.parameters.iter_non_variadic_params() {
        match dependency(world, &provider, needed, depth) {
            Some(value) => kwargs.push((needed.name().to_string(), value)),
            None if needed.default.is_some() => {}
            None => return None,
        }
    }
    let callee = Symbol::new(&provider.module.parsed.module, provider.def.name.as_str());
    let made = Value::Call {
        callee,
        args: Vec::new(),
        kwargs,
    };
    Some(match is_generator(provider.def) {
        true => Value::call(Symbol::new("builtins", "next"), vec![made]),
        false => made,
    })
}

/// What `Depends(…)` names.
fn depends(expression: &Expr) -> Option<&Expr> {
    let Expr::Call(ExprCall { func, arguments, .. }) = expression else {
        return None;
    };
    match last_name(func) {
        Some("Depends" | "Security") => arguments.args.first(),
        _ => None,
    }
}

/// What gives objects of a class from elsewhere, a database's session for example, to those who declare to depend on it.
fn provider_of<'p>(world: &World<'p>, class: &str) -> Option<Thing<'p>> {
    let mut paths = world.project.calling("Depends");
    paths.sort_unstable();
    for module in paths.into_iter().filter_map(|path| world.by_path(path)) {
        for statement in &module.parsed.ast.body {
            let Stmt::Assign(assigned) = statement else { continue };
            let Some((of, on)) = annotated(&assigned.value) else {
                continue;
            };
            if matches!(world.expression(&module, of), Some(Thing::External(other)) if other == class) {
                return world.expression(&module, on);
            }
        }
    }
    None
}

/// `T` and `f` of `Annotated[T, Depends(f)]`.
fn annotated(expression: &Expr) -> Option<(&Expr, &Expr)> {
    let Expr::Subscript(subscript) = expression else {
        return None;
    };
    let Expr::Tuple(parts) = &*subscript.slice else {
        return None;
    };
    let on = parts.elts.iter().skip(1).find_map(depends)?;
    Some((parts.elts.first()?, on))
}

#[cfg(test)]
mod tests {
    use super::super::subject;
    use super::super::tests::{project, target};
    use super::*;

    fn of(files: &[(&str, &str)], name: &str, call: CallKind) -> Subject {
        subject(&project(files), &project(files), &target(name, call), &[])
    }

    /// The values that a parameter is given as they stand.
    fn given(subject: &Subject, name: &str) -> Vec<Value> {
        let parameter = subject.parameters.iter().find(|parameter| parameter.name == name);
        let Some(Shape::Union(options)) = parameter.map(|parameter| subject.shape(parameter.shape)) else {
            return Vec::new();
        };
        let ready = options.iter().filter_map(|(_, shape)| match subject.shape(*shape) {
            Shape::OneOf(values) => Some(values.clone()),
            _ => None,
        });
        ready.flatten().collect()
    }

    const VIEWS: &str = "class Page(TemplateView):\n    def get_title(self):\n        return self.request.path\n\n\
        def show(request, slug):\n    return request.path + slug\n\ndef plain(text):\n    return text\n";
    const SETTINGS: &str = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n";

    #[test]
    fn views_of_django_are_called_with_requests() {
        const FILES: &[(&str, &str)] = &[("m.py", VIEWS), ("manage.py", SETTINGS), ("settings.py", "")];
        let view = of(FILES, "show", CallKind::Function);
        let requests: Vec<_> = view.seeds.iter().filter(|seed| !seed.nodes.is_empty()).collect();
        assert_eq!(requests.len(), 8);
        assert!(
            requests
                .iter()
                .all(|seed| seed.args.len() == 2 && seed.args[0] == Value::Node(0))
        );
        let of_class = of(FILES, "Page.get_title", CallKind::Method);
        assert!(
            of_class
                .seeds
                .iter()
                .any(|seed| seed.receiver == Some(Value::Node(1)) && seed.args.is_empty())
        );
        assert_eq!(of(FILES, "plain", CallKind::Function).seeds, []);
        const NONE: &[(&str, &str)] = &[("m.py", VIEWS)];
        assert!(
            of(NONE, "show", CallKind::Function)
                .seeds
                .iter()
                .all(|seed| seed.nodes.is_empty())
        );
    }

    #[test]
    fn what_is_depended_on_is_called() {
        const FILES: &[(&str, &str)] = &[(
            "m.py",
            "from typing import Annotated\nfrom fastapi import Depends\nfrom sqlmodel import Session\n\n\
             def get_db():\n    yield 1\n\ndef get_user(db = Depends(get_db)):\n    return db\n\ndef get_other(needed):\n    return needed\n\n\
             SessionDep = Annotated[Session, Depends(get_db)]\n\n\
             def read(db: SessionDep, user = Depends(get_user), other = Depends(get_other)):\n    return db\n\n\
             def find(*, session: Session, name: str):\n    return session\n",
        )];
        let plain = |name: &str| Value::call(Symbol::new("m", name), Vec::new());
        let session = Value::call(Symbol::new("builtins", "next"), vec![plain("get_db")]);
        let read = of(FILES, "read", CallKind::Function);
        assert_eq!(given(&read, "db"), std::slice::from_ref(&session));
        let user = Value::Call {
            callee: Symbol::new("m", "get_user"),
            args: Vec::new(),
            kwargs: vec![("db".to_owned(), session.clone())],
        };
        assert_eq!(given(&read, "user"), [user]);
        // What needs more than can be told is not guessed.
        assert_eq!(given(&read, "other"), []);
        let find = of(FILES, "find", CallKind::Function);
        assert_eq!(given(&find, "session"), [session]);
        assert_eq!(given(&find, "name"), []);
    }
}
