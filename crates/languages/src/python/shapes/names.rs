//! What the name of a parameter suggests: little, so that any use outweighs it.

use search::ParameterKind;

use super::engine::{Engine, Taken};
use super::kind::{Fact, Kind, Mask};

/// Hints the kinds of parameters that neither annotation nor default tells.
pub(super) fn hint(engine: &mut Engine<'_, '_>, parameters: &[Taken<'_>]) {
    for parameter in parameters {
        let info = engine.slots.info(parameter.slot);
        let declared = info.facts.iter().any(Fact::is_declared)
            || info.declared_union
            || !info.one_of.is_empty()
            || parameter.default.is_some_and(|default| !default.is_none_literal_expr());
        if !declared && let Some(kinds) = suggested(parameter.name, parameter.kind) {
            engine.slots.fact(parameter.slot, Fact::hint(kinds));
        }
    }
}

/// The kinds that a name suggests.
fn suggested(name: &str, kind: ParameterKind) -> Option<Mask> {
    let name = name.trim_matches('_').to_ascii_lowercase();
    let last = name.rsplit('_').next().unwrap_or(&name);
    let first = name.split('_').next().unwrap_or(&name);
    if matches!(kind, ParameterKind::Rest | ParameterKind::KeywordRest) {
        return None;
    }
    if matches!(
        first,
        "is" | "has" | "use" | "allow" | "should" | "with" | "no" | "enable" | "include" | "ignore" | "force"
    ) && name.contains('_')
    {
        return Some(Mask::one(Kind::Bool));
    }
    [&name[..], last].into_iter().find_map(by_word)
}

/// The kinds that the name of a field suggests: what stands under a key of text is called as parameters are.
pub(super) fn of_field(name: &str) -> Option<Mask> {
    suggested(name, ParameterKind::Positional)
}

fn by_word(word: &str) -> Option<Mask> {
    Some(match word {
        "n" | "i" | "j" | "k" | "m" | "num" | "count" | "size" | "length" | "index" | "idx" | "pos" | "position"
        | "offset" | "start" | "end" | "stop" | "step" | "limit" | "depth" | "level" | "width" | "height" | "year"
        | "month" | "day" | "hour" | "port" | "seed" | "age" | "number" | "max" | "min" | "total" | "id"
        | "precision" | "digits" | "ndigits" => Mask::one(Kind::Int),
        "x" | "y" | "z" | "a" | "b" | "price" | "rate" | "ratio" | "weight" | "amount" | "radius" | "factor"
        | "alpha" | "beta" | "tolerance" | "tol" | "eps" | "epsilon" | "temperature" | "score" | "timeout"
        | "seconds" | "percent" => Mask::NUMBER,
        "name" | "text" | "s" | "string" | "str" | "path" | "url" | "filename" | "message" | "msg" | "title"
        | "prefix" | "suffix" | "sep" | "separator" | "delimiter" | "pattern" | "line" | "word" | "content"
        | "char" | "c" | "ch" | "source" | "encoding" | "email" | "username" | "password" | "description" | "label"
        | "html" | "xml" | "query" | "uri" | "host" | "hostname" | "directory" | "dirname" | "folder" | "fmt"
        | "format" | "mode" | "code" | "lang" | "language" | "token" | "field" | "key" | "expr" | "regex"
        | "template" | "version" => Mask::one(Kind::Str),
        "items" | "xs" | "ys" | "values" | "list" | "lst" | "arr" | "array" | "nums" | "numbers" | "elements"
        | "rows" | "lines" | "words" | "names" | "args" | "points" | "records" | "results" | "entries" | "keys"
        | "paths" | "files" | "seq" | "sequence" | "iterable" | "strings" | "tokens" | "intervals" | "edges"
        | "nodes" | "columns" | "weights" | "prices" => Mask::one(Kind::List),
        "d" | "dict" | "mapping" | "config" | "options" | "settings" | "params" | "kwargs" | "headers" | "attrs"
        | "attributes" | "env" | "context" | "metadata" | "graph" | "schema" | "payload" | "lookup" => {
            Mask::one(Kind::Dict)
        }
        "flag" | "verbose" | "debug" | "strict" | "reverse" | "recursive" | "inplace" | "quiet" | "enabled"
        | "force" | "express" | "dry" => Mask::one(Kind::Bool),
        "date" => Mask::one(Kind::Date),
        "dt" | "ts" | "datetime" | "timestamp" | "now" | "when" => Mask::one(Kind::DateTime),
        "delta" | "timedelta" => Mask::of(&[Kind::TimeDelta, Kind::Int]),
        "callback" | "func" | "fn" | "f" | "function" | "predicate" | "pred" | "handler" | "factory" | "transform"
        | "visitor" => Mask::one(Kind::Callable),
        "data" | "bytes" | "buf" | "buffer" | "payload_bytes" => {
            Mask::of(&[Kind::Bytes, Kind::Str, Kind::List, Kind::Dict])
        }
        "file" | "fp" | "fh" | "stream" | "fileobj" => Mask::one(Kind::TextFile),
        "cl" | "klass" | "typ" | "annotation" => Mask::one(Kind::Class),
        "error" | "exc" | "exception" | "err" => Mask::one(Kind::Exception),
        "matrix" | "grid" | "board" => Mask::one(Kind::List),
        _ => return None,
    })
}
