//! The filters of ListSecrets and BatchGetSecretValue. Source: Secrets Manager API reference, `Filter`.

use alcazar_core::Declares;
use alcazar_corridor::Refusal;
use wire_secretsmanager::{Filter, FilterNameStringType, InvalidParameterException};

use super::Secret;

/// Filters as a request may have them.
pub(super) fn checked_filters<S: Declares<InvalidParameterException>>(
    filters: &[Filter],
) -> Result<(), Refusal<S>> {
    match filters.iter().all(|filter| filter.key.is_some() && filter.values.is_some()) {
        true => Ok(()),
        false => Err(InvalidParameterException::new("Each filter needs a key and values.").into()),
    }
}

/// Whether all filters let a secret through.
pub(super) fn passes(secret: &Secret, filters: &[Filter], region: &str) -> bool {
    filters.iter().all(|filter| passes_one(secret, filter, region))
}

/// How the names begin that a filter asks for, none of which is the beginning of another; none when no filter asks for names.
pub(super) fn beginnings(filters: &[Filter]) -> Vec<&str> {
    let of_names = filters.iter().filter(|filter| filter.key == Some(FilterNameStringType::Name));
    let wanted = of_names.map(wanted).find(|wanted| !wanted.is_empty());
    // No name holds a zero byte, and no range of keys can be asked for with one.
    let wanted = wanted.filter(|wanted| !wanted.iter().any(|value| value.contains('\0')));
    let mut beginnings: Vec<&str> = Vec::new();
    let mut sorted = wanted.unwrap_or_default();
    sorted.sort_unstable();
    for value in sorted {
        if beginnings.last().is_none_or(|last| !value.starts_with(last)) {
            beginnings.push(value);
        }
    }
    beginnings
}

fn wanted(filter: &Filter) -> Vec<&str> {
    let values = filter.values.iter().flatten().map(String::as_str);
    values.filter(|value| !value.starts_with('!')).collect()
}

/// Whether one of the filter's values matches, and none of those that begin with `!`.
fn passes_one(secret: &Secret, filter: &Filter, region: &str) -> bool {
    let Some(key) = filter.key else { return false };
    let values = filter.values.as_deref().unwrap_or_default();
    let mut wanted = values.iter().filter(|value| !value.starts_with('!')).peekable();
    let mut unwanted = values.iter().filter_map(|value| value.strip_prefix('!'));
    (wanted.peek().is_none() || wanted.any(|value| matches(secret, key, value, region)))
        && !unwanted.any(|value| matches(secret, key, value, region))
}

/// By their beginning; descriptions without regard to case, and `all` by any word anywhere.
fn matches(secret: &Secret, key: FilterNameStringType, value: &str, region: &str) -> bool {
    let description = || secret.description.as_deref().unwrap_or_default().to_lowercase();
    match key {
        FilterNameStringType::Name => secret.name.starts_with(value),
        FilterNameStringType::Description => description().starts_with(&value.to_lowercase()),
        FilterNameStringType::TagKey => secret.tags.iter().any(|(key, _)| key.starts_with(value)),
        FilterNameStringType::TagValue => secret.tags.iter().any(|(_, held)| held.starts_with(value)),
        FilterNameStringType::PrimaryRegion => {
            secret.primary.map_or(region, |primary| primary.name()).starts_with(value)
        }
        // No service makes secrets here yet.
        FilterNameStringType::OwningService => false,
        FilterNameStringType::All => {
            let tags = secret.tags.iter().flat_map(|(key, value)| [key.to_lowercase(), value.to_lowercase()]);
            let texts: Vec<String> = tags.chain([secret.name.to_lowercase(), description()]).collect();
            let value = value.to_lowercase();
            value.split_whitespace().any(|word| texts.iter().any(|text| text.contains(word)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_beginnings_that_no_other_covers_are_looked_for() {
        let filter = |key, values: &[&str]| Filter {
            key: Some(key),
            values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
        };
        let name = FilterNameStringType::Name;
        let of = |filters: &[Filter]| beginnings(filters).join(" ");
        assert_eq!(of(&[filter(name, &["prod/db", "test", "prod", "!prod/x"])]), "prod test");
        assert_eq!(of(&[filter(name, &["!prod"]), filter(name, &["a"]), filter(name, &["b"])]), "a");
        assert_eq!(of(&[filter(name, &["a", "b\0"])]), "");
        assert_eq!(of(&[filter(FilterNameStringType::All, &["a"])]), "");
    }
}
