//! Lines of head that differ from base, layout aside.

use imara_diff::{Algorithm, Diff, InternedInput};

/// A range of lines of a text, both ends included, from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines<'a> {
    pub text: &'a str,
    pub first: u32,
    pub last: u32,
}

/// Lines of `head` that are new or changed; where lines were only removed, the line that follows them.
pub(crate) fn changed(base: Lines<'_>, head: Lines<'_>) -> Vec<u32> {
    let (old, new) = (significant(base), significant(head));
    let mut input: InternedInput<&str> = InternedInput::default();
    input.update_before(
        old.iter()
            .map(|(_, line)| line.as_str())
            .collect::<Vec<_>>()
            .into_iter(),
    );
    input.update_after(
        new.iter()
            .map(|(_, line)| line.as_str())
            .collect::<Vec<_>>()
            .into_iter(),
    );
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let mut lines = Vec::new();
    for hunk in diff.hunks() {
        let (start, end) = (hunk.after.start as usize, hunk.after.end as usize);
        let touched = if start == end {
            start..(start + 1).min(new.len())
        } else {
            start..end
        };
        lines.extend(touched.map(|at| new[at].0));
    }
    lines.dedup();
    lines
}

/// Lines with code, without blanks and comments that stand alone.
fn significant(lines: Lines<'_>) -> Vec<(u32, String)> {
    let first = lines.first.max(1);
    let numbered = (first..).zip(lines.text.lines().skip(first as usize - 1));
    numbered
        .take_while(|(number, _)| *number <= lines.last)
        .map(|(number, line)| {
            (
                number,
                line.split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
                    .trim_end_matches(',')
                    .to_owned(),
            )
        })
        .filter(|(_, line)| {
            !line.is_empty() && !line.starts_with('#') && !line.chars().all(|c| matches!(c, ')' | ']' | '}' | ','))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Lines<'_> {
        Lines {
            text,
            first: 1,
            last: u32::MAX,
        }
    }

    #[test]
    fn finds_changed_lines_and_the_line_after_a_removal() {
        assert_eq!(changed(of("a\nb\nc\n"), of("a\nx\nc\n")), [2]);
        assert_eq!(changed(of("a\nb\nc\n"), of("a\nc\n")), [2]);
        assert_eq!(changed(of("a\nb\n"), of("  a\n\n# note\n  b\n")), [] as [u32; 0]);
    }
}
