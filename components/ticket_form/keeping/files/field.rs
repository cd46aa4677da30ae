//! Files: read, hashed and kept on the device as soon as they are chosen.

use itsm_widgets::adapters::browser::js::member;
use itsm_widgets::domain::form::{Answer, FileLimits};
use itsm_widgets::domain::id::AttachmentId;
use itsm_widgets::domain::outbox::Attachment;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, File, FileList, HtmlInputElement};

use super::reading;
use crate::shared::dom::{El, classed, el, listen};
use crate::shared::messages::Message;
use crate::shared::spawn;
use crate::shared::watched::Watched;
use crate::ticket_form::fields::FieldModel;
use crate::ticket_form::keeping::Keeping;
use crate::ticket_form::model::Phase;

/// The control of a file field: the chosen files, and a button for more.
pub fn control(keeping: Keeping, model: FieldModel, limits: FileLimits) -> El {
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
    follow_page(keeping, model, wrong, &limits);
    let input = input.on("change", move |event| {
        let target = event.current_target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = target else { return };
        take(keeping, model, wrong, &limits, input.files());
        // So that the same file can be chosen again after it was removed.
        input.set_value("");
    });
    let button =
        classed("label", "file-button secondary").child(form.words(el("span"), Message::AddFiles)).child(input);
    let name_of = move || {
        let name = keeping.reading.with(|reading| reading.first().cloned())?;
        Some(form.say_with(Message::ReadingFile, "name", &name))
    };
    classed("div", "file-field")
        .when(move || key_of(keeping, model), move |_| list(keeping, model))
        .when(name_of, |text| classed("p", "muted files-place").attr("role", "status").text(text))
        .child(button)
        .text(" ")
        .child(form.words(classed("span", "muted"), Message::DropFiles))
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

/// Keeps chosen files, if there are any; `true` if there are.
fn take(
    keeping: Keeping,
    model: FieldModel,
    wrong: Watched<Option<String>>,
    limits: &FileLimits,
    files: Option<FileList>,
) -> bool {
    let files: Vec<File> =
        files.map_or_else(Vec::new, |list| (0..list.length()).filter_map(|at| list.get(at)).collect());
    if files.is_empty() {
        return false;
    }
    wrong.set(None);
    let (field, limits) = (model.id(), limits.clone());
    spawn(async move {
        let said = reading::add_all(keeping, &field, &limits, files).await;
        let Some(session) = keeping.session() else { return };
        let is_done = keeping.reading.with_untracked(Vec::is_empty);
        // Whoever pressed the button meanwhile should see what is wrong first.
        if is_done && session.pressed_early.replace(false) && said.is_none() {
            keeping.form.send();
        }
        wrong.set(said);
    });
    true
}

/// Files may be dropped on the whole form, and pasted wherever the cursor stands: into its first field for files.
fn follow_page(keeping: Keeping, model: FieldModel, wrong: Watched<Option<String>>, limits: &FileLimits) {
    let Some(session) = keeping.session() else { return };
    let host = session.host.element();
    let is_open = move || model.form.phase.get_untracked() == Phase::Filling;
    let over = move |event: &Event| {
        if is_open() && transfer(event).is_some_and(|moved| moved.has("Files")) {
            event.prevent_default();
        }
    };
    listen(host, "dragover", Box::new(over));
    let limits = limits.clone();
    let put = move |event: &Event| {
        let Some(moved) = transfer(event).filter(|_| is_open() && !event.default_prevented()) else { return };
        // What was copied from a table or a document is a text first, and its picture only after that.
        if !moved.has("text/plain") && take(keeping, model, wrong, &limits, moved.files()) {
            event.prevent_default();
        }
    };
    let dropped = put.clone();
    listen(host, "drop", Box::new(move |event| dropped(event)));
    listen(host, "paste", Box::new(put));
}

/// What is being dragged or pasted. Read by name: functions of their own in the glue would weigh more.
struct Transfer(JsValue);

fn transfer(event: &Event) -> Option<Transfer> {
    ["dataTransfer", "clipboardData"].iter().map(|name| member(event, name)).find(|data| data.is_object()).map(Transfer)
}

impl Transfer {
    /// Whether it is offered as that.
    fn has(&self, kind: &str) -> bool {
        js_sys::Array::from(&member(&self.0, "types")).iter().any(|offered| offered == *kind)
    }

    fn files(&self) -> Option<FileList> {
        member(&self.0, "files").dyn_into().ok()
    }
}

/// Its bytes go with the draft, or with the request that is sent without it: a draft that names a file which is gone
/// could not be sent.
fn remove(model: FieldModel, id: &AttachmentId) {
    let field = model.id();
    let names = model.form.form.with_untracked(|f| f.answers().choices(&field).to_vec());
    model.edit(Answer::Choices(names.into_iter().filter(|name| name != id.as_str()).collect()));
}
