//! The columns of an asset ledger that are of the card: as the asset system's export has them.

use super::Desk;
use crate::assets::card::entity::card;
use crate::assets::card::fields;
use crate::assets::card::kinds::{Depreciation, Form, Usage, Valuation};
use crate::assets::classes::{Catalogue, Recognised};
use crate::documents::tables::Assets;
use crate::documents::{Fields as _, Location, Reject, Row};
use crate::items::service::NewItem;
use crate::kernel::Fen;
use crate::kernel::ids::ItemId;
use crate::org::Directory;

/// The fields of a card that a row says something about.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Field and text; days and money as the program writes them.
    said: Vec<(&'static str, String)>,
    managing_unit: String,
}

/// Column and field, where a text is all there is to it.
const TEXTS: &[(Assets, &str)] = &[
    (Assets::Form, "form"),
    (Assets::Voucher, "voucher"),
    (Assets::Valuation, "valuation"),
    (Assets::Acquisition, "acquisition"),
    (Assets::Purchase, "purchase_organisation"),
    (Assets::BudgetProject, "budget_project"),
    (Assets::Manufacturer, "manufacturer"),
    (Assets::Supplier, "supplier"),
    (Assets::Contract, "contract_number"),
    (Assets::Invoice, "invoice_number"),
    (Assets::Booking, "booking"),
    (Assets::AccountSubject, "account_subject"),
    (Assets::Depreciation, "depreciation"),
    (Assets::LifeYears, "life_years"),
    (Assets::Purpose, "purpose"),
    (Assets::FromConstruction, "from_construction"),
    (Assets::CustomNumber, "custom_number"),
    (Assets::Plate, "plate"),
    (Assets::Vin, "vin"),
    (Assets::EngineNumber, "engine_number"),
    (Assets::Origin, "origin"),
    (Assets::Displacement, "displacement_ml"),
    (Assets::Quota, "quota"),
    (Assets::VehicleUse, "vehicle_use"),
    (Assets::HasLicence, "has_licence"),
    (Assets::LicenceHolder, "licence_holder"),
    (Assets::Seats, "seats"),
    (Assets::Mileage, "mileage_km"),
    (Assets::Site, "location"),
    (Assets::Area, "area_centi"),
    (Assets::Structure, "structure"),
    (Assets::Title, "title_certificate"),
    (Assets::Material, "material"),
    (Assets::Remark, "remark"),
];
const DAYS: &[(Assets, &str)] = &[
    (Assets::BookedOn, "booked_on"),
    (Assets::WarrantyUntil, "warranty_until"),
    (Assets::InServiceOn, "in_service_on"),
    (Assets::RegisteredOn, "registered_on"),
];
const MONEY: &[(Assets, &str)] =
    &[(Assets::Fiscal, "fiscal_fen"), (Assets::NonFiscal, "non_fiscal_fen"), (Assets::RepairCost, "repair_cost_fen")];
/// A remark alone makes no card: many ledgers have that column.
const NO_CARD: &[&str] = &["remark", "usage"];

/// What a row says of the card. What no field can hold is the row's reject.
pub(super) fn read(row: &Row<'_, Assets>) -> Result<Draft, Reject> {
    let mut said = Vec::new();
    let mut trial = card::Model::of(ItemId(sea_orm::prelude::Uuid::nil()), "", Fen::ZERO);
    for (column, field) in TEXTS {
        let text = row.text(*column);
        if matches!(text, "" | "-" | "--" | "—" | "——" | "/") {
            continue;
        }
        fields::set(&mut trial, field, text).map_err(|reason| row.reject(*column, reason))?;
        said.push((*field, text.to_owned()));
    }
    for (column, field) in DAYS {
        said.extend(row.date(*column)?.map(|day| (*field, day.to_string())));
    }
    for (column, field) in MONEY {
        said.extend(row.money(*column)?.map(|money| (*field, money.plain())));
    }
    said.extend(Usage::from_office_text(row.text(Assets::State)).map(|usage| ("usage", usage.as_str().to_owned())));
    Ok(Draft { said, managing_unit: row.text(Assets::ManagingUnit).to_owned() })
}

/// Today's code of a class, and the code of the old edition it came from; else a reject.
pub(super) fn class(desk: &mut Desk<'_>, all: &Catalogue, at: &Location, written: &str) -> Option<(String, String)> {
    match all.recognise(written) {
        // A code of an office's own stays as the office wrote it.
        Ok(Recognised::Foreign(_)) => Some((written.to_owned(), String::new())),
        Ok(known) => Some((known.code().to_owned(), known.old().to_owned())),
        Err(reason) => {
            desk.reject(at, "class_code", written, reason);
            None
        }
    }
}

/// The card of a row that has one; the outer `None` is a reject.
pub(super) fn of(
    desk: &mut Desk<'_>,
    directory: &Directory,
    at: &Location,
    draft: &Draft,
    thing: &NewItem,
    old_class_code: String,
) -> Option<Option<card::Model>> {
    let says = |name: &str| draft.said.iter().any(|(field, _)| *field == name);
    let is_card = draft.said.iter().any(|(field, _)| !NO_CARD.contains(field));
    if !is_card && draft.managing_unit.is_empty() && old_class_code.is_empty() {
        return Some(None);
    }
    let mut card = card::Model::of(ItemId(sea_orm::prelude::Uuid::nil()), &thing.class_code, thing.value_fen);
    card.old_class_code = old_class_code;
    for (field, text) in &draft.said {
        if let Err(reason) = fields::set(&mut card, field, text) {
            desk.reject(at, column_of(field), text, reason);
            return None;
        }
    }
    // What is not said of the two parts follows from the other.
    match (says("fiscal_fen"), says("non_fiscal_fen")) {
        (true, false) => card.non_fiscal_fen = thing.value_fen - card.fiscal_fen,
        (false, true) => card.fiscal_fen = thing.value_fen - card.non_fiscal_fen,
        _ => {}
    }
    if !says("form") && (says("plate") || says("vin")) {
        card.form = Form::Vehicle;
    }
    if !says("depreciation") && (card.valuation == Valuation::Nominal || card.form == Form::Land) {
        card.depreciation = Depreciation::NotDepreciated;
    }
    if !draft.managing_unit.is_empty() {
        match directory.find_unit(&draft.managing_unit) {
            Ok(unit) => card.managing_unit_id = Some(unit),
            Err(error) => {
                desk.reject(at, "managing_unit", &draft.managing_unit, error.to_string());
                return None;
            }
        }
    }
    if let Err((field, reason)) = card.check(desk.ctx.now().day()) {
        let text = draft.said.iter().find(|(name, _)| *name == field).map_or("", |(_, text)| text.as_str());
        desk.reject(at, column_of(field), text, reason);
        return None;
    }
    Some(Some(card))
}

/// The column of a field, as the table of assets calls it.
fn column_of(field: &str) -> &'static str {
    let known = TEXTS.iter().chain(DAYS).chain(MONEY).find(|(_, name)| *name == field);
    known.map_or("state", |(column, _)| column.spec().name)
}
