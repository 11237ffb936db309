//! The way to the world outside: HTTP/1.1 over TCP and TLS, within a deadline and a bound on the answer. It follows nothing: no redirects, no
//! proxies of the environment, no alternative services.
//!
//! Connections are kept for a while and used again, from whichever thread: a handshake costs more than a request.

mod connection;
mod idle;
mod place;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alcazar_ports::{Clock, Http, HttpBounds, HttpError, HttpPending};
use bytes::{Bytes, BytesMut};
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};

use connection::Connector;
use idle::{Idle, Sender};
use place::Place;

use crate::trust::Trust;

/// HTTP to whoever is asked.
pub(crate) struct Outside {
    connector: Connector,
    idle: Idle,
}

impl Outside {
    /// HTTP to servers that prove themselves by these authorities.
    pub(crate) fn new(trust: Trust, clock: Arc<dyn Clock>) -> Self {
        Self { connector: Connector::new(trust), idle: Idle::new(clock) }
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        bounds: HttpBounds,
        connected: &AtomicBool,
    ) -> Result<Response<Bytes>, HttpError> {
        let place = Place::of(request.uri())?;
        let mut request = in_origin_form(request, &place)?;
        while let Some(mut sender) = self.idle.take(&place) {
            connected.store(true, Ordering::Relaxed);
            let again = bounds.repeatable.then(|| request.clone());
            match sender.try_send_request(request).await {
                Ok(response) => return self.read(place, sender, response, bounds.body).await,
                // It was dead already, so that nothing was sent; or it died, and sending twice does no harm.
                Err(mut error) => match error.take_message().or(again) {
                    Some(unsent) => request = unsent,
                    None => return Err(broken(&error.into_error())),
                },
            }
        }
        let mut sender = self.connector.connect(&place, connected).await?;
        let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
        self.read(place, sender, response, bounds.body).await
    }

    async fn read(
        &self,
        place: Place,
        sender: Sender,
        response: Response<Incoming>,
        limit: usize,
    ) -> Result<Response<Bytes>, HttpError> {
        let (head, mut body) = response.into_parts();
        if body.size_hint().lower() > limit as u64 {
            return Err(HttpError::TooLarge);
        }
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() {
                if whole.len() + data.len() > limit {
                    return Err(HttpError::TooLarge);
                }
                whole.extend_from_slice(&data);
            }
        }
        self.idle.keep(place, sender);
        Ok(Response::from_parts(head, whole.freeze()))
    }
}

impl Http for Outside {
    fn send(&self, request: Request<Bytes>, bounds: HttpBounds) -> HttpPending<'_> {
        Box::pin(async move {
            let connected = AtomicBool::new(false);
            let exchange = self.exchange(request, bounds, &connected);
            match tokio::time::timeout(bounds.deadline, exchange).await {
                Ok(answer) => answer,
                Err(_) if connected.load(Ordering::Relaxed) => Err(HttpError::TimedOut),
                Err(_) => Err(HttpError::Unreachable("no connection in time".to_owned())),
            }
        })
    }
}

/// The request as it stands on the wire: the path alone in its first line, and the host beside it.
fn in_origin_form(request: Request<Bytes>, place: &Place) -> Result<Request<Full<Bytes>>, HttpError> {
    let unfit = |_| HttpError::Malformed("the request's address is not fit to be sent".to_owned());
    let (mut head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    head.uri = path.parse::<Uri>().map_err(|error| HttpError::Malformed(error.to_string()))?;
    if !head.headers.contains_key(HOST) {
        head.headers.insert(HOST, HeaderValue::from_str(place.authority()).map_err(unfit)?);
    }
    Ok(Request::from_parts(head, Full::new(body)))
}

fn broken(error: &hyper::Error) -> HttpError {
    let told = std::error::Error::source(error).map_or_else(String::new, |source| format!(": {source}"));
    let told = format!("{error}{told}");
    if error.is_parse() || error.is_parse_status() || error.is_parse_too_large() {
        return HttpError::Malformed(told);
    }
    HttpError::Interrupted(told)
}

#[cfg(test)]
mod tests;
