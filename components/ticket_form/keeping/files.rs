//! Files: read, hashed and kept on the device as soon as they are chosen.

use itsm_widgets::adapters::browser::js::{bytes_of, hex, pieces_of, sha256};
use itsm_widgets::domain::form::{Answer, FieldError, FileLimits};
use itsm_widgets::domain::id::{AttachmentId, FieldId};
use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::ports::Chance;
use itsm_widgets::runtime::Platform;
use wasm_bindgen::JsCast;
use web_sys::{Event, File, HtmlInputElement};

use super::Keeping;
use crate::shared::dom::{El, classed, el};
use crate::shared::messages::Message;
use crate::shared::spawn;
use crate::shared::watched::Watched;
use crate::ticket_form::fields::FieldModel;
use crate::ticket_form::texts::error_text;

/// The control of a file field: the chosen files, and a button for more.
pub fn file_field(keeping: Keeping, model: FieldModel, limits: FileLimits) -> El {
    let form = model.form;
    let wrong = Watched::new(None::<String>);
    let label = move || Some([&model.label(), ": ", &form.say(Message::AddFiles)].concat());
    let mut input = model
        .control("input")
        .attr("class", "visually-hidden")
        .attr("type", "file")
        .attr("id", &model.control_id())
        .attr("accept", &limits.types.join(","))
        .bind("aria-label", label)
        .bind("aria-describedby", move || model.described_by());
    if limits.max_count > 1 {
        input = input.attr("multiple", "");
    }
    let input = input.on("change", move |event| on_change(keeping, model, wrong, limits.clone(), event));
    let button =
        classed("label", "file-button secondary").child(form.words(el("span"), Message::AddFiles)).child(input);
    let name_of = move || {
        let name = keeping.reading.with(|reading| reading.first().cloned())?;
        Some(form.say_with(Message::ReadingFile, "name", &name))
    };
    classed("div", "file-field")
        .when(move || key_of(keeping, model), move |_| list(keeping, model))
        .when(name_of, |text| classed("p", "muted").attr("role", "status").text(text))
        .child(button)
        .when(move || wrong.get(), |text| classed("p", "error").part("error").attr("role", "alert").text(text))
}

fn chosen(keeping: Keeping, model: FieldModel) -> Vec<Attachment> {
    let id = model.id();
    let ids = model.form.form.with(|f| f.answers().choices(&id).to_vec());
    keeping.files.with(|files| ids.iter().filter_map(|id| files.get(id.as_str()).cloned()).collect())
}

/// Changes with the list of files, and with the language.
fn key_of(keeping: Keeping, model: FieldModel) -> Option<String> {
    let ids: Vec<String> = chosen(keeping, model).into_iter().map(|file| file.id.to_string()).collect();
    (!ids.is_empty()).then(|| [&ids.join(" "), model.form.language_tag().as_str()].concat())
}

fn list(keeping: Keeping, model: FieldModel) -> El {
    let row = |file: Attachment| {
        let size = model.form.messages.with(|m| m.bytes(file.size));
        let remove_label = model.form.say_with(Message::RemoveFile, "name", &file.name);
        let button = classed("button", "quiet").attr("type", "button").attr("aria-label", &remove_label).text("×");
        el("li")
            .child(classed("span", "file-name").text(&file.name))
            .text(" ")
            .child(classed("span", "muted").text(&size))
            .text(" ")
            .child(button.on("click", move |_| remove(model, &file.id)))
    };
    classed("ul", "files").children(chosen(keeping, model).into_iter().map(row))
}

fn on_change(keeping: Keeping, model: FieldModel, wrong: Watched<Option<String>>, limits: FileLimits, event: &Event) {
    let Some(input) = event.current_target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    let files: Vec<File> =
        input.files().map_or_else(Vec::new, |list| (0..list.length()).filter_map(|at| list.get(at)).collect());
    // So that the same file can be chosen again after it was removed.
    input.set_value("");
    wrong.set(None);
    // Not by the field's own handle: it may be hidden, or the element gone, while a file is read.
    let (form, field) = (model.form, model.id());
    spawn(async move {
        for file in files {
            if form.session().is_none() {
                return;
            }
            let name = file.name();
            keeping.reading.update(|reading| reading.push(name.clone()));
            let added = add(keeping, &field, &limits, file).await;
            keeping.reading.update(|reading| {
                if let Some(at) = reading.iter().position(|read| *read == name) {
                    reading.remove(at);
                }
            });
            if let Err(text) = added {
                wrong.set(Some(text));
            }
        }
    });
}

/// Reads, checks and keeps one file; `Err` is a sentence for the reader.
async fn add(keeping: Keeping, id: &FieldId, limits: &FileLimits, file: File) -> Result<(), String> {
    let form = keeping.form;
    let refuse =
        |error: &FieldError| form.messages.with_untracked(|m| [&file.name(), ": ", &error_text(m, error)].concat());
    let names = || form.form.with_untracked(|f| f.answers().choices(id).to_vec());
    if names().len() >= limits.max_count {
        return Err(refuse(&FieldError::TooMany { max: limits.max_count }));
    }
    if file.size() > limits.max_bytes as f64 {
        return Err(refuse(&FieldError::FileTooLarge { max: limits.max_bytes }));
    }
    if !limits.takes_type(&file.type_()) {
        return Err(refuse(&FieldError::FileType));
    }
    // Said now: once the element is gone, it says nothing.
    let failed = form.say_with(Message::FileFailed, "name", &file.name());
    let (no_tls, no_space) = (form.say(Message::FilesNeedTls), form.say(Message::NoSpace));
    let (Some(session), Some(runtime)) = (keeping.session(), keeping.runtime()) else { return Err(failed) };
    let bytes = bytes_of(&file).await.map_err(|_| failed.clone())?;
    let digest = sha256(&bytes).await.ok_or(no_tls)?;
    let attachment = Attachment {
        id: AttachmentId::new(runtime.platform().device().uuid()),
        name: file.name(),
        size: file.size() as u64,
        media_type: file.type_(),
        sha256: hex(&digest),
    };
    let owner = session.draft.id(&runtime);
    let pieces = pieces_of(&file).await.map_err(|_| failed)?;
    runtime.store().add_file(&owner, &attachment, &pieces).await.map_err(|_| no_space)?;
    if form.session().is_none() {
        return Ok(());
    }
    let mut names = names();
    names.push(attachment.id.to_string());
    keeping.files.update(|files| drop(files.insert(attachment.id.clone(), attachment.clone())));
    form.edit(id, Answer::Choices(names));
    Ok(())
}

/// Its bytes go with the draft, or with the request that is sent without it: a draft that names a file which is gone
/// could not be sent.
fn remove(model: FieldModel, id: &AttachmentId) {
    let field = model.id();
    let names = model.form.form.with_untracked(|f| f.answers().choices(&field).to_vec());
    model.edit(Answer::Choices(names.into_iter().filter(|name| name != id.as_str()).collect()));
}
