/// An answer to the frame, for the shell to hand on as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The policy of every page. The app's own policy is not inherited on `message:`, so it must be in this header.
/// `images` is where parts and fetched images come from: `message:`, or another address where the frame has one.
pub(crate) fn policy(images: &str) -> String {
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src {images} cid: data:; font-src 'none'; \
         form-action 'none'; frame-src 'none'; object-src 'none'; base-uri 'none'; script-src 'none'; \
         sandbox allow-popups allow-popups-to-escape-sandbox"
    )
}

fn common(content_type: &str) -> Vec<(String, String)> {
    [
        ("Content-Type", content_type),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("X-DNS-Prefetch-Control", "off"),
        // A token dies with its frame: nothing of a mail may stay in a cache on disk.
        ("Cache-Control", "no-store"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

impl Served {
    pub(crate) fn page(html: &str, policy: &str) -> Self {
        let mut headers = common("text/html; charset=utf-8");
        headers.push(("Content-Security-Policy".into(), policy.to_owned()));
        Served { status: 200, headers, body: html.as_bytes().to_vec() }
    }

    /// Bytes of a kind that cannot run; `sandbox` all the same, should a part ever be opened as a page.
    pub(crate) fn image(mime: &str, bytes: Vec<u8>) -> Self {
        let mut headers = common(mime);
        headers.push(("Content-Security-Policy".into(), "default-src 'none'; sandbox".into()));
        Served { status: 200, headers, body: bytes }
    }

    pub(crate) fn error(status: u16) -> Self {
        let mut headers = common("text/plain; charset=utf-8");
        headers.push(("Content-Security-Policy".into(), "default-src 'none'; sandbox".into()));
        Served { status, headers, body: Vec::new() }
    }
}
