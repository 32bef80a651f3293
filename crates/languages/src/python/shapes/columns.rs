//! Columns of tables, as classes that stand for rows declare them: SQLAlchemy's and Django's. Whatever a column is called, a row is
//! made from it by keyword, and may be made without.

use ruff_python_ast::Expr;

use super::form::{last_name, says};
use super::kind::{Kind, Mask};

/// A column that a class declares.
pub(super) struct Column {
    /// What it holds, where its type says so.
    pub kinds: Option<Mask>,
    /// Whether it may be empty.
    pub none: bool,
}

/// The column that the value of an attribute declares.
pub(super) fn column(value: &Expr) -> Option<Column> {
    let call = value.as_call_expr()?;
    let name = last_name(&call.func)?;
    if is_sqlalchemys(value) {
        let kinds = call
            .arguments
            .args
            .iter()
            .find_map(|part| of_sqlalchemy(last_name(part)?));
        return Some(Column {
            kinds,
            none: says(call, "nullable"),
        });
    }
    let kinds = of_django(name)?;
    Some(Column {
        kinds: Some(kinds),
        none: says(call, "null"),
    })
}

/// Whether an attribute is a column of SQLAlchemy's, which no other class declares.
pub(super) fn is_sqlalchemys(value: &Expr) -> bool {
    matches!(value, Expr::Call(call) if matches!(last_name(&call.func), Some("Column" | "mapped_column")))
}

/// Whether an annotation says that an attribute is a column, or leads to other rows.
pub(super) fn is_mapped(annotation: &Expr) -> bool {
    matches!(annotation, Expr::Subscript(subscript) if last_name(&subscript.value) == Some("Mapped"))
}

/// Whether an attribute leads to rows of other tables: a row is seldom made with them.
pub(super) fn is_relation(value: &Expr) -> bool {
    let names = [
        "relationship",
        "Relationship",
        "dynamic_loader",
        "association_proxy",
        "backref",
    ];
    matches!(value, Expr::Call(call) if last_name(&call.func).is_some_and(|name| names.contains(&name)))
}

/// Whether a class outside the project is one of Django's models.
pub(super) fn is_django_model(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or(path);
    path.starts_with("django.")
        && path.contains(".models.")
        && (name.ends_with("Model") || name.starts_with("Abstract"))
        || path == "django.contrib.gis.db.models.Model"
}

fn of_sqlalchemy(name: &str) -> Option<Mask> {
    Some(Mask::one(match name {
        "Integer" | "INTEGER" | "BigInteger" | "BIGINT" | "SmallInteger" | "SMALLINT" => Kind::Int,
        "String" | "VARCHAR" | "Text" | "TEXT" | "Unicode" | "UnicodeText" | "CHAR" => Kind::Str,
        "Boolean" | "BOOLEAN" => Kind::Bool,
        "Float" | "FLOAT" | "Double" | "REAL" => Kind::Float,
        "Numeric" | "NUMERIC" | "DECIMAL" => Kind::Decimal,
        "DateTime" | "DATETIME" | "TIMESTAMP" => Kind::DateTime,
        "Date" | "DATE" => Kind::Date,
        "Time" | "TIME" => Kind::Time,
        "Interval" => Kind::TimeDelta,
        "LargeBinary" | "BLOB" => Kind::Bytes,
        "JSON" | "JSONB" => Kind::Dict,
        _ => return None,
    }))
}

fn of_django(name: &str) -> Option<Mask> {
    Some(Mask::one(match name {
        "CharField"
        | "TextField"
        | "SlugField"
        | "EmailField"
        | "URLField"
        | "FilePathField"
        | "GenericIPAddressField" => Kind::Str,
        "IntegerField"
        | "BigIntegerField"
        | "SmallIntegerField"
        | "PositiveIntegerField"
        | "PositiveBigIntegerField"
        | "PositiveSmallIntegerField" => Kind::Int,
        "BooleanField" | "NullBooleanField" => Kind::Bool,
        "FloatField" => Kind::Float,
        "DecimalField" => Kind::Decimal,
        "DateTimeField" => Kind::DateTime,
        "DateField" => Kind::Date,
        "TimeField" => Kind::Time,
        "DurationField" => Kind::TimeDelta,
        "BinaryField" => Kind::Bytes,
        "JSONField" => Kind::Dict,
        _ => return None,
    }))
}
