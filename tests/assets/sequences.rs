//! Whatever commands come in whatever order: the values of the units add up to those of the things, nothing is lost or
//! made, and the book that is rebuilt from events is the book.

use hashbrown::HashMap;
use hufu::assets::movements::entity::{movement, movement_line};
use hufu::assets::movements::model::{Kind, State};
use hufu::assets::movements::service::Ask;
use hufu::assets::movements::steps::{self, Finish};
use hufu::items::entity::item;
use hufu::items::store;
use hufu::kernel::Fen;
use proptest::prelude::{ProptestConfig, Strategy, any, prop, proptest};
use sea_orm::EntityTrait as _;

use super::yard::{Yard, plain};

#[derive(Debug, Clone)]
enum Command {
    Ask(usize, Vec<usize>, usize),
    Decide(usize, bool),
    Accept(usize),
    CarryOut(usize),
    Withdraw(usize),
}

fn command() -> impl Strategy<Value = Command> {
    let which = || 0usize..6;
    proptest::prop_oneof![
        4 => (0usize..9, prop::collection::vec(0usize..4, 1..3), 0usize..3).prop_map(|(k, t, u)| Command::Ask(k, t, u)),
        3 => (which(), any::<bool>()).prop_map(|(n, yes)| Command::Decide(n, yes)),
        2 => which().prop_map(Command::Accept),
        3 => which().prop_map(Command::CarryOut),
        1 => which().prop_map(Command::Withdraw),
    ]
}

const KINDS: [Kind; 9] = [
    Kind::Issue,
    Kind::Return,
    Kind::Transfer,
    Kind::Relocate,
    Kind::Loan,
    Kind::LoanReturn,
    Kind::Repair,
    Kind::Idle,
    Kind::Scrap,
];

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
            early_reason: "损坏".into(),
            ..plain(kind, &names)
        }
    }

    /// Does a command; what is refused changes nothing.
    async fn obey(&self, command: &Command, rows: &mut Vec<movement::Model>) {
        let one = |n: usize| rows.get(n).cloned();
        match command {
            Command::Ask(kind, things, unit) => {
                rows.extend(self.ask(&self.centre(), &self.some_ask(*kind, things, *unit)).await.ok());
            }
            Command::Decide(n, yes) => {
                if let Some(row) = one(*n).filter(|row| row.approval_id.is_some()) {
                    if *yes && matches!(row.kind, Kind::Scrap) {
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
                    let _ = steps::carry_out(&self.office.db, &self.centre(), &row.number, None, &finish).await;
                }
            }
            Command::Withdraw(n) => {
                if let Some(row) = one(*n) {
                    let _ = self.withdraw(&self.centre(), &row).await;
                }
            }
        }
    }

    async fn heads_then_all(&self, row: &movement::Model) {
        let id = row.approval_id.unwrap();
        for ctx in self.deciders() {
            let _ = self.decide(&ctx, id, true).await;
        }
    }

    async fn is_sound(&self, value: Fen, quantity: i64) {
        let db = self.office.db.read();
        let things = item::Entity::find().all(db).await.unwrap();
        let mut by_unit: HashMap<_, i64> = HashMap::new();
        for thing in &things {
            *by_unit.entry(thing.unit_id).or_default() += thing.value_fen.0;
        }
        assert_eq!(by_unit.values().sum::<i64>(), value.0, "values by unit add up");
        assert_eq!(things.iter().map(|thing| thing.quantity.0).sum::<i64>(), quantity, "quantity is kept");
        let book = store::book_as_of(db, self.office.ctx.now()).await.unwrap();
        assert_eq!(book.len(), things.len());
        let by_id: HashMap<_, _> = things.iter().map(|thing| (thing.id, thing)).collect();
        for then in book {
            let now = by_id[&then.item_id];
            let facts = (now.unit_id, now.place_id, now.keeper_id, now.quantity, now.state, &now.excused_by);
            let told = (then.unit_id, then.place_id, then.keeper_id, then.quantity, then.state, &then.excused_by);
            assert_eq!(facts, told, "{}", now.item_number);
        }
        let open: HashMap<_, _> =
            movement::Entity::find().all(db).await.unwrap().into_iter().map(|row| (row.id, row.state)).collect();
        for line in movement_line::Entity::find().all(db).await.unwrap() {
            assert_eq!(line.open_of.is_some(), open[&line.movement_id].is_open(), "only what is open holds");
            let done = open[&line.movement_id] == State::Done;
            assert_eq!(line.to_state.is_some(), done, "what is done says what it did");
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
            let things = yard.stock(4).await;
            let value = Fen(things.iter().map(|thing| thing.value_fen.0).sum());
            let mut rows = Vec::new();
            for command in &commands {
                yard.office.clock.advance_ms(1_000);
                yard.obey(command, &mut rows).await;
                yard.is_sound(value, 4).await;
            }
        });
    }
}
