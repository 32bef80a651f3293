//! Reading a line: lists, pipelines, compound commands.

use std::collections::HashMap;

use super::tree::{Assignment, Command, Item, Kind, Link, Pipeline, Redirect, RedirectKind, Script, Simple, Word};

/// Bytes of a line that is read.
pub const MOST: usize = 256 * 1024;
/// How deep substitutions, groups and quotes may lie in one another.
const DEEPEST: u32 = 48;

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unparsed {
    /// It is longer than [`MOST`].
    #[error("it is longer than {MOST} bytes")]
    TooLong,
    /// It is nested too deeply.
    #[error("it is nested more than {DEEPEST} deep")]
    TooDeep,
    /// It is no line of a shell.
    #[error("{what} at byte {at}")]
    Syntax {
        /// Where.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
}

/// Reads a line, or several.
///
/// # Errors
/// When it is too long, nested too deeply, or no line of a shell.
pub fn parse(text: &str) -> Result<Script, Unparsed> {
    if text.len() > MOST {
        return Err(Unparsed::TooLong);
    }
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        work: 0,
        pending: Vec::new(),
        texts: HashMap::new(),
    };
    let script = parser.script(&[])?;
    match parser.peek() {
        None => Ok(script),
        Some(_) => Err(parser.wrong("something that closes nothing")),
    }
}

/// A here-document whose text is yet to come.
struct Pending {
    delimiter: String,
    /// Whether its text is taken as it is.
    quoted: bool,
    strips_tabs: bool,
    /// Which redirection it belongs to, by its number.
    number: usize,
}

pub(super) struct Parser<'a> {
    pub text: &'a str,
    pub at: usize,
    pub depth: u32,
    /// Characters that were looked at.
    pub work: usize,
    pending: Vec<Pending>,
    /// Texts of here-documents by the numbers of their redirections, until they are put there.
    texts: HashMap<usize, Word>,
}

impl<'a> Parser<'a> {
    /// A parser of a piece, for words in it.
    pub fn of(text: &'a str, depth: u32) -> Self {
        Self {
            text,
            at: 0,
            depth,
            work: 0,
            pending: Vec::new(),
            texts: HashMap::new(),
        }
    }

    pub fn wrong(&self, what: &'static str) -> Unparsed {
        Unparsed::Syntax { at: self.at, what }
    }

    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub fn eat(&mut self, token: &str) -> bool {
        let is_there = self.rest().starts_with(token);
        if is_there {
            self.at += token.len();
        }
        is_there
    }

    /// Goes one level deeper for the time of `read`.
    pub fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Unparsed>) -> Result<T, Unparsed> {
        if self.depth >= DEEPEST {
            return Err(Unparsed::TooDeep);
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Skips blanks, joined lines and a comment.
    fn blanks(&mut self) {
        loop {
            if self.eat("\\\n") || self.eat("\\\r\n") {
                continue;
            }
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('#') => {
                    let end = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.at += end;
                }
                _ => return,
            }
        }
    }

    /// Skips whatever separates commands, and reads the texts of here-documents at each end of a line.
    fn lines(&mut self) -> Result<(), Unparsed> {
        loop {
            self.blanks();
            match self.peek() {
                Some('\n') => {
                    self.at += 1;
                    self.here_documents()?;
                }
                Some(';') if !self.rest().starts_with(";;") && !self.rest().starts_with(";&") => self.at += 1,
                _ => return Ok(()),
            }
        }
    }

    /// Newlines where nothing may have been left open.
    fn newlines(&mut self) -> Result<(), Unparsed> {
        loop {
            self.blanks();
            if self.peek() != Some('\n') {
                return Ok(());
            }
            self.at += 1;
            self.here_documents()?;
        }
    }

    fn here_documents(&mut self) -> Result<(), Unparsed> {
        for pending in std::mem::take(&mut self.pending) {
            let mut text = String::new();
            loop {
                if self.at >= self.text.len() {
                    // The end of the line ends it, too.
                    break;
                }
                let rest = self.rest();
                let line = rest.split('\n').next().unwrap_or(rest);
                self.at += line.len() + usize::from(rest.len() > line.len());
                let line = if pending.strips_tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                if line.trim_end_matches('\r') == pending.delimiter {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            let word = if pending.quoted {
                Word::text(&text, true)
            } else {
                self.inner(&text, |inner| inner.here_text())?
            };
            self.texts.insert(pending.number, word);
        }
        Ok(())
    }

    /// Commands up to one of these words, a closing bracket, or the end.
    pub fn script(&mut self, until: &[&str]) -> Result<Script, Unparsed> {
        self.deeper(|parser| {
            let mut script = Script::default();
            loop {
                parser.lines()?;
                if parser.is_end(until) {
                    // What a here-document lacks at the end of the text is empty.
                    if parser.peek().is_none() {
                        parser.here_documents()?;
                    }
                    // All at once, so that many of them do not look for their places in many commands, each for itself.
                    put(&mut script, &mut parser.texts);
                    return Ok(script);
                }
                let item = parser.item()?;
                script.items.push(item);
            }
        })
    }

    fn is_end(&self, until: &[&str]) -> bool {
        match self.peek() {
            None | Some(')') => true,
            Some(';') => self.rest().starts_with(";;") || self.rest().starts_with(";&"),
            Some(_) => until.iter().any(|word| self.is_reserved(word)),
        }
    }

    /// Whether the next word is this one, alone.
    fn is_reserved(&self, word: &str) -> bool {
        let Some(rest) = self.rest().strip_prefix(word) else {
            return false;
        };
        rest.chars().next().is_none_or(is_meta)
    }

    fn eat_reserved(&mut self, word: &str) -> bool {
        let is_there = self.is_reserved(word);
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    fn expect(&mut self, word: &'static str) -> Result<(), Unparsed> {
        self.blanks();
        if self.eat_reserved(word) {
            return Ok(());
        }
        Err(self.wrong("a compound command that does not end"))
    }

    fn item(&mut self) -> Result<Item, Unparsed> {
        let mut chain = vec![(Link::First, self.pipeline()?)];
        loop {
            self.blanks();
            let link = if self.eat("&&") {
                Link::And
            } else if self.eat("||") {
                Link::Or
            } else {
                break;
            };
            self.newlines()?;
            chain.push((link, self.pipeline()?));
        }
        let background = self.rest().starts_with('&') && !self.rest().starts_with("&>") && self.eat("&");
        Ok(Item { chain, background })
    }

    fn pipeline(&mut self) -> Result<Pipeline, Unparsed> {
        self.blanks();
        while self.eat_reserved("!") || self.eat_reserved("time") || self.eat_reserved("coproc") {
            self.blanks();
            while self.rest().starts_with("-p ") {
                self.at += 3;
                self.blanks();
            }
        }
        let mut commands = vec![self.command()?];
        loop {
            self.blanks();
            if self.rest().starts_with("||") || !(self.eat("|&") || self.eat("|")) {
                return Ok(Pipeline { commands });
            }
            self.newlines()?;
            commands.push(self.command()?);
        }
    }

    fn command(&mut self) -> Result<Command, Unparsed> {
        self.blanks();
        let kind = match self.compound()? {
            Some(kind) => kind,
            None => return self.simple(),
        };
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            match self.redirect()? {
                Some(redirect) => redirects.extend(redirect),
                None => return Ok(Command { kind, redirects }),
            }
        }
    }

    /// A compound command; none where a simple one begins.
    fn compound(&mut self) -> Result<Option<Kind>, Unparsed> {
        if self.rest().starts_with("((")
            && let Some(kind) = self.arithmetic_command()?
        {
            return Ok(Some(kind));
        }
        if self.eat("(") {
            let script = self.script(&[])?;
            if !self.eat(")") {
                return Err(self.wrong("a subshell that does not end"));
            }
            return Ok(Some(Kind::Subshell(script)));
        }
        if self.eat_reserved("{") {
            let script = self.script(&["}"])?;
            self.expect("}")?;
            return Ok(Some(Kind::Group(script)));
        }
        if self.eat_reserved("if") {
            return self.conditional().map(Some);
        }
        if self.eat_reserved("while") || self.eat_reserved("until") {
            let condition = self.script(&["do"])?;
            let body = self.done()?;
            return Ok(Some(Kind::Loop { condition, body }));
        }
        if self.eat_reserved("for") || self.eat_reserved("select") {
            return self.deeper(Self::for_loop).map(Some);
        }
        if self.eat_reserved("case") {
            return self.deeper(Self::case).map(Some);
        }
        if self.eat_reserved("function") {
            self.blanks();
            let name = self.plain_name();
            self.blanks();
            if self.eat("(") {
                self.blanks();
                self.eat(")");
            }
            self.newlines()?;
            let body = self.deeper(Self::command)?;
            return Ok(Some(Kind::Function {
                name,
                body: Box::new(body),
            }));
        }
        if self.eat_reserved("[[") {
            return self.test().map(Some);
        }
        Ok(None)
    }

    fn conditional(&mut self) -> Result<Kind, Unparsed> {
        let mut arms = Vec::new();
        loop {
            let condition = self.script(&["then"])?;
            self.expect("then")?;
            let body = self.script(&["elif", "else", "fi"])?;
            arms.push((condition, body));
            self.blanks();
            if self.eat_reserved("elif") {
                continue;
            }
            let otherwise = if self.eat_reserved("else") {
                Some(self.script(&["fi"])?)
            } else {
                None
            };
            self.expect("fi")?;
            return Ok(Kind::If { arms, otherwise });
        }
    }

    fn done(&mut self) -> Result<Script, Unparsed> {
        self.expect("do")?;
        let body = self.script(&["done"])?;
        self.expect("done")?;
        Ok(body)
    }

    fn for_loop(&mut self) -> Result<Kind, Unparsed> {
        self.blanks();
        if self.rest().starts_with("((") {
            // `for ((i = 0; …))`: what is substituted in it is looked at, its values are not.
            let head = self
                .arithmetic_command()?
                .ok_or_else(|| self.wrong("a loop without a head"))?;
            self.lines()?;
            let body = if self.eat_reserved("{") {
                let body = self.script(&["}"])?;
                self.expect("}")?;
                body
            } else {
                self.done()?
            };
            let condition = Script::of(head);
            return Ok(Kind::Loop { condition, body });
        }
        let variable = self.plain_name();
        self.newlines()?;
        let words = if self.eat_reserved("in") {
            let mut words = Vec::new();
            loop {
                self.blanks();
                match self.word()? {
                    Some(word) => words.push(word),
                    None => break,
                }
            }
            Some(words)
        } else {
            None
        };
        self.lines()?;
        let body = if self.eat_reserved("{") {
            let body = self.script(&["}"])?;
            self.expect("}")?;
            body
        } else {
            self.done()?
        };
        Ok(Kind::For { variable, words, body })
    }

    fn case(&mut self) -> Result<Kind, Unparsed> {
        self.blanks();
        let word = self.word()?.ok_or_else(|| self.wrong("a case of nothing"))?;
        self.newlines()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines()?;
            if self.eat_reserved("esac") {
                return Ok(Kind::Case { word, arms });
            }
            self.eat("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.extend(self.word()?);
                self.blanks();
                if self.eat("|") {
                    continue;
                }
                if self.eat(")") {
                    break;
                }
                return Err(self.wrong("a case that does not end"));
            }
            let body = self.script(&["esac"])?;
            arms.push((patterns, body));
            self.blanks();
            let _ = self.eat(";;&") || self.eat(";;") || self.eat(";&");
        }
    }

    /// `[[ … ]]`: its words, whatever stands between them.
    fn test(&mut self) -> Result<Kind, Unparsed> {
        let mut words = Vec::new();
        loop {
            self.newlines()?;
            if self.eat_reserved("]]") {
                return Ok(Kind::Test(words));
            }
            match self.word()? {
                Some(word) => words.push(word),
                None if self.peek().is_some() => {
                    self.take();
                }
                None => return Err(self.wrong("a test that does not end")),
            }
        }
    }

    /// `(( … ))`; none where it is a subshell in a subshell.
    fn arithmetic_command(&mut self) -> Result<Option<Kind>, Unparsed> {
        let start = self.at;
        self.at += 2;
        let word = self.deeper(Self::arithmetic)?;
        if let Some(word) = word {
            let inside = &self.text[start + 2..self.at - 2];
            let nested = self.inner(inside, |inner| {
                let script = inner.script(&[])?;
                Ok(inner.peek().is_none().then_some(script))
            });
            return Ok(Some(Kind::Arithmetic {
                word,
                // What is no line of a shell is arithmetic and nothing else.
                nested: nested.unwrap_or_default(),
            }));
        }
        self.at = start;
        Ok(None)
    }

    /// A name that stands there as it is.
    fn plain_name(&mut self) -> String {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .find(|(_, c)| is_meta(*c) || matches!(c, '"' | '\'' | '$' | '`' | '\\'))
            .map_or(rest.len(), |(at, _)| at);
        self.at += end;
        rest[..end].to_owned()
    }

    fn simple(&mut self) -> Result<Command, Unparsed> {
        let (mut simple, mut redirects) = (Simple::default(), Vec::new());
        loop {
            self.blanks();
            if let Some(found) = self.redirect()? {
                redirects.extend(found);
                continue;
            }
            if simple.words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                simple.assignments.push(assignment);
                continue;
            }
            let start = self.at;
            let Some(word) = self.word()? else {
                break;
            };
            // `name() …` defines a function.
            if simple.words.is_empty() && simple.assignments.is_empty() && self.peek() == Some('(') {
                let name = self.text[start..self.at].to_owned();
                self.at += 1;
                self.blanks();
                if !self.eat(")") {
                    return Err(self.wrong("a bracket that opens nothing"));
                }
                self.newlines()?;
                let body = self.deeper(Self::command)?;
                let kind = Kind::Function {
                    name,
                    body: Box::new(body),
                };
                return Ok(Command { kind, redirects });
            }
            simple.words.push(word);
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && redirects.is_empty() {
            return Err(self.wrong("no command"));
        }
        Ok(Command {
            kind: Kind::Simple(simple),
            redirects,
        })
    }

    /// `NAME=…`; none where a word begins.
    fn assignment(&mut self) -> Result<Option<Assignment>, Unparsed> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let name = &rest[..end];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        let mut after = &rest[end..];
        let (mut is_array, mut is_list) = (false, false);
        let mut place = String::new();
        if after.starts_with('[') {
            let Some(close) = after.find(']') else {
                return Ok(None);
            };
            is_array = true;
            place = after[1..close].to_owned();
            after = &after[close + 1..];
        }
        let appends = after.starts_with("+=");
        if !appends && !after.starts_with('=') {
            return Ok(None);
        }
        self.at += rest.len() - after.len() + if appends { 2 } else { 1 };
        let mut values = Vec::new();
        if self.eat("(") {
            // `a[0]=(…)` is none.
            is_list = !is_array;
            is_array = true;
            loop {
                self.newlines()?;
                if self.eat(")") {
                    break;
                }
                match self.word()? {
                    Some(word) => values.push(word),
                    None => return Err(self.wrong("an array that does not end")),
                }
            }
        } else {
            values.push(self.word()?.unwrap_or_default());
        }
        // Commands in the place run, too: `a[$(…)]=1`.
        if place.contains(['$', '`']) {
            values.extend(self.inner(&format!("\"{place}\""), |inner| inner.word())?);
        }
        Ok(Some(Assignment {
            name: name.to_owned(),
            values,
            appends,
            is_array,
            is_list,
        }))
    }

    /// A redirection; none where there is none. `&>` and `>&` with a file lead both outputs there, which is one file all the same.
    fn redirect(&mut self) -> Result<Option<Vec<Redirect>>, Unparsed> {
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mut skip = digits;
        if rest.starts_with('{')
            && let Some(close) = rest.find('}')
            && rest[close + 1..].starts_with(['<', '>'])
            && rest[1..close].chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            skip = close + 1;
        }
        let sign = &rest[skip..];
        // `<(` and `>(` are words.
        if sign.starts_with("<(") || sign.starts_with(">(") {
            return Ok(None);
        }
        const SIGNS: [(&str, RedirectKind); 14] = [
            ("&>>", RedirectKind::Append),
            ("&>", RedirectKind::Write),
            ("<<<", RedirectKind::HereWord),
            ("<<-", RedirectKind::Here),
            ("<<", RedirectKind::Here),
            ("<&", RedirectKind::Duplicate),
            ("<>", RedirectKind::Write),
            ("<", RedirectKind::Read),
            (">>", RedirectKind::Append),
            (">&", RedirectKind::Duplicate),
            (">|", RedirectKind::Write),
            (">!", RedirectKind::Write),
            (">", RedirectKind::Write),
            ("&<", RedirectKind::Read),
        ];
        let Some((text, kind)) = SIGNS.iter().find(|(text, _)| sign.starts_with(text)) else {
            return Ok(None);
        };
        if skip > 0 && text.starts_with('&') {
            return Ok(None);
        }
        self.at += skip + text.len();
        self.blanks_in_line();
        let start = self.at;
        let Some(target) = self.word()? else {
            return Err(self.wrong("a redirection to nothing"));
        };
        let mut kind = *kind;
        if kind == RedirectKind::Here {
            let raw = &self.text[start..self.at];
            let number = start;
            self.pending.push(Pending {
                delimiter: target.as_delimiter(),
                quoted: raw.contains(['\'', '"', '\\']),
                strips_tabs: *text == "<<-",
                number,
            });
            // The text is put here when it was read; until then the place is marked by its number.
            return Ok(Some(vec![Redirect {
                kind,
                target: Word::mark(number),
            }]));
        }
        if kind == RedirectKind::Duplicate {
            let raw = &self.text[start..self.at];
            let is_number = raw.trim_end_matches('-').chars().all(|c| c.is_ascii_digit());
            if !is_number {
                kind = RedirectKind::Write;
            }
        }
        Ok(Some(vec![Redirect { kind, target }]))
    }

    fn blanks_in_line(&mut self) {
        while self.eat("\\\n") || matches!(self.peek(), Some(' ' | '\t')) && self.take().is_some() {}
    }
}

/// Whether a word ends before this.
pub(super) fn is_meta(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

/// Puts texts of here-documents where they belong.
fn put(script: &mut Script, texts: &mut HashMap<usize, Word>) {
    for item in &mut script.items {
        for (_, pipeline) in &mut item.chain {
            for command in &mut pipeline.commands {
                if texts.is_empty() {
                    return;
                }
                put_in_command(command, texts);
            }
        }
    }
}

fn put_in_command(command: &mut Command, texts: &mut HashMap<usize, Word>) {
    for redirect in &mut command.redirects {
        if redirect.kind == RedirectKind::Here
            && let Some(word) = redirect.target.marked().and_then(|number| texts.remove(&number))
        {
            redirect.target = word;
        }
    }
    match &mut command.kind {
        Kind::Group(script) | Kind::Subshell(script) | Kind::For { body: script, .. } => put(script, texts),
        Kind::If { arms, otherwise } => {
            for (condition, body) in arms {
                put(condition, texts);
                put(body, texts);
            }
            if let Some(otherwise) = otherwise {
                put(otherwise, texts);
            }
        }
        Kind::Loop { condition, body } => {
            put(condition, texts);
            put(body, texts);
        }
        Kind::Case { arms, .. } => arms.iter_mut().for_each(|(_, body)| put(body, texts)),
        Kind::Function { body, .. } => put_in_command(body, texts),
        Kind::Simple(_) | Kind::Test(_) | Kind::Arithmetic { .. } => {}
    }
}

impl Script {
    fn of(kind: Kind) -> Self {
        let command = Command {
            kind,
            redirects: Vec::new(),
        };
        let pipeline = Pipeline {
            commands: vec![command],
        };
        Self {
            items: vec![Item {
                chain: vec![(Link::First, pipeline)],
                background: false,
            }],
        }
    }
}
