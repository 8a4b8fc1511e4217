//! Builds what runs in the browser, out of `src/web/app`: `npm ci` when its lock changed, then the bundler. Everything
//! ends up in the binary; nothing of it is kept in the repository.
//!
//! `HUFU_WEB_FILES=/path/to/directory` takes files built elsewhere instead, for machines without npm.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const APP: &str = "src/web/app";
/// What the bundle is made of; `node_modules` is left out, for cargo would walk all of it at each build.
const SOURCES: [&str; 9] = [
    "build.rs",
    "src/web/app/package.json",
    "src/web/app/package-lock.json",
    "src/web/app/tsconfig.json",
    "src/web/app/build.mjs",
    "src/web/app/pages",
    "src/web/app/scan",
    "src/web/look",
    "src/web/templates",
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    for path in SOURCES {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-env-changed=HUFU_WEB_FILES");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let files = match std::env::var_os("HUFU_WEB_FILES").filter(|value| !value.is_empty()) {
        Some(given) => fs::canonicalize(&given).map_err(|error| {
            format!("HUFU_WEB_FILES names {}, which cannot be read: {error}", Path::new(&given).display())
        })?,
        None => bundle(&out)?,
    };
    let table = out.join("web_files.rs");
    // Anew, never over what is there: a copy of this directory may share its files with another build.
    if table.exists() {
        fs::remove_file(&table)?;
    }
    fs::write(table, list(&files)?)?;
    Ok(())
}

/// Two builds at once must not install into the same directory: one waits for the other.
fn bundle(out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let modules = Path::new(APP).join("node_modules");
    fs::create_dir_all(&modules)?;
    let gate = File::create(modules.join(".hufu-gate"))?;
    gate.lock()?;
    let (lock, stamp) = (fs::read(Path::new(APP).join("package-lock.json"))?, modules.join(".hufu-lock"));
    if fs::read(&stamp).ok().as_ref() != Some(&lock) {
        run_tool("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
        fs::write(stamp, lock)?;
    }
    let files = out.join("web");
    let given = files.to_str().ok_or("the build directory's path is not UTF-8")?;
    run_tool("node", &["build.mjs", given])?;
    Ok(files)
}

fn run_tool(tool: &str, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let ran = Command::new(tool).args(arguments).current_dir(APP).output().map_err(|error| {
        format!(
            "The pages need Node.js 20 or later with npm to be built, and `{tool}` cannot be run: {error}. Install \
             it, or set HUFU_WEB_FILES to a directory of files built elsewhere."
        )
    })?;
    if ran.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    Err(format!("`{tool} {}` in {APP} failed:\n{said}\n{}", arguments.join(" "), String::from_utf8_lossy(&ran.stdout))
        .into())
}

/// A table of all files, each with what the bundler packed of it.
fn list(files: &Path) -> Result<String, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(files)? {
        names.push(entry?.file_name().into_string().map_err(|name| format!("{name:?} is no name for a file"))?);
    }
    names.sort();
    let mut code = String::from("&[\n");
    for name in names.iter().filter(|name| !name.ends_with(".br") && !name.ends_with(".gz")) {
        let bytes = |suffix: &str| format!("include_bytes!({:?})", files.join(format!("{name}{suffix}")));
        let packed = |suffix: &str| {
            if names.contains(&format!("{name}{suffix}")) {
                format!("Some({})", bytes(suffix))
            } else {
                "None".to_owned()
            }
        };
        let (plain, brotli, gzip) = (bytes(""), packed(".br"), packed(".gz"));
        writeln!(code, "    File {{ name: {name:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},")?;
    }
    code.push_str("]\n");
    Ok(code)
}
