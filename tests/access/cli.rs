//! `hufu accounts`, as whoever sits at the machine.

use assert_cmd::Command;
use serde_json::Value;

use crate::desk::{cheap, url};
use crate::support::{Office, badge};

struct Machine(Office);

impl Machine {
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let url = url(&self.0);
        let mut command = Command::new(env!("CARGO_BIN_EXE_hufu"));
        let done = command.arg("accounts").args(args).arg("--database-url").arg(url).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (done.status.code().unwrap(), text(&done.stdout), text(&done.stderr))
    }

    fn json(&self, args: &[&str]) -> Value {
        let (status, out, err) = self.run(&[args, &["--json"]].concat());
        assert_eq!(status, 0, "{args:?}: {err}");
        serde_json::from_str(&out).unwrap()
    }
}

#[tokio::test]
async fn an_office_can_be_run_from_the_machine_alone() {
    let machine = Machine(Office::found().await);
    cheap(&machine.0).await;
    let made = machine.json(&["create", "zhang.san", "--person", &badge(0, 2)]);
    let link = made["link"].as_str().unwrap();
    assert!(link.len() >= 43);
    assert_eq!(made["link_path"], format!("/activate/{link}"));
    let (_, out, _) = machine.run(&["reset", "zhang.san"]);
    assert!(out.contains("服务器地址") && out.contains("\n/activate/"), "{out}");
    let (_, out, _) = machine.run(&["reset", "zhang.san", "--url", "https://192.168.1.20:8443/"]);
    assert!(out.contains("\nhttps://192.168.1.20:8443/activate/"), "{out}");
    let granted = machine.json(&["grant", "zhang.san", "专职管理员", "--unit", "D0", "--until", "2099-12-31"]);
    let (status, out, _) = machine.run(&["list"]);
    assert_eq!(status, 0);
    for word in ["zhang.san", "人员02", "待启用", "专职管理员", "第0大队", "至 2099-12-31"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    assert!(!out.contains(link), "shown once");
    let renewed = machine.json(&["reset", "zhang.san", "--second-factor"]);
    assert_ne!(renewed["link"], made["link"]);
    machine.json(&["revoke", granted["grant"].as_str().unwrap()]);
    machine.json(&["unlock", "zhang.san"]);
    machine.json(&["set-rule", "sign_in.tries", "7", "--source", "分局通知"]);
    let (_, out, _) = machine.run(&["rules"]);
    assert!(out.contains("sign_in.tries") && out.contains("分局通知"), "{out}");
    machine.json(&["close", "zhang.san"]);
    for (args, word) in [
        (&["create", "zhang.san", "--person", &badge(0, 3)][..], "已被使用"),
        (&["create", "li.si", "--person", "没有的人"], "未登记的人员"),
        (&["grant", "zhang.san", "国王"], "专职管理员"),
        (&["grant", "zhang.san", "member"], "已停用"),
        (&["unlock", "nobody"], "没有找到这个账号"),
        (&["leave", &badge(0, 2)], "须先移交：地点 1 处：房间01"),
        (&["set-rule", "sign_in.tries", "0", "--source", "分局通知"], "3 至 20"),
    ] {
        let (status, _, err) = machine.run(args);
        assert_eq!(status, 2, "{args:?}");
        assert!(err.contains(word), "{args:?}: {err}");
    }
}
