macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $wire:literal,)*) => {
        /// Why talking to a mail server failed, as far as a person would do something else about it. The names on the wire
        /// are those of `clientele_api::Code`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $wire,)*
                }
            }
        }
    };
}

codes! {
    HostUnknown = "host_unknown",
    PortRefused = "port_refused",
    Timeout = "timeout",
    Offline = "offline",
    TlsToPlainPort = "tls_to_plain_port",
    PlainToTlsPort = "plain_to_tls_port",
    StarttlsMissing = "starttls_missing",
    CertificateExpired = "certificate_expired",
    CertificateWrongName = "certificate_wrong_name",
    CertificateUnknownIssuer = "certificate_unknown_issuer",
    CertificateInvalid = "certificate_invalid",
    TlsFailed = "tls_failed",
    ProxyFailed = "proxy_failed",
    ProxySignIn = "proxy_sign_in",
    Pop3 = "pop3",
    NotMail = "not_mail",
    /// User name or password wrong.
    SignInRefused = "sign_in_refused",
    SignInUnsupported = "sign_in_unsupported",
    SignInAgain = "sign_in_again",
    /// Passwords are not taken at all: the provider's sign-in in the browser is.
    OauthNeeded = "oauth_needed",
    AppPasswordNeeded = "app_password_needed",
    ImapDisabled = "imap_disabled",
    SmtpAuthDisabled = "smtp_auth_disabled",
    SignInBlocked = "sign_in_blocked",
    TooManyConnections = "too_many_connections",
    QuotaExceeded = "quota_exceeded",
    ServerUnavailable = "server_unavailable",
    ConnectionClosed = "connection_closed",
    ServerRefused = "server_refused",
    MessageTooLarge = "message_too_large",
    SecretsMissing = "secrets_missing",
    NotFound = "not_found",
    /// A folder of this name is there already.
    FolderExists = "folder_exists",
    /// This cannot be a folder's name here.
    FolderName = "folder_name",
    /// A folder with a purpose of its own is neither renamed nor deleted.
    FolderSpecial = "folder_special",
    /// Changes of its mails must be told to the server before the folder goes.
    FolderWaits = "folder_waits",
    /// The server lets this person not do it.
    NotPermitted = "not_permitted",
    /// The server keeps no keywords but its own.
    KeywordRefused = "keyword_refused",
    InvalidInput = "invalid_input",
    Internal = "internal",
}

impl Code {
    /// Whether the same may succeed later without anybody changing anything.
    pub fn passing(self) -> bool {
        matches!(self, Code::TooManyConnections | Code::QuotaExceeded | Code::ServerUnavailable)
    }
}
