//! `hufu decode`: photos in, codes out.

use std::path::{Path, PathBuf};

use hufu_labels::read::{self, Found, Limits};
use serde::Serialize;

use super::{CliError, Done, Global, show};
use crate::documents::io_reason;

/// How the codes are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A line a code.
    Csv,
    /// An object a code.
    Json,
}

/// 从照片中读出标签码
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 照片（JPEG、PNG）
    #[arg(required = true, value_name = "PHOTO")]
    photos: Vec<PathBuf>,
    /// 输出格式
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
}

/// One line: the file, the text, the code when it is one of ours, and the four corners.
#[derive(Debug, Serialize)]
struct Line {
    file: String,
    text: String,
    code: String,
    x0: i32,
    y0: i32,
    x1: i32,
    y1: i32,
    x2: i32,
    y2: i32,
    x3: i32,
    y3: i32,
}

impl Line {
    fn new(file: &Path, found: Found) -> Self {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = found.corners.map(|(x, y)| (pixel(x), pixel(y)));
        Self {
            file: file.display().to_string(),
            text: found.text,
            code: found.code.map(|code| code.to_string()).unwrap_or_default(),
            x0,
            y0,
            x1,
            y1,
            x2,
            y2,
            x3,
            y3,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a saturating cast of a pixel position")]
fn pixel(position: f32) -> i32 {
    position.round() as i32
}

/// Prints what is found on each photo. A photo that cannot be read does not stop the others; exit code 1 when a
/// photo could not be read or has no code, 2 when none could be read.
///
/// # Errors
/// When no photo could be read.
pub fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let mut lines = Vec::new();
    let (mut unread, mut empty) = (Vec::new(), 0);
    for photo in &args.photos {
        match decode(photo) {
            Ok(found) => {
                empty += usize::from(found.is_empty());
                lines.extend(found.into_iter().map(|found| Line::new(photo, found)));
            }
            Err(reason) => unread.push(format!("{}：{reason}", photo.display())),
        }
    }
    if global.json() || args.format == Format::Json {
        show::json(&lines);
    } else {
        print_csv(&lines);
    }
    if unread.len() == args.photos.len() {
        return Err(CliError::Usage(unread.join("\n")));
    }
    unread.iter().for_each(|reason| tell(reason));
    Ok(Done::attention_if(!unread.is_empty() || empty > 0))
}

#[expect(clippy::print_stderr, reason = "what could not be read is not part of the output")]
fn tell(reason: &str) {
    eprintln!("{reason}");
}

fn decode(photo: &Path) -> Result<Vec<Found>, String> {
    let bytes = std::fs::read(photo).map_err(|error| io_reason(&error))?;
    read::decode_photo(&bytes, &Limits::default()).map_err(|error| error.to_string())
}

fn print_csv(lines: &[Line]) {
    show::line("file,text,code,x0,y0,x1,y1,x2,y2,x3,y3");
    for line in lines {
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        if writer.serialize(line).is_ok()
            && let Ok(bytes) = writer.into_inner()
        {
            show::line(String::from_utf8_lossy(&bytes).trim_end());
        }
    }
}
