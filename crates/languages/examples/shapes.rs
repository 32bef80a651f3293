//! Infers the shapes of every function below a folder (or shows those of one file): `shapes FOLDER`, `shapes FILE [NAME [ROOT]]`.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use counterproof_languages::python::{Project, shapes};
use model::{CallKind, Target};
use ruff_python_ast::Stmt;
use search::{Shape, ShapeId, Subject};

fn main() {
    let mut args = std::env::args().skip(1);
    let place = PathBuf::from(args.next().expect("a folder or a file"));
    if place.is_dir() {
        sweep(&place)
    } else {
        let name = args.next();
        show(&place, name.as_deref(), args.next().map(PathBuf::from))
    }
}

fn project(root: &Path, paths: &[String]) -> Project {
    let root = root.to_owned();
    Project::new(paths.iter().cloned(), move |path| std::fs::read(root.join(path)))
}

fn targets(path: &str, module: &str, text: &str) -> Vec<Target> {
    let Ok(parsed) = ruff_python_parser::parse_module(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    collect(&parsed.syntax().body, "", false, &mut |name, call| {
        found.push(Target {
            path: path.to_owned(),
            module: module.to_owned(),
            qualified_name: name,
            base_module: None,
            base_name: None,
            call,
        });
    });
    found
}

fn collect(body: &[Stmt], prefix: &str, in_class: bool, add: &mut impl FnMut(String, CallKind)) {
    for statement in body {
        match statement {
            Stmt::FunctionDef(def) => add(
                format!("{prefix}{}", def.name),
                if in_class { CallKind::Method } else { CallKind::Function },
            ),
            Stmt::ClassDef(def) => {
                add(format!("{prefix}{}", def.name), CallKind::Constructor);
                collect(&def.body, &format!("{prefix}{}.", def.name), true, add);
            }
            _ => {}
        }
    }
}

fn show(file: &Path, name: Option<&str>, root: Option<PathBuf>) {
    let root = root.unwrap_or_else(|| file.parent().unwrap_or(Path::new(".")).to_owned());
    let path = file.strip_prefix(&root).expect("below the root").display().to_string();
    let text = std::fs::read_to_string(file).expect("readable");
    let mut paths = Vec::new();
    walk(&root, &root, &mut paths);
    let (base, head) = (project(&root, &paths), project(&root, &paths));
    for target in targets(&path, &base.module_name(&path), &text) {
        if name.is_some_and(|name| name != target.qualified_name) {
            continue;
        }
        let subject = shapes::subject(&base, &head, &target, &[]);
        println!("{} {:?}", target.qualified_name, target.call);
        if let Some(receiver) = subject.receiver {
            println!("   self: {}", text_of(&subject, receiver, 6));
        }
        for parameter in &subject.parameters {
            let default = parameter
                .default
                .as_ref()
                .map(|value| format!(" = {value:?}"))
                .unwrap_or_default();
            println!(
                "   {}{}: {}{default} {:?}",
                parameter.name,
                if parameter.optional { "?" } else { "" },
                text_of(&subject, parameter.shape, 6),
                parameter.kind
            );
        }
        for class in &subject.classes {
            let parameters: Vec<String> = class
                .parameters
                .iter()
                .map(|parameter| format!("{}: {}", parameter.name, text_of(&subject, parameter.shape, 3)))
                .collect();
            let links: Vec<String> = class
                .attributes
                .iter()
                .map(|(name, shape)| format!("{name}: {}", text_of(&subject, *shape, 3)))
                .collect();
            println!(
                "   class {}({}) links [{}] inverse {:?}",
                class.make.name,
                parameters.join(", "),
                links.join(", "),
                class.inverse
            );
        }
        println!(
            "   tokens: {:?}",
            subject.tokens.iter().map(|token| &token.value).collect::<Vec<_>>()
        );
        for seed in &subject.seeds {
            println!("   seed {:?} {:?}", seed.args, seed.kwargs);
        }
    }
}

fn text_of(subject: &Subject, id: ShapeId, depth: u32) -> String {
    let Some(depth) = depth.checked_sub(1) else {
        return format!("#{}", id.0);
    };
    let of = |id: &ShapeId| text_of(subject, *id, depth);
    match subject.shape(id) {
        Shape::List(part) => format!("[{}]", of(part)),
        Shape::Tuple(parts) => format!("({})", parts.iter().map(of).collect::<Vec<_>>().join(", ")),
        Shape::TupleOf(part) => format!("({}…)", of(part)),
        Shape::Set(part) => format!("set {{{}}}", of(part)),
        Shape::FrozenSet(part) => format!("frozenset {{{}}}", of(part)),
        Shape::Dict(key, value) => format!("{{{}: {}}}", of(key), of(value)),
        Shape::Record(keys) => format!(
            "record {{{}}}",
            keys.iter()
                .map(|(key, shape, must)| format!("{key}{}: {}", if *must { "" } else { "?" }, of(shape)))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Shape::Object(class) => subject
            .classes
            .get(class.0 as usize)
            .map(|class| class.make.name.clone())
            .unwrap_or_default(),
        Shape::Make { callee, args } => format!(
            "{}({})",
            callee.name,
            args.iter().map(of).collect::<Vec<_>>().join(", ")
        ),
        Shape::Callable(result) => format!("-> {}", of(result)),
        Shape::Iterator(part) => format!("iter {}", of(part)),
        Shape::OneOf(values) => format!("of {:?}", values.iter().take(4).collect::<Vec<_>>()),
        Shape::Union(parts) => parts
            .iter()
            .map(|(weight, part)| format!("{weight:.2} {}", of(part)))
            .collect::<Vec<_>>()
            .join(" | "),
        other => format!("{other:?}"),
    }
}

fn sweep(root: &Path) {
    let mut paths = Vec::new();
    walk(root, root, &mut paths);
    let (base, head) = (project(root, &paths), project(root, &paths));
    let (mut times, mut slowest, mut any, mut parameters, mut shapes, mut seeds, mut tokens) =
        (Vec::new(), Vec::new(), 0u32, 0u32, 0usize, 0usize, 0usize);
    for path in &paths {
        let Ok(text) = std::fs::read_to_string(root.join(path)) else {
            continue;
        };
        if base.parsed(path).is_err() || head.parsed(path).is_err() {
            continue;
        }
        for target in targets(path, &base.module_name(path), &text) {
            let start = Instant::now();
            let subject = shapes::subject(&base, &head, &target, &[]);
            let took = start.elapsed();
            times.push(took);
            slowest.push((took, format!("{path} {}", target.qualified_name)));
            parameters += subject.parameters.len() as u32;
            any += subject
                .parameters
                .iter()
                .filter(|parameter| *subject.shape(parameter.shape) == Shape::Any)
                .count() as u32;
            shapes = shapes.max(subject.shapes.len());
            seeds += usize::from(!subject.seeds.is_empty());
            tokens += subject.tokens.len();
        }
    }
    times.sort();
    slowest.sort();
    let at = |share: f64| {
        times
            .get(((times.len() as f64 - 1.0) * share) as usize)
            .copied()
            .unwrap_or(Duration::ZERO)
    };
    println!(
        "{} functions in {} files: median {:?}, 90 % {:?}, 99 % {:?}, longest {:?}",
        times.len(),
        paths.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
    println!(
        "{parameters} parameters, {any} of them of unknown shape; at most {shapes} shapes; {seeds} with seeds; {tokens} tokens"
    );
    for (took, name) in slowest.iter().rev().take(12) {
        println!("  {took:?} {name}");
    }
}

fn walk(root: &Path, folder: &Path, paths: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("site-packages") && !path.ends_with("__pycache__") {
                walk(root, &path, paths);
            }
        } else if path.extension().is_some_and(|extension| extension == "py")
            && let Some(relative) = path.strip_prefix(root).ok().and_then(Path::to_str)
        {
            paths.push(relative.to_owned());
        }
    }
    paths.sort();
}
