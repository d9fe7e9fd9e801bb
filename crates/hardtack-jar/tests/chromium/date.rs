//! Makes dates for `Expires`, valid and almost valid.

use hardtack_core::cookie::days_from_civil;

use crate::rng::Rng;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Formats a date as IMF-fixdate, which is the form that servers should use.
pub(crate) fn imf(seconds: i64) -> String {
    let Parts { year, month, day, weekday, time } = Parts::of(seconds);
    format!("{weekday}, {day:02} {} {year} {time} GMT", MONTHS[month])
}

/// Returns a date in one of many forms, valid or invalid. The date is in the past, within 400 days, close to that
/// limit, or later.
pub(crate) fn text(shape: usize, rng: &mut Rng, now: i64) -> Vec<u8> {
    let seconds = match rng.below(8) {
        0 => now - 86_400 * 3,
        1 => now + 86_400 * 400 - 3_600,
        2 => now + 86_400 * 400 + 3_600,
        3 => now + 86_400 * 3_000,
        _ => now + 7_200 + i64::try_from(rng.below(86_400 * 390)).unwrap(),
    };
    let parts = Parts::of(seconds);
    let (year, month, day, weekday) = (parts.year, MONTHS[parts.month], parts.day, parts.weekday);
    let time = parts.time.as_str();
    let text = match shape % 30 {
        0 => imf(seconds),
        1 => format!("{weekday}day, {day:02}-{month}-{:02} {time} GMT", year % 100),
        2 => format!("{weekday} {month} {day:2} {time} {year}"),
        3 => format!("{time} {year} {month} {day}"),
        4 => format!("{day}th {month}ember {year} {time}"),
        5 => format!(
            "{weekday}, {day} {month} {year} {time} {}",
            rng.pick(&["+0500", "-0800", "EST", "UTC+1"])
        ),
        6 => format!("{day} {month} {year}"),
        7 => format!("{day} {month} {time}"),
        8 => format!("{month} {year} {time}"),
        9 => format!("{day} {:02} {year} {time}", parts.month + 1),
        10 => format!("{} {year} {time}", rng.pick(&["30 Feb", "29 Feb", "31 Apr", "31 Jun"])),
        11 => format!(
            "{day} {month} {year} {}",
            rng.pick(&["24:00:00", "23:60:00", "23:59:60", "23:59:61", "99:00:00"])
        ),
        12 => {
            let delimiter = char::from(rng.pick(b"\t !\"#$%&'()*+,-./<=>?@[\\]^_`{|}~"));
            format!("{day}{delimiter}{month}{delimiter}{year}{delimiter}{time}")
        }
        13 => {
            let joint = rng.pick(&[":", "x", "T", "0"]);
            format!("{day} {month} {year}{joint}{time}")
        }
        14 => format!("{} {month} {year} {time}", rng.pick(&["0", "00", "32", "99", "001", "031"])),
        15 => {
            let year = rng
                .pick(&["1600", "1601", "1969", "1970", "9999", "10000", "99", "69", "70", "0070", "2038"]);
            format!("{} {month} {year} {time}", day.min(28))
        }
        16 => format!(
            "{day} {month} {year} {time}{}",
            rng.pick(&["1", "x", "x1", ".5", ":", ":1", "Z", "am", "PM"])
        ),
        17 => format!(
            "{day} {month} {year} {}",
            rng.pick(&["1:2:3", "1:2:03", "001:02:03", "1:2", ":1:2:3", "1::2:3", "-1:2:3"])
        ),
        18 => {
            rng.pick(&["", "0", "-1", "never", "session", "\"\"", "Thu, 01 Jan 1970 00:00:00 GMT"]).to_owned()
        }
        19 => format!("\"{}\"", imf(seconds)),
        20 => {
            let month =
                rng.pick(&["NOVEMBER", "nOv", "Novx", "No", "novE", "xNov", "Nov1", "1Nov", "N\u{f6}v"]);
            format!("{} {month} {year} {time}", day.min(28))
        }
        21 => format!(
            "{day} {month} {} {time}",
            rng.pick(&["126", "2030AD", "02030", "20301", "203012", "00126", "2", "-2030", "2030-"])
        ),
        22 => format!("{day}\u{a0}{month} {year} {time}"),
        23 => format!("{day} {month} {year} {time} {}", "x".repeat(900)),
        24 => format!("{} {day} {month} {year} {time}", "12 ".repeat(rng.between(1, 3))),
        25 => format!("{time} {time} {day} {month} Jan {year} 2020"),
        26 => format!("{day}{} {month} {year} {time}", rng.pick(&["st", "x", ".", "th,", "\u{e9}"])),
        27 => format!("{year}-{:02}-{day:02}T{time}Z", parts.month + 1),
        28 => format!("{year}/{month}/{day} {time}"),
        _ => {
            let mut pieces = [
                time.to_owned(),
                day.to_string(),
                month.to_owned(),
                year.to_string(),
                rng.pick(&["GMT", "7", "x", "Mar", "1:2:3", "99", "2020", ":", "1a"]).to_owned(),
            ];
            for last in (1..pieces.len()).rev() {
                pieces.swap(last, rng.below(last + 1));
            }
            pieces.join(rng.pick(&[" ", ",", "-", " , "]))
        }
    };
    // A quarter of the dates are in Latin-1 instead of UTF-8. In both encodings, the bytes of non-ASCII letters are not
    // delimiters.
    if rng.once_in(4) {
        text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect()
    } else {
        text.into()
    }
}

struct Parts {
    year: i64,
    /// The month, counted from 0.
    month: usize,
    day: i64,
    weekday: &'static str,
    time: String,
}

impl Parts {
    fn of(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let year = (1970..).take_while(|&year| days_from_civil(year, 1, 1) <= days).last().unwrap_or(1969);
        let month = (1..=12).take_while(|&month| days_from_civil(year, month, 1) <= days).last().unwrap_or(1);
        Self {
            year,
            month: usize::try_from(month - 1).unwrap(),
            day: days - days_from_civil(year, month, 1) + 1,
            weekday: DAYS[usize::try_from(days.rem_euclid(7)).unwrap()],
            time: format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60),
        }
    }
}
