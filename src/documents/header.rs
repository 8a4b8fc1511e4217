//! Finds the header among the first rows of a sheet: below a letterhead, beginning at any column, on one row or on two
//! (a group name above, merged over the columns it covers).

use super::columns::{ColumnMap, Columns, Problem, Vocabulary, normal};
use super::schema::Schema;

/// Rows looked at for a header.
pub(super) const LOOK: usize = 60;
/// Columns looked at; a header beyond is no header.
const MOST_COLUMNS: usize = 1_024;

/// The first rows of a sheet: the row's number from 1, and its cells.
pub(super) type Sample = Vec<(u64, Vec<String>)>;

/// A header, found.
#[derive(Debug)]
pub(super) struct Header {
    /// Its columns.
    pub(super) columns: Columns,
    /// The number of its last row; data begin below. 0 when there is none and all rows are data.
    pub(super) last_row: u64,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum NoHeader {
    /// No row has anything of one.
    None,
    /// A row has, but something stands against it.
    Bad {
        row: u64,
        headers: Vec<String>,
        problem: Problem,
        /// Fields recognised in it.
        score: usize,
    },
}

/// The best header in the sample: all that must be there, then most fields, then nothing
/// against it, then a single row, then the first.
pub(super) fn find(sample: &Sample, schema: &'static Schema, map: &ColumnMap) -> Result<Header, NoHeader> {
    let words = Vocabulary::new(schema, map);
    let mut best: Option<(Rank, Candidate)> = None;
    for (index, (row, cells)) in sample.iter().enumerate() {
        let single = Candidate::single(*row, cells, &words);
        let pair = sample.get(index + 1).filter(|(next, _)| *next == row + 1);
        let pair = pair.map(|(next, below)| Candidate::pair(*next, cells, below, &words));
        for candidate in [Some(single), pair].into_iter().flatten() {
            let rank = candidate.rank();
            if candidate.score_by_name > 0 && best.as_ref().is_none_or(|(other, _)| rank > *other) {
                best = Some((rank, candidate));
            }
        }
    }
    match best {
        Some((_, Candidate { problem: None, columns, row, .. })) => Ok(Header { columns, last_row: row }),
        _ if map.needs_no_header(schema) => {
            let resolved = words.resolve(&[], &[]);
            Ok(Header { columns: resolved.columns, last_row: 0 })
        }
        Some((_, Candidate { problem: Some(problem), columns, row, score_by_name, .. })) => {
            Err(NoHeader::Bad { row, headers: columns.headers, problem, score: score_by_name })
        }
        None => Err(NoHeader::None),
    }
}

/// Better is greater.
type Rank = (bool, usize, bool, bool);

struct Candidate {
    row: u64,
    columns: Columns,
    complete: bool,
    problem: Option<Problem>,
    /// Fields recognised by their headers; those given by position say nothing about this row.
    score_by_name: usize,
    single: bool,
}

impl Candidate {
    fn single(row: u64, cells: &[String], words: &Vocabulary<'_>) -> Self {
        let cells = &cells[..cells.len().min(MOST_COLUMNS)];
        let names: Vec<String> = cells.iter().map(|cell| normal(cell)).collect();
        Self::of(row, &names, cells, true, words)
    }

    /// Two rows read as one: a column is called by its lower cell, by the upper one where the lower is blank, or by the
    /// group above and the lower cell together, where a field is called so or the lower cell alone occurs twice
    /// (账面 数量, 实盘 数量).
    fn pair(row: u64, above: &[String], below: &[String], words: &Vocabulary<'_>) -> Self {
        let width = above.len().max(below.len()).min(MOST_COLUMNS);
        let cell = |cells: &[String], c: usize| cells.get(c).map(|s| s.trim().to_owned()).unwrap_or_default();
        let (mut names, mut headers, mut group) = (Vec::new(), Vec::new(), String::new());
        for column in 0..width {
            let (upper, lower) = (cell(above, column), cell(below, column));
            if !upper.is_empty() {
                group.clone_from(&upper);
            }
            if lower.is_empty() {
                names.push(normal(&upper));
                headers.push(upper);
                continue;
            }
            let joined = normal(&format!("{group}{lower}"));
            let alone = normal(&lower);
            let twice = below.iter().filter(|other| normal(other) == alone).count() > 1;
            names.push(if twice || words.knows(&joined) { joined } else { alone });
            headers.push(lower);
        }
        Self::of(row, &names, &headers, false, words)
    }

    fn of(row: u64, names: &[String], headers: &[String], single: bool, words: &Vocabulary<'_>) -> Self {
        let resolved = words.resolve(names, headers);
        let by_position = words.positions();
        Self {
            row,
            columns: resolved.columns,
            complete: resolved.complete,
            problem: resolved.problem,
            score_by_name: resolved.score - by_position.min(resolved.score),
            single,
        }
    }

    fn rank(&self) -> Rank {
        (self.complete, self.score_by_name, self.problem.is_none(), self.single)
    }
}
