//! What statements of SQL do.
//!
//! They are parsed (`sqlparser`); one that its grammar does not know is told by its first words.

use sqlparser::ast::{
    AlterTableOperation, BinaryOperator, Expr, FromTable, Ident, ObjectType, Query, SetExpr, Statement, UnaryOperator,
    Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::effect::{EffectKind, Reversible};

/// Bytes of SQL that are looked into.
const MOST: usize = 256 * 1024;
/// Statements that are looked into.
const STATEMENTS: usize = 500;

/// What one statement does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What is done.
    pub kind: EffectKind,
    /// To what, in words.
    pub target: String,
    /// Whether it can be undone.
    pub reversible: Reversible,
    /// A command of the shell that the statement runs.
    pub shell: Option<String>,
}

impl Done {
    fn new(kind: EffectKind, target: impl Into<String>, reversible: Reversible) -> Self {
        Self {
            kind,
            target: target.into(),
            reversible,
            shell: None,
        }
    }
}

/// What the statements of a text do; those that read do nothing. A transaction that is rolled back does nothing.
pub fn effects(text: &str) -> Vec<Done> {
    if text.len() > MOST {
        return vec![Done::new(
            EffectKind::Unknown,
            "more SQL than is looked into",
            Reversible::No,
        )];
    }
    let (pieces, are_told) = pieces(text);
    let (mut all, mut open) = (Vec::new(), Open::default());
    for piece in pieces.iter().take(STATEMENTS) {
        match bound(piece).filter(|_| are_told) {
            Some(Bound::Begin) => open = Open::at(all.len()),
            Some(Bound::Commit) => open = Open::default(),
            Some(Bound::Rollback) => open.take_back(&mut all),
            None => {
                let done = of_statement(piece);
                open.note(piece, all.len(), done.len());
                all.extend(done);
            }
        }
    }
    if pieces.len() > STATEMENTS {
        all.push(Done::new(
            EffectKind::Unknown,
            "more SQL than is looked into",
            Reversible::No,
        ));
    }
    all
}

/// Where a transaction begins or ends.
enum Bound {
    Begin,
    Commit,
    Rollback,
}

/// What a statement says of transactions. A `BEGIN` that more follows may be a block of a procedure, and `ROLLBACK TO` ends none.
fn bound(piece: &str) -> Option<Bound> {
    let upper = piece.to_uppercase();
    let words: Vec<&str> = upper.split_whitespace().collect();
    match words.as_slice() {
        ["BEGIN"]
        | [
            "BEGIN",
            "WORK" | "TRAN" | "TRANSACTION" | "ISOLATION" | "READ" | "DEFERRED" | "IMMEDIATE" | "EXCLUSIVE",
            ..,
        ]
        | ["START", "TRANSACTION", ..] => Some(Bound::Begin),
        ["COMMIT" | "END", ..] => Some(Bound::Commit),
        ["ROLLBACK" | "ABORT"] | ["ROLLBACK" | "ABORT", "WORK" | "TRAN" | "TRANSACTION"] => Some(Bound::Rollback),
        _ => None,
    }
}

/// The transaction that is open, if one is.
#[derive(Default)]
struct Open {
    /// Where what it does begins.
    start: Option<usize>,
    /// What of it stays all the same.
    stays: Vec<usize>,
}

impl Open {
    fn at(start: usize) -> Self {
        Self {
            start: Some(start),
            stays: Vec::new(),
        }
    }

    /// Notes a statement. MySQL and Oracle commit before these, so that nothing takes them back, nor what came before; which database it is
    /// cannot be told from here.
    fn note(&mut self, piece: &str, before: usize, more: usize) {
        let first = piece.split_whitespace().next().unwrap_or_default().to_uppercase();
        let commits = matches!(
            first.as_str(),
            "DROP" | "TRUNCATE" | "ALTER" | "CREATE" | "RENAME" | "GRANT" | "REVOKE"
        );
        if commits && let Some(start) = self.start {
            self.stays = (start..before + more).collect();
        }
    }

    fn take_back(&mut self, all: &mut Vec<Done>) {
        let Open { start, stays } = std::mem::take(self);
        let Some(start) = start else { return };
        let mut at = 0;
        all.retain(|_| {
            at += 1;
            at <= start || stays.contains(&(at - 1))
        });
    }
}

/// Statements, parted at semicolons that stand outside quotes and comments; and whether that could be told.
fn pieces(text: &str) -> (Vec<String>, bool) {
    let tokens = Tokenizer::new(&GenericDialect {}, text).tokenize();
    let Ok(tokens) = tokens else {
        // What stands in a comment cannot be told either, so it is looked at with and without.
        let mut parts: Vec<String> = Vec::new();
        for part in text.split(';').chain(without_comments(text).split(';')) {
            // More than that are not looked into.
            if parts.len() > STATEMENTS {
                break;
            }
            if !part.trim().is_empty() && !parts.iter().any(|one| one == part) {
                parts.push(part.to_owned());
            }
        }
        return (parts, false);
    };
    let (mut all, mut current) = (Vec::new(), String::new());
    for token in tokens {
        match token {
            Token::SemiColon => all.push(std::mem::take(&mut current)),
            // A comment is no blank to some databases, and code to MySQL.
            Token::Whitespace(ref blank) => {
                let text = blank.to_string();
                match text.strip_prefix("/*!").and_then(|text| text.strip_suffix("*/")) {
                    Some(code) => current.push_str(code.trim_start_matches(|c: char| c.is_ascii_digit())),
                    None => current.push(' '),
                }
            }
            token => current.push_str(&token.to_string()),
        }
    }
    all.push(current);
    all.retain(|piece| !piece.trim().is_empty());
    (all, true)
}

/// A text without what looks like comments, wherever that stands.
fn without_comments(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("/*").into_iter().chain(rest.find("--")).min() {
        let (before, comment) = rest.split_at(at);
        kept.push_str(before);
        kept.push(' ');
        let end = if comment.starts_with("--") {
            comment.find('\n')
        } else {
            comment[2..].find("*/").map(|end| end + 4)
        };
        rest = end.map_or("", |end| &comment[end..]);
    }
    kept + rest
}

fn of_statement(text: &str) -> Vec<Done> {
    match Parser::parse_sql(&GenericDialect {}, text) {
        Ok(statements) if !statements.is_empty() => statements
            .iter()
            .flat_map(|statement| parsed(statement, text))
            .collect(),
        _ => by_words(text),
    }
}

fn parsed(statement: &Statement, text: &str) -> Vec<Done> {
    use EffectKind::{Change, Delete, Overwrite};
    use Reversible::{No, Partly, Yes};
    match statement {
        Statement::Drop { object_type, names, .. } => {
            let names = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let reversible = match object_type {
                ObjectType::View | ObjectType::Index | ObjectType::MaterializedView | ObjectType::Sequence => Partly,
                _ => No,
            };
            vec![Done::new(
                Delete,
                format!("the {} `{names}`", object_type.to_string().to_lowercase()),
                reversible,
            )]
        }
        Statement::Truncate { .. } => vec![Done::new(Delete, format!("all rows (`{}`)", short(text)), No)],
        Statement::Delete(delete) => {
            let from = match &delete.from {
                FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables) => {
                    tables.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                }
            };
            match &delete.selection {
                Some(condition) if !is_always(condition) => vec![Done::new(
                    Delete,
                    format!("rows of `{from}` where `{}`", short(&condition.to_string())),
                    Partly,
                )],
                _ if delete.limit.is_some() => vec![Done::new(Delete, format!("rows of `{from}`"), Partly)],
                _ => vec![Done::new(Delete, format!("all rows of `{from}`"), No)],
            }
        }
        Statement::Update { table, selection, .. } => {
            let table = table.to_string();
            match selection {
                Some(condition) if !is_always(condition) => vec![Done::new(
                    Change,
                    format!("rows of `{table}` where `{}`", short(&condition.to_string())),
                    Partly,
                )],
                _ => vec![Done::new(Overwrite, format!("all rows of `{table}`"), No)],
            }
        }
        Statement::AlterTable { name, operations, .. } => {
            let name = name.to_string();
            operations
                .iter()
                .map(|operation| match operation {
                    AlterTableOperation::DropColumn { .. } | AlterTableOperation::DropPartitions { .. } => Done::new(
                        Delete,
                        format!(
                            "a column of `{name}` with what is in it (`{}`)",
                            short(&operation.to_string())
                        ),
                        No,
                    ),
                    AlterTableOperation::AddColumn { .. } => Done::new(Change, format!("the form of `{name}`"), Yes),
                    _ => Done::new(
                        Change,
                        format!("the form of `{name}` (`{}`)", short(&operation.to_string())),
                        Partly,
                    ),
                })
                .collect()
        }
        Statement::Query(query) => of_query(query, text),
        Statement::Explain {
            analyze: true,
            statement,
            ..
        } => parsed(statement, text),
        Statement::Explain { .. } | Statement::ExplainTable { .. } => Vec::new(),
        Statement::Insert(_) | Statement::Merge { .. } => {
            vec![Done::new(Change, format!("rows (`{}`)", short(text)), Partly)]
        }
        Statement::Copy { .. } => by_words(text),
        _ => by_words(text),
    }
}

/// A query reads, but for what is hidden in it.
fn of_query(query: &Query, text: &str) -> Vec<Done> {
    let mut all = Vec::new();
    for table in query.with.iter().flat_map(|with| &with.cte_tables) {
        all.extend(of_query(&table.query, text));
    }
    match query.body.as_ref() {
        SetExpr::Delete(statement) | SetExpr::Update(statement) | SetExpr::Insert(statement) => {
            all.extend(parsed(statement, text))
        }
        SetExpr::Query(query) => all.extend(of_query(query, text)),
        _ => {}
    }
    let lower = text.to_lowercase();
    const FUNCTIONS: [(&str, EffectKind, Reversible, &str); 12] = [
        (
            "pg_terminate_backend",
            EffectKind::Stop,
            Reversible::Partly,
            "connections of others",
        ),
        (
            "pg_cancel_backend",
            EffectKind::Stop,
            Reversible::Partly,
            "queries of others",
        ),
        (
            "pg_drop_replication_slot",
            EffectKind::Delete,
            Reversible::No,
            "a slot that a replica reads from",
        ),
        ("pg_promote", EffectKind::Change, Reversible::No, "which server leads"),
        ("lo_unlink", EffectKind::Delete, Reversible::No, "large objects"),
        (
            "lo_export",
            EffectKind::Exfiltrate,
            Reversible::No,
            "a file of the server",
        ),
        (
            "pg_read_server_files",
            EffectKind::Exfiltrate,
            Reversible::No,
            "a file of the server",
        ),
        (
            "dblink_exec",
            EffectKind::Unknown,
            Reversible::No,
            "a statement on another server",
        ),
        (
            "xp_cmdshell",
            EffectKind::Unknown,
            Reversible::No,
            "a command of the server's shell",
        ),
        (
            "into outfile",
            EffectKind::Exfiltrate,
            Reversible::No,
            "rows to a file of the server",
        ),
        (
            "into dumpfile",
            EffectKind::Exfiltrate,
            Reversible::No,
            "rows to a file of the server",
        ),
        (
            "sys_exec",
            EffectKind::Unknown,
            Reversible::No,
            "a command of the server's shell",
        ),
    ];
    for (word, kind, reversible, target) in FUNCTIONS {
        if lower.contains(word) {
            all.push(Done::new(kind, target, reversible));
        }
    }
    all
}

/// Whether a condition holds for every row.
fn is_always(condition: &Expr) -> bool {
    constant(condition) == Some(true)
}

/// Whether a condition is the same for every row, and what.
fn constant(expression: &Expr) -> Option<bool> {
    match expression {
        Expr::Nested(inner) => constant(inner),
        Expr::Value(value) => match &value.value {
            Value::Boolean(value) => Some(*value),
            Value::Number(text, _) => Some(text.parse::<f64>().ok()? != 0.0),
            Value::SingleQuotedString(text) => Some(!matches!(text.as_str(), "" | "0" | "f" | "false")),
            _ => None,
        },
        Expr::Identifier(Ident { value, .. }) if value.eq_ignore_ascii_case("true") => Some(true),
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr,
        } => constant(expr).map(|value| !value),
        Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::And => match (constant(left), constant(right)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), other) | (other, Some(true)) => other,
                _ => None,
            },
            BinaryOperator::Or => match (constant(left), constant(right)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), other) | (other, Some(false)) => other,
                // `id IS NULL OR id IS NOT NULL`.
                _ => complements(left, right).then_some(true),
            },
            BinaryOperator::Eq | BinaryOperator::GtEq | BinaryOperator::LtEq if left == right => Some(true),
            BinaryOperator::NotEq | BinaryOperator::Lt | BinaryOperator::Gt if left == right => Some(false),
            BinaryOperator::Eq | BinaryOperator::NotEq | BinaryOperator::Lt | BinaryOperator::Gt | BinaryOperator::LtEq | BinaryOperator::GtEq => compared(left, op, right),
            _ => None,
        },
        Expr::Like { pattern, negated: false, .. } | Expr::ILike { pattern, negated: false, .. } => match pattern.as_ref() {
            Expr::Value(value) => matches!(&value.value, Value::SingleQuotedString(text) if !text.is_empty() && text.chars().all(|c| c == '%')).then_some(true),
            _ => None,
        },
        // What has no value is seldom among the rows.
        Expr::IsNotNull(inner) => matches!(inner.as_ref(), Expr::Identifier(_) | Expr::CompoundIdentifier(_)).then_some(true),
        Expr::Exists { negated: false, subquery } => subquery.to_string().eq_ignore_ascii_case("SELECT 1").then_some(true),
        Expr::InList { expr, list, negated: false } => list.iter().any(|one| one == expr.as_ref()).then_some(true),
        Expr::Between { expr, low, high, negated: false } => (expr == low && expr == high).then_some(true),
        _ => None,
    }
}

fn complements(left: &Expr, right: &Expr) -> bool {
    match (left, right) {
        (Expr::IsNull(one), Expr::IsNotNull(other)) | (Expr::IsNotNull(one), Expr::IsNull(other)) => one == other,
        _ => false,
    }
}

/// Two constants, held against each other: numbers by value, texts by equality.
fn compared(left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<bool> {
    let number = |expression: &Expr| match expression {
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => text.parse::<f64>().ok(),
            _ => None,
        },
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => match expr.as_ref() {
            Expr::Value(value) => match &value.value {
                Value::Number(text, _) => text.parse::<f64>().ok().map(|number| -number),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    if let (Some(one), Some(other)) = (number(left), number(right)) {
        return Some(match op {
            BinaryOperator::Eq => one == other,
            BinaryOperator::NotEq => one != other,
            BinaryOperator::Lt => one < other,
            BinaryOperator::Gt => one > other,
            BinaryOperator::LtEq => one <= other,
            _ => one >= other,
        });
    }
    let (Expr::Value(one), Expr::Value(other)) = (left, right) else {
        return None;
    };
    match op {
        BinaryOperator::Eq => Some(one.value == other.value),
        BinaryOperator::NotEq => Some(one.value != other.value),
        _ => None,
    }
}

/// What the words of a statement tell that cannot be parsed.
fn by_words(text: &str) -> Vec<Done> {
    use EffectKind::{Change, Delete, Expose, Overwrite, Stop, Unknown};
    use Reversible::{No, Partly, Yes};
    let upper = text.to_uppercase();
    let words: Vec<&str> = upper
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    let first = words.first().copied().unwrap_or_default();
    let second = words.get(1).copied().unwrap_or_default();
    let has = |word: &str| words.contains(&word);
    let named = format!("`{}`", short(text));
    if let Some(command) = program(text) {
        return vec![Done {
            shell: Some(command),
            ..Done::new(Unknown, named, No)
        }];
    }
    let one = |kind, target: String, reversible| vec![Done::new(kind, target, reversible)];
    match first {
        "DROP" => one(
            Delete,
            named,
            if matches!(
                second,
                "VIEW" | "INDEX" | "TRIGGER" | "FUNCTION" | "PROCEDURE" | "SEQUENCE" | "CONSTRAINT" | "POLICY"
            ) {
                Partly
            } else {
                No
            },
        ),
        "TRUNCATE" | "PURGE" => one(Delete, named, No),
        "DELETE" => one(Delete, named, if has("WHERE") { Partly } else { No }),
        "UPDATE" => one(
            if has("WHERE") { Change } else { Overwrite },
            named,
            if has("WHERE") { Partly } else { No },
        ),
        "ALTER" if has("DROP") => one(Delete, named, No),
        "ALTER" if matches!(second, "SYSTEM" | "ROLE" | "USER") => one(Expose, named, Partly),
        "ALTER" | "RENAME" => one(Change, named, Partly),
        "GRANT" => one(Expose, named, Partly),
        "REVOKE" | "LOCK" => one(Stop, named, Partly),
        "CREATE" if matches!(second, "USER" | "ROLE") => one(Expose, named, Partly),
        "CREATE" if has("REPLACE") && (has("TABLE") || has("DATABASE") || has("SCHEMA")) => {
            one(EffectKind::Recreate, named, No)
        }
        "CREATE" | "COMMENT" => one(Change, named, Yes),
        "INSERT" | "REPLACE" | "MERGE" | "LOAD" | "COPY" | "UPSERT" => one(Change, named, Partly),
        "VACUUM" | "REINDEX" | "CLUSTER" | "OPTIMIZE" if has("FULL") || first == "CLUSTER" => one(Stop, named, Yes),
        "KILL" | "SHUTDOWN" => one(Stop, named, Partly),
        "FLUSH" | "RESET" => one(Change, named, Partly),
        "CALL" | "EXEC" | "EXECUTE" | "DO" => {
            let inner = ["DROP ", "TRUNCATE ", "DELETE FROM", "XP_CMDSHELL"]
                .iter()
                .any(|word| upper.contains(word));
            one(if inner { Delete } else { Unknown }, named, No)
        }
        "WITH" | "SELECT" | "EXPLAIN"
            if ["DELETE FROM", "UPDATE ", "DROP TABLE", "TRUNCATE "]
                .iter()
                .any(|word| upper.contains(word))
                && first != "SELECT" =>
        {
            one(Delete, named, Partly)
        }
        _ => Vec::new(),
    }
}

/// `COPY … TO PROGRAM 'command'`.
pub(crate) fn program(text: &str) -> Option<String> {
    let at = text.to_ascii_uppercase().find(" PROGRAM ")?;
    let rest = text.get(at + 9..)?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    rest[1..].split(quote).next().map(str::to_owned)
}

fn short(text: &str) -> String {
    crate::walk::shown(text.split_whitespace().collect::<Vec<_>>().join(" ").trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(EffectKind, Reversible)> {
        effects(text)
            .into_iter()
            .map(|done| (done.kind, done.reversible))
            .collect()
    }

    #[test]
    fn what_statements_do_is_told() {
        use EffectKind::{Change, Delete, Overwrite};
        use Reversible::{No, Partly, Yes};
        for (text, is) in [
            ("SELECT * FROM a WHERE b = 'DROP TABLE c'", vec![]),
            ("DROP TABLE IF EXISTS a CASCADE;", vec![(Delete, No)]),
            ("drop/**/table a", vec![(Delete, No)]),
            ("TRUNCATE a, b", vec![(Delete, No)]),
            ("DELETE FROM a", vec![(Delete, No)]),
            ("DELETE FROM a WHERE 1=1", vec![(Delete, No)]),
            ("DELETE FROM a WHERE id = id", vec![(Delete, No)]),
            ("DELETE FROM a WHERE 'x' = 'x' OR id = 3", vec![(Delete, No)]),
            ("DELETE FROM a WHERE id > 3 AND 1 = 1", vec![(Delete, Partly)]),
            ("DELETE FROM a WHERE id = 3", vec![(Delete, Partly)]),
            ("UPDATE a SET b = 1", vec![(Overwrite, No)]),
            ("UPDATE a SET b = 1 WHERE true", vec![(Overwrite, No)]),
            ("UPDATE a SET b = 1 WHERE id IN (1, 2)", vec![(Change, Partly)]),
            ("ALTER TABLE a DROP COLUMN b", vec![(Delete, No)]),
            ("ALTER TABLE a ADD COLUMN b int", vec![(Change, Yes)]),
            ("BEGIN; DELETE FROM a; ROLLBACK;", vec![]),
            ("BEGIN; DELETE FROM a; COMMIT;", vec![(Delete, No)]),
            (
                "DELETE FROM a; BEGIN; DELETE FROM b WHERE c = 1; ROLLBACK;",
                vec![(Delete, No)],
            ),
            ("BEGIN; ROLLBACK; DELETE FROM a; ROLLBACK;", vec![(Delete, No)]),
            ("BEGIN; DELETE FROM a; ROLLBACK TO b;", vec![(Delete, No)]),
            ("START TRANSACTION; UPDATE a SET b = 1; ROLLBACK; SELECT 1", vec![]),
            // MySQL has committed by then.
            ("BEGIN; DROP TABLE a; ROLLBACK;", vec![(Delete, No)]),
            // The one that begins is in a comment, and what follows is no SQL.
            ("/* ; BEGIN; */ DELETE FROM a; ROLLBACK; '", vec![(Delete, No)]),
            (
                "WITH gone AS (DELETE FROM a RETURNING *) SELECT count(*) FROM gone",
                vec![(Delete, No)],
            ),
            ("EXPLAIN DELETE FROM a", vec![]),
            ("EXPLAIN ANALYZE DELETE FROM a", vec![(Delete, No)]),
            ("-- DROP TABLE a\nSELECT 1", vec![]),
        ] {
            assert_eq!(of(text), is, "{text}");
        }
    }
}
