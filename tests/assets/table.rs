//! Every state and every action, as the services answer: of a thing each kind of movement, of a document each deed; and
//! what else moves under a document's feet.

use hufu::assets::movements::correction;
use hufu::assets::movements::entity::movement;
use hufu::assets::movements::handing::{self, HandOver};
use hufu::assets::movements::model::{Disposal, Kind, State};
use hufu::assets::movements::service::Ask;
use hufu::assets::movements::steps::{self, Finish};
use hufu::assets::movements::store;
use hufu::documents::ColumnMap;
use hufu::imports::{self, Request, What};
use hufu::items::correcting::Facts;
use hufu::items::model::ItemState;
use hufu::items::service::NewItem;

use super::yard::{Yard, plain, said};

/// The kinds of movement in the order of the columns below.
const KINDS: [Kind; 14] = [
    Kind::Issue,
    Kind::Return,
    Kind::Transfer,
    Kind::Relocate,
    Kind::Loan,
    Kind::LoanReturn,
    Kind::Repair,
    Kind::RepairReturn,
    Kind::Idle,
    Kind::Use,
    Kind::Scrap,
    Kind::Dispose,
    Kind::Handover,
    Kind::Correct,
];

/// What each movement makes of a thing in each state: `-` refused; `?` it is asked for; else the state after it.
#[rustfmt::skip]
const TABLE: [(ItemState, [&str; 14]); 7] = [
    //                        issue  ret.   tran.  reloc.   loan  l.back   repair       r.back   idle    use       scrap disp. handover        correct
    (ItemState::InUse,           ["?", "idle", "?", "in_use", "?", "-",      "in_repair", "-",      "idle", "-",      "?", "?", "in_use",           "in_use"]),
    (ItemState::Idle,            ["?", "idle", "?", "idle",   "?", "-",      "in_repair", "-",      "-",    "in_use", "?", "?", "idle",             "idle"]),
    (ItemState::OnLoan,          ["-", "-",    "-", "-",      "-", "in_use", "-",         "-",      "-",    "-",      "-", "-", "on_loan",          "on_loan"]),
    (ItemState::InRepair,        ["-", "-",    "-", "-",      "-", "-",      "-",         "in_use", "-",    "-",      "?", "?", "in_repair",        "in_repair"]),
    (ItemState::PendingDisposal, ["-", "-",    "-", "pending_disposal", "-", "-", "-",    "-",      "-",    "-",      "?", "?", "pending_disposal", "pending_disposal"]),
    (ItemState::Disposed,        ["-", "-",    "-", "-",      "-", "-",      "-",         "-",      "-",    "-",      "-", "-", "-",                "-"]),
    (ItemState::WrittenOff,      ["-", "-",    "-", "-",      "-", "-",      "-",         "-",      "-",    "-",      "-", "-", "-",                "-"]),
];

impl Yard {
    /// Asks for a movement of one thing with all that its kind wants; what came of it.
    async fn tried(&self, kind: Kind, number: &str) -> String {
        let office = &self.office;
        let ask = Ask {
            to_unit: (kind == Kind::Transfer).then(|| office.units[1]),
            to_keeper: matches!(kind, Kind::Issue).then(|| office.people[0][2]),
            to_place: matches!(kind, Kind::Relocate).then(|| office.places[0][1]),
            counterparty: if matches!(kind, Kind::Loan | Kind::Repair) { "某处".into() } else { String::new() },
            due_on: (kind == Kind::Loan).then(|| office.ctx.now().day()),
            disposal: (kind == Kind::Dispose).then_some(Disposal::Donation),
            early_reason: "损坏".into(),
            ..plain(kind, &[number])
        };
        let done = match kind {
            Kind::Handover => {
                let new = HandOver {
                    from: office.people[0][0],
                    to: office.people[0][3],
                    numbers: vec![number.to_owned()],
                    place: None,
                    reason: "换岗".into(),
                };
                handing::hand_over(&office.db, &office.ctx, &new).await.map(|mut rows| rows.remove(0))
            }
            Kind::Correct => {
                let facts = Facts { brand: Some("启航".into()), ..Facts::default() };
                correction::correct(&office.db, &self.manager(0), number, &facts, "铭牌").await
            }
            _ => self.ask(&self.manager(0), &ask).await,
        };
        match done {
            Err(_) => "-".to_owned(),
            Ok(row) if row.state == State::Asked => "?".to_owned(),
            Ok(_) => self.thing(number).await.state.as_str().to_owned(),
        }
    }
}

#[tokio::test]
async fn every_movement_of_a_thing_in_every_state() {
    let yard = Yard::new().await;
    let number = |state: ItemState, kind: Kind| format!("{}-{}", state.as_str(), kind.as_str());
    let mut things = Vec::new();
    for (state, _) in TABLE {
        let each = KINDS.iter().map(|kind| NewItem { state, ..yard.office.new_item(&number(state, *kind), 0) });
        things.extend(each);
    }
    yard.office.register(&things).await;
    for (state, expected) in TABLE {
        for (kind, expected) in KINDS.iter().zip(expected) {
            let number = number(state, *kind);
            assert_eq!(yard.tried(*kind, &number).await, expected, "{number}");
            // What is refused or only asked for leaves the thing as it was.
            if matches!(expected, "-" | "?") {
                let thing = yard.thing(&number).await;
                assert_eq!((thing.state, thing.version), (state, 1), "{number}");
            }
        }
    }
}

/// A transfer in every state, and what each deed makes of it; `-`: refused, and nothing changes.
#[tokio::test]
async fn every_deed_on_a_document_in_every_state() {
    const DEEDS: [&str; 4] = ["accept", "decline", "carry_out", "withdraw"];
    let table = [
        (State::Asked, ["-", "-", "-", "withdrawn"]),
        (State::Approved, ["accepted", "declined", "-", "withdrawn"]),
        (State::Accepted, ["-", "-", "done", "withdrawn"]),
        (State::Done, ["-", "-", "-", "-"]),
        (State::Refused, ["-", "-", "-", "-"]),
        (State::Withdrawn, ["-", "-", "-", "-"]),
        (State::Declined, ["-", "-", "-", "-"]),
    ];
    let yard = Yard::new().await;
    let office = &yard.office;
    let things: Vec<_> = (0..28).map(|n| office.new_item(&format!("D-{n}"), 0)).collect();
    office.register(&things).await;
    for (at, (state, expected)) in table.iter().enumerate() {
        for (n, expected) in expected.iter().enumerate() {
            let row = yard.stands(*state, &format!("D-{}", at * 4 + n)).await;
            let done = match DEEDS[n] {
                "accept" => yard.accept(&yard.manager(1), &row).await,
                "decline" => steps::decline(&office.db, &yard.manager(1), &row.number, None, "无处存放").await,
                "carry_out" => yard.carry_out(&yard.manager(0), &row).await,
                _ => yard.withdraw(&yard.manager(0), &row).await,
            };
            let told = done.as_ref().map_or("-", |row| row.state.as_str());
            assert_eq!(told, *expected, "{} of {state:?}", DEEDS[n]);
            let now = store::one(office.db.read(), &yard.centre(), &row.number).await.unwrap();
            let after = if *expected == "-" { state.as_str() } else { expected };
            assert_eq!(now.state.as_str(), after, "{} of {state:?}", DEEDS[n]);
            let holds = store::lines(office.db.read(), row.id).await.unwrap()[0].open_of.is_some();
            assert!(!holds || now.row.state.is_open(), "{} of {state:?}: what ended holds nothing", DEEDS[n]);
        }
    }
}

impl Yard {
    /// A transfer of a thing that stands in this state.
    async fn stands(&self, state: State, number: &str) -> movement::Model {
        let row = self.asked(&self.transfer(&[number])).await;
        match state {
            State::Asked => {}
            State::Refused => drop(self.head_says(&row, false).await.unwrap()),
            State::Withdrawn => drop(self.withdraw(&self.manager(0), &row).await.unwrap()),
            State::Approved => self.approve(&row).await,
            State::Declined => {
                self.approve(&row).await;
                steps::decline(&self.office.db, &self.manager(1), &row.number, None, "无处存放").await.unwrap();
            }
            State::Accepted | State::Done => {
                self.approve(&row).await;
                self.accept(&self.manager(1), &row).await.unwrap();
                if state == State::Done {
                    self.carry_out(&self.manager(0), &row).await.unwrap();
                }
            }
        }
        // A refusal that only the chain knows is written down when somebody next asks for the thing.
        row
    }
}

/// Two who may both decide say opposite things in one moment: one word counts, and the thing is as free as it says.
#[tokio::test]
async fn two_heads_at_once_decide_once() {
    let yard = Yard::new().await;
    yard.stock(3).await;
    for n in 0..3 {
        let row = yard.asked(&yard.transfer(&[&format!("T-{n}")])).await;
        let id = row.approval_id.unwrap();
        let (head, deputy) = (yard.deciders()[0].clone(), yard.deputy());
        let (yes, no) = tokio::join!(yard.decide(&head, id, true), yard.decide(&deputy, id, false));
        assert_eq!(u8::from(yes.is_ok()) + u8::from(no.is_ok()), 1);
        let now = store::one(yard.office.db.read(), &yard.centre(), &row.number).await.unwrap();
        assert_eq!(now.state, if yes.is_ok() { State::Approved } else { State::Refused });
        let again = yard.ask(&yard.manager(0), &yard.transfer(&[&format!("T-{n}")])).await;
        assert_eq!(again.is_ok(), no.is_ok(), "held while it is approved, free when it is refused");
    }
}

/// An import is undone while a document has one of its things: that one stays, and the document can be finished.
#[tokio::test]
async fn what_a_document_holds_is_not_taken_back_with_its_import() {
    let yard = Yard::new().await;
    let (office, db) = (&yard.office, &yard.office.db);
    let path = office.dir.path().join("资产.csv");
    std::fs::write(&path, "资产编号,资产名称,使用部门,价值\nI-1,台式计算机,第0大队,4500\nI-2,打印机,第0大队,1500\n")
        .unwrap();
    let what = What::Assets { effective_at: office.ctx.now(), create_missing: false };
    let request = Request { path: &path, map: ColumnMap::default(), dry_run: false, what };
    let report = imports::run(db, &office.ctx, &request).await.unwrap();
    let row = yard.asked(&yard.transfer(&["I-1"])).await;
    let undone = imports::undo(db, &office.ctx, report.batch.unwrap()).await.unwrap();
    assert_eq!((undone.undone, undone.kept.len()), (1, 1), "{undone:?}");
    assert!(undone.kept[0].contains("I-1"));
    yard.approve(&row).await;
    yard.accept(&yard.manager(1), &row).await.unwrap();
    yard.carry_out(&yard.manager(0), &row).await.unwrap();
    assert_eq!(yard.thing("I-1").await.unit_id, office.units[1]);
}

/// A handover does not put things where whoever hands over may not look.
#[tokio::test]
async fn a_handover_names_no_place_out_of_sight() {
    let yard = Yard::new().await;
    let office = &yard.office;
    yard.stock(1).await;
    let new = |place| HandOver {
        from: office.people[0][0],
        to: office.people[0][2],
        numbers: vec!["T-0".into()],
        place: Some(place),
        reason: "换岗".into(),
    };
    let mut both = yard.member(0, 0);
    both.co_signer = Some(office.people[0][2]);
    let refused = handing::hand_over(&office.db, &both, &new(office.places[2][0])).await;
    assert!(said(refused).contains("没有这个地点"));
    handing::hand_over(&office.db, &both, &new(office.places[0][1])).await.unwrap();
}

/// What is asked for in words and numbers that nobody types by accident.
#[tokio::test]
async fn hostile_words_are_refused_with_a_sentence() {
    let yard = Yard::new().await;
    let office = &yard.office;
    yard.stock(1).await;
    let long = "长".repeat(501);
    for ask in [
        Ask { reason: long.clone(), ..yard.transfer(&["T-0"]) },
        Ask { reason: "a\u{202e}\u{7}".into(), ..yard.transfer(&["T-0"]) },
        Ask { counterparty: "x\0".into(), ..yard.transfer(&["T-0"]) },
        Ask { early_reason: long.clone(), ..plain(Kind::Scrap, &["T-0"]) },
        yard.transfer(&["T-0\0"]),
        yard.transfer(&["' OR 1=1 --"]),
        yard.transfer(&["T-0", "Ｔ－0"]),
    ] {
        let refused = yard.ask(&yard.manager(0), &ask).await;
        assert!(matches!(refused, Err(hufu::assets::AssetError::Field { .. })), "{refused:?}");
    }
    let row = yard.asked(&Ask { early_reason: "损坏".into(), ..plain(Kind::Scrap, &["T-0"]) }).await;
    yard.approve(&row).await;
    let finish = |decision: &str, receipt: &str| Finish {
        decision: decision.to_owned(),
        approval_number: "批".into(),
        proceeds: Some(hufu::kernel::Fen(i64::MAX)),
        receipt: receipt.to_owned(),
    };
    for wrong in [finish(&long, "票"), finish("会\0", "票"), finish("会", &long)] {
        assert!(steps::carry_out(&office.db, &yard.centre(), &row.number, None, &wrong).await.is_err());
    }
    for number in ["", "BF-2026-0001\0", "bf-2026-9999", "../../etc"] {
        assert!(steps::withdraw(&office.db, &yard.centre(), number, None, "不要了").await.is_err(), "{number:?}");
    }
    assert_eq!(yard.thing("T-0").await.state, ItemState::InUse);
}
