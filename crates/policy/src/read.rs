use crate::{CrmRule, Policy, PolicyFiles, Problem, check, file::File};
use std::{
    fs,
    io::{self, Read},
    ops::Range,
    path::Path,
};

/// More than any policy needs; a device file would never end.
const MAX_BYTES: u64 = 1024 * 1024;

/// Which file a policy stands in, and so what it may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Machine,
    Beside,
}

pub(crate) fn read(files: &PolicyFiles) -> Policy {
    let mut policy = Policy::default();
    let machine = one(&files.machine, Origin::Machine, &[], &mut policy.problems);
    let known: Vec<String> = machine.iter().flat_map(|set| set.oauth.iter().map(|client| client.id.clone())).collect();
    let beside = files.beside.as_deref().filter(|path| *path != files.machine);
    let beside = beside.and_then(|path| one(path, Origin::Beside, &known, &mut policy.problems));
    for problem in &policy.problems {
        tracing::warn!(line = problem.line, "a policy file is refused");
    }
    let problems = std::mem::take(&mut policy.problems);
    let policy = match (machine, beside) {
        (Some(first), Some(second)) => merged(first, second),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => policy,
    };
    Policy { problems, ..policy }
}

/// Each key as the machine's file has it, or else as the other one has it. What forbids, forbids from either.
fn merged(machine: Policy, beside: Policy) -> Policy {
    let or = |first: Vec<u16>, second| if first.is_empty() { second } else { first };
    Policy {
        source: machine.source,
        problems: Vec::new(),
        oauth: machine.oauth,
        servers: machine.servers.into_iter().chain(beside.servers).collect(),
        allowed_ports: or(machine.allowed_ports, beside.allowed_ports),
        allowed_security: if machine.allowed_security.is_empty() {
            beside.allowed_security
        } else {
            machine.allowed_security
        },
        days_default: machine.days_default.or(beside.days_default),
        days_max: machine.days_max.or(beside.days_max),
        accounts_max: machine.accounts_max.or(beside.accounts_max),
        authorities: machine.authorities,
        certificate_exceptions: machine.certificate_exceptions && beside.certificate_exceptions,
        crm_tenant: machine.crm_tenant.or(beside.crm_tenant),
        crm: CrmRule {
            kinds: if machine.crm.kinds.is_empty() { beside.crm.kinds } else { machine.crm.kinds },
            hosts: machine.crm.hosts,
            fields: beside.crm.fields.into_iter().chain(machine.crm.fields).collect(),
        },
        language: machine.language.or(beside.language),
    }
}

/// `known` are OAuth clients that another file has.
fn one(path: &Path, origin: Origin, known: &[String], problems: &mut Vec<Problem>) -> Option<Policy> {
    let mut refuse = |line: usize, message: String| {
        problems.push(Problem { path: path.to_owned(), line, message });
        None
    };
    if path.as_os_str().is_empty() {
        return None;
    }
    let text = match load(path, origin) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return refuse(0, error.to_string()),
    };
    let file: File = match toml::from_str(&text) {
        Ok(file) => file,
        Err(error) => {
            let line = error.span().map_or(0, |span| line(&text, span));
            return refuse(line, error.message().to_owned());
        }
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    match check::check(file, origin, folder, known) {
        Ok(policy) => Some(Policy { source: Some(path.to_owned()), ..policy }),
        Err(faults) => {
            let mut faults: Vec<_> = faults.into_iter().map(|fault| (line(&text, fault.at), fault.message)).collect();
            faults.sort();
            for (line, message) in faults {
                refuse(line, message);
            }
            None
        }
    }
}

fn line(text: &str, span: Range<usize>) -> usize {
    1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
}

fn load(path: &Path, origin: Origin) -> io::Result<String> {
    let file = fs::File::open(path)?;
    // Of the file that was opened, not of what stands at the path a moment later.
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("not a file"));
    }
    if origin == Origin::Machine {
        only_the_administrators(path, &about)?;
    }
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("larger than 1 MB"));
    }
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// What anybody can write is nobody's policy: it could bring an authority of its own.
#[cfg(unix)]
fn only_the_administrators(path: &Path, file: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if file.permissions().mode() & 0o022 != 0 {
        return Err(io::Error::other("others than its owner can write to the file: chmod 644 it"));
    }
    let folder = path.parent().map(fs::metadata).transpose()?;
    // In a folder with the sticky bit others cannot replace the file.
    if folder.is_some_and(|folder| folder.permissions().mode() & 0o1002 == 0o002) {
        return Err(io::Error::other("everybody can write to the folder: chmod 755 it"));
    }
    Ok(())
}

/// The folder's access list is the installer's to set.
#[cfg(not(unix))]
fn only_the_administrators(_path: &Path, _file: &fs::Metadata) -> io::Result<()> {
    Ok(())
}
