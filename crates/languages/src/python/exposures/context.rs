//! What a function is about, by its words: whether a text that it lets through may do harm where the text goes.

use super::Attack;

/// The words of a function and of what a change takes away.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Its dotted name, the name of its module and those of its parameters.
    names: String,
    /// Lines that head does not have any more.
    gone: String,
    /// Its source in both versions.
    source: String,
}

/// Names, and parts of lines that are gone, that say what a function is about.
const ABOUT: &[(Attack, &[&str], &[&str])] = &[
    (
        Attack::Path,
        &[
            "path",
            "file",
            "dir",
            "folder",
            "static",
            "upload",
            "extract",
            "archive",
            "member",
            "join",
            "template",
            "asset",
            "media",
            "storage",
            "attachment",
            "backup",
            "resource",
            "serve",
            "download",
            "load",
            "locat",
            "zip",
            "tar",
            "unpack",
        ],
        &[
            "'..'",
            "\"..\"",
            "../",
            "abspath",
            "realpath",
            "normpath",
            "commonpath",
            "commonprefix",
            "relative_to",
            ".resolve(",
            "isabs",
            "is_absolute",
            "basename",
            "os.sep",
            "path.sep",
            "altsep",
            "safe_join",
            "secure_filename",
            "pardir",
            ".parts",
        ],
    ),
    (
        Attack::Markup,
        &[
            "html",
            "escape",
            "sanit",
            "clean",
            "strip_tag",
            "striptag",
            "markup",
            "render",
            "linkif",
            "urlize",
            "xss",
            "attr",
            "widget",
            "tag",
            "markdown",
            "bleach",
            "script",
            "svg",
            "quote",
            "jsonp",
            "css",
            "style",
        ],
        &[
            "escape",
            "&lt;",
            "&amp;",
            "&quot;",
            "&gt;",
            "quoteattr",
            "bleach",
            "sanitiz",
            "mark_safe",
            "format_html",
            "conditional_escape",
            "strip_tags",
            "autoescape",
            "<script",
            "\\u003c",
            "u003C",
        ],
    ),
    (
        Attack::Script,
        &[
            "html", "sanit", "clean", "link", "url", "href", "render", "markdown", "scheme", "safe",
        ],
        &[
            "javascript",
            "scheme",
            "vbscript",
            "data:",
            "urlparse",
            "urlsplit",
            "allowed_protocol",
            "safe_link",
            "harmful",
        ],
    ),
    (
        Attack::Redirect,
        &[
            "url",
            "redirect",
            "next",
            "safe",
            "host",
            "origin",
            "return_to",
            "login",
            "logout",
            "referer",
            "referrer",
            "location",
            "absolute",
            "target",
            "netloc",
            "uri",
            "domain",
            "link",
        ],
        &[
            "netloc",
            "scheme",
            "hostname",
            "urlparse",
            "urlsplit",
            "'//'",
            "\"//\"",
            "'///'",
            "'\\\\'",
            "\"\\\\\"",
            "host",
            "is_safe",
            "startswith('/",
            "startswith(\"/",
        ],
    ),
    (
        Attack::Header,
        &[
            "header",
            "cookie",
            "location",
            "mail",
            "smtp",
            "address",
            "request",
            "response",
            "redirect",
            "host",
            "subject",
            "recipient",
            "sender",
            "disposition",
            "valid",
            "crlf",
        ],
        &[
            "\\r",
            "\\n",
            "crlf",
            "splitlines",
            "newline",
            "\\x00",
            "\\0",
            "\\x0d",
            "\\x0a",
            "control char",
            "\\z",
            "fullmatch",
            "quote(",
            "_illegal",
            "invalid header",
            "isprintable",
        ],
    ),
    (
        Attack::Address,
        &[
            "url", "host", "fetch", "address", "ip", "ssrf", "request", "proxy", "download", "internal", "private",
            "webhook", "valid",
        ],
        &[
            "is_private",
            "is_loopback",
            "ipaddress",
            "127.",
            "localhost",
            "hostname",
            "scheme",
            "is_global",
            "allowed",
        ],
    ),
    (
        Attack::Entity,
        &[
            "xml", "parse", "svg", "soap", "saml", "load", "feed", "document", "html", "read", "entity", "dtd",
        ],
        &[
            "resolve_entities",
            "defusedxml",
            "no_network",
            "load_dtd",
            "doctype",
            "entity",
            "forbid",
        ],
    ),
    (
        Attack::Shell,
        &["command", "cmd", "shell"],
        &["shlex", "shell=", "list2cmdline", "pipes.quote"],
    ),
    (
        Attack::Option,
        &[
            "command", "cmd", "git", "hg", "svn", "clone", "checkout", "exec", "arg", "url", "ref", "branch", "option",
        ],
        &["startswith('-", "startswith(\"-", "'--'", "\"--\"", "option"],
    ),
    (
        Attack::Sql,
        &[
            "sql", "query", "quote", "escape", "table", "column", "order_by", "field", "alias", "where", "filter",
            "select",
        ],
        &[
            "quote",
            "escape",
            "'%s'",
            "bind",
            "param",
            "alias",
            "quote_name",
            "replace(\"'\"",
        ],
    ),
    (
        Attack::Code,
        &["eval", "expr", "formula", "calc"],
        &["literal_eval", "eval", "ast."],
    ),
    (
        Attack::Template,
        &["template", "render", "format"],
        &[
            "sandbox",
            "format",
            "template",
            "__class__",
            "startswith(\"_",
            "startswith('_",
        ],
    ),
    (
        Attack::Object,
        &["load", "parse", "decode", "read", "deserial"],
        &["safe", "loader", "pickle", "yaml", "find_class"],
    ),
];

/// Words of a source that lead to a place where a text is read as more than text.
const LEADS: &[(Attack, &[&str])] = &[
    (
        Attack::Shell,
        &[
            "subprocess",
            "os.system",
            "popen",
            "shell",
            "shlex",
            "check_output",
            "check_call",
            "paramiko",
            "exec_command",
        ],
    ),
    (
        Attack::Option,
        &["subprocess", "popen", "check_output", "check_call", "git", "execute("],
    ),
    (
        Attack::Sql,
        &["execute", "cursor", "select ", "insert into", "where ", "sql", "raw("],
    ),
    (Attack::Code, &["eval(", "exec(", "compile(", "literal_eval"]),
    (
        Attack::Object,
        &[
            "pickle",
            "yaml",
            "marshal",
            "shelve",
            "dill",
            "joblib",
            "jsonpickle",
            "find_class",
        ],
    ),
    (
        Attack::Template,
        &["template", "jinja", "mako", "from_string", ".format(", "render"],
    ),
    (
        Attack::Path,
        &["path", "open(", "shutil", "zipfile", "tarfile", "listdir", "file"],
    ),
    (Attack::Entity, &["xml", "etree", "sax", "minidom", "lxml", "expat"]),
    (
        Attack::Address,
        &[
            "requests",
            "urlopen",
            "http.client",
            "httpx",
            "socket",
            "hostname",
            "ipaddress",
            "urllib",
        ],
    ),
];

/// Words of names that are about what an attack is about, and words of lines that speak of it where they are gone.
fn about(attack: Attack) -> (&'static [&'static str], &'static [&'static str]) {
    let about = ABOUT.iter().find(|(of, ..)| *of == attack);
    about.map_or((&[], &[]), |(_, names, gone)| (names, gone))
}

impl Context {
    /// Of a function with these names (its own, its module's, its parameters'), the lines that are gone and its source.
    pub fn new<'t>(
        names: impl IntoIterator<Item = &'t str>,
        gone: impl IntoIterator<Item = &'t str>,
        source: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        Self {
            names: joined(names),
            gone: joined(gone),
            source: joined(source),
        }
    }

    /// Whether it is about what an attack is about: by its names, or by what the change takes away.
    pub fn is_about(&self, attack: Attack) -> bool {
        self.is_named(about(attack).0) || self.takes_away(attack)
    }

    /// Whether what the change takes away is about it.
    pub fn takes_away(&self, attack: Attack) -> bool {
        about(attack).1.iter().any(|word| self.gone.contains(word))
    }

    /// The attacks that are most worth trying.
    pub fn likely(&self) -> Vec<Attack> {
        let leads = |attack: &Attack| {
            let words = LEADS.iter().find(|(of, _)| of == attack);
            words.is_some_and(|(_, words)| {
                words
                    .iter()
                    .any(|word| self.source.contains(word) || self.gone.contains(word))
            })
        };
        let is_likely = |attack: &Attack| leads(attack) || self.is_about(*attack);
        let mut likely: Vec<Attack> = Attack::ALL.into_iter().filter(is_likely).collect();
        likely.sort_by_key(|attack| (!self.takes_away(*attack), !self.is_about(*attack)));
        likely
    }

    /// Whether what the change takes away is about any attack.
    pub fn takes_away_any(&self) -> bool {
        Attack::ALL.into_iter().any(|attack| self.takes_away(attack))
    }

    /// Whether one of its names has such a part.
    pub fn is_named(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.names.contains(part))
    }
}

fn joined<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().collect::<Vec<_>>().join("\n").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_is_gone_say_what_it_is_about() {
        let of = |names: &[&str], gone: &[&str]| Context::new(names.iter().copied(), gone.iter().copied(), []);
        assert!(of(&["safe_join", "folder"], &[]).is_about(Attack::Path));
        assert!(!of(&["add", "a", "b"], &[]).is_about(Attack::Path));
        assert!(of(&["add", "a"], &["if '..' in a.split('/'):"]).is_about(Attack::Path));
        assert!(of(&["f"], &["    text = escape(text)"]).takes_away(Attack::Markup));
    }

    #[test]
    fn sources_lead_to_places() {
        let context = Context::new(["f"], [], ["subprocess.run(name)"]);
        assert!(context.likely().contains(&Attack::Shell));
        assert!(Context::new(["f"], [], ["return a + b"]).likely().is_empty());
    }
}
