//! The classes are read, and set anew by the security administrator.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _,
};
use serde_json::json;

use super::catalogue::{Catalogue, Recognised, RuleKind};
use super::entity::{class, old_code};
use crate::access::{Action, permit};
use crate::assets::AssetError;
use crate::assets::card::kinds::Structure;
use crate::db::{Db, DbError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::text::fault;

/// Reads every class, in the caller's transaction or outside one.
///
/// # Errors
/// When the database cannot be read.
pub async fn load(db: &impl ConnectionTrait) -> Result<Catalogue, DbError> {
    let rows = class::Entity::find()
        .order_by_asc(class::Column::Code)
        .order_by_asc(class::Column::Structure)
        .order_by_asc(class::Column::Version);
    let old = old_code::Entity::find()
        .order_by_asc(old_code::Column::OldCode)
        .order_by_asc(old_code::Column::Version)
        .all(db)
        .await?;
    Ok(Catalogue::new(rows.all(db).await?, old))
}

/// The classes as last read: rows are only ever added, so their count tells whether they are still all.
#[derive(Debug, Default)]
struct Kept(Mutex<(u64, Arc<Catalogue>)>);

/// The classes, from memory when none was added since.
///
/// # Errors
/// When the database cannot be read.
pub async fn current(db: &Db) -> Result<Arc<Catalogue>, DbError> {
    let count = class::Entity::find().count(db.read()).await? + old_code::Entity::find().count(db.read()).await?;
    let kept = db.memory().of::<Kept>();
    {
        let held = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 == count {
            return Ok(Arc::clone(&held.1));
        }
    }
    // One that is written meanwhile is read with the rest, and read again next time.
    let all = Arc::new(load(db.read()).await?);
    *kept.0.lock().unwrap_or_else(PoisonError::into_inner) = (count, Arc::clone(&all));
    Ok(all)
}

/// What the book is to have for a class as somebody wrote it: today's code, its name (the one given, else the
/// standard's), and the old code it came from.
///
/// # Errors
/// A sentence at `class_code` when the code is of the old edition and not of one class only, or of no class.
pub async fn settle(db: &Db, ctx: &Ctx, code: &str, name: &str) -> Result<(String, String), AssetError> {
    let all = current(db).await?;
    let known = all.recognise(code).map_err(|reason| AssetError::field("class_code", reason))?;
    let name = match name.trim() {
        "" => all.name(known.code(), ctx.now().day()),
        given => given,
    };
    Ok((known.code().to_owned(), name.to_owned()))
}

/// A class set anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClass {
    /// "A" and 2 to 8 digits.
    pub code: String,
    /// Of buildings of one structure only.
    pub structure: Option<Structure>,
    /// What it is called.
    pub name: String,
    /// Whether, and how, its things are depreciated.
    pub rule: RuleKind,
    /// For how many years.
    pub life_years: Option<i64>,
    /// From which day on; not before today.
    pub effective_from: NaiveDate,
    /// The standard or order it rests on.
    pub source: String,
}

impl NewClass {
    fn check(&self, ctx: &Ctx) -> Result<(), AssetError> {
        let wrong = |field, reason: &str| Err(AssetError::field(field, reason));
        let digits = self.code.strip_prefix('A').unwrap_or_default();
        if !matches!(digits.len(), 2 | 4 | 6 | 8) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return wrong("code", "分类代码应为 A 加 2、4、6 或 8 位数字");
        }
        if self.structure.is_some() && !self.code.starts_with("A01") {
            return wrong("structure", "只有房屋按结构区分年限");
        }
        for (field, text, most) in [("name", &self.name, 100), ("source", &self.source, 500)] {
            if text.trim().is_empty() {
                return wrong(field, "不能为空");
            }
            if let Some(reason) = fault(text.trim(), most) {
                return Err(AssetError::field(field, reason));
            }
        }
        match (self.rule, self.life_years) {
            (RuleKind::Years, Some(1..=100)) | (RuleKind::Inherit | RuleKind::None, None) => {}
            (RuleKind::Years, _) => return wrong("life_years", "最低使用年限应为 1 至 100 年"),
            _ => return wrong("life_years", "只有按年限计提的分类填写年限"),
        }
        if self.effective_from < ctx.now().day() {
            return wrong("effective_from", "不能追溯生效，请改为今天或今后的日期");
        }
        Ok(())
    }
}

/// Sets a class anew, or for the first time.
///
/// # Errors
/// When it is not theirs to do, a field is wrong, or the database refuses.
pub async fn set(db: &Db, ctx: &Ctx, new: &NewClass) -> Result<class::Model, AssetError> {
    permit(ctx, Action::RulesWrite, None)?;
    new.check(ctx)?;
    let structure = new.structure.map_or("", Structure::as_str);
    db.write(async |tx| {
        let before = class::Entity::find()
            .filter(class::Column::Code.eq(&new.code))
            .filter(class::Column::Structure.eq(structure))
            .order_by_desc(class::Column::Version)
            .one(tx)
            .await?;
        let row = class::Model {
            code: new.code.clone(),
            structure: structure.to_owned(),
            version: before.as_ref().map_or(1, |row| row.version + 1),
            name: new.name.trim().to_owned(),
            rule: new.rule,
            life_years: new.life_years,
            effective_from: new.effective_from,
            source: new.source.trim().to_owned(),
            set_by: ctx.actor.to_string(),
            set_at: ctx.now(),
        };
        class::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
        let before = before.map(|row| json!({ "name": row.name, "rule": row.rule, "life_years": row.life_years }));
        let entry = Entry {
            action: "assets.set_class",
            subject: row.code.clone(),
            unit: None,
            payload: json!({ "structure": row.structure, "name": row.name, "rule": row.rule,
                "life_years": row.life_years, "effective_from": row.effective_from, "source": row.source,
                "before": before }),
            rows: RowsDigest::new(ctx).with(&row),
        };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}

/// Says what a code of the old edition is today.
///
/// # Errors
/// When it is not theirs to do, a code is none, or the database refuses.
pub async fn map(db: &Db, ctx: &Ctx, old: &str, codes: &[String], source: &str) -> Result<old_code::Model, AssetError> {
    permit(ctx, Action::RulesWrite, None)?;
    let old = old.trim();
    if old.len() != 7 || !old.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AssetError::field("old_code", "2010 版代码应为 7 位数字"));
    }
    let source = source.trim();
    if source.is_empty() {
        return Err(AssetError::field("source", "不能为空"));
    }
    if let Some(reason) = fault(source, 500) {
        return Err(AssetError::field("source", reason));
    }
    db.write(async |tx| {
        let all = load(tx).await?;
        let mut settled: Vec<String> = Vec::with_capacity(codes.len());
        for code in codes.iter().filter(|code| !code.trim().is_empty()).take(50) {
            match all.recognise(code) {
                Ok(Recognised::Current(code)) if !settled.contains(&code) => settled.push(code),
                Ok(Recognised::Current(_)) => {}
                Ok(_) => return Err(AssetError::field("codes", format!("“{code}”不是 2022 版代码"))),
                Err(reason) => return Err(AssetError::field("codes", reason)),
            }
        }
        let before = old_code::Entity::find()
            .filter(old_code::Column::OldCode.eq(old))
            .order_by_desc(old_code::Column::Version)
            .one(tx)
            .await?;
        let row = old_code::Model {
            old_code: old.to_owned(),
            version: before.as_ref().map_or(1, |row| row.version + 1),
            codes: settled.join(","),
            source: source.to_owned(),
            set_by: ctx.actor.to_string(),
            set_at: ctx.now(),
        };
        old_code::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
        let entry = Entry {
            action: "assets.map_class",
            subject: row.old_code.clone(),
            unit: None,
            payload: json!({ "codes": row.codes, "before": before.map(|row| row.codes), "source": row.source }),
            rows: RowsDigest::new(ctx).with(&row),
        };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}
