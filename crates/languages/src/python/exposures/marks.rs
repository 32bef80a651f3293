//! Texts that carry the mark where the characters before it have a meaning to somebody: a shell, a database, a browser, a file
//! system. Each has a tame twin of the same form that means nothing to anybody.

use model::Value;

/// What a marked text tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Attack {
    /// To be a command of a shell.
    Shell,
    /// To be an option of a program.
    Option,
    /// To be a part of a statement of SQL.
    Sql,
    /// To be a path that leads out of its folder.
    Path,
    /// To be an element or an attribute of HTML.
    Markup,
    /// To be a link that runs a script.
    Script,
    /// To be a link to another host that looks like a place on this one.
    Redirect,
    /// To be a header of its own.
    Header,
    /// To be an expression of Python.
    Code,
    /// To be an expression of a template.
    Template,
    /// To be an object that is made when data are read: pickles, YAML, JSON with types.
    Object,
    /// To be an entity of XML that is put in.
    Entity,
    /// To be an address inside of what a server may reach.
    Address,
}

impl Attack {
    /// All of them, those first that are most often in code.
    pub const ALL: [Self; 13] = [
        Self::Path,
        Self::Markup,
        Self::Redirect,
        Self::Header,
        Self::Shell,
        Self::Option,
        Self::Sql,
        Self::Code,
        Self::Object,
        Self::Template,
        Self::Script,
        Self::Entity,
        Self::Address,
    ];
}

/// A marked text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What it tries.
    pub attack: Attack,
    /// The text, or bytes.
    pub text: Value,
    /// Its twin, which means nothing.
    pub tame: Value,
    /// What has to come through unchanged for it to have come through.
    pub core: &'static str,
    /// Whether it is put behind a text that was taken instead of in its place.
    pub behind: bool,
}

/// Attack, text, its tame twin, and its core.
type Row = (Attack, &'static str, &'static str, &'static str);

const IN_PLACE: &[Row] = &[
    (Attack::Shell, "a;xmarkx", "axmarkx", ";xmarkx"),
    (Attack::Shell, "$(xmarkx)", "xmarkx", "$(xmarkx)"),
    (Attack::Shell, "a';xmarkx;'", "axmarkx", ";xmarkx;"),
    (Attack::Shell, "a\";xmarkx;\"", "axmarkx", ";xmarkx;"),
    (Attack::Option, "--xmarkx", "xmarkx", "--xmarkx"),
    (Attack::Option, "-xmarkx", "xmarkx", "-xmarkx"),
    (Attack::Sql, "x' OR 'xmarkx'='xmarkx", "xmarkx", "' OR 'xmarkx'"),
    (Attack::Sql, "x\" OR \"xmarkx\"=\"xmarkx", "xmarkx", "\" OR \"xmarkx\""),
    (Attack::Sql, "0 OR 'xmarkx'='xmarkx'", "0", "0 OR 'xmarkx'"),
    (Attack::Path, "../xmarkx", "xmarkx", "../xmarkx"),
    (Attack::Path, "/xmarkx", "xmarkx", "/xmarkx"),
    (Attack::Path, "a/../../xmarkx", "a/xmarkx", "../xmarkx"),
    (Attack::Path, "..\\xmarkx", "xmarkx", "..\\xmarkx"),
    (Attack::Path, "C:/xmarkx", "xmarkx", "C:/xmarkx"),
    (Attack::Path, "//xmarkx/a", "xmarkx/a", "//xmarkx"),
    (Attack::Path, "%2e%2e/xmarkx", "xmarkx", "../xmarkx"),
    (Attack::Path, "....//xmarkx", "xmarkx", "../xmarkx"),
    (Attack::Markup, "<xmarkx>", "xmarkx", "<xmarkx>"),
    (Attack::Markup, "\"><xmarkx>", "xmarkx", "\"><xmarkx>"),
    (Attack::Markup, "\" xmarkx=\"", "xmarkx", "\" xmarkx=\""),
    (Attack::Markup, "' xmarkx='", "xmarkx", "' xmarkx='"),
    (
        Attack::Markup,
        "<script>xmarkx</script>",
        "<b>xmarkx</b>",
        "<script>xmarkx",
    ),
    (
        Attack::Markup,
        "<img src=x onerror=xmarkx>",
        "<b>xmarkx</b>",
        "<img src=x onerror=xmarkx",
    ),
    (
        Attack::Markup,
        "<svg/onload=xmarkx>",
        "<b>xmarkx</b>",
        "<svg/onload=xmarkx>",
    ),
    (Attack::Markup, "</script><xmarkx>", "xmarkx", "</script><xmarkx>"),
    (Attack::Markup, "a onload=xmarkx", "axmarkx", " onload=xmarkx"),
    (Attack::Markup, "a/onload=xmarkx", "axmarkx", "/onload=xmarkx"),
    (Attack::Markup, "a>xmarkx", "axmarkx", "a>xmarkx"),
    (Attack::Markup, "<<xmarkx>", "xmarkx", "<xmarkx>"),
    (Attack::Markup, "<!--><xmarkx>-->", "<!--xmarkx-->", "<xmarkx>"),
    (
        Attack::Script,
        "javascript:xmarkx",
        "http://xmarkx.example",
        "javascript:xmarkx",
    ),
    (
        Attack::Script,
        "java\tscript:xmarkx",
        "http://xmarkx.example",
        "java\tscript:xmarkx",
    ),
    (
        Attack::Script,
        "\u{1}javascript:xmarkx",
        "http://xmarkx.example",
        "javascript:xmarkx",
    ),
    (
        Attack::Script,
        "[a](javascript:xmarkx)",
        "[a](http://xmarkx.example)",
        "\"javascript:xmarkx",
    ),
    (
        Attack::Script,
        "<a href=\"javascript:xmarkx\">a</a>",
        "<a href=\"http://xmarkx.example\">a</a>",
        "\"javascript:xmarkx",
    ),
    (
        Attack::Script,
        "data:text/html,xmarkx",
        "http://xmarkx.example",
        "data:text/html,xmarkx",
    ),
    (Attack::Redirect, "//xmarkx.example", "/xmarkx", "//xmarkx.example"),
    (
        Attack::Redirect,
        "https://xmarkx.example/a",
        "/xmarkx",
        "https://xmarkx.example/a",
    ),
    (Attack::Redirect, "///xmarkx.example", "/xmarkx", "//xmarkx.example"),
    (Attack::Redirect, "/\\xmarkx.example", "/xmarkx", "/\\xmarkx.example"),
    (Attack::Redirect, "\\\\xmarkx.example", "/xmarkx", "\\\\xmarkx.example"),
    (
        Attack::Redirect,
        "http:///xmarkx.example",
        "/xmarkx",
        "http:///xmarkx.example",
    ),
    (
        Attack::Redirect,
        "https:xmarkx.example",
        "/xmarkx",
        "https:xmarkx.example",
    ),
    (
        Attack::Redirect,
        "http:\\\\xmarkx.example",
        "/xmarkx",
        "http:\\\\xmarkx.example",
    ),
    (Attack::Redirect, "\t//xmarkx.example", "/xmarkx", "//xmarkx.example"),
    (
        Attack::Redirect,
        "http://a@xmarkx.example",
        "/xmarkx",
        "http://a@xmarkx.example",
    ),
    (Attack::Header, "a\r\nxmarkx: 1", "axmarkx", "\r\nxmarkx"),
    (Attack::Header, "a\nxmarkx: 1", "axmarkx", "\nxmarkx"),
    (Attack::Header, "a\rxmarkx: 1", "axmarkx", "\rxmarkx"),
    (Attack::Header, "a\n xmarkx", "axmarkx", "\n xmarkx"),
    (Attack::Header, "axmarkx\n", "axmarkx", "xmarkx\n"),
    (Attack::Header, "a\0xmarkx", "axmarkx", "\0xmarkx"),
    (Attack::Header, "a; xmarkx=1", "axmarkx", "; xmarkx=1"),
    (Attack::Code, "__import__('xmarkx')", "1", ""),
    (Attack::Code, "'+__import__('xmarkx')+'", "xmarkx", ""),
    (Attack::Code, "\"+__import__('xmarkx')+\"", "xmarkx", ""),
    (Attack::Template, "{{'xmarkx'*2}}", "xmarkx", "xmarkxxmarkx"),
    (Attack::Template, "${'xmarkx'*2}", "xmarkx", "xmarkxxmarkx"),
    (Attack::Template, "{0.__class__}xmarkx", "{0}xmarkx", "'>xmarkx"),
    (Attack::Template, "%{__import__('xmarkx')}", "xmarkx", ""),
    (Attack::Object, "!!python/object/apply:xmarkx.run []", "xmarkx: []", ""),
    (Attack::Object, "{\"py/object\": \"xmarkx.Run\"}", "{\"xmarkx\": 1}", ""),
    (
        Attack::Object,
        "{\"__class__\": \"xmarkx.Run\", \"__module__\": \"xmarkx\"}",
        "{\"xmarkx\": 1}",
        "",
    ),
    (
        Attack::Entity,
        "<!DOCTYPE a [<!ENTITY e \"xmarkx\">]><a>&e;</a>",
        "<a>xmarkx</a>",
        "xmarkx",
    ),
    (
        Attack::Entity,
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"xmarkx\">]><a>&e;</a>",
        "<a>xmarkx</a>",
        "xmarkx",
    ),
    (
        Attack::Address,
        "http://127.0.0.1/xmarkx",
        "http://xmarkx.example/",
        "http://127.0.0.1/xmarkx",
    ),
    (
        Attack::Address,
        "http://169.254.169.254/xmarkx",
        "http://xmarkx.example/",
        "http://169.254.169.254/xmarkx",
    ),
    (
        Attack::Address,
        "http://[::1]/xmarkx",
        "http://xmarkx.example/",
        "http://[::1]/xmarkx",
    ),
    (
        Attack::Address,
        "http://0x7f000001/xmarkx",
        "http://xmarkx.example/",
        "http://0x7f000001/xmarkx",
    ),
    (
        Attack::Address,
        "file:///xmarkx",
        "http://xmarkx.example/",
        "file:///xmarkx",
    ),
];

const BEHIND: &[Row] = &[
    (Attack::Shell, ";xmarkx", "xmarkx", ";xmarkx"),
    (Attack::Shell, "$(xmarkx)", "xmarkx", "$(xmarkx)"),
    (Attack::Sql, "' OR 'xmarkx'='xmarkx", "xmarkx", "' OR 'xmarkx'"),
    (Attack::Path, "/../../xmarkx", "/xmarkx", "../xmarkx"),
    (Attack::Header, "\r\nxmarkx: 1", "xmarkx", "\r\nxmarkx"),
    (Attack::Header, "\nxmarkx: 1", "xmarkx", "\nxmarkx"),
    (Attack::Markup, "\"><xmarkx>", "xmarkx", "\"><xmarkx>"),
    (
        Attack::Markup,
        "<script>xmarkx</script>",
        "<b>xmarkx</b>",
        "<script>xmarkx",
    ),
    (Attack::Redirect, ".xmarkx.example", "/xmarkx", ".xmarkx.example"),
    (Attack::Redirect, "@xmarkx.example", "/xmarkx", "@xmarkx.example"),
];

/// A pickle that calls `xmarkx.run()`, and one of the text `xmarkx`.
const PICKLES: (&[u8], &[u8]) = (b"cxmarkx\nrun\n(tR.", b"Vxmarkx\n.");

/// All marked texts by attack, those of `first` first and in that order; in their place before behind others.
pub fn marks(first: &[Attack]) -> Vec<Mark> {
    let text = |text: &str| Value::Str(text.to_owned());
    let of = |behind: bool| {
        move |(attack, marked, tame, core): &Row| Mark {
            attack: *attack,
            text: text(marked),
            tame: text(tame),
            core,
            behind,
        }
    };
    let mut all: Vec<Mark> = IN_PLACE.iter().map(of(false)).collect();
    all.extend(BEHIND.iter().map(of(true)));
    all.push(Mark {
        attack: Attack::Object,
        text: Value::Bytes(PICKLES.0.to_vec()),
        tame: Value::Bytes(PICKLES.1.to_vec()),
        core: "",
        behind: false,
    });
    let order = |attack: Attack| Attack::ALL.iter().position(|one| *one == attack);
    let wanted = |attack: Attack| first.iter().position(|one| *one == attack).unwrap_or(first.len());
    all.sort_by_key(|mark| (wanted(mark.attack), order(mark.attack), mark.behind));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_marked_and_the_tame_ones_hold_no_core() {
        for mark in marks(&[]) {
            let holds = |value: &Value, part: &str| match value {
                Value::Str(text) => text.contains(part),
                Value::Bytes(bytes) => String::from_utf8_lossy(bytes).contains(part),
                _ => false,
            };
            assert!(holds(&mark.text, model::MARK), "{mark:?}");
            let entity = mark.attack == Attack::Entity;
            assert!(
                mark.core.is_empty() || entity || !holds(&mark.tame, mark.core),
                "{mark:?}"
            );
        }
    }

    #[test]
    fn what_is_asked_for_comes_first() {
        let first = marks(&[Attack::Address]);
        assert_eq!(first[0].attack, Attack::Address);
        assert_eq!(first.len(), marks(&[]).len());
    }
}
