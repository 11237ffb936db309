use std::time::Duration;

/// `400d`, `1d12h`, `90m`, `5s`: days, hours, minutes and seconds, added up. `None` when it is none, or longer than a century.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    const CENTURY: u64 = 100 * 366 * 24 * 3600;
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let mut tail = tail.chars();
        let unit = match tail.next()? {
            'd' => 24 * 3600,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = tail.as_str();
    }
    (total > 0 && total <= CENTURY).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up_and_anything_else_is_refused() {
        assert_eq!(duration("400d"), Some(Duration::from_secs(400 * 86_400)));
        assert_eq!(duration("1d2h3m4s"), Some(Duration::from_secs(93_784)));
        for text in ["", "d", "5", "5x", "-5d", "0s", "99999999d", "99999999999999999999s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
