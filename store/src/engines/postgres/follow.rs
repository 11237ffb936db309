//! Following what other nodes append: a notification is a reason to look, and so is time.

use std::sync::Arc;
use std::time::Duration;

use std::future::poll_fn;
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

use super::{PostgresError, Shared};
use crate::Position;

/// How long a lost notification can keep a frame from being noticed.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Follows until it is aborted, over as many connections as it takes.
pub(super) async fn run(config: Config, shared: Arc<Shared>) {
    loop {
        if let Err(error) = follow(&config, &shared).await {
            tracing::warn!(%error, "lost sight of the other nodes; connecting again");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn follow(config: &Config, shared: &Shared) -> Result<(), PostgresError> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let look = Arc::new(Notify::new());
    let told = look.clone();
    // Ends with the connection, which ends when the client is dropped.
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if matches!(message, AsyncMessage::Notification(_)) {
                told.notify_one();
            }
        }
    });
    client.batch_execute("LISTEN alcazar").await?;
    loop {
        look_once(&client, shared).await?;
        let _ = tokio::time::timeout(LOOK_EVERY, look.notified()).await;
    }
}

async fn look_once(client: &Client, shared: &Shared) -> Result<(), PostgresError> {
    let head = client.query_one("SELECT position, changed FROM alcazar_head", &[]).await?;
    let position = |column| Position(head.get::<_, i64>(column).cast_unsigned());
    shared.note(position(0), position(1));
    Ok(())
}
