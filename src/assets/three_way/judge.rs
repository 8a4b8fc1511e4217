//! The pure core: rows of the book, of the count and of the finance ledger in; one verdict a thing out. In memory, one
//! pass over each with a hash table in between.

use hashbrown::HashMap;

use super::model::Verdict;
use crate::kernel::Fen;
use crate::stocktake::verdict::Verdict as Counted;

/// A thing of the book. Numbers are compared as they stand here: half-width, upper case, no blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked<'a> {
    /// Its number.
    pub number: &'a str,
    /// Original value.
    pub value: Fen,
    /// Accumulated depreciation, when the book knows it.
    pub accumulated: Option<Fen>,
    /// The book says it is disposed of or written off.
    pub gone: bool,
}

/// A row of the finance ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried<'a> {
    /// Its number.
    pub number: &'a str,
    /// Original value.
    pub value: Fen,
    /// Accumulated depreciation, when the list has it.
    pub accumulated: Option<Fen>,
    /// Net value, when the list has it.
    pub net: Option<Fen>,
}

/// What a count found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The number; blank of what has none.
    pub number: &'a str,
    /// What it found.
    pub verdict: Counted,
}

/// One thing as the three have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its row of the book.
    pub book: Option<usize>,
    /// Its first row of the finance ledger.
    pub finance: Option<usize>,
    /// How many rows of the finance ledger have its number.
    pub finance_rows: usize,
    /// What these rows add up to.
    pub finance_value: Option<Fen>,
    /// Their accumulated depreciation, when all have it.
    pub finance_accumulated: Option<Fen>,
    /// Its row of the count.
    pub count: Option<usize>,
    /// The first verdict that applies.
    pub verdict: Verdict,
    /// What else applies.
    pub also: Vec<Verdict>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    first: usize,
    rows: usize,
    value: Fen,
    accumulated: Option<Fen>,
    uneven: bool,
    taken: bool,
}

/// Judges every thing: first those of the book in their order, then what only finance has, then what only the count saw.
/// `count` is `None` when there is none. Of two rows of the book with one number the first counts: the table has no two.
#[must_use]
pub fn judge(book: &[Booked<'_>], finance: &[Carried<'_>], count: Option<&[Seen<'_>]>) -> Vec<Judged> {
    let mut carried = sums(finance);
    let mut seen: HashMap<&str, (usize, bool)> = HashMap::with_capacity(count.map_or(0, <[Seen<'_>]>::len));
    for (n, row) in count.unwrap_or_default().iter().enumerate() {
        if !row.number.is_empty() {
            seen.entry(row.number).or_insert((n, false));
        }
    }
    let mut judged = Vec::with_capacity(book.len());
    for (n, thing) in book.iter().enumerate() {
        let theirs = carried.get_mut(thing.number).filter(|sums| !sums.taken).map(|sums| {
            sums.taken = true;
            *sums
        });
        let found = seen.get_mut(thing.number).filter(|found| !found.1).map(|found| {
            found.1 = true;
            found.0
        });
        judged.extend(of_one(Some((n, thing)), theirs, found, count));
    }
    for (n, row) in finance.iter().enumerate() {
        if let Some(sums) = carried.get_mut(row.number).filter(|sums| !sums.taken && sums.first == n) {
            sums.taken = true;
            let sums = *sums;
            let found = seen.get_mut(row.number).filter(|found| !found.1).map(|found| {
                found.1 = true;
                found.0
            });
            judged.extend(of_one(None, Some(sums), found, count));
        }
    }
    for (n, row) in count.unwrap_or_default().iter().enumerate() {
        let is_open = row.number.is_empty() || seen.get(row.number).is_some_and(|found| !found.1 && found.0 == n);
        if is_open {
            judged.extend(of_one(None, None, Some(n), count));
        }
    }
    judged
}

fn sums<'a>(finance: &[Carried<'a>]) -> HashMap<&'a str, Sums> {
    let mut carried: HashMap<&str, Sums> = HashMap::with_capacity(finance.len());
    for (n, row) in finance.iter().enumerate() {
        let sums =
            carried.entry(row.number).or_insert(Sums { first: n, accumulated: Some(Fen::ZERO), ..Sums::default() });
        sums.rows += 1;
        sums.value += row.value;
        sums.accumulated = sums.accumulated.zip(row.accumulated).map(|(sum, more)| sum + more);
        let differs = |(net, accumulated): (Fen, Fen)| row.value - accumulated != net;
        sums.uneven |= row.net.zip(row.accumulated).is_some_and(differs);
    }
    carried
}

/// What the three have of one thing; nothing of what is gone from the book and nobody carries or saw.
fn of_one(
    book: Option<(usize, &Booked<'_>)>,
    finance: Option<Sums>,
    found: Option<usize>,
    count: Option<&[Seen<'_>]>,
) -> Option<Judged> {
    let said = found.and_then(|n| count?.get(n)).map(|row| row.verdict);
    let was_seen = said.is_some_and(|said| !matches!(said, Counted::Missing | Counted::Pending | Counted::Excused));
    let standing = book.filter(|(_, thing)| !thing.gone).map(|(_, thing)| thing);
    let gone = book.is_some_and(|(_, thing)| thing.gone);
    if standing.is_none() && finance.is_none() && !was_seen {
        return None;
    }
    let differs = |thing: &Booked<'_>| finance.is_some_and(|sums| sums.value != thing.value);
    let worn = |thing: &Booked<'_>| {
        finance.is_some_and(|sums| {
            let known = thing.accumulated.zip(sums.accumulated);
            sums.uneven || known.is_some_and(|(ours, theirs)| ours != theirs)
        })
    };
    let counted = |wanted: &[Counted]| standing.is_some() && said.is_some_and(|said| wanted.contains(&said));
    let mut apply = [
        (Verdict::TwiceInFinance, finance.is_some_and(|sums| sums.rows > 1)),
        (Verdict::GoneFromBook, gone && finance.is_some()),
        (Verdict::NotOnBook, book.is_none() && finance.is_some()),
        (Verdict::NotOnAnyBook, standing.is_none() && was_seen),
        (Verdict::NotInFinance, standing.is_some() && finance.is_none()),
        (Verdict::CountMissing, counted(&[Counted::Missing])),
        (Verdict::CountDiffers, counted(&[Counted::Conflict, Counted::Short, Counted::Over, Counted::DisposedPresent])),
        (Verdict::ValueDiffers, standing.is_some_and(differs)),
        (Verdict::DepreciationDiffers, standing.is_some_and(worn)),
        (
            Verdict::NotCounted,
            standing.is_some() && count.is_some() && said.is_none_or(|said| said == Counted::Pending),
        ),
    ]
    .into_iter()
    .filter_map(|(verdict, applies)| applies.then_some(verdict));
    let verdict = apply.next().unwrap_or(Verdict::Agreed);
    Some(Judged {
        book: book.map(|(n, _)| n),
        finance: finance.map(|sums| sums.first),
        finance_rows: finance.map_or(0, |sums| sums.rows),
        finance_value: finance.map(|sums| sums.value),
        finance_accumulated: finance.and_then(|sums| sums.accumulated),
        count: found,
        verdict,
        also: apply.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn booked(number: &str, fen: i64) -> Booked<'_> {
        Booked { number, value: Fen(fen), accumulated: None, gone: false }
    }

    fn carried(number: &str, fen: i64) -> Carried<'_> {
        Carried { number, value: Fen(fen), accumulated: None, net: None }
    }

    /// Each verdict of the table, and what stands beside it.
    #[test]
    fn each_thing_gets_the_first_verdict_that_applies() {
        let gone = Booked { gone: true, ..booked("A", 100) };
        let worn = Booked { accumulated: Some(Fen(40)), ..booked("A", 100) };
        let theirs = |accumulated, net| Carried {
            accumulated: Some(Fen(accumulated)),
            net: Some(Fen(net)),
            ..carried("A", 100)
        };
        let seen = |verdict| vec![Seen { number: "A", verdict }];
        use Verdict as V;
        type Case<'a> = (Vec<Booked<'a>>, Vec<Carried<'a>>, Option<Vec<Seen<'a>>>, V, &'a [V]);
        let cases: Vec<Case<'_>> = vec![
            (vec![booked("A", 100)], vec![carried("A", 100)], Some(seen(Counted::Matched)), V::Agreed, &[]),
            (vec![booked("A", 100)], vec![carried("A", 100)], None, V::Agreed, &[]),
            (vec![booked("A", 100)], vec![carried("A", 100)], Some(seen(Counted::Misplaced)), V::Agreed, &[]),
            (vec![booked("A", 100)], vec![carried("A", 100)], Some(seen(Counted::Excused)), V::Agreed, &[]),
            (vec![booked("A", 100)], vec![carried("A", 60), carried("A", 40)], None, V::TwiceInFinance, &[]),
            (vec![booked("A", 9)], vec![carried("A", 6), carried("A", 4)], None, V::TwiceInFinance, &[V::ValueDiffers]),
            (vec![gone], vec![carried("A", 100)], None, V::GoneFromBook, &[]),
            (
                vec![gone],
                vec![carried("A", 100)],
                Some(seen(Counted::DisposedPresent)),
                V::GoneFromBook,
                &[V::NotOnAnyBook],
            ),
            (vec![], vec![carried("A", 100)], None, V::NotOnBook, &[]),
            (vec![], vec![carried("A", 100)], Some(seen(Counted::Unregistered)), V::NotOnBook, &[V::NotOnAnyBook]),
            (vec![gone], vec![], Some(seen(Counted::DisposedPresent)), V::NotOnAnyBook, &[]),
            (vec![booked("A", 100)], vec![], Some(seen(Counted::Missing)), V::NotInFinance, &[V::CountMissing]),
            (vec![booked("A", 100)], vec![carried("A", 100)], Some(seen(Counted::Missing)), V::CountMissing, &[]),
            (
                vec![booked("A", 100)],
                vec![carried("A", 90)],
                Some(seen(Counted::Short)),
                V::CountDiffers,
                &[V::ValueDiffers],
            ),
            (vec![booked("A", 100)], vec![carried("A", 90)], None, V::ValueDiffers, &[]),
            (vec![worn], vec![theirs(40, 60)], None, V::Agreed, &[]),
            (vec![worn], vec![theirs(41, 59)], None, V::DepreciationDiffers, &[]),
            (vec![worn], vec![theirs(40, 61)], None, V::DepreciationDiffers, &[]),
            (vec![booked("A", 100)], vec![carried("A", 100)], Some(vec![]), V::NotCounted, &[]),
            (vec![booked("A", 100)], vec![carried("A", 100)], Some(seen(Counted::Pending)), V::NotCounted, &[]),
        ];
        for (n, (book, finance, count, verdict, also)) in cases.into_iter().enumerate() {
            let judged = judge(&book, &finance, count.as_deref());
            assert_eq!(judged.len(), 1, "case {n}");
            assert_eq!((judged[0].verdict, judged[0].also.as_slice()), (verdict, also), "case {n}");
        }
        assert_eq!(judge(&[gone], &[], Some(&[])), [], "what is gone and nobody has is no line");
        let nameless = [Seen { number: "", verdict: Counted::Unregistered }; 2];
        assert_eq!(judge(&[], &[], Some(&nameless)).len(), 2);
    }

    /// The same, slowly and plainly: for every number that anybody knows, what each says of it.
    fn plainly(
        book: &[Booked<'_>],
        finance: &[Carried<'_>],
        count: Option<&[Seen<'_>]>,
    ) -> Vec<(String, Verdict, i64)> {
        let mut numbers: Vec<&str> = book.iter().map(|row| row.number).collect();
        numbers.extend(finance.iter().map(|row| row.number));
        numbers.extend(count.unwrap_or_default().iter().map(|row| row.number));
        numbers.sort_unstable();
        numbers.dedup();
        let mut told = Vec::new();
        for number in numbers {
            let ours = book.iter().find(|row| row.number == number);
            let theirs: Vec<_> = finance.iter().filter(|row| row.number == number).collect();
            let found = count.unwrap_or_default().iter().find(|row| row.number == number).map(|row| row.verdict);
            let sum: i64 = theirs.iter().map(|row| row.value.0).sum();
            let there = ours.filter(|row| !row.gone);
            let seen = found.is_some_and(|one| !matches!(one, Counted::Missing | Counted::Pending | Counted::Excused));
            let verdict = if theirs.len() > 1 {
                Verdict::TwiceInFinance
            } else if !theirs.is_empty() && ours.is_some_and(|row| row.gone) {
                Verdict::GoneFromBook
            } else if !theirs.is_empty() && ours.is_none() {
                Verdict::NotOnBook
            } else if there.is_none() {
                if !seen {
                    continue;
                }
                Verdict::NotOnAnyBook
            } else if theirs.is_empty() {
                Verdict::NotInFinance
            } else if found == Some(Counted::Missing) {
                Verdict::CountMissing
            } else if found == Some(Counted::Short) {
                Verdict::CountDiffers
            } else if there.is_some_and(|row| row.value.0 != sum) {
                Verdict::ValueDiffers
            } else if count.is_some() && (found.is_none() || found == Some(Counted::Pending)) {
                Verdict::NotCounted
            } else {
                Verdict::Agreed
            };
            told.push((number.to_owned(), verdict, sum));
        }
        told
    }

    const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
    const COUNTS: [Counted; 6] =
        [Counted::Matched, Counted::Missing, Counted::Short, Counted::Pending, Counted::Excused, Counted::Unregistered];

    proptest! {
        #[test]
        fn the_quick_way_says_what_the_plain_way_says(
            ours in prop::collection::btree_map(0usize..6, (1i64..4, any::<bool>()), 0..6),
            theirs in prop::collection::vec((0usize..6, 1i64..4), 0..8),
            seen in prop::option::of(prop::collection::btree_map(0usize..6, 0usize..6, 0..6)),
        ) {
            let book: Vec<_> = ours.iter()
                .map(|(n, (fen, gone))| Booked { gone: *gone, ..booked(NAMES[*n], *fen) }).collect();
            let finance: Vec<_> = theirs.iter().map(|(n, fen)| carried(NAMES[*n], *fen)).collect();
            let count: Option<Vec<_>> = seen.as_ref().map(|seen| seen.iter()
                .map(|(n, verdict)| Seen { number: NAMES[*n], verdict: COUNTS[*verdict] }).collect());
            let judged = judge(&book, &finance, count.as_deref());
            let number = |one: &Judged| {
                one.book.map(|n| book[n].number)
                    .or_else(|| one.finance.map(|n| finance[n].number))
                    .or_else(|| one.count.and_then(|n| count.as_ref().map(|rows| rows[n].number)))
                    .unwrap_or_default()
            };
            let mut told: Vec<_> = judged.iter()
                .map(|one| (number(one).to_owned(), one.verdict, one.finance_value.map_or(0, |fen| fen.0))).collect();
            told.sort();
            prop_assert_eq!(&told, &plainly(&book, &finance, count.as_deref()));
            // Nothing that finance carries is lost or told twice.
            let carried: i64 = judged.iter().filter_map(|one| one.finance_value).map(|fen| fen.0).sum();
            prop_assert_eq!(carried, finance.iter().map(|row| row.value.0).sum::<i64>());
            for one in &judged {
                prop_assert!(one.also.iter().all(|also| *also > one.verdict && *also != Verdict::Agreed));
            }
        }
    }
}
