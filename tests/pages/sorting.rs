//! Lists in the order of a column: both ways, page after page, each row once; and every order of every list is one that both
//! databases know.

use axum_test::TestServer;
use hufu::access::Role;
use hufu::kernel::Timestamp;
use hufu::org::places::{self, NewPlace};
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::scope::Scope;

use super::browser::{browser, status};
use super::support::{DAY, Office};

/// What the rows of a list say in a column, on this page and all that follow it.
async fn all_pages(server: &TestServer, path: &str, head: &str) -> Vec<String> {
    let (mut path, mut found) = (path.to_owned(), Vec::new());
    loop {
        let answer = server.get(&path).await;
        assert_eq!(status(&answer), 200, "{path}");
        let html = answer.text();
        let column = format!("data-name=\"{head}\"");
        let cells = html.split(&column).skip(1);
        found.extend(cells.map(|cell| cell.split("title=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()));
        match html.split("rel=\"next\" href=\"").nth(1) {
            Some(next) => path = next.split('"').next().unwrap().replace("&#38;", "&"),
            None => return found,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sorted_list_goes_on_where_it_stopped_and_shows_each_row_once() {
    let office = Office::found().await;
    for n in 0..120 {
        let (code, name) = (format!("N{n:03}"), format!("库房{}", n * 7 % 11));
        let new = NewPlace { code, name, unit: office.units[n % 3], keeper: None };
        places::create(&office.db, &office.ctx, new).await.unwrap();
    }
    let centre = browser(&office, office.people[0][1], Role::CommandCentre, None);
    let mut by_code = all_pages(&centre, "/places", "地点代码").await;
    assert_eq!(by_code.len(), 120 + 6);
    assert!(by_code.is_sorted(), "{by_code:?}");
    for (name, head) in [("code", "地点代码"), ("name", "地点名称"), ("unit", "单位")] {
        let mut up = all_pages(&centre, &format!("/places?sort={name}"), head).await;
        let down = all_pages(&centre, &format!("/places?sort=-{name}"), head).await;
        assert!(up.is_sorted(), "{name}: {up:?}");
        up.reverse();
        assert_eq!(up, down, "{name}");
        // Whatever the order, each is there once.
        let mut codes = all_pages(&centre, &format!("/places?sort={name}"), "地点代码").await;
        codes.sort_unstable();
        by_code.sort_unstable();
        assert_eq!(codes, by_code, "{name}");
    }
    let page = centre.get("/places?sort=-name&q=库房").await.text();
    assert!(page.contains("aria-sort=\"descending\""), "the head says so");
    assert!(page.contains("<option value=\"-name\" selected>"), "and so does the choice on a phone");
    // The filters keep the order, the heads keep the filters.
    assert!(page.contains("sort=unit") && page.contains("q=%E5%BA%93%E6%88%BF"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_of_every_list_is_known_to_the_database() {
    let office = Office::found().await;
    office.register(&[office.new_item("XL-0001", 0)]).await;
    office.clock.set(Timestamp(office.ctx.now().0 + 2 * DAY));
    let today = office.ctx.now().day();
    let opening = Opening {
        number: "2026-YE".to_owned(),
        name: "年终盘点".to_owned(),
        baseline_on: today.pred_opt().unwrap(),
        from: today,
        to: today + chrono::Days::new(9),
        blind: false,
        scope: Scope { units: office.units[..1].to_vec(), ..Scope::default() },
    };
    campaign::open(&office.db, &office.ctx, &opening).await.unwrap();
    let as_a = |role| browser(&office, office.people[2][1], role, None);
    let (centre, system) = (as_a(Role::CommandCentre), as_a(Role::SystemAdministrator));
    let id = "0192f000-0000-7000-8000-000000000001";
    let opened = format!("5.{id}");
    for (server, path, names, after) in [
        (&centre, "/places", &["code", "name", "unit", "keeper"][..], id),
        (&centre, "/people", &["name", "badge", "unit", "duty", "kind"], id),
        (&centre, "/findings", &["what", "kind", "state", "unit", "owner", "deadline"], id),
        (&centre, "/approvals?view=all", &["kind", "unit", "by", "amount", "asked", "state"], id),
        (&centre, "/imports", &["file", "kind", "rows", "rejects", "state", "at"], id),
        (&centre, "/labels/log", &["code", "state", "template", "times"], "HF123456789C"),
        (&centre, "/stocktake", &["name", "state", "baseline", "window"], &opened),
        (&centre, "/stocktake/2026-YE/missing", &["name", "state", "year"], id),
        (&centre, "/stocktake/2026-YE/differences", &["thing", "unit", "place", "keeper"], ""),
        (&centre, "/assets/movements", &["number", "kind", "state", "unit", "to_unit", "count", "by"], id),
        (&centre, "/assets/missing", &["number", "name", "state", "year"], id),
        (&centre, "/assets/surpluses", &["number", "name", "state", "unit", "count", "value"], id),
        (&centre, "/assets/submissions", &["number", "kind", "unit", "as_of", "state", "lines", "value"], id),
        (&centre, "/vehicles", &["plate", "name", "state", "inspected", "insured", "km"], id),
        (&centre, "/vehicles/trips", &["number", "car", "state", "purpose", "driver", "departed", "returned"], id),
        (&centre, "/vehicles/cards", &["number", "kind", "supplier", "unit", "state"], id),
        (&centre, "/vehicles/repairs", &["number", "state", "kind", "returned", "total", "car", "shop"], id),
        (&system, "/jobs", &["kind", "state", "last", "next", "tries"], id),
        (&system, "/accounts", &["login", "person", "state"], id),
    ] {
        let and = if path.contains('?') { '&' } else { '?' };
        for name in names {
            for way in ["", "-"] {
                for from in [String::new(), format!("&after={after}")] {
                    let asked = format!("{path}{and}sort={way}{name}{from}");
                    let answer = server.get(&asked).await;
                    assert_eq!(status(&answer), 200, "{asked}: {}", answer.text());
                }
            }
        }
        assert_eq!(status(&server.get(&format!("{path}{and}sort=nothing-like-it")).await), 200, "{path}");
        // What can be sorted can be taken away, in that order.
        let file = server.get(&format!("{path}{and}sort=-{}&as=xlsx", names[0])).await;
        assert_eq!(status(&file), 200, "{path}");
        assert!(file.as_bytes().starts_with(b"PK"), "{path} is a workbook");
    }
}

/// A rule, a job that the program brings has a name that people read.
#[tokio::test(flavor = "multi_thread")]
async fn rules_are_called_as_people_call_them() {
    let office = Office::found().await;
    let security = browser(&office, office.people[2][2], Role::SecurityAdministrator, None);
    for language in ["zh", "en"] {
        let html = security.get(&format!("/rules?lang={language}")).await.text();
        let links = html.split("href=\"/rules/").skip(1).filter_map(|rest| rest.split('>').nth(1)?.split('<').next());
        let bare: Vec<&str> = links.filter(|text| text.contains('.') || text.contains('_')).collect();
        assert!(bare.is_empty(), "{language}: {bare:?}");
    }
}
