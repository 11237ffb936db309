use std::fmt;
use std::future::Future;
use std::pin::Pin;

use alcazar_core::SecretText;

/// What a port answers in its own time.
pub type Awaited<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The operator's own databases, whose users' passwords are rotated. Every step has a time limit: none waits for ever.
pub trait Databases: Send + Sync + 'static {
    /// Logs in, and has the server answer one question: proof that these credentials work now.
    fn connect<'a>(&'a self, login: &'a Login) -> Awaited<'a, Result<Box<dyn Connection>, DatabaseError>>;
}

/// A login that stands. It ends when it is dropped.
pub trait Connection: Send {
    /// Gives a user another password: the user that has logged in, or another, if that one may.
    fn set_password<'a>(
        &'a mut self,
        user: &'a str,
        password: &'a SecretText,
    ) -> Awaited<'a, Result<(), DatabaseError>>;

    /// Sees that the user `to` is there, may do what `from` may, and has that password.
    fn clone_user<'a>(
        &'a mut self,
        from: &'a str,
        to: &'a str,
        password: &'a SecretText,
    ) -> Awaited<'a, Result<(), DatabaseError>>;
}

/// How to log in to a database.
#[derive(Debug, Clone)]
pub struct Login {
    /// What the server speaks.
    pub engine: Engine,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user.
    pub user: String,
    /// The user's password.
    pub password: SecretText,
    /// The database; `None` is the server's usual one.
    pub database: Option<String>,
    /// Whether the connection is encrypted.
    pub tls: Tls,
}

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL.
    PostgreSql,
    /// MySQL, or MariaDB, which speaks the same.
    MySql,
}

/// Whether a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// If the server can. Whom it speaks to is then not proven: without TLS it would be no better known.
    Preferred,
    /// Always, and the server's certificate must be good for its name.
    Required,
    /// Never.
    Off,
}

/// Why a database did not do what it was asked. The words hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseError {
    /// The server does not let that user in with that password.
    Denied(String),
    /// No server answered, or none that could be trusted, or not in time.
    Unreachable(String),
    /// The server answered, and refused the statement.
    Failed(String),
}

/// No database anywhere: for worlds that need none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDatabases;

impl Databases for NoDatabases {
    fn connect<'a>(&'a self, login: &'a Login) -> Awaited<'a, Result<Box<dyn Connection>, DatabaseError>> {
        let told = format!("{}:{} is out of reach", login.host, login.port);
        Box::pin(async { Err(DatabaseError::Unreachable(told)) })
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Denied(told) | Self::Unreachable(told) | Self::Failed(told)) = self;
        f.write_str(told)
    }
}

impl std::error::Error for DatabaseError {}
