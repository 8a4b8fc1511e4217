//! Every table that a room says is watched is in the exports.

use std::path::Path;

use hufu::watched::tables;

fn sources(dir: &Path, all: &mut String) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn whoever_is_watched_is_exported() {
    let mut all = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let mut said: Vec<&str> = all
        .split("journal::row!(")
        .skip(1)
        .filter_map(|rest| rest.split('"').nth(1).filter(|_| rest.trim_start().starts_with("Model")))
        .collect();
    said.sort_unstable();
    let watched = tables();
    let mut exported: Vec<&str> = watched.iter().map(|table| table.name()).collect();
    exported.sort_unstable();
    assert_eq!(said, exported, "every `row!(…)` stands in src/watched.rs, and the other way round");
    exported.dedup();
    assert_eq!(exported.len(), watched.len());
}
