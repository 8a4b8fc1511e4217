//! A year in an office, by the services alone: every kind of command that writes.

use std::path::{Path, PathBuf};

use hufu::assets::movements::handing::{self, HandOver};
use hufu::assets::movements::intake::{self, Batch};
use hufu::assets::movements::model::Kind;
use hufu::assets::movements::service::{self as moving, Ask};
use hufu::assets::movements::steps::{self as moving_on, ROOM};
use hufu::assets::movements::{correction, keeping};
use hufu::assets::papers::{self, Subject as Of};
use hufu::db::DbError;
use hufu::imports::{self, Request, What};
use hufu::items::attachments;
use hufu::items::correcting::Facts;
use hufu::items::entity::item;
use hufu::items::labels::{self, Printing, Subject};
use hufu::items::model::ItemState;
use hufu::items::service::{Change, NewItem, change};
use hufu::journal::verify::{Report, verify};
use hufu::journal::{checkpoint, export, watched};
use hufu::kernel::hash::HashKind;
use hufu::kernel::ids::{BatchId, ScanId};
use hufu::kernel::rights::Scope as RightsTo;
use hufu::kernel::{Actor, Ctx, Quantity, Timestamp};
use hufu::org::service as org;
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting::{self, NewScan, Which, photos};
use hufu::stocktake::missing::carry_over;
use hufu::stocktake::model::Condition;
use hufu::stocktake::recounting;
use hufu::stocktake::scope::Scope;
use hufu::watched::{prepare, tables};

use super::support::{DAY, Office, badge};

/// An office with a journal; its organisation and three things were there before and are taken in as they stand.
pub(crate) struct Year {
    pub(crate) office: Office,
    pub(crate) ctx: Ctx,
    pub(crate) things: Vec<item::Model>,
}

impl Year {
    pub(crate) async fn begin(kind: HashKind) -> Self {
        let office = Office::found().await;
        let journal = prepare(&office.db, &office.ctx, Some(kind)).await.unwrap();
        assert_eq!(journal.kind, kind);
        let ctx = office.ctx.hashing_with(kind);
        let new = [office.new_item("A-0", 0), office.new_item("A-1", 0), office.new_item("A-2", 1)];
        let things = office.register(&new).await;
        watched::baseline(&office.db, &ctx, &tables(), "测试").await.unwrap();
        Self { office, ctx, things }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.office.dir.path().join(name)
    }

    pub(crate) async fn export(&self, name: &str) -> PathBuf {
        let path = self.file(name);
        export::write(&self.office.db, &self.ctx, &tables(), &path).await.unwrap();
        path
    }

    /// Exports and checks, with these checkpoints.
    pub(crate) async fn check(&self, checkpoints: &[PathBuf]) -> Report {
        verify(&self.export("check.hufu").await, checkpoints).unwrap()
    }

    pub(crate) async fn checkpoint(&self, name: &str) -> PathBuf {
        let row = checkpoint::make(&self.office.db, &self.ctx).await.unwrap();
        let path = self.file(name);
        std::fs::write(&path, row.note).unwrap();
        path
    }

    async fn import(&self, name: &str, text: &str, what: What) -> BatchId {
        let path = self.file(name);
        std::fs::write(&path, text).unwrap();
        let request = Request { path: Path::new(&path), map: Default::default(), dry_run: false, what };
        let report = imports::run(&self.office.db, &self.ctx, &request).await.unwrap();
        assert!(report.rejects.is_empty(), "{:?}", report.rejects);
        report.batch.unwrap()
    }

    async fn scan(&self, campaign: &str, code: &str, unit: usize, counter: &str) -> ScanId {
        let scan = NewScan {
            id: self.ctx.new_id(),
            code_read: code.to_owned(),
            place: Some(self.office.places[unit][0]),
            keeper: None,
            quantity: Quantity::ONE,
            condition: Condition::Good,
            no_label: false,
            name: String::new(),
            serial_number: String::new(),
            note: String::new(),
            counter: counter.to_owned(),
            device: String::new(),
            device_at: self.ctx.now(),
        };
        let id = scan.id;
        counting::scan(&self.office.db, &self.ctx, campaign, &[scan]).await.unwrap();
        id
    }

    async fn photo(&self, campaign: &str, scan: ScanId) {
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(4, 3, image::Rgb([9, 90, 60])).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let file = attachments::NewFile::look_at("照片.png", png.into_inner()).unwrap();
        let new = photos::NewPhoto { id: self.ctx.new_id(), scan, device_at: self.ctx.now(), file };
        photos::add(&self.office.db, &self.ctx, campaign, &new).await.unwrap();
    }

    /// The office's own rows, and files brought in and taken back.
    pub(crate) async fn files(&self) {
        let (db, ctx) = (&self.office.db, &self.ctx);
        for name in ["第一分局", "裕安分局"] {
            org::name_organisation(db, ctx, name).await.unwrap();
        }
        self.import("units.csv", "单位代码,单位名称,上级单位\nE1,新大队,\nE2,新中队,新大队\n", What::Units).await;
        let people = self.import("people.csv", "警号,姓名,单位\n900001,新人甲,新大队\n", What::People).await;
        let places = self.import("places.csv", "地点编号,地点名称,单位\nN1,新库房,新大队\n", What::Places).await;
        let assets = "资产编号,资产名称,使用部门,存放地点,使用人\nB-1,打印机,新大队,新库房,新人甲\nB-2,投影仪,新大队,又一间,新人乙\n";
        let what = || What::Assets { effective_at: Timestamp(ctx.now().0 - DAY), create_missing: true };
        let batch = self.import("assets.csv", assets, what()).await;
        change(db, ctx, "B-1", &Change { quantity: Some(Quantity(2)), ..Change::default() }, "清点").await.unwrap();
        // Partly, wholly, and once more after that: a number comes back to life.
        assert_eq!(imports::undo(db, ctx, batch).await.unwrap().kept.len(), 1);
        self.import("assets2.csv", &assets.replace("B-1", "B-3"), what()).await;
        for batch in [people, places] {
            imports::undo(db, ctx, batch).await.unwrap();
        }
    }

    pub(crate) async fn labels(&self) {
        let (db, ctx) = (&self.office.db, &self.ctx);
        let subjects: Vec<Subject> = self.things.iter().map(|thing| Subject::Item(thing.id)).collect();
        labels::print(db, ctx, &subjects, "asset-60x40", Printing::Again).await.unwrap();
        labels::print(db, ctx, &subjects[..2], "asset-60x40", Printing::Again).await.unwrap();
        labels::print(db, ctx, &subjects[..1], "asset-60x40", Printing::Renew).await.unwrap();
        labels::print(db, ctx, &[Subject::Place(self.office.places[0][0])], "place-70x50", Printing::Renew)
            .await
            .unwrap();
        let blanks = labels::print_blanks(db, ctx, 3, "asset-60x40").await.unwrap();
        labels::claim(db, ctx, blanks[0], "A-1").await.unwrap();
        labels::claim(db, ctx, blanks[1], "A-1").await.unwrap();
        labels::void(db, ctx, blanks[2], "撕坏").await.unwrap();
        labels::void(db, ctx, blanks[1], "撕坏").await.unwrap();
        let moved = Change { place: Some(Some(self.office.places[0][1])), ..Change::default() };
        change(db, ctx, "A-0", &moved, "搬迁").await.unwrap();
        let gone = Change { state: Some(ItemState::Disposed), keeper: Some(None), ..Change::default() };
        change(db, ctx, "A-2", &gone, "报废").await.unwrap();
    }

    /// A document brought, and one withdrawn.
    pub(crate) async fn attachments(&self) {
        let (db, ctx) = (&self.office.db, &self.ctx);
        for name in ["一.txt", "二.txt"] {
            let file = attachments::NewFile::look_at(name, name.as_bytes().to_vec()).unwrap();
            let row = attachments::add(db, ctx, "A-0", &file).await.unwrap();
            if name == "一.txt" {
                attachments::withdraw(db, ctx, row.id, "传错了").await.unwrap();
            }
        }
    }

    /// A batch that enters, things that move, a card put right, papers, a keeper's word.
    pub(crate) async fn movements(&self) {
        let (db, office) = (&self.office.db, &self.office);
        let [_, manager, giver, taker] = office.people[0];
        let as_person = |person| self.ctx.acting_as(Actor::Person(person), RightsTo::Everything);
        let ctx = as_person(manager);
        let each = NewItem { keeper_id: Some(giver), ..office.new_item("", 0) };
        let batch = Batch { each, count: 3, supplier: "某公司".to_owned(), reason: "合同一".to_owned() };
        let entered = intake::enter(db, &ctx, &batch).await.unwrap();
        let subject = Of { room: ROOM, id: entered.id, step: "contract".to_owned(), unit: entered.unit_id };
        for name in ["合同.txt", "发票.txt"] {
            let file = attachments::NewFile::look_at(name, name.as_bytes().to_vec()).unwrap();
            let row = db.write(async |tx| papers::attach_in(tx, &ctx, &subject, &file).await).await.unwrap();
            if name == "合同.txt" {
                papers::withdraw(db, &ctx, row.id, "传错了").await.unwrap();
            }
        }
        let number = |n: i64| format!("ZC2026{n:06}");
        let facts = Facts { brand: Some("某牌".to_owned()), ..Facts::default() };
        correction::correct(db, &ctx, &number(1), &facts, "核对").await.unwrap();
        let ask = |kind, n| Ask::of(kind, vec![number(n)], "工作需要");
        moving::ask(db, &ctx, &ask(Kind::Idle, 1)).await.unwrap();
        let transfer = || Ask { to_unit: Some(office.units[1]), ..ask(Kind::Transfer, 1) };
        let row = moving::ask(db, &ctx, &transfer()).await.unwrap();
        moving_on::withdraw(db, &ctx, &row.number, None, "写错了").await.unwrap();
        moving::ask(db, &ctx, &transfer()).await.unwrap();
        for with_me in [true, false] {
            keeping::say(db, &as_person(giver), &number(2), with_me, "").await.unwrap();
        }
        keeping::say(db, &as_person(giver), &number(2), true, "").await.unwrap();
        let mut both = as_person(giver);
        both.co_signer = Some(taker);
        let all =
            HandOver { from: giver, to: taker, numbers: vec![number(2)], place: None, reason: "换岗".to_owned() };
        handing::hand_over(db, &both, &all).await.unwrap();
    }

    /// A campaign with everything that may happen in one.
    pub(crate) async fn campaign(&self) {
        let (db, ctx, office) = (&office_db(&self.office), &self.ctx, &self.office);
        carry_over(db, ctx, 2025, &[self.things[0].id]).await.unwrap();
        office.clock.advance_ms(2 * DAY);
        let today = ctx.now().day();
        let opening = Opening {
            number: "T".to_owned(),
            name: "年终盘点".to_owned(),
            baseline_on: today - chrono::Days::new(1),
            from: today,
            to: today + chrono::Days::new(9),
            blind: true,
            scope: Scope { units: office.units[..2].to_vec(), ..Scope::default() },
        };
        campaign::open(db, ctx, &opening).await.unwrap();
        let seen = self.scan("T", "A-0", 0, &badge(0, 1)).await;
        self.photo("T", seen).await;
        let mistaken = self.scan("T", "A-1", 1, &badge(0, 1)).await;
        counting::undo(db, ctx, "T", &Which::Id(mistaken)).await.unwrap();
        self.scan("T", "不认识的东西", 1, &badge(1, 1)).await;
        let what = What::Counts { campaign: "T".to_owned(), counter: "计数员".to_owned() };
        let counted = self.import("count.csv", "资产编号,盘点地点\nA-2,R10\n", what).await;
        imports::undo(db, ctx, counted).await.unwrap();
        let sheets = async |unit: usize| {
            campaign::submit(db, ctx, "T", office.units[unit], Some(office.people[unit][1])).await.unwrap();
            campaign::confirm(db, ctx, "T", office.units[unit], office.people[unit][0], None).await.unwrap();
        };
        sheets(0).await;
        sheets(1).await;
        recounting::open(db, ctx, "T", &[self.things[0].id], Some(office.people[0][2]), "复盘").await.unwrap();
        self.scan("T", "A-0", 0, &badge(0, 2)).await;
        sheets(0).await;
        campaign::close(db, ctx, "T", None).await.unwrap();
    }

    pub(crate) async fn whole(kind: HashKind) -> Self {
        let year = Self::begin(kind).await;
        year.files().await;
        year.labels().await;
        year.attachments().await;
        year.movements().await;
        year.access().await;
        year.subscribers().await;
        year.campaign().await;
        year.approvals().await;
        year.findings().await;
        year.losses().await;
        year.cards().await;
        year.reports().await;
        year.cars().await;
        year.arms().await;
        year.certificates().await;
        year
    }
}

fn office_db(office: &Office) -> hufu::db::Db {
    office.db.clone()
}

/// Runs raw SQL on the office's file, as somebody with a database tool would.
pub(crate) async fn behind_the_back(office: &Office, sql: &str) -> Result<(), DbError> {
    use sea_orm::ConnectionTrait as _;
    office.db.read().execute_unprepared(sql).await.map(drop).map_err(DbError::from)
}

#[tokio::test]
async fn all_that_the_program_does_fits_its_journal() {
    for kind in [HashKind::Sha256, HashKind::Sm3] {
        let year = Year::whole(kind).await;
        let first = year.checkpoint("first.note").await;
        let report = year.check(std::slice::from_ref(&first)).await;
        assert!(report.fits, "{:#?}", report.faults);
        assert_eq!((report.hash.as_str(), report.unsealed, report.not_covered), (kind.name(), 0, 0));
        assert!(report.brought[0].fits && report.anchored == report.brought[0].size);
        assert!(report.entries > 30 && report.rows > 60 && report.things == 12, "{report:#?}");
        year.labels_again().await;
        let second = year.checkpoint("second.note").await;
        let report = year.check(&[first, second]).await;
        assert!(report.fits && report.checkpoints == 2, "{:#?}", report.faults);
    }
}

impl Year {
    async fn labels_again(&self) {
        let subject = [Subject::Item(self.things[0].id)];
        labels::print(&self.office.db, &self.ctx, &subject, "asset-60x40", Printing::Renew).await.unwrap();
    }
}
