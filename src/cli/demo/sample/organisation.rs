//! The units of the made-up sub-bureau and their rooms.

use super::super::dice::Dice;
use super::{PersonAt, SamplePerson, SamplePlace, SampleUnit, UnitAt};

/// The name on letterheads and labels; it says itself that it is an example.
pub(super) const NAME: &str = "澄江公安分局（示例）";

/// What one unit is made of, at scale 1.
pub(super) struct UnitPlan {
    pub(super) name: &'static str,
    pub(super) head_post: &'static str,
    pub(super) deputy_post: &'static str,
    pub(super) people: usize,
    /// Room number and name.
    pub(super) rooms: [(&'static str, &'static str); 5],
}

const fn brigade(name: &'static str, people: usize, rooms: [(&'static str, &'static str); 5]) -> UnitPlan {
    UnitPlan { name, head_post: "大队长", deputy_post: "副大队长", people, rooms }
}

const fn station(name: &'static str, people: usize, rooms: [(&'static str, &'static str); 5]) -> UnitPlan {
    UnitPlan { name, head_post: "所长", deputy_post: "副所长", people, rooms }
}

const fn office(name: &'static str, people: usize, rooms: [(&'static str, &'static str); 5]) -> UnitPlan {
    UnitPlan { name, head_post: "主任", deputy_post: "副主任", people, rooms }
}

/// Twelve units, 300 people, 60 rooms.
pub(super) const PLANS: [UnitPlan; 12] = [
    office(
        "指挥中心",
        24,
        [("501", "指挥大厅"), ("502", "接警席位室"), ("503", "值班备勤室"), ("508", "通信机房"), ("B101", "物资仓库")],
    ),
    office(
        "政工监督室",
        14,
        [("601", "综合办公室"), ("602", "督察办公室"), ("603", "谈话室"), ("605", "档案室"), ("608", "会议室")],
    ),
    brigade(
        "治安大队",
        22,
        [
            ("301", "综合办公室"),
            ("302", "行业场所管理室"),
            ("303", "枪爆管理办公室"),
            ("305", "会议室"),
            ("B103", "器材室"),
        ],
    ),
    brigade(
        "刑事侦查大队",
        34,
        [
            ("401", "情报研判室"),
            ("402", "一中队办公室"),
            ("403", "二中队办公室"),
            ("405", "技术室"),
            ("B105", "器材室"),
        ],
    ),
    brigade(
        "法制大队",
        12,
        [("306", "审核办公室"), ("307", "复议应诉室"), ("308", "案卷室"), ("309", "会议室"), ("310", "资料室")],
    ),
    brigade(
        "禁毒大队",
        16,
        [("406", "综合办公室"), ("407", "侦查办公室"), ("408", "检测室"), ("409", "备勤室"), ("B106", "器材室")],
    ),
    office(
        "执法办案管理中心",
        28,
        [
            ("101", "人身检查室"),
            ("102", "信息采集室"),
            ("105", "讯问室一区"),
            ("106", "讯问室二区"),
            ("110", "合成作战与案件审核监督联合办公室"),
        ],
    ),
    station(
        "东澄派出所",
        38,
        [("101", "户政大厅"), ("102", "值班室"), ("201", "社区警务队"), ("202", "案件办理队"), ("B01", "装备室")],
    ),
    station(
        "西浦派出所",
        36,
        [("101", "户政大厅"), ("102", "值班室"), ("201", "社区警务队"), ("203", "所长办公室"), ("B01", "装备室")],
    ),
    station(
        "骉溪派出所",
        30,
        [("101", "综合服务大厅"), ("102", "值班室"), ("201", "社区警务队"), ("202", "䶮山警务室"), ("B01", "装备室")],
    ),
    station(
        "南埗派出所",
        26,
        [("101", "户政大厅"), ("102", "值班室"), ("201", "社区警务队"), ("202", "会议室"), ("B01", "装备室")],
    ),
    brigade(
        "巡逻警察大队",
        20,
        [
            ("701", "勤务指挥室"),
            ("702", "一中队备勤室"),
            ("703", "二中队备勤室"),
            ("705", "训练室"),
            ("B107", "装备室"),
        ],
    ),
];

/// Names for further rooms of a sub-bureau made larger.
const MORE_ROOMS: [&str; 6] = ["办公室", "备勤室", "资料室", "会议室", "器材室", "值班室"];

/// The units, each with the first people of its own in its posts.
pub(super) fn units(people: &[SamplePerson]) -> Vec<SampleUnit> {
    let unit = |(index, plan): (usize, &UnitPlan)| {
        let first = first_person(people, UnitAt(index));
        SampleUnit {
            code: format!("CJ{:02}", index + 1),
            name: plan.name.to_owned(),
            head: first,
            supervising_leader: PersonAt(first.0 + 1),
            asset_manager: PersonAt(first.0 + 2),
        }
    };
    PLANS.iter().enumerate().map(unit).collect()
}

fn first_person(people: &[SamplePerson], unit: UnitAt) -> PersonAt {
    PersonAt(people.partition_point(|person| person.unit < unit))
}

/// 60 rooms × scale, at most 3,000.
pub(super) fn places(dice: &Dice, scale: usize, units: &[SampleUnit], people: &[SamplePerson]) -> Vec<SamplePlace> {
    let scale = scale.clamp(1, 50);
    let mut places = Vec::with_capacity(60 * scale);
    for (index, plan) in PLANS.iter().enumerate() {
        let unit = UnitAt(index);
        let first = first_person(people, unit).0;
        let staff = people.partition_point(|person| person.unit <= unit) - first;
        for number in 0..plan.rooms.len() * scale {
            let (room, name) = plan.rooms.get(number).map_or_else(
                || (format!("{}{:03}", 8 + number / 100, number % 100), MORE_ROOMS[number % MORE_ROOMS.len()]),
                |(room, name)| ((*room).to_owned(), *name),
            );
            places.push(SamplePlace {
                code: format!("{}-{room}", units[index].code),
                name: format!("{}{room}{name}", plan.name),
                unit,
                keeper: PersonAt(first + dice.below(staff)),
            });
        }
    }
    places
}
