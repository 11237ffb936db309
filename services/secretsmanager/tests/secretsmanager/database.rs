//! A database in memory, which fails when it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use alcazar_core::SecretText;
use alcazar_ports::{Awaited, Connection, DatabaseError, Databases, Login};
use tokio::sync::Notify;

/// How a question fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The database is not reached.
    Before,
    /// It has done it, and its answer is lost.
    After,
    /// It has done it, and the program dies before it hears so.
    Crash,
}

/// What it does to every statement, for as long as it is so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It does them.
    #[default]
    Well,
    /// Whoever logs in is let in, and then the line is down.
    HalfWay,
    /// It refuses them.
    Refusing,
}

/// What it knows, and what it is to do wrong.
#[derive(Default)]
pub(crate) struct Known {
    /// The passwords of users.
    pub(crate) users: BTreeMap<String, String>,
    /// Where logins came from, and where to.
    pub(crate) logins: Vec<(String, String)>,
    /// Who has whose rights.
    pub(crate) clones: BTreeMap<String, String>,
    /// How many questions it has been asked.
    pub(crate) asked: usize,
    /// Which question fails, and how.
    pub(crate) fault: Option<(usize, Fault)>,
    pub(crate) mood: Mood,
}

impl Known {
    fn takes_statements(&self) -> Result<(), DatabaseError> {
        match self.mood {
            Mood::Well => Ok(()),
            Mood::HalfWay => Err(DatabaseError::Unreachable("the line is down".to_owned())),
            Mood::Refusing => Err(DatabaseError::Failed("the database answers 42501".to_owned())),
        }
    }
}

/// The database.
#[derive(Clone, Default)]
pub(crate) struct Database {
    known: Arc<Mutex<Known>>,
    /// It has hung: the program is to die.
    pub(crate) hung: Arc<Notify>,
}

struct Session {
    database: Database,
    user: String,
}

impl Database {
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.known.lock().unwrap())
    }

    pub(crate) fn user(&self, name: &str, password: &str) {
        self.with(|known| known.users.insert(name.to_owned(), password.to_owned()));
    }

    /// Whether that user gets in with that password.
    pub(crate) fn lets_in(&self, name: &str, password: &str) -> bool {
        self.with(|known| known.users.get(name).is_some_and(|held| held == password))
    }

    /// Does it, unless this is the question that fails.
    async fn asked<T>(
        &self,
        work: impl FnOnce(&mut Known) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let (done, fault) = self.with(|known| {
            let number = known.asked;
            known.asked += 1;
            let fault = known.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
            let done = if fault == Some(Fault::Before) { None } else { Some(work(known)) };
            (done, fault)
        });
        match (done, fault) {
            (Some(done), None) => done,
            (_, Some(Fault::Crash)) => {
                self.hung.notify_one();
                std::future::pending().await
            }
            _ => Err(DatabaseError::Unreachable("the line is down".to_owned())),
        }
    }
}

impl Databases for Database {
    fn connect<'a>(&'a self, login: &'a Login) -> Awaited<'a, Result<Box<dyn Connection>, DatabaseError>> {
        Box::pin(self.asked(move |known| {
            known.logins.push((login.user.clone(), login.host.clone()));
            match known.users.get(&login.user).is_some_and(|held| held == login.password.expose()) {
                true => {
                    let session = Session { database: self.clone(), user: login.user.clone() };
                    Ok(Box::new(session) as Box<dyn Connection>)
                }
                false => Err(DatabaseError::Denied("no".to_owned())),
            }
        }))
    }
}

impl Connection for Session {
    fn set_password<'a>(
        &'a mut self,
        user: &'a str,
        password: &'a SecretText,
    ) -> Awaited<'a, Result<(), DatabaseError>> {
        assert_eq!(user, self.user, "a user without rights changes its own password alone");
        let password = password.expose().to_owned();
        Box::pin(self.database.asked(move |known| {
            known.takes_statements()?;
            known.users.insert(user.to_owned(), password);
            Ok(())
        }))
    }

    fn clone_user<'a>(
        &'a mut self,
        from: &'a str,
        to: &'a str,
        password: &'a SecretText,
    ) -> Awaited<'a, Result<(), DatabaseError>> {
        assert_eq!(self.user, "admin", "only the superuser makes users");
        let password = password.expose().to_owned();
        Box::pin(self.database.asked(move |known| {
            known.takes_statements()?;
            known.users.insert(to.to_owned(), password);
            known.clones.insert(to.to_owned(), from.to_owned());
            Ok(())
        }))
    }
}
