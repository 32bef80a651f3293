//! What the name of a parameter suggests about its values.

/// The form of value that a name suggests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Float,
    Text,
    Truth,
    Sequence,
    Mapping,
    Function,
}

/// What a name suggests.
#[derive(Debug)]
pub(crate) struct Hint {
    words: &'static [&'static str],
    /// The form of its values.
    pub kind: Kind,
    /// Texts that fit the name.
    pub texts: &'static [&'static str],
    /// Integers that fit the name.
    pub ints: &'static [i64],
    /// Whether the values are counts or the like, so that a negative one makes little sense.
    pub natural: bool,
}

const fn text(words: &'static [&'static str], texts: &'static [&'static str]) -> Hint {
    Hint {
        words,
        kind: Kind::Text,
        texts,
        ints: &[],
        natural: false,
    }
}

const fn natural(words: &'static [&'static str], ints: &'static [i64]) -> Hint {
    Hint {
        words,
        kind: Kind::Int,
        texts: &[],
        ints,
        natural: true,
    }
}

const fn form(words: &'static [&'static str], kind: Kind) -> Hint {
    Hint {
        words,
        kind,
        texts: &[],
        ints: &[],
        natural: false,
    }
}

const HINTS: &[Hint] = &[
    text(&["email", "mail"], &["a@b.co", "a.b+c@d.org", "a@b", "A@B.com"]),
    text(
        &["username", "user", "login", "author", "owner"],
        &["alice", "bob", "A B", "a_b"],
    ),
    text(
        &["firstname", "lastname", "name", "title", "label"],
        &["Alice", "a", "a b", "O'Neil", "Ann Lee", "a-b", "a_b", "aB"],
    ),
    text(
        &["date", "day_string", "birthday", "since", "until", "deadline"],
        &[
            "2024-02-29",
            "2023-12-31",
            "2024-01-01",
            "01/02/2024",
            "20240229",
            "1 Jan 2024",
        ],
    ),
    text(
        &["time", "datetime", "timestamp", "dt"],
        &[
            "12:30",
            "00:00:00",
            "23:59:59",
            "2024-02-29T12:30:00",
            "2024-02-29T12:30:00Z",
        ],
    ),
    text(
        &["duration", "interval", "delta"],
        &["1h", "30s", "1d", "P1D", "1:30", "5 minutes"],
    ),
    text(
        &[
            "path",
            "file",
            "filename",
            "dir",
            "directory",
            "folder",
            "filepath",
            "src",
            "dst",
            "root",
        ],
        &[
            "a/b.txt", "/a/b", "a", ".", "..", "a.tar.gz", "/", "a//b", "~/a", "a\\b", ".a", "a/../b",
        ],
    ),
    text(&["ext", "extension", "suffix"], &[".txt", "txt", ".tar.gz", ""]),
    text(
        &["url", "uri", "href", "link", "endpoint"],
        &[
            "http://a.b/c?d=e#f",
            "https://a.org",
            "http://a.b:80/",
            "//a/b",
            "/a?b=1&c=2",
            "ftp://u:p@a.b",
            "a.b",
        ],
    ),
    text(
        &["host", "hostname", "domain", "server"],
        &["a.org", "localhost", "127.0.0.1", "a.b.c:80", "[::1]"],
    ),
    text(
        &["ip", "address", "addr"],
        &["127.0.0.1", "10.0.0.0/8", "::1", "256.1.1.1"],
    ),
    text(
        &["version", "ver", "release"],
        &["1.2.3", "1.0", "1", "1.0a1", "2.0.0-rc.1", "v1.10.0", "1.0.post1"],
    ),
    text(&["phone", "tel"], &["+1 555 0100", "555-0100"]),
    text(&["color", "colour"], &["red", "#ff0000", "#fff", "rgb(1,2,3)"]),
    text(
        &["lang", "language", "locale", "country"],
        &["en", "en_US", "de-DE", "C"],
    ),
    text(
        &["encoding", "charset", "codec"],
        &["utf-8", "ascii", "latin-1", "UTF8"],
    ),
    text(
        &["json", "payload", "body"],
        &["{}", "[]", "{\"a\": 1}", "[1, 2]", "null"],
    ),
    text(
        &["xml", "html", "markup", "template"],
        &["<a>b</a>", "<a b=\"c\"/>", "a<br>b", "&amp;", "{{ a }}"],
    ),
    text(
        &["regex", "pattern", "regexp", "glob"],
        &["a*", "(a|b)+", "^a$", "[a-z]+", "*.py", "a?"],
    ),
    text(
        &[
            "sep",
            "separator",
            "delimiter",
            "delim",
            "sep_char",
            "quote",
            "char",
            "ch",
            "c",
        ],
        &[",", " ", ";", "\t", "ab", "", "a"],
    ),
    text(&["mode"], &["r", "w", "rb", "a"]),
    text(
        &["fmt", "format"],
        &["%Y-%m-%d", "{}", "%s", "{a}", "%d", "{:>5}", "%Y%j", "%d %b %y %H:%M"],
    ),
    text(
        &["query", "sql", "expr", "expression", "formula"],
        &["a=1", "a=1&b=2", "1+2*3", "(1)", "a and b", "-1"],
    ),
    text(&["currency", "unit", "units"], &["EUR", "USD", "kg", "ms"]),
    text(
        &["code", "status_text", "roman", "numeral"],
        &["A1", "IV", "XII", "0x1"],
    ),
    text(
        &[
            "text", "string", "str", "s", "line", "msg", "message", "content", "word", "sentence", "source",
            "data_str", "prefix", "raw",
        ],
        &["a b", "ab", "A", "a\nb", "a, b", " a ", "a1"],
    ),
    text(
        &[
            "key",
            "field",
            "attr",
            "attribute",
            "column",
            "tag",
            "identifier",
            "slug",
        ],
        &["a", "b", "a.b", "a_b", "A"],
    ),
    natural(&["year"], &[2024, 2000, 1900, 1970, 2023, 1]),
    natural(&["month"], &[1, 2, 12, 6]),
    natural(&["day", "weekday", "dom"], &[1, 28, 29, 30, 31, 7]),
    natural(&["hour", "hours"], &[0, 12, 23, 24]),
    natural(
        &["minute", "minutes", "second", "seconds", "secs"],
        &[0, 1, 30, 59, 60, 3600],
    ),
    natural(&["age"], &[0, 17, 18, 30, 65]),
    natural(&["port"], &[80, 443, 8080, 0, 65535]),
    natural(&["base", "radix"], &[2, 10, 16, 8, 36]),
    natural(
        &[
            "n", "k", "m", "num", "number", "count", "size", "length", "len", "limit", "max", "maximum", "min",
            "minimum", "total", "capacity",
        ],
        &[0, 1, 2, 3, 5, 10, 100],
    ),
    natural(
        &[
            "i", "j", "index", "idx", "pos", "position", "offset", "start", "stop", "end", "lo", "hi", "low", "high",
            "left", "right",
        ],
        &[0, 1, 2, 3, 4],
    ),
    natural(
        &[
            "width",
            "height",
            "depth",
            "indent",
            "level",
            "columns",
            "rows",
            "w",
            "h",
            "step",
            "page",
            "per_page",
            "precision",
            "ndigits",
            "digits",
        ],
        &[0, 1, 2, 4, 8, 20, 80],
    ),
    natural(
        &["id", "pk", "weight", "quantity", "qty", "stock", "amount", "cents"],
        &[0, 1, 2, 10, 30, 100, 999],
    ),
    form(&["x", "y", "z", "a", "b", "value", "val"], Kind::Int),
    form(
        &[
            "price",
            "rate",
            "ratio",
            "percent",
            "percentage",
            "fraction",
            "tolerance",
            "eps",
            "epsilon",
            "alpha",
            "beta",
            "temperature",
            "timeout",
            "factor",
        ],
        Kind::Float,
    ),
    form(
        &[
            "flag",
            "is",
            "has",
            "should",
            "enable",
            "enabled",
            "strict",
            "verbose",
            "reverse",
            "recursive",
            "ignore",
            "force",
            "allow",
            "use",
            "express",
        ],
        Kind::Truth,
    ),
    form(
        &[
            "items",
            "values",
            "xs",
            "ys",
            "lst",
            "list",
            "arr",
            "array",
            "nums",
            "numbers",
            "seq",
            "sequence",
            "iterable",
            "elements",
            "data",
            "words",
            "lines",
            "args",
            "rows",
            "points",
            "intervals",
            "tokens",
            "parts",
            "names",
            "keys",
            "ids",
            "matrix",
            "grid",
            "records",
            "edges",
            "stack",
            "queue",
        ],
        Kind::Sequence,
    ),
    form(
        &[
            "d", "dict", "mapping", "map", "config", "options", "settings", "params", "kwargs", "headers", "env",
            "meta", "metadata", "graph", "counts", "table", "obj", "context",
        ],
        Kind::Mapping,
    ),
    form(
        &[
            "func",
            "fn",
            "f",
            "function",
            "callback",
            "predicate",
            "pred",
            "callable",
            "handler",
            "hook",
            "cmp",
            "transform",
            "mapper",
        ],
        Kind::Function,
    ),
];

/// What `name` suggests; a longer match wins over a shorter one, the last word over the ones before.
pub(crate) fn hint(name: &str) -> Option<&'static Hint> {
    let lower = name.trim_matches('_').to_ascii_lowercase();
    let find = |word: &str| HINTS.iter().find(|hint| hint.words.contains(&word));
    find(&lower).or_else(|| lower.rsplit('_').find_map(find)).or_else(|| {
        let stem = lower.rsplit('_').next()?.strip_suffix('s')?;
        // A plural of something known is a sequence, whatever it holds.
        find(stem).filter(|_| stem.len() > 2).and_then(|_| find("items"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_and_their_words_are_known() {
        assert_eq!(hint("user_email").map(|hint| hint.texts[0]), Some("a@b.co"));
        assert_eq!(hint("max_count").map(|hint| hint.natural), Some(true));
        assert_eq!(hint("is_ready").map(|hint| hint.kind), Some(Kind::Truth));
        assert_eq!(hint("emails").map(|hint| hint.kind), Some(Kind::Sequence));
        assert!(hint("zyzzyva").is_none());
        assert!(hint("").is_none());
    }
}
