//! Functions that are named after what is never below zero.

/// What is never below zero.
const MEASURES: [&str; 15] = [
    "duration",
    "price",
    "count",
    "age",
    "size",
    "distance",
    "length",
    "width",
    "height",
    "weight",
    "area",
    "volume",
    "elapsed",
    "quantity",
    "population",
];

/// Words by which a name or a docstring says that it may be.
const SIGNED: [&str; 17] = [
    "delta",
    "diff",
    "difference",
    "offset",
    "change",
    "balance",
    "adjustment",
    "signed",
    "compare",
    "negative",
    "minus",
    "relative",
    "remaining",
    "gain",
    "loss",
    "or",
    "index",
];

/// The measure that a function gives by its name.
pub(super) fn of(name: &str, docstring: &str) -> Option<&'static str> {
    let lower = docstring.to_lowercase();
    let mut said = name.split('_').chain(super::words_of(&lower));
    if said.any(|word| SIGNED[..15].contains(&word)) || name.split('_').any(|word| SIGNED.contains(&word)) {
        return None;
    }
    let last = name.rsplit('_').next()?;
    let counts = name.strip_prefix("count_").map(|_| "count");
    counts.or_else(|| MEASURES.iter().find(|measure| **measure == last).copied())
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_name_says_what_is_never_below_zero() {
        assert_eq!(of("total_price", ""), Some("price"));
        assert_eq!(of("count_words", ""), Some("count"));
        assert_eq!(of("price_change", ""), None);
        assert_eq!(of("age_difference", ""), None);
        assert_eq!(of("distance", "The signed distance to the plane."), None);
        assert_eq!(of("price_list", ""), None);
    }
}
