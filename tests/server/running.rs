//! The server on a port of this machine, for what only a real connection shows.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Once;
use std::time::Duration;

use hufu::web::serve::{self, Ready};
use hufu::web::{App, Settings};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::Office;

/// Long enough for whatever a test waits for to have happened; nothing is concluded from it but that it hangs.
pub(crate) const HANGS: Duration = Duration::from_secs(30);

/// A server that runs, and how to stop it.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) app: App,
    stop: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Starts a server on any port.
    pub(crate) fn start(office: &Office, settings: Settings, tls: Option<Ready>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let app = App::with(office.db.clone(), office.ctx.clone(), settings);
        let stop = CancellationToken::new();
        let asked = stop.clone();
        // Asked once only: what is under way is finished.
        let once = move || {
            let asked = std::sync::Arc::new(asked.clone());
            async move { asked.cancelled().await }
        };
        let times = std::sync::atomic::AtomicUsize::new(0);
        let stopping = move || {
            let first = times.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
            let asked = once();
            async move { if first { asked.await } else { std::future::pending().await } }
        };
        let task = tokio::spawn(serve::run(app.clone(), listener, tls, stopping));
        Self { address, app, stop, task }
    }

    /// Asks it to stop.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has.
    pub(crate) async fn stopped(self) {
        self.stop.cancel();
        tokio::time::timeout(HANGS, self.task).await.unwrap().unwrap().unwrap();
    }

    /// A bare connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(HANGS)).unwrap();
        stream
    }
}

/// Sends what is given and reads until the other side closes.
pub(crate) async fn exchange(mut stream: TcpStream, sent: String) -> String {
    tokio::task::spawn_blocking(move || {
        stream.write_all(sent.as_bytes()).unwrap();
        read_all(&mut stream)
    })
    .await
    .unwrap()
}

/// Reads until the other side closes; a reset is an end too.
pub(crate) fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(many) => bytes.extend_from_slice(&piece[..many]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("the connection hangs: {error}"),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A client that follows no redirect.
pub(crate) fn client() -> reqwest::ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none())
}
