//! Attachments leave the mail only as files marked as from the internet.

use crate::{Engine, EngineError, files, platform};
use clientele_message::Part;
use clientele_model::MessageId;
use clientele_store::Attachment;
use std::path::{Path, PathBuf};

/// A part as it lies here.
enum Found {
    Bytes(Part),
    /// It was too large for the store.
    File(Attachment, PathBuf),
}

impl Found {
    fn name(&self) -> &str {
        match self {
            Found::Bytes(part) => &part.name,
            Found::File(known, _) => &known.name,
        }
    }
}

impl Engine {
    /// One decoded part of a mail, fetched where it was left on the server.
    pub async fn part(&self, message: MessageId, part: u32) -> Result<Part, EngineError> {
        match self.found(message, part).await? {
            Found::Bytes(part) => Ok(part),
            Found::File(Attachment { name, mime, content_id, .. }, path) => {
                let read = tokio::task::spawn_blocking(move || std::fs::read(path));
                let bytes = read.await.map_err(|_| EngineError::Internal("reading a part panicked"))??;
                Ok(Part { name, mime, content_id, bytes })
            }
        }
    }

    async fn found(&self, message: MessageId, part: u32) -> Result<Found, EngineError> {
        // Of a mail that is not here yet, this tells which parts are large.
        let raw = self.readable(message).await?;
        let known = self.detail(message).await?.attachments.into_iter().find(|one| one.part == part);
        if let Some(known) = known.filter(|one| one.left_out.is_some()) {
            let path = self.large_part(message, &known).await?;
            return Ok(Found::File(known, path));
        }
        let found = tokio::task::spawn_blocking(move || clientele_message::part(&raw, part)).await;
        let found =
            found.map_err(|_| EngineError::Internal("reading a part panicked"))?.ok_or(EngineError::NotFound)?;
        Ok(Found::Bytes(found))
    }

    /// Saves a part. `to`: a folder, a file to be, or `None` for the downloads. What exists is not overwritten but
    /// numbered.
    pub async fn attachment_save(
        &self,
        message: MessageId,
        part: u32,
        to: Option<PathBuf>,
    ) -> Result<PathBuf, EngineError> {
        let found = self.found(message, part).await?;
        let (folder, name) = match to {
            None => (downloads()?, found.name().to_owned()),
            Some(path) if path.is_dir() => (path, found.name().to_owned()),
            Some(path) => split(&path)?,
        };
        self.write(message, folder, name, found).await
    }

    /// A temporary copy to be opened by the desktop; gone when the program next starts or ends. A kind that can run is
    /// refused: a person saves it, knowingly.
    pub async fn attachment_open(&self, message: MessageId, part: u32) -> Result<PathBuf, EngineError> {
        // Before anything is fetched in vain.
        let named = self.detail(message).await?.attachments.into_iter().find(|one| one.part == part);
        if named.is_some_and(|one| clientele_message::is_dangerous(&one.name)) {
            return Err(EngineError::DangerousFile);
        }
        let found = self.found(message, part).await?;
        if clientele_message::is_dangerous(found.name()) {
            return Err(EngineError::DangerousFile);
        }
        // A folder of its own, so that the file keeps its name in the program that opens it.
        let folder = self.tmp().join(format!("{:016x}", rand::random::<u64>()));
        let name = found.name().to_owned();
        self.write(message, folder, name, found).await
    }

    async fn write(
        &self,
        message: MessageId,
        folder: PathBuf,
        name: String,
        found: Found,
    ) -> Result<PathBuf, EngineError> {
        let message_id = self.detail(message).await.map(|detail| detail.row.message_id).unwrap_or_default();
        let written = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            let name = clientele_message::safe_file_name(&name);
            let path = match &found {
                Found::Bytes(part) => files::write_numbered(&folder, &name, &part.bytes)?,
                Found::File(_, from) => files::copy_numbered(&folder, &name, from)?,
            };
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
