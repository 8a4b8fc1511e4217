//! `hufu labels --data ITEMS … --out FILE`: from a spreadsheet straight to paper, no database needed.

use std::path::{Path, PathBuf};

use hashbrown::HashSet;
use hufu_labels::code::LabelCode;
use hufu_labels::write::LabelRecord;

use super::super::{CliError, Done, Global, show};
use super::Paper;
use crate::documents::tables::Items;
use crate::documents::{ColumnMap, CsvOut, DocumentError, Limits, Reject, RejectSink as _, RejectsFile, Row, Table};
use crate::kernel::Ctx;

/// What the file tool needs.
#[derive(Debug, clap::Args)]
pub(super) struct FileArgs {
    /// 资产清单（CSV、XLSX、XLS、ODS）
    #[arg(long, value_name = "ITEMS", required = true)]
    data: Option<PathBuf>,
    /// 单位名称
    #[arg(long, default_value = "")]
    organisation: String,
    /// 列对应：字段=列名（或 字段=#C）
    #[arg(long, value_name = "FIELD=HEADER")]
    map: Vec<String>,
    #[command(flatten)]
    paper: Paper,
    /// 输出文件（.pdf .png .svg .zpl .tspl）
    #[arg(long, value_name = "FILE", required = true)]
    out: Option<PathBuf>,
}

/// A row, and whether its code was made here.
struct Labelled {
    record: LabelRecord,
    made: bool,
}

/// Prints a label for each row. A row without a code gets one; `FILE.codes.csv` lists which. Rows that cannot be
/// printed are in `FILE.rejects.csv`: exit code 1.
///
/// # Errors
/// When the file cannot be read, no row can be printed, or the output cannot be written.
pub(super) fn run(args: &FileArgs, global: &Global) -> Result<Done, CliError> {
    let (Some(data), Some(out)) = (&args.data, &args.out) else {
        return Err(CliError::Usage("请写 --data 与 --out".to_owned()));
    };
    args.paper.check(out)?;
    let (labels, rejects) = read(data, &ColumnMap::parse(&args.map)?, &global.ctx()?)?;
    if labels.is_empty() {
        let first = rejects.first().map(|reject| format!("；第一个原因：{reject}")).unwrap_or_default();
        return Err(CliError::Usage(format!("“{}”中没有可打印的行{first}", data.display())));
    }
    let records: Vec<LabelRecord> = labels.iter().map(|label| label.record.clone()).collect();
    let path = beside(out, "codes.csv");
    // Begun before the labels and put in place after them: labels whose codes nobody knows are worth nothing.
    let codes = labels.iter().any(|label| label.made).then(|| write_codes(&path, &labels)).transpose()?;
    args.paper.write(&records, &args.organisation, out)?.tell(global);
    if let Some(codes) = codes {
        codes.finish()?;
        tell(global, format!("新生成的标签码：{}", path.display()));
    }
    if !rejects.is_empty() {
        let path = beside(out, "rejects.csv");
        let mut file = RejectsFile::create(&path)?;
        rejects.iter().for_each(|reject| file.reject(reject.clone()));
        file.finish()?;
        tell(global, format!("退回 {} 行，原因见 {}", rejects.len(), path.display()));
    }
    Ok(Done::attention_if(!rejects.is_empty()))
}

fn tell(global: &Global, words: String) {
    if !global.json() {
        show::line(words);
    }
}

/// `labels.pdf` → `labels.pdf.codes.csv`
fn beside(out: &Path, suffix: &str) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    out.with_file_name(name)
}

fn read(data: &Path, map: &ColumnMap, ctx: &Ctx) -> Result<(Vec<Labelled>, Vec<Reject>), CliError> {
    let mut rejects: Vec<Reject> = Vec::new();
    let mut records = Table::open(data, &Limits::default())?.records::<Items>(map)?;
    let mut labels = Vec::new();
    let mut codes = HashSet::new();
    while let Some(row) = records.next_row(&mut rejects)? {
        match label(&row, ctx, &mut codes) {
            Ok(label) => labels.push(label),
            Err(reject) => rejects.reject(reject),
        }
    }
    Ok((labels, rejects))
}

fn label(row: &Row<'_, Items>, ctx: &Ctx, codes: &mut HashSet<LabelCode>) -> Result<Labelled, Reject> {
    let item_number = row.required_identifier(Items::ItemNumber)?.to_owned();
    let written = row.identifier(Items::Code)?;
    let made = written.is_empty();
    let code = if made {
        LabelCode::from_random(ctx.random())
    } else {
        written.parse().map_err(|error| row.reject(Items::Code, format!("不是标签码：{error}")))?
    };
    if !codes.insert(code) {
        return Err(row.reject(Items::Code, "标签码在文件中重复：一个码只能贴在一件上"));
    }
    let text = |field| row.text(field).to_owned();
    let acquired_on = row.date(Items::AcquiredOn)?.map(|day| day.to_string()).unwrap_or_default();
    let record = LabelRecord {
        item_number,
        name: text(Items::Name),
        specification: text(Items::Specification),
        unit: text(Items::Unit),
        keeper: text(Items::Keeper),
        place: text(Items::Place),
        acquired_on,
        ..LabelRecord::blank(code)
    };
    Ok(Labelled { record, made })
}

fn write_codes(path: &Path, labels: &[Labelled]) -> Result<CsvOut, DocumentError> {
    let mut out = CsvOut::create(path)?;
    out.header(&["item_number", "code"])?;
    for label in labels.iter().filter(|label| label.made) {
        out.text(&label.record.item_number);
        out.plain(label.record.code.as_str());
        out.end_row()?;
    }
    Ok(out)
}
