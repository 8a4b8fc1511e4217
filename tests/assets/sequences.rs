//! Whatever commands come in whatever order: the values of the units add up to those of the things, nothing is lost or
//! made, and the book that is rebuilt from events is the book.

use hashbrown::HashMap;
use hufu::assets::movements::entity::{movement, movement_line};
use hufu::assets::movements::handing::{self, HandOver};
use hufu::assets::movements::intake::{self, Batch};
use hufu::assets::movements::model::{Disposal, Kind, State};
use hufu::assets::movements::service::Ask;
use hufu::assets::movements::steps::{self, Finish};
use hufu::assets::net_values;
use hufu::items::entity::item;
use hufu::items::service::NewItem;
use hufu::items::store;
use hufu::kernel::{Fen, Quantity};
use proptest::prelude::{ProptestConfig, Strategy, any, prop, proptest};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait as _, QuerySelect as _};

use super::yard::{Yard, plain};

#[derive(Debug, Clone)]
enum Command {
    Ask(usize, Vec<usize>, usize),
    Decide(usize, bool),
    Accept(usize),
    CarryOut(usize),
    Withdraw(usize),
    HandOver(usize, usize),
    Enter(usize, i64),
}

fn command() -> impl Strategy<Value = Command> {
    let which = || 0usize..6;
    proptest::prop_oneof![
        5 => (0..KINDS.len(), prop::collection::vec(0usize..4, 1..3), 0usize..3)
            .prop_map(|(k, t, u)| Command::Ask(k, t, u)),
        3 => (which(), any::<bool>()).prop_map(|(n, yes)| Command::Decide(n, yes)),
        2 => which().prop_map(Command::Accept),
        3 => which().prop_map(Command::CarryOut),
        1 => which().prop_map(Command::Withdraw),
        1 => (0usize..4, 0usize..4).prop_map(|(from, to)| Command::HandOver(from, to)),
        1 => (1usize..4, 0i64..900_000).prop_map(|(many, fen)| Command::Enter(many, fen)),
    ]
}

const KINDS: [Kind; 12] = [
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
];

/// What there must be, whoever has it.
struct Whole {
    value: i64,
    quantity: i64,
    things: usize,
}

impl Yard {
    fn some_ask(&self, kind: usize, things: &[usize], unit: usize) -> Ask {
        let (kind, office) = (KINDS[kind], &self.office);
        let numbers: Vec<String> = things.iter().map(|n| format!("T-{n}")).collect();
        let names: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let due = matches!(kind, Kind::Loan).then(|| office.ctx.now().day());
        Ask {
            to_unit: (kind == Kind::Transfer).then(|| office.units[unit]),
            to_keeper: matches!(kind, Kind::Issue | Kind::Relocate).then(|| office.people[unit][2]),
            counterparty: if matches!(kind, Kind::Loan | Kind::Repair) { "某处".into() } else { String::new() },
            due_on: due,
            disposal: (kind == Kind::Dispose).then_some(Disposal::Donation),
            early_reason: "损坏".into(),
            ..plain(kind, &names)
        }
    }

    /// Does a command; what is refused changes nothing.
    async fn obey(&self, command: &Command, rows: &mut Vec<movement::Model>, whole: &mut Whole) {
        let one = |n: usize| rows.get(n).cloned();
        let office = &self.office;
        match command {
            Command::Ask(kind, things, unit) => {
                rows.extend(self.ask(&self.centre(), &self.some_ask(*kind, things, *unit)).await.ok());
            }
            Command::Decide(n, yes) => {
                if let Some(row) = one(*n).filter(|row| row.approval_id.is_some()) {
                    if *yes && row.kind.disposes() {
                        self.heads_then_all(&row).await;
                    } else {
                        let _ = self.head_says(&row, *yes).await;
                    }
                }
            }
            Command::Accept(n) => {
                if let Some(row) = one(*n) {
                    let _ = self.accept(&self.manager(1), &row).await;
                }
            }
            Command::CarryOut(n) => {
                if let Some(row) = one(*n) {
                    let finish = Finish { decision: "会".into(), approval_number: "批".into(), ..Finish::default() };
                    let _ = steps::carry_out(&office.db, &self.centre(), &row.number, None, &finish).await;
                }
            }
            Command::Withdraw(n) => {
                if let Some(row) = one(*n) {
                    let _ = self.withdraw(&self.centre(), &row).await;
                }
            }
            Command::HandOver(from, to) => {
                let (from, to) = (office.people[0][*from], office.people[0][*to]);
                let new = HandOver { from, to, numbers: Vec::new(), place: None, reason: "换岗".into() };
                rows.extend(handing::hand_over(&office.db, &office.ctx, &new).await.unwrap_or_default());
            }
            Command::Enter(many, fen) => {
                let each = NewItem { item_number: String::new(), value_fen: Fen(*fen), ..office.new_item("", 2) };
                let batch = Batch { each, count: *many, supplier: String::new(), reason: "合同".into() };
                let row = intake::enter(&office.db, &office.ctx, &batch).await.unwrap();
                whole.value += fen * i64::try_from(*many).unwrap();
                whole.quantity += i64::try_from(*many).unwrap();
                whole.things += many;
                rows.push(row);
            }
        }
    }

    async fn heads_then_all(&self, row: &movement::Model) {
        let id = row.approval_id.unwrap();
        for ctx in self.deciders() {
            let _ = self.decide(&ctx, id, true).await;
        }
    }

    async fn is_sound(&self, whole: &Whole) {
        let db = self.office.db.read();
        let things = item::Entity::find().all(db).await.unwrap();
        assert_eq!(things.len(), whole.things);
        assert_eq!(things.iter().map(|thing| thing.quantity.0).sum::<i64>(), whole.quantity, "quantity is kept");
        assert_eq!(things.iter().map(|thing| thing.value_fen.0).sum::<i64>(), whole.value, "value is kept");
        let book = store::book_as_of(db, self.office.ctx.now()).await.unwrap();
        assert_eq!(book.len(), things.len());
        let by_id: HashMap<_, _> = things.iter().map(|thing| (thing.id, thing)).collect();
        // By unit as events tell, as the engine adds up, and as the sums of net values say of what is still there.
        let mut by_events: HashMap<_, i64> = HashMap::new();
        let mut there: HashMap<_, i64> = HashMap::new();
        for then in &book {
            let now = by_id[&then.item_id];
            let facts = (now.unit_id, now.place_id, now.keeper_id, now.quantity, now.state, &now.excused_by);
            let told = (then.unit_id, then.place_id, then.keeper_id, then.quantity, then.state, &then.excused_by);
            assert_eq!(facts, told, "{}", now.item_number);
            *by_events.entry(then.unit_id).or_default() += now.value_fen.0;
            if !then.state.is_gone() {
                *there.entry(then.unit_id).or_default() += now.value_fen.0;
            }
        }
        let added: Vec<(hufu::kernel::ids::UnitId, i64)> = item::Entity::find()
            .select_only()
            .column(item::Column::UnitId)
            .column_as(Expr::cust("CAST(SUM(value_fen) AS BIGINT)"), "worth")
            .group_by(item::Column::UnitId)
            .into_tuple()
            .all(db)
            .await
            .unwrap();
        assert_eq!(added.into_iter().collect::<HashMap<_, _>>(), by_events, "by unit");
        let ctx = &self.office.ctx;
        let net = net_values::totals(db, ctx, ctx.now().day()).await.unwrap();
        assert_eq!(net.by_unit.iter().map(|(unit, sum)| (*unit, sum.value.0)).collect::<HashMap<_, _>>(), there);
        assert_eq!(net.by_unit.iter().map(|(_, sum)| sum.value).sum::<Fen>(), net.whole.value);
        self.lines_are_sound().await;
    }

    async fn lines_are_sound(&self) {
        let db = self.office.db.read();
        let rows = movement::Entity::find().all(db).await.unwrap();
        let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, (row.kind, row.state))).collect();
        for line in movement_line::Entity::find().all(db).await.unwrap() {
            let (kind, state) = rows[&line.movement_id];
            assert_eq!(line.open_of.is_some(), state.is_open(), "only what is open holds");
            let moved = state == State::Done && kind != Kind::Intake;
            assert_eq!(line.to_state.is_some(), moved, "what is done says what it did");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_book_follows_whatever_is_asked(commands in prop::collection::vec(command(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let yard = Yard::new().await;
            let many = NewItem { quantity: Quantity(5), ..yard.office.new_item("T-3", 0) };
            let mut things = yard.stock(3).await;
            things.extend(yard.office.register(&[many]).await);
            let mut whole = Whole {
                value: things.iter().map(|thing| thing.value_fen.0).sum(),
                quantity: 8,
                things: 4,
            };
            let mut rows = Vec::new();
            for command in &commands {
                yard.office.clock.advance_ms(1_000);
                yard.obey(command, &mut rows, &mut whole).await;
                yard.is_sound(&whole).await;
            }
        });
    }
}
