//! From a chosen file to one that is kept: read piece by piece, looked at, and written to the device on the way, so that
//! no file has to fit into memory.

use gloo_timers::future::TimeoutFuture;
use itsm_widgets::adapters::browser::PageRuntime;
use itsm_widgets::adapters::browser::js::{hex, piece_of};
use itsm_widgets::domain::form::{Answer, FieldError, FileLimits, MAX_BYTES_OF_ALL};
use itsm_widgets::domain::id::{AttachmentId, DraftId, FieldId};
use itsm_widgets::domain::media_type::{LOOKED_AT, shown_by};
use itsm_widgets::domain::outbox::{Attachment, PIECE};
use itsm_widgets::ports::Chance;
use itsm_widgets::runtime::Platform;
use js_sys::Uint8Array;
use sha2::{Digest, Sha256};
use web_sys::File;

use crate::shared::messages::Message;
use crate::ticket_form::keeping::Keeping;
use crate::ticket_form::texts::error_text;

/// So many bytes are looked at in one go, so that the page stays awake.
const GO: usize = PIECE as usize / 4;

/// Why a file was not kept.
enum Failed {
    /// It is none that the form asks for.
    Refused(FieldError),
    /// It could not be read.
    Unreadable,
    /// The device does not keep it.
    NoSpace,
}

/// Reads and keeps files one after the other, for the field of that name; gives a sentence for the reader if one was not
/// kept. Not by the field's own handle: it may be hidden, or the element gone, meanwhile.
pub async fn add_all(keeping: Keeping, field: &FieldId, limits: &FileLimits, files: Vec<File>) -> Option<String> {
    let mut wrong = None;
    for file in files {
        if keeping.session().is_none() {
            break;
        }
        let name = file.name();
        keeping.reading.update(|reading| reading.push(name.clone()));
        let added = add(keeping, field, limits, &file).await;
        if keeping.session().is_none() {
            break;
        }
        keeping.reading.update(|reading| {
            if let Some(at) = reading.iter().position(|read| *read == name) {
                reading.remove(at);
            }
        });
        wrong = added.err().map(|failed| sentence(keeping, &name, &failed)).or(wrong);
    }
    wrong
}

fn sentence(keeping: Keeping, name: &str, failed: &Failed) -> String {
    match failed {
        Failed::Refused(error) => {
            keeping.form.messages.with_untracked(|m| [name, ": ", &error_text(m, error)].concat())
        }
        Failed::Unreadable => keeping.form.say_with(Message::FileFailed, "name", name),
        Failed::NoSpace => keeping.form.say(Message::NoSpace),
    }
}

async fn add(keeping: Keeping, field: &FieldId, limits: &FileLimits, file: &File) -> Result<(), Failed> {
    let names = || keeping.form.form.with_untracked(|form| form.answers().choices(field).to_vec());
    if names().len() >= limits.max_count {
        return Err(Failed::Refused(FieldError::TooMany { max: limits.max_count }));
    }
    // What the others leave of what all may have together.
    let others = keeping.files.with_untracked(|files| files.values().map(|file| file.size).sum());
    let max = limits.max_bytes.min(MAX_BYTES_OF_ALL.saturating_sub(others));
    if file.size() > max as f64 {
        return Err(Failed::Refused(FieldError::FileTooLarge { max }));
    }
    let (Some(session), Some(runtime)) = (keeping.session(), keeping.runtime()) else {
        return Err(Failed::Unreadable);
    };
    if let Some(keeper) = keeping.form.keeper() {
        keeper.begin().await;
    }
    let owner = session.draft.id(&runtime);
    let begun = session.draft.begun();
    let mut attachment = Attachment {
        id: AttachmentId::new(runtime.platform().device().uuid()),
        name: file.name(),
        size: file.size() as u64,
        media_type: file.type_(),
        sha256: String::new(),
    };
    if let Err(failed) = read(&runtime, &owner, limits, file, &mut attachment).await {
        // What was kept of it is nobody's.
        let _ = runtime.store().delete_file(&attachment.id).await;
        return Err(failed);
    }
    if keeping.session().is_none_or(|session| session.draft.begun() != begun) {
        // The form that it was for is not there any more.
        let _ = runtime.store().delete_file(&attachment.id).await;
        return Ok(());
    }
    let mut names = names();
    names.push(attachment.id.to_string());
    keeping.files.update(|files| drop(files.insert(attachment.id.clone(), attachment.clone())));
    keeping.form.edit(field, Answer::Choices(names));
    Ok(())
}

async fn read(
    runtime: &PageRuntime,
    owner: &DraftId,
    limits: &FileLimits,
    file: &File,
    attachment: &mut Attachment,
) -> Result<(), Failed> {
    let (mut digest, mut shown) = (Sha256::new(), None);
    let pieces = attachment.size.div_ceil(u64::from(PIECE)) as u32;
    let takes = |shown| limits.takes(&attachment.media_type, shown);
    if pieces == 0 && !takes(None) {
        return Err(Failed::Refused(FieldError::FileType));
    }
    for index in 0..pieces {
        let piece = piece_of(file, index).await.map_err(|_| Failed::Unreadable)?;
        let bytes = Uint8Array::new(&piece).to_vec();
        if index == 0 {
            shown = shown_by(&bytes[..bytes.len().min(LOOKED_AT)]);
        }
        for bytes in bytes.chunks(GO) {
            digest.update(bytes);
            TimeoutFuture::new(0).await;
        }
        if index == 0 && !takes(shown) {
            return Err(Failed::Refused(FieldError::FileType));
        }
        runtime.store().add_piece(owner, attachment, index, piece).await.map_err(|_| Failed::NoSpace)?;
    }
    attachment.sha256 = hex(&digest.finalize());
    runtime.store().finish_file(owner, attachment, pieces).await.map_err(|_| Failed::NoSpace)
}
