//! Certificates and the proxy.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Certificate {
    List,
    /// Accept one certificate for one server, although the usual check refuses it
    Trust {
        #[arg(value_name = "SERVER:PORT")]
        server: String,
        /// As `account verify` shows it
        #[arg(value_name = "SHA256")]
        fingerprint: String,
    },
    /// Check the server as usual again
    Forget {
        #[arg(value_name = "SERVER:PORT")]
        server: String,
        /// [default: all that were accepted for it]
        #[arg(value_name = "SHA256")]
        fingerprint: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Proxy {
    /// What the system says
    System,
    None,
    Http(ProxyServer),
    Socks5(ProxyServer),
}

#[derive(Debug, Args)]
pub struct ProxyServer {
    #[arg(value_name = "SERVER:PORT")]
    pub server: String,
    /// Standard input: the password
    #[arg(long)]
    pub user: Option<String>,
}
