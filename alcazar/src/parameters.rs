//! The catalogue of public parameters that the operator publishes.

use std::fs;
use std::path::Path;

use alcazar_ssm::Catalogue;

/// Reads the catalogue: JSON if the file is called so, and TOML otherwise. Without a file it is empty.
///
/// # Errors
/// In words for the operator: a file that cannot be read, or is no catalogue.
pub(crate) fn catalogue(path: Option<&Path>) -> Result<Catalogue, String> {
    let Some(path) = path else { return Ok(Catalogue::default()) };
    let told = |reason: &dyn std::fmt::Display| format!("parameters: {}: {reason}", path.display());
    let text = fs::read_to_string(path).map_err(|error| told(&error))?;
    match path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        true => serde_json::from_str(&text).map_err(|error| told(&error)),
        false => toml::from_str(&text).map_err(|error| told(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Catalogue, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        catalogue(Some(&path))
    }

    #[test]
    fn a_catalogue_is_toml_or_json() {
        let toml = "[[parameter]]\nname = \"/aws/service/a\"\nvalue = \"1\"\nregions = { eu-west-1 = \"2\" }\ndata-type = \"text\"\n";
        let json = r#"{"parameters": [{"name": "/aws/service/a", "value": "1", "regions": {"eu-west-1": "2"}, "data-type": "text"}]}"#;
        let read_both = (read("c.toml", toml).unwrap(), read("c.JSON", json).unwrap());
        assert_eq!(read_both.0, read_both.1);
        assert_eq!(read_both.0.parameters.len(), 1);
        assert_eq!(catalogue(None), Ok(Catalogue::default()));
    }

    #[test]
    fn what_is_no_catalogue_is_refused_with_its_file() {
        for (name, text) in
            [("c.toml", "parameter = 1"), ("c.json", "{"), ("c.toml", "[[parameter]]\nvalue = \"1\"")]
        {
            let refused = read(name, text).unwrap_err();
            assert!(refused.starts_with("parameters: ") && refused.contains(name), "{refused}");
        }
        assert!(catalogue(Some(Path::new("/none/such"))).is_err());
    }
}
