//! Who may come in: the right token, and a browser that is really on our own page.

use hyper::HeaderMap;
use rand::Rng as _;

/// The host's address and its secret.
pub struct Door {
    authority: String,
    token: String,
}

impl Door {
    pub fn new(port: u16) -> Door {
        let token = rand::rng().random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect();
        Door { authority: format!("127.0.0.1:{port}"), token }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.authority)
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// The Host is ours, so that no name rebound to loopback gets in; and the Origin, where there is one, is our page.
    /// A mail's frame has no origin of its own and says `null`; it is let in to frames only.
    pub fn is_at_home(&self, headers: &HeaderMap, frame: bool) -> bool {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        text("host") == Some(&self.authority)
            && match text("origin") {
                None => true,
                Some("null") => frame,
                Some(origin) => origin == self.origin(),
            }
    }

    pub fn knows(&self, token: Option<&str>) -> bool {
        token == Some(self.token())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HOST, HeaderValue, ORIGIN};

    #[test]
    fn strangers_stay_outside() {
        let door = Door::new(8080);
        let headers = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            headers
        };
        assert!(door.is_at_home(&headers("127.0.0.1:8080", None), false));
        assert!(door.is_at_home(&headers("127.0.0.1:8080", Some("http://127.0.0.1:8080")), false));
        assert!(!door.is_at_home(&headers("127.0.0.1:8080", Some("null")), false), "a frame reached a command");
        assert!(door.is_at_home(&headers("127.0.0.1:8080", Some("null")), true));
        assert!(!door.is_at_home(&headers("evil.example:8080", None), false), "a rebound name");
        assert!(!door.is_at_home(&headers("127.0.0.1:8080", Some("http://evil.example")), true));
        assert!(!door.knows(None) && !door.knows(Some("")) && door.knows(Some(door.token())));
        assert_ne!(Door::new(1).token(), Door::new(1).token());
    }
}
