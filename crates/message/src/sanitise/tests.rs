#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Parsed, parse, quote};
use std::{fs, path::PathBuf, time::Instant};

const TRAP: &str = "127.0.0.1:18999";

fn corpus(folder: &str) -> Vec<(String, Parsed)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(folder);
    let mut mails: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), parse(&fs::read(&path).unwrap())))
        .collect();
    mails.sort_by(|a, b| a.0.cmp(&b.0));
    mails
}

fn mail(folder: &str, name: &str) -> Parsed {
    corpus(folder).into_iter().find(|(known, _)| known == name).unwrap().1
}

fn options(mail: &Parsed, remote: bool) -> Options {
    let inline = mail.attachments.iter().filter_map(|meta| meta.content_id.clone().map(|id| (id, meta.part))).collect();
    Options { remote, prefix: "TOKEN/".into(), inline, no_pictures: false }
}

/// Reads HTML as a browser does and names every attribute and element: a second opinion that shares no code with the
/// sanitiser but the standard's tokenizer.
fn faults(html: &str) -> Vec<String> {
    use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
    struct Judge(std::cell::RefCell<Vec<String>>);
    impl TokenSink for Judge {
        type Handle = ();
        fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
            let mut faults = self.0.borrow_mut();
            let Token::TagToken(tag) = token else {
                if !matches!(token, Token::CharacterTokens(_) | Token::EOFToken | Token::ParseError(_)) {
                    faults.push(format!("{token:?}"));
                }
                return TokenSinkResult::Continue;
            };
            const NEVER: &[&str] = &[
                "script",
                "style",
                "link",
                "meta",
                "base",
                "iframe",
                "frame",
                "object",
                "embed",
                "applet",
                "svg",
                "math",
                "form",
                "input",
                "button",
                "video",
                "audio",
                "source",
                "track",
                "picture",
                "template",
                "noscript",
                "image",
                "bgsound",
                "title",
                "plaintext",
                "xmp",
                "textarea",
                "select",
                "marquee",
                "area",
                "map",
                "portal",
                "body",
                "html",
                "head",
            ];
            if NEVER.contains(&&*tag.name) {
                faults.push(format!("<{}>", tag.name));
            }
            if tag.kind == TagKind::EndTag {
                return TokenSinkResult::Continue;
            }
            for attribute in &tag.attrs {
                let (name, value) = (&*attribute.name.local, attribute.value.to_lowercase());
                let link = &*tag.name == "a" && name == "href";
                let bad = name.starts_with("on")
                    || matches!(
                        name,
                        "srcset"
                            | "ping"
                            | "action"
                            | "formaction"
                            | "poster"
                            | "data"
                            | "xlink:href"
                            | "download"
                            | "name"
                    )
                    || (value.contains(TRAP) && !link && !matches!(name, "title" | "alt"))
                    || (link
                        && !["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| value.starts_with(scheme)))
                    || (matches!(name, "src" | "background")
                        && !(value.starts_with("token/part/")
                            || value.starts_with("token/image/")
                            || value.starts_with("data:image/")))
                    || (name == "style" && bad_css(&value));
                if bad {
                    faults.push(format!("<{} {name}={value:.80}>", tag.name));
                }
            }
            TokenSinkResult::Continue
        }
    }
    let tokenizer = Tokenizer::new(Judge(Default::default()), Default::default());
    outer::feed(&tokenizer, html);
    tokenizer.sink.0.into_inner()
}

fn bad_css(css: &str) -> bool {
    let css = css.to_lowercase();
    let words = [
        "position:",
        "@import",
        "@font-face",
        "expression",
        "image-set",
        "cross-fade",
        "src(",
        "if(",
        "var(",
        "behavior",
        "-moz-binding",
        "<",
    ];
    let addresses = css
        .split("url(")
        .skip(1)
        .any(|rest| !["\"token/image/", "\"token/part/", "\"data:image/"].iter().any(|ours| rest.starts_with(ours)));
    css.contains(TRAP) || addresses || words.iter().any(|word| css.contains(word))
}

#[test]
fn hostile_mails_leave_nothing_that_loads_or_runs() {
    let mails = corpus("hostile");
    assert!(mails.len() >= 60, "{} hostile mails", mails.len());
    let mut found = Vec::new();
    for (name, mail) in &mails {
        let Some(html) = &mail.html else { continue };
        for remote in [false, true] {
            let safe = sanitise(html, &options(mail, remote));
            let mut faults = faults(&safe.html);
            if bad_css(&safe.style) {
                faults.push(format!("style: {:.200}", safe.style));
            }
            if bad_css(&safe.body_style)
                || safe.body_style.contains('"') && !remote
                || safe.body_class.contains(['"', '<', '>'])
            {
                faults.push(format!("body: {} {}", safe.body_style, safe.body_class));
            }
            found.extend(faults.into_iter().map(|fault| format!("{name} (remote {remote}): {fault}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn hostile_quotes_hold_no_image_style_block_or_class() {
    let mut found = Vec::new();
    for (name, mail) in corpus("hostile") {
        let lines = vec![("From".to_owned(), "<script>fetch(1)</script>".to_owned())];
        for html in [
            quote::reply(&mail, "On Monday <img src=x onerror=fetch(1)> wrote:"),
            quote::forward(&mail, "Forwarded", &lines),
            sanitise_body(mail.html.as_deref().unwrap_or_default()),
        ] {
            let mut faults = faults(&html);
            for word in ["<img", "class=", " id=", "url("] {
                let tags: String = html
                    .split('<')
                    .skip(1)
                    .filter_map(|tag| tag.split('>').next())
                    .map(|tag| format!("<{tag}"))
                    .collect();
                if tags.contains(word) {
                    faults.push(word.to_owned());
                }
            }
            found.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn hostile_mails_still_show_their_text() {
    for (name, mail) in corpus("hostile") {
        // The words of these stand inside what is never shown, or behind the caps' cut.
        if name.starts_with("cost-") {
            continue;
        }
        let html = mail.html.clone().unwrap_or_default();
        let safe = sanitise(&html, &options(&mail, false));
        let shown = if mail.html.is_some() { safe.html } else { mail.text.clone().unwrap() };
        assert!(shown.contains(&format!("VISIBLE {name}")), "{name}: {shown:.300}");
    }
}

#[test]
fn costly_html_falls_back_quickly() {
    let attributes: String = (0..100_000).map(|n| format!(" a{n}=1")).collect();
    for (name, html) in [
        ("attributes", format!("<p{attributes}>many</p>")),
        ("depth", format!("{}deep", "<div>".repeat(50_000))),
        ("tables", format!("{}deep", "<table><tr><td>".repeat(101))),
        ("entities", "&amp;".repeat(1_000_000)),
        (
            "formatting",
            format!("{}{}", (0..400).map(|n| format!("<font size={n}>")).collect::<String>(), "<p>x".repeat(5000)),
        ),
        ("quotes", "<a title=\"".repeat(100_000)),
        ("tags", "<br>".repeat(200_000)),
    ] {
        let start = Instant::now();
        let safe = sanitise(&html, &Options::default());
        assert!(safe.fell_back, "{name}");
        assert!(start.elapsed().as_secs_f32() < 5.0, "{name} took {:?}", start.elapsed());
        assert!(faults(&safe.html).is_empty(), "{name}");
    }
}

#[test]
fn what_stays_below_the_caps_is_quick_enough() {
    for (name, html) in [
        ("attributes", format!("<p {}>x</p>", (0..149).map(|n| format!("a{n}=1 ")).collect::<String>()).repeat(300)),
        ("depth", "<div>".repeat(599)),
        ("tables", "<table><tr><td>".repeat(100)),
        ("entities", "&amp;".repeat(18_000)),
        ("formatting", format!("{}{}", (0..100).map(|n| format!("<font size={n}>")).collect::<String>(), "<p>x".repeat(1400))),
        ("newsletter", "<table><tr><td style=\"color:#333;padding:4px 8px\"><a href=\"https://x.example/\">x</a></td></tr></table>".repeat(2000)),
    ] {
        let start = Instant::now();
        assert!(!sanitise(&html, &Options::default()).fell_back, "{name} fell back");
        eprintln!("{name}: {:?} for {} bytes", start.elapsed(), html.len());
        assert!(start.elapsed().as_secs_f32() < 10.0, "{name} took {:?}", start.elapsed());
    }
}

#[test]
fn counts_images_and_trackers_apart() {
    let mail = mail("hostile", "tracking-pixels");
    let blocked = sanitise(mail.html.as_deref().unwrap(), &options(&mail, false));
    assert_eq!((blocked.blocked_images, blocked.blocked_trackers), (1, 4));
    assert!(!blocked.html.contains("src="));
    let shown = sanitise(mail.html.as_deref().unwrap(), &options(&mail, true));
    assert_eq!((shown.blocked_images, shown.blocked_trackers), (0, 4));
    assert_eq!(shown.images, ["http://127.0.0.1:18999/real.png"]);
    assert!(shown.html.contains("src=\"TOKEN/image/0\""), "{}", shown.html);
}

#[test]
fn a_bad_address_in_a_background_keeps_the_colour() {
    let mail = mail("hostile", "css-background-shorthand");
    let safe = sanitise(mail.html.as_deref().unwrap(), &options(&mail, false));
    assert!(safe.html.to_lowercase().contains("background:none no-repeat center #00ff00"), "{}", safe.html);
    assert_eq!(safe.blocked_images, 2);
}

#[test]
fn legitimate_mails_keep_text_and_looks() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "newsletter-tables",
            &[
                "Blåbær, ærlig talt &amp; øl",
                "Se tilbudet",
                "padding:24px 32px",
                "linear-gradient(90deg,#0b5d57 0%,#127a6f 100%)",
                "href=\"https://fjord.example/kampanje?utm_source=mail&amp;id=42\"",
                "bgcolor=\"#f2a33a\"",
                "alt=\"Fjord i høstlys\"",
            ],
            &[".hero", "color:#ffffff !important", "@media only screen and (max-width:600px)", "border-radius:6px"],
        ),
        (
            "outlook",
            &[
                "KW 48",
                "color:red",
                "background:yellow",
                "12.400,00 €",
                "border-collapse:collapse",
                "class=\"MsoNormal\"",
            ],
            &["p.MsoNormal", "font-size:11", "\"Calibri\"", "#0563C1"],
        ),
        (
            "gmail-quote",
            &["<i>optie B</i>", "border-left:1px solid rgb(204", "mailto:ida@nordlicht.example", "gmail_quote"],
            &[],
        ),
        (
            "dark-newsletter",
            &["Faster search", "color:#58a6ff", "bgcolor=\"#0d1117\""],
            &[".card", "border-radius:8px"],
        ),
        ("inline-image", &["src=\"TOKEN/part/", "width=\"320\"", "Kærlig hilsen"], &[]),
        (
            "mailchimp-cards",
            &["Räksmörgås", "line-height:150%", "display:inline", "target=\"_blank\""],
            &["#templateBody", "background-color:#FFFFFF", "td[class=\"mcnImageCard\"] img", "h1+p"],
        ),
        (
            "receipt-lists",
            &["color=\"#0d6a63\"", "start=\"3\"", "value=\"7\"", "<pre>", "dir=\"rtl\"", "<del>før</del>"],
            &[],
        ),
    ];
    for (name, html, css) in cases {
        let mail = mail("legitimate", name);
        let safe = sanitise(mail.html.as_deref().unwrap(), &options(&mail, false));
        assert!(!safe.fell_back, "{name}");
        for wanted in *html {
            assert!(safe.html.contains(wanted), "{name} lost {wanted}:\n{}", safe.html);
        }
        for wanted in *css {
            assert!(safe.style.contains(wanted), "{name} lost {wanted}:\n{}", safe.style);
        }
        assert_eq!(safe.is_dark, *name == "dark-newsletter", "{name}");
    }
    let news = mail("legitimate", "newsletter-tables");
    let safe = sanitise(news.html.as_deref().unwrap(), &options(&news, false));
    assert!(safe.body_style.contains("background-color:#f4f4f4") && safe.body_style.contains("font-family:Georgia"));
    assert_eq!((safe.blocked_images, safe.blocked_trackers), (2, 1));
    assert!(
        !sanitise(mail("legitimate", "mailchimp-cards").html.as_deref().unwrap(), &Options::default())
            .style
            .contains("#000")
    );
}

#[test]
fn pictures_that_come_with_a_mail_stay_out_where_nobody_wants_them() {
    let html = "<p>Hi</p><img src=\"cid:a@b\" width=\"320\" height=\"200\" alt=\"logo\">\
        <img src=\"data:image/png;base64,iVBORw0KGgo=\"><div style=\"background:url(cid:a@b)\">x</div>";
    let options = Options { prefix: "T/".into(), inline: vec![("a@b".into(), 3)], ..Options::default() };
    assert!(sanitise(html, &options).html.contains("src=\"T/part/3\""));
    let without = sanitise(html, &Options { no_pictures: true, ..options }).html;
    assert!(!without.contains("part/3") && !without.contains("data:") && without.contains("alt=\"logo\""), "{without}");
}

#[test]
fn what_one_writes_keeps_its_font_size_and_colour() {
    let style = "font-family:Georgia,Times New Roman,serif;font-size:12pt;color:#0d6a63";
    let kept = sanitise_body(&format!("<div style=\"{style}\"><p>Hi <span style=\"{style}\">Maja</span></p></div>"));
    assert_eq!(kept.matches("font-size:12pt").count(), 2, "{kept}");
    assert_eq!(kept.matches("Georgia").count(), 2, "{kept}");
    assert_eq!(kept.matches("color:#0d6a63").count(), 2, "{kept}");
}

#[test]
fn the_widest_fixed_width_is_told() {
    let width = |html: &str| sanitise(html, &Options::default()).width;
    assert_eq!(width("<table width=600><tr><td width=\"290\"><img width=290></td></tr></table>"), 600);
    assert_eq!(width("<div style=\"max-width:900px;width: 640px\">x</div>"), 640);
    assert_eq!(width("<table width=\"100%\"><tr><td>x</td></tr></table><p style=\"width:700px\">y</p>"), 0);
    assert_eq!(width("<table width=9999999999><tr><td width=5000>x</td></tr></table>"), 0, "a trick, not a width");
}
