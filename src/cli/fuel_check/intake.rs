//! Reads the files: the register first, then the others side by side, only the columns that are needed.

use std::path::Path;

use hashbrown::HashMap;

use super::Args;
use super::quick::{hash, instant, money, number};
use crate::documents::tables::{Fills, Odometer, Trips, Vehicles};
use crate::documents::{ColumnMap, DocumentError, Fields, Limits, Notes, Reject, RejectSink as _, Row, Table};
use crate::items::model::ItemState;
use crate::kernel::{Timestamp, text};
use crate::vehicles::fuel::{
    Absence, Away, Car, CarNo, Card, CardNo, Fill, Grade, Holding, Input, Kind, Names, Reading, Shown, Trip,
};

/// Texts one after another.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    pub(super) fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        self.ends.get(index).and_then(|end| self.all.get(start..*end)).unwrap_or("")
    }
}

/// Names that occur again and again, numbered.
#[derive(Debug, Default)]
struct Numbered {
    names: Vec<String>,
    of: HashMap<String, u32>,
    last: Option<(String, u32)>,
}

impl Numbered {
    fn number(&mut self, name: &str) -> u32 {
        if let Some((last, number)) = &self.last
            && last == name
        {
            return *number;
        }
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let number = *self.of.entry_ref(name).or_insert_with(|| {
            self.names.push(name.to_owned());
            next
        });
        self.last = Some((name.to_owned(), number));
        number
    }
}

/// Everything read.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) cars: Vec<Car>,
    pub(super) cards: Vec<Card>,
    pub(super) fills: Vec<Fill>,
    /// By fill: its number as the file has it, or its row.
    pub(super) ids: Texts,
    pub(super) trips: Vec<Trip>,
    pub(super) readings: Vec<Reading>,
    pub(super) names: Names,
    pub(super) rejects: Vec<Reject>,
    pub(super) remarks: Vec<String>,
    plates: HashMap<String, CarNo>,
    numbers: HashMap<String, CardNo>,
}

impl Taken {
    pub(super) fn input(&self, as_of: Timestamp) -> Input<'_> {
        Input {
            cars: &self.cars,
            cards: &self.cards,
            fills: &self.fills,
            trips: &self.trips,
            readings: &self.readings,
            names: &self.names,
            as_of,
        }
    }

    /// The plate that a fill shows, or that of the car it is laid to.
    pub(super) fn plate(&self, fill: u32) -> &str {
        let Some(fill) = self.fills.get(fill as usize) else { return "" };
        match (fill.shown, fill.car(&self.cards)) {
            (Shown::Stranger(plate), _) => self.names.plates.get(plate as usize).map_or("", String::as_str),
            (_, Some(car)) => self.cars.get(car as usize).map_or("", |car| car.plate.as_str()),
            _ => "",
        }
    }

    fn car(&self, plate: &str) -> Option<CarNo> {
        self.plates.get(text::key(plate).as_ref()).copied()
    }
}

/// One file's part.
#[derive(Default)]
struct Part<T> {
    rows: T,
    names: Vec<String>,
    rejects: Vec<Reject>,
    notes: Notes,
}

pub(super) fn read(args: &Args, map: &ColumnMap) -> Result<Taken, DocumentError> {
    let mut taken = Taken::default();
    read_vehicles(&args.vehicles, map, &mut taken)?;
    let (fills, others) = {
        let known = &taken;
        rayon::join(
            || read_fills(&args.fills, map, known),
            || -> Result<_, DocumentError> {
                let trips = args.trips.as_deref().map(|path| read_trips(path, map, known)).transpose()?;
                let readings = args.odometer.as_deref().map(|path| read_odometer(path, map, known)).transpose()?;
                Ok((trips.unwrap_or_default(), readings.unwrap_or_default()))
            },
        )
    };
    let (fills, (trips, readings)) = (fills?, others?);
    let FillRows { fills: rows, ids, stations, plates } = fills.rows;
    (taken.fills, taken.ids) = (rows, ids);
    taken.names = Names { stations, plates, drivers: trips.names };
    (taken.trips, taken.readings) = (trips.rows, readings.rows);
    for (name, rejects, notes) in [
        ("加油记录", fills.rejects, fills.notes),
        ("出车记录", trips.rejects, trips.notes),
        ("里程表读数", readings.rejects, readings.notes),
    ] {
        taken.rejects.extend(rejects);
        taken.remarks.extend(notes.lines().into_iter().map(|line| format!("{name}：{line}")));
    }
    Ok(taken)
}

/// Reads every row of a table; a row that cannot be understood is a reject.
fn each<F: Fields>(
    path: &Path,
    map: &ColumnMap,
    mut take: impl FnMut(&Row<'_, F>) -> Result<(), Reject>,
) -> Result<(Vec<Reject>, Notes), DocumentError> {
    let mut rejects: Vec<Reject> = Vec::new();
    let mut records = Table::open(path, &Limits::default())?.records::<F>(&map.for_table(F::SCHEMA))?;
    while let Some(row) = records.next_row(&mut rejects)? {
        if let Err(reject) = take(&row) {
            rejects.reject(reject);
        }
    }
    Ok((rejects, records.notes().clone()))
}

fn read_vehicles(path: &Path, map: &ColumnMap, taken: &mut Taken) -> Result<(), DocumentError> {
    let (rejects, notes) = each::<Vehicles>(path, map, |row| {
        let plate = row.required_identifier(Vehicles::Plate)?;
        let key = text::key(plate).into_owned();
        if taken.plates.contains_key(&key) {
            return Err(row.reject(Vehicles::Plate, "车牌号与上面一行重复，一辆车只能有一行"));
        }
        let no = CarNo::try_from(taken.cars.len()).unwrap_or(CarNo::MAX);
        let positive = |field, what: &str, most: f64| match number(row, field)? {
            Some(n) if n <= 0.0 || n > most => Err(row.reject(field, format!("{what}应大于 0、不超过 {most:.0}"))),
            n => Ok(n),
        };
        let car = Car {
            plate: plate.to_owned(),
            unit: row.text(Vehicles::Unit).to_owned(),
            tank: positive(Vehicles::TankL, "油箱容量", 2_000.0)?,
            grade: Grade::parse(row.text(Vehicles::FuelGrade)),
            rated: positive(Vehicles::RatedLPer100km, "百公里油耗", 200.0)?,
            absences: absence(row)?.into_iter().map(|why| Absence { why, from: None, to: None }).collect(),
        };
        let cards = row.identifier(Vehicles::CardNumber)?;
        for number in cards.split(['、', '，', ',', ';', '；', '/', ' ']).filter(|number| !number.trim().is_empty())
        {
            let next = CardNo::try_from(taken.cards.len()).unwrap_or(CardNo::MAX);
            let key = text::key(number).into_owned();
            if taken.numbers.contains_key(&key) {
                return Err(row.reject(Vehicles::CardNumber, format!("油卡 {number} 已登记在另一辆车上，一卡只对一车")));
            }
            taken.numbers.insert(key, next);
            let holdings = vec![Holding { car: no, from: None, to: None }];
            taken.cards.push(Card { number: number.trim().to_owned(), holdings, dead_from: None });
        }
        taken.plates.insert(key, no);
        taken.cars.push(car);
        Ok(())
    })?;
    taken.rejects.extend(rejects);
    taken.remarks.extend(notes.lines().into_iter().map(|line| format!("车辆台账：{line}")));
    Ok(())
}

/// Why a car should not be filled, as the register says.
fn absence(row: &Row<'_, Vehicles>) -> Result<Option<Away>, Reject> {
    let said = row.text(Vehicles::State);
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["停用", "封存", "停驶", "stopped"]) {
        return Ok(Some(Away::Stopped));
    }
    if has(&["待报废", "待处置"]) {
        return Ok(Some(Away::Stopped));
    }
    if has(&["报废", "注销", "scrapped"]) {
        return Ok(Some(Away::Scrapped));
    }
    Ok(match row.state(Vehicles::State)? {
        None | Some(ItemState::InUse | ItemState::OnLoan) => None,
        Some(ItemState::Idle | ItemState::PendingDisposal) => Some(Away::Stopped),
        Some(ItemState::InRepair) => Some(Away::InRepair),
        Some(ItemState::Disposed | ItemState::WrittenOff | ItemState::Withdrawn) => Some(Away::Scrapped),
    })
}

#[derive(Default)]
struct FillRows {
    fills: Vec<Fill>,
    ids: Texts,
    stations: Vec<String>,
    plates: Vec<String>,
}

/// What is read of a cell that says what the cell above said: most rows do.
struct Again<T: Copy>(String, T);

impl<T: Copy> Again<T> {
    fn read(&mut self, text: &str, read: impl FnOnce(&str) -> T) -> T {
        if self.0 != text {
            self.1 = read(text);
            text.clone_into(&mut self.0);
        }
        self.1
    }
}

fn read_fills(path: &Path, map: &ColumnMap, known: &Taken) -> Result<Part<FillRows>, DocumentError> {
    let mut rows = FillRows::default();
    let (mut stations, mut strangers) = (Numbered::default(), Numbered::default());
    let mut kinds = Again(String::new(), Kind::Fill);
    let mut grades = Again(String::new(), Grade::Unknown);
    let (rejects, notes) = each::<Fills>(path, map, |row| {
        let card_text = row.identifier(Fills::CardNumber)?;
        let plate = plate_of(row.identifier(Fills::Plate)?);
        let shown = match known.car(plate) {
            _ if plate.is_empty() => Shown::Nothing,
            Some(car) => Shown::Car(car),
            None => Shown::Stranger(strangers.number(plate)),
        };
        let card = if card_text.is_empty() { None } else { known.numbers.get(text::key(card_text).as_ref()).copied() };
        let kind = kinds.read(row.text(Fills::Kind), Kind::parse);
        if shown == Shown::Nothing && card_text.is_empty() {
            return Err(row.reject(Fills::Plate, "没有卡号也没有车牌，不知道是哪辆车"));
        }
        let (at, timed) = instant(row, Fills::FilledAt)?.ok_or_else(|| row.reject(Fills::FilledAt, "缺少交易时间"))?;
        let (price, amount) = (number(row, Fills::UnitPrice)?, money(row, Fills::Amount)?);
        let litres = number(row, Fills::Litres)?
            .or_else(|| amount.zip(price).filter(|(_, price)| *price > 0.0).map(|(amount, price)| amount / price));
        if kind == Kind::Fill && litres.is_none() && amount.is_none() {
            return Err(row.reject(Fills::Litres, "没有加油量也没有金额"));
        }
        let (note, grade_text) = (row.text(Fills::Note), row.text(Fills::Grade));
        let id = row.identifier(Fills::FillId)?;
        let container = [note, grade_text, row.text(Fills::Kind)].into_iter().any(names_container);
        let fill = Fill {
            shown,
            card,
            strange_card: !card_text.is_empty() && card.is_none() && !known.cards.is_empty(),
            at,
            timed,
            kind,
            grade: grades.read(grade_text, Grade::parse),
            litres,
            price,
            amount,
            balance: money(row, Fills::Balance)?,
            station: Some(row.text(Fills::Station)).filter(|name| !name.is_empty()).map(|name| stations.number(name)),
            odometer: number(row, Fills::OdometerKm)?,
            full: row.yes_no(Fills::FullTank)?,
            container,
            approved: container && ["审批", "批准", "批条"].iter().any(|word| note.contains(word)),
            id_hash: if id.is_empty() { 0 } else { hash(id) },
        };
        rows.fills.push(fill);
        match id {
            "" => rows.ids.push(&format!("第{}行", row.number())),
            id => rows.ids.push(id),
        }
        Ok(())
    })?;
    (rows.stations, rows.plates) = (stations.names, strangers.names);
    Ok(Part { rows, rejects, notes, names: Vec::new() })
}

/// The plate in a cell that may hold a person's name as well (`张三/粤T1234警`); a name alone is no plate.
fn plate_of(cell: &str) -> &str {
    let is_plate = |part: &&str| part.bytes().any(|byte| byte.is_ascii_digit()) || part.contains('警');
    if cell.is_empty() || !cell.contains(['/', ' ', '、']) {
        return Some(cell).filter(is_plate).unwrap_or("");
    }
    cell.split(['/', ' ', '、']).map(str::trim).find(is_plate).unwrap_or("")
}

/// Whether a cell says that a drum or a jerrycan was filled.
fn names_container(cell: &str) -> bool {
    if cell.is_empty() {
        return false;
    }
    if cell.is_ascii() {
        let lower = cell.to_ascii_lowercase();
        return ["jerrycan", "jerry can", "drum", "container"].iter().any(|word| lower.contains(word));
    }
    ["油桶", "散装", "桶装", "桶加", "铁桶", "塑料桶"].iter().any(|word| cell.contains(word))
}

fn unknown_car<F: Fields>(row: &Row<'_, F>, field: F) -> Reject {
    row.reject(field, "车牌号不在车辆台账")
}

fn read_trips(path: &Path, map: &ColumnMap, known: &Taken) -> Result<Part<Vec<Trip>>, DocumentError> {
    let mut part = Part::<Vec<Trip>>::default();
    let mut drivers = Numbered::default();
    (part.rejects, part.notes) = each::<Trips>(path, map, |row| {
        let plate = row.required_identifier(Trips::Plate)?;
        let car = known.car(plate).ok_or_else(|| unknown_car(row, Trips::Plate))?;
        let departed = instant(row, Trips::DepartedAt)?.ok_or_else(|| row.reject(Trips::DepartedAt, "缺少出车时间"))?;
        let returned = instant(row, Trips::ReturnedAt)?;
        if returned.is_some_and(|(at, timed)| at < departed.0 && (timed || at.day() < departed.0.day())) {
            return Err(row.reject(Trips::ReturnedAt, "还车时间早于出车时间"));
        }
        part.rows.push(Trip {
            car,
            departed_at: departed.0,
            returned_at: returned.map(|(at, _)| at),
            departed_km: number(row, Trips::DepartedKm)?,
            returned_km: number(row, Trips::ReturnedKm)?,
            driver: Some(row.text(Trips::Driver)).filter(|name| !name.is_empty()).map(|name| drivers.number(name)),
            timed: departed.1 && returned.is_none_or(|(_, timed)| timed),
        });
        Ok(())
    })?;
    part.names = drivers.names;
    Ok(part)
}

fn read_odometer(path: &Path, map: &ColumnMap, known: &Taken) -> Result<Part<Vec<Reading>>, DocumentError> {
    let mut part = Part::<Vec<Reading>>::default();
    (part.rejects, part.notes) = each::<Odometer>(path, map, |row| {
        let plate = row.required_identifier(Odometer::Plate)?;
        let car = known.car(plate).ok_or_else(|| unknown_car(row, Odometer::Plate))?;
        let day = row.date(Odometer::ReadOn)?.ok_or_else(|| row.reject(Odometer::ReadOn, "缺少读数日期"))?;
        let km =
            number(row, Odometer::OdometerKm)?.ok_or_else(|| row.reject(Odometer::OdometerKm, "缺少里程表读数"))?;
        part.rows.push(Reading { car, at: Timestamp(Timestamp::start_of_day(day).0 + 43_200_000), km });
        Ok(())
    })?;
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_is_told_from_a_name() {
        for (cell, plate) in [
            ("粤T1234警", "粤T1234警"),
            ("张三", ""),
            ("张三/粤T1234警", "粤T1234警"),
            ("粤T1234警 张三", "粤T1234警"),
            ("", ""),
            ("粤TD12345", "粤TD12345"),
        ] {
            assert_eq!(plate_of(cell), plate, "{cell}");
        }
    }

    #[test]
    fn drums_are_told_from_tanks() {
        for (cell, is) in
            [("油桶", true), ("散装汽油", true), ("Jerrycan", true), ("加油", false), ("", false), ("92号", false)]
        {
            assert_eq!(names_container(cell), is, "{cell}");
        }
    }

    #[test]
    fn texts_and_numbered_names() {
        let (mut texts, mut names) = (Texts::default(), Numbered::default());
        ["a", "", "小榄站"].iter().for_each(|text| texts.push(text));
        assert_eq!([0, 1, 2, 9].map(|index| texts.get(index)), ["a", "", "小榄站", ""]);
        assert_eq!(["x", "y", "x", "x"].map(|name| names.number(name)), [0, 1, 0, 0]);
    }
}
