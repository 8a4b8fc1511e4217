//! 10,000 labels with a QR code and six lines of Chinese on A4 into one PDF; the layout alone; the QR code alone, ours
//! and the `qrcode` crate's. Prints bytes a label, and on Linux the most memory the process has used.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hufu_labels::code::LabelCode;
use hufu_labels::write::{FontSet, Format, Job, LabelRecord, QrRows, Sheet, Template, check_labels, write_labels};
use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, Version};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;

const LABELS: usize = 10_000;
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文斌志鹏宇浩凯健俊帆雪琳晨曦梓涵轩怡佳欣子豪思远博雅婷嘉诚铭泽睿航骉㛃䶮钰琪璐瑶曼妮蕾薇菲倩岚峰岩松柏楠桐枫榕海洲波澜清源淑贞惠兰凤仙玉珍春梅秋菊冬阳振兴家栋德胜";
const THINGS: [&str; 40] = [
    "台式计算机",
    "便携式计算机",
    "A4彩色激光打印机",
    "多功能一体机",
    "执法记录仪",
    "数字对讲机",
    "高清摄像机",
    "单反照相机",
    "碎纸机",
    "扫描仪",
    "投影仪",
    "立柜式空调机",
    "壁挂式空调机",
    "钢制文件柜",
    "密集架",
    "保险柜",
    "办公桌",
    "办公椅",
    "三人沙发",
    "会议桌",
    "防暴盾牌",
    "防弹背心",
    "约束带",
    "酒精检测仪",
    "测速仪",
    "身份证阅读器",
    "指纹采集仪",
    "审讯椅",
    "录音录像主机",
    "网络交换机",
    "机架式服务器",
    "不间断电源",
    "液晶显示器",
    "电视机",
    "饮水机",
    "电冰箱",
    "热水器",
    "手持金属探测器",
    "警用无人机",
    "现场勘查箱",
];
const BRANDS: [&str; 16] = [
    "联想ThinkCentre",
    "华为MateBook",
    "惠普LaserJet",
    "佳能",
    "海能达",
    "大疆",
    "海康威视",
    "得力",
    "格力",
    "美的",
    "科大讯飞",
    "浪潮",
    "锐捷",
    "山特",
    "戴尔OptiPlex",
    "爱普生",
];
const UNITS: [&str; 18] = [
    "指挥中心",
    "刑事侦查大队",
    "治安管理大队",
    "法制大队",
    "执法办案管理中心",
    "东升派出所",
    "西城派出所",
    "港口派出所",
    "小榄派出所",
    "交通警察大队",
    "禁毒大队",
    "经济犯罪侦查大队",
    "网络安全保卫大队",
    "政治处",
    "警务保障室",
    "出入境管理大队",
    "巡逻警察大队",
    "看守所",
];
const ROOMS: [&str; 14] = [
    "室",
    "值班室",
    "会议室",
    "档案室",
    "讯问室",
    "物证室",
    "装备库",
    "机房",
    "办公室",
    "接待大厅",
    "涉案财物保管室",
    "枪弹库",
    "备勤室",
    "仓库",
];

fn one_char(text: &str, random: &mut ChaCha8Rng) -> char {
    let chars: Vec<char> = text.chars().collect();
    chars.choose(random).copied().unwrap_or('某')
}

fn one<'a>(list: &[&'a str], random: &mut ChaCha8Rng) -> &'a str {
    list.choose(random).copied().unwrap_or_default()
}

fn record(number: usize, random: &mut ChaCha8Rng) -> LabelRecord {
    let keeper: String = [SURNAMES, GIVEN, GIVEN].iter().map(|list| one_char(list, random)).collect();
    let letters = |random: &mut ChaCha8Rng| char::from(b'A' + random.random_range(0..26u8));
    let model = format!("{}{}-{}", letters(random), letters(random), random.random_range(100..9_999));
    LabelRecord {
        code: LabelCode::from_random(random.next_u64()),
        organisation: "中山市公安局东升分局".to_owned(),
        item_number: format!("ZC{}{number:06}", random.random_range(2012..2025)),
        name: one(&THINGS, random).to_owned(),
        specification: format!("{} {model}", one(&BRANDS, random)),
        unit: one(&UNITS, random).to_owned(),
        keeper,
        place: format!(
            "{}栋{}楼{}{}",
            letters(random),
            random.random_range(1..9),
            random.random_range(101..920),
            one(&ROOMS, random)
        ),
        acquired_on: format!(
            "20{}-{:02}-{:02}",
            random.random_range(12..25),
            random.random_range(1..13),
            random.random_range(1..29)
        ),
    }
}

fn reference(code: LabelCode) -> Option<QrCode> {
    let mut bits = Bits::new(Version::Normal(1));
    bits.push_alphanumeric_data(code.as_str().as_bytes()).ok()?;
    bits.push_terminator(EcLevel::Q).ok()?;
    QrCode::with_bits(bits, EcLevel::Q).ok()
}

/// The most memory the process has used so far, as Linux counts it.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().to_owned())
}

fn labels(criterion: &mut Criterion) {
    let mut random = ChaCha8Rng::seed_from_u64(20_240_101);
    let records: Vec<_> = (0..LABELS).map(|number| record(number, &mut random)).collect();
    let (Ok(fonts), Ok(template), Ok(sheet)) =
        (FontSet::builtin(), Template::builtin("asset-60x40"), Sheet::builtin("a4-3x8"))
    else {
        panic!("the built-in font, template and sheet are sound");
    };
    let on = |sheet| Job { template: &template, sheet, skip: 0, fonts: &fonts, dpi: 203, organisation: "" };
    let write = |records: &[LabelRecord], sheet, format| {
        let mut bytes = Vec::new();
        let summary = write_labels(records, &on(sheet), format, &mut bytes);
        summary.map(|summary| (summary, bytes.len())).unwrap_or_default()
    };

    let (summary, bytes) = write(&records, Some(&sheet), Format::Pdf);
    eprintln!("{LABELS} labels on {} pages: {} bytes a label", summary.pages, bytes / LABELS);
    eprintln!("peak memory with the records: {}", peak_memory().unwrap_or_else(|| "unknown".to_owned()));

    let mut group = criterion.benchmark_group("labels");
    group.sample_size(20).throughput(Throughput::Elements(LABELS as u64));
    group.bench_function("pdf, A4", |bench| bench.iter(|| write(black_box(&records), Some(&sheet), Format::Pdf)));
    group.bench_function("pdf, roll", |bench| bench.iter(|| write(black_box(&records), None, Format::Pdf)));
    group
        .bench_function("layout only, one thread", |bench| bench.iter(|| check_labels(black_box(&records), &on(None))));
    group.throughput(Throughput::Elements(100));
    group.bench_function("zpl, 203 dpi", |bench| bench.iter(|| write(black_box(&records[..100]), None, Format::Zpl)));
    group.finish();

    let mut group = criterion.benchmark_group("qr, one thread");
    group.throughput(Throughput::Elements(1));
    let code = records[0].code;
    group.bench_function("ours", |bench| bench.iter(|| QrRows::of(black_box(code))));
    group.bench_function("the qrcode crate", |bench| bench.iter(|| reference(black_box(code)).map(|qr| qr.width())));
    group.finish();
}

criterion_group!(benches, labels);
criterion_main!(benches);
