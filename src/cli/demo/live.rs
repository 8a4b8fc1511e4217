//! What the demonstration shows in a browser: people to be, a count under way, and the server on this machine only.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use super::play::things_in_order;
use super::sample::{PersonAt, Sample, UnitAt};
use super::{arms, cards, cars, certificates, losses, moves, reports};
use crate::access::accounts;
use crate::access::grants::{self, NewGrant};
use crate::access::rules::{self, NewRule};
use crate::access::{self, Role};
use crate::cli::{CliError, Global, serve, show};
use crate::db::Db;
use crate::items::attachments::Shelf;
use crate::kernel::hash::hex;
use crate::kernel::ids::UnitId;
use crate::kernel::{Actor, Ctx, Timestamp};
use crate::org::Directory;
use crate::stocktake::campaign::{self, Opening};
use crate::stocktake::counting::{self, NewScan};
use crate::stocktake::model::Condition;
use crate::stocktake::scope::Scope;
use crate::web::settings::{Demo, DemoPerson};
use crate::web::{App, Settings};

/// The port that is tried first.
const PORT: u16 = 8080;
/// Units that the count under way takes in, and how many of each hundred of their things are counted already.
const COUNTING: [(usize, usize); 6] = [(1, 100), (2, 64), (3, 38), (4, 81), (5, 0), (6, 12)];
/// The police station whose manager and head one can be.
const STATION: UnitAt = UnitAt(2);
/// Every so many-th of the things counted was seen at another place.
const ASTRAY: usize = 17;

/// Serves the played sub-bureau until it is told to stop.
///
/// # Errors
/// When no port of this machine can be listened on, or the database refuses.
pub(super) async fn serve(db: Db, sample: &Sample, global: &Global) -> Result<(), CliError> {
    let base = global.ctx()?;
    let local = base.acting_as(Actor::Local("demo".to_owned()), crate::kernel::rights::Scope::Everything);
    let directory = Directory::load(db.read()).await?;
    let people = people(&db, &local, sample, &directory).await?;
    // Before the count: what is being counted does not leave its unit.
    moves::play(&db, &local, sample, &directory, STATION).await?;
    cards::play(&db, &local, sample, &directory).await?;
    reports::play(&db, &local, sample, &directory, STATION).await?;
    let shelf = Shelf::at(None, &Settings::default().data_dir).map_err(|error| CliError::Usage(error.to_string()))?;
    losses::play(&db, &shelf, &local, sample, &directory, (STATION, &leaders(sample))).await?;
    cars::play(&db, &local, sample, &directory, STATION).await?;
    let counter = arms::play(&db, &local, sample, &directory, leaders(sample)).await?;
    certificates::play(&db, &local, sample, &directory, STATION).await?;
    count(&db, &local, sample, &directory).await?;

    let secret = secret(&base);
    let listener = [PORT, 0].iter().find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).ok());
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener =
        listener.ok_or_else(|| CliError::Listen { address: any, source: std::io::ErrorKind::AddrInUse.into() })?;
    let address = listener.local_addr().unwrap_or(any);
    let demo = Demo { secret: secret.clone(), people };
    let app = App::with(
        db,
        base.acting_as(Actor::System, crate::kernel::rights::Scope::Everything),
        Settings { demo: Some(demo), ..Settings::default() },
    );
    let told = || {
        show::line("");
        show::line(format!("在浏览器里看：http://{address}/demo/{secret}"));
        for one in &counter {
            show::line(one.told());
        }
        show::line("（已以指挥中心身份登录；可换成管理员、单位负责人等。只有本机能打开；按 Ctrl+C 结束）");
    };
    serve::listen(app, listener, None, told).await
}

/// The leaders of the sub-bureau.
fn leaders(sample: &Sample) -> [PersonAt; 2] {
    [sample.unit(UnitAt(0)).head, sample.unit(UnitAt(1)).supervising_leader]
}

fn secret(ctx: &Ctx) -> String {
    hex(&[ctx.random(), ctx.random()].map(u64::to_be_bytes).concat())
}

/// The people one can be: each with an account and a grant, none with a password that anybody knows.
async fn people(db: &Db, ctx: &Ctx, sample: &Sample, directory: &Directory) -> Result<Vec<DemoPerson>, CliError> {
    // Nobody has a phone with their codes here.
    let rule = NewRule {
        name: rules::SECOND_FACTOR_ROLES.to_owned(),
        value: Role::PropertyCustodian.name().to_owned(),
        effective_from: None,
        source: "演示：没有人带着手机".to_owned(),
    };
    rules::set(db, ctx, rule).await?;
    let centre = UnitAt(0);
    let station = STATION;
    let of = |at: UnitAt| sample.unit(at);
    let wanted = [
        ("zhihui", Role::CommandCentre, of(centre).asset_manager, None),
        ("guanli", Role::AssetManager, of(station).asset_manager, Some(station)),
        ("fuze", Role::UnitHead, of(station).head, Some(station)),
        ("cheguan", Role::VehicleManager, of(station).supervising_leader, Some(station)),
        ("jiashi", Role::Driver, PersonAt(of(station).asset_manager.0 + 2), Some(station)),
        ("fenju", Role::BureauLeader, leaders(sample)[0], None),
        ("fenguan", Role::BureauLeader, leaders(sample)[1], None),
        ("ducha", Role::Inspector, of(centre).supervising_leader, None),
        ("xitong", Role::SystemAdministrator, of(UnitAt(7)).head, None),
        ("anquan", Role::SecurityAdministrator, of(UnitAt(8)).head, None),
        ("shenji", Role::AuditAdministrator, of(UnitAt(9)).head, None),
    ];
    let mut wanted = wanted.to_vec();
    if let Some(crew) = arms::crew(sample, station) {
        wanted.push(("qiangguan", Role::Armourer, crew.to_be[0], Some(station)));
        wanted.push(("zhiban", Role::DutyLeader, crew.to_be[1], Some(station)));
        wanted.extend(crew.officers.last().map(|at| ("peiqiang", Role::ArmedOfficer, *at, Some(station))));
        wanted.push(("zhian", Role::PublicOrder, of(UnitAt(3)).head, None));
    }
    let mut people = Vec::new();
    for (login, role, person, unit) in wanted {
        let planned = sample.person(person);
        let whose = directory.find_person(&planned.badge_number, None)?;
        let invited = accounts::create(db, ctx, login, whose).await?;
        let password = format!("Demo-{}", secret(ctx));
        access::activate(db, ctx, &invited.link, &password).await?;
        let unit: Option<UnitId> = unit.map(|at| directory.find_unit(&of(at).code)).transpose()?;
        let grant = NewGrant { account: invited.account.id, role, unit, from: None, until: None };
        grants::give(db, ctx, grant).await?;
        people.push(DemoPerson {
            login: login.to_owned(),
            password,
            role,
            name: planned.name.clone(),
            unit: of(planned.unit).name.clone(),
        });
    }
    Ok(people)
}

/// A count that began today: some units are done, some have not begun.
async fn count(db: &Db, ctx: &Ctx, sample: &Sample, directory: &Directory) -> Result<(), CliError> {
    let today = ctx.now().day();
    let unit = |at: usize| sample.units.get(at).map(|unit| directory.find_unit(&unit.code)).transpose();
    let mut units = Vec::new();
    for (at, _) in COUNTING {
        units.extend(unit(at)?);
    }
    let opening = Opening {
        number: format!("{}-D", today.format("%Y%m")),
        name: format!("{}抽查盘点（进行中）", today.format("%Y 年 %-m 月")),
        // What the book says this minute: the moves of last year are all in it.
        baseline_on: today.pred_opt().unwrap_or(today),
        from: today,
        to: today + chrono::Days::new(7),
        blind: false,
        scope: Scope { units, ..Scope::default() },
    };
    let number = campaign::open(db, ctx, &opening).await?.number;
    let things = things_in_order(db, sample).await?;
    for (at, percent) in COUNTING {
        let Some(id) = unit(at)? else { continue };
        let theirs: Vec<_> = things.iter().filter(|thing| thing.unit_id == id && !thing.state.is_gone()).collect();
        let elsewhere = theirs.iter().find_map(|thing| thing.place_id);
        let counter = sample.person(sample.unit(UnitAt(at)).asset_manager);
        let scans: Vec<NewScan> = theirs
            .iter()
            .take(theirs.len() * percent / 100)
            .enumerate()
            .map(|(n, thing)| NewScan {
                id: ctx.new_id(),
                code_read: thing.item_number.clone(),
                place: if n % ASTRAY == ASTRAY - 1 { elsewhere } else { thing.place_id },
                keeper: None,
                quantity: thing.quantity,
                condition: Condition::Good,
                no_label: false,
                name: String::new(),
                serial_number: String::new(),
                note: String::new(),
                counter: counter.badge_number.clone(),
                device: "演示手机".to_owned(),
                device_at: Timestamp(ctx.now().0),
            })
            .collect();
        for batch in scans.chunks(200) {
            counting::scan(db, ctx, &number, batch).await?;
        }
    }
    Ok(())
}
