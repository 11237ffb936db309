//! MySQL and MariaDB.

use alcazar_core::SecretText;
use alcazar_ports::{Awaited, Connection, DatabaseError, Login, Tls};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, Opts, OptsBuilder, SslOpts};

use super::in_time;
use crate::trust::Trust;

/// A login at a MySQL or MariaDB server.
struct MySql {
    connection: Conn,
    user: String,
    /// MariaDB, which parted from MySQL where a user changes its own password.
    mariadb: bool,
}

/// Logs in, and asks one question.
pub(super) async fn connect(login: &Login, trust: &Trust) -> Result<Box<dyn Connection>, DatabaseError> {
    let connection = match login.tls {
        Tls::Off => Conn::new(options(login, None)).await,
        Tls::Required => {
            let authorities = trust.authorities().map_err(DatabaseError::Unreachable)?;
            let authorities = authorities.iter().map(|certificate| certificate.to_vec().into()).collect();
            let tls = SslOpts::default().with_root_certs(authorities).with_disable_built_in_roots(true);
            Conn::new(options(login, Some(tls))).await
        }
        Tls::Preferred => {
            let tls = SslOpts::default()
                .with_danger_accept_invalid_certs(true)
                .with_danger_skip_domain_validation(true);
            match Conn::new(options(login, Some(tls))).await {
                Err(Error::Driver(DriverError::NoClientSslFlagFromServer)) => {
                    Conn::new(options(login, None)).await
                }
                other => other,
            }
        }
    };
    let mut connection = connection.map_err(|error| told(&error))?;
    let version: Option<String> =
        connection.query_first("SELECT VERSION()").await.map_err(|error| told(&error))?;
    let mariadb = version.unwrap_or_default().contains("MariaDB");
    Ok(Box::new(MySql { connection, user: login.user.clone(), mariadb }))
}

fn options(login: &Login, tls: Option<SslOpts>) -> Opts {
    let options = OptsBuilder::default()
        .ip_or_hostname(&login.host)
        .tcp_port(login.port)
        .user(Some(&login.user))
        .pass(Some(login.password.expose()))
        .db_name(login.database.as_deref())
        .prefer_socket(false)
        .ssl_opts(tls);
    options.into()
}

impl Connection for MySql {
    fn set_password<'a>(
        &'a mut self,
        user: &'a str,
        password: &'a SecretText,
    ) -> Awaited<'a, Result<(), DatabaseError>> {
        Box::pin(in_time(async move {
            let literal = quoted(password.expose())?;
            if user == self.user {
                let literal = literal.expose();
                let statement = match self.mariadb {
                    true => format!("SET PASSWORD = PASSWORD({literal})"),
                    false => format!("ALTER USER USER() IDENTIFIED BY {literal}"),
                };
                return self.execute(SecretText::new(statement)).await;
            }
            for host in self.hosts(user).await? {
                self.give(&account(user, &host)?, &literal).await?;
            }
            Ok(())
        }))
    }

    fn clone_user<'a>(
        &'a mut self,
        from: &'a str,
        to: &'a str,
        password: &'a SecretText,
    ) -> Awaited<'a, Result<(), DatabaseError>> {
        Box::pin(in_time(async move {
            let literal = quoted(password.expose())?;
            let known = self.hosts(to).await?;
            for host in self.hosts(from).await? {
                let (model, copy) = (account(from, &host)?, account(to, &host)?);
                if !known.contains(&host) {
                    // Locked until it has its rights: a user that logs in is taken for one that has them.
                    let literal = literal.expose();
                    let statement = format!("CREATE USER {copy} IDENTIFIED BY {literal} ACCOUNT LOCK");
                    self.execute(SecretText::new(statement)).await?;
                }
                let shown = format!("SHOW GRANTS FOR {model}");
                let grants: Vec<String> = self.connection.query(shown).await.map_err(|error| told(&error))?;
                for grant in &grants {
                    if let Some(statement) = granted(grant, from, &host, &copy) {
                        self.execute(SecretText::new(statement)).await?;
                    }
                }
                self.give(&copy, &literal).await?;
            }
            Ok(())
        }))
    }
}

impl MySql {
    /// Statements may hold a password, and the server's words a part of the statement: of an error, the number is told alone.
    async fn execute(&mut self, statement: SecretText) -> Result<(), DatabaseError> {
        let done = self.connection.query_drop(statement.expose()).await;
        done.map_err(|error| match error {
            Error::Server(answer) => DatabaseError::Failed(format!("the database answers {}", answer.code)),
            error => told(&error),
        })
    }

    async fn give(&mut self, account: &str, literal: &SecretText) -> Result<(), DatabaseError> {
        let literal = literal.expose();
        let statement = format!("ALTER USER {account} IDENTIFIED BY {literal} ACCOUNT UNLOCK");
        self.execute(SecretText::new(statement)).await
    }

    /// From where that user may log in.
    async fn hosts(&mut self, user: &str) -> Result<Vec<String>, DatabaseError> {
        let rows = self.connection.exec("SELECT Host FROM mysql.user WHERE User = ?", (user,)).await;
        rows.map_err(|error| told(&error))
    }
}

/// An account as a statement names it.
fn account(user: &str, host: &str) -> Result<String, DatabaseError> {
    Ok(format!("{}@{}", quoted(user)?.expose(), quoted(host)?.expose()))
}

/// A text as a literal. Whether a backslash escapes depends on the server's mode, so there is none; the quote is doubled, which every mode takes.
fn quoted(text: &str) -> Result<SecretText, DatabaseError> {
    if text.contains(['\\', '\0']) {
        return Err(DatabaseError::Failed("a name or password cannot be quoted safely".to_owned()));
    }
    Ok(SecretText::new(format!("'{}'", text.replace('\'', "''"))))
}

/// A shown grant as one to another account, without the password that MariaDB shows; `None` for what is no grant to that account.
fn granted(grant: &str, user: &str, host: &str, copy: &str) -> Option<String> {
    let forms = [format!(" TO `{user}`@`{host}`"), format!(" TO '{user}'@'{host}'")];
    let form = forms.iter().find(|form| grant.contains(form.as_str()))?;
    let (what, rest) = grant.split_once(form.as_str())?;
    if !what.starts_with("GRANT ") {
        return None;
    }
    Some(format!("{what} TO {copy}{}", without_password(rest)))
}

fn without_password(rest: &str) -> String {
    let begins = [" IDENTIFIED BY PASSWORD '", " IDENTIFIED VIA "];
    let Some(start) = begins.iter().find_map(|begin| rest.find(begin)) else { return rest.to_owned() };
    let (before, password) = rest.split_at(start);
    // After the last quote of the hashes, which hold none.
    let end = ["REQUIRE ", "WITH "].iter().filter_map(|next| password.find(&format!(" {next}"))).min();
    format!("{before}{}", end.and_then(|end| password.get(end..)).unwrap_or_default())
}

fn told(error: &Error) -> DatabaseError {
    match error {
        // Denied, denied without a password, denied in that database, locked (MySQL, MariaDB).
        Error::Server(answer) if matches!(answer.code, 1044 | 1045 | 1698 | 3118 | 4151) => {
            DatabaseError::Denied(format!("the database answers {}: {}", answer.code, answer.message))
        }
        Error::Server(answer) => {
            DatabaseError::Failed(format!("the database answers {}: {}", answer.code, answer.message))
        }
        error => DatabaseError::Unreachable(format!("the database cannot be reached: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_copied_without_its_password() {
        let copied = |grant: &str| granted(grant, "app", "%", "'app_clone'@'%'");
        assert_eq!(
            copied("GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*2470C0C06DEE' REQUIRE SSL WITH GRANT OPTION").as_deref(),
            Some("GRANT USAGE ON *.* TO 'app_clone'@'%' REQUIRE SSL WITH GRANT OPTION")
        );
        assert_eq!(
            copied("GRANT SELECT, INSERT ON `shop`.* TO 'app'@'%' WITH GRANT OPTION").as_deref(),
            Some("GRANT SELECT, INSERT ON `shop`.* TO 'app_clone'@'%' WITH GRANT OPTION")
        );
        assert_eq!(
            copied("GRANT `reader` TO `app`@`%`").as_deref(),
            Some("GRANT `reader` TO 'app_clone'@'%'")
        );
        assert_eq!(copied("SET DEFAULT ROLE `reader` FOR `app`@`%`"), None);
        assert_eq!(copied("GRANT USAGE ON *.* TO `other`@`%`"), None);
    }

    #[test]
    fn what_a_literal_cannot_hold_is_refused() {
        assert_eq!(quoted("o'brien").unwrap().expose(), "'o''brien'");
        assert!(quoted("back\\slash").is_err() && quoted("n\0").is_err());
    }
}
