//! Dates in the forms that formats ask for.

/// A leap day in the form that a date format asks for.
pub(super) fn dated(format: &str) -> Option<String> {
    if !format.contains('%')
        || !["%Y", "%y", "%m", "%d", "%H", "%b", "%B", "%j"]
            .iter()
            .any(|code| format.contains(code))
    {
        return None;
    }
    let mut out = String::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        out.push_str(match rest.next()? {
            'Y' => "2024",
            'y' => "24",
            'm' => "02",
            'd' | 'e' => "29",
            'H' => "13",
            'I' => "01",
            'M' | 'S' => "05",
            'p' => "PM",
            'f' => "000123",
            'b' => "Feb",
            'B' => "February",
            'a' => "Thu",
            'A' => "Thursday",
            'j' => "060",
            'z' => "+0000",
            'Z' => "UTC",
            '%' => "%",
            'F' => "2024-02-29",
            'T' => "13:05:05",
            _ => return None,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_date_formats() {
        assert_eq!(dated("%Y-%m-%dT%H:%M"), Some("2024-02-29T13:05".to_owned()));
        assert_eq!(dated("%d items"), Some("29 items".to_owned()));
        assert_eq!(dated("100%"), None);
        assert_eq!(dated("%Q %Y"), None);
    }
}
