use alcazar_core::SecretText;
use alcazar_ports::{Login, Tls};
use serde_json::{Map, Value};
use zeroize::Zeroize;

use super::Failed;
use super::functions::Kind;

/// A secret's value in the structure of the templates: `engine`, `host`, `port`, `username`, `password`, `dbname`, `ssl`, `masterarn`; whatever else is
/// there is kept. It is wiped when dropped.
/// Source: Secrets Manager User Guide, "JSON structure of Secrets Manager secrets".
#[derive(Clone)]
pub(super) struct Credentials(Map<String, Value>);

impl Credentials {
    pub(super) fn read(text: &SecretText) -> Result<Self, Failed> {
        // The words of the parser could hold a part of the value.
        match serde_json::from_str(text.expose()) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(mut other) => {
                wipe(&mut other);
                Err(Failed("The secret's value is no JSON object.".to_owned()))
            }
            Err(_) => Err(Failed("The secret's value is not JSON.".to_owned())),
        }
    }

    pub(super) fn text(&self) -> Result<SecretText, Failed> {
        let text = serde_json::to_string(&self.0);
        text.map(SecretText::new).map_err(|_| Failed("The secret's value cannot be written.".to_owned()))
    }

    pub(super) fn user(&self) -> Result<&str, Failed> {
        self.required("username")
    }

    pub(super) fn host(&self) -> Result<&str, Failed> {
        self.required("host")
    }

    pub(super) fn master(&self) -> Result<&str, Failed> {
        self.required("masterarn")
    }

    pub(super) fn password(&self) -> Result<SecretText, Failed> {
        self.required("password").map(|password| SecretText::new(password.to_owned()))
    }

    pub(super) fn set(&mut self, member: &str, value: &str) {
        if let Some(mut before) = self.0.insert(member.to_owned(), Value::from(value)) {
            wipe(&mut before);
        }
    }

    /// Where these credentials lead.
    pub(super) fn login(&self, kind: &Kind) -> Result<Login, Failed> {
        let engine = self.required("engine")?;
        if !kind.engines.contains(&engine) {
            let wanted = kind.engines.first().copied().unwrap_or_default();
            return Err(Failed(format!(
                "Database engine must be set to '{wanted}' in order to use this rotation function."
            )));
        }
        let database = self.0.get("dbname").and_then(Value::as_str).filter(|name| !name.is_empty());
        Ok(Login {
            engine: kind.engine,
            host: self.host()?.to_owned(),
            port: self.port(kind)?,
            user: self.user()?.to_owned(),
            password: self.password()?,
            database: database.map(str::to_owned),
            tls: self.tls()?,
        })
    }

    fn port(&self, kind: &Kind) -> Result<u16, Failed> {
        let port = match self.0.get("port") {
            None | Some(Value::Null) => Some(kind.port),
            Some(Value::Number(port)) => port.as_u64().and_then(|port| u16::try_from(port).ok()),
            Some(Value::String(port)) => port.parse().ok(),
            Some(_) => None,
        };
        port.ok_or_else(|| Failed("The member port is no port.".to_owned()))
    }

    fn tls(&self) -> Result<Tls, Failed> {
        let wanted = match self.0.get("ssl") {
            None | Some(Value::Null) => return Ok(Tls::Preferred),
            Some(Value::Bool(wanted)) => Some(*wanted),
            Some(Value::String(wanted)) => wanted.to_ascii_lowercase().parse().ok(),
            Some(_) => None,
        };
        match wanted {
            Some(true) => Ok(Tls::Required),
            Some(false) => Ok(Tls::Off),
            None => Err(Failed("The member ssl is neither true nor false.".to_owned())),
        }
    }

    fn required(&self, member: &str) -> Result<&str, Failed> {
        let value = self.0.get(member).and_then(Value::as_str).filter(|value| !value.is_empty());
        value.ok_or_else(|| Failed(format!("{member} key is missing from secret JSON")))
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use alcazar_ports::Engine;

    use super::*;

    const KIND: Kind = Kind { engine: Engine::PostgreSql, engines: &["postgres"], port: 5432, longest: 63 };

    fn read(text: &str) -> Credentials {
        Credentials::read(&SecretText::new(text.to_owned())).unwrap()
    }

    #[test]
    fn what_is_not_said_is_the_usual_and_what_is_not_known_is_kept() {
        let mut credentials =
            read(r#"{"engine":"postgres","host":"h","username":"u","password":"p","team":"red"}"#);
        let login = credentials.login(&KIND).unwrap();
        assert_eq!((login.port, login.database, login.tls), (5432, None, Tls::Preferred));
        credentials.set("password", "new");
        let text = credentials.text().unwrap();
        assert_eq!(
            text.expose(),
            r#"{"engine":"postgres","host":"h","password":"new","team":"red","username":"u"}"#
        );
        let login =
            read(r#"{"engine":"postgres","host":"h","username":"u","password":"p","port":"6543","ssl":"True","dbname":"d"}"#)
                .login(&KIND)
                .unwrap();
        assert_eq!((login.port, login.database.as_deref(), login.tls), (6543, Some("d"), Tls::Required));
    }

    #[test]
    fn what_cannot_be_used_is_told_without_its_value() {
        let told = |text: &str| match Credentials::read(&SecretText::new(text.to_owned())) {
            Ok(read) => read.login(&KIND).map(|_| String::new()).unwrap_or_else(|failed| failed.0),
            Err(failed) => failed.0,
        };
        let lines = [
            "xyzzy",
            "[\"xyzzy\"]",
            "{}",
            r#"{"engine":"mysql","host":"h","username":"u","password":"xyzzy"}"#,
            r#"{"engine":"postgres","host":"h","username":"u"}"#,
            r#"{"engine":"postgres","host":"h","username":"u","password":"xyzzy","port":70000}"#,
            r#"{"engine":"postgres","host":"h","username":"u","password":"xyzzy","ssl":"maybe"}"#,
        ]
        .map(told);
        insta::assert_snapshot!(lines.join("\n"), @"
        The secret's value is not JSON.
        The secret's value is no JSON object.
        engine key is missing from secret JSON
        Database engine must be set to 'postgres' in order to use this rotation function.
        password key is missing from secret JSON
        The member port is no port.
        The member ssl is neither true nor false.
        ");
    }
}
