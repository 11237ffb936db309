//! The filters of GetParametersByPath and DescribeParameters.
//! Source: Systems Manager API reference, `ParameterStringFilter`; the messages are AWS's, as its clients' tests have them.

use alcazar_core::Declares;
use alcazar_corridor::{Failure, Refusal};
use alcazar_store::{KeyRange, Scope};
use wire_ssm::{
    InvalidFilterKey, InvalidFilterOption, InvalidFilterValue, ParameterStringFilter, ParameterTier,
    ParameterType, ParametersFilter,
};

use super::listing::{merged, range, range_of, ranges_beginning};
use super::{DEFAULT_KEY, Name, PARAMETERS, Parameter, PublicParameter, checked_path};

/// A filter that was checked.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    key: Subject,
    option: Compare,
    values: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Name,
    Type,
    KeyId,
    Path,
    Label,
    Tier,
    DataType,
    Tag(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Equals,
    BeginsWith,
    Contains,
    OneLevel,
    Recursive,
}

/// Where the filters stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Path,
    Describe,
}

/// The filters of a request.
pub(crate) fn checked_filters<S>(filters: &[ParameterStringFilter], of: Of) -> Result<Vec<Filter>, Refusal<S>>
where
    S: Declares<InvalidFilterKey> + Declares<InvalidFilterOption> + Declares<InvalidFilterValue>,
{
    let mut checked: Vec<Filter> = Vec::with_capacity(filters.len());
    for filter in filters {
        let key = key(&filter.key, of)?;
        let values = filter.values.clone().unwrap_or_default();
        if values.is_empty() {
            let message =
                format!("The following filter values are missing : null for filter key {}", filter.key);
            return Err(InvalidFilterValue::new(message).into());
        }
        if checked.iter().any(|other| other.key == key) {
            return Err(InvalidFilterKey::new(format!(
                "The following filter is duplicated in the request: {}. A request can contain only one occurrence of a specific filter.",
                filter.key
            ))
            .into());
        }
        let option = option(&key, filter.option.as_deref())?;
        let values = values_of(&key, values)?;
        checked.push(Filter { key, option, values });
    }
    Ok(checked)
}

/// The filters of DescribeParameters' older form: each value is compared from its beginning.
pub(crate) fn older_filters(filters: &[ParametersFilter]) -> Vec<Filter> {
    let filter = |filter: &ParametersFilter| {
        let (key, option) = match filter.key {
            wire_ssm::ParametersFilterKey::Name => (Subject::Name, Compare::BeginsWith),
            wire_ssm::ParametersFilterKey::Type => (Subject::Type, Compare::Equals),
            wire_ssm::ParametersFilterKey::KeyId => (Subject::KeyId, Compare::Equals),
        };
        Filter { key, option, values: filter.values.clone() }
    };
    filters.iter().map(filter).collect()
}

fn key<S: Declares<InvalidFilterKey>>(text: &str, of: Of) -> Result<Subject, Refusal<S>> {
    let key = match text {
        "Name" => Subject::Name,
        "Type" => Subject::Type,
        "KeyId" => Subject::KeyId,
        "Path" => Subject::Path,
        "Label" => Subject::Label,
        "Tier" => Subject::Tier,
        "DataType" => Subject::DataType,
        // The model's pattern lets nothing else through.
        tag => Subject::Tag(tag.strip_prefix("tag:").unwrap_or(tag).to_owned()),
    };
    let valid = match of {
        Of::Path if !matches!(key, Subject::Type | Subject::KeyId | Subject::Label) => "[Type, KeyId]",
        Of::Describe if key == Subject::Label => "[Path, Name, Type, KeyId, Tier]",
        _ => return Ok(key),
    };
    let message =
        format!("The following filter key is not valid: {text}. Valid filter keys include: {valid}.");
    Err(InvalidFilterKey::new(message).into())
}

fn option<S: Declares<InvalidFilterOption>>(
    key: &Subject,
    text: Option<&str>,
) -> Result<Compare, Refusal<S>> {
    let option = match (key, text) {
        (Subject::Path, None | Some("OneLevel")) => Compare::OneLevel,
        (Subject::Path, Some("Recursive")) => Compare::Recursive,
        (Subject::Path, Some(other)) => return Err(no_option(other, "[Recursive, OneLevel]")),
        (_, None | Some("Equals")) => Compare::Equals,
        (Subject::Label, Some(other)) => return Err(no_option(other, "[Equals]")),
        (_, Some("BeginsWith")) => Compare::BeginsWith,
        (Subject::Name, Some("Contains")) => Compare::Contains,
        (_, Some(other)) => return Err(no_option(other, "[BeginsWith, Equals]")),
    };
    Ok(option)
}

fn no_option<S: Declares<InvalidFilterOption>>(option: &str, valid: &str) -> Refusal<S> {
    let message =
        format!("The following filter option is not valid: {option}. Valid options include: {valid}.");
    InvalidFilterOption::new(message).into()
}

/// The values as they are compared: paths with a slash at their end.
fn values_of<S: Declares<InvalidFilterOption>>(
    key: &Subject,
    values: Vec<String>,
) -> Result<Vec<String>, Refusal<S>> {
    let known: &[&str] = match key {
        Subject::Type => ParameterType::VALUES,
        Subject::Tier => ParameterTier::VALUES,
        Subject::Path => {
            let reserved = |path: &String| {
                let path = path.to_ascii_lowercase();
                path.starts_with("/aws") || path.starts_with("/ssm")
            };
            if values.iter().any(reserved) {
                return Err(Failure::validation("Filters for common parameters can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). When using global parameters, please specify within a global namespace.").into());
            }
            return values.iter().map(|path| checked_path(path).map_err(Refusal::from)).collect();
        }
        _ => return Ok(values),
    };
    match values.iter().find(|value| !known.contains(&value.as_str())) {
        None => Ok(values),
        Some(value) => Err(InvalidFilterOption::new(format!(
            "The following filter value is not valid: {value}. Valid values include: [{}].",
            known.join(", ")
        ))
        .into()),
    }
}

/// The label that is asked for, if one is.
pub(crate) fn label(filters: &[Filter]) -> Option<&[String]> {
    filters.iter().find(|filter| filter.key == Subject::Label).map(|filter| filter.values.as_slice())
}

/// Where the parameters are that the filters let through, as narrowly as names and paths tell.
pub(crate) fn ranges(filters: &[Filter], scope: Scope) -> Vec<KeyRange> {
    let by = |wanted: &Subject| filters.iter().find(|filter| filter.key == *wanted);
    let ranges = match (by(&Subject::Name), by(&Subject::Path)) {
        (Some(Filter { option: Compare::Equals, values, .. }), _) => {
            values.iter().map(|name| range_of(&PARAMETERS, scope, &Name::of(name))).collect()
        }
        (_, Some(Filter { option, values, .. })) => {
            let recursive = *option == Compare::Recursive;
            values.iter().map(|path| range(&PARAMETERS, scope, path, recursive)).collect()
        }
        (Some(Filter { option: Compare::BeginsWith, values, .. }), None) => {
            values.iter().flat_map(|text| ranges_beginning(&PARAMETERS, scope, &Name::of(text))).collect()
        }
        _ => vec![PARAMETERS.range(scope)],
    };
    merged(ranges)
}

/// Whether all filters let a parameter through.
pub(crate) fn pass(filters: &[Filter], parameter: &Parameter) -> bool {
    filters.iter().all(|filter| filter.passes(parameter))
}

/// Whether all filters let a public parameter through: it has no key and no labels.
pub(crate) fn pass_public(filters: &[Filter], parameter: &PublicParameter) -> bool {
    filters.iter().all(|filter| {
        let kind = parameter.r#type.as_str();
        filter.key == Subject::Type && filter.values.iter().any(|value| filter.matches(kind, value))
    })
}

impl Filter {
    /// What is compared with the values; none never passes.
    fn passes(&self, parameter: &Parameter) -> bool {
        let newest = &parameter.newest;
        let name = Name::of(&parameter.name);
        let any = |held: &str| self.values.iter().any(|value| self.matches(held, value));
        match &self.key {
            Subject::Name if self.option == Compare::Contains => any(name.as_str()),
            Subject::Name => {
                self.values.iter().any(|value| self.matches(name.as_str(), Name::of(value).as_str()))
            }
            Subject::Path => any(name.parts().0),
            Subject::Type => any(newest.r#type.as_str()),
            Subject::KeyId => newest.key_id.as_deref().is_some_and(any),
            Subject::Tier => any(newest.tier.as_str()),
            Subject::DataType => any(&newest.data_type),
            Subject::Label => parameter.labels.keys().any(|label| any(label)),
            Subject::Tag(tag) => parameter.tags.get(tag).is_some_and(any),
        }
    }

    fn matches(&self, held: &str, value: &str) -> bool {
        match self.option {
            // The AWS managed key has its name with and without what all aliases begin with.
            Compare::Equals if self.key == Subject::KeyId && held == DEFAULT_KEY.alias() => {
                held == value || held.trim_start_matches("alias/") == value
            }
            Compare::Equals | Compare::OneLevel => held == value,
            Compare::BeginsWith | Compare::Recursive => held.starts_with(value),
            Compare::Contains => held.contains(value),
        }
    }
}
