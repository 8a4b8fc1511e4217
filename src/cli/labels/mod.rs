//! `hufu labels`: from a file straight to paper, or from the book (`labels print`), with claim, resolve, void.

mod book;
mod from_file;

use std::path::PathBuf;

use clap::Subcommand;
use hufu_labels::code::LabelCode;
use hufu_labels::write::{FontSet, Job, LabelRecord, Sheet, Summary, Template, write_file};

use super::{CliError, Done, Global, show};

/// 打印标签
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    file: from_file::FileArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 为库中的资产或地点打印标签
    Print(book::PrintArgs),
    /// 把一张空白标签认领到一件资产上
    Claim {
        /// 标签码
        code: String,
        /// 资产编号
        number: String,
    },
    /// 一个码代表什么
    Resolve {
        /// 标签码或资产编号
        code: String,
    },
    /// 作废一张标签
    Void {
        /// 标签码
        code: String,
        /// 原因
        #[arg(long)]
        reason: String,
    },
    /// 待重印的标签
    Queue,
}

/// On what the labels are printed, alike for both ways.
#[derive(Debug, Clone, clap::Args)]
pub struct Paper {
    /// 标签模板名或 TOML 文件：asset-60x40、asset-70x50、asset-50x30、asset-40x30、place-60x40、blank-40x30
    #[arg(long, default_value = "asset-60x40")]
    template: String,
    /// 整张标签纸名或 TOML 文件（如 a4-3x8）；不写为卷纸，一页一张
    #[arg(long)]
    sheet: Option<String>,
    /// 第一张纸上已用掉的前 N 个位置
    #[arg(long, default_value_t = 0, value_name = "N")]
    skip: u32,
    /// PNG、ZPL、TSPL 的分辨率（点/英寸）
    #[arg(long, default_value_t = 300)]
    dpi: u32,
    /// 缺字时使用的后备字体（TTF/OTF）
    #[arg(long, value_name = "FONT", env = "HUFU_FALLBACK_FONT")]
    fallback_font: Option<PathBuf>,
}

/// Where the labels go and what was written.
struct Printed {
    summary: Summary,
    files: Vec<PathBuf>,
}

impl Paper {
    fn fonts(&self) -> Result<FontSet, CliError> {
        match &self.fallback_font {
            Some(path) => {
                let bytes = std::fs::read(path).map_err(|source| CliError::file(path, source))?;
                Ok(FontSet::with_fallback(bytes)?)
            }
            None => Ok(FontSet::builtin()?),
        }
    }

    /// Refuses a template, a sheet or an ending that cannot be printed on, before anything is recorded.
    fn check(&self, out: &std::path::Path) -> Result<(Template, Option<Sheet>), CliError> {
        hufu_labels::write::Format::of_path(out)?;
        let template = Template::named(&self.template)?;
        let sheet = self.sheet.as_deref().map(Sheet::named).transpose()?;
        Ok((template, sheet))
    }

    fn write(&self, records: &[LabelRecord], organisation: &str, out: &std::path::Path) -> Result<Printed, CliError> {
        let (template, sheet) = self.check(out)?;
        let fonts = self.fonts()?;
        let job = Job {
            template: &template,
            sheet: sheet.as_ref(),
            skip: self.skip,
            fonts: &fonts,
            dpi: self.dpi,
            organisation,
        };
        let (summary, files) = write_file(records, &job, out)?;
        Ok(Printed { summary, files })
    }
}

impl Printed {
    fn tell(&self, global: &Global) {
        let files: Vec<String> = self.files.iter().map(|path| path.display().to_string()).collect();
        let notes = remarks(&self.summary);
        if global.json() {
            show::json(&serde_json::json!({
                "labels": self.summary.labels, "pages": self.summary.pages, "bytes": self.summary.bytes,
                "files": files, "notes": notes,
            }));
            return;
        }
        show::line(format!("已写 {} 张标签，{} 页：{}", self.summary.labels, self.summary.pages, short(&files)));
        notes.iter().for_each(show::line);
    }
}

/// What a person should know about the labels: characters no font has, texts cut.
fn remarks(summary: &Summary) -> Vec<String> {
    let mut remarks = Vec::new();
    for (character, missing) in &summary.notes.missing {
        remarks.push(format!(
            "字体中没有“{character}”（U+{:04X}），印作方框 {} 处，第一处在第 {} 张；可用 --fallback-font 指定后备字体",
            *character as u32,
            missing.times,
            missing.first_record + 1
        ));
    }
    if let Some(first) = summary.notes.cut.first() {
        remarks.push(format!(
            "有 {} 处文字太长，以“…”结尾；第一处是第 {} 张的{}",
            summary.notes.cut.len(),
            first.record + 1,
            first.field.title()
        ));
    }
    remarks
}

fn short(files: &[String]) -> String {
    match files {
        [] => String::new(),
        [only] => only.clone(),
        [first, .., last] => format!("{first} … {last}"),
    }
}

fn read_code(text: &str) -> Result<LabelCode, CliError> {
    text.parse().map_err(|_| CliError::Usage(format!("“{text}”不是标签码：应为 HF 开头的 12 个字符")))
}

/// Runs the file tool or one of the sub-commands.
///
/// # Errors
/// When nothing was printed.
pub fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    match &args.command {
        None => from_file::run(&args.file, global),
        Some(Command::Print(print)) => global.block_on(book::print(print, global)),
        Some(Command::Claim { code, number }) => global.block_on(book::claim(code, number, global)),
        Some(Command::Resolve { code }) => global.block_on(book::resolve(code, global)),
        Some(Command::Void { code, reason }) => global.block_on(book::void(code, reason, global)),
        Some(Command::Queue) => global.block_on(book::queue(global)),
    }
}
