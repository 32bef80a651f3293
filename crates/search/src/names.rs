//! What the name of a parameter says about its values.

/// Words for counts, places and the like, of which a negative one makes little sense.
const NATURAL: [&str; 71] = [
    "year",
    "month",
    "day",
    "weekday",
    "dom",
    "hour",
    "hours",
    "minute",
    "minutes",
    "second",
    "seconds",
    "secs",
    "age",
    "port",
    "base",
    "radix",
    "n",
    "k",
    "m",
    "num",
    "number",
    "count",
    "size",
    "length",
    "len",
    "limit",
    "max",
    "maximum",
    "min",
    "minimum",
    "total",
    "capacity",
    "i",
    "j",
    "index",
    "idx",
    "pos",
    "position",
    "offset",
    "start",
    "stop",
    "end",
    "lo",
    "hi",
    "low",
    "high",
    "left",
    "right",
    "width",
    "height",
    "depth",
    "indent",
    "level",
    "columns",
    "rows",
    "w",
    "h",
    "step",
    "page",
    "per_page",
    "precision",
    "ndigits",
    "digits",
    "id",
    "pk",
    "weight",
    "quantity",
    "qty",
    "stock",
    "amount",
    "cents",
];

/// Whether a name is that of a count, or the like: the last of its words decides.
pub(crate) fn is_natural(name: &str) -> bool {
    let lower = name.trim_matches('_').to_ascii_lowercase();
    lower.rsplit('_').any(|word| NATURAL.contains(&word)) || NATURAL.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_by_their_words() {
        assert!(is_natural("max_count") && is_natural("per_page") && is_natural("_n"));
        assert!(!is_natural("price") && !is_natural("zyzzyva") && !is_natural(""));
    }
}
