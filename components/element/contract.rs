//! What a page author may rely on, as data: manifest, types, tables and the shell's wiring are written from it.

/// The surface of one custom element.
#[derive(Debug)]
pub struct ElementContract {
    /// The tag.
    pub tag: &'static str,
    /// The class that the manifest names.
    pub class: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// What can be typed into HTML.
    pub attributes: &'static [Attribute],
    /// What only scripts can give.
    pub properties: &'static [Property],
    /// What scripts can call; each gives a promise.
    pub methods: &'static [Method],
    /// What scripts can listen to; all bubble and are composed.
    pub events: &'static [Event],
    /// What can stand inside the tag.
    pub slots: &'static [Named],
    /// What `::part` reaches.
    pub parts: &'static [Named],
    /// What a brand changes.
    pub custom_properties: &'static [Named],
}

/// An attribute. Booleans are false unless the attribute is there.
#[derive(Debug)]
pub struct Attribute {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// Its type, as TypeScript writes it.
    pub kind: &'static str,
    /// What holds without it; empty if it must be there.
    pub default: &'static str,
    /// What it says.
    pub text: &'static str,
}

/// A property.
#[derive(Debug)]
pub struct Property {
    /// Its name, in camel case.
    pub name: &'static str,
    /// Its type, as TypeScript writes it.
    pub kind: &'static str,
    /// What it says.
    pub text: &'static str,
}

/// A method.
#[derive(Debug)]
pub struct Method {
    /// Its name, in camel case.
    pub name: &'static str,
    /// What its promise gives, as TypeScript writes it.
    pub returns: &'static str,
    /// What it does.
    pub text: &'static str,
}

/// An event.
#[derive(Debug)]
pub struct Event {
    /// Its name.
    pub name: &'static str,
    /// The type of `detail`, as TypeScript writes it.
    pub detail: &'static str,
    /// Whether `preventDefault()` keeps the element from going on.
    pub cancelable: bool,
    /// When it comes.
    pub text: &'static str,
}

/// A slot, part or custom property.
#[derive(Debug)]
pub struct Named {
    /// Its name; empty for the default slot.
    pub name: &'static str,
    /// What it is for.
    pub text: &'static str,
}

/// What the page's `getToken` gives, as TypeScript writes it.
pub const CREDENTIAL: &str = "string | { token?: string | null; subject?: string; storageKey?: string } | null";

/// What several elements have.
pub const API: Attribute = Attribute {
    name: "api",
    kind: "string",
    default: "",
    text: "Address of the service desk's API with its version, for example `/api/v1`.",
};
/// The language.
pub const LANG: Attribute =
    Attribute { name: "lang", kind: "string", default: "the page's", text: "Language of the texts, a BCP 47 tag." };
/// What may be kept.
pub const STORAGE: Attribute = Attribute {
    name: "storage",
    kind: "'off' | ''",
    default: "",
    text: "`off`: nothing is stored on the device, for people who have not agreed to that; what is typed lasts as long as the page. Without it what is typed is stored, sealed, from the first input on.",
};
/// Light or dark.
pub const THEME: Attribute = Attribute {
    name: "theme",
    kind: "'light' | 'dark' | 'auto'",
    default: "auto",
    text: "Light or dark; `auto` follows the device.",
};
/// Without a heading.
pub const WITHOUT_TITLE: Attribute = Attribute {
    name: "without-title",
    kind: "boolean",
    default: "false",
    text: "Leaves the heading and what introduces it to the page.",
};
/// Who is here.
pub const GET_TOKEN: Property = Property {
    name: "getToken",
    kind: "(() => Credential | Promise<Credential>) | null",
    text: "Asked at every request who is here: a bearer token, or nothing for nobody. The token is never stored. What is kept belongs to the token's issuer and subject, or to `subject` where tokens are no JSON web tokens. `storageKey`, a secret that the page gives this person alone, seals what is kept; without it anybody with this device can read it. A function that throws says that the page does not know now: nothing is sent until it does.",
};
/// When it can be used.
pub const READY_PROMISE: Property = Property {
    name: "ready",
    kind: "Promise<void>",
    text: "Resolves when the element can be used for the first time.",
};

/// Leaves nothing behind.
pub const SIGN_OUT: Method = Method {
    name: "signOut",
    returns: "boolean",
    text: "To be called before the page signs its person out: what belongs to them goes from this device, in all tabs. Where something is unsent it is asked first; false if the person stays.",
};
/// Nothing was left behind.
pub const SIGNED_OUT: Event = Event {
    name: "itsm-signed-out",
    detail: "{}",
    cancelable: false,
    text: "What belonged to the person who was here is gone from this device; in every tab.",
};

/// Events that every element has.
pub const READY: Event =
    Event { name: "itsm-ready", detail: "{}", cancelable: false, text: "The element can be used." };
/// Something went wrong that a page author should know.
pub const ERROR: Event = Event {
    name: "itsm-error",
    detail: "{ code: string; message: string }",
    cancelable: false,
    text: "The element cannot be used, or a setting is wrong; `message` names it.",
};
