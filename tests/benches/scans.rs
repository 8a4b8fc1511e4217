//! Scans over HTTP, each answered when it is on disk (WAL, `synchronous=FULL`): a sub-bureau's blind count of 20,000
//! labelled things in 40 units, over loopback with keep-alive, through the whole router and with the rights of a member.
//!
//! (a) one scan a transaction, by one door after another: what group commit is measured against;
//! (b) 8 clients sending batches of 50;
//! (c) 200 clients sending single scans as fast as they are answered, and each one a scan every quarter of a second.
//!
//! Run: `cargo bench --bench scans`.
#![expect(clippy::print_stdout, reason = "what was measured is what it prints")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use hufu::access::{Role, matrix};
use hufu::db::Db;
use hufu::items::labels::{self, Printing, Subject};
use hufu::items::model::{ItemKind, ItemState};
use hufu::items::service::{self, NewItem};
use hufu::journal::RowsDigest;
use hufu::kernel::ids::{ItemId, PersonId, PlaceId, ScanId, UnitId};
use hufu::kernel::rights::Reach;
use hufu::kernel::{Actor, Ctx, Fen, Quantity, Timestamp};
use hufu::org::entity::person::{self, Duty, PersonKind};
use hufu::org::entity::{place, unit};
use hufu::org::service as org;
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting::{self, NewScan};
use hufu::stocktake::model::Condition;
use hufu::stocktake::scope::Scope;
use hufu::web::{self, App};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const UNITS: usize = 40;
const THINGS: usize = 20_000;
const NUMBER: &str = "2026-YE";
/// How long each measurement takes.
const LASTS: Duration = Duration::from_secs(8);

struct Bureau {
    db: Db,
    ctx: Ctx,
    units: Vec<UnitId>,
    people: Vec<PersonId>,
    places: Vec<PlaceId>,
    codes: Vec<String>,
}

impl Bureau {
    async fn found(dir: &std::path::Path) -> Self {
        let db = Db::open(&format!("sqlite://{}?mode=rwc", dir.join("hufu.db").display())).await.expect("a database");
        db.migrate().await.expect("a schema");
        let ctx = Ctx::local("bench").expect("randomness");
        let mut bureau = Self {
            units: (0..UNITS).map(|_| ctx.new_id()).collect(),
            people: (0..UNITS).map(|_| ctx.new_id()).collect(),
            places: (0..UNITS * 10).map(|_| ctx.new_id()).collect(),
            codes: Vec::new(),
            db,
            ctx,
        };
        bureau.write_organisation().await;
        let things = bureau.register().await;
        let subjects: Vec<Subject> = things.into_iter().map(Subject::Item).collect();
        let printed = labels::print(&bureau.db, &bureau.ctx, &subjects, "asset-60x40", Printing::Again);
        bureau.codes = printed.await.expect("labels").iter().map(ToString::to_string).collect();
        let today = bureau.ctx.now().day();
        let opening = Opening {
            number: NUMBER.to_owned(),
            name: "年终盘点".to_owned(),
            baseline_on: today,
            from: today,
            to: today + chrono::Days::new(30),
            blind: true,
            scope: Scope::default(),
        };
        campaign::open(&bureau.db, &bureau.ctx, &opening).await.expect("a campaign");
        bureau
    }

    async fn write_organisation(&self) {
        let unit = |(n, id): (usize, &UnitId)| unit::Model {
            id: *id,
            code: format!("D{n}"),
            name: format!("第{n}大队"),
            parent_id: None,
            kind: "大队".to_owned(),
            active: true,
            batch_id: None,
            version: 1,
        };
        let person = |(n, id): (usize, &PersonId)| person::Model {
            id: *id,
            badge_number: Some(format!("{n:06}")),
            name: format!("人员{n}"),
            unit_id: self.units[n],
            duty: Duty::Member,
            kind: PersonKind::Officer,
            active: true,
            batch_id: None,
            version: 1,
        };
        let place = |(n, id): (usize, &PlaceId)| place::Model {
            id: *id,
            code: format!("R{n}"),
            name: format!("房间{n}"),
            unit_id: self.units[n / 10],
            keeper_id: None,
            active: true,
            batch_id: None,
            version: 1,
        };
        let written = self.db.write(async |tx| {
            let mut rows = RowsDigest::new(&self.ctx);
            org::write_units(tx, self.units.iter().enumerate().map(unit).collect(), &mut rows).await?;
            org::write_people(tx, self.people.iter().enumerate().map(person).collect(), &mut rows).await?;
            org::write_places(tx, self.places.iter().enumerate().map(place).collect(), &mut rows).await
        });
        written.await.expect("an organisation");
    }

    async fn register(&self) -> Vec<ItemId> {
        let thing = |n: usize| NewItem {
            kind: ItemKind::FixedAsset,
            item_number: format!("CJ2026-{n:06}"),
            name: "台式计算机".to_owned(),
            specification: "QH-M650".to_owned(),
            serial_number: format!("SN{n:08}"),
            class_code: "A02010105".to_owned(),
            class_name: String::new(),
            brand: String::new(),
            measure_unit: "台".to_owned(),
            unit_id: self.units[n % UNITS],
            place_id: Some(self.places[n % UNITS * 10 + n / UNITS % 10]),
            keeper_id: Some(self.people[n % UNITS]),
            quantity: Quantity::ONE,
            state: ItemState::InUse,
            excused_by: None,
            value_fen: Fen(450_000),
            acquired_on: None,
        };
        let things: Vec<NewItem> = (0..THINGS).map(thing).collect();
        let before = Timestamp(self.ctx.now().0 - 86_400_000);
        let entered = self.db.write(async |tx| {
            let mut rows = RowsDigest::new(&self.ctx);
            service::register_many(tx, &self.ctx, things.clone(), None, before, &mut rows).await
        });
        entered.await.expect("things")
    }

    /// A member who may count everywhere.
    fn member(&self, n: usize) -> Ctx {
        let scope = matrix::scope_of(&[(Role::Member, Reach::Everywhere)]);
        self.ctx.acting_as(Actor::Person(self.people[n % UNITS]), scope)
    }

    fn new_scan(&self, n: usize) -> NewScan {
        // Room by room, as people count: the fifty things of a room are forty numbers apart, ten rooms a unit.
        let (room, in_room) = (n / 50 % (UNITS * 10), n % 50);
        let thing = room / 10 + UNITS * (room % 10 + 10 * in_room);
        NewScan {
            id: self.ctx.new_id(),
            code_read: self.codes[thing].clone(),
            place: Some(self.places[room]),
            keeper: None,
            quantity: Quantity::ONE,
            condition: Condition::Good,
            no_label: false,
            name: String::new(),
            serial_number: String::new(),
            note: String::new(),
            counter: String::new(),
            device: "PDA-07".to_owned(),
            device_at: self.ctx.now(),
        }
    }

    /// A request with so many scans, as a phone writes it.
    fn request(&self, from: usize, count: usize) -> Vec<u8> {
        let mut body = String::from("{\"scans\":[");
        for n in 0..count {
            let scan = self.new_scan(from + n);
            let comma = if n == 0 { "" } else { "," };
            let (id, place): (ScanId, _) = (scan.id, scan.place.expect("a place"));
            write!(
                body,
                r#"{comma}{{"id":"{id}","code":"{}","place":"{place}","device":"PDA-07","device_at":"2026-12-31T09:05:07.123+08:00"}}"#,
                scan.code_read
            )
            .expect("a string takes everything");
        }
        body.push_str("]}");
        format!(
            "POST /api/v1/campaigns/{NUMBER}/scans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

/// Reads one answer; how many scans it says are recorded.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> usize {
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.expect("an answer");
        assert!(read > 0, "the server hung up: {}", String::from_utf8_lossy(buffer));
        let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end]).expect("a head").to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()).expect("a length");
        let whole = end + 4 + length.trim().parse::<usize>().expect("a length");
        if buffer.len() >= whole {
            assert!(head.starts_with("http/1.1 200"), "{}", String::from_utf8_lossy(buffer));
            return memchr::memmem::find_iter(&buffer[end..], b"\"recorded\"").count();
        }
    }
}

/// One phone: sends until the time is up, `every` so often or as fast as it is answered; recorded scans and how long
/// each answer took.
async fn phone(
    bureau: Arc<Bureau>,
    address: std::net::SocketAddr,
    number: usize,
    count: usize,
    every: Option<Duration>,
) -> (usize, Vec<Duration>) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let (mut recorded, mut took, mut buffer) = (0, Vec::new(), Vec::with_capacity(64 << 10));
    let begun = Instant::now();
    let mut next = number * 1_050;
    if let Some(every) = every {
        // Not all at the same instant.
        tokio::time::sleep(every.mul_f64((number % 97) as f64 / 97.0)).await;
    }
    let mut ticks = every.map(tokio::time::interval);
    while begun.elapsed() < LASTS {
        let request = bureau.request(next, count);
        next += count;
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        let sent = Instant::now();
        stream.write_all(&request).await.expect("sent");
        recorded += answer(&mut stream, &mut buffer).await;
        took.push(sent.elapsed());
    }
    (recorded, took)
}

async fn phones(
    bureau: &Arc<Bureau>,
    what: &str,
    address: std::net::SocketAddr,
    (clients, count, every): (usize, usize, Option<Duration>),
) -> f64 {
    let begun = Instant::now();
    let phones: Vec<_> =
        (0..clients).map(|number| tokio::spawn(phone(Arc::clone(bureau), address, number, count, every))).collect();
    let (mut recorded, mut took) = (0, Vec::new());
    for phone in phones {
        let (scans, times) = phone.await.expect("a phone");
        recorded += scans;
        took.extend(times);
    }
    let a_second = recorded as f64 / begun.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!("{what}: {a_second:.0} scans/s, p50 {:.1?}, p99 {:.1?}, {} answers", at(50), at(99), took.len());
    a_second
}

/// One scan a transaction, `doors` at once; scans a second.
async fn singly(bureau: &Arc<Bureau>, doors: usize) -> f64 {
    let begun = Instant::now();
    let work = (0..doors).map(|door| async move {
        let (member, mut done) = (bureau.member(door), 0);
        while begun.elapsed() < LASTS {
            let scan = bureau.new_scan(door * 100_000 + done);
            counting::scan(&bureau.db, &member, NUMBER, &[scan]).await.expect("a scan");
            done += 1;
        }
        done
    });
    let done: usize = futures_util::future::join_all(work).await.into_iter().sum();
    let a_second = done as f64 / begun.elapsed().as_secs_f64();
    println!("(a) one scan a transaction, {doors} at once: {a_second:.0} scans/s");
    a_second
}

async fn run() {
    // Where the package is built, not the system's temporary folder, which is often memory and no disk.
    std::fs::create_dir_all(env!("CARGO_TARGET_TMPDIR")).expect("the build's own temporary folder");
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let bureau = Arc::new(Bureau::found(dir.path()).await);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = App::new(bureau.db.clone(), bureau.ctx.clone());
    let router = web::router(app.clone()).layer(Extension(bureau.member(0)));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let alone = singly(&bureau, 1).await.max(singly(&bureau, 8).await);
    let batches = phones(&bureau, "(b) 8 clients × batches of 50", address, (8, 50, None)).await;
    println!("    {:.1} times one scan a transaction", batches / alone);
    phones(&bureau, "(c) 200 clients × single scans, without pause", address, (200, 1, None)).await;
    let quarter = Duration::from_millis(250);
    phones(&bureau, "(c) 200 clients × a scan every 250 ms", address, (200, 1, Some(quarter))).await;
    server.abort();
    app.drain().await;
}

fn main() {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(run());
}
