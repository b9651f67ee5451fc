//! Domains and addresses from which no company may be inferred.

/// Public mail providers: sorted, for the binary search.
const FREE_MAIL: &[&str] = &[
    "aol.com",
    "arcor.de",
    "bigpond.com",
    "bk.ru",
    "bluewin.ch",
    "bredband.net",
    "btinternet.com",
    "comcast.net",
    "duck.com",
    "fastmail.com",
    "fastmail.fm",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "hotmail.nl",
    "hotmail.no",
    "hotmail.se",
    "icloud.com",
    "inbox.ru",
    "kpnmail.nl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.com",
    "live.dk",
    "live.nl",
    "live.no",
    "live.se",
    "mac.com",
    "mail.com",
    "mail.dk",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "online.no",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.dk",
    "passagen.se",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rocketmail.com",
    "seznam.cz",
    "sfr.fr",
    "spray.se",
    "t-online.de",
    "tele2.nl",
    "telenet.be",
    "telia.com",
    "tuta.com",
    "tutanota.com",
    "verizon.net",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "xs4all.nl",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yahoo.no",
    "yahoo.se",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zeelandnet.nl",
    "ziggo.nl",
    "zoho.com",
];

/// Local parts behind which there is no person.
const ROLES: &[&str] = &[
    "abuse",
    "accounting",
    "accounts",
    "admin",
    "administrator",
    "alerts",
    "all",
    "billing",
    "bounce",
    "bounces",
    "buchhaltung",
    "careers",
    "contact",
    "customerservice",
    "do-not-reply",
    "donotreply",
    "events",
    "faktura",
    "hello",
    "help",
    "helpdesk",
    "hr",
    "info",
    "invoice",
    "invoices",
    "it",
    "jobs",
    "kontakt",
    "kundeservice",
    "mail",
    "mailer-daemon",
    "marketing",
    "news",
    "newsletter",
    "no-reply",
    "noreply",
    "notification",
    "notifications",
    "office",
    "orders",
    "post",
    "postmaster",
    "press",
    "privacy",
    "rechnung",
    "reply",
    "sales",
    "security",
    "service",
    "spam",
    "support",
    "team",
    "webmaster",
];

/// Whether anybody can have an address at this domain.
pub fn is_free_mail(domain: &str) -> bool {
    let domain = domain.trim().trim_end_matches('.').to_lowercase();
    FREE_MAIL.binary_search(&domain.as_str()).is_ok()
}

/// Whether an address belongs to a function rather than to a person: info@, support@, no-reply@.
pub fn is_role_address(email: &str) -> bool {
    let local = email.trim().to_lowercase();
    let local = local.rsplit_once('@').map_or(local.as_str(), |(local, _)| local);
    let local = local.split_once('+').map_or(local, |(user, _)| user);
    ROLES.binary_search(&local).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(FREE_MAIL.is_sorted(), "binary search needs it");
        let mut roles = ROLES.to_vec();
        roles.sort_unstable();
        assert_eq!(roles, ROLES, "binary search needs it");
    }

    #[test]
    fn says_who_may_stand_for_a_company() {
        assert!(is_free_mail("GMail.com") && is_free_mail("online.no") && !is_free_mail("fjordlys.no"));
        assert!(is_role_address("No-Reply@fjordlys.no") && is_role_address("support+12@x.no"));
        assert!(!is_role_address("maja@fjordlys.no"));
    }
}
