//! What a sub-bureau owns: kinds of things with their class of GB/T 14885-2022, made-up brands, models and price
//! ranges. Classes whose last digits are not certain stand at the level above, as the standard allows for "other".

/// Who answers for a thing: computers, instruments and office equipment are located to the user, furniture that is
/// moved about to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    ByUser,
    ByPlace,
}

/// A kind of thing.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) class: (&'static str, &'static str),
    pub(super) measure: &'static str,
    pub(super) held: Held,
    /// Each a brand and its models.
    pub(super) makes: &'static [(&'static str, &'static [&'static str])],
    /// The first letters of a serial number; empty: it has none.
    pub(super) serial: &'static str,
    /// Of one piece, in yuan.
    pub(super) price: (i64, i64),
    /// Lines bought together.
    pub(super) batch: (i64, i64),
    /// Pieces on one line.
    pub(super) pieces: (i64, i64),
    /// How often a purchase is of this kind.
    pub(super) weight: usize,
}

type Makes = &'static [(&'static str, &'static [&'static str])];

const fn kind(
    name: &'static str,
    class: (&'static str, &'static str),
    measure: &'static str,
    makes: Makes,
    serial: &'static str,
) -> Kind {
    let held = Held::ByUser;
    Kind { name, class, measure, held, makes, serial, price: (0, 0), batch: (1, 4), pieces: (1, 1), weight: 10 }
}

impl Kind {
    const fn costs(mut self, low: i64, high: i64) -> Self {
        self.price = (low, high);
        self
    }

    const fn bought(mut self, low: i64, high: i64, weight: usize) -> Self {
        self.batch = (low, high);
        self.weight = weight;
        self
    }

    const fn of_the_place(mut self) -> Self {
        self.held = Held::ByPlace;
        self
    }

    const fn in_lots(mut self, low: i64, high: i64) -> Self {
        self.pieces = (low, high);
        self
    }
}

const DESKTOP: (&str, &str) = ("A02010105", "台式计算机");
const LAPTOP: (&str, &str) = ("A02010108", "便携式计算机");
const SERVER: (&str, &str) = ("A02010104", "服务器");
const NETWORK: (&str, &str) = ("A02010200", "网络设备");
const SECURITY: (&str, &str) = ("A02010300", "信息安全设备");
const STORAGE: (&str, &str) = ("A02010500", "存储设备");
const COPIER: (&str, &str) = ("A02020100", "复印机");
const PROJECTOR: (&str, &str) = ("A02020200", "投影仪");
const ALL_IN_ONE: (&str, &str) = ("A02020400", "多功能一体机");
const CAMERA: (&str, &str) = ("A02020500", "照相机及器材");
const MONO_PRINTER: (&str, &str) = ("A02021003", "A4黑白打印机");
const COLOUR_PRINTER: (&str, &str) = ("A02021004", "A4彩色打印机");
const SCANNER: (&str, &str) = ("A02021100", "输入输出设备");
const SHREDDER: (&str, &str) = ("A02021301", "碎纸机");
const AIR: (&str, &str) = ("A02061804", "空调机");
const APPLIANCE: (&str, &str) = ("A02061800", "生活用电器");
const RADIO: (&str, &str) = ("A02080100", "无线电通信设备");
const TELEVISION: (&str, &str) = ("A02091001", "普通电视设备（电视机）");
const VIDEO: (&str, &str) = ("A02091100", "视频设备");
const POLICE: (&str, &str) = ("A02370000", "政法、消防、检测设备");
const BED: (&str, &str) = ("A05010100", "床类");
const DESK: (&str, &str) = ("A05010200", "台、桌类");
const CHAIR: (&str, &str) = ("A05010301", "办公椅");
const MEETING_CHAIR: (&str, &str) = ("A05010303", "会议椅");
const SOFA: (&str, &str) = ("A05010400", "沙发类");
const CABINET: (&str, &str) = ("A05010502", "文件柜");

/// Everything that is bought.
pub(super) const KINDS: &[Kind] = &[
    kind(
        "台式计算机",
        DESKTOP,
        "台",
        &[("启衡", &["QH-M650 i5/16G/512G", "QH-M720 i7/16G/1T"]), ("远帆", &["YF D30", "YF D50国产化"])],
        "QH",
    )
    .costs(4_200, 5_500)
    .bought(4, 20, 60),
    kind("便携式计算机", LAPTOP, "台", &[("启衡", &["QH-T14", "QH-T15s"]), ("澜舟", &["LZ X13 16G/512G"])], "LZ")
        .costs(6_200, 7_500)
        .bought(2, 10, 34),
    kind(
        "公安信息网专用便携式计算机（含加密模块及身份认证数字证书读卡装置）",
        LAPTOP,
        "台",
        &[("澜舟", &["LZ X13P 16G/512G/内置读卡器/信创版"])],
        "LZP",
    )
    .costs(7_000, 7_500)
    .bought(1, 5, 8),
    kind("机架式服务器", SERVER, "台", &[("恒拓", &["HT R2280 2U", "HT R2488 4U"])], "HTR")
        .costs(38_000, 126_000)
        .bought(1, 3, 5),
    kind("网络交换机", NETWORK, "台", &[("恒拓", &["HT S5130-28P", "HT S5560-54C"])], "HTS")
        .costs(2_600, 18_800)
        .bought(1, 4, 14),
    kind("防火墙", SECURITY, "台", &[("盾垒", &["DL F1000", "DL F1080"])], "DLF").costs(26_000, 68_000).bought(1, 2, 4),
    kind("磁盘阵列", STORAGE, "台", &[("恒拓", &["HT OS5310 12盘位"])], "HTO").costs(58_000, 180_000).bought(1, 1, 3),
    kind("移动存储介质管理机", STORAGE, "台", &[("盾垒", &["DL U200"])], "DLU").costs(3_200, 4_800).bought(1, 2, 4),
    kind("数码复印机", COPIER, "台", &[("文印通", &["WY 5525i", "WY 6530"])], "WYC")
        .costs(15_200, 28_600)
        .bought(1, 2, 8)
        .of_the_place(),
    kind("投影仪", PROJECTOR, "台", &[("明澈", &["MC L510U", "MC X400"])], "MCL")
        .costs(5_800, 10_000)
        .bought(1, 2, 6)
        .of_the_place(),
    kind("多功能一体机", ALL_IN_ONE, "台", &[("文印通", &["WY M7206", "WY M7400"])], "WYM")
        .costs(1_680, 3_200)
        .bought(1, 6, 22),
    kind("数字照相机", CAMERA, "台", &[("明澈", &["MC D780 套机", "MC Z5"])], "MCD")
        .costs(4_600, 16_800)
        .bought(1, 3, 12),
    kind("A4黑白打印机", MONO_PRINTER, "台", &[("文印通", &["WY P2505", "WY P3010DN"])], "WYP")
        .costs(1_200, 1_500)
        .bought(2, 8, 34),
    kind("A4彩色打印机", COLOUR_PRINTER, "台", &[("文印通", &["WY CP2300"])], "WYK")
        .costs(2_100, 3_600)
        .bought(1, 3, 10),
    kind("高速扫描仪", SCANNER, "台", &[("明澈", &["MC S3060", "MC S2080"])], "MCS")
        .costs(3_400, 8_900)
        .bought(1, 4, 10),
    kind("身份证阅读器", SCANNER, "台", &[("正识", &["ZS-100UC"])], "ZSU").costs(1_050, 1_680).bought(2, 6, 14),
    kind("指掌纹采集仪", SCANNER, "台", &[("正识", &["ZS-FP500"])], "ZSF").costs(12_800, 26_000).bought(1, 2, 6),
    kind("碎纸机", SHREDDER, "台", &[("文印通", &["WY-9120 四级保密"])], "WYX").costs(1_000, 2_400).bought(1, 4, 14),
    kind("壁挂式空调机", AIR, "台", &[("凉川", &["LC-35GW 1.5匹", "LC-26GW 1匹"])], "LCG")
        .costs(2_600, 3_800)
        .bought(2, 8, 20)
        .of_the_place(),
    kind("柜式空调机", AIR, "台", &[("凉川", &["LC-72LW 3匹"])], "LCL")
        .costs(5_600, 8_200)
        .bought(1, 3, 12)
        .of_the_place(),
    kind("电冰箱", APPLIANCE, "台", &[("凉川", &["BCD-215"])], "LCB")
        .costs(1_800, 3_200)
        .bought(1, 2, 5)
        .of_the_place(),
    kind("电热开水器", APPLIANCE, "台", &[("沸泉", &["FQ-30L"])], "FQ")
        .costs(1_500, 3_600)
        .bought(1, 2, 6)
        .of_the_place(),
    kind("数字对讲机", RADIO, "部", &[("联声", &["LS PD780", "LS PD680"])], "LSP")
        .costs(2_800, 4_600)
        .bought(4, 20, 34),
    kind("车载电台", RADIO, "部", &[("联声", &["LS MD780"])], "LSM").costs(4_200, 6_800).bought(1, 4, 8),
    kind("单兵图传设备", RADIO, "套", &[("联声", &["LS V5 4G/5G"])], "LSV").costs(12_000, 28_000).bought(1, 2, 5),
    kind("液晶电视机", TELEVISION, "台", &[("明澈", &["MC 55英寸", "MC 65英寸"])], "MCT")
        .costs(2_400, 5_200)
        .bought(1, 3, 10)
        .of_the_place(),
    kind("执法记录仪", VIDEO, "台", &[("正识", &["ZS-DSJ-A8 64G", "ZS-DSJ-B2 128G"])], "DSJ")
        .costs(1_500, 2_680)
        .bought(6, 24, 42),
    kind("执法数据采集工作站", VIDEO, "台", &[("正识", &["ZS-CJ16 16口", "ZS-CJ08 8口"])], "ZSC")
        .costs(16_000, 32_000)
        .bought(1, 2, 6)
        .of_the_place(),
    kind("网络摄像机", VIDEO, "台", &[("视安", &["SA-2CD 400万", "SA-2DE 球机"])], "SAC")
        .costs(1_100, 4_200)
        .bought(2, 12, 16)
        .of_the_place(),
    kind("硬盘录像机", VIDEO, "台", &[("视安", &["SA-NVR 32路"])], "SAN")
        .costs(3_600, 9_800)
        .bought(1, 2, 8)
        .of_the_place(),
    kind("呼气酒精测试仪", POLICE, "台", &[("正识", &["ZS-AT8900"])], "AT").costs(3_200, 6_400).bought(2, 6, 8),
    kind("手持金属探测器", POLICE, "台", &[("正识", &["ZS-MD3003"])], "MD").costs(1_500, 1_900).bought(2, 8, 10),
    kind("通过式金属探测门", POLICE, "台", &[("视安", &["SA-PD6500i"])], "PD")
        .costs(6_500, 18_000)
        .bought(1, 1, 4)
        .of_the_place(),
    kind("毛发毒品检测仪", POLICE, "台", &[("正识", &["ZS-HD20"])], "HD").costs(38_000, 86_000).bought(1, 1, 3),
    kind("现场勘查箱", POLICE, "套", &[("正识", &["ZS-KC-V 综合型"])], "KC").costs(4_800, 12_600).bought(1, 4, 7),
    kind("警用无人机", POLICE, "架", &[("云隼", &["YS-M30", "YS-M3T 热成像"])], "YSM")
        .costs(22_000, 68_000)
        .bought(1, 2, 4),
    kind("防弹衣", POLICE, "件", &[("磐甲", &["PJ-3级 软质"])], "PJ").costs(2_200, 3_800).bought(4, 12, 9),
    kind("防暴盾牌", POLICE, "面", &[("磐甲", &["PJ-FBP 圆形", "PJ-FBP 长形"])], "")
        .costs(260, 420)
        .bought(1, 2, 8)
        .of_the_place()
        .in_lots(6, 20),
    kind("防刺服", POLICE, "件", &[("磐甲", &["PJ-FCF A类"])], "")
        .costs(880, 1_450)
        .bought(1, 2, 8)
        .of_the_place()
        .in_lots(4, 16),
    kind("单人床", BED, "张", &[("木禾", &["1900×900 钢木"])], "")
        .costs(680, 1_280)
        .bought(1, 3, 12)
        .of_the_place()
        .in_lots(1, 6),
    kind("办公桌", DESK, "张", &[("木禾", &["1400×700×750", "1600×800×760"])], "")
        .costs(860, 1_980)
        .bought(2, 10, 40)
        .of_the_place(),
    kind("会议桌", DESK, "张", &[("木禾", &["3600×1500×760", "4800×1600×760"])], "")
        .costs(2_800, 8_600)
        .bought(1, 2, 7)
        .of_the_place(),
    kind("办公椅", CHAIR, "把", &[("木禾", &["MH-818 网布", "MH-620 牛皮"])], "")
        .costs(320, 780)
        .bought(1, 4, 34)
        .of_the_place()
        .in_lots(2, 24),
    kind("会议椅", MEETING_CHAIR, "把", &[("木禾", &["MH-530 弓形"])], "")
        .costs(260, 460)
        .bought(1, 2, 12)
        .of_the_place()
        .in_lots(8, 40),
    kind("三人沙发", SOFA, "张", &[("木禾", &["MH-S3 皮质"])], "").costs(1_800, 3_600).bought(1, 2, 8).of_the_place(),
    kind("铁皮文件柜", CABINET, "个", &[("坚盾", &["JD-五节柜 1800×900×400", "JD-通玻柜"])], "")
        .costs(680, 1_380)
        .bought(2, 10, 34)
        .of_the_place(),
    kind("保密柜", CABINET, "个", &[("坚盾", &["JD-BM 双节 电子锁"])], "JDB")
        .costs(1_600, 3_400)
        .bought(1, 4, 14)
        .of_the_place(),
];
