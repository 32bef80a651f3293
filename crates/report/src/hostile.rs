//! Whatever the checked program makes of its values, no format is broken by it: each is read by a parser that is not ours.

use crate::testing::full_report;
use crate::{github, junit, markdown, sarif};
use model::report::CheckReport;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Texts that mean something to one of the formats.
const PIECES: [&str; 34] = [
    "\n",
    "\r\n",
    "]]>",
    "|",
    "\\|",
    "\\",
    "`",
    "```",
    "~~~",
    "::error file=a::b",
    "\n::error::",
    "<!--",
    "</code>",
    "</details>",
    "<script>",
    "&#124;",
    "&",
    "\"",
    "'",
    "@somebody",
    "#1",
    "[x](http://y)",
    "](",
    "\0",
    "\u{1b}[2J",
    "\u{202e}",
    "%0A",
    ",",
    ":",
    "*",
    "    ",
    "{0}",
    "x",
    "é\u{1f600}",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![3 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => ".{0,4}"];
    prop_oneof![
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat()),
        proptest::sample::select(&PIECES[..]).prop_map(|piece| piece.repeat(700)),
    ]
}

/// Puts a text wherever a program or a repository has its say.
fn filled(texts: &[String]) -> CheckReport {
    let mut report = full_report();
    let mut next = texts.iter().cycle().cloned();
    let mut put = |place: &mut String| *place = next.next().unwrap_or_default();
    for function in &mut report.functions {
        put(&mut function.path);
        put(&mut function.qualified_name);
        function.reason.iter_mut().for_each(&mut put);
        function.called_through = Some(String::new());
        function.called_through.iter_mut().for_each(&mut put);
        for finding in &mut function.findings {
            put(&mut finding.cause);
            put(&mut finding.example.call);
            put(&mut finding.example.base);
            put(&mut finding.example.head);
            finding.example.aspect.iter_mut().for_each(&mut put);
            finding.example.setup.iter_mut().for_each(&mut put);
            finding.cause_place.iter_mut().for_each(|place| put(&mut place.path));
        }
    }
    for test in &mut report.tests {
        put(&mut test.path);
        put(&mut test.name);
        put(&mut test.text);
        test.mentions.iter_mut().for_each(&mut put);
        test.before.iter_mut().for_each(&mut put);
        test.after.iter_mut().for_each(&mut put);
        test.place.iter_mut().for_each(|place| put(&mut place.path));
    }
    for file in &mut report.unverified {
        put(&mut file.path);
        put(&mut file.reason);
    }
    put(&mut report.base.name);
    put(&mut report.head.name);
    report.interpreter.iter_mut().for_each(&mut put);
    report.notes.iter_mut().for_each(&mut put);
    report.missing_layers.iter_mut().for_each(&mut put);
    report
}

/// The same report with as many findings, files and tests as a large change has.
fn large(mut report: CheckReport) -> CheckReport {
    let functions = report.functions.clone();
    let (tests, files) = (report.tests.clone(), report.unverified.clone());
    for _ in 0..12 {
        report.functions.extend(functions.iter().cloned());
        report.tests.extend(tests.iter().cloned());
        report.unverified.extend(files.iter().cloned());
    }
    for (at, function) in report.functions.iter_mut().enumerate() {
        function.findings.iter_mut().for_each(|one| one.cause_place = None);
        function
            .reason
            .iter_mut()
            .for_each(|reason| reason.push_str(&at.to_string()));
    }
    report
}

/// What a Markdown text consists of, without the content of its code.
fn shape(text: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    let mut shape = Vec::new();
    let mut in_code = false;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Code(_) => shape.push("code".to_owned()),
            Event::InlineHtml(html) if html.as_ref() == "<code>" => in_code = true,
            Event::InlineHtml(html) if html.as_ref() == "</code>" => {
                in_code = false;
                shape.push("code".to_owned());
            }
            Event::InlineHtml(html) | Event::Html(html) => shape.push(html.to_string()),
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(_) if in_code => {}
            Event::Text(text) => assert!(!text.contains('@'), "a mention in {text}"),
            Event::Start(tag) => {
                assert!(!matches!(tag, Tag::Link { .. } | Tag::Image { .. }), "a link in {text}");
                shape.push(format!("{:?}", std::mem::discriminant(&tag)));
            }
            Event::End(_) => {}
            other => shape.push(format!("{other:?}")),
        }
    }
    shape
}

/// How many cells each row of each table has.
fn rows(text: &str) -> Vec<usize> {
    let options = Options::ENABLE_TABLES;
    let mut rows = Vec::new();
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::TableRow | Tag::TableHead) => rows.push(0),
            Event::Start(Tag::TableCell) => *rows.last_mut().expect("a row") += 1,
            _ => {}
        }
    }
    rows
}

/// All HTML outside of code.
fn html(text: &str) -> Vec<String> {
    let is_html = |part: &String| part.contains('<') && !part.starts_with("Discriminant");
    shape(text).into_iter().filter(is_html).collect()
}

/// Whether a piece of HTML is of our own words alone.
fn is_own(part: &str) -> bool {
    let inner = part.trim_end().strip_prefix("<details><summary>");
    let inner = inner.and_then(|inner| inner.strip_suffix("</summary>"));
    match inner {
        Some(words) => words
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || " :".contains(one)),
        None => ["</details>", "<br>"].contains(&part.trim_end()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_format(texts in proptest::collection::vec(hostile(), 1..12)) {
        let report = filled(&texts);

        let log: serde_json::Value = serde_json::from_str(&sarif::text(&report)).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        for result in results {
            prop_assert!(!result["message"]["text"].as_str().unwrap().contains("]("));
            let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            prop_assert!(uri.as_str().unwrap().bytes().all(|byte| byte.is_ascii_graphic()));
        }

        let xml = junit::text(&report);
        let read = roxmltree::Document::parse(&xml).unwrap();
        let cases = read.descendants().filter(|node| node.has_tag_name("testcase")).count();
        let told = report.tests.iter().filter(|test| crate::tell::test(test.status).is_some()).count();
        prop_assert_eq!(cases, report.functions.len() + told + report.unverified.len());

        for line in github::text(&report).lines() {
            let known = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
            prop_assert!(known, "{}", line);
            let properties = line.split("::").nth(1).unwrap();
            prop_assert!(properties.split(',').all(|part| part.split_once('=').is_some()), "{}", line);
        }

        let text = markdown::text(&report);
        prop_assert!(rows(&text).iter().all(|cells| *cells == 5), "{}", text);
        let html = html(&text);
        prop_assert!(html.iter().all(|part| is_own(part)), "{:?} in {}", html, text);
        let begun = html.iter().filter(|part| part.starts_with("<details>")).count();
        prop_assert_eq!(begun, html.iter().filter(|part| part.starts_with("</details>")).count());
        prop_assert!(begun >= 5, "{}", text);
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn markdown_stays_short(texts in proptest::collection::vec(hostile(), 1..6)) {
        let text = markdown::text(&large(filled(&texts)));
        prop_assert!(text.chars().count() < 60_000, "{}", text.chars().count());
        prop_assert!(rows(&text).iter().all(|cells| *cells == 5), "{}", text);
    }
}
