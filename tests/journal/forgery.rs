//! An export that was tampered with, cut, or made anew, against the checkpoints that the auditor kept; and files that
//! are none.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use hufu::db::Db;
use hufu::journal::entity::{founding, secret};
use hufu::journal::verify::{Report, VerifyError, verify};
use hufu::journal::watched::{WatchedTable, table};
use hufu::journal::{self, checkpoint, export};
use hufu::kernel::clock::SetClock;
use hufu::kernel::hash::{HashKind, hex};
use hufu::kernel::random::Random;
use hufu::kernel::{Actor, Ctx, Timestamp};
use hufu::org::entity::setting;
use hufu::org::service::name_organisation;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};

/// A database with nothing in it but a name, given a few times, by somebody.
struct Small {
    db: Db,
    ctx: Ctx,
    dir: tempfile::TempDir,
}

impl Small {
    async fn new(kind: HashKind, seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}?mode=rwc", dir.path().join("small.db").display())).await.unwrap();
        db.migrate().await.unwrap();
        let clock = Arc::new(SetClock::at(Timestamp(1_764_000_000_000)));
        let ctx = Ctx::new(Actor::Local("张".to_owned()), clock, Arc::new(Random::seeded(seed))).hashing_with(kind);
        Self { db, ctx, dir }
    }

    async fn named(self, names: &[&str]) -> Self {
        journal::found(&self.db, &self.ctx, self.ctx.hash).await.unwrap();
        for name in names {
            name_organisation(&self.db, &self.ctx, name).await.unwrap();
        }
        self
    }

    /// The same journal's name and key, as whoever has the database has them.
    async fn with_the_key_of(self, other: &Self) -> Self {
        let founded = founding::Entity::find().one(other.db.read()).await.unwrap().unwrap();
        let seed = secret::Entity::find().one(other.db.read()).await.unwrap().unwrap();
        let copied = self.db.write(async |tx| {
            founded.clone().into_active_model().insert(tx).await?;
            seed.clone().into_active_model().insert(tx).await?;
            Ok::<_, hufu::db::DbError>(())
        });
        copied.await.unwrap();
        self
    }

    async fn checkpoint(&self, name: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, checkpoint::make(&self.db, &self.ctx).await.unwrap().note).unwrap();
        path
    }

    async fn export(&self) -> PathBuf {
        let (path, tables): (_, [Box<dyn WatchedTable>; 1]) =
            (self.dir.path().join("journal.hufu"), [table::<setting::Entity>()]);
        export::write(&self.db, &self.ctx, &tables, &path).await.unwrap();
        path
    }
}

/// Whether something was found wrong.
fn is_found(path: &Path, checkpoints: &[PathBuf]) -> bool {
    match verify(path, checkpoints) {
        Ok(report) => !report.fits,
        Err(VerifyError::NotAnExport { .. }) => true,
        Err(other) => panic!("{other}"),
    }
}

/// A file's lines with a last line that fits them, as a forger would write it.
fn with_right_end(kind: HashKind, body: &[u8]) -> Vec<u8> {
    let lines = body.iter().filter(|byte| **byte == b'\n').count();
    let end = format!("end\t{{\"lines\":{lines},\"hash\":\"{}\"}}\n", hex(&kind.of(&[body])));
    [body, end.as_bytes()].concat()
}

/// The bytes without the last line.
fn body(bytes: &[u8]) -> &[u8] {
    let end = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    &bytes[..=end]
}

#[tokio::test]
async fn every_byte_counts() {
    let small = Small::new(HashKind::Sha256, 1).await.named(&["甲"]).await;
    let note = [small.checkpoint("kept.note").await];
    let path = small.export().await;
    let whole = std::fs::read(&path).unwrap();
    let report = verify(&path, &note).unwrap();
    assert!(report.fits && report.anchored == Some(2), "{:#?}", report.faults);
    let forged = small.dir.path().join("forged.hufu");
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        // A letter becomes its other case: what a lenient reader would take for the same.
        bytes[at] ^= if whole[at].is_ascii_alphabetic() { 0x20 } else { 1 };
        std::fs::write(&forged, bytes).unwrap();
        assert!(is_found(&forged, &[]), "byte {at} went unseen");
    }
    // The same by somebody who knows the format and makes the last line fit. Only when it was exported says nobody
    // but the first line.
    let time = whole.windows(5).position(|part| part == b"\"at\":").unwrap() + 5;
    for at in (0..body(&whole).len()).filter(|at| !(time..time + 13).contains(at)) {
        let mut bytes = body(&whole).to_vec();
        bytes[at] ^= 1;
        std::fs::write(&forged, with_right_end(HashKind::Sha256, &bytes)).unwrap();
        assert!(is_found(&forged, &note), "byte {at} went unseen: {}", String::from_utf8_lossy(&bytes));
    }
}

#[tokio::test]
async fn a_cut_tail_is_seen_at_every_line() {
    let small = Small::new(HashKind::Sm3, 2).await.named(&["甲", "乙", "丙"]).await;
    let note = [small.checkpoint("kept.note").await];
    let path = small.export().await;
    let whole = std::fs::read(&path).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').map(|at| at + 1).collect();
    assert!(ends.len() > 8);
    let forged = small.dir.path().join("forged.hufu");
    for end in &ends[..ends.len() - 1] {
        for cut in [*end, end - 1, end + 5] {
            std::fs::write(&forged, &whole[..cut]).unwrap();
            assert!(is_found(&forged, &[]), "cut at {cut}");
        }
        std::fs::write(&forged, with_right_end(HashKind::Sm3, &whole[..*end])).unwrap();
        let all_but_nothing = *end == body(&whole).len();
        assert_eq!(is_found(&forged, &note), !all_but_nothing, "cut at {end}, last line made to fit");
    }
    // A line taken out of the middle, and two that changed places.
    for pair in ends[..ends.len() - 1].windows(2) {
        let out = [&whole[..pair[0]], &body(&whole)[pair[1]..]].concat();
        std::fs::write(&forged, with_right_end(HashKind::Sm3, &out)).unwrap();
        assert!(is_found(&forged, &note), "line before {} taken out", pair[1]);
    }
    for three in ends[..ends.len() - 1].windows(3) {
        let [a, b, c] = [three[0], three[1], three[2]];
        let swapped = [&whole[..a], &whole[b..c], &whole[a..b], &body(&whole)[c..]].concat();
        std::fs::write(&forged, with_right_end(HashKind::Sm3, &swapped)).unwrap();
        assert!(is_found(&forged, &note), "lines at {a} and {b} changed places");
    }
    std::fs::write(&forged, [&whole[..], b"\n"].concat()).unwrap();
    assert!(is_found(&forged, &note));
    std::fs::write(&forged, [&whole[..], &whole[..]].concat()).unwrap();
    assert!(is_found(&forged, &note));
}

#[tokio::test]
async fn a_journal_made_anew_does_not_fit_the_kept_checkpoint() {
    let names = ["甲", "乙", "丙", "丁"];
    let honest = Small::new(HashKind::Sha256, 3).await.named(&names).await;
    let note = [honest.checkpoint("kept.note").await];
    assert!(verify(&honest.export().await, &note).unwrap().fits);
    let says = |report: &Report, words: &str| {
        assert!(!report.fits && report.anchored.is_none(), "{words}");
        assert!(report.first_fault().unwrap().what.contains(words), "{:#?}", report.faults);
    };
    // With another key: in itself it is without fault.
    let forged = Small::new(HashKind::Sha256, 4).await.named(&names).await;
    forged.checkpoint("own.note").await;
    let path = forged.export().await;
    assert!(verify(&path, &[]).unwrap().fits);
    says(&verify(&path, &note).unwrap(), "不是这本日志的检查点");
    // With the very key, one entry another, everything computed anew.
    let altered = ["甲", "乙", "戊", "丁"];
    let forged = Small::new(HashKind::Sha256, 5).await.with_the_key_of(&honest).await.named(&altered).await;
    name_organisation(&forged.db, &forged.ctx, "己").await.unwrap();
    forged.checkpoint("own.note").await;
    let path = forged.export().await;
    assert!(verify(&path, &[]).unwrap().fits);
    says(&verify(&path, &note).unwrap(), "根不符");
    // With the very key, and shorter: what happened last never did.
    let forged = Small::new(HashKind::Sha256, 6).await.with_the_key_of(&honest).await.named(&names[..1]).await;
    let path = forged.export().await;
    assert!(verify(&path, &[]).unwrap().fits);
    says(&verify(&path, &note).unwrap(), "尾部被截去");
    // The name kept and the key another.
    let text = std::fs::read_to_string(honest.export().await).unwrap();
    let other = std::fs::read_to_string(&path).unwrap();
    let vkey = |text: &str| text.split("\"vkey\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(vkey(&text), vkey(&other), "the same name, the same key");
    let stranger = Small::new(HashKind::Sha256, 7).await;
    let seed = secret::Model { id: 1, seed: vec![9; 32] };
    let founded = founding::Entity::find().one(honest.db.read()).await.unwrap().unwrap();
    let public = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes().to_vec();
    let founded = founding::Model { public_key: public, ..founded };
    let copied = stranger.db.write(async |tx| {
        founded.clone().into_active_model().insert(tx).await?;
        seed.clone().into_active_model().insert(tx).await?;
        Ok::<_, hufu::db::DbError>(())
    });
    copied.await.unwrap();
    let stranger = stranger.named(&names).await;
    says(&verify(&stranger.export().await, &note).unwrap(), "签名不是本日志的密钥所签");
}

#[tokio::test]
async fn what_is_no_export_is_told_in_a_sentence() {
    let small = Small::new(HashKind::Sha256, 8).await.named(&["甲"]).await;
    let whole = std::fs::read(small.export().await).unwrap();
    let header = &whole[..=whole.iter().position(|byte| *byte == b'\n').unwrap()];
    let path = small.dir.path().join("other");
    let deep = "[".repeat(100_000);
    let with = |line: &str| with_right_end(HashKind::Sha256, &[header, line.as_bytes(), b"\n"].concat());
    let text = String::from_utf8(whole.clone()).unwrap();
    let cases: Vec<(Vec<u8>, Option<&str>)> = vec![
        (vec![], Some("空")),
        (b"\n".to_vec(), Some("不是日志导出文件")),
        (vec![0; 100_000], Some("不是日志导出文件")),
        (vec![0xff; 9], Some("不是日志导出文件")),
        (vec![b'x'; 20_000_000], Some("不是日志导出文件")),
        (text.replacen("export/1", "export/2", 1).into_bytes(), Some("版本")),
        (text.replacen("\"hash\":\"sha256\"", "\"hash\":\"sm3\"", 1).into_bytes(), Some("哈希算法")),
        (text.replacen("\"hash\":\"sha256\"", "\"hash\":\"md5\"", 1).into_bytes(), Some("无法识别")),
        ([b"\xef\xbb\xbf", &whole[..]].concat(), Some("不是日志导出文件")),
        (format!("hufu.journal-export/1\t{deep}\n").into_bytes(), Some("无法识别")),
        (text.replace('\n', "\r\n").into_bytes(), Some("无法识别")),
        (header.to_vec(), None),
        (with(&format!("entry\t{deep}")), None),
        (with(&format!("row\tsettings\t\"x\"\t{deep}")), None),
        (with(&format!("row\titems\t{deep}")), None),
        (with("row\tsettings"), None),
        (with(""), None),
        (with(&"y".repeat(9_000_000)), None),
    ];
    for (bytes, expected) in cases {
        std::fs::write(&path, &bytes).unwrap();
        match (verify(&path, &[]), expected) {
            (Err(VerifyError::NotAnExport { reason, .. }), Some(words)) => assert!(reason.contains(words), "{reason}"),
            (Ok(report), None) => assert!(!report.fits),
            (other, _) => panic!("{expected:?}: {other:?}"),
        }
    }
    let missing = small.dir.path().join("missing");
    for bad in [missing.as_path(), small.dir.path()] {
        assert!(matches!(verify(bad, &[]), Err(VerifyError::Unreadable { .. })));
    }
    let export = small.dir.path().join("journal.hufu");
    assert!(matches!(verify(&export, &[missing]), Err(VerifyError::Unreadable { .. })));
    for note in [&b""[..], b"x", &[0xff; 5000], &vec![b'\n'; 9_000_000]] {
        std::fs::write(&path, note).unwrap();
        let report = verify(&export, std::slice::from_ref(&path)).unwrap();
        assert!(!report.fits && !report.brought[0].fits);
    }
}

fn hufu(dir: &Path, line: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hufu"));
    let url = format!("sqlite://{}?mode=rwc", dir.join("office.db").display());
    command.current_dir(dir).env("HUFU_DATABASE_URL", url).args(line).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[test]
fn the_commands_answer_by_their_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let run = |line: &str| hufu(dir.path(), &line.split(' ').collect::<Vec<_>>());
    let done = |line: &str| {
        let output = run(line);
        assert_eq!(output.status.code(), Some(0), "{line}: {}", said(&output));
        said(&output)
    };
    let founded = done("init --hash sm3 --organisation 裕安分局");
    std::fs::write(dir.path().join("a.csv"), "资产编号,资产名称,使用部门\nA-1,打印机,一中队\nA-2,投影仪,二中队\n")
        .unwrap();
    done("import assets a.csv --create-missing");
    done("items change A-1 --state idle --reason 停用");
    done("labels print --all --out labels.pdf");
    let signed = done("journal checkpoint --out kept.note --print kept.pdf");
    let fingerprint = founded.split("指纹 ").nth(1).unwrap().split('（').next().unwrap();
    assert!(signed.contains(fingerprint), "{signed} / {fingerprint}");
    assert!(std::fs::read(dir.path().join("kept.pdf")).unwrap().starts_with(b"%PDF"));
    assert!(std::fs::read_to_string(dir.path().join("kept.note")).unwrap().starts_with("hufu.journal/sm3/"));
    done("items change A-2 --state idle --reason 停用");
    done("journal seal");
    done("journal export --out journal.hufu");
    let verified = done("journal verify --export journal.hufu --checkpoint kept.note");
    assert!(verified.contains("全部相符"), "{verified}");
    let listed = done("journal list --action items. --json");
    let entries: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    assert_eq!(entries.len(), 2);
    let shown = done(&format!("journal show {}", entries[0]["id"].as_str().unwrap()));
    assert!(shown.contains("证明成立"), "{shown}");
    let second = run("init --hash sm3");
    assert_eq!(second.status.code(), Some(2));
    // Another machine, no database: the same answers.
    let away = tempfile::tempdir().unwrap();
    for name in ["journal.hufu", "kept.note"] {
        std::fs::copy(dir.path().join(name), away.path().join(name)).unwrap();
    }
    let answer = |line: &str| hufu(away.path(), &line.split(' ').collect::<Vec<_>>());
    let report = answer("journal verify --export journal.hufu --checkpoint kept.note --checkpoint kept.note --json");
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!((&report["fits"], report["brought"].as_array().unwrap().len()), (&true.into(), 2));
    let text = std::fs::read_to_string(away.path().join("journal.hufu")).unwrap();
    std::fs::write(away.path().join("forged.hufu"), text.replacen("投影仪", "投影机", 1)).unwrap();
    let forged = answer("journal verify --export forged.hufu");
    assert_eq!(forged.status.code(), Some(1));
    assert!(said(&forged).contains("表 items，主键 "), "{}", said(&forged));
    for line in ["journal verify --export none.hufu", "journal verify --export kept.note", "journal list"] {
        let refused = answer(line);
        assert_eq!(refused.status.code(), Some(2), "{line}: {}", said(&refused));
        assert!(said(&refused).starts_with("错误："), "{}", said(&refused));
    }
}
