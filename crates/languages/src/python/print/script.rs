//! A stand-alone script that shows what one version does.

use model::{CallKind, Input, Target};

use super::{Printed, call, literal};

/// A Python script that makes the calls of `before`, then the call of `input`, in the tree given as its argument, and prints
/// what came of the last one. `roots` are the folders of the tree that modules are imported from (see `Project::roots`).
///
/// It needs nothing but Python: no harness, no sandbox.
pub fn script(target: &Target, before: &[Input], input: &Input, roots: &[String]) -> String {
    let last = call(target, input);
    let mut lines = head(&last, roots);
    lines.extend(imports(target, before, input));
    lines.push(String::new());
    for input in before {
        lines.extend(earlier_call(&call(target, input), target.call));
    }
    lines.extend(statements(&last).map(str::to_owned));
    lines.extend(shown_call(&last, target.call));
    lines.push(String::new());
    lines.join("\n")
}

fn head(last: &Printed, roots: &[String]) -> Vec<String> {
    let roots: Vec<String> = if roots.is_empty() {
        vec![literal::string("")]
    } else {
        roots.iter().map(|root| literal::string(root)).collect()
    };
    let shown: String = last.call.chars().take(200).collect();
    let lines = [
        "#!/usr/bin/env python3".to_owned(),
        format!(
            "# Shows what one version does with: {}",
            shown.replace(['\n', '\r'], " ")
        ),
        "# Usage: python3 SCRIPT TREE, where TREE is a checkout of the version.".to_owned(),
        "import os".to_owned(),
        "import sys".to_owned(),
        String::new(),
        "tree = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else '.')".to_owned(),
        format!(
            "sys.path[:0] = [os.path.join(tree, root) for root in [{}]]",
            roots.join(", ")
        ),
        "os.chdir(tree)".to_owned(),
        String::new(),
    ];
    lines.into()
}

fn is_import(line: &str) -> bool {
    line.starts_with("import ") || line.starts_with("from ")
}

fn statements(printed: &Printed) -> impl Iterator<Item = &str> {
    printed.setup.iter().map(String::as_str).filter(|line| !is_import(line))
}

/// All imports, each once; those of the target fall back to where it lived in base.
fn imports(target: &Target, before: &[Input], input: &Input) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for printed in before.iter().chain([input]).map(|input| call(target, input)) {
        for line in printed.setup.into_iter().filter(|line| is_import(line)) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    let Some(older) = &target.base_module else { return lines };
    let prefix = format!("from {} import ", target.module);
    lines
        .into_iter()
        .flat_map(|line| match line.strip_prefix(&prefix) {
            Some(names) => vec![
                "try:".to_owned(),
                format!("    {line}"),
                "except ImportError:".to_owned(),
                format!("    from {older} import {names}"),
            ],
            None => vec![line],
        })
        .collect()
}

/// A call that only has to happen; what it raises is no concern here.
fn earlier_call(printed: &Printed, kind: CallKind) -> Vec<String> {
    let mut lines: Vec<String> = statements(printed).map(str::to_owned).collect();
    let line = if kind == CallKind::Module {
        printed.call.clone()
    } else {
        format!("result = {}", printed.call)
    };
    lines.extend([
        "try:".to_owned(),
        format!("    {line}"),
        "except Exception:".to_owned(),
        "    pass".to_owned(),
    ]);
    lines
}

fn shown_call(printed: &Printed, kind: CallKind) -> Vec<String> {
    if kind == CallKind::Module {
        return vec![printed.call.clone(), "print('imported')".to_owned()];
    }
    [
        "try:",
        &format!("    result = {}", printed.call),
        "    if hasattr(result, '__await__'):",
        "        import asyncio",
        "        result = asyncio.run(result)",
        "    if hasattr(result, '__next__'):",
        "        import itertools",
        "        result = list(itertools.islice(result, 300))",
        "except BaseException as error:",
        "    print(f'raises {type(error).__name__}: {error}')",
        "else:",
        "    print(repr(result))",
    ]
    .map(str::to_owned)
    .into()
}
