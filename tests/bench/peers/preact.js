import { h, render } from 'preact';
import { useState } from 'preact/hooks';
import { DEVICES, FIELDS, TITLE, problem, show } from './form.js';

const Control = ({ field, value, onInput, onBlur, wrong }) => {
  const common = { id: `f-${field.id}`, onBlur, 'aria-invalid': wrong ? 'true' : undefined };
  if (field.kind === 'select') {
    const option = ([value, title]) => h('option', { value }, title);
    return h('select', { ...common, value, onInput: (e) => onInput(e.currentTarget.value) }, option(['', '']), DEVICES.map(option));
  }
  if (field.kind === 'textarea') return h('textarea', { ...common, rows: 5, value, onInput: (e) => onInput(e.currentTarget.value) });
  if (field.kind === 'checkbox') return h('input', { ...common, type: 'checkbox', checked: !!value, onInput: (e) => onInput(e.currentTarget.checked) });
  return h('input', { ...common, type: field.kind, value: value ?? '', onInput: (e) => onInput(e.currentTarget.value) });
};

const TicketForm = () => {
  const [answers, setAnswers] = useState({});
  const [touched, setTouched] = useState({});
  const row = (field) => {
    const wrong = touched[field.id] ? problem(field, answers) : '';
    return h('div', { class: 'field', key: field.id },
      h('label', { for: `f-${field.id}` }, field.title),
      h(Control, {
        field, value: answers[field.id], wrong,
        onInput: (value) => setAnswers({ ...answers, [field.id]: value }),
        onBlur: () => setTouched({ ...touched, [field.id]: true }),
      }),
      wrong && h('p', { class: 'error' }, wrong));
  };
  const submit = (event) => {
    event.preventDefault();
    setTouched(Object.fromEntries(FIELDS.map(({ id }) => [id, true])));
  };
  return h('form', { noValidate: true, onSubmit: submit },
    h('h2', null, TITLE), FIELDS.filter(({ when }) => !when || when(answers)).map(row), h('button', null, 'Send'));
};
show((place) => render(h(TicketForm), place));
