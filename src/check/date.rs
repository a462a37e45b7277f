//! Is a day over? Days of the calendar, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

/// A day of the Gregorian calendar; later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// The day that it is now.
    pub fn today() -> Date {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Date::of_days(i64::try_from(now.as_secs() / 86_400).unwrap_or_default())
    }

    /// So many days after the first of January 1970, by the algorithm of H. Hinnant.
    fn of_days(days: i64) -> Date {
        let shifted = days + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Date { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
    }

    /// `2027-01-31`; nothing that is no day.
    pub fn read(text: &str) -> Option<Date> {
        let parts: Vec<&str> = text.split('-').collect();
        let number = |text: &str, digits: usize| {
            let all = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| text.parse::<i64>().ok()).flatten()
        };
        let [year, month, day] = parts[..] else { return None };
        let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Date { year, month, day })
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn days_become_dates() {
        for (days, date) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (20_782, "2026-11-25"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(Some(Date::of_days(days)), Date::read(date), "{date}");
        }
        assert!(Date::today() > Date::of_days(20_000));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "2027", "2027-1-1", "2027-02-29", "2027-13-01", "2027-00-10", "2027-04-31"]
        {
            assert_eq!(Date::read(text), None, "{text}");
        }
        assert!(Date::read("2028-02-29").is_some());
    }
}
