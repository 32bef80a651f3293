//! Statements laid out as Black does, for code that is written into a project. Only what this crate prints is understood: simple
//! statements with brackets, strings, numbers and one comparison.
//!
//! The steps are those of Black: a line that is too long is split at its right-hand brackets, what stands in brackets by its
//! delimiters, and parentheses that are not written yet stand around what is asserted or assigned.
//!
//! Source: "The Black code style", <https://black.readthedocs.io/en/stable/the_black_code_style/current_style.html>.

use std::collections::BTreeSet;

use super::leaves::{Delimiter, Kind, Leaf, Line, leaves};

/// How a project writes its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of a line.
    pub width: usize,
    /// Whether strings stand in double quotes where that needs no escape.
    pub double_quotes: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 88,
            double_quotes: true,
        }
    }
}

/// A statement in lines, `indent` columns in.
pub fn laid_out(statement: &str, indent: usize, style: Style) -> Vec<String> {
    let own = statement.len() - statement.trim_start().len();
    let text = statement.trim_start();
    let line = Line {
        indent: indent + own,
        is_inside: false,
        splits: false,
        leaves: leaves(text, style.double_quotes),
    };
    Layout { width: style.width }.line(&line, false)
}

/// A split that cannot be done.
struct CannotSplit;

type Split = Result<Vec<Line>, CannotSplit>;

/// A line in three: up to a bracket, what is in it, and the rest.
struct Parts {
    head: Line,
    body: Line,
    tail: Line,
    open: Leaf,
    close: Leaf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Header,
    Delimiters,
    Brackets,
}

struct Layout {
    width: usize,
}

impl Layout {
    fn fits(&self, line: &Line) -> bool {
        line.width() <= self.width
    }

    /// A line in as many as it takes. With `parentheses` those that are not written yet are, wherever that helps.
    fn line(&self, line: &Line, parentheses: bool) -> Vec<String> {
        if !line.splits && self.fits(line) {
            return vec![line.text()];
        }
        let ways: &[Way] = match line.is_inside {
            _ if line.is_header() => &[Way::Header],
            true => &[Way::Delimiters, Way::Brackets],
            false => &[Way::Brackets],
        };
        let split = ways.iter().find_map(|way| self.by(line, *way, parentheses).ok());
        split.unwrap_or_else(|| vec![line.text()])
    }

    fn by(&self, line: &Line, way: Way, parentheses: bool) -> Result<Vec<String>, CannotSplit> {
        let parts = match way {
            Way::Header => self.header(line)?,
            Way::Delimiters => delimiters(line)?,
            Way::Brackets => self.brackets(line, parentheses)?,
        };
        let whole = line.text();
        if parts.iter().any(|part| part.text() == whole) {
            return Err(CannotSplit);
        }
        let all: Vec<String> = parts.iter().flat_map(|part| self.line(part, parentheses)).collect();
        let open: Vec<&Leaf> = line.leaves.iter().filter(|leaf| leaf.is_invisible()).collect();
        let is_written = |leaf: &&Leaf| {
            let mut new = parts.iter().flat_map(|part| &part.leaves);
            new.any(|other| other.number == leaf.number && !other.is_invisible())
        };
        let is_settled = parentheses || way != Way::Brackets || open.is_empty() || open.iter().any(is_written);
        if is_settled || all.first().is_some_and(|first| self.is_short(first)) {
            return Ok(all);
        }
        let other = self.by(line, way, true)?;
        Ok(if other.iter().all(|line| self.is_short(line)) {
            other
        } else {
            all
        })
    }

    fn is_short(&self, text: &str) -> bool {
        super::leaves::width(text) <= self.width
    }

    /// `def name(`, the parameters, `):`.
    fn header(&self, line: &Line) -> Split {
        let open = line
            .leaves
            .iter()
            .position(|leaf| leaf.kind == Kind::Open)
            .ok_or(CannotSplit)?;
        let close = line
            .leaves
            .iter()
            .rposition(|leaf| leaf.kind == Kind::Close)
            .ok_or(CannotSplit)?;
        if close <= open + 1 {
            return Err(CannotSplit);
        }
        let mut body = line.leaves[open + 1..close].to_vec();
        if !body.iter().any(|leaf| leaf.text == ",") {
            body.push(Leaf::comma());
        }
        Ok(vec![
            line.part(line.leaves[..=open].to_vec()),
            line.inner(body, &line.leaves[open]),
            line.part(line.leaves[close..].to_vec()),
        ])
    }

    /// At the last brackets; those behind them stay together where the first line fits only so.
    fn brackets(&self, line: &Line, parentheses: bool) -> Split {
        let mut first = None;
        for omit in self.omitted(line) {
            let target = line
                .leaves
                .iter()
                .rposition(|leaf| leaf.kind == Kind::Close && !omit.contains(&leaf.number));
            let opens = target.and_then(|at| line.opening(at));
            if !omit.is_empty()
                && opens.is_some_and(|at| !line.leaves[at].is_invisible() && line.start_of(at) > self.width)
            {
                continue;
            }
            let lines = self.choose(last_brackets(line, &omit)?, line, &omit, parentheses)?;
            if lines.first().is_some_and(|first| self.fits(first)) {
                return Ok(lines);
            }
            first = first.or(omit.is_empty().then_some(lines));
        }
        first.ok_or(CannotSplit)
    }

    /// Sets of closing brackets at the end of a line that are no place to split at, one larger than the other.
    fn omitted(&self, line: &Line) -> Vec<BTreeSet<usize>> {
        let mut all = vec![BTreeSet::new()];
        let (mut omit, mut inner) = (BTreeSet::new(), BTreeSet::new());
        let mut length = line.indent;
        let (mut open, mut close): (Option<usize>, Option<usize>) = (None, None);
        for (at, leaf) in line.leaves.iter().enumerate().rev() {
            length += leaf.width();
            if length > self.width {
                break;
            }
            if let Some(opening) = open {
                if at == opening {
                    open = None;
                } else if leaf.kind == Kind::Close {
                    inner.insert(leaf.number);
                }
            } else if leaf.kind == Kind::Close {
                if at > 0 && line.leaves[at - 1].kind == Kind::Open {
                    inner.insert(leaf.number);
                    continue;
                }
                if let Some(close) = close {
                    omit.insert(close);
                    omit.append(&mut inner);
                    all.push(omit.clone());
                }
                if !leaf.is_invisible() {
                    open = line.opening(at);
                    close = Some(leaf.number);
                }
            }
        }
        all
    }

    /// Without the parentheses that are not written yet, where it reads as well.
    fn choose(&self, parts: Parts, line: &Line, omit: &BTreeSet<usize>, parentheses: bool) -> Split {
        if !parentheses && parts.open.is_invisible() && self.reads_without(&parts.body) {
            let mut more = omit.clone();
            more.insert(parts.close.number);
            let without = last_brackets(line, &more).and_then(|without| match self.prefers(&without, &parts) {
                true => self.choose(without, line, &more, parentheses).map(Some),
                false => Ok(None),
            });
            match without {
                Ok(Some(lines)) => return Ok(lines),
                Ok(None) => {}
                Err(CannotSplit) if parts.body.leaves.len() < 2 && !self.fits(&parts.body) => return Err(CannotSplit),
                Err(CannotSplit) => {}
            }
        }
        let Parts {
            mut head,
            body,
            mut tail,
            ..
        } = parts;
        head.leaves.last_mut().into_iter().for_each(Leaf::write);
        tail.leaves.first_mut().into_iter().for_each(Leaf::write);
        let lines = [head, body, tail].into_iter().filter(|line| !line.leaves.is_empty());
        Ok(lines.collect())
    }

    /// Whether what stands in parentheses that are not written yet needs none.
    fn reads_without(&self, body: &Line) -> bool {
        let delimiters = body.delimiters();
        let Some(highest) = delimiters.iter().flatten().max() else {
            return true;
        };
        if delimiters.iter().flatten().filter(|other| *other == highest).count() > 1 {
            return false;
        }
        if *highest == Delimiter::Dot {
            return true;
        }
        let [first, second, ..] = &body.leaves[..] else {
            return true;
        };
        if first.kind == Kind::Open && second.kind != Kind::Close && self.opening_will_do(body) {
            return true;
        }
        let [.., before, last] = &body.leaves[..] else {
            return true;
        };
        let ends = last.kind == Kind::Close && (last.text != "]" || !last.is_trailer);
        ends && before.kind != Kind::Open && self.closing_will_do(body)
    }

    fn opening_will_do(&self, body: &Line) -> bool {
        let first = body
            .leaves
            .iter()
            .enumerate()
            .position(|(at, leaf)| leaf.kind == Kind::Close && body.opening(at) == Some(0));
        let (mut remainder, mut length) = (false, body.indent);
        for (at, leaf) in body.leaves.iter().enumerate() {
            remainder |= Some(at) == first;
            if remainder {
                length += leaf.width();
                if length > self.width {
                    return false;
                }
                remainder = leaf.kind != Kind::Open;
            }
        }
        true
    }

    fn closing_will_do(&self, body: &Line) -> bool {
        let Some(opening) = body.opening(body.leaves.len() - 1) else {
            return false;
        };
        let others = body.leaves[..opening].iter().any(|leaf| leaf.kind == Kind::Open);
        others || body.start_of(opening) + body.leaves[opening].width() <= self.width
    }

    /// Whether a split without the parentheses is better than one with them: of what is assigned to an item, not always.
    fn prefers(&self, without: &Parts, with: &Parts) -> bool {
        let head = &with.head.leaves;
        let [before @ .., sign, _] = &head[..] else { return true };
        let is_long = with.head.width() + 1 > self.width;
        if sign.text != "=" || !before.iter().any(|leaf| leaf.kind != Kind::Other) || is_long {
            return true;
        }
        let mut assigned = without.head.leaves.iter().rev().take_while(|leaf| leaf.text != "=");
        assigned.any(|leaf| leaf.kind == Kind::Close)
            || without.head.leaves.iter().any(|leaf| leaf.text == "=") && self.fits(&without.head)
    }
}

/// A line in three at its last brackets that hold something.
fn last_brackets(line: &Line, omit: &BTreeSet<usize>) -> Result<Parts, CannotSplit> {
    let leaves = &line.leaves;
    let found = (0..leaves.len()).rev().find_map(|close| {
        let leaf = &leaves[close];
        let open = line
            .opening(close)
            .filter(|_| leaf.kind == Kind::Close && !omit.contains(&leaf.number))?;
        (open + 1 < close).then_some((open, close))
    });
    let (open, close) = found.ok_or(CannotSplit)?;
    Ok(Parts {
        head: line.part(leaves[..=open].to_vec()),
        body: line.inner(leaves[open + 1..close].to_vec(), &leaves[open]),
        tail: line.part(leaves[close..].to_vec()),
        open: leaves[open].clone(),
        close: leaves[close].clone(),
    })
}

/// A part a line, at the delimiters of the highest rank.
fn delimiters(line: &Line) -> Split {
    let marks = line.delimiters();
    let last = marks.len().saturating_sub(1);
    let highest = *marks[..last].iter().flatten().max().ok_or(CannotSplit)?;
    let count = marks.iter().flatten().filter(|mark| **mark == highest).count();
    if highest == Delimiter::Dot && count == 1 {
        return Err(CannotSplit);
    }
    let mut parts: Vec<Vec<Leaf>> = vec![Vec::new()];
    let depths = line.depths();
    let mut is_safe = true;
    for ((leaf, mark), depth) in line.leaves.iter().zip(&marks).zip(depths) {
        is_safe &= depth > 0 || !leaf.is_unpacking;
        parts.last_mut().into_iter().for_each(|part| part.push(leaf.clone()));
        if *mark == Some(highest) {
            parts.push(Vec::new());
        }
    }
    parts.retain(|part| !part.is_empty());
    if let Some(end) = parts.last_mut().filter(|_| is_safe && highest == Delimiter::Comma)
        && end.last().is_some_and(|leaf| leaf.text != ",")
    {
        end.push(Leaf::comma());
    }
    let lines = parts.into_iter().map(|leaves| Line {
        indent: line.indent,
        is_inside: line.is_inside,
        splits: false,
        leaves,
    });
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(statement: &str, width: usize) -> String {
        let style = Style {
            width,
            double_quotes: true,
        };
        laid_out(statement, 4, style).join("\n")
    }

    #[test]
    fn what_fits_is_one_line_in_the_quotes_of_the_project() {
        assert_eq!(
            lines("assert f('a', \"it's\", b'\\x00', 'say \"x\"') == 'b\\n'", 88),
            "    assert f(\"a\", \"it's\", b\"\\x00\", 'say \"x\"') == \"b\\n\""
        );
        let single = Style {
            width: 10,
            double_quotes: false,
        };
        assert_eq!(laid_out("assert 'a'", 0, single), ["assert 'a'"]);
    }

    #[test]
    fn displays_are_split_item_by_item_and_arguments_stay_together() {
        assert_eq!(
            lines("assert f([1, 2]) == [100, 200, {'a': 1}]", 30),
            "    assert f([1, 2]) == [\n        100,\n        200,\n        {\"a\": 1},\n    ]"
        );
        assert_eq!(
            lines("result = some_function(1, 2, key=3)", 30),
            "    result = some_function(\n        1, 2, key=3\n    )"
        );
        assert_eq!(
            lines("result = f(first=[1, 2, 3], second=4444444)", 30),
            "    result = f(\n        first=[1, 2, 3],\n        second=4444444,\n    )"
        );
    }

    #[test]
    fn a_comparison_that_ends_in_no_bracket_is_put_in_parentheses() {
        assert_eq!(
            lines("assert function([1, 2, 3]) == 5", 32),
            "    assert (\n        function([1, 2, 3]) == 5\n    )"
        );
        assert_eq!(
            lines("assert function([1, 2, 3]) == 'abcdef'", 32),
            "    assert (\n        function([1, 2, 3])\n        == \"abcdef\"\n    )"
        );
    }

    #[test]
    fn brackets_that_hold_nothing_stay_with_what_they_follow() {
        assert_eq!(
            lines("assert Bits(first=1, second=2).total() == 'abcdefghijkl'", 44),
            "    assert (\n        Bits(first=1, second=2).total()\n        == \"abcdefghijkl\"\n    )"
        );
        assert_eq!(
            lines("result = Bits(first=1, second=2).total()", 40),
            "    result = Bits(\n        first=1, second=2\n    ).total()"
        );
        assert_eq!(
            lines("a['key'] = function(111, 222, 333)", 32),
            "    a[\"key\"] = function(\n        111, 222, 333\n    )"
        );
    }

    #[test]
    fn strings_and_numbers_are_written_as_black_has_them() {
        assert_eq!(
            lines("f('both \\' and \"', '\\'', 'a\\\\', 1e+16, 1e-07, (1+2j), -1)", 88),
            "    f(\"both ' and \\\"\", \"'\", \"a\\\\\", 1e16, 1e-07, (1 + 2j), -1)"
        );
        assert_eq!(lines("f('日本', 'a')", 18), "    f(\"日本\", \"a\")");
        assert_eq!(
            lines("f('日本', 'a')", 17),
            "    f(\n        \"日本\",\n        \"a\",\n    )"
        );
    }

    #[test]
    fn a_header_is_split_at_its_parameters() {
        let style = Style {
            width: 20,
            double_quotes: true,
        };
        let header = |text: &str| laid_out(text, 0, style).join("\n");
        assert_eq!(header("def test_a(cart):"), "def test_a(cart):");
        assert_eq!(header("def test_name(capsys):"), "def test_name(\n    capsys,\n):");
        assert_eq!(header("def test_name(capsys, a):"), "def test_name(\n    capsys, a\n):");
        assert_eq!(header("def test_long_name():"), "def test_long_name():");
    }

    #[test]
    fn what_cannot_be_split_stays() {
        let long = format!("assert {}", "x".repeat(60));
        assert_eq!(lines(&long, 30), format!("    {long}"));
        assert_eq!(lines("f()", 3), "    f()");
        assert_eq!(
            lines("with pytest.raises(ValueError) as raised:", 88),
            "    with pytest.raises(ValueError) as raised:"
        );
    }
}
