//! A page of 50 things out of a large book, and every page that people see, over HTTP on a real socket: `cargo bench
//! --bench pages`. The book has `HUFU_BENCH_ITEMS` things (100,000 when not said); `HUFU_BENCH_SECONDS` is how long each
//! case runs (3 when not said). `HUFU_BENCH_ONLY=walk` is the pages alone, `lists` the API's lists, `wall` the wall of firearms
//! of a city with 300 armouries.
//!
//! Prints pages a second, p50 and p99 for one client and for 32, each on a connection it keeps: a page of everything, of
//! one's own units, of one unit, by number, by a fragment of a name, by serial number and by last digits. Clients and
//! server share the machine. Who asks is given, not looked up: signing in is measured elsewhere.

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use hufu::access::{Role, matrix};
use hufu::db::{Db, DbError};
use hufu::items::ItemError;
use hufu::items::model::{ItemKind, ItemState};
use hufu::items::service::{NewItem, register_many};
use hufu::journal::RowsDigest;
use hufu::kernel::clock::SetClock;
use hufu::kernel::ids::{PersonId, PlaceId, UnitId};
use hufu::kernel::random::Random;
use hufu::kernel::rights::Reach;
use hufu::kernel::{Actor, Ctx, Fen, Quantity, Timestamp};
use hufu::org::entity::person::{self, Duty, PersonKind};
use hufu::org::entity::{place, unit};
use hufu::org::service as org;
use hufu::web::{self, App};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[path = "pages/walk.rs"]
mod walk;
#[path = "pages/wall.rs"]
mod wall;

const UNITS: usize = 40;
const ROOMS: usize = 60;
const PEOPLE: usize = 80;
const NAMES: usize = 400;
const MODELS: usize = 1_500;
const BATCH: usize = 20_000;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

struct Office {
    units: Vec<UnitId>,
    places: Vec<PlaceId>,
    people: Vec<PersonId>,
}

async fn organisation(db: &Db, ctx: &Ctx) -> Result<Office, DbError> {
    let units: Vec<UnitId> = (0..UNITS).map(|_| ctx.new_id()).collect();
    let places: Vec<PlaceId> = (0..UNITS * ROOMS).map(|_| ctx.new_id()).collect();
    let people: Vec<PersonId> = (0..UNITS * PEOPLE).map(|_| ctx.new_id()).collect();
    db.write(async |tx| {
        let mut digest = RowsDigest::new(ctx);
        let row = |(n, id): (usize, &UnitId)| unit::Model {
            id: *id,
            code: format!("U{n:03}"),
            name: format!("第{n}派出所"),
            parent_id: None,
            kind: "派出所".to_owned(),
            active: true,
            batch_id: None,
            version: 1,
        };
        org::write_units(tx, units.iter().enumerate().map(row).collect(), &mut digest).await?;
        let row = |(n, id): (usize, &PersonId)| person::Model {
            id: *id,
            badge_number: Some(format!("{n:06}")),
            name: format!("人员{n}"),
            unit_id: units[n / PEOPLE],
            duty: Duty::Member,
            kind: PersonKind::Officer,
            active: true,
            batch_id: None,
            version: 1,
        };
        org::write_people(tx, people.iter().enumerate().map(row).collect(), &mut digest).await?;
        let row = |(n, id): (usize, &PlaceId)| place::Model {
            id: *id,
            code: format!("R{n:05}"),
            name: format!("{}室", n % ROOMS + 101),
            unit_id: units[n / ROOMS],
            keeper_id: None,
            active: true,
            batch_id: None,
            version: 1,
        };
        org::write_places(tx, places.iter().enumerate().map(row).collect(), &mut digest).await
    })
    .await?;
    Ok(Office { units, places, people })
}

const THINGS: [&str; 8] =
    ["台式计算机", "便携式计算机", "文件柜", "办公椅", "打印机", "执法记录仪", "对讲机", "空调机"];

fn thing(office: &Office, ctx: &Ctx, n: usize) -> NewItem {
    let dice = usize::try_from(ctx.random() >> 16).unwrap_or(0);
    let unit = dice % UNITS;
    // A few names are everywhere, most are rare.
    let name = if dice % 4 > 0 { dice / 7 % THINGS.len() } else { THINGS.len() + dice / 7 % NAMES };
    NewItem {
        kind: ItemKind::FixedAsset,
        item_number: format!("XL-{}-{n:07}", 2010 + n % 16),
        name: format!(
            "{}{}",
            THINGS[name % THINGS.len()],
            if name < THINGS.len() { String::new() } else { name.to_string() }
        ),
        specification: format!("QH-M{}", dice / 11 % MODELS),
        serial_number: format!("5CG{:010X}", ctx.random() >> 24),
        class_code: "A02010105".to_owned(),
        class_name: "台式计算机".to_owned(),
        brand: "青禾".to_owned(),
        measure_unit: "台".to_owned(),
        unit_id: office.units[unit],
        place_id: Some(office.places[unit * ROOMS + dice / 13 % ROOMS]),
        keeper_id: Some(office.people[unit * PEOPLE + dice / 17 % PEOPLE]),
        quantity: Quantity::ONE,
        state: if dice.is_multiple_of(20) { ItemState::Disposed } else { ItemState::InUse },
        excused_by: None,
        value_fen: Fen(450_000),
        acquired_on: None,
    }
}

/// Fills the book; returns the number and serial number of some things.
async fn fill(db: &Db, ctx: &Ctx, office: &Office, items: usize) -> Result<Vec<(String, String)>, ItemError> {
    let mut known = Vec::new();
    for from in (0..items).step_by(BATCH) {
        let things: Vec<NewItem> = (from..items.min(from + BATCH)).map(|n| thing(office, ctx, n)).collect();
        known.extend(things.iter().step_by(97).map(|thing| (thing.item_number.clone(), thing.serial_number.clone())));
        db.write(async |tx| register_many(tx, ctx, things.clone(), None, ctx.now(), &mut RowsDigest::new(ctx)).await)
            .await?;
    }
    Ok(known)
}

/// A connection that is kept, and what was answered last.
struct Client {
    stream: BufReader<TcpStream>,
    line: String,
    head: Vec<String>,
    body: Vec<u8>,
    cookies: std::collections::BTreeMap<String, String>,
}

impl Client {
    async fn connect(address: std::net::SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let stream = BufReader::with_capacity(64 << 10, stream);
        let cookies = std::collections::BTreeMap::new();
        Self { stream, line: String::new(), head: Vec::new(), body: Vec::new(), cookies }
    }

    /// Asks for a page; its status.
    async fn get(&mut self, path: &str) -> u16 {
        self.ask(&format!("GET {path}"), "").await
    }

    /// Sends a form; the status of what comes back.
    async fn post(&mut self, path: &str, form: &str) -> u16 {
        self.ask(&format!("POST {path}"), form).await
    }

    /// Keeps what the last answer wants to be reminded of.
    fn keep_cookies(&mut self) {
        let set = self.head.iter().filter_map(|line| line.split_once(": "));
        let set = set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let pairs = set.filter_map(|(_, cookie)| cookie.split(';').next()?.split_once('='));
        self.cookies.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    /// Reads what is sent piece by piece, each behind its length in hexadecimal, the last of none.
    async fn read_chunks(&mut self) {
        loop {
            self.line.clear();
            self.stream.read_line(&mut self.line).await.expect("a length");
            let length = usize::from_str_radix(self.line.trim_end(), 16).expect("a length");
            let before = self.body.len();
            self.body.resize(before + length, 0);
            self.stream.read_exact(&mut self.body[before..]).await.expect("a piece");
            self.line.clear();
            self.stream.read_line(&mut self.line).await.expect("an end of line");
            if length == 0 {
                break;
            }
        }
    }

    async fn ask(&mut self, what: &str, form: &str) -> u16 {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let host = self.stream.get_ref().peer_addr().expect("an address");
        let request = format!(
            "{what} HTTP/1.1\r\nhost: {host}\r\naccept: text/html\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            cookies.join("; "),
            form.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).await.expect("a request");
        self.head.clear();
        let mut length = 0;
        loop {
            self.line.clear();
            self.stream.read_line(&mut self.line).await.expect("an answer");
            let line = self.line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.parse().expect("a length");
            }
            self.head.push(line.to_owned());
        }
        self.body.clear();
        if self.head.iter().any(|line| line.eq_ignore_ascii_case("transfer-encoding: chunked")) {
            self.read_chunks().await;
        } else {
            self.body.resize(length, 0);
            self.stream.read_exact(&mut self.body).await.expect("a body");
        }
        self.head.first().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("a status")
    }
}

/// One client: asks for pages one after the other, and notes how long each took.
async fn client(address: std::net::SocketAddr, paths: Arc<Vec<String>>, first: usize, until: Instant) -> Vec<Duration> {
    let mut client = Client::connect(address).await;
    let mut took = Vec::new();
    let mut turn = first;
    while Instant::now() < until {
        let path = &paths[turn % paths.len()];
        turn += 1;
        let begun = Instant::now();
        assert_eq!(client.get(path).await, 200, "{path}");
        took.push(begun.elapsed());
    }
    took
}

async fn measure(address: std::net::SocketAddr, what: &str, paths: Vec<String>) {
    let paths = Arc::new(paths);
    let seconds = u64::try_from(setting("HUFU_BENCH_SECONDS", 3)).unwrap_or(3);
    for clients in [1, 32] {
        // Warm, so that what is measured is the page and not the first look at the file.
        client(address, Arc::clone(&paths), 0, Instant::now() + Duration::from_millis(300)).await;
        let (begun, until) = (Instant::now(), Instant::now() + Duration::from_secs(seconds));
        let all: Vec<_> =
            (0..clients).map(|n| tokio::spawn(client(address, Arc::clone(&paths), n * 131, until))).collect();
        let mut took = Vec::new();
        for one in all {
            took.extend(one.await.expect("a client"));
        }
        let elapsed = begun.elapsed().as_secs_f64();
        took.sort_unstable();
        let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
        let rate = took.len() as f64 / elapsed;
        println!(
            "{what:<34} {clients:>2} clients {rate:>8.0} pages/s   p50 {:>7.2} ms   p99 {:>7.2} ms",
            at(50),
            at(99)
        );
    }
}

async fn serve(db: &Db, base: &Ctx, asker: Ctx) -> std::net::SocketAddr {
    let router = web::router(App::new(db.clone(), base.clone())).layer(Extension(asker));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn run() {
    let items = setting("HUFU_BENCH_ITEMS", 100_000);
    let only = std::env::var("HUFU_BENCH_ONLY").unwrap_or_default();
    let wanted = |what: &str| only.is_empty() || only == what;
    if wanted("walk") {
        walk::through(items).await;
    }
    if wanted("lists") {
        lists(items).await;
    }
    if wanted("wall") {
        wall::show().await;
    }
}

/// Pages of the API's list.
async fn lists(items: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("hufu.db").display());
    let db = Db::open(&url).await.expect("a database");
    db.migrate().await.expect("a schema");
    let clock = Arc::new(SetClock::at(Timestamp(1_795_000_000_000)));
    let ctx = Ctx::new(Actor::Local("bench".to_owned()), clock, Arc::new(Random::seeded(7)));
    let office = organisation(&db, &ctx).await.expect("an organisation");
    let begun = Instant::now();
    let known = fill(&db, &ctx, &office, items).await.expect("a book");
    println!("{items} things entered in {:.1} s", begun.elapsed().as_secs_f64());

    let person = Actor::Person(office.people[0]);
    let of = |reach| ctx.acting_as(person.clone(), matrix::scope_of(&[(Role::CommandCentre, reach)]));
    let everywhere = serve(&db, &ctx, of(Reach::Everywhere)).await;
    let own = Reach::Units(Arc::new(office.units.iter().copied().take(5).collect()));
    let scoped = serve(&db, &ctx, of(own)).await;

    let pages = |filter: &str| -> Vec<String> {
        let starts = known.iter().step_by(7).map(|(number, _)| number);
        starts.map(|number| format!("/api/v1/items?limit=50&after={number}{filter}")).collect()
    };
    let each = |make: &dyn Fn(&(String, String)) -> String| -> Vec<String> {
        known.iter().map(|one| format!("/api/v1/items?limit=50&{}", make(one))).collect()
    };
    let unit = format!("&unit_id={}", office.units[7]);
    let fragment = |word: &str| vec![format!("/api/v1/items?limit=50&text={word}")];
    measure(everywhere, "a page", pages("")).await;
    measure(scoped, "a page of one's own 5 units", pages("")).await;
    measure(everywhere, "a page of one unit", pages(&unit)).await;
    measure(everywhere, "by number", each(&|(number, _)| format!("number={number}"))).await;
    measure(everywhere, "by the start of a number", each(&|(number, _)| format!("text={}", &number[..11]))).await;
    // 计算机 is in half of all, 记录仪12 in few.
    measure(everywhere, "by a fragment of many names", fragment("%E8%AE%A1%E7%AE%97%E6%9C%BA")).await;
    measure(everywhere, "by a fragment of few names", fragment("%E8%AE%B0%E5%BD%95%E4%BB%AA12")).await;
    measure(scoped, "by a fragment, own 5 units", fragment("%E8%AE%B0%E5%BD%95%E4%BB%AA")).await;
    measure(everywhere, "by serial number", each(&|(_, serial)| format!("serial_number={serial}"))).await;
    measure(everywhere, "by a typed serial number", each(&|(_, serial)| format!("text={serial}"))).await;
    measure(everywhere, "by the last 5 of a serial number", each(&|(_, serial)| format!("text={}", &serial[8..])))
        .await;
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run());
}
