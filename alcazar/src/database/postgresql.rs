//! PostgreSQL. The server gets a verifier of the new password instead of the password itself, where it keeps such: then neither its log nor its
//! statistics can have it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use alcazar_core::SecretText;
use alcazar_ports::{Awaited, Connection, DatabaseError, Login, Tls};
use postgres_protocol::escape::{escape_identifier, escape_literal};
use postgres_protocol::password::scram_sha_256;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres::{Client, Config, SimpleQueryMessage};
use tokio_rustls::TlsConnector;
use tokio_rustls::client;

use super::anybody::anybody;
use super::{PATIENCE, in_time};
use crate::trust::Trust;

/// A login at a PostgreSQL server.
struct PostgreSql {
    client: Client,
    /// What carries the bytes.
    carrier: JoinHandle<()>,
}

/// Logs in, and asks one question.
pub(super) async fn connect(login: &Login, trust: &Trust) -> Result<Box<dyn Connection>, DatabaseError> {
    let (mode, tls) = match login.tls {
        Tls::Preferred => (SslMode::Prefer, anybody()),
        Tls::Required => (SslMode::Require, trust.proven()),
        Tls::Off => (SslMode::Disable, anybody()),
    };
    let tls = tls.map_err(DatabaseError::Unreachable)?;
    let mut config = Config::new();
    config
        .host(&login.host)
        .port(login.port)
        .user(&login.user)
        .password(login.password.expose())
        .dbname(login.database.as_deref().unwrap_or("postgres"))
        .application_name("alcazar")
        .ssl_mode(mode)
        .connect_timeout(PATIENCE);
    let (client, connection) = config.connect(Encrypt(Arc::new(tls))).await.map_err(|error| told(&error))?;
    let carrier = tokio::spawn(async move {
        // How it ended is told by the statements that were under way.
        let _ = connection.await;
    });
    let postgresql = PostgreSql { client, carrier };
    postgresql.client.simple_query("SELECT 1").await.map_err(|error| told(&error))?;
    Ok(Box::new(postgresql))
}

impl Connection for PostgreSql {
    fn set_password<'a>(
        &'a mut self,
        user: &'a str,
        password: &'a SecretText,
    ) -> Awaited<'a, Result<(), DatabaseError>> {
        Box::pin(in_time(async move {
            let user = escape_identifier(user);
            let password = self.password(password).await?;
            let statement = SecretText::new(format!("ALTER ROLE {user} WITH PASSWORD {}", password.expose()));
            self.execute(&statement).await
        }))
    }

    fn clone_user<'a>(
        &'a mut self,
        from: &'a str,
        to: &'a str,
        password: &'a SecretText,
    ) -> Awaited<'a, Result<(), DatabaseError>> {
        Box::pin(in_time(async move {
            let question = "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1";
            let known = self.client.query_opt(question, &[&to]).await;
            if known.map_err(|error| told(&error))?.is_some() {
                return self.set_password(to, password).await;
            }
            let password = self.password(password).await?;
            let (from, to) = (escape_identifier(from), escape_identifier(to));
            // Both or neither: a user that is there is taken for one that has its rights.
            let statement = SecretText::new(format!(
                "BEGIN; CREATE ROLE {to} WITH LOGIN PASSWORD {}; GRANT {from} TO {to}; COMMIT",
                password.expose()
            ));
            self.execute(&statement).await
        }))
    }
}

impl PostgreSql {
    async fn execute(&self, statement: &SecretText) -> Result<(), DatabaseError> {
        self.client.batch_execute(statement.expose()).await.map_err(|error| told(&error))
    }

    /// A password as a literal: its verifier, if the server keeps verifiers of that kind.
    async fn password(&self, password: &SecretText) -> Result<SecretText, DatabaseError> {
        let answer = self.client.simple_query("SHOW password_encryption").await;
        let answer = answer.map_err(|error| told(&error))?;
        let scram = answer.iter().any(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0) == Some("scram-sha-256"),
            _ => false,
        });
        Ok(SecretText::new(match scram {
            true => escape_literal(&scram_sha_256(password.expose().as_bytes())),
            false => escape_literal(password.expose()),
        }))
    }
}

impl Drop for PostgreSql {
    fn drop(&mut self) {
        self.carrier.abort();
    }
}

/// What went wrong. The server's own words hold no password: it gets a verifier, or a literal that it can read.
fn told(error: &tokio_postgres::Error) -> DatabaseError {
    let Some(answer) = error.as_db_error() else {
        return DatabaseError::Unreachable(format!("the database cannot be reached: {error}"));
    };
    let words = format!("the database answers {}: {}", answer.code().code(), answer.message());
    let denied = [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION];
    match denied.contains(answer.code()) {
        true => DatabaseError::Denied(words),
        false => DatabaseError::Failed(words),
    }
}

/// TLS for tokio-postgres.
struct Encrypt(Arc<rustls::ClientConfig>);

struct Handshake {
    connector: TlsConnector,
    server: ServerName<'static>,
}

struct Encrypted<S>(client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Encrypt {
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = rustls::pki_types::InvalidDnsNameError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, Self::Error> {
        let server = ServerName::try_from(domain.to_owned())?;
        Ok(Handshake { connector: TlsConnector::from(self.0.clone()), server })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { self.connector.connect(self.server, stream).await.map(Encrypted) })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
