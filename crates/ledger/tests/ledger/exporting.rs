//! What is handed out can be checked by itself.

use camino::Utf8Path;
use counterproof_ledger::{Error, ExportFormat, Outcome, Reading};
use model::Record;

use crate::support::{Place, at, verify_with};

fn read(record: &Record, payload: &[u8]) -> Reading {
    Reading {
        started: Some(record.time - jiff::SignedDuration::from_mins(3)),
        judged: record.subject.commit.clone(),
        verdict: Some(String::from_utf8_lossy(payload).into_owned()),
        persons: vec!["Ada Lovelace".to_owned(), "=Grace".to_owned()],
        more: vec![("ticket".to_owned(), "7, or 8".to_owned())],
    }
}

#[test]
fn a_copy_is_a_ledger_of_its_own_with_a_listing() {
    let place = Place::new();
    let ledger = place.filled(520);
    ledger.redact(10, "dpo", b"asked for", at(600)).unwrap();
    for (format, file) in [
        (ExportFormat::Json, "records.json"),
        (ExportFormat::Csv, "records.csv"),
        (ExportFormat::EuAiAct, "eu-ai-act.json"),
    ] {
        let target = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(target.path()).unwrap();
        let checkpoint = ledger.export(folder, format, &read).unwrap();
        let outcome = verify_with(folder, &[place.key.verifying()], &[checkpoint]);
        assert!(
            matches!(&outcome, Outcome::Whole(whole) if whole.redacted == 1 && whole.size == 521),
            "{outcome:?}"
        );
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let keys = std::fs::read_to_string(folder.join("keys.txt")).unwrap();
        assert_eq!(keys.trim_end(), place.key.verifying().to_string());
        assert!(
            std::fs::read_to_string(folder.join("README.md"))
                .unwrap()
                .contains("counterproof ledger verify .")
        );
        match format {
            ExportFormat::Json => {
                let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
                assert_eq!(
                    (rows.len(), &rows[10]["payload"], &rows[15]["verdict"]),
                    (521, &"deleted".into(), &"reason 15".into())
                );
            }
            ExportFormat::Csv => {
                assert_eq!(text.split("\r\n").count(), 523);
                assert!(
                    text.contains("Ada Lovelace; =Grace,\"{\"\"ticket\"\":\"\"7, or 8\"\"}\""),
                    "{}",
                    &text[..3000]
                );
            }
            ExportFormat::EuAiAct => {
                let listing: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert!(listing["articles"]["12(3)(a)"].is_string() && listing["articles"]["26(6)"].is_string());
                let entry = &listing["entries"][15];
                assert_eq!(entry["persons"][0], "Ada Lovelace");
                assert!(entry["period"]["start"].as_str() < entry["period"]["end"].as_str());
            }
        }
        assert!(matches!(
            ledger.export(folder, format, &read),
            Err(Error::Exists { .. })
        ));
    }
}
