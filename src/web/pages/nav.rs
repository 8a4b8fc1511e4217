//! The ways to the rooms: each for those who may do something there.

use super::view::Frame;
use crate::access::Action;

/// The ways that somebody has.
#[derive(Debug, Default)]
pub(crate) struct Nav {
    /// To the things and the work.
    pub(crate) rooms: Vec<Link>,
    /// To what keeps the office itself, in a menu of their own.
    pub(crate) office: Vec<Link>,
    /// The page is one of the latter.
    pub(crate) in_office: bool,
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

/// Where the frame's person may go.
pub(super) fn links(frame: &Frame) -> Nav {
    let w = &frame.words.nav;
    // Every room, who it is for, and whether it is one of the office's own.
    let rooms: &[(&'static str, &'static str, &'static str, &[Action], bool)] = &[
        ("/items", &w.items, "package", &[Action::ItemsRead], false),
        ("/labels", &w.labels, "qrcode", &[Action::LabelsPrint], false),
        ("/stocktake", &w.stocktake, "clipboard-check", &[Action::CampaignsRead], false),
        ("/assets/movements", &w.movements, "arrows-exchange", &[Action::AssetsMove], false),
        ("/assets/missing", &w.missing, "zoom-question", &[Action::AssetsMove, Action::LossesConfirm], false),
        ("/assets/mine", &w.mine, "user-check", &[Action::AssetsHold], false),
        ("/vehicles", &w.vehicles, "car", &[Action::VehiclesRead], false),
        ("/assets/submissions", &w.submissions, "report-analytics", &[Action::SubmissionsRead], false),
        ("/assets/three-way", &w.three_way, "scale", &[Action::ThreeWayRead], false),
        ("/vehicles/fuel", &w.fuel, "gas-station", &[Action::FuelRead], false),
        ("/assets/net-values", &w.net_values, "coins", &[Action::AssetsCard, Action::CampaignsReport], false),
        ("/firearms", &w.firearms, "shield-lock", &[Action::FirearmsRead], false),
        ("/firearms/draws", &w.draws, "clipboard-list", &[Action::DrawsAsk, Action::DrawsKeep], false),
        ("/findings", &w.findings, "alert-triangle", &[Action::FindingsRead], false),
        ("/approvals", &w.approvals, "gavel", &[Action::ApprovalsRead], false),
        ("/imports", &w.imports, "file-import", &[Action::ImportsRead], false),
        ("/units", &w.units, "sitemap", &[Action::OrgRead], true),
        ("/people", &w.people, "users", &[Action::OrgRead], true),
        ("/places", &w.places, "map-pin", &[Action::OrgRead], true),
        ("/responsible", &w.responsible, "user-check", &[Action::AssetsResponsible, Action::AssetsCard], true),
        ("/classes", &w.classes, "tags", &[Action::RulesWrite, Action::AssetsCard], true),
        ("/accounts", &w.accounts, "user-shield", &[Action::AccountsRead], true),
        ("/rules", &w.rules, "adjustments", &[Action::RulesWrite, Action::ApprovalsDefine], true),
        ("/chains", &w.chains, "git-branch", &[Action::ApprovalsDefine], true),
        ("/journal", &w.journal, "shield-check", &[Action::JournalRead], true),
        ("/jobs", &w.jobs, "clock-cog", &[Action::JobsRead], true),
        ("/scan", &w.scan, "scan", &[Action::CampaignsCount], false),
    ];
    let path = frame.address.path();
    let here = |href: &str| path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    let is_for_them = |actions: &[Action]| actions.iter().any(|action| frame.may(*action));
    let mut nav = Nav::default();
    if frame.login.is_some() {
        nav.rooms.push(Link { href: "/", text: &w.today, icon: "home", here: path == "/" });
    }
    for (href, text, icon, actions, office) in rooms.iter().copied() {
        if is_for_them(actions) {
            let link = Link { href, text, icon, here: here(href) };
            nav.in_office |= office && link.here;
            if office { nav.office.push(link) } else { nav.rooms.push(link) }
        }
    }
    nav
}
