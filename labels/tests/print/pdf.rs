//! The PDF, read back by a small reader: offsets, pages, where labels stand, which text and which modules.

use hufu_labels::code::LabelCode;
use hufu_labels::write::{
    Format, LabelRecord, QR_MODULES, QrRows, Sheet, Summary, Template, WriteError, check_labels, write_labels,
};

use super::pdf_reader::{Drawn, File, between, drawn, find};
use super::sample::{job, record, records};

fn print(records: &[LabelRecord], template: &str, sheet: Option<&str>, skip: u32) -> (Vec<u8>, Summary) {
    let template = Template::builtin(template).unwrap();
    let sheet = sheet.map(|name| Sheet::builtin(name).unwrap());
    let mut job = job(&template, sheet.as_ref());
    job.skip = skip;
    let mut bytes = Vec::new();
    let summary = write_labels(records, &job, Format::Pdf, &mut bytes).unwrap();
    assert_eq!(summary.bytes, bytes.len() as u64);
    (bytes, summary)
}

/// A symbol as its image mask should hold it: dark is 0, which paints.
fn symbol(code: LabelCode) -> Vec<u8> {
    let rows = QrRows::of(code);
    let byte = |y: usize, x: usize| (0..8).fold(0u8, |byte, bit| byte << 1 | u8::from(!rows.is_dark(x * 8 + bit, y)));
    (0..QR_MODULES).flat_map(|y| (0..3).map(move |x| byte(y, x))).collect()
}

#[test]
fn every_label_has_its_text_and_its_symbol() {
    let records = records(100);
    let (bytes, summary) = print(&records, "asset-60x40", Some("a4-3x8"), 0);
    assert_eq!((summary.labels, summary.pages), (100, 5));
    let file = File::read(&bytes);
    let fonts = file.fonts();
    let labels: Vec<_> = file.pages().iter().flat_map(|page| drawn(page, &fonts)).collect();
    assert_eq!(labels.len(), records.len());
    for (label, record) in labels.iter().zip(&records) {
        assert_eq!(label.symbol, symbol(record.code));
        let text = label.texts.concat();
        let code = record.code.grouped();
        for fact in [
            "中山市公安局东升分局",
            &record.item_number,
            &record.name,
            &record.unit,
            &record.keeper,
            &record.place,
            &code,
        ] {
            assert!(text.contains(fact), "{fact} in {text}");
        }
    }
}

#[test]
fn captions_are_on_every_label_by_one_form() {
    let (bytes, _) = print(&records(30), "asset-60x40", Some("a4-3x8"), 0);
    let file = File::read(&bytes);
    let mut content = b"/C Do ".to_vec();
    content.extend(file.stream(4));
    let form = drawn(&content, &file.fonts());
    assert_eq!(form[0].texts, ["规格型号", "使用部门", "存放地点", "使用人", "取得日期"]);
}

#[test]
fn used_positions_stay_empty() {
    let place = |skip| {
        let (bytes, summary) = print(&records(25), "asset-50x30", Some("a4-4x10"), skip);
        let file = File::read(&bytes);
        let fonts = file.fonts();
        let pages: Vec<_> = file.pages().iter().map(|page| drawn(page, &fonts)).collect();
        assert_eq!(summary.pages, pages.len());
        pages
    };
    let (all, skipped) = (place(0), place(17));
    assert_eq!((all.len(), skipped.len()), (1, 2));
    assert_eq!((skipped[0].len(), skipped[1].len()), (23, 2));
    let near = |a: &Drawn, b: &Drawn| (a.x - b.x).abs() < 0.02 && (a.y - b.y).abs() < 0.02;
    // The first label stands where the eighteenth stood, and the second page begins at the top left again.
    assert!(near(&skipped[0][0], &all[0][17]));
    assert!(near(&skipped[1][0], &all[0][0]));
    assert_eq!(skipped[0][0].texts, all[0][0].texts);
}

#[test]
fn a_roll_has_a_page_of_the_labels_size_for_each() {
    let (bytes, summary) = print(&records(3), "asset-50x30", None, 0);
    assert_eq!(summary.pages, 3);
    let tree = File::read(&bytes).text(2);
    assert_eq!(between(&tree, "/MediaBox[", "]"), "0 0 141.73 85.04");
}

#[test]
fn the_font_is_reduced_to_what_is_used() {
    let (bytes, _) = print(&records(100), "asset-60x40", Some("a4-3x8"), 0);
    let fonts = File::read(&bytes).fonts();
    let (characters, size) = &fonts["A"];
    assert!(characters.values().any(|&c| c == '骉') && !characters.values().any(|&c| c == '龘'));
    assert!(*size < 100_000, "{size} bytes of font");
    assert_eq!(fonts.len(), 1, "no fallback, no second font");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let records = records(2_000);
    assert!(print(&records, "asset-60x40", Some("a4-3x8"), 2).0 == print(&records, "asset-60x40", Some("a4-3x8"), 2).0);
}

#[test]
fn a_symbol_that_spells_the_end_of_an_image_is_written_in_hex() {
    let spells = |code: &LabelCode| find(&symbol(*code), b"EI").is_some();
    let code = (0..200_000).map(LabelCode::from_random).find(spells).expect("one code in some thousands");
    let (bytes, _) = print(&[LabelRecord::blank(code)], "blank-40x30", None, 0);
    let file = File::read(&bytes);
    let page = &file.pages()[0];
    assert!(find(page, b"/F/AHx").is_some());
    assert_eq!(drawn(page, &file.fonts())[0].symbol, symbol(code));
}

#[test]
fn what_cannot_be_shown_is_boxed_and_reported() {
    let mut odd = record(1);
    odd.name = "电脑😀\u{0}\r\n(备)\\".to_owned();
    odd.unit = "长".repeat(3_000);
    let both = [record(0), odd];
    let (bytes, summary) = print(&both, "asset-60x40", None, 0);
    assert_eq!(summary.notes.missing.keys().collect::<Vec<_>>(), [&'😀']);
    assert_eq!(summary.notes.missing[&'😀'].first_record, 1);
    assert_eq!(summary.notes.cut.len(), 1);
    let template = Template::builtin("asset-60x40").unwrap();
    let foretold = check_labels(&both, &job(&template, None)).unwrap();
    assert_eq!(foretold, summary.notes, "known before paper is used");
    let file = File::read(&bytes);
    let label = &drawn(&file.pages()[1], &file.fonts())[0];
    let text = label.texts.concat();
    assert!(text.contains("电脑□ (备)\\") && text.contains("长长…"), "{text}");
}

#[test]
fn nothing_to_print_is_said() {
    let template = Template::builtin("asset-60x40").unwrap();
    let nothing = write_labels(&[], &job(&template, None), Format::Pdf, &mut Vec::new());
    assert!(matches!(nothing, Err(WriteError::Empty)));
}

/// The embedded font with a character table of ASCII only: everything else must come from the fallback.
fn ascii_font() -> Vec<u8> {
    let full = std::fs::read(env!("HUFU_FONT_TTF")).unwrap();
    let face = ttf_parser::Face::parse(&full, 0).unwrap();
    let glyphs: Vec<(u32, u16)> = (' '..='~').map(|c| (u32::from(c), face.glyph_index(c).unwrap().0)).collect();
    let table = face.raw_face().table(ttf_parser::Tag::from_bytes(b"cmap")).unwrap();
    let at = table.as_ptr() as usize - full.as_ptr() as usize;
    let groups = u32::try_from(glyphs.len()).unwrap();
    // One table for platform 3, encoding 10, in format 12: a group for each character.
    let mut cmap: Vec<u8> = [0u16, 1, 3, 10].iter().flat_map(|word| word.to_be_bytes()).collect();
    cmap.extend(12u32.to_be_bytes());
    cmap.extend([0, 12, 0, 0]);
    cmap.extend([16 + groups * 12, 0, groups].iter().flat_map(|word| word.to_be_bytes()));
    for (character, glyph) in glyphs {
        cmap.extend([character, character, u32::from(glyph)].iter().flat_map(|word| word.to_be_bytes()));
    }
    let mut reduced = full.clone();
    reduced[at..at + cmap.len()].copy_from_slice(&cmap);
    reduced
}

#[test]
fn characters_that_the_main_font_lacks_come_from_the_fallback() {
    use hufu_labels::write::FontSet;
    let whole = std::fs::read(env!("HUFU_FONT_TTF")).unwrap();
    let template = Template::parse(
        "plain",
        "width = 60.0\nheight = 40.0\nqr = { x = 38.0, y = 10.0, size = 18.0 }\n\
         [[field]]\nshow = \"name\"\nbox = [2.0, 2.0, 30.0, 6.0]\nsize = [12.0, 6.0]\n",
    )
    .unwrap();
    let mut record = record(0);
    record.name = "PC骉-09䶮".to_owned();
    let mut with_fallback = job(&template, None);
    let fonts = FontSet::new(ascii_font(), Some(whole)).unwrap();
    with_fallback.fonts = &fonts;
    let mut bytes = Vec::new();
    let summary = write_labels(&[record.clone()], &with_fallback, Format::Pdf, &mut bytes).unwrap();
    assert!(summary.notes.missing.is_empty());
    let file = File::read(&bytes);
    let fonts = file.fonts();
    assert_eq!(fonts.len(), 2);
    assert_eq!(drawn(&file.pages()[0], &fonts)[0].texts, ["PC", "骉", "-09", "䶮"]);

    let alone = FontSet::new(ascii_font(), None).unwrap();
    with_fallback.fonts = &alone;
    let summary = write_labels(&[record], &with_fallback, Format::Pdf, &mut Vec::new()).unwrap();
    assert_eq!(summary.notes.missing.len(), 2, "both are missed, and printed as the replacement");
}

#[test]
fn what_is_no_font_is_refused() {
    use hufu_labels::write::FontSet;
    assert!(matches!(FontSet::new(b"not a font".as_slice(), None), Err(WriteError::Font(_))));
    assert!(matches!(FontSet::with_fallback(vec![0; 100]), Err(WriteError::Font(_))));
}
