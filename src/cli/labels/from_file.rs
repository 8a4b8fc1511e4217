//! `hufu labels --data ITEMS … --out FILE`: from a spreadsheet straight to paper.

use std::path::PathBuf;

use super::super::{CliError, Done, Global};
use super::Paper;

/// What the file tool needs.
#[derive(Debug, clap::Args)]
pub struct FileArgs {
    /// 资产清单（CSV、XLSX、XLS、ODS）
    #[arg(long, value_name = "ITEMS", required = true)]
    data: Option<PathBuf>,
    /// 单位名称
    #[arg(long, default_value = "")]
    organisation: String,
    /// 列对应：字段=列名
    #[arg(long, value_name = "FIELD=HEADER")]
    map: Vec<String>,
    #[command(flatten)]
    paper: Paper,
    /// 输出文件（.pdf .png .svg .zpl .tspl）
    #[arg(long, value_name = "FILE", required = true)]
    out: Option<PathBuf>,
}

/// to be joined
pub fn run(_args: &FileArgs, _global: &Global) -> Result<Done, CliError> {
    Ok(Done::Clean)
}
