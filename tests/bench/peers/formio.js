import { Formio } from '@formio/js';
import '@formio/js/dist/formio.form.min.css';
import { DEVICES, FIELDS, TITLE, show } from './form.js';

const component = ({ id, title, kind, required, max, when }) => ({
  key: id,
  label: title,
  input: true,
  type: { text: 'textfield', email: 'email', tel: 'phoneNumber', select: 'select', textarea: 'textarea', date: 'day', checkbox: 'checkbox' }[kind],
  ...(kind === 'select' && { widget: 'html5', data: { values: DEVICES.map(([value, label]) => ({ value, label })) } }),
  ...(kind === 'textarea' && { rows: 5 }),
  ...(when && { customConditional: "show = data.device === 'other'" }),
  validate: { required, ...(max && { maxLength: max }) },
});
const components = [{ type: 'htmlelement', tag: 'h2', content: TITLE, key: 'title', input: false }, ...FIELDS.map(component), { type: 'button', action: 'submit', key: 'submit', label: 'Send', input: true }];
show((place) => Formio.createForm(place, { display: 'form', components }));
