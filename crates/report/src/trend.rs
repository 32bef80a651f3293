//! A trend, for people.

use std::fmt::Write;

use model::Trend;
use model::trend::Group;

use crate::terminal::safe;

/// The JSON Schema of a trend, as published in `schemas/trend.schema.json`.
pub fn schema() -> String {
    crate::json::written(&schemars::schema_for!(Trend))
}

/// In lines: of each group how many went out and how many failed, with the interval; then what that says.
pub fn terminal(trend: &Trend) -> String {
    let mut text = String::new();
    line(&mut text, "all", &trend.overall);
    for (title, groups) in [
        ("by author", &trend.by_author),
        ("by tool", &trend.by_tool),
        ("by tier", &trend.by_tier),
        ("by evidence", &trend.by_evidence),
        ("by override", &trend.by_overridden),
    ] {
        if groups.iter().all(|group| group.deliveries == 0) {
            continue;
        }
        let _ = writeln!(text, "{title}");
        for group in groups.iter().filter(|group| group.deliveries > 0) {
            line(&mut text, &format!("  {}", safe(&group.name)), group);
        }
    }
    text.push('\n');
    for sentence in &trend.text {
        let _ = writeln!(text, "{}", safe(sentence));
    }
    text
}

fn line(text: &mut String, name: &str, group: &Group) {
    let few = if group.too_few { "  too few to tell" } else { "" };
    let _ = writeln!(
        text,
        "{name:<24} {:>6} went out {:>6} failed  {:>5.1} % ({:.1} to {:.1}){few}",
        group.deliveries,
        group.failures,
        group.rate.unwrap_or_default() * 100.0,
        group.low * 100.0,
        group.high * 100.0
    );
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::schema;

    #[test]
    fn the_published_schema_is_the_generated_one() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/trend.schema.json");
        let committed = std::fs::read_to_string(file).unwrap_or_default();
        assert!(committed == schema(), "run `cargo xtask schemas` and commit the result");
    }
}
