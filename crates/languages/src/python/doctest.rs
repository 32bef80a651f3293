//! Examples in docstrings.

/// The statements of the examples in a docstring, each with its continuation lines; what they should print is left out.
pub fn examples(docstring: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in docstring.lines() {
        let line = line.trim_start();
        if let Some(source) = line.strip_prefix(">>>") {
            found.push(source.strip_prefix(' ').unwrap_or(source).to_owned());
            open = true;
        } else if let Some(source) = line.strip_prefix("...")
            && open
            && let Some(last) = found.last_mut()
        {
            last.push('\n');
            last.push_str(source.strip_prefix(' ').unwrap_or(source));
        } else {
            open = false;
        }
    }
    found.retain(|source| !source.trim().is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_statements_with_continuations() {
        let text = "Adds.\n\n    >>> x = [\n    ...     1,\n    ... ]\n    >>> add(x, 2)\n    3\n    ...\n    >>>\n";
        assert_eq!(examples(text), ["x = [\n    1,\n]", "add(x, 2)"]);
    }

    #[test]
    fn finds_none_in_prose() {
        assert!(examples("... and so on\n> quote").is_empty());
    }
}
