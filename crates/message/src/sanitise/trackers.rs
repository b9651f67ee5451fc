//! Images whose purpose is to tell that a mail was opened.

use url::Url;

/// Hosts (and what lies below them) that serve nothing but measuring.
const HOSTS: &[&str] = &[
    "mailtrack.io",
    "mailfoogae.appspot.com",
    "emltrk.com",
    "google-analytics.com",
    "doubleclick.net",
    "yesware.com",
    "bananatag.com",
    "bl-1.com",
    "getnotify.com",
    "didtheyreadit.com",
    "readnotify.com",
    "mixmax.com",
    "cirrusinsight.com",
    "toutapp.com",
    "superhuman.com",
    "streak.com",
    "mailstat.us",
    "pixel.wp.com",
    "scorecardresearch.com",
    "litmustracking.com",
    "returnpath.net",
    "contactmonkey.com",
    "pixel.app.returnpath.net",
    "vtrk.net",
    "sidekickopen.com",
];

/// Parts of a path that the large senders use for their open pixel.
const PATHS: &[&str] = &[
    "/wf/open",
    "/track/open",
    "/trk/open",
    "/open.aspx",
    "/open.php",
    "/open.gif",
    "/pixel.gif",
    "/pixel.png",
    "/tracking/pixel",
    "/o.gif",
    "/e2t/o/",
    "/e3t/o/",
    "/e/o/",
    "/beacon.gif",
    "/track/v2/o",
    "/spacer_track",
    "/email-open",
    "/emailopen",
    "/openrate",
    "/mpss/o/",
    "/trackopen",
    "/track_open",
    "/imp?",
    "/q/open",
];

pub(super) fn is_known(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let below = |known: &str| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if HOSTS.iter().any(|known| below(known)) {
        return true;
    }
    let path = format!("{}?", url.path().to_ascii_lowercase());
    PATHS.iter().any(|known| path.contains(known))
}

/// Whether an image of these attributes cannot be meant for eyes. A spacer, one pixel wide but higher, is layout; it
/// is worth as little to the reader, but counting it as a tracker would cry wolf.
pub(super) fn is_hidden(width: &str, height: &str, style: &str) -> bool {
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let tiny = |attribute: &str, property: &str| {
        let number = attribute.trim().trim_end_matches("px");
        number.parse::<f32>().is_ok_and(|size| size <= 2.0)
            || style.split(';').any(|one| {
                let size = one.strip_prefix(property).and_then(|rest| rest.strip_prefix(':'));
                let size = size.map(|size| size.trim_end_matches("!important").trim_end_matches("px"));
                size.and_then(|size| size.parse::<f32>().ok()).is_some_and(|size| size <= 2.0)
            })
    };
    (tiny(width, "width") && tiny(height, "height"))
        || ["display:none", "visibility:hidden", "opacity:0;"].iter().any(|rule| style.contains(rule))
        || style.ends_with("opacity:0")
}
