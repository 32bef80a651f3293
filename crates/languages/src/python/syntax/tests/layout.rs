//! Whatever a formatter may do to layout, fingerprints stay.

use proptest::prelude::*;

use super::super::{Outline, whole};
use super::parsed;

/// Whole logical lines: each may be broken and commented between tokens inside brackets.
const LINES: [&str; 12] = [
    "x = f(a, b, [1, 2], {'k': 'v'})",
    "def g(a, b=2, *c, d: int = 3, **e) -> str:",
    "    return (a + b) * (c[0] - d)",
    "class K(Base):",
    "    field: int = (3)",
    "    def m(self, q):",
    "        for i in range(q):",
    "            if i in (1, 2, 3):",
    "                yield (i, [j for j in (q, i) if (j > 0)])",
    "        return {'a': (1), 'b': f(q)}",
    "async def h(z):",
    "    await (f(z, k='text', l=f'{z}'))",
];

/// Breaks, blanks and comments, one choice for each place where layout is free.
fn reformat(choices: &[u8]) -> String {
    let mut choices = choices.iter().copied().cycle();
    let mut next = move || choices.next().unwrap_or(0);
    let mut out = String::new();
    for line in LINES {
        for _ in 0..next() % 3 {
            out.push_str(["\n", "# comment\n", "   \n"][usize::from(next() % 3)]);
        }
        let mut depth = 0_u32;
        let mut quote = None;
        for (at, c) in line.char_indices() {
            out.push(c);
            match (quote, c) {
                (None, '\'') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (Some(_), _) => continue,
                (None, '(' | '[' | '{') => depth += 1,
                (None, ')' | ']' | '}') => depth -= 1,
                _ => {}
            }
            let free =
                depth > 0 && quote.is_none() && matches!(c, '(' | '[' | '{' | ',' | ' ') && !line[..at].ends_with('f');
            if free {
                out.push_str(["", " ", "\n   ", "  # c\n", "", ""][usize::from(next() % 6)]);
            }
        }
        out.push_str(["\n", "  \n", "  # end\n"][usize::from(next() % 3)]);
    }
    out
}

proptest! {
    #[test]
    fn layout_never_changes_a_fingerprint(choices in proptest::collection::vec(any::<u8>(), 1..200)) {
        let (plain, formatted) = (parsed(&LINES.join("\n")), parsed(&reformat(&choices)));
        prop_assert_eq!(whole(&plain), whole(&formatted));
        let (one, other) = (Outline::of(&plain), Outline::of(&formatted));
        for (a, b) in one.functions.iter().zip(&other.functions) {
            prop_assert_eq!(&a.qualified_name, &b.qualified_name);
            prop_assert_eq!((a.code, a.signature, a.annotations, a.decorators), (b.code, b.signature, b.annotations, b.decorators));
            prop_assert_eq!(&a.uses, &b.uses);
        }
        prop_assert_eq!(one.body, other.body);
    }

    #[test]
    fn quotes_and_parentheses_never_change_a_fingerprint(double in any::<bool>(), parens in 0_usize..4, value in "[a-z ]{0,12}") {
        let quote = if double { '"' } else { '\'' };
        let source = format!("def f(a):\n    return {}{quote}{value}{quote} + a{}\n", "(".repeat(parens), ")".repeat(parens));
        let plain = format!("def f(a):\n    return '{value}' + a\n");
        prop_assert_eq!(whole(&parsed(&source)), whole(&parsed(&plain)));
    }
}
