//! What can go wrong while labels are written. The sentences are for the person who prints.

use std::io;
use std::path::PathBuf;

/// Why no labels, or not all of them, were written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// No built-in template of that name, and no such file.
    #[error("没有名为“{name}”的标签模板；可用的有：{known}，或给出模板文件（.toml）的路径")]
    UnknownTemplate {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// No built-in sheet of that name, and no such file.
    #[error("没有名为“{name}”的纸张版式；可用的有：{known}，或给出版式文件（.toml）的路径")]
    UnknownSheet {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A template or sheet file is not TOML of the expected shape.
    #[error("“{file}”不是可用的模板或版式文件：{reason}")]
    Malformed {
        /// The file or built-in name.
        file: String,
        /// What the parser found, with line and column.
        reason: String,
    },
    /// A template contradicts itself: a box outside the label, on the QR code's quiet zone, and so on.
    #[error("标签模板“{template}”有误：{reason}")]
    BadTemplate {
        /// The template's name.
        template: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// A sheet contradicts itself: cells that overlap or leave the paper.
    #[error("纸张版式“{sheet}”有误：{reason}")]
    BadSheet {
        /// The sheet's name.
        sheet: String,
        /// What is wrong.
        reason: String,
    },
    /// The template would have to shrink too much for the sheet's cells.
    #[error(
        "模板“{template}”（{label} 毫米）放不进版式“{sheet}”的格子（{cell} 毫米）：要缩到 {percent}%，低于 {limit}%，\
         字会看不清。请换小一号的模板或格子大一些的版式"
    )]
    TooLarge {
        /// The template's name.
        template: String,
        /// Its size in millimetres, `60×40`.
        label: String,
        /// The sheet's name.
        sheet: String,
        /// The cell's size in millimetres.
        cell: String,
        /// The scale needed, per cent.
        percent: u32,
        /// The smallest scale allowed, per cent.
        limit: u32,
    },
    /// More positions to skip than the sheet has.
    #[error("版式“{sheet}”每张只有 {cells} 个位置，不能跳过 {skip} 个")]
    SkipTooFar {
        /// The sheet's name.
        sheet: String,
        /// Positions on one sheet.
        cells: u32,
        /// Positions to skip.
        skip: u32,
    },
    /// Positions can be skipped on a sheet only.
    #[error("跳过 {0} 个位置只对整张纸有意义：请同时指定纸张版式（--sheet）")]
    SkipWithoutSheet(u32),
    /// A printer language writes one label after the other.
    #[error("{0} 是卷纸标签打印机的语言，不能排在整张纸上：请去掉纸张版式（--sheet）")]
    SheetOnRoll(&'static str),
    /// The resolution is outside what can be drawn.
    #[error("分辨率 {0} dpi 不可用：请取 {min} 到 {max} 之间", min = super::MIN_DPI, max = super::MAX_DPI)]
    BadDpi(u32),
    /// At this resolution a module of the QR code would be less than two dots wide.
    #[error(
        "分辨率 {dpi} dpi 太低：模板“{template}”的二维码每格不到两个点，扫不出来。请提高分辨率或换二维码更大的模板"
    )]
    QrTooCoarse {
        /// The resolution asked for.
        dpi: u32,
        /// The template's name.
        template: String,
    },
    /// The file name's ending says nothing we can write.
    #[error("不认识的文件类型“{0}”：可写 .pdf、.png、.svg、.zpl、.tspl")]
    UnknownFormat(String),
    /// Nothing was given to print.
    #[error("没有要打印的标签")]
    Empty,
    /// The font cannot be used.
    #[error("字体不可用：{0}")]
    Font(String),
    /// The font cannot be reduced to the characters used.
    #[error("无法从字体中取出所用的字：{0}")]
    Subset(String),
    /// A picture could not be encoded.
    #[error("无法生成图片：{0}")]
    Picture(String),
    /// A template, sheet or font file could not be read.
    #[error("无法读取“{path}”：{}", reason(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An output file could not be written.
    #[error("无法写入“{path}”：{}", reason(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The sink refused bytes.
    #[error("写出标签时出错：{}", reason(.0))]
    Sink(#[from] io::Error),
}

/// What to tell a person about an error of the operating system.
fn reason(error: &io::Error) -> String {
    use io::ErrorKind as K;
    match error.kind() {
        K::NotFound => "文件或所在的文件夹不存在".to_owned(),
        K::PermissionDenied => "没有权限，或文件正被别的程序占用".to_owned(),
        K::IsADirectory => "这是一个文件夹".to_owned(),
        K::NotADirectory => "路径中有一段不是文件夹".to_owned(),
        K::StorageFull | K::QuotaExceeded => "磁盘已满，请清理后再试".to_owned(),
        K::ReadOnlyFilesystem => "所在的磁盘是只读的".to_owned(),
        K::InvalidFilename => "文件名太长或含有不允许的字符".to_owned(),
        _ => error.to_string(),
    }
}
