//! Who signs at the counter of the station's store: two keepers and a confirmer, each with a password and one-time codes that
//! are told, so that a draw can be signed in the browser by whoever tries the demonstration.

use totp_rs::{Builder, Secret};

use crate::access::{self, AccessError, SignIn, links};
use crate::cli::CliError;
use crate::db::Db;
use crate::kernel::Ctx;
use crate::kernel::hash::hex;
use crate::kernel::ids::AccountId;

/// One of them.
pub(super) struct Signer {
    part: &'static str,
    login: String,
    password: String,
    codes: Vec<String>,
}

impl Signer {
    /// Gives an account a password and one-time codes: a phone is bound and forgotten.
    pub(super) async fn ready(
        db: &Db,
        ctx: &Ctx,
        account: AccountId,
        (login, part): (&str, &'static str),
    ) -> Result<Self, CliError> {
        let password = format!("Demo-{}", hex(&ctx.random().to_be_bytes()[..4]));
        let invited = links::reset(db, ctx, account).await?;
        access::activate(db, ctx, &invited.link, &password).await?;
        let (second_factor, address, user_agent) = (None, "127.0.0.1".to_owned(), "demo".to_owned());
        let attempt =
            SignIn { login: login.to_owned(), password: password.clone(), second_factor, address, user_agent };
        let signed_in = access::sign_in(db, ctx, attempt).await?;
        let me = access::by_session(db, ctx, &signed_in.token).await?.ok_or(AccessError::NeedsSession)?;
        let enrolment = access::enrol_second_factor(db, &me, &password).await?;
        let secret = Secret::try_from_base32(&enrolment.secret).map_err(|_| AccessError::Hash)?;
        let totp = Builder::new().with_secret(secret).build().map_err(|_| AccessError::Hash)?;
        let code = totp.generate(u64::try_from(ctx.now().0 / 1000).unwrap_or_default()).to_string();
        let codes = access::confirm_second_factor(db, &me, &code).await?;
        access::sign_out(db, &me).await?;
        Ok(Self { part, login: login.to_owned(), password, codes })
    }

    /// What is told of them.
    pub(super) fn told(&self) -> String {
        let Self { part, login, password, codes } = self;
        format!("柜台签字  {part} {login}  口令 {password}  验证码（各用一次） {}", codes.join(" "))
    }
}
