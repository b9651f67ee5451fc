//! One request, one answer.

use super::{Host, files};
use clientele_api::{ApiError, Code, command};
use futures::stream;
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Frame, Incoming},
    header,
};
use serde_json::Value;
use std::{convert::Infallible, path::Path, sync::Arc};
use tokio::sync::broadcast::error::RecvError;

pub type Body = UnsyncBoxBody<Bytes, Infallible>;
pub type Answer = Response<Body>;

/// Answers any request: the UI's files, `/call/<name>`, `/events`, `/file`, `/message/…`.
pub async fn answer(host: &Arc<Host>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    if !host.door.is_at_home(request.headers(), path.starts_with("/message/")) {
        return empty(StatusCode::FORBIDDEN);
    }
    let header_token = request.headers().get("x-clientele-token").and_then(|token| token.to_str().ok());
    match (request.method(), path.as_str()) {
        (&Method::POST, _) if !host.door.knows(header_token) => empty(StatusCode::FORBIDDEN),
        (&Method::POST, "/file") => {
            let name = query(&request, "name").unwrap_or_default();
            keep(host, &name, request).await
        }
        (&Method::POST, path) => match path.strip_prefix("/call/") {
            Some(name) => call(host, name, request).await,
            None => empty(StatusCode::NOT_FOUND),
        },
        (&Method::GET, "/events") if host.door.knows(query(&request, "token").as_deref()) => events(host),
        (&Method::GET, "/events") => empty(StatusCode::FORBIDDEN),
        (&Method::GET, path) => match path.strip_prefix("/message") {
            Some(inner) if inner.starts_with('/') => frame(host, inner).await,
            _ => files::answer(&host.ui, path),
        },
        _ => empty(StatusCode::METHOD_NOT_ALLOWED),
    }
}

async fn call(host: &Host, name: &str, request: Request<Incoming>) -> Answer {
    let Ok(body) = request.into_body().collect().await else { return empty(StatusCode::BAD_REQUEST) };
    let outcome = match serde_json::from_slice::<Value>(&body.to_bytes()) {
        Ok(asked) => command::call(&host.api, name, asked).await,
        Err(error) => Err(failed(Code::InvalidInput, &error.to_string())),
    };
    match outcome {
        Ok(mut view) => {
            if name == "frame_open"
                && let Some(token) = view["url"].as_str().and_then(|url| url.rsplit('/').next()).map(str::to_owned)
            {
                view["url"] = Value::String(format!("/message/{token}"));
            }
            json(StatusCode::OK, &view)
        }
        Err(error) => json(StatusCode::BAD_REQUEST, &serde_json::to_value(error).unwrap_or_default()),
    }
}

fn failed(code: Code, detail: &str) -> ApiError {
    ApiError { code, detail: detail.to_owned(), retryable: false }
}

/// Events as they come, one `data:` line each
/// (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
fn events(host: &Host) -> Answer {
    let heard = stream::unfold(host.api.events(), |mut events| async move {
        let line = loop {
            match events.recv().await {
                Ok(event) => match serde_json::to_string(&event) {
                    Ok(text) => break format!("data: {text}\n\n"),
                    Err(_) => continue,
                },
                // The page rereads everything when the stream breaks off and it comes back.
                Err(RecvError::Lagged(_) | RecvError::Closed) => return None,
            }
        };
        Some((Ok(Frame::data(Bytes::from(line))), events))
    });
    // A comment first, so that the browser knows that the stream is open.
    let opened = stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::from_static(b": open\n\n")))]);
    let body = StreamBody::new(futures::StreamExt::chain(opened, heard));
    let mut answer = Response::new(body.boxed_unsync());
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/event-stream"));
    answer
}

async fn frame(host: &Host, path: &str) -> Answer {
    let served = host.api.viewer().serve(path).await;
    let mut answer = Response::builder().status(served.status);
    for (name, value) in &served.headers {
        answer = answer.header(name.as_str(), value.as_str());
    }
    answer.body(bytes(served.body)).unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

/// Stands for the file dialog: keeps what the test sends and answers its path.
async fn keep(host: &Host, name: &str, request: Request<Incoming>) -> Answer {
    let Ok(body) = request.into_body().collect().await else { return empty(StatusCode::BAD_REQUEST) };
    let Some(name) = Path::new(name).file_name() else { return empty(StatusCode::BAD_REQUEST) };
    let path = host.chosen.path().join(name);
    match std::fs::write(&path, body.to_bytes()) {
        Ok(()) => json(StatusCode::OK, &serde_json::json!({ "path": path })),
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// One value of the query string; tokens and file names of tests need no decoding.
fn query(request: &Request<Incoming>, name: &str) -> Option<String> {
    let pairs = request.uri().query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

pub fn bytes(body: Vec<u8>) -> Body {
    Full::new(Bytes::from(body)).boxed_unsync()
}

pub fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(bytes(Vec::new()));
    *answer.status_mut() = status;
    answer
}

fn json(status: StatusCode, view: &Value) -> Answer {
    let mut answer = Response::new(bytes(view.to_string().into_bytes()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    answer
}
