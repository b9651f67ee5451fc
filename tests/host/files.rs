//! The UI's built files, with the policy that the desktop shell gives them.

use super::serve::{Answer, bytes, empty};
use hyper::{HeaderMap, Response, StatusCode, header};
use std::path::{Component, Path};

/// The shell's policy, word for word but for where commands and frames live here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'";

/// Answers a file below `root`; `/` is the page.
pub fn answer(root: &Path, path: &str) -> Answer {
    let name = match path.trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    // Only plain steps downward: no `..`, no root of another drive.
    if !Path::new(name).components().all(|step| matches!(step, Component::Normal(_))) {
        return empty(StatusCode::NOT_FOUND);
    }
    let Ok(body) = std::fs::read(root.join(name)) else { return empty(StatusCode::NOT_FOUND) };
    let mut answer = Response::new(bytes(body));
    set(answer.headers_mut(), header::CONTENT_TYPE, kind(name));
    set(answer.headers_mut(), header::CONTENT_SECURITY_POLICY, POLICY);
    set(answer.headers_mut(), header::CACHE_CONTROL, "no-store");
    answer
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &'static str) {
    headers.insert(name, header::HeaderValue::from_static(value));
}

fn kind(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
