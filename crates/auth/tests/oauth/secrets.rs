//! Nothing secret is ever said: not in the log at its most talkative, not in what errors and values show of themselves.

use crate::{
    in_memory, mail, net, page, provider,
    server::{Quirk, Server},
    signed_in, text,
};
use clientele_auth::{OAuth, Providers};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_is_in_the_log_or_in_what_values_say_of_themselves() {
    let log = Log::default();
    let logging = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _logging = tracing::subscriber::set_default(logging);

    let server = Server::start().await;
    let (secrets, provider) = (in_memory().await, provider(&server));
    let oauth = OAuth::new(net(), secrets.clone());
    let mut said = String::new();
    let grant = signed_in(&oauth, &provider).await.unwrap();
    said += &format!("{grant:?}{provider:?}{:?}{:?}", Providers::default(), page());
    oauth.keep("ada", &provider, grant).await.unwrap();
    for quirk in [Quirk::Echo, Quirk::Html, Quirk::Status(500), Quirk::NoRefreshToken, Quirk::Scope("none")] {
        server.quirk(quirk);
        let error = signed_in(&oauth, &provider).await.expect_err("no grant");
        said += &format!("{error}{error:?}\n");
    }
    for quirk in [Quirk::None, Quirk::Echo, Quirk::ErrorIn200("invalid_grant")] {
        server.quirk(quirk);
        let oauth = OAuth::new(net(), secrets.clone());
        match mail(&oauth, &server).credential().await {
            Ok(credential) => {
                said += &format!("{credential:?}");
                mail(&oauth, &server).refused(&credential);
                text(Ok(credential));
            }
            Err(error) => said += &format!("{error}{error:?}"),
        }
    }
    oauth.forget("ada", Some(&provider)).await.unwrap();

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("signed in") && log.contains("sign-in revoked"), "the log is written:\n{log}");
    assert!(said.contains("you sent"), "the provider is quoted:\n{said}");
    let known = server.state().secrets.clone();
    assert!(known.len() > 20);
    for secret in known {
        assert!(!log.contains(&secret), "{secret} is in the log:\n{log}");
        assert!(!said.contains(&secret), "{secret} is shown:\n{said}");
    }
    assert!(!log.contains("ada@example.com"), "an address is in the log");
}
