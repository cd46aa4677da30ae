// By hand, in a custom element: the floor.
import { QUESTIONS, TITLE } from './survey.js';

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

class Survey extends HTMLElement {
  #answers = {};
  #at = 0;
  #form = make('form', { noValidate: true });

  connectedCallback() {
    this.#form.addEventListener('input', ({ target }) => (this.#answers[target.name] = target.value));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#go(1);
    });
    this.attachShadow({ mode: 'open' }).append(make('h2', { textContent: TITLE }), this.#form);
    this.#go(0);
  }

  #go(step) {
    const isAsked = ({ after }) => !after || Number(this.#answers[after.id]) <= after.atMost;
    for (this.#at += step; QUESTIONS[this.#at] && !isAsked(QUESTIONS[this.#at]); ) this.#at += step;
    const question = QUESTIONS[this.#at];
    if (!question) return this.#form.replaceChildren('Thank you');
    const { id: name, title, kind, from, to, ends } = question;
    const numbers = kind === 'scale' ? Array.from({ length: to - from + 1 }, (_, at) => String(from + at)) : [];
    const answers = numbers.map((value) =>
      make('label', {}, make('input', { type: 'radio', name, value, checked: this.#answers[name] === value }), value));
    const controls = kind === 'text' ? [make('textarea', { name, value: this.#answers[name] ?? '' })] : [ends[0], ...answers, ends[1]];
    this.#form.replaceChildren(
      make('fieldset', {}, make('legend', { textContent: title }), ...controls),
      ...(this.#at ? [make('button', { type: 'button', textContent: 'Back', onclick: () => this.#go(-1) })] : []),
      make('button', { textContent: 'Next' }),
    );
  }
}
customElements.define('hand-survey', Survey);
document.getElementById('app').append(new Survey());
