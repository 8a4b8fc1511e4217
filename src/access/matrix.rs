//! The table role × action: who may do what. Nothing else in the program says so.

use std::sync::Arc;

use hashbrown::HashMap;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

use crate::kernel::rights::{Reach, Scope};

use Action as A;
use Role as R;

/// Makes the enum of roles, each with its name in the database and its Chinese.
macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident $name:literal $zh:literal;)*) => {
        /// What somebody may be in the sub-bureau's work. A grant gives a role over a unit and all below it, for a
        /// time.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, EnumIter,
            DeriveActiveEnum,
        )]
        #[serde(rename_all = "snake_case")]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
        pub enum Role {
            $(#[doc = $zh] $(#[$doc])* $variant,)*
        }

        impl Role {
            /// Every role, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As the database and the API write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// As people say it.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }
        }
    };
}

roles! {
    /// Counts, and sees what their unit has.
    Member "member" "民警、辅警";
    AssetManager "asset_manager" "专职管理员";
    CommandCentre "command_centre" "指挥中心";
    UnitHead "unit_head" "单位负责人";
    BureauLeader "bureau_leader" "分局领导";
    Driver "driver" "驾驶员";
    VehicleManager "vehicle_manager" "车辆管理员";
    Armourer "armourer" "枪管员";
    DutyLeader "duty_leader" "值班领导";
    ArmedOfficer "armed_officer" "配枪民警";
    PublicOrder "public_order" "治安大队";
    CaseOfficer "case_officer" "办案民警";
    PropertyCustodian "property_custodian" "涉案财物保管员";
    Legal "legal" "法制大队";
    /// Reads everything, changes nothing.
    Inspector "inspector" "督察、检查";
    /// Makes accounts; gives nobody a right.
    SystemAdministrator "system_administrator" "系统管理员";
    /// Gives rights and sets rules; makes no account.
    SecurityAdministrator "security_administrator" "安全管理员";
    /// Reads what everybody did, the other two included.
    AuditAdministrator "audit_administrator" "审计管理员";
}

impl Role {
    /// The role of this name, in English or Chinese.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name || role.zh() == name)
    }

    /// Whether it is one of the three administrators (三员), who look after the program and not after things.
    #[must_use]
    pub const fn is_administrator(self) -> bool {
        matches!(self, Self::SystemAdministrator | Self::SecurityAdministrator | Self::AuditAdministrator)
    }

    /// Whether it may do something that is neither reading nor what every member does: keep cards, sign, decide, give
    /// rights.
    #[must_use]
    pub fn is_guarded(self) -> bool {
        let own = |action: &Action| {
            let roles = roles_for(*action);
            roles.contains(&self) && !roles.contains(&R::Member) && !action.only_reads()
        };
        self.is_administrator() || Action::ALL.iter().any(own)
    }
}

/// Makes the enum of actions, each with its name in the journal's manner and its Chinese.
macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident $name:literal $zh:literal;)*) => {
        /// Something that not everybody may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($(#[$doc])* #[doc = $zh] $variant,)*
        }

        impl Action {
            /// Every action, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// `room.verb`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// As people say it.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }
        }
    };
}

actions! {
    OrgRead "org.read" "查看单位、人员、地点";
    OrgWrite "org.write" "维护单位、人员、地点";
    PersonClose "org.close_person" "人员离岗";
    ItemsRead "items.read" "查看资产";
    ItemsRegister "items.register" "登记资产";
    ItemsChange "items.change" "变更资产";
    ItemsWriteOff "items.write_off" "核销、处置资产";
    AssetsMove "assets.move" "办理资产变动";
    AssetsHold "assets.hold" "确认、交接本人保管的资产";
    VehiclesRead "vehicles.read" "查看车辆";
    VehiclesWrite "vehicles.write" "维护车辆、驾驶员、油卡、维修厂";
    TripsAsk "trips.ask" "申请用车";
    TripsDrive "trips.drive" "出车、还车";
    TripsCheck "trips.check" "核对出车记录";
    TripsSubmit "trips.submit" "报送出车记录";
    TripsReview "trips.review" "检查出车记录";
    RepairsRun "repairs.run" "办理车辆维修";
    AssetsCard "assets.card" "维护资产卡片";
    AssetsValue "assets.value" "更正价值、折旧";
    AssetsResponsible "assets.responsible" "明确资产责任人";
    LossesSend "losses.send" "下发盘亏清单";
    LossesConfirm "losses.confirm" "确认盘亏、认定责任";
    SubmissionsRead "submissions.read" "查看资产报送";
    SubmissionsPrepare "submissions.prepare" "编制资产报送";
    SubmissionsReview "submissions.review" "复核资产报送";
    SubmissionsApprove "submissions.approve" "审批资产报送";
    SubmissionsSubmit "submissions.submit" "报送资产报表";
    ThreeWayRead "three_way.read" "查看三方核对";
    ThreeWayRun "three_way.run" "办理三方核对";
    ThreeWayExplain "three_way.explain" "说明核对差异";
    FuelRead "fuel.read" "查看加油核查";
    FuelLog "fuel.log" "登记加油";
    FuelCheck "fuel.check" "导入对账单、核查加油、月结";
    FirearmsRead "firearms.read" "查看枪弹";
    FirearmsWrite "firearms.write" "维护枪弹库、枪支、弹药、配枪人员";
    FirearmsBan "firearms.ban" "禁枪、解除禁枪";
    DrawsAsk "draws.ask" "申请领枪";
    DrawsKeep "draws.keep" "办理领枪、还枪";
    DrawsConfirm "draws.confirm" "确认领枪、还枪";
    DrawsUnlock "draws.unlock" "解除领枪锁定";
    CabinetsRegister "cabinets.register" "登记、吊销枪柜终端";
    CertificatesRead "certificates.read" "查看数字证书";
    CertificatesKeep "certificates.keep" "保管、发放数字证书";
    CertificatesCheck "certificates.check" "巡查数字证书、抽考";
    InspectionsRun "inspections.run" "检查、抽查枪弹库";
    BulletinsIssue "bulletins.issue" "编发枪弹安全周通报";
    LabelsPrint "labels.print" "打印标签";
    LabelsClaim "labels.claim" "认领空白标签";
    LabelsVoid "labels.void" "作废标签";
    ImportsRead "imports.read" "查看导入记录";
    ImportsRun "imports.run" "导入文件";
    ImportsUndo "imports.undo" "撤销导入";
    CampaignsRead "campaigns.read" "查看盘点";
    CampaignsOpen "campaigns.open" "发起盘点";
    CampaignsCount "campaigns.count" "盘点扫描";
    CampaignsSubmit "campaigns.submit" "提交盘点表";
    CampaignsConfirm "campaigns.confirm" "确认盘点表";
    CampaignsRecount "campaigns.recount" "开复盘";
    CampaignsClose "campaigns.close" "结束盘点";
    CampaignsReport "campaigns.report" "盘点情况报告";
    PhotosDecode "photos.decode" "照片读码";
    FindingsRead "findings.read" "查看问题";
    FindingsAssign "findings.assign" "交办问题";
    FindingsExplain "findings.explain" "说明问题";
    FindingsVerify "findings.verify" "核实问题";
    FindingsClose "findings.close" "销号";
    ApprovalsRead "approvals.read" "查看审批";
    ApprovalsRequest "approvals.request" "提出申请";
    ApprovalsDecide "approvals.decide" "审批";
    ApprovalsDelegate "approvals.delegate" "委托审批";
    ApprovalsDefine "approvals.define" "维护审批流程";
    AccountsRead "accounts.read" "查看账号";
    AccountsWrite "accounts.write" "维护账号";
    SecondFactorReset "accounts.reset_second_factor" "重置动态验证码";
    GrantsWrite "grants.write" "授权";
    RulesWrite "rules.write" "维护规则";
    TokensWrite "tokens.write" "签发接口令牌";
    WebhooksWrite "webhooks.write" "维护推送";
    JobsRead "jobs.read" "查看后台任务";
    JournalRead "journal.read" "查看日志";
    JournalCheckpoint "journal.checkpoint" "签发检查点";
    JournalExport "journal.export" "导出日志";
}

/// Every role that has to do with things, and these beside.
macro_rules! at_work {
    ($($and:expr),*) => {
        &[
            R::Member,
            R::AssetManager,
            R::CommandCentre,
            R::UnitHead,
            R::BureauLeader,
            R::Driver,
            R::VehicleManager,
            R::Armourer,
            R::DutyLeader,
            R::ArmedOfficer,
            R::PublicOrder,
            R::CaseOfficer,
            R::PropertyCustodian,
            R::Legal,
            $($and),*
        ]
    };
}
/// Each may count, and say what they know of a thing; what more, the table says.
const AT_WORK: &[Role] = at_work!();
/// Those, and the inspector, who reads everything and changes nothing.
const READERS: &[Role] = at_work!(R::Inspector);
/// Readers, and the two administrators who must pick a person or a unit from the list.
const PICKERS: &[Role] = at_work!(R::Inspector, R::SystemAdministrator, R::SecurityAdministrator);
/// Who keeps the cards right.
const BOOK: &[Role] = &[R::AssetManager, R::CommandCentre];
/// Who decides on a request.
const DECIDERS: &[Role] = &[R::UnitHead, R::BureauLeader, R::CommandCentre, R::DutyLeader, R::Legal];

/// Which roles may do an action. How far depends on the grant. This is the table: a line an action.
#[must_use]
#[rustfmt::skip]
pub const fn roles_for(action: Action) -> &'static [Role] {
    match action {
        // Units, people, places. The command centre draws the organisation; a person leaves through the door that also
        // closes their account.
        A::OrgRead           => PICKERS,
        A::OrgWrite          => &[R::CommandCentre],
        A::PersonClose       => &[R::SystemAdministrator],
        // The book. Unit asset managers keep their cards right, print and re-stick labels.
        A::ItemsRead         => READERS,
        A::ItemsRegister     => BOOK,
        A::ItemsChange       => BOOK,
        // Whoever keeps a unit's things does not alone let one leave the book.
        A::ItemsWriteOff     => &[R::CommandCentre],
        // Whoever keeps the cards asks for a movement and carries it out; the chain decides between. Everybody says of
        // what they keep that it is with them, and hands it over.
        A::AssetsMove        => BOOK,
        A::AssetsHold        => AT_WORK,
        // Cars. Everybody asks for one; who drives logs it, the unit's vehicle manager keeps the book and does not check
        // their own trip (then the head does), the command centre reviews each month.
        A::VehiclesRead      => READERS,
        A::VehiclesWrite     => &[R::VehicleManager, R::CommandCentre],
        A::TripsAsk          => AT_WORK,
        A::TripsDrive        => &[R::Driver, R::VehicleManager],
        A::TripsCheck        => &[R::VehicleManager, R::UnitHead],
        A::TripsSubmit       => &[R::VehicleManager],
        A::TripsReview       => &[R::CommandCentre],
        A::RepairsRun        => &[R::Driver, R::VehicleManager],
        // Whoever keeps the cards fills them in; what a thing is worth, once it stands, somebody above them puts right.
        A::AssetsCard        => BOOK,
        A::AssetsValue       => &[R::CommandCentre],
        A::AssetsResponsible => &[R::CommandCentre],
        // The centre sends the lists of missing things down; a unit's head, or the centre, says that one is lost.
        A::LossesSend        => &[R::CommandCentre],
        A::LossesConfirm     => &[R::UnitHead, R::CommandCentre],
        // Figures leave the house after three have looked at them: the asset manager, the unit head or the command
        // centre, a leader of the bureau. Each step asks besides that nobody takes two of them.
        A::SubmissionsRead   => &[R::AssetManager, R::CommandCentre, R::UnitHead, R::BureauLeader, R::Inspector],
        A::SubmissionsPrepare => BOOK,
        A::SubmissionsReview => &[R::UnitHead, R::CommandCentre],
        A::SubmissionsApprove => &[R::BureauLeader],
        A::SubmissionsSubmit => &[R::CommandCentre],
        // The finance ledger is the whole bureau's; what differs, each unit explains for its own things.
        A::ThreeWayRead      => &[R::AssetManager, R::CommandCentre, R::UnitHead, R::BureauLeader, R::Inspector],
        A::ThreeWayRun       => &[R::CommandCentre],
        A::ThreeWayExplain   => BOOK,
        // Fuel. Who drives writes fills down; the command centre holds the station's list against them each month.
        A::FuelRead          => &[R::VehicleManager, R::CommandCentre, R::UnitHead, R::BureauLeader, R::Inspector],
        A::FuelLog           => &[R::Driver, R::VehicleManager],
        A::FuelCheck         => &[R::CommandCentre],
        // Guns. Where they are and who has them is for those who keep, lead or inspect; the armourer keeps the book, the
        // head, the leader and the brigade forbid somebody to carry.
        A::FirearmsRead      => &[R::Armourer, R::DutyLeader, R::UnitHead, R::BureauLeader, R::PublicOrder, R::Inspector],
        A::FirearmsWrite     => &[R::Armourer, R::PublicOrder],
        A::FirearmsBan       => &[R::UnitHead, R::BureauLeader, R::PublicOrder],
        // An armed officer asks; two armourers hold the counter, the leader of the day confirms. After a loss somebody
        // above the unit lets it draw again.
        A::DrawsAsk          => &[R::ArmedOfficer],
        A::DrawsKeep         => &[R::Armourer],
        A::DrawsConfirm      => &[R::DutyLeader, R::UnitHead],
        A::DrawsUnlock       => &[R::BureauLeader, R::PublicOrder],
        // What watches a store is not registered by whoever keeps it.
        A::CabinetsRegister  => &[R::PublicOrder],
        // Digital certificates. Who keeps the cabinet hands them out, the leader of the day looks into it, the command
        // centre reads it all out in the morning.
        A::CertificatesRead  => &[
            R::AssetManager, R::CommandCentre, R::UnitHead, R::BureauLeader, R::DutyLeader, R::Inspector,
        ],
        A::CertificatesKeep  => &[R::AssetManager, R::DutyLeader],
        A::CertificatesCheck => &[R::DutyLeader, R::UnitHead, R::CommandCentre],
        // The public-order brigade inspects every armoury daily, audits by sample, and sends its bulletin out each week.
        A::InspectionsRun    => &[R::PublicOrder],
        A::BulletinsIssue    => &[R::PublicOrder],
        A::LabelsPrint       => BOOK,
        A::LabelsClaim       => BOOK,
        A::LabelsVoid        => BOOK,
        A::ImportsRead       => &[R::AssetManager, R::CommandCentre, R::Inspector],
        A::ImportsRun        => BOOK,
        A::ImportsUndo       => BOOK,
        // The count. Everybody counts, the asset manager hands the sheet in, the unit head signs it, the command centre
        // opens and ends it.
        A::CampaignsRead     => READERS,
        A::CampaignsOpen     => &[R::CommandCentre],
        A::CampaignsCount    => AT_WORK,
        A::CampaignsSubmit   => BOOK,
        A::CampaignsConfirm  => &[R::UnitHead],
        A::CampaignsRecount  => &[R::CommandCentre, R::UnitHead],
        A::CampaignsClose    => &[R::CommandCentre],
        A::CampaignsReport   => &[R::AssetManager, R::CommandCentre, R::UnitHead, R::BureauLeader, R::Inspector],
        A::PhotosDecode      => READERS,
        // What must be explained.
        A::FindingsRead      => READERS,
        A::FindingsAssign    => &[R::CommandCentre],
        A::FindingsExplain   => AT_WORK,
        A::FindingsVerify    => &[R::CommandCentre, R::UnitHead],
        A::FindingsClose     => &[R::CommandCentre],
        // Who must say yes. Everybody asks; who decides is settled by the chain, which the security administrator draws.
        A::ApprovalsRead     => READERS,
        A::ApprovalsRequest  => AT_WORK,
        A::ApprovalsDecide   => DECIDERS,
        A::ApprovalsDelegate => DECIDERS,
        A::ApprovalsDefine   => &[R::SecurityAdministrator],
        // The three administrators: accounts, rights, the record. None has another's line.
        A::AccountsRead      => &[R::Inspector, R::SystemAdministrator, R::SecurityAdministrator, R::AuditAdministrator],
        A::AccountsWrite     => &[R::SystemAdministrator],
        A::SecondFactorReset => &[R::SecurityAdministrator],
        A::GrantsWrite       => &[R::SecurityAdministrator],
        A::RulesWrite        => &[R::SecurityAdministrator],
        A::TokensWrite       => &[R::SecurityAdministrator],
        A::WebhooksWrite     => &[R::SystemAdministrator],
        A::JobsRead          => &[R::Inspector, R::SystemAdministrator],
        A::JournalRead       => &[R::Inspector, R::AuditAdministrator],
        A::JournalCheckpoint => &[R::AuditAdministrator],
        A::JournalExport     => &[R::Inspector, R::AuditAdministrator],
    }
}

impl Action {
    /// The action of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }

    /// Whether nothing is otherwise after it.
    #[must_use]
    pub const fn only_reads(self) -> bool {
        matches!(
            self,
            A::OrgRead
                | A::ItemsRead
                | A::VehiclesRead
                | A::FirearmsRead
                | A::CertificatesRead
                | A::SubmissionsRead
                | A::ThreeWayRead
                | A::ImportsRead
                | A::CampaignsRead
                | A::CampaignsReport
                | A::PhotosDecode
                | A::FuelRead
                | A::FindingsRead
                | A::ApprovalsRead
                | A::AccountsRead
                | A::JobsRead
                | A::JournalRead
                | A::JournalExport
        )
    }

    /// Whether a device may be given it. What decides, or gives rights, is done by somebody who is there.
    #[must_use]
    pub const fn is_for_devices(self) -> bool {
        !matches!(
            self,
            A::PersonClose
                | A::LossesConfirm
                | A::SubmissionsReview
                | A::SubmissionsApprove
                | A::SubmissionsSubmit
                | A::CampaignsConfirm
                | A::TripsCheck
                | A::TripsReview
                | A::FirearmsBan
                | A::DrawsConfirm
                | A::DrawsUnlock
                | A::CabinetsRegister
                | A::InspectionsRun
                | A::BulletinsIssue
                | A::ApprovalsDecide
                | A::ApprovalsDelegate
                | A::ApprovalsDefine
                | A::AccountsWrite
                | A::SecondFactorReset
                | A::GrantsWrite
                | A::RulesWrite
                | A::TokensWrite
        )
    }
}

/// All that somebody with these roles may do, each role as far as its grant reaches.
#[must_use]
pub fn scope_of(grants: &[(Role, Reach)]) -> Scope {
    let mut rights: HashMap<&'static str, Reach> = HashMap::new();
    for action in Action::ALL {
        for (role, reach) in grants {
            if roles_for(*action).contains(role) {
                let held = rights.remove(action.name()).unwrap_or(Reach::Nowhere);
                rights.insert(action.name(), held.and(reach.clone()));
            }
        }
    }
    Scope::Rights(Arc::new(rights))
}
