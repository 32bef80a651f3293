//! Objects of the standard library as the calls that make them: `Fraction(5, 8)`, `date(2024, 2, 29)`.

use model::Observed;

use super::literal;

/// The call that makes an object which was observed as `items` (see PROTOCOL.md and `describing.py`); `None` for a class that
/// is not known here, and for what does not have the form that its class is observed in.
///
/// The result is what stands for the class, and the arguments.
pub(super) fn call(class: &str, items: &Observed) -> Option<(&'static str, Vec<String>)> {
    let numbers = || match items {
        Observed::Tuple(items) => items.iter().map(whole).collect::<Option<Vec<String>>>(),
        _ => None,
    };
    let text = || match items {
        Observed::Str(text) => Some(text.as_str()),
        _ => None,
    };
    Some(match class {
        "fractions.Fraction" => ("Fraction", numbers()?),
        "range" => ("range", range(numbers()?)?),
        "slice" => ("slice", numbers()?),
        "datetime.timedelta" => ("timedelta", duration(&numbers()?)?),
        "datetime.date" => ("date", date(text()?)?),
        "datetime.time" => ("time", time(text()?)?),
        "datetime.datetime" => {
            let (day, hour) = text()?.split_once('T')?;
            ("datetime", date(day)?.into_iter().chain(time(hour)?).collect())
        }
        "datetime.timezone" => return zone(text()?),
        "re.Pattern" => ("re.compile", pattern(items)?),
        _ => return None,
    })
}

/// Whether instances of a built-in class are made from several arguments that are observed as a tuple: exceptions.
pub(super) fn is_exception(class: &str) -> bool {
    let by_name = ["Error", "Exception", "Warning"]
        .iter()
        .any(|ending| class.ends_with(ending));
    !class.contains('.') && (by_name || ["KeyboardInterrupt", "StopIteration", "SystemExit"].contains(&class))
}

fn whole(value: &Observed) -> Option<String> {
    match value {
        Observed::None => Some("None".to_owned()),
        Observed::Int(number) => Some(number.to_string()),
        Observed::BigInt(number) => Some(literal::integer(number)),
        _ => None,
    }
}

fn range(mut numbers: Vec<String>) -> Option<Vec<String>> {
    if numbers.len() != 3 {
        return None;
    }
    if numbers[2] == "1" {
        numbers.pop();
        if numbers[0] == "0" {
            numbers.remove(0);
        }
    }
    Some(numbers)
}

fn duration(numbers: &[String]) -> Option<Vec<String>> {
    let names = ["days", "seconds", "microseconds"];
    let given = names.iter().zip(numbers).filter(|(_, number)| *number != "0");
    let given: Vec<String> = given.map(|(name, number)| format!("{name}={number}")).collect();
    let whole = numbers.len() == names.len();
    whole.then(|| if given.is_empty() { vec!["0".to_owned()] } else { given })
}

/// Numbers without the zeros in front of them, which Python does not take.
fn parts(text: &str, mark: char) -> Option<Vec<String>> {
    text.split(mark)
        .map(|part| part.parse::<u32>().ok().map(|number| number.to_string()))
        .collect()
}

fn date(text: &str) -> Option<Vec<String>> {
    parts(text, '-').filter(|parts| parts.len() == 3)
}

/// `12:00:00` or `12:00:00.000000`: hour and minute always, what follows where it is not zero.
fn time(text: &str) -> Option<Vec<String>> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut numbers = parts(clock, ':').filter(|parts| parts.len() == 3)?;
    numbers.push(fraction.parse::<u32>().ok()?.to_string());
    while numbers.len() > 2 && numbers.last().is_some_and(|last| last == "0") {
        numbers.pop();
    }
    Some(numbers)
}

fn zone(name: &str) -> Option<(&'static str, Vec<String>)> {
    let offset = name.strip_prefix("UTC")?;
    if offset.is_empty() {
        return Some(("timezone", vec!["timedelta(0)".to_owned()]));
    }
    let hours = offset.strip_prefix(['+', '-'])?;
    let numbers = parts(hours, ':').filter(|parts| parts.len() == 2)?;
    let sign = if offset.starts_with('-') { "-" } else { "" };
    let hours = format!("hours={sign}{}", numbers[0]);
    let minutes = (numbers[1] != "0").then(|| format!(", minutes={sign}{}", numbers[1]));
    let offset = format!("timedelta({hours}{})", minutes.unwrap_or_default());
    Some(("timezone", vec![offset]))
}

/// The flag that every pattern of text has.
const UNICODE: i64 = 32;

fn pattern(items: &Observed) -> Option<Vec<String>> {
    let Observed::Tuple(parts) = items else { return None };
    let [source, Observed::Int(flags)] = parts.as_slice() else {
        return None;
    };
    let (source, flags) = match source {
        Observed::Str(text) => (literal::string(text), flags & !UNICODE),
        Observed::Bytes(bytes) => (literal::bytes(bytes), *flags),
        _ => return None,
    };
    Some(
        std::iter::once(source)
            .chain((flags != 0).then(|| flags.to_string()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(class: &str, items: &Observed) -> String {
        call(class, items).map_or_else(String::new, |(name, args)| format!("{name}({})", args.join(", ")))
    }

    fn numbers(numbers: &[i64]) -> Observed {
        Observed::Tuple(numbers.iter().copied().map(Observed::Int).collect())
    }

    fn text(text: &str) -> Observed {
        Observed::Str(text.to_owned())
    }

    #[test]
    fn what_is_written_can_be_pasted() {
        for (class, items, expected) in [
            ("fractions.Fraction", numbers(&[5, 8]), "Fraction(5, 8)"),
            ("range", numbers(&[0, 5, 1]), "range(5)"),
            ("range", numbers(&[1, 5, 2]), "range(1, 5, 2)"),
            (
                "datetime.timedelta",
                numbers(&[-1, 0, 7]),
                "timedelta(days=-1, microseconds=7)",
            ),
            ("datetime.date", text("2024-02-09"), "date(2024, 2, 9)"),
            ("datetime.time", text("08:00:01.000000"), "time(8, 0, 1)"),
            (
                "datetime.datetime",
                text("2024-02-09T12:00:00"),
                "datetime(2024, 2, 9, 12, 0)",
            ),
            (
                "datetime.datetime",
                text("2024-02-09T12:00:00.000070"),
                "datetime(2024, 2, 9, 12, 0, 0, 70)",
            ),
            ("datetime.timezone", text("UTC"), "timezone(timedelta(0))"),
            (
                "datetime.timezone",
                text("UTC-03:30"),
                "timezone(timedelta(hours=-3, minutes=-30))",
            ),
            (
                "re.Pattern",
                Observed::Tuple(vec![text("a+"), Observed::Int(34)]),
                "re.compile('a+', 2)",
            ),
            (
                "re.Pattern",
                Observed::Tuple(vec![text("a+"), Observed::Int(32)]),
                "re.compile('a+')",
            ),
        ] {
            assert_eq!(written(class, &items), expected);
        }
    }

    #[test]
    fn another_form_is_left_alone() {
        assert_eq!(call("datetime.date", &numbers(&[1])), None);
        assert_eq!(call("datetime.datetime", &text("soon")), None);
        assert_eq!(call("cart.Item", &numbers(&[1])), None);
    }
}
