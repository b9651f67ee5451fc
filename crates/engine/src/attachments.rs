//! Attachments leave the mail only as files marked as from the internet.

use crate::{Engine, EngineError, files, platform};
use clientele_message::Part;
use clientele_model::MessageId;
use std::path::{Path, PathBuf};

impl Engine {
    /// One decoded part of a mail.
    pub async fn part(&self, message: MessageId, part: u32) -> Result<Part, EngineError> {
        let raw = self.raw(message).await?;
        let found = tokio::task::spawn_blocking(move || clientele_message::part(&raw, part)).await;
        found.map_err(|_| EngineError::Internal("reading a part panicked"))?.ok_or(EngineError::NotFound)
    }

    /// Saves a part. `to`: a folder, a file to be, or `None` for the downloads. What exists is not overwritten but
    /// numbered.
    pub async fn attachment_save(
        &self,
        message: MessageId,
        part: u32,
        to: Option<PathBuf>,
    ) -> Result<PathBuf, EngineError> {
        let found = self.part(message, part).await?;
        let (folder, name) = match to {
            None => (downloads()?, found.name.clone()),
            Some(path) if path.is_dir() => (path, found.name.clone()),
            Some(path) => split(&path)?,
        };
        self.write(message, folder, name, found.bytes).await
    }

    /// A temporary copy to be opened by the desktop; gone when the program next starts or ends. A kind that can run is
    /// refused: a person saves it, knowingly.
    pub async fn attachment_open(&self, message: MessageId, part: u32) -> Result<PathBuf, EngineError> {
        let found = self.part(message, part).await?;
        if clientele_message::is_dangerous(&found.name) {
            return Err(EngineError::DangerousFile);
        }
        // A folder of its own, so that the file keeps its name in the program that opens it.
        let folder = self.tmp().join(format!("{:016x}", rand::random::<u64>()));
        self.write(message, folder, found.name, found.bytes).await
    }

    async fn write(
        &self,
        message: MessageId,
        folder: PathBuf,
        name: String,
        bytes: Vec<u8>,
    ) -> Result<PathBuf, EngineError> {
        let message_id = self.detail(message).await.map(|detail| detail.row.message_id).unwrap_or_default();
        let written = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            let path = files::write_numbered(&folder, &clientele_message::safe_file_name(&name), &bytes)?;
            if !platform::mark_from_internet(&path, &format!("mid:{message_id}")) {
                tracing::warn!("a saved attachment could not be marked as from the internet");
            }
            Ok::<_, std::io::Error>(path)
        });
        Ok(written.await.map_err(|_| EngineError::Internal("writing a file panicked"))??)
    }
}

fn split(path: &Path) -> Result<(PathBuf, String), EngineError> {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => Ok((folder.to_path_buf(), name.to_string_lossy().into_owned())),
        _ => Err(EngineError::Invalid("no file can be there".into())),
    }
}

fn downloads() -> Result<PathBuf, EngineError> {
    let dirs = directories::UserDirs::new().ok_or(EngineError::NotFound)?;
    Ok(dirs.download_dir().map_or_else(|| dirs.home_dir().join("Downloads"), Path::to_path_buf))
}
