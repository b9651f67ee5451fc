use super::Written;
use crate::{Engine, EngineError};
use clientele_model::DraftId;
use std::path::PathBuf;

/// Larger files are refused: hardly a server takes them, and a link serves better.
const LIMIT: u64 = 50 * 1024 * 1024;

impl Engine {
    /// Copies a file into the draft: what happens to the file afterwards does not matter.
    pub async fn draft_attach(&self, id: DraftId, path: PathBuf) -> Result<Written, EngineError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.is_empty() {
            return Err(EngineError::Invalid("not a file".into()));
        }
        let read = tokio::task::spawn_blocking(move || {
            let meta = std::fs::metadata(&path)?;
            if !meta.is_file() {
                return Err(EngineError::Invalid("not a file".into()));
            }
            if meta.len() > LIMIT {
                return Err(EngineError::Refused {
                    code: "message_too_large".into(),
                    detail: "more than 50 MB".into(),
                });
            }
            Ok(std::fs::read(&path)?)
        });
        let content = read.await.map_err(|_| EngineError::Internal("reading a file panicked"))??;
        let mime = mime_of(&name);
        self.store(move |store| store.draft_attach(id, &name, mime, None, &content)).await?;
        self.draft(id).await
    }

    pub async fn draft_detach(&self, id: DraftId, attachment: i64) -> Result<Written, EngineError> {
        self.store(move |store| store.draft_detach(id, attachment)).await?;
        self.draft(id).await
    }
}

/// The media type that a file's ending stands for (IANA's registry).
fn mime_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "txt" | "log" | "md" => "text/plain",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "ics" => "text/calendar",
        "vcf" => "text/vcard",
        "json" => "application/json",
        "xml" => "application/xml",
        "zip" => "application/zip",
        "doc" => "application/msword",
        "xls" => "application/vnd.ms-excel",
        "ppt" => "application/vnd.ms-powerpoint",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}
