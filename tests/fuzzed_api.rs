//! schemathesis reads the OpenAPI document of a server that runs and asks it everything the document allows, and much that
//! it forbids: no answer may be the server's own fault, none may be undocumented, every body fits its schema, and what the
//! document forbids is refused. Run by `tests/run.sh`, which says where schemathesis is: it needs HUFU_SCHEMATHESIS.

#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod cli;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use cli::Office;
use hufu::access::accounts;
use hufu::access::grants::{self, NewGrant};
use hufu::access::tokens::{self, NewToken};
use hufu::access::{self, Action, Role, matrix};
use hufu::db::Db;
use hufu::kernel::{Ctx, Timestamp};
use hufu::org::Directory;

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// The same questions every time.
const SEED: &str = "20261123";
/// Who asks, and for how many seconds.
const VISITORS: [(&str, &str, Role, u32); 3] = [
    ("centre", "001", Role::CommandCentre, 110),
    ("keeper", "002", Role::AssetManager, 60),
    ("audit", "003", Role::AuditAdministrator, 40),
];
/// Left alone: it would end the token that the fuzzer itself shows, and everything after would be a 401.
const LEFT_OUT: [&str; 1] = ["tokens_revoke"];
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      negative_data_rejection";

/// The server, stopped with the test.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(office: &Office) -> Self {
        let mut command = office.command(&["serve", "--listen", "127.0.0.1:0", "--rate-limit", "0", "--json"]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the server");
        let mut told = String::new();
        let mut lines = BufReader::new(process.stdout.take().expect("its output"));
        let address = loop {
            assert!(lines.read_line(&mut told).expect("a line") > 0, "the server ended: {told}");
            if let Ok(facts) = serde_json::from_str::<serde_json::Value>(&told) {
                break facts["addresses"][0].as_str().expect("an address").to_owned();
            }
        };
        Self { process, address }
    }

    /// The status that somebody with this token gets who asks who they are.
    fn me(&self, token: &str) -> u16 {
        let host = self.address.trim_start_matches("http://");
        let mut line = TcpStream::connect(host).expect("the server");
        let asked = format!(
            "GET /api/v1/me HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        line.write_all(asked.as_bytes()).expect("asked");
        let mut answer = String::new();
        line.read_to_string(&mut answer).expect("an answer");
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// A small office with things, a campaign that is open, labels and scans in it.
fn office() -> Office {
    let office = Office::founded();
    let assets = "资产编号,资产名称,使用部门,存放地点,使用人,数量,价值\nGD001,台式计算机,治安大队,201室,李四,1,4500\n\
                  GD002,激光打印机,治安大队,ZA-202,李四,1,2300\nGD003,执法记录仪,裕安派出所,值班室,赵六,1,1500\n";
    office.import("assets", "a.csv", assets, &[]).code(0);
    office.run(&["labels", "print", "GD001", "--out", "l.pdf"]).code(0);
    office.run(&["stocktake", "open", "C", "--baseline", "2099-12-31"]).code(0);
    office.run(&["stocktake", "scan", "C", "GD001", "--counter", "李四", "--place", "201室"]).code(0);
    office
}

/// A device's token that may do all that devices may in this role, but call others: what a fuzzer makes up for an
/// address is somebody's.
async fn token(db: &Db, ctx: &Ctx, login: &str, badge: &str, role: Role) -> String {
    let whose = Directory::load(db.read()).await.expect("the directory").find_person(badge, None).expect("a person");
    let invited = accounts::create(db, ctx, login, whose).await.expect("an account");
    access::activate(db, ctx, &invited.link, "Correct-Horse-7-Staple").await.expect("activated");
    let account = invited.account.id;
    let grant = NewGrant { account, role, unit: None, from: None, until: None };
    grants::give(db, ctx, grant).await.expect("a grant");
    let may = |action: &Action| action.is_for_devices() && matrix::roles_for(*action).contains(&role);
    let actions = Action::ALL.iter().copied().filter(|action| may(action) && *action != Action::WebhooksWrite);
    let expires_at = Timestamp(ctx.now().0 + DAY);
    let new = NewToken { name: login.to_owned(), account, actions: actions.collect(), expires_at };
    let issued = tokens::issue(db, ctx, new).await.expect("a token");
    tokens::claim_here(db, ctx, issued.id).await.expect("its secret").1
}

async fn tokens(url: &str) -> Vec<String> {
    let db = Db::open(url).await.expect("the database");
    let ctx = Ctx::local("test").expect("randomness");
    let mut tokens = Vec::new();
    for (login, badge, role, _) in VISITORS {
        tokens.push(token(&db, &ctx, login, badge, role).await);
    }
    db.close().await;
    tokens
}

#[test]
#[ignore = "minutes: tests/run.sh runs it, where schemathesis is"]
fn the_api_keeps_to_its_document() {
    let schemathesis =
        std::env::var("HUFU_SCHEMATHESIS").expect("HUFU_SCHEMATHESIS says where it is: see tests/run.sh");
    let office = office();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let tokens = runtime.block_on(tokens(office.database().url()));
    let server = Server::start(&office);
    let mut found = Vec::new();
    for ((login, _, _, seconds), token) in VISITORS.iter().zip(tokens) {
        let ended = Command::new(&schemathesis)
            .args(["--config-file", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemathesis.toml"), "run"])
            .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--seed", SEED])
            .args(["--max-time", &seconds.to_string(), "--continue-on-failure", "--request-timeout", "30"])
            .args(LEFT_OUT.iter().flat_map(|operation| ["--exclude-operation-id", operation]))
            .args(["--suppress-health-check", "all", "--warnings", "off"])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .arg(format!("{}/api/v1/openapi.json", server.address))
            .current_dir(office.path(""))
            .status()
            .expect("schemathesis");
        assert_eq!(server.me(&token), 200, "{login} was not let in to the end");
        if !ended.success() {
            found.push(*login);
        }
    }
    assert!(found.is_empty(), "asking as {found:?}, see above");
}
