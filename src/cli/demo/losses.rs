//! Missing things of two years in every state, and surplus things: what the played count and the list before it left,
//! taken on by the people of its units.

use super::sample::{Sample, UnitAt};
use crate::approvals::Granted;
use crate::approvals::service::{self as approvals, Verdict};
use crate::approvals::{ApprovalError, store as requests};
use crate::assets::AssetError;
use crate::assets::missing::model::{Degree, Outcome};
use crate::assets::missing::procedure::{self, papers_of};
use crate::assets::missing::sending::{self, SendDown};
use crate::assets::missing::service::{self, Finding, NewLog};
use crate::assets::missing::steps::{self, Judgment, WriteOff};
use crate::assets::missing::store::{self, Case, Wanted};
use crate::assets::papers;
use crate::assets::surplus::entering::{self, Entering};
use crate::assets::surplus::entity::surplus;
use crate::assets::surplus::model::Basis;
use crate::assets::surplus::opening;
use crate::assets::surplus::service::{self as surpluses, Identity, Valuation};
use crate::cli::CliError;
use crate::db::Db;
use crate::items::attachments::{NewFile, Shelf};
use crate::kernel::ids::{ApprovalId, MissingCaseId};
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Fen};
use crate::org::Directory;
use crate::stocktake::look;

/// How far each case is taken, one after another; the rest of a list is still searched for.
const FAR: [Far; 6] = [Far::WrittenOff, Far::Found, Far::Approved, Far::Confirmed, Far::Asked, Far::Explained];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Far {
    Found,
    Explained,
    Confirmed,
    Asked,
    Approved,
    WrittenOff,
}

/// Whoever acts.
struct Cast<'a> {
    db: &'a Db,
    shelf: &'a Shelf,
    /// Whoever sits at the machine.
    local: &'a Ctx,
    manager: Ctx,
    centre: Ctx,
    /// Who may have to decide, in the order in which they are asked.
    deciders: Vec<Ctx>,
}

/// Plays them.
///
/// # Errors
/// When the database refuses.
pub(super) async fn play(
    db: &Db,
    shelf: &Shelf,
    ctx: &Ctx,
    sample: &Sample,
    directory: &Directory,
    (station, leaders): (UnitAt, &[super::sample::PersonAt]),
) -> Result<(), CliError> {
    let acting = |badge: &str| -> Result<Ctx, CliError> {
        Ok(ctx.acting_as(Actor::Person(directory.find_person(badge, None)?), Scope::Everything))
    };
    let badge = |at| sample.person(at).badge_number.as_str();
    let (station, office) = (sample.unit(station), sample.unit(UnitAt(0)));
    let centre = acting(badge(office.asset_manager))?;
    let mut deciders = vec![acting(badge(station.head))?, centre.clone()];
    for leader in leaders {
        deciders.push(acting(badge(*leader))?);
    }
    let manager = acting(badge(station.asset_manager))?;
    let cast = Cast { db, shelf, local: ctx, manager, centre, deciders };
    let campaign = look::campaigns(db.read(), ctx, None, 1).await?.into_iter().next();
    let this_year = i64::from(chrono::Datelike::year(&ctx.now().day()));
    let mut years: Vec<i64> = store::tallies(db.read(), ctx).await?.iter().map(|one| one.list_year).collect();
    years.sort_unstable();
    years.dedup();
    for year in years.iter().filter(|year| **year <= this_year) {
        cast.year(*year).await?;
    }
    if let Some(campaign) = campaign {
        cast.surplus(&campaign.number).await?;
    }
    Ok(())
}

impl Cast<'_> {
    /// Sends a year's list down, has one unit's acknowledged, and takes its cases each as far as one of [`FAR`].
    async fn year(&self, list_year: i64) -> Result<(), CliError> {
        let due_on = self.local.now().day() + chrono::Days::new(30);
        let note = "对照清单逐件查找，找到的登记找回，找不到的逐件说明原因".to_owned();
        let new = SendDown { list_year, units: Vec::new(), due_on, note };
        let sent = match sending::send_down(self.db, &self.centre, &new).await {
            Ok(sent) => sent,
            // Everything of that list was found by the count.
            Err(AssetError::Conflict(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for row in sent.iter().skip(1) {
            sending::acknowledge(self.db, &self.manager, &row.number, None, "已收到，布置查找").await?;
        }
        let wanted = Wanted { list_year: Some(list_year), ..Wanted::default() };
        let cases = store::list(self.db.read(), self.local, &wanted, 10_000).await?;
        // Nobody says of their own thing that it is lost.
        let ours = |one: &&Case| {
            one.case.state.is_open() && one.thing.keeper_id != self.centre.person() && one.thing.value_fen < LARGE
        };
        for (one, far) in cases.iter().filter(ours).zip(FAR) {
            self.take(one.case.id, far).await?;
        }
        Ok(())
    }

    async fn take(&self, id: MissingCaseId, far: Far) -> Result<(), CliError> {
        let db = self.db;
        for (whereabouts, result, note) in [
            ("原存放地点及相邻房间", Outcome::NotFound, "逐柜查看，未见"),
            ("同批资产所在地点", Outcome::Trace, "同事称搬迁时曾见"),
        ] {
            let new = NewLog {
                searcher: None,
                place: None,
                whereabouts: whereabouts.into(),
                at: None,
                result,
                note: note.into(),
            };
            service::log(db, &self.manager, id, &new).await?;
        }
        if far == Far::Found {
            let note = "整理库房时在旧纸箱中找到，标签完好".to_owned();
            service::find(db, &self.manager, id, None, &Finding { note, ..Finding::default() }).await?;
            return Ok(());
        }
        service::explain(db, &self.manager, id, None, "办公场所搬迁时未逐件清点，之后多次查找未见").await?;
        if far < Far::Confirmed {
            return Ok(());
        }
        steps::confirm(db, &self.centre, id, None).await?;
        if far < Far::Asked {
            return Ok(());
        }
        let judgment = Judgment {
            degree: Degree::None,
            responsible: None,
            basis: "搬迁由单位统一组织，无证据表明个人有过错".to_owned(),
            compensation: None,
            receipt: String::new(),
        };
        steps::judge(db, &self.centre, id, None, &judgment).await?;
        let asked = steps::ask(db, &self.manager, id, None, "多次查找未果").await?.loss.approval_id;
        self.decide(asked, if far == Far::Asked { 1 } else { usize::MAX }).await?;
        if far == Far::WrittenOff {
            self.write_off(id).await?;
        }
        Ok(())
    }

    /// So many steps of a chain say yes, each by the first who may.
    async fn decide(&self, asked: Option<ApprovalId>, many: usize) -> Result<(), CliError> {
        let Some(id) = asked else { return Ok(()) };
        for _ in 0..many.min(10) {
            let row = requests::one(self.db.read(), self.local, &Granted, id).await.map_err(AssetError::from)?.row;
            if !row.state.is_open() {
                break;
            }
            let verdict = Verdict { step: row.step, approved: true, reason: "同意".to_owned() };
            for who in &self.deciders {
                match approvals::decide(self.db, who, &Granted, id, &verdict).await {
                    Ok(_) => break,
                    Err(ApprovalError::Db(error)) => return Err(AssetError::from(error).into()),
                    // Not theirs to decide: somebody else's.
                    Err(_) => {}
                }
            }
        }
        Ok(())
    }

    async fn write_off(&self, id: MissingCaseId) -> Result<(), CliError> {
        let one = store::one(self.db.read(), self.local, id).await?;
        for standing in procedure::of_case(self.db.read(), &one.case).await? {
            let step = standing.step;
            if !step.required {
                continue;
            }
            if step.needs_paper {
                let text = format!("{} {}\n资产 {}\n（演示材料）\n", step.code, step.title, one.thing.item_number);
                let file = NewFile::look_at(&format!("{} 材料.txt", step.code), text.into_bytes())
                    .map_err(AssetError::from)?;
                papers::attach(self.db, self.shelf, &self.manager, &papers_of(&one, &step.code), &file).await?;
            }
            procedure::tick(self.db, &self.manager, id, &step.code, true, "").await?;
        }
        let year = self.local.now().day().format("%Y").to_string();
        let with = WriteOff {
            decision: format!("党委会议纪要〔{year}〕6 号"),
            approval_number: format!("国资批复〔{year}〕21 号"),
            voucher_number: "记-0118".to_owned(),
            voucher_on: Some(self.local.now().day()),
        };
        // What its chain has not let through yet stays with its chain.
        match steps::write_off(self.db, &self.centre, id, None, &with).await {
            Ok(_) | Err(AssetError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What the count saw and no book knows: one valued and asked for, one entered, one of somebody, one left.
    async fn surplus(&self, campaign: &str) -> Result<(), CliError> {
        let rows = opening::gather(self.db, &self.centre, campaign).await?;
        let (hinted, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !row.lead.is_empty());
        if let Some(row) = hinted.first()
            && let Some(of) = row.lead.split('：').next().and_then(|words| words.split(' ').next_back())
        {
            let (known, note) = (Identity::Known(of.trim_start_matches("可能是盘亏的").to_owned()), "序列号与账上一致");
            // What was found or written off meanwhile is left for whoever looks at it.
            match surpluses::identify(self.db, &self.centre, &row.number, None, &known, note).await {
                Ok(_) | Err(AssetError::Conflict(_) | AssetError::Field { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for (row, far) in others.into_iter().zip(0..4) {
            match far {
                0 => {
                    self.value(row).await?;
                    let asked = surpluses::ask(self.db, &self.manager, &row.number, None, "账外资产入账").await?;
                    self.decide(asked.approval_id, usize::MAX).await?;
                    match entering::enter(self.db, &self.centre, &row.number, None, Entering::default()).await {
                        Ok(_) | Err(AssetError::Conflict(_)) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                1 => {
                    self.value(row).await?;
                    surpluses::ask(self.db, &self.manager, &row.number, None, "账外资产入账").await?;
                }
                2 => {
                    let (of, note) = (&row.number, "经核对为物业公司设备");
                    surpluses::identify(self.db, &self.centre, of, None, &Identity::Foreign, note).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn value(&self, row: &surplus::Model) -> Result<(), CliError> {
        let unbooked = Identity::Unbooked(None);
        surpluses::identify(self.db, &self.manager, &row.number, None, &unbooked, "账上无此序列号，无主").await?;
        let name = if row.name.trim().is_empty() { "未知设备" } else { row.name.as_str() };
        let valuation = Valuation {
            basis: Basis::Replacement,
            value: Fen(128_000),
            source: "同型号电商采购价".to_owned(),
            name: name.to_owned(),
            specification: String::new(),
            class_code: String::new(),
            measure_unit: "台".to_owned(),
        };
        surpluses::value(self.db, &self.manager, &row.number, None, &valuation).await?;
        Ok(())
    }
}

/// From here on the chain has a step more than the demonstration has people for.
const LARGE: Fen = Fen(5_000_000);
