//! People put together by lot from common surnames and given characters.

use hashbrown::HashSet;

use super::super::dice::Dice;
use super::organisation::{self, UnitPlan};
use super::{PersonKind, SamplePerson, UnitAt};

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林",
    "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "肖", "田", "董", "袁", "潘", "于",
    "蒋", "蔡", "余", "杜", "叶", "程", "苏", "魏", "吕", "丁", "任", "沈", "姚", "卢", "姜", "崔", "钟", "谭", "陆",
    "汪", "范", "金", "欧阳", "司徒", "上官",
];
const GIVEN: &str = "安柏彬博昌朝辰诚承川春达丹道德栋端帆方飞枫福刚冠光广国海涵翰航浩禾恒弘宏华辉慧嘉坚建健江杰金锦晋京\
                     景静君钧俊凯康可宽兰朗乐黎立良亮林琳凌龙鹿鸣明铭楠宁鹏平启谦清庆秋泉然仁荣瑞山善尚绍生胜石舒思松泰涛\
                     天庭万伟文武西夏贤翔晓新星修旭轩雪雅延彦洋尧业一艺毅英永勇宇雨玉远悦云泽哲贞振正之志舟子祖";
/// Characters that many fonts and old code pages lack.
const RARE: [&str; 3] = ["㛃", "骉", "䶮"];
/// One person in these many positions carries a rare character.
const RARE_AT: [usize; 3] = [17, 58, 131];

/// 300 people × scale, at most 6,000: more things a head, not a city of police.
pub(super) fn generate(dice: &Dice, scale: usize) -> Vec<SamplePerson> {
    let scale = scale.clamp(1, 20);
    let given: Vec<char> = GIVEN.chars().collect();
    let mut taken = HashSet::new();
    let mut people = Vec::with_capacity(300 * scale);
    for (unit, plan) in organisation::PLANS.iter().enumerate() {
        for position in 0..plan.people * scale {
            let rare = RARE_AT.iter().position(|&at| at == people.len()).map(|index| RARE[index]);
            let name = new_name(dice, &given, rare, &mut taken);
            people.push(person(dice, people.len(), name, UnitAt(unit), plan, position));
        }
    }
    people
}

fn person(dice: &Dice, index: usize, name: String, unit: UnitAt, plan: &UnitPlan, position: usize) -> SamplePerson {
    let (kind, post) = match position {
        0 => (PersonKind::Officer, plan.head_post),
        1 => (PersonKind::Officer, plan.deputy_post),
        2 => (PersonKind::Officer, "专职管理员"),
        _ if dice.chance(420) => (PersonKind::Auxiliary, "辅警"),
        _ => (PersonKind::Officer, "民警"),
    };
    let badge_number = match kind {
        PersonKind::Officer => format!("{:06}", 310_007 + index * 13),
        PersonKind::Auxiliary => format!("CJF{:05}", 1_003 + index * 7),
    };
    SamplePerson { badge_number, name, unit, kind, post: post.to_owned() }
}

fn new_name(dice: &Dice, given: &[char], rare: Option<&str>, taken: &mut HashSet<String>) -> String {
    loop {
        let mut name = dice.pick(SURNAMES, "王").to_owned();
        name.push(dice.pick(given, '安'));
        if let Some(rare) = rare {
            name.push_str(rare);
        } else if dice.chance(780) {
            name.push(dice.pick(given, '安'));
        }
        if taken.insert(name.clone()) {
            return name;
        }
    }
}
