//! What may be done now with one missing case: the forms of its deeds, the next one first.

use super::one::{Beside, Told};
use crate::access::{Action, permit};
use crate::assets::missing::model::{Deed, Degree, Outcome};
use crate::assets::missing::procedure::Standing;
use crate::assets::missing::store::Case;
use crate::kernel::Ctx;
use crate::web::pages::admin::board::{Block, Field, Form as Sheet, Kind as How};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::spaced;
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;

/// A form of the page that is being put together.
struct Forms<'a> {
    frame: &'a Frame,
    told: &'a Told,
    beside: &'a Beside,
    blank: (Typed, Faults),
    blocks: Vec<Block>,
}

impl Forms<'_> {
    fn filled(&self, deed: &str) -> (&Typed, &Faults) {
        if self.beside.deed == deed {
            (&self.beside.typed, &self.beside.faults)
        } else {
            (&self.blank.0, &self.blank.1)
        }
    }

    fn text(&self, deed: &str, id: &str, label: &str, help: &str) -> Field {
        let (typed, faults) = self.filled(deed);
        Field::text(id, label, typed.get(id), faults).help(help)
    }

    /// Adds the form of a deed, when the case allows it; greyed with the reason where whoever looks may not.
    fn add(&mut self, (deed, step): (&str, Deed), (label, help): (&String, &String), fields: Vec<Field>, why: String) {
        if self.told.one.standing.after(step).is_err() {
            return;
        }
        let general = self.filled(deed).1.general().to_owned();
        let sheet = Sheet {
            action: format!("/assets/missing/{}/{deed}", self.told.one.case.id),
            hidden: vec![("version".to_owned(), self.told.one.loss.version.to_string())],
            fields: if why.is_empty() { fields } else { Vec::new() },
            submit: label.clone(),
            general,
            danger: matches!(step, Deed::WriteOff),
            why,
            ..Sheet::default()
        };
        self.blocks.push(Block {
            title: label.clone(),
            notes: vec![help.clone()],
            form: Some(sheet),
            ..Block::default()
        });
    }
}

/// The forms of what may be done now, the next one first.
pub(super) fn deeds(frame: &Frame, ctx: &Ctx, told: &Told, beside: &Beside) -> Vec<Block> {
    let (w, one) = (&frame.words.losses.one, &told.one);
    let may = |action| permit(ctx, action, Some(one.loss.unit_id)).is_ok();
    let unless = |allowed: bool, words: &String| if allowed { String::new() } else { words.clone() };
    let mine = unless(may(Action::AssetsMove), &w.not_yours);
    let kept = ctx.person().is_some() && one.thing.keeper_id == ctx.person();
    let none = String::new();
    let mut forms = Forms { frame, told, beside, blank: (Typed::default(), Faults::default()), blocks: Vec::new() };
    let write_off = vec![
        forms.text("write-off", "decision", &w.decision, ""),
        forms.text("write-off", "approval_number", &w.approval_number, ""),
        forms.text("write-off", "voucher_number", &w.voucher_number, ""),
        Field { kind: How::Input("date"), ..forms.text("write-off", "voucher_on", &w.voucher_on, "") },
    ];
    let open = told.steps.iter().find(|one| one.step.required && !one.done);
    let blocked = match (may(Action::ItemsWriteOff), open) {
        (false, _) => w.not_centre.clone(),
        (true, Some(one)) => w.step_open.replace("{step}", &format!("{} {}", one.step.code, one.step.title)),
        (true, None) => none.clone(),
    };
    forms.add(("write-off", Deed::WriteOff), (&w.write_off, &w.write_off_help), write_off, blocked);
    let reason = vec![forms.text("ask", "reason", &w.ask_reason, "")];
    let judged = unless(one.loss.degree.is_some(), &w.not_judged);
    let why = if mine.is_empty() { judged } else { mine.clone() };
    forms.add(("ask", Deed::Ask), (&w.ask, &w.ask_help), reason, why);
    let judgment = judgment(&forms);
    let theirs = unless(may(Action::LossesConfirm), &w.not_confirmer);
    let why = if theirs.is_empty() { unless(!kept, &w.keeper_cannot) } else { theirs.clone() };
    forms.add(("judge", Deed::Judge), (&w.judge, &w.judge_help), judgment, why);
    forms.add(("confirm", Deed::Confirm), (&w.confirm, &w.confirm_help), Vec::new(), cannot_confirm(frame, ctx, one));
    let explanation = if beside.deed == "explain" { beside.typed.get("explanation") } else { &one.loss.explanation };
    let explain = vec![Field::area("explanation", &w.explain_field, explanation, forms.filled("explain").1)];
    forms.add(("explain", Deed::Explain), (&w.explain, &w.explain_help), explain, mine.clone());
    let search = search(&forms);
    forms.add(("log", Deed::Log), (&w.log, &w.log_help), search, mine.clone());
    let find = vec![
        forms.text("find", "place", &w.find_place, &w.log_place_help),
        forms.text("find", "note", &w.find_note, ""),
    ];
    forms.add(("find", Deed::Find), (&w.find, &w.find_help), find, mine.clone());
    let ticks = ticks(&forms);
    forms.add(("tick", Deed::Tick), (&w.tick, &w.tick_help), ticks, mine);
    let reason = vec![forms.text("resume", "reason", &w.reason, "")];
    forms.add(("resume", Deed::Resume), (&w.resume, &w.resume_help), reason, theirs);
    forms.blocks
}

/// Why whoever looks cannot confirm; blank when they can.
fn cannot_confirm(frame: &Frame, ctx: &Ctx, one: &Case) -> String {
    let w = &frame.words.losses.one;
    if permit(ctx, Action::LossesConfirm, Some(one.loss.unit_id)).is_err() {
        return w.not_confirmer.clone();
    }
    if one.loss.explanation.is_empty() {
        return w.not_explained.clone();
    }
    if ctx.person().is_some() && one.thing.keeper_id == ctx.person() {
        return w.keeper_cannot.clone();
    }
    if one.loss.explained_by.as_deref() == Some(ctx.actor.to_string().as_str()) {
        return w.explainer_cannot.clone();
    }
    String::new()
}

fn judgment(forms: &Forms<'_>) -> Vec<Field> {
    let (w, one) = (&forms.frame.words.losses.one, &forms.told.one);
    let (typed, faults) = forms.filled("judge");
    let degrees =
        Degree::ALL.iter().map(|one| (one.as_str().to_owned(), forms.frame.either(one.zh(), one.as_str()).to_owned()));
    let now = one.loss.degree.map_or("", Degree::as_str);
    let degree = if forms.beside.deed == "judge" { typed.get("degree") } else { now };
    vec![
        Field::choice("degree", &w.degree, degrees.collect(), degree, faults),
        forms.text("judge", "responsible", &w.judge_who, &w.log_searcher_help),
        forms.text("judge", "basis", &w.judge_basis, ""),
        forms.text("judge", "compensation", &w.judge_paid, ""),
        forms.text("judge", "receipt", &w.judge_receipt, ""),
    ]
}

fn search(forms: &Forms<'_>) -> Vec<Field> {
    let w = &forms.frame.words.losses.one;
    let (typed, faults) = forms.filled("log");
    let results = Outcome::BY_HAND
        .iter()
        .map(|one| (one.as_str().to_owned(), forms.frame.either(one.zh(), &spaced(one.as_str())).to_owned()));
    vec![
        forms.text("log", "place", &w.log_place, &w.log_place_help),
        forms.text("log", "whereabouts", &w.log_words, ""),
        forms.text("log", "searcher", &w.log_searcher, &w.log_searcher_help),
        Field::choice("result", &w.result, results.collect(), typed.get("result"), faults),
        forms.text("log", "note", &w.log_note, ""),
    ]
}

/// A choice of the open steps to tick, and of the done ones to take back.
fn ticks(forms: &Forms<'_>) -> Vec<Field> {
    let w = &forms.frame.words.losses.one;
    let (typed, faults) = forms.filled("tick");
    let named =
        |one: &Standing, verb: &str, value: String| (value, format!("{verb} {} {}", one.step.code, one.step.title));
    let open = forms.told.steps.iter().filter(|one| !one.done).map(|one| named(one, "", one.step.code.clone()));
    let done =
        forms.told.steps.iter().filter(|one| one.done).map(|one| named(one, &w.untick, format!("-{}", one.step.code)));
    let all = open.chain(done).map(|(value, text)| (value, text.trim().to_owned())).collect();
    vec![Field::choice("step", &w.step, all, typed.get("step"), faults), forms.text("tick", "note", &w.untick_note, "")]
}
