// The element shell: defines the tags at once, loads the wasm on first use. The build puts the names in capitals in.
// It relies on little that a page can change: no iterators or keys of objects, no descriptors that inherit, no URL.
const VERSION = __VERSION__;
const CORE = __CORE__; // the name of glue and wasm, without their endings
const NAMES = __NAMES__; // [attributes, properties, methods]: of all elements
const ELEMENTS = __ELEMENTS__; // [[tag, which of the names it has: twelve bits for each kind]]

const base = /^[^?#]*\//.exec(import.meta.url)[0];
const each = (list, act) => {
  for (let at = 0; at < list.length; at++) act(list[at], at);
};
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
  link.integrity = __GLUE_INTEGRITY__;
  link.onload = resolve;
  link.onerror = () => reject(href);
  link.href = href;
  document.head.append(link);
});

const start = async () => {
  // A failed import stays failed under its address in some browsers, and what failed may lie broken in their cache.
  const href = base + CORE + '.js' + (tries ? '?r=' + tries : '');
  const wasm = fetch(base + CORE + '.wasm', { integrity: __WASM_INTEGRITY__, cache: tries ? 'reload' : 'default' });
  // Nobody looks at it if the glue fails first.
  wasm.catch(() => {});
  await preload(href);
  const glue = await import(href);
  return { glue, started: glue.default({ module_or_path: wasm }).then(() => glue.start(base, panicked)).catch(failed) };
};

const failed = (cause) => {
  core = undefined;
  tries++;
  throw cause;
};

const load = () => (core ??= start().catch(failed));

// The instance is suspect: every element starts anew in a fresh one, from its attributes and the store.
const panicked = (place) => {
  core = undefined;
  tries++;
  // Three times at most.
  const again = ++restarts < 4;
  queueMicrotask(() => live.forEach((element) => element[RESTART](again, place)));
};

// Tells the page what became of an element.
const tell = (element, code, message) => {
  const name = code ? 'itsm-error' : 'itsm-ready';
  element.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail: code ? { code, message: `${message}` } : {} }));
  if (code) console.warn(element, code, message);
};

const RESTART = Symbol();
const USE = Symbol();
// Where nothing can be observed, every element is near.
const near = window.IntersectionObserver
  ? new IntersectionObserver((entries) => each(entries, (entry) => entry.isIntersecting && entry.target[USE]()), { rootMargin: '400px' })
  : { observe: (element) => element[USE](), unobserve() {} };

// What the suite has noted on this device, outside the database.
const NOTED = 'itsm.default.1';
const noted = (name) => {
  try {
    return localStorage[name];
  } catch {}
};

const define = (tag, bits) => {
  const own = (kind, act) => each(NAMES[kind], (name, at) => (bits >> (12 * kind + at)) & 1 && act(name));
  class Element extends HTMLElement {
    static observedAttributes = NAMES[0];
    static version = VERSION;
    #slot = document.createElement('slot');
    #box = document.createElement('div');
    #broken;
    #place;
    #widget;
    #values = new Map();
    #generation = 0;
    #failures = 0;
    #look;
    #uncover;
    #resolve;
    #settle;
    ready = new Promise((resolve) => (this.#resolve = resolve));
    #settled = new Promise((resolve) => (this.#settle = resolve));

    constructor() {
      super();
      try {
        // Before there is a root: if the page has broken this, its own children stay.
        this.#box.append(this.#slot);
        this.attachShadow({ mode: 'open' }).append(this.#box);
      } catch (cause) {
        this.#broken = cause;
      }
      // Looked for in place of the element, which has no box of its own where a page says `display: contents`.
      this.addEventListener('focusin', (this.#box[USE] = () => this[USE]()));
    }

    connectedCallback() {
      if (this.#broken) return tell(this, 'not_defined', this.#broken);
      live.add(this);
      // A property that was set before the tag was defined hides the accessor.
      each(NAMES[1], (name) => {
        if (Object.hasOwn(this, name)) {
          const value = this[name];
          delete this[name];
          this[name] = value;
        }
      });
      if (this.#place) return;
      this.dataset.state ??= 'loading';
      this.#look = `${NOTED} look ${location.pathname} ${innerWidth} ${tag} ${this.getAttribute('form')}`;
      // Its height when it was last seen here; the rest of its look comes with the glue.
      this.#box.style.minHeight = parseFloat(noted(this.#look)) + 'px';
      near.observe(this.#box);
      // What asks by itself is in sight nowhere before it does.
      if (noted(NOTED) || 'ask' in this) (window.requestIdleCallback ?? setTimeout)(() => this[USE]());
    }

    disconnectedCallback() {
      // A move is a removal and an addition in one task.
      queueMicrotask(() => this.isConnected || this.#leave());
    }

    connectedMoveCallback() {}

    attributeChangedCallback(name, _, value) {
      this.#widget?.attribute(name, value);
    }

    #leave() {
      live.delete(this);
      near.unobserve(this.#box);
      this.#generation++;
      const widget = this.#widget;
      this.#drop();
      widget?.unmount();
      widget?.free();
      delete this.dataset.state;
    }

    #drop() {
      this.#widget = undefined;
      this.#uncover?.();
      this.#box.style.minHeight = '';
      this.#place?.remove();
      this.#place = undefined;
      this.#slot.hidden = false;
    }

    async [USE]() {
      if (this.#place || this.#broken || !this.isConnected) return;
      near.unobserve(this.#box);
      this.#place = document.createElement('div');
      const generation = ++this.#generation;
      const isCurrent = () => generation === this.#generation && this.isConnected;
      try {
        const { glue, started } = await load();
        if (isCurrent()) this.#uncover = glue.cover(this, this.#box, this.#slot, this.#place, this.#look, noted(this.#look));
        await started;
        // The browser may draw and listen between compiling and showing.
        await window.scheduler?.yield?.();
        if (!isCurrent()) return;
        const widget = new glue.Widget();
        each(NAMES[0], (name) => widget.attribute(name, this.getAttribute(name)));
        this.#values.forEach((value, name) => widget.property(name, value));
        this.#widget = widget;
        this.#box.append(this.#place);
        widget.mount(tag, this, this.#place, this.#report);
      } catch (cause) {
        if (!isCurrent()) return;
        this.#drop();
        this.#report('failed', 'not_loaded', cause);
        // Five times more, with longer and longer pauses.
        if (++this.#failures < 6) setTimeout(() => this[USE](), 500 * 4 ** this.#failures);
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
      const isReady = state === 'ready';
      if (state !== 'loading') {
        this.#uncover?.(isReady && this.#widget);
        // What has failed can still be signed out of.
        this.#settle();
      }
      this.#slot.hidden = isReady;
      if (this.dataset.state === state && !code) return;
      this.dataset.state = state;
      if (isReady) this.#resolve();
      tell(this, code, message);
    };

    static {
      own(1, (name) => {
        Object.defineProperty(this.prototype, name, {
          __proto__: null,
          get() {
            return this.#values.get(name) ?? null;
          },
          set(value) {
            this.#values.set(name, value);
            this.#widget?.property(name, value);
          },
        });
      });
      own(2, (name) => {
        this.prototype[name] = async function () {
          this[USE]();
          await (/^c|^su/.test(name) ? this.ready : this.#settled);
          return this.#widget?.call(name);
        };
      });
      own(0, (name) => {
        // The one that is true or false, and the one with a hyphen.
        const isBoolean = name === 'without-title';
        const property = isBoolean ? 'withoutTitle' : name;
        if (property in HTMLElement.prototype) return;
        Object.defineProperty(this.prototype, property, {
          __proto__: null,
          get() {
            return isBoolean ? this.hasAttribute(name) : this.getAttribute(name) ?? '';
          },
          set(value) {
            // None takes the attribute away.
            if (isBoolean || value == null) this.toggleAttribute(name, !!value);
            else this.setAttribute(name, value);
          },
        });
      });
    }
  }
  customElements.define(tag, Element);
};

each(ELEMENTS, (element) => {
  const tag = element[0];
  const other = customElements.get(tag);
  let why = other && !other.version && 'not ours';
  try {
    if (!other) define(tag, element[1]);
  } catch (cause) {
    // What the page has done to the browser keeps the tag from being defined: its own children stay.
    why = cause;
  }
  if (why) each(document.querySelectorAll(tag), (found) => tell(found, 'not_defined', why));
  else if (other && other.version !== VERSION) console.warn(tag, other.version);
});
