//! The ways to the rooms: each for those who may do something there. What belongs together stands behind one word, so that
//! the ways fit beside each other at a desk and in two lines on a phone.

use super::view::Frame;
use crate::access::Action;

/// The ways that somebody has.
#[derive(Debug, Default)]
pub(crate) struct Nav {
    pub(crate) entries: Vec<Entry>,
}

/// A way, or several behind one word.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) text: &'static str,
    pub(crate) icon: &'static str,
    /// Where it leads; blank when it opens.
    pub(crate) href: &'static str,
    /// The page is there, or in one of those behind it.
    pub(crate) here: bool,
    pub(crate) links: Vec<Link>,
}

/// A way to a room.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) href: &'static str,
    pub(crate) text: &'static str,
    pub(crate) icon: &'static str,
    /// This is where we are.
    pub(crate) here: bool,
}

/// What a way stands among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    /// By itself.
    Alone,
    Assets,
    Stocktake,
    Vehicles,
    Arms,
    Office,
}

/// Every room, who it is for, and what it stands among.
fn rooms(frame: &Frame) -> Vec<(&'static str, &'static str, &'static str, &'static [Action], Group)> {
    use Group::{Alone, Arms, Assets, Office, Stocktake, Vehicles};
    let w = &frame.words.nav;
    vec![
        ("/items", &w.items, "package", &[Action::ItemsRead], Assets),
        ("/labels", &w.labels, "qrcode", &[Action::LabelsPrint], Assets),
        ("/assets/movements", &w.movements, "arrows-exchange", &[Action::AssetsMove], Assets),
        ("/assets/mine", &w.mine, "user-check", &[Action::AssetsHold], Assets),
        ("/assets/submissions", &w.submissions, "report-analytics", &[Action::SubmissionsRead], Assets),
        ("/assets/three-way", &w.three_way, "scale", &[Action::ThreeWayRead], Assets),
        ("/assets/net-values", &w.net_values, "coins", &[Action::AssetsCard, Action::CampaignsReport], Assets),
        ("/imports", &w.imports, "file-import", &[Action::ImportsRead], Assets),
        ("/stocktake", &w.campaigns, "list-check", &[Action::CampaignsRead], Stocktake),
        ("/scan", &w.scan, "scan", &[Action::CampaignsCount], Stocktake),
        ("/assets/missing", &w.missing, "zoom-question", &[Action::AssetsMove, Action::LossesConfirm], Stocktake),
        ("/vehicles", &w.cars, "car", &[Action::VehiclesRead], Vehicles),
        ("/vehicles/fuel", &w.fuel, "gas-station", &[Action::FuelRead], Vehicles),
        ("/firearms", &w.firearms, "shield-lock", &[Action::FirearmsRead], Arms),
        ("/firearms/draws", &w.draws, "clipboard-list", &[Action::DrawsAsk, Action::DrawsKeep], Arms),
        ("/certificates", &w.certificates, "user-shield", &[Action::CertificatesRead], Office),
        ("/findings", &w.findings, "alert-triangle", &[Action::FindingsRead], Alone),
        ("/approvals", &w.approvals, "gavel", &[Action::ApprovalsRead], Alone),
        ("/units", &w.units, "sitemap", &[Action::OrgRead], Office),
        ("/people", &w.people, "users", &[Action::OrgRead], Office),
        ("/places", &w.places, "map-pin", &[Action::OrgRead], Office),
        ("/responsible", &w.responsible, "user-check", &[Action::AssetsResponsible, Action::AssetsCard], Office),
        ("/classes", &w.classes, "tags", &[Action::RulesWrite, Action::AssetsCard], Office),
        ("/accounts", &w.accounts, "user-shield", &[Action::AccountsRead], Office),
        ("/rules", &w.rules, "adjustments", &[Action::RulesWrite, Action::ApprovalsDefine], Office),
        ("/chains", &w.chains, "git-branch", &[Action::ApprovalsDefine], Office),
        ("/journal", &w.journal, "shield-check", &[Action::JournalRead], Office),
        ("/jobs", &w.jobs, "clock-cog", &[Action::JobsRead], Office),
    ]
}

/// Where the frame's person may go.
pub(super) fn links(frame: &Frame) -> Nav {
    let w = &frame.words.nav;
    let mut nav = Nav::default();
    if frame.login.is_none() {
        return nav;
    }
    let path = frame.address.path();
    let within = |href: &str| path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    let mut open = rooms(frame);
    open.retain(|(_, _, _, actions, _)| actions.iter().any(|action| frame.may(*action)));
    // Of two rooms, one in the other, the page is in the inner one.
    let inmost = open.iter().filter(|room| within(room.0)).map(|room| room.0.len()).max().unwrap_or(0);
    let link = |(href, text, icon): (&'static str, &'static str, &'static str)| Link {
        href,
        text,
        icon,
        here: within(href) && href.len() == inmost,
    };
    nav.entries.push(alone(Link { href: "/", text: &w.today, icon: "home", here: path == "/" }));
    for (group, text, icon) in [
        (Group::Assets, &w.assets, "package"),
        (Group::Stocktake, &w.stocktake, "clipboard-check"),
        (Group::Vehicles, &w.vehicles, "car"),
        (Group::Arms, &w.arms, "shield-lock"),
        (Group::Alone, &w.today, ""),
        (Group::Office, &w.admin, "settings"),
    ] {
        let of_it = open.iter().filter(|room| room.4 == group).map(|room| link((room.0, room.1, room.2)));
        let mut links: Vec<Link> = of_it.collect();
        if group == Group::Alone {
            nav.entries.extend(links.into_iter().map(alone));
        } else if links.len() == 1 {
            nav.entries.extend(links.pop().map(alone));
        } else if !links.is_empty() {
            let here = links.iter().any(|link| link.here);
            nav.entries.push(Entry { text, icon, href: "", here, links });
        }
    }
    nav
}

fn alone(link: Link) -> Entry {
    Entry { text: link.text, icon: link.icon, href: link.href, here: link.here, links: Vec::new() }
}
