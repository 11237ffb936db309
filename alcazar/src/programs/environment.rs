//! Secrets as variables of a program's environment.

use std::collections::BTreeMap;

use alcazar_core::SecretText;

use super::fields::{SecretJson, text_of};

/// Variables, none of which comes from two places.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    named: BTreeMap<String, SecretText>,
}

impl Variables {
    /// Adds a secret: each key of its JSON object, or else the whole text under the secret's name.
    ///
    /// # Errors
    /// In words for the user, which name the secret and the key and no value.
    pub(crate) fn add(&mut self, secret: &str, value: &SecretText, prefix: &str) -> Result<(), String> {
        let json = SecretJson::read(value.expose());
        let Some(fields) = json.as_ref().and_then(SecretJson::fields) else {
            let name = format!("{prefix}{}", fit(secret).to_ascii_uppercase());
            return self.set(name, value.clone(), secret);
        };
        for (key, field) in fields {
            let text = text_of(field);
            let text = text.ok_or_else(|| format!("secret {secret:?}: the value of {key:?} is no text"))?;
            self.set(format!("{prefix}{}", fit(key)), text, secret)?;
        }
        Ok(())
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &SecretText)> {
        self.named.iter().map(|(name, value)| (name.as_str(), value))
    }

    fn set(&mut self, name: String, value: SecretText, secret: &str) -> Result<(), String> {
        let told = |why: &str| Err(format!("secret {secret:?}: the variable {name:?} {why}"));
        if name.is_empty() {
            return told("has no name");
        }
        if value.expose().contains('\0') {
            return told("would hold a zero byte");
        }
        if steers(&name) {
            return told("says which code is run; give another name with --prefix");
        }
        if self.named.contains_key(&name) {
            return told("comes twice; keep them apart with --prefix");
        }
        self.named.insert(name, value);
        Ok(())
    }
}

/// A name that every shell can read: `[A-Za-z_][A-Za-z0-9_]*`, or nothing.
fn fit(name: &str) -> String {
    let fit: String =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    if fit.starts_with(|first: char| first.is_ascii_digit()) { format!("_{fit}") } else { fit }
}

/// Whoever may write a secret must not thereby choose what is run: by the loader, a shell, an interpreter or git, each of which takes code,
/// options or programs from its environment. Sources: ld.so(8), bash(1), zsh(1), git(1), the languages' manuals, sudoers(5) on `env_delete`.
fn steers(name: &str) -> bool {
    // With a letter behind: `PYTHON_VERSION` is nobody's.
    let python = name.strip_prefix("PYTHON").is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    python
        || FAMILIES.iter().any(|family| name.starts_with(family))
        || [LOADER, SHELLS, PROGRAMS, LANGUAGES].iter().any(|names| names.contains(&name))
}

const FAMILIES: [&str; 5] = ["LD_", "DYLD_", "_RLD", "BASH_FUNC_", "GIT_CONFIG"];

const LOADER: &[&str] =
    &["GCONV_PATH", "GETCONF_DIR", "GLIBC_TUNABLES", "LIBPATH", "LOCPATH", "NLSPATH", "SHLIB_PATH"];

const SHELLS: &[&str] = &[
    "PATH",
    "IFS",
    "ENV",
    "BASH_ENV",
    "SHELL",
    "SHELLOPTS",
    "BASHOPTS",
    "CDPATH",
    "FPATH",
    "PROMPT_COMMAND",
    "PS4",
    "ZDOTDIR",
    "NULLCMD",
    "READNULLCMD",
];

/// Programs that others start, and where they find their own.
const PROGRAMS: &[&str] = &[
    "EDITOR",
    "VISUAL",
    "PAGER",
    "BROWSER",
    "LESSOPEN",
    "LESSCLOSE",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    "GIT_ASKPASS",
    "GIT_DIR",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TEMPLATE_DIR",
];

const LANGUAGES: &[&str] = &[
    "CLASSPATH",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PERLLIB",
    "RUBYLIB",
    "RUBYOPT",
    "BUNDLE_GEMFILE",
    "GEM_HOME",
    "GEM_PATH",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "LUA_INIT",
    "LUA_PATH",
    "LUA_CPATH",
];

/// Whether it can stand before names.
///
/// # Errors
/// In words for the user.
pub(crate) fn prefix(text: &str) -> Result<String, String> {
    if text.is_empty() || fit(text) == text {
        return Ok(text.to_owned());
    }
    Err("a prefix has letters, digits and _, and no digit first".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn variables(secrets: &[(&str, &str)], prefix: &str) -> Result<Vec<String>, String> {
        let mut variables = Variables::default();
        for (name, value) in secrets {
            variables.add(name, &(*value).to_owned().into(), prefix)?;
        }
        Ok(variables.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect())
    }

    #[test]
    fn keys_keep_their_case_and_whole_texts_take_the_secrets_name() {
        let json = r#"{"username":"app","DB-PORT":5432,"2fa":"x"}"#;
        let told = variables(&[("prod/db", json), ("prod/api-key", "k=1")], "").unwrap();
        assert_eq!(told, ["DB_PORT=5432", "PROD_API_KEY=k=1", "_2fa=x", "username=app"]);
        assert_eq!(variables(&[("s", "[1]")], "APP_").unwrap(), ["APP_S=[1]"]);
    }

    #[test]
    fn refusals_name_the_key_and_never_the_value() {
        for (json, told) in [
            (r#"{"a-b":"hunter2","a_b":"hunter3"}"#, "the variable \"a_b\" comes twice"),
            (r#"{"a":["hunter2"]}"#, "the value of \"a\" is no text"),
            (r#"{"a":"hunter2\u0000"}"#, "the variable \"a\" would hold a zero byte"),
            (r#"{"":"hunter2"}"#, "the variable \"\" has no name"),
            (r#"{"LD_PRELOAD":"hunter2"}"#, "the variable \"LD_PRELOAD\" says which code is run"),
            (r#"{"NODE_OPTIONS":"hunter2"}"#, "the variable \"NODE_OPTIONS\" says which code is run"),
            (r#"{"PYTHONPATH":"hunter2"}"#, "the variable \"PYTHONPATH\" says which code is run"),
            (r#"{"GIT_SSH_COMMAND":"hunter2"}"#, "the variable \"GIT_SSH_COMMAND\" says which code is run"),
            (r#"{"BASH_FUNC_ls%%":"hunter2"}"#, "the variable \"BASH_FUNC_ls__\" says which code is run"),
        ] {
            let refused = variables(&[("s", json)], "").unwrap_err();
            assert!(refused.starts_with(&format!("secret \"s\": {told}")), "{refused}");
            assert!(!refused.contains("hunter"), "{refused}");
        }
        assert_eq!(variables(&[("s", r#"{"PATH":"x"}"#)], "APP_").unwrap(), ["APP_PATH=x"]);
        let harmless = variables(&[("s", r#"{"GIT_TOKEN":"x","PYTHON_VERSION":"3"}"#)], "").unwrap();
        assert_eq!(harmless, ["GIT_TOKEN=x", "PYTHON_VERSION=3"]);
        assert!(prefix("1A").is_err() && prefix("A=").is_err() && prefix("A_").is_ok());
    }

    proptest! {
        #[test]
        fn every_name_is_fit(secret in "\\PC{1,20}", key in "\\PC{0,20}", value in "\\PC{0,20}") {
            let json = serde_json::json!({ key: value }).to_string();
            if let Ok(told) = variables(&[(&secret, &json)], "") {
                let name = told.first().and_then(|line| line.split_once('=')).map(|(name, _)| name.to_owned());
                let name = name.unwrap();
                prop_assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
                prop_assert!(!name.starts_with(|first: char| first.is_ascii_digit()));
            }
        }
    }
}
