// What stands where an element will be: the page author's own children, or boxes of the size that the element's parts had
// when it was last seen here, without a word of what they said. Nothing below moves when the element comes. Like the
// shell it relies on little that a page can change.
import { early } from './chunks.js';

const CONTROLS = 'input, select, textarea, button, .output, .file-button';

const each = (list, act) => {
  for (let at = 0; at < list.length; at++) act(list[at], at);
};

// `height;x,y,width,height,isControl;…` in pixels, from the corner of `box`.
const measure = (box) => {
  const outer = box.getBoundingClientRect();
  const range = document.createRange();
  let look = '' + outer.height;
  each(box.querySelectorAll('h2, p, legend, label, dt, dd, ' + CONTROLS), (part, at) => {
    const isControl = part.matches(CONTROLS);
    range.selectNodeContents(part);
    const { left, top, width, height } = (isControl ? part : range).getBoundingClientRect();
    if (at < 160 && width > 1) look += ';' + [left - outer.left | 0, top - outer.top | 0, width | 0, height | 0, +isControl];
  });
  return look;
};

// Where there is no storage, or none left, the element works without.
const keep = (name, box, element) => {
  try {
    // Nothing is written where nothing else is, nor where nothing may be.
    if (localStorage.getItem('itsm.default.1.kept') == null || element.getAttribute('storage') === 'off') return;
    localStorage.setItem(name, measure(box));
    let others = 0;
    for (let at = localStorage.length; at--; ) {
      const key = localStorage.key(at);
      if (/^itsm.* look /.test(key) && key !== name && ++others > 23) localStorage.removeItem(key);
    }
  } catch {}
};

const draw = (look) => {
  const layer = document.createElement('div');
  layer.dataset.role = 'skeleton';
  layer.style.cssText = 'position:absolute;inset:0;overflow:hidden;pointer-events:none';
  each(look.split(';'), (box, at) => {
    if (!at) return;
    const bar = document.createElement('div');
    const number = box.split(',');
    bar.style.cssText = 'position:absolute;box-sizing:border-box;border-radius:4px;' +
      (+number[4] ? 'border:1px solid;opacity:.3' : 'background:currentColor;opacity:.12;forced-color-adjust:none');
    each(['left', 'top', 'width', 'height'], (side, at) => (bar.style[side] = number[at] + 'px'));
    layer.append(bar);
  });
  return layer;
};

// What was typed into the page author's own form before the element was there.
const typed = (element) => {
  let answers;
  each(element.querySelectorAll('input[name], textarea[name], select[name]'), ({ name, type, value, defaultValue, checked, selectedIndex }) => {
    // A box and a list have no text of their own to compare.
    if (checked || selectedIndex > 0 || (defaultValue != value && defaultValue != null && !/file|hidden|pass/.test(type))) (answers ??= {})[name] = value;
  });
  return answers;
};

// Covers `box`, which has the `element`'s `slot` and `place`, and gives what to call with its widget once that is there,
// or with nothing once it failed or is gone. Whoever can type into the page author's own form goes on with that.
export const cover = (element, box, slot, place, name, look) => {
  early(element.localName);
  const layer = look && !element.querySelector('input, textarea, select') ? draw(look) : null;
  if (layer) {
    box.style.position = 'relative';
    box.append(layer);
    slot.hidden = true;
    // Seen by nobody, and still read out.
    place.style.opacity = 0;
  }
  const uncover = (widget) => {
    clearTimeout(timer);
    box.style.cssText = place.style.cssText = '';
    layer?.remove();
    if (!widget) return (slot.hidden = false);
    const answers = !slot.hidden && typed(element);
    if (answers) widget.property('carried', answers);
    timer = setTimeout(keep, 500, name, box, element);
  };
  // What hangs must not hide for ever what the page's author has put there.
  let timer = setTimeout(uncover, 8000);
  return uncover;
};
