import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { JsonForms } from '@jsonforms/react';
import { vanillaCells, vanillaRenderers } from '@jsonforms/vanilla-renderers';
import { FIELDS, TITLE, property, show } from './form.js';

const schema = {
  type: 'object',
  properties: Object.fromEntries(FIELDS.map((field) => [field.id, property(field)])),
  required: FIELDS.filter(({ required, when }) => required && !when).map(({ id }) => id),
};
const control = ({ id, kind, when }) => ({
  type: 'Control',
  scope: `#/properties/${id}`,
  ...(kind === 'textarea' && { options: { multi: true } }),
  ...(when && { rule: { effect: 'SHOW', condition: { scope: '#/properties/device', schema: { const: 'other' } } } }),
});
const uischema = { type: 'Group', label: TITLE, elements: FIELDS.map(control) };
const form = { schema, uischema, data: {}, renderers: vanillaRenderers, cells: vanillaCells };
show((place) => createRoot(place).render(createElement(JsonForms, form)));
