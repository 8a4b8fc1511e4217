//! Cars enter the ledger with plates, chassis numbers and fuel that can be; what cannot is refused at its field.

use hufu::documents::ColumnMap;
use hufu::imports::{self, Request, What};
use hufu::items::model::ItemKind;
use hufu::items::service::NewItem;
use hufu::vehicles::VehicleError;
use hufu::vehicles::model::{Energy, LicenceClass};
use hufu::vehicles::service::{self as cars, Facts, NewVehicle};
use hufu::vehicles::store::{self, Wanted};

use super::park::{PLATES, Park, day, said};

fn field(error: &VehicleError) -> &'static str {
    match error {
        VehicleError::Field { field, .. } => field,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_car_enters_with_facts_that_can_be() {
    let park = Park::new().await;
    let (db, centre) = (&park.office.db, park.centre());
    let plain = || NewVehicle { item: park.office.new_item("CL-9", 0), facts: Facts::of("粤T90009"), odometer_km: 0 };
    let with = |facts: Facts| NewVehicle { facts, ..plain() };
    for (new, at) in [
        (with(Facts::of("粤T9000")), "plate"),
        (with(Facts::of("粤T10001")), "plate"),
        (with(Facts { vin: "LSVAA".into(), ..Facts::of("粤T90009") }), "vin"),
        (with(Facts { vin: "LSVAA4182E2123456".into(), ..Facts::of("粤T90009") }), "vin"),
        (with(Facts { fuel_grade: "0".into(), ..Facts::of("粤T90009") }), "fuel_grade"),
        (with(Facts { tank_ml: Some(0), ..Facts::of("粤T90009") }), "tank_ml"),
        (with(Facts { seats: Some(101), ..Facts::of("粤T90009") }), "seats"),
        (with(Facts::of("粤TD90009")), "energy"),
        (with(Facts { tank_ml: Some(50_000), energy: Energy::Electric, ..Facts::of("粤TD90009") }), "tank_ml"),
        (with(Facts { battery_wh: Some(60_000), ..Facts::of("粤T90009") }), "battery_wh"),
        (NewVehicle { odometer_km: -1, ..plain() }, "odometer_km"),
        (NewVehicle { item: park.office.new_item("CL-0", 0), ..plain() }, "item_number"),
    ] {
        let refused = cars::register(db, &centre, &new).await.unwrap_err();
        assert_eq!(field(&refused), at, "{refused}");
    }
    assert!(cars::register(db, &park.driver(0, 2), &plain()).await.is_err(), "a driver enters no cars");
    assert!(cars::register(db, &park.manager(1), &plain()).await.is_err(), "nor another unit's manager");
    let car = cars::register(db, &park.manager(0), &plain()).await.unwrap();
    assert_eq!((car.item.kind, car.vehicle.plate.as_str()), (ItemKind::Vehicle, "粤T90009"));
    let electric = Facts { energy: Energy::Electric, battery_wh: Some(60_000), ..Facts::of("粤td·90008") };
    let new = NewVehicle { item: park.office.new_item("CL-8", 0), ..with(electric) };
    assert_eq!(cars::register(db, &centre, &new).await.unwrap().vehicle.plate, "粤TD90008");
}

#[tokio::test]
async fn a_car_of_the_asset_book_is_taken_over() {
    let park = Park::new().await;
    let (db, centre) = (&park.office.db, park.centre());
    let of_class =
        |class: &str, number: &str| NewItem { class_code: class.to_owned(), ..park.office.new_item(number, 0) };
    park.office.register(&[of_class("A02030501", "ZC-1"), of_class("A02010105", "ZC-2")]).await;
    let take = |number: &str, plate: &str| NewVehicle {
        item: park.office.new_item(number, 0),
        facts: Facts::of(plate),
        odometer_km: 88_000,
    };
    let car = cars::register(db, &centre, &take("zc-1", "粤T70001")).await.unwrap();
    assert_eq!((car.item.item_number.as_str(), car.item.kind), ("ZC-1", ItemKind::FixedAsset));
    let refused = cars::register(db, &centre, &take("ZC-2", "粤T70002")).await;
    assert!(said(refused).contains("不是车辆"));
    // Found by plate however it is written, by number, and not by what is no car.
    for text in ["粤t·70001", "ＺＣ－１", "粤T70001"] {
        assert_eq!(store::car(db.read(), &centre, text).await.unwrap().vehicle.plate, "粤T70001", "{text}");
    }
    for text in ["ZC-2", "", "\u{0}", "粤T00000"] {
        assert!(store::car(db.read(), &centre, text).await.is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_car_whose_import_was_undone_leaves_its_plate_free() {
    let park = Park::new().await;
    let (db, centre) = (&park.office.db, park.centre());
    let path = park.office.dir.path().join("车辆.csv");
    std::fs::write(&path, "资产编号,资产名称,使用部门,车牌号\nCL-70,小型轿车,第0大队,粤T70007\n").unwrap();
    let request = Request { path: &path, map: ColumnMap::default(), dry_run: false, what: What::Vehicles };
    let report = imports::run(db, &park.office.ctx, &request).await.unwrap();
    assert!(report.rejects.is_empty(), "{:?}", report.rejects);
    imports::undo(db, &park.office.ctx, report.batch.unwrap()).await.unwrap();
    assert!(store::car(db.read(), &centre, "粤T70007").await.is_err());
    let new = |number: &str| NewVehicle {
        item: park.office.new_item(number, 0),
        facts: Facts::of("粤T70007"),
        odometer_km: 5,
    };
    let car = cars::register(db, &centre, &new("CL-71")).await.unwrap();
    assert_eq!(store::car(db.read(), &centre, "粤T70007").await.unwrap().item.id, car.item.id);
    // The plate is another's now: the number that was withdrawn comes back only with a plate of its own.
    let refused = cars::register(db, &centre, &new("CL-70")).await.unwrap_err();
    assert_eq!(field(&refused), "plate", "{refused}");
}

#[tokio::test]
async fn cars_are_changed_and_listed_within_reach() {
    let park = Park::new().await;
    let (db, manager) = (&park.office.db, park.manager(0));
    let now = park.car(0).await;
    let facts = Facts { compulsory_until: Some(day("2026-12-01")), ..Facts::from_row(&now.vehicle) };
    assert!(said(cars::change(db, &manager, PLATES[0], None, &facts, " ").await).contains("变更的原因"));
    assert!(said(cars::change(db, &manager, PLATES[0], Some(9), &facts, "续保").await).contains("刚被"));
    let taken = Facts { plate: PLATES[2].to_owned(), ..facts.clone() };
    assert!(said(cars::change(db, &manager, PLATES[0], None, &taken, "换牌").await).contains("已登记"));
    let after = cars::change(db, &manager, PLATES[0], Some(now.vehicle.version), &facts, "续保").await.unwrap();
    assert_eq!(after.vehicle.version, now.vehicle.version + 1);
    assert!(said(cars::change(db, &manager, PLATES[0], None, &facts, "续保").await).contains("没有要变更"));
    let list =
        async |ctx: &hufu::kernel::Ctx, wanted: Wanted| store::list(db.read(), ctx, &wanted, 50).await.unwrap().len();
    assert_eq!(list(&manager, Wanted::default()).await, 2);
    assert_eq!(list(&park.manager(1), Wanted::default()).await, 1);
    assert_eq!(list(&park.centre(), Wanted::default()).await, 3);
    for (text, many) in [("1002", 1), ("粤T", 3), ("轿车", 3), ("cl-2", 1), ("无此车", 0)] {
        assert_eq!(list(&park.centre(), Wanted { text: text.into(), ..Wanted::default() }).await, many, "{text}");
    }
    let due = Wanted { due_by: Some(day("2026-12-31")), ..Wanted::default() };
    assert_eq!(list(&park.centre(), due).await, 1);
    park.license(park.person(0, 2), LicenceClass::A1, Some(day("2030-01-01"))).await;
    let licence = store::driver_of(db.read(), park.person(0, 2)).await.unwrap().unwrap();
    assert_eq!((licence.licence_class, licence.version), (LicenceClass::A1, 2));
}
