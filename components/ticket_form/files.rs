//! Files: read, hashed and kept on the device as soon as they are chosen.

use itsm_widgets::adapters::browser::js::{bytes_of, hex, sha256};
use itsm_widgets::domain::form::{Answer, FieldError, FileLimits};
use itsm_widgets::domain::id::AttachmentId;
use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::ports::{Chance, FileStore};
use itsm_widgets::runtime::Platform;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, HtmlInputElement};

use super::fields::FieldModel;
use super::texts::error_text;
use crate::shared::erase::{all, attribute, dynamic, maybe};
use crate::shared::messages::Message;

/// The control of a file field: the chosen files, and a button for more.
pub fn file_field(model: FieldModel, limits: FileLimits) -> AnyView {
    let form = model.form;
    let wrong = RwSignal::new(None::<String>);
    let chosen = move || {
        let id = model.id();
        let ids = form.form.with(|f| f.answers().choices(&id).to_vec());
        form.files.with(|files| ids.iter().filter_map(|id| files.get(id.as_str()).cloned()).collect::<Vec<_>>())
    };
    let list = move || {
        let row = |file: Attachment| {
            let size = form.messages.with(|m| m.bytes(file.size));
            let remove_label = form.say_with(Message::RemoveFile, "name", &file.name);
            let id = file.id.clone();
            view! {
                <li><span class="file-name">{file.name}</span> " " <span class="muted">{size}</span> " "
                    <button type="button" class="quiet" aria-label=remove_label on:click=move |_| remove(model, &id)>"×"</button></li>
            }
            .into_any()
        };
        let files = chosen();
        (!files.is_empty()).then(|| view! { <ul class="files">{all(files.into_iter().map(row))}</ul> }.into_any())
    };
    let reading = move || {
        form.reading.get().map(|name| {
            view! { <p class="muted" role="status">{form.say_with(Message::ReadingFile, "name", &name)}</p> }.into_any()
        })
    };
    let problem =
        move || wrong.get().map(|text| view! { <p part="error" class="error" role="alert">{text}</p> }.into_any());
    let accept = limits.types.join(",");
    let multiple = limits.max_count > 1;
    let on_change = move |input: HtmlInputElement| {
        let files: Vec<File> =
            input.files().map_or_else(Vec::new, |list| (0..list.length()).filter_map(|at| list.get(at)).collect());
        // So that the same file can be chosen again after it was removed.
        input.set_value("");
        let limits = limits.clone();
        wrong.set(None);
        spawn_local(async move {
            for file in files {
                if let Err(text) = add(model, &limits, file).await {
                    form.reading.set(None);
                    wrong.set(Some(text));
                }
            }
        });
    };
    view! {
        {dynamic(move || maybe(list()))} {dynamic(move || maybe(reading()))}
        <label class="file-button secondary">
            <span>{form.words(Message::AddFiles)}</span>
            <input part="input" class="visually-hidden" type="file" id=model.control_id() accept=accept multiple=multiple
                aria-label=attribute(move || Some([model.label(), ": ".into(), form.say(Message::AddFiles)].concat()))
                aria-invalid=model.is_invalid() aria-describedby=model.described_by()
                on:change:target=move |event| on_change(event.target()) />
        </label>
        {dynamic(move || maybe(problem()))}
    }
    .into_any()
}

/// Reads, checks and keeps one file; `Err` is a sentence for the reader.
async fn add(model: FieldModel, limits: &FileLimits, file: File) -> Result<(), String> {
    let form = model.form;
    let refuse =
        |error: &FieldError| form.messages.with_untracked(|m| [&file.name(), ": ", &error_text(m, error)].concat());
    let id = model.id();
    let mut names = form.form.with_untracked(|f| f.answers().choices(&id).to_vec());
    if names.len() >= limits.max_count {
        return Err(refuse(&FieldError::TooMany { max: limits.max_count }));
    }
    if file.size() > limits.max_bytes as f64 {
        return Err(refuse(&FieldError::FileTooLarge { max: limits.max_bytes }));
    }
    if !limits.takes_type(&file.type_()) {
        return Err(refuse(&FieldError::FileType));
    }
    form.reading.set(Some(file.name()));
    let failed = || form.say_with(Message::FileFailed, "name", &file.name());
    let (session, runtime) = (form.session().ok_or_else(failed)?, form.runtime().ok_or_else(failed)?);
    let bytes = bytes_of(&file).await.map_err(|_| failed())?;
    let digest = sha256(&bytes).await.ok_or_else(|| form.say(Message::FilesNeedTls))?;
    let attachment = Attachment {
        id: AttachmentId::new(runtime.platform().device().uuid()),
        name: file.name(),
        size: file.size() as u64,
        media_type: file.type_(),
        sha256: hex(&digest),
    };
    let owner = session.draft.id(&runtime);
    runtime.store().add_file(&owner, &attachment, &file).await.map_err(|_| form.say(Message::NoSpace))?;
    form.reading.set(None);
    names.push(attachment.id.to_string());
    form.files.update(|files| drop(files.insert(attachment.id.clone(), attachment)));
    model.edit(Answer::Choices(names));
    Ok(())
}

fn remove(model: FieldModel, id: &AttachmentId) {
    let field = model.id();
    let names = model.form.form.with_untracked(|f| f.answers().choices(&field).to_vec());
    model.edit(Answer::Choices(names.into_iter().filter(|name| name != id.as_str()).collect()));
    let edits_refused = model.form.session().is_some_and(|session| session.replaces.borrow().is_some());
    if let Some(runtime) = model.form.runtime().filter(|_| !edits_refused) {
        let id = id.clone();
        spawn_local(async move {
            let _ = runtime.store().delete_file(&id).await;
        });
    }
}
