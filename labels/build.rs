//! Fetches the label font by its npm lock file, so that no font is kept in the repository.
//!
//! `HUFU_FONT_FILE=/path/to/font.ttf` builds from a local file instead, for machines without npm.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const PACKAGE: &str = "node_modules/@expo-google-fonts/noto-sans-sc";
const FONT: &str = "400Regular/NotoSansSC_400Regular.ttf";
const LICENCE: &str = "LICENSE_FONT";

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
    for path in ["build.rs", "font/package.json", "font/package-lock.json"] {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-env-changed=HUFU_FONT_FILE");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let (font, licence) = match std::env::var_os("HUFU_FONT_FILE").filter(|value| !value.is_empty()) {
        Some(file) => local(Path::new(&file), &out)?,
        None => from_npm(&out)?,
    };
    println!("cargo::rustc-env=HUFU_FONT_TTF={}", font.display());
    println!("cargo::rustc-env=HUFU_FONT_LICENCE={}", licence.display());
    Ok(())
}

fn local(file: &Path, out: &Path) -> Result<(PathBuf, PathBuf), Box<dyn Error>> {
    let font = fs::canonicalize(file)
        .map_err(|error| format!("HUFU_FONT_FILE names {}, which cannot be read: {error}", file.display()))?;
    println!("cargo::rerun-if-changed={}", font.display());
    let licence = out.join("local-font-licence.txt");
    fs::write(&licence, "The font was given at build time by HUFU_FONT_FILE; ask its giver for the licence.\n")?;
    Ok((font, licence))
}

/// Installs the locked package into `OUT_DIR`, keeps the one weight that is used and drops the other 90 MB.
/// The lock is copied beside them last: if it is there and equal, the font is whole.
fn from_npm(out: &Path) -> Result<(PathBuf, PathBuf), Box<dyn Error>> {
    let (font, licence, stamp) = (out.join("font.ttf"), out.join("font-licence.txt"), out.join("font.lock"));
    let lock = fs::read("font/package-lock.json")?;
    if fs::read(&stamp).is_ok_and(|done| done == lock) && font.is_file() && licence.is_file() {
        return Ok((font, licence));
    }
    let work = out.join("npm");
    fs::create_dir_all(&work)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(Path::new("font").join(file), work.join(file))?;
    }
    npm_ci(&work)?;
    fs::copy(work.join(PACKAGE).join(FONT), &font)?;
    fs::copy(work.join(PACKAGE).join(LICENCE), &licence)?;
    fs::remove_dir_all(&work)?;
    fs::write(stamp, lock)?;
    Ok((font, licence))
}

fn npm_ci(work: &Path) -> Result<(), Box<dyn Error>> {
    const HINT: &str = "the label font comes from npm at build time; install Node.js with npm, or set HUFU_FONT_FILE \
                        to a TrueType file with Chinese characters (for example NotoSansSC-Regular.ttf)";
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(work)
        .output()
        .map_err(|error| format!("cannot start npm: {error}. {HINT}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("npm ci failed ({}). {HINT}\n{}", output.status, said.trim()).into())
}
