//! Passwords and passphrases: from standard input, a terminal or a file descriptor; never from an argument.

#[cfg(unix)]
use std::io::Read as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use zeroize::Zeroizing;

/// The lines of standard input that hold passwords: the first for IMAP, the second, where there is one, for SMTP.
pub fn passwords() -> io::Result<(Zeroizing<String>, Option<Zeroizing<String>>)> {
    if io::stdin().is_terminal() {
        eprint!("Password: ");
        io::stderr().flush()?;
        let password = Zeroizing::new(hidden_line()?);
        eprintln!();
        return Ok((password, None));
    }
    let mut lines = io::stdin().lock().lines();
    let first = Zeroizing::new(lines.next().transpose()?.unwrap_or_default());
    let second = lines.next().transpose()?.filter(|line| !line.is_empty()).map(Zeroizing::new);
    Ok((first, second))
}

/// A line that is not shown while it is typed.
fn hidden_line() -> io::Result<String> {
    rpassword::read_password()
}

/// The passphrase of the sealed file: all that `fd` gives, without the last line end.
#[cfg(unix)]
pub fn passphrase(fd: i32) -> io::Result<Zeroizing<String>> {
    // Opened by its name: owning a descriptor by number would need unsafe code.
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(format!("/dev/fd/{fd}"))?.read_to_string(&mut text)?;
    while text.ends_with(['\n', '\r']) {
        text.pop();
    }
    Ok(text)
}

#[cfg(not(unix))]
pub fn passphrase(fd: i32) -> io::Result<Zeroizing<String>> {
    if fd != 0 {
        return Err(io::Error::other("only 0, standard input, on this system"));
    }
    let mut text = Zeroizing::new(String::new());
    io::stdin().read_line(&mut text)?;
    while text.ends_with(['\n', '\r']) {
        text.pop();
    }
    Ok(text)
}
