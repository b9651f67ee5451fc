//! The `message` scheme: hands a frame's requests to the viewer.

use crate::{shell::Shell, window};
use tauri::{Manager as _, UriSchemeContext, UriSchemeResponder, Wry, http};

/// Answers one request of the main window's frames.
pub fn serve(context: UriSchemeContext<'_, Wry>, request: http::Request<Vec<u8>>, responder: UriSchemeResponder) {
    if context.webview_label() != window::LABEL || request.method() != http::Method::GET {
        return responder.respond(empty(403));
    }
    let Some(api) = context.app_handle().state::<Shell>().now() else {
        return responder.respond(empty(503));
    };
    let path = request.uri().path().to_owned();
    tauri::async_runtime::spawn(async move {
        let served = api.viewer().serve(&path).await;
        let answer =
            served.headers.iter().fold(http::Response::builder().status(served.status), |answer, (name, value)| {
                answer.header(name.as_str(), value.as_str())
            });
        responder.respond(answer.body(served.body).unwrap_or_else(|error| {
            tracing::error!(%error, "the viewer answered something that is not HTTP");
            empty(500)
        }));
    });
}

fn empty(status: u16) -> http::Response<Vec<u8>> {
    let mut answer = http::Response::new(Vec::new());
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    answer
}
