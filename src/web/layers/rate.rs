//! How often somebody may knock: so many requests a second from one address and account, far fewer tries to sign in.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

/// Seconds of requests that may come at once.
const BURST_S: u32 = 6;
/// Visitors remembered at most. Beyond it those at rest are forgotten, and if that frees nothing, strangers share one
/// allowance: whoever invents addresses spends their own.
const MOST_VISITORS: usize = 50_000;
/// From one address to whatever accounts: this many times the tries of one account, for offices behind one address.
const ACCOUNTS_AN_ADDRESS: u32 = 6;

/// Whose allowance is spent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Visitor(IpAddr, Option<Uuid>),
    SignIn(IpAddr, String),
    SignIns(IpAddr),
    Stranger,
}

/// Everybody's allowances.
#[derive(Debug)]
pub struct Limiter {
    requests: Option<DefaultKeyedRateLimiter<Key>>,
    account: DefaultKeyedRateLimiter<Key>,
    address: DefaultKeyedRateLimiter<Key>,
    clock: DefaultClock,
}

impl Limiter {
    /// So many requests a second (`None`: as many as come), so many tries to sign in a minute.
    #[must_use]
    pub fn new(rate: Option<NonZeroU32>, sign_ins: NonZeroU32) -> Self {
        let burst = |rate: NonZeroU32| rate.saturating_mul(NonZeroU32::MIN.saturating_add(BURST_S - 1));
        let address = sign_ins.saturating_mul(NonZeroU32::MIN.saturating_add(ACCOUNTS_AN_ADDRESS - 1));
        Self {
            requests: rate.map(|rate| RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst(rate)))),
            account: RateLimiter::keyed(Quota::per_minute(sign_ins)),
            address: RateLimiter::keyed(Quota::per_minute(address)),
            clock: DefaultClock::default(),
        }
    }

    /// Spends one request.
    ///
    /// # Errors
    /// With how long to wait, when too many came.
    pub fn request(&self, address: IpAddr, account: Option<Uuid>) -> Result<(), Duration> {
        self.requests.as_ref().map_or(Ok(()), |limiter| self.spend(limiter, Key::Visitor(network(address), account)))
    }

    /// Spends one try to sign in to an account.
    ///
    /// # Errors
    /// With how long to wait, when too many were made.
    pub fn sign_in(&self, address: IpAddr, login: &str) -> Result<(), Duration> {
        let (address, login) = (network(address), login.trim().to_lowercase().chars().take(64).collect());
        self.spend(&self.address, Key::SignIns(address))?;
        self.spend(&self.account, Key::SignIn(address, login))
    }

    /// Forgets whoever has their whole allowance again.
    pub fn tidy(&self) {
        for limiter in self.requests.iter().chain([&self.account, &self.address]) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    fn spend(&self, limiter: &DefaultKeyedRateLimiter<Key>, key: Key) -> Result<(), Duration> {
        if limiter.len() >= MOST_VISITORS {
            limiter.retain_recent();
        }
        let key = if limiter.len() >= MOST_VISITORS { Key::Stranger } else { key };
        limiter.check_key(&key).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

/// A household has 2^64 addresses of the new kind: they count as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(n.into())
    }

    #[test]
    fn one_account_is_tried_so_often_only_and_others_are_not_touched() {
        let limiter = Limiter::new(None, NonZeroU32::new(3).unwrap());
        let tries: Vec<bool> = (0..5).map(|_| limiter.sign_in(address(1), " Zhang ").is_ok()).collect();
        assert_eq!(tries, [true, true, true, false, false]);
        assert!(limiter.sign_in(address(1), "ZHANG").is_err(), "the same account in other letters");
        assert!(limiter.sign_in(address(1), "li").is_ok(), "another account");
        assert!(limiter.sign_in(address(2), "zhang").is_ok(), "another address");
    }

    #[test]
    fn one_address_may_not_try_every_account() {
        let limiter = Limiter::new(None, NonZeroU32::new(2).unwrap());
        let passed = (0..100).filter(|n| limiter.sign_in(address(1), &format!("a{n}")).is_ok()).count();
        assert_eq!(passed, 12);
    }

    #[test]
    fn addresses_of_one_household_count_as_one() {
        let limiter = Limiter::new(NonZeroU32::new(1), NonZeroU32::MIN);
        let passed = (1..100u128)
            .filter(|n| limiter.request(IpAddr::V6(((0x2001_0db8_u128 << 96) | n).into()), None).is_ok())
            .count();
        assert_eq!(passed, 6);
    }

    #[test]
    fn memory_does_not_grow_with_invented_addresses() {
        let limiter = Limiter::new(NonZeroU32::new(1), NonZeroU32::MIN);
        let most = u32::try_from(MOST_VISITORS).unwrap();
        let passed = (0..most + 500).filter(|n| limiter.request(address(*n), None).is_ok()).count();
        assert!(limiter.requests.as_ref().unwrap().len() <= MOST_VISITORS + 1);
        assert!(passed < MOST_VISITORS + 500, "strangers share an allowance");
    }
}
