import { Model } from 'survey-core';
import { renderSurvey } from 'survey-js-ui';
import 'survey-core/survey-core.css';
import { DEVICES, FIELDS, TITLE, show } from './form.js';

const element = ({ id, title, kind, required, max, when }) => ({
  name: id,
  title,
  isRequired: required,
  type: { textarea: 'comment', select: 'dropdown', checkbox: 'boolean' }[kind] ?? 'text',
  ...(['email', 'tel', 'date'].includes(kind) && { inputType: kind }),
  ...(kind === 'email' && { validators: [{ type: 'email' }] }),
  ...(kind === 'select' && { choices: DEVICES.map(([value, text]) => ({ value, text })) }),
  ...(max && { maxLength: max }),
  ...(when && { visibleIf: "{device} = 'other'" }),
});
show((place) => renderSurvey(new Model({ title: TITLE, elements: FIELDS.map(element) }), place));
