//! What servers say when they refuse, turned into what a person can do about it.
//!
//! The words are those of real servers, as they stand in their documentation and in public bug reports; the codes those of
//! RFC 5530 (IMAP) and RFC 3463, 4954 and 5248 (SMTP). What is not recognised stays what the caller took it for. Nothing
//! that passes by itself may look like a wrong password here: people then change passwords that were right.

use crate::Code;

/// Parts of answers, in small letters, and what they mean wherever they are said. The first that is found counts.
const ALWAYS: &[(&str, Code)] = &[
    // Microsoft, after a sign-in that went well (learn.microsoft.com/answers, "IMAP: User is authenticated but not connected").
    ("user is authenticated but not connected", Code::ImapDisabled),
    // Gmail, 15 connections (support.google.com/mail/answer/7126229). Outlook.com says "concurrent".
    ("too many simultaneous connections", Code::TooManyConnections),
    ("too many concurrent connections", Code::TooManyConnections),
    ("too many connections", Code::TooManyConnections),
    // Dovecot, `mail_max_userip_connections`: it comes as [UNAVAILABLE] and as [LIMIT].
    ("maximum number of connections", Code::TooManyConnections),
    // Exchange Online: 432 4.3.2 (learn.microsoft.com, "Exchange Online limits").
    ("concurrent connections limit exceeded", Code::TooManyConnections),
    // Yahoo and AOL: [LIMIT] LOGIN Rate limit hit.
    ("rate limit hit", Code::TooManyConnections),
    // Gmail, 2,500 MB a day: [OVERQUOTA] or [ALERT] Account exceeded command or bandwidth limits.
    ("exceeded command or bandwidth limits", Code::QuotaExceeded),
    // Gmail, 500 mails a day: 550 5.4.5 Daily user sending limit exceeded ("quota" until 2023).
    ("daily user sending", Code::QuotaExceeded),
    // Exchange Online: Request is throttled. Suggested Backoff Time: 299961 milliseconds.
    ("request is throttled", Code::ServerUnavailable),
    // Arcor, TalkTalk.
    ("account is temporarily unavailable", Code::ServerUnavailable),
    // Gmail.
    ("temporary system error", Code::ServerUnavailable),
    ("temporary system problem", Code::ServerUnavailable),
];

/// The same for answers to a sign-in only.
const SIGN_IN: &[(&str, Code)] = &[
    // Yandex cannot tell either; the password is the likelier.
    ("invalid credentials or imap is disabled", Code::SignInRefused),
    // Yahoo wraps a wrong password into [AUTHORIZATIONFAILED] (#MBR1212).
    ("incorrect username or password", Code::SignInRefused),
    // Gmail: [ALERT] Application-specific password required, 534-5.7.9 for SMTP (support.google.com/accounts/answer/185833).
    ("application-specific password", Code::AppPasswordNeeded),
    ("invalidsecondfactor", Code::AppPasswordNeeded),
    // Fastmail, Apple, Zoho and many small ones.
    ("app-specific password", Code::AppPasswordNeeded),
    ("app password", Code::AppPasswordNeeded),
    ("application password", Code::AppPasswordNeeded),
    // Mail.ru: NEOBHODIM parol prilozheniya … / Aplication password is REQUIRED (its spelling).
    ("parol prilozheniya", Code::AppPasswordNeeded),
    // QQ: Please using authorized code to login.
    ("authorized code to login", Code::AppPasswordNeeded),
    // Exchange Online, SMTP (aka.ms/smtp_auth_disabled): for the Tenant, for the Mailbox.
    ("smtpclientauthentication is disabled", Code::SmtpAuthDisabled),
    // Outlook.com since September 2024, Exchange Online: only OAuth is taken.
    ("basic authentication is disabled", Code::OauthNeeded),
    ("basicauthblocked", Code::OauthNeeded),
    // Entra's security defaults refuse all passwords of mail programs.
    ("security defaults policy", Code::OauthNeeded),
    // Entra's conditional access.
    ("did not meet the criteria to be authenticated", Code::SignInBlocked),
    // Gmail: Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable …
    ("not enabled for imap", Code::ImapDisabled),
    // Gmail, for a domain: IMAP access is disabled for your domain. Please contact your domain administrator …
    ("imap access is disabled", Code::ImapDisabled),
    ("imap access disabled", Code::ImapDisabled),
    ("imap is disabled", Code::ImapDisabled),
    // Zoho: You are yet to enable IMAP for your account.
    ("enable imap", Code::ImapDisabled),
    ("imap not enabled", Code::ImapDisabled),
    // GMX, WEB.DE and mail.com say "authentication failed" where IMAP is off: nothing tells it from a wrong password.
    // Gmail (support.google.com/mail/answer/78754): IMAP says "via your", SMTP 534-5.7.14 and 5.7.9 "with your".
    ("log in via your web browser", Code::SignInBlocked),
    ("log in with your web browser", Code::SignInBlocked),
    ("web login required", Code::SignInBlocked),
    // Yahoo: 535 5.7.0 (#AUTH005) Too many bad auth attempts.
    ("too many bad auth attempts", Code::SignInBlocked),
    ("too many bad login attempts", Code::SignInBlocked),
    // Yahoo: #MBR1240, Please verify your account by going to https://login.yahoo.com.
    ("verify your account", Code::SignInBlocked),
    ("account is locked", Code::SignInBlocked),
    ("account has been locked", Code::SignInBlocked),
    ("account locked", Code::SignInBlocked),
    ("account is disabled", Code::SignInBlocked),
    ("account disabled", Code::SignInBlocked),
    ("account suspended", Code::SignInBlocked),
    // 163.com and 126.com: User suspended, Unsafe Login.
    ("user suspended", Code::SignInBlocked),
    ("unsafe login", Code::SignInBlocked),
    // Gmail: 454 4.7.0 Too many login attempts, please try again later.
    ("too many login attempts", Code::ServerUnavailable),
    // Dovecot, Postfix, and what stands behind them.
    ("temporary authentication failure", Code::ServerUnavailable),
    ("try again later", Code::ServerUnavailable),
];

/// RFC 5530 section 3.
const IMAP: &[(&str, Code)] = &[
    ("UNAVAILABLE", Code::ServerUnavailable),
    ("SERVERBUG", Code::ServerUnavailable),
    ("INUSE", Code::ServerUnavailable),
    ("OVERQUOTA", Code::QuotaExceeded),
    ("ALREADYEXISTS", Code::FolderExists),
    ("NONEXISTENT", Code::NotFound),
    // RFC 9051 section 7.1: the folder that COPY or APPEND names is not there.
    ("TRYCREATE", Code::NotFound),
    ("NOPERM", Code::NotPermitted),
];

/// The same for answers to a sign-in only.
const IMAP_SIGN_IN: &[(&str, Code)] = &[
    // Too many of something; at a sign-in that is connections.
    ("LIMIT", Code::TooManyConnections),
    ("AUTHENTICATIONFAILED", Code::SignInRefused),
    // The password was right, and yet.
    ("AUTHORIZATIONFAILED", Code::SignInBlocked),
    ("EXPIRED", Code::SignInBlocked),
    ("CONTACTADMIN", Code::SignInBlocked),
    // Gmail: the address of its warning page.
    ("WEBALERT", Code::SignInBlocked),
    // Without TLS this server takes no password.
    ("PRIVACYREQUIRED", Code::SignInUnsupported),
];

/// RFC 3463 section 3.3.
const SMTP: &[(&str, Code)] = &[("5.2.2", Code::QuotaExceeded), ("4.2.2", Code::QuotaExceeded)];

/// RFC 4954 section 6, RFC 5248.
const SMTP_SIGN_IN: &[(&str, Code)] = &[
    ("5.7.8", Code::SignInRefused),
    // The mechanism is too weak for the user's settings, or TLS is missing.
    ("5.7.9", Code::SignInUnsupported),
    ("5.7.11", Code::SignInUnsupported),
    ("5.7.13", Code::SignInBlocked),
    ("5.7.14", Code::SignInBlocked),
    // Mailbox disabled.
    ("5.2.1", Code::SignInBlocked),
    // Replies without an enhanced code: unknown mechanism, too weak, TLS is missing.
    ("504", Code::SignInUnsupported),
    ("534", Code::SignInUnsupported),
    ("538", Code::SignInUnsupported),
];

/// What an answer to a sign-in says, as `[CODE] words` or `535 5.7.8 words`. None: no more than no.
pub(crate) fn of_sign_in(text: &str) -> Option<Code> {
    said(text, &[SIGN_IN, ALWAYS]).or_else(|| coded(text, &[IMAP_SIGN_IN, IMAP], &[SMTP_SIGN_IN, SMTP]))
}

/// The same for an answer to anything else.
pub(crate) fn of_refusal(text: &str) -> Option<Code> {
    said(text, &[ALWAYS]).or_else(|| coded(text, &[IMAP], &[SMTP]))
}

/// Whether the words, whatever code stands before them, tell of what ends by itself.
pub(crate) fn passes(text: &str) -> bool {
    said(text, &[ALWAYS]).is_some_and(Code::passing)
}

type Table = &'static [(&'static str, Code)];

fn said(text: &str, tables: &[Table]) -> Option<Code> {
    let text = text.to_lowercase();
    tables.iter().copied().flatten().find(|(part, _)| text.contains(part)).map(|(_, code)| *code)
}

fn coded(text: &str, imap: &[Table], smtp: &[Table]) -> Option<Code> {
    let find = |tables: &[Table], wanted: &str| {
        tables.iter().copied().flatten().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, code)| *code)
    };
    if let Some((code, _)) = text.strip_prefix('[').and_then(|rest| rest.split_once([']', ' '])) {
        return find(imap, code);
    }
    let (reply, rest) = text.split_once([' ', '-'])?;
    if reply.len() != 3 || !reply.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let found = rest.split([' ', '-']).next().and_then(|enhanced| find(smtp, enhanced)).or_else(|| find(smtp, reply));
    // 4xx passes by itself, whatever stands behind it.
    match reply.as_bytes().first()? {
        b'4' if found != Some(Code::QuotaExceeded) => Some(Code::ServerUnavailable),
        _ => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Code::*;

    /// As servers wrote them; what stands in a bug report with a name or a number in it has others here.
    #[test]
    fn the_words_of_real_servers_are_understood() {
        let answers = [
            (
                "[ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
                AppPasswordNeeded,
            ),
            (
                "534 5.7.9 Application-specific password required. For more information, go to 5.7.9 https://support.google.com/mail/?p=InvalidSecondFactor h26sm30121397pfq.64 - gsmtp",
                AppPasswordNeeded,
            ),
            ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", SignInRefused),
            (
                "535 5.7.8 Username and Password not accepted. For more information, go to 5.7.8 https://support.google.com/mail/?p=BadCredentials a1-2.3 - gsmtp",
                SignInRefused,
            ),
            (
                "[ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account for IMAP access. (Failure)",
                ImapDisabled,
            ),
            (
                "[ALERT] IMAP access is disabled for your domain. Please contact your domain administrator for questions about this feature. (Failure)",
                ImapDisabled,
            ),
            (
                "[ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
                SignInBlocked,
            ),
            ("[WEBALERT https://accounts.google.com/signin/continue?sarp=1&scc=1] Web login required.", SignInBlocked),
            (
                "534 5.7.14 <https://accounts.google.com/signin/continue?sarp=1> Please log in via your web browser and 5.7.14 then try again. 5.7.14  Learn more at https://support.google.com/mail/answer/78754 x - gsmtp",
                SignInBlocked,
            ),
            (
                "534 5.7.9 Please log in with your web browser and then try again. For more information, go to 5.7.9 https://support.google.com/mail/?p=WebLoginRequired - gsmtp",
                SignInBlocked,
            ),
            ("[ALERT] Too many simultaneous connections. (Failure)", TooManyConnections),
            ("454 4.7.0 Too many login attempts, please try again later. y - gsmtp", ServerUnavailable),
            ("[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", QuotaExceeded),
            (
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [MN2PR05CA0004.namprd05.prod.outlook.com]",
                SmtpAuthDisabled,
            ),
            (
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information.",
                SmtpAuthDisabled,
            ),
            (
                "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [PN0PR01CA0024.INDPRD01.PROD.OUTLOOK.COM]",
                OauthNeeded,
            ),
            (
                "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.",
                OauthNeeded,
            ),
            (
                "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator.",
                SignInBlocked,
            ),
            ("User is authenticated but not connected.", ImapDisabled),
            (
                "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending",
                TooManyConnections,
            ),
            ("[AUTHENTICATIONFAILED] LOGIN Invalid credentials", SignInRefused),
            ("[AUTHORIZATIONFAILED] Incorrect username or password. (#MBR1212)", SignInRefused),
            ("[LIMIT] LOGIN Rate limit hit.", TooManyConnections),
            ("535 5.7.0 (#AUTH005) Too many bad auth attempts.", SignInBlocked),
            ("[AUTHENTICATIONFAILED] Authentication failed", SignInRefused),
            ("[AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled sc=cYXlpv732Cg1", SignInRefused),
            (
                "535 5.7.0 NEOBHODIM parol prilozheniya https://help.mail.ru/mail/security/protection/external / Aplication password is REQUIRED",
                AppPasswordNeeded,
            ),
            ("[ALERT] You are yet to enable IMAP for your account. Please contact your administrator", ImapDisabled),
            (
                "[UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=30)",
                TooManyConnections,
            ),
            ("[UNAVAILABLE] Temporary authentication failure. [mx:2026-11-22 09:00:00]", ServerUnavailable),
            ("[AUTHENTICATIONFAILED] Authentication failed.", SignInRefused),
            ("535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", SignInRefused),
            ("454 4.7.0 Temporary authentication failure: Connection lost to authentication server", ServerUnavailable),
            ("421 4.7.0 mx.example Error: too many errors", ServerUnavailable),
            ("552 5.2.2 The mailbox is full", QuotaExceeded),
            ("452 4.2.2 The email account that you tried to reach is over quota", QuotaExceeded),
            ("525 5.7.13 User Account Disabled", SignInBlocked),
            ("504 Unrecognized authentication type", SignInUnsupported),
            ("534 Authentication mechanism is too weak", SignInUnsupported),
            ("538 5.7.11 Encryption required for requested authentication mechanism", SignInUnsupported),
            (
                "[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.",
                SignInUnsupported,
            ),
            ("[EXPIRED] Your password is out of date", SignInBlocked),
            ("[CONTACTADMIN] See the service desk", SignInBlocked),
            ("[AUTHORIZATIONFAILED] No such authorization-ID", SignInBlocked),
        ];
        for (text, code) in answers {
            assert_eq!(of_sign_in(text), Some(code), "{text}");
        }
    }

    #[test]
    fn what_says_nothing_is_not_read_into() {
        for text in ["authentication failed", "LOGIN failed.", "535 Authentication credentials invalid", "no", "", "5"]
        {
            assert_eq!(of_sign_in(text), None, "{text}");
        }
        // Outside a sign-in these words are about something else: a folder, a recipient.
        for text in
            ["[LIMIT] too deep", "550 5.7.1 account disabled", "[CONTACTADMIN] x", "[ALERT] enable IMAP folders"]
        {
            assert_eq!(of_refusal(text), None, "{text}");
        }
        assert_eq!(of_refusal("[OVERQUOTA] full"), Some(QuotaExceeded));
        assert!(!passes("[OVERQUOTA] Quota exceeded (mailbox for user is full)"), "until somebody deletes mail");
        assert!(passes("[OVERQUOTA] Account exceeded command or bandwidth limits."));
        assert_eq!(of_refusal("[UNAVAILABLE] User is authenticated but not connected."), Some(ImapDisabled));
    }
}
