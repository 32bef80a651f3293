//! Requirements as poetry writes them, in the words of pip.

use toml::Value;

/// What a table of dependencies asks for; what is optional or lies in a folder of the project is left out.
pub fn requirements(table: Option<&Value>) -> Vec<String> {
    let entries = table.and_then(Value::as_table).into_iter().flatten();
    let wanted = entries.filter(|(name, _)| *name != "python");
    wanted.filter_map(|(name, value)| requirement(name, value)).collect()
}

fn requirement(name: &str, value: &Value) -> Option<String> {
    if let Value::String(version) = value {
        return Some(format!("{name}{}", specifiers(version).join(",")));
    }
    // Of several entries for one name, each for another Python or system, the name alone is sure.
    let Some(table) = value.as_table() else {
        return Some(name.to_owned());
    };
    let field = |key: &str| table.get(key).and_then(Value::as_str);
    if table.get("optional").and_then(Value::as_bool) == Some(true) || field("path").is_some() {
        return None;
    }
    let extras: Vec<&str> = table
        .get("extras")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let extras = if extras.is_empty() {
        String::new()
    } else {
        format!("[{}]", extras.join(","))
    };
    let mut line = match (field("git"), field("url")) {
        (Some(git), _) => {
            let at = ["rev", "tag", "branch"].iter().find_map(|key| field(key));
            format!(
                "{name}{extras} @ git+{git}{}",
                at.map_or_else(String::new, |at| format!("@{at}"))
            )
        }
        (_, Some(url)) => format!("{name}{extras} @ {url}"),
        _ => format!(
            "{name}{extras}{}",
            specifiers(field("version").unwrap_or("*")).join(",")
        ),
    };
    let mut markers: Vec<String> = field("markers")
        .map(|marker| format!("({marker})"))
        .into_iter()
        .collect();
    markers.extend(field("python").into_iter().flat_map(specifiers).map(|one| {
        let end = one.find(|c: char| c.is_ascii_digit()).unwrap_or(one.len());
        format!("python_version {} \"{}\"", &one[..end], &one[end..])
    }));
    if !markers.is_empty() {
        line += &format!(" ; {}", markers.join(" and "));
    }
    Some(line)
}

/// `^1.2`, `~1.2`, `1.2.*`, `>=1,<2` as pip's specifiers; none where anything may do.
fn specifiers(version: &str) -> Vec<String> {
    if version.contains('|') {
        return Vec::new();
    }
    version.split(',').map(str::trim).flat_map(one).collect()
}

fn one(part: &str) -> Vec<String> {
    let range = |from: &str, places: usize| {
        let mut numbers: Vec<u64> = from.split('.').map_while(|part| part.parse().ok()).collect();
        numbers.truncate(places.max(1));
        if let Some(last) = numbers.last_mut() {
            *last += 1;
        }
        let upper: Vec<String> = numbers.iter().map(u64::to_string).collect();
        if upper.is_empty() {
            Vec::new()
        } else {
            vec![format!(">={from}"), format!("<{}", upper.join("."))]
        }
    };
    if let Some(from) = part.strip_prefix('^') {
        // The first number that is not zero may not change.
        let zeros = from.split('.').take_while(|number| *number == "0").count();
        return range(from.trim(), (zeros + 1).min(from.split('.').count()));
    }
    if let Some(from) = part.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
        return range(from.trim(), from.split('.').count().min(2));
    }
    match part {
        "" | "*" => Vec::new(),
        plain if plain.starts_with(|c: char| c.is_ascii_digit()) => vec![format!("=={plain}")],
        other => vec![other.replace(' ', "")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_say_a_version_is_told_to_pip() {
        for (said, told) in [
            ("^1.2.3", ">=1.2.3,<2"),
            ("^0.2.3", ">=0.2.3,<0.3"),
            ("^0", ">=0,<1"),
            ("~1.2.3", ">=1.2.3,<1.3"),
            ("~1", ">=1,<2"),
            ("~=1.4", "~=1.4"),
            ("1.2.*", "==1.2.*"),
            (">= 1, <2", ">=1,<2"),
            ("*", ""),
            ("^1 || ^2", ""),
        ] {
            assert_eq!(specifiers(said).join(","), told, "{said}");
        }
    }

    #[test]
    fn tables_are_read_with_what_pip_knows() {
        let table: Value = toml::from_str::<toml::Table>(
            "python = '^3.9'\na = '^1'\nb = {version = '2', extras = ['x'], python = '<3.11'}\nc = {git = 'https://h.invalid/c', tag = 'v1'}\n\
             d = {path = '../d'}\ne = {version = '1', optional = true}\n",
        )
        .map(Value::Table)
        .expect("TOML");
        assert_eq!(
            requirements(Some(&table)),
            [
                "a>=1,<2",
                "b[x]==2 ; python_version < \"3.11\"",
                "c @ git+https://h.invalid/c@v1"
            ]
        );
    }
}
