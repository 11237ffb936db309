//! A call that has begun is finished, whether its client waits or not: what was authenticated is recorded, and what was committed
//! takes effect.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Runs a call in its connection's task, and on its own once the connection goes away before it is done.
pub(super) struct Finished<F: Future + Send + 'static>(Option<Pin<Box<F>>>)
where
    F::Output: Send;

impl<F: Future + Send + 'static> Finished<F>
where
    F::Output: Send,
{
    pub(super) fn new(call: F) -> Self {
        Self(Some(Box::pin(call)))
    }
}

impl<F: Future + Send + 'static> Future for Finished<F>
where
    F::Output: Send,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // Nobody polls a future that has ended; pending is what an ended one would say.
        let Some(call) = &mut self.0 else { return Poll::Pending };
        let answer = call.as_mut().poll(context);
        if answer.is_ready() {
            self.0 = None;
        }
        answer
    }
}

impl<F: Future + Send + 'static> Drop for Finished<F>
where
    F::Output: Send,
{
    fn drop(&mut self) {
        // Outside of a runtime there is nothing left to run it: the program is ending.
        if let (Some(call), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            drop(runtime.spawn(call));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_call_goes_on_when_its_client_hangs_up() {
        let (begun, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let call = {
            let (begun, done) = (begun.clone(), done.clone());
            async move {
                begun.notify_one();
                tokio::time::sleep(Duration::from_millis(5)).await;
                done.notify_one();
            }
        };
        tokio::select! {
            () = Finished::new(call) => unreachable!("it sleeps longer"),
            () = begun.notified() => {}
        }
        done.notified().await;
    }
}
