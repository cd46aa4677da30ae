// The element shell: defines the tags at once, loads the wasm on first use. The build puts the names in capitals in.
const VERSION = __VERSION__;
const CORE = __CORE__; // { glue, glueIntegrity, wasm, wasmIntegrity }
const ELEMENTS = __ELEMENTS__; // { tag: { attributes, properties, methods } }
const MAX_RESTARTS = 3;
const MAX_TRIES = 6;

const base = new URL('.', import.meta.url).href;
const live = new Set();
let core;
let tries = 0;
let restarts = 0;

// A module has no integrity of its own: the preload checks it, and `import()` takes what the preload has checked.
const preload = (href) => new Promise((resolve, reject) => {
  const link = document.createElement('link');
  if (!link.relList.supports('modulepreload')) return resolve();
  link.rel = 'modulepreload';
  link.crossOrigin = 'anonymous';
  link.integrity = CORE.glueIntegrity;
  link.onload = resolve;
  link.onerror = () => reject(new Error('not loaded, or not what was published: ' + href));
  link.href = href;
  document.head.append(link);
});

const start = async () => {
  // A failed import stays failed under its address in some browsers.
  const href = base + CORE.glue + (tries ? '?r=' + tries : '');
  await preload(href);
  const glue = await import(href);
  await glue.default({ module_or_path: fetch(base + CORE.wasm, { integrity: CORE.wasmIntegrity }) });
  glue.start(base, panicked);
  return glue;
};

const load = () => (core ??= start().catch((cause) => {
  core = undefined;
  tries++;
  throw cause;
}));

// The instance is suspect: every element starts anew in a fresh one, from its attributes and the store.
const panicked = (place) => {
  core = undefined;
  tries++;
  const again = ++restarts <= MAX_RESTARTS;
  queueMicrotask(() => live.forEach((element) => element[RESTART](again, place)));
};

const RESTART = Symbol();
const near = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && entry.target[USE]()), { rootMargin: '400px' });
const USE = Symbol();

// The store's word, outside the database, that something waits to be sent.
const pending = () => {
  try {
    return localStorage.getItem('itsm.default.1');
  } catch {
    return null;
  }
};

const define = (tag, { attributes, properties, methods }) => {
  class Element extends HTMLElement {
    static observedAttributes = attributes;
    static version = VERSION;
    #slot = document.createElement('slot');
    #place;
    #widget;
    #values = new Map();
    #generation = 0;
    #failures = 0;
    #resolve;
    ready = new Promise((resolve) => (this.#resolve = resolve));

    constructor() {
      super();
      this.attachShadow({ mode: 'open' }).append(this.#slot);
      this.addEventListener('focusin', () => this[USE]());
    }

    connectedCallback() {
      live.add(this);
      // A property that was set before the tag was defined hides the accessor.
      for (const name of properties) {
        if (Object.hasOwn(this, name)) {
          const value = this[name];
          delete this[name];
          this[name] = value;
        }
      }
      if (this.#place) return;
      this.dataset.state ??= 'loading';
      near.observe(this);
      if (pending()) (window.requestIdleCallback ?? setTimeout)(() => this[USE]());
    }

    disconnectedCallback() {
      // A move is a removal and an addition in one task.
      queueMicrotask(() => this.isConnected || this.#leave());
    }

    connectedMoveCallback() {}

    attributeChangedCallback(name, _, value) {
      this.#widget?.attribute(name, value ?? undefined);
    }

    #leave() {
      live.delete(this);
      near.unobserve(this);
      this.#generation++;
      const widget = this.#widget;
      this.#drop();
      widget?.unmount();
      widget?.free();
      delete this.dataset.state;
    }

    #drop() {
      this.#widget = undefined;
      this.#place?.remove();
      this.#place = undefined;
      this.#slot.hidden = false;
    }

    async [USE]() {
      if (this.#place || !this.isConnected) return;
      near.unobserve(this);
      this.#place = document.createElement('div');
      const generation = ++this.#generation;
      const isCurrent = () => generation === this.#generation && this.isConnected;
      try {
        const { Widget } = await load();
        if (!isCurrent()) return;
        const widget = new Widget();
        for (const name of attributes) widget.attribute(name, this.getAttribute(name) ?? undefined);
        for (const [name, value] of this.#values) widget.property(name, value);
        this.#widget = widget;
        this.shadowRoot.append(this.#place);
        widget.mount(tag, this, this.#place, this.#report);
      } catch (cause) {
        if (!isCurrent()) return;
        this.#drop();
        this.#report('failed', 'not_loaded', String(cause?.message ?? cause));
        if (++this.#failures < MAX_TRIES) setTimeout(() => this[USE](), 500 * 4 ** this.#failures);
      }
    }

    [RESTART](again, place) {
      if (!this.#place) return;
      this.#generation++;
      this.#drop();
      this.#report('failed', 'panicked', place);
      if (again) this[USE]();
    }

    #report = (state, code, message) => {
      if (state === 'ready' && !this.#slot.hidden) this.#carry();
      this.#slot.hidden = state === 'ready';
      if (this.dataset.state === state && !code) return;
      this.dataset.state = state;
      if (state === 'ready') this.#resolve();
      const [name, detail] = state === 'ready' ? ['itsm-ready', {}] : ['itsm-error', { code, message }];
      if (state === 'failed') console.warn(`<${tag}> ${code}: ${message}`);
      this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
    };

    // What was typed into the page author's own form before the widget was there.
    #carry() {
      const typed = {};
      for (const { name, type, value, defaultValue, checked } of this.querySelectorAll('input[name], textarea[name]')) {
        if (type === 'checkbox' || type === 'radio' ? checked : type !== 'hidden' && value !== defaultValue) typed[name] = value;
      }
      if (Object.keys(typed).length) this.#widget?.property('carried', typed);
    }

    static {
      for (const name of properties) {
        Object.defineProperty(this.prototype, name, {
          get() {
            return this.#values.get(name) ?? null;
          },
          set(value) {
            this.#values.set(name, value);
            this.#widget?.property(name, value);
          },
        });
      }
      for (const name of methods) {
        this.prototype[name] = async function () {
          await this.ready;
          this.#widget?.call(name);
        };
      }
      for (const name of attributes) {
        const property = name.replace(/-./g, (letters) => letters[1].toUpperCase());
        if (property in HTMLElement.prototype) continue;
        const isBoolean = name.startsWith('with');
        Object.defineProperty(this.prototype, property, {
          get() {
            return isBoolean ? this.hasAttribute(name) : this.getAttribute(name) ?? '';
          },
          set(value) {
            if (isBoolean) this.toggleAttribute(name, !!value);
            else if (value == null) this.removeAttribute(name);
            else this.setAttribute(name, value);
          },
        });
      }
    }
  }
  customElements.define(tag, Element);
};

for (const [tag, surface] of Object.entries(ELEMENTS)) {
  const other = customElements.get(tag);
  if (!other) define(tag, surface);
  else if (other.version !== VERSION) console.warn(`<${tag}> is defined already, by version ${other.version}; this is ${VERSION}`);
}
