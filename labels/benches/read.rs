//! Recall, false codes and time on drawn photos of 12 megapixels.
//!
//! `cargo bench -p hufu-labels --bench read` prints a table of recall first, then criterion's times; each of
//! criterion's rounds reads all photos of a grade. With `HUFU_PHOTOS=DIR` the photos are also saved there, each
//! with a list of what is on it, so that another reader can be held against the same pictures.

#[path = "../tests/photo/mod.rs"]
mod photo;

use std::collections::HashSet;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::Criterion;
use hufu_labels::read::{Found, Limits, decode_photo};
use photo::{Grade, Kind, Order, Photo, take};

const SIZE: (usize, usize) = (4000, 3000);
/// Labels on the photos of a grade.
const LABELS: [usize; 4] = [12, 20, 30, 40];
const GRADES: [Grade; 3] = [Grade::Easy, Grade::Middling, Grade::Hard];

fn photos(grade: Grade) -> Vec<Photo> {
    let first = 100 * grade as u64;
    (first..)
        .zip(LABELS)
        .map(|(seed, labels)| {
            take(&Order { broken: 1, addresses: 1, decoys: 2, ..Order::new(seed, grade, SIZE, labels) })
        })
        .collect()
}

/// What was right and wrong, and how long each photo took.
#[derive(Default)]
struct Score {
    hit: usize,
    labels: usize,
    wrong: usize,
    times: Vec<Duration>,
}

impl Score {
    fn add(&mut self, photo: &Photo, found: &[Found], time: Duration) {
        let seen: HashSet<&str> = found.iter().map(|f| f.text.as_str()).collect();
        let good = |text: &str| photo.placed.iter().any(|p| p.text == text && p.kind == Kind::Label);
        let labels = photo.placed.iter().filter(|p| p.kind == Kind::Label);
        self.hit += labels.clone().filter(|p| seen.contains(p.text.as_str())).count();
        self.labels += labels.count();
        self.wrong += found.iter().filter(|f| f.code.is_some() && !good(&f.text)).count();
        self.wrong += seen.iter().filter(|t| photo.placed.iter().all(|p| p.text != **t)).count();
        self.times.push(time);
    }

    fn tell(&mut self, name: &str) {
        self.times.sort();
        let percent = 100.0 * self.hit as f64 / self.labels as f64;
        let median = self.times[self.times.len() / 2].as_secs_f64();
        let (hit, labels, wrong) = (self.hit, self.labels, self.wrong);
        eprintln!(
            "{name:9} {hit:3} of {labels:3} labels = {percent:5.1} %, {wrong} false, median {median:.3} s a photo"
        );
    }
}

fn save(folder: &str, name: &str, photo: &Photo) -> std::io::Result<()> {
    let folder = Path::new(folder);
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(format!("{name}.jpg")), &photo.jpeg)?;
    let list: String = photo.placed.iter().map(|p| format!("{}\t{:?}\t{:?}\n", p.text, p.kind, p.corners)).collect();
    std::fs::write(folder.join(format!("{name}.txt")), list)
}

fn read(photo: &Photo) -> Vec<Found> {
    decode_photo(&photo.jpeg, &Limits::default()).unwrap_or_default()
}

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut all = Score::default();
    for grade in GRADES {
        let name = format!("{grade:?}").to_lowercase();
        let photos = photos(grade);
        let mut score = Score::default();
        for (number, photo) in photos.iter().enumerate() {
            if let Ok(folder) = std::env::var("HUFU_PHOTOS") {
                save(&folder, &format!("{}-{name}-{number}", grade as u8), photo).unwrap_or_else(|e| eprintln!("{e}"));
            }
            let start = Instant::now();
            let found = read(photo);
            let time = start.elapsed();
            score.add(photo, &found, time);
            all.add(photo, &found, time);
        }
        score.tell(&name);
        let title = format!("read {} {name} photos", photos.len());
        criterion.bench_function(&title, |b| b.iter(|| photos.iter().map(|p| black_box(read(p)).len()).sum::<usize>()));
    }
    all.tell("all");
    criterion.final_summary();
}
