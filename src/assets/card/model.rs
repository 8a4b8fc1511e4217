//! What a form of card asks for, and what must hold of every card; no database, no clock.

use chrono::NaiveDate;

use super::entity::card;
use super::kinds::{self, Booking, Depreciation, Form, Usage, Valuation};
use crate::items::entity::item;
use crate::items::model::ItemState;
use crate::kernel::Fen;
use crate::kernel::ids::ItemId;
use crate::kernel::text::fault;

impl card::Model {
    /// What is known of a thing that has no card yet: its form by its class, its whole value from the treasury, booked.
    /// Version 0: it stands nowhere.
    #[must_use]
    pub fn blank(thing: &item::Model) -> Self {
        Self::of(thing.id, &thing.class_code, thing.value_fen)
    }

    /// The same, of a thing that is only to enter the book.
    #[must_use]
    pub fn of(item_id: ItemId, class_code: &str, value: Fen) -> Self {
        Self {
            item_id,
            form: Form::of_class(class_code),
            purchase_organisation: None,
            budget_project: String::new(),
            acquisition: None,
            manufacturer: String::new(),
            supplier: String::new(),
            contract_number: String::new(),
            invoice_number: String::new(),
            warranty_until: None,
            value_fen: value,
            fiscal_fen: value,
            non_fiscal_fen: Fen::ZERO,
            booking: Booking::Booked,
            booked_on: None,
            voucher: String::new(),
            valuation: Valuation::Original,
            account_subject: String::new(),
            usage: None,
            in_service_on: None,
            managing_unit_id: None,
            purpose: None,
            depreciation: Depreciation::Depreciating,
            life_years: None,
            repair_cost_fen: Fen::ZERO,
            from_construction: false,
            custom_number: String::new(),
            old_class_code: String::new(),
            remark: String::new(),
            area_centi: None,
            location: String::new(),
            structure: None,
            title_certificate: String::new(),
            material: String::new(),
            vin: String::new(),
            plate: String::new(),
            origin: String::new(),
            displacement_ml: None,
            engine_number: String::new(),
            has_licence: None,
            quota: None,
            mileage_km: None,
            vehicle_use: None,
            licence_holder: String::new(),
            registered_on: None,
            seats: None,
            version: 0,
        }
    }

    /// What must hold of every card, however much of it is known; `today` for what cannot be in the future.
    ///
    /// # Errors
    /// The field, and why.
    pub fn check(&self, today: NaiveDate) -> Result<(), (&'static str, String)> {
        self.check_texts()?;
        let wrong = |field, reason: &str| Err((field, reason.to_owned()));
        if self.fiscal_fen < Fen::ZERO || self.non_fiscal_fen < Fen::ZERO {
            return wrong("fiscal_fen", "财政拨款、非财政拨款不能为负");
        }
        if self.fiscal_fen.checked_add(self.non_fiscal_fen) != Some(self.value_fen) {
            let (fiscal, other, value) = (self.fiscal_fen, self.non_fiscal_fen, self.value_fen);
            let reason = format!("财政拨款 {fiscal} 与非财政拨款 {other} 之和应等于价值 {value}");
            return Err(("fiscal_fen", reason));
        }
        if self.booking == Booking::Unbooked && (self.booked_on.is_some() || !self.voucher.trim().is_empty()) {
            return wrong("booked_on", "未入账的不填写财务入账日期和会计凭证号");
        }
        for (field, day) in [("booked_on", self.booked_on), ("registered_on", self.registered_on)] {
            if day.is_some_and(|day| day > today) {
                return wrong(field, "日期不能晚于今天");
            }
        }
        let stays_whole = self.valuation == Valuation::Nominal || self.form == Form::Land;
        if stays_whole && self.depreciation != Depreciation::NotDepreciated {
            return wrong("depreciation", "以名义金额计量的资产和土地不计提折旧，折旧状态应为“不提折旧”");
        }
        for (field, number, least, most, reason) in [
            ("life_years", self.life_years, 1, 100, "折旧年限应为 1 至 100 年"),
            ("area_centi", self.area_centi, 1, 2_000_000_000, "面积应大于 0，不超过两千万平方米"),
            ("displacement_ml", self.displacement_ml, 0, 100_000, "排气量应为 0 至 100000 毫升"),
            ("mileage_km", self.mileage_km, 0, 10_000_000, "里程应为 0 至 10000000 公里"),
            ("seats", self.seats, 1, 100, "座位数应为 1 至 100"),
            ("repair_cost_fen", Some(self.repair_cost_fen.0), 0, i64::MAX, "维修费用不能为负"),
        ] {
            if number.is_some_and(|number| !(least..=most).contains(&number)) {
                return wrong(field, reason);
            }
        }
        self.check_form()
    }

    fn check_texts(&self) -> Result<(), (&'static str, String)> {
        for (field, text) in [
            ("budget_project", &self.budget_project),
            ("manufacturer", &self.manufacturer),
            ("supplier", &self.supplier),
            ("contract_number", &self.contract_number),
            ("invoice_number", &self.invoice_number),
            ("voucher", &self.voucher),
            ("account_subject", &self.account_subject),
            ("custom_number", &self.custom_number),
            ("location", &self.location),
            ("title_certificate", &self.title_certificate),
            ("material", &self.material),
            ("vin", &self.vin),
            ("plate", &self.plate),
            ("origin", &self.origin),
            ("engine_number", &self.engine_number),
            ("licence_holder", &self.licence_holder),
            ("remark", &self.remark),
        ] {
            if let Some(reason) = fault(text, if field == "remark" { 500 } else { 200 }) {
                return Err((field, reason));
            }
        }
        Ok(())
    }

    /// What only one form has.
    fn check_form(&self) -> Result<(), (&'static str, String)> {
        let of_vehicles = !self.vin.trim().is_empty()
            || !self.plate.trim().is_empty()
            || self.quota.is_some()
            || self.vehicle_use.is_some()
            || self.seats.is_some()
            || self.registered_on.is_some()
            || self.mileage_km.is_some()
            || self.has_licence.is_some();
        if of_vehicles && self.form != Form::Vehicle {
            return Err(("vin", "只有车辆卡片填写车架号、车牌号、编制、用途等".to_owned()));
        }
        if self.structure.is_some() && self.form != Form::Building {
            return Err(("structure", "只有房屋卡片填写建筑结构".to_owned()));
        }
        Ok(())
    }

    /// What the filling standard asks of this form and the card lacks, with what the book has of the thing: field and
    /// name (`*` in the standard's table).
    #[must_use]
    pub fn gaps(&self, thing: &item::Model) -> Vec<(&'static str, &'static str)> {
        let equipment = matches!(self.form, Form::General | Form::Special | Form::Vehicle);
        let in_place = matches!(self.form, Form::General | Form::Special | Form::Furniture);
        let immovable = matches!(self.form, Form::Building | Form::Structure | Form::Land);
        let vehicle = self.form == Form::Vehicle;
        let blank = |text: &str| text.trim().is_empty();
        let all = [
            ("acquisition", "取得方式", self.acquisition.is_none()),
            ("booked_on", "财务入账日期", self.booking == Booking::Booked && self.booked_on.is_none()),
            ("in_service_on", "投入使用日期", self.in_service_on.is_none() && self.form != Form::Land),
            ("location", "坐落位置", immovable && blank(&self.location)),
            ("area_centi", "面积", immovable && self.form != Form::Structure && self.area_centi.is_none()),
            ("structure", "建筑结构", self.form == Form::Building && self.structure.is_none()),
            ("vin", "车辆识别号", vehicle && blank(&self.vin)),
            ("plate", "车牌号", vehicle && blank(&self.plate)),
            ("quota", "编制情况", vehicle && self.quota.is_none()),
            ("vehicle_use", "车辆用途", vehicle && self.vehicle_use.is_none()),
            ("registered_on", "登记日期", vehicle && self.registered_on.is_none()),
            ("seats", "座位数", vehicle && self.seats.is_none()),
            ("class_code", "资产分类代码", blank(&thing.class_code)),
            ("measure_unit", "计量单位", blank(&thing.measure_unit)),
            ("acquired_on", "取得日期", thing.acquired_on.is_none()),
            ("specification", "规格型号", equipment && blank(&thing.specification)),
            // Equipment is located to its user, desks and chairs to their place (REPORT 24).
            ("keeper", "使用人", equipment && thing.keeper_id.is_none()),
            ("place", "存放地点", in_place && thing.place_id.is_none()),
        ];
        all.into_iter().filter(|(.., lacks)| *lacks).map(|(field, name, _)| (field, name)).collect()
    }

    /// The usage as the card is to show it: what it says where that agrees with the thing's state, else what the state
    /// says; movements change the state and know no cards.
    #[must_use]
    pub fn usage_of(&self, state: ItemState) -> Usage {
        kinds::usage_of(self.usage, state)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::assets::card::kinds::{Acquisition, Purchase, Purpose, Quota, Structure, VehicleUse};
    use crate::items::model::ItemKind;
    use crate::kernel::Quantity;
    use crate::kernel::ids::{PersonId, PlaceId, UnitId};
    use sea_orm::prelude::Uuid;

    /// A computer of 5,999 yuan.
    pub(in crate::assets::card) fn thing() -> item::Model {
        item::Model {
            id: ItemId(Uuid::from_u128(1)),
            kind: ItemKind::FixedAsset,
            item_number: "ZC2026000001".to_owned(),
            number_key: "ZC2026000001".to_owned(),
            name: "台式计算机".to_owned(),
            specification: "M720".to_owned(),
            serial_number: String::new(),
            class_code: "A02010105".to_owned(),
            class_name: "台式计算机".to_owned(),
            brand: String::new(),
            measure_unit: "台".to_owned(),
            unit_id: UnitId(Uuid::from_u128(2)),
            place_id: Some(PlaceId(Uuid::from_u128(3))),
            keeper_id: Some(PersonId(Uuid::from_u128(4))),
            quantity: Quantity::ONE,
            state: ItemState::InUse,
            excused_by: None,
            value_fen: Fen(599_900),
            acquired_on: day("2024-01-31"),
            batch_id: None,
            version: 1,
        }
    }

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().unwrap())
    }

    /// A card with something in every field.
    pub(in crate::assets::card) fn a_vehicle() -> card::Model {
        card::Model {
            form: Form::Vehicle,
            purchase_organisation: Some(Purchase::Central),
            budget_project: "2024-017".to_owned(),
            acquisition: Some(Acquisition::Purchase),
            manufacturer: "某汽车厂".to_owned(),
            supplier: "某汽车公司".to_owned(),
            contract_number: "HT-24-3".to_owned(),
            invoice_number: "00123456".to_owned(),
            warranty_until: day("2027-01-31"),
            fiscal_fen: Fen(500_000),
            non_fiscal_fen: Fen(99_900),
            booked_on: day("2024-02-03"),
            voucher: "记-24".to_owned(),
            valuation: Valuation::Estimated,
            account_subject: "1601".to_owned(),
            usage: Some(Usage::OwnUse),
            in_service_on: day("2024-02-01"),
            purpose: Some(Purpose::Enforcement),
            depreciation: Depreciation::Finished,
            life_years: Some(8),
            repair_cost_fen: Fen(12_345),
            from_construction: true,
            custom_number: "车 03".to_owned(),
            remark: "一号车".to_owned(),
            area_centi: Some(1_250),
            location: "某路 1 号".to_owned(),
            structure: Some(Structure::Brick),
            title_certificate: "粤 1".to_owned(),
            material: "钢".to_owned(),
            vin: "LSVAA4182E2123456".to_owned(),
            plate: "粤T1234警".to_owned(),
            origin: "国产".to_owned(),
            displacement_ml: Some(1_798),
            engine_number: "E123".to_owned(),
            has_licence: Some(true),
            quota: Some(Quota::InQuota),
            mileage_km: Some(12_000),
            vehicle_use: Some(VehicleUse::Enforcement),
            licence_holder: "某分局".to_owned(),
            registered_on: day("2024-02-01"),
            seats: Some(5),
            ..card::Model::blank(&thing())
        }
    }

    #[test]
    fn what_must_hold_of_every_card() {
        let today = "2026-11-29".parse().unwrap();
        let blank = || card::Model::blank(&thing());
        assert_eq!(blank().check(today), Ok(()));
        assert_eq!(card::Model { structure: None, ..a_vehicle() }.check(today), Ok(()));
        for (card, field) in [
            (card::Model { fiscal_fen: Fen(1), ..blank() }, "fiscal_fen"),
            (card::Model { fiscal_fen: Fen(600_000), non_fiscal_fen: Fen(-100), ..blank() }, "fiscal_fen"),
            (card::Model { fiscal_fen: Fen(i64::MAX), non_fiscal_fen: Fen(1), ..blank() }, "fiscal_fen"),
            (card::Model { booking: Booking::Unbooked, voucher: "记-1".to_owned(), ..blank() }, "booked_on"),
            (card::Model { booking: Booking::Unbooked, booked_on: day("2024-02-03"), ..blank() }, "booked_on"),
            (card::Model { booked_on: day("2026-11-30"), ..blank() }, "booked_on"),
            (card::Model { valuation: Valuation::Nominal, ..blank() }, "depreciation"),
            (card::Model { form: Form::Land, ..blank() }, "depreciation"),
            (card::Model { life_years: Some(0), ..blank() }, "life_years"),
            (card::Model { life_years: Some(101), ..blank() }, "life_years"),
            (card::Model { area_centi: Some(0), ..blank() }, "area_centi"),
            (card::Model { repair_cost_fen: Fen(-1), ..blank() }, "repair_cost_fen"),
            (card::Model { plate: "粤T12345".to_owned(), ..blank() }, "vin"),
            (card::Model { seats: Some(5), ..blank() }, "vin"),
            (card::Model { seats: Some(0), form: Form::Vehicle, ..blank() }, "seats"),
            (card::Model { structure: Some(Structure::Brick), ..blank() }, "structure"),
            (card::Model { supplier: "长".repeat(201), ..blank() }, "supplier"),
            (card::Model { remark: "\0".to_owned(), ..blank() }, "remark"),
        ] {
            assert_eq!(card.check(today).map_err(|(field, _)| field), Err(field), "{card:?}");
        }
    }

    #[test]
    fn what_each_form_asks_for() {
        let bare = item::Model { keeper_id: None, place_id: None, specification: String::new(), ..thing() };
        let common = ["取得方式", "财务入账日期", "投入使用日期"];
        for (form, own) in [
            (Form::General, &["规格型号", "使用人", "存放地点"][..]),
            (Form::Special, &["规格型号", "使用人", "存放地点"][..]),
            (
                Form::Vehicle,
                &["车辆识别号", "车牌号", "编制情况", "车辆用途", "登记日期", "座位数", "规格型号", "使用人"][..],
            ),
            (Form::Building, &["坐落位置", "面积", "建筑结构"][..]),
            (Form::Structure, &["坐落位置"][..]),
            (Form::Furniture, &["存放地点"][..]),
            (Form::Other, &[][..]),
        ] {
            let card = card::Model { form, ..card::Model::blank(&bare) };
            let gaps: Vec<&str> = card.gaps(&bare).into_iter().map(|(_, name)| name).collect();
            assert_eq!(gaps, [&common[..], own].concat(), "{form:?}");
        }
        assert_eq!(a_vehicle().gaps(&thing()), []);
        let land = card::Model { form: Form::Land, ..card::Model::blank(&bare) };
        assert_eq!(land.gaps(&bare).len(), 4);
    }

    #[test]
    fn the_usage_never_says_other_than_the_state() {
        use Usage as U;
        for (state, said, shown) in [
            (ItemState::InUse, None, U::OwnUse),
            (ItemState::InUse, Some(U::Rented), U::Rented),
            (ItemState::InUse, Some(U::Idle), U::OwnUse),
            (ItemState::Idle, Some(U::OwnUse), U::Idle),
            (ItemState::OnLoan, Some(U::Rented), U::Rented),
            (ItemState::OnLoan, None, U::Lent),
            (ItemState::InRepair, None, U::OwnUse),
            (ItemState::PendingDisposal, Some(U::OwnUse), U::PendingDisposal),
            (ItemState::Disposed, Some(U::OwnUse), U::Other),
        ] {
            let card = card::Model { usage: said, ..card::Model::blank(&thing()) };
            assert_eq!(card.usage_of(state), shown, "{state:?} {said:?}");
        }
    }
}
