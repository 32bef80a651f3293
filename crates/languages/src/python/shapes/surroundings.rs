//! What code asks its surroundings for: variables, the time, processes, servers, databases, typed lines.
//!
//! Each thing asked for gets a slot, as parameters do, so that what is done with an answer tells its shape. Calls are numbered in
//! the order in which they are met, which is the order in which they are mostly made; a loop or a helper that asks again is
//! answered alike (see [`model::Asked`]).

use model::Value;
use ruff_python_ast::name::Name;
use ruff_python_ast::{Expr, ExprCall};

use super::engine::{Engine, FrameId};
use super::kind::Kind;
use super::slots::{KeyUse, Slot};

/// So many variables, and so many calls of each kind, are answered by themselves.
pub(super) const MOST: usize = 12;

/// What kind of thing a numbered call asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Process,
    Request,
    Query,
}

/// One numbered call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub ask: Ask,
    /// Which version, and which expression of it.
    pub site: (usize, usize),
    pub number: u32,
    /// Return code or status.
    pub code: Slot,
    /// What is printed, the body, or a row.
    pub content: Slot,
    /// Standard error or headers.
    pub beside: Slot,
    pub met: u32,
}

/// All that is asked for.
#[derive(Clone, Default)]
pub(super) struct Surroundings {
    pub environment: Option<Slot>,
    pub time: bool,
    pub typed: Option<(Slot, bool)>,
    pub calls: Vec<Call>,
    /// Bytes, with the text that they are once they are decoded.
    pub encoded: Vec<(Slot, Slot)>,
    /// Texts or bytes that are parsed as JSON, with what that gives.
    pub parsed: Vec<(Slot, Slot)>,
    /// Files that the code names itself, with what they hold.
    pub files: Vec<(String, Slot)>,
    /// Sessions and clients, whose methods send requests.
    pub clients: Vec<Slot>,
    /// Connections and cursors of databases, with the number of the query that a cursor ran last.
    pub databases: Vec<(Slot, Option<usize>)>,
}

const CLIENTS: [&str; 9] = [
    "requests.Session",
    "requests.session",
    "requests.sessions.Session",
    "requests.sessions.session",
    "httpx.Client",
    "httpx.AsyncClient",
    "urllib3.PoolManager",
    "urllib.request.build_opener",
    "http.client.HTTPConnection",
];
const VERBS: [&str; 12] = [
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "send",
    "open",
    "urlopen",
    "getresponse",
];

impl<'p> Engine<'_, 'p> {
    /// The slot of the environment.
    pub(super) fn environment(&mut self) -> Slot {
        if let Some(known) = self.surroundings.environment {
            return known;
        }
        let slot = self.of_kind(Kind::Dict);
        self.surroundings.environment = Some(slot);
        slot
    }

    /// The result of a call of the library that asks the surroundings; nothing where it does not.
    pub(super) fn asks(&mut self, frame: FrameId, path: &str, call: &'p ExprCall) -> Option<Slot> {
        if let Some(method) = path.strip_prefix("os.environ.") {
            return self.asks_environment(frame, method, call);
        }
        match path {
            "os.getenv" => self.asks_environment(frame, "get", call),
            "input" | "sys.stdin.readline" | "sys.stdin.read" | "getpass.getpass" => {
                self.arguments(frame, call);
                let whole = path == "sys.stdin.read";
                let slot = self.typed_text();
                if let Some((_, is_whole)) = &mut self.surroundings.typed {
                    *is_whole |= whole;
                }
                Some(slot)
            }
            "open" | "io.open" | "codecs.open" => self.asks_file(frame, call),
            "pathlib.Path" | "os.path.expanduser" | "os.path.exists" | "os.path.isfile" => {
                let [Expr::StringLiteral(text)] = &*call.arguments.args else {
                    return None;
                };
                let name = text.value.to_str().to_owned();
                if is_file_name(&name) {
                    self.file(name);
                }
                None
            }
            "json.loads" | "json.load" | "simplejson.loads" => {
                let arguments = self.arguments(frame, call);
                let (given, _) = *arguments.positional.first()?;
                let result = self.slots.fresh();
                // What is read of a response is told by what the response is.
                let source = if path.ends_with(".load") {
                    self.read_of(given)
                } else {
                    given
                };
                self.surroundings.parsed.push((source, result));
                Some(result)
            }
            _ if reads_the_clock(path, call) => {
                self.surroundings.time = true;
                None
            }
            _ if CLIENTS.contains(&path) => {
                self.arguments(frame, call);
                let slot = self.of_kind(Kind::Object);
                self.surroundings.clients.push(slot);
                Some(slot)
            }
            _ if connects(path) => {
                self.arguments(frame, call);
                let slot = self.of_kind(Kind::Object);
                self.surroundings.databases.push((slot, None));
                Some(slot)
            }
            _ => self.asks_process(frame, path, call).or_else(|| {
                let (module, verb) = path.rsplit_once('.')?;
                let sends = ["requests", "requests.api", "httpx", "urllib.request"].contains(&module);
                (sends && VERBS.contains(&verb)).then(|| {
                    self.arguments(frame, call);
                    self.response(frame, call)
                })
            }),
        }
    }

    /// A file that is opened to be read, by a name that is written down.
    fn asks_file(&mut self, frame: FrameId, call: &'p ExprCall) -> Option<Slot> {
        let args = &call.arguments.args;
        let mode = args
            .get(1)
            .or_else(|| call.arguments.find_keyword("mode").map(|keyword| &keyword.value));
        let is_bytes = match mode {
            None => false,
            Some(Expr::StringLiteral(mode)) if mode.value.to_str().contains(['w', 'a', 'x']) => return None,
            Some(Expr::StringLiteral(mode)) => mode.value.to_str().contains('b'),
            Some(_) => return None,
        };
        let slot = match args.first()? {
            written @ Expr::StringLiteral(_) => self.literal(written),
            written @ Expr::Name(_) => self.expression(frame, written),
            _ => return None,
        };
        let literals = self.slots.info(slot).literals.clone();
        let [Value::Str(name)] = &literals[..] else { return None };
        if !is_file_name(name) {
            return None;
        }
        self.arguments(frame, call);
        let content = self.file(name.clone());
        let read = if is_bytes { self.bytes_of(content) } else { content };
        let file = self.of_kind(Kind::Object);
        self.join_called(file, &["read", "readline"], read);
        self.join_lines(file, read);
        Some(file)
    }

    /// What a named file holds.
    fn file(&mut self, name: String) -> Slot {
        if let Some((_, known)) = self.surroundings.files.iter().find(|(known, _)| *known == name) {
            return *known;
        }
        let content = self.of_kind(Kind::Str);
        self.surroundings.files.push((name, content));
        content
    }

    fn asks_environment(&mut self, frame: FrameId, method: &str, call: &'p ExprCall) -> Option<Slot> {
        let environment = self.environment();
        let arguments = self.arguments(frame, call);
        if !["get", "pop", "setdefault"].contains(&method) {
            return matches!(method, "copy").then_some(environment);
        }
        let (key, _) = *arguments.positional.first()?;
        let value = self.variable(environment, key, call.arguments.args.first()?);
        if let (Some((default, _)), Some(written)) = (arguments.positional.get(1), call.arguments.args.get(1))
            && !written.is_none_literal_expr()
        {
            self.slots.unify(value, *default);
        }
        Some(value)
    }

    /// A variable by its name: a literal, or a constant that is one.
    fn variable(&mut self, environment: Slot, key: Slot, written: &Expr) -> Slot {
        let named = match written {
            Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
            _ => match &self.slots.info(key).literals[..] {
                [Value::Str(only)] => Some(only.clone()),
                _ => None,
            },
        };
        match named {
            Some(name) => self.slots.key(environment, &name, KeyUse::Asked),
            None => {
                let keys = self.slots.element(environment);
                self.slots.unify(keys, key);
                self.slots.value(environment)
            }
        }
    }

    fn typed_text(&mut self) -> Slot {
        if let Some((slot, _)) = self.surroundings.typed {
            return slot;
        }
        let slot = self.of_kind(Kind::Str);
        self.surroundings.typed = Some((slot, false));
        slot
    }

    fn asks_process(&mut self, frame: FrameId, path: &str, call: &'p ExprCall) -> Option<Slot> {
        let name = match path {
            "os.system" | "os.popen" => path,
            _ => path.strip_prefix("subprocess.")?,
        };
        let known = [
            "run",
            "call",
            "check_call",
            "check_output",
            "Popen",
            "getoutput",
            "getstatusoutput",
        ];
        if !known.contains(&name) && !path.starts_with("os.") {
            return None;
        }
        let arguments = self.arguments(frame, call);
        let is_text = arguments.keywords.iter().any(|(name, _, value)| match *name {
            "text" | "universal_newlines" => !matches!(value, Expr::BooleanLiteral(no) if !no.value),
            "encoding" | "errors" => !value.is_none_literal_expr(),
            _ => false,
        });
        let Call {
            code, content, beside, ..
        } = self.numbered(frame, Ask::Process, call);
        let is_text = is_text || name.starts_with("get") || path == "os.popen";
        let (output, errors) = match is_text {
            true => (content, beside),
            false => (self.bytes_of(content), self.bytes_of(beside)),
        };
        Some(match name {
            "check_output" | "getoutput" => output,
            "call" | "os.system" => code,
            "check_call" => self.slots.fresh(),
            "getstatusoutput" => {
                let pair = self.of_kind(Kind::Tuple);
                self.hold_positions(pair, &[code, output]);
                pair
            }
            "os.popen" => {
                let file = self.of_kind(Kind::Object);
                self.join_called(file, &["read"], output);
                self.join_lines(file, output);
                file
            }
            _ => {
                let process = self.of_kind(Kind::Object);
                self.join_attribute(process, "returncode", code);
                self.join_called(process, &["wait", "poll"], code);
                let pair = self.of_kind(Kind::Tuple);
                self.hold_positions(pair, &[output, errors]);
                self.join_called(process, &["communicate"], pair);
                for (attribute, text) in [("stdout", output), ("stderr", errors)] {
                    match name {
                        "Popen" => {
                            let file = self.of_kind(Kind::Object);
                            self.join_called(file, &["read"], text);
                            self.join_lines(file, text);
                            self.join_attribute(process, attribute, file);
                        }
                        _ => self.join_attribute(process, attribute, text),
                    }
                }
                process
            }
        })
    }

    /// The result of a method of a client, a connection or a cursor; of text that was bytes.
    pub(super) fn asks_of(&mut self, frame: FrameId, owner: Slot, name: &str, call: &'p ExprCall) -> Option<Slot> {
        let Surroundings {
            encoded,
            clients,
            databases,
            ..
        } = &self.surroundings;
        if encoded.is_empty() && clients.is_empty() && databases.is_empty() {
            return None;
        }
        if name == "decode" {
            let texts = encoded.clone();
            let (_, text) = texts.into_iter().find(|(bytes, _)| self.slots.same(*bytes, owner))?;
            self.arguments(frame, call);
            return Some(text);
        }
        if VERBS.contains(&name) {
            let clients = clients.clone();
            if clients.into_iter().any(|client| self.slots.same(client, owner)) {
                self.arguments(frame, call);
                return Some(self.response(frame, call));
            }
        }
        let databases = databases.clone();
        let at = databases.iter().rposition(|(slot, _)| self.slots.same(*slot, owner))?;
        self.asks_database(frame, at, name, call)
    }

    fn asks_database(&mut self, frame: FrameId, at: usize, name: &str, call: &'p ExprCall) -> Option<Slot> {
        let (owner, query) = self.surroundings.databases[at];
        match name {
            "cursor" => {
                self.arguments(frame, call);
                let slot = self.of_kind(Kind::Object);
                self.surroundings.databases.push((slot, None));
                Some(slot)
            }
            "execute" => {
                self.arguments(frame, call);
                if call.arguments.args.first().is_some_and(finds_nothing) {
                    return Some(owner);
                }
                let found = self.numbered(frame, Ask::Query, call);
                let is_call = |known: &Call| known.ask == Ask::Query && known.number == found.number;
                let query = self.surroundings.calls.iter().position(is_call);
                self.surroundings.databases[at].1 = query;
                let cursor = self.of_kind(Kind::Object);
                self.slots.info(cursor).element = Some(found.content);
                self.surroundings.databases.push((cursor, query));
                // `for row in cursor` behind it.
                if self.slots.info(owner).element.is_none() {
                    self.slots.info(owner).element = Some(found.content);
                }
                Some(cursor)
            }
            "fetchone" | "fetchall" | "fetchmany" => {
                self.arguments(frame, call);
                let row = self.surroundings.calls[query?].content;
                if name == "fetchone" {
                    return Some(row);
                }
                let rows = self.of_kind(Kind::List);
                self.slots.info(rows).element = Some(row);
                Some(rows)
            }
            _ => None,
        }
    }

    /// A response: its status, body and headers by the names that libraries have for them.
    fn response(&mut self, frame: FrameId, call: &'p ExprCall) -> Slot {
        let Call {
            code, content, beside, ..
        } = self.numbered(frame, Ask::Request, call);
        let response = self.of_kind(Kind::Object);
        let bytes = self.bytes_of(content);
        for name in ["status_code", "status", "code"] {
            self.join_attribute(response, name, code);
        }
        self.join_called(response, &["getcode"], code);
        self.join_attribute(response, "text", content);
        self.join_attribute(response, "headers", beside);
        for name in ["content", "data"] {
            self.join_attribute(response, name, bytes);
        }
        self.join_called(response, &["read"], bytes);
        self.join_lines(response, bytes);
        let json = self.slots.fresh();
        self.join_called(response, &["json"], json);
        self.surroundings.parsed.push((content, json));
        response
    }

    /// What reading a file or a response gives.
    fn read_of(&mut self, file: Slot) -> Slot {
        let read = self.slots.attribute(file, &Name::new_static("read"));
        self.slots.result(read)
    }

    fn join_attribute(&mut self, owner: Slot, name: &'static str, value: Slot) {
        let slot = self.slots.attribute(owner, &Name::new_static(name));
        self.slots.unify(slot, value);
    }

    fn join_called(&mut self, owner: Slot, names: &[&'static str], value: Slot) {
        for name in names {
            let slot = self.slots.attribute(owner, &Name::new_static(name));
            let result = self.slots.result(slot);
            self.slots.unify(result, value);
        }
    }

    fn join_lines(&mut self, owner: Slot, text: Slot) {
        self.slots.info(owner).element = Some(text);
    }

    fn hold_positions(&mut self, owner: Slot, parts: &[Slot]) {
        for (at, part) in parts.iter().enumerate() {
            let slot = self.slots.position(owner, at as u32);
            self.slots.unify(slot, *part);
        }
    }

    /// The bytes that a text is until it is decoded.
    fn bytes_of(&mut self, text: Slot) -> Slot {
        let bytes = self.of_kind(Kind::Bytes);
        self.surroundings.encoded.push((bytes, text));
        bytes
    }

    /// The number and the parts of a call: the same for the same expression, and for the one of that number in the other version.
    fn numbered(&mut self, frame: FrameId, ask: Ask, call: &'p ExprCall) -> Call {
        let side = self.frame(frame).module.side;
        let site = (side, std::ptr::from_ref(call) as usize);
        if let Some(known) = self.surroundings.calls.iter_mut().find(|known| known.site == site) {
            known.met += 1;
            return known.clone();
        }
        let calls = &self.surroundings.calls;
        let before = calls.iter().filter(|known| known.ask == ask && known.site.0 == side);
        let number = before.count() as u32 + 1;
        let twin = calls
            .iter()
            .find(|known| known.ask == ask && known.number == number)
            .cloned();
        let [code, content, beside] = match twin {
            Some(twin) => [twin.code, twin.content, twin.beside],
            None => {
                let code = self.of_kind(Kind::Int);
                let (content, beside) = match ask {
                    Ask::Process => (self.of_kind(Kind::Str), self.of_kind(Kind::Str)),
                    Ask::Request => (self.of_kind(Kind::Str), self.of_kind(Kind::Dict)),
                    Ask::Query => (self.slots.fresh(), self.slots.fresh()),
                };
                [code, content, beside]
            }
        };
        let found = Call {
            ask,
            site,
            number,
            code,
            content,
            beside,
            met: 1,
        };
        self.surroundings.calls.push(found.clone());
        found
    }

    /// The slots that answers are told by, to be settled with those of parameters.
    pub(super) fn asked_slots(&mut self) -> Vec<Slot> {
        let Surroundings {
            environment,
            typed,
            calls,
            parsed,
            encoded,
            ..
        } = &self.surroundings;
        let mut slots: Vec<Slot> = environment.iter().copied().collect();
        slots.extend(typed.iter().map(|(slot, _)| *slot));
        slots.extend(calls.iter().flat_map(|call| [call.code, call.content, call.beside]));
        slots.extend(self.surroundings.files.iter().map(|(_, content)| *content));
        slots.extend(parsed.iter().map(|(_, result)| *result));
        slots.extend(encoded.iter().map(|(bytes, _)| *bytes));
        if let Some(environment) = *environment {
            let info = self.slots.info(environment);
            slots.extend(info.keys.iter().map(|key| key.slot).chain(info.value));
        }
        slots
    }
}

/// Whether a text names a file in the folder of a call, or in the home folder.
fn is_file_name(name: &str) -> bool {
    let inner = name.strip_prefix("~/").unwrap_or(name);
    let parts: Vec<&str> = inner.split('/').collect();
    let is_part = |part: &&str| !part.is_empty() && !part.starts_with('~') && ![".", ".."].contains(part);
    inner.len() < 100 && !inner.contains(['\0', '\n', '{', '%', '*', ':']) && parts.iter().all(is_part)
}

/// Whether a call gives the time of now.
fn reads_the_clock(path: &str, call: &ExprCall) -> bool {
    let bare = path.rsplit('.').next().unwrap_or(path);
    match path {
        "datetime.datetime.now" | "datetime.datetime.today" | "datetime.datetime.utcnow" | "datetime.date.today" => {
            true
        }
        "time.time" | "time.time_ns" | "time.localtime" | "time.gmtime" | "time.ctime" | "time.asctime" => {
            call.arguments.args.is_empty()
        }
        "time.strftime" => call.arguments.args.len() < 2,
        _ => path.ends_with("timezone.now") && bare == "now",
    }
}

/// Whether a call connects to a database.
fn connects(path: &str) -> bool {
    let Some((module, "connect")) = path.rsplit_once('.') else {
        return false;
    };
    let modules = [
        "sqlite3",
        "sqlite3.dbapi2",
        "psycopg2",
        "psycopg",
        "pymysql",
        "MySQLdb",
        "mysql.connector",
        "cx_Oracle",
        "oracledb",
        "pyodbc",
    ];
    modules.contains(&module)
}

/// Whether a statement is written down that finds no rows.
fn finds_nothing(statement: &Expr) -> bool {
    let text = match statement {
        Expr::StringLiteral(text) => text.value.to_str(),
        Expr::FString(text) => match text.value.elements().next() {
            Some(ruff_python_ast::InterpolatedStringElement::Literal(first)) => &first.value,
            _ => return false,
        },
        _ => return false,
    };
    let verb = text
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    let verbs = [
        "insert", "update", "delete", "create", "drop", "alter", "begin", "commit", "rollback", "set", "truncate",
        "replace",
    ];
    verbs.contains(&verb.to_ascii_lowercase().as_str())
}
