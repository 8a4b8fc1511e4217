//! The letter to the station: keep the video of this fill (关于协助保存加油监控视频的函), with the day by which it is
//! usually overwritten.

use chrono::{Days, NaiveDate};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::entity::{anomaly, transaction};
use super::statements::litres;
use crate::access::rules::Rules;
use crate::access::{Action, permit};
use crate::kernel::{Ctx, Timestamp};
use crate::org::service;
use crate::stocktake::report::pdf::{self, Flow, Side, Table, TableColumn};
use crate::vehicles::VehicleError;
use crate::vehicles::fuel::Rule;

/// The rule that says for how many days stations keep their video.
pub const VIDEO_DAYS: &str = "fuel.video_days";

/// What the letter says, read from the database; made into bytes without it.
#[derive(Debug, Clone)]
pub struct Letter {
    organisation: String,
    record: transaction::Model,
    rules: Vec<String>,
    /// The last day on which the video is likely still there.
    pub keep_by: NaiveDate,
    made_at: Timestamp,
}

impl Letter {
    /// Reads what the letter of a record says.
    ///
    /// # Errors
    /// When it is not theirs to see, there is no such record, or the database cannot be read.
    pub async fn read(db: &impl ConnectionTrait, ctx: &Ctx, record: Uuid) -> Result<Self, VehicleError> {
        let record = transaction::Entity::find_by_id(record).one(db).await?;
        let record = record.ok_or(VehicleError::NotFound("这笔加油记录"))?;
        permit(ctx, Action::FuelRead, record.unit_id).map_err(|_| VehicleError::NotFound("这笔加油记录"))?;
        let said = anomaly::Entity::find().filter(anomaly::Column::TransactionId.eq(record.id)).all(db).await?;
        let rules = said
            .iter()
            .filter_map(|one| Rule::ALL.iter().find(|rule| rule.as_str() == one.rule))
            .map(|rule| rule.zh().to_owned())
            .collect();
        let days = Rules::load(db).await?.number(VIDEO_DAYS, record.at, 30);
        let days = Days::new(u64::try_from(days).unwrap_or(30));
        let keep_by = record.at.day().checked_add_days(days).unwrap_or_else(|| record.at.day());
        let organisation = service::organisation(db).await?;
        Ok(Self { organisation, record, rules, keep_by, made_at: ctx.now() })
    }

    /// The letter as a PDF.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn bytes(&self) -> Result<Vec<u8>, VehicleError> {
        let font = hufu_labels::write::BUILTIN_FONT;
        pdf::form("关于协助保存加油监控视频的函", self.made_at, font, |flow| self.write(flow))
            .map_err(|error| VehicleError::Conflict(error.to_string()))
    }

    fn write(&self, flow: &mut Flow<'_>) {
        let record = &self.record;
        let station = if record.station.is_empty() { "贵加油站" } else { record.station.as_str() };
        flow.centred(&self.organisation, 16.0, false);
        flow.centred("关于协助保存加油监控视频的函", 22.0, true);
        flow.space(8.0);
        flow.caption(&format!("{station}："), Side::Left);
        flow.caption("我单位在每月核对公务车辆加油数据时发现下列加油记录需要核实，请协助保存当时的监控视频（加油机、车牌、收银三个角度，前后各十五分钟），并提供小票存根：", Side::Left);
        flow.space(4.0);
        let text = |value: &str| if value.is_empty() { "未注明".to_owned() } else { value.to_owned() };
        let cell = |name: &str, value: String| vec![name.to_owned(), value];
        let quantity = record.quantity_ml.map_or_else(|| "未注明".to_owned(), |ml| format!("{} 升", litres(ml)));
        let amount = record.amount_fen.map_or_else(|| "未注明".to_owned(), |fen| format!("{fen} 元"));
        let rows = vec![
            cell("加油时间", record.at.to_string()),
            cell("车牌号", text(&record.plate)),
            cell("油卡号", text(&record.card_number)),
            cell("流水号", text(&record.serial)),
            cell("油品、数量", format!("{} {quantity}", text(&record.grade))),
            cell("金额", amount),
            cell("需要核实的事项", text(&self.rules.join("、"))),
        ];
        flow.table(&Table { columns: COLUMNS.to_vec(), rows, has_total: false });
        let by = self.keep_by.format("%Y 年 %-m 月 %-d 日");
        let late = if self.made_at.day() > self.keep_by {
            "该日期已过，如已被覆盖，请书面说明。"
        } else {
            ""
        };
        flow.space(4.0);
        flow.caption(
            &format!("监控视频通常到 {by} 即被覆盖，请在此之前复制保存，并通知我单位派员调取。{late}"),
            Side::Left,
        );
        let day = self.made_at.day().format("%Y 年 %-m 月 %-d 日").to_string();
        flow.signatures(&self.organisation, &day, &[("联系人", ""), ("电话", "")]);
    }
}

const COLUMNS: &[TableColumn] = &[
    TableColumn { header: "项目", part: 1.4, side: Side::Centre },
    TableColumn { header: "内容", part: 4.6, side: Side::Left },
];
