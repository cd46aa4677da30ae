//! Who takes part, and the page that each is shown on.

use std::path::Path;

use itsm_e2e::PageServer;

/// A form library, or a form written by hand.
pub struct Contender {
    /// What its files are called.
    pub name: &'static str,
    /// What people call it.
    pub title: String,
    /// Whether it does what a form library does: definitions, rules, validation.
    pub full_featured: bool,
    /// The page's head.
    head: String,
    /// The page's body.
    body: String,
    /// The files of its own.
    pub files: Vec<PackedFile>,
}

/// Ours.
pub const OURS: &str = "itsm-widgets";
/// Ours, its first part asked for in the page's head, as the README says.
pub const HINTED: &str = "itsm-widgets-hinted";
/// What is written by hand.
pub const FLOOR: &str = "vanilla";

const PEERS: &[(&str, &str, Option<&str>)] = &[
    (FLOOR, "vanilla custom element", None),
    ("preact", "Preact", Some("preact")),
    ("lit", "Lit", Some("lit")),
    ("form-js", "bpmn-io form-js", Some("@bpmn-io/form-js")),
    ("json-forms", "JSON Forms", Some("@jsonforms/core")),
    ("rjsf", "RJSF", Some("@rjsf/core")),
    ("surveyjs", "SurveyJS", Some("survey-core")),
    ("formio", "Form.io", Some("@formio/js")),
];

/// Ours, asking on satisfaction.
pub const OUR_SURVEY: &str = "itsm-widgets-survey";
/// The goal of ours.
pub const FORMBRICKS: &str = "formbricks";
/// What is written by hand.
pub const SURVEY_FLOOR: &str = "vanilla-survey";

const SURVEYS: &[(&str, &str, Option<&str>)] = &[
    (SURVEY_FLOOR, "vanilla custom element", None),
    (FORMBRICKS, "Formbricks", Some("@formbricks/surveys")),
    ("surveyjs-survey", "SurveyJS", Some("survey-core")),
];

/// Measures when the first field takes the focus, and what the other workloads need, the same way on every page.
const PROBE: &str = "
const field = (root) => {
  for (const element of root.querySelectorAll('*')) {
    if (element.matches('input:not([type=hidden]), textarea, label[tabindex]') && element.offsetHeight && !element.disabled && !element.readOnly) return element;
    const inner = element.shadowRoot && field(element.shadowRoot);
    if (inner) return inner;
  }
};
const focused = () => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
};
window.blocked = 0;
new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (blocked += duration - 50))).observe({ type: 'longtask', buffered: true });
const look = () => {
  const first = field(document.getElementById('app'));
  first?.focus();
  if (!first || focused() !== first) return requestAnimationFrame(look);
  const at = performance.now();
  const loaded = performance.getEntriesByType('resource').filter(({ name, responseEnd }) => !name.includes('favicon') && responseEnd && responseEnd <= at);
  window.usable = { at, bytes: loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) };
};
requestAnimationFrame(look);
// From a key to the first frame that shows what came of it.
window.keys = [];
addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => keys.push(performance.now() - timeStamp);
  port2.postMessage(0);
}), true);
// Tasks that keep the page from answering, as the browser tells them: those over 50 ms.
window.tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
// Until all of so many more forms are there, small, so that all are in sight.
window.mount = (count) => {
  document.body.style.cssText = 'zoom: .25; margin: 0; display: grid; grid-template-columns: repeat(5, 1fr); align-items: start';
  document.getElementById('app').remove();
  const began = performance.now();
  addForms(count, document.body);
  const look = () => {
    for (const place of document.body.children) if (!field(place)) return requestAnimationFrame(look);
    window.mounted = performance.now() - began;
  };
  requestAnimationFrame(look);
};
";

/// All that show the form; the peers' bundles lie in `peers`.
pub fn forms(peers: &Path) -> Vec<Contender> {
    let ours = [OURS, HINTED].map(|name| ours(peers, name, "itsm-ticket-form", "ours.json"));
    let peers = PEERS.iter().map(|(name, title, package)| peer(peers, name, title, *package));
    ours.into_iter().chain(peers).collect()
}

/// All that show the survey; and our form, preloaded as our survey is.
pub fn surveys(peers: &Path) -> Vec<Contender> {
    let form = ours(peers, HINTED, "itsm-ticket-form", "ours.json");
    let survey = ours(peers, OUR_SURVEY, "itsm-csat-survey", "ours-survey.json");
    let titled = Contender { title: "our ticket form, preloaded".to_owned(), ..form };
    let peers = SURVEYS.iter().map(|(name, title, package)| peer(peers, name, title, *package));
    [survey, titled].into_iter().chain(peers).collect()
}

fn ours(peers: &Path, name: &'static str, tag: &str, definition: &str) -> Contender {
    let files = packed_files(&itsm_e2e::dist());
    let core = |ending: &str| {
        let found = files.iter().find(|(file, ..)| file.starts_with("itsm-core-") && file.ends_with(ending));
        found.map(|(file, ..)| format!("/{name}/{file}")).expect("a built suite")
    };
    let hints = format!(
        "<link rel=\"modulepreload\" href=\"{}\" crossorigin=\"anonymous\">\
         <link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" href=\"{}\" crossorigin=\"anonymous\">",
        core(".js"),
        core(".wasm")
    );
    let is_hinted = name != OURS;
    let definition = std::fs::read_to_string(peers.join(definition)).expect("the definition of ours");
    Contender {
        name,
        title: if is_hinted { format!("{OURS}, preloaded") } else { OURS.to_owned() },
        full_featured: true,
        head: format!(
            "{}<script type=\"module\" src=\"/{name}/itsm-widgets.js\"></script>",
            if is_hinted { hints } else { String::new() }
        ),
        body: format!(
            "<{tag} api=\"/api/v1\"><script type=\"application/json\">{definition}</script></{tag}>\
             <script>const form = document.querySelector('{tag}').cloneNode(true);\
             window.addForms = (count, place) => {{ while (count--) place.appendChild(document.createElement('div')).append(form.cloneNode(true)); }};</script>"
        ),
        files,
    }
}

fn peer(peers: &Path, name: &'static str, title: &str, package: Option<&str>) -> Contender {
    let version = package.map(|package| {
        let text = std::fs::read_to_string(peers.join("node_modules").join(package).join("package.json"));
        let manifest: serde_json::Value =
            text.ok().and_then(|text| serde_json::from_str(&text).ok()).expect("an installed package");
        manifest["version"].as_str().expect("a version").to_owned()
    });
    let files = packed_files(&peers.join("built").join(name));
    let style = files.iter().any(|(file, ..)| file == "main.css");
    let style = if style { format!("<link rel=\"stylesheet\" href=\"/{name}/main.css\">") } else { String::new() };
    Contender {
        name,
        title: version.map_or_else(|| title.to_owned(), |version| format!("{title} {version}")),
        full_featured: package.is_some_and(|_| !["preact", "lit"].contains(&name)),
        head: format!("{style}<script type=\"module\" src=\"/{name}/main.js\"></script>"),
        body: String::new(),
        files,
    }
}

/// A file as it goes over the wire: name, media type, content.
pub type PackedFile = (String, &'static str, Vec<u8>);

/// Puts packed files below `/folder/`, as such that never change.
pub fn put_files(server: &PageServer, folder: &str, files: &[PackedFile]) {
    for (name, media_type, content) in files {
        let headers = [("Content-Encoding", "br"), ("Cache-Control", "public, max-age=31536000, immutable")];
        server.put(&format!("/{folder}/{name}"), media_type, &headers, content.clone());
    }
}

/// The files in `folder` that have a packed twin, as they go over the wire.
pub fn packed_files(folder: &Path) -> Vec<PackedFile> {
    let mut files = vec![];
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".br") else { continue };
        let media_type = match name.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            Some("wasm") => "application/wasm",
            _ => continue,
        };
        files.push((name.to_owned(), media_type, std::fs::read(entry.path()).expect("a file")));
    }
    files
}

/// Where the contender of that name stands among all.
pub fn position(contenders: &[Contender], name: &str) -> usize {
    contenders.iter().position(|contender| contender.name == name).expect("it takes part")
}

impl Contender {
    /// Its page's address.
    pub fn url(&self, server: &PageServer) -> String {
        format!("{}/{}/", server.origin(), self.name)
    }

    /// Puts its page and files on `server`.
    pub fn put(&self, server: &PageServer) {
        let page = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
             <link rel=\"icon\" href=\"data:,\"><script>{PROBE}</script>{}</head>\
             <body><div id=\"app\">{}</div></body></html>",
            self.title, self.head, self.body
        );
        server.put(&format!("/{}/", self.name), "text/html", &[("Cache-Control", "no-store")], page);
        put_files(server, self.name, &self.files);
    }
}
