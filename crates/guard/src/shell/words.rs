//! Reading words: quotes, variables, substitutions.

use super::parse::{MOST, Parser, Unparsed, is_meta};
use super::tree::{Form, Part, Word};

impl Word {
    /// A word of one text.
    pub fn text(text: &str, quoted: bool) -> Self {
        Self {
            parts: vec![Part::Text {
                text: text.to_owned(),
                quoted,
            }],
        }
    }

    /// A place that is filled in later; where it is not, nobody knows what stands there.
    pub(super) fn mark(number: usize) -> Self {
        Self {
            parts: vec![Part::Variable {
                name: format!("\0{number}"),
                form: Form::Plain,
                quoted: true,
            }],
        }
    }

    /// The number of such a place.
    pub(super) fn marked(&self) -> Option<usize> {
        match self.parts.as_slice() {
            [Part::Variable { name, .. }] => name.strip_prefix('\0')?.parse().ok(),
            _ => None,
        }
    }

    /// The text, if there is nothing but text in it.
    pub fn literal(&self) -> Option<String> {
        let mut all = String::new();
        for part in &self.parts {
            match part {
                Part::Text { text, .. } => all.push_str(text),
                _ => return None,
            }
        }
        Some(all)
    }

    /// The end of a here-document, of which nothing is expanded.
    pub(super) fn as_delimiter(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text { text, .. } => text.clone(),
            Part::Variable { name, .. } => format!("${name}"),
            _ => String::new(),
        };
        self.parts.iter().map(text).collect()
    }

    /// Adds characters; those with the same quoting make one text.
    pub(super) fn push(&mut self, more: &str, is_quoted: bool) {
        match self.parts.last_mut() {
            Some(Part::Text { text, quoted }) if *quoted == is_quoted => text.push_str(more),
            _ => self.parts.push(Part::Text {
                text: more.to_owned(),
                quoted: is_quoted,
            }),
        }
    }

    fn push_char(&mut self, c: char, is_quoted: bool) {
        self.push(c.encode_utf8(&mut [0; 4]), is_quoted);
    }
}

impl Parser<'_> {
    /// The next word; none where something else begins.
    pub fn word(&mut self) -> Result<Option<Word>, Unparsed> {
        let (mut word, start) = (Word::default(), self.at);
        while let Some(c) = self.peek() {
            self.worked()?;
            match c {
                '<' | '>' if self.rest()[1..].starts_with('(') => {
                    self.at += 2;
                    let script = self.script(&[])?;
                    self.close(")")?;
                    word.parts.push(Part::Process(script));
                }
                '(' if self.text[start..self.at].ends_with(['?', '*', '+', '@', '!']) && self.at > start => {
                    self.pattern(&mut word)?;
                }
                c if is_meta(c) => break,
                _ => self.part(&mut word)?,
            }
        }
        Ok((self.at > start).then_some(word))
    }

    /// A piece of a word outside double quotes.
    fn part(&mut self, word: &mut Word) -> Result<(), Unparsed> {
        match self.take() {
            Some('\\') => match self.take() {
                Some('\n') => {}
                Some(c) => word.push_char(c, true),
                None => word.push("\\", true),
            },
            Some('\'') => {
                let rest = self.rest();
                let end = rest.find('\'').ok_or_else(|| self.wrong("a quote that does not end"))?;
                word.push(&rest[..end], true);
                self.at += end + 1;
            }
            Some('"') => {
                // Quotes around nothing are a word, too.
                word.push("", true);
                self.quoted(word, Some('"'))?;
            }
            Some('$') => self.dollar(word, false)?,
            Some('`') => self.backticks(word, false)?,
            Some(c) => word.push_char(c, false),
            None => {}
        }
        Ok(())
    }

    /// `?(…)` and its like: a pattern, as it stands.
    fn pattern(&mut self, word: &mut Word) -> Result<(), Unparsed> {
        let mut open = 0;
        loop {
            let c = self.take().ok_or_else(|| self.wrong("a pattern that does not end"))?;
            self.worked()?;
            word.push_char(c, false);
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return Ok(());
            }
        }
    }

    fn close(&mut self, bracket: &str) -> Result<(), Unparsed> {
        if self.eat(bracket) {
            return Ok(());
        }
        Err(self.wrong("a substitution that does not end"))
    }

    /// The text of a here-document.
    pub fn here_text(&mut self) -> Result<Word, Unparsed> {
        let mut word = Word::default();
        word.push("", true);
        self.quoted(&mut word, None)?;
        Ok(word)
    }

    /// What stands between double quotes, the closing one included; without one, all.
    fn quoted(&mut self, word: &mut Word, end: Option<char>) -> Result<(), Unparsed> {
        while let Some(c) = self.take() {
            self.worked()?;
            match c {
                c if Some(c) == end => return Ok(()),
                '\\' => match self.peek() {
                    Some('\n') => self.at += 1,
                    Some(next @ ('$' | '`' | '\\')) => {
                        self.at += 1;
                        word.push_char(next, true);
                    }
                    Some('"') if end.is_some() => {
                        self.at += 1;
                        word.push("\"", true);
                    }
                    _ => word.push("\\", true),
                },
                '$' => self.dollar(word, true)?,
                '`' => self.backticks(word, true)?,
                c => word.push_char(c, true),
            }
        }
        match end {
            None => Ok(()),
            Some(_) => Err(self.wrong("a quote that does not end")),
        }
    }

    /// What follows a dollar.
    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Result<(), Unparsed> {
        let variable = |name: &str| Part::Variable {
            name: name.to_owned(),
            form: Form::Plain,
            quoted,
        };
        match self.peek() {
            Some('\'') if !quoted => {
                self.at += 1;
                self.escapes(word)?;
            }
            Some('"') if !quoted => {
                self.at += 1;
                word.push("", true);
                self.quoted(word, Some('"'))?;
            }
            Some('(') => {
                let start = self.at;
                if self.eat("((") {
                    if let Some(inside) = self.deeper(Self::arithmetic)? {
                        word.parts.push(Part::Arithmetic(inside));
                        return Ok(());
                    }
                    self.at = start;
                }
                self.at += 1;
                let script = self.script(&[])?;
                self.close(")")?;
                word.parts.push(Part::Substitution { script, quoted });
            }
            Some('{') => {
                self.at += 1;
                let part = self.deeper(|parser| parser.parameter(quoted))?;
                word.parts.push(part);
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let rest = self.rest();
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(rest.len());
                word.parts.push(variable(&rest[..end]));
                self.at += end;
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.at += 1;
                word.parts.push(variable(c.encode_utf8(&mut [0; 4])));
            }
            _ => word.push("$", quoted),
        }
        Ok(())
    }

    /// `${…}`, after its opening bracket.
    fn parameter(&mut self, quoted: bool) -> Result<Part, Unparsed> {
        let is_length = self.rest().starts_with('#') && !self.rest().starts_with("#}");
        let is_indirect = self.rest().starts_with('!');
        if is_length || is_indirect {
            self.at += 1;
        }
        let rest = self.rest();
        let end = match rest.chars().next() {
            Some(c) if "@*#?-$!".contains(c) => 1,
            _ => rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(rest.len()),
        };
        let name = rest[..end].to_owned();
        self.at += end;
        let is_element = self.rest().starts_with('[');
        let form = if is_length || is_indirect || is_element || name.is_empty() {
            Form::Other(self.brace_word(quoted)?)
        } else if self.eat("}") {
            Form::Plain
        } else if self.eat(":-") || self.eat("-") {
            Form::Default {
                word: self.brace_word(quoted)?,
                assigns: false,
            }
        } else if self.eat(":=") || self.eat("=") {
            Form::Default {
                word: self.brace_word(quoted)?,
                assigns: true,
            }
        } else if self.eat(":+") || self.eat("+") {
            Form::Alternative(self.brace_word(quoted)?)
        } else if self.rest().starts_with(':') && !self.rest().starts_with(":?") {
            self.at += 1;
            Form::Slice(self.brace_word(quoted)?)
        } else {
            Form::Other(self.brace_word(quoted)?)
        };
        Ok(Part::Variable { name, form, quoted })
    }

    /// A word up to the bracket that closes a parameter.
    fn brace_word(&mut self, quoted: bool) -> Result<Word, Unparsed> {
        let mut word = Word::default();
        loop {
            self.worked()?;
            match self.peek() {
                None => return Err(self.wrong("a parameter that does not end")),
                Some('}') => {
                    self.at += 1;
                    return Ok(word);
                }
                Some('\'') if quoted => {
                    self.at += 1;
                    word.push("'", true);
                }
                Some(_) => self.part(&mut word)?,
            }
        }
    }

    /// `` `…` ``, after the opening one.
    fn backticks(&mut self, word: &mut Word, quoted: bool) -> Result<(), Unparsed> {
        let mut inside = String::new();
        loop {
            self.worked()?;
            match self.take() {
                None => return Err(self.wrong("a substitution that does not end")),
                Some('`') => break,
                Some('\\') => match self.peek() {
                    Some(next @ ('`' | '\\' | '$')) => {
                        self.at += 1;
                        inside.push(next);
                    }
                    Some('"') if quoted => {
                        self.at += 1;
                        inside.push('"');
                    }
                    _ => inside.push('\\'),
                },
                Some(c) => inside.push(c),
            }
        }
        let script = self.deeper(|parser| parser.inner(&inside, |inner| inner.script(&[])))?;
        word.parts.push(Part::Substitution { script, quoted });
        Ok(())
    }

    /// `$'…'`, after its opening quote. Source: Bash Reference Manual, "ANSI-C Quoting".
    fn escapes(&mut self, word: &mut Word) -> Result<(), Unparsed> {
        word.push("", true);
        loop {
            self.worked()?;
            match self.take() {
                None => return Err(self.wrong("a quote that does not end")),
                Some('\'') => return Ok(()),
                Some('\\') => {
                    let c = self.take().ok_or_else(|| self.wrong("a quote that does not end"))?;
                    let code = match c {
                        'n' => Some('\n'),
                        't' => Some('\t'),
                        'r' => Some('\r'),
                        'a' => Some('\u{7}'),
                        'b' => Some('\u{8}'),
                        'e' | 'E' => Some('\u{1b}'),
                        'f' => Some('\u{c}'),
                        'v' => Some('\u{b}'),
                        'x' => self.code(16, 2),
                        'u' => self.code(16, 4),
                        'U' => self.code(16, 8),
                        '0'..='7' => {
                            self.at -= 1;
                            self.code(8, 3)
                        }
                        'c' => self.take().and_then(|c| char::from_u32(c as u32 & 0x1f)),
                        other => Some(other),
                    };
                    word.push_char(code.unwrap_or('\u{fffd}'), true);
                }
                Some(c) => word.push_char(c, true),
            }
        }
    }

    /// A number of at most so many digits, as a character.
    fn code(&mut self, radix: u32, most: usize) -> Option<char> {
        let digits: String = self
            .rest()
            .chars()
            .take(most)
            .take_while(|c| c.is_digit(radix))
            .collect();
        self.at += digits.len();
        u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32)
    }

    /// What stands in `(( … ))`, after its opening; none where that is not how it ends.
    pub fn arithmetic(&mut self) -> Result<Option<Word>, Unparsed> {
        let (mut word, mut open) = (Word::default(), 0);
        loop {
            self.worked()?;
            match self.take() {
                None => return Ok(None),
                Some('(') => {
                    open += 1;
                    word.push("(", true);
                }
                Some(')') if open > 0 => {
                    open -= 1;
                    word.push(")", true);
                }
                Some(')') => return Ok(self.eat(")").then_some(word)),
                Some('$') => self.dollar(&mut word, true)?,
                Some('`') => self.backticks(&mut word, true)?,
                Some(c) => word.push_char(c, true),
            }
        }
    }

    /// Reads something inside, whose text is another one than that of the line.
    pub(super) fn inner<T>(
        &mut self,
        text: &str,
        read: impl FnOnce(&mut Parser<'_>) -> Result<T, Unparsed>,
    ) -> Result<T, Unparsed> {
        let mut inner = Parser::of(text, self.depth);
        inner.work = self.work;
        let read = read(&mut inner)?;
        self.work = inner.work;
        Ok(read)
    }

    /// Counts what is read: what is read again and again, in brackets that may be one thing or another, comes to an end.
    fn worked(&mut self) -> Result<(), Unparsed> {
        self.work += 1;
        if self.work > 4 * MOST {
            return Err(Unparsed::TooDeep);
        }
        Ok(())
    }
}
