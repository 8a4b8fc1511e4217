//! The classes of GB/T 14885-2022 (固定资产等基础分类与代码) that a report needs a name for: "A" and 8 digits, a prefix
//! standing for all below it. The names of the top classes and of the few leaves listed are the standard's; a code
//! without an entry is shown by the nearest class above it.

const NAMES: &[(&str, &str)] = &[
    ("A01", "房屋和构筑物"),
    ("A02", "设备"),
    ("A0201", "信息化设备"),
    ("A02010104", "服务器"),
    ("A02010105", "台式计算机"),
    ("A02010108", "便携式计算机"),
    ("A0202", "办公设备"),
    ("A02021004", "A4 彩色打印机"),
    ("A02021301", "碎纸机"),
    ("A0203", "车辆"),
    ("A02061804", "空调机"),
    ("A02091001", "电视机"),
    ("A03", "文物和陈列品"),
    ("A04", "图书和档案"),
    ("A05", "家具和用具"),
    ("A05010301", "办公椅"),
    ("A05010502", "文件柜"),
    ("A06", "特种动植物"),
    ("A07", "物资"),
    ("A08", "无形资产"),
];

/// The name of a class, or of the nearest class above it that has one; blank when the code is none of the standard's.
#[must_use]
pub fn class_name(code: &str) -> &'static str {
    NAMES
        .iter()
        .filter(|(prefix, _)| code.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_class_above_names_it() {
        assert_eq!(class_name("A02010105"), "台式计算机");
        assert_eq!(class_name("A02010199"), "信息化设备");
        assert_eq!(class_name("A05"), "家具和用具");
        assert_eq!(class_name("2010000"), "");
    }
}
