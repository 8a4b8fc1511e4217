//! Tokens of devices.

use hufu::access::entity::{token, token_secret};
use hufu::access::tokens::{self, NewToken};
use hufu::access::{self, AccessError, Action, Identity, Role, grants, permit};
use hufu::kernel::Timestamp;
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _};

use crate::desk::Desk;
use crate::support::{DAY, MINUTE};

async fn by_token(desk: &Desk, secret: &str) -> Option<Identity> {
    access::by_token(&desk.office.db, &desk.office.ctx, secret, "10.0.0.9").await.unwrap()
}

struct Scanner {
    desk: Desk,
    owner: Identity,
    row: token::Model,
    secret: String,
}

fn for_owner(desk: &Desk, account: hufu::kernel::ids::AccountId, actions: &[Action]) -> NewToken {
    NewToken {
        name: "扫码枪 1".to_owned(),
        account,
        actions: actions.to_vec(),
        expires_at: Timestamp(desk.office.ctx.now().0 + 30 * DAY),
    }
}

async fn scanner() -> Scanner {
    let desk = Desk::open().await;
    let unit = desk.office.units[0];
    let account = desk.member("zhang.san", desk.office.people[0][1], Some((Role::AssetManager, Some(unit)))).await;
    let owner = desk.come_in("zhang.san").await;
    let db = &desk.office.db;
    let new = for_owner(&desk, account, &[Action::ItemsRead, Action::CampaignsCount]);
    let issued = tokens::issue(db, &desk.security.ctx, new).await.unwrap();
    let (row, secret) = tokens::claim(db, &owner, issued.id).await.unwrap();
    Scanner { desk, owner, row, secret }
}

#[tokio::test]
async fn a_token_does_what_it_was_given_and_no_more() {
    let Scanner { desk, owner, row, secret } = scanner().await;
    let device = by_token(&desk, &secret).await.unwrap();
    let unit = Some(desk.office.units[0]);
    assert_eq!(device.person, owner.person);
    assert!(permit(&device.ctx, Action::ItemsRead, unit).is_ok());
    assert!(permit(&device.ctx, Action::ItemsRead, Some(desk.office.units[1])).is_err(), "no further than its owner");
    assert!(permit(&device.ctx, Action::ItemsChange, unit).is_err(), "its owner may, it may not");
    assert!(secret.starts_with(&row.prefix) && row.prefix.len() == 12);
    for forged in [&secret[..secret.len() - 1], &secret.to_uppercase(), "hufu_", ""] {
        assert!(by_token(&desk, forged).await.is_none(), "{forged}");
    }
    assert!(desk.who(&secret).await.is_none(), "a token is no cookie");
    assert!(matches!(access::sign_out(&desk.office.db, &device).await, Err(AccessError::NeedsSession)));
    assert!(access::change_password(&desk.office.db, &device, crate::desk::PASSWORD, "Lanterns-7-up").await.is_err());
    assert!(access::enrol_second_factor(&desk.office.db, &device, crate::desk::PASSWORD).await.is_err());
}

#[tokio::test]
async fn a_forged_scope_gives_nothing_its_owner_has_not() {
    let Scanner { desk, row, secret, .. } = scanner().await;
    let forged: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    let edit = token::ActiveModel { id: Set(row.id), actions: Set(forged.join(",")), ..Default::default() };
    desk.office
        .db
        .write(async |tx| {
            edit.clone().update(tx).await?;
            Ok::<_, AccessError>(())
        })
        .await
        .unwrap();
    let device = by_token(&desk, &secret).await.unwrap();
    for action in Action::ALL {
        let may = permit(&device.ctx, *action, Some(desk.office.units[0])).is_ok();
        assert_eq!(may, access::matrix::roles_for(*action).contains(&Role::AssetManager), "{}", action.name());
        assert!(permit(&device.ctx, *action, Some(desk.office.units[1])).is_err());
    }
}

#[tokio::test]
async fn a_token_ends_with_its_time_its_owner_and_its_owners_rights() {
    let Scanner { desk, owner, row, secret } = scanner().await;
    let db = &desk.office.db;
    let grant = grants::list(db, &desk.security.ctx, owner.account).await.unwrap()[0].id;
    grants::end(db, &desk.security.ctx, grant).await.unwrap();
    let device = by_token(&desk, &secret).await.unwrap();
    assert!(permit(&device.ctx, Action::ItemsRead, Some(desk.office.units[0])).is_err(), "re-checked at use");
    desk.later(30 * DAY - 2 * MINUTE);
    assert!(by_token(&desk, &secret).await.is_some());
    desk.later(2 * MINUTE);
    assert!(by_token(&desk, &secret).await.is_none(), "expired");
    access::seen(db, &desk.office.ctx, desk.system.door, "").await.unwrap();
    desk.later(-DAY);
    assert!(by_token(&desk, &secret).await.is_none(), "a clock that goes back does not revive it");
    assert!(desk.sign_in("zhang.san", crate::desk::PASSWORD, None).await.is_ok());
    assert!(by_token(&desk, &secret).await.is_none(), "not even once the clock is believed again");
    assert!(matches!(tokens::revoke(db, &owner.ctx, row.id).await, Err(AccessError::Conflict(_))));
}

#[tokio::test]
async fn its_owner_or_the_security_administrator_revokes_it() {
    for by_owner in [true, false] {
        let Scanner { desk, owner, row, secret } = scanner().await;
        let db = &desk.office.db;
        assert!(tokens::revoke(db, &desk.audit.ctx, row.id).await.is_err());
        let who = if by_owner { &owner.ctx } else { &desk.security.ctx };
        tokens::revoke(db, who, row.id).await.unwrap();
        assert!(by_token(&desk, &secret).await.is_none());
    }
}

#[tokio::test]
async fn whoever_issues_never_has_the_secret() {
    let Scanner { desk, owner, row, .. } = scanner().await;
    let db = &desk.office.db;
    let refuse = async |new: NewToken, word: &str| {
        let refused = tokens::issue(db, &desk.security.ctx, new).await.unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
    };
    let plain = for_owner(&desk, owner.account, &[Action::ItemsRead]);
    refuse(NewToken { actions: vec![Action::CampaignsClose], ..plain.clone() }, "没有“结束盘点”的权限").await;
    refuse(NewToken { actions: vec![Action::AccountsWrite], ..plain.clone() }, "须本人办理").await;
    refuse(NewToken { actions: vec![], ..plain.clone() }, "至少选择一项").await;
    refuse(NewToken { name: "a\0b".to_owned(), ..plain.clone() }, "控制字符").await;
    refuse(NewToken { expires_at: Timestamp(i64::MAX), ..plain.clone() }, "365 天").await;
    refuse(NewToken { expires_at: desk.office.ctx.now(), ..plain.clone() }, "365 天").await;
    refuse(NewToken { account: desk.security.account, ..plain.clone() }, "本人").await;
    assert!(matches!(tokens::issue(db, &desk.system.ctx, plain.clone()).await, Err(AccessError::Forbidden(_))));
    let issued = tokens::issue(db, &desk.security.ctx, plain).await.unwrap();
    assert!(matches!(tokens::claim(db, &desk.security, issued.id).await, Err(AccessError::NotFound(_))));
    assert!(tokens::claim_here(db, &desk.security.ctx, issued.id).await.is_err());
    let (_, secret) = tokens::claim(db, &owner, issued.id).await.unwrap();
    assert!(matches!(tokens::claim(db, &owner, issued.id).await, Err(AccessError::Conflict(_))), "once");
    assert!(matches!(tokens::claim(db, &owner, row.id).await, Err(AccessError::Conflict(_))));
    let kept = token_secret::Entity::find_by_id(issued.id).one(db.read()).await.unwrap().unwrap();
    assert!(!kept.token_hash.contains(&secret));
    for entry in desk.journal("access.claim_token").await {
        assert!(!entry.payload.contains(&secret), "{}", entry.payload);
    }
}
