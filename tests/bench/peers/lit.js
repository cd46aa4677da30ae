import { LitElement, html, nothing } from 'lit';
import { DEVICES, FIELDS, TITLE, problem, show } from './form.js';

class TicketForm extends LitElement {
  static properties = { answers: { state: true }, touched: { state: true } };

  constructor() {
    super();
    this.answers = {};
    this.touched = {};
  }

  set(id, value) {
    this.answers = { ...this.answers, [id]: value };
  }

  control(field, wrong) {
    const id = `f-${field.id}`;
    const value = this.answers[field.id] ?? '';
    const invalid = wrong ? 'true' : nothing;
    const typed = (event) => this.set(field.id, event.target.value);
    const left = () => (this.touched = { ...this.touched, [field.id]: true });
    if (field.kind === 'select') {
      return html`<select id=${id} aria-invalid=${invalid} @input=${typed} @blur=${left}>
        <option value=""></option>${DEVICES.map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select>`;
    }
    if (field.kind === 'textarea') return html`<textarea id=${id} rows="5" .value=${value} @input=${typed} @blur=${left}></textarea>`;
    if (field.kind === 'checkbox') return html`<input id=${id} type="checkbox" @input=${(event) => this.set(field.id, event.target.checked)}>`;
    return html`<input id=${id} type=${field.kind} aria-invalid=${invalid} .value=${value} @input=${typed} @blur=${left}>`;
  }

  render() {
    const row = (field) => {
      const wrong = this.touched[field.id] ? problem(field, this.answers) : '';
      return html`<div class="field"><label for=${`f-${field.id}`}>${field.title}</label>${this.control(field, wrong)}
        ${wrong ? html`<p class="error">${wrong}</p>` : nothing}</div>`;
    };
    const submit = (event) => {
      event.preventDefault();
      this.touched = Object.fromEntries(FIELDS.map(({ id }) => [id, true]));
    };
    return html`<form novalidate @submit=${submit}><h2>${TITLE}</h2>
      ${FIELDS.filter(({ when }) => !when || when(this.answers)).map(row)}<button>Send</button></form>`;
  }
}
customElements.define('ticket-form', TicketForm);
show((place) => place.append(document.createElement('ticket-form')));
