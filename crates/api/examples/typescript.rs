//! Prints `ui/src/host/bindings.ts`. With `--no-default-features` it needs nothing of the engine.

fn main() {
    print!("{}", clientele_api::typescript::bindings());
}
