#![allow(clippy::unwrap_used)]

use clientele_model::MessageId;
use clientele_viewer::{Fetch, FetchError, Image, MailError, Mails, Open, Pending, Served, Show, Viewer};
use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

/// The corpus as a mailbox: mail n is the n-th file of a folder.
struct Corpus(Vec<(String, Arc<[u8]>)>);

impl Corpus {
    fn of(folder: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(folder);
        let mut mails: Vec<(String, Arc<[u8]>)> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
            .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap().into()))
            .collect();
        mails.sort_by(|a, b| a.0.cmp(&b.0));
        Corpus(mails)
    }

    fn find(&self, name: &str) -> MessageId {
        MessageId(self.0.iter().position(|(known, _)| known == name).unwrap() as i64)
    }
}

impl Mails for Corpus {
    fn raw(&self, message: MessageId) -> Pending<'_, Result<Arc<[u8]>, MailError>> {
        Box::pin(async move { self.0.get(message.0 as usize).map(|(_, raw)| raw.clone()).ok_or(MailError::NotFound) })
    }
}

/// Remembers what was asked for and answers with `bytes`.
struct Net {
    asked: Mutex<Vec<String>>,
    bytes: Vec<u8>,
}

impl Fetch for Net {
    fn image(&self, url: String) -> Pending<'_, Result<Image, FetchError>> {
        self.asked.lock().unwrap().push(url);
        Box::pin(async move { Ok(Image { mime: "image/svg+xml".into(), bytes: self.bytes.clone() }) })
    }
}

const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";

fn viewer(folder: &str, bytes: &[u8]) -> (Viewer, Arc<Corpus>, Arc<Net>) {
    let corpus = Arc::new(Corpus::of(folder));
    let net = Arc::new(Net { asked: Mutex::default(), bytes: bytes.to_vec() });
    (Viewer::new(corpus.clone(), net.clone()), corpus, net)
}

fn open(message: MessageId) -> Open {
    Open { message, show: Show::Best, remote: false, inline: true, dark: false }
}

fn header<'a>(served: &'a Served, name: &str) -> &'a str {
    let mut values = served.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let value = values.next().unwrap_or_else(|| panic!("no {name}"));
    assert!(values.next().is_none(), "{name} twice");
    value
}

#[tokio::test]
async fn pages_carry_the_policy_and_die_with_their_token() {
    let (viewer, corpus, _) = viewer("legitimate", GIF);
    let mail = corpus.find("newsletter-tables");
    let frame = viewer.open(open(mail)).await.unwrap();
    assert_eq!((frame.shown, frame.blocked_images, frame.blocked_trackers, frame.fell_back), (Show::Best, 2, 1, false));
    assert!(viewer.knows(&frame.token) && frame.token.len() == 32);
    let page = viewer.serve(&format!("/{}", frame.token)).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        header(&page, "Content-Security-Policy"),
        "default-src 'none'; style-src 'unsafe-inline'; img-src message: cid: data:; font-src 'none'; form-action 'none'; \
         frame-src 'none'; object-src 'none'; base-uri 'none'; script-src 'none'; sandbox allow-popups \
         allow-popups-to-escape-sandbox"
    );
    assert_eq!(header(&page, "X-Content-Type-Options"), "nosniff");
    assert_eq!(header(&page, "Referrer-Policy"), "no-referrer");
    assert_eq!(header(&page, "X-DNS-Prefetch-Control"), "off");
    let html = String::from_utf8(page.body).unwrap();
    assert!(html.contains("Høstens nyheter") && html.contains(".hero{background-color:#0b5d57"), "{html}");
    assert!(!html.contains("cdn.fjord.example"), "{html}");

    let again = viewer.open(open(mail)).await.unwrap();
    assert_ne!(again.token, frame.token);
    assert!(!viewer.knows(&frame.token), "a new page of the same mail replaces the old");
    assert_eq!(viewer.serve(&format!("/{}", frame.token)).await.status, 404);
    for path in [
        "",
        "/",
        "/x",
        "/00000000000000000000000000000000",
        &format!("/{}/part", again.token),
        &format!("/{}/part/1/2", again.token),
    ] {
        assert_eq!(viewer.serve(path).await.status, 404, "{path}");
    }
    assert_eq!(viewer.open(open(MessageId(9999))).await.unwrap_err().to_string(), "no such mail");
}

#[tokio::test]
async fn tokens_are_bounded() {
    let (viewer, _, _) = viewer("hostile", GIF);
    let mut tokens = Vec::new();
    for message in 0..70 {
        let text = Open { show: Show::Source, ..open(MessageId(message)) };
        tokens.push(viewer.open(text).await.unwrap().token);
    }
    assert_eq!(tokens.iter().filter(|token| viewer.knows(token)).count(), 64);
    assert!(!viewer.knows(&tokens[0]) && viewer.knows(&tokens[69]));
}

#[tokio::test]
async fn remote_images_need_consent_and_name_no_address() {
    let (viewer, corpus, net) = viewer("legitimate", GIF);
    let mail = corpus.find("newsletter-tables");
    let blocked = viewer.open(open(mail)).await.unwrap();
    for path in ["image/0", "image/0?url=http://127.0.0.1:18999/x", "image/99", "image/-1", "image/http://x"] {
        assert_eq!(viewer.serve(&format!("/{}/{path}", blocked.token)).await.status, 404, "{path}");
    }
    assert!(net.asked.lock().unwrap().is_empty(), "nothing is fetched without consent");

    let shown = viewer.open(Open { remote: true, ..open(mail) }).await.unwrap();
    assert_eq!((shown.blocked_images, shown.blocked_trackers), (0, 1));
    let page = String::from_utf8(viewer.serve(&format!("/{}", shown.token)).await.body).unwrap();
    assert!(
        page.contains(&format!("src=\"{}/image/0\"", shown.token)) && !page.contains("cdn.fjord.example"),
        "{page}"
    );
    let image = viewer.serve(&format!("/{}/image/0?url=http://127.0.0.1:18999/x", shown.token)).await;
    assert_eq!((image.status, header(&image, "Content-Type"), image.body.as_slice()), (200, "image/gif", GIF));
    assert_eq!(*net.asked.lock().unwrap(), ["https://cdn.fjord.example/hero.jpg"]);
}

#[tokio::test]
async fn a_fetched_document_is_not_an_image() {
    let (viewer, corpus, _) = viewer("legitimate", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>");
    let frame = viewer.open(Open { remote: true, ..open(corpus.find("newsletter-tables")) }).await.unwrap();
    assert_eq!(viewer.serve(&format!("/{}/image/0", frame.token)).await.status, 415);
}

#[tokio::test]
async fn only_pictures_are_served_as_parts() {
    let (viewer, corpus, _) = viewer("hostile", GIF);
    let frame = viewer.open(open(corpus.find("html-attachment"))).await.unwrap();
    let mut kinds = Vec::new();
    for n in 0..8 {
        let part = viewer.serve(&format!("/{}/part/{n}", frame.token)).await;
        kinds.push((part.status, header(&part, "Content-Type").to_owned()));
        assert_eq!(header(&part, "X-Content-Type-Options"), "nosniff");
        if part.status != 200 {
            assert!(part.body.is_empty());
        }
    }
    let pictures: Vec<_> = kinds.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(
        pictures,
        [&(200, "image/png".to_owned())],
        "the SVG and the HTML that calls itself PNG are refused: {kinds:?}"
    );
    let (viewer, corpus, _) = viewer_of_legitimate();
    let frame = viewer.open(open(corpus.find("inline-image"))).await.unwrap();
    let page = String::from_utf8(viewer.serve(&format!("/{}", frame.token)).await.body).unwrap();
    let address = page.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(
        viewer.serve(&format!("/{address}")).await.status,
        200,
        "the page's own address for the picture leads to it"
    );
    let without = viewer.open(Open { inline: false, ..open(corpus.find("inline-image")) }).await.unwrap();
    let page = String::from_utf8(viewer.serve(&format!("/{}", without.token)).await.body).unwrap();
    assert!(page.contains("Kærlig hilsen") && !page.contains("/part/"), "nobody wants the picture: {page}");
}

fn viewer_of_legitimate() -> (Viewer, Arc<Corpus>, Arc<Net>) {
    viewer("legitimate", GIF)
}

#[tokio::test]
async fn no_hostile_page_holds_a_script_or_an_address_to_load() {
    let (viewer, corpus, net) = viewer("hostile", GIF);
    for number in 0..corpus.0.len() {
        let name = &corpus.0[number].0;
        for show in [Show::Best, Show::Text, Show::Source] {
            let frame =
                viewer.open(Open { show, dark: number % 2 == 0, ..open(MessageId(number as i64)) }).await.unwrap();
            let page = viewer.serve(&format!("/{}", frame.token)).await;
            let page = String::from_utf8(page.body).unwrap().to_lowercase();
            let body = page.split_once("<body").unwrap().1;
            for tag in [
                "<script", "<iframe", "<svg", "<object", "<embed", "<form", "<meta", "<link", "<base", "<video",
                "<style",
            ] {
                assert!(!body.contains(tag), "{name} {show:?}: {tag}");
            }
            // Only addresses that load by themselves: what stands in text or behind a click is harmless.
            let loads =
                ["src=\"http", "background=\"http", "url(http", "url(\"http", "url(//", "srcset=\"", "poster=\""];
            if frame.shown == Show::Best {
                for word in loads {
                    let tags: String = page.split('<').filter_map(|tag| tag.split('>').next()).collect();
                    assert!(!tags.contains(word), "{name}: {word}");
                }
            }
            assert_eq!(page.matches("<style>").count(), page.matches("</style>").count());
            assert!(page.matches("<style>").count() <= 3, "{name}");
        }
    }
    assert!(net.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn costly_and_unreadable_mails_are_shown_all_the_same() {
    let (viewer, corpus, _) = viewer("hostile", GIF);
    let costly = viewer.open(open(corpus.find("cost-nesting"))).await.unwrap();
    assert_eq!((costly.shown, costly.fell_back), (Show::Text, true));
    let page = viewer.serve(&format!("/{}", costly.token)).await;
    assert!(String::from_utf8(page.body).unwrap().contains("deep"));
    let (viewer, corpus, _) = self::viewer("malformed", GIF);
    let broken = viewer.open(Open { dark: true, ..open(corpus.find("no-headers")) }).await.unwrap();
    assert_eq!(broken.shown, Show::Source);
    let page = String::from_utf8(viewer.serve(&format!("/{}", broken.token)).await.body).unwrap();
    assert!(page.contains("Second line.") && page.contains("#1b1c1a"));
}

#[tokio::test]
async fn a_mail_that_takes_too_long_is_shown_as_text() {
    // 270 kB of attributes take far longer than a millisecond.
    let html = format!("<p {}>slow words</p>", (0..149).map(|n| format!("a{n}=1 ")).collect::<String>()).repeat(300);
    let raw = format!("From: a@b.example\nContent-Type: text/html\n\n{html}");
    let corpus = Arc::new(Corpus(vec![("slow".into(), raw.as_bytes().into())]));
    let net = Arc::new(Net { asked: Mutex::default(), bytes: Vec::new() });
    let viewer = Viewer::new(corpus, net).with_deadline(std::time::Duration::from_millis(1));
    let frame = viewer.open(open(MessageId(0))).await.unwrap();
    assert!(frame.fell_back && frame.shown != Show::Best, "{frame:?}");
    let page = String::from_utf8(viewer.serve(&format!("/{}", frame.token)).await.body).unwrap();
    assert!(page.contains("slow words"));
}

#[tokio::test]
async fn dark_recolours_all_but_what_is_dark() {
    let (viewer, corpus, _) = viewer_of_legitimate();
    for (name, inverted) in [("newsletter-tables", true), ("dark-newsletter", false)] {
        let frame = viewer.open(Open { dark: true, ..open(corpus.find(name)) }).await.unwrap();
        let page = String::from_utf8(viewer.serve(&format!("/{}", frame.token)).await.body).unwrap();
        assert_eq!(page.contains("html{filter:invert("), inverted, "{name}");
    }
}
