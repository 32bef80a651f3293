//! Texts that a date format of the `strftime` family would write.

use crate::random::Random;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
/// Years that programs get wrong, besides those of today.
const YEARS: [i64; 8] = [1900, 1969, 1970, 1999, 2000, 2024, 2038, 2100];

/// Whether a text looks like a date format.
pub(crate) fn is_format(text: &str) -> bool {
    let codes = ["%Y", "%y", "%m", "%d", "%H", "%M", "%b", "%B", "%j", "%I"];
    text.len() < 60 && codes.iter().any(|code| text.contains(code))
}

/// The text that `format` writes for a date by chance; nothing where it has a code that is not known.
pub(crate) fn written(format: &str, random: &mut Random) -> Option<String> {
    let date = Date::by_chance(random);
    let mut text = String::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        match c {
            '%' => text.push_str(&date.part(rest.next()?)?),
            c => text.push(c),
        }
    }
    Some(text)
}

struct Date {
    year: i64,
    month: i64,
    day: i64,
    seconds: i64,
    micros: i64,
    offset: i64,
}

impl Date {
    fn by_chance(random: &mut Random) -> Self {
        let year = match random.below(3) {
            0 => random.pick(&YEARS).copied().unwrap_or(2000),
            _ => random.between(1990, 2035),
        };
        let month = random.between(1, 12);
        let last = days_of(year, month);
        let day = match random.below(4) {
            0 => 1,
            1 => last,
            _ => random.between(1, last),
        };
        let seconds = match random.below(4) {
            0 => 0,
            1 => 86_399,
            _ => random.between(0, 86_399),
        };
        let micros = if random.percent(30) {
            0
        } else {
            random.between(0, 999_999)
        };
        Self {
            year,
            month,
            day,
            seconds,
            micros,
            offset: [0, 0, 60, -300, 330][random.below(5)],
        }
    }

    /// How many days of the year have begun.
    fn day_of_year(&self) -> i64 {
        (1..self.month).map(|month| days_of(self.year, month)).sum::<i64>() + self.day
    }

    /// Counted from Sunday.
    fn weekday(&self) -> i64 {
        let before = self.year - 1;
        (before * 365 + before / 4 - before / 100 + before / 400 + self.day_of_year()).rem_euclid(7)
    }

    fn part(&self, code: char) -> Option<String> {
        let Self { year, month, day, .. } = self;
        let (hour, minute, second) = (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60);
        let half = if hour % 12 == 0 { 12 } else { hour % 12 };
        let month_name = MONTHS.get(*month as usize - 1)?;
        let day_name = DAYS.get(self.weekday() as usize)?;
        let (since, weekday) = (self.day_of_year() - 1, self.weekday());
        Some(match code {
            'Y' | 'G' => format!("{year:04}"),
            'y' => format!("{:02}", year % 100),
            'm' => format!("{month:02}"),
            'd' => format!("{day:02}"),
            'e' => format!("{day:2}"),
            'j' => format!("{:03}", since + 1),
            'b' | 'h' => month_name[..3].to_owned(),
            'B' => (*month_name).to_owned(),
            'a' => day_name[..3].to_owned(),
            'A' => (*day_name).to_owned(),
            'w' => weekday.to_string(),
            'u' => (if weekday == 0 { 7 } else { weekday }).to_string(),
            'U' => format!("{:02}", (since + 7 - weekday) / 7),
            'W' | 'V' => format!("{:02}", (since + 7 - (weekday + 6) % 7) / 7),
            'H' => format!("{hour:02}"),
            'I' => format!("{half:02}"),
            'p' => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
            'M' => format!("{minute:02}"),
            'S' => format!("{second:02}"),
            'f' => format!("{:06}", self.micros),
            'z' => format!(
                "{}{:02}{:02}",
                if self.offset < 0 { '-' } else { '+' },
                self.offset.abs() / 60,
                self.offset.abs() % 60
            ),
            'Z' => "UTC".to_owned(),
            'F' => format!("{year:04}-{month:02}-{day:02}"),
            'T' | 'X' => format!("{hour:02}:{minute:02}:{second:02}"),
            'R' => format!("{hour:02}:{minute:02}"),
            'D' | 'x' => format!("{month:02}/{day:02}/{:02}", year % 100),
            '%' => "%".to_owned(),
            _ => return None,
        })
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_the_codes_ask_for() {
        let date = Date {
            year: 2024,
            month: 12,
            day: 31,
            seconds: 13 * 3600 + 62,
            micros: 5,
            offset: -300,
        };
        let all = |codes: &str| {
            codes
                .chars()
                .filter_map(|code| date.part(code))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(all("Yjaw"), "2024 366 Tue 2");
        assert_eq!(all("IpMfz"), "01 PM 01 000005 -0500");
        assert_eq!(all("UW"), "52 53");
        let mut random = Random::new(1);
        assert!((0..200).all(|_| written("%d %b %y %H:%M", &mut random).is_some_and(|text| text.len() == 15)));
        assert_eq!(written("%Q", &mut random), None);
        assert!(is_format("%Y%j") && !is_format("100%") && !is_format("%s"));
    }
}
