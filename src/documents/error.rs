//! Why a file as a whole cannot be read or written, in sentences a storekeeper can act on.

use std::io;
use std::path::Path;

/// A file that cannot be read or written; nothing of it was taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The file cannot be opened or read.
    #[error("读不了文件“{file}”：{}", io_reason(source))]
    Read {
        /// The file.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("写不了文件“{file}”：{}", io_reason(source))]
    Write {
        /// The file.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// Nothing in it, or only a byte order mark.
    #[error("文件“{file}”是空的，没有可读的内容")]
    Empty {
        /// The file.
        file: String,
    },
    /// More than a limit allows.
    #[error("文件“{file}”太大：{what}")]
    TooLarge {
        /// The file.
        file: String,
        /// Which measure is over which limit.
        what: String,
    },
    /// A packed file that unpacks to far more than any table would.
    #[error("文件“{file}”解压后异常膨胀（{what}），疑似压缩炸弹，未读入")]
    Bomb {
        /// The file.
        file: String,
        /// How large it becomes.
        what: String,
    },
    /// A text whose bytes are in none of the encodings we read.
    #[error(
        "文件“{file}”第 {row} 行起的文字既不是 UTF-8 也不是 GB18030/GBK 编码，请在 Excel 或 WPS 中另存为“CSV UTF-8”再试"
    )]
    Encoding {
        /// The file.
        file: String,
        /// The first row with such bytes, from 1.
        row: u64,
    },
    /// Some other kind of file.
    #[error("文件“{file}”是{what}，不是表格；可用 CSV、XLSX、XLS、ODS")]
    NotATable {
        /// The file.
        file: String,
        /// What it looks like.
        what: &'static str,
    },
    /// A workbook that asks for a password.
    #[error("文件“{file}”设有打开密码，请先在 Excel 或 WPS 中取消密码")]
    Protected {
        /// The file.
        file: String,
    },
    /// A workbook that is cut short or damaged.
    #[error("文件“{file}”已损坏或不完整，请重新导出（{reason}）")]
    Broken {
        /// The file.
        file: String,
        /// What the reader stumbled over.
        reason: String,
    },
    /// No row looks like the header of this kind of table.
    #[error("文件“{file}”中找不到{table}的表头：前 {looked} 行里没有“{wanted}”；可用 --map 字段=列名 指明")]
    NoHeader {
        /// The file.
        file: String,
        /// What the table is.
        table: &'static str,
        /// How many rows were looked at.
        looked: usize,
        /// The headers that must be there.
        wanted: String,
    },
    /// A header was found, but columns that must be there are not.
    #[error(
        "文件“{file}”{at}的表头缺少必需的列“{missing}”；找到的列有：{found}；如是别的叫法，请用 --map 字段=列名 指明，例如 --map {field}=列名"
    )]
    MissingColumn {
        /// The file.
        file: String,
        /// Where the header is.
        at: String,
        /// The missing columns.
        missing: String,
        /// The first missing field's name.
        field: &'static str,
        /// What was found.
        found: String,
    },
    /// Columns that could mean more than one thing.
    #[error("文件“{file}”{at}的表头有歧义：{what}；请用 --map 指明，例如 --map {example}")]
    Ambiguous {
        /// The file.
        file: String,
        /// Where the header is.
        at: String,
        /// Which columns and fields.
        what: String,
        /// A mapping that would settle it.
        example: String,
    },
    /// A `--map` that cannot be read.
    #[error("--map “{text}”看不懂：{reason}")]
    BadMap {
        /// The argument.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A `--map` that names a column the file does not have.
    #[error("文件“{file}”{at}没有 --map {field} 指明的列“{column}”；找到的列有：{found}")]
    MapNotFound {
        /// The file.
        file: String,
        /// Where the header is.
        at: String,
        /// The field.
        field: &'static str,
        /// The column it names.
        column: String,
        /// What was found.
        found: String,
    },
}

impl DocumentError {
    /// `source` happened while reading `file`.
    pub(crate) fn read(file: &str, source: io::Error) -> Self {
        Self::Read { file: file.to_owned(), source }
    }

    /// `source` happened while writing `path`.
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { file: path.display().to_string(), source }
    }
}

/// What to tell a person about an error of the operating system.
#[must_use]
pub fn io_reason(error: &io::Error) -> String {
    use io::ErrorKind as K;
    match error.kind() {
        K::NotFound => "文件或所在的文件夹不存在".to_owned(),
        K::PermissionDenied => "没有权限，或文件正被别的程序占用".to_owned(),
        K::IsADirectory => "这是一个文件夹".to_owned(),
        K::NotADirectory => "路径中有一段不是文件夹".to_owned(),
        K::StorageFull | K::QuotaExceeded => "磁盘已满，请清理后再试".to_owned(),
        K::ReadOnlyFilesystem => "所在的磁盘是只读的".to_owned(),
        K::InvalidFilename => "文件名太长或含有不允许的字符".to_owned(),
        K::FileTooLarge => "文件超过了磁盘允许的大小".to_owned(),
        K::InvalidData => "内容不是可读的文字".to_owned(),
        _ => error.to_string(),
    }
}
