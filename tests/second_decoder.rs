//! Labels are read by decoders that are not ours: the PDF through poppler and ZBar, as a stranger's scanner would.
//!
//! `tests/run.sh` installs both programs; without them this test fails and says so, it never passes by not looking.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use hufu_labels::code::LabelCode;
use hufu_labels::write::{FontSet, Job, LabelRecord, Sheet, Template, write_file};

fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| {
        panic!("{program} is needed to read the labels with a second decoder ({error}); tests/run.sh installs it")
    });
    output.stdout
}

fn records(count: u64) -> Vec<LabelRecord> {
    (0..count)
        .map(|n| LabelRecord {
            item_number: format!("CJ2026-{n:06}"),
            name: "便携式计算机（含电源适配器、扩展坞、包）㛃骉䶮".to_owned(),
            specification: "T14 i7/32G/1T".to_owned(),
            unit: "骉溪派出所".to_owned(),
            keeper: "示例人".to_owned(),
            place: "201 社区警务队办公室".to_owned(),
            acquired_on: "2026-11-23".to_owned(),
            ..LabelRecord::blank(LabelCode::from_random(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        })
        .collect()
}

fn write(records: &[LabelRecord], template: &str, sheet: Option<&str>, out: &Path) {
    let template = Template::builtin(template).expect("a label that can be written and read");
    let sheet = sheet.map(|name| Sheet::builtin(name).expect("a label that can be written and read"));
    let fonts = FontSet::builtin().expect("a label that can be written and read");
    let job = Job {
        template: &template,
        sheet: sheet.as_ref(),
        skip: 3,
        fonts: &fonts,
        dpi: 300,
        organisation: "澄江公安分局（示例）",
    };
    let job = if job.sheet.is_some() { job } else { Job { skip: 0, ..job } };
    write_file(records, &job, out).expect("a label that can be written and read");
}

fn codes_on(pictures: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for picture in pictures {
        let text = run("zbarimg", &["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture]);
        found.extend(String::from_utf8(text).expect("a label that can be written and read").lines().map(str::to_owned));
    }
    found
}

#[test]
fn a_sheet_of_labels_is_read_by_zbar() {
    let dir = tempfile::tempdir().unwrap();
    let records = records(40);
    let pdf = dir.path().join("labels.pdf");
    write(&records, "asset-60x40", Some("a4-3x8"), &pdf);
    let stem = dir.path().join("page");
    run("pdftoppm", &["-r", "200", "-gray", "-png", pdf.to_str().unwrap(), stem.to_str().unwrap()]);
    let pages: Vec<String> =
        ["page-1.png", "page-2.png"].map(|name| dir.path().join(name).display().to_string()).into();
    let expected: BTreeSet<String> = records.iter().map(|record| record.code.to_string()).collect();
    assert_eq!(codes_on(&pages), expected);
}

#[test]
fn single_labels_of_every_template_are_read_by_zbar() {
    let dir = tempfile::tempdir().unwrap();
    for template in Template::builtin_names() {
        let records = records(1);
        let png = dir.path().join(format!("{template}.png"));
        write(&records, template, None, &png);
        let expected = BTreeSet::from([records[0].code.to_string()]);
        assert_eq!(codes_on(&[png.display().to_string()]), expected, "{template}");
    }
}

/// What the page says can be searched and copied, rare characters too.
#[test]
fn the_text_of_a_label_can_be_copied() {
    let dir = tempfile::tempdir().unwrap();
    let pdf = dir.path().join("labels.pdf");
    write(&records(1), "asset-70x50", None, &pdf);
    let text = String::from_utf8(run("pdftotext", &[pdf.to_str().unwrap(), "-"])).unwrap();
    for word in ["㛃骉䶮", "骉溪派出所", "CJ2026-000000"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}
