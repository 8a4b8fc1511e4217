//! One draw at the counter: the next step is the one form on top, and what was done stands below it.

use axum::extract::State as Extract;
use axum::response::Response;
use axum::{Extension, Form};

use super::{at, draws, instant, minute, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::firearms::draws::acting::{self, Count};
use crate::firearms::draws::entity::{act, signature};
use crate::firearms::draws::model::{ActKind, Clearance, Part, Rounds, State};
use crate::firearms::draws::store::{self, Shown};
use crate::firearms::draws::{asking, handing, longer, losing};
use crate::firearms::model::masked;
use crate::firearms::store as registry;
use crate::kernel::Ctx;
use crate::web::extract::{Path, Query};
use crate::web::layers::Visit;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, presence_fields, refused_signed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 12] =
    ["gun", "armoury", "lot", "rounds", "fired", "damaged", "lost", "magazines", "part", "until", "reason", "step"];

/// What was tried and refused.
#[derive(Default)]
struct Beside {
    deed: String,
    typed: Typed,
    faults: Faults,
}

/// What the page knows.
struct Counter<'a> {
    frame: &'a Frame,
    shown: &'a Shown,
    act: Option<&'a act::Model>,
    signed: &'a [signature::Model],
    /// Whoever looks holds the counter.
    keeps: bool,
    /// Whoever looks is the officer.
    is_theirs: bool,
    beside: &'a Beside,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let said = said(&frame, &asked);
    page(&app, &ctx, frame, &number, said, Beside::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    beside: Beside,
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let shown = store::one(db, ctx, number).await?;
    let (row, w) = (&shown.row, &frame.words.firearms.draw);
    let act = store::open_act(db, row.id).await?;
    let signed = match &act {
        Some(act) => store::signatures(db, act.id).await?,
        None => Vec::new(),
    };
    let people = signed.iter().map(|one| one.person_id).chain([row.drawer_id]);
    let names = Names::of(db, people, []).await?;
    let counter = Counter {
        frame: &frame,
        shown: &shown,
        act: act.as_ref(),
        signed: &signed,
        keeps: permit(ctx, Action::DrawsKeep, Some(row.unit_id)).is_ok(),
        is_theirs: ctx.person() == Some(row.drawer_id),
        beside: &beside,
    };
    let mut blocks = counter.blocks();
    if let Some(act) = &act {
        blocks.push(progress(&frame, act, &signed, &names));
    }
    blocks.push(Block { title: w.facts.clone(), facts: facts(app, &frame, &shown, &names).await?, ..Block::default() });
    let mark = draws::draw_mark(&frame, ctx, &shown);
    let title = format!("{} · {} · {}", row.number, names.person(Some(row.drawer_id)), mark.text);
    let back = ("/firearms/draws".to_owned(), w.heading.clone());
    let href = format!("/approvals/{}", row.approval_id);
    let steps = vec![Step { text: w.see_approval.clone(), href, ..Step::default() }];
    let lead = row.task.clone();
    Ok(Board { back, lead, said, steps, blocks, ..Board::new(frame, title) }.answer())
}

async fn facts(app: &App, frame: &Frame, shown: &Shown, names: &Names) -> Result<Vec<(String, Td)>, ApiError> {
    let (db, row, w) = (app.db().read(), &shown.row, &frame.words.firearms.draw);
    let f = &frame.words.firearms.field;
    let of = registry::armoury_by_id(db, row.armoury_id).await?.map(|row| row.name).unwrap_or_default();
    let gun = match row.item_id {
        Some(id) => registry::by_id(db, id).await?,
        None => None,
    };
    let gun = gun.map(|gun| format!("{} {} {}", gun.item.item_number, gun.arm.model, masked(&gun.arm.serial)));
    let Rounds { back, fired, damaged, lost } = row.rounds();
    let equation = format!("{} = {back} + {fired} + {damaged} + {lost}", row.rounds_out);
    let mut facts: Vec<(String, Td)> = vec![
        (w.drawer.clone(), names.person_and_unit(row.drawer_id).into()),
        (f.store.clone(), of.into()),
        (f.model.clone(), row.model_key.clone().into()),
        (w.purpose.clone(), frame.either(row.purpose.zh(), row.purpose.as_str()).into()),
        (f.rounds.clone(), row.rounds_asked.to_string().into()),
        (w.magazines.clone(), row.magazines_asked.to_string().into()),
        (w.from.clone(), minute(Some(row.planned_from)).into()),
        (w.due.clone(), minute(Some(row.due_at)).into()),
        (w.gun.clone(), gun.unwrap_or_default().into()),
        (w.out_at.clone(), minute(row.out_at).into()),
        (w.returned_at.clone(), minute(row.returned_at).into()),
        (f.reason.clone(), row.ended_reason.clone().into()),
    ];
    if shown.state == State::Closed {
        facts.push((w.equation.clone(), equation.into()));
    }
    facts.retain(|(_, td)| !td.text.is_empty());
    Ok(facts)
}

/// What was done of the act.
fn progress(frame: &Frame, act: &act::Model, signed: &[signature::Model], names: &Names) -> Block {
    let w = &frame.words.firearms.draw;
    let mut table = Table::new(&[&w.step, &w.done]);
    let mark = |done: bool| if done { Td::mark("good", w.yes.clone()) } else { Td::mark("calm", w.not_yet.clone()) };
    if act.item_id.is_some() {
        for (n, step) in (1i64..).zip(Clearance::ALL) {
            table.rows.push(vec![frame.either(step.zh(), step.as_str()).into(), mark(act.cleared >= n)]);
        }
        table.rows.push(vec![w.scan.clone().into(), mark(act.scanned_at.is_some())]);
    }
    let counted = format!("{} / {} / {} / {}", act.rounds, act.fired, act.damaged, act.lost);
    let counted = if act.counted_at.is_some() { counted } else { String::new() };
    table.rows.push(vec![w.count.clone().into(), mark(act.counted_at.is_some()).because(counted)]);
    for part in Part::ALL {
        let one = signed.iter().find(|one| one.part == *part);
        let who = one.map(|one| format!("{} {}", names.person(Some(one.person_id)), minute(Some(one.signed_at))));
        let name = frame.either(part.zh(), part.as_str()).to_owned();
        table.rows.push(vec![name.into(), mark(one.is_some()).because(who.unwrap_or_default())]);
    }
    Block { title: w.progress.clone(), table: Some(table), ..Block::default() }
}

impl Counter<'_> {
    fn filled(&self, deed: &str, id: &str) -> String {
        if self.beside.deed == deed { self.beside.typed.get(id).to_owned() } else { String::new() }
    }

    fn text(&self, deed: &str, id: &str, label: &str, kind: &'static str) -> Field {
        let clean = Faults::default();
        let faults = if self.beside.deed == deed { &self.beside.faults } else { &clean };
        Field::input(id, label, kind, &self.filled(deed, id), faults)
    }

    fn form(&self, deed: &str, label: &str, help: &str, fields: Vec<Field>, danger: bool) -> Block {
        let general = if self.beside.deed == deed { self.beside.faults.general() } else { "" };
        let sheet = Sheet {
            action: format!("{}/{deed}", at("draws", &self.shown.row.number)),
            hidden: vec![("version".to_owned(), self.shown.row.version.to_string())],
            fields,
            submit: label.to_owned(),
            general: general.to_owned(),
            danger,
            ..Sheet::default()
        };
        let notes = if help.is_empty() { Vec::new() } else { vec![help.to_owned()] };
        Block { title: label.to_owned(), notes, form: Some(sheet), ..Block::default() }
    }

    fn blocks(&self) -> Vec<Block> {
        let w = &self.frame.words.firearms.draw;
        let reason = |deed: &str| vec![self.text(deed, "reason", &self.frame.words.firearms.field.reason, "text")];
        let mut blocks = Vec::new();
        match (self.shown.state, self.keeps) {
            (State::Approved, true) => {
                let gun = vec![self.text("issue", "gun", &w.gun, "text")];
                blocks.push(self.form("issue", &w.open_issue, &w.gun_help, gun, false));
            }
            (State::Out, true) => blocks.push(self.form("return", &w.open_return, "", Vec::new(), false)),
            (State::Handing | State::Returning, true) => {
                blocks.extend(self.act.map(|act| self.next_step(act)));
                blocks.push(self.form("cancel", &w.cancel, &w.cancel_help, reason("cancel"), true));
            }
            _ => {}
        }
        if self.shown.state == State::Out && (self.keeps || self.is_theirs) {
            let what = vec![("yes".to_owned(), w.gun_lost.clone()), ("no".to_owned(), w.only_rounds.clone())];
            let mut fields = vec![Field::choice("what", &w.lost_what, what, "no", &Faults::default())];
            fields.push(self.text("loss", "lost", &w.lost, "number"));
            fields.extend(reason("loss"));
            if self.is_theirs {
                let mut more = vec![self.text("longer", "until", &w.until, "datetime-local")];
                more.extend(reason("longer"));
                blocks.push(self.form("longer", &w.longer, &w.longer_help, more, false));
            }
            blocks.push(self.form("loss", &w.report_loss, &w.loss_help, fields, true));
        }
        if matches!(self.shown.state, State::Asked | State::Approved) && self.is_theirs {
            blocks.push(self.form("withdraw", &w.withdraw, "", reason("withdraw"), true));
        }
        blocks
    }

    /// The one thing to do next.
    fn next_step(&self, act: &act::Model) -> Block {
        let w = &self.frame.words.firearms.draw;
        if act.item_id.is_some() {
            if let Some(step) = Clearance::next(act.cleared) {
                let label = format!("{} {}", w.clear, self.frame.either(step.zh(), step.as_str()));
                let mut block = self.form("clear", &label, &w.clear_help, Vec::new(), false);
                if let Some(form) = &mut block.form {
                    form.hidden.push(("step".to_owned(), step.as_str().to_owned()));
                }
                return block;
            }
            if act.scanned_at.is_none() {
                return self.form("scan", &w.scan, &w.scan_help, vec![self.text("scan", "gun", &w.gun, "text")], false);
            }
        }
        if act.counted_at.is_none() {
            return self.counting(act);
        }
        let needed = Part::needed(self.shown.row.urgent && act.kind == ActKind::Issue);
        let missing: Vec<(String, String)> = needed
            .iter()
            .filter(|part| !self.signed.iter().any(|one| one.part == **part))
            .map(|part| (part.as_str().to_owned(), self.frame.either(part.zh(), part.as_str()).to_owned()))
            .collect();
        // What is refused at the end is refused for a signature that no longer counts: it can be signed anew.
        let refused = !self.beside.faults.general().is_empty() && matches!(self.beside.deed.as_str(), "hand" | "take");
        if missing.is_empty() && !refused {
            return match act.kind {
                ActKind::Issue => self.form("hand", &w.hand_over, &w.hand_over_help, Vec::new(), false),
                ActKind::Return => self.form("take", &w.take_back, &w.take_back_help, Vec::new(), false),
            };
        }
        let parts = if missing.is_empty() {
            needed
                .iter()
                .map(|part| (part.as_str().to_owned(), self.frame.either(part.zh(), part.as_str()).to_owned()))
                .collect()
        } else {
            missing
        };
        let clean = (Typed::default(), Faults::default());
        let (typed, faults) =
            if self.beside.deed == "sign" { (&self.beside.typed, &self.beside.faults) } else { (&clean.0, &clean.1) };
        let mut fields = vec![Field::choice("part", &w.part, parts, typed.get("part"), faults)];
        fields.extend(presence_fields(self.frame, typed, faults));
        let mut block = self.form("sign", &w.sign, &w.sign_help, fields, false);
        if refused {
            block.alert = Some(("danger", self.beside.faults.general().to_owned()));
        }
        block
    }

    fn counting(&self, act: &act::Model) -> Block {
        let (w, f) = (&self.frame.words.firearms.draw, &self.frame.words.firearms.field);
        let mut fields = match act.kind {
            ActKind::Issue => vec![
                self.text("count", "armoury", &w.rounds_store, "text"),
                self.text("count", "lot", &f.lot, "text"),
                self.text("count", "rounds", &w.rounds_out, "number"),
            ],
            ActKind::Return => vec![
                self.text("count", "rounds", &w.rounds_back, "number"),
                self.text("count", "fired", &w.fired, "number"),
                self.text("count", "damaged", &w.damaged, "number"),
                self.text("count", "lost", &w.lost, "number"),
            ],
        };
        fields.push(self.text("count", "magazines", &w.magazine_numbers, "text"));
        let help = if act.kind == ActKind::Issue {
            String::new()
        } else {
            w.count_help.replace("{out}", &self.shown.row.rounds_out.to_string())
        };
        self.form("count", &w.count, &help, fields, false)
    }
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    match go(&app, &visit, &ctx, &frame, &number, &deed, &typed).await {
        Ok(()) => Ok(to(&at("draws", &number), "saved")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            page(&app, &ctx, frame, &number, String::new(), Beside { deed, typed, faults }).await
        }
    }
}

fn as_error(faults: &Faults) -> ApiError {
    let field = FIELDS.iter().find(|field| !faults.of(field).is_empty()).copied().unwrap_or_default();
    ApiError::invalid(field, faults.of(field).to_owned())
}

fn counted(frame: &Frame, typed: &Typed) -> Result<Count, ApiError> {
    let many = |id: &str| whole(frame, typed, id).map(Option::unwrap_or_default).map_err(|faults| as_error(&faults));
    let magazines = typed.get("magazines").split([' ', ',', '，', '、']).filter(|one| !one.is_empty());
    Ok(Count {
        armoury: typed.get("armoury").to_owned(),
        lot: typed.get("lot").to_owned(),
        rounds: Rounds { back: many("rounds")?, fired: many("fired")?, damaged: many("damaged")?, lost: many("lost")? },
        magazines: magazines.map(str::to_owned).collect(),
    })
}

async fn go(
    app: &App,
    visit: &Visit,
    ctx: &Ctx,
    frame: &Frame,
    number: &str,
    deed: &str,
    typed: &Typed,
) -> Result<(), ApiError> {
    let (asker, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    let (gun, reason) = (typed.get("gun").to_owned(), typed.get("reason").to_owned());
    match deed {
        "issue" => {
            app.write(move |db| async move { acting::open_issue(&db, &asker, &number, version, &gun).await }).await?;
        }
        "return" => {
            app.write(move |db| async move { acting::open_return(&db, &asker, &number, version).await }).await?;
        }
        "clear" => {
            let step = Clearance::by_name(typed.get("step"));
            let step = step.ok_or_else(|| ApiError::invalid("step", "没有这一步"))?;
            app.write(move |db| async move { acting::clear(&db, &asker, &number, step).await }).await?;
        }
        "scan" => {
            app.write(move |db| async move { acting::scan(&db, &asker, &number, &gun).await }).await?;
        }
        "count" => {
            let new = counted(frame, typed)?;
            app.write(move |db| async move { acting::count(&db, &asker, &number, &new).await }).await?;
        }
        "sign" => {
            // Whoever does not hold the counter does not try another's password.
            permit_somewhere(ctx, Action::DrawsKeep)?;
            let part = Part::by_name(typed.get("part")).ok_or_else(|| ApiError::invalid("part", "没有这一签字人"))?;
            let signer = super::second(app, visit, ctx, frame, typed).await?;
            app.write(move |db| async move { acting::sign(&db, &signer, &number, part).await }).await?;
        }
        "hand" => {
            app.write(move |db| async move { handing::hand_over(&db, &asker, &number, version).await }).await?;
        }
        "take" => {
            app.write(move |db| async move { handing::take_back(&db, &asker, &number, version).await }).await?;
        }
        "cancel" => {
            app.write(move |db| async move { acting::cancel(&db, &asker, &number, &reason).await }).await?;
        }
        "withdraw" => {
            let done =
                app.write(move |db| async move { asking::withdraw(&db, &asker, &number, version, &reason).await });
            done.await?;
        }
        "loss" => {
            let gun = typed.get("what") == "yes";
            let rounds = whole(frame, typed, "lost").map_err(|faults| as_error(&faults))?.unwrap_or_default();
            let done =
                app.write(move |db| async move { losing::report(&db, &asker, &number, gun, rounds, &reason).await });
            done.await?;
        }
        "longer" => {
            let until = instant(frame, typed, "until").map_err(|faults| as_error(&faults))?;
            let until = until.ok_or_else(|| ApiError::invalid("until", frame.words.firearms.draw.due_help.clone()))?;
            app.write(move |db| async move { longer::ask(&db, &asker, &number, until, &reason).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(())
}
