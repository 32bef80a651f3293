//! What the functions and methods of Python's own library take and give, in the notation of [`super::signature`].

use super::kind::{Kind, Mask};

/// Builtins that are no special case of the engine: name and signature.
const BUILTINS: &[(&str, &str)] = &[
    ("abs", "n>n"),
    ("all", "I(?)>b"),
    ("any", "I(?)>b"),
    ("ascii", "?>s"),
    ("bin", "i>s"),
    ("bool", "?>b"),
    ("bytearray", "?>y"),
    ("bytes", "?>y"),
    ("callable", "?>b"),
    ("chr", "i>s"),
    ("complex", "n,n>n"),
    ("dict", "?>D(A,B)"),
    ("divmod", "n,n>T(n,n)"),
    ("enumerate", "I(A),i>L(T(i,A))"),
    ("float", "u>f"),
    ("format", "?,s>s"),
    ("frozenset", "I(A)>Z(A)"),
    ("hash", "k>i"),
    ("hex", "i>s"),
    ("id", "?>i"),
    ("int", "u,i>i"),
    ("iter", "I(A)>W(A)"),
    ("len", "c>i"),
    ("list", "I(A)>L(A)"),
    ("memoryview", "y>y"),
    ("next", "W(A),A>A"),
    ("oct", "i>s"),
    ("open", "v,s>x"),
    ("ord", "s>i"),
    ("pow", "n,n,n>n"),
    ("range", "i,i,i>L(i)"),
    ("repr", "?>s"),
    ("reversed", "q(A)>L(A)"),
    ("round", "n,i>n"),
    ("set", "I(A)>U(A)"),
    ("sorted", "I(A)>L(A)"),
    ("str", "?>s"),
    ("sum", "I(n)>n"),
    ("tuple", "I(A)>Y(A)"),
];

/// Builtins that the engine treats itself, or that say nothing; here so that they are known as names.
const OTHER_BUILTINS: &[&str] = &[
    "classmethod",
    "delattr",
    "dir",
    "eval",
    "exec",
    "filter",
    "getattr",
    "globals",
    "hasattr",
    "isinstance",
    "issubclass",
    "locals",
    "map",
    "max",
    "min",
    "object",
    "print",
    "property",
    "setattr",
    "slice",
    "staticmethod",
    "super",
    "type",
    "vars",
    "zip",
    "input",
    "compile",
    "NotImplemented",
    "Ellipsis",
    "__name__",
    "__file__",
    "__import__",
];

/// Whether `name` is a builtin.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.binary_search_by_key(&name, |(known, _)| known).is_ok()
        || OTHER_BUILTINS.contains(&name)
        || is_exception(name)
}

/// Whether a name is that of a builtin exception, by its customary form.
pub(super) fn is_exception(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
        && (name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning"))
        || matches!(
            name,
            "StopIteration" | "KeyboardInterrupt" | "SystemExit" | "GeneratorExit"
        )
}

/// The signature of a function of the library, by its dotted name.
pub(super) fn function(path: &str) -> Option<&'static str> {
    if let Ok(index) = BUILTINS.binary_search_by_key(&path, |(known, _)| known) {
        return Some(BUILTINS[index].1);
    }
    let (module, name) = path.rsplit_once('.')?;
    match module {
        "math" | "cmath" => Some(math(name)),
        "re" | "regex" => regular(name),
        "json" | "simplejson" | "ujson" => Some(if name.starts_with("loads") {
            "s>?"
        } else if name == "load" {
            "x>?"
        } else if name == "dump" {
            "j,x>N"
        } else {
            "j>s"
        }),
        "os.path" | "posixpath" | "ntpath" => Some(os_path(name)),
        "os" => os(name),
        "itertools" | "itertools.chain" => itertools(name),
        "datetime" | "datetime.datetime" | "datetime.date" | "datetime.time" => dates(path),
        "time" => Some(if name == "sleep" {
            "n>N"
        } else if name.starts_with("strptime") {
            "s,s>o"
        } else {
            "n>f"
        }),
        "heapq" => heapq(name),
        "bisect" => Some(if name.starts_with("insort") {
            "L(A),A,i,i>N"
        } else {
            "L(A),A,i,i>i"
        }),
        "statistics" => Some("I(n)>f"),
        "base64" | "binascii" | "zlib" | "gzip" | "bz2" | "lzma" => Some("y>y"),
        "hashlib" => Some("y>o"),
        "textwrap" | "html" | "xml.sax.saxutils" => Some("s>s"),
        "urllib.parse" => Some(urls(name)),
        "operator" => operator(name),
        _ => elsewhere(path),
    }
}

fn math(name: &str) -> &'static str {
    match name {
        "floor" | "ceil" | "trunc" => "n>i",
        "gcd" | "lcm" | "comb" | "perm" | "factorial" | "isqrt" => "i*>i",
        "prod" | "fsum" => "I(n)>n",
        "isnan" | "isinf" | "isfinite" | "isclose" => "n*>b",
        "dist" => "L(n),L(n)>f",
        "modf" | "frexp" => "n>T(f,f)",
        _ => "n*>f",
    }
}

fn regular(name: &str) -> Option<&'static str> {
    Some(match name {
        "match" | "search" | "fullmatch" => "r,s>o",
        "sub" => "r,?,s,i>s",
        "subn" => "r,?,s,i>T(s,i)",
        "split" => "r,s,i>L(s)",
        "findall" => "r,s>L(s)",
        "finditer" => "r,s>W(o)",
        "compile" => "r>R",
        "escape" => "s>s",
        _ => return None,
    })
}

fn os_path(name: &str) -> &'static str {
    match name {
        "join" => "t,p*>s",
        "abspath" | "basename" | "dirname" | "normpath" | "realpath" | "expanduser" | "expandvars" | "normcase" => {
            "p*>s"
        }
        "relpath" => "p,p>s",
        "split" | "splitext" | "splitdrive" => "p>T(s,s)",
        "commonpath" | "commonprefix" => "I(s)>s",
        "getsize" | "getmtime" | "getatime" | "getctime" => "v>n",
        "isabs" => "p>b",
        _ => "e*>b",
    }
}

fn os(name: &str) -> Option<&'static str> {
    Some(match name {
        "listdir" => "l>L(s)",
        "fspath" | "fsdecode" => "p>s",
        "getenv" => "s,s>s",
        "walk" => "l>W(T(s,L(s),L(s)))",
        "makedirs" | "mkdir" => "p>?",
        "rmdir" | "chdir" | "scandir" => "l>?",
        "remove" | "unlink" => "v>?",
        "stat" | "lstat" | "rename" | "replace" | "access" | "utime" | "chmod" => "e>?",
        "cpu_count" | "getpid" => ">i",
        "getcwd" => ">s",
        _ => return None,
    })
}

fn itertools(name: &str) -> Option<&'static str> {
    Some(match name {
        "chain" => "I(A)*>W(A)",
        "from_iterable" => "I(I(A))>W(A)",
        "combinations" | "permutations" | "combinations_with_replacement" => "I(A),i>W(Y(A))",
        "product" => "I(A)*>W(Y(A))",
        "islice" => "I(A),i,i,i>W(A)",
        "groupby" => "I(A),K>W(T(?,W(A)))",
        "accumulate" => "I(A),K>W(A)",
        "cycle" | "tee" => "I(A)>W(A)",
        "count" => "n,n>W(n)",
        "repeat" => "A,i>W(A)",
        "takewhile" | "dropwhile" | "filterfalse" => "K,I(A)>W(A)",
        "starmap" => "K,I(Y(?))>W(?)",
        "zip_longest" => "I(A)*>W(Y(A))",
        "pairwise" => "I(A)>W(T(A,A))",
        "compress" => "I(A),I(b)>W(A)",
        _ => return None,
    })
}

fn dates(path: &str) -> Option<&'static str> {
    Some(match path {
        "datetime.date" => "i,i,i>d",
        "datetime.datetime" => "i,i,i,i,i,i>h",
        "datetime.time" => "i,i,i,i>m",
        "datetime.timedelta" => "n*>w",
        "datetime.datetime.strptime" => "s,s>h",
        "datetime.datetime.fromisoformat" => "s>h",
        "datetime.date.fromisoformat" => "s>d",
        "datetime.time.fromisoformat" => "s>m",
        "datetime.datetime.combine" => "d,m>h",
        "datetime.datetime.fromtimestamp" | "datetime.datetime.utcfromtimestamp" => "n>h",
        "datetime.date.fromtimestamp" => "n>d",
        "datetime.date.fromordinal" => "i>d",
        "datetime.datetime.now" | "datetime.datetime.today" | "datetime.datetime.utcnow" => ">h",
        "datetime.date.today" => ">d",
        _ => return None,
    })
}

fn heapq(name: &str) -> Option<&'static str> {
    Some(match name {
        "heappush" => "L(A),A>N",
        "heappop" => "L(A)>A",
        "heapify" => "L(A)>N",
        "heappushpop" | "heapreplace" => "L(A),A>A",
        "nlargest" | "nsmallest" => "i,I(A)>L(A)",
        "merge" => "I(A)*>W(A)",
        _ => return None,
    })
}

fn urls(name: &str) -> &'static str {
    match name {
        "parse_qs" => "s>D(s,L(s))",
        "parse_qsl" => "s>L(T(s,s))",
        "urlencode" => "D(s,?)>s",
        "urlparse" | "urlsplit" => "s>o",
        "urljoin" => "s,s>s",
        "urlunparse" | "urlunsplit" => "I(s)>s",
        _ => "s>s",
    }
}

fn operator(name: &str) -> Option<&'static str> {
    Some(match name {
        "itemgetter" | "attrgetter" | "methodcaller" => "?>K",
        "add" | "sub" | "mul" => "A,A>A",
        "truediv" | "floordiv" | "mod" | "neg" => "n,n>n",
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" => "A,A>b",
        "and_" | "or_" | "xor" => "A,A>A",
        "contains" => "I(A),A>b",
        "index" => "i>i",
        _ => return None,
    })
}

fn elsewhere(path: &str) -> Option<&'static str> {
    Some(match path {
        "collections.Counter" => "I(A)>D(A,i)",
        "collections.OrderedDict" | "collections.ChainMap" => "?>D(A,B)",
        "collections.defaultdict" => "K(B)>D(A,B)",
        "collections.deque" => "I(A),i>Q(A)",
        "functools.reduce" => "K,I(A),A>?",
        "functools.partial"
        | "functools.wraps"
        | "functools.lru_cache"
        | "functools.cache"
        | "functools.cmp_to_key"
        | "inspect.signature" => "K>K",
        "typing.get_type_hints" => "C>D(s,C)",
        "typing.get_origin" | "typing_extensions.get_origin" => "C>C",
        "typing.get_args" | "typing_extensions.get_args" => "C>Y(C)",
        "dataclasses.fields" | "attr.fields" | "attrs.fields" => "C>Y(?)",
        "dataclasses.is_dataclass" | "attr.has" | "attrs.has" | "inspect.isclass" => "C>b",
        "copy.copy" | "copy.deepcopy" => "A>A",
        "random.choice" => "q(A)>A",
        "random.shuffle" => "L(A)>N",
        "random.sample" | "random.choices" => "q(A),i>L(A)",
        "random.randint" | "random.randrange" => "i,i>i",
        "shlex.split" => "s>L(s)",
        "shlex.quote" | "unicodedata.name" | "unicodedata.category" => "s>s",
        "unicodedata.normalize" => "s,s>s",
        "fnmatch.fnmatch" | "fnmatch.fnmatchcase" => "s,s>b",
        "fnmatch.filter" => "I(s),s>L(s)",
        "struct.unpack" | "struct.unpack_from" => "s,y>Y(?)",
        "struct.pack" => "s>y",
        "struct.calcsize" => "s>i",
        "csv.reader" => "I(s)>I(L(s))",
        "csv.writer" | "_csv.writer" => "x>o",
        "csv.DictWriter" => "x,L(s)>o",
        "pickle.dump" | "marshal.dump" => "?,z>N",
        "pickle.load" | "marshal.load" => "z>?",
        "pickle.loads" | "marshal.loads" => "y>?",
        "pickle.dumps" | "marshal.dumps" => "?>y",
        "shutil.copyfileobj" => "x,x>N",
        "tokenize.tokenize" | "tokenize.generate_tokens" => "K>W(T(i,s,T(i,i),T(i,i),s))",
        "xml.etree.ElementTree.fromstring" | "xml.dom.minidom.parseString" => "s>o",
        "email.utils.parseaddr" => "s>T(s,s)",
        "email.utils.formatdate" => "n>s",
        "hmac.compare_digest" | "secrets.compare_digest" => "s,s>b",
        "string.Template" => "s>o",
        "codecs.lookup" => "s>o",
        "locale.format_string" => "s,?>s",
        "colorsys.rgb_to_hsv" | "colorsys.rgb_to_hls" | "colorsys.hsv_to_rgb" | "colorsys.hls_to_rgb" => {
            "f,f,f>T(f,f,f)"
        }
        "csv.DictReader" => "I(s)>I(D(s,s))",
        "ast.literal_eval" | "ast.parse" => "s>?",
        "decimal.Decimal" => "u>g",
        "fractions.Fraction" => "u,i>G",
        "pathlib.Path" => "e,p*>P",
        "pathlib.PurePath" | "pathlib.PurePosixPath" => "p*>P",
        "io.StringIO" => "s>x",
        "io.BytesIO" => "y>z",
        "uuid.UUID" => "s>o",
        "glob.glob" => "p>L(s)",
        "shutil.copy" | "shutil.copyfile" | "shutil.copy2" => "v,p>p",
        "shutil.move" => "e,p>p",
        "shutil.copytree" => "l,p>p",
        "shutil.rmtree" => "l>N",
        "string.capwords" => "s>s",
        "difflib.SequenceMatcher" => "?,q(A),q(A)>o",
        "difflib.get_close_matches" => "s,I(s)>L(s)",
        "difflib.unified_diff" | "difflib.ndiff" => "L(s),L(s)>W(s)",
        "typing.cast" => "?,A>A",
        "calendar.monthrange" => "i,i>T(i,i)",
        "calendar.isleap" => "i>b",
        "ipaddress.ip_address" | "ipaddress.ip_network" => "s>o",
        "logging.getLogger" => "s>o",
        _ => return None,
    })
}

const LIST: Mask = Mask::one(Kind::List);
const STR: Mask = Mask::one(Kind::Str);
const DICT: Mask = Mask::one(Kind::Dict);
const SET: Mask = Mask::one(Kind::Set);
const FILES: Mask = Mask::FILES;
const PATH: Mask = Mask::one(Kind::Path);
const DATES: Mask = Mask::of(&[Kind::Date, Kind::DateTime]);
const DATETIME: Mask = Mask::one(Kind::DateTime);
const PATTERN: Mask = Mask::one(Kind::Pattern);

/// The library's types that have a method of this name, and its signature; `E`, `V` and `S` are the receiver's element, value and itself.
pub(super) fn method(name: &str) -> Option<(Mask, &'static str)> {
    text_method(name)
        .or_else(|| container_method(name))
        .or_else(|| other_method(name))
}

fn text_method(name: &str) -> Option<(Mask, &'static str)> {
    Some(match name {
        "capitalize" | "lower" | "upper" | "title" | "swapcase" | "expandtabs" => (Mask::TEXT, ">S"),
        "casefold" => (STR, ">S"),
        "strip" | "lstrip" | "rstrip" | "removeprefix" | "removesuffix" => (Mask::TEXT, "S>S"),
        "center" | "ljust" | "rjust" => (Mask::TEXT, "i,S>S"),
        "zfill" => (Mask::TEXT, "i>S"),
        "split" | "rsplit" => (Mask::TEXT, "S,i>L(S)"),
        "splitlines" => (Mask::TEXT, "b>L(S)"),
        "partition" | "rpartition" => (Mask::TEXT, "S>T(S,S,S)"),
        "startswith" | "endswith" => (Mask::TEXT, "?,i,i>b"),
        "find" | "rfind" | "rindex" => (Mask::TEXT, "S,i,i>i"),
        "join" => (Mask::TEXT, "I(S)>S"),
        "isdigit" | "isalpha" | "isalnum" | "isspace" | "isupper" | "islower" | "istitle" => (Mask::TEXT, ">b"),
        "isdecimal" | "isidentifier" | "isnumeric" | "isprintable" => (STR, ">b"),
        "encode" => (STR, "s,s>y"),
        "decode" => (Mask::one(Kind::Bytes), "s,s>s"),
        "hex" => (Mask::of(&[Kind::Bytes, Kind::Float]), ">s"),
        "translate" => (Mask::TEXT, "?>S"),
        "format" | "format_map" => (STR, "?*>s"),
        _ => return None,
    })
}

fn container_method(name: &str) -> Option<(Mask, &'static str)> {
    Some(match name {
        "append" => (LIST, "E>N"),
        "appendleft" => (Mask::one(Kind::Deque), "E>N"),
        "popleft" => (Mask::one(Kind::Deque), ">E"),
        "rotate" => (Mask::one(Kind::Deque), "i>N"),
        "extend" => (LIST, "I(E)>N"),
        "insert" => (LIST, "i,E>N"),
        "sort" | "reverse" => (LIST, ">N"),
        "index" => (Mask::of(&[Kind::List, Kind::Str, Kind::Tuple, Kind::Bytes]), "?,i,i>i"),
        "count" => (Mask::of(&[Kind::List, Kind::Str, Kind::Tuple, Kind::Bytes]), "?>i"),
        "remove" => (Mask::of(&[Kind::List, Kind::Set]), "E>N"),
        "copy" => (Mask::of(&[Kind::List, Kind::Set, Kind::Dict]), ">S"),
        "clear" => (Mask::of(&[Kind::List, Kind::Set, Kind::Dict]), ">N"),
        "items" | "iteritems" => (DICT, ">L(T(E,V))"),
        "keys" => (DICT, ">L(E)"),
        "values" | "itervalues" => (DICT, ">L(V)"),
        "popitem" => (DICT, ">T(E,V)"),
        "setdefault" => (DICT, "E,V>V"),
        "add" | "discard" => (SET, "E>N"),
        "union" | "intersection" | "difference" | "symmetric_difference" => (Mask::SETS, "I(E)*>U(E)"),
        "issubset" | "issuperset" | "isdisjoint" => (Mask::SETS, "I(E)>b"),
        "difference_update" | "intersection_update" => (SET, "I(E)>N"),
        "move_to_end" => (DICT, "E,b>N"),
        "most_common" => (DICT, "i>L(T(E,i))"),
        _ => return None,
    })
}

fn other_method(name: &str) -> Option<(Mask, &'static str)> {
    Some(match name {
        "read" | "readline" => (FILES, "i>s"),
        "readlines" => (FILES, "i>L(s)"),
        "write" => (FILES, "s>i"),
        "writelines" => (FILES, "I(s)>N"),
        "seek" | "tell" | "flush" | "close" | "fileno" | "readable" | "writable" => (FILES, "i>i"),
        "isoformat" | "strftime" => (DATES, "s>s"),
        "weekday" | "isoweekday" | "toordinal" => (DATES, ">i"),
        "isocalendar" => (DATES, ">T(i,i,i)"),
        "timestamp" => (DATETIME, ">f"),
        "date" => (DATETIME, ">d"),
        "time" => (DATETIME, ">m"),
        "astimezone" | "utcoffset" => (DATETIME, "?>?"),
        "total_seconds" => (Mask::one(Kind::TimeDelta), ">f"),
        "is_integer" | "as_integer_ratio" => (Mask::one(Kind::Float), ">b"),
        "bit_length" | "to_bytes" => (Mask::one(Kind::Int), "i>i"),
        "quantize" | "normalize" | "as_tuple" => (Mask::one(Kind::Decimal), "?>S"),
        "limit_denominator" => (Mask::one(Kind::Fraction), "i>S"),
        "match" | "search" | "fullmatch" => (PATTERN, "s>o"),
        "findall" => (PATTERN, "s>L(s)"),
        "finditer" => (PATTERN, "s>W(o)"),
        "sub" => (PATTERN, "?,s>s"),
        "exists" | "is_file" | "is_dir" | "unlink" | "mkdir" | "touch" | "stat" => (PATH, ">b"),
        "read_text" => (PATH, ">s"),
        "read_bytes" => (PATH, ">y"),
        "joinpath" => (PATH, "p*>S"),
        "relative_to" => (PATH, "p>S"),
        "resolve" | "absolute" | "expanduser" => (PATH, ">S"),
        "with_suffix" | "with_name" => (PATH, "s>S"),
        "iterdir" | "glob" | "rglob" => (PATH, "s>L(S)"),
        "as_posix" => (PATH, ">s"),
        "send" | "throw" => (Mask::one(Kind::Iterator), "?>E"),
        "__next__" => (Mask::one(Kind::Iterator), ">E"),
        "with_traceback" => (Mask::one(Kind::Exception), "?>S"),
        _ => return None,
    })
}

/// The library's types that have a data attribute of this name, and what it holds.
pub(super) fn attribute(name: &str) -> Option<(Mask, &'static str)> {
    Some(match name {
        "year" | "month" | "day" => (DATES, "i"),
        "hour" | "minute" | "second" | "microsecond" => (Mask::of(&[Kind::DateTime, Kind::Time]), "i"),
        "tzinfo" => (Mask::of(&[Kind::DateTime, Kind::Time]), "?"),
        "days" | "seconds" | "microseconds" => (Mask::one(Kind::TimeDelta), "i"),
        "stem" | "suffix" => (PATH, "s"),
        "suffixes" | "parts" => (PATH, "L(s)"),
        "real" | "imag" => (Mask::of(&[Kind::Complex, Kind::Float, Kind::Int]), "n"),
        "numerator" | "denominator" => (Mask::of(&[Kind::Fraction, Kind::Int]), "i"),
        "__name__" | "__qualname__" | "__module__" => (Mask::of(&[Kind::Callable, Kind::Class]), "s"),
        "__mro__" | "__bases__" => (Mask::one(Kind::Class), "Y(C)"),
        name if super::types::OF_CLASSES.contains(&name) => (Mask::one(Kind::Class), "?"),
        "__code__" | "__wrapped__" | "__defaults__" => (Mask::one(Kind::Callable), "?"),
        "__traceback__" | "__cause__" => (Mask::one(Kind::Exception), "?"),
        "groupindex" => (PATTERN, "D(s,i)"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtins_are_sorted_for_the_search() {
        assert!(BUILTINS.is_sorted_by_key(|(name, _)| name));
        assert_eq!(function("len"), Some("c>i"));
        assert_eq!(function("os.path.join"), Some("t,p*>s"));
        assert!(is_builtin("ValueError") && !is_builtin("frobnicate"));
    }
}
