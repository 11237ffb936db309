//! The PostgreSQL engine keeps the contract, against a server that this test starts itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use alcazar_store::contract::{self, Subject};
use alcazar_store::engines::postgres::PostgresStore;
use alcazar_store::{AppendError, Frame, KeyWriter, Pending, Position, Store, Version};
use tokio_postgres::{Config, NoTls};

/// A server in a temporary folder, on a Unix socket alone; it goes with the test.
struct Server {
    folder: tempfile::TempDir,
    process: Option<Child>,
    databases: AtomicU32,
}

/// Where Debian and others put the server's programs.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.extend(std::env::split_paths(&path));
    folders.push("/usr/local/bin".into());
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("no PostgreSQL server is installed ({name} was not found): apt-get install postgresql, or cargo xtask test")
    })
}

/// The server refuses to run as root; then it runs as nobody.
fn command(program: &Path) -> Command {
    if !am_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(program);
    command
}

fn am_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        if am_root() {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        if am_root() {
            let owned = Command::new("chown").arg("nobody:nogroup").arg(&data).status().unwrap();
            assert!(owned.success());
        }
        let made = command(&program("initdb"))
            .args(["--auth=trust", "--username=alcazar", "--no-sync", "--encoding=UTF8", "-D"])
            .arg(&data)
            .current_dir("/")
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut server = Self { folder, process: None, databases: AtomicU32::new(0) };
        server.run().await;
        server
    }

    async fn run(&mut self) {
        let data = self.folder.path().join("data");
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        let process = command(&program("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&data)
            .args(["-c", "listen_addresses="])
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.process = Some(process);
        for _ in 0..600 {
            if self.config("postgres").connect(NoTls).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not start: {}", fs::read_to_string(self.folder.path().join("log")).unwrap());
    }

    /// Stops it as a machine that fails would: nothing is told to anybody.
    fn crash(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        // SIGQUIT: the server's children end at once, without a checkpoint.
        let _ = Command::new("kill").arg("-QUIT").arg(process.id().to_string()).status();
        let _ = process.wait();
    }

    fn config(&self, database: &str) -> Config {
        let mut config = Config::new();
        config.host_path(self.folder.path().join("data")).user("alcazar").dbname(database);
        config
    }

    async fn fresh_database(&self) -> String {
        let name = format!("store_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let (client, connection) = self.config("postgres").connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        name
    }

    async fn open(&self, database: &str) -> Arc<PostgresStore> {
        Arc::new(PostgresStore::connect(&self.config(database)).await.unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.crash();
    }
}

impl Subject for Server {
    fn fresh(&self) -> Pending<'_, Arc<dyn Store>> {
        Box::pin(async {
            let database = self.fresh_database().await;
            self.open(&database).await as Arc<dyn Store>
        })
    }

    fn reopened(&self, _closed: Arc<dyn Store>) -> Pending<'_, Arc<dyn Store>> {
        let newest = format!("store_{}", self.databases.load(Ordering::Relaxed) - 1);
        Box::pin(async move { self.open(&newest).await as Arc<dyn Store> })
    }
}

fn put(name: &str, value: u32, expected: Option<Version>) -> Frame {
    let key = KeyWriter::new().part(name.as_bytes()).finish();
    Frame {
        expect: expected.map(|version| (key.clone(), version)).into_iter().collect(),
        put: vec![(key, value.to_string().into())],
        ..Frame::default()
    }
}

async fn read(store: &PostgresStore, name: &str) -> (Version, u32) {
    let row = store.get(KeyWriter::new().part(name.as_bytes()).finish().as_bytes()).await.unwrap();
    (row.version, std::str::from_utf8(&row.value).unwrap().parse().unwrap_or(0))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_over_postgresql() {
    let server = Server::start().await;
    contract::all(&server).await;
    two_nodes(&server).await;
    a_newer_form(&server).await;
}

/// Two nodes on one database: one order, no lost update, each sees the other's frames.
async fn two_nodes(server: &Server) {
    let database = server.fresh_database().await;
    let nodes = [server.open(&database).await, server.open(&database).await];
    let tasks = nodes.clone().map(|node| {
        tokio::spawn(async move {
            let mut done = 0;
            while done < 40 {
                let (version, count) = read(&node, "shared").await;
                match node.append(put("shared", count + 1, Some(version))).await {
                    Ok(_) => done += 1,
                    Err(AppendError::Conflict) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(read(&nodes[0], "shared").await.1, 80);

    let before = nodes[0].append(put("a", 1, None)).await.unwrap();
    let waiting = tokio::time::timeout(Duration::from_secs(10), nodes[1].changed(Position(before.0 - 1)));
    assert_eq!(waiting.await.unwrap(), before);
    assert_eq!(nodes[1].changed_at(), before);
    // What was read before the other node's change is noticed.
    let read_at = nodes[0].changed_at();
    let (version, _) = read(&nodes[0], "a").await;
    nodes[1].append(put("a", 2, None)).await.unwrap();
    let stale = Frame { read_at, ..put("a", 3, Some(version)) };
    assert!(matches!(nodes[0].append(stale).await, Err(AppendError::Conflict)));
}

async fn a_newer_form(server: &Server) {
    let database = server.fresh_database().await;
    drop(server.open(&database).await);
    let (client, connection) = server.config(&database).connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("UPDATE alcazar_head SET format = 9, oldest_reader = 9").await.unwrap();
    let error = PostgresStore::connect(&server.config(&database)).await.unwrap_err().to_string();
    assert!(error.contains("newer program") && error.contains("form 9"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_loses_nothing_and_the_store_finds_it_again() {
    let mut server = Server::start().await;
    let database = server.fresh_database().await;
    let store = server.open(&database).await;
    let last = store.append(put("a", 1, None)).await.unwrap();
    server.crash();
    assert!(matches!(store.append(put("a", 2, None)).await, Err(AppendError::Store(_))));
    assert!(store.get(b"a").await.is_err());
    server.run().await;
    assert_eq!(read(&store, "a").await, (Version(last.0), 1));
    assert_eq!(store.append(put("a", 3, None)).await.unwrap(), Position(last.0 + 1));
}
