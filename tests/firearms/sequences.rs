//! Whatever commands come in whatever order: an oracle that keeps its own small book of who holds what says what must be
//! allowed, and the book of the program is the oracle's. `HUFU_STEPS` says how many steps, `HUFU_SEED` which.

use hufu::access::grants::{self, NewGrant};
use hufu::access::{CoSigner, Role, accounts};
use hufu::firearms::ArmsError;
use hufu::firearms::draws::entity::holding as held;
use hufu::firearms::draws::model::{Part, Rounds};
use hufu::firearms::draws::{acting, asking, handing, losing, store as draws};
use hufu::firearms::model::{ArmDeed, ArmState, StoreKind};
use hufu::firearms::transfers::model as transfers_model;
use hufu::firearms::transfers::service::{self as transfers, Arrived, NewTransfer};
use hufu::firearms::upkeep::service as upkeep;
use hufu::firearms::{arms, officers};
use hufu::kernel::random::Random;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::post::{GUNS, MODEL, Post, SIGNERS, back};
use super::web::holding;

/// The unit's second store of guns.
const GUNS_2: &str = "QK-1B";

const GUN_COUNT: usize = 3;
const OFFICERS: usize = 4;

/// What the oracle knows of an officer: it knows no code of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Free,
    Asked,
    Approved,
    /// At the counter with this gun, with so many steps done: 5 checks, scan, count, 3 signatures.
    Handing(usize, usize),
    Out(usize),
    Returning(usize, usize),
}

#[derive(Debug)]
struct Oracle {
    officers: [Stands; OFFICERS],
    banned: [bool; OFFICERS],
    faulty: [bool; GUN_COUNT],
    lost: [bool; GUN_COUNT],
    /// How far its upkeep paper is: asked for, approved, being cleaned, to be put back.
    upkeep: [Option<usize>; GUN_COUNT],
    /// On its way to the other store.
    away: [bool; GUN_COUNT],
    locked: bool,
    rounds: i64,
}

impl Oracle {
    /// On its shelf, as far as its papers say; an act may have it reserved.
    fn is_there(&self, gun: usize) -> bool {
        let out = |stands: &Stands| matches!(stands, Stands::Out(of) | Stands::Returning(of, _) if *of == gun);
        let kept = self.upkeep[gun].is_some_and(|stage| stage > 0) || self.away[gun];
        !self.faulty[gun] && !self.lost[gun] && !kept && !self.officers.iter().any(out)
    }

    fn is_free(&self, gun: usize) -> bool {
        let reserved = |stands: &Stands| matches!(stands, Stands::Handing(of, _) if *of == gun);
        self.is_there(gun) && !self.officers.iter().any(reserved)
    }
}

/// Two more who keep the unit's stores, and a second store of guns.
async fn second_store(post: &Post) -> [CoSigner; 2] {
    post.store(GUNS_2, StoreKind::Gun, 0).await.unwrap();
    let mut two = Vec::new();
    for n in [1, 2] {
        let (db, ctx, unit) = (&post.office.db, &post.office.ctx, Some(post.office.units[0]));
        let person = post.officers[n];
        let account = accounts::create(db, ctx, &format!("second{n}"), person).await.unwrap().account.id;
        let new = NewGrant { account, role: Role::Armourer, unit, from: None, until: None };
        grants::give(db, ctx, new).await.unwrap();
        two.push(CoSigner { person, account, ctx: holding(&post.office, person, Role::Armourer, unit) });
    }
    two.try_into().unwrap()
}

/// Sends a gun from one store to the other; the number of the transfer.
async fn send(post: &Post, way: (&str, &str), gun: &str, two: [&CoSigner; 2]) -> Result<String, ArmsError> {
    let new = NewTransfer {
        from: way.0.to_owned(),
        to: way.1.to_owned(),
        guns: vec![gun.to_owned()],
        lots: Vec::new(),
        document: "YS-1".to_owned(),
        reason: "调整".to_owned(),
    };
    let row = transfers::plan(&post.office.db, &two[0].ctx, &new).await?;
    let sent = transfers::send(&post.office.db, &two[0].ctx, two[1], &row.number, None).await;
    if sent.is_err() {
        transfers::cancel(&post.office.db, &two[0].ctx, &row.number, None, "不能发运").await.unwrap();
    }
    sent.map(|row| row.number)
}

async fn receive(post: &Post, number: &str, gun: &str, two: [&CoSigner; 2]) -> transfers_model::State {
    let there = Arrived { guns: vec![gun.to_owned()], lots: Vec::new() };
    transfers::receive(&post.office.db, &two[0].ctx, two[1], number, None, &there).await.unwrap().state
}

/// The next step of a gun's upkeep; whether it was done.
async fn clean(post: &Post, stage: Option<usize>, paper: &mut String, gun: &str) -> bool {
    let (db, keeper) = (&post.office.db, post.armourer(0));
    let leader = holding(&post.office, post.person(0, 0), Role::DutyLeader, Some(post.office.units[0]));
    match stage {
        None => match upkeep::ask(db, &keeper, GUNS, &[gun.to_owned()], "例行").await {
            Ok(row) => {
                *paper = row.number;
                true
            }
            Err(_) => false,
        },
        Some(0) => upkeep::decide(db, &leader, paper, None, true, "").await.is_ok(),
        Some(1) => upkeep::start(db, &keeper, &post.signer(3), paper, None).await.is_ok(),
        Some(2) => upkeep::cleaned(db, &keeper, paper, None).await.is_ok(),
        Some(_) => upkeep::put_back(db, &keeper, &post.signer(3), paper, None, &[]).await.is_ok(),
    }
}

fn gun(n: usize) -> String {
    format!("A{:04}", n + 1)
}

/// Takes the next step of an act that is open; whether it was done.
async fn step(post: &Post, number: &str, done: usize, of: usize, issue: bool) -> bool {
    let (db, keeper) = (&post.office.db, post.armourer(0));
    match done {
        0..5 => {
            let step = hufu::firearms::draws::model::Clearance::ALL[done];
            acting::clear(db, &keeper, number, step).await.is_ok()
        }
        5 => acting::scan(db, &keeper, number, &gun(of)).await.is_ok(),
        6 => {
            let counted =
                if issue { post.going(10) } else { acting::Count { rounds: back(10), ..acting::Count::default() } };
            acting::count(db, &keeper, number, &counted).await.is_ok()
        }
        7..10 => {
            let (who, part) = SIGNERS[done - 7];
            post.sign(number, who, part).await.is_ok()
        }
        _ if issue => handing::hand_over(db, &keeper, number, None).await.is_ok(),
        _ => handing::take_back(db, &keeper, number, None).await.is_ok(),
    }
}

async fn play(seed: u64, steps: usize) {
    let mut post = Post::stocked(GUN_COUNT, OFFICERS).await;
    let random = Random::seeded(seed);
    let below = |many: usize| usize::try_from(random.next_u64() % many as u64).unwrap();
    let mut oracle = Oracle {
        officers: [Stands::Free; OFFICERS],
        banned: [false; OFFICERS],
        faulty: [false; GUN_COUNT],
        lost: [false; GUN_COUNT],
        upkeep: [None; GUN_COUNT],
        away: [false; GUN_COUNT],
        locked: false,
        rounds: 1_000,
    };
    let mut papers: [String; OFFICERS] = std::array::from_fn(|_| String::new());
    let others = second_store(&post).await;
    let mut cleanings: [String; GUN_COUNT] = std::array::from_fn(|_| String::new());
    let mut ways: [String; GUN_COUNT] = std::array::from_fn(|_| String::new());
    let mut bans: [Option<Uuid>; OFFICERS] = [None; OFFICERS];
    let mut entered = GUN_COUNT;
    let mut names: Vec<usize> = (0..GUN_COUNT).collect();
    for n in 0..steps {
        post.office.clock.advance_ms(100);
        let (who, which, what) = (below(OFFICERS), below(GUN_COUNT), below(116));
        let (db, keeper, number) = (post.office.db.clone(), post.armourer(0), papers[who].clone());
        let stands = oracle.officers[who];
        let named = names[which];
        match what {
            0..12 => {
                let may = stands == Stands::Free && !oracle.banned[who] && !oracle.locked;
                let asked = post.ask(who).await;
                assert_eq!(asked.is_ok(), may, "{n}: ask {who} {oracle:?} {asked:?}");
                if let Ok(row) = asked {
                    papers[who] = row.number;
                    oracle.officers[who] = Stands::Asked;
                }
            }
            12..24 if stands == Stands::Asked => {
                let yes = below(8) > 0;
                post.decide(post.draw(&number).await.row.approval_id, yes).await.unwrap();
                oracle.officers[who] = if yes { Stands::Approved } else { Stands::Free };
            }
            24..40 if !number.is_empty() => {
                let may = stands == Stands::Approved && !oracle.banned[who] && !oracle.locked && oracle.is_free(which);
                let opened = acting::open_issue(&db, &keeper, &number, None, &gun(named)).await;
                assert_eq!(opened.is_ok(), may, "{n}: open {who} {which} {oracle:?} {opened:?}");
                if may {
                    oracle.officers[who] = Stands::Handing(which, 0);
                }
            }
            40..72 => match stands {
                Stands::Handing(of, done) => {
                    let may = done < 10 || (!oracle.banned[who] && !oracle.locked);
                    let took = step(&post, &number, done, names[of], true).await;
                    assert_eq!(took, may, "{n}: step {done} out {who} {oracle:?}");
                    if may {
                        let handed = done == 10;
                        oracle.officers[who] = if handed { Stands::Out(of) } else { Stands::Handing(of, done + 1) };
                        oracle.rounds -= if handed { 10 } else { 0 };
                    }
                }
                Stands::Returning(of, done) => {
                    let took = step(&post, &number, done, names[of], false).await;
                    assert!(took, "{n}: step {done} back {who} {oracle:?}");
                    let closed = done == 10;
                    oracle.officers[who] = if closed { Stands::Free } else { Stands::Returning(of, done + 1) };
                    oracle.rounds += if closed { 10 } else { 0 };
                }
                _ if !number.is_empty() => {
                    assert!(handing::hand_over(&db, &keeper, &number, None).await.is_err(), "{n}");
                    assert!(handing::take_back(&db, &keeper, &number, None).await.is_err(), "{n}");
                    assert!(post.sign(&number, 1, Part::Keeper1).await.is_err(), "{n}");
                }
                _ => {}
            },
            72..82 if !number.is_empty() => {
                let opened = acting::open_return(&db, &keeper, &number, None).await;
                let Stands::Out(of) = stands else {
                    assert!(opened.is_err(), "{n}: return {who} {oracle:?}");
                    continue;
                };
                opened.unwrap();
                oracle.officers[who] = Stands::Returning(of, 0);
            }
            82..85 if !number.is_empty() => {
                let cancelled = acting::cancel(&db, &keeper, &number, "停电").await;
                let after = match stands {
                    Stands::Handing(..) => Some(Stands::Approved),
                    Stands::Returning(of, _) => Some(Stands::Out(of)),
                    _ => None,
                };
                assert_eq!(cancelled.is_ok(), after.is_some(), "{n}: cancel {who} {oracle:?}");
                oracle.officers[who] = after.unwrap_or(stands);
            }
            85..88 if !number.is_empty() => {
                let may = matches!(stands, Stands::Asked | Stands::Approved);
                let withdrawn = asking::withdraw(&db, &post.officer(who), &number, None, "不去了").await;
                assert_eq!(withdrawn.is_ok(), may, "{n}: withdraw {who} {oracle:?} {withdrawn:?}");
                if may {
                    oracle.officers[who] = Stands::Free;
                }
            }
            88..92 => match bans[who].take() {
                Some(ban) => {
                    officers::lift(&db, &post.head(0), ban, "查清").await.unwrap();
                    oracle.banned[who] = false;
                }
                None if below(2) == 0 => {
                    let ban = officers::forbid(&db, &post.head(0), post.officers[who], "投诉", None).await.unwrap();
                    (bans[who], oracle.banned[who]) = (Some(ban.id), true);
                }
                None => {}
            },
            92..95 => {
                let (deed, may) = match oracle.faulty[which] {
                    true => (ArmDeed::Mend, true),
                    // A gun that an act has reserved may turn out to have a fault; the act then cannot end with it.
                    false => (ArmDeed::ReportFault, oracle.is_free(which)),
                };
                if may {
                    arms::keep(&db, &keeper, &gun(named), None, deed, "检查").await.unwrap();
                    oracle.faulty[which] = !oracle.faulty[which];
                    // A fault takes it out of the paper that was asked for.
                    oracle.upkeep[which] = None;
                }
            }
            95 => {
                if let Stands::Out(of) = stands {
                    losing::report(&db, &post.officer(who), &number, true, 10, "落水").await.unwrap();
                    acting::open_return(&db, &keeper, &number, None).await.unwrap();
                    let rounds = Rounds { lost: 10, ..Rounds::default() };
                    acting::count(&db, &keeper, &number, &acting::Count { rounds, ..Default::default() })
                        .await
                        .unwrap();
                    post.sign_all(&number).await.unwrap();
                    handing::take_back(&db, &keeper, &number, None).await.unwrap();
                    (oracle.officers[who], oracle.lost[of], oracle.locked) = (Stands::Free, true, true);
                }
            }
            96..99 if oracle.locked => {
                for lock in draws::locks_of(db.read(), post.office.units[0]).await.unwrap() {
                    losing::unlock(&db, &post.brigade(), lock.id, "查清").await.unwrap();
                }
                oracle.locked = false;
                // A new gun in the place of each that was lost, so that the play goes on.
                for at in (0..GUN_COUNT).filter(|at| oracle.lost[*at]).collect::<Vec<_>>() {
                    post.gun(&gun(entered)).await;
                    (names[at], oracle.lost[at], oracle.upkeep[at]) = (entered, false, None);
                    entered += 1;
                }
            }
            // The program stops and starts again: nothing is remembered but what is written.
            99 => {
                post.office.db = hufu::db::Db::open(post.office.dir.database().url()).await.unwrap();
            }
            100..109 => {
                let stage = oracle.upkeep[which];
                let may = match stage {
                    None => oracle.is_there(which),
                    Some(0) => oracle.is_free(which),
                    Some(_) => true,
                };
                let done = clean(&post, stage, &mut cleanings[which], &gun(named)).await;
                assert_eq!(done, may, "{n}: upkeep {which} {stage:?} {oracle:?}");
                if done {
                    oracle.upkeep[which] = stage.map_or(Some(0), |stage| (stage < 3).then_some(stage + 1));
                }
            }
            109..116 => {
                let own = [post.signer(1), post.signer(3)];
                let (own, others) = ([&own[0], &own[1]], [&others[0], &others[1]]);
                if oracle.away[which] && !oracle.locked {
                    // It arrives, and comes back: four people each way.
                    let arrived = receive(&post, &ways[which], &gun(named), others).await;
                    assert_eq!(arrived, transfers_model::State::Arrived, "{n}");
                    let back = send(&post, (GUNS_2, GUNS), &gun(named), others).await.unwrap();
                    receive(&post, &back, &gun(named), own).await;
                    oracle.away[which] = false;
                    continue;
                }
                let may = oracle.is_free(which) && oracle.upkeep[which].is_none() && !oracle.locked;
                let sent = send(&post, (GUNS, GUNS_2), &gun(named), own).await;
                assert_eq!(sent.is_ok(), may, "{n}: send {which} {oracle:?} {sent:?}");
                if let Ok(number) = sent {
                    (ways[which], oracle.away[which]) = (number, true);
                }
            }
            _ => {}
        }
        if oracle.rounds < 100 {
            post.rounds("L1", 900).await;
            oracle.rounds += 900;
        }
        if n % 10 == 0 || n + 1 == steps {
            agree(&post, &oracle, &names, n).await;
        }
    }
}

/// Both books say the same of every gun and of the rounds.
async fn agree(post: &Post, oracle: &Oracle, names: &[usize], n: usize) {
    let db = post.office.db.read();
    for (at, named) in names.iter().enumerate() {
        let holder = oracle
            .officers
            .iter()
            .position(|stands| matches!(stands, Stands::Out(of) | Stands::Returning(of, _) if *of == at));
        let arm = post.arm(&gun(*named)).await;
        assert_eq!(post.holder(&gun(*named)).await, holder.map(|who| post.officers[who]), "{n}: {oracle:?}");
        let state = match (oracle.lost[at], oracle.faulty[at], oracle.upkeep[at]) {
            _ if holder.is_some() || oracle.away[at] => ArmState::Out,
            (true, _, _) => ArmState::Lost,
            (_, true, _) => ArmState::Faulty,
            (_, _, Some(1)) => ArmState::CleaningDue,
            (_, _, Some(2 | 3)) => ArmState::Cleaning,
            _ => ArmState::InStore,
        };
        assert_eq!(arm.arm.state, state, "{n}: {oracle:?}");
        assert_eq!(arm.arm.model, MODEL);
    }
    assert_eq!(post.stock().await, [("L1".to_owned(), oracle.rounds)], "{n}");
    let open = held::Entity::find().filter(held::Column::EndedAt.is_null()).all(db).await.unwrap();
    let mut guns: Vec<_> = open.iter().map(|held| held.item_id).collect();
    guns.sort_unstable();
    guns.dedup();
    assert_eq!(guns.len(), open.len(), "{n}: no gun has two holders in {GUNS}");
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[tokio::test]
async fn the_book_of_who_holds_what_is_the_oracles() {
    let seed = number("HUFU_SEED").unwrap_or(2026);
    play(seed as u64, number("HUFU_STEPS").unwrap_or(800)).await;
}
