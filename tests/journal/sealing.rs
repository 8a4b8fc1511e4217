//! Sealing: in the order of writing, by one at a time, whatever the clock does.

use hufu::items::labels;
use hufu::journal::encoding::Parts;
use hufu::journal::entity::{leaf, lease, pending};
use hufu::journal::sequencer::{self, LEASE_MS, Sealed};
use hufu::journal::verify::verify;
use hufu::journal::{self, checkpoint, founding, read, tree};
use hufu::kernel::hash::HashKind;
use hufu::kernel::ids::JournalEntryId;
use sea_orm::{EntityTrait as _, PaginatorTrait as _, QueryOrder as _};

use super::support::{DAY, Office};
use super::year::Year;

async fn write(office: &Office, many: usize) {
    for _ in 0..many {
        labels::print_blanks(&office.db, &office.ctx, 1, "asset-60x40").await.unwrap();
    }
}

async fn order(office: &Office) -> Vec<JournalEntryId> {
    let leaves = leaf::Entity::find().order_by_asc(leaf::Column::Idx).all(office.db.read()).await.unwrap();
    assert!((0..).zip(&leaves).all(|(idx, leaf)| leaf.idx == idx), "no gap");
    leaves.into_iter().map(|leaf| leaf.entry_id).collect()
}

#[tokio::test]
async fn a_lease_keeps_others_out_until_it_ends_or_makes_no_sense() {
    let office = Office::found().await;
    let seal = async |holder: &str| sequencer::seal(&office.db, &office.ctx, holder).await.unwrap();
    write(&office, 2).await;
    assert_eq!(seal("one").await, Sealed::Entries(3), "the founding is an entry too");
    write(&office, 1).await;
    assert_eq!(seal("two").await, Sealed::ByAnother);
    assert_eq!(seal("one").await, Sealed::Entries(1));
    write(&office, 1).await;
    office.clock.advance_ms(LEASE_MS);
    assert_eq!(seal("two").await, Sealed::Entries(1), "it ran out");
    write(&office, 1).await;
    assert_eq!(seal("one").await, Sealed::ByAnother, "it was taken over");
    office.clock.advance_ms(-30 * DAY);
    assert_eq!(seal("one").await, Sealed::Entries(1), "a clock went back: nobody waits a month");
    write(&office, 1).await;
    assert_eq!(sequencer::seal_now(&office.db, &office.ctx).await.unwrap(), 1, "a person does not wait");
    write(&office, 1).await;
    assert_eq!(seal("two").await, Sealed::Entries(1), "and holds nothing afterwards");
    assert_eq!(seal("three").await, Sealed::Entries(0), "nothing waits");
    let lease = lease::Entity::find_by_id(1).one(office.db.read()).await.unwrap().unwrap();
    assert_eq!((lease.holder.as_str(), lease.token), ("two", 5));
    assert_eq!(order(&office).await.len(), 8);
}

#[tokio::test]
async fn many_who_seal_at_once_seal_each_entry_once() {
    let office = Office::found().await;
    write(&office, 40).await;
    let sealing = (0..6).map(|n| {
        let (office, holder) = (&office, format!("instance {n}"));
        async move {
            let mut sealed = 0;
            for _ in 0..5 {
                if let Sealed::Entries(count) = sequencer::seal(&office.db, &office.ctx, &holder).await.unwrap() {
                    sealed += count;
                }
                sealed += sequencer::seal_now(&office.db, &office.ctx).await.unwrap();
                write(office, 1).await;
            }
            sealed
        }
    });
    let sealed: u64 = futures_util::future::join_all(sealing).await.into_iter().sum();
    let rest = sequencer::seal_now(&office.db, &office.ctx).await.unwrap();
    assert_eq!((sealed + rest, order(&office).await.len()), (71, 71));
    assert_eq!(pending::Entity::find().count(office.db.read()).await.unwrap(), 0);
}

/// Ids carry the clock, and the clock goes back: entries are sealed as written all the same, and the last word on a
/// row is the last written.
#[tokio::test]
async fn the_order_is_of_writing_not_of_the_clock() {
    let year = Year::begin(HashKind::Sha256).await;
    let subject = [labels::Subject::Item(year.things[0].id)];
    for _ in 0..12 {
        labels::print(&year.office.db, &year.ctx, &subject, "asset-60x40", labels::Printing::Again).await.unwrap();
        year.office.clock.advance_ms(-DAY);
    }
    let report = year.check(&[]).await;
    assert!(report.fits, "{:#?}", report.faults);
    let ids = order(&year.office).await;
    assert!(ids[2..14].windows(2).all(|pair| pair[0] > pair[1]), "the clock ran backwards all the while");
}

#[tokio::test]
async fn entries_and_checkpoints_are_proved_to_a_stranger() {
    let office = Office::found().await;
    let kind = HashKind::Sm3;
    journal::found(&office.db, &office.ctx, kind).await.unwrap();
    let ctx = office.ctx.hashing_with(kind);
    let mut checkpoints = Vec::new();
    for many in [1, 2, 5, 8] {
        for _ in 0..many {
            labels::print_blanks(&office.db, &ctx, 1, "asset-60x40").await.unwrap();
        }
        checkpoints.push(checkpoint::make(&office.db, &ctx).await.unwrap());
    }
    let sizes: Vec<i64> = checkpoints.iter().map(|row| row.size).collect();
    assert_eq!(sizes, [2, 5, 11, 20], "each signing is an entry, under the next head");
    for row in checkpoints.iter().skip(1) {
        let old = checkpoints.iter().find(|old| old.size == row.previous_size).unwrap();
        let proof: Vec<_> = row.proof.chunks_exact(32).map(|hash| hash.try_into().unwrap()).collect();
        let of = |row: &journal::entity::checkpoint::Model| (u64::try_from(row.size).unwrap(), row.root.clone());
        let ((old_size, old_root), (size, root)) = (of(old), of(row));
        let (old_root, root) = (old_root.try_into().unwrap(), root.try_into().unwrap());
        assert!(tree::is_continued(kind, (old_size, &old_root), (size, &root), &proof));
        let again = checkpoint::consistency(office.db.read(), old_size, size).await.unwrap();
        assert_eq!(again, proof);
    }
    assert!(checkpoint::consistency(office.db.read(), 0, 3).await.is_err());
    let backwards = checkpoint::consistency(office.db.read(), 3, 2).await.unwrap_err();
    assert!(backwards.to_string().contains("不多于终点"), "{backwards}");
    assert!(checkpoint::consistency(office.db.read(), 3, 99).await.is_err());
    for id in order(&office).await {
        let shown = read::show(office.db.read(), id, 5).await.unwrap();
        let (entry, at) = (&shown.entry, shown.inclusion.as_ref().unwrap());
        let list = hufu::journal::encoding::unhex(&entry.rows_hash).unwrap();
        let data = Parts {
            format: entry.format,
            id: entry.id.0,
            at: entry.at.0,
            actor: &entry.actor,
            co_signer: None,
            unit: None,
            action: &entry.action,
            subject: &entry.subject,
            payload: &entry.payload,
            rows_hash: &list,
        };
        assert!(tree::is_included(kind, &data.encode(), at.index, at.size, &at.root, &at.proof), "{}", at.index);
        assert!(shown.fits(kind));
    }
    let journal = founding::journal(office.db.read()).await.unwrap().unwrap();
    let open = journal::note::open(&checkpoints[3].note, &journal.vkey).unwrap();
    assert_eq!((open.size, open.root.to_vec()), (20, checkpoints[3].root.clone()));
}

#[tokio::test]
async fn a_journal_is_founded_once_with_one_hash() {
    let office = Office::found().await;
    let first = journal::found(&office.db, &office.ctx, HashKind::Sm3).await.unwrap();
    let again = journal::found(&office.db, &office.ctx, HashKind::Sm3).await.unwrap();
    assert_eq!(first.vkey, again.vkey);
    assert!(journal::found(&office.db, &office.ctx, HashKind::Sha256).await.is_err());
    // A command whose rows are hashed otherwise is refused before it is kept.
    assert!(labels::print_blanks(&office.db, &office.ctx, 1, "asset-60x40").await.is_err());
    let office = Office::found().await;
    write(&office, 1).await;
    assert!(journal::found(&office.db, &office.ctx, HashKind::Sm3).await.is_err(), "it hashes with SHA-256 already");
    journal::found(&office.db, &office.ctx, HashKind::Sha256).await.unwrap();
}

/// An export is of one moment, though others go on writing and sealing.
#[tokio::test]
async fn an_export_is_of_one_moment() {
    let year = Year::begin(HashKind::Sha256).await;
    let (office, ctx) = (&year.office, &year.ctx);
    let writing = async {
        let subject = [labels::Subject::Item(year.things[0].id)];
        for _ in 0..60 {
            labels::print(&office.db, ctx, &subject, "asset-60x40", labels::Printing::Renew).await.unwrap();
            sequencer::seal(&office.db, ctx, "server").await.unwrap();
        }
    };
    let exporting = async {
        for n in 0..8 {
            let path = year.export(&format!("during{n}.hufu")).await;
            let report = verify(&path, &[]).unwrap();
            assert!(report.fits, "{:#?}", report.faults);
        }
    };
    futures_util::future::join(writing, exporting).await;
}
