//! `hufu serve`: pages and API, from one command.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use tokio::sync::Semaphore;

use super::{CliError, Done, Global, show};
use crate::access::setup;
use crate::kernel::Actor;
use crate::kernel::config::{CONFIG_FILE, ConfigFile, DEFAULT_DATA_DIR, DEFAULT_LISTEN};
use crate::kernel::rights::Scope;
use crate::web::serve::{self, Ready, Source, Tls, authority, names};
use crate::web::{App, Proxies, Settings};
use crate::{watched, webhooks};

/// Requests a second from one address and account, when nobody says: a page asks for a few, a phone that sends what
/// it counted for a few more.
const RATE: u32 = 100;

/// How the server comes by its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TlsMode {
    /// From an authority of its own.
    SelfSigned,
}

/// 启动服务：网页、接口
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 监听地址 [默认 127.0.0.1:8080]
    #[arg(long, env = "HUFU_LISTEN", value_name = "ADDRESS")]
    listen: Option<String>,
    /// 存放密钥与文件的目录 [默认 hufu-data]
    #[arg(long, env = "HUFU_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// 启用加密，证书由本机自己签发
    #[arg(long, env = "HUFU_TLS", value_name = "MODE", conflicts_with_all = ["tls_cert", "tls_key"])]
    tls: Option<TlsMode>,
    /// 自签证书另含的域名或地址，可重复
    #[arg(long = "tls-name", env = "HUFU_TLS_NAMES", value_name = "NAME", value_delimiter = ',')]
    tls_names: Vec<String>,
    /// 启用加密：证书文件（PEM，含中间证书）
    #[arg(long, env = "HUFU_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// 证书的私钥文件（PEM）
    #[arg(long, env = "HUFU_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// 接受由此颁发者签发的个人证书登录（PEM）
    #[arg(long, env = "HUFU_TLS_CLIENT_CA", value_name = "FILE")]
    tls_client_ca: Option<PathBuf>,
    /// 个人证书中存放身份证号的字段 [默认 序列号与通用名]
    #[arg(long, env = "HUFU_TLS_CLIENT_ID_OID", value_name = "OID")]
    tls_client_id_oid: Option<String>,
    /// 允许不加密地监听本机以外的地址
    #[arg(long, env = "HUFU_INSECURE", hide_env = true)]
    insecure: bool,
    /// 本机上有反向代理：只采信从本机（127.0.0.1、::1）连来者给出的来访地址与协议
    #[arg(long, env = "HUFU_TRUST_PROXY", hide_env = true)]
    trust_proxy: bool,
    /// 反向代理的地址或网段（如 10.1.2.3、10.1.2.0/24），采信它给出的来访地址与协议，可重复
    #[arg(long = "trusted-proxy", env = "HUFU_TRUSTED_PROXY", value_name = "ADDRESS", value_delimiter = ',')]
    trusted_proxies: Vec<String>,
    /// 允许把推送发往本机：接收推送的系统与本服务在同一台机器上时使用
    #[arg(long, env = "HUFU_WEBHOOK_LOOPBACK", hide_env = true)]
    webhook_loopback: bool,
    /// 读取 /metrics 须出示的令牌；不设则不提供
    #[arg(long, env = "HUFU_METRICS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    metrics_token: Option<String>,
    /// 同一地址同一账号每秒请求数，0 为不限 [默认 100]
    #[arg(long, env = "HUFU_RATE_LIMIT", value_name = "N")]
    rate_limit: Option<u32>,
}

/// The settings, from whichever place says first.
struct Chosen {
    listen: SocketAddr,
    tls: Option<Tls>,
    names: Vec<String>,
    webhook_loopback: bool,
    settings: Settings,
}

/// Serves until it is told to stop.
///
/// # Errors
/// When the settings are wrong, the database cannot be opened or the address not be listened on.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let mut chosen = choose(args, ConfigFile::read(Path::new(CONFIG_FILE))?)?;
    let base = global.ctx()?.acting_as(Actor::System, Scope::Everything);
    let url = global.database_url()?;
    let listener =
        TcpListener::bind(chosen.listen).map_err(|source| CliError::Listen { address: chosen.listen, source })?;
    // Port 0 asks for any.
    let listen = listener.local_addr().unwrap_or(chosen.listen);
    let db = global.open_at(&url).await?;
    let journal = watched::prepare(&db, &base, None).await?;
    let base = base.hashing_with(journal.kind);

    let tls = chosen.tls.map(|tls| tls.ready(base.now().day())).transpose()?;
    let urls = names::urls(listen, tls.is_some(), &chosen.names);
    chosen.settings.trust = tls.as_ref().and_then(|tls| tls.own.as_ref()).map(|own| own.trust(urls.clone()));
    webhooks::address::allow_loopback(&db, chosen.webhook_loopback);
    let secret = setup::link(&db, &base).await?;
    let app = App::with(db, base, chosen.settings);
    let settings = app.settings().clone();
    let told = || announce(global, &urls, &settings, secret.as_deref());
    self::listen(app, listener, tls, told).await?;
    Ok(Done::Clean)
}

/// Answers until somebody asks it to stop; `tell` says where, once it can hear that.
///
/// # Errors
/// When it cannot be listened on.
pub(super) async fn listen(
    app: App,
    listener: TcpListener,
    tls: Option<Ready>,
    tell: impl FnOnce(),
) -> Result<(), CliError> {
    let address = listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)));
    let unheard = |source| CliError::Listen { address, source };
    // Before anybody is told that it runs: they may ask it to stop at once.
    let asked = asked_to_stop().map_err(unheard)?;
    tell();
    serve::run(app, listener, tls, move || stop(Arc::clone(&asked))).await.map_err(unheard)
}

fn choose(args: &Args, file: ConfigFile) -> Result<Chosen, CliError> {
    let text = args.listen.clone().or(file.listen).unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
    let listen: SocketAddr = text
        .parse()
        .map_err(|_| CliError::Usage(format!("监听地址“{text}”不对，应写成 地址:端口，例如 {DEFAULT_LISTEN}")))?;
    let data_dir = args.data_dir.clone().or(file.data_dir).unwrap_or_else(|| PathBuf::from(DEFAULT_DATA_DIR));
    let wanted = if args.tls_names.is_empty() { file.tls_names } else { args.tls_names.clone() };
    let mode = match (args.tls, file.tls.as_deref()) {
        (Some(mode), _) => Some(mode),
        // A certificate named on the command line goes before what the file says.
        (None, _) if args.tls_cert.is_some() => None,
        (None, Some(text)) => Some(
            TlsMode::from_str(text, true)
                .map_err(|_| CliError::Usage(format!("{CONFIG_FILE} 中 tls = “{text}” 不对；可用：self-signed")))?,
        ),
        (None, None) => None,
    };
    let given = (args.tls_cert.clone().or(file.tls_cert), args.tls_key.clone().or(file.tls_key));
    let source = match (mode, given) {
        (Some(TlsMode::SelfSigned), _) => {
            Some(Source::Own { files: authority::Files::in_data_dir(&data_dir), names: names::all(listen, &wanted) })
        }
        (None, (Some(certificate), Some(key))) => Some(Source::Given { certificate, key }),
        (None, (None, None)) => None,
        (None, _) => return Err(CliError::Usage("--tls-cert 与 --tls-key 须同时给出".to_owned())),
    };
    let client_ca = args.tls_client_ca.clone().or(file.tls_client_ca);
    if client_ca.is_some() && source.is_none() {
        return Err(CliError::Usage("--tls-client-ca 须与 --tls 或 --tls-cert 一起使用".to_owned()));
    }
    let insecure = args.insecure || file.insecure.unwrap_or(false);
    if source.is_none() && !listen.ip().is_loopback() && !insecure {
        return Err(CliError::Usage(format!(
            "未加密时只能监听本机，而 {listen} 对外开放：请加 --tls self-signed，或在确知有反向代理加密时加 --insecure"
        )));
    }
    let named = if args.trusted_proxies.is_empty() { &file.trusted_proxies } else { &args.trusted_proxies };
    let proxies = Proxies::read(named).map_err(|error| CliError::Usage(format!("--trusted-proxy：{error}")))?;
    let here = args.trust_proxy || file.trust_proxy.unwrap_or(false);
    let settings = Settings {
        secure: source.is_some(),
        proxies: if here { proxies.and_here() } else { proxies },
        metrics_token: args.metrics_token.clone().or(file.metrics_token).filter(|token| !token.is_empty()),
        rate: NonZeroU32::new(args.rate_limit.or(file.rate_limit).unwrap_or(RATE)),
        certificate_oid: args.tls_client_id_oid.clone().or(file.tls_client_id_oid),
        data_dir,
        ..Settings::default()
    };
    let tls = source.map(|source| Tls { source, client_ca });
    let webhook_loopback = args.webhook_loopback || file.webhook_loopback.unwrap_or(false);
    Ok(Chosen { listen, tls, names: wanted, webhook_loopback, settings })
}

/// Says where it is, and on the very first start how to begin.
fn announce(global: &Global, urls: &[String], settings: &Settings, secret: Option<&str>) {
    let first = urls.first().map_or("", String::as_str);
    let setup = secret.map(|secret| format!("{first}/setup/{secret}"));
    let fingerprint = settings.trust.as_ref().map(|trust| trust.fingerprint.as_str());
    if global.json() {
        show::json(&serde_json::json!({ "addresses": urls, "setup": setup, "ca_sha256": fingerprint }));
        return;
    }
    show::line(format!("虎符已启动：{}", urls.join("  ")));
    if let Some(fingerprint) = fingerprint {
        show::line(format!("手机如何信任本系统：{first}/trust"));
        show::line(format!("证书指纹 SHA-256：{fingerprint}"));
    }
    if let Some(setup) = setup {
        show::line(format!("首次使用，请用浏览器打开（只能使用一次）：{setup}"));
    }
    show::line("按 Ctrl+C 停止");
}

/// Listens for those who ask the program to stop, from now on; each asking is one permit.
#[cfg(unix)]
fn asked_to_stop() -> std::io::Result<Arc<Semaphore>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let asked = Arc::new(Semaphore::new(0));
    let heard = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupted.recv() => heard.add_permits(1),
                _ = terminated.recv() => heard.add_permits(1),
            }
        }
    });
    Ok(asked)
}

/// Listens for those who ask the program to stop, from now on; each asking is one permit.
#[cfg(not(unix))]
fn asked_to_stop() -> std::io::Result<Arc<Semaphore>> {
    let asked = Arc::new(Semaphore::new(0));
    let heard = Arc::clone(&asked);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            heard.add_permits(1);
        }
    });
    Ok(asked)
}

/// Comes back when somebody asked, once for each asking.
async fn stop(asked: Arc<Semaphore>) {
    if let Ok(permit) = asked.acquire().await {
        permit.forget();
    }
}
