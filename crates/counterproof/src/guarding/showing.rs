//! Text that an agent wrote, as it is shown to a person who decides on it: what steers a terminal, changes the order of letters or is not
//! seen at all stands there as what it is.

/// A text of several lines; each is shown whole.
pub fn whole(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(escaped).collect();
    lines.join("\n")
}

/// A text as one line: its first that says something, and how many more there are.
pub fn line(text: &str) -> String {
    let mut lines = text.split('\n').filter(|line| !line.trim().is_empty());
    let first = escaped(lines.next().unwrap_or_default());
    match lines.count() {
        0 => first,
        1 => format!("{first} … and 1 more line"),
        more => format!("{first} … and {more} more lines"),
    }
}

fn escaped(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            c if c.is_control() || is_unseen(c) => shown.push_str(&format!("\\u{{{:04x}}}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown
}

/// Whether a character is not seen, breaks a line, or changes the order in which others are seen.
///
/// Source: the Unicode Character Database, `Default_Ignorable_Code_Point` and `Bidi_Control`, and its separators of lines.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides() {
        let text = "\n\nls\u{1b}[2K\u{202e}x\u{200b}\r\t\u{e0041}é\n\nterraform destroy\nrm";
        assert_eq!(
            line(text),
            "ls\\u{001b}[2K\\u{202e}x\\u{200b}\\r\\t\\u{e0041}é … and 2 more lines"
        );
        assert_eq!(line("a\nb"), "a … and 1 more line");
        assert_eq!(whole("a\u{7}\nb"), "a\\u{0007}\nb");
        assert_eq!((line(""), line("a\n")), (String::new(), "a".to_owned()));
    }
}
