// By hand, in a custom element: the floor.
import { DEVICES, FIELDS, TITLE, problem, show } from './form.js';

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

class TicketForm extends HTMLElement {
  #answers = {};
  #rows = new Map();

  connectedCallback() {
    const form = make('form', { noValidate: true }, make('h2', { textContent: TITLE }));
    for (const field of FIELDS) {
      const id = `f-${field.id}`;
      const control =
        field.kind === 'select'
          ? make('select', { id }, make('option', { value: '' }), ...DEVICES.map(([value, textContent]) => make('option', { value, textContent })))
          : field.kind === 'textarea'
            ? make('textarea', { id, rows: 5 })
            : make('input', { id, type: field.kind });
      control.addEventListener('input', () => {
        this.#answers[field.id] = field.kind === 'checkbox' ? control.checked : control.value;
        this.#update();
      });
      const error = make('p', { className: 'error', hidden: true });
      const row = make('div', { className: 'field' }, make('label', { htmlFor: id, textContent: field.title }), control, error);
      control.addEventListener('blur', () => {
        row.dataset.touched = '';
        this.#update();
      });
      this.#rows.set(field, { row, control, error });
      form.append(row);
    }
    form.append(make('button', { textContent: 'Send' }));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      for (const { row } of this.#rows.values()) row.dataset.touched = '';
      this.#update();
    });
    this.attachShadow({ mode: 'open' }).append(form);
    this.#update();
  }

  #update() {
    for (const [field, { row, control, error }] of this.#rows) {
      row.hidden = field.when ? !field.when(this.#answers) : false;
      const wrong = 'touched' in row.dataset ? problem(field, this.#answers) : '';
      error.textContent = wrong;
      error.hidden = !wrong;
      control.ariaInvalid = wrong ? 'true' : null;
    }
  }
}
customElements.define('ticket-form', TicketForm);
show((place) => place.append(new TicketForm()));
