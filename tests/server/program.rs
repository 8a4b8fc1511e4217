//! The program itself: its first start, its settings, its stop.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::running::client;

struct Program {
    child: Child,
    address: String,
    setup: Option<String>,
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind.
        let _gone = self.child.kill();
    }
}

fn command(dir: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hufu"));
    command.current_dir(dir).env_clear().args(["serve"]);
    command
}

/// Starts it and reads where it is.
fn start(dir: &std::path::Path, more: &[&str]) -> Program {
    let mut child =
        command(dir).args(["--listen", "127.0.0.1:0", "--json"]).args(more).stdout(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        text += &line.unwrap();
        if text.ends_with('}') {
            break;
        }
    }
    let said: serde_json::Value = serde_json::from_str(&text).unwrap();
    let address = said["addresses"][0].as_str().unwrap().to_owned();
    Program { child, address, setup: said["setup"].as_str().map(str::to_owned) }
}

impl Program {
    fn terminate(mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap().code()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_the_database_and_gives_a_link_that_is_good_until_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let client = client().build().unwrap();
    let first = start(dir.path(), &[]);
    let link = first.setup.clone().unwrap();
    let page = client.get(&link).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200);
    assert!(page.text().await.unwrap().contains("初始设置"));
    for wrong in ["/setup/x", "/setup/../setup/x", "/setup/%00"] {
        let answer = client.get(format!("{}{wrong}", first.address)).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{wrong}");
    }
    assert_eq!(first.terminate(), Some(0));
    assert!(!dir.path().join("hufu.db-wal").exists(), "the database was closed");

    let second = start(dir.path(), &[]);
    let fresh = second.setup.clone().unwrap();
    let secret = link.rsplit('/').next().unwrap();
    let old = client.get(format!("{}/setup/{secret}", second.address)).send().await.unwrap();
    assert_eq!(old.status().as_u16(), 404, "the link of the first start is void");
    set_up(&client, &fresh).await;
    assert_eq!(client.get(&fresh).send().await.unwrap().status().as_u16(), 404, "and this one was used");
    assert_eq!(second.terminate(), Some(0));
    let third = start(dir.path(), &[]);
    assert_eq!(third.setup, None, "there are accounts now");
    assert_eq!(third.terminate(), Some(0));
}

/// Fills in the form of the first start.
async fn set_up(client: &reqwest::Client, link: &str) {
    let page = client.get(link).send().await.unwrap();
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let token = cookie.split('=').nth(1).unwrap().to_owned();
    let fields = [
        ("csrf", token.as_str()),
        ("organisation", "某某分局"),
        ("unit", "指挥中心"),
        ("system_login", "jia"),
        ("system_name", "甲"),
        ("password", "Tally-of-the-tiger-7"),
        ("again", "Tally-of-the-tiger-7"),
        ("security_login", "yi"),
        ("security_name", "乙"),
        ("audit_login", "bing"),
        ("audit_name", "丙"),
    ];
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let request = client.post(link).header("cookie", cookie).body(body.join("&"));
    let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.text().await.unwrap().matches("/activate/").count(), 2);
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn settings_that_would_expose_it_or_make_no_sense_are_refused_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("other.pem"), "nonsense").unwrap();
    for (args, expected) in [
        (&["--listen", "0.0.0.0:0"][..], "--tls self-signed"),
        (&["--listen", "nowhere"], "监听地址"),
        (&["--tls-cert", "a.pem"], "--tls-key"),
        (&["--tls-cert", "a.pem", "--tls-key", "a.pem"], "a.pem"),
        (&["--tls-cert", "other.pem", "--tls-key", "other.pem"], "不是有效的 PEM"),
        (&["--tls-client-ca", "other.pem"], "--tls-client-ca"),
        (&["--tls", "self-signed", "--tls-client-ca", "other.pem"], "不是有效的 PEM"),
        (&["--tls", "magic"], "self-signed"),
    ] {
        let done = command(dir.path()).args(args).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.starts_with("错误：") && said.contains(expected), "{args:?}: {said}");
    }
}

#[test]
fn the_file_says_what_the_command_line_does_not() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("hufu.toml"), "listen = \"0.0.0.0:0\"\ndata_dir = \"keys\"\n").unwrap();
    let done = command(dir.path()).output().unwrap();
    assert_eq!(done.status.code(), Some(2), "the file opens it to the network");
    let program = start(dir.path(), &["--tls", "self-signed"]);
    assert!(program.address.starts_with("https://127.0.0.1:"), "{}", program.address);
    assert!(dir.path().join("keys/tls/ca.key").exists());
    assert_eq!(program.terminate(), Some(0));
}
