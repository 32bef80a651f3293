//! Tables of cases: a test that is written once and runs for each row.

use std::collections::HashMap;
use std::rc::Rc;

use model::Value;
use ruff_python_ast::{Expr, StmtFunctionDef};

use super::evaluate;
use super::module::Module;
use super::world::World;

/// Of a table of cases, the first rows.
pub(super) const MOST_ROWS: usize = 30;

/// Names with values, in a test or an example.
pub(super) type Names = HashMap<String, Value>;

/// `@pytest.mark.parametrize("a, b", [(1, 2), …])`.
pub(super) fn of<'p>(world: &World<'p>, module: &Rc<Module<'p>>, def: &StmtFunctionDef, names: &Names) -> Vec<Names> {
    let mut rows: Vec<Names> = Vec::new();
    for decorator in &def.decorator_list {
        let Expr::Call(call) = &decorator.expression else {
            continue;
        };
        let is_parametrize =
            matches!(&*call.func, Expr::Attribute(attribute) if attribute.attr.as_str() == "parametrize");
        let [columns, table, ..] = &*call.arguments.args else {
            continue;
        };
        let (true, Some(columns)) = (is_parametrize, column_names(columns)) else {
            continue;
        };
        let cells: Vec<Names> = rows_of(world, module, table, names)
            .into_iter()
            .take(MOST_ROWS)
            .filter_map(|row| zip_row(&columns, row))
            .collect();
        match (rows.is_empty(), cells.first().cloned()) {
            (true, _) => rows = cells,
            // A second table: its first case with each of the others.
            (false, Some(first)) => rows.iter_mut().for_each(|row| row.extend(first.clone())),
            _ => {}
        }
    }
    rows
}

/// The rows of a table that can be told, the others left out.
fn rows_of<'p>(world: &World<'p>, module: &Rc<Module<'p>>, table: &Expr, names: &Names) -> Vec<Value> {
    let rows: &[Expr] = match table {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        other => {
            return evaluate::with_names(world, module, other, names)
                .map(items_of)
                .unwrap_or_default();
        }
    };
    rows.iter()
        .filter_map(|row| match row {
            // `pytest.param(1, 2, id="…")`
            Expr::Call(call) if matches!(&*call.func, Expr::Attribute(attribute) if attribute.attr.as_str() == "param") => {
                let parts: Option<Vec<Value>> = call.arguments.args.iter().map(|arg| evaluate::with_names(world, module, arg, names)).collect();
                parts.map(|parts| if let [only] = &parts[..] { only.clone() } else { Value::Tuple(parts) })
            }
            row => evaluate::with_names(world, module, row, names),
        })
        .collect()
}

/// `"a, b"`, `["a", "b"]` or `("a", "b")`.
fn column_names(expr: &Expr) -> Option<Vec<String>> {
    match super::literal::plain(expr)? {
        Value::Str(text) => Some(text.split(',').map(|name| name.trim().to_owned()).collect()),
        Value::List(items) | Value::Tuple(items) => items
            .into_iter()
            .map(|item| if let Value::Str(name) = item { Some(name) } else { None })
            .collect(),
        _ => None,
    }
}

fn zip_row(columns: &[String], row: Value) -> Option<Names> {
    if let [only] = columns {
        return Some(Names::from([(only.clone(), row)]));
    }
    let cells = items_of(row);
    (cells.len() == columns.len()).then(|| columns.iter().cloned().zip(cells).collect())
}

/// The members of a container.
pub(super) fn items_of(value: Value) -> Vec<Value> {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items,
        Value::Dict(pairs) => pairs.into_iter().map(|(key, _)| key).collect(),
        _ => Vec::new(),
    }
}

/// Gives the names of a loop their values.
pub(super) fn bind(target: &Expr, value: Value, names: &mut Names) {
    match target {
        Expr::Name(name) => {
            names.insert(name.id.to_string(), value);
        }
        Expr::Tuple(tuple) => {
            for (target, value) in tuple.elts.iter().zip(items_of(value)) {
                bind(target, value, names);
            }
        }
        _ => {}
    }
}
