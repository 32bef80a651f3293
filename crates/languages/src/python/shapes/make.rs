//! Recipes for values of the library's types: dates, decimals, paths, files, patterns and the like.

use model::{Symbol, Value};
use search::{Shape, ShapeId};

use super::concrete::Concrete;
use super::kind::Kind;

/// The recipe of a kind that is none of the plain ones.
pub(super) fn library(concrete: &mut Concrete<'_, '_, '_>, kind: Kind) -> Shape {
    let mut recipe = Recipe { concrete };
    match kind {
        Kind::TextFile => recipe.of_leaf("io", "StringIO", Shape::Str),
        Kind::BytesFile => recipe.of_leaf("io", "BytesIO", Shape::Bytes),
        Kind::Date => recipe.of_ints("datetime", "date", &[&YEARS, &MONTHS, &DAYS]),
        Kind::DateTime => recipe.datetime(),
        Kind::Time => recipe.of_ints("datetime", "time", &[&HOURS, &MINUTES, &MINUTES]),
        Kind::TimeDelta => recipe.of_ints("datetime", "timedelta", &[&SPANS, &SPANS]),
        Kind::Decimal => recipe.of_texts(
            "decimal",
            "Decimal",
            &[
                "0",
                "1",
                "-1",
                "0.1",
                "2.5",
                "10",
                "99.995",
                "-0.005",
                "1E+3",
                "123456789.123456789",
            ],
        ),
        Kind::Fraction => recipe.of_ints("fractions", "Fraction", &[&SPANS, &[1, 2, 3, 4, 7, 10, -2]]),
        Kind::Path => recipe.of_texts(
            "pathlib",
            "Path",
            &[
                "a",
                "a/b.txt",
                ".",
                "/tmp/a.tar.gz",
                "a/../b",
                "",
                ".hidden",
                "dir/sub/file.py",
            ],
        ),
        Kind::Pattern => recipe.of_texts(
            "re",
            "compile",
            &["a", "[a-z]+", "\\d+", "(\\w+)=(\\w*)", "^\\s*$", "a|b", "."],
        ),
        Kind::Exception => recipe.of_leaf("builtins", "ValueError", Shape::Str),
        Kind::Complex => {
            let (real, imaginary) = (recipe.concrete.leaf(Shape::Float), recipe.concrete.leaf(Shape::Float));
            Shape::Make {
                callee: Symbol::new("builtins", "complex"),
                args: vec![real, imaginary],
            }
        }
        Kind::Class => super::types::shape(recipe.concrete),
        _ => Shape::Any,
    }
}

/// The recipe of a class from elsewhere, if there is one.
pub(super) fn external(concrete: &mut Concrete<'_, '_, '_>, path: &str) -> Option<Shape> {
    let mut recipe = Recipe { concrete };
    Some(match path {
        "uuid.UUID" => recipe.of_texts(
            "uuid",
            "UUID",
            &[
                "00000000-0000-0000-0000-000000000000",
                "12345678-1234-5678-1234-567812345678",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ],
        ),
        "datetime.timezone" | "datetime.tzinfo" => {
            Shape::OneOf(vec![Value::Symbol(Symbol::new("datetime", "timezone.utc"))])
        }
        "zoneinfo.ZoneInfo" => recipe.of_texts("zoneinfo", "ZoneInfo", &["UTC", "Europe/Berlin", "America/New_York"]),
        "ipaddress.IPv4Address" => recipe.of_texts("ipaddress", "IPv4Address", &["127.0.0.1", "10.0.0.255", "0.0.0.0"]),
        "ipaddress.IPv4Network" => recipe.of_texts(
            "ipaddress",
            "IPv4Network",
            &["10.0.0.0/8", "192.168.1.0/24", "0.0.0.0/0"],
        ),
        "numpy.ndarray" | "numpy.typing.NDArray" => recipe.of_list("numpy", "array"),
        "pandas.Series" => recipe.of_list("pandas", "Series"),
        "pandas.DataFrame" => {
            let number = recipe.concrete.leaf(Shape::Int);
            let column = recipe.concrete.leaf(Shape::List(number));
            let table = recipe
                .concrete
                .leaf(Shape::Record(vec![("a".to_owned(), column, true)]));
            Shape::Make {
                callee: Symbol::new("pandas", "DataFrame"),
                args: vec![table],
            }
        }
        "argparse.Namespace" | "types.SimpleNamespace" => return None,
        _ if path.starts_with("ast.") => {
            let samples = super::syntax_trees::samples(recipe.concrete.engine.worlds[1].project);
            Shape::OneOf(super::syntax_trees::values(
                &path[4..],
                &samples,
                &recipe.concrete.handled,
            ))
        }
        "random.Random" => recipe.of_ints("random", "Random", &[&[0, 1, 42]]),
        "array.array" => {
            let code = recipe.concrete.leaf(Shape::OneOf(vec![Value::Str("i".to_owned())]));
            let number = recipe.concrete.leaf(Shape::Int);
            let items = recipe.concrete.leaf(Shape::List(number));
            Shape::Make {
                callee: Symbol::new("array", "array"),
                args: vec![code, items],
            }
        }
        "threading.Lock" | "threading.RLock" | "threading.Event" | "logging.Logger" => recipe.alone(path),
        _ => return None,
    })
}

const YEARS: [i64; 7] = [2024, 2023, 2000, 1999, 1970, 1900, 2100];
const MONTHS: [i64; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
// A day that a month lacks only makes an input that cannot be built; the ends of months are worth it.
const DAYS: [i64; 9] = [1, 2, 15, 27, 28, 29, 30, 31, 9];
/// Seconds, hours, days and months before and after noon of 28 February 2024, which is when every call is made.
const NEAR_NOW: [[i64; 6]; 10] = [
    [2024, 2, 28, 12, 0, 0],
    [2024, 2, 28, 11, 59, 58],
    [2024, 2, 28, 12, 0, 30],
    [2024, 2, 28, 9, 30, 0],
    [2024, 2, 27, 12, 0, 0],
    [2024, 2, 29, 13, 0, 0],
    [2024, 2, 20, 12, 0, 0],
    [2024, 3, 3, 11, 0, 0],
    [2023, 11, 28, 12, 0, 0],
    [2025, 3, 1, 12, 0, 0],
];
const HOURS: [i64; 6] = [0, 1, 9, 12, 13, 23];
const MINUTES: [i64; 5] = [0, 1, 15, 30, 59];
const SPANS: [i64; 10] = [0, 1, -1, 2, 7, 30, 59, 60, 365, 3600];

/// What calling something of `datetime` gives.
fn called(name: &str, args: Vec<Value>) -> Value {
    Value::Call {
        callee: Symbol::new("datetime", name),
        args,
        kwargs: Vec::new(),
    }
}

struct Recipe<'r, 'e, 'w, 'p> {
    concrete: &'r mut Concrete<'e, 'w, 'p>,
}

impl Recipe<'_, '_, '_, '_> {
    fn of_leaf(&mut self, module: &str, name: &str, shape: Shape) -> Shape {
        let arg = self.concrete.leaf(shape);
        Shape::Make {
            callee: Symbol::new(module, name),
            args: vec![arg],
        }
    }

    /// A point in time: any, one near the time that every call finds, one of a time zone.
    fn datetime(&mut self) -> Shape {
        let parts = [&YEARS[..], &MONTHS, &DAYS, &HOURS, &MINUTES, &MINUTES];
        let any = self.of_ints("datetime", "datetime", &parts);
        let near = NEAR_NOW.map(|parts| called("datetime", parts.map(Value::Int).into()));
        let mut aware = match self.of_ints("datetime", "datetime", &parts) {
            Shape::Make { args, .. } => args,
            _ => Vec::new(),
        };
        let offset = |minutes: i64| {
            called(
                "timezone",
                vec![called("timedelta", vec![Value::Int(0), Value::Int(60 * minutes)])],
            )
        };
        let utc = Value::Symbol(Symbol::new("datetime", "timezone.utc"));
        aware.push(self.concrete.leaf(Shape::OneOf(vec![Value::Int(0)])));
        aware.push(self.concrete.leaf(Shape::OneOf(vec![
            utc,
            offset(330),
            offset(-300),
            offset(780),
            offset(-720),
        ])));
        let aware = Shape::Make {
            callee: Symbol::new("datetime", "datetime"),
            args: aware,
        };
        let options = [(1.0, any), (0.4, Shape::OneOf(near.into())), (0.3, aware)];
        Shape::Union(
            options
                .into_iter()
                .map(|(weight, shape)| (weight, self.concrete.subject.add(shape)))
                .collect(),
        )
    }

    fn of_ints(&mut self, module: &str, name: &str, choices: &[&[i64]]) -> Shape {
        let args: Vec<ShapeId> = choices
            .iter()
            .map(|values| {
                self.concrete
                    .leaf(Shape::OneOf(values.iter().copied().map(Value::Int).collect()))
            })
            .collect();
        Shape::Make {
            callee: Symbol::new(module, name),
            args,
        }
    }

    fn of_texts(&mut self, module: &str, name: &str, choices: &[&str]) -> Shape {
        let arg = self.concrete.leaf(Shape::OneOf(
            choices.iter().map(|text| Value::Str((*text).to_owned())).collect(),
        ));
        Shape::Make {
            callee: Symbol::new(module, name),
            args: vec![arg],
        }
    }

    fn of_list(&mut self, module: &str, name: &str) -> Shape {
        let number = self.concrete.leaf(Shape::Float);
        let items = self.concrete.leaf(Shape::List(number));
        Shape::Make {
            callee: Symbol::new(module, name),
            args: vec![items],
        }
    }

    fn alone(&mut self, path: &str) -> Shape {
        let (module, name) = path.rsplit_once('.').unwrap_or(("builtins", path));
        if name == "Logger" {
            self.of_texts(module, name, &["name"])
        } else {
            Shape::Make {
                callee: Symbol::new(module, name),
                args: Vec::new(),
            }
        }
    }
}
