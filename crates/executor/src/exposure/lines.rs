//! Command lines and statements read as a shell and a database would read them: does the mark stand where it does something?

use model::MARK;

/// Whether a shell that runs `line` would run the mark as a command of its own: after a separator or in a substitution, and not in
/// quotes. At the very start it is what the caller was asked for.
pub fn runs_mark(line: &str) -> bool {
    Shell {
        rest: line.as_bytes(),
        at: 0,
    }
    .commands(None, false)
}

/// A cursor in a command line, as in POSIX, Shell Command Language, sections 2.2 and 2.3.
struct Shell<'l> {
    rest: &'l [u8],
    at: usize,
}

impl Shell<'_> {
    /// Reads commands until `end`; whether one of them, other than the first where it does not count, is the mark.
    fn commands(&mut self, end: Option<u8>, mut counts: bool) -> bool {
        let mut starts = true;
        while let Some(byte) = self.next() {
            if Some(byte) == end {
                return false;
            }
            match byte {
                b';' | b'&' | b'|' | b'\n' | b'(' => (starts, counts) = (true, true),
                b' ' | b'\t' | b'\r' => {}
                b'\'' => self.until(b'\''),
                b'"' => {
                    if self.quoted() {
                        return true;
                    }
                    starts = false;
                }
                b'`' => {
                    if self.commands(Some(b'`'), true) {
                        return true;
                    }
                }
                b'$' if self.peek() == Some(b'(') => {
                    self.at += 1;
                    if self.commands(Some(b')'), true) {
                        return true;
                    }
                    starts = false;
                }
                b'\\' => {
                    self.at += 1;
                    starts = false;
                }
                b'#' if starts => self.until(b'\n'),
                _ => {
                    if starts && counts && self.rest[self.at - 1..].starts_with(MARK.as_bytes()) {
                        return true;
                    }
                    starts = false;
                }
            }
            if byte == b'\'' {
                starts = false;
            }
        }
        false
    }

    /// The rest of a text in double quotes; whether a substitution in it runs the mark.
    fn quoted(&mut self) -> bool {
        while let Some(byte) = self.next() {
            match byte {
                b'"' => return false,
                b'\\' => self.at += 1,
                b'`' if self.commands(Some(b'`'), true) => return true,
                b'$' if self.peek() == Some(b'(') => {
                    self.at += 1;
                    if self.commands(Some(b')'), true) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    fn until(&mut self, end: u8) {
        while let Some(byte) = self.next() {
            if byte == end {
                return;
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        self.at += 1;
        self.rest.get(self.at - 1).copied()
    }
}

/// Whether the mark's `OR` is a part of the statement: the text around it has ended a literal, or was never in one.
pub fn changes_statement(statement: &str) -> bool {
    let tokens = sql_tokens(statement);
    tokens.windows(2).any(|pair| {
        pair[0].eq_ignore_ascii_case("or") && pair[1].len() > 1 && pair[1].contains(MARK) && quoted(pair[1])
    })
}

fn quoted(token: &str) -> bool {
    token.starts_with(['\'', '"', '`'])
}

/// The tokens of a statement: literals and quoted names whole, with their quotes (a doubled one is a part of them), words, and
/// other characters one by one; no comments.
fn sql_tokens(statement: &str) -> Vec<&str> {
    let bytes = statement.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            quote @ (b'\'' | b'"' | b'`') => {
                at += 1;
                while at < bytes.len() {
                    if bytes[at] == quote {
                        if bytes.get(at + 1) != Some(&quote) {
                            break;
                        }
                        at += 1;
                    }
                    at += 1;
                }
                at = (at + 1).min(bytes.len());
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = statement[at..].find('\n').map_or(bytes.len(), |end| at + end);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = statement[at..].find("*/").map_or(bytes.len(), |end| at + end + 2);
                continue;
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
            }
            _ => at += statement[at..].chars().next().map_or(1, char::len_utf8),
        }
        tokens.push(&statement[start..at]);
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_behind_a_separator_runs() {
        for line in [
            "ping a;xmarkx",
            "ping a; xmarkx",
            "ping $(xmarkx)",
            "ping \"$(xmarkx)\"",
            "ping `xmarkx`",
            "ping a && xmarkx",
            "ping a\nxmarkx",
            "ping 'a';xmarkx;''",
            "(xmarkx)",
        ] {
            assert!(runs_mark(line), "{line}");
        }
    }

    #[test]
    fn a_quoted_one_does_not_nor_the_one_that_was_asked_for() {
        for line in [
            "ping 'a;xmarkx'",
            "ping \"a;xmarkx\"",
            "ping a\\;xmarkx",
            "ping '$(xmarkx)'",
            "ping \"\\$(xmarkx)\"",
            "ping 'a'\"'\"';xmarkx;'\"'\"''",
            "xmarkx -v",
            "ping xmarkx",
            "ping a;b # xmarkx",
            "ping a;axmarkx",
        ] {
            assert!(!runs_mark(line), "{line}");
        }
    }

    #[test]
    fn a_literal_that_ends_changes_the_statement() {
        for statement in [
            "select * from t where name = 'x' OR 'xmarkx'='xmarkx'",
            "select * from t where id = 0 OR 'xmarkx'='xmarkx'",
            "select * from \"x\" OR \"xmarkx\"=\"xmarkx\"",
        ] {
            assert!(changes_statement(statement), "{statement}");
        }
    }

    #[test]
    fn a_literal_that_holds_all_of_it_does_not() {
        for statement in [
            "select * from t where name = 'x'' OR ''xmarkx''=''xmarkx'",
            "select * from t where name = 'x\" OR \"xmarkx\"=\"xmarkx'",
            "select * from t where name = ?",
            "select 'xmarkx' -- ' OR 'xmarkx'",
            "select * from \"x\"\" OR \"\"xmarkx\"\"=\"\"xmarkx\"",
        ] {
            assert!(!changes_statement(statement), "{statement}");
        }
    }
}
