import { createForm } from '@bpmn-io/form-js';
import '@bpmn-io/form-js/dist/assets/form-js.css';
import { DEVICES, FIELDS, TITLE, show } from './form.js';

const component = ({ id, title, kind, required, max, when }) => ({
  id,
  key: id,
  label: title,
  type: { text: 'textfield', email: 'textfield', tel: 'textfield', select: 'select', textarea: 'textarea', date: 'datetime', checkbox: 'checkbox' }[kind],
  ...(kind === 'select' && { values: DEVICES.map(([value, label]) => ({ value, label })) }),
  ...(kind === 'date' && { subtype: 'date', dateLabel: title }),
  ...(when && { conditional: { hide: '=device != "other"' } }),
  validate: { required, maxLength: max, ...(kind === 'email' && { validationType: 'email' }) },
});
const schema = {
  type: 'default',
  components: [{ type: 'text', text: `## ${TITLE}` }, ...FIELDS.map(component), { type: 'button', action: 'submit', key: 'submit', label: 'Send' }],
};
show((container) => createForm({ schema, container }));
