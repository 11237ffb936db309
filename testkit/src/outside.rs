use std::sync::{Mutex, PoisonError};

use alcazar_ports::{Http, HttpBounds, HttpError, HttpPending};
use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::watch;

use crate::keeper;

/// The world outside, scripted: whoever is asked there answers as the test says, and everything sent is kept. Until a test says otherwise there is
/// but one host, `xks.example.com`: an external key store proxy in good order.
pub struct Outside {
    answerer: Mutex<Answerer>,
    sent: Mutex<Vec<Request<Bytes>>>,
    /// Answers to paths that begin so are kept back.
    held: watch::Sender<Option<String>>,
}

type Answerer = Box<dyn FnMut(&Request<Bytes>) -> Result<Response<Bytes>, HttpError> + Send>;

impl Default for Outside {
    fn default() -> Self {
        Self {
            answerer: Mutex::new(Box::new(keeper::answer)),
            sent: Mutex::default(),
            held: watch::Sender::new(None),
        }
    }
}

impl Outside {
    /// From now on everything is answered by that.
    pub fn answers(
        &self,
        answerer: impl FnMut(&Request<Bytes>) -> Result<Response<Bytes>, HttpError> + Send + 'static,
    ) {
        *self.answerer.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(answerer);
    }

    /// From now on everything is answered with that status and body.
    pub fn says(&self, status: u16, body: &str) {
        let body = Bytes::copy_from_slice(body.as_bytes());
        self.answers(move |_| Ok(Response::builder().status(status).body(body.clone()).expect("a response")));
    }

    /// From now on nothing is answered.
    pub fn fails(&self, error: HttpError) {
        self.answers(move |_| Err(error.clone()));
    }

    /// The proxy in good order again.
    pub fn recovers(&self) {
        self.answers(keeper::answer);
    }

    /// From now on answers are kept back.
    pub fn holds(&self) {
        self.holds_at("");
    }

    /// From now on answers to paths that begin so are kept back.
    pub fn holds_at(&self, path: &str) {
        self.held.send_replace(Some(path.to_owned()));
    }

    /// From now on they are not, and those that were come.
    pub fn releases(&self) {
        self.held.send_replace(None);
    }

    /// What was sent since it was last asked, oldest first.
    pub fn sent(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Http for Outside {
    fn send(&self, request: Request<Bytes>, _: HttpBounds) -> HttpPending<'_> {
        let (mut held, path) = (self.held.subscribe(), request.uri().path().to_owned());
        let answer = (self.answerer.lock().unwrap_or_else(PoisonError::into_inner))(&request);
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Box::pin(async move {
            // The other end is this world's own, and outlives its calls.
            let _ = held.wait_for(|held| !held.as_ref().is_some_and(|held| path.starts_with(held))).await;
            answer
        })
    }
}
