//! `hufu accounts`: for whoever sits at the machine. Secrets are printed once and kept nowhere.

use chrono::{Days, NaiveDate};
use clap::Subcommand;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::access::accounts::{self, Invited, Listed};
use crate::access::grants::{self, NewGrant};
use crate::access::rules::{self, NewRule};
use crate::access::{Role, link_id_number, links};
use crate::db::Db;
use crate::handover;
use crate::kernel::ids::GrantId;
use crate::kernel::{Ctx, Timestamp};
use crate::org::Directory;

/// 账号、授权与规则
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出账号及其角色
    List {
        /// 从此用户名之后（翻页）
        #[arg(long, value_name = "LOGIN")]
        after: Option<String>,
        /// 最多行数
        #[arg(long, default_value_t = 200)]
        limit: u64,
    },
    /// 为一名人员建立账号，给出一次性启用链接
    Create {
        /// 用户名
        login: String,
        /// 人员（警号或姓名）
        #[arg(long)]
        person: String,
        /// 服务器地址（如 https://192.168.1.20:8443）；写明时给出完整链接
        #[arg(long, value_name = "BASE")]
        url: Option<String>,
    },
    /// 授予角色
    Grant {
        /// 用户名
        login: String,
        /// 角色（英文名或中文名，如 asset_manager、专职管理员）
        role: String,
        /// 单位及其下级；不写表示全部
        #[arg(long)]
        unit: Option<String>,
        /// 开始日期；不写表示现在
        #[arg(long, value_name = "DATE")]
        from: Option<NaiveDate>,
        /// 最后一天；不写表示长期
        #[arg(long, value_name = "DATE")]
        until: Option<NaiveDate>,
    },
    /// 结束一项授权
    Revoke {
        /// 授权编号（见 list）
        grant: uuid::Uuid,
    },
    /// 重置密码，给出一次性链接
    Reset {
        /// 用户名
        login: String,
        /// 同时解除动态验证码
        #[arg(long)]
        second_factor: bool,
        /// 服务器地址（如 https://192.168.1.20:8443）；写明时给出完整链接
        #[arg(long, value_name = "BASE")]
        url: Option<String>,
    },
    /// 解锁
    Unlock {
        /// 用户名
        login: String,
    },
    /// 停用账号
    Close {
        /// 用户名
        login: String,
    },
    /// 登记数字证书中的身份证号（只保存带密钥的摘要；号码从标准输入读取）
    Certificate {
        /// 人员（警号或姓名）
        person: String,
    },
    /// 人员离岗：须先移交名下的资产、地点、盘点
    Leave {
        /// 人员（警号或姓名）
        person: String,
    },
    /// 查看规则
    Rules {
        /// 连同历史与将来的
        #[arg(long)]
        all: bool,
    },
    /// 修改规则
    SetRule {
        /// 规则名
        name: String,
        /// 值
        value: String,
        /// 依据
        #[arg(long)]
        source: String,
        /// 开始日期；不写表示现在
        #[arg(long, value_name = "DATE")]
        from: Option<NaiveDate>,
    },
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When a name is unknown, or access refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let (db, ctx) = (global.open().await?, global.ctx()?);
    match &args.command {
        Command::List { after, limit } => list(&db, &ctx, after.as_deref(), *limit, global).await,
        Command::Create { login, person, url } => {
            let whose = Directory::load(db.read()).await?.find_person(person, None)?;
            invited(&accounts::create(&db, &ctx, login, whose).await?, url.as_deref(), global)
        }
        Command::Grant { login, role, unit, from, until } => {
            let new = read_grant(&db, login, role, unit.as_deref(), *from, *until).await?;
            let row = grants::give(&db, &ctx, new).await?;
            said(global, &json!({ "grant": row.id, "role": row.role.name() }), &format!("已授予“{}”", row.role.zh()))
        }
        Command::Revoke { grant } => {
            let row = grants::end(&db, &ctx, GrantId(*grant)).await?;
            said(global, &json!({ "grant": row.id }), &format!("已结束“{}”", row.role.zh()))
        }
        Command::Reset { login, second_factor, url } => {
            let account = accounts::by_login(db.read(), login).await?.id;
            if *second_factor {
                accounts::reset_second_factor(&db, &ctx, account).await?;
            }
            invited(&links::reset(&db, &ctx, account).await?, url.as_deref(), global)
        }
        Command::Unlock { login } => {
            accounts::unlock(&db, &ctx, accounts::by_login(db.read(), login).await?.id).await?;
            said(global, &json!({ "unlocked": login }), &format!("已解锁 {login}"))
        }
        Command::Close { login } => {
            accounts::close(&db, &ctx, accounts::by_login(db.read(), login).await?.id).await?;
            said(global, &json!({ "closed": login }), &format!("已停用 {login}"))
        }
        Command::Certificate { person } => {
            let whose = Directory::load(db.read()).await?.find_person(person, None)?;
            link_id_number(&db, &ctx, whose, &read_secret_line()?).await?;
            said(global, &json!({ "linked": whose }), &format!("已登记 {person} 的数字证书"))
        }
        Command::Leave { person } => {
            let whose = Directory::load(db.read()).await?.find_person(person, None)?;
            let row = handover::close_person(&db, &ctx, whose).await?;
            said(global, &json!({ "closed": row.id }), &format!("{} 已离岗", row.name))
        }
        Command::Rules { all } => show_rules(&db, &ctx, *all, global).await,
        Command::SetRule { name, value, source, from } => {
            let new = NewRule {
                name: name.clone(),
                value: value.clone(),
                effective_from: from.map(Timestamp::start_of_day),
                source: source.clone(),
            };
            let row = rules::set(&db, &ctx, new).await?;
            said(global, &json!(row), &format!("{} = {}，自 {} 起", row.name, row.value, row.effective_from))
        }
    }
}

/// Read from standard input: what stands on a command line is seen by everybody at the machine and kept by the shell.
fn read_secret_line() -> Result<String, CliError> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|source| CliError::File { path: "标准输入".to_owned(), source })?;
    Ok(line.trim().to_owned())
}

async fn read_grant(
    db: &Db,
    login: &str,
    role: &str,
    unit: Option<&str>,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
) -> Result<NewGrant, CliError> {
    let known =
        || Role::ALL.iter().map(|role| format!("{}（{}）", role.name(), role.zh())).collect::<Vec<_>>().join("、");
    let role = Role::by_name(role).ok_or_else(|| CliError::Usage(format!("没有“{role}”这个角色；有：{}", known())))?;
    let directory = Directory::load(db.read()).await?;
    Ok(NewGrant {
        account: accounts::by_login(db.read(), login).await?.id,
        role,
        unit: unit.map(|name| directory.find_unit(name)).transpose()?,
        from: from.map(Timestamp::start_of_day),
        until: until.and_then(|day| day.checked_add_days(Days::new(1))).map(Timestamp::start_of_day),
    })
}

fn said(global: &Global, facts: &serde_json::Value, words: &str) -> Result<Done, CliError> {
    if global.json() {
        show::json(facts);
    } else {
        show::line(words);
    }
    Ok(Done::Clean)
}

fn invited(invited: &Invited, url: Option<&str>, global: &Global) -> Result<Done, CliError> {
    let (account, path) = (&invited.account, invited.path());
    let whole = url.map(|base| format!("{}{path}", base.trim_end_matches('/')));
    if global.json() {
        show::json(&json!({
            "account": account.id, "login": account.login, "link": invited.link, "link_path": path, "link_url": whole,
        }));
    } else {
        let open = if whole.is_some() { "" } else { "在服务器地址后接上此路径打开；" };
        show::line(format!(
            "账号 {} 的一次性启用链接（{open}只显示这一次，请当面交给本人，由其自设密码）：",
            account.login
        ));
        show::line(whole.as_ref().unwrap_or(&path));
    }
    Ok(Done::Clean)
}

async fn list(db: &Db, ctx: &Ctx, after: Option<&str>, limit: u64, global: &Global) -> Result<Done, CliError> {
    let listed = accounts::list(db, ctx, after, limit.clamp(1, 10_000)).await?;
    let directory = Directory::load(db.read()).await?;
    if global.json() {
        show::json(&listed.iter().map(facts).collect::<Vec<_>>());
        return Ok(Done::Clean);
    }
    let mut table = Table::new(&[
        ("用户名", Align::Left),
        ("姓名", Align::Left),
        ("状态", Align::Left),
        ("验证码", Align::Left),
        ("角色", Align::Left),
        ("范围", Align::Left),
        ("期限", Align::Left),
        ("授权编号", Align::Left),
    ]);
    for one in &listed {
        let state = if one.locked_until.is_some() { "锁定" } else { one.account.state.zh() };
        let factor = if one.second_factor { "已绑定" } else { "未绑定" };
        let mut who = vec![one.account.login.clone(), one.person.name.clone(), state.to_owned(), factor.to_owned()];
        for grant in &one.grants {
            let unit = grant.unit_id.map_or("全部", |unit| directory.unit_name(unit)).to_owned();
            let until = grant.valid_until.map_or_else(|| "长期".to_owned(), |end| format!("至 {}", last_of(end)));
            let term = format!("{} 起，{until}", grant.valid_from.day());
            let cells = [grant.role.zh().to_owned(), unit, term, grant.id.to_string()];
            table.row(std::mem::replace(&mut who, vec![String::new(); 4]).into_iter().chain(cells));
        }
        if one.grants.is_empty() {
            table.row(who);
        }
    }
    table.print();
    Ok(Done::Clean)
}

/// The last day of what is no more from `end` on; where a day is cut, `end` itself.
fn last_of(end: Timestamp) -> String {
    let last = Timestamp(end.0 - 1).day();
    if Timestamp::start_of_day(end.day()) == end { last.to_string() } else { end.to_string() }
}

fn facts(one: &Listed) -> serde_json::Value {
    json!({
        "id": one.account.id, "login": one.account.login, "state": one.account.state, "person": one.person.name,
        "second_factor": one.second_factor, "vouched": one.vouched, "locked_until": one.locked_until, "grants": one.grants,
    })
}

async fn show_rules(db: &Db, ctx: &Ctx, all: bool, global: &Global) -> Result<Done, CliError> {
    let rules = rules::current(db).await?;
    let now = ctx.now();
    let in_force = |name: &str, version: i64| rules.at(name, now).is_some_and(|row| row.version == version);
    let shown: Vec<_> = rules.rows().into_iter().filter(|row| all || in_force(&row.name, row.version)).collect();
    if global.json() {
        show::json(&shown);
        return Ok(Done::Clean);
    }
    let mut table =
        Table::new(&[("规则", Align::Left), ("值", Align::Left), ("自", Align::Left), ("依据", Align::Left)]);
    for row in shown {
        let from = if row.effective_from.0 == 0 { "—".to_owned() } else { row.effective_from.to_string() };
        table.row([row.name.clone(), row.value.clone(), from, row.source.clone()]);
    }
    table.print();
    Ok(Done::Clean)
}
