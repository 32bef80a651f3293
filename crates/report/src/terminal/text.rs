//! Text for a terminal: safe to print, cut where it is too long, broken at words, coloured when asked.

use owo_colors::OwoColorize;

/// What a piece of text is, from which its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// A crash or a hang.
    Grave,
    /// Any other difference.
    Different,
    /// The same.
    Same,
    /// Not verified.
    Unknown,
    /// A name to find quickly.
    Strong,
    /// Needed, but not first.
    Quiet,
}

/// `text` in the colour of `tone`, or as it is.
pub(super) fn paint(text: &str, tone: Tone, color: bool) -> String {
    if !color || text.is_empty() {
        return text.to_owned();
    }
    match tone {
        Tone::Grave => text.red().bold().to_string(),
        Tone::Different => text.yellow().bold().to_string(),
        Tone::Same => text.green().to_string(),
        Tone::Unknown => text.cyan().to_string(),
        Tone::Strong => text.bold().to_string(),
        Tone::Quiet => text.dimmed().to_string(),
    }
}

/// `text` in one line that cannot steer the terminal: what the checked program made is not trusted.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            unsafe_one if unsafe_one.is_control() || is_direction_mark(unsafe_one) => {
                out.extend(unsafe_one.escape_unicode());
            }
            plain => out.push(plain),
        }
    }
    out
}

/// Marks that reverse the direction of text can make a line read as something else.
fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// How many columns `text` takes; characters of double width are few enough to be left out of account.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

/// `text` filled up with blanks to `columns`.
pub(super) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The first `room` columns of `text`, with a mark where something was cut.
pub(crate) fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// Two texts cut to `room` so that what differs between them stays in sight.
pub(crate) fn cut_pair(one: &str, other: &str, room: usize) -> (String, String) {
    if width(one) <= room && width(other) <= room {
        return (one.to_owned(), other.to_owned());
    }
    let common = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    // The difference may stand in the last third, as long as it is in sight.
    let skipped = if common * 3 > room * 2 { common - room / 3 } else { 0 };
    (window(one, skipped, room), window(other, skipped, room))
}

/// `room` columns of `text`: its beginning, and what follows after `skipped` characters.
fn window(text: &str, skipped: usize, room: usize) -> String {
    if skipped == 0 {
        return cut(text, room);
    }
    let lead: String = text.chars().take((room / 6).min(skipped)).collect();
    let rest: String = text.chars().skip(skipped).collect();
    let left = room.saturating_sub(width(&lead) + 3);
    format!("{lead} … {}", cut(&rest, left))
}

/// `text` broken at blanks into lines of at most `room` columns; a longer word stands alone, uncut.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if width(line) + 1 + width(word) <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_steer_the_terminal() {
        let text = safe("a\u{1b}[31mb\nc\u{202e}d");
        assert_eq!(text, "a\\u{1b}[31mb\\nc\\u{202e}d");
    }

    #[test]
    fn the_difference_stays_in_sight() {
        let one: String = (0..60).map(|n| format!("{n}, ")).collect();
        let other = one.replace("55,", "-5,");
        let (was, now) = cut_pair(&one, &other, 60);
        assert!(was.contains("55,") && now.contains("-5,"), "{was} / {now}");
        assert!(width(&was) <= 60 && width(&now) <= 60);
        assert!(was.starts_with("0, 1"));
    }

    #[test]
    fn one_that_ends_where_the_other_goes_on() {
        let one = "x".repeat(100);
        let (was, now) = cut_pair(&one, &one[..90], 40);
        assert_ne!(was, now);
    }

    #[test]
    fn text_is_broken_at_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("", 8), [""]);
        assert_eq!(wrap("much-too-long a", 4), ["much-too-long", "a"]);
    }

    #[test]
    fn colour_only_when_asked() {
        assert_eq!(paint("a", Tone::Grave, false), "a");
        assert!(paint("a", Tone::Grave, true).contains("\u{1b}["));
    }
}
