//! Accounts and how they sign in.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Try both servers, then save. Standard input: the password, and on a second line another one for SMTP; nothing
    /// with --oauth
    Add {
        #[command(flatten)]
        connection: Connection,
        #[command(flatten)]
        browser: Browser,
    },
    List,
    /// Try a saved account, or with flags as for `add`, settings that are not saved
    Verify {
        /// Id or address of a saved account
        account: Option<String>,
        #[command(flatten)]
        connection: OptionalConnection,
    },
    /// Other settings for a saved account; its mail stays
    Edit(Edit),
    /// Sign in again: with the provider, or with a password from standard input
    SignIn {
        account: String,
        #[command(flatten)]
        browser: Browser,
    },
    /// What `remove` would take with it
    Removal {
        account: String,
    },
    /// Forget an account, its mail and its secrets; the mailbox itself stays
    Remove {
        account: String,
    },
}

/// Signing in with a provider, in place of a password.
#[derive(Debug, Clone, Args)]
pub struct Browser {
    /// Sign in with this provider in the browser: its page's address is printed on standard error
    #[arg(long, value_name = "PROVIDER")]
    pub oauth: Option<String>,
    /// Also open the browser there
    #[arg(long)]
    pub browser: bool,
}

#[derive(Debug, Args)]
pub struct Edit {
    /// Id or address
    pub account: String,
    #[arg(long)]
    pub name: Option<String>,
    #[arg(long, value_name = "SERVER")]
    pub imap: Option<String>,
    #[arg(long, value_enum)]
    pub imap_security: Option<SecurityArgument>,
    #[arg(long, value_name = "USER")]
    pub imap_user: Option<String>,
    #[arg(long, value_name = "SERVER")]
    pub smtp: Option<String>,
    #[arg(long, value_enum)]
    pub smtp_security: Option<SecurityArgument>,
    #[arg(long, value_name = "USER")]
    pub smtp_user: Option<String>,
    /// Days of mail to fetch; 0: all
    #[arg(long)]
    pub days: Option<u32>,
    /// Standard input: another password, and on a second line another one for SMTP
    #[arg(long, conflicts_with = "oauth")]
    pub password: bool,
    #[command(flatten)]
    pub browser: Browser,
}

#[derive(Debug, Clone, Args)]
pub struct Connection {
    #[arg(long)]
    pub email: String,
    /// The name that others see
    #[arg(long, default_value = "")]
    pub name: String,
    /// IMAP server, or server:port
    #[arg(long, value_name = "SERVER")]
    pub imap: String,
    #[arg(long, value_enum, default_value_t = SecurityArgument::Tls)]
    pub imap_security: SecurityArgument,
    /// [default: the address]
    #[arg(long, value_name = "USER")]
    pub imap_user: Option<String>,
    /// SMTP server, or server:port
    #[arg(long, value_name = "SERVER")]
    pub smtp: String,
    #[arg(long, value_enum, default_value_t = SecurityArgument::Tls)]
    pub smtp_security: SecurityArgument,
    /// [default: the IMAP user]
    #[arg(long, value_name = "USER")]
    pub smtp_user: Option<String>,
    /// Days of mail to fetch; 0: all [default: the administrator's, or 30]
    #[arg(long)]
    pub days: Option<u32>,
}

/// The same as [`Connection`], for a command that also takes a saved account.
#[derive(Debug, Clone, Args)]
pub struct OptionalConnection {
    #[arg(long, requires = "imap", requires = "smtp", conflicts_with = "account")]
    pub email: Option<String>,
    #[arg(long, value_name = "SERVER", requires = "email")]
    pub imap: Option<String>,
    #[arg(long, value_enum, default_value_t = SecurityArgument::Tls)]
    pub imap_security: SecurityArgument,
    #[arg(long, value_name = "USER")]
    pub imap_user: Option<String>,
    #[arg(long, value_name = "SERVER", requires = "email")]
    pub smtp: Option<String>,
    #[arg(long, value_enum, default_value_t = SecurityArgument::Tls)]
    pub smtp_security: SecurityArgument,
    #[arg(long, value_name = "USER")]
    pub smtp_user: Option<String>,
}

impl OptionalConnection {
    pub fn full(&self) -> Option<Connection> {
        Some(Connection {
            email: self.email.clone()?,
            name: String::new(),
            imap: self.imap.clone()?,
            imap_security: self.imap_security,
            imap_user: self.imap_user.clone(),
            smtp: self.smtp.clone()?,
            smtp_security: self.smtp_security,
            smtp_user: self.smtp_user.clone(),
            days: None,
        })
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SecurityArgument {
    None,
    Starttls,
    Tls,
}
