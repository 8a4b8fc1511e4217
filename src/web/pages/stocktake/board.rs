//! The board of a campaign: how far each unit is, sorted by who needs a call; what differs; what is missing and where to
//! look first.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::{ago, campaign_at, campaign_mark, card, is_under_way, number_of, of, sheet_mark, verdict_mark};
use crate::access::{self, Action};
use crate::kernel::text::thousands;
use crate::kernel::{Ctx, Timestamp};
use crate::stocktake::entity::sheet;
use crate::stocktake::line::Tally;
use crate::stocktake::model::SheetState;
use crate::stocktake::standing::{Sight, seen};
use crate::stocktake::verdict::Verdict;
use crate::web::extract::{Path, Query};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// So many missing things are shown; the rest is behind the link.
const MISSING: usize = 12;
/// The width of a bar in its own units.
const BAR: u64 = 1000;

/// Verdicts as the board lists them: what asks something of someone first.
const SHOWN: [Verdict; 12] = [
    Verdict::Missing,
    Verdict::Conflict,
    Verdict::DisposedPresent,
    Verdict::Misplaced,
    Verdict::WrongKeeper,
    Verdict::Short,
    Verdict::Over,
    Verdict::Unregistered,
    Verdict::Foreign,
    Verdict::Pending,
    Verdict::Excused,
    Verdict::Matched,
];

/// A part of a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    look: &'static str,
    from: u64,
    width: u64,
}

/// A unit.
#[derive(Debug)]
pub(super) struct Row {
    unit: String,
    href: String,
    state: Mark,
    bar: Vec<Piece>,
    bar_says: String,
    counted: String,
    last: String,
    last_at: String,
    people: Vec<String>,
    call: Mark,
    /// What sorts it: who needs a call first.
    rank: (u8, u64, String),
}

/// A missing thing and where to look for it.
#[derive(Debug)]
pub(super) struct Lost {
    number: String,
    name: String,
    href: String,
    unit: String,
    lead: String,
}

/// All that is shown live.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) title: String,
    state: Mark,
    facts: String,
    rows: Vec<Row>,
    differences: Vec<(Mark, String, String)>,
    missing: Vec<Lost>,
    more_missing: String,
    missing_href: String,
    hidden: bool,
    reports: bool,
}

#[derive(Template)]
#[template(path = "stocktake/board.html")]
struct Whole {
    frame: Frame,
    said: String,
    at: String,
    live: bool,
    board: Board,
    may_count: bool,
    why_not: String,
}

/// The live part alone, as it is sent again and again.
#[derive(Template)]
#[template(path = "stocktake/board_live.html")]
struct Part<'a> {
    frame: &'a Frame,
    board: &'a Board,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    said: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let sight = Sight::of(app.db(), &ctx, &number_of(number)?).await?;
    let board = board(&frame, &ctx, &sight);
    let campaign = sight.campaign();
    let w = &frame.words.stocktake.board;
    let said = match asked.said.as_str() {
        "opened" => w.said_opened.clone(),
        "recount" => w.said_recount.clone(),
        "closed" => w.said_closed.clone(),
        "cancelled" => w.said_cancelled.clone(),
        _ => String::new(),
    };
    let (at, live) = (campaign_at(&campaign.number), is_under_way(campaign.state));
    let may_count = live && access::permit_somewhere(&ctx, Action::CampaignsCount).is_ok();
    let why_not = match (may_count, live) {
        (true, _) => String::new(),
        (false, true) => w.may_not_count.clone(),
        (false, false) => w.over.clone(),
    };
    Ok(page(StatusCode::OK, None, &Whole { said, at, live, board, may_count, why_not, frame }))
}

/// The live part as it is now.
pub(super) fn part(frame: &Frame, ctx: &Ctx, sight: &Sight) -> Result<String, askama::Error> {
    Part { frame, board: &board(frame, ctx, sight) }.render()
}

fn board(frame: &Frame, ctx: &Ctx, sight: &Sight) -> Board {
    let (w, campaign) = (&frame.words.stocktake.board, sight.campaign());
    let at = campaign_at(&campaign.number);
    let mut rows: Vec<Row> = sight.sheets().map(|sheet| row(frame, ctx, sight, sheet)).collect();
    rows.sort_by(|a, b| a.rank.cmp(&b.rank));
    let total = sight.total();
    let differences = SHOWN
        .into_iter()
        .filter(|verdict| sight.reports() && (total.of(*verdict) > 0 || *verdict == Verdict::Missing))
        .map(|verdict| {
            let href = format!("{at}/differences?verdict={verdict}");
            (verdict_mark(frame, verdict), thousands(total.of(verdict)), href)
        })
        .collect();
    let missing = sight.lines_of(Verdict::Missing).take(MISSING).map(|line| Lost {
        number: line.number().to_owned(),
        name: line.name().to_owned(),
        href: card(line.number()),
        unit: line.unit.map(|unit| sight.names().unit_name(unit).to_owned()).unwrap_or_default(),
        lead: line.lead.clone(),
    });
    let rest = usize::try_from(total.missing).unwrap_or(usize::MAX).saturating_sub(MISSING);
    let blind = if campaign.blind { format!(" · {}", w.blind) } else { String::new() };
    Board {
        title: title(frame, sight, &total),
        state: campaign_mark(frame, campaign.state),
        facts: w
            .facts
            .replace("{baseline}", &campaign.baseline_at.day().to_string())
            .replace("{from}", &campaign.window_from.day().to_string())
            .replace("{to}", &campaign.window_to.day().to_string())
            + &blind,
        missing: missing.collect(),
        more_missing: if rest == 0 {
            String::new()
        } else {
            w.more_missing.replace("{count}", &thousands(total.missing))
        },
        missing_href: format!("{at}/differences?verdict=missing"),
        hidden: sight.hides_some(),
        reports: sight.reports(),
        rows,
        differences,
    }
}

/// The page's answer: how far it is, and what is missing.
fn title(frame: &Frame, sight: &Sight, total: &Tally) -> String {
    let (w, name) = (&frame.words.stocktake.board, &sight.campaign().name);
    if sight.hides_some() {
        let sheets = sight.sheets().count();
        let done = sight.sheets().filter(|sheet| sheet.state != SheetState::Open).count();
        return w
            .title_blind
            .replace("{name}", name)
            .replace("{done}", &done.to_string())
            .replace("{all}", &sheets.to_string());
    }
    let (mut counted, mut expected) = (0, 0);
    for (of_unit, of_all) in sight.sheets().filter_map(|sheet| sight.progress(sheet.unit_id)) {
        counted += of_unit;
        expected += of_all;
    }
    let words = if sight.reports() { &w.title } else { &w.title_short };
    words
        .replace("{name}", name)
        .replace("{counted}", &of(counted, expected))
        .replace("{missing}", &thousands(total.missing))
}

fn row(frame: &Frame, ctx: &Ctx, sight: &Sight, sheet: &sheet::Model) -> Row {
    let (w, unit) = (&frame.words.stocktake.board, sheet.unit_id);
    let progress = sight.progress(unit);
    let last = sight.last_scan(sheet.id);
    let (bar, bar_says) = match (sight.tally(Some(unit)), progress) {
        (Some(tally), _) => bar(frame, &tally),
        (None, Some((seen, expected))) => bar_of_two(frame, seen, expected),
        (None, None) => (Vec::new(), w.hidden.clone()),
    };
    let names = sight.names();
    let contacts = sight.contacts(unit);
    let people = [(contacts.manager, &w.manager), (contacts.head, &w.head)]
        .into_iter()
        .filter_map(|(person, what)| Some(what.replace("{name}", &names.person(person?)?.name)))
        .collect();
    let code = names.unit(unit).map_or(String::new(), |unit| unit.code.clone());
    let (rank, call) = call(frame, ctx, sight, sheet, last, progress);
    Row {
        unit: names.unit_name(unit).to_owned(),
        href: format!("{}/sheets/{}", campaign_at(&sight.campaign().number), sheet.id),
        state: sheet_mark(frame, sheet.state),
        bar,
        bar_says,
        counted: progress.map_or_else(|| w.hidden.clone(), |(seen, expected)| of(seen, expected)),
        last: last.map_or_else(|| w.never.clone(), |at| ago(frame, at, ctx.now())),
        last_at: last.map(|at| at.to_string()).unwrap_or_default(),
        people,
        call,
        rank: (rank.0, rank.1, code),
    }
}

/// Who needs a call first: who has not begun, who is late, who is furthest behind; then who has to sign.
fn call(
    frame: &Frame,
    ctx: &Ctx,
    sight: &Sight,
    sheet: &sheet::Model,
    last: Option<Timestamp>,
    progress: Option<(u64, u64)>,
) -> ((u8, u64), Mark) {
    let w = &frame.words.stocktake.board;
    let campaign = sight.campaign();
    let part = match progress {
        Some((_, 0)) => BAR,
        Some((seen, expected)) => seen * BAR / expected,
        None => 0,
    };
    let nothing_to_do = progress.is_some_and(|(_, expected)| expected == 0);
    let late = is_under_way(campaign.state) && campaign.window_to < ctx.now();
    let none = || Mark::new("plain", "");
    match sheet.state {
        SheetState::Open if !is_under_way(campaign.state) => ((5, part), none()),
        SheetState::Open if nothing_to_do => ((4, part), Mark::new("plain", w.nothing_expected.clone())),
        SheetState::Open if last.is_none() => ((0, part), Mark::new("bad gone", w.not_begun.clone())),
        SheetState::Open if late => ((1, part), Mark::new("bad", w.late.clone())),
        SheetState::Open => ((2, part), none()),
        SheetState::Submitted => ((3, part), Mark::new("warn", w.to_confirm.clone())),
        SheetState::Confirmed => ((6, part), none()),
    }
}

/// A bar of all verdicts of a unit, and what it says in words.
pub(super) fn bar(frame: &Frame, tally: &Tally) -> (Vec<Piece>, String) {
    let w = &frame.words.stocktake.board;
    let parts = [
        ("fill-good", tally.matched + tally.excused, &w.part_good),
        ("fill-warn", tally.misplaced + tally.wrong_keeper + tally.short + tally.over, &w.part_warn),
        ("fill-bad", tally.missing + tally.conflict + tally.disposed_present, &w.part_bad),
        ("fill-ask", tally.unregistered + tally.foreign, &w.part_ask),
        ("fill-none", tally.pending, &w.part_none),
    ];
    let says =
        parts.iter().filter(|(_, many, _)| *many > 0).map(|(_, many, words)| format!("{words} {}", thousands(*many)));
    (pieces(&parts.map(|(look, many, _)| (look, many))), says.collect::<Vec<_>>().join(frame.either("，", ", ")))
}

/// A bar for whoever is shown no verdicts: seen, and not yet.
fn bar_of_two(frame: &Frame, seen: u64, expected: u64) -> (Vec<Piece>, String) {
    let w = &frame.words.stocktake.board;
    let parts = [("fill-good", seen), ("fill-none", expected.saturating_sub(seen))];
    (pieces(&parts), format!("{} {}", w.seen, of(seen, expected)))
}

/// Widths that fill the bar; what is there at all is seen.
fn pieces(parts: &[(&'static str, u64)]) -> Vec<Piece> {
    let all: u64 = parts.iter().map(|(_, many)| many).sum();
    let mut from = 0;
    let mut before = 0;
    let mut found = Vec::new();
    for (look, many) in parts.iter().filter(|(_, many)| *many > 0) {
        before += many;
        let to = (before * BAR / all).max(from + 4);
        found.push(Piece { look, from, width: to - from });
        from = to;
    }
    found
}

/// How many of what is expected was seen: for pages beside the board.
pub(super) fn counted(tally: &Tally) -> String {
    of(seen(tally), tally.expected)
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Whole { frame, said, at, live, board, may_count, why_not }
        Board { title, state, facts, rows, differences, missing, more_missing, missing_href, hidden, reports }
        Row { unit, href, state, bar, bar_says, counted, last, last_at, people, call, rank }
        Piece { look, from, width }
        Lost { number, name, href, unit, lead }
    }
    #[test]
    fn stocktake_board_live() {
        use crate::web::pages::samples::{Sample as _, filled, rendered};
        for mut fill in filled() {
            let (frame, board) = (Frame::sample(&mut fill), Board::sample(&mut fill));
            let (frame, board, language) = (&frame, &board, fill.language);
            rendered(language, &Part { frame, board });
        }
    }

    renders! {
        stocktake_board: Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_filled_and_hides_nothing() {
        assert_eq!(pieces(&[("a", 0), ("b", 0)]), []);
        let found = pieces(&[("a", 999_999), ("b", 0), ("c", 1)]);
        let shown: Vec<_> = found.iter().map(|piece| (piece.look, piece.from, piece.width)).collect();
        assert_eq!(shown, [("a", 0, 999), ("c", 999, 4)]);
        let halves: Vec<_> = pieces(&[("a", 1), ("b", 1)]).iter().map(|piece| (piece.from, piece.width)).collect();
        assert_eq!(halves, [(0, 500), (500, 500)]);
    }
}
