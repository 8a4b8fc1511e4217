//! Every page that the menus and links of a demonstration lead to, one of each kind, as whoever may see it first: the
//! program itself, served by `hufu demo`, signed in, its pages asked for by one client on a connection that it keeps. As
//! slowly as the server's own limit lets it.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Client, setting};

/// Things of the demonstration for each of its `--scale`.
const THINGS: usize = 3_000;
/// A little less often than the server lets one account ask.
const PACE: Duration = Duration::from_millis(11);
/// Asked for before it is measured: the first look at the file is not the page.
const WARM: usize = 3;
const MEASURED: usize = 100;
/// A page that takes longer than this altogether is slow, however often it is asked for; but so many times it is.
const LONG_ENOUGH: Duration = Duration::from_secs(3);
const LEAST: usize = 12;
/// Lists that are reached only by typing.
const TYPED: [&str; 6] = [
    "/items?q=%E8%AE%A1%E7%AE%97%E6%9C%BA",
    "/items?state=disposed",
    "/items?q=nothing-like-it",
    "/find?q=%E8%AE%A1%E7%AE%97%E6%9C%BA",
    "/findings?state=all",
    "/api/v1/items?limit=50",
];

/// A demonstration under way, gone when dropped.
struct Demonstration {
    child: Child,
    address: SocketAddr,
    door: String,
    _folder: tempfile::TempDir,
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn start(scale: usize) -> Demonstration {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_hufu"))
        .args(["demo", "--scale", &scale.to_string()])
        .current_dir(folder.path())
        .env_remove("HUFU_DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("hufu demo");
    let mut lines = BufReader::new(child.stdout.take().expect("what it says")).lines().map_while(Result::ok);
    let said = lines.find_map(|line| line.split_once("http://").map(|(_, at)| at.to_owned()));
    let said = said.expect("the demonstration's address");
    // It goes on talking: whoever hung up would end it.
    std::thread::spawn(move || lines.for_each(drop));
    let (address, door) = said.split_once('/').expect("a door");
    let address = address.parse().expect("an address");
    Demonstration { child, address, door: format!("/{}", door.trim()), _folder: folder }
}

/// What stands between two texts.
fn between<'a>(text: &'a str, from: &str, to: char) -> Vec<&'a str> {
    text.split(from).skip(1).filter_map(|rest| rest.split(to).next()).collect()
}

/// One of each kind of page: two things' cards are the same page.
fn kind(path: &str) -> String {
    // A number, an id, the name of a rule or chain, or a label's code, some of which have no digit.
    let is_one = |part: &str| {
        part.contains(|c: char| c.is_ascii_digit() || "._".contains(c))
            || (part.len() > 8 && part.chars().all(|c| c.is_ascii_uppercase()))
    };
    let (way, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<_> = way.split('/').map(|part| if is_one(part) { "*" } else { part }).collect();
    let keys: BTreeSet<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{}", parts.join("/"), keys.into_iter().collect::<Vec<_>>().join("&")).trim_end_matches('?').to_owned()
}

/// Whether a link leads to a page: not to a file, not to somebody else, not to a stream.
fn is_page(path: &str) -> bool {
    let way = path.split('?').next().unwrap_or_default();
    let ending = way.rsplit('/').next().unwrap_or_default();
    !["/demo", "/static", "/scan", "/api/docs"].iter().any(|room| path.starts_with(room))
        && !ending.contains('.')
        && !path.contains("as=")
        && !path.contains("lang=")
        && !way.ends_with("/live")
}

async fn asked(client: &mut Client, path: &str) -> (u16, Duration) {
    let begun = Instant::now();
    let status = client.get(path).await;
    let took = begun.elapsed();
    tokio::time::sleep(PACE.saturating_sub(took)).await;
    (status, took)
}

/// The pages that somebody may see and nobody before them was measured on: p50, p99 and the longest, in milliseconds.
async fn walked(client: &mut Client, known: &mut BTreeSet<String>) -> Vec<(f64, f64, f64, String)> {
    let mut waiting: VecDeque<String> = ["/"].into_iter().chain(TYPED).map(str::to_owned).collect();
    let (mut found, mut been_home, mut asked_for) = (Vec::new(), false, BTreeSet::new());
    while let Some(path) = waiting.pop_front() {
        if !asked_for.insert(path.clone()) {
            continue;
        }
        // Home has everybody's own menu.
        let is_first = path == "/" && !std::mem::replace(&mut been_home, true);
        if known.contains(&kind(&path)) && !is_first {
            continue;
        }
        let (status, _) = asked(client, &path).await;
        let html = String::from_utf8_lossy(&client.body).into_owned();
        // Somebody else may see it, perhaps; one that leads on is measured where it leads to.
        if status != 200 {
            let to = client.head.iter().find_map(|line| line.strip_prefix("location: "));
            waiting.extend(to.filter(|to| to.starts_with('/') && is_page(to)).map(str::to_owned));
            continue;
        }
        let is_new = known.insert(kind(&path));
        let links = between(&html, "href=\"/", '"').into_iter().map(|link| format!("/{}", link.replace("&#38;", "&")));
        waiting.extend(links.map(|link| link.split('#').next().unwrap_or_default().to_owned()).filter(|l| is_page(l)));
        if !is_new {
            continue;
        }
        for _ in 0..WARM {
            asked(client, &path).await;
        }
        let (begun, mut took) = (Instant::now(), Vec::with_capacity(MEASURED));
        while took.len() < MEASURED && (took.len() < LEAST || begun.elapsed() < LONG_ENOUGH) {
            let (status, one) = asked(client, &path).await;
            assert_eq!(status, 200, "{path}");
            took.push(one.as_secs_f64() * 1e3);
        }
        took.sort_by(f64::total_cmp);
        let at = |share: usize| took[(took.len() - 1) * share / 100];
        eprintln!("{:>9.2} ms   {path}", at(50));
        found.push((at(50), at(99), at(100), path));
    }
    found
}

/// Walks through a demonstration of so many things.
pub(super) async fn through(items: usize) {
    let scale = items.div_ceil(THINGS);
    let begun = Instant::now();
    let demonstration = start(scale);
    println!("a demonstration of {} things, served after {:.0} s", scale * THINGS, begun.elapsed().as_secs_f64());
    let mut client = Client::connect(demonstration.address).await;
    client.get(&demonstration.door).await;
    client.keep_cookies();
    client.get(&demonstration.door).await;
    let logins = between(&String::from_utf8_lossy(&client.body), "name=\"login\" value=\"", '"')
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let (mut known, mut found) = (BTreeSet::new(), Vec::new());
    for login in logins {
        client.get(&demonstration.door).await;
        client.keep_cookies();
        let html = String::from_utf8_lossy(&client.body).into_owned();
        let csrf = between(&html, "name=\"csrf\" value=\"", '"')[0].to_owned();
        let status = client.post(&demonstration.door, &format!("csrf={csrf}&login={login}")).await;
        assert_eq!(status, 303, "{login} comes in");
        client.keep_cookies();
        found.extend(walked(&mut client, &mut known).await);
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    println!("{:>9} {:>9} {:>9}   page ({} kinds, the slowest first)", "p50 ms", "p99 ms", "most ms", found.len());
    for (middle, high, most, path) in &found {
        println!("{middle:>9.2} {high:>9.2} {most:>9.2}   {}", kind(path));
    }
    let slow = found.iter().filter(|page| page.1 > setting("HUFU_BENCH_GOAL_MS", 20) as f64).count();
    println!("{slow} of {} kinds of pages are slower than the goal", found.len());
}
