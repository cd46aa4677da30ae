import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import Form from '@rjsf/core';
import validator from '@rjsf/validator-ajv8';
import { FIELDS, TITLE, property, show } from './form.js';

const always = FIELDS.filter(({ when }) => !when);
const conditional = FIELDS.find(({ when }) => when);
const schema = {
  title: TITLE,
  type: 'object',
  properties: Object.fromEntries(always.map((field) => [field.id, property(field)])),
  required: always.filter(({ required }) => required).map(({ id }) => id),
  if: { properties: { device: { const: 'other' } }, required: ['device'] },
  then: { properties: { [conditional.id]: property(conditional) }, required: [conditional.id] },
};
const uiSchema = { description: { 'ui:widget': 'textarea' }, 'ui:order': FIELDS.map(({ id }) => id).concat('*') };
show((place) => createRoot(place).render(createElement(Form, { schema, uiSchema, validator })));
