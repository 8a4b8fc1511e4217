//! Real connections: slow ones, large ones, encrypted ones, and those under way when the server is stopped.

use std::io::{BufRead as _, BufReader, Write as _};
use std::time::Duration;

use hufu::access::{self, Role};
use hufu::web::Settings;
use hufu::web::serve::{Source, Tls, authority};
use hufu::web::settings::Patience;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::running::{HANGS, Running, client, exchange, read_all};
use crate::support::Office;
use crate::visitor::account;

fn impatient() -> Settings {
    let soon = Duration::from_millis(200);
    Settings { patience: Patience { head: soon, body: soon, ..Patience::default() }, ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_too_slow_is_sent_away() {
    let office = Office::found().await;
    let running = Running::start(&office, impatient(), None);
    for (sent, expected, why) in [
        ("", "", "says nothing"),
        ("GET / HT", "", "never ends the first line"),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n", "", "never ends the head"),
        (
            "POST /sign-in HTTP/1.1\r\nHost: x\r\nCookie: hufu-form=\
             0000000000000000000000000000000000000000000000000000000000000000\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nlogin=",
            "HTTP/1.1 4",
            "never ends the body",
        ),
    ] {
        let heard = exchange(running.connect(), sent.to_owned()).await;
        assert!(heard.starts_with(expected) && !heard.starts_with("HTTP/1.1 2"), "{why}: {heard}");
    }
    running.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_are_refused_and_whoever_sends_them_hears_why() {
    let office = Office::found().await;
    let running = Running::start(&office, Settings::default(), None);
    for path in ["/api/v1/none", "/sign-in", "/api/v1/photos"] {
        let url = format!("http://{}{path}", running.address);
        let answer = client().build().unwrap().post(url).body(vec![b'x'; 100 * 1024 * 1024]).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 413, "{path}");
    }
    let said = "POST /api/v1/none HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\nExpect: 100-continue\r\n\r\n";
    let heard = exchange(running.connect(), said.to_owned()).await;
    assert!(heard.starts_with("HTTP/1.1 413"), "before it is sent: {heard}");
    running.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_finished_before_the_server_stops() {
    let office = Office::found().await;
    let running = Running::start(&office, Settings::default(), None);
    let mut stream = running.connect();
    let (mut reader, app) = (BufReader::new(stream.try_clone().unwrap()), running.app.clone());
    // The answer to "may I go on" shows that the handler is reading.
    let head = "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Cookie: hufu-form=0000000000000000000000000000000000000000000000000000000000000000\r\n\
                Content-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100"), "{line}");
    running.ask_to_stop();
    app.stopped().await;
    stream.write_all(b"login=a&b").unwrap();
    drop(reader);
    let heard = tokio::task::spawn_blocking(move || read_all(&mut stream)).await.unwrap();
    assert!(heard.contains("HTTP/1.1 403"), "the form had no token, and is told so: {heard}");
    let address = running.address;
    running.stopped().await;
    assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_learn_whether_it_is_alive_and_ready_and_its_figures_with_a_token() {
    let office = Office::found().await;
    let settings = Settings { metrics_token: Some("figures".to_owned()), ..Settings::default() };
    let running = Running::start(&office, settings, None);
    let client = client().build().unwrap();
    let get = async |path: &str, token: &str| {
        let request = client.get(format!("http://{}{path}", running.address)).bearer_auth(token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    for (path, token, status) in [
        ("/healthz", "", 200),
        ("/readyz", "", 200),
        ("/metrics", "", 401),
        ("/metrics", "figure", 401),
        ("/metrics", "figures", 200),
        ("/metrics", "figures", 200),
    ] {
        assert_eq!(get(path, token).await.0, status, "{path} {token}");
    }
    let figures = get("/metrics", "figures").await.1;
    for expected in ["hufu_ready 1", "route=\"/readyz\"", "hufu_http_request_duration_seconds_bucket"] {
        assert!(figures.contains(expected), "{expected} is missing:\n{figures}");
    }
    running.app.stop();
    assert_eq!(get("/readyz", "").await, (503, "stopping\n".to_owned()));
    assert_eq!(get("/healthz", "").await.0, 200, "alive until the end");
    running.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_there_are_no_figures() {
    let office = Office::found().await;
    let running = Running::start(&office, Settings::default(), None);
    let answer = client().build().unwrap().get(format!("http://{}/metrics", running.address)).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 404);
    running.stopped().await;
}

/// An authority for clients, and a certificate for each subject.
fn client_authority() -> (String, impl Fn(&[(DnType, &str)]) -> String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "测试 CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).unwrap().pem();
    let issue = move |subject: &[(DnType, &str)]| {
        let own = KeyPair::generate().unwrap();
        let mut client = CertificateParams::default();
        client.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, text) in subject {
            client.distinguished_name.push(kind.clone(), *text);
        }
        client.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        let signed = client.signed_by(&own, &Issuer::from_params(&params, &key)).unwrap();
        own.serialize_pem() + &signed.pem()
    };
    (pem, issue)
}

/// The example of GB 11643-1999.
const ID_NUMBER: &str = "11010519491231002X";

#[tokio::test(flavor = "multi_thread")]
async fn tls_holds_for_whoever_trusts_the_authority_and_a_certificate_names_a_person() {
    let office = Office::found().await;
    account(&office, "zhang.san", office.people[0][2], Role::Member, Some(office.units[0])).await;
    access::link_id_number(&office.db, &office.ctx, office.people[0][2], ID_NUMBER).await.unwrap();
    let (client_ca, issue) = client_authority();
    let file = office.dir.path().join("clients.pem");
    std::fs::write(&file, client_ca).unwrap();
    let files = authority::Files::in_data_dir(office.dir.path());
    // The test's clock stands in the past of the machine's, on which the client goes.
    let source = Source::Own { files, names: vec!["127.0.0.1".to_owned(), "localhost".to_owned()] };
    let today = hufu::kernel::clock::Clock::now(&hufu::kernel::clock::SystemClock).day();
    let tls = Tls { source, client_ca: Some(file) }.ready(today).unwrap();
    let root = reqwest::Certificate::from_der(&tls.own.as_ref().unwrap().authority_der).unwrap();
    let running = Running::start(&office, Settings { secure: true, ..Settings::default() }, Some(tls));
    let url = format!("https://127.0.0.1:{}", running.address.port());

    assert!(client().tls_certs_only([]).build().unwrap().get(&url).send().await.is_err(), "nobody trusts it yet");
    let trusting = || client().tls_certs_only([root.clone()]);
    let none = trusting().build().unwrap().get(format!("{url}/sign-in")).send().await.unwrap();
    assert_eq!(none.status().as_u16(), 200);
    assert!(none.headers().contains_key("strict-transport-security"));

    for (subject, expected) in [
        (vec![(DnType::CommonName, "某某 11010519491231002X")], 200),
        (vec![(DnType::CommonName, "某某"), (DnType::CustomDnType(vec![2, 5, 4, 5]), ID_NUMBER)], 200),
        (vec![(DnType::CommonName, "某某 110105194912310021")], 303),
        (vec![(DnType::CommonName, "某某 440524188001010014")], 303),
        (vec![(DnType::OrganizationalUnitName, ID_NUMBER)], 303),
        (vec![(DnType::CommonName, "440524188001010014 11010519491231002X")], 303),
    ] {
        let identity = reqwest::Identity::from_pem(issue(&subject).as_bytes()).unwrap();
        let known = trusting().identity(identity).build().unwrap();
        assert_eq!(known.get(format!("{url}/")).send().await.unwrap().status().as_u16(), expected, "{subject:?}");
    }
    let (_, stranger) = client_authority();
    let forged = stranger(&[(DnType::CommonName, "某某 11010519491231002X")]);
    let identity = reqwest::Identity::from_pem(forged.as_bytes()).unwrap();
    let refused = trusting().identity(identity).build().unwrap().get(&url).send().await;
    assert!(refused.is_err(), "a certificate of another authority opens nothing");
    let stopped = tokio::time::timeout(HANGS, running.stopped());
    stopped.await.unwrap();
}
