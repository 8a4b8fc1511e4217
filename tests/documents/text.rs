//! Text tables as offices have them: every encoding, delimiter, line end and header; and what is wrong with them.

use crate::support::{Read, read, read_with};
use hufu::documents::tables::Book;
use hufu::documents::{ColumnMap, DocumentError, Limits, Reject, Skipped, Table};
use insta::assert_snapshot;

const ALL: [Book; 10] = [
    Book::ItemNumber,
    Book::Name,
    Book::Unit,
    Book::Place,
    Book::Keeper,
    Book::Quantity,
    Book::State,
    Book::SerialNumber,
    Book::Value,
    Book::ExcusedBy,
];

fn book(bytes: &[u8]) -> Result<Read, DocumentError> {
    read(&ALL, "资产.csv", bytes)
}

fn error(bytes: &[u8]) -> String {
    book(bytes).err().map_or_else(|| "(read)".to_owned(), |e| e.to_string())
}

#[test]
fn every_encoding_delimiter_line_end_and_header_reads_the_same() {
    type Encode = fn(&str) -> Vec<u8>;
    let encode: [(&str, Encode); 6] = [
        ("UTF-8", |t| t.as_bytes().to_vec()),
        ("UTF-8 with mark", |t| format!("\u{feff}{t}").into_bytes()),
        ("GB18030", |t| encoding_rs::GB18030.encode(t).0.into_owned()),
        ("GBK", |t| encoding_rs::GBK.encode(t).0.into_owned()),
        ("UTF-16LE", |t| [0xff, 0xfe].into_iter().chain(t.encode_utf16().flat_map(u16::to_le_bytes)).collect()),
        ("UTF-16BE", |t| [0xfe, 0xff].into_iter().chain(t.encode_utf16().flat_map(u16::to_be_bytes)).collect()),
    ];
    let headers = [
        ["资产编号", "资产名称", "使用部门", "存放地点", "数量", "价值"],
        ["item_number", "name", "unit", "place", "quantity", "value"],
        ["* 资产编号", "资产 名称", "使用部门：", "存放地点【房间】", "数量（台）", "价值(元)"],
        ["Item Number", "NAME", "Unit", "Place", "Qty", "Value"],
    ];
    let letterheads: [&[&str]; 3] = [&[], &["某某分局固定资产台账"], &["某某分局固定资产台账", "单位：办公室", ""]];
    let rows = [
        ["A-001", "台式计算机, 国产;“长城”", "指挥中心", "201室", "1", "5,200.00"],
        ["A-002", "打印机\"彩色\"", "法制大队", "202室\n里间", "3台", "12,345.60元"],
    ];
    for (encoding, encode) in &encode {
        for delimiter in [",", ";", "\t"] {
            for end in ["\n", "\r\n", "\r"] {
                for header in &headers {
                    for letterhead in &letterheads {
                        let line = |cells: &[&str]| {
                            let quoted = |c: &&str| format!("\"{}\"", c.replace('"', "\"\""));
                            cells.iter().map(quoted).collect::<Vec<_>>().join(delimiter) + end
                        };
                        let mut text: String = letterhead.iter().map(|l| format!("{l}{end}")).collect();
                        text += &(header.join(delimiter) + end);
                        text += &rows.iter().map(|r| line(r)).collect::<String>();
                        let context = format!("{encoding} {delimiter:?} {end:?} {header:?} {letterhead:?}");
                        let read = book(&encode(&text)).unwrap_or_else(|e| panic!("{context}: {e}"));
                        assert!(read.rejects.is_empty(), "{context}: {}", read.reject_lines());
                        let cells: Vec<Vec<&str>> = (0..read.rows.len())
                            .map(|i| [0, 1, 2, 3, 5, 8].map(|f| read.rows[i].1[f].as_str()).to_vec())
                            .collect();
                        assert_eq!(cells, rows.map(|r| r.to_vec()), "{context}");
                        assert_eq!(read.rows[0].0, letterhead.len() as u64 + 2, "{context}");
                    }
                }
            }
        }
    }
}

#[test]
fn totals_repeated_headers_signatures_and_blank_rows_are_passed_over() {
    let text = "某某分局盘点表,,\n\n序号,资产编号,资产名称,数量\n1,A1,电脑,2\n,,,\n,小 计,,2\n序号,资产编号,资产名称,数量\n\
                2,A2,打印机,1\n,合计,,3\n制表人：某甲,,审核人：某乙,\n注：以上为 12 月数据\n";
    let read = book(text.as_bytes()).unwrap();
    assert_eq!(read.column(Book::ItemNumber), ["A1", "A2"]);
    assert_eq!(read.rows.iter().map(|r| r.0).collect::<Vec<_>>(), [4, 8]);
    assert!(read.rejects.is_empty(), "{}", read.reject_lines());
    assert_eq!(
        [Skipped::Total, Skipped::Header, Skipped::Footer].map(|kind| read.notes.skipped(kind)),
        [2, 1, 2],
        "{:?}",
        read.notes.lines()
    );
    assert_snapshot!(read.notes.lines().join("\n"), @r#"
    按 UTF-8 编码、逗号分隔读入
    表头在第 3 行：item_number=资产编号(B)，name=资产名称(C)，quantity=数量(D)；未用的列：序号(A)
    跳过合计、小计行 2 行（第 6、9 行）
    跳过重复的表头行 1 行（第 7 行）
    跳过签名、说明行 2 行（第 10、11 行）
    "#);
}

#[test]
fn a_bad_row_is_named_and_the_rest_is_read() {
    let mut text = "item_number,name,unit\nA1,电脑,一队\nA2,电脑\nA3,电脑,二队,多\nA4,\"电脑,三队\nA5,电脑,四队,\n"
        .as_bytes()
        .to_vec();
    text.extend(b"A6,\0,x\nA7,\xff\xfe,x\n");
    text.extend(format!("A8,{},x\n", "长".repeat(40_000)).as_bytes());
    text.extend("A9,电脑,五队\n".as_bytes());
    let read = book(&text).unwrap();
    assert_eq!(read.column(Book::ItemNumber), ["A1", "A5", "A9"]);
    assert_eq!(read.notes.rejected, 6);
    assert_snapshot!(read.reject_lines(), @r#"
    资产.csv第 3 行：本行只有 2 格，表头有 3 格||
    资产.csv第 4 行：本行有 4 格，多于表头的 3 格||
    资产.csv第 5 行：本行的引号没有成对，无法分清单元格||
    资产.csv第 7 行：本行含有空字符（NUL），文件可能已损坏||
    资产.csv第 8 行：本行有无法识别的字节（编码损坏），请核对原文件||
    资产.csv第 9 行：本行有过长的单元格||
    "#);
}

#[test]
fn a_mark_or_an_empty_file_or_blanks_is_an_empty_file() {
    for bytes in [b"".as_slice(), b"\xef\xbb\xbf", b"\n\n\r\n", b"\xff\xfe"] {
        assert!(matches!(book(bytes), Err(DocumentError::Empty { .. })), "{bytes:?}");
    }
}

#[test]
fn only_a_header_is_no_rows() {
    for text in ["资产编号,资产名称", "资产编号,资产名称\r\n", "资产编号,资产名称\r"] {
        assert!(book(text.as_bytes()).unwrap().rows.is_empty(), "{text:?}");
    }
}

#[test]
fn limits_are_kept() {
    let text = b"item_number\n1\n2\n3\n";
    let rows = Limits { rows: 2, ..Limits::default() };
    assert_snapshot!(read_with(&ALL, "资产.csv", text, &[], &rows).unwrap_err(), @"文件“资产.csv”太大：超过 2 行");
    let bytes = Limits { text_bytes: 4, ..Limits::default() };
    assert_snapshot!(read_with(&ALL, "资产.csv", text, &[], &bytes).unwrap_err(), @"文件“资产.csv”太大：超过 4 字节 的上限");
}

#[test]
fn a_line_that_never_ends_is_one_reject() {
    let mut text = b"item_number,name\nA1,x\n".to_vec();
    text.extend(b"A2,".iter().chain(std::iter::repeat_n(&b'x', 3_000_000)));
    text.extend(b"\nA3,y\n");
    let read = book(&text).unwrap();
    assert_eq!(read.column(Book::ItemNumber), ["A1", "A3"]);
    assert_eq!((read.rejects.len(), read.rejects[0].at.row, read.rows[1].0), (1, 3, 4));
}

#[test]
fn what_cannot_be_settled_is_asked_for() {
    assert_snapshot!(
        [
            error("资产编号,资产名称,资产编号\n1,2,3\n".as_bytes()),
            error("资产编码,item_number,资产名称\n1,2,3\n".as_bytes()),
            error("资产编号,单位,科室\n1,2,3\n".as_bytes()),
            error("名称,地点\n1,2\n".as_bytes()),
            error("第一列,第二列\n1,2\n".as_bytes()),
        ]
        .join("\n"), @r#"
    文件“资产.csv”第 1 行的表头有歧义：A 列“资产编号”、C 列“资产编号” 都可作“资产编号”（item_number）；请用 --map 指明，例如 --map item_number=#A
    文件“资产.csv”第 1 行的表头有歧义：A 列“资产编码”、B 列“item_number” 都可作“资产编号”（item_number）；请用 --map 指明，例如 --map item_number=#A
    文件“资产.csv”第 1 行的表头有歧义：B 列“单位”、C 列“科室” 都可作“使用部门”（unit）；请用 --map 指明，例如 --map unit=#B
    文件“资产.csv”第 1 行的表头缺少必需的列“资产编号”；找到的列有：名称(A)、地点(B)；如是别的叫法，请用 --map 字段=列名 指明，例如 --map item_number=列名
    文件“资产.csv”中找不到资产账的表头：前 2 行里没有“资产编号”；可用 --map 字段=列名 指明
    "#);
}

#[test]
fn maps_settle_it() {
    let text = "资产编号,单位,科室,甲\nA1,一队,二科,丙\n".as_bytes();
    let with = |map: &[&str]| read_with(&ALL, "资产.csv", text, map, &Limits::default());
    assert_eq!(with(&["unit=科室"]).unwrap().column(Book::Unit), ["二科"]);
    assert_eq!(with(&["unit=#B"]).unwrap().column(Book::Unit), ["一队"]);
    assert_eq!(with(&["unit=", "name=#4"]).unwrap().column(Book::Name), ["丙"]);
    assert_eq!(with(&["unit=", "place=科 室"]).unwrap().column(Book::Place), ["二科"]);
    let headless = read_with(&ALL, "x.csv", b"A1,pc\nA2,tv\n", &["item_number=#1", "name=#B"], &Limits::default());
    assert_eq!(headless.unwrap().column(Book::Name), ["pc", "tv"]);
    let said = |map: &[&str]| with(map).unwrap_err().to_string();
    assert_snapshot!(
        [
            said(&["unit=楼层"]),
            said(&["unti=科室"]),
            said(&["unit"]),
            said(&["unit=科室", "unit=单位"]),
            said(&["unit=#0"]),
            said(&["item_number=", "unit="]),
            said(&["unit=科室", "keeper=#C"]),
        ]
        .join("\n"), @r#"
    文件“资产.csv”第 1 行没有 --map unit 指明的列“楼层”；找到的列有：资产编号(A)、单位(B)、科室(C)、甲(D)
    --map “unti=科室”看不懂：没有字段“unti”；可用的字段有 item_number, name, unit, place, keeper, quantity, state, serial_number, value, excused_by
    --map “unit”看不懂：应写成 字段=列名
    --map “unit=单位”看不懂：同一字段指明了两次
    --map “unit=#0”看不懂：# 后应是列号（从 1 起）、列字母或 sheet，如 #3、#C、#sheet
    文件“资产.csv”中找不到资产账的表头：前 2 行里没有“资产编号”；可用 --map 字段=列名 指明
    文件“资产.csv”第 1 行的表头有歧义：C 列“科室” 可作“使用部门”（unit）或“使用人”（keeper）；请用 --map 指明，例如 --map unit=#C
    "#);
}

#[test]
fn wrong_bytes_are_said_and_never_read_as_gibberish() {
    let mut big5 = b"item_number,name\n".to_vec();
    big5.extend((0..64u8).flat_map(|i| [b'A', b',', 0x81 + i, 0x20, 0xff, b'\n']));
    let noise: Vec<u8> = (0u32..4096).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_snapshot!([error(&big5), error(&noise), error(b"%PDF-1.7 ..."), error(b"\x89PNG\r\n\x1a\n"),].join("\n"), @r#"
    文件“资产.csv”第 2 行起的文字既不是 UTF-8 也不是 GB18030/GBK 编码，请在 Excel 或 WPS 中另存为“CSV UTF-8”再试
    文件“资产.csv”是程序或图片一类的二进制文件，不是表格；可用 CSV、XLSX、XLS、ODS
    文件“资产.csv”是PDF 文件，不是表格；可用 CSV、XLSX、XLS、ODS
    文件“资产.csv”是图片，不是表格；可用 CSV、XLSX、XLS、ODS
    "#);
}

#[test]
fn chinese_that_begins_late_is_still_told_apart() {
    for gbk in [true, false] {
        let mut text = String::from("item_number,name\n");
        text.extend((0..60_000).map(|i| format!("A{i},pc\n")));
        text += "B1,台式计算机\n";
        let bytes = if gbk { encoding_rs::GBK.encode(&text).0.into_owned() } else { text.into_bytes() };
        let read = book(&bytes).unwrap();
        assert_eq!(read.rows.len(), 60_001);
        assert_eq!(read.column(Book::Name)[60_000], "台式计算机");
    }
}

#[test]
fn marks_that_keep_a_spreadsheet_from_rounding_are_taken_off() {
    let text = "item_number,name\n=\"000123\",x\n\t000124\t,'=1+1\n\"=\"\"000125\"\"\",'y'\n";
    let read = book(text.as_bytes()).unwrap();
    assert_eq!(read.column(Book::ItemNumber), ["000123", "000124", "000125"]);
    assert_eq!(read.column(Book::Name), ["x", "=1+1", "'y'"]);
}

#[test]
fn the_first_line_may_name_the_delimiter() {
    let read = book("sep=|\nitem_number|name\nA1|x,y\n".as_bytes()).unwrap();
    assert_eq!(read.column(Book::Name), ["x,y"]);
}

/// Which header was taken for which field, as the notes say it.
fn mapping<F: hufu::documents::Fields>(header: &str) -> String {
    let cells = vec!["x"; header.split('\t').count()].join("\t");
    let text = format!("{header}\n{cells}\n");
    let read = read::<F>(&[], "x.txt", text.as_bytes());
    read.map_or_else(|e| e.to_string(), |read| read.notes.remarks[1].clone())
}

#[test]
fn the_headers_of_the_field_are_recognised_without_a_map() {
    use hufu::documents::tables::{Assets, Count, Counts, Fills, Odometer, People, Places, Trips, Units, Vehicles};
    let card = "资产编号\t资产大类\t资产分类\t资产名称\t财务入账日期\t会计凭证号\t取得日期\t价值类型\t数量\t单价\t价值\t财政性资金\t\
                非财政性资金\t取得方式\t使用状况\t使用部门\t管理部门\t存放地点\t使用人\t面积\t规格型号\t折旧状态\t折旧年限\t自定义编号\t备注";
    let sheet = "序号\t资产编号\t资产名称\t分类代码\t规格型号\t单位\t账面数量\t账面原值\t累计折旧\t账面净值\t取得日期\t使用部门\t使用人\t\
                 存放地点\t实盘数量\t实际地点\t实际使用人\t使用状况\t标签是否完好\t盘盈数\t盘亏数\t差异原因\t处理意见\t照片\t盘点人\t监盘人\t\
                 盘点日期";
    let sinopec =
        "序号\t卡号\t持卡人/车牌\t交易时间\t交易类型\t金额\t油品\t数量\t单价\t优惠/奖励\t余额\t网点/地点\t备注";
    let kunlun =
        "卡号\t交易时间\t交易地点(网点名称)\t商品名称\t数量(升)\t单价\t应付金额\t优惠金额\t实付金额\t余额\t备注";
    assert_snapshot!(
        [
            mapping::<Book>(card),
            mapping::<Assets>(card),
            mapping::<Book>(sheet),
            mapping::<Assets>(sheet),
            mapping::<Count>(sheet),
            mapping::<Counts>("扫描内容\t存放地点\t扫描时间\t扫描人"),
            mapping::<Fills>(sinopec),
            mapping::<Fills>(kunlun),
            mapping::<Fills>("opeTime\ttraName\tamount\toilName\tlitre\tprice\treward\tbalance\tnodeTag"),
            mapping::<Trips>("车牌号\t用车事由\t出车时间\t目的地\t出车前里程\t驾驶员\t审批管理员\t还车时间\t还车里程"),
            mapping::<Vehicles>(
                "车牌号码\t品牌型号\t油箱容量(L)\t燃油标号\t百公里油耗(L/100km)\t加油卡号\t所属单位\t车辆状态"
            ),
            mapping::<Odometer>("车牌号\t抄表日期\t里程表读数(km)"),
            mapping::<Units>("单位代码\t单位名称\t上级单位\t单位类型"),
            mapping::<People>("警号\t姓名\t所属单位\t职责\t人员类别"),
            mapping::<Places>("地点编码\t地点名称\t所属单位\t保管人"),
        ]
        .join("\n"), @r#"
    表头在第 1 行：item_number=资产编号(A)，name=资产名称(D)，unit=使用部门(P)，place=存放地点(R)，keeper=使用人(S)，quantity=数量(I)，state=使用状况(O)，value=价值(K)；未用的列：资产大类(B)、资产分类(C)、财务入账日期(E)、会计凭证号(F)、取得日期(G)、价值类型(H)、单价(J)、财政性资金(L)、非财政性资金(M)、取得方式(N)、管理部门(Q)、面积(T)、规格型号(U)、折旧状态(V)、折旧年限(W)、自定义编号(X)、备注(Y)
    表头在第 1 行：item_number=资产编号(A)，class_name=资产分类(C)，name=资产名称(D)，specification=规格型号(U)，unit=使用部门(P)，place=存放地点(R)，keeper=使用人(S)，quantity=数量(I)，value=价值(K)，state=使用状况(O)，acquired_on=取得日期(G)，booked_on=财务入账日期(E)，voucher=会计凭证号(F)，valuation=价值类型(H)，fiscal_fen=财政性资金(L)，non_fiscal_fen=非财政性资金(M)，acquisition=取得方式(N)，depreciation=折旧状态(V)，life_years=折旧年限(W)，managing_unit=管理部门(Q)，custom_number=自定义编号(X)，area=面积(T)，remark=备注(Y)；未用的列：资产大类(B)、单价(J)
    表头在第 1 行：item_number=资产编号(B)，name=资产名称(C)，unit=使用部门(L)，place=存放地点(N)，keeper=使用人(M)，quantity=账面数量(G)，state=使用状况(R)，value=账面原值(H)；未用的列：序号(A)、分类代码(D)、规格型号(E)、单位(F)、累计折旧(I)、账面净值(J)、取得日期(K)、实盘数量(O)、实际地点(P)、实际使用人(Q)、标签是否完好(S)、盘盈数(T)、盘亏数(U)、差异原因(V)、处理意见(W)、照片(X)、盘点人(Y)、监盘人(Z)、盘点日期(AA)
    表头在第 1 行：item_number=资产编号(B)，class_code=分类代码(D)，name=资产名称(C)，specification=规格型号(E)，unit=使用部门(L)，place=存放地点(N)，keeper=使用人(M)，quantity=账面数量(G)，measure_unit=单位(F)，value=账面原值(H)，state=使用状况(R)，acquired_on=取得日期(K)；未用的列：序号(A)、累计折旧(I)、账面净值(J)、实盘数量(O)、实际地点(P)、实际使用人(Q)、标签是否完好(S)、盘盈数(T)、盘亏数(U)、差异原因(V)、处理意见(W)、照片(X)、盘点人(Y)、监盘人(Z)、盘点日期(AA)
    表头在第 1 行：item_number=资产编号(B)，place=实际地点(P)，keeper=实际使用人(Q)，quantity=实盘数量(O)，condition=使用状况(R)，counted_at=盘点日期(AA)，counter=盘点人(Y)，name=资产名称(C)；未用的列：序号(A)、分类代码(D)、规格型号(E)、单位(F)、账面数量(G)、账面原值(H)、累计折旧(I)、账面净值(J)、取得日期(K)、使用部门(L)、使用人(M)、存放地点(N)、标签是否完好(S)、盘盈数(T)、盘亏数(U)、差异原因(V)、处理意见(W)、照片(X)、监盘人(Z)
    表头在第 1 行：place=存放地点(B)，counted_at=扫描时间(C)，counter=扫描人(D)，code=扫描内容(A)
    表头在第 1 行：fill_id=序号(A)，card_number=卡号(B)，plate=持卡人/车牌(C)，filled_at=交易时间(D)，kind=交易类型(E)，grade=油品(G)，litres=数量(H)，unit_price=单价(I)，amount=金额(F)，balance=余额(K)，station=网点/地点(L)，note=备注(M)；未用的列：优惠/奖励(J)
    表头在第 1 行：card_number=卡号(A)，filled_at=交易时间(B)，grade=商品名称(D)，litres=数量(升)(E)，unit_price=单价(F)，amount=实付金额(I)，balance=余额(J)，station=交易地点(网点名称)(C)，note=备注(K)；未用的列：应付金额(G)、优惠金额(H)
    表头在第 1 行：filled_at=opeTime(A)，kind=traName(B)，grade=oilName(D)，litres=litre(E)，unit_price=price(F)，amount=amount(C)，balance=balance(H)，station=nodeTag(I)；未用的列：reward(G)
    表头在第 1 行：plate=车牌号(A)，departed_at=出车时间(C)，returned_at=还车时间(H)，departed_km=出车前里程(E)，returned_km=还车里程(I)，destination=目的地(D)，driver=驾驶员(F)；未用的列：用车事由(B)、审批管理员(G)
    表头在第 1 行：plate=车牌号码(A)，tank_l=油箱容量(L)(C)，fuel_grade=燃油标号(D)，rated_l_per_100km=百公里油耗(L/100km)(E)，card_number=加油卡号(F)，unit=所属单位(G)，state=车辆状态(H)；未用的列：品牌型号(B)
    表头在第 1 行：plate=车牌号(A)，read_on=抄表日期(B)，odometer_km=里程表读数(km)(C)
    表头在第 1 行：code=单位代码(A)，name=单位名称(B)，parent=上级单位(C)，kind=单位类型(D)
    表头在第 1 行：badge_number=警号(A)，name=姓名(B)，unit=所属单位(C)，duty=职责(D)，kind=人员类别(E)
    表头在第 1 行：code=地点编码(A)，name=地点名称(B)，unit=所属单位(C)，keeper=保管人(D)
    "#);
}

#[test]
fn cells_are_read_as_what_they_are_or_rejected_with_the_reason() {
    let text = "资产编号,数量,价值(元),使用状况,备注日期\nA1,3台,\"12,345.60元\",在用,2024年3月5日\nA2,,￥300,,\nA3,２,-,闲置,45356\n\
                A4,两台,一千元,没见过,24/3/5\n4.42E+17,1,1,在用,\n,1,1,在用,\n";
    let map = ColumnMap::parse(["excused_by=备注日期"]).unwrap();
    let table = Table::read("资产.csv", std::io::Cursor::new(text), &Limits::default()).unwrap();
    let mut records = table.records::<Book>(&map).unwrap();
    let (mut said, mut rejects) = (Vec::new(), Vec::<Reject>::new());
    while let Some(row) = records.next_row(&mut rejects).unwrap() {
        let mut show = |read: Result<String, Reject>| {
            said.push(read.unwrap_or_else(|r| format!("{r} [{}|{}]", r.column, r.value)));
        };
        show(row.required_identifier(Book::ItemNumber).map(str::to_owned));
        show(row.quantity(Book::Quantity).map(|q| q.to_string()));
        show(row.money(Book::Value).map(|v| format!("{v:?}")));
        show(row.state(Book::State).map(|s| format!("{s:?}")));
        show(row.date(Book::ExcusedBy).map(|d| format!("{d:?}")));
    }
    assert_snapshot!(said.join("\n"), @r#"
    A1
    3
    Some(Fen(1234560))
    Some(InUse)
    Some(2024-03-05)
    A2
    1
    Some(Fen(30000))
    None
    None
    A3
    2
    None
    Some(Idle)
    Some(2024-03-05)
    A4
    资产.csv第 5 行“数量”列：“两台”不是整数数量，应如 3 或 3台 [数量|两台]
    资产.csv第 5 行“价值(元)”列：“一千元”不是金额，应如 12345.60 [价值(元)|一千元]
    资产.csv第 5 行“使用状况”列：不认识使用状况“没见过”，可填 在用、闲置、借出、在修、待处置、已处置、已核销、已撤销 [使用状况|没见过]
    资产.csv第 5 行“备注日期”列：“24/3/5”的年份只有两位，无法确定是哪一年，应写四位年份 [备注日期|24/3/5]
    资产.csv第 6 行“资产编号”列：编号“4.42E+17”被表格软件写成了科学计数法，位数已丢失；请在原表把该列设为文本后重新填写或导出 [资产编号|4.42E+17]
    1
    Some(Fen(100))
    Some(InUse)
    None
    资产.csv第 7 行“资产编号”列：缺少资产编号 [资产编号|]
    1
    Some(Fen(100))
    Some(InUse)
    None
    "#);
}

#[test]
fn a_stray_quote_swallows_no_rows() {
    let text = "item_number,name,place\nA1,\"17寸显示器,一楼\nA2,电脑,一楼\nA3,\"打印机,一楼\nA4,电脑,二楼\n";
    let read = book(text.as_bytes()).unwrap();
    assert_eq!(read.column(Book::ItemNumber), ["A2", "A4"]);
    assert_eq!(read.rejects.iter().map(|r| r.at.row).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn a_map_is_shared_out_between_tables() {
    use hufu::documents::tables::{BOOK, COUNT};
    let map = ColumnMap::parse(["place=甲", "count.place=乙", "unit=丙", "counter=丁"]).unwrap();
    map.check(&[BOOK, COUNT]).unwrap();
    assert_eq!(map.for_table(BOOK), ColumnMap::parse(["place=甲", "unit=丙"]).unwrap());
    map.for_table(COUNT).check(&[COUNT]).unwrap();
    let text = "资产编号,甲,乙\nA1,一,二\n";
    let read = |map: &[&str]| read_with(&ALL, "x.csv", text.as_bytes(), map, &Limits::default());
    assert_eq!(read(&["book.place=乙"]).unwrap().column(Book::Place), ["二"]);
    assert_snapshot!(map.check(&[COUNT]).unwrap_err(), @"--map “unit=丙”看不懂：没有字段“unit”；可用的字段有 item_number, place, keeper, quantity, condition, counted_at, counter, serial_number, name, note");
}
