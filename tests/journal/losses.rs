//! The year's missing and surplus things: sent down, searched for, written off; opened, valued, entered.

use hufu::access::Role;
use hufu::approvals::chains::{self, Chain, Tier};
use hufu::approvals::entity::chain;
use hufu::approvals::model::{Level, Step};
use hufu::assets::missing::model::{Degree, Outcome, Part};
use hufu::assets::missing::procedure::{self, NewStep, papers_of};
use hufu::assets::missing::sending::{self, SendDown};
use hufu::assets::missing::service::{self, Finding, NewLog};
use hufu::assets::missing::steps::{self, Judgment, WriteOff};
use hufu::assets::missing::store;
use hufu::assets::papers;
use hufu::assets::surplus::entering::{self, Entering};
use hufu::assets::surplus::model::Basis;
use hufu::assets::surplus::opening::{self, NewSurplus};
use hufu::assets::surplus::service::{self as surplus, Identity, Valuation};
use hufu::items::attachments::NewFile;
use hufu::kernel::{Fen, Quantity};

use super::duties::{ASKING, HEAD, OUTSIDE};
use super::year::Year;

impl Year {
    /// One step, the head's: who decides in the end is told elsewhere.
    async fn head_alone(&self, kind: &str) {
        let head = chain::Model {
            kind: kind.to_owned(),
            effective_from: self.ctx.now(),
            effective_until: None,
            name: "简化流程".to_owned(),
            source: "分局规定".to_owned(),
            ratify_within_h: None,
        };
        let steps = vec![Step { role: Role::UnitHead, level: Level::OwnUnit }];
        let chain = Chain { head, tiers: vec![Tier { from: Fen::ZERO, steps }] };
        chains::define_now(&self.office.db, &self.ctx, chain).await.unwrap();
    }

    pub(crate) async fn losses(&self) {
        let (db, asking, outside) = (&self.office.db, self.as_person(ASKING), self.as_person(OUTSIDE));
        self.head_alone("shortage_write_off").await;
        let step = |code: &str| NewStep {
            part: Part::Confirming,
            code: code.to_owned(),
            title: "核对".to_owned(),
            needs_paper: false,
            required: code == "1",
        };
        procedure::lay_down(db, &self.ctx, None, "修订", &[step("1"), step("2")]).await.unwrap();
        let one = store::of_number(db.read(), &self.ctx, "A-1").await.unwrap();
        let (id, list_year) = (one.case.id, one.case.list_year);
        let due_on = self.ctx.now().day() + chrono::Days::new(9);
        let new = SendDown { list_year, units: vec![self.office.units[0]], due_on, note: "查找".to_owned() };
        let sent = sending::send_down(db, &outside, &new).await.unwrap();
        sending::acknowledge(db, &asking, &sent[0].number, None, "收到").await.unwrap();
        let look = NewLog {
            searcher: None,
            place: None,
            whereabouts: "库房".to_owned(),
            at: None,
            result: Outcome::NotFound,
            note: String::new(),
        };
        service::log(db, &asking, id, &look).await.unwrap();
        service::explain(db, &asking, id, None, "搬迁遗失").await.unwrap();
        for again in [true, false] {
            steps::confirm(db, &outside, id, None).await.unwrap();
            if again {
                steps::resume(db, &outside, id, None, "有线索").await.unwrap();
            }
        }
        let judgment = Judgment {
            degree: Degree::None,
            responsible: None,
            basis: "无过错".to_owned(),
            compensation: None,
            receipt: String::new(),
        };
        steps::judge(db, &outside, id, None, &judgment).await.unwrap();
        let asked = steps::ask(db, &asking, id, None, "确已丢失").await.unwrap();
        self.decide(HEAD, asked.loss.approval_id.unwrap(), true).await;
        for standing in procedure::of_case(db.read(), &one.case).await.unwrap() {
            let code = &standing.step.code;
            let file = NewFile::look_at("材料.txt", code.as_bytes().to_vec()).unwrap();
            let subject = papers_of(&asked, code);
            db.write(async |tx| papers::attach_in(tx, &asking, &subject, &file).await).await.unwrap();
            procedure::tick(db, &asking, id, code, true, "").await.unwrap();
        }
        let with = WriteOff {
            decision: "纪要".to_owned(),
            approval_number: "批复".to_owned(),
            voucher_number: "记-1".to_owned(),
            voucher_on: Some(self.ctx.now().day()),
        };
        steps::write_off(db, &outside, id, None, &with).await.unwrap();
        self.surpluses().await;
    }

    async fn surpluses(&self) {
        let (db, asking) = (&self.office.db, self.as_person(ASKING));
        self.head_alone("surplus_entry").await;
        opening::gather(db, &asking, "T").await.unwrap();
        let new = NewSurplus {
            unit: self.office.units[0],
            place: None,
            name: "旧电脑".to_owned(),
            specification: String::new(),
            serial_number: String::new(),
            quantity: Quantity::ONE,
            note: String::new(),
        };
        let number = opening::open(db, &asking, &new).await.unwrap().number;
        let back = Identity::Unbooked(Some("A-1".to_owned()));
        surplus::identify(db, &asking, &number, None, &back, "序列号相同").await.unwrap();
        let valuation = Valuation {
            basis: Basis::Nominal,
            value: Fen(100),
            source: "无价格依据".to_owned(),
            name: "台式计算机".to_owned(),
            specification: String::new(),
            class_code: String::new(),
            measure_unit: String::new(),
        };
        surplus::value(db, &asking, &number, None, &valuation).await.unwrap();
        let asked = surplus::ask(db, &asking, &number, None, "入账").await.unwrap();
        self.decide(HEAD, asked.approval_id.unwrap(), true).await;
        entering::enter(db, &asking, &number, None, Entering::default()).await.unwrap();
        // One that is missing is found by hand: its case ends, its finding is answered.
        let found = Finding { note: "在仓库".to_owned(), ..Finding::default() };
        let wanted =
            store::Wanted { state: Some(hufu::stocktake::model::MissingState::Searching), ..store::Wanted::default() };
        let open = store::list(db.read(), &self.ctx, &wanted, 1).await.unwrap().pop().unwrap();
        service::find(db, &asking, open.case.id, None, &found).await.unwrap();
    }
}
