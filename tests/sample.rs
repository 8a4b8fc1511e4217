//! The made-up sub-bureau: the same bytes for the same seed, every reference good, and as large as asked.

use std::collections::{HashMap, HashSet};

use hufu::cli::demo::sample::{PersonKind, Sample, SampleSpec};
use hufu::items::model::ItemState;
use hufu::kernel::Fen;

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (first, again) = (Sample::generate(SampleSpec::default()), Sample::generate(SampleSpec::default()));
    assert_eq!(first, again);
    assert_eq!(first.assets_csv().unwrap(), again.assets_csv().unwrap());
    let other = Sample::generate(SampleSpec { seed: 1, ..SampleSpec::default() });
    assert_ne!(first.assets_csv().unwrap(), other.assets_csv().unwrap());
}

#[test]
fn the_first_rows_are_known() {
    let sample = Sample::generate(SampleSpec::default());
    let mut states: Vec<_> = ItemState::ALL
        .into_iter()
        .map(|state| (state.as_str(), sample.assets.iter().filter(|asset| asset.state == state).count()))
        .collect();
    states.retain(|(_, count)| *count > 0);
    let total: Fen = sample.assets.iter().map(|asset| asset.value).sum();
    let (units, people, places) = (sample.units.len(), sample.people.len(), sample.places.len());
    insta::assert_debug_snapshot!(
        "sample_counts",
        (units, people, places, sample.assets.len(), total.to_string(), states)
    );
    let csv = String::from_utf8(sample.assets_csv().unwrap()).unwrap();
    let rows: Vec<_> = csv.lines().enumerate().filter(|(row, _)| row % 250 == 0).map(|(_, line)| line).collect();
    insta::assert_snapshot!("sample_rows", rows.join("\n"));
}

#[test]
fn every_reference_is_good_and_every_line_has_what_the_law_asks() {
    let sample = Sample::generate(SampleSpec::default());
    assert_eq!((sample.units.len(), sample.people.len(), sample.places.len()), (12, 300, 60));
    let all_different = |names: Vec<&str>| names.iter().collect::<HashSet<_>>().len() == names.len();
    assert!(all_different(sample.people.iter().map(|person| person.name.as_str()).collect()));
    assert!(all_different(sample.people.iter().map(|person| person.badge_number.as_str()).collect()));
    assert!(all_different(sample.places.iter().map(|place| place.name.as_str()).collect()));
    assert!(all_different(sample.places.iter().map(|place| place.code.as_str()).collect()));
    assert!(all_different(sample.assets.iter().map(|asset| asset.item_number.as_str()).collect()));
    for (index, unit) in sample.units.iter().enumerate() {
        for post in [unit.head, unit.supervising_leader, unit.asset_manager] {
            assert_eq!(sample.person(post).unit.0, index);
        }
    }
    for person in &sample.people {
        let digits = person.badge_number.chars().all(|c| c.is_ascii_digit());
        assert_eq!(digits, person.kind == PersonKind::Officer, "{}", person.badge_number);
    }
    for asset in &sample.assets {
        assert_eq!(sample.place(asset.place).unit, asset.unit);
        assert_eq!(sample.person(asset.keeper).unit, asset.unit);
        assert!(asset.value.0 > 0 && asset.quantity.0 > 0 && asset.acquired_on <= sample.spec.baseline);
        assert!(asset.class_code.len() == 9 && asset.class_code.starts_with('A'));
        assert!(asset.class_code[1..].bytes().all(|b| b.is_ascii_digit()));
        assert_eq!(asset.value.0 % asset.quantity.0, 0);
    }
    let serials: Vec<_> = sample.assets.iter().map(|a| a.serial_number.as_str()).filter(|s| !s.is_empty()).collect();
    assert!(serials.len() > 2_000 && all_different(serials));
    for rare in ['㛃', '骉', '䶮'] {
        let names = sample.people.iter().map(|p| &p.name).chain(sample.places.iter().map(|p| &p.name));
        assert!(names.into_iter().any(|name| name.contains(rare)), "{rare}");
    }
}

#[test]
fn things_of_one_batch_were_issued_together() {
    let sample = Sample::generate(SampleSpec::default());
    let mut batches: HashMap<u32, Vec<usize>> = HashMap::new();
    for (index, asset) in sample.assets.iter().enumerate() {
        batches.entry(asset.batch).or_default().push(index);
    }
    assert!(batches.len() > 300);
    for members in batches.values() {
        let first = &sample.assets[members[0]];
        assert!(members.windows(2).all(|pair| pair[1] == pair[0] + 1));
        for asset in members.iter().map(|&member| &sample.assets[member]) {
            let shared = (&asset.name, &asset.specification, asset.unit, asset.acquired_on);
            assert_eq!(shared, (&first.name, &first.specification, first.unit, first.acquired_on));
        }
    }
}

#[test]
fn ten_times_as_large() {
    let sample = Sample::generate(SampleSpec { scale: 10, ..SampleSpec::default() });
    assert_eq!((sample.units.len(), sample.people.len()), (12, 3_000));
    assert_eq!((sample.places.len(), sample.assets.len()), (600, 30_000));
    let names: HashSet<_> = sample.places.iter().map(|place| &place.name).collect();
    let codes: HashSet<_> = sample.places.iter().map(|place| &place.code).collect();
    let people: HashSet<_> = sample.people.iter().map(|person| &person.name).collect();
    assert_eq!((names.len(), codes.len(), people.len()), (600, 600, 3_000));
}

#[test]
fn the_forms_are_written_and_an_unwritable_folder_is_named() {
    let sample = Sample::generate(SampleSpec::default());
    let folder = tempfile::tempdir().unwrap();
    let forms = sample.write_csv(folder.path()).unwrap();
    for (form, rows) in [(&forms.units, 12), (&forms.people, 300), (&forms.places, 60), (&forms.assets, 3_000)] {
        let text = std::fs::read_to_string(form).unwrap();
        assert!(text.starts_with('\u{feff}'));
        assert_eq!(text.lines().count(), rows + 1, "{}", form.display());
    }
    let missing = folder.path().join("none");
    let error = sample.write_csv(&missing).unwrap_err().to_string();
    assert!(error.contains("units.csv") && error.contains(&missing.display().to_string()), "{error}");
}
