//! What comes and goes in the made-up stores: guns cleaned and waiting to be, a transfer that arrived, one on its way, one that came
//! short, a gun handed up, a training.

use super::arms::{Post, Yard};
use crate::access::CoSigner;
use crate::cli::CliError;
use crate::firearms::arms;
use crate::firearms::model::ArmDeed;
use crate::firearms::transfers::scrapping::{self, HandUp};
use crate::firearms::transfers::service::{self as transfers, Arrived, NewTransfer};
use crate::firearms::transfers::training::{self, Back, NewTraining};
use crate::firearms::upkeep::service as upkeep;
use crate::kernel::Timestamp;

const HOUR: i64 = 3_600_000;

/// The guns of a unit that none of the month's draws has: numbers 12 and 13 of its list.
const SPARE: [usize; 2] = [12, 13];

fn two(post: &Post) -> (&CoSigner, &CoSigner) {
    (&post.keepers[0].0, &post.keepers[1].0)
}

fn spare(post: &Post, n: usize) -> String {
    post.guns[SPARE[n]].0.clone()
}

/// Plays it, in the last hours before now.
///
/// # Errors
/// When the database refuses.
pub(super) async fn play(yard: &Yard<'_>, posts: &[Post], now: Timestamp) -> Result<(), CliError> {
    let [first, second, third, ..] = posts else { return Ok(()) };
    let at = |hours: i64| yard.stage.clock.set(Timestamp(now.0 - hours * HOUR));
    at(5);
    cleaned(yard, first).await?;
    waiting(yard, second).await?;
    fired(yard, third).await?;
    at(4);
    let guns = |from: &Post, to: &Post, n: usize| NewTransfer {
        from: format!("QK-{}", from.number),
        to: format!("QK-{}", to.number),
        guns: vec![spare(from, n)],
        lots: Vec::new(),
        document: "粤公治运〔2026〕31号".to_owned(),
        reason: "调整配备".to_owned(),
    };
    // One arrived, one is on its way.
    let number = sent(yard, second, &guns(second, third, 0)).await?;
    let there = Arrived { guns: vec![spare(second, 0)], lots: Vec::new() };
    let (one, two_of) = two(third);
    transfers::receive(yard.db, &one.ctx, two_of, &number, None, &there).await?;
    at(2);
    sent(yard, third, &guns(third, first, 1)).await?;
    // Rounds that came short: a finding.
    let rounds = NewTransfer {
        from: format!("DK-{}", first.number),
        to: format!("DK-{}", second.number),
        guns: Vec::new(),
        lots: vec![("2023-11".to_owned(), 200)],
        ..guns(first, second, 0)
    };
    let number = sent(yard, first, &rounds).await?;
    at(1);
    let (one, two_of) = two(second);
    let short = Arrived { guns: Vec::new(), lots: vec![("2023-11".to_owned(), 198)] };
    transfers::receive(yard.db, &one.ctx, two_of, &number, None, &short).await?;
    handed_up(yard, first).await?;
    yard.stage.clock.set(now);
    Ok(())
}

async fn sent(yard: &Yard<'_>, post: &Post, new: &NewTransfer) -> Result<String, CliError> {
    let (one, other) = two(post);
    let number = transfers::plan(yard.db, &one.ctx, new).await?.number;
    transfers::send(yard.db, &one.ctx, other, &number, None).await?;
    Ok(number)
}

async fn cleaned(yard: &Yard<'_>, post: &Post) -> Result<(), CliError> {
    let ((one, other), db) = (two(post), yard.db);
    let store = format!("QK-{}", post.number);
    let number = upkeep::ask(db, &one.ctx, &store, &[spare(post, 0)], "季度擦拭保养").await?.number;
    upkeep::decide(db, &yard.acting(post.leader), &number, None, true, "同意").await?;
    upkeep::start(db, &one.ctx, other, &number, None).await?;
    upkeep::cleaned(db, &one.ctx, &number, None).await?;
    upkeep::put_back(db, &one.ctx, other, &number, None, &[]).await?;
    Ok(())
}

async fn waiting(yard: &Yard<'_>, post: &Post) -> Result<(), CliError> {
    let (one, other) = two(post);
    let store = format!("QK-{}", post.number);
    let number = upkeep::ask(yard.db, &one.ctx, &store, &[spare(post, 1)], "汛期返潮，除锈").await?.number;
    upkeep::decide(yard.db, &yard.acting(post.leader), &number, None, true, "").await?;
    upkeep::start(yard.db, &one.ctx, other, &number, None).await?;
    Ok(())
}

async fn fired(yard: &Yard<'_>, post: &Post) -> Result<(), CliError> {
    let (one, other) = two(post);
    let new = NewTraining {
        armoury: format!("DK-{}", post.number),
        lot: "2023-11".to_owned(),
        rounds: 120,
        leader: post.leader,
        participants: format!("配枪民警 {} 人", post.officers.len()),
        place: "市局射击训练场".to_owned(),
        document: "季度实弹训练计划第4号".to_owned(),
    };
    let number = training::take_out(yard.db, &one.ctx, other, &new).await?.number;
    let back = Back { back: 12, fired: 108, cases: 107, note: "1 枚弹壳未寻获，现场已复查".to_owned() };
    training::take_back(yard.db, &one.ctx, other, &number, None, &back).await?;
    Ok(())
}

/// A gun whose barrel is cracked goes up with its certificate.
async fn handed_up(yard: &Yard<'_>, post: &Post) -> Result<(), CliError> {
    let ((one, other), db) = (two(post), yard.db);
    arms::keep(db, &one.ctx, &spare(post, 1), None, ArmDeed::ReportFault, "枪管裂纹，不能修复").await?;
    let certificate = arms::look(db, &one.ctx, &spare(post, 1)).await?.arm.certificate;
    let new = HandUp {
        gun: spare(post, 1),
        certificate,
        receiver: "省公安厅治安管理局".to_owned(),
        receiver_person: "贺建平".to_owned(),
        document: "粤公治报〔2026〕12号".to_owned(),
        reason: "枪管裂纹，不能修复".to_owned(),
    };
    scrapping::hand_up(db, &one.ctx, other, None, &new).await?;
    Ok(())
}
