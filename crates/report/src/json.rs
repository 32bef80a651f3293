//! The report as JSON, and the schema it is published with.

use model::report::CheckReport;

/// The report as indented JSON, ended by a newline.
pub fn text(report: &CheckReport) -> String {
    written(report)
}

/// The JSON Schema of the report, as published in `schemas/check-report.schema.json`.
pub fn schema() -> String {
    written(&schemars::schema_for!(CheckReport))
}

/// Any plain value as indented JSON, ended by a newline.
pub(crate) fn written(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain data with text keys can always be written");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample_report;
    use std::path::Path;

    /// Set to rewrite the published schema instead of comparing with it.
    const REWRITE: &str = "COUNTERPROOF_REWRITE_SCHEMAS";

    #[test]
    fn the_published_schema_is_the_generated_one() {
        let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/check-report.schema.json");
        if std::env::var_os(REWRITE).is_some() {
            std::fs::create_dir_all(published.parent().unwrap()).unwrap();
            std::fs::write(&published, schema()).unwrap();
        }
        let committed = std::fs::read_to_string(&published).unwrap_or_default();
        assert!(
            committed == schema(),
            "schemas/check-report.schema.json is not what the types say: run `cargo xtask schemas` and commit the result"
        );
    }

    #[test]
    fn json_reads_back_as_the_same_report() {
        let report = sample_report();
        let read: CheckReport = serde_json::from_str(&text(&report)).unwrap();
        assert_eq!(read, report);
    }

    #[test]
    fn a_report_fits_the_schema() {
        let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
        let report = serde_json::to_value(sample_report()).unwrap();
        jsonschema::validate(&schema, &report).unwrap();
    }

    #[test]
    fn the_promised_fields_are_there() {
        let report = serde_json::to_value(sample_report()).unwrap();
        for field in ["schema", "base", "head", "exit", "seconds", "functions"] {
            assert!(report.get(field).is_some(), "{field}");
        }
        let function = &report["functions"][0];
        for field in ["path", "qualified_name", "line", "status", "inputs", "findings"] {
            assert!(function.get(field).is_some(), "{field}");
        }
        let finding = &function["findings"][0];
        for field in ["id", "kind", "example", "cause"] {
            assert!(finding.get(field).is_some(), "{field}");
        }
    }
}
