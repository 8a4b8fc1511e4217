//! The words a card chooses from, as the database, the filling standard and offices write them.

use crate::items::model::ItemState;
use crate::kernel::naming::named;
use crate::kernel::text::half_width;

/// As [`named!`], with other words that offices use for each.
macro_rules! spoken {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident $text:literal $zh:literal [$($other:literal),*];)* })*) => {$(
        named! { $(#[$doc])* $name { $($variant $text $zh)* } }

        impl $name {
            /// The name and the Chinese of each.
            pub const WORDS: &'static [(&'static str, &'static str)] = &[$(($text, $zh),)*];

            /// The one that a text names, in either language or an office's own word.
            #[must_use]
            pub fn from_office_text(text: &str) -> Option<Self> {
                let text = half_width(text);
                match text.trim() {
                    $($text | $zh $(| $other)* => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    )*};
}

spoken! {
    /// Which card a thing has.
    Form {
        General "general" "通用设备" ["设备"];
        Special "special" "专用设备" [];
        Vehicle "vehicle" "车辆" [];
        Building "building" "房屋" [];
        Structure "structure" "构筑物" [];
        Furniture "furniture" "家具用具装具" ["家具", "家具和用具"];
        Land "land" "土地使用权" ["土地"];
        Other "other" "其他" [];
    }
    /// 采购组织形式
    Purchase {
        Central "central" "政府集中采购" ["集中采购"];
        Department "department" "部门集中采购" [];
        Dispersed "dispersed" "分散采购" ["自行采购"];
        Other "other" "其他" [];
    }
    /// 取得方式
    Acquisition {
        Purchase "purchase" "新购" ["购置", "外购", "购入"];
        Transfer "transfer" "调拨" ["无偿调入", "调入"];
        Donation "donation" "接受捐赠" ["捐赠"];
        SelfBuilt "self_built" "自建" ["自行建造", "在建工程转入"];
        Exchange "exchange" "置换" [];
        Surplus "surplus" "盘盈" [];
        Other "other" "其他" [];
    }
    /// 财务入账状态
    Booking {
        Booked "booked" "已入账" ["是", "入账"];
        Unbooked "unbooked" "未入账" ["否"];
    }
    /// 价值类型
    Valuation {
        Original "original" "原值" ["历史成本"];
        Estimated "estimated" "暂估值" ["暂估"];
        Appraised "appraised" "评估值" ["评估"];
        Replacement "replacement" "重置值" ["重置"];
        Nominal "nominal" "名义金额" [];
    }
    /// 使用状况, as the card has it
    Usage {
        OwnUse "own_use" "自用" ["在用"];
        Idle "idle" "闲置" [];
        Rented "rented" "出租" [];
        Lent "lent" "出借" ["借出"];
        PendingDisposal "pending_disposal" "待处置" [];
        Other "other" "其他" [];
    }
    /// 设备用途
    Purpose {
        Office "office" "办公" [];
        Enforcement "enforcement" "执法" [];
        Window "window" "窗口" [];
        Special "special" "专用" [];
        Training "training" "培训" [];
        Other "other" "其他" [];
    }
    /// 折旧状态
    Depreciation {
        Depreciating "depreciating" "提折旧" ["计提", "计提折旧", "是"];
        NotDepreciated "not_depreciated" "不提折旧" ["不计提", "不计提折旧", "否"];
        Finished "finished" "已完成折旧" ["已提足", "提足", "完成折旧"];
    }
    /// 建筑结构
    Structure {
        Concrete "concrete" "钢结构、钢混结构" ["钢结构", "钢混", "钢混结构", "钢筋混凝土结构", "框架结构"];
        Brick "brick" "砖混、砖木结构" ["砖混", "砖木", "砖混结构", "砖木结构"];
        Simple "simple" "简易房" ["简易", "简易结构"];
    }
    /// 编制情况
    Quota {
        InQuota "in_quota" "在编" [];
        OutOfQuota "out_of_quota" "不在编" ["超编"];
        Unset "unset" "未核定车编" ["未核定"];
    }
    /// 车辆用途
    VehicleUse {
        Confidential "confidential" "机要通信" ["机要通信用车"];
        Emergency "emergency" "应急保障" ["应急保障用车"];
        Enforcement "enforcement" "执法执勤" ["执法执勤用车"];
        Special "special" "特种专业技术" ["特种专业技术用车"];
        Other "other" "其他" [];
    }
}

impl Form {
    /// The card that things of a class have.
    #[must_use]
    pub fn of_class(code: &str) -> Self {
        match code.get(..5).unwrap_or(code) {
            "A0101" => Self::Building,
            "A0102" => Self::Structure,
            "A0203" => Self::Vehicle,
            "A0201" | "A0202" | "A0204" | "A0205" | "A0206" | "A0207" | "A0208" | "A0209" | "A0210" | "A0211"
            | "A0212" => Self::General,
            other if other.starts_with("A02") => Self::Special,
            other if other.starts_with("A05") => Self::Furniture,
            _ => Self::Other,
        }
    }
}

/// The usage to show: what the card says where that agrees with the thing's state, else what the state says.
#[must_use]
pub const fn usage_of(said: Option<Usage>, state: ItemState) -> Usage {
    use Usage as U;
    match (state, said) {
        (ItemState::InUse | ItemState::InRepair, Some(said @ (U::OwnUse | U::Rented | U::Other)))
        | (ItemState::OnLoan, Some(said @ (U::Lent | U::Rented))) => said,
        (ItemState::InUse | ItemState::InRepair, _) => U::OwnUse,
        (ItemState::Idle, _) => U::Idle,
        (ItemState::OnLoan, _) => U::Lent,
        (ItemState::PendingDisposal, _) => U::PendingDisposal,
        (ItemState::Disposed | ItemState::WrittenOff | ItemState::Withdrawn, _) => U::Other,
    }
}
