//! `hufu firearms cabinets`: the devices of gun cabinets, and what they told.

use clap::Subcommand;
use serde_json::json;

use super::{Desk, MOST};
use crate::cli::show::{Align, Table};
use crate::cli::{CliError, Done, show};
use crate::firearms::cabinets::devices::{self, NewDevice};
use crate::firearms::cabinets::entity::device;
use crate::firearms::cabinets::model::Concern;
use crate::firearms::cabinets::store as cabinets;
use crate::firearms::store;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// 列出终端
    List,
    /// 登记一个枪柜的终端；密钥只显示这一次
    Register {
        /// 枪库编号
        #[arg(long)]
        store: String,
        /// 枪柜编号
        #[arg(long)]
        cabinet: String,
        /// 名称、型号
        #[arg(long, default_value = "")]
        name: String,
        /// 终端编号
        device: String,
    },
    /// 更换密钥；旧密钥立即失效，新密钥只显示这一次
    Rotate {
        /// 终端编号
        device: String,
    },
    /// 吊销终端
    Revoke {
        /// 终端编号
        device: String,
        /// 原因
        #[arg(long)]
        reason: String,
    },
    /// 一个枪库的枪柜记录，新的在前
    Events {
        /// 枪库编号
        store: String,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
}

pub(super) async fn run(desk: &Desk<'_>, command: &Command) -> Result<Done, CliError> {
    match command {
        Command::List => list(desk).await,
        Command::Register { store, cabinet, name, device } => {
            let (armoury, cabinet) = (store.clone(), cabinet.clone());
            let new = NewDevice { armoury, cabinet, number: device.clone(), name: name.clone() };
            Ok(keyed(desk, &devices::register(&desk.db, &desk.ctx, &new).await?))
        }
        Command::Rotate { device } => Ok(keyed(desk, &devices::rotate(&desk.db, &desk.ctx, device).await?)),
        Command::Revoke { device, reason } => {
            let row = devices::revoke(&desk.db, &desk.ctx, device, reason).await?;
            if desk.global.json() {
                show::json(&json!({ "number": row.number, "state": row.state }));
            } else {
                show::line(format!("终端 {} 已吊销", row.number));
            }
            Ok(Done::Clean)
        }
        Command::Events { store, limit } => events(desk, store, *limit).await,
    }
}

fn keyed(desk: &Desk<'_>, (row, secret): &(device::Model, String)) -> Done {
    if desk.global.json() {
        show::json(&json!({ "number": row.number, "secret": secret }));
    } else {
        show::line(format!("终端 {} 的密钥（只显示这一次）：", row.number));
        show::line(secret.clone());
    }
    Done::Clean
}

async fn list(desk: &Desk<'_>) -> Result<Done, CliError> {
    let db = desk.db.read();
    let mut table = Table::new(&[
        ("终端", Align::Left),
        ("枪库", Align::Left),
        ("状态", Align::Left),
        ("最近上报", Align::Left),
        ("末号", Align::Right),
    ]);
    let mut facts = Vec::new();
    for row in cabinets::devices(db, &desk.ctx, None).await? {
        let of = store::armoury_by_id(db, row.armoury_id).await?.map(|of| of.number).unwrap_or_default();
        let kept = cabinets::key_of(db, row.id).await?;
        let seen = kept.as_ref().map(|kept| kept.seen_at).filter(|at| at.0 > 0);
        let last = kept.map_or(0, |kept| kept.last_seq);
        facts.push(json!({ "number": row.number, "store": of, "state": row.state, "seen_at": seen, "last_seq": last }));
        let seen = seen.map(|at| at.to_string()).unwrap_or_default();
        table.row([row.number, of, row.state.zh().to_owned(), seen, last.to_string()]);
    }
    desk.tell(&facts, &table)
}

async fn events(desk: &Desk<'_>, of: &str, limit: u64) -> Result<Done, CliError> {
    let db = desk.db.read();
    let of = store::armoury(db, &desk.ctx, of).await?;
    let rows = cabinets::events(db, of.id, None, limit.min(MOST)).await?;
    let (told, waiting) = (cabinets::told(db, &rows).await?, cabinets::still_waiting(db, &rows).await?);
    let mut table = Table::new(&[
        ("发生时间", Align::Left),
        ("事件", Align::Left),
        ("枪位", Align::Right),
        ("刷卡", Align::Left),
        ("核对", Align::Left),
    ]);
    let (mut facts, mut amiss) = (Vec::new(), false);
    for row in rows {
        let found = told.get(&cabinets::origin(row.id));
        let verdict = match (row.kind.concern(), found) {
            (_, Some(found)) => found.kind.zh(),
            (Concern::Alarm, None) => "报警",
            (Concern::Judged, None) if waiting.contains(&row.id) => "待核对",
            (Concern::Judged, None) => "相符",
            (Concern::None, None) => "",
        };
        amiss |= found.is_some() || row.kind.concern() == Concern::Alarm;
        facts.push(json!({ "seq": row.seq, "kind": row.kind, "slot": row.slot, "badge": row.badge, "note": row.note,
            "happened_at": row.happened_at, "received_at": row.received_at, "verdict": verdict }));
        let slot = row.slot.map(|slot| slot.to_string()).unwrap_or_default();
        table.row([row.happened_at.to_string(), row.kind.zh().to_owned(), slot, row.badge, verdict.to_owned()]);
    }
    desk.tell(&facts, &table)?;
    Ok(Done::attention_if(amiss))
}
