//! What a browser visits: an office with a count under way, its server on a port that it can leave and come back to.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use hufu::access::{Role, accounts, activate, grants, rules};
use hufu::items::entity::item;
use hufu::items::labels::{Printing, Subject, print};
use hufu::kernel::clock::{Clock as _, SystemClock};
use hufu::kernel::random::Random;
use hufu::kernel::{Actor, Ctx, Timestamp};
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::entity::scan;
use hufu::stocktake::scope::Scope;
use hufu::stocktake::store;
use hufu::web::settings::{Demo, DemoPerson};
use hufu::web::{App, Settings, serve};
use hufu_labels::code::LabelCode;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Office;
use crate::support::DAY;

/// The campaign's number.
pub(crate) const NUMBER: &str = "2026-YE";
/// One test at a time: a browser takes what a small machine has.
static TURN: Semaphore = Semaphore::const_new(1);
/// How to get in without a password: only on this machine, only in a demonstration.
const SECRET: &str = "a-door-that-only-this-test-knows";

/// The office, with the machine's own clock: a browser has no other.
pub(crate) struct Desk {
    pub(crate) office: Office,
    pub(crate) ctx: Ctx,
    pub(crate) things: Vec<item::Model>,
    pub(crate) address: SocketAddr,
    people: Vec<DemoPerson>,
    running: Option<(CancellationToken, JoinHandle<std::io::Result<()>>)>,
    _turn: SemaphorePermit<'static>,
}

impl Desk {
    /// With nothing in it yet.
    pub(crate) async fn empty() -> Self {
        let turn = TURN.acquire().await.unwrap();
        let office = Office::found().await;
        office.clock.set(Timestamp(SystemClock.now().0 - 2 * DAY));
        let ctx = Ctx::new(Actor::Local("test".to_owned()), Arc::new(SystemClock), Arc::new(Random::system().unwrap()));
        let mut desk = Self {
            office,
            ctx,
            things: Vec::new(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            people: Vec::new(),
            running: None,
            _turn: turn,
        };
        desk.people().await;
        desk.come_back();
        desk
    }

    /// With `many` things of the first unit in a count that began today.
    pub(crate) async fn with(many: usize) -> Self {
        let mut desk = Self::empty().await;
        let new: Vec<_> = (0..many).map(|n| desk.office.new_item(&format!("B-{n:04}"), 0)).collect();
        desk.things = desk.office.register(&new).await;
        let today = desk.ctx.now().day();
        let opening = Opening {
            number: NUMBER.to_owned(),
            name: "年终盘点".to_owned(),
            baseline_on: today - chrono::Days::new(1),
            from: today,
            to: today + chrono::Days::new(9),
            blind: false,
            scope: Scope { units: desk.office.units[..1].to_vec(), ..Scope::default() },
        };
        campaign::open(&desk.office.db, &desk.ctx, &opening).await.unwrap();
        desk
    }

    /// The command centre; the asset manager and a member of the unit that counts.
    async fn people(&mut self) {
        let (db, ctx) = (&self.office.db, &self.ctx);
        let rule = rules::NewRule {
            name: rules::SECOND_FACTOR_ROLES.to_owned(),
            value: Role::PropertyCustodian.name().to_owned(),
            effective_from: None,
            source: "浏览器测试：没有人带着手机".to_owned(),
        };
        rules::set(db, ctx, rule).await.unwrap();
        for (login, role, unit, person) in [
            ("zhihui", Role::CommandCentre, 2, 1),
            ("guanli", Role::AssetManager, 0, 1),
            ("minjing", Role::Member, 0, 3),
            ("xitong", Role::SystemAdministrator, 1, 0),
            ("anquan", Role::SecurityAdministrator, 1, 1),
            ("shenji", Role::AuditAdministrator, 1, 2),
        ] {
            let invited = accounts::create(db, ctx, login, self.office.people[unit][person]).await.unwrap();
            let password = format!("Tiger-{role:?}-77-zx");
            activate(db, ctx, &invited.link, &password).await.unwrap();
            let over = (unit == 0).then(|| self.office.units[0]);
            let grant = grants::NewGrant { account: invited.account.id, role, unit: over, from: None, until: None };
            grants::give(db, ctx, grant).await.unwrap();
            let (login, name) = (login.to_owned(), format!("人员{unit}{person}"));
            self.people.push(DemoPerson { login, password, role, name, unit: format!("第{unit}大队") });
        }
    }

    /// The server answers; at the address it had, if it had one.
    pub(crate) fn come_back(&mut self) {
        let listener = TcpListener::bind(self.address).unwrap();
        self.address = listener.local_addr().unwrap();
        let demo = Demo { secret: SECRET.to_owned(), people: self.people.clone() };
        let data_dir = self.office.dir.path().to_owned();
        let settings = Settings { demo: Some(demo), data_dir, ..Settings::default() };
        let app =
            App::with(self.office.db.clone(), self.ctx.acting_as(Actor::System, self.ctx.scope.clone()), settings);
        let stop = CancellationToken::new();
        let asked = stop.clone();
        let stopping = move || {
            let asked = asked.clone();
            async move { asked.cancelled_owned().await }
        };
        self.running = Some((stop, tokio::spawn(serve::run(app, listener, None, stopping))));
    }

    /// The server goes: whoever asks is refused by the machine itself.
    pub(crate) async fn leave(&mut self) {
        let Some((stop, task)) = self.running.take() else { return };
        stop.cancel();
        task.await.unwrap().unwrap();
    }

    /// The password of one of its people.
    pub(crate) fn password(&self, login: &str) -> &str {
        &self.people.iter().find(|person| person.login == login).unwrap().password
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The door of the demonstration.
    pub(crate) fn door(&self) -> String {
        self.url(&format!("/demo/{SECRET}"))
    }

    /// Prints labels.
    pub(crate) async fn labels(&self, subjects: &[Subject]) -> Vec<LabelCode> {
        print(&self.office.db, &self.ctx, subjects, "asset-60x40", Printing::Renew).await.unwrap()
    }

    /// What was counted.
    pub(crate) async fn scans(&self) -> Vec<scan::Model> {
        let campaign = store::campaign(self.office.db.read(), NUMBER).await.unwrap();
        store::scans(self.office.db.read(), campaign.id).await.unwrap()
    }
}
