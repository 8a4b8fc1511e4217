//! The app's icon as a PNG, drawn from `look/hufu.svg`: a phone that puts the app on its first screen takes no SVG.

use std::io::Cursor;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use image::{ExtendedColorType, ImageEncoder as _};
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Transform};

const DRAWN: &str = include_str!("../look/hufu.svg");
/// The side of what is drawn.
const SIDE: f32 = 32.0;
/// Phones cut a circle out of an icon that they may cut: what counts keeps within.
const WITHIN_CIRCLE: f32 = 0.62;
/// Of the scan app's own background.
const BEHIND: (u8, u8, u8) = (0x10, 0x15, 0x1d);
/// A week: the address holds no hash.
const KEEP: &str = "public, max-age=604800";

/// By name: how many dots wide, and whether a phone may cut it.
const SIZES: [(&str, u32, bool); 4] =
    [("192.png", 192, false), ("512.png", 512, false), ("maskable-512.png", 512, true), ("touch-180.png", 180, true)];

static ICONS: LazyLock<Vec<(&'static str, Vec<u8>)>> =
    LazyLock::new(|| SIZES.iter().filter_map(|(name, side, cut)| Some((*name, png(*side, *cut)?))).collect());

pub(super) async fn show(Path(name): Path<String>) -> Response {
    match ICONS.iter().find(|(own, _)| *own == name) {
        Some((_, bytes)) => {
            ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, KEEP)], bytes.as_slice()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn png(side: u32, cut: bool) -> Option<Vec<u8>> {
    let mut map = Pixmap::new(side, side)?;
    if cut {
        let (red, green, blue) = BEHIND;
        map.fill(Color::from_rgba8(red, green, blue, u8::MAX));
    }
    #[expect(clippy::cast_precision_loss, reason = "an icon has a few hundred dots")]
    let whole = side as f32 / SIDE;
    let size = if cut { whole * WITHIN_CIRCLE } else { whole };
    let aside = (whole - size) * SIDE / 2.0;
    for path in DRAWN.split("<path ").skip(1) {
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        let (red, green, blue) = colour(attribute(path, "fill")?)?;
        paint.set_color_rgba8(red, green, blue, u8::MAX);
        let outline = outline(attribute(path, "d")?)?;
        let placed = Transform::from_row(size, 0.0, 0.0, size, aside, aside);
        map.fill_path(&outline, &paint, FillRule::Winding, placed, None);
    }
    let dots: Vec<u8> = map
        .pixels()
        .iter()
        .map(|dot| dot.demultiply())
        .flat_map(|dot| [dot.red(), dot.green(), dot.blue(), dot.alpha()])
        .collect();
    let mut out = Cursor::new(Vec::new());
    let written =
        image::codecs::png::PngEncoder::new(&mut out).write_image(&dots, side, side, ExtendedColorType::Rgba8);
    written.ok().map(|()| out.into_inner())
}

fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    element.split_once(&format!("{name}=\""))?.1.split('"').next()
}

/// `#1b5faa` or `#fff`.
fn colour(text: &str) -> Option<(u8, u8, u8)> {
    let digits = text.strip_prefix('#')?;
    let whole = if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_owned() };
    let part = |from: usize| u8::from_str_radix(whole.get(from..from + 2)?, 16).ok();
    Some((part(0)?, part(2)?, part(4)?))
}

/// The numbers of a path, which may stand against each other: `0-5`.
fn numbers(text: &str) -> Option<Vec<f32>> {
    let spaced: String = text.chars().flat_map(|c| if c == '-' { vec![' ', c] } else { vec![c] }).collect();
    spaced.split([' ', ',']).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
}

/// What a path draws; of SVG's words those that our own drawing uses.
fn outline(drawn: &str) -> Option<tiny_skia::Path> {
    let mut path = PathBuilder::new();
    let (mut x, mut y) = (0.0f32, 0.0f32);
    for word in drawn.split_inclusive(|c: char| c.is_ascii_alphabetic()).scan(None, |last: &mut Option<char>, part| {
        let end = part.chars().next_back().filter(char::is_ascii_alphabetic);
        let of = std::mem::replace(last, end);
        Some((of, part.trim_end_matches(|c: char| c.is_ascii_alphabetic())))
    }) {
        let (Some(letter), given) = word else { continue };
        step(&mut path, (&mut x, &mut y), letter, &numbers(given)?)?;
    }
    path.close();
    path.finish()
}

/// One letter with its numbers, from where the pen is.
fn step(path: &mut PathBuilder, (x, y): (&mut f32, &mut f32), letter: char, all: &[f32]) -> Option<()> {
    let relative = letter.is_ascii_lowercase();
    match letter.to_ascii_lowercase() {
        'z' => path.close(),
        'h' | 'v' => {
            for one in all {
                let at = if letter.eq_ignore_ascii_case(&'h') { &mut *x } else { &mut *y };
                *at = if relative { *at + one } else { *one };
                path.line_to(*x, *y);
            }
        }
        'm' | 'l' => {
            for (n, pair) in all.chunks_exact(2).enumerate() {
                let (dx, dy) = if relative { (*x, *y) } else { (0.0, 0.0) };
                (*x, *y) = (pair[0] + dx, pair[1] + dy);
                // What follows the first point of a beginning is a line.
                if n == 0 && letter.eq_ignore_ascii_case(&'m') { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
            }
        }
        'c' => {
            for six in all.chunks_exact(6) {
                let (dx, dy) = if relative { (*x, *y) } else { (0.0, 0.0) };
                let (end_x, end_y) = (six[4] + dx, six[5] + dy);
                path.cubic_to(six[0] + dx, six[1] + dy, six[2] + dx, six[3] + dy, end_x, end_y);
                (*x, *y) = (end_x, end_y);
            }
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "dots of a small picture")]
    #[test]
    fn the_icons_are_what_the_drawing_shows() {
        assert_eq!(ICONS.len(), SIZES.len(), "each is drawn");
        for ((_, bytes), (name, side, cut)) in ICONS.iter().zip(SIZES) {
            let drawn = image::load_from_memory(bytes).unwrap().to_rgba8();
            assert_eq!((drawn.width(), drawn.height()), (side, side), "{name}");
            let at = |x: f32, y: f32| {
                let (size, aside) = if cut { (WITHIN_CIRCLE, (1.0 - WITHIN_CIRCLE) / 2.0) } else { (1.0, 0.0) };
                let dot = |part: f32| ((part / SIDE * size + aside) * side as f32) as u32;
                drawn.get_pixel(dot(x), dot(y)).0
            };
            // The shield, the cut between its halves, and what is behind it.
            assert_eq!(at(9.0, 12.0), [0x1b, 0x5f, 0xaa, 255], "{name}");
            assert_eq!(at(16.0, 8.0), [255, 255, 255, 255], "{name}");
            assert_eq!(at(0.5, 31.0), if cut { [0x10, 0x15, 0x1d, 255] } else { [0; 4] }, "{name}");
        }
    }

    #[test]
    fn the_manifest_names_icons_that_are_drawn() {
        let manifest: serde_json::Value =
            serde_json::from_str(super::super::look::text("manifest.webmanifest")).unwrap();
        let named: Vec<&str> =
            manifest["icons"].as_array().unwrap().iter().map(|icon| icon["src"].as_str().unwrap()).collect();
        for icon in named.iter().filter(|src| src.ends_with(".png")) {
            let name = icon.strip_prefix("/scan/icon/").unwrap();
            assert!(SIZES.iter().any(|(own, _, _)| *own == name), "{icon}");
        }
        assert!(named.iter().filter(|src| src.ends_with(".png")).count() >= 3, "{named:?}");
    }
}
