//! Signing in by SASL (RFC 4422), the same for IMAP and SMTP: which mechanism, and what it says
//! (docs/decisions/0014-sign-in.md).

use crate::{Login, MailError};
use base64::{Engine, engine::general_purpose::STANDARD};
use clientele_model::{Credential, Endpoint, Secret, TokenError, TokenSource};
use rsasl::{
    callback::{Context, Request, SessionCallback, SessionData},
    prelude::{Mechname, SASLClient, SASLConfig, Session, SessionError},
    property::{AuthId, Password},
};

/// The most rounds of PBKDF2 that a server may ask for: about a second's work. RFC 7677 wants at least 4,096.
const MAX_ROUNDS: u32 = 1_000_000;

/// A way of signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// RFC 7628
    OauthBearer,
    /// Google's and Microsoft's forerunner of it.
    Xoauth2,
    /// RFC 7677: the password does not leave this computer, and the server proves that it knows it.
    ScramSha256,
    /// RFC 4616
    Plain,
    /// Never standardised, and all that some servers offer.
    Login,
}

impl Mechanism {
    /// Best first.
    pub(crate) const ALL: [Mechanism; 5] =
        [Mechanism::OauthBearer, Mechanism::Xoauth2, Mechanism::ScramSha256, Mechanism::Plain, Mechanism::Login];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Mechanism::OauthBearer => "OAUTHBEARER",
            Mechanism::Xoauth2 => "XOAUTH2",
            Mechanism::ScramSha256 => "SCRAM-SHA-256",
            Mechanism::Plain => "PLAIN",
            Mechanism::Login => "LOGIN",
        }
    }

    pub(crate) fn fits(self, credential: &Credential) -> bool {
        let bearer = matches!(self, Mechanism::OauthBearer | Mechanism::Xoauth2);
        bearer == matches!(credential, Credential::Bearer(_))
    }
}

/// What a connection signs in with, and whether it is worth a second try.
pub(crate) struct Supply<'a> {
    source: &'a dyn TokenSource,
    given: Option<Credential>,
    refused: bool,
}

impl<'a> Supply<'a> {
    pub(crate) fn of(login: &'a Login) -> Supply<'a> {
        Supply { source: login.secret.as_ref(), given: None, refused: false }
    }

    pub(crate) async fn next(&mut self) -> Result<Credential, MailError> {
        let credential = self.source.credential().await?;
        if self.refused && self.given.as_ref() == Some(&credential) {
            // There is no fresh one: saying the same again would be refused again.
            return Err(TokenError::SignInAgain.into());
        }
        self.given = Some(credential.clone());
        Ok(credential)
    }

    /// After a failure: Ok where another try with a fresh access token is worth it, once.
    pub(crate) fn again(&mut self, error: MailError) -> Result<(), MailError> {
        let Some(given @ Credential::Bearer(_)) = &self.given else { return Err(error) };
        if error.kind() != crate::Code::SignInRefused {
            return Err(error);
        }
        self.source.refused(given);
        if self.refused {
            return Err(TokenError::SignInAgain.into());
        }
        self.refused = true;
        Ok(())
    }
}

/// One exchange. All that it gives is in base64, ready for the wire, and as secret as what it holds.
pub(crate) struct Exchange {
    mechanism: Mechanism,
    state: State,
}

enum State {
    /// Said at once, or at the first question.
    First(Secret),
    /// LOGIN: what the next questions are answered by.
    Questions(Vec<Secret>),
    Scram {
        session: Box<Session>,
        step: u8,
    },
    /// Everything is said. What still comes is a server's account of why not.
    Said,
}

impl Exchange {
    /// `endpoint` is where the connection goes: OAUTHBEARER says it, so that a token cannot be passed on.
    pub(crate) fn new(
        mechanism: Mechanism,
        user: &str,
        credential: &Credential,
        endpoint: &Endpoint,
    ) -> Result<Exchange, MailError> {
        let secret = match credential {
            Credential::Password(secret) | Credential::Bearer(secret) => secret.expose(),
        };
        if user.chars().chain(secret.chars()).any(|letter| letter == '\0') || user.chars().any(char::is_control) {
            return Err(MailError::SignInRefused("a user name or password cannot hold such a character".into()));
        }
        let first = |text: String| State::First(Secret::new(STANDARD.encode(Secret::new(text).expose())));
        let state = match mechanism {
            Mechanism::OauthBearer => {
                let name = user.replace('=', "=3D").replace(',', "=2C");
                let Endpoint { host, port, .. } = endpoint;
                first(format!("n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {secret}\x01\x01"))
            }
            Mechanism::Xoauth2 => first(format!("user={user}\x01auth=Bearer {secret}\x01\x01")),
            Mechanism::Plain => first(format!("\0{user}\0{secret}")),
            Mechanism::Login => {
                // Servers word the questions as they like; their order is the same everywhere.
                State::Questions(vec![Secret::new(STANDARD.encode(secret)), Secret::new(STANDARD.encode(user))])
            }
            Mechanism::ScramSha256 => State::Scram { session: Box::new(scram(user, secret)?), step: 0 },
        };
        Ok(Exchange { mechanism, state })
    }

    /// What can be said before the server asks; None where it has to ask.
    pub(crate) fn first(&mut self) -> Result<Option<Secret>, MailError> {
        match &mut self.state {
            State::Questions(_) | State::Said => Ok(None),
            State::First(_) => {
                let State::First(text) = std::mem::replace(&mut self.state, State::Said) else { return Ok(None) };
                Ok(Some(text))
            }
            State::Scram { session, step } => {
                *step = 1;
                said(session, None).map(Some)
            }
        }
    }

    /// The answer to a question of the server, as it came.
    pub(crate) async fn answer(&mut self, question: &str) -> Result<Secret, MailError> {
        match std::mem::replace(&mut self.state, State::Said) {
            State::First(text) => Ok(text),
            State::Questions(mut rest) => {
                let next = rest.pop().ok_or(MailError::Protocol("a question too many"))?;
                self.state = State::Questions(rest);
                Ok(next)
            }
            State::Scram { session, step } => {
                let question = STANDARD.decode(question.trim()).map_err(|_| unreadable())?;
                if question.starts_with(b"e=") {
                    // Why not; the refusal follows.
                    return Ok(Secret::new(""));
                }
                if step == 1 && rounds(&question).ok_or_else(unreadable)? > MAX_ROUNDS {
                    return Err(MailError::Protocol("a sign-in that would take too long"));
                }
                // The rounds are work for a processor, not for a task among tasks.
                let worked = tokio::task::spawn_blocking(move || {
                    let mut session = session;
                    let answer = said(&mut session, Some(&question));
                    (session, answer)
                });
                let (session, answer) = worked.await.map_err(|_| MailError::Stopped)?;
                let answer = answer.map_err(|error| if step == 2 { MailError::Unproven } else { error })?;
                self.state = State::Scram { session, step: step + 1 };
                Ok(answer)
            }
            // RFC 7628 section 3.2.3: after the account of why not comes an answer that says nothing, and then the refusal.
            State::Said if self.mechanism == Mechanism::OauthBearer => Ok(Secret::new(STANDARD.encode("\x01"))),
            State::Said => Ok(Secret::new("")),
        }
    }

    /// Whether a refusal now is about the password: a SCRAM server that says no before it has seen a proof does not know the
    /// user, or keeps the password in a form that SCRAM cannot use.
    pub(crate) fn judged(&self) -> bool {
        !matches!(self.state, State::Scram { step: 0 | 1, .. })
    }

    /// The server says that we are in. A SCRAM server must have proven that it knows the password (RFC 5802 section 3).
    pub(crate) fn finish(&self) -> Result<(), MailError> {
        let proven = matches!(self.state, State::Scram { step: 3, .. });
        if self.mechanism == Mechanism::ScramSha256 && !proven { Err(MailError::Unproven) } else { Ok(()) }
    }
}

struct Person {
    user: String,
    password: Secret,
}

impl SessionCallback for Person {
    fn callback(&self, _: &SessionData, _: &Context<'_>, request: &mut Request<'_>) -> Result<(), SessionError> {
        request.satisfy::<AuthId>(&self.user)?.satisfy::<Password>(self.password.expose().as_bytes())?;
        Ok(())
    }
}

fn scram(user: &str, password: &str) -> Result<Session, MailError> {
    let person = Person { user: user.to_owned(), password: Secret::new(password) };
    let unfit = |_| MailError::SignInUnsupported;
    let config = SASLConfig::builder().with_default_mechanisms().with_callback(person).map_err(unfit)?;
    let name = Mechname::parse(b"SCRAM-SHA-256").map_err(|_| MailError::SignInUnsupported)?;
    SASLClient::new(config).start_suggested(&[name]).map_err(unfit)
}

fn said(session: &mut Session, question: Option<&[u8]>) -> Result<Secret, MailError> {
    let mut text = Vec::new();
    session.step(question, &mut text).map_err(|_| unreadable())?;
    Ok(Secret::new(STANDARD.encode(text)))
}

/// The `i=` of a server's first message (RFC 5802 section 5.1).
fn rounds(message: &[u8]) -> Option<u32> {
    std::str::from_utf8(message).ok()?.split(',').find_map(|part| part.strip_prefix("i="))?.parse().ok()
}

fn unreadable() -> MailError {
    MailError::Protocol("a sign-in that cannot be read")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use clientele_model::Security;

    fn exchange(mechanism: Mechanism, user: &str, credential: Credential) -> Exchange {
        let endpoint = Endpoint { host: "imap.example".into(), port: 993, security: Security::Tls };
        Exchange::new(mechanism, user, &credential, &endpoint).unwrap()
    }

    fn plain(secret: &Secret) -> String {
        String::from_utf8(STANDARD.decode(secret.expose()).unwrap()).unwrap()
    }

    /// The exchanges of RFC 7628 section 4 and of Google's and Microsoft's pages on XOAUTH2.
    #[tokio::test]
    async fn tokens_are_said_as_the_documents_say() {
        let token = || Credential::Bearer(Secret::new("ya29.vF9"));
        let mut bearer = exchange(Mechanism::OauthBearer, "a,b=c@example.com", token());
        let first = plain(&bearer.first().unwrap().unwrap());
        assert_eq!(
            first,
            "n,a=a=2Cb=3Dc@example.com,\x01host=imap.example\x01port=993\x01auth=Bearer ya29.vF9\x01\x01"
        );
        assert_eq!(bearer.answer("eyJzdGF0dXMiOiI0MDEifQ==").await.unwrap().expose(), "AQ==");

        let mut xoauth2 = exchange(Mechanism::Xoauth2, "ada@example.com", token());
        // A server that takes no first word asks with an empty one.
        assert_eq!(plain(&xoauth2.answer("").await.unwrap()), "user=ada@example.com\x01auth=Bearer ya29.vF9\x01\x01");
        assert_eq!(xoauth2.answer("eyJzdGF0dXMiOiI0MDEifQ==").await.unwrap().expose(), "");
    }

    #[tokio::test]
    async fn a_scram_server_is_not_worked_for_without_end_nor_believed_without_proof() {
        let scram = || {
            let mut scram = exchange(Mechanism::ScramSha256, "ada", Credential::password("pencil"));
            let first = plain(&scram.first().unwrap().unwrap());
            let nonce = first.strip_prefix("n,,n=ada,r=").unwrap().to_owned();
            (scram, nonce)
        };
        let (greedy, nonce) = &mut scram();
        let question = STANDARD.encode(format!("r={nonce}x,s=QSXCR+Q6sek8bf92,i=4000000000"));
        assert!(matches!(greedy.answer(&question).await, Err(MailError::Protocol(_))));

        let (foreign, _) = &mut scram();
        let question = STANDARD.encode("r=another,s=QSXCR+Q6sek8bf92,i=4096");
        assert!(foreign.answer(&question).await.is_err(), "an answer to somebody else's first message");

        let (liar, nonce) = &mut scram();
        assert!(!liar.judged(), "nothing of the password was said yet");
        let question = STANDARD.encode(format!("r={nonce}x,s=QSXCR+Q6sek8bf92,i=4096"));
        let proof = plain(&liar.answer(&question).await.unwrap());
        assert!(proof.starts_with(&format!("c=biws,r={nonce}x,p=")), "{proof}");
        assert!(liar.judged());
        assert!(matches!(liar.finish(), Err(MailError::Unproven)), "in, and no proof given");
        let wrong = STANDARD.encode("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert!(matches!(liar.answer(&wrong).await, Err(MailError::Unproven)));
    }
}
