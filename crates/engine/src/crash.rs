/// A core file is the whole memory, passwords and mails in the clear: a crash leaves none, whatever the shell's limits say.
/// The program's first act. Windows and macOS keep no such file unless asked to.
pub fn leave_no_core_file() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Lowering a limit is always allowed; where the kernel thinks otherwise, the program still starts.
        let _kept = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}
